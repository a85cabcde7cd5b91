//! Against answers in the form of the vendor's published examples ("API Reference": Query timeseries points, Get a list of
//! metrics, Get all hosts, Get all monitors, Get all SLOs, Get an SLO's history), generated for the window that is asked.

use super::*;
use crate::testing::{ScriptedServer, account, last_days, respond};
use loadline_model::{
    Alert, Distribution, DistributionSeries, Fact, FactBody, Kind, Resource, ScopeStatus, Series, Slo, key::metric,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const KEYS: &str = "canary-api:canary-app";

/// The value of a parameter of the question.
fn asked<'a>(head: &'a str, key: &str) -> Option<&'a str> {
    let line = head.lines().next()?.split(' ').nth(1)?;
    let query = line.split_once('?')?.1;
    query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
}

/// One line of a query: a value each `step` seconds of what was asked, in the unit.
fn line(head: &str, tag: &str, value: f64, unit: Value) -> Value {
    let number = |key| asked(head, key).and_then(|t| t.parse::<i64>().ok()).unwrap_or(0);
    let hourly = head.contains("resource_name");
    let step = if !hourly && head.contains("rollup%28sum") || head.contains("system.") { 300 } else { 3_600 };
    let points: Vec<Value> =
        (number("from")..number("to")).step_by(step).map(|at| json!([at as f64 * 1_000.0, value])).collect();
    json!({"metric": "m", "tag_set": [tag], "pointlist": points, "interval": step, "unit": [unit, null], "scope": tag})
}

fn answer(head: &str) -> Value {
    let seconds = json!({"family": "time", "scale_factor": 1.0, "name": "second", "short_name": "s"});
    let nanoseconds = json!({"family": "time", "scale_factor": 1e-9, "name": "nanosecond", "short_name": "ns"});
    let path = head.split(' ').nth(1).unwrap_or_default();
    let ok = |series: Vec<Value>| json!({"status": "ok", "res_type": "time_series", "series": series, "error": ""});
    match () {
        () if path.starts_with("/api/v1/validate") => json!({"valid": true}),
        () if path.starts_with("/api/v1/metrics") => json!({"from": "1", "metrics": ["system.cpu.idle",
            "trace.web.request.hits", "trace.web.request.errors", "trace.redis.command.hits", "trace.express.request.hits"]}),
        () if path.starts_with("/api/v1/hosts") => {
            json!({"host_list": [{"name": "web-1", "up": true}, {"name": "web-2", "up": true}],
            "total_matching": 2, "total_returned": 2})
        }
        () if path.starts_with("/api/v1/monitor") => json!([{"id": 1, "name": "slow", "type": "query alert",
            "query": "avg(last_5m):p95:trace.web.request{service:shop} > 0.5", "message": "@pagerduty", "tags": [],
            "overall_state": "OK", "options": {}}]),
        () if path.contains("/history") => json!({"data": {"overall": {"sli_value": 99.95,
            "error_budget_remaining": {"custom": 50.0}}}, "errors": null}),
        () if path.starts_with("/api/v1/slo") => {
            json!({"data": [{"id": "b6869ae6189d59baa421feb8b437fe9e", "name": "shop answers",
            "type": "metric", "thresholds": [{"timeframe": "30d", "target": 99.9}]}], "errors": []})
        }
        // Braces, commas, parentheses and colons of a query cross as %7B and so on.
        () if path.contains("resource_name") && path.contains("hits") => ok(vec![
            line(head, "resource_name:get_/feed", 3_000.0, Value::Null),
            line(head, "resource_name:post_/orders", 60.0, Value::Null),
        ]),
        () if path.contains("resource_name") && path.contains("errors") => {
            ok(vec![line(head, "resource_name:get_/feed", 6.0, Value::Null)])
        }
        () if path.contains("resource_name") && path.contains("p95") => ok(vec![
            line(head, "resource_name:get_/feed", 2.0e8, nanoseconds.clone()),
            line(head, "resource_name:seldom", 9.0e8, nanoseconds),
        ]),
        () if path.contains("resource_name") => ok(Vec::new()),
        () if path.contains("express") => ok(vec![line(head, "service:shop", 30.0, Value::Null)]),
        () if path.contains("hits") => ok(vec![line(head, "service:shop", 300.0, Value::Null)]),
        () if path.contains("errors") => ok(vec![line(head, "service:shop", 3.0, Value::Null)]),
        () if path.contains("p50") => ok(vec![line(head, "service:shop", 0.05, seconds)]),
        () if path.contains("p95") => ok(vec![line(head, "service:shop", 2.5e8, nanoseconds)]),
        () if path.contains("idle") => ok(vec![line(head, "host:web-1", 25.0, Value::Null)]),
        () if path.contains("pct_usable") => ok(vec![line(head, "host:web-1", 0.4, Value::Null)]),
        () => ok(Vec::new()),
    }
}

