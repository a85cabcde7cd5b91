//! E-divisive (Matteson and James 2014) in the deterministic form of Apache Otava: where do two samples differ most?

/// Sums of |x_i - x_j| for any two ranges of a series in constant time.
pub(super) struct Distances {
    /// prefix[i][j]: sum over rows below i and columns below j.
    prefix: Vec<f64>,
    width: usize,
}

impl Distances {
    pub(super) fn new(series: &[f64]) -> Self {
        let width = series.len() + 1;
        let mut prefix = vec![0.0; width * width];
        for (i, x) in series.iter().enumerate() {
            let mut row = 0.0;
            for (j, y) in series.iter().enumerate() {
                row += (x - y).abs();
                prefix[(i + 1) * width + j + 1] = prefix[i * width + j + 1] + row;
            }
        }
        Self { prefix, width }
    }

    fn block(&self, rows: (usize, usize), columns: (usize, usize)) -> f64 {
        let at = |i: usize, j: usize| self.prefix[i * self.width + j];
        at(rows.1, columns.1) - at(rows.0, columns.1) - at(rows.1, columns.0) + at(rows.0, columns.0)
    }

    /// Q of the split of `start..end` at `tau`: 0 when either side is empty.
    pub(super) fn divergence(&self, start: usize, tau: usize, end: usize) -> f64 {
        if tau <= start || end <= tau {
            return 0.0;
        }
        let (n, m) = ((tau - start) as f64, (end - tau) as f64);
        let within = |from: usize, to: usize, size: f64| {
            // A block holds every unordered pair twice, and a value with itself is no pair.
            if size > 1.0 { self.block((from, to), (from, to)) / (size * (size - 1.0)) } else { 0.0 }
        };
        let between = self.block((start, tau), (tau, end)) / (n * m);
        n * m / (n + m) * (2.0 * between - within(start, tau, n) - within(tau, end, m))
    }

    /// The split (tau, kappa) of `start..end` with the largest Q and at least `least` points on both sides; earliest
    /// when several are equal.
    pub(super) fn best_split(&self, start: usize, end: usize, least: usize) -> Option<(usize, usize)> {
        let mut best: Option<(usize, usize, f64)> = None;
        for tau in start + least..=end.saturating_sub(least) {
            for kappa in tau + least..=end {
                let q = self.divergence(start, tau, kappa);
                if best.is_none_or(|(_, _, top)| q > top * (1.0 + 1e-12) + 1e-300) {
                    best = Some((tau, kappa, q));
                }
            }
        }
        best.map(|(tau, kappa, _)| (tau, kappa))
    }
}

/// Q of splitting the series at `tau`, comparing with the values up to `kappa` (exclusive); 0 outside the series.
pub fn divergence(series: &[f64], tau: usize, kappa: usize) -> f64 {
    if kappa > series.len() { 0.0 } else { Distances::new(series).divergence(0, tau, kappa) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e16_divergence_of_a_step() {
        let series = [10.0, 10.0, 10.0, 10.0, 20.0, 20.0, 20.0, 20.0];
        for (tau, want) in (1..8).zip([5.0, 12.0, 22.5, 40.0, 22.5, 12.0, 5.0]) {
            assert!((divergence(&series, tau, 8) - want).abs() < 1e-9, "Q({tau})");
        }
        assert_eq!(Distances::new(&series).best_split(0, 8, 1), Some((4, 8)));
        assert_eq!(divergence(&series, 0, 8), 0.0);
        assert_eq!(divergence(&series, 3, 9), 0.0);
    }
}
