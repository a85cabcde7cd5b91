//! Against a server of our own that answers in the form of New Relic's published examples (`replay.rs` names them). The live
//! service was not asked.

use super::replay::*;
use super::*;
use crate::testing::{account, judged, last_days};
use loadline_model::{
    Alert, AlertKind, Basis, Body, Confidence, Deployment, DeploymentStatus, Distribution, DistributionSeries, Edge,
    Environment, Fact, FactBody, FactIndex, Kind, Outcome, Provenance, Relation, Resource, ScopeStatus, Series,
    Setting, Slo, Snapshot, SubjectId, key, key::metric,
};

pub(super) const ALL: [&str; 5] = ["alerts", "requests", "hosts", "synthetics", "deployments"];

pub(super) async fn open(url: &str, config: &[(&str, &str)], secret: &str) -> Result<NewRelic, ConnectError> {
    crate::testing::install_crypto();
    let config: Vec<(&str, &str)> =
        [("endpoint_url", url), ("account_id", "1")].iter().chain(config).copied().collect();
    let limits = Limits {
        idle: Duration::from_secs(2),
        total: Duration::from_secs(3),
        patience: Duration::from_secs(3),
        ..Limits::default()
    };
    NewRelic::connect(account("newrelic", &config), Some(Secret::new(secret)), limits).await
}

pub(super) async fn opened(server: &NerdGraph) -> NewRelic {
    open(&server.url(), &[], KEY).await.expect("a connection")
}

pub(super) async fn read(newrelic: &NewRelic, scope: &str, days: i64) -> Scope {
    newrelic.read(&ScopePlan::new(scope, ""), &last_days(days), &Progress::silent()).await
}

pub(super) fn all<T: FactBody>(scope: &Scope) -> Vec<(&Fact, &T)> {
    scope.facts.iter().filter_map(|f| Some((f, T::of(&f.body)?))).collect()
}

pub(super) fn id(guid: &str) -> SubjectId {
    reading::subject(guid)
}

pub(super) fn series<'a>(scope: &'a Scope, guid: &str, metric: &str, route: Option<&str>) -> &'a Series {
    let of = |f: &Fact, s: &Series| {
        f.subject == id(guid) && s.metric == metric && s.labels.get("route").map(String::as_str) == route
    };
    let found = all::<Series>(scope).into_iter().find(|(f, s)| of(f, s));
    found.map(|(_, s)| s).unwrap_or_else(|| panic!("{metric} of {guid}: {:?}", scope.gaps))
}

pub(super) fn setting(scope: &Scope, guid: &str, key: &str) -> Option<loadline_model::Value> {
    all::<Setting>(scope).into_iter().find(|(f, s)| f.subject == id(guid) && s.key == key).map(|(_, s)| s.value.clone())
}

pub(super) fn has_gap(scope: &Scope, reason: GapReason, words: &str) -> bool {
    scope.gaps.iter().any(|g| g.reason == reason && (g.detail.contains(words) || g.closes.contains(words)))
}

#[tokio::test]
async fn services_have_demand_errors_and_points_of_latency() {
    let server = NerdGraph::start(|_| None);
    let newrelic = opened(&server).await;
    let scope = read(&newrelic, "requests", 12).await;
    let services: Vec<_> =
        all::<Resource>(&scope).into_iter().map(|(f, r)| (f.subject.clone(), r.environment)).collect();
    assert_eq!(
        services,
        [(id(SHOP), Some(Environment::Production)), (id(WEB), None)],
        "who does not report is left out"
    );
    for guid in [SHOP, WEB] {
        let demand = series(&scope, guid, metric::REQUEST_RATE, None);
        let days = demand.samples.len() as f64 / 288.0;
        assert!((7.9..8.01).contains(&days), "eight days of five minutes are kept, not twelve of zeros: {days}");
        assert!(demand.samples.iter().all(|s| (s.value - 1.0).abs() < 1e-9));
        assert!(demand.samples.is_sorted_by(|a, b| a.at < b.at));
        let errors = series(&scope, guid, metric::ERROR_RATIO, None);
        assert!(errors.samples.iter().all(|s| (s.value - 0.01).abs() < 1e-9));
        let whole = all::<DistributionSeries>(&scope);
        let (_, latency) =
            whole.into_iter().find(|(f, d)| f.subject == id(guid) && d.labels.is_empty()).expect("latency");
        assert!(latency.hours.is_sorted_by(|a, b| a.start < b.start));
        let quantiles = vec![(0.5, 0.12), (0.95, 0.45), (0.99, 1.23)];
        let expected = Distribution::Gauges { quantiles, count: Some(3_600) };
        assert_eq!(latency.hours[latency.hours.len() - 1].distribution, expected);
        let short = scope.gaps.iter().find(|g| g.subject == Some(id(guid))).expect("a short history");
        assert!(short.reason == GapReason::ShortWindow && short.detail.contains("history of 8."), "{short:?}");
    }
    assert_eq!(scope.gaps.len(), 2, "{:?}", scope.gaps);
    // Points are never taken for distributions.
    let checks = judged("OBS-001", &[scope], Vec::new());
    assert!(!checks.iter().any(|c| matches!(c.result.outcome, Outcome::Pass)), "{checks:?}");
}

