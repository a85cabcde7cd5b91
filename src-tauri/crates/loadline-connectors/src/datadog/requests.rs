//! Scope `requests`: demand, latency and errors of services that are traced. Percentiles come as points: they are compared
//! like with like and never merged.

use super::calls;
use super::reading::{Line, Reading};
use super::routes;
use crate::Cancelled;
use loadline_model::{
    Basis, Distribution, DistributionSeries, GapReason, HourDistribution, Kind, SubjectId, Timestamp, key::metric,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Calls of a first collection of one operation: 90 days of five minutes twice and of hours three times, and the names.
pub(super) const CALLS: u64 = 2 * 18 + 3 * 2 + 1;

const FIVE_MINUTES: i64 = 300;
pub(super) const HOUR: i64 = 3_600;

/// As queries and as distributions name them.
pub(super) const PERCENTILES: [(&str, f64); 3] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];

/// Spans of incoming requests by the names that Datadog's tracers give them ("Primary operations", Datadog documentation).
const INCOMING: [&str; 26] = [
    "aiohttp.request",
    "aspnet.request",
    "aspnet_core.request",
    "bottle.request",
    "django.request",
    "express.request",
    "falcon.request",
    "fastapi.request",
    "fastify.request",
    "flask.request",
    "gin.request",
    "grpc.server",
    "http.server.request",
    "koa.request",
    "laravel.request",
    "netty.request",
    "play.request",
    "pyramid.request",
    "rack.request",
    "servlet.request",
    "sinatra.request",
    "starlette.request",
    "symfony.request",
    "tornado.request",
    "undertow.request",
    "web.request",
];

/// Reads the scope. `named`: operations that a person named instead.
pub(super) async fn read(r: &mut Reading<'_>, named: &str) -> Result<(), Cancelled> {
    let from = (r.window.until.plus_days(-1).0 / 1_000).to_string();
    let Some(page) = r.ask(&calls::NAMES, calls::NAMES.path, &[("from", &from)], &[Kind::Service]).await? else {
        return Ok(());
    };
    let known: Vec<&str> =
        page.get("metrics").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let traced = |operation: &&str| known.contains(&format!("trace.{operation}.hits").as_str());
    let wanted: Vec<&str> = match named.split_whitespace().collect::<Vec<_>>() {
        named if !named.is_empty() => named,
        _ => INCOMING.into_iter().filter(traced).collect(),
    };
    let sound = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    let wanted: Vec<&str> = wanted.into_iter().filter(sound).collect();
    if wanted.is_empty() {
        nothing(r, &known);
        return Ok(());
    }
    let mut services: BTreeMap<String, Service> = BTreeMap::new();
    for operation in wanted {
        let Some(found) = of(r, operation).await? else { continue };
        for (name, service) in found {
            // A request passes several layers of a framework, each with an operation: the busiest counts all of them once.
            let busier = services.get(&name).is_none_or(|known| known.all() < service.all());
            if busier {
                services.insert(name, service);
            }
        }
    }
    services.iter().for_each(|(name, service)| say(r, name, service));
    let mut busy: Vec<(&String, &Service)> = services.iter().collect();
    busy.sort_by(|a, b| b.1.all().total_cmp(&a.1.all()).then(a.0.cmp(b.0)));
    let busy: Vec<_> = busy.into_iter().map(|(name, service)| (name.clone(), service.operation.clone())).collect();
    routes::read(r, &busy).await
}

fn nothing(r: &mut Reading<'_>, known: &[&str]) {
    let traced: Vec<&str> = known
        .iter()
        .filter_map(|n| n.strip_prefix("trace.")?.strip_suffix(".hits"))
        .filter(|n| !n.contains(".by_"))
        .take(10)
        .collect();
    let seen =
        if traced.is_empty() { "nothing is traced".to_owned() } else { format!("traced are {}", traced.join(", ")) };
    let detail = format!("No operation of incoming requests reported within a day: {seen}.");
    let closes = "Turn APM on for the services, or name the spans of their incoming requests in `operations`.";
    r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[Kind::Service, Kind::Endpoint], None);
}

