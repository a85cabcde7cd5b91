//! Against answers in the form of Jenkins' remote access API (jenkins.io, "Remote Access API"; the exported fields of
//! `hudson.model.Run`, `hudson.model.Cause` and the Git plugin's `BuildData`). Never run on a Jenkins server.

use super::*;
use crate::testing::{HttpReplay, Question, Said, account, install_crypto, ok, refused};
use crate::{Progress, ScopePlan, Window};
use loadline_model::{
    ActorKind, Deployment, DeploymentStatus, Edge, FactBody, GapReason, Scope, ScopeStatus, Setting, Timestamp,
    Value as Known, key,
};
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const TOKEN: &str = "canary-token";
const SHA: &str = "7fd8f9a2c0b1d3e4f5061728394a5b6c7d8e9f00";
const CONFIG: [(&str, &str); 3] =
    [("username", "reader"), ("jobs", "acme/shop acme/ship"), ("deploy_jobs", "acme/ship=production")];

async fn open_with(url: &str, config: &[(&str, &str)], token: &str) -> Result<Jenkins, ConnectError> {
    install_crypto();
    let config: Vec<(&str, &str)> = [("url", url)].iter().chain(config).copied().collect();
    let limits = Limits {
        idle: Duration::from_secs(2),
        total: Duration::from_secs(3),
        patience: Duration::from_secs(5),
        ..Limits::default()
    };
    Jenkins::connect(account("jenkins", &config), Some(Secret::new(token)), limits).await
}

async fn open(replay: &HttpReplay) -> Jenkins {
    open_with(&replay.url(), &CONFIG, TOKEN).await.expect("a connection")
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22").expect("a time")
}

async fn read(jenkins: &Jenkins, part: &str) -> Scope {
    let window = Window { from: now().plus_days(-90), until: now(), now: now(), cancel: CancellationToken::new() };
    jenkins.read(&ScopePlan::new(part, ""), &window, &Progress::silent()).await
}

fn all<T: FactBody + Clone>(scope: &Scope) -> Vec<(String, T)> {
    scope.facts.iter().filter_map(|f| Some((f.subject.to_string(), T::of(&f.body)?.clone()))).collect()
}

fn setting(scope: &Scope, key: &str) -> Option<Known> {
    all::<Setting>(scope).into_iter().find(|(_, s)| s.key == key).map(|(_, s)| s.value)
}

fn build(number: i64, sha: &str, result: &str) -> Value {
    json!({"_class": "org.jenkinsci.plugins.workflow.job.WorkflowRun", "number": number, "result": result, "building": false,
        "timestamp": now().plus_days(-2).plus_hours(-number).0, "duration": 300_000, "actions": [
        {"_class": "hudson.model.CauseAction", "causes": [{"_class": "hudson.model.Cause$UserIdCause",
            "shortDescription": "Started by user Ana", "userId": "ana"}]}, {},
        {"_class": "hudson.plugins.git.util.BuildData", "lastBuiltRevision": {"SHA1": sha},
            "remoteUrls": ["https://github.com/acme/shop.git"]}]})
}

/// The answer in the documented form.
fn documented(q: &Question<'_>) -> Said {
    let builds =
        |rows: Value| ok(json!({"_class": "org.jenkinsci.plugins.workflow.job.WorkflowJob", "allBuilds": rows}));
    match q.path() {
        "/api/json" => ok(json!({"_class": "hudson.model.Hudson", "mode": "NORMAL"})),
        "/job/acme/job/shop/api/json" => {
            builds(json!([build(2, SHA, "SUCCESS"), build(1, "0badc0de", "FAILURE"), build(0, "x", "ABORTED")]))
        }
        "/job/acme/job/ship/api/json" => builds(json!([build(7, SHA, "SUCCESS")])),
        _ => ("404 Not Found", String::new(), "<html>Not Found</html>".to_owned()),
    }
}

