//! Against answers in the form of CircleCI's published API description (circleci/circleci-docs, openapi-final.json, MIT: `GET
//! /project/{project-slug}`, `/project/{project-slug}/pipeline`, `/pipeline/{id}/workflow`, `/workflow/{id}/job`; pages by
//! `next_page_token`). Never run on the live service.

use super::*;
use crate::testing::{HttpReplay, Question, Said, account, install_crypto, ok, refused};
use crate::{Progress, ScopePlan, Window};
use loadline_model::{
    Deployment, Edge, FactBody, GapReason, Scope, ScopeStatus, Setting, Timestamp, Value as Known, key,
};
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const TOKEN: &str = "canary-token";
const SHA: &str = "f454a02b5d10fcccfd7d9dd7608a76d6493a98b4";

async fn open_with(url: &str, config: &[(&str, &str)], token: &str) -> Result<CircleCi, ConnectError> {
    install_crypto();
    let config: Vec<(&str, &str)> = [("endpoint_url", url)].iter().chain(config).copied().collect();
    let limits = Limits {
        idle: Duration::from_secs(2),
        total: Duration::from_secs(3),
        patience: Duration::from_secs(5),
        ..Limits::default()
    };
    CircleCi::connect(account("circleci", &config), Some(Secret::new(token)), limits).await
}

const CONFIG: [(&str, &str); 2] = [("repositories", "gh/acme/shop"), ("deploy_jobs", "deploy live=production")];

async fn open(replay: &HttpReplay) -> CircleCi {
    open_with(&replay.url(), &CONFIG, TOKEN).await.expect("a connection")
}

async fn read(circleci: &CircleCi, topic: &str) -> Scope {
    let now = Timestamp::parse("2026-11-22").expect("a time");
    let window = Window { from: now.plus_days(-90), until: now, now, cancel: CancellationToken::new() };
    let path = &circleci.names.repositories[0].path;
    circleci.read(&ScopePlan::new(format!("{topic}/{path}"), ""), &window, &Progress::silent()).await
}

fn all<T: FactBody + Clone>(scope: &Scope) -> Vec<(String, T)> {
    scope.facts.iter().filter_map(|f| Some((f.subject.to_string(), T::of(&f.body)?.clone()))).collect()
}

fn setting(scope: &Scope, key: &str) -> Option<Known> {
    all::<Setting>(scope).into_iter().find(|(_, s)| s.key == key).map(|(_, s)| s.value)
}

fn pipeline(id: &str, revision: &str, at: &str) -> Value {
    json!({"id": id, "number": 25, "state": "created", "created_at": at, "project_slug": "gh/acme/shop",
        "trigger": {"type": "webhook", "received_at": at, "actor": {"login": "ana", "avatar_url": null}},
        "vcs": {"provider_name": "GitHub", "branch": "main", "revision": revision,
            "target_repository_url": "https://github.com/acme/shop"}})
}

/// The answer in the form of the description.
fn documented(q: &Question<'_>) -> Said {
    let items = |rows: Value, next: Option<&str>| ok(json!({"items": rows, "next_page_token": next}));
    let workflow = |id: &str, status: &str| {
        json!({"id": id, "name": "build-and-deploy", "status": status, "pipeline_number": 25, "project_slug": "gh/acme/shop",
            "created_at": "2026-11-20T09:00:00Z", "stopped_at": "2026-11-20T09:08:00Z"})
    };
    let Some(rest) = q.path().strip_prefix("/api/v2") else { return refused("404 Not Found", "Not found") };
    match rest {
        "/me" => ok(json!({"id": "u", "login": "ana", "name": "Ana"})),
        "/project/gh/acme/shop" => ok(json!({"slug": "gh/acme/shop", "name": "shop", "organization_name": "acme",
            "vcs_info": {"vcs_url": "https://github.com/acme/shop", "provider": "GitHub", "default_branch": "main"}})),
        "/project/gh/acme/shop/pipeline" => match q.asked("page-token") {
            None => items(json!([pipeline("p1", SHA, "2026-11-20T09:00:00Z")]), Some("AARLwwV6uQo")),
            Some(_) => items(
                json!([
                    pipeline("p2", "0badc0de", "2026-11-19T09:00:00Z"),
                    pipeline("p0", "older", "2020-11-19T09:00:00Z")
                ]),
                Some("never"),
            ),
        },
        "/pipeline/p1/workflow" => items(json!([workflow("w1", "success")]), None),
        "/pipeline/p2/workflow" => items(json!([workflow("w2", "failed")]), None),
        "/workflow/w1/job" => items(
            json!([{"id": "j1", "name": "test", "type": "build", "status": "success", "started_at": "2026-11-20T09:00:00Z"},
            {"id": "j2", "name": "deploy live", "type": "build", "status": "success", "job_number": 7,
                "started_at": "2026-11-20T09:05:00Z", "stopped_at": "2026-11-20T09:08:00Z"}]),
            None,
        ),
        "/workflow/w2/job" => {
            items(json!([{"id": "j3", "name": "deploy live", "type": "build", "status": "blocked"}]), None)
        }
        _ => refused("404 Not Found", "Project not found"),
    }
}

