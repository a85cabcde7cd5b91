//! Scope `requests`: demand, errors and latency of services, and whether they are traced. Percentiles come as points: they
//! are compared like with like and never merged.

use super::documents;
use super::reading::{DAY, Entity, Point, Query, Reading, facets, is_one_of, number};
use super::routes;
use crate::Cancelled;
use loadline_model::{
    Basis, DAY_MS, Distribution, DistributionSeries, GapReason, HourDistribution, Kind, Timestamp, Value as Known, key,
    key::metric,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Calls of a first collection of 25 services with 90 days of history: days of five minutes, half months of hours, routes.
pub(super) const CALLS: u64 = 90 + 7 + 25 * 6 + 3;

pub(super) const FIVE_MINUTES: i64 = 300;
pub(super) const HOUR: i64 = 3_600;
/// Services of one question.
const BATCH: usize = 25;
/// Requests within a day from which on a service without a single span is not traced: agents keep ten traces a minute.
const ENOUGH_TO_TRACE: f64 = 100.0;

/// How requests are recorded.
pub(super) struct Form {
    /// Domain of the services that record them so.
    domain: &'static str,
    /// Behind FROM.
    pub from: &'static str,
    /// Which rows are requests.
    pub of: &'static str,
    /// Attribute with the id of the service.
    pub guid: &'static str,
    /// Counts requests.
    pub count: &'static str,
    /// Per cent of them that failed, and of which it is known whether they failed.
    failing: &'static str,
    judged: &'static str,
    /// Percentiles of their durations, and seconds in their unit.
    pub latency: &'static str,
    pub seconds: f64,
    /// Attribute with the route.
    pub route: &'static str,
    /// Makes counts whole again where the agent kept only a sample ("EXTRAPOLATE clause").
    whole: &'static str,
}

/// Events of New Relic's agents; metrics of OpenTelemetry by its present and its older names (semantic conventions of HTTP).
static FORMS: [Form; 3] = [
    Form {
        domain: "APM",
        from: "Transaction",
        of: "transactionType = 'Web'",
        guid: "entityGuid",
        count: "count(*)",
        failing: "percentage(count(*), WHERE error IS true OR http.statusCode >= 500)",
        judged: "percentage(count(*), WHERE error IS NOT NULL OR http.statusCode IS NOT NULL)",
        latency: "percentile(duration, 50, 95, 99)",
        seconds: 1.0,
        route: "name",
        whole: " EXTRAPOLATE",
    },
    Form {
        domain: "EXT",
        from: "Metric",
        of: "metricName = 'http.server.request.duration'",
        guid: "entity.guid",
        count: "count(http.server.request.duration)",
        failing: "percentage(count(http.server.request.duration), WHERE http.response.status_code >= 500)",
        judged: "percentage(count(http.server.request.duration), WHERE http.response.status_code IS NOT NULL)",
        latency: "percentile(http.server.request.duration, 50, 95, 99)",
        seconds: 1.0,
        route: "http.route",
        whole: "",
    },
    Form {
        domain: "EXT",
        from: "Metric",
        of: "metricName = 'http.server.duration'",
        guid: "entity.guid",
        count: "count(http.server.duration)",
        failing: "percentage(count(http.server.duration), WHERE http.status_code >= 500)",
        judged: "percentage(count(http.server.duration), WHERE http.status_code IS NOT NULL)",
        latency: "percentile(http.server.duration, 50, 95, 99)",
        seconds: 0.001,
        route: "http.route",
        whole: "",
    },
];

impl Form {
    /// Selects what [`failing`] reads.
    pub(super) fn errors(&self) -> String {
        format!("{} AS failing, {} AS judged", self.failing, self.judged)
    }
}

/// What was measured of a service.
#[derive(Default)]
pub(super) struct Measured {
    /// Requests of five minutes.
    requests: BTreeMap<Timestamp, f64>,
    /// Share of them that failed, where that is known.
    failing: BTreeMap<Timestamp, f64>,
    /// Percentiles by hour.
    hours: Vec<HourDistribution>,
}

impl Measured {
    fn all(&self) -> f64 {
        self.requests.values().sum()
    }
}

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(services) = r.services().await? else { return Ok(()) };
    let services: Vec<Entity> = services.into_iter().filter(|s| s.reports).collect();
    for service in &services {
        r.exists_as(Kind::Service, service, documents::ENTITIES.name);
    }
    let services = r.bounded("services", &services, &[]);
    let until = r.until();
    let (mut measured, mut busy): (BTreeSet<&str>, Vec<(f64, &Entity, &Form)>) = Default::default();
    let gaps = r.answer.gaps();
    for form in &FORMS {
        let is_new = |s: &&Entity| s.domain == form.domain && !measured.contains(s.guid.as_str());
        let candidates: Vec<&Entity> = services.iter().filter(is_new).collect();
        for batch in candidates.chunks(BATCH) {
            for (service, found) in of(r, form, batch, until).await? {
                measured.insert(&service.guid);
                busy.push((found.all(), service, form));
                say(r, form, service, found, until);
            }
        }
    }
    if busy.is_empty() {
        if r.answer.gaps() == gaps {
            nothing(r, services.len());
        }
        return Ok(());
    }
    busy.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.guid.cmp(&b.1.guid)));
    traced(r, &busy, until).await?;
    routes::read(r, &busy, until).await
}

