//! Health checks are shallow or correctness is untested.

use super::telemetry::upstream_of;
use crate::db::wording::duration;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{Basis, CheckResult, Escalation, Evidence, GapReason, Kind, Provenance, Severity, SubjectId, key};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "OBS-008",
    title: "Health checks are shallow or correctness is untested",
    question: "Does \"200 OK\" prove that the system works?",
    why: "Five of six startups checked only that a process answers; one answered 200 to every request while 8 % of the payloads \
          were wrong (S2).",
    condition: "Readiness answers without touching what the service needs, or nobody runs a scripted journey that asserts content \
                every 5 minutes on a T0 service",
    fix: &[
        "readiness with bounded checks of dependencies, liveness without them",
        "scripted sign-up, login, search and checkout that assert what comes back",
        "compare a sample of answers with the source of truth",
    ],
    effort_days: [1.0, 3.0],
    effort_source: "S2: inside 1-2 weeks",
    weight: 3,
    severity: "high: a T0 service without a good scripted journey; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[Number { key: "interval_minutes", value: 5.0, unit: "min", source: "S2" }],
    sources: &[
        ("aws", "elasticloadbalancing:DescribeTargetGroups -> HealthCheckPath, Matcher; synthetics:DescribeCanaries"),
        ("kubernetes", "readinessProbe and livenessProbe paths"),
        ("repository", "handler of the health route; checkly files"),
        ("datadog", "GET /api/v1/synthetics/tests -> assertions"),
        ("newrelic", "NerdGraph synthetics monitors"),
        ("gcp", "monitoring uptimeCheckConfigs -> contentMatchers, period"),
    ],
    proof_metric: "journey_success_ratio",
    proof: "the success of scripted journeys is known and failures are noticed in minutes",
    false_positives: "A deep liveness probe restarts healthy pods: that is a problem of its own.",
    unknown_when: "neither the repository nor the scripted checks are connected",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let facts = context.facts;
    let before = upstream_of(subject, context);
    let mut evidence = Vec::new();
    let none = before.iter().find_map(|id| facts.flag(id, key::HEALTH_CHECKS)).filter(|(on, _)| !on);
    let deep = before.iter().find_map(|id| facts.flag(id, key::HEALTH_CHECK_DEEP));
    evidence.extend(none.map(|(_, p)| Evidence::read("health checks", "none", p)));
    evidence.extend(deep.map(|(d, p)| {
        Evidence::read("readiness", if d { "touches what the service needs" } else { "only the process" }, p)
    }));
    // What a route touches is recognised in its code.
    let recognised = deep.is_some_and(|(_, p)| p.basis == Basis::Inferred);
    let likely = if recognised { "likely " } else { "" };
    let scripted = scripted(&before, context);
    evidence.extend(scripted.iter().flat_map(|s| {
        let interval =
            s.interval.map(|(m, p)| Evidence::read("scripted journey", format!("every {}", duration(m * 60.0)), p));
        let content = s.asserts.map(|(a, p)| Evidence::read("it asserts content", if a { "yes" } else { "no" }, p));
        interval.into_iter().chain(content)
    }));
    let limit = subject.number("interval_minutes");
    let good = |s: &Scripted<'_>| s.interval.is_some_and(|(m, _)| m <= limit) && s.asserts.is_some_and(|(a, _)| a);
    let bad = |s: &Scripted<'_>| s.interval.is_some_and(|(m, _)| m > limit) || s.asserts.is_some_and(|(a, _)| !a);
    let works = scripted.iter().any(good);
    if subject.is_t0() && !works && !scripted.is_empty() && scripted.iter().all(bad) {
        let sentence = format!(
            "The scripted checks of `{}` run too rarely or assert nothing: wrong answers with status 200 stay unseen.",
            subject.name()
        );
        return CheckResult::fail(Severity::High, sentence, evidence);
    }
    if none.is_some() || deep.is_some_and(|(d, _)| !d) {
        let what = match none {
            Some(_) => "Nobody checks the health of",
            None if recognised => "Likely only the process is checked on",
            None => "Only the process is checked on",
        };
        let sentence = format!("{what} `{}`: it keeps receiving requests it cannot serve.", subject.name());
        return CheckResult::fail(Severity::Medium, sentence, evidence).with_remedy(
            "Let readiness run `SELECT 1` and a cache ping with a 1 s limit; leave liveness to the process alone.",
        );
    }
    let unseen = match (deep.is_none(), subject.is_t0() && !works) {
        (false, false) => {
            return CheckResult::pass(
                format!("Health of `{}` is {likely}checked through to what it needs.", subject.name()),
                evidence,
            );
        }
        (true, _) => "what its readiness check touches",
        (_, true) => "whether a scripted journey with assertions runs",
    };
    let detail = format!("{unseen} is not known for `{}`", subject.name());
    CheckResult::unknown(
        GapReason::NotConnected,
        detail,
        "Connect the repository (health route) and the scripted checks (synthetics:DescribeCanaries, Datadog or New Relic synthetics, checkly).",
    )
    .with_evidence(evidence)
}

