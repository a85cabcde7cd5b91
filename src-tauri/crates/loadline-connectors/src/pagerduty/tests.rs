//! Against answers in the form of PagerDuty's published API description (PagerDuty/api-schema, reference/REST/openapiv3.json: the
//! examples of `GET /incidents`, `/schedules`, `/schedules/{id}`, `/escalation_policies`; classic pagination by `offset` and
//! `more`). Never run on the live service.

use super::*;
use crate::imported::{About, Format, Of};
use crate::testing::{HttpReplay, Question, Said, account, assessed, install_crypto, last_days, ok, real_now, refused};
use crate::{Progress, ScopePlan, Window};
use loadline_model::{FactBody, Incident, ORGANISATION, Resource, Scope, ScopeStatus, Setting, Timestamp, key};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const KEY: &str = "canary-key";

fn window(days: i64) -> Window {
    let now = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
    Window { from: now.plus_days(-days), until: now, now, cancel: CancellationToken::new() }
}

async fn open_with(url: &str, config: &[(&str, &str)], key: &str) -> Result<Pager, ConnectError> {
    install_crypto();
    let config: Vec<(&str, &str)> = [("endpoint_url", url)].iter().chain(config).copied().collect();
    let limits = Limits {
        idle: Duration::from_secs(2),
        total: Duration::from_secs(3),
        patience: Duration::from_secs(5),
        ..Limits::default()
    };
    open(account("pagerduty", &config), Some(Secret::new(key)), limits).await
}

async fn opened(replay: &HttpReplay) -> Pager {
    open_with(&replay.url(), &[("services", "My Mail Service=arn:mail")], KEY).await.expect("a connection")
}

async fn read(pager: &Pager, part: &str) -> Scope {
    pager.read(&ScopePlan::new(part, ""), &window(90), &Progress::silent()).await
}

fn all<T: FactBody + Clone>(scope: &Scope) -> Vec<(String, T)> {
    scope.facts.iter().filter_map(|f| Some((f.subject.to_string(), T::of(&f.body)?.clone()))).collect()
}

fn settings(scope: &Scope) -> Vec<String> {
    all::<Setting>(scope).into_iter().map(|(of, s)| format!("{of} {} {}", s.key, s.value)).collect()
}

fn incident(id: &str, service: &str, created: &str, resolved: Option<&str>) -> Value {
    json!({"id": id, "type": "incident", "summary": "[#1234] The server is on fire.", "incident_number": 1234,
        "title": "The server is on fire.", "created_at": created, "updated_at": created, "resolved_at": resolved,
        "status": if resolved.is_some() { "resolved" } else { "triggered" }, "urgency": "high",
        "service": {"id": "PF9KMXH", "type": "service_reference", "summary": service, "self": null, "html_url": null},
        "assignments": [{"at": created, "assignee": {"id": "PTUXL6G", "type": "user_reference", "summary": "User 123"}}]})
}

fn page(key: &str, rows: Value, more: bool) -> Said {
    ok(json!({key: rows, "limit": 100, "offset": 0, "total": null, "more": more}))
}

fn schedule(now: Timestamp) -> Value {
    let user = |id: &str| json!({"id": id, "type": "user_reference", "summary": "Regina Phalange", "html_url": null});
    let entry = |from: i64, until: i64, who: &str| json!({"start": now.plus_days(from).to_string(), "end": now.plus_days(until).to_string(), "user": user(who)});
    let entries = [entry(-1, 10, "PXPGF42"), entry(10, 29, "PAM4FGS")];
    json!({"schedule": {"id": "PI7DH85", "type": "schedule", "summary": "Daily Engineering Rotation",
        "name": "Daily Engineering Rotation", "time_zone": "America/New_York", "description": "Rotation schedule for engineering",
        "users": [user("PXPGF42"), user("PAM4FGS")],
        "final_schedule": {"name": "Final Schedule", "rendered_schedule_entries": entries, "rendered_coverage_percentage": 100.0}}})
}

/// The answer in the form of the description.
fn documented(q: &Question<'_>) -> Said {
    let policy = |id: &str, targets: &[&str], services: Value| {
        let rule = |who: &&str| {
            json!({"id": format!("R{who}"), "escalation_delay_in_minutes": 30,
                "targets": [{"id": who, "type": "schedule_reference", "summary": "Daily Engineering Rotation"}]})
        };
        let rules: Vec<Value> = targets.iter().map(rule).collect();
        json!({"id": id, "type": "escalation_policy", "name": "Engineering Escalation Policy", "escalation_rules": rules,
            "services": services, "num_loops": 0, "teams": []})
    };
    match q.path() {
        "/incidents" if q.target.contains("since=2026-10-23") => page(
            "incidents",
            json!([
                incident("PT4KHLK", "My Mail Service", "2026-11-20T21:30:42Z", Some("2026-11-20T22:30:42Z")),
                incident("PT4KHLL", "Checkout", "2026-11-22T09:30:42Z", None)
            ]),
            false,
        ),
        "/incidents" => page("incidents", json!([]), false),
        "/schedules" => page(
            "schedules",
            json!([{"id": "PI7DH85", "type": "schedule", "name": "Daily Engineering Rotation"}]),
            false,
        ),
        "/schedules/PI7DH85" => ok(schedule(window(90).now)),
        "/escalation_policies" => page(
            "escalation_policies",
            json!([
                policy("PANZZEQ", &["PI7DH85", "PEYSGVF"], json!([{"id": "PIJ90N7", "type": "service_reference"}])),
                policy("PUNUSED", &[], json!([]))
            ]),
            false,
        ),
        _ => refused("404 Not Found", "Not Found"),
    }
}

