//! Series beside latency: demand, errors, utilisation, business ratios. Levels follow the simulated load.

use super::facts::{CLOUD, DB, METRICS};
use super::simulation::Traffic;
use super::story::{self, at};
use loadline_model::random::Draws;
use loadline_model::{AccountId, DemoSeries, HOUR_MS, Limited, SeriesKind, Timestamp, key::metric};
use std::collections::BTreeMap;

const STEP: i64 = HOUR_MS / 2;
/// Journeys are watched every quarter of an hour.
const JOURNEY_STEP: i64 = HOUR_MS / 4;

/// Every series of the story.
pub(super) fn series(traffic: &Traffic) -> Vec<DemoSeries> {
    let mut draws = Draws::new(loadline_model::hash::seed(&["harbor demo", "series"]));
    let rate = |i: usize| f64::from(traffic.requests.get(i / 2).copied().unwrap_or(0)) / 3600.0;
    let busy = |i: usize| traffic.busy.get(i / 2).copied().unwrap_or(0.0);
    let peak_share = |t: Timestamp| story::users(t) / 1000.0;
    let mut all = Vec::new();
    let mut add = |what: What, value: &mut dyn FnMut(usize, Timestamp, &mut Draws) -> Option<f64>| {
        let steps = (traffic.requests.len() as i64 * HOUR_MS / what.step_ms) as usize;
        let first = what.from.map_or(0, |from| ((at(from).0 - traffic.start.0) / what.step_ms).max(0) as usize);
        let values = (first..steps).map(|i| {
            let t = Timestamp(traffic.start.0 + i as i64 * what.step_ms);
            let seen = what.from.is_none_or(|from| t >= at(from)) && what.until.is_none_or(|until| t < at(until));
            let level = if seen { value(i, t, &mut draws) } else { None };
            level.map(|v| (v / what.scale + 0.5) as i32)
        });
        let start = Timestamp(traffic.start.0 + first as i64 * what.step_ms);
        all.push(what.series(start, values.collect()));
    };

    add(What::new(METRICS, "service", story::API, metric::REQUEST_RATE, "1/s", 0.001), &mut |i, _, d| {
        Some((rate(i) * (1.0 + 0.05 * d.normal())).max(0.0))
    });
    add(What::new(METRICS, "service", story::API, metric::ERROR_RATIO, "ratio", 0.0001), &mut |i, t, d| {
        let base = if t >= at(story::CONTAINERS) { 0.0009 } else { 0.009 + 0.02 * busy(i) * busy(i) };
        Some((base * (1.0 + 0.5 * d.normal())).max(0.0))
    });
    let cpu = Limited::Cpu.utilisation_metric();
    let memory = Limited::Memory.utilisation_metric();
    let disk = Limited::Disk.utilisation_metric();
    let connections = Limited::Connections.utilisation_metric();
    add(What::new(CLOUD, "compute", story::API, &cpu, "ratio", 0.001), &mut |i, t, d| {
        let per_request = if t >= at(story::CONTAINERS) { 0.42 } else { 0.85 };
        Some((0.06 + per_request * busy(i) + 0.015 * d.normal()).clamp(0.01, 0.99))
    });
    add(What::new(CLOUD, "compute", story::API, &memory, "ratio", 0.001), &mut |i, t, d| {
        let base = if t >= at(story::CONTAINERS) { 0.44 } else { 0.71 };
        Some((base + 0.06 * busy(i) + 0.01 * d.normal()).clamp(0.05, 0.97))
    });
    let workers = Limited::Workers.utilisation_metric();
    let iops = Limited::Iops.utilisation_metric();
    add(What::new(CLOUD, "compute", story::API, &workers, "ratio", 0.001), &mut |i, _, d| {
        Some((busy(i) * (1.0 + 0.08 * d.normal())).clamp(0.0, 0.99))
    });
    for (metric, base, load) in [(&cpu, 0.09, 0.62), (&memory, 0.76, 0.05), (&disk, 0.55, 0.0), (&iops, 0.22, 0.35)] {
        add(
            What::new(CLOUD, "compute", super::services::VM, metric, "ratio", 0.001).until(story::CONTAINERS),
            &mut |i, t, d| {
                let filled = if load == 0.0 { 0.0006 * story::days_in(t) } else { 0.012 * d.normal() };
                Some((base + load * busy(i) + filled).clamp(0.01, 0.97))
            },
        );
    }
    add(What::new(DB, "server", story::DATABASE, &iops, "ratio", 0.001), &mut |i, t, d| {
        let scans = if t >= at(story::INDEXES) { 0.03 } else { 0.30 };
        Some((0.05 + scans * rate(i) + 0.01 * d.normal()).clamp(0.01, 0.97))
    });
    add(What::new(DB, "server", story::DATABASE, metric::DISK_READ_LATENCY, "s", 0.0001), &mut |_, t, d| {
        let base = if t >= at(story::MANAGED) { 0.0011 } else { 0.0094 };
        Some((base * (1.0 + 0.1 * d.normal())).max(0.0002))
    });
    add(What::new(DB, "cache", story::REDIS, &cpu, "ratio", 0.001).from(story::CACHE), &mut |i, _, d| {
        Some((0.03 + 0.02 * rate(i) + 0.005 * d.normal()).clamp(0.005, 0.97))
    });
    add(What::new(DB, "cache", story::REDIS, &connections, "ratio", 0.001).from(story::CACHE), &mut |_, _, d| {
        Some((0.04 + 0.002 * d.normal()).clamp(0.005, 0.97))
    });
    add(What::new(DB, "server", story::DATABASE, &cpu, "ratio", 0.001), &mut |i, t, d| {
        let scans = if t >= at(story::INDEXES) { 0.035 } else { 0.48 };
        Some((0.04 + scans * rate(i) + 0.012 * d.normal()).clamp(0.01, 0.97))
    });
    add(What::new(DB, "server", story::DATABASE, &memory, "ratio", 0.001), &mut |_, t, d| {
        let base = if t >= at(story::MANAGED) { 0.52 + 0.018 * peak_share(t) } else { 0.74 };
        Some((base + 0.008 * d.normal()).clamp(0.05, 0.97))
    });
    add(What::new(DB, "server", story::DATABASE, &disk, "ratio", 0.0001), &mut |_, t, _| {
        let moved = if t >= at(story::MANAGED) { 0.21 } else { 0.58 };
        Some((moved + 0.00062 * story::days_in(t)).clamp(0.01, 0.97))
    });
    add(What::new(DB, "server", story::DATABASE, &connections, "ratio", 0.001), &mut |i, t, d| {
        let pool = if t >= at(story::CONTAINERS) { 0.10 } else { 0.16 };
        Some((pool + 0.05 * rate(i) / peak_share(t).max(1.0) + 0.006 * d.normal()).clamp(0.01, 0.97))
    });
    add(What::new(DB, "cache", story::REDIS, &memory, "ratio", 0.001).from(story::CACHE), &mut |_, t, d| {
        Some((0.18 + 0.03 * peak_share(t) + 0.006 * d.normal()).clamp(0.01, 0.97))
    });
    add(
        What::new(DB, "cache", story::REDIS, metric::CACHE_HIT_RATIO, "ratio", 0.001).from(story::CACHE),
        &mut |_, _, d| Some((0.87 + 0.015 * d.normal()).clamp(0.5, 0.99)),
    );
    add(What::new(DB, "server", story::DATABASE, metric::BUFFER_HIT_RATIO, "ratio", 0.0001), &mut |_, t, d| {
        let base = if t >= at(story::MANAGED) { 0.994 } else { 0.941 };
        Some((base + 0.001 * d.normal()).clamp(0.5, 0.9999))
    });
    add(
        What::new(DB, "server", story::DATABASE, metric::REPLICA_LAG, "s", 0.01).from(story::MANAGED),
        &mut |_, _, d| Some((0.35 + 0.12 * d.normal()).max(0.0)),
    );
    let journeys = [("journey:sign-up", 0.962), ("journey:read-feed", 0.9985), ("journey:chat", 0.9972)];
    for (journey, level) in journeys {
        add(
            What::new(METRICS, "service", journey, metric::JOURNEY_SUCCESS, "ratio", 0.0001)
                .from(story::OBSERVED)
                .every(JOURNEY_STEP),
            &mut |_, _, d| Some((level + 0.0012 * d.normal()).clamp(0.5, 1.0)),
        );
    }
    let users = What::new(METRICS, "service", story::API, metric::ACTIVE_USERS, "users", 1.0).every(24 * HOUR_MS);
    add(users, &mut |_, t, d| Some(story::users(t) * (1.0 + 0.01 * d.normal())));
    all
}

