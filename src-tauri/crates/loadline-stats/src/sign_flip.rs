//! Two-sided sign-flip test over matched days (`scoring.md` §5.5).

use loadline_model::random::Draws;

/// Most pairs for which every flip is counted: 2^14.
pub const EXACT_PAIRS: usize = 14;

/// Share of sign patterns whose weighted sum is at least as far from 0 as the one seen; (value, weight) pairs.
/// Exact up to [`EXACT_PAIRS`], seeded beyond. `None` for no pairs or non-finite input.
pub fn p_value(pairs: &[(f64, f64)], seed: u64) -> Option<f64> {
    p_value_allowing(pairs, 1.0, seed)
}

/// As [`p_value`] for pairs that are not independent: the sum seen counts as `inflation` (>= 1) times nearer to 0, because
/// sums of correlated values stray that much farther than flipping them one by one shows.
pub fn p_value_allowing(pairs: &[(f64, f64)], inflation: f64, seed: u64) -> Option<f64> {
    let terms: Vec<f64> = pairs.iter().map(|(v, w)| v * w).collect();
    if terms.is_empty() || terms.iter().any(|t| !t.is_finite()) {
        return None;
    }
    if !inflation.is_finite() {
        return None;
    }
    let seen = terms.iter().sum::<f64>().abs() / inflation.max(1.0);
    // Sums that differ only in the last bits are equal sums added in another order.
    let reach = seen - 1e-9 * terms.iter().map(|t| t.abs()).sum::<f64>();
    if terms.len() <= EXACT_PAIRS { Some(exact(&terms, reach)) } else { Some(sampled(&terms, reach, seed)) }
}

fn exact(terms: &[f64], reach: f64) -> f64 {
    // A pattern and its mirror have the same distance from 0, so the first sign stays fixed.
    let patterns = 1u32 << (terms.len() - 1);
    let mut signs = vec![1.0; terms.len()];
    let mut sum: f64 = terms.iter().sum();
    let mut extreme = u32::from(sum.abs() >= reach);
    for step in 1..patterns {
        // Gray code: each step turns one sign.
        let turned = step.trailing_zeros() as usize + 1;
        sum -= 2.0 * signs[turned] * terms[turned];
        signs[turned] = -signs[turned];
        extreme += u32::from(sum.abs() >= reach);
    }
    f64::from(extreme) / f64::from(patterns)
}

fn sampled(terms: &[f64], reach: f64, seed: u64) -> f64 {
    const FLIPS: u32 = 1 << EXACT_PAIRS;
    let mut draws = Draws::new(seed);
    let mut extreme = 1u32;
    for _ in 0..FLIPS {
        let mut bits = 0u64;
        let sum: f64 = terms
            .iter()
            .enumerate()
            .map(|(i, t)| {
                if i % 64 == 0 {
                    bits = draws.bits();
                }
                let sign = if bits & 1 == 0 { 1.0 } else { -1.0 };
                bits >>= 1;
                sign * t
            })
            .sum();
        extreme += u32::from(sum.abs() >= reach);
    }
    f64::from(extreme) / f64::from(FLIPS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(n: usize) -> Vec<(f64, f64)> {
        vec![(0.3, 1.0); n]
    }

    #[test]
    fn six_pairs_are_the_fewest_that_can_convince() {
        assert!((p_value(&same(5), 1).expect("pairs") - 2.0 / 32.0).abs() < 1e-12);
        assert!((p_value(&same(6), 1).expect("pairs") - 2.0 / 64.0).abs() < 1e-12);
        assert_eq!(p_value(&[], 1), None);
        assert_eq!(p_value(&[(0.0, 1.0); 8], 1), Some(1.0));
    }

    #[test]
    fn correlated_days_convince_less() {
        let mixed: Vec<(f64, f64)> = (0..14).map(|i| (if i % 5 == 0 { -0.2 } else { 0.3 }, 1.0)).collect();
        let p = |inflation| p_value_allowing(&mixed, inflation, 1).expect("pairs");
        assert_eq!(p_value(&mixed, 1), Some(p(1.0)));
        assert!(p(1.0) < p(1.2) && p(1.2) < p(1.6), "{} {} {}", p(1.0), p(1.2), p(1.6));
        assert_eq!(p(0.1), p(1.0), "nothing makes days say more");
        assert_eq!(p_value_allowing(&mixed, f64::NAN, 1), None);
        assert!(p_value_allowing(&same(6), 1.2, 1).expect("pairs") <= 2.0 / 64.0, "six alike still convince");
    }

    proptest! {
        #[test]
        fn exact_equals_enumeration(values in prop::collection::vec((-2.0f64..2.0, 0.5f64..3.0), 1..10)) {
            let seen: f64 = values.iter().map(|(v, w)| v * w).sum();
            let n = values.len();
            let extreme = (0..1u32 << n).filter(|mask| {
                let sum: f64 = values.iter().enumerate()
                    .map(|(i, (v, w))| if mask >> i & 1 == 0 { v * w } else { -v * w }).sum();
                sum.abs() >= seen.abs() - 1e-9
            }).count();
            let got = p_value(&values, 3).expect("pairs");
            prop_assert!((got - extreme as f64 / f64::from(1u32 << n)).abs() < 1e-9);
        }

        #[test]
        fn swapping_the_sides_changes_nothing(values in prop::collection::vec((-2.0f64..2.0, 0.5f64..3.0), 1..20)) {
            let swapped: Vec<(f64, f64)> = values.iter().map(|(v, w)| (-v, *w)).collect();
            prop_assert!((p_value(&values, 3).expect("pairs") - p_value(&swapped, 3).expect("pairs")).abs() < 1e-9);
        }
    }
}
