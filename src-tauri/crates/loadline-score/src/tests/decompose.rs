//! Week over week: E10, P18 and every cause.

use super::*;
use crate::{Scored, decompose, decompose_through};

fn of<'a>(score: &'a Score, checks: &'a [Check]) -> Scored<'a> {
    Scored { score, checks, model_version: MODEL_VERSION }
}

/// E10's weights: SPOF-001 30, DATA-001 30, DB-003 20, OBS-001 20.
fn e10_policy() -> Policy {
    let points = [("SPOF", 30.0), ("DATA", 30.0), ("DB", 20.0), ("OBS", 20.0)];
    Policy { domain_points: points.into_iter().map(|(d, p)| (d.to_owned(), p)).collect(), ..Policy::default() }
}

fn e10_rules() -> Vec<RuleInfo> {
    ["SPOF-001", "DATA-001", "DB-003", "OBS-001"].into_iter().map(|id| rule(id, 5, [1.0, 4.0])).collect()
}

fn causes(delta: &Decomposition) -> BTreeMap<Cause, i64> {
    let mut sums = BTreeMap::new();
    for line in &delta.lines {
        *sums.entry(line.cause).or_insert(0) += line.change.0;
    }
    sums
}

fn between(before: &[Check], after: &[Check], rules: &[RuleInfo], policy: &Policy) -> Decomposition {
    let (then, now) = (rated_with(before, rules, policy), rated_with(after, rules, policy));
    let delta = decompose(&of(&then, before), &of(&now, after));
    assert_eq!((delta.from, delta.to), (then.proven_micro, now.proven_micro));
    assert_eq!(delta.lines.iter().map(|l| l.change.0).sum::<i64>(), delta.to.0 - delta.from.0);
    delta
}

#[test]
fn e10_exact_decomposition() {
    let before = [
        fail("SPOF-001", "api", Severity::Critical, 0.5),
        unknown("DATA-001", "db"),
        fail("DB-003", "db", Severity::High, 1.0),
        fail("DB-003", "replica", Severity::High, 0.8),
        pass("OBS-001", "api"),
    ];
    let after = [
        fail("SPOF-001", "api", Severity::High, 0.5),
        pass("DATA-001", "db"),
        pass("DB-003", "db"),
        fail("DB-003", "replica", Severity::High, 0.8),
        pass("OBS-001", "api"),
    ];
    let then = rated_with(&before, &e10_rules(), &e10_policy());
    assert_eq!((then.proven, then.possible, then.coverage), (35.0, 65.0, 0.7));
    let lost: Vec<i64> = then.losses.iter().map(|l| l.lost.0).collect();
    assert_eq!(lost, [30_000_000, 15_000_000, 11_111_111, 8_888_889]);
    assert_eq!(rated_with(&after, &e10_rules(), &e10_policy()).proven, 81.4);

    let delta = between(&before, &after, &e10_rules(), &e10_policy());
    let expected = [
        (Cause::ResolvedUnknown, 30_000_000),
        (Cause::Closed, 11_111_111),
        (Cause::Severity, 6_000_000),
        (Cause::Rescaled, -711_111),
    ];
    assert_eq!(delta.lines.iter().map(|l| (l.cause, l.change.0)).collect::<Vec<_>>(), expected);
}

#[test]
fn every_cause_has_its_name() {
    let anchor = || vec![pass("OBS-001", "api"), pass("SPOF-001", "api"), pass("DATA-001", "db"), pass("DB-003", "db")];
    let with = |check: Check| [anchor(), vec![check]].concat();
    let check = |before: Vec<Check>, after: Vec<Check>, expected: &[Cause]| {
        let delta = between(&before, &after, &e10_rules(), &e10_policy());
        assert_eq!(causes(&delta).into_keys().collect::<Vec<_>>(), expected);
    };
    let bad = |severity, e| fail("DB-003", "api", severity, e);
    check(anchor(), with(bad(Severity::High, 0.5)), &[Cause::Opened]);
    check(with(bad(Severity::High, 0.5)), with(pass("DB-003", "api")), &[Cause::Closed]);
    check(with(bad(Severity::High, 0.5)), with(unknown("DB-003", "api")), &[Cause::BecameUnknown]);
    check(with(unknown("DB-003", "api")), with(bad(Severity::High, 0.5)), &[Cause::ResolvedUnknown]);
    check(with(bad(Severity::High, 0.5)), with(bad(Severity::Low, 0.5)), &[Cause::Severity]);
    check(with(bad(Severity::High, 0.5)), with(bad(Severity::High, 0.8)), &[Cause::Exposure]);
    // A newly discovered or vanished subject is not work done (law 10).
    check(anchor(), with(fail("DB-003", "new", Severity::High, 0.5)), &[Cause::Scope]);
    check(with(fail("DB-003", "old", Severity::High, 0.5)), anchor(), &[Cause::Scope]);
    // A rule that begins to apply takes points from the others.
    let lean: Vec<Check> = anchor().into_iter().filter(|c| c.rule.as_str() != "DB-003").collect();
    check([lean, vec![absent("DB-003", "db")]].concat(), with(bad(Severity::High, 0.5)), &[Cause::Scope]);
}

