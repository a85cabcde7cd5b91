//! The universal scalability law: throughput over members or concurrency (`scoring.md` §4.2).

use crate::theil_sen;
use loadline_model::random::Draws;
use loadline_model::{Interval, hash, num};

const ITERATIONS: usize = 200;
const RESAMPLES: usize = 1_000;
/// No resampled throughput falls below this share of the law's.
const LEAST_SHARE: f64 = 0.05;
/// Fewest distinct load levels, and the least range between them.
pub const LEAST_LEVELS: usize = 6;
/// Least ratio between the largest and the smallest level.
pub const LEAST_RANGE: f64 = 4.0;
/// Fits below this R² on log throughput are refused.
pub const LEAST_R2: f64 = 0.9;
/// Fits whose peak may lie anywhere in a wider ratio than this are refused.
pub const WIDEST_PEAK: f64 = 4.0;

/// X(N) = lambda N / (1 + alpha (N - 1) + beta N (N - 1)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// Throughput of one.
    pub lambda: f64,
    /// Contention, >= 0.
    pub alpha: f64,
    /// Coherency, >= 0.
    pub beta: f64,
}

impl Law {
    /// Throughput at `n` >= 1.
    pub fn throughput(&self, n: f64) -> f64 {
        self.lambda * n / (1.0 + self.alpha * (n - 1.0) + self.beta * n * (n - 1.0))
    }
    /// Where throughput is highest; `None` without coherency cost: then it rises towards lambda / alpha for ever. 1 when
    /// one member is already too many.
    pub fn peak(&self) -> Option<f64> {
        (self.beta > 0.0).then(|| num::sqrt(((1.0 - self.alpha) / self.beta).max(1.0)))
    }
}

/// A fit that may be believed.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The law.
    pub law: Law,
    /// alpha with 80 % interval.
    pub alpha: Interval,
    /// beta with 80 % interval.
    pub beta: Interval,
    /// Where throughput is highest, with 80 % interval; `None` without coherency cost.
    pub peak: Option<Interval>,
    /// R² on log throughput.
    pub r2: f64,
    /// Distinct levels behind it.
    pub levels: usize,
}

/// Why no fit is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal {
    /// Fewer distinct levels than [`LEAST_LEVELS`].
    TooFewLevels(usize),
    /// Largest over smallest level below [`LEAST_RANGE`].
    NarrowRange(f64),
    /// R² below [`LEAST_R2`].
    PoorFit(f64),
    /// The interval of the peak spans more than [`WIDEST_PEAK`].
    PeakUncertain,
}

/// Fits steady-state points (members or concurrency >= 1, throughput > 0); others are left out.
///
/// # Errors
/// [`Refusal`] when the points do not carry a fit.
pub fn fit(points: &[(f64, f64)]) -> Result<Fit, Refusal> {
    let mut points: Vec<(f64, f64)> =
        points.iter().copied().filter(|(n, x)| n.is_finite() && *n >= 1.0 && x.is_finite() && *x > 0.0).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut levels: Vec<f64> = points.iter().map(|p| p.0).collect();
    levels.dedup();
    let (Some(low), Some(high), true) = (levels.first(), levels.last(), levels.len() >= LEAST_LEVELS) else {
        return Err(Refusal::TooFewLevels(levels.len()));
    };
    if high / low < LEAST_RANGE {
        return Err(Refusal::NarrowRange(num::round9(high / low)));
    }
    let law = descend(&points, start(&points));
    let r2 = r_squared(&points, &law);
    if r2 < LEAST_R2 {
        return Err(Refusal::PoorFit(num::round9(r2)));
    }
    intervals(&points, law, r2, levels.len())
}

