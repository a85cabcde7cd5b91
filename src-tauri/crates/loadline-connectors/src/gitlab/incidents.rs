//! Topic `incidents`: issues of the type incident, or with the label that the account names. Opened is begun, closed is over.

use super::{Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, number, rows, text, time};
use loadline_model::{Basis, Incident, SubjectId};
use serde_json::Value;

/// Reads the topic. Without deployments there is no service, and the incident is the repository's.
pub(super) async fn read(r: &mut Reading<'_>, known: &Known, home: &SubjectId, label: &str) -> Result<(), Cancelled> {
    let since = r.since.to_string();
    let which = if label.is_empty() { ("issue_type", "incident") } else { ("labels", label) };
    let query = [which, ("scope", "all"), ("updated_after", since.as_str()), ("per_page", "100")];
    let Some(listed) = r.list(&calls::ISSUES, "", &query, |_| true).await? else { return Ok(()) };
    let deployed = r.repository.service.is_some() || {
        let any = r.get(&calls::DEPLOYMENTS, "", &[("per_page", "1")]).await?;
        any.is_some_and(|any| !rows(&any, "").is_empty())
    };
    let subject = if deployed { r.subject.clone() } else { home.clone() };
    for incident in listed.rows.iter().filter_map(|row| incident(row, &known.site)) {
        r.visit.answer.say(&subject, calls::ISSUES.path, Basis::Measured, incident);
    }
    Ok(())
}

/// An incident; `None` when it is told elsewhere: it was moved to another project, or closed as a duplicate.
fn incident(row: &Value, site: &str) -> Option<Incident> {
    if number(row, "/moved_to_id").is_some() || text(row, "/_links/closed_as_duplicate_of").is_some() {
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