fn nothing(r: &mut Reading<'_>, services: usize) {
    let detail = match services {
        0 => "No service reports to this account.".to_owned(),
        n => format!("None of {n} services reported web transactions or http.server.request.duration."),
    };
    let closes =
        "Install an APM agent or send OpenTelemetry's HTTP metrics; check the account number, region and `filter`.";
    r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[Kind::Service, Kind::Endpoint], None);
}

/// What a batch of services had in the window; those without a request are left out.
async fn of<'s>(
    r: &mut Reading<'_>,
    form: &Form,
    batch: &[&'s Entity],
    until: Timestamp,
) -> Result<Vec<(&'s Entity, Measured)>, Cancelled> {
    let from = r.window.from;
    let those = is_one_of(form.guid, batch.iter().map(|s| s.guid.as_str()));
    let rows = format!("{} WHERE {those} AND {}", form.from, form.of);
    // Retention is shorter than the window as a rule: one question saves a question for each day before it.
    let began = r
        .nrql(
            &format!(
                "SELECT {} AS requests, earliest(timestamp) AS first FROM {rows} FACET {} SINCE {} UNTIL {} LIMIT {BATCH}",
                form.count, form.guid, from.0, until.0
            ),
            &[],
        )
        .await?;
    let first: Option<BTreeMap<&str, Timestamp>> = began.as_ref().map(|rows| rows.iter().filter_map(first).collect());
    let begin = match &first {
        Some(first) => first.values().min().copied(),
        None => Some(from),
    };
    let Some(begin) = begin.map(|b| b.max(from)) else { return Ok(Vec::new()) };
    let mut found: BTreeMap<String, Measured> = BTreeMap::new();
    let query = Query {
        select: format!("{} AS requests, {}", form.count, form.errors()),
        from: rows,
        facet: form.guid,
        limit: BATCH,
        step: FIVE_MINUTES,
        tail: form.whole,
    };
    r.over_time(&query, (begin, until), |point| add_requests(&mut found, &point)).await?;
    let query = Query {
        select: format!("{} AS requests, {} AS latency", form.count, form.latency),
        step: HOUR,
        tail: "",
        ..query
    };
    r.over_time(&query, (begin, until), |point| {
        let hour = hour(&point, form.seconds);
        if let (Some(guid), Some(hour)) = (point.facets.first(), hour) {
            found.entry((*guid).to_owned()).or_default().hours.push(hour);
        }
    })
    .await?;
    let mut told = Vec::new();
    for service in batch {
        let Some(mut measured) = found.remove(&service.guid) else { continue };
        // Before the first request a five minutes' zero may only mean that nothing was kept.
        let begun = measured.requests.iter().find(|(_, n)| **n > 0.0).map(|(at, _)| *at);
        let Some(begun) = begun else { continue };
        measured.requests = measured.requests.split_off(&begun);
        if let Some(at) = first.as_ref().and_then(|f| f.get(service.guid.as_str())) {
            short(r, service, *at);
        }
        told.push((*service, measured));
    }
    Ok(told)
}

