//! Mergeable distributions: percentiles come from merged counts, never from averaged percentiles (`scoring.md` §5.1).

use crate::num;
use serde::{Deserialize, Serialize};

/// A distribution of non-negative values. Counts merge exactly, so merging is associative and commutative.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Distribution {
    /// Prometheus native histogram: bucket `i` holds (2^(2^-schema))^(i-1) < x <= (2^(2^-schema))^i.
    Exponential {
        /// -4..=8; higher is finer.
        schema: i8,
        /// Observations at or near zero.
        zero: u64,
        /// Ascending bucket index and count.
        counts: Vec<(i32, u64)>,
        /// Sum of observations, when known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sum: Option<f64>,
    },
    /// Classic buckets.
    Classic {
        /// Ascending upper bounds, without +Inf.
        bounds: Vec<f64>,
        /// Counts per bucket (not cumulative); one more than bounds, the last is +Inf.
        counts: Vec<u64>,
        /// Sum of observations, when known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sum: Option<f64>,
    },
    /// Percentiles computed elsewhere: cannot be merged, only compared like with like.
    Gauges {
        /// Quantile (0–1) and value, ascending by quantile.
        quantiles: Vec<(f64, f64)>,
        /// Observations behind them, when known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<u64>,
    },
}

/// Why two distributions cannot become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotMergeable;

/// A quantile with what is certain about it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// Best estimate; when `above` is set, the last finite bound.
    pub value: f64,
    /// The true value is at least this.
    pub low: f64,
    /// The true value is at most this (infinite is written as `above`).
    pub high: f64,
    /// The true value lies above the last bound: print "> value".
    pub above: bool,
}

