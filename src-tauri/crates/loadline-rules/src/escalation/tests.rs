use super::in_its_environment;
use crate::testing::{BLANK, Case};
use crate::{Applies, Context, Rule, Subject};
use loadline_model::*;

fn fails(_: &Subject<'_>, _: &Context<'_>) -> CheckResult {
    CheckResult::fail(Severity::Medium, "", vec![])
}
fn fails_with_final_word(subject: &Subject<'_>, _: &Context<'_>) -> CheckResult {
    CheckResult::fail(in_its_environment(Severity::Medium, subject), "", vec![])
}

static STANDARD: Rule = Rule { id: "DB-007", check: fails, ..BLANK };
static SAFETY: Rule = Rule { id: "DATA-007", data_safety: true, check: fails, ..BLANK };
static FINAL: Rule = Rule { id: "DATA-001", escalation: Escalation::None, check: fails_with_final_word, ..BLANK };
static OURS: Rule = Rule { id: "OBS-004", applies: Applies::Organisation, check: fails, ..BLANK };

/// A database that fails with medium: its tier, and the share of journeys it stops when that is known.
fn db(tier: Tier, blast: Option<f64>) -> Case {
    let case = Case::new().thing("db", Kind::Database).tier("db", tier);
    match blast {
        Some(0.0) => case.no_spof("db"),
        Some(b) => case.spof("db", b, true),
        None => case,
    }
}
fn staging(case: Case) -> Case {
    case.has("db", Resource { environment: Some(Environment::Staging), ..Resource::new(Kind::Database, "db") })
}
fn limit_in(case: Case, resource: Limited, days: f64, scenario: &str) -> Case {
    let mut case = case;
    let subject = SubjectRef { id: "db".into(), kind: None, name: "db".into(), account: None, region: None };
    case.capacity.limits.push(LimitForecast {
        subject,
        resource,
        scenario: scenario.into(),
        utilisation: 0.7,
        limit: 0.8,
        multiplier: Interval::default(),
        days: Some(Interval { p10: days / 2.0, p50: days, p90: days * 2.0 }),
        first_probability: 0.5,
        breaks: None,
        extrapolated: false,
    });
    case
}

#[track_caller]
fn check(rule: &'static Rule, case: &Case, expected: &str) {
    let judged = case.check_of(rule, if rule.kinds().is_empty() { ORGANISATION } else { "db" });
    let severity = judged.result.outcome.severity().map_or("none", Severity::word);
    assert_eq!(severity, expected, "{:?}", judged.escalation);
    assert_eq!(
        judged.base_severity != judged.result.outcome.severity(),
        !judged.escalation.is_empty() && severity != "medium"
    );
}

#[test]
fn tier_and_exposure_move_together_by_at_most_one_level_up() {
    for (tier, blast, expected) in [
        (Tier::T0, None, "high"),
        (Tier::T0, Some(0.5), "high"),
        (Tier::T0, Some(1.0), "high"),
        (Tier::T0, Some(0.2), "high"),
        (Tier::T0, Some(0.0), "medium"),
        (Tier::T1, None, "medium"),
        (Tier::T1, Some(0.5), "high"),
        (Tier::T1, Some(0.49), "medium"),
        (Tier::T1, Some(0.06), "medium"),
        (Tier::T1, Some(0.05), "low"),
        (Tier::T1, Some(0.0), "low"),
        (Tier::T2, None, "low"),
        (Tier::T2, Some(0.5), "medium"),
        (Tier::T2, Some(0.0), "low"),
    ] {
        check(&STANDARD, &db(tier, blast), expected);
    }
    // An unknown way to the journeys never lowers.
    let unknown = db(Tier::T1, None);
    let mut unproven = db(Tier::T1, Some(0.0));
    unproven.topology.exposures.insert("db".into(), Exposure::UNKNOWN);
    check(&STANDARD, &unknown, "medium");
    check(&STANDARD, &unproven, "medium");
}

#[test]
fn outside_production_is_one_level_lower_whatever_the_tier() {
    check(&STANDARD, &staging(db(Tier::T0, None)), "low");
    check(&STANDARD, &staging(db(Tier::T1, Some(0.5))), "medium");
    check(&FINAL, &staging(db(Tier::T0, None)), "low");
}

#[test]
fn a_matching_limit_within_30_days_raises() {
    let near = |resource, days, scenario| limit_in(db(Tier::T1, None), resource, days, scenario);
    check(&STANDARD, &near(Limited::Connections, 29.0, "20_percent"), "high");
    check(&STANDARD, &near(Limited::Connections, 31.0, "20_percent"), "medium");
    check(&STANDARD, &near(Limited::Disk, 5.0, "20_percent"), "medium");
    check(&SAFETY, &near(Limited::Connections, 5.0, "20_percent"), "medium");
    // With a fitted growth only the measured scenario counts.
    check(&STANDARD, &near(Limited::Connections, 29.0, "measured"), "medium");
    let mut fitted = near(Limited::Connections, 29.0, "measured");
    fitted.capacity.growth.monthly = Some(Interval { p10: 0.1, p50: 0.2, p90: 0.3 });
    check(&STANDARD, &fitted, "high");
    let t0 = limit_in(db(Tier::T0, None), Limited::Connections, 5.0, "20_percent");
    check(&STANDARD, &t0, "critical");
}

#[test]
fn data_safety_on_a_production_store_is_never_lowered() {
    check(&SAFETY, &db(Tier::T2, Some(0.0)), "medium");
    check(&SAFETY, &db(Tier::T0, None), "high");
    check(&SAFETY, &staging(db(Tier::T2, None)), "low");
}

#[test]
fn the_final_word_and_the_organisation_do_not_move() {
    check(&FINAL, &db(Tier::T0, Some(1.0)), "medium");
    check(&FINAL, &limit_in(db(Tier::T2, Some(0.0)), Limited::Connections, 5.0, "20_percent"), "medium");
    check(&OURS, &Case::new(), "medium");
}
