use super::RULE;
use crate::testing::{Case, as_of};
use loadline_model::{
    Basis, Environment, Interval, Kind, ORGANISATION, Relation, Resource, Setting, TestKind, TestRun, Tier, Value, key,
};

fn api(tier: Tier) -> Case {
    Case::new().has("api", Resource { tier: Some(tier), ..Resource::new(Kind::Service, "api") })
}

fn tested(days: i64, times: Option<f64>, passed: bool) -> Case {
    let run = TestRun {
        kind: TestKind::Load,
        at: as_of().plus_days(-days),
        passed,
        peak_multiplier: times,
        requests_per_second: None,
        recovery_s: None,
        note: None,
    };
    api(Tier::T0).has("api", run)
}

fn said(case: Case, on: bool, days: i64) -> Case {
    let setting = Setting { key: key::TEST_LOAD_90D.into(), item: None, value: Value::Bool(on) };
    case.fact(ORGANISATION, Basis::Stated, setting).edit(|s| {
        if let Some(last) = s.facts.last_mut() {
            last.provenance.read_at = as_of().plus_days(-days);
        }
    })
}

fn growing(mut case: Case, monthly: f64) -> Case {
    case.capacity.growth.monthly = Some(Interval { p10: monthly, p50: monthly, p90: monthly });
    case
}

fn check(case: Case, expected: &str) {
    assert_eq!(case.answer(&RULE, "api"), expected);
}

#[test]
fn runs() {
    check(api(Tier::T0), "unknown not_connected");
    check(api(Tier::T1), "not_applicable");
    let staging = Resource { environment: Some(Environment::Staging), ..Resource::new(Kind::Service, "api") };
    check(Case::new().has("api", staging), "not_applicable");
    check(tested(30, Some(2.0), true), "pass");
    check(tested(30, Some(1.9), true), "fail medium");
    check(tested(30, None, true), "unknown low_sample");
    check(tested(91, Some(4.0), true), "fail medium");
    check(tested(30, Some(4.0), false), "fail medium");
    check(tested(30, Some(2.0), true).gap("api", "test_run"), "unknown permission_denied");
    // Twice the peak of two months ago is less than twice the peak of today.
    check(growing(tested(60, Some(2.2), true), 0.1), "fail medium");
    check(growing(tested(60, Some(2.2), true), 0.2), "fail high");
    check(growing(tested(60, Some(3.0), true), 0.2), "pass");
    // A drill is no load test.
    let drill = tested(30, Some(4.0), true).edit(|s| {
        for fact in &mut s.facts {
            if let loadline_model::Body::TestRun(run) = &mut fact.body {
                run.kind = TestKind::Failover;
            }
        }
    });
    check(drill, "unknown not_connected");
}

/// A test whose tool counted so many requests a second, of a service whose peak is 100 of them.
fn counted(rate: f64, told: Option<f64>) -> Case {
    let mut case = tested(30, told, true).edit(|s| {
        for fact in &mut s.facts {
            if let loadline_model::Body::TestRun(run) = &mut fact.body {
                run.requests_per_second = Some(rate);
            }
        }
    });
    let subject = loadline_model::SubjectRef {
        id: "api".into(),
        name: "api".into(),
        ..loadline_model::SubjectRef::organisation()
    };
    case.trends.demand =
        vec![loadline_model::DemandTrend { subject, peak: 100.0, weekly_peaks: Vec::new(), days: Vec::new() }];
    case
}

#[test]
fn what_a_tool_counted_is_held_against_the_measured_peak() {
    check(counted(200.0, None), "pass");
    check(counted(199.0, None), "fail medium");
    check(growing(counted(200.0, None), 0.2), "pass");
    check(counted(500.0, Some(1.5)), "fail medium");
    let mut unmeasured = counted(500.0, None);
    unmeasured.trends.demand.clear();
    check(unmeasured, "unknown low_sample");
}

#[test]
fn a_person_may_convict_and_never_acquits() {
    check(said(api(Tier::T0), false, 3), "fail medium");
    check(said(api(Tier::T0), true, 3), "unknown not_connected");
    check(said(api(Tier::T0), false, 91), "unknown not_connected");
    check(said(tested(30, Some(2.0), true), false, 3), "pass");
    check(said(tested(120, Some(2.0), true), true, 3), "unknown not_connected");
}

#[test]
fn what_was_recorded_here_stays_true() {
    let of = |account: &'static str| {
        counted(200.0, None).edit(move |s| {
            for fact in s.facts.iter_mut().filter(|f| matches!(f.body, loadline_model::Body::TestRun(_))) {
                fact.provenance.account = loadline_model::AccountId::new(account);
                fact.provenance.read_at = as_of().plus_days(-30);
            }
        })
    };
    check(of(loadline_model::RECORDED), "pass");
    check(of("metrics"), "unknown stale");
}

#[test]
fn words_neither_pass_nor_weaken_what_was_counted() {
    let told = TestRun {
        kind: TestKind::Load,
        at: as_of().plus_days(-3),
        passed: true,
        peak_multiplier: Some(9.0),
        requests_per_second: None,
        recovery_s: None,
        note: None,
    };
    check(api(Tier::T0).fact("api", Basis::Stated, told.clone()), "unknown not_connected");
    check(counted(200.0, None).fact("api", Basis::Stated, told.clone()), "pass");
    check(counted(199.0, None).fact("api", Basis::Stated, told.clone()), "unknown not_connected");
    // However many counted ones came after it: what the answer rests on is shown.
    let low = |days: i64| TestRun {
        at: as_of().plus_days(-days),
        requests_per_second: Some(50.0),
        peak_multiplier: None,
        ..told.clone()
    };
    let earlier = TestRun { at: as_of().plus_days(-60), ..told.clone() };
    let many = (1..6).fold(counted(10.0, None), |case, days| case.has("api", low(days)));
    check(many.fact("api", Basis::Stated, earlier), "unknown not_connected");
}

#[test]
fn a_script_is_no_run() {
    let script = Setting { key: key::CODE_LOAD_TESTS.into(), item: Some("k6".into()), value: Value::Number(2.0) };
    let case =
        api(Tier::T0).thing("repo", Kind::Repository).edge("api", Relation::BuiltFrom, "repo").has("repo", script);
    let found = case.check_of(&RULE, "api").result;
    assert!(found.outcome.is_unknown());
    assert!(found.evidence.iter().any(|e| e.label == "files that are load tests, k6" && e.value == "2"));
}
