//! Welch's two-sample t-test with an exact tail from the regularised incomplete beta function.

use loadline_model::num;

/// Two-sided p-value that two samples have one mean; `None` for fewer than 2 values on a side or non-finite input.
pub fn p_value(left: &[f64], right: &[f64]) -> Option<f64> {
    let (n, m) = (left.len() as f64, right.len() as f64);
    if left.len() < 2 || right.len() < 2 {
        return None;
    }
    let (mean_left, var_left) = moments(left);
    let (mean_right, var_right) = moments(right);
    let (a, b) = (var_left / n, var_right / m);
    let gap = mean_left - mean_right;
    if !(a + b + gap).is_finite() {
        return None;
    }
    if a + b <= 0.0 {
        return Some(if gap == 0.0 { 1.0 } else { 0.0 });
    }
    let t2 = gap * gap / (a + b);
    let freedom = (a + b) * (a + b) / (a * a / (n - 1.0) + b * b / (m - 1.0));
    regularised_beta(freedom / (freedom + t2), freedom / 2.0, 0.5)
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    // Below the rounding error of the mean a spread is no spread.
    let floor = mean * mean * 1e-28 * n;
    (mean, if spread > floor { spread / (n - 1.0) } else { 0.0 })
}

/// I_x(a, b) by Lentz's continued fraction, to about 1e-14; `None` outside 0..=1 or for non-positive parameters.
pub fn regularised_beta(x: f64, a: f64, b: f64) -> Option<f64> {
    if !((0.0..=1.0).contains(&x) && a > 0.0 && b > 0.0) {
        return None;
    }
    if x == 0.0 || x == 1.0 {
        return Some(x);
    }
    let front = num::exp(num::lgamma(a + b) - num::lgamma(a) - num::lgamma(b) + a * num::ln(x) + b * num::ln(1.0 - x));
    let value = if x < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(x, a, b) / a
    } else {
        1.0 - front * continued_fraction(1.0 - x, b, a) / b
    };
    value.is_finite().then(|| value.clamp(0.0, 1.0))
}

fn continued_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for i in 1..=300 {
        let m = f64::from(i);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_tails() {
        // I_x(1, b) = 1 - (1 - x)^b and I_x(a, 1) = x^a.
        assert!((regularised_beta(0.3, 1.0, 4.0).expect("inside") - (1.0 - num::pow(0.7, 4.0))).abs() < 1e-13);
        assert!((regularised_beta(0.8, 2.5, 1.0).expect("inside") - num::pow(0.8, 2.5)).abs() < 1e-13);
        // Student t with 10 degrees of freedom: P(|t| > 2.228139) = 0.05.
        let t2 = 2.228_138_851_964_938_6 * 2.228_138_851_964_938_6;
        assert!((regularised_beta(10.0 / (10.0 + t2), 5.0, 0.5).expect("inside") - 0.05).abs() < 1e-9);
        assert_eq!(regularised_beta(1.5, 1.0, 1.0), None);
    }

    #[test]
    fn degenerate_samples_have_an_answer() {
        assert_eq!(p_value(&[10.0; 4], &[20.0; 4]), Some(0.0));
        assert_eq!(p_value(&[10.0; 4], &[10.0; 4]), Some(1.0));
        assert_eq!(p_value(&[1.0], &[2.0, 3.0]), None);
        assert_eq!(p_value(&[f64::NAN, 1.0], &[2.0, 3.0]), None);
        let p = p_value(&[1.0, 2.0, 3.0, 4.0], &[2.0, 3.0, 4.0, 5.0]).expect("samples");
        assert!((p - 0.315_3).abs() < 5e-4, "{p}");
    }
}
