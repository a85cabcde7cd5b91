//! E7–E9 and P10–P13.

use super::*;
use crate::{
    ComponentWork, DebtInputs, Rating, annual_return, debt, debt_ratio, firefighting_weeks, hotspot, hotspots,
    mid_ranks, payback_quarters,
};

fn owed(checks: &[Check], incidents: &[(&str, f64)], work: &[(&str, ComponentWork)], team: &Team) -> Debt {
    let incidents = incidents.iter().map(|(r, n)| ((*r).into(), *n)).collect();
    let work = work.iter().map(|(s, w)| ((*s).into(), *w)).collect();
    let mut rules = catalog();
    rules.push(rule("ARCH-001", 5, [10.0, 20.0]));
    debt(checks, &rules, &DebtInputs { incidents: &incidents, work: &work, team })
}

#[test]
fn e7_god_service() {
    assert_eq!(payback_quarters(3.0, 1.5), Some(2.0));
    assert_eq!(annual_return(3.0, 1.5), Some(2.0));
    assert_eq!(firefighting_weeks(0.6, 10), 78.0);
    // Through the rule: 10–20 days are 2–4 weeks; five incidents a quarter are 1.5 weeks of interest.
    let debt = owed(&[fail("ARCH-001", "monolith", Severity::High, 1.0)], &[("ARCH-001", 5.0)], &[], &Team::default());
    assert_eq!(debt.principal_weeks, Interval { p10: 2.0, p50: 2.82842712, p90: 4.0 });
    assert_eq!(debt.interest_weeks_per_quarter, 1.5);
    assert_eq!(debt.components[0].payback_quarters, Some(1.88561808));
    // 5 people × 13 weeks × 0.85 × 0.2 = 11.05 weeks a quarter.
    assert_eq!(debt.quarters_to_clear, Some(loadline_model::num::round9(2.82842712 / 11.05)));
}

#[test]
fn nothing_is_divided_by_zero() {
    assert_eq!(
        (payback_quarters(3.0, 0.0), annual_return(0.0, 1.0), payback_quarters(f64::NAN, 1.0)),
        (None, None, None)
    );
    let idle = Team { share: 0.0, ..Team::default() };
    let debt = owed(&[fail("ARCH-001", "monolith", Severity::High, 1.0)], &[], &[], &idle);
    assert_eq!((debt.quarters_to_clear, debt.components[0].payback_quarters), (None, None));
    assert_eq!(owed(&[pass("ARCH-001", "monolith")], &[], &[], &idle), Debt::default());
}

#[test]
fn e8_hotspot() {
    assert_eq!(hotspot(0.9, 0.8), 0.72);
    assert!(hotspot(0.71, 0.71) > 0.5 && hotspot(0.7, 0.7) < 0.5);
    assert_eq!(hotspot(f64::NAN, 0.8), 0.0);
    assert_eq!(mid_ranks(&[1.0, 2.0, 2.0, 5.0]), [0.0, 0.5, 0.5, 1.0]);
    assert_eq!(mid_ranks(&[7.0]), [0.5]);
    assert_eq!(mid_ranks(&[1.0, f64::NAN, 3.0]), [0.0, 0.0, 1.0]);
}

#[test]
fn e9_debt_ratio() {
    assert_eq!(debt_ratio(450.0, 120_000.0), Some((0.06, Rating::B)));
    for (days, rating) in
        [(375.0, Rating::A), (750.0, Rating::B), (1500.0, Rating::C), (3750.0, Rating::D), (3751.0, Rating::E)]
    {
        assert_eq!(debt_ratio(days, 120_000.0).map(|r| r.1), Some(rating), "{days}");
    }
    assert_eq!((debt_ratio(1.0, 0.0), debt_ratio(f64::NAN, 10.0), debt_ratio(-1.0, 10.0)), (None, None, None));
}

#[test]
fn findings_that_share_a_remediation_count_its_principal_once() {
    let mut twin = fail("DB-003", "db", Severity::High, 0.5);
    twin.fingerprint = Fingerprint::of(&twin.rule, &twin.subject.id, "second query");
    let one = owed(&[fail("DB-003", "db", Severity::High, 0.5)], &[("DB-003", 1.0)], &[], &Team::default());
    let two = owed(&[fail("DB-003", "db", Severity::High, 0.5), twin], &[("DB-003", 1.0)], &[], &Team::default());
    assert_eq!(
        (one.principal_weeks, one.interest_weeks_per_quarter),
        (two.principal_weeks, two.interest_weeks_per_quarter)
    );
    assert_eq!((one.components[0].findings.len(), two.components[0].findings.len()), (1, 2));
    assert_eq!(one.interest_weeks_per_quarter, 0.15);
}

