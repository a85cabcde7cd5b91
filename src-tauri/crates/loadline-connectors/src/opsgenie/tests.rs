//! Against answers in the form of Opsgenie's published API description (opsgenie/opsgenie-oas, definitions/alert.yaml,
//! incident.yaml, schedule.yaml, escalation.yaml; pages by `paging.next`; docs.opsgenie.com for the examples). Never run on the
//! live service.

use super::*;
use crate::testing::{HttpReplay, Question, Said, account, install_crypto, ok, refused};
use crate::{Progress, ScopePlan, Window};
use loadline_model::{FactBody, GapReason, Incident, Scope, ScopeStatus, Setting, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const KEY: &str = "canary-key";

async fn open_with(url: &str, config: &[(&str, &str)], key: &str) -> Result<Pager, ConnectError> {
    install_crypto();
    let config: Vec<(&str, &str)> = [("endpoint_url", url)].iter().chain(config).copied().collect();
    let limits = Limits {
        idle: Duration::from_secs(2),
        total: Duration::from_secs(3),
        patience: Duration::from_secs(5),
        ..Limits::default()
    };
    open(account("opsgenie", &config), Some(Secret::new(key)), limits).await
}

async fn opened(replay: &HttpReplay) -> Pager {
    open_with(&replay.url(), &[], KEY).await.expect("a connection")
}

async fn read(pager: &Pager, part: &str) -> Scope {
    let now = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
    let window = Window { from: now.plus_days(-90), until: now, now, cancel: CancellationToken::new() };
    pager.read(&ScopePlan::new(part, ""), &window, &Progress::silent()).await
}

fn all<T: FactBody + Clone>(scope: &Scope) -> Vec<(String, T)> {
    scope.facts.iter().filter_map(|f| Some((f.subject.to_string(), T::of(&f.body)?.clone()))).collect()
}

fn settings(scope: &Scope) -> Vec<String> {
    all::<Setting>(scope).into_iter().map(|(of, s)| format!("{of} {} {}", s.key, s.value)).collect()
}

fn alert(id: &str, priority: &str) -> Value {
    json!({"id": id, "tinyId": "1791", "alias": "event_573", "message": "Our servers are in danger", "status": "closed",
        "acknowledged": false, "isSeen": true, "createdAt": "2026-11-20T20:32:52.353Z", "updatedAt": "2026-11-21T20:32:57.301Z",
        "priority": priority, "owner": "agent_smith@opsgenie.com",
        "report": {"ackTime": 15702, "closeTime": 60503, "acknowledgedBy": "agent_smith@opsgenie.com"}})
}

/// The answer in the form of the description.
fn documented(q: &Question<'_>) -> Said {
    let data = |data: Value| ok(json!({"data": data, "took": 0.1, "requestId": "r"}));
    let user = |id: &str| json!({"type": "user", "id": id, "name": "agent_smith@opsgenie.com"});
    let period = |from: &str, until: &str, who: &str| {
        json!({"startDate": format!("2026-{from}T12:00:00Z"), "endDate": format!("2026-{until}T12:00:00Z"), "type": "default",
            "recipient": user(who)})
    };
    match q.path() {
        "/v2/alerts" => data(json!([alert("a1", "P1"), alert("a2", "P4")])),
        "/v1/incidents" => {
            data(json!([{"id": "i1", "tinyId": "1", "message": "Shop down", "status": "resolved", "priority": "P3",
            "createdAt": "2026-11-20T10:00:00Z", "updatedAt": "2026-11-20T11:00:00Z", "ownerTeam": "t", "extraProperties": {}}]))
        }
        "/v2/schedules" => data(json!([
            {"id": "d875-1", "name": "ops", "timezone": "Europe/Kirov", "enabled": true,
                "rotations": [{"id": "r1", "type": "weekly", "participants": [user("u1"), user("u2"), user("u3")]}]},
            {"id": "d875-2", "name": "old", "enabled": false, "rotations": []}])),
        "/v2/schedules/d875-1/timeline" => data(json!({"_parent": {"id": "d875-1", "name": "ops", "enabled": true},
            "startDate": "2026-11-21T12:00:00Z", "endDate": "2026-12-21T12:00:00Z",
            "finalTimeline": {"rotations": [{"id": "r1", "order": 1.0, "periods": [period("11-21", "11-28", "u1"),
                period("11-29", "12-10", "u2"), period("12-10", "12-21", "u3"), {"startDate": "2026-11-28T12:00:00Z",
                "endDate": "2026-11-29T12:00:00Z", "type": "default", "recipient": {"type": "none"}}]}]}})),
        "/v2/escalations" => data(json!([{"id": "e1", "name": "ops_escalation", "rules": [
            {"condition": "if-not-acked", "notifyType": "default", "delay": {"timeAmount": 0}, "recipient": {"type": "schedule", "id": "d875-1"}},
            {"condition": "if-not-acked", "notifyType": "next", "delay": {"timeAmount": 5}, "recipient": {"type": "schedule", "id": "d875-1"}}]}])),
        _ => refused("404 Not Found", "Not Found"),
    }
}

fn replay(other: impl Fn(&Question<'_>) -> Option<Said> + Send + Sync + 'static) -> HttpReplay {
    HttpReplay::start(move |q| {
        if !q.head.contains("authorization: GenieKey canary-key") {
            return refused("401 Unauthorized", "Could not authenticate");
        }
        other(q).unwrap_or_else(|| documented(q))
    })
}

#[tokio::test]
async fn everything_that_is_described_becomes_facts() {
    let replay = replay(|_| None);
    let pager = opened(&replay).await;
    let scope = read(&pager, "incidents").await;
    assert_eq!((scope.status, scope.gaps.len()), (ScopeStatus::Complete, 0), "{:?}", scope.gaps);
    let [(of, one)] = all::<Incident>(&scope).try_into().expect("the urgent one");
    assert_eq!((of.as_str(), one.id.as_str()), ("organisation", "opsgenie/a1"));
    assert_eq!(one.resolved_at.map(|at| at.0 - one.started_at.0), Some(60_503));
    let asked = replay.log().into_iter().find(|q| q.contains("query=")).expect("asked");
    assert!(asked.contains("createdAt") && asked.contains("P1"), "{asked}");
    let scope = read(&pager, "oncall.people").await;
    assert_eq!(scope.gaps, []);
    let of = "opsgenie/schedules/d875-1";
    let expected = [
        format!("{of} oncall.people 3"),
        format!("{of} oncall.gap_hours_14d 24"),
        format!("{of} oncall.largest_share 0.379310345"),
    ];
    assert_eq!(settings(&scope), expected);
    assert_eq!(settings(&read(&pager, "oncall.levels").await), ["opsgenie/escalations/e1 oncall.levels 2"]);
    for part in ["incidents", "oncall.people", "oncall.levels"] {
        let said = format!("{:?}", read(&pager, part).await);
        assert!(!said.contains("agent_smith") && !said.contains("canary"), "{said}");
    }
    let by_incidents = open_with(&replay.url(), &[("count", "incidents")], KEY).await.expect("a connection");
    let [(_, one)] = all::<Incident>(&read(&by_incidents, "incidents").await).try_into().expect("one");
    assert_eq!(one.id, "opsgenie/i1", "incidents count, and not the alerts beside them");
}

#[tokio::test]
async fn every_page_is_read_and_none_at_another_host() {
    let elsewhere = HttpReplay::start(|_| ok(json!({"data": []})));
    let foreign = elsewhere.url();
    let replay = replay(move |q| {
        let offset: u32 = q.asked("offset").map_or(0, |o| o.parse().expect("a number"));
        let host = if offset == 2 { foreign.clone() } else { format!("http://{}", q.host()) };
        let next = format!("{host}/v2/alerts?offset={}", offset + 1);
        let row = alert(&format!("a{offset}"), "P1");
        (q.path() == "/v2/alerts").then(|| ok(json!({"data": [row], "paging": {"next": next}})))
    });
    let scope = read(&opened(&replay).await, "incidents").await;
    assert_eq!(all::<Incident>(&scope).len(), 3);
    assert!(scope.gaps.iter().any(|g| g.detail.contains("another host")), "{:?}", scope.gaps);
    assert_eq!(elsewhere.log(), Vec::<String>::new(), "the key goes to no other host");
}

#[tokio::test]
async fn what_may_not_be_read_is_unknown_and_not_absent() {
    let replay = replay(|q| match q.path() {
        "/v2/escalations" => Some(refused("403 Forbidden", "You are not authorized for this operation")),
        "/v2/schedules/d875-1/timeline" => Some(ok(json!({"data": {"startDate": "2026-11-21T12:00:00Z",
            "endDate": "2026-12-21T12:00:00Z", "finalTimeline": {"rotations": [{"periods": [{"startDate": "2026-11-21T12:00:00Z",
            "endDate": "2026-12-21T12:00:00Z", "recipient": {"type": "team", "id": "t"}}]}]}}}))),
        "/v1/incidents" => Some(refused("402 Payment Required", "Your plan does not include incidents")),
        "/v2/alerts" if q.target.contains("query") => Some(ok("[]")),
        _ => None,
    });
    let pager = opened(&replay).await;
    let check = async |pager: &Pager, part: &str, reason: GapReason| {
        let scope = read(pager, part).await;
        assert_eq!(scope.gaps.first().map(|g| g.reason), Some(reason), "{part}: {:?}", scope.gaps);
        scope
    };
    let scope = check(&pager, "oncall.levels", GapReason::PermissionDenied).await;
    assert!(scope.gaps[0].closes.contains("Configuration access"), "{:?}", scope.gaps);
    let scope = check(&pager, "oncall.people", GapReason::ParseError).await;
    assert_eq!(
        settings(&scope),
        ["opsgenie/schedules/d875-1 oncall.people 3"],
        "who of a team takes a shift is not known"
    );
    check(&pager, "incidents", GapReason::ParseError).await;
    let refused = open_with(&replay.url(), &[("count", "incidents")], KEY).await.map(|_| ()).expect_err("no such plan");
    assert_eq!(refused.code(), "source_error", "{refused}");
    let check = async |config: &[(&str, &str)], key: &str, code: &str| {
        let refused = open_with(&replay.url(), config, key).await.map(|_| ()).expect_err(code);
        assert_eq!(refused.code(), code, "{refused}");
        assert!(!refused.to_string().contains("canary"), "{refused}");
    };
    check(&[], "canary-wrong", "authentication_failed").await;
    check(&[("count", "everything")], KEY, "invalid_config").await;
}
