//! E7–E9 and P10–P13.

use super::*;
use crate::{
    ComponentWork, DebtInputs, Rating, annual_return, calibration, code_debt, debt, debt_ratio, firefighting_weeks,
    hotspot, hotspots, mid_ranks, payback_quarters,
};

fn owed(checks: &[Check], incidents: &[(&str, f64)], work: &[(&str, ComponentWork)], team: &Team) -> Debt {
    owed_at(checks, incidents, work, team, Calibration::default())
}

fn owed_at(
    checks: &[Check],
    incidents: &[(&str, f64)],
    work: &[(&str, ComponentWork)],
    team: &Team,
    calibration: Calibration,
) -> Debt {
    let incidents = incidents.iter().map(|(r, n)| ((*r).into(), *n)).collect();
    let work = work.iter().map(|(s, w)| ((*s).into(), *w)).collect();
    let mut rules = catalog();
    rules.push(rule("ARCH-001", 5, [10.0, 20.0]));
    let lines = CodeDebt { lines: Some(120_000.0), ..CodeDebt::default() };
    let code = [("repo".into(), lines)].into();
    let inputs =
        DebtInputs { incidents: &incidents, work: &work, code: &code, calibration, unplanned: Some(0.6), team };
    debt(checks, &rules, &inputs)
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
    let none = owed(&[pass("ARCH-001", "monolith")], &[], &[], &idle);
    assert_eq!(none, Debt { unplanned_weeks: none.unplanned_weeks, ..Debt::default() });
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

#[test]
fn principal_interest_payback_and_quarters_are_ranges() {
    let check = fail("ARCH-001", "monolith", Severity::High, 1.0);
    let debt = owed(std::slice::from_ref(&check), &[("ARCH-001", 5.0)], &[], &Team { people: 10, ..Team::default() });
    let one = &debt.components[0];
    assert_eq!(one.interest_weeks, Interval { p10: 0.75, p50: 1.5, p90: 3.0 });
    // The soonest: two weeks saving three a quarter; the latest: four saving three quarters of one.
    assert_eq!(one.payback, Some(Interval { p10: 0.666666667, p50: 1.88561808, p90: 5.33333333 }));
    assert_eq!(one.annual_return, Some(2.12132035));
    // 10 people × 13 weeks × 0.85 × 0.2 = 22.1 weeks a quarter.
    let quarters = debt.quarters.expect("a share is set aside");
    assert!((quarters.p10 - 2.0 / 22.1).abs() < 1e-9 && (quarters.p90 - 4.0 / 22.1).abs() < 1e-9, "{quarters:?}");
    assert_eq!((debt.interest_weeks, Some(quarters.p50)), (one.interest_weeks, debt.quarters_to_clear));
    // Six tenths of the time of ten people is 78 engineer-weeks a quarter (E7).
    assert_eq!(debt.unplanned_weeks, Some(78.0));
    let seen = Exposure { low: 0.5, high: 1.0, known: false };
    let unmapped = owed(&[Check { exposure: seen, ..check }], &[("ARCH-001", 5.0)], &[], &Team::default());
    assert_eq!(unmapped.interest_weeks, Interval { p10: 0.375, p50: 1.5, p90: 3.0 });
}

#[test]
fn each_finding_says_what_it_costs() {
    let mut twin = fail("DB-003", "repo", Severity::High, 1.0);
    twin.fingerprint = Fingerprint::of(&twin.rule, &twin.subject.id, "second query");
    let checks = [fail("DB-003", "repo", Severity::High, 1.0), twin, fail("ARCH-001", "repo", Severity::High, 1.0)];
    let work = ComponentWork { changes_per_quarter: 60.0, hotspot: 0.75, delay_weeks_per_quarter: 0.0 };
    let debt = owed(&checks, &[("DB-003", 2.0)], &[("repo", work)], &Team::default());
    let one = &debt.components[0];
    let listed: Vec<(&str, f64, f64)> =
        one.by_finding.iter().map(|f| (f.rule.as_str(), f.principal_weeks.p50, f.interest_weeks.p50)).collect();
    // 60 changes at a quarter above one half are 0.3 weeks shared by three; two incidents are 0.6 shared by two.
    assert_eq!(listed, [("DB-003", 0.4, 0.4), ("DB-003", 0.4, 0.4), ("ARCH-001", 2.82842712, 0.1)]);
    assert_eq!(one.by_finding[0].remediation, one.by_finding[1].remediation);
    // The twins' principal counts once.
    assert!((one.principal_weeks.p50 - 3.22842712).abs() < 1e-8);
    // 16.1 days on 7,500 of writing 120,000 lines anew.
    let code = one.code.as_ref().expect("its lines are known");
    assert_eq!((code.ratio, code.rating.as_deref()), (Some(0.00215228475), Some("A")));
}

#[test]
fn what_items_took_calibrates_from_three_on() {
    let rules = [rule("DB-003", 2, [1.0, 4.0]), rule("ARCH-001", 5, [10.0, 20.0])];
    let of = |took: &[(&str, f64)]| calibration(&took.iter().map(|(id, t)| ((*id).into(), *t)).collect(), &rules);
    // The estimate of DB-003 is 0.2, 0.4, 0.8 weeks.
    let two = of(&[("DB-003@a", 0.8), ("DB-003@b", 0.8)]);
    assert_eq!((two.items, two.held, two.ratio, two.factor), (2, 2, Some(2.0), None));
    let three = of(&[("DB-003@a", 0.8), ("DB-003@b", 0.8), ("DB-003@c", 80.0)]);
    // One typing error does not move the median; 2^(3 / 6) is the factor.
    let root = num::round9(std::f64::consts::SQRT_2);
    assert_eq!((three.items, three.held, three.ratio, three.factor), (3, 2, Some(2.0), Some(root)));
    let nonsense = of(&[("DB-003@a", f64::NAN), ("DB-003@b", -1.0), ("GONE-001@c", 1.0), ("DB-003@d", 0.0)]);
    assert_eq!(nonsense, Calibration::default());
    let check = [fail("DB-003", "db", Severity::High, 1.0)];
    let at = |calibration| owed_at(&check, &[], &[], &Team::default(), calibration).principal_weeks.p50;
    assert_eq!((at(two), at(three)), (0.4, 0.565685424));
}

#[test]
fn hotspot_worst_and_mean_stand_side_by_side() {
    let of = |path: &str, lines: f64, churn: f64, complexity: f64, hotspot: f64| CodeStat {
        path: path.into(),
        lines,
        hotspot: Some(hotspot),
        ..file(churn, complexity)
    };
    let files = [
        of("hot", 300.0, 30.0, 60.0, 0.9),
        of("warm", 100.0, 10.0, 20.0, 0.6),
        of("old", 500.0, 0.0, 90.0, 0.0),
        of("plain", 9_100.0, 4.0, 1.0, 0.2),
    ];
    let code = code_debt(&files, Some(4.0), Some(10_000.0)).expect("measured");
    // (30 × 60 + 10 × 20) / 40; (300 × 60 + 100 × 20 + 500 × 90 + 9,100 × 1) / 10,000.
    assert_eq!((code.hotspot, code.worst, code.mean), (Some(50.0), Some(90.0), Some(7.41)));
    assert_eq!((code.worst_path.as_deref(), code.lines), (Some("old"), Some(10_000.0)));
    // With files left out neither the worst nor the mean is known, and a component without files has no code.
    let partly = code_debt(&files, Some(5.0), None).expect("measured");
    assert_eq!((partly.hotspot, partly.worst, partly.worst_path, partly.mean), (Some(50.0), None, None, None));
    assert_eq!((code_debt(&files, None, None).and_then(|c| c.mean), code_debt(&[], None, None)), (None, None));
    let unread = CodeStat { complexity: None, ..files[0].clone() };
    let code = code_debt(&[unread, files[1].clone()], Some(2.0), None).expect("measured");
    assert_eq!((code.hotspot, code.worst, code.mean), (None, None, None));
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
        for c in &whole.components {
            prop_assert!(close(c.interest_weeks.p90, c.by_finding.iter().map(|f| f.interest_weeks.p90).sum()));
            let ranges = c.by_finding.iter().flat_map(|f| [f.principal_weeks, f.interest_weeks]);
            for r in ranges.chain([c.principal_weeks, c.interest_weeks]).chain(c.payback).chain(whole.quarters) {
                prop_assert!(0.0 <= r.p10 && r.p10 <= r.p50 && r.p50 <= r.p90, "{r:?}");
            }
        }
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
        prop_assert!(after.interest_weeks.p10 <= before.interest_weeks.p10 && after.interest_weeks.p90 <= before.interest_weeks.p90);
        prop_assert!(after.principal_weeks.p50 <= before.principal_weeks.p50);
    }

    #[test]
    fn neither_mean_nor_hotspot_is_above_the_worst(stats in prop::collection::vec((0u32..9, 0u32..99, 0.0..1.0f64, 0u32..900), 1..30)) {
        let files: Vec<CodeStat> = stats
            .iter()
            .map(|(c, x, h, lines)| CodeStat { hotspot: Some(*h), lines: f64::from(*lines), ..file(f64::from(*c), f64::from(*x)) })
            .collect();
        let code = code_debt(&files, Some(files.len() as f64), None).expect("files");
        let worst = code.worst.expect("all were measured");
        prop_assert!(code.mean.is_none_or(|m| (0.0..=worst).contains(&m)), "{code:?}");
        prop_assert!(code.hotspot.is_none_or(|h| (0.0..=worst).contains(&h)), "{code:?}");
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
