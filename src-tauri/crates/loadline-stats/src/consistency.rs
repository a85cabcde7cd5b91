//! Checks that figures can be true together.

/// Markov's inequality: at most `mean / value` of non-negative values can reach `value`. False: a mean and a tail
/// (share in 0–1 at or above `value`, same unit) cannot both be true.
pub fn mean_allows_tail(mean: f64, share: f64, value: f64) -> bool {
    let sane = mean.is_finite() && value.is_finite() && (0.0..=1.0).contains(&share) && mean >= 0.0 && value >= 0.0;
    sane && share * value <= mean * (1.0 + 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e15_mean_against_tail() {
        assert!(!mean_allows_tail(100.0, 0.05, 3000.0), "mean 100 ms and 5 % at 3 s cannot both be");
        assert!(mean_allows_tail(100.0, 0.033_333, 3000.0));
        assert!(!mean_allows_tail(100.0, 0.0334, 3000.0));
        assert!(mean_allows_tail(0.95 * 104.2 + 0.05 * 3000.0, 0.05, 3000.0));
        assert!((0.95 * 104.2 + 0.05 * 3000.0 - 248.99f64).abs() < 1e-9);
        assert!(!mean_allows_tail(f64::NAN, 0.05, 1.0));
    }
}
