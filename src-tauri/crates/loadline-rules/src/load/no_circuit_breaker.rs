//! No circuit breaker or bulkhead.

use crate::evaluate::Reading;
use crate::source_text::hints;
use crate::verdict::Verdict;
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Relation, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "LOAD-005",
    title: "No circuit breaker or bulkhead",
    question: "Does one failing dependency take the whole service down?",
    why: "While a provider fails, every call to it uses a thread until it gives up. A breaker gives up at once, and a pool of its own \
          keeps the rest alive (S3).",
    condition: "A provider on the path of a critical journey failed more than 5 % of calls at some time in 90 days, and there is no \
                breaker, no pool of its own and no fallback",
    fix: &[
        "a breaker with a half-open probe",
        "a pool for each dependency",
        "a degraded answer",
        "test it by injecting faults",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 2,
    severity: "medium",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::External]),
    numbers: &[],
    sources: &[
        (
            "prometheus",
            "http_client_request_duration_seconds_count by server_address and status over 90 days; envoy upstream_rq_pending_overflow",
        ),
        ("mesh", "DestinationRule trafficPolicy.outlierDetection, connectionPool"),
        ("repository", "resilience4j, opossum, pybreaker, Polly"),
    ],
    proof_metric: "error_ratio",
    proof: "errors of unrelated routes while the provider fails fall",
    false_positives: "Without the provider the journey has no meaning anyway.",
    unknown_when: "calls to the provider are not measured",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let name = subject.name();
    if !subject.is_t0() {
        let because = format!("`{name}` is on no critical journey.");
        return CheckResult::not_applicable(because).with_evidence(vec![Evidence::derived("tier", "not T0")]);
    }
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let breaker = seen.flag("circuit breaker or pool of its own", key::EXTERNAL_BREAKER);
    let fallback = seen.text("fallback", key::EXTERNAL_FALLBACK);
    let episodes = seen.number("episodes above 5 % errors in 90 days", "", key::EXTERNAL_ERROR_EPISODES_90D);
    let callers = context.facts.edges_to(&subject.id).filter(|e| matches!(e.edge.relation, Relation::DependsOn { .. }));
    let mut called_by = Vec::new();
    for caller in callers {
        seen.row("called by", context.reference(&caller.from).name, caller.provenance);
        called_by.push(caller.from);
    }
    if breaker == Some(true) || fallback.is_some_and(|f| f != "none") {
        return verdict
            .answer(seen.rows, format!("When `{name}` fails, its callers stop calling or answer without it."));
    }
    match (episodes, breaker, fallback) {
        (Some(n), Some(false), Some(_)) if n > 0.0 => verdict.fault(
            Severity::Medium,
            format!("`{name}` failed {n:.0} times in 90 days, and nothing keeps its callers from waiting for it"),
        ),
        (Some(n), ..) if n <= 0.0 => {}
        (None, ..) => lacks(&mut verdict, subject, "how often calls to it failed in 90 days"),
        (_, None, _) => {
            seen.rows.extend(hints(&[key::idiom::CIRCUIT_BREAKER], &called_by, context));
            lacks(&mut verdict, subject, "whether calls to it have a breaker or a pool of their own");
        }
        _ => lacks(&mut verdict, subject, "whether there is a fallback for it"),
    }
    verdict.answer(seen.rows, format!("`{name}` did not fail in 90 days."))
}

fn lacks(verdict: &mut Verdict, subject: &Subject<'_>, what: &str) {
    verdict.lacks(
        GapReason::NotConnected,
        format!("`{}`: {what} is not known", subject.name()),
        "Connect Prometheus with client metrics, the mesh, tracing or the repository, or state it.",
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Tier, Value, key};

    #[test]
    fn cases() {
        let psp = || Case::new().thing("psp", Kind::External);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "psp"), expected);
        let failed = |n| psp().number("psp", key::EXTERNAL_ERROR_EPISODES_90D, n);
        let fallback = |case: Case, way: &str| case.set("psp", key::EXTERNAL_FALLBACK, Value::Text(way.into()));
        check(psp(), "unknown not_connected");
        check(psp().tier("psp", Tier::T1), "not_applicable");
        check(psp().flag("psp", key::EXTERNAL_BREAKER, true), "pass");
        check(fallback(psp(), "queue"), "pass");
        check(failed(0.0), "pass");
        check(failed(2.0), "unknown not_connected");
        check(failed(2.0).flag("psp", key::EXTERNAL_BREAKER, false), "unknown not_connected");
        check(fallback(failed(2.0).flag("psp", key::EXTERNAL_BREAKER, false), "none"), "fail medium");
    }
}
