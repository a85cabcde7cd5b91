//! Retries amplify load.

use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "LOAD-006",
    title: "Retries amplify load",
    question: "Do retries multiply traffic when something is slow?",
    why: "Three layers that each try three times make 27 calls of one, at the moment when the other side can bear least. SRE allows \
          10 % retries and at most 3 attempts.",
    condition: "More than 1.1 attempts per call in steady state, more than 3 attempts over all layers, no backoff with jitter, or a \
                request retried that is not idempotent",
    fix: &["retry in one layer", "exponential backoff with full jitter and a budget", "idempotency keys"],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: more than 9 attempts, or a retry that is not idempotent; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "attempts", value: 1.1, unit: "ratio", source: "SRE (retry budget of 10 %)" },
        Number { key: "most", value: 3.0, unit: "count", source: "SRE (at most 3 attempts); WAF REL05-BP03" },
        Number { key: "high_most", value: 9.0, unit: "count", source: "HD" },
    ],
    sources: &[
        ("prometheus", "envoy_cluster_upstream_rq_retry / envoy_cluster_upstream_rq_total, http.request.resend_count"),
        ("mesh", "VirtualService retries.attempts, perTryTimeout; nginx proxy_next_upstream_tries"),
        ("repository", "retries without backoff, jitter or cap; layers that each retry"),
    ],
    proof_metric: "error_ratio",
    proof: "attempts per call while something fails fall",
    false_positives: "Client libraries in adaptive mode.",
    unknown_when: "neither traces, mesh nor repository show attempts",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let mut lacks = Vec::new();
    match seen.number("attempts per call", "", key::CALL_ATTEMPTS) {
        Some(n) if n > subject.number("attempts") => {
            verdict.fault(Severity::Medium, format!("`{name}` makes {n:.2} attempts per call on a normal day"));
        }
        Some(_) => {}
        None => lacks.push("attempts per call"),
    }
    match seen.number("most attempts over all layers", "", key::CALL_ATTEMPTS_MOST) {
        Some(n) if n > subject.number("most") => {
            let severity = if n > subject.number("high_most") { Severity::High } else { Severity::Medium };
            verdict.fault(severity, format!("one call of `{name}` can become {n:.0} when something is slow"));
        }
        Some(_) => {}
        None => lacks.push("how many attempts one call can become"),
    }
    match seen.flag("backoff with jitter", key::CALL_BACKOFF) {
        Some(false) => verdict.fault(
            Severity::Medium,
            format!("`{name}` {}retries without waiting longer each time, so that retries come at once", seen.likely()),
        ),
        Some(true) => {}
        None => lacks.push("whether retries back off"),
    }
    match seen.flag("retries what is not idempotent", key::CALL_RETRIES_UNSAFE) {
        Some(true) => verdict.fault(
            Severity::High,
            format!("`{name}` retries requests that are not idempotent: users pay or post twice"),
        ),
        Some(false) => {}
        None => lacks.push("what is retried"),
    }
    if let Some(what) = lacks.first() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("{what} is not known for `{name}`"),
            "Connect tracing (http.request.resend_count), the mesh's metrics, or the repository.",
        );
    }
    verdict.answer(seen.rows, format!("Retries of `{name}` stay within their budget."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::load::cases::service;
    use crate::testing::Case;
    use loadline_model::{Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let retries = |attempts, most, backoff, unsafe_too| {
            service(Tier::T1)
                .number("api", key::CALL_ATTEMPTS, attempts)
                .number("api", key::CALL_ATTEMPTS_MOST, most)
                .flag("api", key::CALL_BACKOFF, backoff)
                .flag("api", key::CALL_RETRIES_UNSAFE, unsafe_too)
        };
        check(service(Tier::T1), "unknown not_connected");
        check(service(Tier::T1).number("api", key::CALL_ATTEMPTS, 1.0), "unknown not_connected");
        check(service(Tier::T1).number("api", key::CALL_ATTEMPTS, 1.3), "fail medium");
        check(retries(1.02, 3.0, true, false), "pass");
        check(retries(1.02, 4.0, true, false), "fail medium");
        check(retries(1.02, 27.0, true, false), "fail high");
        check(retries(1.02, 3.0, false, false), "fail medium");
        check(retries(1.02, 3.0, true, true), "fail high");
    }
}
