//! Alerts without owner, runbook or tested delivery.

use super::telemetry::{alerting_read, alerts, no_alerting};
use crate::db::wording::named;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{Alert, CheckResult, Escalation, Evidence, GapReason, Severity, Tier};

pub(super) const RULE: Rule = Rule {
    id: "OBS-009",
    title: "Alerts without owner, runbook or tested delivery",
    question: "Will the right person get a usable message?",
    why: "At three in the morning a bare metric name costs the first half hour, and a channel nobody tested costs the night (S1 \
          wrote runbooks, S4 sends to several channels).",
    condition: "A paging alert has no runbook or no owner, or its delivery was last tested more than 90 days ago",
    fix: &[
        "one template: what broke, since when, who is hurt, link",
        "a test page every month",
        "an owner for every service",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when the delivery of an alert about a T0 thing is out of date; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[Number { key: "tested_days", value: 90.0, unit: "d", source: "HD" }],
    sources: &[
        ("prometheus", "alert annotations runbook_url, summary, dashboard; alertmanager receivers"),
        ("aws", "cloudwatch:DescribeAlarms -> AlarmActions; sns:ListSubscriptionsByTopic -> confirmed"),
        ("datadog", "GET /api/v1/monitor -> @handles of the message"),
        ("newrelic", "NerdGraph runbookUrl, destinations"),
        ("oncall", "schedule and last test notification (PagerDuty, Opsgenie)"),
    ],
    proof_metric: "detection_minutes",
    proof: "minutes to acknowledge fall",
    false_positives: "Alerts that only write tickets.",
    unknown_when: "the receivers' side is not connected",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let Some(read) = alerting_read(context) else { return no_alerting() };
    let all = alerts(context);
    let paging: Vec<_> = all.iter().filter(|(a, _)| a.pages == Some(true)).collect();
    let mut evidence = vec![Evidence::read("alert rules that page", paging.len().to_string(), read)];
    if paging.is_empty() {
        let detail = "no alert is known to page, so whether a message reaches anyone is not known";
        return CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Let the account read routes and receivers (Alertmanager, SNS, on-call tool).",
        )
        .with_evidence(evidence);
    }
    let limit = subject.number("tested_days");
    let tested = |a: &Alert| a.delivery_tested_at.map(|at| context.as_of.days_since(at) <= limit);
    let names = |keep: &dyn Fn(&Alert) -> bool| {
        paging.iter().map(|(a, _)| *a).filter(|a| keep(a)).map(|a| a.name.clone()).collect::<Vec<_>>()
    };
    let without_runbook = names(&|a| is_blank(a.runbook.as_deref()));
    let without_owner = names(&|a| is_blank(a.owner.as_deref()));
    let outdated = names(&|a| tested(a) == Some(false));
    let untested = names(&|a| tested(a).is_none());
    evidence.extend(paging.iter().take(20).map(|(a, p)| {
        let test = a
            .delivery_tested_at
            .map_or_else(|| "delivery never seen tested".to_owned(), |at| format!("delivery tested {}", at.utc_day()));
        let runbook = if is_blank(a.runbook.as_deref()) { "no runbook" } else { "runbook" };
        Evidence::read(a.name.clone(), format!("owner {}, {runbook}, {test}", a.owner.as_deref().unwrap_or("none")), p)
    }));
    let parts: Vec<String> =
        [("a runbook", &without_runbook), ("an owner", &without_owner), ("a delivery test in 90 days", &outdated)]
            .iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(what, list)| format!("{} without {what} ({})", list.len(), named(list)))
            .collect();
    if !parts.is_empty() {
        let hits_t0 = paging.iter().any(|(a, _)| tested(a) == Some(false) && is_about_t0(a, context));
        let severity = if hits_t0 { Severity::High } else { Severity::Medium };
        return CheckResult::fail(
            severity,
            format!("Of {} paging alerts: {}.", paging.len(), parts.join("; ")),
            evidence,
        );
    }
    if !untested.is_empty() {
        let detail = format!("whether the messages of {} arrive was not seen", named(&untested));
        return CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Connect the receivers' side: on-call tool, or confirmed SNS subscriptions, and send a test page.",
        )
        .with_evidence(evidence);
    }
    CheckResult::pass(
        format!("All {} paging alerts have an owner, a runbook and a tested delivery.", paging.len()),
        evidence,
    )
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|t| t.trim().is_empty())
}

fn is_about_t0(alert: &Alert, context: &Context<'_>) -> bool {
    alert.subjects.iter().any(|s| {
        let id = context.facts.canonical(s);
        let tier =
            context.topology.graph.node(&id).map(|n| n.tier).or(context.facts.resource(&id).and_then(|r| r.tier));
        tier == Some(Tier::T0)
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::obs::telemetry::cases::{alert, alerting, service};
    use crate::testing::{Case, as_of};
    use loadline_model::{Alert, AlertKind, Tier};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "organisation"), expected);
        let with = |tier, alert: Alert| alerting(service(tier)).has("api", alert);
        let good = || alert("errors", AlertKind::Errors);
        check(service(Tier::T0).has("api", good()), "unknown not_connected");
        check(alerting(service(Tier::T0)), "unknown not_connected");
        check(with(Tier::T0, good()), "pass");
        check(with(Tier::T0, Alert { runbook: None, ..good() }), "fail medium");
        check(with(Tier::T0, Alert { owner: Some(" ".into()), ..good() }), "fail medium");
        let old = || Alert { delivery_tested_at: Some(as_of().plus_days(-91)), ..good() };
        check(with(Tier::T0, old()), "fail high");
        check(with(Tier::T1, old()), "fail medium");
        check(with(Tier::T0, Alert { delivery_tested_at: None, ..good() }), "unknown not_connected");
        check(with(Tier::T0, Alert { pages: Some(false), runbook: None, ..good() }), "unknown not_connected");
    }
}
