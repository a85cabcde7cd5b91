//! Alert and recording rules: what would wake somebody, and for which reason.

use super::api::{Line, Span};
use super::reading::Reading;
use crate::Cancelled;
use loadline_model::{Alert, AlertKind, Basis, Setting, Slo, SubjectId, Timestamp, Value as Known, key};
use serde_json::Value;
use std::collections::BTreeMap;

/// Words by which an alert is recognised, asked in this order; the first kind that matches is taken.
const KINDS: [(AlertKind, &[&str]); 5] = [
    (AlertKind::BurnRate, &["burn", "error_budget", "errorbudget", "slo:", "sloth_", "pyrra"]),
    (AlertKind::Latency, &["histogram_quantile", "latency", "duration", "response_time", "slow"]),
    (
        AlertKind::Business,
        &["checkout", "signup", "sign_up", "payment", "order", "conversion", "login", "journey", "revenue"],
    ),
    (AlertKind::Errors, &["5..", "5xx", "error", "fail", "probe_success", "availability"]),
    (
        AlertKind::Cause,
        &[
            "node_",
            "container_",
            "cpu",
            "memory",
            "disk",
            "filesystem",
            "load1",
            "up ==",
            "up{",
            "restarts",
            "kube_",
            "swap",
            "inode",
        ],
    ),
];

/// Reads rules and how often their alerts fired.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let api = r.api;
    let subject = SubjectId(format!("prometheus://{}", api.door.host()));
    let Some(page) = r.ask("rules", api.page("/api/v1/rules", &[])).await? else { return Ok(()) };
    let groups = page.get("groups").and_then(Value::as_array).into_iter().flatten();
    let rules: Vec<&Value> = groups.filter_map(|g| g.get("rules")?.as_array()).flatten().collect();
    let firings = firings(r).await?;
    for rule in &rules {
        match text(rule, "type") {
            Some("alerting") => {
                if let Some(alert) = alert(rule, firings.as_ref()) {
                    r.answer.say(&subject, "/api/v1/rules", Basis::Configured, alert);
                }
            }
            Some("recording") => recording(r, &subject, rule, &rules),
            _ => {}
        }
    }
    r.answer.set(&subject, "/api/v1/rules", Basis::Measured, key::ALERTING_READ, None, Known::Bool(true));
    Ok(())
}

/// Firings by alert over 28 days; `None` when they could not be read.
async fn firings(r: &mut Reading<'_>) -> Result<Option<BTreeMap<String, u32>>, Cancelled> {
    const FIRING: &str = "max by (alertname) (ALERTS{alertstate=\"firing\"})";
    let until = r.window.until;
    let span = Span::aligned(until.plus_days(-28), until, 300_000);
    let api = r.api;
    let lines = r.ask("firings", api.range(FIRING, span)).await?;
    let one = |line: &Line| Some((line.label("alertname")?.to_owned(), rises(&line.samples, span.step)));
    Ok(lines.map(|lines| lines.iter().filter_map(one).collect()))
}

/// Beginnings: samples that follow a pause of more than two steps.
fn rises(samples: &[(Timestamp, f64)], step: i64) -> u32 {
    let mut last: Option<Timestamp> = None;
    let mut count = 0;
    for (at, _) in samples {
        count += u32::from(last.is_none_or(|l| at.0 - l.0 > 2 * step));
        last = Some(*at);
    }
    count
}

fn alert(rule: &Value, firings: Option<&BTreeMap<String, u32>>) -> Option<Alert> {
    let (name, expression) = (text(rule, "name")?, text(rule, "query")?);
    let label = |key| rule.get("labels").and_then(|l| text(l, key));
    let annotation = |key| rule.get("annotations").and_then(|a| text(a, key));
    let firing = rule.get("alerts").and_then(Value::as_array).into_iter().flatten();
    let firing = firing.filter(|a| text(a, "state") == Some("firing"));
    Some(Alert {
        name: name.to_owned(),
        expression: expression.to_owned(),
        watches: watches(name, expression),
        subjects: jobs(expression).into_iter().map(|job| SubjectId(format!("prometheus-job:{job}"))).collect(),
        pages: label("severity").map(|s| matches!(s, "page" | "critical" | "paging" | "p1")),
        runbook: ["runbook_url", "runbook"].iter().find_map(|k| annotation(k)).map(str::to_owned),
        owner: ["owner", "team"].iter().find_map(|k| label(k).or(annotation(k))).map(str::to_owned),
        delivery_tested_at: None,
        firings_28d: firings.map(|f| f.get(name).copied().unwrap_or(0)),
        firing_since: firing.filter_map(|a| Timestamp::parse(text(a, "activeAt")?)).min(),
    })
}

/// What a rule watches, by the words of its name and expression.
fn watches(name: &str, expression: &str) -> AlertKind {
    let text = format!("{name} {expression}").to_lowercase();
    let found = KINDS.iter().find(|(_, words)| words.iter().any(|w| text.contains(w)));
    found.map_or(AlertKind::Other, |(kind, _)| *kind)
}

