//! Elementary functions that give the same bytes on every machine, and the rules for publishing numbers.
//!
//! The standard library's transcendental functions may differ between targets, so pure crates take them from `libm`
//! through this module only; a lint bans the std methods.

use std::cmp::Ordering;

/// Natural logarithm.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}
/// e to the power of x.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}
/// x to the power of y.
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}
/// Square root.
pub fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}
/// Cosine of an angle in radians.
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}
/// Sine of an angle in radians.
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}
/// Logarithm to base 2.
pub fn log2(x: f64) -> f64 {
    libm::log2(x)
}
/// Logarithm to base 10.
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}
/// Complementary error function; the normal tail is `erfc(z / sqrt 2) / 2`.
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}
/// Logarithm of the gamma function.
pub fn lgamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Rounds to 9 significant digits: the form in which every published number is compared, hashed and printed
/// (`scoring.md` §7). Non-finite input becomes 0 so that `NaN` can never reach a reader; callers refuse earlier.
pub fn round9(x: f64) -> f64 {
    if !x.is_finite() || x == 0.0 {
        return 0.0;
    }
    // Through decimal text: correctly rounded and identical everywhere, unlike scaling by a power of ten.
    format!("{x:.8e}").parse().unwrap_or(0.0)
}

/// Total order on numbers after rounding to 9 significant digits, so that noise in the last bits never decides.
pub fn cmp9(a: f64, b: f64) -> Ordering {
    round9(a).total_cmp(&round9(b))
}

/// The q-quantile (0..=1) of ascending values by linear interpolation between order statistics (type 7);
/// `None` for an empty slice.
pub fn quantile_sorted(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = q.clamp(0.0, 1.0) * last as f64;
    let low = at as usize;
    let high = (low + 1).min(last);
    Some(sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64))
}

/// The q-quantile of unordered values, the same number as [`quantile_sorted`] without sorting them all; reorders them.
pub fn quantile(values: &mut [f64], q: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let at = q.clamp(0.0, 1.0) * last as f64;
    let low = at as usize;
    let (_, from, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let to = above.iter().copied().min_by(f64::total_cmp).unwrap_or(*from);
    Some(*from + (to - *from) * (at - low as f64))
}

/// Median of unordered values; `None` for an empty slice.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(&mut values.to_vec(), 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_idempotent_and_finite() {
        for x in [1.0 / 3.0, 123_456_789_012.3, -2e-7, 1e300, f64::NAN, f64::INFINITY, 0.0] {
            let once = round9(x);
            assert!(once.is_finite());
            assert_eq!(once.to_bits(), round9(once).to_bits());
        }
        assert_eq!(round9(1.0 / 3.0), 0.333333333);
        assert_eq!(cmp9(0.1 + 0.2, 0.3), Ordering::Equal);
    }

    #[test]
    fn selecting_gives_the_same_bits_as_sorting() {
        let mut draws = crate::random::Draws::new(11);
        for n in 0..60 {
            let values: Vec<f64> = (0..n).map(|_| (draws.normal() * 4.0).round() / 3.0).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            for q in [0.0, 0.1, 0.5, 0.95, 1.0] {
                let selected = quantile(&mut values.clone(), q).map(f64::to_bits);
                assert_eq!(selected, quantile_sorted(&sorted, q).map(f64::to_bits), "{n} {q}");
            }
        }
    }
}
