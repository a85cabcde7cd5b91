//! Utilisation from series: p95 of samples at peak hours over 14 days, with an interval from resampled days.

use super::{DAYS, Reading, accumulates};
use crate::demand::{self, Demand};
use crate::{elasticity, theil_sen};
use loadline_model::random::Draws;
use loadline_model::{
    Day, FactIndex, Interval, Limited, MODEL_VERSION, Provenance, Series, SeriesKind, SubjectId, Timestamp, Zone, hash,
    num,
};
use std::collections::{BTreeMap, BTreeSet};

const PEAK: f64 = 0.95;
/// Resamples of days: enough for the 10th and 90th percentile.
const RESAMPLES: usize = 200;
/// Fewest days for an interval from resampling, and for a rate of filling.
const LEAST_DAYS: usize = 3;
const LEAST_DAYS_TO_FILL: usize = 7;
/// Days of levels behind a rate of filling.
const FILL_DAYS: i64 = 28;
/// Factors on a level seen for less than [`LEAST_DAYS`] days: the true peak may lie far above (Loadline default).
const SHORT: (f64, f64) = (0.8, 1.5);

/// A share of the hard limit over time.
struct Track<'a> {
    samples: Vec<(Timestamp, f64)>,
    hard_limit: Option<f64>,
    unit: String,
    series: &'a Series,
    provenance: &'a Provenance,
}

/// Longest silence before what a source covers ends: the coarsest metrics come once a day.
const SILENT_DAYS: f64 = 2.0;
/// Days within which a part that fills decides before a fuller one that does not.
const SOON_DAYS: f64 = 365.0;

/// Of the series of a resource (one per disk, quota, sequence) the fullest, unless another that fills reaches the line
/// sooner and within a year; what is beyond the line already decides. `None` where samples ended, or are older than 14 days.
pub(super) fn read(index: &FactIndex, id: &SubjectId, limited: Limited, demand: Option<&Demand>) -> Option<Reading> {
    let until = index.snapshot().taken_at;
    let direct = tracks(index, id, &limited.utilisation_metric(), 1.0, None, "share");
    let used = || {
        let (limit, _) = index.limit(id, limited).filter(|(l, _)| l.value.is_finite() && l.value > 0.0)?;
        Some(tracks(index, id, &limited.used_metric(), 1.0 / limit.value, Some(limit.value), &limit.unit))
    };
    // What ended while its source was still read says how things were, not how they are.
    let recent = |t: &Track| {
        let last = t.samples.iter().map(|(at, _)| *at).max();
        last.is_some_and(|at| at > until.plus_days(-DAYS) && t.series.covered_until.days_since(at) <= SILENT_DAYS)
    };
    let usable: Vec<Track> = direct.into_iter().filter(recent).collect();
    let usable = if usable.is_empty() { used()?.into_iter().filter(recent).collect() } else { usable };
    let line = limited.default_limit();
    let days = |r: &Reading| match r.fill_per_day {
        Some(fill) if fill.p90 > 0.0 => (line - r.now.p50).max(0.0) / fill.p90,
        _ => f64::INFINITY,
    };
    let readings: Vec<Reading> = usable.iter().filter_map(|track| reading(index, id, limited, track, demand)).collect();
    let fullest = readings
        .iter()
        .max_by(|a, b| num::cmp9(a.now.p50, b.now.p50).then_with(|| b.source.cmp(&a.source)))
        .map(|r| (r.now.p50, days(r)))?;
    let soonest = readings.iter().map(days).fold(f64::INFINITY, f64::min);
    let sooner = fullest.0 < line && soonest < fullest.1.min(SOON_DAYS);
    let rank = |r: &Reading| if sooner { 1.0 / (1.0 + days(r)) } else { r.now.p50 };
    readings.into_iter().max_by(|a, b| num::cmp9(rank(a), rank(b)).then_with(|| b.source.cmp(&a.source)))
}

fn tracks<'a>(
    index: &FactIndex<'a>,
    id: &SubjectId,
    metric: &str,
    scale: f64,
    hard_limit: Option<f64>,
    unit: &str,
) -> Vec<Track<'a>> {
    let until = index.snapshot().taken_at;
    let sound = |value: f64| value.is_finite() && value >= 0.0;
    index
        .series(id, metric)
        .filter(|(s, _)| s.kind == SeriesKind::Gauge)
        .map(|(series, provenance)| Track {
            samples: series
                .samples
                .iter()
                .filter(|s| s.at > until.plus_days(-FILL_DAYS) && s.at <= until && sound(s.value))
                .map(|s| (s.at, s.value * scale))
                .collect(),
            hard_limit,
            unit: unit.to_owned(),
            series,
            provenance,
        })
        .collect()
}

