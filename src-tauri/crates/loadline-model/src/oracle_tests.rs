//! Distributions against numpy and hdrhistogram: `tests/oracles/golden.py` made the values, `cargo xtask bench --oracles`
//! makes them again.

use crate::{Distribution, num};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../tests/oracles/model.json")).expect("golden values")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(|v| v.as_f64().expect("a number")).collect()
}

/// Worst relative error of a native histogram's quantile: from the middle of a bucket to its ends.
fn stated_error(schema: i8) -> f64 {
    num::sqrt(num::pow(2.0, num::pow(2.0, -f64::from(schema)))) - 1.0
}

#[test]
fn native_buckets_and_their_quantiles() {
    let golden = golden();
    let mut cases = 0;
    for case in list(&golden["native"]) {
        let name = case["name"].as_str().expect("a name");
        let schema = case["schema"].as_i64().expect("a schema") as i8;
        let ours = Distribution::from_values(&numbers(&golden["samples"][name]), schema);
        let Distribution::Exponential { counts, zero, .. } = &ours else { panic!("exponential") };
        let buckets: Vec<(i32, u64)> = list(&case["buckets"])
            .iter()
            .map(|b| (b[0].as_i64().expect("an index") as i32, b[1].as_u64().expect("a count")))
            .collect();
        assert_eq!((counts, *zero), (&buckets, 0), "{name} at schema {schema}");
        for pair in list(&golden["exact"][name]) {
            let (q, exact) = (pair[0].as_f64().expect("q"), pair[1].as_f64().expect("a value"));
            let got = ours.quantile(q).expect("data");
            let error = (got.value / exact - 1.0).abs();
            assert!(error <= stated_error(schema) + 1e-9, "{name} schema {schema} q {q}: {got:?} against {exact}");
            assert!(got.low <= exact * (1.0 + 1e-9) && exact <= got.high * (1.0 + 1e-9), "{got:?} against {exact}");
            cases += 1;
        }
    }
    assert_eq!(cases, 3 * 5 * 7);
}

#[test]
fn classic_quantiles_are_histogram_quantile() {
    let golden = golden();
    for case in list(&golden["classic"]) {
        let name = case["name"].as_str().expect("a name");
        let counts = numbers(&case["counts"]).into_iter().map(|n| n as u64).collect();
        let ours = Distribution::Classic { bounds: numbers(&case["bounds"]), counts, sum: None };
        for (pair, exact) in list(&case["quantiles"]).iter().zip(list(&golden["exact"][name])) {
            let (q, exact) = (pair[0].as_f64().expect("q"), exact[1].as_f64().expect("a value"));
            let got = ours.quantile(q).expect("data");
            match pair[1].as_f64() {
                Some(want) => {
                    assert!((got.value - want).abs() < 1e-9 && !got.above, "{name} q {q}: {got:?} against {want}");
                    assert!(got.low < exact && exact <= got.high, "{name} q {q}: {got:?} against {exact}");
                }
                None => assert!(got.above && exact > got.value, "{name} q {q}: {got:?} against {exact}"),
            }
        }
    }
}

#[test]
fn merged_parts_have_the_quantiles_of_the_whole() {
    let golden = golden();
    let schema = 5;
    let parts: Vec<Distribution> =
        list(&golden["merged"]["parts"]).iter().map(|p| Distribution::from_values(&numbers(p), schema)).collect();
    let merged = Distribution::merge_all(&parts).expect("one form").expect("parts");
    assert_eq!(merged.count(), Some(1200));
    for case in list(&golden["merged"]["quantiles"]) {
        let [q, hdr, exact] = numbers(case)[..] else { panic!("three numbers") };
        let got = merged.quantile(q).expect("data").value;
        assert!((got / exact - 1.0).abs() <= stated_error(schema) + 1e-9, "q {q}: {got} against {exact}");
        // hdrhistogram with three digits is off by up to one in a thousand itself.
        assert!((got / hdr - 1.0).abs() <= stated_error(schema) + 1.1e-3, "q {q}: {got} against hdrhistogram's {hdr}");
    }
}

#[test]
fn quantiles_of_values_are_numpys() {
    for case in list(&golden()["linear"]) {
        let mut values = numbers(&case["values"]);
        for pair in list(&case["quantiles"]) {
            let [q, want] = numbers(pair)[..] else { panic!("two numbers") };
            let got = num::quantile(&mut values, q).expect("values");
            assert!((got - want).abs() <= 1e-10 * want.abs().max(1.0), "q {q}: {got} against {want}");
        }
    }
}