/// The straight line y = (lambda N / X - 1) / (N - 1) = alpha + beta N gives the start; lambda from X(1), else from the
/// lowest level.
fn start(points: &[(f64, f64)]) -> Law {
    let single: Vec<f64> = points.iter().filter(|(n, _)| *n == 1.0).map(|(_, x)| *x).collect();
    let lambda = num::median(&single).or_else(|| points.first().map(|(n, x)| x / n)).unwrap_or(1.0);
    let line: Vec<(f64, f64)> =
        points.iter().filter(|(n, _)| *n > 1.0).map(|(n, x)| (*n, (lambda * n / x - 1.0) / (n - 1.0))).collect();
    let beta = theil_sen::slope(&line).unwrap_or(0.0).max(0.0);
    let alpha = theil_sen::intercept(&line, beta).unwrap_or(0.0).max(0.0);
    Law { lambda, alpha, beta }
}

fn residuals(points: &[(f64, f64)], law: &Law) -> Vec<f64> {
    points.iter().map(|(n, x)| x - law.throughput(*n)).collect()
}

fn squared_error(points: &[(f64, f64)], law: &Law) -> f64 {
    residuals(points, law).iter().map(|r| r * r).sum()
}

fn r_squared(points: &[(f64, f64)], law: &Law) -> f64 {
    let logs: Vec<f64> = points.iter().map(|(_, x)| num::ln(*x)).collect();
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    let total: f64 = logs.iter().map(|l| (l - mean) * (l - mean)).sum();
    let left: f64 =
        points.iter().zip(&logs).map(|((n, _), log)| log - num::ln(law.throughput(*n))).map(|r| r * r).sum();
    if total > 0.0 { 1.0 - left / total } else { 0.0 }
}

/// Levenberg–Marquardt on throughput, projected onto alpha, beta >= 0. X(1) is a reading like the others: one that is off
/// would otherwise bend the whole curve.
fn descend(points: &[(f64, f64)], start: Law) -> Law {
    let (mut law, mut damping) = (start, 1e-3);
    let mut error = squared_error(points, &law);
    for _ in 0..ITERATIONS {
        let (mut normal, mut gradient) = ([[0.0; 3]; 3], [0.0; 3]);
        for ((n, _), r) in points.iter().zip(residuals(points, &law)) {
            let below = 1.0 + law.alpha * (n - 1.0) + law.beta * n * (n - 1.0);
            let x = law.throughput(*n);
            // Derivatives of X by ln lambda, alpha, beta.
            let slope = [x, -x * (n - 1.0) / below, -x * n * (n - 1.0) / below];
            for i in 0..3 {
                gradient[i] += slope[i] * r;
                for j in 0..3 {
                    normal[i][j] += slope[i] * slope[j];
                }
            }
        }
        for (i, row) in normal.iter_mut().enumerate() {
            row[i] = row[i] * (1.0 + damping) + 1e-300;
        }
        let Some(step) = step(normal, gradient, &law) else { break };
        let tried = Law {
            lambda: law.lambda * num::exp(step[0].clamp(-1.0, 1.0)),
            alpha: (law.alpha + step[1]).max(0.0),
            beta: (law.beta + step[2]).max(0.0),
        };
        let tried_error = squared_error(points, &tried);
        if tried_error.is_finite() && tried_error <= error {
            let settled = error - tried_error <= 1e-16 * error;
            (law, error, damping) = (tried, tried_error, (damping / 5.0).max(1e-12));
            if settled {
                break;
            }
        } else {
            damping *= 4.0;
        }
    }
    law
}

/// The step of a damped system; a coefficient at 0 that would go below stays there, and the others step without it.
fn step(mut normal: [[f64; 3]; 3], mut gradient: [f64; 3], law: &Law) -> Option<[f64; 3]> {
    let values = [law.lambda, law.alpha, law.beta];
    loop {
        let step = solve(normal, gradient)?;
        let Some(held) = (1..3).find(|i| values[*i] <= 0.0 && step[*i] < 0.0) else { return Some(step) };
        normal[held] = [0.0; 3];
        normal.iter_mut().for_each(|row| row[held] = 0.0);
        (normal[held][held], gradient[held]) = (1.0, 0.0);
    }
}

