//! Scope `requests`: hourly latency distributions per service and route, five-minute demand and error ratio.

use super::api::{Line, Span};
use super::catalog::{REQUEST_HISTOGRAMS, ROUTE_LABELS, STATUS_LABELS};
use super::histograms::{self, Who};
use super::reading::Reading;
use crate::Cancelled;
use loadline_model::{
    Basis, Confidence, DAY_MS, Distribution, DistributionSeries, Edge, GapReason, Kind, Relation, SubjectId, Timestamp,
    key::metric,
};
use std::collections::{BTreeMap, BTreeSet};

/// Routes of all services together; more means that the label holds addresses, not templates.
const MOST_ROUTES: usize = 500;

/// How a metric of requests is exported here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Classic,
    Native,
    CountsOnly,
}

/// A metric of requests.
struct Requests {
    canonical: &'static str,
    name: String,
    unit: f64,
    form: Form,
}

impl Requests {
    /// The series that exist for every combination of labels.
    fn counted(&self) -> String {
        if self.form == Form::Native { self.name.clone() } else { format!("{}_count", self.name) }
    }

    /// Requests per second by service, of those that match.
    fn rate(&self, service: &str, matching: &str) -> String {
        let rate = format!("sum by ({service}) (rate({}{matching}[5m]))", self.counted());
        if self.form == Form::Native { format!("histogram_count({rate})") } else { rate }
    }
}

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let variants = |(name, _): &(&str, f64)| [format!("{name}_bucket"), format!("{name}_count"), (*name).to_owned()];
    let wanted: Vec<String> = REQUEST_HISTOGRAMS.iter().flat_map(variants).collect();
    // A remapped base name is remapped in its `_bucket`, `_count` and `_sum` too.
    let local: Vec<String> = wanted.iter().map(|n| family(r, n)).collect();
    let Some(present) = r.present(&local).await? else { return Ok(()) };
    let has = |name: String| present.contains(&name);
    let mut any = false;
    for (canonical, unit) in REQUEST_HISTOGRAMS {
        let name = family(r, canonical);
        let form = match () {
            () if has(format!("{name}_bucket")) => Form::Classic,
            // The bounds of native histograms are powers of two of their own unit, so only seconds can be kept.
            () if has(name.clone()) && unit == 1.0 => Form::Native,
            () if has(format!("{name}_count")) => Form::CountsOnly,
            () => continue,
        };
        any = true;
        let requests = Requests { canonical, name, unit, form };
        latency(r, &requests).await?;
        demand(r, &requests).await?;
    }
    if any { Ok(()) } else { nothing(r).await }
}

fn family(r: &Reading<'_>, name: &str) -> String {
    let base = REQUEST_HISTOGRAMS.iter().map(|h| h.0).find(|base| name.starts_with(base)).unwrap_or(name);
    format!("{}{}", r.names.local(base), name.strip_prefix(base).unwrap_or_default())
}

async fn nothing(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let api = r.api;
    let seen = r.ask("names of histograms", api.histograms(10)).await?.unwrap_or_default();
    let canonical = REQUEST_HISTOGRAMS[0].0;
    let seen = if seen.is_empty() { "no histogram at all".to_owned() } else { seen.join(", ") };
    let local = r.names.local(canonical);
    let detail =
        format!("No series `{local}_bucket` in the window, so percentiles cannot be known. The server has: {seen}.");
    let closes =
        format!("Export `{canonical}` as a histogram, or name yours: remap.{canonical}=<your metric without _bucket>.");
    r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[Kind::Service, Kind::Endpoint], None);
    Ok(())
}

async fn latency(r: &mut Reading<'_>, requests: &Requests) -> Result<(), Cancelled> {
    let service = r.names.service.clone();
    let routes = ROUTE_LABELS.join(", ");
    let counted = requests.counted();
    let seen = format!("group by ({service}, instance) ({counted})");
    let members = r.instant("instances of services", &seen).await?;
    // A service that is not scraped at this moment is still there; its instances may be others by now.
    let seen = format!("group by ({service}, {routes}) (last_over_time({counted}[1d]))");
    let lines = r.instant("services and routes", &seen).await?;
    services(r, &seen, &lines, &members);
    if requests.form == Form::CountsOnly {
        let detail = format!("`{}` has counts but no buckets: only averages can be known.", requests.name);
        let closes = format!("Export `{}` with buckets or as a native histogram.", requests.canonical);
        r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[], None);
        return Ok(());
    }
    let known: BTreeSet<Who> = lines.iter().map(|l| who(&service, l)).filter(|(_, route)| route.is_some()).collect();
    distributions(r, requests, &service, true).await?;
    match known.len() {
        0 => Ok(()),
        n if n > MOST_ROUTES => {
            let detail =
                format!("{n} routes: the label holds addresses, not templates, so only whole services were read.");
            r.answer.miss(GapReason::LimitReached, detail, "Put the route template into the label `http_route`.");
            Ok(())
        }
        _ => distributions(r, requests, &format!("{service}, {routes}"), false).await,
    }
}

