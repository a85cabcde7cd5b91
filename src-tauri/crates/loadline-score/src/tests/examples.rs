//! The score by example: what carries points, what loses them, and what is said about it.

use super::*;

#[test]
fn nothing_applicable_is_not_rated() {
    for checks in
        [Vec::new(), vec![absent("DB-003", "db")], vec![fail("XX-001", "not a rule", Severity::Critical, 1.0)]]
    {
        let score = rated(&checks, &catalog());
        assert_eq!((score.label, score.label_by_number), (Label::NotRated, Label::NotRated));
        assert_eq!((score.proven, score.possible, score.coverage), (0.0, 100.0, 0.0));
        assert!(score.provisional && score.losses.is_empty() && score.rule_points.is_empty());
    }
}

#[test]
fn points_go_to_judged_domains_and_sum_to_100() {
    let checks = [
        pass("SPOF-001", "a"),
        pass("DATA-001", "a"),
        pass("DATA-004", "a"),
        absent("DB-003", "a"),
        pass("OBS-001", "a"),
    ];
    let score = rated(&checks, &catalog());
    assert_eq!(score.proven_micro, MicroPoints::FULL);
    assert_eq!(score.rule_points.iter().map(|(_, p)| p.0).sum::<i64>(), 100_000_000);
    let domain = |id: &str| score.domains.iter().find(|d| d.id == id).expect("listed");
    let status = |id: &str| (domain(id).status.as_str(), domain(id).points.0, domain(id).proven);
    // SPOF 15, DATA 11, OBS 10 of 36.
    assert_eq!(status("SPOF"), ("judged", 41_666_667, Some(100.0)));
    assert_eq!(status("DATA"), ("judged", 30_555_555, Some(100.0)));
    assert_eq!(status("OBS"), ("judged", 27_777_778, Some(100.0)));
    assert_eq!(status("DB"), ("not_applicable", 0, None));
    assert_eq!(status("PPL"), ("not_applicable", 0, None));
    assert_eq!(status("COST"), ("not_judged_yet", 0, None));
    assert_eq!(score.domains.iter().map(|d| d.id.as_str()).take(3).collect::<Vec<_>>(), ["SPOF", "DATA", "OBS"]);
    assert_eq!(score.domains.len(), DOMAINS.len());
}

#[test]
fn an_unconnected_domain_is_one_unknown_of_its_full_points() {
    let not_connected = CheckResult::unknown(GapReason::NotConnected, "no database account", "connect one");
    let checks = [pass("SPOF-001", "a"), check_of("DB-003", ORGANISATION, not_connected, Exposure::ORGANISATION)];
    let score = rated(&checks, &catalog());
    let db = score.domains.iter().find(|d| d.id == "DB").expect("listed");
    assert_eq!(
        (db.status.as_str(), db.proven, db.possible, db.coverage),
        ("not_connected", Some(0.0), Some(100.0), Some(0.0))
    );
    assert_eq!(score.proven_micro.0 + db.points.0, 100_000_000);
    assert_eq!(score.possible, 100.0);
}

#[test]
fn policy_points_replace_the_defaults_and_nonsense_does_not() {
    let checks = [fail("SPOF-001", "a", Severity::Critical, 1.0), pass("DB-003", "a")];
    let with = |points: &[(&str, f64)]| {
        let domain_points = points.iter().map(|(d, p)| ((*d).to_owned(), *p)).collect();
        rated_with(&checks, &catalog(), &Policy { domain_points, ..Policy::default() }).proven
    };
    assert_eq!(with(&[("SPOF", 1.0), ("DB", 3.0)]), 75.0);
    assert_eq!(with(&[("SPOF", 0.0), ("DB", 0.0)]), with(&[]), "no points at all means the defaults");
    assert_eq!(with(&[("SPOF", f64::NAN), ("DB", -1.0)]), with(&[]));
}

#[test]
fn exposure_bounds_split_proven_from_possible() {
    let mut check = fail("DB-003", "a", Severity::High, 0.5);
    check.exposure = Exposure { low: 0.05, high: 1.0, known: false };
    let score = rated(&[check, pass("DB-003", "b")], &catalog());
    assert_eq!((score.proven, score.possible, score.coverage), (40.0, 97.0, 1.0));
}

#[test]
fn numbers_that_are_not_numbers_count_as_unknown_exposure() {
    let mut check = fail("DB-003", "a", Severity::Critical, 0.5);
    check.exposure = Exposure { low: f64::NAN, high: f64::INFINITY, known: true };
    let score = rated(&[check, pass("DB-003", "b")], &catalog());
    assert_eq!((score.proven, score.possible), (0.0, 95.0));
}

#[test]
fn of_two_checks_with_one_fingerprint_the_worse_counts() {
    let good = fail("DB-003", "a", Severity::Low, 1.0);
    let bad = fail("DB-003", "a", Severity::High, 1.0);
    let both = [good.clone(), bad.clone()];
    let turned = [bad.clone(), good];
    assert_eq!(rated(&both, &catalog()), rated(&turned, &catalog()));
    assert_eq!(rated(&both, &catalog()).proven, 40.0);
}

#[test]
fn an_unknown_that_cannot_be_critical_does_not_stand_in_the_way_of_ready() {
    let mut rules = catalog();
    let label = |rules: &[RuleInfo]| {
        let mut checks: Vec<Check> = rules.iter().map(|r| pass(r.id.as_str(), "a")).collect();
        let mut open = unknown("PPL-001", "b");
        open.exposure = exposed(0.05);
        checks.push(open);
        rated(&checks, rules).label_by_number
    };
    assert_eq!(label(&rules), Label::Conditional);
    for (words, escalation, expected) in [
        ("high; low otherwise", Escalation::None, Label::Ready),
        ("high; low otherwise", Escalation::Standard, Label::Conditional),
        ("low", Escalation::Standard, Label::Ready),
    ] {
        for rule in rules.iter_mut().filter(|r| r.id.as_str() == "PPL-001") {
            rule.severity = words.into();
            rule.escalation = escalation;
        }
        assert_eq!(label(&rules), expected, "{words} {escalation:?}");
    }
}