fn replay(other: impl Fn(&Question<'_>) -> Option<Said> + Send + Sync + 'static) -> HttpReplay {
    HttpReplay::start(move |q| {
        if !q.head.contains("circle-token: canary-token") {
            return refused("401 Unauthorized", "You must log in first.");
        }
        other(q).unwrap_or_else(|| documented(q))
    })
}

#[tokio::test]
async fn everything_that_is_described_becomes_facts() {
    let replay = replay(|_| None);
    let circleci = open(&replay).await;
    let scope = read(&circleci, "repository").await;
    assert_eq!((scope.status, scope.gaps.len()), (ScopeStatus::Complete, 0), "{:?}", scope.gaps);
    assert_eq!(setting(&scope, key::CHANGE_GREEN_SHARE), Some(Known::Number(0.5)));
    assert_eq!(setting(&scope, key::CHANGE_PIPELINE_MINUTES), Some(Known::Number(8.0)));
    assert_eq!(scope.facts[0].subject.as_str(), "repository:github.com/acme/shop", "what a clone of it is called too");
    let scope = read(&circleci, "deployments").await;
    assert_eq!(scope.gaps, []);
    let [(of, one)] = all::<Deployment>(&scope).try_into().expect("one");
    assert_eq!((of.as_str(), one.id.as_str()), ("service:shop", "circleci.com/jobs/j2"));
    assert_eq!(
        (one.environment.as_str(), one.revision.as_str(), one.actor.as_deref()),
        ("production", SHA, Some("ana"))
    );
    assert_eq!(one.finished_at.map(|end| end.0 - one.started_at.0), Some(180_000));
    let [(from, edge)] = all::<Edge>(&scope).try_into().expect("one");
    assert_eq!((from.as_str(), edge.to.as_str()), ("service:shop", "repository:github.com/acme/shop"));
    assert!(replay.log().iter().all(|q| !q.contains("never")), "older pages are not asked for");
    assert!(circleci.test().await.iter().all(|p| p.granted == Some(true)), "{:?}", circleci.test().await);
    assert_eq!(circleci.scopes().await.map(|s| s.len()), Ok(2));
    let builds = open_with(&replay.url(), &CONFIG[..1], TOKEN).await.expect("a connection");
    assert_eq!(builds.scopes().await.map(|s| s.len()), Ok(1), "which job deploys is never guessed");
}

#[tokio::test]
async fn what_may_not_be_read_is_unknown_and_not_absent() {
    let replay = replay(|q| match q.path() {
        "/api/v2/pipeline/p2/workflow" => Some(refused("404 Not Found", "Pipeline not found")),
        _ => None,
    });
    let circleci = open(&replay).await;
    let scope = read(&circleci, "repository").await;
    assert_eq!(setting(&scope, key::CHANGE_GREEN_SHARE), None, "half of the runs is no share of all");
    assert_eq!((scope.gaps.len(), scope.gaps[0].reason), (1, GapReason::PermissionDenied), "{:?}", scope.gaps);
    let hidden = open_with(&replay.url(), &[("repositories", "gh/acme/secret")], TOKEN).await.expect("a connection");
    let scope = read(&hidden, "repository").await;
    assert_eq!((scope.status, scope.gaps[0].reason), (ScopeStatus::Failed, GapReason::PermissionDenied));
    assert_eq!(scope.gaps[0].subject.as_ref().map(SubjectId::as_str), Some("repository:github.com/acme/secret"));
    let check = async |config: &[(&str, &str)], token: &str, code: &str| {
        let refused = open_with(&replay.url(), config, token).await.map(|_| ()).expect_err(code);
        assert_eq!(refused.code(), code, "{refused}");
        assert!(!refused.to_string().contains("canary"), "{refused}");
    };
    check(&CONFIG, "canary-wrong", "authentication_failed").await;
    check(&[("repositories", "acme/shop")], TOKEN, "invalid_config").await;
    check(&[CONFIG[0], ("deploy_jobs", "deploy")], TOKEN, "invalid_config").await;
}

#[tokio::test]
async fn limits_and_answers_that_are_none_are_gaps() {
    let replay = replay(|q| match q.path() {
        "/api/v2/pipeline/p1/workflow" => {
            Some(("429 Too Many Requests", "retry-after: 3300\r\n".to_owned(), String::new()))
        }
        _ => None,
    });
    let scope = read(&open(&replay).await, "repository").await;
    assert_eq!((scope.gaps.len(), scope.gaps[0].reason), (1, GapReason::RateLimited), "{:?}", scope.gaps);
    let none = HttpReplay::start(|q| if q.path().ends_with("/pipeline") { ok("[]") } else { documented(q) });
    let scope = read(&open(&none).await, "deployments").await;
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::ParseError), "{:?}", scope.gaps);
}
