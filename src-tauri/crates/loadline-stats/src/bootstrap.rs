//! Interval of a weighted mean by resampling days (`scoring.md` §5.5).

use loadline_model::num;
use loadline_model::random::Draws;

/// Resamples behind every published interval.
pub const RESAMPLES: usize = 2_000;
/// Days per block when neighbouring days are alike.
pub const BLOCK_DAYS: usize = 3;
/// Lag-1 correlation above which days are resampled in blocks.
pub const CORRELATED: f64 = 0.3;

/// Weighted mean of (value, weight); `None` without positive weight.
pub fn weighted_mean(values: &[(f64, f64)]) -> Option<f64> {
    let weight: f64 = values.iter().map(|(_, w)| w).sum();
    let sum: f64 = values.iter().map(|(v, w)| v * w).sum();
    (weight > 0.0 && sum.is_finite()).then(|| sum / weight)
}

/// Correlation of each value with the next, 0 for fewer than 4 values or constant ones.
pub fn lag1_correlation(values: &[f64]) -> f64 {
    let n = values.len();
    if n < 4 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let spread: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    let along: f64 = values.windows(2).map(|w| (w[0] - mean) * (w[1] - mean)).sum();
    if spread > 0.0 { along / spread } else { 0.0 }
}

/// Interval of the weighted mean that covers the share `level`, from `resamples` seeded resamples of (value, weight)
/// pairs in time order. Blocks of [`BLOCK_DAYS`] neighbours are kept together when the values' lag-1 correlation
/// exceeds [`CORRELATED`]. `None` for fewer than 2 values.
pub fn interval(values: &[(f64, f64)], level: f64, resamples: usize, seed: u64) -> Option<(f64, f64)> {
    let n = values.len();
    if n < 2 || resamples == 0 {
        return None;
    }
    let plain: Vec<f64> = values.iter().map(|(v, _)| *v).collect();
    let block = if lag1_correlation(&plain) > CORRELATED { BLOCK_DAYS.min(n) } else { 1 };
    let mut draws = Draws::new(seed);
    let mut means = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        let (mut sum, mut weight, mut taken) = (0.0, 0.0, 0);
        while taken < n {
            let start = draws.below(n - block + 1);
            for (value, w) in values[start..start + block].iter().take(n - taken) {
                sum += value * w;
                weight += w;
                taken += 1;
            }
        }
        if weight > 0.0 {
            means.push(sum / weight);
        }
    }
    means.sort_by(f64::total_cmp);
    let tail = (1.0 - level) / 2.0;
    Some((num::quantile_sorted(&means, tail)?, num::quantile_sorted(&means, 1.0 - tail)?))
}

/// An interval round `middle`, widened by what resampling cannot see: `inflation` of the standard error by correlated days,
/// and the spread that `n` values lose to their own mean.
pub fn widened((low, high): (f64, f64), middle: f64, n: usize, inflation: f64) -> (f64, f64) {
    let factor = inflation.max(1.0) * if n > 1 { num::sqrt(n as f64 / (n as f64 - 1.0)) } else { 1.0 };
    (middle - factor * (middle - low), middle + factor * (high - middle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p35_same_seed_same_bits_and_the_mean_is_inside() {
        let values: Vec<(f64, f64)> = (0..14).map(|i| (f64::from(i % 5) - 1.0, 1.0 + f64::from(i % 3))).collect();
        let (low, high) = interval(&values, 0.95, RESAMPLES, 7).expect("enough");
        let mean = weighted_mean(&values).expect("weights");
        assert!(low < mean && mean < high);
        assert_eq!(interval(&values, 0.95, RESAMPLES, 7), Some((low, high)));
        assert_eq!(interval(&values[..1], 0.95, RESAMPLES, 7), None);
    }

    #[test]
    fn widening_keeps_the_middle_and_never_narrows() {
        let (low, high) = widened((-0.2, 0.1), 0.0, 13, 1.2);
        let factor = 1.2 * num::sqrt(13.0 / 12.0);
        assert!((low + 0.2 * factor).abs() < 1e-12 && (high - 0.1 * factor).abs() < 1e-12);
        assert_eq!(widened((-0.2, 0.1), 0.0, 1, 0.5), (-0.2, 0.1));
    }

    #[test]
    fn slow_waves_widen_the_interval() {
        let wave: Vec<(f64, f64)> = (0..18).map(|i| (if (i / 3) % 2 == 0 { 1.0 } else { -1.0 }, 1.0)).collect();
        let mixed: Vec<(f64, f64)> = (0..18).map(|i| (if i % 2 == 0 { 1.0 } else { -1.0 }, 1.0)).collect();
        assert!(lag1_correlation(&wave.iter().map(|v| v.0).collect::<Vec<_>>()) > CORRELATED);
        let width = |v: &[(f64, f64)]| interval(v, 0.95, RESAMPLES, 1).map(|(a, b)| b - a).expect("enough");
        assert!(width(&wave) > 1.1 * width(&mixed));
    }
}