impl Distribution {
    /// Number of observations; `None` for gauges without a count.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Exponential { zero, counts, .. } => Some(zero + counts.iter().map(|(_, n)| n).sum::<u64>()),
            Self::Classic { counts, .. } => Some(counts.iter().sum()),
            Self::Gauges { count, .. } => *count,
        }
    }

    /// Mean, when the sum is known and there is at least one observation.
    pub fn mean(&self) -> Option<f64> {
        let sum = match self {
            Self::Exponential { sum, .. } | Self::Classic { sum, .. } => (*sum)?,
            Self::Gauges { .. } => return None,
        };
        let count = self.count().filter(|n| *n > 0)?;
        Some(sum / count as f64)
    }

    /// The union of both samples. Classic histograms with unequal bounds merge on the bounds they share.
    ///
    /// # Errors
    /// [`NotMergeable`] when forms differ or either is gauges.
    pub fn merge(&self, other: &Self) -> Result<Self, NotMergeable> {
        match (self, other) {
            (
                Self::Exponential { schema: a, zero: za, counts: ca, sum: sa },
                Self::Exponential { schema: b, zero: zb, counts: cb, sum: sb },
            ) => {
                let schema = *a.min(b);
                let counts = merge_sparse(&coarsen(ca, a - schema), &coarsen(cb, b - schema));
                Ok(Self::Exponential { schema, zero: za + zb, counts, sum: add(*sa, *sb) })
            }
            (Self::Classic { bounds: ba, counts: ca, sum: sa }, Self::Classic { bounds: bb, counts: cb, sum: sb }) => {
                let shared: Vec<f64> = ba.iter().copied().filter(|b| bb.contains(b)).collect();
                let (a, b) = (rebucket(ba, ca, &shared), rebucket(bb, cb, &shared));
                let counts = a.iter().zip(&b).map(|(x, y)| x + y).collect();
                Ok(Self::Classic { bounds: shared, counts, sum: add(*sa, *sb) })
            }
            _ => Err(NotMergeable),
        }
    }

    /// Merges many; `None` for an empty list.
    ///
    /// # Errors
    /// [`NotMergeable`] when any two cannot be merged.
    pub fn merge_all<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Result<Option<Self>, NotMergeable> {
        let mut merged: Option<Self> = None;
        for part in parts {
            merged = Some(match merged {
                None => part.clone(),
                Some(sum) => sum.merge(part)?,
            });
        }
        Ok(merged)
    }

    /// The q-quantile (0–1); `None` when there are no observations, or gauges do not hold this quantile.
    ///
    /// Classic: linear inside the bucket, as `histogram_quantile`; in the +Inf bucket `above` is set. Exponential: the
    /// geometric middle of the bucket, whose worst relative error is sqrt(growth) - 1.
    pub fn quantile(&self, q: f64) -> Option<Quantile> {
        if !(0.0..=1.0).contains(&q) {
            return None;
        }
        match self {
            Self::Gauges { quantiles, .. } => {
                let value = quantiles.iter().find(|(p, _)| (p - q).abs() < 1e-9)?.1;
                value.is_finite().then_some(Quantile { value, low: value, high: value, above: false })
            }
            Self::Classic { bounds, counts, .. } => {
                let total = self.count().filter(|n| *n > 0)? as f64;
                let rank = q * total;
                let mut below = 0u64;
                for (i, n) in counts.iter().enumerate() {
                    let upto = below + n;
                    if *n > 0 && upto as f64 >= rank {
                        let low = if i == 0 { 0.0 } else { bounds[i - 1] };
                        let Some(high) = bounds.get(i).copied() else {
                            let last = bounds.last().copied().unwrap_or(0.0);
                            return Some(Quantile { value: last, low: last, high: last, above: true });
                        };
                        let share = ((rank - below as f64) / *n as f64).clamp(0.0, 1.0);
                        return Some(Quantile { value: low + (high - low) * share, low, high, above: false });
                    }
                    below = upto;
                }
                None
            }
            Self::Exponential { schema, zero, counts, .. } => {
                let total = self.count().filter(|n| *n > 0)? as f64;
                let rank = q * total;
                let mut below = *zero;
                if below > 0 && below as f64 >= rank {
                    return Some(Quantile { value: 0.0, low: 0.0, high: 0.0, above: false });
                }
                let growth_log2 = num::pow(2.0, -f64::from(*schema));
                for (i, n) in counts {
                    below += n;
                    if *n > 0 && below as f64 >= rank {
                        let at = |exponent: f64| num::pow(2.0, exponent * growth_log2);
                        let i = f64::from(*i);
                        return Some(Quantile { value: at(i - 0.5), low: at(i - 1.0), high: at(i), above: false });
                    }
                }
                None
            }
        }
    }

    /// Share of observations at or below `x`; bounds of what is certain as (low, high). `None` for gauges or no data.
    pub fn share_below(&self, x: f64) -> Option<(f64, f64)> {
        let total = self.count().filter(|n| *n > 0)? as f64;
        let (mut sure, mut maybe) = (0u64, 0u64);
        let mut see = |low: f64, high: f64, n: u64| {
            if high <= x {
                sure += n;
                maybe += n;
            } else if low < x {
                maybe += n;
            }
        };
        match self {
            Self::Gauges { .. } => return None,
            Self::Classic { bounds, counts, .. } => {
                for (i, n) in counts.iter().enumerate() {
                    let low = if i == 0 { 0.0 } else { bounds[i - 1] };
                    see(low, bounds.get(i).copied().unwrap_or(f64::INFINITY), *n);
                }
            }
            Self::Exponential { schema, zero, counts, .. } => {
                see(0.0, 0.0, *zero);
                let growth_log2 = num::pow(2.0, -f64::from(*schema));
                for (i, n) in counts {
                    let at = |e: i32| num::pow(2.0, f64::from(e) * growth_log2);
                    see(at(i - 1), at(*i), *n);
                }
            }
        }
        Some((sure as f64 / total, maybe as f64 / total))
    }

    /// An exponential distribution of raw values at a schema; values must be finite, negatives count as zero.
    pub fn from_values(values: &[f64], schema: i8) -> Self {
        let mut zero = 0;
        let mut counts = std::collections::BTreeMap::new();
        let mut sum = 0.0;
        let scale = num::pow(2.0, f64::from(schema));
        for v in values.iter().copied().filter(|v| v.is_finite()) {
            if v <= 1e-12 {
                zero += 1;
            } else {
                sum += v;
                *counts.entry(num::log2(v).mul_add(scale, -1e-9).ceil() as i32).or_insert(0) += 1;
            }
        }
        Self::Exponential { schema, zero, counts: counts.into_iter().collect(), sum: Some(sum) }
    }
}

fn add(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(num::round9(a? + b?))
}

fn coarsen(counts: &[(i32, u64)], by: i8) -> Vec<(i32, u64)> {
    let mut out: Vec<(i32, u64)> = Vec::new();
    for (i, n) in counts {
        // Bucket i of the finer schema lies in ceil(i / 2^by) of the coarser one.
        let j = (i - 1).div_euclid(1 << by) + 1;
        match out.last_mut() {
            Some((last, sum)) if *last == j => *sum += n,
            _ => out.push((j, *n)),
        }
    }
    out
}

fn merge_sparse(a: &[(i32, u64)], b: &[(i32, u64)]) -> Vec<(i32, u64)> {
    let mut sum: std::collections::BTreeMap<i32, u64> = a.iter().copied().collect();
    for (i, n) in b {
        *sum.entry(*i).or_insert(0) += n;
    }
    sum.into_iter().collect()
}

