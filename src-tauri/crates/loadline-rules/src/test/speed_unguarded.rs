//! Performance is not guarded in delivery.

use crate::evaluate::Reading;
use crate::source_text::services_of;
use crate::verdict::Verdict;
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "TEST-002",
    title: "Performance is not guarded in delivery",
    question: "Would a slower build be noticed before users?",
    why: "A route that becomes slower with each release is noticed when it is slow for everybody. A short test of load in the pipeline \
          notices it on the day (S1: guardrails; WAF REL12-BP03).",
    condition: "No step of a pipeline measures speed, and no service that is built from the repository rolls out in steps",
    fix: &["a short load test in the pipeline, with limits that end it", "compare the latency of a canary at p95"],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 1,
    severity: "low",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[],
    sources: &[
        ("git", "steps of pipelines that run a load test or a benchmark, and whether a slower result ends them"),
        ("aws, kubernetes", "how a new version is rolled out"),
    ],
    proof_metric: "route_latency",
    proof: "slower builds are found before their rollout",
    false_positives: "What another system measures between merge and rollout.",
    unknown_when: "no pipeline is in the repository, one measures speed and nothing shows that a slower result stops it, or a rollout \
                   in steps may compare",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let name = subject.name();
    if !subject.is_t0() {
        let because = format!("Nothing critical is built from `{name}`.");
        return CheckResult::not_applicable(because).with_evidence(vec![Evidence::derived("tier", "not T0")]);
    }
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let pipelines = seen.number("pipelines", "", key::CODE_PIPELINES).filter(|n| *n > 0.0);
    let measured = seen.flag("a pipeline measures speed", key::CODE_SPEED_MEASURED);
    let stops = seen.flag("a slower result ends it", key::CODE_SPEED_STOPS);
    match (pipelines, measured, stops) {
        (Some(_), Some(true), Some(true)) => {}
        (Some(_), Some(true), _) => verdict.lacks(
            GapReason::LowSample,
            format!("a pipeline of `{name}` measures speed, and whether a slower result stops it is not visible"),
            "Give the test a limit that ends it: thresholds of k6, ensure of Artillery, --benchmark-compare-fail, fail-on-alert: true.",
        ),
        (Some(_), Some(false), _) => match in_steps(subject, context, &mut seen) {
            Some(service) => verdict.lacks(
                GapReason::NotConnected,
                format!("`{service}` is rolled out in steps, and whether its latency is compared meanwhile is not known"),
                "Nothing closes this yet but a step of the pipeline that measures speed.",
            ),
            None => verdict.fault(Severity::Low, format!("no pipeline of `{name}` notices that a build is slower")),
        },
        _ => verdict.lacks(
            GapReason::NotConnected,
            format!("whether a pipeline of `{name}` measures speed is not known"),
            "Connect a clone of the repository (loadline connect git --path …); pipelines outside it are not seen.",
        ),
    }
    verdict.hidden(subject, context, &["setting", "code."]);
    verdict.answer(seen.rows, format!("A slower build of `{name}` stops in its pipeline."))
}

/// A service that is built from the repository and rolled out in steps.
fn in_steps(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>) -> Option<String> {
    services_of(&subject.id, context).into_iter().find_map(|id| {
        let (strategy, from) = context.facts.text(&id, key::DEPLOY_STRATEGY)?;
        if strategy != "canary" {
            return None;
        }
        let name = context.reference(&id).name;
        seen.row(format!("how {name} is rolled out"), strategy, from);
        Some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Relation, Resource, Tier, Value, key};

    fn repository(tier: Tier) -> Case {
        Case::new().has("repo", Resource { tier: Some(tier), ..Resource::new(Kind::Repository, "repo") })
    }

    fn pipeline(measured: bool, stops: bool) -> Case {
        repository(Tier::T0)
            .number("repo", key::CODE_PIPELINES, 2.0)
            .flag("repo", key::CODE_SPEED_MEASURED, measured)
            .flag("repo", key::CODE_SPEED_STOPS, stops)
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        check(repository(Tier::T0), "unknown not_connected");
        check(repository(Tier::T1), "not_applicable");
        check(repository(Tier::T0).number("repo", key::CODE_PIPELINES, 0.0), "unknown not_connected");
        check(repository(Tier::T0).number("repo", key::CODE_PIPELINES, 1.0), "unknown not_connected");
        check(pipeline(false, false), "fail low");
        check(pipeline(true, false), "unknown low_sample");
        check(pipeline(true, true), "pass");
        let canary = pipeline(false, false).thing("api", Kind::Service).edge("api", Relation::BuiltFrom, "repo");
        check(canary.set("api", key::DEPLOY_STRATEGY, Value::Text("canary".into())), "unknown not_connected");
        check(pipeline(true, true).gap("repo", "code.speed"), "unknown permission_denied");
    }
}