fn replay() -> ScriptedServer {
    let server = ScriptedServer::start(|head, stream| {
        let signed = head.contains("dd-api-key: canary-api") && head.contains("dd-application-key: canary-app");
        if signed {
            respond(stream, "200 OK", "", &answer(head).to_string());
        } else {
            respond(stream, "403 Forbidden", "", r#"{"errors":["Forbidden"]}"#);
        }
    });
    server.expect("a server")
}

async fn open(url: &str, config: &[(&str, &str)], secret: &str) -> Result<Datadog, ConnectError> {
    crate::testing::install_crypto();
    let config: Vec<(&str, &str)> = [("endpoint_url", url)].iter().chain(config).copied().collect();
    let limits = Limits {
        idle: Duration::from_secs(2),
        total: Duration::from_secs(3),
        patience: Duration::from_secs(3),
        ..Limits::default()
    };
    Datadog::connect(account("datadog", &config), Some(Secret::new(secret)), limits).await
}

async fn read(datadog: &Datadog, scope: &str, days: i64) -> Scope {
    datadog.read(&ScopePlan::new(scope, ""), &last_days(days), &Progress::silent()).await
}

fn all<T: FactBody>(scope: &Scope) -> Vec<(&Fact, &T)> {
    scope.facts.iter().filter_map(|f| Some((f, T::of(&f.body)?))).collect()
}

fn series<'a>(scope: &'a Scope, subject: &str, metric: &str) -> &'a Series {
    let found = all::<Series>(scope).into_iter().find(|(f, s)| f.subject.as_str() == subject && s.metric == metric);
    found.map(|(_, s)| s).unwrap_or_else(|| panic!("{metric} of {subject}: {:?}", scope.gaps))
}

#[tokio::test]
async fn services_have_demand_errors_and_points_of_latency() {
    let server = replay();
    let datadog = open(&server.url(), &[("filter", "env:production")], KEYS).await.expect("a connection");
    let scope = read(&datadog, "requests", 12).await;
    let services: Vec<_> = all::<Resource>(&scope).into_iter().map(|(f, _)| f.subject.to_string()).collect();
    assert_eq!(services, ["datadog-service:shop"], "{:?}", scope.gaps);
    let demand = series(&scope, "datadog-service:shop", metric::REQUEST_RATE);
    assert!(demand.samples.len() > 12 * 280, "twelve days of five minutes, over several questions");
    assert!(demand.samples.iter().all(|s| (s.value - 1.0).abs() < 1e-9), "the busiest operation counts, not their sum");
    assert!(demand.samples.is_sorted_by(|a, b| a.at < b.at));
    let errors = series(&scope, "datadog-service:shop", metric::ERROR_RATIO);
    assert!(errors.samples.iter().all(|s| (s.value - 0.01).abs() < 1e-9));
    let (_, latency) = all::<DistributionSeries>(&scope)[0];
    let hour = &latency.hours[latency.hours.len() - 2].distribution;
    assert_eq!(*hour, Distribution::Gauges { quantiles: vec![(0.5, 0.05), (0.95, 0.25)], count: Some(3_600) });
    assert!(hour.quantile(0.95).is_some() && scope.status == ScopeStatus::Complete, "{:?}", scope.gaps);
}

