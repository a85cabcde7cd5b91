//! Both distributions for the chart, on common buckets.

use crate::compare::measure::Sides;
use crate::hours::{HourCell, Hours};
use loadline_model::{Distribution, num};
use std::collections::BTreeMap;

/// Most points of a shape.
const MOST_POINTS: usize = 60;
/// Tails that hold less than this share of either side are not drawn.
const TAIL: f64 = 0.000_5;

/// A shape: upper bound in the metric's unit and share of observations. Shares sum to less than 1 by what lies in tails
/// or above the last bound.
pub(crate) type Shape = Vec<(f64, f64)>;

/// Shapes before and after with the same bounds; empty when the form does not merge.
pub(crate) fn shapes(hours: &Hours, sides: &Sides) -> (Shape, Shape) {
    let merged = |cells: &[&HourCell]| hours.merged(cells.iter().copied()).filter(|d| d.count().is_some_and(|n| n > 0));
    let (Some(mut before), Some(mut after)) = (merged(&sides.before), merged(&sides.after)) else {
        return (Vec::new(), Vec::new());
    };
    loop {
        let rows = trimmed(&before, &after);
        let coarser = if rows.len() > MOST_POINTS { coarser(&before).zip(coarser(&after)) } else { None };
        match coarser {
            Some(next) => (before, after) = next,
            None => {
                let side = |pick: fn(&(f64, f64)) -> f64| {
                    rows.iter()
                        .take(MOST_POINTS)
                        .map(|(bound, s)| (num::round9(*bound), num::round9(pick(s))))
                        .collect()
                };
                return (side(|s| s.0), side(|s| s.1));
            }
        }
    }
}

/// (upper bound, share before, share after) where at least one side has something to show.
fn trimmed(before: &Distribution, after: &Distribution) -> Vec<(f64, (f64, f64))> {
    let (left, right) = (shares(before), shares(after));
    let mut rows: BTreeMap<i32, (f64, (f64, f64))> = BTreeMap::new();
    for (i, (bound, share)) in left {
        rows.entry(i).or_insert((bound, (0.0, 0.0))).1.0 = share;
    }
    for (i, (bound, share)) in right {
        rows.entry(i).or_insert((bound, (0.0, 0.0))).1.1 = share;
    }
    let rows: Vec<(f64, (f64, f64))> = rows.into_values().collect();
    let shown = |row: &(f64, (f64, f64))| row.1.0 >= TAIL || row.1.1 >= TAIL;
    let first = rows.iter().position(shown).unwrap_or(0);
    let last = rows.iter().rposition(shown).map_or(0, |i| i + 1);
    rows.get(first..last).map(<[_]>::to_vec).unwrap_or_default()
}

fn shares(d: &Distribution) -> BTreeMap<i32, (f64, f64)> {
    let total = d.count().unwrap_or(0).max(1) as f64;
    match d {
        Distribution::Exponential { schema, zero, counts, .. } => {
            let growth_log2 = num::pow(2.0, -f64::from(*schema));
            let upper = |i: i32| num::pow(2.0, f64::from(i) * growth_log2);
            let zero = (*zero > 0).then_some((i32::MIN, (0.0, *zero as f64 / total)));
            zero.into_iter().chain(counts.iter().map(|(i, n)| (*i, (upper(*i), *n as f64 / total)))).collect()
        }
        Distribution::Classic { bounds, counts, .. } => {
            (0..).zip(bounds.iter().zip(counts)).map(|(i, (b, n))| (i, (*b, *n as f64 / total))).collect()
        }
        Distribution::Gauges { .. } => BTreeMap::new(),
    }
}

fn coarser(d: &Distribution) -> Option<Distribution> {
    match d {
        Distribution::Exponential { schema, .. } if *schema > -4 => {
            d.merge(&Distribution::Exponential { schema: schema - 1, zero: 0, counts: Vec::new(), sum: None }).ok()
        }
        Distribution::Classic { bounds, .. } if bounds.len() > MOST_POINTS => {
            let kept: Vec<f64> = bounds.iter().skip(1).step_by(2).copied().collect();
            let counts = vec![0; kept.len() + 1];
            d.merge(&Distribution::Classic { bounds: kept, counts, sum: None }).ok()
        }
        _ => None,
    }
}
