//! Daily percentiles per service and route, and the days on which their level changed.

use crate::attribution::{self, Change, Suspect};
use crate::change_point::{self, Detection, Shift};
use crate::effect::minimum_count;
use crate::history::{EventKind, History};
use crate::hours::{self, HourCell, Hours};
use crate::localise::localise;
use crate::neighbourhood::{Neighbourhood, subject_ref};
use loadline_model::{
    Candidate, ChangePoint, Day, DayPercentiles, DistributionSeries, FactIndex, LatencyTrend, Percentiles, SubjectId,
    Timestamp, Zone, key, num,
};
use std::collections::BTreeSet;

/// Share of days that must reach the fixed stratum; below it demand grew so much that every hour is used instead.
const STRATUM_DAYS: f64 = 0.8;

/// Request durations of every subject, all routes merged first, then each route.
pub(crate) fn latency(index: &FactIndex, history: &History) -> Vec<LatencyTrend> {
    let subjects: BTreeSet<SubjectId> = index
        .all::<DistributionSeries>()
        .filter(|(_, s, _)| s.metric == key::metric::REQUEST_DURATION)
        .map(|(id, _, _)| id.clone())
        .collect();
    let mut trends = Vec::new();
    for id in &subjects {
        let surroundings = Neighbourhood::of(index, id);
        let series = hours::distribution_series(index, id, key::metric::REQUEST_DURATION);
        let routes = std::iter::once(None).chain(hours::routes(&series).into_iter().map(Some));
        for route in routes {
            let Some(hours) = Hours::of(index, id, key::metric::REQUEST_DURATION, route.as_deref()) else { continue };
            let at = index.snapshot().taken_at;
            trends.push(LatencyTrend {
                subject: subject_ref(index, id),
                metric: key::metric::REQUEST_DURATION.to_owned(),
                route,
                unit: series.first().map_or_else(|| "s".to_owned(), |s| s.unit.clone()),
                mergeable: hours.mergeable(),
                last_week: percentiles(&hours, hours.between(at.plus_days(-7), at)),
                week_before: percentiles(&hours, hours.between(at.plus_days(-14), at.plus_days(-7))),
                days: days(&hours),
                change_points: change_points(&hours, &surroundings, history, &index.snapshot().zone),
            });
        }
    }
    trends
}

/// Percentiles that have enough observations behind them.
pub(crate) fn percentiles(hours: &Hours, cells: &[HourCell]) -> Percentiles {
    let count: u64 = cells.iter().map(|c| c.count).sum();
    // Gauges without a count come from a source that had its own minimum.
    let uncounted = !hours.mergeable() && count == 0;
    let at = |q: f64| (uncounted || count >= minimum_count(q)).then(|| hours.level(cells, q)).flatten();
    let (p50, p95, p99) = (at(0.5), at(0.95), at(0.99));
    Percentiles {
        count,
        p50: p50.map(|l| num::round9(l.value)),
        p95: p95.map(|l| num::round9(l.value)),
        p99: p99.map(|l| num::round9(l.value)),
        p95_above: p95.is_some_and(|l| l.above),
        p99_above: p99.is_some_and(|l| l.above),
    }
}

fn days(hours: &Hours) -> Vec<DayPercentiles> {
    hours
        .cells
        .chunk_by(|a, b| a.day == b.day)
        .map(|cells| DayPercentiles { day: cells[0].day, percentiles: percentiles(hours, cells) })
        .collect()
}

/// Daily medians at matched load: only hours in the middle half of hourly throughput, so that a quiet Sunday or a rush
/// is no change of level.
fn matched_medians(hours: &Hours) -> Vec<(Day, f64)> {
    let mut throughput: Vec<f64> = hours.cells.iter().map(|c| c.throughput).collect();
    throughput.sort_by(f64::total_cmp);
    let quartile = |q| num::quantile_sorted(&throughput, q).unwrap_or(0.0);
    let (low, high) = (quartile(0.25), quartile(0.75));
    let medians = |inside: &dyn Fn(&HourCell) -> bool| -> Vec<(Day, f64)> {
        hours
            .cells
            .chunk_by(|a, b| a.day == b.day)
            .filter_map(|cells| {
                let kept: Vec<&HourCell> = cells.iter().filter(|c| inside(c)).collect();
                let level = hours.level(kept.iter().copied(), 0.5)?;
                let enough = level.count >= minimum_count(0.5) || (!hours.mergeable() && level.count == 0);
                (enough && !level.above && level.value > 0.0).then_some((cells[0].day, level.value))
            })
            .collect()
    };
    let all = medians(&|_| true);
    let matched = medians(&|c| (low..=high).contains(&c.throughput));
    if matched.len() as f64 >= STRATUM_DAYS * all.len() as f64 { matched } else { all }
}

fn change_points(hours: &Hours, near: &Neighbourhood, history: &History, zone: &Zone) -> Vec<ChangePoint> {
    let medians = matched_medians(hours);
    let levels: Vec<f64> = medians.iter().map(|(_, v)| *v).collect();
    change_point::detect(&levels, &Detection::default())
        .into_iter()
        .filter_map(|shift| {
            let day = medians.get(shift.index)?.0;
            Some(ChangePoint {
                day,
                before: num::round9(shift.before),
                after: num::round9(shift.after),
                p_value: num::round9(shift.p_value),
                confidence: confidence(&shift).to_owned(),
                candidates: candidates(&localise(hours, zone, day), near, history),
            })
        })
        .collect()
}

fn confidence(shift: &Shift) -> &'static str {
    let doubts = usize::from(!shift.confirmed) + usize::from(shift.shorter < 7);
    ["high", "medium", "low"][doubts.min(2)]
}

/// Deployments and changes in reach of a change point. None of them says which metric it was meant to move.
fn candidates(change: &Change, near: &Neighbourhood, history: &History) -> Vec<Candidate> {
    let (from, until) = change.window();
    let suspects: Vec<Suspect> = history
        .between(from, Timestamp(until.0 + 1))
        .iter()
        .filter(|e| matches!(e.kind, EventKind::Deployment | EventKind::Change | EventKind::Remediation))
        .map(|e| Suspect { what: e.id.clone(), at: e.at, scope: near.scope(&e.subject), mechanism: 0.5 })
        .collect();
    attribution::candidates(&suspects, change)
}

/// The instant a local day begins.
pub(crate) fn day_start(zone: &Zone, day: Day) -> Timestamp {
    let utc = day.utc_start();
    let guess = Timestamp(utc.0 - i64::from(zone.offset_at(utc)) * 1000);
    // The offset may change between midnight UTC and local midnight.
    Timestamp(utc.0 - i64::from(zone.offset_at(guess)) * 1000)
}
