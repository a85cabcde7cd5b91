//! Against a real Prometheus with two days of written history, rules and live targets.

use super::*;
use crate::testing::{PrometheusServer, ScriptedServer, account, install_crypto, last_days, real_now, respond};
use loadline_model::{
    Alert, AlertKind, DAY_MS, Distribution, DistributionSeries, Edge, Fact, FactBody, Kind, Limit, PoolStat, Relation,
    Resource, ScopeStatus, Series, Setting, Timestamp, Value, key, key::metric,
};
use std::fmt::Write;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// History of `api`: route `/a` with 60 good requests a minute, `/b` with 6 of which one in six fails, and exporters.
/// Ten hours from `from`, a sample each minute.
fn history(from: Timestamp, bucket: &str) -> String {
    let minutes = 0..=600i64;
    let mut text = String::new();
    let at = |m: i64| (from.0 + m * 60_000) / 1000;
    let mut family = |name: &str, kind: &str, series: &[(&str, &dyn Fn(i64) -> f64)]| {
        let _ = writeln!(text, "# TYPE {} {kind}", name);
        for (labels, value) in series {
            for m in minutes.clone() {
                let _ = writeln!(text, "{labels} {} {}", value(m), at(m));
            }
        }
    };
    let counter = |per_minute: f64| move |m: i64| per_minute * m as f64;
    let mut lines: Vec<(String, f64)> = Vec::new();
    for (route, status, rate) in [("/a", "200", 60.0), ("/b", "200", 5.0), ("/b", "500", 1.0)] {
        let labels = format!(
            "job=\"api\",instance=\"10.0.0.1:80\",http_route=\"{route}\",http_response_status_code=\"{status}\""
        );
        for (le, share) in [("0.1", 0.5), ("0.5", 0.8), ("1", 1.0), ("+Inf", 1.0)] {
            lines.push((format!("{bucket}_bucket{{{labels},le=\"{le}\"}}"), rate * share));
        }
        lines.push((format!("{bucket}_count{{{labels}}}"), rate));
        lines.push((format!("{bucket}_sum{{{labels}}}"), rate * 0.2));
    }
    let values: Vec<_> = lines.iter().map(|(_, rate)| counter(*rate)).collect();
    let series: Vec<(&str, &dyn Fn(i64) -> f64)> =
        lines.iter().zip(&values).map(|((l, _), v)| (l.as_str(), v as &dyn Fn(i64) -> f64)).collect();
    family(bucket, "histogram", &series);
    family(
        "node_cpu_seconds",
        "counter",
        &[("node_cpu_seconds_total{job=\"node\",instance=\"10.0.0.1:9100\",cpu=\"0\",mode=\"idle\"}", &counter(45.0))],
    );
    family(
        "node_memory_MemTotal_bytes",
        "gauge",
        &[("node_memory_MemTotal_bytes{job=\"node\",instance=\"10.0.0.1:9100\"}", &|_| 1000.0)],
    );
    family(
        "node_memory_MemAvailable_bytes",
        "gauge",
        &[("node_memory_MemAvailable_bytes{job=\"node\",instance=\"10.0.0.1:9100\"}", &|_| 400.0)],
    );
    family(
        "node_filesystem_avail_bytes",
        "gauge",
        &[(
            "node_filesystem_avail_bytes{job=\"node\",instance=\"10.0.0.1:9100\",fstype=\"ext4\",mountpoint=\"/\"}",
            &|m| 1000.0 - m as f64,
        )],
    );
    let pg = "job=\"pg\",instance=\"10.0.0.2:9187\",server=\"10.0.0.2:5432\"";
    family(
        "pg_stat_activity_count",
        "gauge",
        &[
            (&format!("pg_stat_activity_count{{{pg},state=\"idle\"}}"), &|_| 30.0),
            (&format!("pg_stat_activity_count{{{pg},state=\"active\"}}"), &|_| 5.0),
        ],
    );
    family("pg_settings_max_connections", "gauge", &[(&format!("pg_settings_max_connections{{{pg}}}"), &|_| 100.0)]);
    family(
        "pg_settings_superuser_reserved_connections",
        "gauge",
        &[(&format!("pg_settings_superuser_reserved_connections{{{pg}}}"), &|_| 3.0)],
    );
    family(
        "pgbouncer_pools_client_waiting_connections",
        "gauge",
        &[(
            "pgbouncer_pools_client_waiting_connections{instance=\"10.0.0.3:9127\",database=\"shop\",user=\"app\"}",
            &|_| 4.0,
        )],
    );
    family(
        "redis_keyspace_hits",
        "counter",
        &[("redis_keyspace_hits_total{instance=\"10.0.0.4:9121\"}", &counter(90.0))],
    );
    family(
        "redis_keyspace_misses",
        "counter",
        &[("redis_keyspace_misses_total{instance=\"10.0.0.4:9121\"}", &counter(10.0))],
    );
    text + "# EOF\n"
}

