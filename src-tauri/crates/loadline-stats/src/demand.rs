//! Demand: requests a second, its peak and its weekly peaks.

use crate::hours::{Hours, gauge_series};
use crate::neighbourhood::subject_ref;
use loadline_model::{
    Day, DemandTrend, DistributionSeries, FactIndex, Sample, Series, SubjectId, Timestamp, Zone, key, num,
};
use std::collections::{BTreeMap, BTreeSet};

/// A week's peak needs samples on at least this many of its days.
const LEAST_DAYS_OF_A_WEEK: usize = 5;

/// Demand of every subject with a request rate, else with hourly distributions of requests.
pub(crate) fn demand(index: &FactIndex) -> Vec<DemandTrend> {
    let rated = index.all::<Series>().filter(|(_, s, _)| s.metric == key::metric::REQUEST_RATE).map(|(id, _, _)| id);
    let counted = index
        .all::<DistributionSeries>()
        .filter(|(_, s, _)| s.metric == key::metric::REQUEST_DURATION)
        .map(|(id, _, _)| id);
    let subjects: BTreeSet<&SubjectId> = rated.chain(counted).collect();
    let (zone, until) = (&index.snapshot().zone, index.snapshot().taken_at);
    subjects
        .into_iter()
        .filter_map(|id| {
            let mut samples = rates(index, id);
            samples.retain(|s| s.value.is_finite() && s.value >= 0.0 && s.at <= until);
            let month = samples.iter().filter(|s| s.at > until.plus_days(-28)).map(|s| s.value).collect();
            Some(DemandTrend {
                subject: subject_ref(index, id),
                peak: num::round9(quantile(month, 0.99)?),
                weekly_peaks: weekly_peaks(&samples, zone, until),
                days: days(&samples, zone),
            })
        })
        .collect()
}

/// Samples of the whole subject: its own series; else the sum of its routes; else hourly counts of distributions.
fn rates(index: &FactIndex, id: &SubjectId) -> Vec<Sample> {
    if let Some(whole) = gauge_series(index, id, key::metric::REQUEST_RATE, None) {
        return whole.samples.clone();
    }
    let routes: BTreeSet<&String> =
        index.series(id, key::metric::REQUEST_RATE).filter_map(|(s, _)| s.labels.get("route")).collect();
    let mut sums: BTreeMap<Timestamp, f64> = BTreeMap::new();
    for series in routes.iter().filter_map(|r| gauge_series(index, id, key::metric::REQUEST_RATE, Some(r))) {
        for s in &series.samples {
            *sums.entry(s.at).or_insert(0.0) += s.value;
        }
    }
    if !sums.is_empty() {
        return sums.into_iter().map(|(at, value)| Sample { at, value }).collect();
    }
    let hours = Hours::of(index, id, key::metric::REQUEST_DURATION, None);
    let cells = hours.map(|h| h.cells).unwrap_or_default();
    cells.iter().filter(|c| c.count > 0).map(|c| Sample { at: c.start, value: c.count as f64 / 3600.0 }).collect()
}

fn quantile(mut values: Vec<f64>, q: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    num::quantile_sorted(&values, q)
}

/// 99th percentile of each whole local week with samples on most of its days; the current week is not over.
fn weekly_peaks(samples: &[Sample], zone: &Zone, until: Timestamp) -> Vec<(Day, f64)> {
    let this_week = zone.day_of(until).week_start();
    let mut weeks: BTreeMap<Day, (BTreeSet<Day>, Vec<f64>)> = BTreeMap::new();
    for s in samples {
        let day = zone.day_of(s.at);
        let week = weeks.entry(day.week_start()).or_default();
        week.0.insert(day);
        week.1.push(s.value);
    }
    weeks
        .into_iter()
        .filter(|(monday, (days, _))| *monday < this_week && days.len() >= LEAST_DAYS_OF_A_WEEK)
        .filter_map(|(monday, (_, values))| Some((monday, num::round9(quantile(values, 0.99)?))))
        .collect()
}

fn days(samples: &[Sample], zone: &Zone) -> Vec<(Day, f64)> {
    let mut by_day: BTreeMap<Day, Vec<f64>> = BTreeMap::new();
    for s in samples {
        by_day.entry(zone.day_of(s.at)).or_default().push(s.value);
    }
    by_day.into_iter().filter_map(|(day, values)| Some((day, num::round9(num::median(&values)?)))).collect()
}
