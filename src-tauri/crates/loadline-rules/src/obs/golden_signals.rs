//! Golden signals are incomplete.

use super::telemetry::request_evidence;
use crate::db::wording::duration;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Relation, Severity, SubjectId, key, key::metric,
};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "OBS-002",
    title: "Golden signals are incomplete",
    question: "For each service, do you see latency, traffic, errors and saturation?",
    why: "Each of the four answers a question the others cannot; the missing one is where the next incident starts and where the \
          first hour of it goes. Data first is what made choices possible at all (S5).",
    condition: "A service lacks one of latency, traffic, errors and saturation, or its logs are unstructured or kept for less \
                than 14 days",
    fix: &[
        "instrument automatically (OpenTelemetry)",
        "run exporters for the stores",
        "one dashboard per journey",
        "central structured logs with a request id",
    ],
    effort_days: [2.0, 7.0],
    effort_source: "S2: 1-2 weeks, near-zero maintenance afterwards",
    weight: 3,
    severity: "high when a T0 service lacks errors or latency; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[Number { key: "log_days", value: 14.0, unit: "d", source: "HD" }],
    sources: &[
        (
            "prometheus",
            "http_server_request_duration_seconds (rate, errors, distribution); container_cpu_usage_seconds_total, container_memory_working_set_bytes; store exporters",
        ),
        ("otel", "APM agents"),
        ("aws", "CloudWatch namespaces per service; logs:DescribeLogGroups -> retentionInDays"),
        ("kubernetes", "kube-state-metrics and cAdvisor"),
        ("gcp", "Cloud Monitoring metric descriptors; logging buckets -> retentionDays"),
    ],
    proof_metric: "telemetry_coverage",
    proof: "the share of signals that exist rises to 1",
    false_positives: "Services that are being retired.",
    unknown_when: "the inventory is incomplete",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let id = &subject.id;
    let trends = context.trends;
    let has_series = |name: &str| context.facts.series(id, name).next().is_some();
    let latency = trends.latency.iter().any(|l| l.subject.id == *id);
    let traffic = trends.demand.iter().any(|d| d.subject.id == *id) || has_series(metric::REQUEST_RATE) || latency;
    let errors = trends.errors.iter().any(|e| e.subject.id == *id) || has_series(metric::ERROR_RATIO);
    let saturation = saturated_by(id, context);
    let signals = [("latency", latency), ("traffic", traffic), ("errors", errors), ("saturation", saturation)];
    let mut evidence = request_evidence(id, context);
    evidence
        .extend(signals.iter().map(|(name, seen)| Evidence::derived(*name, if *seen { "seen" } else { "missing" })));
    // Saturation alone comes with every cloud account; only a source that knows requests makes the absence of others known.
    if !(latency || traffic || errors) {
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("nothing that sees requests of `{}` is connected", subject.name()),
            "Connect Prometheus, the APM, or the load balancer in front.",
        );
    }
    let retention = context.facts.number(id, key::LOG_RETENTION_DAYS);
    let structured = context.facts.flag(id, key::LOGS_STRUCTURED);
    evidence.extend(retention.map(|(days, p)| Evidence::read("logs are kept", duration(days * 86_400.0), p)));
    evidence
        .extend(structured.map(|(yes, p)| Evidence::read("logs are structured", if yes { "yes" } else { "no" }, p)));
    let mut missing: Vec<String> =
        signals.iter().filter(|(_, seen)| !seen).map(|(name, _)| (*name).to_owned()).collect();
    if structured.is_some_and(|(yes, _)| !yes) {
        missing.push("structured logs".to_owned());
    }
    if let Some((days, _)) = retention.filter(|(days, _)| *days < subject.number("log_days")) {
        missing.push(format!("logs beyond {}", duration(days * 86_400.0)));
    }
    if !missing.is_empty() {
        let severity = if subject.is_t0() && !(latency && errors) { Severity::High } else { Severity::Medium };
        let sentence =
            format!("`{}` runs without {}: an incident there starts blind.", subject.name(), missing.join(", "));
        return CheckResult::fail(severity, sentence, evidence);
    }
    if retention.is_none() || structured.is_none() {
        let detail = format!(
            "latency, traffic, errors and saturation of `{}` are seen, but how its logs are written and kept is not known",
            subject.name()
        );
        return CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Connect where its logs are kept (logs:DescribeLogGroups, Loki, Cloud Logging).",
        )
        .with_evidence(evidence);
    }
    CheckResult::pass(format!("All four golden signals and the logs of `{}` are there.", subject.name()), evidence)
}

/// CPU, memory or workers of it or of a member are measured.
fn saturated_by(id: &SubjectId, context: &Context<'_>) -> bool {
    let mut ids: BTreeSet<SubjectId> = BTreeSet::from([id.clone()]);
    ids.extend(context.facts.edges_to(id).filter(|e| e.edge.relation == Relation::MemberOf).map(|e| e.from));
    context
        .capacity
        .utilisation
        .iter()
        .any(|u| ids.contains(&u.subject.id) && matches!(u.limited, Limited::Cpu | Limited::Memory | Limited::Workers))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::obs::telemetry::cases::{demand, errors, latency, service};
    use crate::testing::Case;
    use loadline_model::{Limited, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let all = |tier| {
            errors(latency(demand(service(tier)), None, true, 9_000, Some(0.2)), 0.001, 0.0).used(
                "api",
                Limited::Cpu,
                0.3,
                9.0,
            )
        };
        let logs = |case: Case, days, structured| {
            case.number("api", key::LOG_RETENTION_DAYS, days).flag("api", key::LOGS_STRUCTURED, structured)
        };
        check(service(Tier::T0).used("api", Limited::Cpu, 0.3, 9.0), "unknown not_connected");
        check(demand(service(Tier::T0)), "fail high");
        check(demand(service(Tier::T1)), "fail medium");
        check(errors(latency(service(Tier::T0), None, true, 9_000, None), 0.0, 0.0), "fail medium");
        check(all(Tier::T0), "unknown not_connected");
        check(logs(all(Tier::T0), 30.0, true), "pass");
        check(logs(all(Tier::T0), 13.0, true), "fail medium");
        check(logs(all(Tier::T0), 30.0, false), "fail medium");
    }
}