fn begin() -> Timestamp {
    Timestamp(real_now().hour_start().0 - DAY_MS)
}

pub(super) async fn connect_to(url: &str, config: &[(&str, &str)]) -> Prometheus {
    install_crypto();
    let config: Vec<(&str, &str)> = [("url", url)].into_iter().chain(config.iter().copied()).collect();
    Prometheus::connect(account("prometheus", &config), None, Limits::default()).await.expect("a connection")
}

pub(super) async fn read(connector: &Prometheus, scope: &str, window: &Window) -> Scope {
    connector.read(&ScopePlan::new(scope, ""), window, &Progress::silent()).await
}

pub(super) fn all<T: FactBody>(scope: &Scope) -> Vec<(&Fact, &T)> {
    scope.facts.iter().filter_map(|f| Some((f, T::of(&f.body)?))).collect()
}

fn series<'a>(scope: &'a Scope, subject: &str, metric: &str) -> &'a Series {
    let found = all::<Series>(scope).into_iter().find(|(f, s)| f.subject.as_str() == subject && s.metric == metric);
    found.map(|(_, s)| s).unwrap_or_else(|| panic!("{metric} of {subject}: {:?}", scope.gaps))
}

/// Every sample after the first quarter of an hour has this value.
fn steady(series: &Series, value: f64) {
    assert!(series.samples.len() > 100, "{} samples of {}", series.samples.len(), series.metric);
    for s in series.samples.iter().skip(3) {
        assert!((s.value - value).abs() < 1e-6, "{} is {} at {}", series.metric, s.value, s.at);
    }
}

