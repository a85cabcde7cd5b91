//! Sizes of effects: load-normalised log ratios, log odds, percent, Cliff's delta (`scoring.md` §5.4, §5.5).

use loadline_model::num;

/// ln 1.05: the smallest effect of interest.
pub const SMALLEST: f64 = 0.048_790_164_169_432_05;

/// Fewest observations of a window for a quantile: n (1 - q) >= 30 and n >= 60 (`scoring.md` §5.2).
pub fn minimum_count(quantile: f64) -> u64 {
    let tail = (1.0 - quantile).max(1e-6);
    ((30.0 / tail - 1e-6).ceil() as u64).max(60)
}

/// ln(after / before) of two positive levels; `None` otherwise.
pub fn log_ratio(before: f64, after: f64) -> Option<f64> {
    let theta = num::ln(after / before);
    (before > 0.0 && after > 0.0 && theta.is_finite()).then_some(theta)
}

/// Difference of log odds of two shares (0–1) of `before.1` and `after.1` trials, with 0.5 added to both outcomes.
pub fn log_odds_difference(before: (f64, f64), after: (f64, f64)) -> Option<f64> {
    let odds = |(share, n): (f64, f64)| {
        let hits = share.clamp(0.0, 1.0) * n;
        (n > 0.0).then(|| num::ln((hits + 0.5) / (n - hits + 0.5)))
    };
    let theta = odds(after)? - odds(before)?;
    theta.is_finite().then_some(theta)
}

/// Percentage points by which a share of `base` moves when its log odds move by `theta`.
pub fn percentage_points(base: f64, theta: f64) -> f64 {
    let base = base.clamp(1e-9, 1.0 - 1e-9);
    let odds = base / (1.0 - base) * num::exp(theta.clamp(-500.0, 500.0));
    100.0 * (odds / (1.0 + odds) - base)
}

/// Percent change of a log ratio: 100 (e^theta - 1).
pub fn percent(theta: f64) -> f64 {
    100.0 * (num::exp(theta.clamp(-500.0, 500.0)) - 1.0)
}

/// Cliff's delta: share of pairs in which `after` is larger minus the share in which it is smaller, -1 to 1.
pub fn cliffs_delta(before: &[f64], after: &[f64]) -> Option<f64> {
    let pairs = before.len() * after.len();
    let balance: i64 = before.iter().flat_map(|b| after.iter().map(move |a| i64::from(a > b) - i64::from(a < b))).sum();
    (pairs > 0).then(|| balance as f64 / pairs as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bootstrap::weighted_mean;

    #[test]
    fn e17_theta_over_strata() {
        let strata = [(820.0, 410.0, 40.0), (1100.0, 520.0, 60.0), (1600.0, 700.0, 20.0)];
        let ratios: Vec<(f64, f64)> =
            strata.iter().map(|(b, a, w)| (log_ratio(*b, *a).expect("positive"), *w)).collect();
        let theta = weighted_mean(&ratios).expect("weights");
        assert!((theta + 0.743_447).abs() < 1e-6, "{theta}");
        assert!((percent(theta) + 52.45).abs() < 0.005);
    }

    #[test]
    fn e18_field_report() {
        let theta = log_ratio(1.5, 0.25).expect("positive");
        assert!((theta + 1.791_759).abs() < 1e-6 && (percent(theta) + 83.333_333).abs() < 1e-5);
    }

    #[test]
    fn minimal_counts() {
        assert_eq!([0.5, 0.95, 0.99].map(minimum_count), [60, 600, 3000]);
    }

    #[test]
    fn shares_move_in_points() {
        let theta = log_odds_difference((0.02, 1e6), (0.01, 1e6)).expect("trials");
        assert!((percentage_points(0.02, theta) + 1.0).abs() < 1e-4);
        assert_eq!(log_odds_difference((0.0, 0.0), (0.1, 10.0)), None);
        assert!(log_odds_difference((0.0, 50.0), (1.0, 50.0)).expect("corrected").is_finite());
    }

    #[test]
    fn cliffs_delta_counts_pairs() {
        assert_eq!(cliffs_delta(&[1.0, 2.0], &[3.0, 4.0]), Some(1.0));
        assert_eq!(cliffs_delta(&[1.0, 2.0], &[1.0, 2.0]), Some(0.0));
        assert_eq!(cliffs_delta(&[], &[1.0]), None);
        assert_eq!(log_ratio(0.0, 1.0), None);
    }
}
