//! Axis values to shares of an axis and back, and the values worth a tick.

use loadline_model::num;

/// Where a value lies between two ends, 0–1 inside; values that no axis can show land on its start.
pub(crate) fn share(value: f64, min: f64, max: f64, log: bool) -> f64 {
    let of = |v: f64| if log { num::ln(v.max(1e-12)) } else { v };
    let span = of(max) - of(min);
    if span > 0.0 && value.is_finite() { (of(value) - of(min)) / span } else { 0.0 }
}

/// The inverse of [`share`].
pub(crate) fn value(share: f64, min: f64, max: f64, log: bool) -> f64 {
    if log {
        let (low, high) = (num::ln(min.max(1e-12)), num::ln(max.max(1e-12)));
        num::exp(low + (high - low) * share)
    } else {
        min + (max - min) * share
    }
}

/// Round steps (1, 2, 5 times a power of ten) from 0 or below to above the largest value; at most about `wanted` ticks.
pub(crate) fn linear_ticks(min: f64, max: f64, wanted: usize) -> Vec<f64> {
    let span = (max - min).max(1e-9);
    let raw = span / wanted.max(1) as f64;
    let power = num::pow(10.0, num::log10(raw).floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= raw * 0.999).unwrap_or(10.0 * power);
    let first = (min / step).floor() as i64;
    let last = (max / step - 1e-9).ceil() as i64;
    (first..=last.min(first + 100)).map(|i| num::round9(i as f64 * step)).collect()
}

/// 1, 2, 5 (or 1 alone when there would be too many) times powers of ten between the ends.
pub(crate) fn log_ticks(min: f64, max: f64, wanted: usize) -> Vec<f64> {
    let (low, high) = (num::log10(min.max(1e-12)).floor() as i32, num::log10(max.max(1e-12)).ceil() as i32);
    let of = |marks: &[f64]| -> Vec<f64> {
        (low..=high)
            .flat_map(|e| marks.iter().map(move |m| num::round9(m * num::pow(10.0, f64::from(e)))))
            .filter(|v| *v >= min * 0.999 && *v <= max * 1.001)
            .collect()
    };
    [&[1.0, 2.0, 5.0][..], &[1.0, 3.0][..]]
        .into_iter()
        .map(of)
        .find(|t| t.len() <= wanted)
        .unwrap_or_else(|| of(&[1.0]))
}

/// The ends of an axis over values: linear from 0, or logarithmic between round values when they span more than 15:1.
pub(crate) fn ends(smallest: f64, largest: f64) -> (f64, f64, bool) {
    if smallest > 0.0 && largest / smallest > 15.0 {
        let floor = |v: f64| {
            let power = num::pow(10.0, num::log10(v).floor());
            [5.0, 2.0, 1.0].into_iter().map(|m| m * power).find(|c| *c <= v * 1.001).unwrap_or(power)
        };
        let ceil = |v: f64| {
            let power = num::pow(10.0, num::log10(v).floor());
            [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|c| *c >= v * 0.999).unwrap_or(10.0 * power)
        };
        return (num::round9(floor(smallest)), num::round9(ceil(largest)), true);
    }
    let largest = if largest > 0.0 { largest } else { 1.0 };
    let top = linear_ticks(0.0, largest * 1.02, 5).last().copied().unwrap_or(1.0);
    (0.0, top, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_values() {
        assert_eq!(linear_ticks(0.0, 0.93, 5), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        assert_eq!(log_ticks(0.01, 1.0, 9), [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]);
        assert_eq!(log_ticks(0.0001, 100.0, 7), [0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0]);
        assert_eq!(ends(0.012, 1.4), (0.01, 2.0, true));
        assert_eq!(ends(0.2, 1.4), (0.0, 1.5, false));
    }

    #[test]
    fn a_share_and_its_value_agree() {
        for (min, max, log) in [(0.0, 4.0, false), (0.01, 5.0, true)] {
            for at in [0.0, 0.25, 1.0] {
                assert!((share(value(at, min, max, log), min, max, log) - at).abs() < 1e-9);
            }
        }
        assert_eq!(share(f64::NAN, 0.0, 1.0, false), 0.0);
        assert_eq!(share(1.0, 2.0, 2.0, false), 0.0);
    }
}