#[tokio::test]
async fn history_becomes_distributions_demand_and_saturation() {
    let from = begin();
    let server =
        PrometheusServer::start(&history(from, "http_server_request_duration_seconds"), "", &[]).expect("Prometheus");
    let connector = connect_to(&server.url(), &[]).await;
    let until = from.plus_hours(10);
    let window = Window { from, until, now: until, cancel: CancellationToken::new() };

    let requests = read(&connector, "requests", &window).await;
    assert_eq!((requests.status, &requests.gaps), (ScopeStatus::Complete, &vec![]));
    let distributions = all::<DistributionSeries>(&requests);
    assert_eq!(distributions.len(), 3, "the service, /a and /b");
    let of = |route: Option<&str>| {
        distributions.iter().find(|(_, d)| d.labels.get("route").map(String::as_str) == route).expect("a route").1
    };
    let hours = &of(Some("/a")).hours;
    assert_eq!(
        hours.iter().map(|h| h.start).collect::<Vec<_>>(),
        (0..10).map(|h| from.plus_hours(h)).collect::<Vec<_>>()
    );
    // The first sample of a counter is no increase, so hour 0 lacks it; the second is whole.
    let whole =
        Distribution::Classic { bounds: vec![0.1, 0.5, 1.0], counts: vec![1800, 1080, 720, 0], sum: Some(720.0) };
    assert_eq!(hours[1].distribution, whole);
    assert_eq!(of(None).hours[1].distribution.count(), Some(3960));
    assert_eq!(of(None).covered_until, until);
    steady(series(&requests, "prometheus-job:api", metric::REQUEST_RATE), 66.0 / 60.0);
    steady(series(&requests, "prometheus-job:api", metric::ERROR_RATIO), 1.0 / 66.0);
    let member = |(f, e): &(&Fact, &Edge)| f.subject.as_str() == "10.0.0.1:80" && e.relation == Relation::MemberOf;
    assert!(all::<Edge>(&requests).iter().any(member));

    let saturation = read(&connector, "saturation", &window).await;
    steady(series(&saturation, "10.0.0.1:9100", "utilisation.cpu"), 0.25);
    steady(series(&saturation, "10.0.0.1:9100", "utilisation.memory"), 0.6);
    let missing = |g: &loadline_model::Gap| {
        g.reason == GapReason::FeatureDisabled && g.closes.contains("remap.node_filesystem_size_bytes=")
    };
    assert!(saturation.gaps.iter().any(missing), "{:?}", saturation.gaps);

    let stores = read(&connector, "stores", &window).await;
    assert_eq!((stores.status, &stores.gaps), (ScopeStatus::Complete, &vec![]));
    steady(series(&stores, "10.0.0.2:9187", "used.connections"), 35.0);
    steady(series(&stores, "10.0.0.4:9121", metric::CACHE_HIT_RATIO), 0.9);
    assert_eq!(all::<Limit>(&stores)[0].1.value, 97.0);
    assert_eq!(all::<PoolStat>(&stores)[0].1.waiting, Some(4.0));
    let kinds: Vec<Kind> = all::<Resource>(&stores).iter().map(|(_, r)| r.kind).collect();
    assert_eq!(kinds, [Kind::Database, Kind::Cache, Kind::Gateway]);
    let same = |(_, e): &(&Fact, &Edge)| e.to.as_str() == "postgresql://10.0.0.2:5432";
    assert!(all::<Edge>(&stores).iter().any(same), "a suggestion, not a merge");

    let longer = Window { from: from.plus_days(-27), ..window };
    let short = read(&connector, "requests", &longer).await;
    assert!(short.gaps.iter().any(|g| g.reason == GapReason::ShortWindow), "{:?}", short.gaps);
    let counted: usize = all::<DistributionSeries>(&short).iter().map(|(_, d)| d.hours.len()).sum();
    assert_eq!(counted, 30, "no hour is invented");
}

#[tokio::test]
async fn names_are_remapped_and_missing_ones_are_named() {
    let from = begin();
    let server = PrometheusServer::start(&history(from, "my_latency"), "", &[]).expect("Prometheus");
    let until = from.plus_hours(10);
    let window = Window { from, until, now: until, cancel: CancellationToken::new() };
    let plain = read(&connect_to(&server.url(), &[]).await, "requests", &window).await;
    assert_eq!(plain.status, ScopeStatus::Failed);
    assert!(plain.gaps[0].closes.contains("remap.http_server_request_duration_seconds="), "{:?}", plain.gaps);
    let config = [("remap.http_server_request_duration_seconds", "my_latency")];
    let remapped = read(&connect_to(&server.url(), &config).await, "requests", &window).await;
    assert_eq!((remapped.status, all::<DistributionSeries>(&remapped).len()), (ScopeStatus::Complete, 3));
}

