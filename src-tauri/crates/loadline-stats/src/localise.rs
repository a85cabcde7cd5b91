//! When within a few days a level changed: a daily change point made precise to the hour where the data allow it.

use crate::attribution::Change;
use crate::hours::Hours;
use crate::latency::day_start;
use loadline_model::{DAY_MS, Day, HOUR_MS, Timestamp, Zone, num};
use std::collections::BTreeMap;

/// Hours searched on each side of a daily change point.
const SEARCHED: i64 = 36;
/// Days beyond the search on each side that give the levels before and after.
const LEVEL_DAYS: i64 = 5;
const LEAST_HOURS: usize = 24;
/// Rise of the squared error, in units of the noise, up to which another hour is as plausible (95 % likelihood interval).
const PLAUSIBLE: f64 = 3.84;
/// Candidates are not told apart by less than this: a change takes effect with delay (Loadline default).
const FINEST_BIN_MS: i64 = 6 * HOUR_MS;

/// The hour at which the level of `day` began: the step that fits hourly medians best after their daily wave is removed.
/// Without enough hours round it: midnight, give or take half a day.
pub(crate) fn localise(hours: &Hours, zone: &Zone, day: Day) -> Change {
    let midnight = day_start(zone, day);
    let coarse = Change { at: midnight, resolution_ms: DAY_MS / 2, bin_ms: DAY_MS };
    step(hours, midnight).unwrap_or(coarse)
}

fn step(hours: &Hours, midnight: Timestamp) -> Option<Change> {
    let (from, until) = (midnight.plus_hours(-SEARCHED), midnight.plus_hours(SEARCHED));
    let before = levels(hours, from.plus_days(-LEVEL_DAYS), from);
    let after = levels(hours, until, until.plus_days(LEVEL_DAYS));
    let inside = levels(hours, from, until);
    if before.len() < LEAST_HOURS || after.len() < LEAST_HOURS || inside.len() < LEAST_HOURS {
        return None;
    }
    let wave = daily_wave(&before);
    let rest = |(at, level): &(Timestamp, f64)| level - wave.get(&hour_of_day(*at)).copied().unwrap_or(0.0);
    let shift = after.iter().map(rest).sum::<f64>() / after.len() as f64;
    // Error of a step before the k-th hour: hours until then at the old level, the others at the new one.
    let mut error: f64 = inside.iter().map(|p| (rest(p) - shift) * (rest(p) - shift)).sum();
    let mut steps = vec![(inside[0].0, error)];
    for (k, point) in inside.iter().enumerate() {
        let r = rest(point);
        error += r * r - (r - shift) * (r - shift);
        steps.push((inside.get(k + 1).map_or(until, |next| next.0), error));
    }
    let best = steps.iter().min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))?;
    let noise = (best.1 / inside.len() as f64).max(1e-9);
    let plausible = || steps.iter().filter(|s| s.1 <= best.1 + PLAUSIBLE * noise).map(|s| s.0.0);
    let width = plausible().max()? - plausible().min()?;
    let resolution_ms = (width / 2).clamp(HOUR_MS / 2, DAY_MS / 2);
    Some(Change { at: best.0, resolution_ms, bin_ms: (2 * resolution_ms).clamp(FINEST_BIN_MS, DAY_MS) })
}

/// Log medians per hour.
fn levels(hours: &Hours, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, f64)> {
    let cells = hours.between(from, until).iter();
    let level = |c| hours.level(std::iter::once(c), 0.5).filter(|l| !l.above && l.value > 0.0);
    cells.filter_map(|c| level(c).map(|l| (c.start, num::ln(l.value)))).collect()
}

fn hour_of_day(at: Timestamp) -> i64 {
    at.0.rem_euclid(DAY_MS) / HOUR_MS
}

/// Mean level per hour of the day.
fn daily_wave(levels: &[(Timestamp, f64)]) -> BTreeMap<i64, f64> {
    let mean = levels.iter().map(|(_, l)| l).sum::<f64>() / levels.len() as f64;
    let mut sums: BTreeMap<i64, (f64, f64)> = (0..24).map(|h| (h, (0.0, 0.0))).collect();
    for (at, level) in levels {
        if let Some(sum) = sums.get_mut(&hour_of_day(*at)) {
            *sum = (sum.0 + level, sum.1 + 1.0);
        }
    }
    sums.into_iter().map(|(h, (sum, n))| (h, if n > 0.0 { sum / n } else { mean })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{at, latency, load};
    use loadline_model::random::Draws;

    fn found(after: f64, days: i64) -> Change {
        let start = at("2026-08-03T00:00:00Z");
        let mut draws = Draws::new(2);
        let series = latency(start, days, None, |h| {
            let wave = 1.0 + 0.2 * num::sin(h as f64 * std::f64::consts::PI / 12.0);
            (if h >= 10 * 24 + 15 { after } else { 1.0 } * wave * num::exp(0.05 * draws.normal()), load(start, h))
        });
        let zone = Zone::default();
        localise(&Hours::from_distributions(&[&series], &zone).expect("hours"), &zone, Day(start.utc_day().0 + 11))
    }

    #[test]
    fn a_large_step_is_known_to_the_hour_and_a_small_one_less() {
        let start = at("2026-08-03T00:00:00Z");
        let large = found(0.2, 20);
        assert_eq!((large.at, large.bin_ms), (start.plus_hours(255), FINEST_BIN_MS), "{large:?}");
        assert!(found(0.95, 20).resolution_ms > large.resolution_ms);
        assert_eq!(found(0.2, 11).resolution_ms, DAY_MS / 2, "without hours after it stays a day");
    }
}