fn replay(other: impl Fn(&Question<'_>) -> Option<Said> + Send + Sync + 'static) -> HttpReplay {
    HttpReplay::start(move |q| {
        let version = q.head.contains("accept: application/vnd.pagerduty+json;version=2");
        if !q.head.contains("authorization: Token token=canary-key") || !version {
            return (
                "401 Unauthorized",
                String::new(),
                json!({"error": {"message": "Unauthorized", "code": 2006}}).to_string(),
            );
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
    let found = all::<Incident>(&scope);
    let said: Vec<(&str, &str, bool)> =
        found.iter().map(|(of, i)| (of.as_str(), i.id.as_str(), i.resolved_at.is_some())).collect();
    assert_eq!(said, [("arn:mail", "pagerduty/PT4KHLK", true), ("service:Checkout", "pagerduty/PT4KHLL", false)]);
    assert_eq!(all::<Resource>(&scope).len(), 0, "a name in PagerDuty is no thing to judge");
    assert!(
        replay.log().iter().filter(|q| q.starts_with("/incidents?since")).count() == 3,
        "a month each: {:?}",
        replay.log()
    );

    let scope = read(&pager, "oncall.people").await;
    assert_eq!(scope.gaps, []);
    let of = "pagerduty/schedules/PI7DH85";
    let expected = [
        format!("{of} oncall.people 2"),
        format!("{of} oncall.gap_hours_14d 0"),
        format!("{of} oncall.largest_share 0.633333333"),
    ];
    assert_eq!(settings(&scope), expected);
    let scope = read(&pager, "oncall.levels").await;
    assert_eq!(
        settings(&scope),
        ["pagerduty/escalation_policies/PANZZEQ oncall.levels 2"],
        "one that no service uses wakes nobody"
    );
    for part in ["incidents", "oncall.people", "oncall.levels"] {
        let said = format!("{:?}", read(&pager, part).await);
        assert!(!said.contains("Regina") && !said.contains("User 123") && !said.contains("canary"), "{said}");
    }
    assert!(pager.test().await.iter().all(|p| p.granted == Some(true)), "{:?}", pager.test().await);
    assert_eq!(pager.scopes().await.expect("scopes").iter().filter(|s| s.remembers).count(), 1);
    assert!(pager.estimate().await.calls > 0 && pager.cost().calls > 5);
}

#[tokio::test]
async fn a_file_and_the_account_tell_the_same() {
    let replay = replay(|_| None);
    let collected = read(&opened(&replay).await, "incidents").await;
    let row = incident("PT4KHLK", "My Mail Service", "2026-11-20T21:30:42Z", Some("2026-11-20T22:30:42Z"));
    let text = json!({"incidents": [row], "more": false}).to_string();
    let about = About { repository: ORGANISATION.into(), root: None, now: window(1).now };
    let imported = crate::imported::read(Format::PagerDuty, text.as_bytes(), &about).expect("read");
    let (of, _, body) = imported.facts.first().expect("an incident");
    assert_eq!(*of, Of::Service(Some("My Mail Service".to_owned())));
    assert_eq!(Incident::of(body), Some(&all::<Incident>(&collected)[0].1));
}

#[tokio::test]
async fn every_page_is_read() {
    let replay = replay(|q| {
        let offset: usize = q.asked("offset").map_or(0, |o| o.parse().expect("a number"));
        let row = incident(&format!("P{offset}"), "Checkout", "2026-11-20T21:30:42Z", None);
        (q.path() == "/incidents" && q.target.contains("since=2026-10-23"))
            .then(|| page("incidents", json!([row]), offset < 2))
    });
    let scope = read(&opened(&replay).await, "incidents").await;
    let ids: Vec<String> = all::<Incident>(&scope).into_iter().map(|(_, i)| i.id).collect();
    assert_eq!(ids, ["pagerduty/P0", "pagerduty/P1", "pagerduty/P2"]);
    // Later collections ask again for what may have ended since.
    let pager = opened(&replay).await;
    let before = replay.log().len();
    pager.read(&ScopePlan::new("incidents", ""), &window(2), &Progress::silent()).await;
    let log = replay.log();
    assert!(log[before..].iter().all(|q| q.contains("since=2026-10-23")), "{:?}", &log[before..]);
}

#[tokio::test]
async fn limits_are_waited_for_or_said_and_pages_end() {
    let count = AtomicU32::new(0);
    let replay = replay(move |q| match () {
        () if q.path() == "/schedules" && count.fetch_add(1, Ordering::Relaxed) == 0 => {
            Some(("429 Too Many Requests", "retry-after: 1\r\n".to_owned(), String::new()))
        }
        () if q.path() == "/incidents" && q.target.contains("since=2026") => {
            Some(("429 Too Many Requests", "ratelimit-reset: 3300\r\n".to_owned(), String::new()))
        }
        () if q.path() == "/escalation_policies" => {
            Some(page("escalation_policies", json!([{"id": "P", "escalation_rules": []}]), true))
        }
        () => None,
    });
    let pager = opened(&replay).await;
    let begun = Instant::now();
    assert_eq!(read(&pager, "oncall.people").await.gaps, []);
    assert!(begun.elapsed() >= Duration::from_millis(900), "waited as long as it said");
    let scope = read(&pager, "incidents").await;
    assert_eq!((scope.gaps.len(), scope.gaps[0].reason), (1, GapReason::RateLimited), "{:?}", scope.gaps);
    let scope = read(&pager, "oncall.levels").await;
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::LimitReached), "{:?}", scope.gaps);
    assert!(replay.log().len() < 130, "{}", replay.log().len());
}

#[tokio::test]
async fn what_may_not_be_read_is_unknown_and_not_absent() {
    let replay = replay(|q| match q.path() {
        "/escalation_policies" => Some(refused("403 Forbidden", "Access Denied")),
        "/schedules/PI7DH85" => Some(refused("404 Not Found", "Not Found")),
        "/incidents" if q.target.contains("since") => {
            Some(ok(json!({"incidents": [{"id": "P1"}, null], "more": false})))
        }
        _ => None,
    });
    let pager = opened(&replay).await;
    for (part, reason) in [
        ("oncall.levels", GapReason::PermissionDenied),
        ("oncall.people", GapReason::PermissionDenied),
        ("incidents", GapReason::ParseError),
    ] {
        let scope = read(&pager, part).await;
        assert_eq!((scope.status, scope.gaps[0].reason, scope.facts.len()), (ScopeStatus::Failed, reason, 0), "{part}");
    }
    let denied = pager.test().await.into_iter().find(|p| p.granted == Some(false)).expect("one");
    assert!(denied.closes.contains("escalation_policies.read"), "{denied:?}");
    let check = async |config: &[(&str, &str)], key: &str, code: &str| {
        let refused = open_with(&replay.url(), config, key).await.map(|_| ()).expect_err(code);
        assert_eq!(refused.code(), code, "{refused}");
        assert!(!refused.to_string().contains("canary"), "{refused}");
    };
    check(&[], "canary-wrong", "authentication_failed").await;
    check(&[("services", "Checkout")], KEY, "invalid_config").await;
    check(&[("endpoint_url", "http://127.0.0.1:1")], KEY, "unreachable").await;
}

#[tokio::test]
async fn the_rules_judge_the_whole_and_nothing_of_which_a_part_is_hidden() {
    let check = async |hides: &'static str, word: &str| {
        let replay = replay(move |q| match q.path() {
            path if path == hides => Some(refused("403 Forbidden", "Access Denied")),
            "/schedules/PI7DH85" => {
                let mut answer = schedule(real_now());
                let user = |id: u32| json!({"id": format!("P{id}"), "type": "user_reference"});
                answer["schedule"]["users"] = (0..5).map(user).collect::<Vec<Value>>().into();
                let entry = |n: i64| {
                    let day = |n: i64| real_now().plus_days(6 * n - 1).plus_hours(-1).to_string();
                    json!({"start": day(n), "end": day(n + 1), "user": user(n as u32)})
                };
                let entries: Vec<Value> = (0..6).map(entry).collect();
                answer["schedule"]["final_schedule"]["rendered_schedule_entries"] = entries.into();
                Some(ok(answer))
            }
            _ => None,
        });
        let pager = opened(&replay).await;
        let mut scopes = Vec::new();
        for part in ["oncall.people", "oncall.levels"] {
            scopes.push(pager.read(&ScopePlan::new(part, ""), &last_days(90), &Progress::silent()).await);
        }
        let checks = assessed(&scopes, Vec::new());
        let found = checks.iter().find(|c| c.rule.as_str() == "PPL-004").expect("judged");
        assert_eq!(found.result.outcome.word(), word, "{}", found.result.sentence);
    };
    check("", "pass").await;
    check("/escalation_policies", "unknown").await;
    check("/schedules/PI7DH85", "unknown").await;
    assert_eq!(key::ONCALL_PEOPLE, "oncall.people", "parts are named so that rules find their gaps");
}