#[tokio::test]
async fn the_success_of_a_journey_is_the_share_a_person_names() {
    let from = begin();
    let server = PrometheusServer::start(&history(from, "shop_seconds"), "", &[]).expect("Prometheus");
    let until = from.plus_hours(10);
    let window = Window { from, until, now: until, cancel: CancellationToken::new() };
    let quick = "sum(rate(shop_seconds_bucket{le=\"0.5\"}[5m]))";
    let asked = async |words: &str| {
        let connector = connect_to(&server.url(), &[("journey.Check out", words)]).await;
        assert!(connector.scopes().await.expect("scopes").iter().any(|s| s.name == "journeys"));
        read(&connector, "journeys", &window).await
    };
    let scope = asked(&format!("{quick} / sum(rate(shop_seconds_bucket{{le=\"+Inf\"}}[5m]))")).await;
    let success = series(&scope, "journey:check-out", "journey.success_ratio");
    assert!(success.samples.iter().skip(3).all(|s| s.value > 0.5 && s.value < 1.0) && success.samples.len() > 100);
    let first = success.samples[10].value;
    steady(success, first);
    let refused = async |words: &str, reason: GapReason| {
        let scope = asked(words).await;
        assert!(scope.facts.is_empty() && scope.gaps.iter().any(|g| g.reason == reason), "{words}: {:?}", scope.gaps);
    };
    refused(&format!("1000 * {quick}"), GapReason::ParseError).await;
    refused("clamp_max(rate(shop_seconds_bucket[5m]), 1)", GapReason::ParseError).await;
    refused("sum(rate(nothing_total[5m]))", GapReason::FeatureDisabled).await;
    let broken = asked("sum(").await;
    assert!(broken.facts.is_empty() && broken.gaps.len() == 1, "{:?}", broken.gaps);
}

const RULES: &str = r#"
groups:
  - name: g
    interval: 1s
    rules:
      - { record: "job:up:sum", expr: "sum(up)" }
      - alert: HighLatency
        expr: histogram_quantile(0.95, rate(http_server_request_duration_seconds_bucket{job="live"}[5m])) > 0.5
        labels: { severity: page, team: core }
        annotations: { runbook_url: "https://example.com/runbook" }
      - { alert: InstanceDown, expr: "up == 0", labels: { severity: ticket } }
"#;

#[tokio::test]
async fn rules_and_live_targets_are_read() {
    let live = ScriptedServer::saying("# TYPE a_gauge gauge\na_gauge 1\n".to_owned()).expect("a target");
    let jobs = [("live", live.host()), ("dead", "127.0.0.1:1".to_owned())];
    let jobs: Vec<(&str, &str)> = jobs.iter().map(|(a, b)| (*a, b.as_str())).collect();
    let server = PrometheusServer::start("", RULES, &jobs).expect("Prometheus");
    let connector = connect_to(&server.url(), &[]).await;
    let begun = Instant::now();
    let scope = loop {
        let scope = read(&connector, "server", &last_days(28)).await;
        let firing = all::<Alert>(&scope).iter().any(|(_, a)| a.firing_since.is_some());
        if firing || begun.elapsed() > Duration::from_secs(20) {
            break scope;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    let alerts = all::<Alert>(&scope);
    let of = |name: &str| alerts.iter().find(|(_, a)| a.name == name).expect(name).1;
    let latency = of("HighLatency");
    assert_eq!(
        (latency.watches, latency.pages, latency.owner.as_deref()),
        (AlertKind::Latency, Some(true), Some("core"))
    );
    assert_eq!(latency.runbook.as_deref(), Some("https://example.com/runbook"));
    assert_eq!(latency.subjects, ["prometheus-job:live".into()]);
    assert_eq!(latency.firings_28d, Some(0));
    let down = of("InstanceDown");
    assert_eq!((down.watches, down.pages), (AlertKind::Cause, Some(false)));
    assert!(down.firing_since.is_some(), "{:?}", scope.gaps);
    let settings: Vec<(&str, &Value)> =
        all::<Setting>(&scope).iter().map(|(_, s)| (s.key.as_str(), &s.value)).collect();
    assert!(
        settings.contains(&(key::ALERTING_READ, &Value::Bool(true)))
            && settings.contains(&(key::RECORDING_RULE, &Value::Text("sum(up)".into())))
    );
    let dead = scope.gaps.iter().find(|g| g.subject == Some("127.0.0.1:1".into())).expect("the dead target");
    assert!(!dead.detail.contains("://"), "{}", dead.detail);
    assert!(connector.test().await.iter().all(|p| p.granted == Some(true)), "{:?}", connector.test().await);
    assert!(connector.estimate().await.calls > 10);
}

#[tokio::test]
async fn a_server_that_fails_leaves_gaps_and_a_stop_ends_it() {
    // Answers the probe, then refuses or hangs.
    let server = ScriptedServer::start(|head, stream| {
        let answer = |stream: &mut _, status: &str, body: &str| {
            let text =
                format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            let _ = std::io::Write::write_all(stream, text.as_bytes());
        };
        if head.contains("vector") {
            answer(stream, "200 OK", r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#);
        } else if head.contains("/rules") {
            std::thread::sleep(Duration::from_secs(5));
        } else {
            answer(stream, "403 Forbidden", "{}");
        }
    });
    let server = server.expect("a server");
    let connector = connect_to(&server.url(), &[]).await;
    let scope = read(&connector, "requests", &last_days(1)).await;
    assert_eq!((scope.status, scope.gaps[0].reason), (ScopeStatus::Failed, GapReason::PermissionDenied));

    let window = last_days(1);
    let cancel = window.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel.cancel();
    });
    let begun = Instant::now();
    let scope = read(&connector, "server", &window).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled));
    assert!(scope.finished_at.0 - window.now.0 < 5_000);
}

