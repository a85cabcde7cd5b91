//! How much less neighbouring days say than independent ones, because what made one slow often lasts into the next.

use crate::bootstrap::lag1_correlation;
use loadline_model::num;

/// What is assumed before anything is measured: hourly noise of AR(1) 0.9 leaves 0.26 between the means of neighbouring
/// days, of 0.7 leaves 0.08.
const PRIOR: f64 = 0.2;
/// Beyond this the correction would grow without end.
const MOST: f64 = 0.9;

/// Factor (>= 1) by which the standard error of a mean of these days, in time order, exceeds that of independent ones.
///
/// The correlation of neighbours is halfway between what was measured and what is assumed: a dozen days measure it badly,
/// and too low by 1 / n.
pub fn inflation(days: &[f64]) -> f64 {
    let n = days.len() as f64;
    if days.len() < 2 {
        return 1.0;
    }
    let correlation = ((lag1_correlation(days) + 1.0 / n + PRIOR) / 2.0).clamp(0.0, MOST);
    num::sqrt(1.0 + 2.0 * correlation * (1.0 - 1.0 / n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waves_count_for_less_than_noise() {
        let wave: Vec<f64> = (0..18).map(|i| if (i / 3) % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let swing: Vec<f64> = (0..18).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
        assert!(inflation(&wave) > 1.2, "{}", inflation(&wave));
        assert_eq!(inflation(&swing), 1.0);
        assert_eq!(inflation(&[1.0]), 1.0);
    }

    proptest! {
        #[test]
        fn it_never_sharpens_and_never_explodes(days in prop::collection::vec(-3.0f64..3.0, 0..30)) {
            let factor = inflation(&days);
            prop_assert!((1.0..=1.7).contains(&factor), "{}", factor);
            let turned: Vec<f64> = days.iter().map(|v| -v).collect();
            prop_assert!((inflation(&turned) - factor).abs() < 1e-12);
        }
    }
}