struct Scripted<'a> {
    interval: Option<(f64, &'a Provenance)>,
    asserts: Option<(bool, &'a Provenance)>,
}

/// Scripted checks on the service, on what stands before it, or on a journey that reaches it.
fn scripted<'a>(before: &[SubjectId], context: &Context<'a>) -> Vec<Scripted<'a>> {
    let journeys = context.topology.graph.journeys.iter().filter(|j| !j.implicit);
    let reaching = journeys.filter(|j| before.iter().any(|id| context.reach_of(j).contains(id))).map(|j| j.id.clone());
    let owners: BTreeSet<SubjectId> = before.iter().cloned().chain(reaching).collect();
    owners
        .iter()
        .map(|id| Scripted {
            interval: context.facts.number(id, key::SYNTHETIC_INTERVAL_MINUTES),
            asserts: context.facts.flag(id, key::SYNTHETIC_ASSERTS_CONTENT),
        })
        .filter(|s| s.interval.is_some() || s.asserts.is_some())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::obs::telemetry::cases::{journey, service};
    use crate::testing::Case;
    use loadline_model::{Basis, Kind, Relation, Setting, Tier, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let deep = |tier, on| service(tier).flag("api", key::HEALTH_CHECK_DEEP, on);
        let scripted = |case: Case, on: &str, minutes, asserts| {
            case.number(on, key::SYNTHETIC_INTERVAL_MINUTES, minutes).flag(on, key::SYNTHETIC_ASSERTS_CONTENT, asserts)
        };
        check(service(Tier::T1), "unknown not_connected");
        check(deep(Tier::T1, true), "pass");
        check(deep(Tier::T1, false), "fail medium");
        check(deep(Tier::T0, true), "unknown not_connected");
        check(scripted(deep(Tier::T0, true), "api", 5.0, true), "pass");
        check(scripted(deep(Tier::T0, true), "api", 10.0, true), "fail high");
        check(scripted(deep(Tier::T0, true), "api", 1.0, false), "fail high");
        check(scripted(journey(deep(Tier::T0, true), "buy", 1.0), "buy", 5.0, true), "pass");
        let balanced = service(Tier::T0).thing("lb", Kind::LoadBalancer).edge("lb", Relation::Serves, "api");
        check(balanced.flag("lb", key::HEALTH_CHECKS, false), "fail medium");
    }

    #[test]
    fn what_a_route_touches_is_likely() {
        let said = |on| Setting { key: key::HEALTH_CHECK_DEEP.into(), item: None, value: Value::Bool(on) };
        let sentence = |on| {
            let case = service(Tier::T1).fact("api", Basis::Inferred, said(on));
            case.check_of(&RULE, "api").result.sentence
        };
        assert!(sentence(false).starts_with("Likely only the process"), "{}", sentence(false));
        assert!(sentence(true).contains("is likely checked"), "{}", sentence(true));
    }
}
