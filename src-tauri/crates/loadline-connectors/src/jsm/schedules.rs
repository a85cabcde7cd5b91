//! Schedules with their shifts, and the escalations of the teams that have one. Names of people are counted and not kept.

use super::calls;
use crate::Cancelled;
use crate::forge::{flag, rows, text, time};
use crate::imported::{Imported, Of};
use crate::oncall::{Reading, Shift, tell};
use crate::opsgenie::schedules::{id_of, levels, people};
use loadline_model::{Basis, GapReason, Kind, Resource, SubjectId, Timestamp, Value as Known, key};
use serde_json::Value;
use std::collections::BTreeSet;

/// Weeks of shifts that are asked for, from a week ago on: an answer begins with the week of its date, so that the shift of
/// this moment is whole, and five weeks hold 28 days.
const SHIFT_WEEKS: &str = "6";
/// Schedules whose shifts, and teams whose escalations are asked for: a call each.
const MOST: usize = 200;

/// Reads schedules. One that is turned off wakes nobody and is not told.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(all) = all(r).await? else { return Ok(()) };
    let on: Vec<&Value> = all.iter().filter(|row| flag(row, "/enabled") != Some(false)).collect();
    bounded(r, on.len(), "schedules");
    let from = r.visit.window.now.plus_days(-7).to_string();
    let query = [("interval", SHIFT_WEEKS), ("intervalUnit", "weeks"), ("date", from.as_str())];
    for schedule in on.into_iter().take(MOST) {
        let Some(id) = id_of(schedule) else {
            r.malformed(&calls::SCHEDULES, "a schedule has no id");
            continue;
        };
        let subject = Of::Thing(SubjectId::new(format!("jsm/schedules/{id}")));
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

async fn all(r: &mut Reading<'_>) -> Result<Option<Vec<Value>>, Cancelled> {
    let query = [("expand", "rotation"), ("size", "100")];
    Ok(r.list(&calls::SCHEDULES, &query).await?.map(|(all, _)| all))
}

fn bounded(r: &mut Reading<'_>, count: usize, what: &str) {
    if count > MOST {
        let detail = format!("{count} {what}: the first {MOST} were read.");
        r.visit.answer.miss(GapReason::LimitReached, detail, "More are not read in one collection.");
    }
}

/// The shifts of a timeline and the span that it covers; `None` where another than one person takes one. Overrides and
/// forwarding are in it; a rotation that was deleted stays in it for its past.
fn shifts(answer: &Value) -> Option<(Vec<Shift>, (Timestamp, Timestamp))> {
    let span = (time(answer, "/startDate")?, time(answer, "/endDate")?);
    let mut shifts = Vec::new();
    for rotation in answer.pointer("/finalTimeline/rotations")?.as_array()? {
        if flag(rotation, "/deleted") == Some(true) {
            continue;
        }
        for period in rows(rotation, "/periods") {
            // A team or an escalation stands for the people beside it, where they are named.
            let who = match rows(period, "/flattenedResponders") {
                [one] => Some(one),
                [] => period.get("responder"),
                _ => return None,
            };
            match who.and_then(|who| text(who, "/type")) {
                Some("user") => {
                    let id = who.and_then(|who| text(who, "/id"))?.to_owned();
                    shifts.push((time(period, "/startDate")?, time(period, "/endDate")?, id));
                }
                None | Some("noone" | "none") => {}
                Some(_) => return None,
            }
        }
    }
    Some((shifts, span))
}

/// Reads escalations, of each team that a schedule belongs to: whom an alert reaches next stands nowhere else.
pub(super) async fn escalations(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(all) = all(r).await? else { return Ok(()) };
    let is_id = |id: &&str| id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let teams: BTreeSet<&str> = all.iter().filter_map(|row| text(row, "/teamId").filter(is_id)).collect();
    bounded(r, teams.len(), "teams");
    for team in teams.into_iter().take(MOST) {
        let Some((all, _)) = r.list_of(&calls::ESCALATIONS, team, &[("size", "100")]).await? else { continue };
        let mut found = Imported::default();
        for row in all.iter().filter(|row| flag(row, "/enabled") != Some(false)) {
            let (Some(id), Some(rules)) = (id_of(row), row.get("rules").and_then(Value::as_array)) else {
                r.malformed(&calls::ESCALATIONS, "an escalation has no id or lists no rules");
                continue;
            };
            let name = text(row, "/name").unwrap_or(id);
            let subject = Of::Thing(SubjectId::new(format!("jsm/escalations/{id}")));
            let known = Resource::new(Kind::AlertChannel, format!("Escalation {name}"));
            found.facts.push((subject.clone(), Basis::Configured, known.into()));
            found.setting(subject, key::ONCALL_LEVELS, None, Known::Number(levels(rules) as f64));
        }
        r.keep(&calls::ESCALATIONS, found);
    }
    Ok(())
}
