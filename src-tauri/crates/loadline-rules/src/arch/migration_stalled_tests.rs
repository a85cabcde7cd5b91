use super::RULE;
use crate::testing::{Case, as_of};
use loadline_model::{Basis, CodeMigration, Kind, MigrationMoment, ORGANISATION, Outcome, Setting, Value, key};

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

/// A repository in which the migration `layers` was counted at the end of each week, oldest first, as old and new lines.
fn counted(case: Case, lines: &[(f64, f64)]) -> Case {
    let weeks = lines.len() as i64 - 1;
    let moment = |(i, (old, new)): (usize, &(f64, f64))| MigrationMoment {
        at: as_of().plus_days(-7 * (weeks - i as i64)).plus_hours(-1),
        old_lines: *old,
        new_lines: *new,
    };
    let moments = lines.iter().enumerate().map(moment).collect();
    let migration = CodeMigration { name: "layers".into(), old: vec!["old".into()], new: vec!["new".into()], moments };
    case.thing("repo", Kind::Repository).fact("repo", Basis::Measured, migration)
}

fn weekly(count: u32, each: impl Fn(f64) -> (f64, f64)) -> Case {
    counted(Case::new(), &(0..count).map(|i| each(f64::from(i))).collect::<Vec<_>>())
}

#[test]
fn lines_are_judged_as_words_are() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, ORGANISATION), expected);
    let moving = |i: f64| (1_000.0 - 10.0 * i, 10.0 * i);
    check(weekly(27, moving), "pass");
    check(weekly(9, moving), "pass");
    check(weekly(8, moving), "unknown short_window");
    check(weekly(27, |_| (600.0, 400.0)), "fail medium");
    check(weekly(27, |i| (600.0 + 20.0 * i, 400.0 + 10.0 * i)), "fail medium");
    // 1.9 points in eight weeks are too few, 2 are enough.
    let lately = |points: f64| {
        move |i: f64| (1_000.0 - if i == 26.0 { points } else { 0.0 }, if i == 26.0 { points } else { 0.0 })
    };
    check(weekly(27, lately(19.0)), "fail medium");
    check(weekly(27, lately(20.0)), "pass");
    check(weekly(27, |_| (40.0, 960.0)), "pass");
    check(weekly(27, |i| (if i == 26.0 { 0.0 } else { 5.0 }, 0.0)), "unknown low_sample");
    check(weekly(27, moving).gap("repo", "migration.progress"), "unknown permission_denied");
    check(Case::new().gap("repo", "migration.progress"), "unknown permission_denied");
    check(
        said(weekly(27, |_| (600.0, 400.0)), Basis::Stated, key::MIGRATION_OLD_TRAFFIC, Value::Number(0.04), 3),
        "fail low",
    );
}

#[test]
fn what_was_counted_wins_over_what_was_said() {
    let moving = |i: f64| (1_000.0 - 10.0 * i, 10.0 * i);
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, ORGANISATION), expected);
    check(done(done(weekly(27, moving), 60, 0.4), 3, 0.4), "pass");
    check(done(done(weekly(27, |_| (600.0, 400.0)), 60, 0.4), 3, 0.6), "fail medium");
    check(said(weekly(27, moving), Basis::Stated, key::MIGRATION_OLD_TRAFFIC, Value::Number(0.5), 3), "pass");
    let both = |day: &str| {
        said(weekly(27, moving), Basis::Stated, key::MIGRATION_BOTH_WRITE_SINCE, Value::Text(day.into()), 3)
    };
    check(both("2026-08-01"), "fail medium");
    check(both("2026-11-01"), "unknown not_connected");
    // Another migration of which only words are known keeps its own verdict.
    let mut other = done(done(weekly(27, moving), 60, 0.4), 3, 0.4);
    other = other.edit(|s| {
        for fact in &mut s.facts {
            if let loadline_model::Body::Setting(setting) = &mut fact.body {
                setting.item = Some("payments".into());
            }
        }
    });
    check(other, "fail medium");
}

#[test]
fn the_evidence_shows_the_lines_and_when_it_would_be_done() {
    let shown = |case: Case| {
        let check = case.check_of(&RULE, ORGANISATION);
        let rows: Vec<String> = check.result.evidence.iter().map(|e| format!("{}: {}", e.label, e.value)).collect();
        (check.result.sentence, rows, matches!(check.result.outcome, Outcome::Pass))
    };
    let (_, rows, passed) = shown(weekly(27, |i| (1_000.0 - 10.0 * i, 10.0 * i)));
    assert!(passed);
    assert_eq!(
        rows,
        [
            "layers: done: 26 %",
            "layers: lines: 740 old, 260 new",
            "layers: lines 56 days before: 820 old, 180 new, 18 % done",
            "layers: 95 % done: about 2028-03-13, if it goes on like this",
        ]
    );
    let (sentence, rows, _) = shown(weekly(27, |i| (600.0 + 20.0 * i, 400.0 + 10.0 * i)));
    assert_eq!(
        sentence,
        "`layers` moved by -0.6 points in 56 days, its old path grew by 160 lines and stands at 37 %."
    );
    assert!(!rows.iter().any(|row| row.contains("goes on")), "{rows:?}");
}