#[tokio::test]
async fn where_data_begin_is_not_a_time_without_requests() {
    let server = NerdGraph::start(|asked| {
        let errors = json!([{"message": "Your query timed out", "extensions": {"errorClass": "TIMEOUT"}}]);
        let body = json!({"data": {"actor": {"account": {"nrql": null}}}, "errors": errors});
        asked.nrql().contains("earliest(timestamp)").then(|| ok(&body))
    });
    let scope = read(&opened(&server).await, "requests", 10).await;
    let demand = series(&scope, SHOP, metric::REQUEST_RATE, None);
    assert!(demand.samples.iter().all(|s| s.value > 0.0), "zeros before the first request are no demand");
    assert!((7.9..8.01).contains(&(demand.samples.len() as f64 / 288.0)), "{}", demand.samples.len());
    assert!(has_gap(&scope, GapReason::TimedOut, "`filter`"), "{:?}", scope.gaps);
}

#[tokio::test]
async fn endpoints_and_traces() {
    let server = NerdGraph::start(|_| None);
    let newrelic = opened(&server).await;
    let scope = read(&newrelic, "requests", 2).await;
    let cart = series(&scope, SHOP, metric::REQUEST_RATE, Some("Action/cart"));
    assert!(cart.samples.iter().all(|s| (s.value - 1.0).abs() < 1e-9));
    assert!(!series(&scope, SHOP, metric::ERROR_RATIO, Some("Action/cart")).samples.is_empty());
    series(&scope, WEB, metric::REQUEST_RATE, Some("/items"));
    let rare =
        |(_, s): &(&Fact, &Series)| s.metric == metric::ERROR_RATIO && s.labels.values().any(|r| r.ends_with("rare"));
    assert!(!all::<Series>(&scope).iter().any(rare), "one failure of twenty requests is no error ratio");
    let routes: Vec<&str> = all::<DistributionSeries>(&scope)
        .iter()
        .filter_map(|(_, d)| d.labels.get("route").map(String::as_str))
        .collect();
    assert_eq!(routes, ["Action/cart", "Action/rare", "/items"]);
    assert_eq!(setting(&scope, SHOP, key::TRACING), Some(loadline_model::Value::Bool(true)));
    assert_eq!(setting(&scope, WEB, key::TRACING), Some(loadline_model::Value::Bool(false)));
    assert_eq!(scope.status, ScopeStatus::Complete, "{:?}", scope.gaps);
    let checks = judged("OBS-007", &[scope], Vec::new());
    let of = |guid: &str| &checks.iter().find(|c| c.subject.id == id(guid)).expect("a check").result.outcome;
    assert!(matches!(of(SHOP), Outcome::Pass) && matches!(of(WEB), Outcome::Unknown { .. }), "{checks:?}");
}

#[tokio::test]
async fn hosts_and_how_full_they_are() {
    let server = NerdGraph::start(|_| None);
    let newrelic =
        open(&server.url(), &[("filter", "environment=production, team=core")], KEY).await.expect("a connection");
    let scope = read(&newrelic, "hosts", 2).await;
    assert!(scope.inventories.contains(&Kind::Instance) && scope.status == ScopeStatus::Complete, "{:?}", scope.gaps);
    for (metric, share) in [("utilisation.cpu", 0.75), ("utilisation.memory", 0.6), ("utilisation.disk", 0.91)] {
        let level = series(&scope, HOST, metric, None);
        assert!(level.samples.len() > 280 && level.samples.iter().all(|s| (s.value - share).abs() < 1e-9), "{metric}");
    }
    let member = all::<Edge>(&scope);
    assert_eq!((member.len(), &member[0].0.subject, &member[0].1.to), (1, &id(HOST), &id(SHOP)));
    let searched = server.log().into_iter().find(|a| a.document == "entitySearch").expect("a search");
    assert!(searched.search().ends_with(" AND tags.`environment` = 'production' AND tags.`team` = 'core'"));
}

