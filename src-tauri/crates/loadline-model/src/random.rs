//! Seeded random draws (ChaCha8), identical on every machine. The seed is always derived from the input.

use crate::num;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};

/// A deterministic stream of draws.
#[derive(Clone, Debug)]
pub struct Draws(ChaCha8Rng);

impl Draws {
    /// A stream for a seed, usually from [`crate::hash::seed`].
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }
    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }
    /// Uniform in [0, 1) with 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
    /// Uniform integer in 0..n; 0 when n is 0. The modulo bias is below 2^-32 for every n used here.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.bits() % n as u64) as usize }
    }
    /// Standard normal by Box–Muller (one of the pair).
    pub fn normal(&mut self) -> f64 {
        let u = 1.0 - self.uniform();
        let v = self.uniform();
        num::sqrt(-2.0 * num::ln(u)) * num::cos(2.0 * std::f64::consts::PI * v)
    }
    /// Exponential with the given mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * num::ln(1.0 - self.uniform())
    }
    /// Gamma with shape > 0 and rate > 0 (Marsaglia and Tsang 2000; boosted below shape 1).
    pub fn gamma(&mut self, shape: f64, rate: f64) -> f64 {
        if shape < 1.0 {
            let boost = num::pow(1.0 - self.uniform(), 1.0 / shape);
            return self.gamma(shape + 1.0, rate) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / num::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            let u = 1.0 - self.uniform();
            if num::ln(u) < 0.5 * x * x + d - d * v + d * num::ln(v) {
                return d * v / rate;
            }
        }
    }
    /// Lognormal by median and sigma of the logarithm.
    pub fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        median * num::exp(sigma * self.normal())
    }
    /// Triangular on [low, high] with the given mode.
    pub fn triangular(&mut self, low: f64, mode: f64, high: f64) -> f64 {
        if high <= low {
            return mode;
        }
        let u = self.uniform();
        let split = (mode - low) / (high - low);
        if u < split {
            low + num::sqrt(u * (high - low) * (mode - low))
        } else {
            high - num::sqrt((1.0 - u) * (high - low) * (high - mode))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_right() {
        let mut draws = Draws::new(7);
        let n = 40_000;
        let mean =
            |f: &mut dyn FnMut(&mut Draws) -> f64, draws: &mut Draws| (0..n).map(|_| f(draws)).sum::<f64>() / n as f64;
        assert!((mean(&mut |d| d.uniform(), &mut draws) - 0.5).abs() < 0.01);
        assert!(mean(&mut |d| d.normal(), &mut draws).abs() < 0.02);
        assert!((mean(&mut |d| d.gamma(3.0, 2.0), &mut draws) - 1.5).abs() < 0.03);
        assert!((mean(&mut |d| d.gamma(0.5, 1.0), &mut draws) - 0.5).abs() < 0.03);
        assert!((mean(&mut |d| d.triangular(0.0, 1.0, 5.0), &mut draws) - 2.0).abs() < 0.03);
        assert!((mean(&mut |d| d.exponential(2.0), &mut draws) - 2.0).abs() < 0.05);
    }

    #[test]
    fn same_seed_same_bits() {
        assert_eq!(Draws::new(1).bits(), Draws::new(1).bits());
        assert_ne!(Draws::new(1).bits(), Draws::new(2).bits());
    }
}
