//! Error ratios per service and route.

use crate::hours::gauge_series;
use crate::neighbourhood::subject_ref;
use loadline_model::{Day, ErrorTrend, FactIndex, Sample, Series, SubjectId, key, num};
use std::collections::{BTreeMap, BTreeSet};

/// A window counts as breached above this share of failed requests (`scoring.md`, OBS rules: 1 %).
const BREACH: f64 = 0.01;

/// Error ratio of every subject and route with samples in the last 7 days.
pub(crate) fn errors(index: &FactIndex) -> Vec<ErrorTrend> {
    let keys: BTreeSet<(SubjectId, Option<String>)> = index
        .all::<Series>()
        .filter(|(_, s, _)| s.metric == key::metric::ERROR_RATIO)
        .map(|(id, s, _)| (id.clone(), s.labels.get("route").cloned()))
        .collect();
    keys.into_iter().filter_map(|(id, route)| error_trend(index, &id, route)).collect()
}

fn error_trend(index: &FactIndex, id: &SubjectId, route: Option<String>) -> Option<ErrorTrend> {
    let series = gauge_series(index, id, key::metric::ERROR_RATIO, route.as_deref())?;
    let rates: BTreeMap<i64, f64> = gauge_series(index, id, key::metric::REQUEST_RATE, route.as_deref())
        .or_else(|| gauge_series(index, id, key::metric::REQUEST_RATE, None))
        .map(|s| s.samples.iter().filter(|s| s.value.is_finite()).map(|s| (s.at.0, s.value)).collect())
        .unwrap_or_default();
    let (zone, until) = (&index.snapshot().zone, index.snapshot().taken_at);
    let sound = |s: &&Sample| s.value.is_finite() && s.value >= 0.0 && s.at <= until;
    let week: Vec<&Sample> = series.samples.iter().filter(|s| s.at > until.plus_days(-7)).filter(sound).collect();
    let last_week = weighted(week.iter().copied(), &rates)?;
    let breached = week.iter().filter(|s| s.value > BREACH).count();
    let mut by_day: BTreeMap<Day, Vec<&Sample>> = BTreeMap::new();
    for s in series.samples.iter().filter(sound) {
        by_day.entry(zone.day_of(s.at)).or_default().push(s);
    }
    Some(ErrorTrend {
        subject: subject_ref(index, id),
        route,
        last_week,
        windows_breached: num::round9(breached as f64 / week.len() as f64),
        windows: week.len() as u64,
        days: by_day.into_iter().filter_map(|(day, s)| Some((day, weighted(s.into_iter(), &rates)?))).collect(),
    })
}

/// Mean weighted by requests when every sample has a rate at its time; plain otherwise.
fn weighted<'s>(samples: impl Iterator<Item = &'s Sample> + Clone, rates: &BTreeMap<i64, f64>) -> Option<f64> {
    let known: Option<Vec<(f64, f64)>> = samples.clone().map(|s| Some((s.value, *rates.get(&s.at.0)?))).collect();
    let by_rate = known.and_then(|pairs| crate::bootstrap::weighted_mean(&pairs));
    let plain = || crate::bootstrap::weighted_mean(&samples.map(|s| (s.value, 1.0)).collect::<Vec<_>>());
    by_rate.or_else(plain).map(num::round9)
}
