//! Demand hour by hour: which series is the system's demand, when its peak hours are, how far it ranges.

use loadline_model::{
    DemandTrend, DistributionSeries, FactIndex, HOUR_MS, Kind, Series, SeriesKind, SubjectId, Timestamp, Trends, key,
    num,
};
use std::collections::{BTreeMap, BTreeSet};

/// Local hours of the day that count as peak: the busiest quarter of the day.
const PEAK_HOURS: usize = 6;
/// Days of demand looked at.
const DAYS: i64 = 28;

/// Demand of one subject.
pub(crate) struct Demand {
    /// Mean requests a second by start of the UTC hour in milliseconds.
    pub(crate) hourly: BTreeMap<i64, f64>,
    /// Busiest local hours of the day.
    pub(crate) peak_hours: BTreeSet<u8>,
    /// 99th over 5th percentile of hours: the range of load that was seen.
    pub(crate) range: f64,
}

/// The demand that everything without demand of its own answers to: the busiest entry point, else the busiest service.
pub(crate) fn main_demand(trends: &Trends) -> Option<&DemandTrend> {
    let rank = |d: &DemandTrend| match d.subject.kind {
        Some(Kind::Entrypoint | Kind::LoadBalancer | Kind::Cdn) => 0,
        Some(Kind::Service) => 1,
        _ => 2,
    };
    trends.demand.iter().min_by(|a, b| {
        rank(a).cmp(&rank(b)).then_with(|| num::cmp9(b.peak, a.peak)).then_with(|| a.subject.id.cmp(&b.subject.id))
    })
}

/// Hourly demand of a subject over the last 28 days; `None` when it has none.
pub(crate) fn of_subject(index: &FactIndex, id: &SubjectId) -> Option<Demand> {
    let until = index.snapshot().taken_at;
    let hourly = from_rate(index, id, until).or_else(|| from_counts(index, id, until))?;
    let mut sorted: Vec<f64> = hourly.values().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (num::quantile_sorted(&sorted, 0.05)?, num::quantile_sorted(&sorted, 0.99)?);
    let zone = &index.snapshot().zone;
    let peak_hours = busiest_hours(hourly.iter().map(|(hour, v)| (zone.hour_of(Timestamp(*hour)), *v)));
    Some(Demand { hourly, peak_hours, range: if low > 0.0 { (high / low).max(1.0) } else { 1.0 } })
}

/// The local hours of the day with the highest medians.
pub(crate) fn busiest_hours(values: impl Iterator<Item = (u8, f64)>) -> BTreeSet<u8> {
    let mut by_hour: BTreeMap<u8, Vec<f64>> = BTreeMap::new();
    for (hour, value) in values {
        by_hour.entry(hour).or_default().push(value);
    }
    let mut medians: Vec<(u8, f64)> =
        by_hour.into_iter().filter_map(|(hour, v)| Some((hour, num::median(&v)?))).collect();
    medians.sort_by(|a, b| num::cmp9(b.1, a.1).then(a.0.cmp(&b.0)));
    medians.into_iter().take(PEAK_HOURS).map(|(hour, _)| hour).collect()
}

fn from_rate(index: &FactIndex, id: &SubjectId, until: Timestamp) -> Option<BTreeMap<i64, f64>> {
    let whole = |s: &Series| s.kind == SeriesKind::Gauge && !s.labels.contains_key("route");
    let (series, _) = index
        .series(id, key::metric::REQUEST_RATE)
        .filter(|(s, _)| whole(s))
        .max_by_key(|(s, p)| (s.samples.len(), std::cmp::Reverse(p.account.clone())))?;
    let recent = series.samples.iter().filter(|s| s.at > until.plus_days(-DAYS) && s.at <= until);
    let hours = hourly_means(recent.filter(|s| s.value.is_finite() && s.value >= 0.0).map(|s| (s.at, s.value)));
    (!hours.is_empty()).then_some(hours)
}

/// Without a request rate the hourly counts of latency distributions are the demand.
fn from_counts(index: &FactIndex, id: &SubjectId, until: Timestamp) -> Option<BTreeMap<i64, f64>> {
    let mut by_account: BTreeMap<&str, Vec<&DistributionSeries>> = BTreeMap::new();
    for (series, from) in index.distributions(id, key::metric::REQUEST_DURATION) {
        by_account.entry(from.account.as_str()).or_default().push(series);
    }
    let size = |all: &Vec<&DistributionSeries>| all.iter().map(|s| s.hours.len()).sum::<usize>();
    let series = by_account.into_values().rev().max_by_key(size)?;
    let whole = series.iter().any(|s| !s.labels.contains_key("route"));
    let mut hours: BTreeMap<i64, f64> = BTreeMap::new();
    for s in series.iter().filter(|s| whole != s.labels.contains_key("route")) {
        for h in s.hours.iter().filter(|h| h.start > until.plus_days(-DAYS) && h.start <= until) {
            *hours.entry(h.start.0).or_insert(0.0) += h.distribution.count().unwrap_or(0) as f64 / 3600.0;
        }
    }
    hours.retain(|_, v| *v > 0.0);
    (!hours.is_empty()).then_some(hours)
}

/// Mean of samples per UTC hour.
pub(crate) fn hourly_means(samples: impl Iterator<Item = (Timestamp, f64)>) -> BTreeMap<i64, f64> {
    let mut sums: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for (at, value) in samples {
        let sum = sums.entry(at.0.div_euclid(HOUR_MS) * HOUR_MS).or_default();
        *sum = (sum.0 + value, sum.1 + 1.0);
    }
    sums.into_iter().map(|(hour, (sum, n))| (hour, sum / n)).collect()
}
