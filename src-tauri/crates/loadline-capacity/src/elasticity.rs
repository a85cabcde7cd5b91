//! How strongly a resource answers to demand: utilisation ~ demand^gamma, fitted over throughput strata (`scoring.md` §4.1).

use crate::theil_sen;
use loadline_model::random::Draws;
use loadline_model::{Day, Interval, num};
use std::collections::BTreeMap;

/// Fewest hours with both demand and utilisation.
const LEAST_POINTS: usize = 40;
/// Smallest range of demand between the lowest and highest stratum.
const LEAST_RANGE: f64 = 1.5;
const STRATA: usize = 10;
/// Resamples of days behind the interval: enough for its 10th and 90th percentile.
const RESAMPLES: usize = 100;
/// When nothing can be fitted: proportional, with this interval (Loadline default).
pub(crate) const DEFAULT: Interval = Interval { p10: 0.8, p50: 1.0, p90: 1.3 };

/// One hour: local day, demand and utilisation.
pub(crate) type Point = (Day, f64, f64);

/// gamma with its 80 % interval, clipped to 0–2; `None` when range or points do not suffice.
pub(crate) fn fit(points: &[Point], seed: u64) -> Option<Interval> {
    let usable: Vec<Point> =
        points.iter().copied().filter(|(_, d, u)| d.is_finite() && *d > 0.0 && u.is_finite() && *u > 0.0).collect();
    if usable.len() < LEAST_POINTS {
        return None;
    }
    let middle = slope(usable.iter().map(|p| (p.1, p.2)).collect())?;
    let mut by_day: BTreeMap<Day, Vec<(f64, f64)>> = BTreeMap::new();
    for (day, demand, u) in &usable {
        by_day.entry(*day).or_default().push((*demand, *u));
    }
    let days: Vec<&Vec<(f64, f64)>> = by_day.values().collect();
    let mut random = Draws::new(seed);
    let mut slopes: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| slope((0..days.len()).flat_map(|_| days[random.below(days.len())].iter().copied()).collect()))
        .collect();
    slopes.sort_by(f64::total_cmp);
    let quantile = |q| num::quantile_sorted(&slopes, q).unwrap_or(middle);
    Some(Interval {
        p10: num::round9(quantile(0.1).min(middle)),
        p50: num::round9(middle),
        p90: num::round9(quantile(0.9).max(middle)),
    })
}

/// Theil–Sen over the medians of strata in log-log space; `None` below the least range of demand.
fn slope(mut points: Vec<(f64, f64)>) -> Option<f64> {
    points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let size = points.len().div_ceil(STRATA).max(1);
    let medians: Vec<(f64, f64)> = points
        .chunks(size)
        .filter_map(|stratum| {
            let middle = |pick: fn(&(f64, f64)) -> f64| num::median(&stratum.iter().map(pick).collect::<Vec<_>>());
            Some((num::ln(middle(|p| p.0)?), num::ln(middle(|p| p.1)?)))
        })
        .collect();
    let range = medians.last()?.0 - medians.first()?.0;
    if range < num::ln(LEAST_RANGE) { None } else { theil_sen::slope(&medians).map(|s| s.clamp(0.0, 2.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(gamma: f64, swing: f64) -> Vec<Point> {
        let mut draws = Draws::new(4);
        (0..14 * 24)
            .map(|h| {
                let demand = 100.0 * (1.0 + swing * num::sin(f64::from(h) * std::f64::consts::PI / 12.0));
                (Day(h / 24), demand, 0.3 * num::pow(demand / 100.0, gamma) * num::exp(0.05 * draws.normal()))
            })
            .collect()
    }

    #[test]
    fn the_exponent_is_recovered_or_refused() {
        for gamma in [0.5, 1.0, 1.6] {
            let got = fit(&hours(gamma, 0.6), 1).expect("range");
            assert!((got.p50 - gamma).abs() < 0.06 && got.p10 <= got.p50 && got.p50 <= got.p90, "{gamma}: {got:?}");
        }
        assert_eq!(fit(&hours(1.0, 0.1), 1), None, "demand hardly moves");
        assert_eq!(fit(&hours(1.0, 0.6)[..39], 1), None, "too few hours");
        assert_eq!(fit(&hours(5.0, 0.6), 1).expect("range").p50, 2.0, "clipped");
    }
}