struct What<'a> {
    account: &'a str,
    scope: &'a str,
    subject: &'a str,
    metric: &'a str,
    unit: &'a str,
    scale: f64,
    step_ms: i64,
    from: Option<&'a str>,
    until: Option<&'a str>,
}

impl<'a> What<'a> {
    fn new(account: &'a str, scope: &'a str, subject: &'a str, metric: &'a str, unit: &'a str, scale: f64) -> Self {
        Self { account, scope, subject, metric, unit, scale, step_ms: STEP, from: None, until: None }
    }

    fn from(self, from: &'a str) -> Self {
        Self { from: Some(from), ..self }
    }

    fn until(self, until: &'a str) -> Self {
        Self { until: Some(until), ..self }
    }

    fn every(self, step_ms: i64) -> Self {
        Self { step_ms, ..self }
    }

    fn series(&self, start: Timestamp, values: Vec<Option<i32>>) -> DemoSeries {
        DemoSeries {
            account: AccountId::new(self.account),
            scope: self.scope.into(),
            subject: self.subject.into(),
            metric: self.metric.into(),
            unit: self.unit.into(),
            kind: SeriesKind::Gauge,
            call: format!("{} of {}", self.metric, self.subject),
            labels: BTreeMap::new(),
            start,
            step_ms: self.step_ms,
            values,
            scale: self.scale,
        }
    }
}
