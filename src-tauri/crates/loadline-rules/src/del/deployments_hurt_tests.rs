use super::RULE;
use crate::del::history::cases::{deployments, service};
use crate::testing::Case;
use crate::window::cases::series;
use loadline_model::{Series, Tier, key::metric};

/// Five daily deployments, with an error ratio during and outside of them.
fn shipped(tier: Tier, during: f64, usual: f64) -> Case {
    let errors = series(metric::ERROR_RATIO, 24 * 50, move |h| {
        let deploying = (23.0..=120.0).contains(&h) && (h.rem_euclid(24.0) == 0.0 || h.rem_euclid(24.0) >= 23.5);
        if deploying { during } else { usual }
    });
    deployments(service(tier), 5, 24, 25).has("api", errors)
}

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
    check(service(Tier::T0), "unknown not_connected");
    check(deployments(service(Tier::T0), 5, 24, 5), "unknown not_connected");
    let short = deployments(service(Tier::T0), 2, 24, 25);
    check(short.has("api", series(metric::ERROR_RATIO, 24 * 50, |_| 0.0)), "unknown low_sample");
    check(shipped(Tier::T0, 0.001, 0.001), "pass");
    check(shipped(Tier::T0, 0.02, 0.02), "pass");
    check(shipped(Tier::T0, 0.004, 0.001), "fail medium");
    check(shipped(Tier::T0, 0.05, 0.001), "fail high");
    check(shipped(Tier::T0, 0.9, 0.001), "fail critical");
    check(shipped(Tier::T1, 0.9, 0.001), "fail high");
    check(shipped(Tier::T0, 0.001, 0.001).gap("api", "deployments"), "unknown permission_denied");
}

/// The same, with what its samples say of the hours before the snapshot in which a deployment ran; `None`: nothing.
fn down(metric: &str, during: Option<f64>, usual: f64, last: f64) -> Series {
    let deploying = |h: f64| (23.0..=last).contains(&h) && (h.rem_euclid(24.0) == 0.0 || h.rem_euclid(24.0) >= 23.5);
    let mut said = series(metric, 24 * 50, |h| if deploying(h) { during.unwrap_or(f64::NAN) } else { usual });
    said.samples.retain(|s| s.value.is_finite());
    said
}

#[test]
fn an_outage_counts_no_requests() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
    let case = || deployments(service(Tier::T0), 5, 24, 25);
    let errors = |last| down(metric::ERROR_RATIO, None, 0.001, last);
    check(case().has("api", errors(120.0)), "unknown low_sample");
    // One of them is enough, and so is a window of which a half is missing.
    check(case().has("api", errors(24.0)), "unknown low_sample");
    let mut half = down(metric::ERROR_RATIO, Some(0.001), 0.001, 24.0);
    half.samples.retain(|s| s.at.0 != crate::testing::as_of().plus_hours(-24).0);
    check(case().has("api", half), "unknown low_sample");
    // Nobody was served where 5 a second usually are.
    let rate = |usual| down(metric::REQUEST_RATE, Some(0.0), usual, 120.0);
    check(case().has("api", errors(120.0)).has("api", rate(5.0)), "fail critical");
    check(case().has("api", errors(120.0)).has("api", rate(0.001)), "unknown low_sample");
}
