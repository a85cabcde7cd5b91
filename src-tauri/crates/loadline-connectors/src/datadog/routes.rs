//! Endpoints of the busiest services ("resources" of Datadog): demand, errors and percentiles by the hour.

use super::reading::{Line, Reading};
use super::requests::{HOUR, PERCENTILES, subject};
use crate::Cancelled;
use loadline_model::{
    Basis, Distribution, DistributionSeries, GapReason, HourDistribution, Kind, Sample, Series, SeriesKind, Timestamp,
    key::metric,
};
use std::collections::BTreeMap;

/// Services whose endpoints are asked for, and endpoints of each: the busiest. Ten questions each at the first collection,
/// far below the 1,600 an hour that Datadog answers.
const SERVICES: usize = 20;
const ROUTES: usize = 25;
/// Calls that they take at most.
pub(super) const CALLS: u64 = SERVICES as u64 * 5 * 2;
/// Requests of an hour from which on its errors are told: in fewer, one failure is already above 1 %.
const ENOUGH: f64 = 100.0;

type Hours = BTreeMap<Timestamp, f64>;

/// Reads them. `busy`: services with their operation, the busiest first.
pub(super) async fn read(r: &mut Reading<'_>, busy: &[(String, String)]) -> Result<(), Cancelled> {
    // A name goes into a query: only characters that tags have.
    let sound = |name: &str| name.chars().all(|c| c.is_alphanumeric() || "_-:./".contains(c));
    for (service, operation) in busy.iter().filter(|(service, _)| sound(service)).take(SERVICES) {
        let gaps = r.answer.gaps();
        of(r, service, operation).await?;
        // What one service is refused, the others would be too.
        if r.answer.gaps() != gaps {
            return Ok(());
        }
    }
    if busy.len() > SERVICES {
        let detail = format!("Endpoints of the {SERVICES} busiest of {} services were read.", busy.len());
        r.answer.miss_of(GapReason::LimitReached, detail, "Set `filter` to what matters.", &[Kind::Endpoint], None);
    }
    Ok(())
}

fn by_route(lines: Vec<Line>) -> BTreeMap<String, Hours> {
    lines.into_iter().filter_map(|l| Some((l.tags.get("resource_name")?.clone(), l.points))).collect()
}

async fn of(r: &mut Reading<'_>, service: &str, operation: &str) -> Result<(), Cancelled> {
    let filter = match r.filter {
        "*" => format!("service:{service}"),
        filter => format!("{filter},service:{service}"),
    };
    let counted = |what: &str| {
        format!("sum:trace.{operation}.{what}{{{filter}}} by {{resource_name}}.as_count().rollup(sum, {HOUR})")
    };
    let busiest = format!("top({}, {ROUTES}, 'sum', 'desc')", counted("hits"));
    let Some(hits) = r.over_time(&busiest, HOUR).await? else { return Ok(()) };
    let hits = by_route(hits);
    if hits.is_empty() {
        return Ok(());
    }
    let errors = r.over_time(&counted("errors"), HOUR).await?.map(by_route);
    let mut latency: BTreeMap<String, BTreeMap<Timestamp, Vec<(f64, f64)>>> = BTreeMap::new();
    for (word, quantile) in PERCENTILES {
        let query = format!("{word}:trace.{operation}{{{filter}}} by {{resource_name}}.rollup({HOUR})");
        let Some(lines) = r.over_time(&query, HOUR).await? else { continue };
        for (route, points) in by_route(lines).into_iter().filter(|(route, _)| hits.contains_key(route)) {
            let hours = latency.entry(route).or_default();
            for (at, seconds) in points.into_iter().filter(|(_, s)| *s >= 0.0) {
                hours.entry(at).or_default().push((quantile, seconds));
            }
        }
    }
    for (route, hits) in hits {
        let call = format!("trace.{operation}, {route}");
        let rate = hits.iter().map(|(at, n)| (*at, n / HOUR as f64)).collect();
        series(r, &call, service, &route, (metric::REQUEST_RATE, "1/s"), rate);
        if let Some(errors) = &errors {
            let failed = errors.get(&route);
            let of_hour = |at: &Timestamp| failed.and_then(|f| f.get(at)).copied().unwrap_or(0.0);
            let enough = hits.iter().filter(|(_, n)| **n >= ENOUGH);
            let ratio = enough.map(|(at, n)| (*at, (of_hour(at) / n).clamp(0.0, 1.0))).collect();
            series(r, &call, service, &route, (metric::ERROR_RATIO, "ratio"), ratio);
        }
        let hour = |(start, quantiles): (Timestamp, Vec<(f64, f64)>)| {
            let count = hits.get(&start).filter(|n| **n >= 0.0).map(|n| n.round() as u64);
            HourDistribution { start, distribution: Distribution::Gauges { quantiles, count } }
        };
        let hours: Vec<HourDistribution> = latency.remove(&route).into_iter().flatten().map(hour).collect();
        if hours.is_empty() {
            continue;
        }
        let durations = DistributionSeries {
            metric: metric::REQUEST_DURATION.to_owned(),
            unit: "s".to_owned(),
            labels: BTreeMap::from([("route".to_owned(), route)]),
            hours,
            covered_until: r.window.until,
        };
        r.answer.say(&subject(service), &call, Basis::Measured, durations);
    }
    Ok(())
}

fn series(r: &mut Reading<'_>, call: &str, service: &str, route: &str, (name, unit): (&str, &str), hours: Hours) {
    if hours.is_empty() {
        return;
    }
    let series = Series {
        metric: name.to_owned(),
        unit: unit.to_owned(),
        kind: SeriesKind::Gauge,
        labels: BTreeMap::from([("route".to_owned(), route.to_owned())]),
        samples: hours.into_iter().map(|(at, value)| Sample { at, value }).collect(),
        covered_until: r.window.until,
    };
    r.answer.say(&subject(service), call, Basis::Measured, series);
}
