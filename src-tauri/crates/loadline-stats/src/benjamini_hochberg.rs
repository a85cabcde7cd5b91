//! Correction for asking many questions at once (Benjamini and Hochberg 1995).

/// Adjusted p-values in the order given: comparing each with 0.05 keeps the expected share of false discoveries below 5 %.
pub fn adjust(p_values: &[f64]) -> Vec<f64> {
    let n = p_values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]).then(a.cmp(b)));
    let mut adjusted = vec![1.0; n];
    let mut least: f64 = 1.0;
    for (rank, at) in order.iter().enumerate().rev() {
        least = least.min(p_values[*at] * (n as f64 / (rank + 1) as f64));
        adjusted[*at] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        let got = adjust(&[0.01, 0.04, 0.03, 0.005]);
        for (got, want) in got.iter().zip([0.02, 0.04, 0.04, 0.02]) {
            assert!((got - want).abs() < 1e-12, "{got} against {want}");
        }
        assert!(adjust(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn adjusting_never_lowers_and_keeps_the_order(p in prop::collection::vec(0.0f64..=1.0, 1..40)) {
            let got = adjust(&p);
            for i in 0..p.len() {
                prop_assert!(got[i] >= p[i] && got[i] <= 1.0);
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || got[i] <= got[j]);
                }
            }
        }
    }
}