async fn distributions(r: &mut Reading<'_>, requests: &Requests, group: &str, whole: bool) -> Result<(), Cancelled> {
    let Requests { name, unit, .. } = requests;
    let service = r.names.service.clone();
    let (hours, who) = (r.hours(), |line: &Line| who(&service, line));
    let found = if requests.form == Form::Native {
        let call = format!("sum by ({group}) (increase({name}[1h]))");
        histograms::native(&r.range("latency", &call, hours).await?, who)
    } else {
        let call = format!("sum by (le, {group}) (increase({name}_bucket[1h]))");
        let mut found = histograms::classic(&r.range("latency", &call, hours).await?, who, *unit);
        if !found.is_empty() {
            let call = format!("sum by ({group}) (increase({name}_sum[1h]))");
            histograms::add_sums(&mut found, &r.range("sums of latency", &call, hours).await?, who, *unit);
        }
        found
    };
    say(r, name, found, hours, whole);
    Ok(())
}

/// Service and route of a line.
fn who(service: &str, line: &Line) -> Who {
    let route = ROUTE_LABELS.iter().find_map(|l| line.label(l)).map(str::to_owned);
    (line.label(service).unwrap_or("unknown").to_owned(), route)
}

fn subject(service: &str) -> SubjectId {
    SubjectId(format!("prometheus-job:{service}"))
}

fn services(r: &mut Reading<'_>, call: &str, seen: &[Line], now: &[Line]) {
    let service = r.names.service.clone();
    let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in seen.iter().chain(now) {
        let instances = members.entry(who(&service, line).0).or_default();
        instances.extend(line.label("instance").map(str::to_owned));
    }
    for (name, instances) in members {
        r.exists(&subject(&name), call, Kind::Service, &name, None);
        for instance in instances {
            let member = SubjectId::from(instance.as_str());
            r.exists(&member, call, Kind::Instance, &instance, None);
            let edge = Edge { relation: Relation::MemberOf, to: subject(&name), confidence: Confidence::Observed };
            r.answer.say(&member, call, Basis::Measured, edge);
        }
    }
}

/// Says distributions; those of whole services carry no label, so that routes never add up twice.
fn say(
    r: &mut Reading<'_>,
    name: &str,
    found: BTreeMap<Who, BTreeMap<Timestamp, Distribution>>,
    span: Span,
    whole: bool,
) {
    for ((service, route), hours) in found {
        if whole {
            short(r, &service, hours.keys().next().copied());
        }
        let labels = match (whole, route) {
            (true, _) => BTreeMap::new(),
            (false, Some(route)) => [("route".to_owned(), route)].into(),
            (false, None) => continue,
        };
        let series = DistributionSeries {
            metric: metric::REQUEST_DURATION.to_owned(),
            unit: "s".to_owned(),
            labels,
            hours: histograms::hours(hours),
            covered_until: span.until,
        };
        r.answer.say(&subject(&service), name, Basis::Measured, series);
    }
}

/// The history may begin later than the window.
fn short(r: &mut Reading<'_>, service: &str, first: Option<Timestamp>) {
    let Some(first) = first.filter(|first| first.0 > r.window.from.0 + DAY_MS) else { return };
    let (have, need) = (r.window.until.days_since(first), r.window.until.days_since(r.window.from));
    let detail = format!("{service}: history of {have:.1} days, {need:.1} were asked for.");
    let closes = "Keep more history (--storage.tsdb.retention.time), or wait.";
    r.answer.miss_of(GapReason::ShortWindow, detail, closes, &[], Some(&subject(service)));
}

async fn demand(r: &mut Reading<'_>, requests: &Requests) -> Result<(), Cancelled> {
    let service = r.names.service.clone();
    let span = r.five_minutes();
    let rate = requests.rate(&service, "");
    for line in r.range("demand", &rate, span).await? {
        let id = subject(&who(&service, &line).0);
        r.series(&id, &rate, metric::REQUEST_RATE, "1/s", &line, span);
    }
    let counted = requests.counted();
    let statuses = format!("group by ({}) ({counted})", STATUS_LABELS.join(", "));
    let lines = r.instant("status labels", &statuses).await?;
    let used = STATUS_LABELS.iter().filter(|label| lines.iter().any(|l| l.label(label).is_some()));
    let failed: Vec<String> = used.map(|label| requests.rate(&service, &format!("{{{label}=~\"5..\"}}"))).collect();
    if failed.is_empty() {
        let detail = format!("`{counted}` has no status label: failed requests cannot be told from good ones.");
        let closes = format!("Add the label `{}` to `{}`.", STATUS_LABELS[0], requests.name);
        r.answer.miss(GapReason::FeatureDisabled, detail, closes);
        return Ok(());
    }
    // Without a failed request there is no failed series: `or` makes that an observed zero where requests were counted.
    let ratio = format!("({} or {rate} * 0) / ({rate} > 0)", failed.join(" or "));
    for line in r.range("errors", &ratio, span).await? {
        let id = subject(&who(&service, &line).0);
        r.series(&id, &ratio, metric::ERROR_RATIO, "ratio", &line, span);
    }
    Ok(())
}
