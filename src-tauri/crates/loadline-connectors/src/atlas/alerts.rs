//! Scope `alerts/<project>`: what Atlas watches, who is told, and what is open now.

use super::calls::{ALERT_RULES, ALERTS};
use super::clusters::{self, Cluster};
use super::reading::{Reading, flag, number, rows, text, time};
use crate::Cancelled;
use loadline_model::{Alert, AlertKind, Basis, SubjectId, Timestamp, Value, key};
use serde_json::Value as Json;

/// Receivers that wake somebody; mail and chat do not.
const PAGERS: [&str; 4] = ["PAGER_DUTY", "OPS_GENIE", "VICTOR_OPS", "SMS"];

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let project = SubjectId(format!("atlas:project/{}", r.group));
    let clusters = clusters::list(r).await?.map(|(_, clusters)| clusters).unwrap_or_default();
    let Some(configured) = r.list(&ALERT_RULES, "", &[], &[], None).await? else { return Ok(()) };
    let open = r.list(&ALERTS, "", &[("status", "OPEN")], &[], None).await?.unwrap_or_default();
    for rule in configured.iter().filter(|rule| flag(rule, "/enabled") != Some(false)) {
        if let Some(alert) = alert(rule, &open, &clusters) {
            r.say(&project, &ALERT_RULES, Basis::Configured, alert);
        }
    }
    r.answer.set(&project, ALERT_RULES.name, Basis::Measured, key::ALERTING_READ, None, Value::Bool(true));
    Ok(())
}

fn alert(rule: &Json, open: &[Json], clusters: &[Cluster]) -> Option<Alert> {
    let event = text(rule, "/eventTypeName")?;
    let measured = text(rule, "/metricThreshold/metricName");
    let expression = match measured {
        Some(metric) => {
            let word = |p: &str| text(rule, p).unwrap_or("").to_ascii_lowercase().replace('_', " ");
            let line = number(rule, "/metricThreshold/threshold").unwrap_or(0.0);
            format!("{metric} {} {line} {}", word("/metricThreshold/operator"), word("/metricThreshold/units"))
        }
        None => event.to_owned(),
    };
    let told: Vec<&str> = rows(rule, "/notifications").iter().filter_map(|n| text(n, "/typeName")).collect();
    let owner = rows(rule, "/notifications").iter().find_map(|n| text(n, "/teamName")).map(str::to_owned);
    let id = text(rule, "/id");
    let firing: Vec<Timestamp> = open
        .iter()
        .filter(|a| id.is_some() && text(a, "/alertConfigId") == id)
        .filter_map(|a| time(a, "/created"))
        .collect();
    let about =
        |c: &&Cluster| rows(rule, "/matchers").iter().any(|m| text(m, "/value").is_some_and(|v| v.contains(&c.name)));
    let unmatched = rows(rule, "/matchers").is_empty();
    Some(Alert {
        name: measured.unwrap_or(event).to_owned(),
        expression,
        // Atlas sees the database, never what users feel.
        watches: AlertKind::Cause,
        subjects: clusters.iter().filter(|c| unmatched || about(c)).map(|c| c.id.clone()).collect(),
        pages: Some(told.iter().any(|t| PAGERS.contains(t))),
        runbook: None,
        owner,
        delivery_tested_at: None,
        firings_28d: None,
        firing_since: firing.into_iter().min(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_are_named_by_what_they_measure() {
        // MongoDB documentation, "Return All Alert Configurations in One Project", example.
        let rule = json!({ "id": "c1", "enabled": true, "eventTypeName": "OUTSIDE_METRIC_THRESHOLD", "matchers": [],
            "metricThreshold": { "metricName": "NORMALIZED_SYSTEM_CPU_USER", "mode": "AVERAGE", "operator": "GREATER_THAN", "threshold": 95, "units": "RAW" },
            "notifications": [{ "typeName": "PAGER_DUTY", "teamName": "data" }] });
        let open = [
            json!({ "alertConfigId": "c1", "created": "2026-11-20T10:00:00Z", "status": "OPEN" }),
            json!({ "alertConfigId": "c2" }),
        ];
        let found = alert(&rule, &open, &[]).expect("an alert");
        assert_eq!(
            (found.name.as_str(), found.expression.as_str()),
            ("NORMALIZED_SYSTEM_CPU_USER", "NORMALIZED_SYSTEM_CPU_USER greater than 95 raw")
        );
        assert_eq!(
            (found.pages, found.owner.as_deref(), found.firing_since.is_some()),
            (Some(true), Some("data"), true)
        );
        let mailed = json!({ "eventTypeName": "NO_PRIMARY", "notifications": [{ "typeName": "EMAIL" }] });
        assert_eq!(alert(&mailed, &[], &[]).map(|a| (a.name, a.pages)), Some(("NO_PRIMARY".to_owned(), Some(false))));
    }
}