#[tokio::test]
async fn conditions_objectives_and_whom_they_tell() {
    let server = NerdGraph::start(|_| None);
    let newrelic = opened(&server).await;
    let scope = read(&newrelic, "alerts", 1).await;
    assert_eq!(scope.status, ScopeStatus::Complete, "{:?}", scope.gaps);
    let alerts: Vec<&Alert> = all::<Alert>(&scope).into_iter().map(|(_, a)| a).collect();
    let kinds: Vec<_> = alerts.iter().map(|a| (a.name.as_str(), a.watches, a.pages)).collect();
    let expected = [
        ("A static condition", AlertKind::Latency, Some(true)),
        ("Host is busy", AlertKind::Cause, Some(true)),
        ("Fast burn", AlertKind::BurnRate, Some(true)),
    ];
    assert_eq!(kinds, expected, "what is turned off watches nothing");
    assert_eq!(alerts[0].runbook.as_deref(), Some("https://www.example.com/runbook"));
    assert_eq!((alerts[0].owner.as_deref(), alerts[0].firings_28d), (Some("payments"), Some(2)));
    assert!(alerts[0].firing_since.is_none() && alerts[1].firing_since.is_some());
    assert_eq!(alerts[2].firings_28d, Some(0), "all incidents were read, and none was its");
    assert!(alerts[0].expression.ends_with("[CRITICAL: ABOVE 5.5 for 300 s, ALL]"), "{}", alerts[0].expression);
    assert_eq!((&alerts[0].subjects, &alerts[2].subjects), (&vec![id(SHOP)], &vec![id(SHOP)]));
    let (fact, slo) = all::<Slo>(&scope)[0];
    assert_eq!((fact.subject.clone(), slo.window_days, slo.burn_rate_alert), (id(SHOP), 7.0, Some(true)));
    assert!((slo.target - 0.995).abs() < 1e-12 && (slo.budget_left.expect("a budget") - 0.5).abs() < 1e-9);
    assert!(all::<Setting>(&scope).iter().any(|(_, s)| s.key == key::ALERTING_READ));
    assert!(newrelic.test().await.iter().all(|p| p.granted == Some(true)), "{:?}", newrelic.test().await);
    assert!(newrelic.estimate().await.calls > 100 && newrelic.cost().calls > 10);
    // What the rules make of it: a journey through the service has a page on latency and an objective with a burn rate.
    for (rule, failing) in [("OBS-005", false), ("OBS-006", false), ("OBS-009", true)] {
        let checks = judged(rule, std::slice::from_ref(&scope), journey());
        assert_eq!(checks.len(), 1, "{rule}");
        let outcome = &checks[0].result.outcome;
        assert_eq!(
            matches!(outcome, Outcome::Fail { .. }),
            failing,
            "{rule}: {outcome:?} {}",
            checks[0].result.sentence
        );
        assert!(failing || matches!(outcome, Outcome::Pass), "{rule}: {outcome:?}");
    }
}

/// A person said that checking out needs the shop.
pub(super) fn journey() -> Vec<Fact> {
    let read_at = crate::testing::real_now();
    let provenance = Provenance { account: "people".into(), call: "people".into(), read_at, basis: Basis::Stated };
    let said = |body: Body, about: SubjectId| Fact { subject: about, body, provenance: provenance.clone() };
    let needs = Edge { relation: Relation::Needs, to: id(SHOP), confidence: Confidence::Declared };
    let shop = Resource { environment: Some(Environment::Production), ..Resource::new(Kind::Service, "shop") };
    vec![
        said(Resource::new(Kind::Journey, "Check out").into(), "journey:check-out".into()),
        said(needs.into(), "journey:check-out".into()),
        said(shop.into(), id(SHOP)),
    ]
}

#[tokio::test]
async fn a_burning_budget_that_nobody_hears_of_is_no_alert() {
    let check = async |kind: &'static str, on: bool, burn: Option<bool>, subjects: usize, read_all: bool| {
        let server = NerdGraph::start(move |asked| {
            let mut flow = workflow(kind);
            flow["workflowEnabled"] = json!(on);
            if kind == "TEAM" {
                flow["issuesFilter"]["predicates"][0]["attribute"] = json!("accumulations.tag.team");
            }
            let flows = json!({"nextCursor": null, "totalCount": 1, "entities": [flow]});
            (asked.document == "workflows").then(|| ok(&data(asked, flows)))
        });
        let scope = read(&opened(&server).await, "alerts", 1).await;
        let slo = all::<Slo>(&scope)[0].1.burn_rate_alert;
        let alert =
            all::<Alert>(&scope).into_iter().find(|(_, a)| a.watches == AlertKind::BurnRate).expect("an alert").1;
        let told = all::<Setting>(&scope).iter().any(|(_, s)| s.key == key::ALERTING_READ);
        assert_eq!((slo, alert.subjects.len(), told), (burn, subjects, read_all), "{kind} {on}: {:?}", scope.gaps);
    };
    check("EMAIL", true, Some(true), 1, true).await;
    check("PAGERDUTY_SERVICE_INTEGRATION", false, Some(false), 0, true).await;
    check("TEAM", true, None, 0, false).await;
}

