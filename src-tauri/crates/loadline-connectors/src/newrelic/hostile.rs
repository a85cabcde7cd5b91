//! What is never sent, and what servers say that refuse, limit, loop, lie or fall silent (`replay.rs`).

use super::replay::*;
use super::tests::{ALL, all, has_gap, journey, open, opened, read, series, setting};
use super::*;
use crate::testing::{ScriptedServer, judged, last_days, respond};
use loadline_model::{Alert, Outcome, Resource, ScopeStatus, Series, Setting, Slo, key, key::metric};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[tokio::test]
async fn only_queries_are_ever_sent() {
    let server = NerdGraph::start(|_| None);
    let newrelic = opened(&server).await;
    for scope in ALL {
        read(&newrelic, scope, 2).await;
    }
    newrelic.test().await;
    newrelic.estimate().await;
    let log = server.log();
    for document in documents::ALL {
        let sent = log.iter().any(|a| a.document == document.name);
        assert!(sent || document.name == "synthetics.steps", "{} is never asked for", document.name);
    }
    for asked in &log {
        assert!(asked.head.starts_with("POST /graphql HTTP/1.1\n"), "{}", asked.head);
        assert!(asked.head.contains(&format!("api-key: {KEY}")));
        assert_ne!(asked.document, "?", "{}", asked.query);
        assert!(asked.query.starts_with("query(") && !asked.query.contains("mutation"), "{}", asked.query);
        assert!(!asked.variables.to_string().to_lowercase().contains("mutation"), "{}", asked.variables);
        assert!(asked.document != "nrql" || documents::only_selects(asked.nrql()), "{}", asked.nrql());
        assert!(!asked.query.contains(KEY) && !asked.variables.to_string().contains(KEY));
    }
}

