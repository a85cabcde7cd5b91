//! Snapshots for tests: a service whose latency and load are given hour by hour.

use loadline_model::{
    AccountId, Basis, Body, DAY_MS, Distribution, DistributionSeries, Fact, HOUR_MS, HourDistribution, Kind,
    Provenance, Resource, Snapshot, SubjectRef, Timestamp, key, num,
};
#[cfg(test)]
use loadline_model::{ActorKind, Deployment, DeploymentStatus, Series, SeriesKind};

pub(crate) const SCHEMA: i8 = 5;
/// Width of a bucket at [`SCHEMA`], as a log ratio.
pub(crate) const STEP: f64 = std::f64::consts::LN_2 / 32.0;

/// `n` requests spread like a bell (in logarithms, 15 %) round `median` seconds, snapped to the nearest bucket.
pub(crate) fn hour(median: f64, n: u64) -> Distribution {
    let middle = (num::ln(median) / STEP).round() as i32;
    let weight = |k: i32| num::exp(-0.5 * f64::from(k * k) * (STEP / 0.15) * (STEP / 0.15)) * STEP / (0.15 * 2.506_628);
    let counts = (-18..=18).map(|k| (middle + k, (n as f64 * weight(k)).round() as u64)).collect();
    Distribution::Exponential { schema: SCHEMA, zero: 0, counts, sum: None }
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("an instant")
}

pub(crate) fn fact(subject: &str, body: impl Into<Body>) -> Fact {
    let provenance =
        Provenance { account: AccountId::new("p"), call: "test".into(), read_at: Timestamp(0), basis: Basis::Measured };
    Fact { subject: subject.into(), body: body.into(), provenance }
}

/// Hours from `start` for `days` days; `level` gives median seconds and requests of an hour.
pub(crate) fn latency(
    start: Timestamp,
    days: i64,
    route: Option<&str>,
    mut level: impl FnMut(i64) -> (f64, u64),
) -> DistributionSeries {
    let hours: Vec<HourDistribution> = (0..days * 24)
        .map(|h| {
            let (median, n) = level(h);
            HourDistribution { start: start.plus_hours(h), distribution: hour(median, n) }
        })
        .collect();
    DistributionSeries {
        metric: key::metric::REQUEST_DURATION.into(),
        unit: "s".into(),
        labels: route.map(|r| ("route".to_owned(), r.to_owned())).into_iter().collect(),
        hours,
        covered_until: start.plus_days(days),
    }
}

/// Requests of an hour: a daily wave, weekends at 60 %.
pub(crate) fn load(start: Timestamp, h: i64) -> u64 {
    let day = (start.0 + h * HOUR_MS).div_euclid(DAY_MS) + 3;
    let wave = 1.0 + 0.5 * num::sin(2.0 * std::f64::consts::PI * (h % 24) as f64 / 24.0);
    (900.0 * wave * if day.rem_euclid(7) >= 5 { 0.6 } else { 1.0 }) as u64
}

#[cfg(test)]
pub(crate) fn gauge(metric: &str, unit: &str, samples: Vec<(Timestamp, f64)>) -> Series {
    Series {
        metric: metric.into(),
        unit: unit.into(),
        kind: SeriesKind::Gauge,
        labels: Default::default(),
        covered_until: samples.last().map_or(Timestamp(0), |s| s.0),
        samples: samples.into_iter().map(|(at, value)| loadline_model::Sample { at, value }).collect(),
    }
}

#[cfg(test)]
pub(crate) fn deployment(id: &str, started_at: Timestamp, minutes: i64, status: DeploymentStatus) -> Deployment {
    Deployment {
        id: id.into(),
        environment: "production".into(),
        revision: id.into(),
        started_at,
        finished_at: Some(Timestamp(started_at.0 + minutes * 60_000)),
        status,
        actor_kind: ActorKind::Pipeline,
        actor: None,
        strategy: None,
    }
}

pub(crate) fn snapshot(taken_at: Timestamp, mut facts: Vec<Fact>) -> Snapshot {
    facts.push(fact("api", Resource::new(Kind::Service, "api")));
    Snapshot { taken_at, facts, ..Snapshot::default() }
}

pub(crate) fn subject(id: &str) -> SubjectRef {
    SubjectRef { id: id.into(), kind: Some(Kind::Service), name: id.into(), account: None, region: None }
}
