//! Answers of PagerDuty's REST API v2, saved to a file: `GET /incidents`, `GET /schedules/{id}` and
//! `GET /escalation_policies`. Names of people are counted and not kept.

use super::{About, ImportError, Imported, Of, json, malformed, text_at, time_at};
use loadline_model::{Basis, Incident, Kind, Resource, SubjectId, Timestamp, Value, key, num};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

const FORMAT: &str = "an answer of PagerDuty's /incidents, /schedules/{id} or /escalation_policies";
/// Least days of a schedule from which shares of shifts are told.
const LEAST_DAYS: f64 = 28.0;

/// Reads an answer.
pub(super) fn read(text: &str, about: &About) -> Result<Imported, ImportError> {
    let answer = json(FORMAT, text)?;
    if let Some(rows) = answer.get("incidents").and_then(Json::as_array) {
        return incidents(rows, &answer);
    }
    if let Some(schedule) = answer.get("schedule") {
        return schedule_of(schedule, about);
    }
    if let Some(rows) = answer.get("escalation_policies").and_then(Json::as_array) {
        return policies(rows, &answer);
    }
    Err(malformed(FORMAT, "it holds none of `incidents`, `schedule` and `escalation_policies`"))
}

fn incidents(rows: &[Json], answer: &Json) -> Result<Imported, ImportError> {
    let mut imported = Imported { part: "incidents".to_owned(), ..Imported::default() };
    for row in rows {
        let one = incident(row).ok_or_else(|| malformed(FORMAT, "an incident has no id, title or time"))?;
        imported.incident(text_at(row, "/service/summary"), one);
    }
    more(answer, rows.len(), "incidents", &mut imported);
    imported.said = format!("PagerDuty: {} incidents.", rows.len());
    Ok(imported)
}

fn incident(row: &Json) -> Option<Incident> {
    let started_at = time_at(row, "/created_at")?;
    let over = row.get("status").and_then(Json::as_str) == Some("resolved");
    // Older answers have no `resolved_at`; the last change of a resolved incident is that it was resolved.
    let resolved_at = time_at(row, "/resolved_at").or_else(|| time_at(row, "/last_status_change_at")).filter(|_| over);
    Some(Incident {
        id: format!("pagerduty/{}", text_at(row, "/id")?),
        title: text_at(row, "/title").or_else(|| text_at(row, "/summary"))?,
        started_at,
        detected_at: None,
        resolved_at: resolved_at.filter(|at| *at >= started_at),
        caused_by: cause(row),
        failover: None,
        journeys: Vec::new(),
    })
}

/// A field that the team made, which names the deployment.
fn cause(row: &Json) -> Option<String> {
    let fields = row.get("custom_fields")?.as_array()?;
    let named =
        |f: &&Json| matches!(f.get("name").and_then(Json::as_str), Some("deployment" | "deployment_id" | "revision"));
    text_at(fields.iter().find(named)?, "/value")
}

fn schedule_of(schedule: &Json, about: &About) -> Result<Imported, ImportError> {
    let id = text_at(schedule, "/id").ok_or_else(|| malformed(FORMAT, "the schedule has no id"))?;
    let name = text_at(schedule, "/name").or_else(|| text_at(schedule, "/summary")).unwrap_or_else(|| id.clone());
    let subject = || Of::Thing(SubjectId::new(format!("pagerduty/schedules/{id}")));
    let mut imported = Imported { part: format!("schedule {id}"), ..Imported::default() };
    let known = Resource::new(Kind::AlertChannel, format!("Schedule {name}"));
    imported.facts.push((subject(), Basis::Configured, known.into()));
    let users = schedule.get("users").and_then(Json::as_array);
    let users = users.ok_or_else(|| malformed(FORMAT, "the schedule lists no `users`"))?;
    // Somebody who left stays listed, with the time of leaving.
    let active = |u: &&Json| u.get("deleted_at").is_none_or(Json::is_null);
    let people: BTreeSet<&str> =
        users.iter().filter(active).filter_map(|u| u.get("id").and_then(Json::as_str)).collect();
    imported.setting(subject(), key::ONCALL_PEOPLE, None, Value::Number(people.len() as f64));
    shifts(schedule, &subject(), about, &mut imported);
    imported.said = format!("PagerDuty: schedule {name} with {} people.", people.len());
    Ok(imported)
}