#[tokio::test]
async fn wrong_keys_and_words_are_refused_without_saying_them() {
    let server = NerdGraph::start(|asked| {
        let signed = asked.head.contains(&format!("api-key: {KEY}\n"));
        (!signed).then(|| ("401 Unauthorized", String::new(), r#"{"errors":[{"message":"Invalid key"}]}"#.to_owned()))
    });
    let foreign = NerdGraph::start(|asked| Some(denied(asked)));
    let check = async |url: &str, config: &[(&str, &str)], secret: &str, code: &str| {
        let refused = open(url, config, secret).await.map(|_| ()).expect_err(code);
        assert_eq!(refused.code(), code, "{refused}");
        assert!(!refused.to_string().contains("CANARY"), "{refused}");
    };
    check(&server.url(), &[], "NRAK-CANARY-wrong", "authentication_failed").await;
    check(&foreign.url(), &[], KEY, "authentication_failed").await;
    check(&server.url(), &[], "CANARY two words", "invalid_config").await;
    check(&server.url(), &[("filter", "environment")], KEY, "invalid_config").await;
    check(&server.url(), &[("filter", "a=b' OR name = 'x")], KEY, "invalid_config").await;
    check(&server.url(), &[("account_id", "")], KEY, "invalid_config").await;
    check("http://127.0.0.1:1", &[], KEY, "unreachable").await;
    check("http://u:CANARY@127.0.0.1:1", &[], KEY, "password_in_url").await;
    let redirect = ScriptedServer::start(|_, s| respond(s, "302 Found", "location: http://127.0.0.1:1/\r\n", ""));
    check(&redirect.expect("a server").url(), &[], KEY, "source_error").await;
}

#[tokio::test]
async fn a_limit_is_waited_for() {
    let limited = Arc::new(AtomicU32::new(0));
    let count = limited.clone();
    let server = NerdGraph::start(move |asked| {
        let first = asked.search().contains("INFRA") && count.fetch_add(1, Ordering::Relaxed) == 0;
        first.then(|| ("429 Too Many Requests", "retry-after: 1\r\n".to_owned(), String::new()))
    });
    let scope = read(&opened(&server).await, "hosts", 1).await;
    assert_eq!((limited.load(Ordering::Relaxed), scope.status), (2, ScopeStatus::Complete), "{:?}", scope.gaps);
    let spent = NerdGraph::start(|asked| {
        let body = json!({"data": null, "errors": [{"message": "NRDB:1106924", "extensions": {"errorClass": "TOO_MANY_REQUESTS"}}]});
        (asked.document == "nrql").then(|| ok(&body))
    });
    let scope = read(&opened(&spent).await, "hosts", 1).await;
    assert!(has_gap(&scope, GapReason::RateLimited, "later"), "{:?}", scope.gaps);
    assert_eq!((all::<Series>(&scope).len(), all::<Resource>(&scope).len()), (0, 1), "the list stands");
}

#[tokio::test]
async fn what_is_denied_is_a_gap_that_names_the_right_and_the_rest_is_read() {
    let server = NerdGraph::start(|asked| match asked.document {
        "workflows" | "synthetics.script" => Some(denied(asked)),
        "nrql" if asked.nrql().contains("StorageSample") => {
            let errors = json!([{"message": "NRQL Syntax Error", "path": ["actor", "account", "nrql"]}]);
            Some(ok(&json!({"data": {"actor": {"account": {"nrql": null}}}, "errors": errors})))
        }
        "nrqlConditionsSearch" => {
            let mut body = published(asked);
            body["errors"] = json!([{"message": "Access denied.", "path": ["actor", "account", "alerts",
                "nrqlConditionsSearch", "nrqlConditions", 1, "terms"], "extensions": {"errorClass": "ACCESS_DENIED"}}]);
            Some(ok(&body))
        }
        _ => None,
    });
    let newrelic = opened(&server).await;
    let scope = read(&newrelic, "alerts", 1).await;
    assert!(has_gap(&scope, GapReason::PermissionDenied, "`Read only`"), "{:?}", scope.gaps);
    assert!(has_gap(&scope, GapReason::PermissionDenied, "nrqlConditions.1.terms"), "{:?}", scope.gaps);
    let alerts = all::<Alert>(&scope);
    assert_eq!((alerts.len(), scope.status), (3, ScopeStatus::Partial));
    assert!(alerts.iter().all(|(_, a)| a.pages.is_none()), "who is told is not known");
    assert_eq!(all::<Slo>(&scope)[0].1.burn_rate_alert, None);
    assert!(!all::<Setting>(&scope).iter().any(|(_, s)| s.key == key::ALERTING_READ));
    let checks = judged("OBS-005", std::slice::from_ref(&scope), journey());
    assert!(checks.iter().all(|c| matches!(c.result.outcome, Outcome::Unknown { .. })), "{checks:?}");
    let hosts = read(&newrelic, "hosts", 1).await;
    let measured: Vec<&str> = all::<Series>(&hosts).into_iter().map(|(_, s)| s.metric.as_str()).collect();
    assert_eq!(measured, ["utilisation.cpu", "utilisation.memory"], "{:?}", hosts.gaps);
    assert!(has_gap(&hosts, GapReason::ApiError, "NRQL Syntax Error"), "{:?}", hosts.gaps);
    let synthetics = read(&newrelic, "synthetics", 1).await;
    assert!(setting(&synthetics, SHOP, key::SYNTHETIC_ASSERTS_CONTENT).is_none(), "{:?}", synthetics.facts);
    let shown = newrelic.test().await;
    let refused: Vec<&str> = shown.iter().filter(|p| p.granted == Some(false)).map(|p| p.name.as_str()).collect();
    assert_eq!(refused, ["nrqlConditionsSearch", "workflows"]);
    assert!(shown.iter().all(|p| p.granted == Some(true) || p.closes.contains("`Read only`")));
}

#[tokio::test]
async fn conditions_of_other_kinds_leave_alerting_unknown() {
    let check = async |ids: &'static [&'static str], reason: GapReason, words: &str| {
        let server = NerdGraph::start(move |asked| {
            let row =
                |id: &&str| json!({"guid": "MXx4", "name": format!("c{id}"), "tags": [{"key": "id", "values": [id]}]});
            let rows: Vec<Value> = ids.iter().map(row).collect();
            asked.search().contains("AIOPS").then(|| ok(&data(asked, json!({"nextCursor": null, "entities": rows}))))
        });
        let scope = read(&opened(&server).await, "alerts", 1).await;
        assert!(has_gap(&scope, reason, words), "{:?}", scope.gaps);
        assert!(!all::<Setting>(&scope).iter().any(|(_, s)| s.key == key::ALERTING_READ));
    };
    check(&["443", "4432", "99", "5", "777"], GapReason::UnsupportedVersion, "c777").await;
    check(&[], GapReason::ApiError, "not on NRQL").await;
}

#[tokio::test]
async fn lists_are_followed_and_end() {
    // Pages that end, pages that go round in a circle, and pages without end.
    let check = async |next: fn(u32) -> Value, conditions: usize, asked_for: usize, gap: Option<GapReason>| {
        let page = AtomicU32::new(0);
        let server = NerdGraph::start(move |asked| {
            (asked.document == "nrqlConditionsSearch").then(|| {
                let n = page.fetch_add(1, Ordering::Relaxed);
                let one = json!({"id": format!("{n}"), "name": format!("c{n}"), "enabled": true, "policyId": "3455",
                    "nrql": {"query": "SELECT average(duration) FROM Transaction"}, "terms": []});
                ok(&data(asked, json!({"nextCursor": next(n), "totalCount": 435, "nrqlConditions": [one]})))
            })
        });
        let scope = read(&opened(&server).await, "alerts", 1).await;
        let log = server.log();
        let pages: Vec<_> = log.iter().filter(|a| a.document == "nrqlConditionsSearch").collect();
        assert_eq!((all::<Alert>(&scope).len(), pages.len()), (conditions, asked_for), "{:?}", scope.gaps);
        assert!(pages[0].variables["cursor"].is_null());
        assert_eq!(pages.get(1).map(|p| p.variables["cursor"].clone()), Some(next(0)).filter(|c| !c.is_null()));
        let left =
            |g: &GapReason| scope.gaps.iter().any(|gap| gap.reason == *g && gap.detail.contains("alert conditions"));
        assert_eq!(gap.as_ref().map(left), gap.map(|_| true), "{:?}", scope.gaps);
        assert!(!all::<Setting>(&scope).iter().any(|(_, s)| s.key == key::ALERTING_READ), "others are indexed");
    };
    check(|n| if n < 2 { json!(format!("page {n}")) } else { Value::Null }, 3, 3, None).await;
    check(|n| if n < 1 { json!("a") } else { json!("") }, 2, 2, None).await;
    check(|_| json!("WOwfJ4+TWm9QTFeKMGyg+w==:QqkI8S4+Wwnpno6z+uk8kQ=="), 2, 2, Some(GapReason::ParseError)).await;
    check(|n| json!(format!("page {n}")), 50, 50, Some(GapReason::LimitReached)).await;
}

#[tokio::test]
async fn nonsense_is_a_gap_and_no_number() {
    let check = async |body: fn(&Asked) -> String, reason: GapReason| {
        let server = NerdGraph::start(move |asked| {
            let over_time = asked.nrql().contains("TIMESERIES");
            over_time.then(|| ("200 OK", String::new(), body(asked)))
        });
        let scope = read(&opened(&server).await, "hosts", 1).await;
        assert!(scope.gaps.iter().any(|g| g.reason == reason), "{:?}", scope.gaps);
        assert!(all::<Series>(&scope).is_empty(), "{:?}", scope.facts);
    };
    check(|_| "{\"data\": {\"actor\"".to_owned(), GapReason::ParseError).await;
    check(|_| "<html>no</html>".to_owned(), GapReason::ParseError).await;
    check(|_| "[".repeat(100) + &"]".repeat(100), GapReason::LimitReached).await;
    check(|asked| data(asked, json!({"results": {"cpu": 1}})).to_string(), GapReason::ParseError).await;
    // Intervals of a minute where five were asked for, and intervals of another day.
    check(
        |asked| {
            let odd = [(0, 300), (600, 60)].map(|(begin, length)| {
                json!({"beginTimeSeconds": begin, "endTimeSeconds": begin + length, "facet": HOST, "cpu": 1.0, "disk": 1.0})
            });
            data(asked, json!({"results": odd})).to_string()
        },
        GapReason::ParseError,
    )
    .await;
}

#[tokio::test]
async fn a_clock_that_is_ahead_reads_no_zeros() {
    let theirs = crate::testing::real_now().plus_hours(-2);
    let date = jiff::Timestamp::from_millisecond(theirs.0).expect("a time");
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date).expect("a date");
    let server =
        NerdGraph::start(move |asked| Some(("200 OK", format!("date: {date}\r\n"), published(asked).to_string())));
    let scope = read(&opened(&server).await, "requests", 1).await;
    let demand = series(&scope, SHOP, metric::REQUEST_RATE, None);
    assert!(demand.samples.iter().all(|s| s.at <= theirs), "nothing is asked for beyond their time");
    assert!(
        has_gap(&scope, GapReason::ShortWindow, "120 min ahead")
            || has_gap(&scope, GapReason::ShortWindow, "119 min ahead")
    );
}

#[tokio::test]
async fn a_stop_ends_it_at_once() {
    let server = NerdGraph::start(|asked| {
        if asked.document == "nrql" {
            std::thread::sleep(Duration::from_secs(5));
        }
        None
    });
    let newrelic = opened(&server).await;
    for scope in ["requests", "hosts", "deployments"] {
        let window = last_days(1);
        let cancel = window.cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            cancel.cancel();
        });
        let begun = Instant::now();
        let scope = newrelic.read(&ScopePlan::new(scope, ""), &window, &Progress::silent()).await;
        assert!(begun.elapsed() < Duration::from_secs(4), "it did not wait for the answer: {:?}", begun.elapsed());
        assert!(scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled));
    }
}
