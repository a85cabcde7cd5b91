//! Answers of PagerDuty's REST API v2, saved to a file: `GET /incidents`, `GET /schedules/{id}` and
//! `GET /escalation_policies`. A connected account is read by the same words. Names of people are counted and not kept.

use super::{About, ImportError, Imported, Of, json, malformed, text_at, time_at};
use crate::oncall::{self, Shift};
use loadline_model::{Basis, Incident, Kind, Resource, SubjectId, Timestamp, Value, key};
use serde_json::Value as Json;
use std::collections::BTreeSet;

const FORMAT: &str = "an answer of PagerDuty's /incidents, /schedules/{id} or /escalation_policies";

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
        tell_incident(row, &mut imported).ok_or_else(|| malformed(FORMAT, "an incident has no id, title or time"))?;
    }
    more(answer, rows.len(), "incidents", &mut imported);
    imported.said = format!("PagerDuty: {} incidents.", rows.len());
    Ok(imported)
}

/// The id of a row, as it may stand in a path.
pub(crate) fn id_of(row: &Json) -> Option<String> {
    text_at(row, "/id").filter(|id| id.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// Tells of an incident; `None` when it is none.
pub(crate) fn tell_incident(row: &Json, told: &mut Imported) -> Option<()> {
    told.incident(text_at(row, "/service/summary"), incident(row)?);
    Some(())
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
    let mut imported = Imported::default();
    let (id, name, people) =
        tell_schedule(schedule, about.now, None, &mut imported).map_err(|why| malformed(FORMAT, why))?;
    imported.part = format!("schedule {id}");
    imported.said = format!("PagerDuty: schedule {name} with {people} people.");
    Ok(imported)
}

/// Tells of a schedule; its id, name and number of people, or why it is none. `whole` is the span for which its shifts were
/// asked, where that is known.
pub(crate) fn tell_schedule(
    schedule: &Json,
    now: Timestamp,
    whole: Option<(Timestamp, Timestamp)>,
    told: &mut Imported,
) -> Result<(String, String, usize), &'static str> {
    let id = text_at(schedule, "/id").ok_or("the schedule has no id")?;
    let name = text_at(schedule, "/name").or_else(|| text_at(schedule, "/summary")).unwrap_or_else(|| id.clone());
    let users = schedule.get("users").and_then(Json::as_array).ok_or("the schedule lists no `users`")?;
    let subject = Of::Thing(SubjectId::new(format!("pagerduty/schedules/{id}")));
    let known = Resource::new(Kind::AlertChannel, format!("Schedule {name}"));
    told.facts.push((subject.clone(), Basis::Configured, known.into()));
    // Somebody who left stays listed, with the time of leaving.
    let active = |u: &&Json| u.get("deleted_at").is_none_or(Json::is_null);
    let people: BTreeSet<&str> =
        users.iter().filter(active).filter_map(|u| u.get("id").and_then(Json::as_str)).collect();
    told.setting(subject.clone(), key::ONCALL_PEOPLE, None, Value::Number(people.len() as f64));
    let rows = schedule.pointer("/final_schedule/rendered_schedule_entries").and_then(Json::as_array);
    let one = |row: &Json| Some((time_at(row, "/start")?, time_at(row, "/end")?, text_at(row, "/user/id")?));
    let shifts: Vec<Shift> = rows.into_iter().flatten().filter_map(one).collect();
    // An answer without the list of shifts says nothing of them, whatever was asked for.
    oncall::tell(shifts, &subject, now, whole.filter(|_| rows.is_some()), told);
    Ok((id, name, people.len()))
}

fn policies(rows: &[Json], answer: &Json) -> Result<Imported, ImportError> {
    let mut imported = Imported { part: "policies".to_owned(), ..Imported::default() };
    for row in rows {
        tell_policy(row, &mut imported).map_err(|why| malformed(FORMAT, why))?;
    }
    // Unlike incidents, which are remembered, policies are as the last file has them: each page replaces the one before.
    let skipped = answer.get("offset").and_then(Json::as_u64).filter(|n| *n > 0);
    let closes = "Save one answer that holds them all (limit=100) and import it, or connect PagerDuty.";
    if let Some(skipped) = skipped {
        imported.missing.push((format!("the file begins after {skipped} escalation policies"), closes.to_owned()));
    }
    if has_more(answer) {
        let detail = format!("the file is one page with {} escalation policies, and there are more", rows.len());
        imported.missing.push((detail, closes.to_owned()));
    }
    imported.said = format!("PagerDuty: {} escalation policies.", rows.len());
    Ok(imported)
}

/// Tells of an escalation policy, or why it is none. One that no service uses wakes nobody and is not told.
pub(crate) fn tell_policy(row: &Json, told: &mut Imported) -> Result<(), &'static str> {
    let id = text_at(row, "/id").ok_or("an escalation policy has no id")?;
    let rules = row.get("escalation_rules").and_then(Json::as_array);
    let rules = rules.ok_or("an escalation policy lists no `escalation_rules`")?;
    if row.get("services").and_then(Json::as_array).is_some_and(Vec::is_empty) {
        return Ok(());
    }
    // The same people twice are one level.
    let targets = |rule: &Json| -> BTreeSet<String> {
        let all = rule.get("targets").and_then(Json::as_array);
        all.into_iter().flatten().filter_map(|t| text_at(t, "/id")).collect()
    };
    let levels: BTreeSet<BTreeSet<String>> = rules.iter().map(targets).filter(|t| !t.is_empty()).collect();
    let name = text_at(row, "/name").or_else(|| text_at(row, "/summary")).unwrap_or_else(|| id.clone());
    let subject = Of::Thing(SubjectId::new(format!("pagerduty/escalation_policies/{id}")));
    let known = Resource::new(Kind::AlertChannel, format!("Escalation policy {name}"));
    told.facts.push((subject.clone(), Basis::Configured, known.into()));
    told.setting(subject, key::ONCALL_LEVELS, None, Value::Number(levels.len() as f64));
    Ok(())
}

fn has_more(answer: &Json) -> bool {
    answer.get("more").and_then(Json::as_bool) == Some(true)
}

fn more(answer: &Json, here: usize, what: &str, imported: &mut Imported) {
    if has_more(answer) {
        let detail = format!("the file is one page with {here} {what}, and there are more");
        imported.missing.push((detail, "Ask for the other pages (offset=), and import them too.".to_owned()));
    }
}