/// What the rendered shifts say: gaps of the next 14 days, and who takes most of a month.
fn shifts(schedule: &Json, subject: &Of, about: &About, imported: &mut Imported) {
    let rows = schedule.pointer("/final_schedule/rendered_schedule_entries").and_then(Json::as_array);
    let one = |row: &Json| Some((time_at(row, "/start")?, time_at(row, "/end")?, text_at(row, "/user/id")?));
    let mut shifts: Vec<(Timestamp, Timestamp, String)> =
        rows.into_iter().flatten().filter_map(one).filter(|(start, end, _)| end > start).collect();
    shifts.sort();
    let (from, until) = (about.now, about.now.plus_days(14));
    let begins = shifts.first().map(|s| s.0);
    let ends = shifts.iter().map(|s| s.1).max();
    let mut covered_to = from;
    let mut gap_hours = 0.0;
    for (start, end, _) in &shifts {
        if *start > covered_to && *start < until {
            gap_hours += start.hours_since(covered_to);
        }
        covered_to = covered_to.max((*end).min(until));
    }
    let ask = "Ask for the schedule with since= and until=, from today to 28 days on or more.";
    // Before its first and after its last shift the answer may just have been cut there by what was asked for.
    let whole = begins.is_some_and(|b| b <= from) && ends.is_some_and(|e| e >= until);
    if whole || gap_hours > 0.0 && begins.is_some_and(|b| b <= from) {
        imported.setting(subject.clone(), key::ONCALL_GAP_HOURS_14D, None, Value::Number(num::round9(gap_hours)));
    } else {
        imported.missing.push(("the file does not hold the shifts of the next 14 days".to_owned(), ask.to_owned()));
    }
    let mut of_person: BTreeMap<&str, f64> = BTreeMap::new();
    for (start, end, who) in &shifts {
        *of_person.entry(who).or_default() += end.hours_since(*start);
    }
    let all: f64 = of_person.values().sum();
    let most = of_person.values().copied().fold(0.0, f64::max);
    let days = begins.zip(ends).map_or(0.0, |(b, e)| e.days_since(b));
    if days >= LEAST_DAYS && all > 0.0 {
        imported.setting(subject.clone(), key::ONCALL_LARGEST_SHARE, None, Value::Number(num::round9(most / all)));
    } else {
        imported.missing.push(("the file does not hold the shifts of a month".to_owned(), ask.to_owned()));
    }
}

fn policies(rows: &[Json], answer: &Json) -> Result<Imported, ImportError> {
    let mut imported = Imported { part: "policies".to_owned(), ..Imported::default() };
    for row in rows {
        let id = text_at(row, "/id").ok_or_else(|| malformed(FORMAT, "an escalation policy has no id"))?;
        let rules = row.get("escalation_rules").and_then(Json::as_array);
        let rules = rules.ok_or_else(|| malformed(FORMAT, "an escalation policy lists no `escalation_rules`"))?;
        // The same people twice are one level.
        let targets = |rule: &Json| -> BTreeSet<String> {
            let all = rule.get("targets").and_then(Json::as_array);
            all.into_iter().flatten().filter_map(|t| text_at(t, "/id")).collect()
        };
        let levels: BTreeSet<BTreeSet<String>> = rules.iter().map(targets).filter(|t| !t.is_empty()).collect();
        let name = text_at(row, "/name").or_else(|| text_at(row, "/summary")).unwrap_or_else(|| id.clone());
        let subject = || Of::Thing(SubjectId::new(format!("pagerduty/escalation_policies/{id}")));
        let known = Resource::new(Kind::AlertChannel, format!("Escalation policy {name}"));
        imported.facts.push((subject(), Basis::Configured, known.into()));
        imported.setting(subject(), key::ONCALL_LEVELS, None, Value::Number(levels.len() as f64));
    }
    more(answer, rows.len(), "escalation policies", &mut imported);
    imported.said = format!("PagerDuty: {} escalation policies.", rows.len());
    Ok(imported)
}

fn more(answer: &Json, here: usize, what: &str, imported: &mut Imported) {
    if answer.get("more").and_then(Json::as_bool) == Some(true) {
        let detail = format!("the file is one page with {here} {what}, and there are more");
        imported.missing.push((detail, "Ask for the other pages (offset=), and import them too.".to_owned()));
    }
}