#[tokio::test]
async fn one_monitor_speaks_for_a_service() {
    let server = NerdGraph::start(|_| None);
    let scope = read(&opened(&server).await, "synthetics", 1).await;
    let value = |key: &str| setting(&scope, SHOP, key);
    assert_eq!(value(key::SYNTHETIC_ASSERTS_CONTENT), Some(loadline_model::Value::Bool(true)));
    assert_eq!(
        value(key::SYNTHETIC_INTERVAL_MINUTES),
        Some(loadline_model::Value::Number(5.0)),
        "not the ping's minute"
    );
    assert_eq!((all::<Setting>(&scope).len(), scope.status), (2, ScopeStatus::Complete), "{:?}", scope.gaps);
    assert!(!format!("{:?}", scope.facts).contains("Add to cart"), "nothing of a script is kept");
    let untied = NerdGraph::start(|asked| {
        let row = json!({"guid": PING, "name": "Front page", "monitorType": "SIMPLE", "period": 1, "tags": []});
        (asked.document == "syntheticMonitors")
            .then(|| ok(&data(asked, json!({"nextCursor": null, "entities": [row]}))))
    });
    let scope = read(&opened(&untied).await, "synthetics", 1).await;
    assert!(scope.facts.is_empty() && has_gap(&scope, GapReason::UnmappedSubject, "`service`"), "{:?}", scope.gaps);
}

#[tokio::test]
async fn markers_are_deployments_of_the_one_history() {
    let server = NerdGraph::start(|_| None);
    let newrelic = opened(&server).await;
    let scope = read(&newrelic, "deployments", 30).await;
    let told: Vec<(&str, DeploymentStatus)> =
        all::<Deployment>(&scope).into_iter().map(|(_, d)| (d.id.as_str(), d.status)).collect();
    let open = DeploymentStatus::InProgress;
    let expected = [("newrelic/8a3a594c-e726-4bc2-8078-26dffec9a3d8", open), ("newrelic/c1", open)];
    assert_eq!(told, expected, "neither a browser's, nor what a wrong clock put into the future");
    let snapshot = Snapshot { facts: scope.facts.clone(), ..Snapshot::default() };
    let shipped = loadline_model::deployments_of(&FactIndex::new(&snapshot), &id(SHOP));
    assert_eq!((shipped.len(), shipped[0].ids.len()), (1, 2), "both markers tell of one deployment");
    assert_eq!(shipped[0].deployment.strategy.as_deref(), Some("canary"));
    let plans = newrelic.scopes().await.expect("scopes");
    assert!(plans.iter().all(|p| p.remembers == (p.name == "deployments")));
    assert_eq!(plans.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ALL);
}

#[tokio::test]
async fn the_success_of_a_journey_is_measured_where_a_person_says_how() {
    let server = NerdGraph::start(|_| None);
    let config = [("journey.Check out", "SELECT percentage(count(*), WHERE success IS true) FROM Checkout")];
    let newrelic = open(&server.url(), &config, KEY).await.expect("a connection");
    let plans = newrelic.scopes().await.expect("scopes");
    assert!(plans.iter().any(|p| p.name == "journeys") && plans.len() == ALL.len() + 1);
    let scope = read(&newrelic, "journeys", 1).await;
    let (fact, success) = all::<Series>(&scope)[0];
    assert_eq!((fact.subject.as_str(), success.metric.as_str()), ("journey:check-out", metric::JOURNEY_SUCCESS));
    assert!(success.samples.iter().all(|s| (s.value - 0.985).abs() < 1e-9));
    let checks = judged("OBS-004", &[scope], journey());
    assert!(matches!(checks[0].result.outcome, Outcome::Pass), "{checks:?}");
    let share = [("journey.Check out", "SELECT average(percentage) FROM Checkout")];
    let newrelic = open(&server.url(), &share, KEY).await.expect("a connection");
    let scope = read(&newrelic, "journeys", 1).await;
    assert!(scope.facts.is_empty() && has_gap(&scope, GapReason::ParseError, "no share"), "{:?}", scope.gaps);
    let wrong = [("journey.Check out", "DELETE FROM Checkout")];
    let refused = open(&server.url(), &wrong, KEY).await.map(|_| ()).expect_err("refused");
    assert_eq!(refused.code(), "invalid_config");
}
