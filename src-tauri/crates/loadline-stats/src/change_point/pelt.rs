//! PELT (Killick et al. 2012) with squared error: an independent second opinion on change points.

use loadline_model::num;

/// First points of new segments. Squared error in units of the noise (from first differences), penalty 3 ln n per
/// segment, at least `least` points each.
pub fn change_points(series: &[f64], least: usize) -> Vec<usize> {
    let n = series.len();
    let least = least.max(1);
    if n < 2 * least || series.iter().any(|v| !v.is_finite()) {
        return Vec::new();
    }
    let noise = noise_variance(series);
    let penalty = 3.0 * num::ln(n as f64);
    let (mut sums, mut squares) = (vec![0.0], vec![0.0]);
    for v in series {
        sums.push(sums[sums.len() - 1] + v);
        squares.push(squares[squares.len() - 1] + v * v);
    }
    let cost = |from: usize, to: usize| {
        let sum = sums[to] - sums[from];
        ((squares[to] - squares[from]) - sum * sum / (to - from) as f64).max(0.0) / noise
    };
    let mut best = vec![0.0; n + 1];
    let mut previous = vec![0usize; n + 1];
    let mut open: Vec<usize> = vec![0];
    for end in least..=n {
        let mut chosen = (f64::INFINITY, 0);
        for start in open.iter().copied().filter(|s| end - s >= least) {
            let total = best[start] + cost(start, end) + if start == 0 { 0.0 } else { penalty };
            if total < chosen.0 {
                chosen = (total, start);
            }
        }
        (best[end], previous[end]) = chosen;
        open.retain(|s| end - s < least || best[*s] + cost(*s, end) <= best[end] + penalty);
        open.push(end);
    }
    let mut found = Vec::new();
    let mut at = previous[n];
    while at > 0 {
        found.push(at);
        at = previous[at];
    }
    found.reverse();
    found
}

/// Variance of the noise from the median absolute first difference, which a few steps hardly move.
fn noise_variance(series: &[f64]) -> f64 {
    let steps: Vec<f64> = series.windows(2).map(|w| (w[1] - w[0]).abs()).collect();
    let scale = num::median(&steps).unwrap_or(0.0) / (0.674_489_750_196_081_7 * std::f64::consts::SQRT_2);
    (scale * scale).max(1e-12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_steps_and_only_steps() {
        let wiggle = |i: usize| 0.05 * ((i * 7 % 5) as f64 - 2.0);
        let step: Vec<f64> = (0..40).map(|i| if i < 22 { 1.0 } else { 2.0 } + wiggle(i)).collect();
        assert_eq!(change_points(&step, 5), [22]);
        let flat: Vec<f64> = (0..40).map(|i| 1.0 + wiggle(i)).collect();
        assert!(change_points(&flat, 5).is_empty());
        assert!(change_points(&[1.0, 2.0, f64::NAN], 1).is_empty());
    }
}