#[tokio::test]
async fn endpoints_of_the_busiest_services() {
    let server = replay();
    let datadog = open(&server.url(), &[("filter", "env:production")], KEYS).await.expect("a connection");
    let scope = read(&datadog, "requests", 2).await;
    let of_route = |wanted: &str, metric: &str| {
        let all = all::<Series>(&scope);
        let found = all.into_iter().find(|(f, s)| {
            f.subject.as_str() == "datadog-service:shop"
                && s.metric == metric
                && s.labels.get("route").is_some_and(|r| r == wanted)
        });
        found.map(|(_, s)| s.samples.clone())
    };
    let demand = of_route("get_/feed", metric::REQUEST_RATE).expect("demand");
    assert!(demand.len() >= 47 && demand.iter().all(|s| (s.value - 3_000.0 / 3_600.0).abs() < 1e-9), "{demand:?}");
    let errors = of_route("get_/feed", metric::ERROR_RATIO).expect("errors");
    assert!(errors.iter().all(|s| (s.value - 0.002).abs() < 1e-9));
    assert_eq!(of_route("post_/orders", metric::ERROR_RATIO), None, "sixty requests an hour are too few for a ratio");
    let latency: Vec<_> = all::<DistributionSeries>(&scope).into_iter().filter(|(_, d)| !d.labels.is_empty()).collect();
    assert_eq!(latency.len(), 1, "a route that is not among the busiest is left out");
    let expected = Distribution::Gauges { quantiles: vec![(0.95, 0.2)], count: Some(3_000) };
    assert_eq!(latency[0].1.hours[0].distribution, expected);
    let whole = series(&scope, "datadog-service:shop", metric::REQUEST_RATE);
    assert!(whole.labels.is_empty(), "the service's own series comes first");
}

#[tokio::test]
async fn hosts_monitors_and_objectives() {
    let server = replay();
    let datadog = open(&server.url(), &[], KEYS).await.expect("a connection");
    let hosts = read(&datadog, "hosts", 1).await;
    assert_eq!(all::<Resource>(&hosts).len(), 2);
    assert!(hosts.inventories.contains(&Kind::Instance));
    let cpu = series(&hosts, "datadog-host:web-1", "utilisation.cpu");
    assert!(cpu.samples.iter().all(|s| (s.value - 0.75).abs() < 1e-9));
    let memory = series(&hosts, "datadog-host:web-1", "utilisation.memory");
    assert!(memory.samples.iter().all(|s| (s.value - 0.6).abs() < 1e-9));
    let scope = read(&datadog, "monitors", 1).await;
    let alerts = all::<Alert>(&scope);
    assert_eq!((alerts.len(), alerts[0].1.pages), (1, Some(true)));
    let (_, slo) = all::<Slo>(&scope)[0];
    assert_eq!((slo.window_days, slo.budget_left, slo.burn_rate_alert), (30.0, Some(0.5), Some(false)));
    assert!(datadog.test().await.iter().all(|p| p.granted == Some(true)), "{:?}", datadog.test().await);
    assert!(datadog.estimate().await.calls > 50 && datadog.cost().calls > 10);
}

#[tokio::test]
async fn wrong_keys_and_words_are_refused_without_saying_them() {
    let server = replay();
    let check = async |config: &[(&str, &str)], secret: &str, code: &str| {
        let refused = open(&server.url(), config, secret).await.map(|_| ()).expect_err(code);
        assert_eq!(refused.code(), code, "{refused}");
        assert!(!refused.to_string().contains("canary"), "{refused}");
    };
    check(&[], "canary-api:wrong", "authentication_failed").await;
    check(&[], "canary-api", "invalid_config").await;
    check(&[("filter", "*} or {")], KEYS, "invalid_config").await;
    check(&[("endpoint_url", "http://127.0.0.1:1")], KEYS, "unreachable").await;
}

