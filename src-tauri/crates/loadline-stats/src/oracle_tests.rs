//! Statistics against scipy, ruptures and Apache Otava: `tests/oracles/golden.py` made the values, `cargo xtask bench
//! --oracles` makes them again.

use crate::bootstrap::{RESAMPLES, interval, lag1_correlation, weighted_mean};
use crate::change_point::{Detection, detect, divergence, pelt, welch};
use crate::{benjamini_hochberg, effect, sign_flip, wilson};
use loadline_model::num;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../tests/oracles/stats.json")).expect("golden values")
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

fn indexes(value: &Value) -> Vec<usize> {
    value.as_array().expect("a list").iter().map(|v| v.as_u64().expect("an index") as usize).collect()
}

fn near(got: f64, want: f64, tolerance: f64, what: &str) {
    assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{what}: {got} against {want}");
}

#[test]
fn wilson_is_scipys() {
    for case in list(&golden()["wilson"]) {
        let [hits, total, z, low, high] = numbers(case)[..] else { panic!("five numbers") };
        let got = wilson::interval(hits as u64, total as u64, z).expect("counts");
        near(got.p10, low, 1e-8, "lower");
        near(got.p90, high, 1e-8, "upper");
    }
}

#[test]
fn benjamini_hochberg_is_scipys() {
    for case in list(&golden()["benjamini_hochberg"]) {
        for (got, want) in benjamini_hochberg::adjust(&numbers(&case[0])).into_iter().zip(numbers(&case[1])) {
            near(got, want, 1e-9, "adjusted p");
        }
    }
}

#[test]
fn sign_flips_are_scipys_exact_permutations() {
    for case in list(&golden()["sign_flip"]) {
        let pairs = pairs(&case["pairs"]);
        near(sign_flip::p_value(&pairs, 1).expect("pairs"), number(&case["p"]), 1e-9, "p");
    }
}

#[test]
fn intervals_are_scipys_within_the_noise_of_2000_resamples() {
    for case in list(&golden()["bootstrap"]) {
        let pairs = pairs(&case["pairs"]);
        let values: Vec<f64> = pairs.iter().map(|p| p.0).collect();
        near(lag1_correlation(&values), number(&case["lag1"]), 1e-8, "lag 1");
        near(weighted_mean(&pairs).expect("weights"), number(&case["mean"]), 1e-9, "mean");
        let (low, high) = (number(&case["low"]), number(&case["high"]));
        for seed in 0..5 {
            let got = interval(&pairs, 0.95, RESAMPLES, seed).expect("enough");
            // The 2.5th percentile of 2,000 draws has a standard error of about 2 % of the interval's width.
            let tolerance = 0.08 * (high - low);
            assert!(
                (got.0 - low).abs() < tolerance && (got.1 - high).abs() < tolerance,
                "{got:?} against {low}..{high}"
            );
        }
    }
}

#[test]
fn welch_and_its_tail_are_scipys() {
    let golden = golden();
    for case in list(&golden["welch"]) {
        let got = welch::p_value(&numbers(&case["left"]), &numbers(&case["right"])).expect("samples");
        let want = number(&case["p"]);
        assert!((got / want - 1.0).abs() < 1e-7, "{got} against {want}");
    }
    for case in list(&golden["beta"]) {
        let [x, a, b, want] = numbers(case)[..] else { panic!("four numbers") };
        let got = welch::regularised_beta(x, a, b).expect("inside");
        assert!((got / want - 1.0).abs() < 1e-8, "I_{x}({a}, {b}): {got} against {want}");
    }
}

#[test]
fn effect_sizes_are_scipys() {
    let golden = golden();
    for case in list(&golden["cliffs_delta"]) {
        let got = effect::cliffs_delta(&numbers(&case["before"]), &numbers(&case["after"])).expect("pairs");
        near(got, number(&case["delta"]), 1e-9, "Cliff's delta");
    }
    for case in list(&golden["log_odds"]) {
        let share = |side: &Value| {
            let (hits, n) = (number(&side[0]), number(&side[1]));
            (hits / n, n)
        };
        let got = effect::log_odds_difference(share(&case["before"]), share(&case["after"])).expect("trials");
        near(got, number(&case["theta"]), 1e-9, "log odds");
    }
}

#[test]
fn change_points_are_where_ruptures_and_otava_put_them() {
    for case in list(&golden()["change_points"]["series"]) {
        let name = case["name"].as_str().expect("a name");
        let series = numbers(&case["series"]);
        let logs: Vec<f64> = series.iter().map(|v| num::ln(*v)).collect();
        assert_eq!(pelt::change_points(&logs, 5), indexes(&case["pelt"]), "PELT on `{name}`");
        let ours: Vec<usize> = detect(&series, &Detection::default()).iter().map(|s| s.index).collect();
        for reference in ["pelt", "binseg", "otava"] {
            let theirs = indexes(&case[reference]);
            let same = ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| a.abs_diff(*b) <= 1);
            assert!(same, "`{name}`: {ours:?} against {theirs:?} of {reference}");
        }
    }
}

#[test]
fn divergence_is_its_definition() {
    let case = &golden()["change_points"]["divergence"];
    let series = numbers(&case["series"]);
    for split in list(&case["splits"]) {
        let [tau, kappa, want] = numbers(split)[..] else { panic!("three numbers") };
        near(divergence(&series, tau as usize, kappa as usize), want, 1e-9, "Q");
    }
}
