//! Capacity against scipy, exact fractions and a published fit: `tests/oracles/golden.py` made the values, `cargo xtask
//! bench --oracles` makes them again.

use crate::{forecast, growth, queueing, theil_sen, usl};
use loadline_model::Day;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../tests/oracles/capacity.json")).expect("golden values")
}

fn list(value: &Value) -> &[Value] {
    assert!(value.as_array().is_some_and(|l| !l.is_empty()), "a list with something in it");
    value.as_array().expect("a list")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(number).collect()
}

fn pairs(value: &Value) -> Vec<(f64, f64)> {
    list(value).iter().map(|p| (number(&p[0]), number(&p[1]))).collect()
}

fn near(got: f64, want: f64, tolerance: f64, what: &str) {
    assert!((got / want - 1.0).abs() <= tolerance, "{what}: {got} against {want}");
}

#[test]
fn e12_waiting_is_erlangs_formula_in_fractions() {
    for case in list(&golden()["queues"]) {
        let [servers, arrivals, rate, probability, wait, response, time, longer] = numbers(case)[..] else {
            panic!("eight numbers")
        };
        let got = queueing::waiting(servers as u32, arrivals, rate).expect("stable");
        near(got.probability, probability, 1e-10, "probability");
        near(got.wait, wait, 1e-10, "wait");
        near(got.response, response, 1e-10, "response");
        near(queueing::waits_longer_than(servers as u32, arrivals, rate, time).expect("stable"), longer, 1e-10, "tail");
    }
}

#[test]
fn slopes_are_scipys() {
    for case in list(&golden()["lines"]) {
        let points = pairs(&case["points"]);
        let slope = theil_sen::slope(&points).expect("points");
        near(slope, number(&case["slope"]), 1e-9, "slope");
        near(theil_sen::intercept(&points, slope).expect("points"), number(&case["intercept"]), 1e-9, "intercept");
    }
}

#[test]
fn growth_is_scipys_slope_and_its_interval_about_as_wide() {
    for case in list(&golden()["growths"]) {
        let peaks: Vec<(Day, f64)> =
            (0..).zip(numbers(&case["peaks"])).map(|(week, peak)| (Day(20_000 + 7 * week), peak)).collect();
        let [low, middle, high] = numbers(&case["monthly"])[..] else { panic!("three numbers") };
        let ours = growth::fit(&peaks, 1).expect("weeks").monthly;
        near(ours.p50, middle, 1e-7, "monthly growth");
        // Theirs is by ranks, for independent weeks; ours resamples three weeks together.
        let ratio = (ours.p90 - ours.p10) / (high - low);
        assert!((0.6..1.7).contains(&ratio) && ours.p10 < high && low < ours.p90, "{ours:?} against {low}..{high}");
    }
}

#[test]
fn laws_are_those_of_least_squares() {
    for case in list(&golden()["laws"]) {
        let fit = usl::fit(&pairs(&case["points"])).expect("a fit");
        near(fit.law.lambda, number(&case["gamma"]), 1e-5, "lambda");
        near(fit.law.alpha, number(&case["alpha"]), 1e-5, "alpha");
        near(fit.law.beta, number(&case["beta"]), 1e-5, "beta");
        near(fit.law.peak().expect("beta"), number(&case["peak"]), 1e-5, "peak");
    }
}

#[test]
fn the_published_fit_of_specsdm91_is_ours() {
    let golden = golden();
    let (case, published) = (&golden["laws"][0], &golden["laws"][0]["published"]);
    let fit = usl::fit(&pairs(&case["points"])).expect("a fit");
    assert!((fit.law.alpha - 0.0277).abs() < 5e-5 && (fit.law.beta - 0.000_104).abs() < 5e-7, "{:?}", fit.law);
    near(fit.law.alpha, number(&published["alpha"]), 1e-4, "alpha");
    near(fit.law.beta, number(&published["beta"]), 1e-3, "beta");
    near(fit.law.lambda, number(&published["gamma"]), 1e-5, "lambda");
    let peak = fit.peak.expect("beta");
    near(peak.p50, number(&published["peak"]), 1e-3, "peak");
    assert!(fit.r2 >= 0.98 && peak.p10 < 96.5 && 96.5 < peak.p90 && peak.p90 / peak.p10 < 4.0, "{:?}", fit);
    assert!(fit.alpha.p10 < fit.alpha.p50 && fit.alpha.p50 < fit.alpha.p90, "{:?}", fit.alpha);
}

#[test]
fn e13_days_and_multiples_are_roots_of_growth() {
    for case in list(&golden()["forecasts"]) {
        let [u, line, gamma, growth, days, multiple] = numbers(case)[..] else { panic!("six numbers") };
        near(forecast::days_until(u, line, gamma, growth).expect("grows"), days, 1e-8, "days");
        near(forecast::multiplier(u, line, gamma), multiple, 1e-8, "multiple");
    }
}
