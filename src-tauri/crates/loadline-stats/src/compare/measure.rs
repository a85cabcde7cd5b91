//! The effect between two windows round a moment, from weekday-matched local days (`scoring.md` §5.2–5.5).

use crate::bootstrap::weighted_mean;
use crate::compare::strata::Strata;
use crate::day_correlation;
use crate::effect::{log_odds_difference, log_ratio, minimum_count};
use crate::hours::{Form, HourCell, Hours, Level};
use crate::latency::day_start;
use crate::sign_flip;
use loadline_model::{DAY_MS, Day, HOUR_MS, Timestamp, Zone};
use std::collections::BTreeMap;

/// Days on each side.
pub(crate) const DAYS: i64 = 14;
/// Fewest matched pairs of days.
pub(crate) const LEAST_PAIRS: usize = 6;
/// Fewest full days on each side of a final verdict.
pub(crate) const FINAL_DAYS: u32 = 7;
const LEAST_CELLS: usize = 20;
const LEAST_OVERLAP: f64 = 0.6;
/// A day takes part when the windows cover at least this many of its hours.
const LEAST_HOURS_OF_A_DAY: i64 = 18;
/// Matched hours of a pair below which it says nothing.
const LEAST_MATCHED_HOURS: f64 = 4.0;

/// What is compared.
pub(crate) struct Window<'a> {
    pub(crate) at: Timestamp,
    /// Duration of the change plus settling time, on both sides.
    pub(crate) guard_ms: i64,
    /// Data after this does not exist yet.
    pub(crate) until: Timestamp,
    /// Times to leave out, each as from..until.
    pub(crate) trims: &'a [(Timestamp, Timestamp)],
    pub(crate) zone: &'a Zone,
}

/// Hours of both windows.
pub(crate) struct Sides<'h> {
    pub(crate) before: Vec<&'h HourCell>,
    pub(crate) after: Vec<&'h HourCell>,
}

/// The effect of one pair of days and its matched hours.
pub(crate) type Pair = (f64, f64);

/// What was measured.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// Log ratio (log odds for shares) per pair with its weight, in day order.
    pub(crate) pairs: Vec<Pair>,
    pub(crate) theta: f64,
    pub(crate) p_value: f64,
    /// How much farther the mean of these days strays than that of independent ones, >= 1.
    pub(crate) inflation: f64,
    pub(crate) before: Level,
    pub(crate) after: Level,
    /// Without load normalisation.
    pub(crate) unadjusted: Option<f64>,
    /// Full days on the shorter side.
    pub(crate) full_days: u32,
    /// Throughput after over before, when known.
    pub(crate) traffic: Option<f64>,
}

impl Window<'_> {
    fn trimmed(&self, cell: &HourCell) -> bool {
        let end = cell.start.0 + HOUR_MS;
        self.trims.iter().any(|(from, until)| cell.start < *until && end > from.0)
    }

    /// Both sides without guard and trimmed hours.
    pub(crate) fn sides<'h>(&self, hours: &'h Hours) -> Sides<'h> {
        let guard = |sign: i64| Timestamp(self.at.0 + sign * self.guard_ms);
        let pick = |from, until| hours.between(from, until).iter().filter(|c| !self.trimmed(c)).collect();
        Sides {
            before: pick(self.at.plus_days(-DAYS), guard(-1)),
            after: pick(guard(1), self.at.plus_days(DAYS).min(self.until)),
        }
    }

    /// Hours of a local day that one side of the window covers.
    fn hours_covered(&self, day: Day, after: bool) -> i64 {
        let (from, until) = if after {
            (self.at.0 + self.guard_ms, self.at.plus_days(DAYS).0.min(self.until.0))
        } else {
            (self.at.plus_days(-DAYS).0, self.at.0 - self.guard_ms)
        };
        let start = day_start(self.zone, day).0;
        ((until.min(start + DAY_MS) - from.max(start)) / HOUR_MS).max(0)
    }
}

