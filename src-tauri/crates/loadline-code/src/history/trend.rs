//! Whether a number rises: the slope of Theil and Sen, believed when Mann and Kendall say so (`scoring.md` §2.3).

use loadline_model::num;

/// Fewest samples of a trend: with fewer no order of them is surprising at 5 %.
const LEAST: usize = 5;
/// Two-sided 5 % of the normal distribution.
const SURPRISING: f64 = 1.959_963_985;

/// A slope per sample and whether it is more than chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Median of the slopes between all pairs, in the values' unit per sample.
    pub slope: f64,
    /// Mann–Kendall with the correction for ties, two-sided p < 0.05.
    pub certain: bool,
}

/// The trend of samples at equal distances, oldest first; `None` with fewer than five or with one that is not finite.
pub fn trend(samples: &[f64]) -> Option<Trend> {
    if samples.len() < LEAST || samples.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let mut slopes = Vec::new();
    let mut sum = 0.0_f64;
    for (i, a) in samples.iter().enumerate() {
        for (j, b) in samples.iter().enumerate().skip(i + 1) {
            slopes.push((b - a) / (j - i) as f64);
            sum += if b > a {
                1.0
            } else if b < a {
                -1.0
            } else {
                0.0
            };
        }
    }
    let slope = num::quantile(&mut slopes, 0.5)?;
    let n = samples.len() as f64;
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let ties: f64 =
        sorted.chunk_by(|a, b| a == b).map(|g| g.len() as f64).map(|t| t * (t - 1.0) * (2.0 * t + 5.0)).sum();
    let variance = (n * (n - 1.0) * (2.0 * n + 5.0) - ties) / 18.0;
    let z = if variance <= 0.0 || sum == 0.0 { 0.0 } else { (sum.abs() - 1.0) / num::sqrt(variance) };
    Some(Trend { slope, certain: z > SURPRISING })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let check = |samples: &[f64], expected: Option<(f64, bool)>| {
            assert_eq!(trend(samples).map(|t| (t.slope, t.certain)), expected, "{samples:?}");
        };
        check(&[1.0, 2.0, 3.0, 4.0], None);
        check(&[1.0, f64::NAN, 3.0, 4.0, 5.0], None);
        check(&[5.0; 12], Some((0.0, false)));
        check(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], Some((1.0, true)));
        check(&[6.0, 5.0, 4.0, 3.0, 2.0, 1.0], Some((-1.0, true)));
        // S = 2 of 15 pairs: chance.
        check(&[3.0, 1.0, 4.0, 1.0, 5.0, 2.0], Some((0.25, false)));
    }

    /// `tests/oracles/golden.py` made the values with scipy and pymannkendall.
    #[test]
    fn trends_are_scipys_and_pymannkendalls() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../../../../tests/oracles/code.json")).expect("golden values");
        let cases = golden["trends"].as_array().expect("cases");
        for case in cases {
            let samples: Vec<f64> =
                case["samples"].as_array().expect("samples").iter().filter_map(serde_json::Value::as_f64).collect();
            let got = trend(&samples).expect("enough");
            assert!((got.slope - case["slope"].as_f64().expect("a slope")).abs() < 1e-9, "{got:?} against {case}");
            assert_eq!(got.certain, case["p"].as_f64().expect("p") < 0.05, "{case}");
        }
        assert!(cases.iter().any(|c| c["p"].as_f64() < Some(0.05)) && cases.len() >= 6);
    }
}
