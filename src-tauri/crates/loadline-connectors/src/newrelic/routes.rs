//! Endpoints of the busiest services: demand, errors and latency by the hour.

use super::reading::{Entity, Query, Reading, number};
use super::requests::{Form, HOUR, hour, say_hours};
use crate::Cancelled;
use loadline_model::{
    Basis, GapReason, HourDistribution, Kind, Sample, Series, SeriesKind, SubjectId, Timestamp, key::metric,
};
use std::collections::BTreeMap;

/// Services whose endpoints are asked for, and endpoints of each: the busiest.
const SERVICES: usize = 40;
const ROUTES: usize = 25;
/// Requests of an hour from which on its errors are told: in fewer, one failure is already above 1 %.
const ENOUGH: f64 = 100.0;

#[derive(Default)]
struct Route {
    rate: Vec<Sample>,
    failing: Vec<Sample>,
    hours: Vec<HourDistribution>,
}

/// Reads them, from the busiest service on.
pub(super) async fn read(
    r: &mut Reading<'_>,
    busy: &[(f64, &Entity, &Form)],
    until: Timestamp,
) -> Result<(), Cancelled> {
    for (_, service, form) in busy.iter().take(SERVICES) {
        let gaps = r.answer.gaps();
        let routes = of(r, service, form, until).await?;
        for (name, route) in routes {
            let call = format!("SELECT {} FROM {} FACET {}", form.latency, form.from, form.route);
            say_samples(r, &call, service, &name, (metric::REQUEST_RATE, "1/s"), route.rate, until);
            say_samples(r, &call, service, &name, (metric::ERROR_RATIO, "ratio"), route.failing, until);
            say_hours(r, &call, service, Some(name), route.hours, until);
        }
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

async fn of(
    r: &mut Reading<'_>,
    service: &Entity,
    form: &Form,
    until: Timestamp,
) -> Result<BTreeMap<String, Route>, Cancelled> {
    let query = Query {
        select: format!("{} AS requests, {}, {} AS latency", form.count, form.errors(), form.latency),
        from: format!("{} WHERE {} = '{}' AND {}", form.from, form.guid, service.guid, form.of),
        facet: form.route,
        limit: ROUTES,
        step: HOUR,
        tail: "",
    };
    let from = r.window.from;
    let mut routes: BTreeMap<String, Route> = BTreeMap::new();
    r.over_time(&query, (from, until), |point| {
        let Some(requests) = number(point.row, "requests").filter(|n| *n > 0.0) else { return };
        let Some(name) = point.facets.first().filter(|n| !n.is_empty()) else { return };
        let name = name.strip_prefix("WebTransaction/").unwrap_or(name);
        let route = routes.entry(name.to_owned()).or_default();
        route.rate.push(Sample { at: point.at, value: requests / HOUR as f64 });
        let failing = super::requests::failing(point.row).filter(|_| requests >= ENOUGH);
        route.failing.extend(failing.map(|value| Sample { at: point.at, value }));
        route.hours.extend(hour(&point, form.seconds));
    })
    .await?;
    Ok(routes)
}

fn say_samples(
    r: &mut Reading<'_>,
    call: &str,
    service: &Entity,
    route: &str,
    (name, unit): (&str, &str),
    mut samples: Vec<Sample>,
    until: Timestamp,
) {
    if samples.is_empty() {
        return;
    }
    samples.sort_by_key(|s| s.at);
    let id: SubjectId = service.subject();
    let series = Series {
        metric: name.to_owned(),
        unit: unit.to_owned(),
        kind: SeriesKind::Gauge,
        labels: BTreeMap::from([("route".to_owned(), route.to_owned())]),
        samples,
        covered_until: until,
    };
    r.answer.say(&id, call, Basis::Measured, series);
}