/// Measures the effect at a moment, or says in words what is missing.
pub(crate) fn measure(hours: &Hours, quantile: f64, window: &Window, seed: u64) -> Result<Measured, String> {
    let sides = window.sides(hours);
    let counted = hours.mergeable();
    for (side, cells) in [("before", &sides.before), ("after", &sides.after)] {
        if cells.len() < LEAST_CELLS {
            return Err(format!("{} of {LEAST_CELLS} hours {side}", cells.len()));
        }
        let (have, need) = (cells.iter().map(|c| c.count).sum::<u64>(), minimum_count(quantile));
        if counted && have < need {
            return Err(format!("{have} of {need} requests {side}"));
        }
    }
    // A stratum of one day needs far less than a window: days are weighed together, and each only has to have a level.
    let per_day = if counted { (5.0 / (1.0 - quantile).max(1e-6)).ceil() as u64 } else { 0 };
    let strata = Strata::of(&sides.before, &sides.after, DAYS as usize, 2 * DAYS as u64 * per_day);
    if strata.overlap < LEAST_OVERLAP {
        let percent = 100.0 * strata.overlap;
        return Err(format!("throughput before and after overlaps in {percent:.0} % of requests, of 60 % needed"));
    }
    let (pairs, full_days) = best_pairs(hours, quantile, window, &sides, &strata, per_day);
    if pairs.len() < LEAST_PAIRS {
        return Err(format!("{} of {LEAST_PAIRS} weekday-matched pairs of days", pairs.len()));
    }
    let missing = || "no observations".to_owned();
    let level = |cells: &[&HourCell]| hours.level(cells.iter().copied(), quantile).ok_or_else(missing);
    let (before, after) = (level(&sides.before)?, level(&sides.after)?);
    let mean = |cells: &[&HourCell]| cells.iter().map(|c| c.throughput).sum::<f64>() / cells.len() as f64;
    let (mean_before, mean_after) = (mean(&sides.before), mean(&sides.after));
    let inflation = day_correlation::inflation(&pairs.iter().map(|p| p.0).collect::<Vec<_>>());
    Ok(Measured {
        theta: weighted_mean(&pairs).ok_or_else(missing)?,
        p_value: sign_flip::p_value_allowing(&pairs, inflation, seed).ok_or_else(missing)?,
        inflation,
        unadjusted: effect(&hours.form, before, after),
        traffic: (mean_before > 0.0 && mean_after > 0.0).then(|| mean_after / mean_before),
        pairs,
        before,
        after,
        full_days,
    })
}

/// Pairs two weeks apart, or one week apart when that gives more: in the first days after a change the nearest week is
/// the better match.
fn best_pairs(
    hours: &Hours,
    q: f64,
    window: &Window,
    sides: &Sides,
    strata: &Strata,
    per_day: u64,
) -> (Vec<Pair>, u32) {
    let (before, after) = (grouped(&sides.before, |c| c.day), grouped(&sides.after, |c| c.day));
    let covers = |day: Day, side: bool, least: i64| window.hours_covered(day, side) >= least;
    let today = window.zone.day_of(window.at);
    let pairs_at = |lag: i32| -> Vec<Pair> {
        after
            .iter()
            // A day may only be the earlier half of one pair.
            .filter(|(day, _)| lag == DAYS as i32 || day.0 - lag <= today.0)
            .filter_map(|(day, cells)| {
                let earlier = Day(day.0 - lag);
                let matched = before.get(&earlier)?;
                let covered = covers(*day, true, LEAST_HOURS_OF_A_DAY) && covers(earlier, false, LEAST_HOURS_OF_A_DAY);
                if covered { pair(hours, q, strata, per_day, matched, cells) } else { None }
            })
            .collect()
    };
    let (far, near) = (pairs_at(DAYS as i32), pairs_at(7));
    let full =
        |days: &BTreeMap<Day, Vec<&HourCell>>, side| days.keys().filter(|d| covers(**d, side, 22)).count() as u32;
    let full_days = full(&before, false).min(full(&after, true));
    (if near.len() > far.len() { near } else { far }, full_days)
}

fn grouped<'h, K: Ord>(cells: &[&'h HourCell], key: impl Fn(&HourCell) -> K) -> BTreeMap<K, Vec<&'h HourCell>> {
    let mut groups: BTreeMap<K, Vec<&HourCell>> = BTreeMap::new();
    for cell in cells {
        groups.entry(key(cell)).or_default().push(cell);
    }
    groups
}

/// The load-normalised effect between two days; `None` when too few hours ran at a common throughput.
fn pair(
    hours: &Hours,
    q: f64,
    strata: &Strata,
    per_day: u64,
    before: &[&HourCell],
    after: &[&HourCell],
) -> Option<Pair> {
    let later = grouped(after, |c| strata.stratum(c.throughput));
    let level = |cells: &[&HourCell]| hours.level(cells.iter().copied(), q).filter(|l| l.count >= per_day);
    let ratios: Vec<Pair> = grouped(before, |c| strata.stratum(c.throughput))
        .into_iter()
        .filter_map(|(stratum, b)| {
            let a = later.get(&stratum)?;
            Some((effect(&hours.form, level(&b)?, level(a)?)?, b.len().min(a.len()) as f64))
        })
        .collect();
    let weight: f64 = ratios.iter().map(|(_, w)| w).sum();
    if weight < LEAST_MATCHED_HOURS { None } else { Some((weighted_mean(&ratios)?, weight)) }
}

/// Log ratio of two levels, log odds for shares. Above the last bound on one side the effect is at least this large;
/// above it on both nothing is known.
fn effect(form: &Form, before: Level, after: Level) -> Option<f64> {
    if before.above && after.above {
        return None;
    }
    match form {
        Form::Ratio => log_odds_difference((before.value, before.count as f64), (after.value, after.count as f64)),
        _ => log_ratio(before.value, after.value),
    }
}
