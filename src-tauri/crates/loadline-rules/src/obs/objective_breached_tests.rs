//! Cases: latency or error objective is breached.

use super::RULE;
use crate::obs::telemetry::cases::{errors, latency, service};
use crate::testing::Case;
use loadline_model::{Slo, Tier};

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
    let fast = |tier| latency(service(tier), None, true, 9_000, Some(0.4));
    check(service(Tier::T0), "unknown not_connected");
    check(latency(service(Tier::T0), None, false, 9_000, Some(9.0)), "unknown feature_disabled");
    check(latency(service(Tier::T0), None, true, 599, None), "unknown low_sample");
    check(fast(Tier::T0), "unknown not_connected");
    check(errors(fast(Tier::T0), 0.001, 0.0), "pass");
    check(errors(fast(Tier::T0), 0.02, 0.02), "fail medium");
    check(errors(fast(Tier::T0), 0.02, 0.11), "fail high");
    check(errors(fast(Tier::T0), 0.06, 0.9), "fail critical");
    check(errors(fast(Tier::T1), 0.06, 0.9), "fail high");
    check(latency(fast(Tier::T0), Some("/a"), true, 900, Some(0.6)), "fail medium");
    check(latency(fast(Tier::T0), Some("/a"), true, 900, Some(3.1)), "fail critical");
    let agreed = |target| Slo {
        name: "availability".into(),
        target,
        window_days: 30.0,
        burn_rate_alert: None,
        budget_left: None,
    };
    check(errors(fast(Tier::T0), 0.002, 0.0).has("api", agreed(0.999)), "fail medium");
    check(errors(fast(Tier::T0), 0.002, 0.02).has("api", agreed(0.99)), "pass");
    let slow = Slo { name: "latency 95 %".into(), ..agreed(0.95) };
    let both = |failing| errors(fast(Tier::T0), failing, 0.3).has("api", slow.clone()).has("api", agreed(0.999));
    check(both(0.04), "fail high");
    check(both(0.0005), "pass");
    check(errors(fast(Tier::T0), 0.04, 0.3).has("api", slow.clone()), "fail high");
    check(errors(fast(Tier::T0), 0.005, 0.0).has("api", agreed(0.99)).has("api", agreed(0.999)), "fail medium");
}

#[test]
fn a_p95_above_the_last_bucket_is_not_a_pass() {
    let mut case = errors(latency(service(Tier::T0), None, true, 9_000, Some(0.25)), 0.0, 0.0);
    case.trends.latency[0].last_week.p95_above = true;
    assert_eq!(case.answer(&RULE, "api"), "unknown feature_disabled");
}