#[tokio::test]
async fn what_amazon_is_asked_is_signed() {
    install_crypto();
    let server = ScriptedServer::start(|head, stream| {
        let signed = head.contains("authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
            && head.contains("/eu-west-1/aps/aws4_request")
            && head.contains("x-amz-date: ");
        // A plus in the address would be signed as one thing and read as another.
        let plain = !head.lines().next().unwrap_or_default().contains('+');
        match signed && plain && !head.contains("canary") {
            true => respond(stream, "200 OK", "", r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#),
            false => respond(stream, "403 Forbidden", "", "{}"),
        }
    });
    let server = server.expect("a server");
    let url = server.url();
    let connect = async |config: &[(&str, &str)], secret: Option<&str>| {
        let config: Vec<(&str, &str)> = [("url", url.as_str())].iter().chain(config).copied().collect();
        Prometheus::connect(account("prometheus", &config), secret.map(Secret::new), Limits::default()).await
    };
    let signing = [("sigv4_region", "eu-west-1"), ("access_key_id", "AKIDEXAMPLE")];
    let connector = connect(&signing, Some("canary")).await.expect("a connection");
    let lines = connector.api.instant("sum by (job) (up) > 0", real_now()).await.expect("signed");
    assert!(lines.is_empty());
    let refused = async |config: &[(&str, &str)], secret: Option<&str>, code: &str| {
        let said = connect(config, secret).await.map(|_| ()).expect_err(code);
        assert_eq!(said.code(), code, "{said}");
    };
    refused(&[], Some("canary"), "authentication_failed").await;
    refused(&signing, None, "invalid_config").await;
    refused(&[("sigv4_region", "europe"), signing[1]], Some("canary"), "invalid_config").await;
}

#[tokio::test]
async fn what_is_no_prometheus_is_refused() {
    install_crypto();
    let server = ScriptedServer::saying("<html>hello</html>".to_owned()).expect("a server");
    let check = async |config: &[(&str, &str)], code: &str| {
        let refused = Prometheus::connect(account("prometheus", config), None, Limits::default()).await.map(|_| ());
        assert_eq!(refused.expect_err(code).code(), code);
    };
    let url = server.url();
    check(&[("url", &url)], "source_error").await;
    check(&[("url", &url), ("username", "u")], "invalid_config").await;
    check(&[("url", &url), ("remap.up", "up} or vector(1")], "invalid_config").await;
    check(&[("url", &url), ("service_label", "a b")], "invalid_config").await;
    check(&[("url", "http://127.0.0.1:1")], "unreachable").await;
}
