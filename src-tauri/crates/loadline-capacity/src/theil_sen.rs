//! A slope that outliers hardly move.

use loadline_model::num;

/// Median of the slopes between all pairs of points with different x; `None` without such a pair.
pub(crate) fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (i, (x, y)) in points.iter().enumerate() {
        for (u, v) in points.iter().skip(i + 1) {
            let slope = (v - y) / (u - x);
            if (u - x).abs() > 1e-12 && slope.is_finite() {
                slopes.push(slope);
            }
        }
    }
    num::quantile(&mut slopes, 0.5)
}

/// Median of what the slope leaves: the value at x = 0.
pub(crate) fn intercept(points: &[(f64, f64)], slope: f64) -> Option<f64> {
    num::median(&points.iter().map(|(x, y)| y - slope * x).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_outlier_changes_nothing() {
        let mut points: Vec<(f64, f64)> = (0..12).map(|i| (f64::from(i), 3.0 + 0.5 * f64::from(i))).collect();
        points[7].1 = 99.0;
        assert_eq!(slope(&points), Some(0.5));
        assert_eq!(intercept(&points, 0.5), Some(3.0));
        assert_eq!(slope(&[(1.0, 2.0), (1.0, 3.0)]), None);
    }
}