fn replay(other: impl Fn(&Question<'_>) -> Option<Said> + Send + Sync + 'static) -> HttpReplay {
    HttpReplay::start(move |q| {
        // reader:canary-token
        if !q.head.contains("authorization: Basic cmVhZGVyOmNhbmFyeS10b2tlbg==") {
            return ("401 Unauthorized", String::new(), "<html>Invalid password/token</html>".to_owned());
        }
        other(q).unwrap_or_else(|| documented(q))
    })
}

#[tokio::test]
async fn everything_that_is_documented_becomes_facts() {
    let replay = replay(|_| None);
    let jenkins = open(&replay).await;
    let names: Vec<String> = jenkins.scopes().await.expect("scopes").into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["repository/acme/shop", "deployments/acme/ship"]);
    let scope = read(&jenkins, "repository/acme/shop").await;
    assert_eq!((scope.status, scope.gaps.len()), (ScopeStatus::Complete, 0), "{:?}", scope.gaps);
    assert_eq!(scope.facts[0].subject.as_str(), "repository:github.com/acme/shop", "what a clone of it is called too");
    assert_eq!(setting(&scope, key::CHANGE_GREEN_SHARE), Some(Known::Number(0.5)));
    assert_eq!(setting(&scope, key::CHANGE_PIPELINE_MINUTES), Some(Known::Number(5.0)));
    let scope = read(&jenkins, "deployments/acme/ship").await;
    assert_eq!(scope.gaps, []);
    let [(of, one)] = all::<Deployment>(&scope).try_into().expect("one");
    assert_eq!(of, "service:ship");
    assert!(one.id.starts_with("jenkins/") && one.id.ends_with("/7") && !one.id.contains("acme"), "{}", one.id);
    assert_eq!((one.environment.as_str(), one.revision.as_str()), ("production", SHA));
    assert_eq!(
        (one.status, one.actor_kind, one.actor.as_deref()),
        (DeploymentStatus::Succeeded, ActorKind::Person, Some("ana"))
    );
    assert_eq!(one.finished_at.map(|end| end.0 - one.started_at.0), Some(300_000));
    let [(from, edge)] = all::<Edge>(&scope).try_into().expect("one");
    assert_eq!((from.as_str(), edge.to.as_str()), ("service:ship", "repository:github.com/acme/shop"));
    let asked = replay.log();
    assert!(asked.iter().all(|q| q.contains("tree=")), "{asked:?}");
    assert!(!format!("{scope:?}").contains("canary"));
    assert!(jenkins.test().await.iter().all(|p| p.granted == Some(true)), "{:?}", jenkins.test().await);
}

#[tokio::test]
async fn every_page_is_read_until_what_is_older() {
    let replay = replay(|q| {
        let from: i64 = if q.target.contains("%7B0%2C100%7D") { 0 } else { 100 };
        let rows: Vec<Value> =
            (from..from + if from == 0 { 100 } else { 3 }).map(|n| build(n, SHA, "SUCCESS")).collect();
        q.path().contains("/ship/").then(|| ok(json!({"allBuilds": rows})))
    });
    let scope = read(&open(&replay).await, "deployments/acme/ship").await;
    assert_eq!((all::<Deployment>(&scope).len(), scope.gaps.len()), (103, 0), "{:?}", replay.log());
}

#[tokio::test]
async fn what_may_not_be_read_is_unknown_and_not_absent() {
    let library = |q: &Question<'_>| {
        let mut row = build(1, SHA, "SUCCESS");
        row["actions"][1] =
            json!({"lastBuiltRevision": {"SHA1": "b"}, "remoteUrls": ["https://github.com/acme/library"]});
        q.path().contains("/shop/").then(|| ok(json!({"allBuilds": [row]})))
    };
    let scope = read(&open(&replay(library)).await, "repository/acme/shop").await;
    assert_eq!((scope.facts.len(), scope.gaps[0].reason), (0, GapReason::UnmappedSubject), "{:?}", scope.gaps);
    let replay = replay(|q| match q.path() {
        "/job/acme/job/shop/api/json" => Some(refused("404 Not Found", "no")),
        "/job/acme/job/ship/api/json" => Some(ok("{}")),
        _ => None,
    });
    let jenkins = open(&replay).await;
    let scope = read(&jenkins, "repository/acme/shop").await;
    assert_eq!((scope.status, scope.gaps[0].reason), (ScopeStatus::Failed, GapReason::PermissionDenied));
    assert!(scope.gaps[0].closes.contains("Job/Read"), "{:?}", scope.gaps);
    let scope = read(&jenkins, "deployments/acme/ship").await;
    assert_eq!((scope.status, scope.gaps[0].reason), (ScopeStatus::Failed, GapReason::ParseError));
    let check = async |config: &[(&str, &str)], token: &str, code: &str| {
        let refused = open_with(&replay.url(), config, token).await.map(|_| ()).expect_err(code);
        assert_eq!(refused.code(), code, "{refused}");
        assert!(!refused.to_string().contains("canary"), "{refused}");
    };
    check(&CONFIG, "canary-wrong", "authentication_failed").await;
    check(&CONFIG[1..], TOKEN, "invalid_config").await;
    check(&[CONFIG[0], CONFIG[1], ("deploy_jobs", "acme/other=production")], TOKEN, "invalid_config").await;
    check(&[CONFIG[0], ("jobs", "../admin")], TOKEN, "invalid_config").await;
}
