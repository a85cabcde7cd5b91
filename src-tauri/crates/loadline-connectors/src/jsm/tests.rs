//! Against answers in the form of Atlassian's published reference (developer.atlassian.com/cloud/jira/service-desk-ops/rest/v2:
//! the examples of alerts, schedules and escalations; of the timeline its parameters and, for the fields of a period, what
//! public clients of it read). Never run on the live service.

use super::*;
use crate::testing::{HttpReplay, Question, Said, account, install_crypto, ok, refused};
use crate::{Progress, ScopePlan, Window};
use loadline_model::{FactBody, GapReason, Scope, ScopeStatus, Setting, Timestamp};
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const TOKEN: &str = "canary-token";
const CLOUD: &str = "11111111-2222-3333-4444-555555555555";
/// `ann@acme.io:canary-token`.
const BASIC: &str = "authorization: Basic YW5uQGFjbWUuaW86Y2FuYXJ5LXRva2Vu";

async fn open_with(url: &str, config: &[(&str, &str)], token: &str) -> Result<Pager, ConnectError> {
    install_crypto();
    let common = [("endpoint_url", url), ("cloud_id", CLOUD), ("username", "ann@acme.io")];
    let config: Vec<(&str, &str)> = common.iter().chain(config).copied().collect();
    let limits = Limits {
        idle: Duration::from_secs(2),
        total: Duration::from_secs(3),
        patience: Duration::from_secs(5),
        ..Limits::default()
    };
    open(account("jsm", &config), Some(Secret::new(token)), limits).await
}

async fn opened(replay: &HttpReplay) -> Pager {
    open_with(&replay.url(), &[], TOKEN).await.expect("a connection")
}

