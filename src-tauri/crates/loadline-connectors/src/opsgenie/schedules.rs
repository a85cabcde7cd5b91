//! Schedules with their shifts, and escalations with their levels. Names of people are counted and not kept.

use super::calls;
use crate::Cancelled;
use crate::forge::{flag, rows, text, time};
use crate::imported::{Imported, Of};
use crate::oncall::{Reading, Shift, tell};
use loadline_model::{Basis, GapReason, Kind, Resource, SubjectId, Timestamp, Value as Known, key};
use serde_json::Value;
use std::collections::BTreeSet;

/// Days of shifts that are asked for, from yesterday on, so that the shift of this moment is among them.
const SHIFT_DAYS: &str = "30";
/// Schedules whose shifts are asked for: a call each.
const MOST: usize = 200;

/// Reads schedules. One that is turned off wakes nobody and is not told.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some((all, _)) = r.list(&calls::SCHEDULES, &[("expand", "rotation")]).await? else { return Ok(()) };
    let on: Vec<&Value> = all.iter().filter(|row| flag(row, "/enabled") != Some(false)).collect();
    if on.len() > MOST {
        let detail = format!("{} schedules: the first {MOST} were read.", on.len());
        r.visit.answer.miss(GapReason::LimitReached, detail, "More are not read in one collection.");
    }
    let from = r.visit.window.now.plus_days(-1).to_string();
    let query = [("interval", SHIFT_DAYS), ("intervalUnit", "days"), ("date", from.as_str())];
    for schedule in on.into_iter().take(MOST) {
        let Some(id) = id_of(schedule) else {
            r.malformed(&calls::SCHEDULES, "a schedule has no id");
            continue;
        };
        let subject = Of::Thing(SubjectId::new(format!("opsgenie/schedules/{id}")));
        let name = text(schedule, "/name").unwrap_or(id);
        let mut found = Imported::default();
        let known = Resource::new(Kind::AlertChannel, format!("Schedule {name}"));
        found.facts.push((subject.clone(), Basis::Configured, known.into()));
        match people(schedule) {
            Some(people) => found.setting(subject.clone(), key::ONCALL_PEOPLE, None, Known::Number(people as f64)),
            None => found.missing.push((
                format!("schedule {name}: its rotations hold others than people, so who takes turns is not known"),
                "Let the rotations of the schedule name people.".to_owned(),
            )),
        }
        r.keep(&calls::SCHEDULES, found);
        let Some(answer) = r.get(&calls::TIMELINE, id, &query).await? else { continue };
        let mut found = Imported::default();
        match shifts(&answer) {
            Some((shifts, span)) => tell(shifts, &subject, r.visit.window.now, Some(span), &mut found),
            None => r.malformed(&calls::TIMELINE, "it holds no shifts of people"),
        }
        r.keep(&calls::TIMELINE, found);
    }
    Ok(())
}

/// The id of a row, where it can stand in a path.
pub(crate) fn id_of(row: &Value) -> Option<&str> {
    text(row, "/id").filter(|id| id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
}

/// People who take turns; `None` where a rotation names a team or an escalation, or no rotations are listed.
pub(crate) fn people(schedule: &Value) -> Option<usize> {
    let mut people = BTreeSet::new();
    for rotation in schedule.get("rotations")?.as_array()? {
        for one in rows(rotation, "/participants") {
            match text(one, "/type")? {
                "user" => drop(people.insert(text(one, "/id")?)),
                "none" | "noone" => {}
                _ => return None,
            }
        }
    }
    Some(people.len())
}

/// The shifts of a timeline and the span that it covers; `None` where another than a person takes one.
fn shifts(answer: &Value) -> Option<(Vec<Shift>, (Timestamp, Timestamp))> {
    let span = (time(answer, "/data/startDate")?, time(answer, "/data/endDate")?);
    let mut shifts = Vec::new();
    for rotation in answer.pointer("/data/finalTimeline/rotations")?.as_array()? {
        for period in rows(rotation, "/periods") {
            match text(period, "/recipient/type") {
                Some("user") => {
                    let who = text(period, "/recipient/id")?.to_owned();
                    shifts.push((time(period, "/startDate")?, time(period, "/endDate")?, who));
                }
                None | Some("none") => {}
                Some(_) => return None,
            }
        }
    }
    Some((shifts, span))
}

/// Reads escalations.
pub(super) async fn escalations(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some((all, _)) = r.list(&calls::ESCALATIONS, &[]).await? else { return Ok(()) };
    let mut found = Imported::default();
    for row in &all {
        let (Some(id), Some(rules)) = (id_of(row), row.get("rules").and_then(Value::as_array)) else {
            r.malformed(&calls::ESCALATIONS, "an escalation has no id or lists no rules");
            continue;
        };
        let name = text(row, "/name").unwrap_or(id);
        let subject = Of::Thing(SubjectId::new(format!("opsgenie/escalations/{id}")));
        let known = Resource::new(Kind::AlertChannel, format!("Escalation {name}"));
        found.facts.push((subject.clone(), Basis::Configured, known.into()));
        found.setting(subject, key::ONCALL_LEVELS, None, Known::Number(levels(rules) as f64));
    }
    r.keep(&calls::ESCALATIONS, found);
    Ok(())
}

/// The same people twice are one level; whoever is next in a schedule is another than whoever is on call.
pub(crate) fn levels(rules: &[Value]) -> usize {
    let level = |rule: &Value| {
        let who = text(rule, "/recipient/id")?.to_owned();
        let whom = text(rule, "/notifyType").filter(|_| text(rule, "/recipient/type") != Some("user"));
        Some((who, whom.unwrap_or("default").to_owned()))
    };
    rules.iter().filter_map(level).collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_people_twice_are_one_level() {
        let rule =
            |kind: &str, id: &str, notify: &str| json!({"notifyType": notify, "recipient": {"type": kind, "id": id}});
        let check = |rules: &[Value], expected: usize| assert_eq!(levels(rules), expected, "{rules:?}");
        check(&[], 0);
        check(&[rule("user", "a", "default"), rule("user", "a", "next")], 1);
        check(&[rule("schedule", "s", "default"), rule("schedule", "s", "next")], 2);
        check(&[rule("schedule", "s", "default"), rule("user", "a", "default")], 2);
    }

    #[test]
    fn a_team_in_a_rotation_leaves_the_number_of_people_open() {
        let schedule = |participants: Value| json!({"rotations": [{"participants": participants}]});
        let check =
            |participants: Value, expected: Option<usize>| assert_eq!(people(&schedule(participants)), expected);
        check(json!([{"type": "user", "id": "a"}, {"type": "user", "id": "b"}, {"type": "user", "id": "a"}]), Some(2));
        check(json!([{"type": "user", "id": "a"}, {"type": "none"}]), Some(1));
        check(json!([{"type": "user", "id": "a"}, {"type": "team", "id": "t"}]), None);
        assert_eq!(people(&json!({"id": "x"})), None);
    }
}