/// Service and time of its first request.
fn first(row: &Value) -> Option<(&str, Timestamp)> {
    let requests = number(row, "requests").filter(|n| *n > 0.0);
    let at = number(row, "first").or_else(|| number(row, "earliest.timestamp"));
    Some((facets(row).into_iter().next()?, Timestamp(requests.and(at)? as i64)))
}

fn add_requests(found: &mut BTreeMap<String, Measured>, point: &Point<'_>) {
    let Some(guid) = point.facets.first() else { return };
    let Some(requests) = number(point.row, "requests").filter(|n| *n >= 0.0) else { return };
    let measured = found.entry((*guid).to_owned()).or_default();
    measured.requests.insert(point.at, requests);
    if let Some(share) = failing(point.row).filter(|_| requests > 0.0) {
        measured.failing.insert(point.at, share);
    }
}

/// Share of the requests that failed, of those of which it is known; `None` where agents say of none.
pub(super) fn failing(row: &Value) -> Option<f64> {
    let judged = number(row, "judged").filter(|j| *j > 0.0)?;
    Some((number(row, "failing")? / judged).clamp(0.0, 1.0))
}

/// The percentiles of an hour in seconds; `None` without a request.
pub(super) fn hour(point: &Point<'_>, seconds: f64) -> Option<HourDistribution> {
    let count = number(point.row, "requests").filter(|n| *n >= 1.0)?;
    let fields = point.row.as_object()?;
    // The name of the field is the alias, or the function where a version of the API does not follow it.
    let percentiles = fields.values().filter_map(Value::as_object).find(|p| p.contains_key("50"))?;
    let mut quantiles: Vec<(f64, f64)> = percentiles
        .iter()
        .filter_map(|(of, value)| Some((of.parse::<f64>().ok()? / 100.0, value.as_f64()? * seconds)))
        .filter(|(of, value)| (0.0..=1.0).contains(of) && value.is_finite() && *value >= 0.0)
        .collect();
    quantiles.sort_by(|a, b| a.0.total_cmp(&b.0));
    let distribution = Distribution::Gauges { quantiles, count: Some(count.round() as u64) };
    let some = matches!(&distribution, Distribution::Gauges { quantiles, .. } if !quantiles.is_empty());
    some.then_some(HourDistribution { start: point.at, distribution })
}

fn say(r: &mut Reading<'_>, form: &Form, service: &Entity, measured: Measured, until: Timestamp) {
    let (id, call) = (service.subject(), format!("SELECT {} FROM {}", form.count, form.from));
    r.series(&id, &call, (metric::REQUEST_RATE, "1/s"), &measured.requests, |n| n / FIVE_MINUTES as f64);
    r.series(&id, &call, (metric::ERROR_RATIO, "ratio"), &measured.failing, |v| v);
    if measured.failing.is_empty() {
        let detail = format!("{}: neither `error` nor a status code is recorded with its requests.", service.name);
        let closes = "Update the agent, or record http.response.status_code.";
        r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[], Some(&id));
    }
    say_hours(r, &format!("SELECT {} FROM {}", form.latency, form.from), service, None, measured.hours, until);
}

/// Says distributions by hour; those of a whole service carry no label, so that routes never add up twice.
pub(super) fn say_hours(
    r: &mut Reading<'_>,
    call: &str,
    service: &Entity,
    route: Option<String>,
    mut hours: Vec<HourDistribution>,
    until: Timestamp,
) {
    if hours.is_empty() {
        return;
    }
    hours.sort_by_key(|h| h.start);
    let series = DistributionSeries {
        metric: metric::REQUEST_DURATION.to_owned(),
        unit: "s".to_owned(),
        labels: route.map(|route| ("route".to_owned(), route)).into_iter().collect(),
        hours,
        covered_until: until,
    };
    r.answer.say(&service.subject(), call, Basis::Measured, series);
}

