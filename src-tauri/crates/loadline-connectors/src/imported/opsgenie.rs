//! Answers of Opsgenie's REST API, saved to a file: `GET /v2/alerts` and `GET /v1/incidents`. Of alerts those of priority P1
//! and P2 count as incidents. A connected account is read by the same words.

use super::{ImportError, Imported, json, malformed, text_at, time_at};
use loadline_model::{Incident, Timestamp};
use serde_json::Value as Json;

const FORMAT: &str = "an answer of Opsgenie's /v2/alerts or /v1/incidents";
/// Priorities that wake somebody.
const URGENT: [&str; 2] = ["P1", "P2"];

/// Reads an answer.
pub(super) fn read(text: &str) -> Result<Imported, ImportError> {
    let answer = json(FORMAT, text)?;
    let rows = answer.get("data").and_then(Json::as_array);
    let rows = rows.ok_or_else(|| malformed(FORMAT, "it holds no list `data`"))?;
    let mut imported = Imported { part: "incidents".to_owned(), ..Imported::default() };
    let mut less = 0_usize;
    for row in rows {
        let urgent = tell(row, &mut imported);
        let urgent = urgent.ok_or_else(|| malformed(FORMAT, "an entry has no id, message or time"))?;
        less += usize::from(!urgent);
    }
    if answer.pointer("/paging/next").and_then(Json::as_str).is_some_and(|next| !next.is_empty()) {
        let detail = format!("the file is one page with {} entries, and there are more", rows.len());
        imported.missing.push((detail, "Ask for the other pages (offset=), and import them too.".to_owned()));
    }
    let kept = rows.len() - less;
    imported.said = format!("Opsgenie: {kept} incidents; {less} alerts below P2 are left out.");
    Ok(imported)
}

/// Tells of an incident, or of an alert where it is urgent, and whether it was; `None` when it is none.
pub(crate) fn tell(row: &Json, told: &mut Imported) -> Option<bool> {
    // Only alerts are deduplicated by an alias.
    let is_alert = row.get("alias").is_some() || row.get("acknowledged").is_some();
    let urgent = row.get("priority").and_then(Json::as_str).is_none_or(|p| URGENT.contains(&p));
    let one = incident(row, is_alert)?;
    if is_alert && !urgent {
        return Some(false);
    }
    told.incident(service(row), one);
    Some(true)
}

fn incident(row: &Json, is_alert: bool) -> Option<Incident> {
    let started_at = time_at(row, "/impactStartDate").or_else(|| time_at(row, "/createdAt"))?;
    let over = matches!(row.get("status").and_then(Json::as_str), Some("closed" | "resolved"));
    // An alert says after how many milliseconds it was closed.
    let closed = || {
        let after = row.pointer("/report/closeTime")?.as_i64().filter(|ms| *ms >= 0)?;
        Some(Timestamp(time_at(row, "/createdAt")?.0.checked_add(after)?))
    };
    let end = time_at(row, "/impactEndDate").or_else(closed).or_else(|| time_at(row, "/updatedAt"));
    let details = if is_alert { "/details" } else { "/extraProperties" };
    let named = ["deployment", "deployment_id", "revision"];
    Some(Incident {
        id: format!("opsgenie/{}", text_at(row, "/id")?),
        title: text_at(row, "/message")?,
        started_at,
        detected_at: None,
        resolved_at: end.filter(|at| over && *at >= started_at),
        caused_by: named.iter().find_map(|name| text_at(row, &format!("{details}/{name}"))),
        failover: None,
        journeys: Vec::new(),
    })
}

/// The service that an alert names in its details.
fn service(row: &Json) -> Option<String> {
    ["/details/service", "/extraProperties/service"].iter().find_map(|at| text_at(row, at))
}