#[tokio::test]
async fn a_limit_is_waited_for_and_a_refusal_is_a_gap_that_names_the_scope() {
    let limited = Arc::new(AtomicU32::new(0));
    let count = limited.clone();
    let server = ScriptedServer::start(move |head, stream| match () {
        () if head.contains("/api/v1/hosts") && count.fetch_add(1, Ordering::Relaxed) == 0 => {
            respond(stream, "429 Too Many Requests", "x-ratelimit-reset: 1\r\n", r#"{"errors":["Rate limited"]}"#);
        }
        () if head.contains("system.mem") => respond(stream, "403 Forbidden", "", r#"{"errors":["Forbidden"]}"#),
        () if head.contains("system.disk") => {
            respond(stream, "200 OK", "", r#"{"status":"error","error":"Query too wide","series":[]}"#);
        }
        () => respond(stream, "200 OK", "", &answer(head).to_string()),
    });
    let server = server.expect("a server");
    let datadog = open(&server.url(), &[], KEYS).await.expect("a connection");
    let begun = Instant::now();
    let scope = read(&datadog, "hosts", 1).await;
    assert!(begun.elapsed() >= Duration::from_millis(900), "waited as long as it said");
    assert_eq!(limited.load(Ordering::Relaxed), 2);
    assert!(
        scope.gaps.iter().any(|g| g.reason == GapReason::PermissionDenied && g.closes.contains("timeseries_query"))
    );
    assert!(scope.gaps.iter().any(|g| g.detail.contains("Query too wide")), "{:?}", scope.gaps);
    assert_eq!(scope.status, ScopeStatus::Partial);
    let measured: Vec<String> = all::<Series>(&scope).into_iter().map(|(_, s)| s.metric.clone()).collect();
    assert_eq!(measured, ["utilisation.cpu"], "what was refused is not said");
}

#[tokio::test]
async fn points_of_another_clock_are_not_taken() {
    // A site whose clock is two hours ahead, and one that answers with whole days although hours were asked for.
    let server = ScriptedServer::start(|head, stream| {
        let mut answer = answer(head);
        if let Some(points) = answer.pointer_mut("/series/0/pointlist").and_then(Value::as_array_mut) {
            let end = asked(head, "to").and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0) * 1_000.0;
            points.extend((0..24).map(|n| json!([end + f64::from(n) * 300_000.0, 1e9])));
            points.insert(0, json!([0.0, 1e9]));
        }
        respond(stream, "200 OK", "", &answer.to_string());
    });
    let server = server.expect("a server");
    let datadog = open(&server.url(), &[], KEYS).await.expect("a connection");
    let window = last_days(2);
    let scope = datadog.read(&ScopePlan::new("requests", ""), &window, &Progress::silent()).await;
    let demand = series(&scope, "datadog-service:shop", metric::REQUEST_RATE);
    assert!(
        demand.samples.iter().all(|s| s.at >= window.from.plus_hours(-1) && s.at < window.until),
        "{:?}",
        scope.gaps
    );
    assert!(demand.samples.iter().all(|s| (s.value - 1.0).abs() < 1e-9), "nothing of another time");
    let hours = &all::<DistributionSeries>(&scope)[0].1.hours;
    assert!(
        hours.iter().all(|h| h.start < window.until && h.distribution.quantile(0.5).is_some_and(|q| q.value < 1.0))
    );
}

#[tokio::test]
async fn a_stop_ends_it_at_once() {
    let server = ScriptedServer::start(|head, stream| {
        if head.contains("/api/v1/validate") {
            respond(stream, "200 OK", "", r#"{"valid":true}"#);
        } else {
            std::thread::sleep(Duration::from_secs(5));
        }
    });
    let server = server.expect("a server");
    let datadog = open(&server.url(), &[], KEYS).await.expect("a connection");
    let window = last_days(1);
    let cancel = window.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel.cancel();
    });
    let begun = Instant::now();
    let scope = datadog.read(&ScopePlan::new("hosts", ""), &window, &Progress::silent()).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled));
}