/// Gaussian elimination with pivoting; `None` for a singular system.
fn solve(mut a: [[f64; 3]; 3], mut b: [f64; 3]) -> Option<[f64; 3]> {
    for i in 0..3 {
        let pivot = (i..3).max_by(|x, y| a[*x][i].abs().total_cmp(&a[*y][i].abs()))?;
        a.swap(i, pivot);
        b.swap(i, pivot);
        if a[i][i].abs() < 1e-305 {
            return None;
        }
        for row in i + 1..3 {
            let factor = a[row][i] / a[i][i];
            let upper = a[i];
            for (value, above) in a[row].iter_mut().zip(upper).skip(i) {
                *value -= factor * above;
            }
            b[row] -= factor * b[i];
        }
    }
    let mut x = [0.0; 3];
    for i in (0..3).rev() {
        let known: f64 = (i + 1..3).map(|j| a[i][j] * x[j]).sum();
        x[i] = (b[i] - known) / a[i][i];
    }
    x.iter().all(|v| v.is_finite()).then_some(x)
}

/// 80 % intervals by residual bootstrap.
fn intervals(points: &[(f64, f64)], law: Law, r2: f64, levels: usize) -> Result<Fit, Refusal> {
    let text: Vec<String> = points.iter().map(|(n, x)| format!("{n}:{x}")).collect();
    let mut random = Draws::new(hash::seed(&["usl", &text.join(" ")]));
    // Resampled as shares: noise grows with throughput, and what the low levels miss would otherwise pass for the noise of
    // all.
    let missed: Vec<f64> = points.iter().map(|(n, x)| x / law.throughput(*n) - 1.0).collect();
    // With few points a fit hugs them: residuals are scaled up by the degrees of freedom it took.
    let scale = num::sqrt(points.len() as f64 / (points.len() as f64 - 3.0).max(1.0));
    let (mut alphas, mut betas, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RESAMPLES {
        let drawn: Vec<(f64, f64)> = points
            .iter()
            .map(|(n, _)| {
                (*n, law.throughput(*n) * (1.0 + scale * missed[random.below(missed.len())]).max(LEAST_SHARE))
            })
            .collect();
        let again = descend(&drawn, law);
        alphas.push(again.alpha);
        betas.push(again.beta);
        peaks.push(again.peak().unwrap_or(f64::MAX));
    }
    let interval = |values: &mut Vec<f64>, middle: f64| {
        values.sort_by(f64::total_cmp);
        let at = |q| num::quantile_sorted(values, q).unwrap_or(middle);
        Interval { p10: at(0.1).min(middle), p50: middle, p90: at(0.9).max(middle) }
    };
    let peak = match law.peak() {
        Some(middle) => {
            let wide = interval(&mut peaks, middle);
            if wide.p90 / wide.p10 > WIDEST_PEAK {
                return Err(Refusal::PeakUncertain);
            }
            Some(wide)
        }
        // Throughput that may well peak somewhere is not proven to rise for ever.
        None if peaks.iter().filter(|p| **p < f64::MAX).count() * 10 > RESAMPLES => return Err(Refusal::PeakUncertain),
        None => None,
    };
    Ok(Fit {
        alpha: interval(&mut alphas, law.alpha),
        beta: interval(&mut betas, law.beta),
        law,
        peak,
        r2: num::round9(r2),
        levels,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const E11: Law = Law { lambda: 100.0, alpha: 0.05, beta: 0.0005 };
    const NS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

    #[test]
    fn e11_the_law() {
        for (n, x) in [(2.0, 190.29), (4.0, 346.02), (8.0, 580.55), (16.0, 855.61), (32.0, 1050.56), (64.0, 1037.95)] {
            assert!((E11.throughput(n) - x).abs() < 0.006, "X({n})");
        }
        assert!((E11.peak().expect("beta") - 43.588_989).abs() < 1e-6);
        assert!(
            (E11.throughput(43.0) - 1_074.194_354).abs() < 1e-6 && (E11.throughput(44.0) - 1_074.218_750).abs() < 1e-6
        );
    }

    #[test]
    fn e11_noise_free_points_return_the_law() {
        for points in
            [NS.map(|n| (n, E11.throughput(n))).to_vec(), NS[1..].iter().map(|n| (*n, E11.throughput(*n))).collect()]
        {
            let fit = fit(&points).expect("clean");
            assert!((fit.law.alpha - 0.05).abs() < 1e-6 && (fit.law.beta - 0.0005).abs() < 1e-8, "{:?}", fit.law);
            assert!((fit.law.lambda - 100.0).abs() < 1e-4 && fit.r2 > 0.999_999);
            assert!(fit.peak.is_some_and(|p| (p.p50 - 43.589).abs() < 0.01 && p.p90 - p.p10 < 0.1));
        }
    }

    #[test]
    fn e11_the_straight_line_is_exact_without_noise() {
        let line = start(&NS.map(|n| (n, E11.throughput(n))));
        assert!((line.alpha - 0.05).abs() < 1e-12 && (line.beta - 0.0005).abs() < 1e-14, "{line:?}");
    }

    #[test]
    fn noise_widens_and_too_little_is_refused() {
        let mut draws = Draws::new(3);
        let noisy: Vec<(f64, f64)> = NS.map(|n| (n, E11.throughput(n) * num::exp(0.02 * draws.normal()))).to_vec();
        let fitted = fit(&noisy).expect("mild noise");
        assert!(fitted.beta.p10 < fitted.beta.p50 && fitted.beta.p50 < fitted.beta.p90, "{:?}", fitted.beta);
        assert_eq!(fit(&noisy[..5]), Err(Refusal::TooFewLevels(5)));
        let near: Vec<(f64, f64)> =
            (0..6).map(|i| (f64::from(i) / 5.0 + 2.0, E11.throughput(2.0 + f64::from(i) / 5.0))).collect();
        assert_eq!(fit(&near), Err(Refusal::NarrowRange(1.5)));
        let scattered: Vec<(f64, f64)> =
            NS.iter().zip([500.0, 20.0, 900.0, 10.0, 700.0, 30.0, 400.0]).map(|(n, x)| (*n, x)).collect();
        assert!(matches!(fit(&scattered), Err(Refusal::PoorFit(_))), "{:?}", fit(&scattered));
        let early: Vec<(f64, f64)> =
            [1.0, 1.5, 2.0, 3.0, 4.0, 5.0].map(|n| (n, E11.throughput(n) * num::exp(0.05 * draws.normal()))).to_vec();
        assert!(fit(&early).is_err(), "far below the peak nobody knows where it is");
        let linear = fit(&NS.map(|n| (n, 10.0 * n))).expect("a straight line");
        assert_eq!((linear.peak, linear.law.beta), (None, 0.0));
    }

    #[test]
    fn four_in_five_intervals_hold_the_truth() {
        let (mut draws, mut held, mut fits) = (Draws::new(17), 0, 0);
        for _ in 0..60 {
            let noisy = NS.map(|n| (n, E11.throughput(n) * num::exp(0.02 * draws.normal())));
            if let Ok(found) = fit(&noisy) {
                fits += 1;
                let peak = found.peak.expect("beta");
                held += u32::from(peak.p10 <= 43.589 && 43.589 <= peak.p90);
            }
        }
        // 0.8 of 60 within two standard errors.
        assert!(fits >= 50 && held * 100 >= 69 * fits, "{held} of {fits}");
    }

    proptest! {
        #[test]
        fn p24_rises_to_the_peak_and_falls_after(lambda in 1.0f64..1e4, alpha in 0.0f64..0.5, beta in 1e-5f64..0.01) {
            let law = Law { lambda, alpha, beta };
            prop_assert!((law.throughput(1.0) / lambda - 1.0).abs() < 1e-12);
            let peak = law.peak().expect("beta");
            for part in [0.1, 0.5, 0.9] {
                let (a, b) = (1.0 + (peak - 1.0) * part, 1.0 + (peak - 1.0) * (part + 0.05));
                prop_assert!(law.throughput(a) > 0.0 && law.throughput(a) <= law.throughput(b) * (1.0 + 1e-12));
                let (a, b) = (peak * (1.0 + part), peak * (1.05 + part));
                prop_assert!(law.throughput(a) >= law.throughput(b) * (1.0 - 1e-12) && law.throughput(b) > 0.0);
            }
        }
    }
}
