//! Days on which a level changed: E-divisive candidates, kept by a Welch test, cross-checked by PELT (`scoring.md` §5.3).
//! Deterministic: no permutations.

mod divergence;
pub mod pelt;
pub mod welch;

pub use divergence::divergence;

use divergence::Distances;
use loadline_model::num;
use std::collections::BTreeSet;

/// How change points are looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Fewest points between two change points.
    pub least_segment: usize,
    /// Points looked at together; windows overlap by half.
    pub window: usize,
    /// A change point is kept below this p-value.
    pub p_value: f64,
    /// A change point is kept from this relative change of the medians.
    pub relative_change: f64,
    /// Test logarithms (for latencies) instead of the values.
    pub logarithms: bool,
}

impl Default for Detection {
    fn default() -> Self {
        Self { least_segment: 5, window: 50, p_value: 0.001, relative_change: 0.05, logarithms: true }
    }
}

/// A change of level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// First point of the new level.
    pub index: usize,
    /// Median of the segment before.
    pub before: f64,
    /// Median of the segment after.
    pub after: f64,
    /// Welch test between both segments.
    pub p_value: f64,
    /// PELT puts a change point within 2 points of it.
    pub confirmed: bool,
    /// Points in the shorter of both segments.
    pub shorter: usize,
}

/// Change points of a series in ascending order. Empty for series shorter than two segments, for non-finite values, and
/// for non-positive values when logarithms are tested.
pub fn detect(series: &[f64], how: &Detection) -> Vec<Shift> {
    let least = how.least_segment.max(2);
    let refused = |v: &f64| !v.is_finite() || (how.logarithms && *v <= 0.0);
    if series.len() < 2 * least || series.iter().any(refused) {
        return Vec::new();
    }
    let tested: Vec<f64> = if how.logarithms { series.iter().map(|v| num::ln(*v)).collect() } else { series.to_vec() };
    let kept = keep_convincing(series, &tested, candidates(&tested, how), how);
    let second_opinion = pelt::change_points(&tested, least);
    shifts(series, &tested, &kept)
        .into_iter()
        .map(|s| Shift { confirmed: second_opinion.iter().any(|p| p.abs_diff(s.index) <= 2), ..s })
        .collect()
}

/// Possible change points by a threshold ten times as lenient, from windows that overlap by half.
pub fn candidates(tested: &[f64], how: &Detection) -> Vec<usize> {
    let (least, window) = (how.least_segment.max(2), how.window.max(4 * how.least_segment.max(2)));
    let mut found = BTreeSet::new();
    let mut start = 0;
    loop {
        let end = (start + window).min(tested.len());
        let from = end.saturating_sub(window);
        let part = &tested[from..end];
        let distances = Distances::new(part);
        let mut open = vec![(0, part.len())];
        while let Some((a, b)) = open.pop() {
            let Some((tau, kappa)) = distances.best_split(a, b, least) else { continue };
            if welch::p_value(&part[a..tau], &part[tau..kappa]).is_some_and(|p| p < 10.0 * how.p_value) {
                found.insert(from + tau);
                open.push((a, tau));
                open.push((tau, b));
            }
        }
        if end == tested.len() {
            return found.into_iter().collect();
        }
        start += window / 2;
    }
}

/// Drops the least convincing change point until all convince, because dropping one joins its neighbours' segments.
fn keep_convincing(series: &[f64], tested: &[f64], mut points: Vec<usize>, how: &Detection) -> Vec<usize> {
    loop {
        let weakest = shifts(series, tested, &points)
            .into_iter()
            .filter(|s| {
                let relative = (s.after - s.before).abs() / s.before.abs().max(f64::MIN_POSITIVE);
                s.p_value >= how.p_value || relative < how.relative_change || s.shorter < how.least_segment
            })
            .max_by(|a, b| num::cmp9(a.p_value, b.p_value).then(a.index.cmp(&b.index)));
        let Some(weakest) = weakest else { return points };
        points.retain(|p| *p != weakest.index);
    }
}

fn shifts(series: &[f64], tested: &[f64], points: &[usize]) -> Vec<Shift> {
    let bounds: Vec<usize> = std::iter::once(0).chain(points.iter().copied()).chain([series.len()]).collect();
    bounds
        .windows(3)
        .map(|w| {
            let median = |a: usize, b: usize| num::median(&series[a..b]).unwrap_or(0.0);
            Shift {
                index: w[1],
                before: median(w[0], w[1]),
                after: median(w[1], w[2]),
                p_value: welch::p_value(&tested[w[0]..w[1]], &tested[w[1]..w[2]]).unwrap_or(1.0),
                confirmed: false,
                shorter: (w[1] - w[0]).min(w[2] - w[1]),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::random::Draws;
    use proptest::prelude::*;

    fn noisy(levels: &[(usize, f64)], seed: u64) -> Vec<f64> {
        let mut draws = Draws::new(seed);
        levels.iter().flat_map(|(n, level)| vec![*level; *n]).map(|l| l * num::exp(0.04 * draws.normal())).collect()
    }

    #[test]
    fn e16_the_step_is_found_at_its_first_point() {
        let how = Detection { least_segment: 4, ..Detection::default() };
        let found = detect(&[10.0, 10.0, 10.0, 10.0, 20.0, 20.0, 20.0, 20.0], &how);
        assert_eq!(found.iter().map(|s| (s.index, s.before, s.after)).collect::<Vec<_>>(), [(4, 10.0, 20.0)]);
    }

    #[test]
    fn steps_in_long_noisy_series_are_found_and_confirmed() {
        for seed in 0..10 {
            let found = detect(&noisy(&[(70, 1.4), (30, 0.26), (25, 0.5)], seed), &Detection::default());
            assert_eq!(found.iter().map(|s| s.index).collect::<Vec<_>>(), [70, 100], "seed {seed}");
            assert!(found.iter().all(|s| s.confirmed && s.p_value < 0.001));
        }
    }

    #[test]
    fn noise_and_small_steps_are_no_change() {
        let found: usize = (0..40).map(|s| detect(&noisy(&[(120, 1.0)], s), &Detection::default()).len()).sum();
        assert!(found <= 1, "{found} false change points in 40 quiet series");
        assert!(detect(&noisy(&[(60, 1.0), (60, 1.02)], 3), &Detection::default()).is_empty());
        assert!(detect(&[1.0; 9], &Detection::default()).is_empty());
        assert!(detect(&[0.0; 30], &Detection::default()).is_empty());
        assert!(detect(&[f64::NAN; 30], &Detection::default()).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn p36_a_constant_or_a_scale_moves_nothing(seed in 0u64..500, at in 12usize..40, height in 1.2f64..4.0, add in 0.0f64..64.0, scale in 0u32..6) {
            let series = noisy(&[(at, 1.0), (52 - at, height)], seed);
            let plain = Detection { logarithms: false, ..Detection::default() };
            let shifted: Vec<f64> = series.iter().map(|v| v + add.floor()).collect();
            prop_assert_eq!(candidates(&series, &plain), candidates(&shifted, &plain));
            let scaled: Vec<f64> = series.iter().map(|v| v * f64::from(1 << scale)).collect();
            let indexes = |s: &[f64]| detect(s, &plain).iter().map(|p| p.index).collect::<Vec<_>>();
            prop_assert_eq!(indexes(&series), indexes(&scaled));
        }
    }
}