#[test]
fn severity_and_exposure_together_split_at_the_middle() {
    let rest = || vec![pass("OBS-001", "api"), pass("SPOF-001", "api"), pass("DATA-001", "db")];
    let before = [rest(), vec![fail("DB-003", "api", Severity::High, 0.5)]].concat();
    let after = [rest(), vec![fail("DB-003", "api", Severity::Low, 0.9)]].concat();
    let delta = between(&before, &after, &e10_rules(), &e10_policy());
    // W = 20: e_mid 0.7 × dl −0.5 = −0.35 → +7; l_mid 0.35 × de 0.4 = 0.14 → −2.8.
    assert_eq!(causes(&delta), BTreeMap::from([(Cause::Severity, 7_000_000), (Cause::Exposure, -2_800_000)]));
}

#[test]
fn a_new_model_is_a_cause_of_its_own() {
    let before = [fail("DB-003", "db", Severity::High, 1.0), pass("OBS-001", "api")];
    let anew = [fail("DB-003", "db", Severity::Medium, 1.0), pass("OBS-001", "api")];
    let after = [pass("DB-003", "db"), fail("OBS-001", "api", Severity::Low, 0.5)];
    let score = |checks: &[Check]| rated_with(checks, &e10_rules(), &e10_policy());
    let (then, rejudged, now) = (score(&before), score(&anew), score(&after));
    let old = Scored { model_version: "2025.01-1", ..of(&then, &before) };

    let direct = decompose(&old, &of(&now, &after));
    assert_eq!(causes(&direct), BTreeMap::from([(Cause::Model, now.proven_micro.0 - then.proven_micro.0)]));

    let through = decompose_through(&old, &of(&rejudged, &anew), &of(&now, &after));
    let expected = [(Cause::Model, 15_000_000), (Cause::Closed, 15_000_000), (Cause::Opened, -2_500_000)];
    assert_eq!(causes(&through), BTreeMap::from(expected));
    assert_eq!((through.from, through.to), (then.proven_micro, now.proven_micro));
}

#[test]
fn becoming_rated_is_scope() {
    let after = [fail("DB-003", "db", Severity::High, 1.0)];
    let delta = between(&[], &after, &e10_rules(), &e10_policy());
    assert_eq!(causes(&delta), BTreeMap::from([(Cause::Scope, 40_000_000)]));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn p18_lines_sum_to_the_integer_delta(before in checks(), after in checks(), heavier in 0u32..40) {
        let mut policy = Policy::default();
        let then = rated_with(&before, &catalog(), &policy);
        policy.domain_points.insert("DB".into(), f64::from(heavier));
        let now = rated_with(&after, &catalog(), &policy);
        let delta = decompose(&of(&then, &before), &of(&now, &after));
        prop_assert_eq!(delta.lines.iter().map(|l| l.change.0).sum::<i64>(), now.proven_micro.0 - then.proven_micro.0);
        prop_assert!(delta.lines.iter().all(|l| l.change.0 != 0 && !l.fingerprint.as_str().is_empty()), "every line names a check");
        prop_assert!(delta.lines.is_sorted_by_key(|l| -l.change.0.abs()));
    }

    #[test]
    fn nothing_changed_gives_no_line(checks in checks()) {
        let score = rated(&checks, &catalog());
        prop_assert!(decompose(&of(&score, &checks), &of(&score, &checks)).lines.is_empty());
    }
}