/// The history may begin later than the window.
fn short(r: &mut Reading<'_>, service: &Entity, first: Timestamp) {
    if first.0 <= r.window.from.0 + DAY_MS {
        return;
    }
    let (have, need) = (r.window.until.days_since(first), r.window.until.days_since(r.window.from));
    let detail = format!("{}: history of {have:.1} days, {need:.1} were asked for.", service.name);
    let closes = "Keep APM events for longer (Data retention, in New Relic), or wait.";
    r.answer.miss_of(GapReason::ShortWindow, detail, closes, &[], Some(&service.subject()));
}

/// Which services sent spans within a day. A service that had many requests and no span is not traced here.
async fn traced(r: &mut Reading<'_>, busy: &[(f64, &Entity, &Form)], until: Timestamp) -> Result<(), Cancelled> {
    let since = Timestamp(until.0 - DAY * 1_000);
    for batch in busy.chunks(BATCH) {
        let those = is_one_of("entity.guid", batch.iter().map(|(_, s, _)| s.guid.as_str()));
        let from = format!("FROM Span WHERE {those} FACET entity.guid");
        let nrql = format!("SELECT count(*) AS spans {from} SINCE {} UNTIL {} LIMIT {BATCH}", since.0, until.0);
        let Some(spans) = r.nrql(&nrql, &[]).await? else { return Ok(()) };
        let counted: BTreeMap<&str, f64> =
            spans.iter().filter_map(|row| Some((facets(row).into_iter().next()?, number(row, "spans")?))).collect();
        for (requests, service, _) in batch {
            let spans = counted.get(service.guid.as_str()).copied().unwrap_or(0.0);
            if spans > 0.0 || *requests >= ENOUGH_TO_TRACE {
                let known = Known::Bool(spans > 0.0);
                r.answer.set(
                    &service.subject(),
                    "SELECT count(*) FROM Span",
                    Basis::Measured,
                    key::TRACING,
                    None,
                    known,
                );
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn percentiles_in_seconds_under_either_name() {
        let check = |row: Value, seconds: f64, expected: Option<(Vec<(f64, f64)>, u64)>| {
            let point = Point { facets: vec!["x"], at: Timestamp(0), row: &row };
            let found = hour(&point, seconds).map(|h| h.distribution);
            let expected = expected.map(|(quantiles, n)| Distribution::Gauges { quantiles, count: Some(n) });
            assert_eq!(found, expected, "{row}");
        };
        let all = json!({"50": 0.12, "95": 0.45, "99": 1.23});
        let seconds = vec![(0.5, 0.12), (0.95, 0.45), (0.99, 1.23)];
        check(json!({"requests": 7, "latency": all}), 1.0, Some((seconds.clone(), 7)));
        check(json!({"requests": 7, "percentile.duration": all}), 1.0, Some((seconds, 7)));
        check(json!({"requests": 7, "latency": {"50": 120.0, "95": null}}), 0.001, Some((vec![(0.5, 0.12)], 7)));
        check(json!({"requests": 0, "latency": all}), 1.0, None);
        check(json!({"requests": 7, "latency": {"50": null}}), 1.0, None);
        check(json!({"latency": all}), 1.0, None);
    }

    #[test]
    fn errors_are_a_share_of_what_can_be_judged() {
        let check = |failing_: Value, judged: Value, expected: Option<f64>| {
            assert_eq!(failing(&json!({"failing": failing_, "judged": judged})), expected);
        };
        check(json!(1.0), json!(100.0), Some(0.01));
        check(json!(1.0), json!(50.0), Some(0.02));
        check(json!(0.0), json!(0.0), None);
        check(json!(0.0), Value::Null, None);
    }
}