fn rebucket(bounds: &[f64], counts: &[u64], onto: &[f64]) -> Vec<u64> {
    let mut out = vec![0; onto.len() + 1];
    for (i, n) in counts.iter().enumerate() {
        let target = match bounds.get(i) {
            Some(bound) => onto.partition_point(|b| b < bound),
            None => onto.len(),
        };
        out[target] += n;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn classic(bounds: &[f64], cumulative: &[u64], total: u64) -> Distribution {
        let mut counts: Vec<u64> = Vec::new();
        let mut before = 0;
        for c in cumulative {
            counts.push(c - before);
            before = *c;
        }
        counts.push(total - before);
        Distribution::Classic { bounds: bounds.to_vec(), counts, sum: None }
    }

    #[test]
    fn e14_percentiles_come_from_merged_counts() {
        let bounds = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
        let a = classic(&bounds, &[600, 855, 890, 900, 900, 900, 900], 900);
        let b = classic(&bounds, &[5, 10, 20, 40, 60, 95, 100], 100);
        let at = |d: &Distribution, q| d.quantile(q).expect("data").value;
        assert!((at(&a, 0.95) - 0.1).abs() < 1e-9 && (at(&b, 0.95) - 2.5).abs() < 1e-9);
        // What dashboards do instead: neither average is anywhere near the merged 0.75.
        let (plain, weighted) = ((0.1 + 2.5) / 2.0, 0.9 * at(&a, 0.95) + 0.1 * at(&b, 0.95));
        assert!((plain - 1.3f64).abs() < 1e-9 && (weighted - 0.34).abs() < 1e-9);
        let merged = a.merge(&b).expect("same bounds");
        assert!((at(&merged, 0.95) - 0.75).abs() < 1e-9);
        assert!((at(&merged, 0.5) - 0.041_322_3).abs() < 1e-6);
        assert!((at(&merged, 0.99) - 2.285_714_3).abs() < 1e-6);
    }

    #[test]
    fn the_infinite_bucket_is_said_not_guessed() {
        let d = classic(&[0.1, 1.0], &[1, 2], 10);
        let p99 = d.quantile(0.99).expect("data");
        assert!(p99.above && p99.value == 1.0);
        assert_eq!(classic(&[0.1], &[0], 0).quantile(0.5), None);
    }

    #[test]
    fn unequal_bounds_merge_on_the_common_ones() {
        let a = classic(&[0.1, 0.5, 1.0], &[1, 2, 3], 3);
        let b = classic(&[0.2, 0.5, 2.0], &[1, 2, 3], 4);
        let Distribution::Classic { bounds, counts, .. } = a.merge(&b).expect("classic") else { panic!("classic") };
        assert_eq!((bounds, counts), (vec![0.5], vec![4, 3]));
    }

    fn any_exponential() -> impl Strategy<Value = Distribution> {
        (prop::collection::vec(0.001f64..100.0, 1..60), 0i8..6).prop_map(|(v, s)| Distribution::from_values(&v, s))
    }

    proptest! {
        #[test]
        fn p30_merge_is_associative_commutative_and_between(a in any_exponential(), b in any_exponential(), c in any_exponential()) {
            let m = |x: &Distribution, y: &Distribution| x.merge(y).expect("same form");
            let left = m(&m(&a, &b), &c);
            let right = m(&a, &m(&b, &c));
            prop_assert_eq!(left.count(), right.count());
            prop_assert_eq!(m(&a, &b).count(), m(&b, &a).count());
            let coarse = |d: &Distribution| m(d, &Distribution::Exponential { schema: 0, zero: 0, counts: vec![], sum: Some(0.0) });
            for q in [0.5, 0.95, 0.99] {
                prop_assert_eq!(left.quantile(q), right.quantile(q));
                let (x, y, z) = (coarse(&a).quantile(q).expect("data").value, coarse(&b).quantile(q).expect("data").value,
                    coarse(&m(&a, &b)).quantile(q).expect("data").value);
                prop_assert!(z >= x.min(y) - 1e-9 && z <= x.max(y) + 1e-9);
            }
        }

        #[test]
        fn quantile_error_is_within_the_stated_bound(mut values in prop::collection::vec(0.001f64..100.0, 30..200)) {
            let schema = 3;
            let d = Distribution::from_values(&values, schema);
            values.sort_by(f64::total_cmp);
            for q in [0.5, 0.95] {
                let exact = values[((q * values.len() as f64).ceil() as usize).clamp(1, values.len()) - 1];
                let got = d.quantile(q).expect("data").value;
                let worst = num::sqrt(num::pow(2.0, num::pow(2.0, -f64::from(schema)))) - 1.0;
                prop_assert!((got / exact - 1.0).abs() <= worst + 1e-6 , "{got} against {exact}");
            }
        }
    }
}
