//! Wilson score intervals for ratios of counts (`scoring.md` §7).

use loadline_model::{Interval, num};

/// Two-sided 90 % quantile of the standard normal distribution.
pub const Z_90: f64 = 1.644_853_626_951_472_2;

/// Interval of a share: `hits` of `total`, as (lower, share, upper) in 0–1 for the two-sided level of `z`.
/// `None` when there is nothing to divide by, or more hits than trials.
pub fn interval(hits: u64, total: u64, z: f64) -> Option<Interval> {
    if total == 0 || hits > total || !z.is_finite() {
        return None;
    }
    let (n, share) = (total as f64, hits as f64 / total as f64);
    let shrink = 1.0 + z * z / n;
    let middle = (share + z * z / (2.0 * n)) / shrink;
    let half = z / shrink * num::sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n));
    Some(Interval {
        p10: num::round9((middle - half).clamp(0.0, share)),
        p50: num::round9(share),
        p90: num::round9((middle + half).clamp(share, 1.0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn e23_seven_of_twenty_five() {
        let got = interval(7, 25, Z_90).expect("counts");
        assert!((got.p50 - 0.28).abs() < 1e-9 && (got.p10 - 0.1595).abs() < 5e-5, "{got:?}");
        assert_eq!(interval(0, 0, Z_90), None);
        assert_eq!(interval(3, 2, Z_90), None);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_share(total in 1u64..5_000, part in 0.0f64..=1.0) {
            let hits = (total as f64 * part) as u64;
            let got = interval(hits, total, Z_90).expect("counts");
            prop_assert!(0.0 <= got.p10 && got.p10 <= got.p50 && got.p50 <= got.p90 && got.p90 <= 1.0);
        }
    }
}
