use super::RULE;
use crate::testing::{Case, as_of};
use loadline_model::{Basis, ORGANISATION, Setting, Value, key};

fn said(case: Case, basis: Basis, key: &str, value: Value, days: i64) -> Case {
    let setting = Setting { key: key.into(), item: Some("layers".into()), value };
    case.fact(ORGANISATION, basis, setting).edit(|s| {
        if let Some(fact) = s.facts.last_mut() {
            fact.provenance.read_at = as_of().plus_days(-days);
        }
    })
}

fn done(case: Case, days: i64, share: f64) -> Case {
    said(case, Basis::Stated, key::MIGRATION_PROGRESS, Value::Number(share), days)
}

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, ORGANISATION), expected);
    let new = Case::new;
    check(new(), "not_applicable");
    check(new().gap("x", key::MIGRATION_PROGRESS), "unknown permission_denied");
    check(done(new(), 3, 0.4), "unknown short_window");
    check(done(done(new(), 60, 0.4), 3, 0.41), "fail medium");
    check(done(done(new(), 60, 0.4), 3, 0.3), "fail medium");
    // It moves, as a person says: that is no proof.
    check(done(done(new(), 60, 0.4), 3, 0.5), "unknown not_connected");
    check(done(done(new(), 60, 0.4), 3, 0.42), "unknown not_connected");
    check(done(done(new(), 60, 0.96), 3, 0.96), "unknown not_connected");
    check(done(done(new(), 200, 0.4), 70, 0.4), "unknown stale");
    let quiet = |case| said(case, Basis::Stated, key::MIGRATION_OLD_TRAFFIC, Value::Number(0.04), 3);
    check(quiet(done(done(new(), 60, 0.4), 3, 0.41)), "fail low");
    check(quiet(new()), "unknown not_connected");
    let both = |case, day: &str| said(case, Basis::Stated, key::MIGRATION_BOTH_WRITE_SINCE, Value::Text(day.into()), 3);
    check(both(new(), "2026-08-01"), "fail medium");
    check(both(new(), "2026-11-01"), "unknown not_connected");
}

#[test]
fn what_a_tool_measured_may_pass() {
    let measured = |case, days, share| said(case, Basis::Measured, key::MIGRATION_PROGRESS, Value::Number(share), days);
    let mut case = measured(Case::new(), 3, 0.5);
    case.policy.stale_after_days = 90.0;
    assert_eq!(measured(case, 60, 0.4).answer(&RULE, ORGANISATION), "pass");
}