/// What one operation says of a service.
#[derive(Default)]
struct Service {
    operation: String,
    /// Requests in each five minutes.
    hits: BTreeMap<Timestamp, f64>,
    /// Failed ones; `None` when they could not be read.
    errors: Option<BTreeMap<Timestamp, f64>>,
    /// Seconds by hour and quantile.
    latency: BTreeMap<Timestamp, Vec<(f64, f64)>>,
}

impl Service {
    fn all(&self) -> f64 {
        self.hits.values().sum()
    }
}

fn by_service(lines: Vec<Line>) -> BTreeMap<String, BTreeMap<Timestamp, f64>> {
    lines.into_iter().filter_map(|l| Some((l.tags.get("service")?.clone(), l.points))).collect()
}

/// The services of an operation; `None` when not even demand could be read.
async fn of(r: &mut Reading<'_>, operation: &str) -> Result<Option<BTreeMap<String, Service>>, Cancelled> {
    let filter = r.filter.to_owned();
    let counted = |what: &str| {
        format!("sum:trace.{operation}.{what}{{{filter}}} by {{service}}.as_count().rollup(sum, {FIVE_MINUTES})")
    };
    let Some(hits) = r.over_time(&counted("hits"), FIVE_MINUTES).await? else { return Ok(None) };
    let mut services: BTreeMap<String, Service> = by_service(hits)
        .into_iter()
        .map(|(name, hits)| (name, Service { operation: operation.to_owned(), hits, ..Service::default() }))
        .collect();
    if services.is_empty() {
        return Ok(Some(services));
    }
    if let Some(errors) = r.over_time(&counted("errors"), FIVE_MINUTES).await? {
        let mut errors = by_service(errors);
        for (name, service) in &mut services {
            service.errors = Some(errors.remove(name).unwrap_or_default());
        }
    }
    for (word, quantile) in PERCENTILES {
        let query = format!("{word}:trace.{operation}{{{filter}}} by {{service}}.rollup({HOUR})");
        let Some(lines) = r.over_time(&query, HOUR).await? else { continue };
        for (name, points) in by_service(lines) {
            let Some(service) = services.get_mut(&name) else { continue };
            for (at, seconds) in points.into_iter().filter(|(_, s)| *s >= 0.0) {
                service.latency.entry(at).or_default().push((quantile, seconds));
            }
        }
    }
    Ok(Some(services))
}

pub(super) fn subject(service: &str) -> SubjectId {
    SubjectId(format!("datadog-service:{service}"))
}

fn say(r: &mut Reading<'_>, name: &str, service: &Service) {
    let id = subject(name);
    let call = format!("trace.{}", service.operation);
    r.exists(&id, &call, Kind::Service, name);
    r.series(&id, &call, (metric::REQUEST_RATE, "1/s"), &service.hits, |n| n / FIVE_MINUTES as f64);
    if let Some(errors) = &service.errors {
        // Errors are written only where there were some: five minutes with requests and without such a count had none.
        let ratio = service.hits.iter().filter(|(_, n)| **n > 0.0);
        let ratio: BTreeMap<Timestamp, f64> =
            ratio.map(|(at, n)| (*at, (errors.get(at).copied().unwrap_or(0.0) / n).clamp(0.0, 1.0))).collect();
        r.series(&id, &call, (metric::ERROR_RATIO, "ratio"), &ratio, |v| v);
    }
    let count = |hour: Timestamp| -> Option<u64> {
        let inside: f64 = service.hits.range(hour..hour.plus_hours(1)).map(|(_, n)| *n).sum();
        (inside >= 0.0).then_some(inside.round() as u64)
    };
    let hours: Vec<HourDistribution> = service
        .latency
        .iter()
        .map(|(start, quantiles)| {
            let distribution = Distribution::Gauges { quantiles: quantiles.clone(), count: count(*start) };
            HourDistribution { start: *start, distribution }
        })
        .collect();
    if hours.is_empty() {
        let detail = format!("{name}: no percentiles of `{call}`, so its latency cannot be known.");
        let closes = "Turn percentiles on for the distribution metric of that operation.";
        r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[], Some(&id));
        return;
    }
    let durations = DistributionSeries {
        metric: metric::REQUEST_DURATION.to_owned(),
        unit: "s".to_owned(),
        labels: BTreeMap::new(),
        hours,
        covered_until: r.window.until,
    };
    r.answer.say(&id, &call, Basis::Measured, durations);
}
