//! What is scraped: a target that is down hides what it would have said.

use super::reading::Reading;
use crate::Cancelled;
use loadline_model::{GapReason, Kind, SubjectId};
use serde_json::Value;

const MOST_GAPS: usize = 100;

/// Leaves a gap for every target that is down.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let api = r.api;
    let page = r.ask("targets", api.page("/api/v1/targets", &[("state", "active")])).await?;
    let targets = page.as_ref().and_then(|p| p.get("activeTargets")?.as_array());
    let down: Vec<&Value> = targets.into_iter().flatten().filter(|t| text(t, &["health"]) == Some("down")).collect();
    for target in down.iter().take(MOST_GAPS) {
        let (Some(job), Some(instance)) = (text(target, &["labels", "job"]), text(target, &["labels", "instance"]))
        else {
            continue;
        };
        let error: String = text(target, &["lastError"]).unwrap_or("no reason given").chars().take(200).collect();
        let detail = format!("The target {instance} of {job} is down: {}.", without_address(&error));
        let closes = "Repair the exporter, or remove the target.";
        r.answer.miss_of(GapReason::ApiError, detail, closes, &[Kind::Instance], Some(&SubjectId::from(instance)));
    }
    if down.len() > MOST_GAPS {
        let detail = format!("{} targets are down; {MOST_GAPS} are listed.", down.len());
        r.answer.miss(GapReason::LimitReached, detail, "Repair the exporters.");
    }
    Ok(())
}

fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    path.iter().try_fold(value, |v, key| v.get(key))?.as_str()
}

/// Scrape errors quote addresses, which may hold user names: `Get "http://user:pw@host/metrics": …`.
fn without_address(error: &str) -> String {
    error.split(' ').filter(|word| !word.contains("://")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn errors_hold_no_address() {
        let said = super::without_address(r#"Get "http://u:hunter2@h:1/metrics": dial tcp: connection refused"#);
        assert_eq!(said, "Get dial tcp: connection refused");
    }
}