/// Jobs that an expression names exactly.
fn jobs(expression: &str) -> Vec<String> {
    let mut jobs: Vec<String> = ["{job=\"", ",job=\"", ", job=\""]
        .iter()
        .flat_map(|mark| expression.split(mark).skip(1))
        .filter_map(|rest| rest.split_once('"').map(|(job, _)| job.to_owned()))
        .collect();
    jobs.sort();
    jobs.dedup();
    jobs
}

fn recording(r: &mut Reading<'_>, subject: &SubjectId, rule: &Value, rules: &[&Value]) {
    let (Some(name), Some(query)) = (text(rule, "name"), text(rule, "query")) else { return };
    let value = Known::Text(query.to_owned());
    let setting = Setting { key: key::RECORDING_RULE.to_owned(), item: Some(name.to_owned()), value };
    r.answer.say(subject, "/api/v1/rules", Basis::Configured, setting);
    if let Some(slo) = objective(rule, rules) {
        r.answer.say(subject, "/api/v1/rules", Basis::Configured, slo);
    }
}

/// An objective as Sloth writes it: `slo:objective:ratio` with the label `sloth_slo`.
fn objective(rule: &Value, rules: &[&Value]) -> Option<Slo> {
    if text(rule, "name") != Some("slo:objective:ratio") {
        return None;
    }
    let slo = |rule: &Value| rule.get("labels").and_then(|l| text(l, "sloth_slo")).map(str::to_owned);
    let name = slo(rule)?;
    let target = text(rule, "query")?.strip_prefix("vector(")?.split(')').next()?.parse().ok()?;
    let alerts =
        rules.iter().any(|other| text(other, "type") == Some("alerting") && slo(other).as_deref() == Some(&name));
    let sane = (0.0..1.0).contains(&target);
    sane.then_some(Slo { name, target, window_days: 30.0, burn_rate_alert: Some(alerts), budget_left: None })
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn alerts_are_recognised() {
        let check = |name: &str, expression: &str, kind| assert_eq!(watches(name, expression), kind, "{name}");
        check(
            "HighLatency",
            "histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])) > 0.5",
            AlertKind::Latency,
        );
        check("Errors", "rate(http_requests_total{code=~\"5..\"}[5m]) > 1", AlertKind::Errors);
        check("CheckoutDown", "checkout_success_ratio < 0.95", AlertKind::Business);
        check("FastBurn", "slo:error_ratio:1h > 14.4 * 0.001", AlertKind::BurnRate);
        check("InstanceDown", "up == 0", AlertKind::Cause);
        check("Cpu", "1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[5m])) > 0.8", AlertKind::Cause);
        check("Watchdog", "vector(1)", AlertKind::Other);
    }

    #[test]
    fn a_rule_becomes_an_alert() {
        let rule = json!({"type": "alerting", "name": "A", "query": "rate(x{job=\"api\"}[5m]) > 1", "labels": {"severity": "page", "team": "core"},
            "annotations": {"runbook_url": "https://r"}, "alerts": [{"state": "firing", "activeAt": "2026-11-21T07:00:00Z"}, {"state": "pending"}]});
        let firings = BTreeMap::from([("A".to_owned(), 3)]);
        let read = alert(&rule, Some(&firings)).expect("an alert");
        assert_eq!(
            (read.pages, read.runbook.as_deref(), read.owner.as_deref()),
            (Some(true), Some("https://r"), Some("core"))
        );
        assert_eq!((read.firings_28d, read.firing_since), (Some(3), Timestamp::parse("2026-11-21T07:00:00Z")));
        assert_eq!(read.subjects, [SubjectId::from("prometheus-job:api")]);
        let silent = alert(&json!({"name": "B", "query": "x"}), None).expect("an alert");
        assert_eq!((silent.pages, silent.firings_28d, silent.firing_since), (None, None, None), "absent is unknown");
    }

    #[test]
    fn firings_are_beginnings() {
        let at = |minutes: &[i64]| minutes.iter().map(|m| (Timestamp(m * 60_000), 1.0)).collect::<Vec<_>>();
        assert_eq!(rises(&at(&[0, 5, 10, 30, 35, 100]), 300_000), 3);
        assert_eq!(rises(&[], 300_000), 0);
    }

    #[test]
    fn objectives_of_sloth() {
        let rule = json!({"type": "recording", "name": "slo:objective:ratio", "query": "vector(0.999)", "labels": {"sloth_slo": "a"}});
        let burn = json!({"type": "alerting", "name": "x", "query": "y", "labels": {"sloth_slo": "a"}});
        let slo = objective(&rule, &[&burn]).expect("an objective");
        assert_eq!((slo.target, slo.burn_rate_alert), (0.999, Some(true)));
        assert_eq!(objective(&rule, &[]).and_then(|s| s.burn_rate_alert), Some(false));
    }
}