fn reading(
    index: &FactIndex,
    id: &SubjectId,
    limited: Limited,
    track: &Track,
    demand: Option<&Demand>,
) -> Option<Reading> {
    let (until, zone) = (index.snapshot().taken_at, &index.snapshot().zone);
    let recent: Vec<(Timestamp, f64)> =
        track.samples.iter().copied().filter(|(at, _)| *at > until.plus_days(-DAYS)).collect();
    let at_peak = if accumulates(limited) { recent.clone() } else { peak_samples(&recent, zone, demand) };
    let mut by_day: BTreeMap<Day, Vec<f64>> = BTreeMap::new();
    for (at, value) in &at_peak {
        by_day.entry(zone.day_of(*at)).or_default().push(*value);
    }
    let labels: Vec<String> = track.series.labels.values().cloned().collect();
    let seed = hash::seed(&["peak", id.as_str(), limited.word(), &labels.join(" "), MODEL_VERSION]);
    let now = if accumulates(limited) { latest_level(&recent)? } else { peak_level(&by_day, seed)? };
    let (first, last) = (recent.first()?.0, recent.last()?.0);
    let days = last.days_since(first);
    let of = if labels.is_empty() { String::new() } else { format!(" of {}", labels.join(" ")) };
    Some(Reading {
        now,
        days,
        samples: recent.len() as u64,
        hard_limit: track.hard_limit,
        unit: track.unit.clone(),
        source: format!(
            "{}: {}{of}, {} over {days:.0} days",
            track.provenance.account,
            track.series.metric,
            counted(recent.len())
        ),
        gamma: if accumulates(limited) || limited == Limited::Quota {
            None
        } else {
            gamma(&track.samples, zone, demand, seed)
        },
        fill_per_day: if accumulates(limited) { fill(&track.samples, zone, seed) } else { None },
    })
}

fn counted(samples: usize) -> String {
    if samples == 1 { "one reading".to_owned() } else { format!("{samples} samples") }
}

/// Samples in the busiest hours of the day: of demand when it is known, else of the resource itself.
fn peak_samples(samples: &[(Timestamp, f64)], zone: &Zone, demand: Option<&Demand>) -> Vec<(Timestamp, f64)> {
    let own = || demand::busiest_hours(samples.iter().map(|(at, v)| (zone.hour_of(*at), *v)));
    let hours: BTreeSet<u8> = demand.map_or_else(own, |d| d.peak_hours.clone());
    let inside: Vec<(Timestamp, f64)> =
        samples.iter().copied().filter(|(at, _)| hours.contains(&zone.hour_of(*at))).collect();
    if inside.is_empty() { samples.to_vec() } else { inside }
}

/// p95 with an 80 % interval from resampled days; a wide one below three days.
fn peak_level(by_day: &BTreeMap<Day, Vec<f64>>, seed: u64) -> Option<Interval> {
    let days: Vec<&Vec<f64>> = by_day.values().collect();
    let p95 = |mut values: Vec<f64>| num::quantile(&mut values, PEAK);
    let middle = p95(days.iter().flat_map(|d| d.iter().copied()).collect())?;
    if days.len() < LEAST_DAYS {
        return Some(Interval { p10: middle * SHORT.0, p50: middle, p90: (middle * SHORT.1).min(middle.max(1.0)) });
    }
    let mut random = Draws::new(seed);
    let mut peaks: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| p95((0..days.len()).flat_map(|_| days[random.below(days.len())].iter().copied()).collect()))
        .collect();
    peaks.sort_by(f64::total_cmp);
    Some(Interval {
        p10: num::quantile_sorted(&peaks, 0.1)?.min(middle),
        p50: middle,
        p90: num::quantile_sorted(&peaks, 0.9)?.max(middle),
    })
}

/// What accumulates is as full as it is now; its interval is what the last day saw.
fn latest_level(recent: &[(Timestamp, f64)]) -> Option<Interval> {
    let (last, now) = *recent.last()?;
    let day = recent.iter().filter(|(at, _)| last.days_since(*at) <= 1.0).map(|(_, v)| *v);
    let (low, high) = day.fold((now, now), |(low, high), v| (low.min(v), high.max(v)));
    Some(Interval { p10: low, p50: now, p90: high })
}

fn gamma(samples: &[(Timestamp, f64)], zone: &Zone, demand: Option<&Demand>, seed: u64) -> Option<Interval> {
    let demand = demand?;
    let points: Vec<elasticity::Point> = demand::hourly_means(samples.iter().copied())
        .into_iter()
        .filter_map(|(hour, u)| Some((zone.day_of(Timestamp(hour)), *demand.hourly.get(&hour)?, u)))
        .collect();
    elasticity::fit(&points, seed)
}

/// Theil–Sen slope of daily levels with an 80 % interval from resampled days; `None` below a week.
fn fill(samples: &[(Timestamp, f64)], zone: &Zone, seed: u64) -> Option<Interval> {
    let mut by_day: BTreeMap<Day, Vec<f64>> = BTreeMap::new();
    for (at, value) in samples {
        by_day.entry(zone.day_of(*at)).or_default().push(*value);
    }
    let levels: Vec<(f64, f64)> =
        by_day.iter().filter_map(|(day, v)| Some((f64::from(day.0), num::median(v)?))).collect();
    if levels.len() < LEAST_DAYS_TO_FILL {
        return None;
    }
    let middle = theil_sen::slope(&levels)?;
    let mut random = Draws::new(seed);
    let mut slopes: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let drawn: Vec<(f64, f64)> = (0..levels.len()).map(|_| levels[random.below(levels.len())]).collect();
            theil_sen::slope(&drawn)
        })
        .collect();
    slopes.sort_by(f64::total_cmp);
    Some(Interval {
        p10: num::quantile_sorted(&slopes, 0.1)?.min(middle),
        p50: middle,
        p90: num::quantile_sorted(&slopes, 0.9)?.max(middle),
    })
}