async fn read_part(pager: &Pager, part: &str) -> Scope {
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

/// An alert of the example, urgent or not.
fn alert(id: &str, priority: &str) -> Value {
    json!({"id": id, "tinyId": "1234", "createdAt": "2026-11-20T07:06:47.958Z", "updatedAt": "2026-11-20T08:06:47.958Z",
        "message": "The CPU usage on Server XYZ has exceeded 80% for over 5 minutes.", "status": "closed", "seen": true,
        "acknowledged": false, "snoozed": false, "alias": "DatabaseConnectionFailure_DatabaseServer1", "owner": "ann@acme.io",
        "priority": priority, "integrationType": "API", "responders": [{"id": "t", "type": "team"}], "count": 1})
}

fn below(path: &str) -> String {
    path.strip_prefix(&format!("/jsm/ops/api/{CLOUD}")).unwrap_or("elsewhere").to_owned()
}

/// The answer in the form of the reference.
fn documented(q: &Question<'_>) -> Said {
    let values = |values: Value| ok(json!({"values": values, "links": {}}));
    let user = |id: &str| json!({"type": "user", "id": id});
    let period = |from: &str, until: &str, who: Value| {
        json!({"startDate": format!("2026-{from}T12:00:00Z"), "endDate": format!("2026-{until}T12:00:00Z"), "type": "base",
            "responder": who})
    };
    match below(q.path()).as_str() {
        "/v1/alerts" => values(json!([alert("a1", "P1"), alert("a2", "P4")])),
        "/v1/schedules" => values(json!([
            {"id": "f8f2-1", "name": "Support Schedule", "description": "On-call schedule", "timezone": "America/New_York",
                "enabled": true, "teamId": "cd68-1", "rotations": [{"id": "r1", "name": "Daily rotation", "type": "weekly",
                "startDate": "2023-11-10T05:00:00Z", "length": 2, "participants": [user("u1"), user("u2"), user("u3")]}]},
            {"id": "f8f2-2", "name": "old", "enabled": false, "teamId": "cd68-1", "rotations": []}])),
        "/v1/schedules/f8f2-1/timeline" => {
            ok(json!({"startDate": "2026-11-15T12:00:00Z", "endDate": "2026-12-27T12:00:00Z",
            "finalTimeline": {"rotations": [
                {"id": "r1", "name": "Daily rotation", "order": 1, "periods": [period("11-15", "11-28", user("u1")),
                    period("11-28", "11-29", json!({"type": "noone"})), period("11-29", "12-13", user("u2")),
                    {"startDate": "2026-12-13T12:00:00Z", "endDate": "2026-12-27T12:00:00Z", "type": "override",
                        "responder": {"type": "team", "id": "cd68-1"}, "flattenedResponders": [user("u3")]}]},
                {"id": "r0", "deleted": true, "periods": [period("11-15", "12-27", user("gone"))]}]}}))
        }
        "/v1/teams/cd68-1/escalations" => {
            values(json!([{"id": "6929-1", "name": "FE Daily On-call Escalation", "enabled": true,
            "rules": [{"condition": "if-not-acked", "notifyType": "default", "delay": 5, "recipient": {"id": "f8f2-1", "type": "schedule"}},
                {"condition": "if-not-acked", "notifyType": "next", "delay": 10, "recipient": {"id": "f8f2-1", "type": "schedule"}}],
            "repeat": {"waitInterval": 10, "count": 5, "resetRecipientStates": true, "closeAlertAfterAll": true}}]))
        }
        _ => refused("404 Not Found", "Not Found"),
    }
}

fn replay(other: impl Fn(&Question<'_>) -> Option<Said> + Send + Sync + 'static) -> HttpReplay {
    HttpReplay::start(move |q| {
        if !q.head.contains(BASIC) {
            return refused("401 Unauthorized", "Unauthorized; scope does not match");
        }
        other(q).unwrap_or_else(|| documented(q))
    })
}

#[tokio::test]
async fn everything_that_is_described_becomes_facts() {
    let replay = replay(|_| None);
    let pager = opened(&replay).await;
    let scope = read_part(&pager, "incidents").await;
    assert_eq!((scope.status, scope.gaps.len()), (ScopeStatus::Complete, 0), "{:?}", scope.gaps);
    let [(of, one)] = all::<Incident>(&scope).try_into().expect("the urgent one");
    assert_eq!((of.as_str(), one.id.as_str()), ("organisation", "jsm/a1"));
    assert_eq!(one.resolved_at.map(|at| at.0 - one.started_at.0), Some(3_600_000));
    let asked = replay.log().into_iter().find(|q| q.contains("query=")).expect("asked");
    assert!(asked.contains("createdAt") && asked.contains("P1"), "{asked}");
    let scope = read_part(&pager, "oncall.people").await;
    assert_eq!(scope.gaps, []);
    let of = "jsm/schedules/f8f2-1";
    let expected = [
        format!("{of} oncall.people 3"),
        format!("{of} oncall.gap_hours_14d 24"),
        format!("{of} oncall.largest_share 0.341463415"),
    ];
    assert_eq!(settings(&scope), expected);
    assert_eq!(settings(&read_part(&pager, "oncall.levels").await), ["jsm/escalations/6929-1 oncall.levels 2"]);
    for part in ["incidents", "oncall.people", "oncall.levels"] {
        let said = format!("{:?}", read_part(&pager, part).await);
        assert!(!said.contains("ann@acme.io") && !said.contains("canary"), "{said}");
    }
    assert!(replay.log().iter().all(|line| !line.starts_with("POST") && !line.contains("PATCH")), "only GET");
}

#[tokio::test]
async fn every_page_is_read_below_the_site() {
    let replay = replay(|q| {
        let offset: u32 = q.asked("offset").map_or(0, |o| o.parse().expect("a number"));
        let links =
            if offset < 2 { json!({"next": format!("/v1/alerts?offset={}&size=1", offset + 1)}) } else { json!({}) };
        let one = alert(&format!("a{offset}"), "P2");
        (below(q.path()) == "/v1/alerts").then(|| ok(json!({"values": [one], "links": links})))
    });
    let scope = read_part(&opened(&replay).await, "incidents").await;
    assert_eq!((all::<Incident>(&scope).len(), scope.gaps.len()), (3, 0), "{:?}", scope.gaps);
}

#[tokio::test]
async fn an_alert_that_is_open_is_not_over_and_an_old_one_is_not_told() {
    let replay = replay(|q| {
        let mut open = alert("open", "P1");
        open["status"] = json!("open");
        let mut old = alert("old", "P1");
        old["createdAt"] = json!("2024-01-05T07:06:47.958Z");
        let mut named = alert("named", "P1");
        named["closeTime"] = json!("2026-11-20T07:16:47.958Z");
        named["extraProperties"] = json!({"service": "checkout", "revision": "abc"});
        (below(q.path()) == "/v1/alerts").then(|| ok(json!({"values": [open, old, named]})))
    });
    let pager = open_with(&replay.url(), &[("services", "checkout=arn:checkout")], TOKEN).await.expect("a connection");
    let told = all::<Incident>(&read_part(&pager, "incidents").await);
    let said: Vec<_> = told
        .iter()
        .map(|(of, i)| (of.as_str(), i.id.as_str(), i.resolved_at.map(|at| at.0 - i.started_at.0)))
        .collect();
    assert_eq!(said, [("organisation", "jsm/open", None), ("arn:checkout", "jsm/named", Some(600_000))]);
    assert_eq!(told[1].1.caused_by.as_deref(), Some("abc"));
}

#[tokio::test]
async fn what_may_not_be_read_is_unknown_and_not_absent() {
    let replay = replay(|q| match below(q.path()).as_str() {
        "/v1/teams/cd68-1/escalations" => Some(refused("403 Forbidden", "You are not authorized")),
        "/v1/schedules/f8f2-1/timeline" => {
            Some(ok(json!({"startDate": "2026-11-15T12:00:00Z", "endDate": "2026-12-27T12:00:00Z",
            "finalTimeline": {"rotations": [{"periods": [{"startDate": "2026-11-15T12:00:00Z", "endDate": "2026-12-27T12:00:00Z",
            "responder": {"type": "team", "id": "t"}}]}]}})))
        }
        "/v1/alerts" if q.target.contains("query") => Some(ok("[]")),
        _ => None,
    });
    let pager = opened(&replay).await;
    let check = async |part: &str, reason: GapReason| {
        let scope = read_part(&pager, part).await;
        assert_eq!(scope.gaps.first().map(|g| g.reason), Some(reason), "{part}: {:?}", scope.gaps);
        scope
    };
    let scope = check("oncall.levels", GapReason::PermissionDenied).await;
    assert!(scope.gaps[0].closes.contains("read:ops-config"), "{:?}", scope.gaps);
    let scope = check("oncall.people", GapReason::ParseError).await;
    assert_eq!(settings(&scope), ["jsm/schedules/f8f2-1 oncall.people 3"], "who of a team takes a shift is not known");
    check("incidents", GapReason::ParseError).await;
    let check = async |config: &[(&str, &str)], token: &str, code: &str| {
        let refused = open_with(&replay.url(), config, token).await.map(|_| ()).expect_err(code);
        assert_eq!(refused.code(), code, "{refused}");
        assert!(!refused.to_string().contains("canary"), "{refused}");
    };
    check(&[], "canary-wrong", "authentication_failed").await;
    check(&[("cloud_id", "../x")], TOKEN, "invalid_config").await;
    check(&[("username", " ")], TOKEN, "invalid_config").await;
}