#[test]
fn hot_components_cost_extra_and_are_listed_by_interest() {
    let hot = ComponentWork { changes_per_quarter: 100.0, hotspot: 0.75, delay_weeks_per_quarter: 0.1 };
    let cold = ComponentWork { hotspot: 0.4, delay_weeks_per_quarter: 0.0, ..hot };
    let checks = [
        fail("DB-003", "a", Severity::High, 1.0),
        fail("DB-003", "b", Severity::High, 1.0),
        fail("ARCH-001", "c", Severity::Low, 1.0),
    ];
    let debt = owed(&checks, &[], &[("b", hot), ("a", cold)], &Team::default());
    let listed: Vec<(&str, f64)> =
        debt.components.iter().map(|c| (c.subject.name.as_str(), c.interest_weeks_per_quarter)).collect();
    assert_eq!(listed, [("b", 0.6), ("c", 0.0), ("a", 0.0)]);
}

fn file(churn: f64, complexity: f64) -> CodeStat {
    let (churn, complexity) = (Some(churn), Some(complexity));
    CodeStat { path: "p".into(), language: "rust".into(), lines: 1.0, complexity, churn, ..CodeStat::default() }
}

#[test]
fn files_are_ranked_within_their_language_and_unknown_stays_unknown() {
    let mut files = vec![file(1.0, 1.0), file(9.0, 9.0), file(5.0, 5.0)];
    files.push(CodeStat { language: "go".into(), ..file(3.0, 3.0) });
    files.push(CodeStat { churn: None, ..file(0.0, 3.0) });
    assert_eq!(hotspots(&files), [Some(0.0), Some(1.0), Some(0.25), Some(0.25), None]);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn p10_debt_is_additive_and_not_negative(checks in checks(), rate in 0.0..5.0f64) {
        let incidents = [("DB-003", rate), ("SPOF-001", 1.0)];
        let part = |wanted: fn(&str) -> bool| {
            let own: Vec<Check> = checks.iter().filter(|c| wanted(c.subject.name.as_str())).cloned().collect();
            owed(&own, &incidents, &[], &Team::default())
        };
        let (whole, left, right) = (part(|_| true), part(|s| s < "s2"), part(|s| s >= "s2"));
        let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
        prop_assert!(close(whole.interest_weeks_per_quarter, left.interest_weeks_per_quarter + right.interest_weeks_per_quarter));
        prop_assert!(close(whole.principal_weeks.p50, left.principal_weeks.p50 + right.principal_weeks.p50));
        prop_assert!(whole.interest_weeks_per_quarter >= 0.0 && whole.principal_weeks.p10 <= whole.principal_weeks.p90);
    }

    #[test]
    fn p11_removing_a_finding_never_raises(checks in checks(), at in any::<prop::sample::Index>()) {
        let work = ComponentWork { changes_per_quarter: 40.0, hotspot: 0.9, delay_weeks_per_quarter: 0.2 };
        let of = |checks: &[Check]| owed(checks, &[("DB-003", 2.0), ("OBS-001", 1.0)], &[("s0", work), ("s1", work)], &Team::default());
        let mut fewer = checks.clone();
        fewer.remove(at.index(checks.len()));
        let (before, after) = (of(&checks), of(&fewer));
        prop_assert!(after.interest_weeks_per_quarter <= before.interest_weeks_per_quarter);
        prop_assert!(after.principal_weeks.p50 <= before.principal_weeks.p50);
    }

    #[test]
    fn p12_h_is_invariant_to_monotone_transforms(stats in prop::collection::vec((0u32..20, 0u32..50), 1..30)) {
        let plain: Vec<CodeStat> = stats.iter().map(|(c, x)| file(f64::from(*c), f64::from(*x))).collect();
        let bent: Vec<CodeStat> = stats.iter().map(|(c, x)| file(f64::from(c * c * 3), f64::from(x * x * x + 7))).collect();
        prop_assert_eq!(hotspots(&plain), hotspots(&bent));
    }

    #[test]
    fn p13_without_churn_there_is_no_hotspot(stats in prop::collection::vec((0u32..3, 0u32..50), 1..30)) {
        let files: Vec<CodeStat> = stats.iter().map(|(c, x)| file(f64::from(*c), f64::from(*x))).collect();
        for (file, score) in files.iter().zip(hotspots(&files)) {
            prop_assert!(file.churn != Some(0.0) || score == Some(0.0));
            prop_assert!(score.is_some_and(|h| (0.0..=1.0).contains(&h)));
        }
    }
}
