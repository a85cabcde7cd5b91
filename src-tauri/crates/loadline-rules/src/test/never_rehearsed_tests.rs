use super::RULE;
use crate::testing::{Case, as_of};
use loadline_model::{
    Basis, Environment, Incident, Kind, ORGANISATION, Resource, Setting, TestKind, TestRun, Tier, Value, key,
};

fn db(tier: Tier) -> Case {
    Case::new().has("db", Resource { tier: Some(tier), ..Resource::new(Kind::Database, "db") })
}

fn drilled(case: Case, kind: TestKind, days: i64, passed: bool) -> Case {
    let at = as_of().plus_days(-days);
    let run = TestRun {
        kind,
        at,
        passed,
        peak_multiplier: None,
        requests_per_second: None,
        recovery_s: Some(41.0),
        note: None,
    };
    case.has("db", run)
}

fn met(days: i64, failover: Option<bool>, over: bool) -> Case {
    let started_at = as_of().plus_days(-days);
    db(Tier::T0).has(
        "db",
        Incident {
            id: "i".into(),
            title: "The primary died".into(),
            started_at,
            detected_at: None,
            resolved_at: over.then(|| started_at.plus_hours(1)),
            caused_by: None,
            failover,
            journeys: Vec::new(),
        },
    )
}

fn said(on: bool, days: i64) -> Case {
    let setting = Setting { key: key::TEST_DRILL_180D.into(), item: None, value: Value::Bool(on) };
    db(Tier::T0).fact(ORGANISATION, Basis::Stated, setting).edit(|s| {
        if let Some(last) = s.facts.last_mut() {
            last.provenance.read_at = as_of().plus_days(-days);
        }
    })
}

fn check(case: Case, expected: &str) {
    assert_eq!(case.answer(&RULE, "db"), expected);
}

#[test]
fn drills() {
    check(db(Tier::T0), "unknown not_connected");
    check(db(Tier::T1), "not_applicable");
    let staging = Resource { environment: Some(Environment::Staging), ..Resource::new(Kind::Database, "db") };
    check(Case::new().has("db", staging), "not_applicable");
    check(db(Tier::T0).flag("db", key::IS_STANDBY, true), "not_applicable");
    let drill = |kind, days, passed| drilled(db(Tier::T0), kind, days, passed);
    check(drill(TestKind::Failover, 180, true), "pass");
    check(drill(TestKind::Chaos, 30, true), "pass");
    check(drill(TestKind::Failover, 181, true), "fail medium");
    check(drill(TestKind::Failover, 30, false), "fail high");
    check(drilled(drill(TestKind::Failover, 30, false), TestKind::Failover, 3, true), "pass");
    check(drilled(drill(TestKind::Failover, 30, true), TestKind::Chaos, 3, false), "fail high");
    check(drilled(drill(TestKind::Failover, 30, true), TestKind::Failover, 30, false), "fail high");
    check(drill(TestKind::Failover, -3, true), "unknown not_connected");
    check(drill(TestKind::Failover, 30, true).gap("db", "test_run"), "unknown permission_denied");
}

#[test]
fn words_neither_pass_nor_weaken_what_an_account_tells() {
    let told = |case: Case, days: i64, passed: bool| {
        let run = TestRun {
            kind: TestKind::Failover,
            at: as_of().plus_days(-days),
            passed,
            peak_multiplier: None,
            requests_per_second: None,
            recovery_s: None,
            note: None,
        };
        case.fact("db", Basis::Stated, run)
    };
    check(told(db(Tier::T0), 3, true), "unknown not_connected");
    check(told(db(Tier::T0), 3, false), "fail high");
    check(told(met(30, Some(true), true), 3, true), "pass");
    check(told(met(30, Some(true), true), 3, false), "fail high");
    check(told(met(200, Some(true), true), 3, true), "unknown not_connected");
}

#[test]
fn a_load_test_or_a_restore_is_no_drill() {
    for kind in [TestKind::Load, TestKind::Synthetic, TestKind::Recovery] {
        check(drilled(db(Tier::T0), kind, 3, true), "unknown not_connected");
    }
}

#[test]
fn a_failure_that_was_met_and_stood_is_one() {
    check(met(30, Some(true), true), "pass");
    check(met(200, Some(true), true), "fail medium");
    check(met(30, Some(true), false), "unknown not_connected");
    check(met(30, Some(false), true), "unknown not_connected");
    check(met(30, None, true), "unknown not_connected");
}

#[test]
fn a_person_may_convict_and_never_acquits() {
    check(said(false, 3), "fail high");
    check(said(true, 3), "unknown not_connected");
    check(said(false, 181), "unknown not_connected");
    check(drilled(said(false, 3), TestKind::Failover, 30, true), "pass");
}
