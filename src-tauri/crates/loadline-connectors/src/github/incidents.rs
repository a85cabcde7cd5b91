//! Topic `incidents`: issues with the label that the account names. Opened is begun, closed is over.

use super::{Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, number, rows, text, time};
use loadline_model::{Basis, Incident, SubjectId};
use serde_json::Value;

/// Closing an issue so says that it was none.
const NONE: [&str; 2] = ["not_planned", "duplicate"];

/// Reads the topic. Without deployments there is no service, and the incident is the repository's.
pub(super) async fn read(r: &mut Reading<'_>, known: &Known, home: &SubjectId, label: &str) -> Result<(), Cancelled> {
    let since = r.since.to_string();
    let query = [("labels", label), ("state", "all"), ("since", since.as_str()), ("per_page", "100")];
    let Some(listed) = r.list(&calls::ISSUES, "", &query, |_| true).await? else { return Ok(()) };
    let deployed = match r.repository.service {
        Some(_) => true,
        None => {
            let any = r.get(&calls::DEPLOYMENTS, "", &[("per_page", "1")]).await?;
            any.is_some_and(|any| !rows(&any, "").is_empty())
        }
    };
    let subject = if deployed { r.subject.clone() } else { home.clone() };
    for incident in listed.rows.iter().filter_map(|row| incident(row, &known.site)) {
        r.visit.answer.say(&subject, calls::ISSUES.path, Basis::Measured, incident);
    }
    Ok(())
}

fn incident(row: &Value, site: &str) -> Option<Incident> {
    let is_none = text(row, "/state_reason").is_some_and(|reason| NONE.contains(&reason));
    // Pull requests are listed among issues.
    if row.get("pull_request").is_some() || is_none {
        return None;
    }
    Some(Incident {
        id: format!("{site}/issues/{}", number(row, "/id")?),
        title: text(row, "/title")?.to_owned(),
        started_at: time(row, "/created_at")?,
        detected_at: None,
        resolved_at: time(row, "/closed_at"),
        caused_by: None,
        failover: None,
        journeys: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pull_requests_and_what_was_none_are_left_out() {
        let row = |more: Value| {
            let mut row = json!({"id": 1, "title": "Shop down", "created_at": "2026-11-01T10:00:00Z",
                "closed_at": "2026-11-01T12:00:00Z", "state_reason": "completed"});
            row.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
            incident(&row, "github.com")
        };
        let closed = row(json!({})).expect("an incident");
        assert_eq!(closed.resolved_at.map(|at| at.hours_since(closed.started_at)), Some(2.0));
        assert_eq!(row(json!({"closed_at": null, "state_reason": null})).map(|i| i.resolved_at), Some(None));
        assert_eq!(row(json!({"pull_request": {}})), None);
        assert_eq!(row(json!({"state_reason": "not_planned"})), None);
    }
}
