//! What several observability rules read alike: who was measured by what, which journeys count and which things they need.

use crate::{Context, Subject};
use loadline_model::{
    Alert, CheckResult, DistributionSeries, Evidence, GapReason, Journey, Provenance, Relation, Series, Setting,
    SubjectId, key,
};

/// Readings of request metrics of a thing, one row a source.
pub(crate) fn request_evidence(id: &SubjectId, context: &Context<'_>) -> Vec<Evidence> {
    let mut rows: Vec<Evidence> = Vec::new();
    let mut add = |row: Evidence| {
        if !rows.iter().any(|r| (&r.account, &r.source, &r.label) == (&row.account, &row.source, &row.label)) {
            rows.push(row);
        }
    };
    for (d, from) in context.facts.facts::<DistributionSeries>(id) {
        add(Evidence::read(
            "distribution",
            format!("{}, {} hours until {}", d.metric, d.hours.len(), d.covered_until),
            from,
        ));
    }
    for (s, from) in context.facts.facts::<Series>(id).filter(|(s, _)| s.metric.starts_with("http.")) {
        add(Evidence::read("series", format!("{}, until {}", s.metric, s.covered_until), from));
    }
    rows
}

/// Some account delivered metrics over time, so that the absence of one metric means something.
pub(super) fn metrics_read(context: &Context<'_>) -> bool {
    context.facts.all::<Series>().next().is_some() || context.facts.all::<DistributionSeries>().next().is_some()
}

/// Where it is said that an alerting system was read completely.
pub(super) fn alerting_read<'a>(context: &Context<'a>) -> Option<&'a Provenance> {
    context
        .facts
        .all::<Setting>()
        .find(|(_, s, _)| s.key == key::ALERTING_READ && s.value.as_bool() == Some(true))
        .map(|(.., p)| p)
}

/// Unknown: no alerting system was read completely.
pub(super) fn no_alerting() -> CheckResult {
    CheckResult::unknown(
        GapReason::NotConnected,
        "no alerting system was read completely",
        "Connect what alerts: Prometheus (GET /api/v1/rules), Grafana, cloudwatch:DescribeAlarms, Datadog monitors_read, or New Relic.",
    )
}

/// Unknown: nobody said what users do.
pub(super) fn no_journeys() -> CheckResult {
    CheckResult::unknown(
        GapReason::UnmappedSubject,
        "no journey is declared: what users do here, such as sign up or check out, is not known",
        "Declare your journeys: loadline journeys set \"Check out\" --weight 0.6 --needs SUBJECT.",
    )
}

/// Every alert with its source, in order of name.
pub(super) fn alerts<'a>(context: &Context<'a>) -> Vec<(&'a Alert, &'a Provenance)> {
    let mut alerts: Vec<_> = context.facts.all::<Alert>().map(|(_, a, p)| (a, p)).collect();
    alerts.sort_by(|(a, p), (b, q)| a.name.cmp(&b.name).then(a.expression.cmp(&b.expression)).then(p.cmp(q)));
    alerts.dedup();
    alerts
}

/// Declared critical journeys; none when only the implicit one exists.
pub(super) fn critical_journeys<'c>(context: &'c Context<'_>) -> Vec<&'c Journey> {
    context.topology.graph.journeys.iter().filter(|j| j.critical && !j.implicit).collect()
}

/// What hands requests to a thing, nearest first, with the thing itself.
pub(super) fn upstream_of(subject: &Subject<'_>, context: &Context<'_>) -> Vec<SubjectId> {
    let mut found = vec![subject.id.clone()];
    let mut at = 0;
    while let Some(id) = found.get(at).cloned() {
        for edge in context.facts.edges_to(&id).filter(|e| e.edge.relation == Relation::Serves) {
            if !found.contains(&edge.from) {
                found.push(edge.from);
            }
        }
        at += 1;
    }
    found
}

#[cfg(test)]
pub(super) mod cases {
    //! Services, journeys, trends and alerts for cases.
    use crate::testing::{Case, as_of};
    use loadline_model::*;

    /// A service `api` of a tier.
    pub(in crate::obs) fn service(tier: Tier) -> Case {
        Case::new().has("api", Resource { tier: Some(tier), ..Resource::new(Kind::Service, "api") })
    }
    fn reference(id: &str) -> SubjectRef {
        SubjectRef { id: id.into(), kind: Some(Kind::Service), name: id.into(), account: None, region: None }
    }
    /// Adds a week of latency of `api`.
    pub(in crate::obs) fn latency(
        mut case: Case,
        route: Option<&str>,
        mergeable: bool,
        count: u64,
        p95: Option<f64>,
    ) -> Case {
        let week = Percentiles { count, p50: p95.map(|p| p / 3.0), p95, p99: None, p95_above: false, p99_above: false };
        case.trends.latency.push(LatencyTrend {
            subject: reference("api"),
            metric: key::metric::REQUEST_DURATION.into(),
            route: route.map(Into::into),
            unit: "s".into(),
            mergeable,
            last_week: week,
            week_before: week,
            days: vec![],
            change_points: vec![],
        });
        case
    }
    /// Adds a week of errors of `api`.
    pub(in crate::obs) fn errors(mut case: Case, ratio: f64, breached: f64) -> Case {
        case.trends.errors.push(ErrorTrend {
            subject: reference("api"),
            route: None,
            last_week: ratio,
            windows_breached: breached,
            windows: 2_016,
            days: vec![],
        });
        case
    }
    /// Adds demand of `api`.
    pub(in crate::obs) fn demand(mut case: Case) -> Case {
        case.trends.demand.push(DemandTrend {
            subject: reference("api"),
            peak: 50.0,
            weekly_peaks: vec![],
            days: vec![],
        });
        case
    }
    /// Adds a declared critical journey that needs `api`.
    pub(in crate::obs) fn journey(mut case: Case, name: &str, weight: f64) -> Case {
        case.topology.graph.journeys.push(Journey {
            id: name.into(),
            name: name.into(),
            weight,
            critical: true,
            needs: vec!["api".into()],
            broken_model: false,
            implicit: false,
        });
        case
    }
    /// An alert on `api`.
    pub(in crate::obs) fn alert(name: &str, watches: AlertKind) -> Alert {
        Alert {
            name: name.into(),
            expression: "up == 0".into(),
            watches,
            subjects: vec!["api".into()],
            pages: Some(true),
            runbook: Some("https://example.org/runbook".into()),
            owner: Some("team".into()),
            delivery_tested_at: Some(as_of().plus_days(-30)),
            firings_28d: Some(4),
            firing_since: None,
        }
    }
    /// Says that alerting was read.
    pub(in crate::obs) fn alerting(case: Case) -> Case {
        case.flag("prometheus", key::ALERTING_READ, true)
    }
}
