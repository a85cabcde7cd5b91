//! Percentiles are averaged or downsampled wrongly.

use super::quantile_expression::averages_percentiles;
use super::telemetry::alerting_read;
use crate::db::wording::named;
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{Alert, CheckResult, Escalation, Evidence, GapReason, Setting, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "OBS-011",
    title: "Percentiles are averaged or downsampled wrongly",
    question: "Are dashboards mathematically wrong?",
    why: "The average of ten p95 is the p95 of nothing: one slow instance disappears among nine fast ones. Such numbers do not \
          survive the first question of a diligence.",
    condition: "A query averages or sums percentile series over instances, routes or time",
    fix: &[
        "sum buckets first, then take the quantile",
        "use distributions where the vendor offers them",
        "mark charts that are built from data that cannot be merged",
    ],
    effort_days: [0.25, 1.0],
    effort_source: "HD",
    weight: 1,
    severity: "medium when an alert uses it; low otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[],
    sources: &[
        (
            "prometheus",
            "GET /api/v1/rules -> recording and alerting expr: avg(…quantile=…), avg of p95 series, avg_over_time of histogram_quantile; summaries aggregated over instances",
        ),
        ("grafana", "GET /api/dashboards/uid/{uid} -> panels[].targets[].expr"),
        ("datadog", "GET /api/v1/dashboard, monitor queries: avg rollup of a p95 gauge"),
        ("aws", "cloudwatch:GetDashboard, DescribeAlarms: average of percentile math"),
    ],
    proof_metric: "telemetry_coverage",
    proof: "the number of wrong panels falls to 0",
    false_positives: "The maximum of p99, labelled as such.",
    unknown_when: "dashboards are not connected",
    prerequisites: &[],
    check,
};

fn check(_: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut evidence = Vec::new();
    let (mut in_alerts, mut in_panels) = (Vec::new(), Vec::new());
    let mut read = 0_u32;
    for (_, alert, from) in context.facts.all::<Alert>() {
        if averages_percentiles(&alert.expression) {
            evidence.push(Evidence::read(format!("alert {}", alert.name), alert.expression.clone(), from));
            in_alerts.push(alert.name.clone());
        }
    }
    for (_, setting, from) in context.facts.all::<Setting>().filter(|(_, s, _)| s.key == key::RECORDING_RULE) {
        let Some(expression) = setting.value.as_text() else { continue };
        read += 1;
        if averages_percentiles(expression) {
            let name = setting.item.clone().unwrap_or_else(|| "panel".to_owned());
            evidence.push(Evidence::read(format!("recording rule or panel {name}"), expression.to_owned(), from));
            in_panels.push(name);
        } else if read <= 20 {
            evidence.push(Evidence::read(
                setting.item.clone().unwrap_or_else(|| "panel".to_owned()),
                expression.to_owned(),
                from,
            ));
        }
    }
    let wrong: Vec<String> = in_alerts.iter().chain(&in_panels).cloned().collect();
    if !wrong.is_empty() {
        let severity = if in_alerts.is_empty() { Severity::Low } else { Severity::Medium };
        let sentence = format!("{} averages percentiles: its number is the percentile of nothing.", named(&wrong));
        return CheckResult::fail(severity, sentence, evidence).with_remedy(
            "histogram_quantile(0.95, sum by (le) (rate(http_server_request_duration_seconds_bucket[5m])))",
        );
    }
    let alerting = alerting_read(context);
    evidence.extend(alerting.map(|p| Evidence::read("alert rules", "read completely", p)));
    if read == 0 || alerting.is_none() {
        let missing =
            if read == 0 { "no recording rule or panel was read" } else { "the alert rules were not read completely" };
        return CheckResult::unknown(
            GapReason::NotConnected,
            missing,
            "Connect what holds the queries: Prometheus (GET /api/v1/rules), Grafana dashboards, Datadog, or cloudwatch:GetDashboard.",
        )
        .with_evidence(evidence);
    }
    CheckResult::pass(format!("None of {read} recording rules and panels and no alert averages percentiles."), evidence)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::obs::telemetry::cases::{alert, alerting};
    use crate::testing::Case;
    use loadline_model::{Alert, AlertKind, Setting, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "organisation"), expected);
        let panel = |expression: &str| {
            let value = Value::Text(expression.into());
            Case::new().has("prometheus", Setting { key: key::RECORDING_RULE.into(), item: Some("p95".into()), value })
        };
        let right = "histogram_quantile(0.95, sum by (le) (rate(request_bucket[5m])))";
        let wrong = "avg(histogram_quantile(0.95, rate(request_bucket[5m])))";
        check(Case::new(), "unknown not_connected");
        check(alerting(Case::new()), "unknown not_connected");
        check(panel(right), "unknown not_connected");
        check(alerting(panel(right)), "pass");
        check(panel(wrong), "fail low");
        check(
            panel(right).has("api", Alert { expression: wrong.into(), ..alert("slow", AlertKind::Latency) }),
            "fail medium",
        );
    }
}
