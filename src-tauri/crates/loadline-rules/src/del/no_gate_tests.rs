use super::RULE;
use crate::testing::Case;
use loadline_model::{Kind, Resource, Setting, Tier, Value, key};

fn repository(tier: Tier) -> Case {
    Case::new().has("repo", Resource { tier: Some(tier), ..Resource::new(Kind::Repository, "repo") })
}

fn guarded(tests: bool, checks: f64, green: f64) -> Case {
    repository(Tier::T0)
        .number("repo", key::CODE_PIPELINES, 1.0)
        .flag("repo", key::CODE_TESTS_RUN, tests)
        .number("repo", key::CHANGE_CHECKS, checks)
        .number("repo", key::CHANGE_GREEN_SHARE, green)
        .number("repo", key::CHANGE_REVISIONS, 40.0)
}

/// A check by name.
fn requires(case: Case, check: &str) -> Case {
    case.has("repo", Setting { key: key::CHANGE_CHECKS.into(), item: Some(check.into()), value: Value::Number(1.0) })
}

/// The same with who may push past the checks.
fn pushed(by_request: Option<bool>, binds: Option<bool>) -> Case {
    let said = |case: Case, key, on: Option<bool>| match on {
        Some(on) => case.flag("repo", key, on),
        None => case,
    };
    let case = said(tested(true), key::CHANGE_BY_REQUEST, by_request);
    said(case, key::CHANGE_CHECKS_BIND_PUSHES, binds)
}

/// A required check that tests, with whether administrators are bound.
fn tested(administrators: bool) -> Case {
    requires(guarded(true, 2.0, 0.97), "test").flag("repo", key::CHANGE_BINDS_ADMINISTRATORS, administrators)
}

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
    check(repository(Tier::T0), "unknown not_connected");
    check(pushed(Some(true), None), "pass");
    check(pushed(Some(true), Some(false)), "pass");
    check(pushed(Some(false), Some(true)), "pass");
    check(pushed(Some(false), Some(false)), "fail medium");
    check(pushed(None, Some(false)), "unknown not_connected");
    check(pushed(Some(false), None), "unknown not_connected");
    check(tested(true), "unknown not_connected");
    check(tested(false).flag("repo", key::CHANGE_BY_REQUEST, true), "fail low");
    // Of two that build it the one with the most failures counts, also when the other was read last.
    let other = pushed(Some(true), None).number("repo", key::CHANGE_GREEN_SHARE, 0.5).edit(|snapshot| {
        if let Some(last) = snapshot.facts.last_mut() {
            last.provenance.call = "other".into();
            last.provenance.read_at = last.provenance.read_at.plus_hours(-5);
        }
    });
    check(other, "fail high");
    check(guarded(false, 2.0, 0.97), "fail high");
    check(guarded(true, 0.0, 0.97), "fail high");
    check(guarded(true, 2.0, 0.89), "fail high");
    check(guarded(true, 0.0, 0.97).number("repo", key::TRUCK_FACTOR, 1.0), "fail critical");
    check(guarded(true, 0.0, 0.97).number("repo", key::TRUCK_FACTOR, 3.0), "fail high");
    // Half of it known and good is not enough.
    let host = repository(Tier::T1).number("repo", key::CHANGE_CHECKS, 2.0);
    check(host.number("repo", key::CHANGE_GREEN_SHARE, 1.0), "unknown not_connected");
    let clone = repository(Tier::T1).number("repo", key::CODE_PIPELINES, 1.0);
    check(clone.flag("repo", key::CODE_TESTS_RUN, true), "unknown not_connected");
}

#[test]
fn a_signed_agreement_and_one_run_are_no_gate() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
    let bound = |case: Case| {
        case.flag("repo", key::CHANGE_BY_REQUEST, true).flag("repo", key::CHANGE_BINDS_ADMINISTRATORS, true)
    };
    check(requires(bound(guarded(true, 1.0, 1.0)), "license/cla"), "unknown unmapped_subject");
    check(bound(guarded(true, 1.0, 1.0)), "unknown unmapped_subject");
    check(requires(requires(bound(guarded(true, 2.0, 1.0)), "license/cla"), "ci / test (3.12)"), "pass");
    let ruleset = requires(guarded(true, 1.0, 1.0), "test").flag("repo", key::CHANGE_BY_REQUEST, true);
    check(ruleset, "unknown permission_denied");
    let passed = || requires(bound(guarded(true, 1.0, 1.0)), "test");
    let few = |n: f64| {
        passed().edit(|s| {
            for fact in &mut s.facts {
                if let loadline_model::Body::Setting(setting) = &mut fact.body
                    && setting.key == key::CHANGE_REVISIONS
                {
                    setting.value = Value::Number(n);
                }
            }
        })
    };
    check(few(1.0), "unknown low_sample");
    check(few(10.0), "pass");
    let year =
        |commits: f64| passed().number("repo", key::HISTORY_DAYS, 900.0).number("repo", key::HISTORY_COMMITS, commits);
    check(year(5_000.0), "pass");
    check(year(6_000.0), "unknown low_sample");
}
