//! No request tracing.

use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Relation, Severity, SubjectId, key};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "OBS-007",
    title: "No request tracing",
    question: "Can you see where a slow request spends its time?",
    why: "Over two or more hops, logs of each tell half a story; a trace shows the hop that takes the time, and is what makes \
          repeated queries and missing timeouts visible (DB-004, ASYNC-001, SPOF-011).",
    condition: "A service calls others over the network and its requests are not traced",
    fix: &[
        "instrument automatically with OpenTelemetry",
        "carry the context through queues",
        "keep the traces of errors and slow requests (tail sampling)",
    ],
    effort_days: [1.0, 5.0],
    effort_source: "S2: inside 1-2 weeks",
    weight: 2,
    severity: "medium",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[],
    sources: &[
        ("otel", "spans per service in 24 h, share of requests with a trace id, completeness of parents"),
        ("aws", "xray:GetServiceGraph"),
        ("datadog", "GET /api/v1/service_dependencies"),
        ("newrelic", "NerdGraph distributed tracing"),
        ("gcp", "cloudtrace.googleapis.com traces.list"),
    ],
    proof_metric: "telemetry_coverage",
    proof: "the share of requests that can be followed end to end rises",
    false_positives: "A single process with a profiler.",
    unknown_when: "no trace backend is connected",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let next: BTreeSet<SubjectId> = context
        .facts
        .edges_from(&subject.id)
        .filter(|e| matches!(e.edge.relation, Relation::Serves | Relation::DependsOn { .. } | Relation::Publishes))
        .map(|e| e.to)
        // A route of the service itself is no second hop.
        .filter(|id| context.facts.resource(id).is_none_or(|r| r.kind != Kind::Endpoint))
        .collect();
    let Some((traced, from)) = context.facts.flag(&subject.id, key::TRACING) else {
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("whether requests of `{}` are traced is not known", subject.name()),
            "Connect the trace backend (OpenTelemetry, xray:GetServiceGraph, Datadog, New Relic, Cloud Trace).",
        );
    };
    let evidence = vec![
        Evidence::read("requests are traced", if traced { "yes" } else { "no" }, from),
        Evidence::derived("things it calls", next.len().to_string()),
    ];
    if traced {
        return CheckResult::pass(format!("Requests of `{}` can be followed across hops.", subject.name()), evidence);
    }
    if next.is_empty() {
        // Only what is known to be called makes a second hop; an unmapped service may have some.
        let detail = format!("`{}` is not traced, and what it calls is not known", subject.name());
        return CheckResult::unknown(
            GapReason::UnmappedSubject,
            detail,
            "Link the service to what it calls: loadline link, or connect its platform.",
        )
        .with_evidence(evidence);
    }
    let sentence =
        format!("`{}` calls {} other parts and no request can be followed through them.", subject.name(), next.len());
    CheckResult::fail(Severity::Medium, sentence, evidence)
        .with_remedy("Start the service with OpenTelemetry auto-instrumentation and OTEL_TRACES_SAMPLER=parentbased_traceidratio, argument 0.05.")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::obs::telemetry::cases::service;
    use crate::testing::Case;
    use loadline_model::{Relation, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let calls = || service(Tier::T0).edge("api", Relation::DependsOn { hard: true }, "db");
        check(calls(), "unknown not_connected");
        check(calls().flag("api", key::TRACING, true), "pass");
        check(calls().flag("api", key::TRACING, false), "fail medium");
        check(service(Tier::T0).flag("api", key::TRACING, false), "unknown unmapped_subject");
    }
}
