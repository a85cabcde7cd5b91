//! No automated rollback.

use crate::evaluate::Reading;
use crate::verdict::{Verdict, internal};
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DEL-008",
    title: "No automated rollback",
    question: "Does a bad version leave by itself?",
    why: "Until somebody notices and acts, everybody gets the bad version. With blue-green and automated rollback recovery took \
          minutes (S1).",
    condition: "Neither health nor metrics make a bad version of the service roll back by itself",
    fix: &[
        "switch on the circuit breaker with rollback",
        "bind it to alarms on the error ratio and p95",
        "test it with a version that fails on purpose",
        "backward-compatible migrations first",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 3,
    severity: "high on T0; medium on T1",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[],
    sources: &[
        (
            "aws",
            "ecs:DescribeServices -> deploymentConfiguration.deploymentCircuitBreaker.enable, rollback, alarms.rollback; codedeploy autoRollbackConfiguration.enabled",
        ),
        ("kubernetes", "Argo Rollouts AnalysisTemplate, Flagger; a Deployment alone does not roll back"),
        ("repository", "helm --atomic; traffic split jobs"),
    ],
    proof_metric: "change_recovery_time",
    proof: "the time to recover from failed changes falls, and more of them end by themselves",
    false_positives: "Stateful engines.",
    unknown_when: "what deploys the service is not visible",
    prerequisites: &["DEL-002", "OBS-001"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(internal) = internal(subject) {
        return internal;
    }
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    match seen.flag("bad versions are rolled back by themselves", key::AUTOMATIC_ROLLBACK) {
        Some(false) => {
            let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
            verdict.fault(severity, format!("a bad version of `{name}` stays until a person acts"));
        }
        Some(true) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("whether a bad version of `{name}` is rolled back by itself is not known"),
            "Connect what deploys it (ecs:DescribeServices, codedeploy:GetDeploymentGroup, the cluster).",
        ),
    }
    verdict.answer(seen.rows, format!("A bad version of `{name}` is rolled back by itself."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::del::history::cases::service;
    use crate::testing::Case;
    use loadline_model::{Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let rolls = |tier, on| service(tier).flag("api", key::AUTOMATIC_ROLLBACK, on);
        check(service(Tier::T0), "unknown not_connected");
        check(service(Tier::T2), "not_applicable");
        check(rolls(Tier::T0, true), "pass");
        check(rolls(Tier::T0, false), "fail high");
        check(rolls(Tier::T1, false), "fail medium");
    }
}
