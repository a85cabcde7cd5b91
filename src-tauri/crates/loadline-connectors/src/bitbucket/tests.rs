//! Against answers in the form of Bitbucket's published API description (developer.atlassian.com/cloud/bitbucket/rest, and the
//! same as OpenAPI in APIs-guru/openapi-directory, APIs/bitbucket.org/2.0): lists in `values` with `next`, errors as
//! `{type, error}`. Never run on the live service.

use super::*;
use crate::testing::{HttpReplay, Question, Said, account, install_crypto, judged, last_days, ok, real_now};
use crate::{Progress, ScopePlan, Window};
use loadline_model::{
    ActorKind, ChangeRequest, Deployment, DeploymentStatus, Edge, FactBody, GapReason, Relation, Scope, ScopeStatus,
    Setting, Timestamp, Value as Known, key,
};
use serde_json::json;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const TOKEN: &str = "canary-token";
const SHA: &str = "ce5b7431602f7cbba007062eeb55225c6e18e956";

fn window() -> Window {
    let now = Timestamp::parse("2026-11-22").expect("a time");
    Window { from: now.plus_days(-90), until: now, now, cancel: CancellationToken::new() }
}

async fn open_with(url: &str, config: &[(&str, &str)], token: &str) -> Result<Bitbucket, ConnectError> {
    install_crypto();
    let config: Vec<(&str, &str)> = [("endpoint_url", url)].iter().chain(config).copied().collect();
    let limits = Limits {
        idle: Duration::from_secs(2),
        total: Duration::from_secs(3),
        patience: Duration::from_secs(5),
        ..Limits::default()
    };
    Bitbucket::connect(account("bitbucket", &config), Some(Secret::new(token)), limits).await
}

async fn open(replay: &HttpReplay) -> Bitbucket {
    open_with(&replay.url(), &[("repositories", "acme/shop")], TOKEN).await.expect("a connection")
}

async fn read(bitbucket: &Bitbucket, topic: &str) -> Scope {
    let path = &bitbucket.names.repositories[0].path;
    bitbucket.read(&ScopePlan::new(format!("{topic}/{path}"), ""), &window(), &Progress::silent()).await
}

fn all<T: FactBody + Clone>(scope: &Scope) -> Vec<(String, T)> {
    scope.facts.iter().filter_map(|f| Some((f.subject.to_string(), T::of(&f.body)?.clone()))).collect()
}

fn setting(scope: &Scope, key: &str) -> Option<Known> {
    all::<Setting>(scope).into_iter().find(|(_, s)| s.key == key).map(|(_, s)| s.value)
}

fn values(rows: Value) -> Said {
    ok(json!({"pagelen": 100, "page": 1, "values": rows}))
}

fn refused(status: &'static str, message: &str) -> Said {
    (status, String::new(), json!({"type": "error", "error": {"message": message}}).to_string())
}

fn deployment(id: &str, begun: &str, ended: &str) -> Value {
    json!({"type": "deployment", "uuid": format!("{{{id}}}"), "environment": {"type": "deployment_environment", "uuid": "{e1}"},
        "state": {"type": "deployment_state_completed", "name": "COMPLETED", "started_on": begun, "completed_on": ended,
            "status": {"type": "deployment_state_completed_status_successful", "name": "SUCCESSFUL"},
            "deployer": {"type": "user", "nickname": "evzijst"}},
        "release": {"type": "deployment_release", "name": "#17", "commit": {"type": "commit", "hash": SHA}}})
}

/// The answer in the form of the description.
fn documented(q: &Question<'_>) -> Said {
    let pipeline = |hash: &str, result: &str| {
        json!({"type": "pipeline", "uuid": format!("{{{hash}}}"), "created_on": "2026-11-20T09:00:00.000Z",
            "completed_on": "2026-11-20T09:06:00.000Z", "trigger": {"name": "PUSH"},
            "state": {"name": "COMPLETED", "result": {"name": result}},
            "target": {"type": "pipeline_ref_target", "ref_type": "branch", "ref_name": "main", "commit": {"hash": hash}}})
    };
    let update = |state: &str, at: &str| json!({"update": {"state": state, "date": at}, "pull_request": {"id": 7}});
    let Some(rest) = q.path().strip_prefix("/2.0/repositories/acme/shop") else {
        return refused("404 Not Found", "Repository not found");
    };
    match rest {
        "" => {
            ok(json!({"type": "repository", "uuid": "{r1}", "full_name": "acme/shop", "slug": "shop", "name": "Shop",
            "mainbranch": {"type": "branch", "name": "main"}}))
        }
        "/branch-restrictions" => values(json!([
            {"kind": "push", "branch_match_kind": "glob", "pattern": "main", "users": [], "groups": []},
            {"kind": "enforce_merge_checks", "branch_match_kind": "branching_model", "branch_type": "development"},
            {"kind": "require_passing_builds_to_merge", "branch_match_kind": "glob", "pattern": "main", "value": 1},
            {"kind": "require_approvals_to_merge", "branch_match_kind": "glob", "pattern": "main", "value": 2}])),
        "/effective-branching-model" => ok(json!({"type": "effective_repo_branching_model",
            "development": {"branch": {"name": "main"}, "name": null, "use_mainbranch": true}})),
        "/pipelines" => {
            values(json!([pipeline("a1", "SUCCESSFUL"), pipeline("b2", "FAILED"), pipeline("c3", "STOPPED")]))
        }
        "/src" => values(
            json!([{"type": "commit_directory", "path": ".bitbucket", "commit": {"type": "commit", "hash": SHA}},
            {"type": "commit_file", "path": "README.md", "commit": {"type": "commit", "hash": SHA}, "size": 9}]),
        ),
        _ if rest == format!("/src/{SHA}/.bitbucket") => values(json!([
            {"type": "commit_file", "path": ".bitbucket/CODEOWNERS", "commit": {"type": "commit", "hash": SHA}, "size": 40}])),
        "/environments" => {
            values(json!([{"uuid": "{e1}", "name": "Live", "environment_type": {"name": "Production"}}]))
        }
        "/deployments" => values(json!([
            deployment("d1", "2026-11-20T10:00:00Z", "2026-11-20T10:07:30Z"),
            deployment("old", "2020-11-20T10:00:00Z", "2020-11-20T10:07:30Z")
        ])),
        "/pullrequests" => {
            values(json!([{"type": "pullrequest", "id": 7, "state": "MERGED", "created_on": "2026-11-19T08:00:00Z",
            "updated_on": "2026-11-21T08:00:00Z", "destination": {"branch": {"name": "main"}}, "merge_commit": {"hash": SHA}}]))
        }
        "/pullrequests/7/activity" => values(json!([{"comment": {"id": 1}, "pull_request": {"id": 7}},
            update("MERGED", "2026-11-20T09:30:00Z"), update("MERGED", "2026-11-20T08:30:00Z"),
            update("OPEN", "2026-11-19T08:00:00Z")])),
        "/pullrequests/7/commits" => values(json!([{"hash": "b", "date": "2026-11-19T12:00:00+02:00"},
            {"hash": "a", "date": "2026-11-18T12:00:00+02:00"}])),
        _ => refused("404 Not Found", "Resource not found"),
    }
}

fn replay(other: impl Fn(&Question<'_>) -> Option<Said> + Send + Sync + 'static) -> HttpReplay {
    HttpReplay::start(move |q| {
        if !q.head.contains("authorization: Bearer canary-token") {
            return refused("401 Unauthorized", "Token is invalid");
        }
        other(q).unwrap_or_else(|| documented(q))
    })
}

#[tokio::test]
async fn everything_that_is_described_becomes_facts() {
    let replay = replay(|_| None);
    let bitbucket = open(&replay).await;
    let scope = read(&bitbucket, "deployments").await;
    assert_eq!((scope.status, scope.gaps.len()), (ScopeStatus::Complete, 0), "{:?}", scope.gaps);
    let [(subject, one)] = all::<Deployment>(&scope).try_into().expect("the one that is not old");
    assert_eq!((subject.as_str(), one.id.as_str()), ("service:shop", "127.0.0.1/deployments/d1"));
    assert_eq!((one.status, one.actor_kind), (DeploymentStatus::Succeeded, ActorKind::Pipeline));
    assert_eq!((one.environment.as_str(), one.revision.as_str()), ("Live", SHA));
    assert_eq!(one.finished_at.map(|end| end.0 - one.started_at.0), Some(450_000));
    let [(from, edge)] = all::<Edge>(&scope).try_into().expect("one");
    assert_eq!((from.as_str(), edge.to.as_str()), ("service:shop", "repository:127.0.0.1/acme/shop"));
    assert_eq!(edge.relation, Relation::BuiltFrom);

    let [(subject, change)] = all::<ChangeRequest>(&read(&bitbucket, "change_requests").await).try_into().expect("one");
    assert_eq!((subject.as_str(), change.revision.as_deref()), ("repository:127.0.0.1/acme/shop", Some(SHA)));
    assert_eq!(change.id, "127.0.0.1/r1/pull-requests/7", "numbers count within a repository");
    assert_eq!(change.merged_at, Timestamp::parse("2026-11-20T08:30:00Z"), "not when it changed last");
    assert_eq!(change.committed_at, Timestamp::parse("2026-11-18T10:00:00Z"), "the oldest of its commits");
    let asked = replay.log().into_iter().find(|q| q.contains("pullrequests?")).expect("asked");
    assert!(asked.contains("state=MERGED") && asked.contains("updated_on"), "{asked}");

    let scope = read(&bitbucket, "repository").await;
    assert_eq!(scope.gaps, []);
    assert_eq!(setting(&scope, key::CHANGE_CHECKS), Some(Known::Number(1.0)));
    assert_eq!(setting(&scope, key::CHANGE_CHECKS_BIND_PUSHES), Some(Known::Bool(false)));
    assert_eq!(setting(&scope, key::CHANGE_APPROVALS), Some(Known::Number(2.0)));
    assert_eq!(setting(&scope, key::CHANGE_BY_REQUEST), Some(Known::Bool(true)));
    assert_eq!(setting(&scope, key::CHANGE_GREEN_SHARE), Some(Known::Number(0.5)));
    assert_eq!(setting(&scope, key::CHANGE_PIPELINE_MINUTES), Some(Known::Number(6.0)));
    assert_eq!(setting(&scope, key::CODE_OWNERS_FILE), Some(Known::Bool(true)));
    assert!(bitbucket.test().await.iter().all(|p| p.granted == Some(true)), "{:?}", bitbucket.test().await);
    assert_eq!(bitbucket.scopes().await.map(|s| s.len()), Ok(3));
    assert!(bitbucket.estimate().await.calls > 100 && bitbucket.cost().calls > 10);
}

#[tokio::test]
async fn every_page_is_read_and_none_at_another_host() {
    let elsewhere = HttpReplay::start(|_| values(json!([])));
    let foreign = elsewhere.url();
    let replay = replay(move |q| {
        let page: u32 = q.asked("page").map_or(1, |p| p.parse().expect("a number"));
        let own = format!("http://{}{}?page={}", q.host(), q.path(), page + 1);
        let next = if page == 2 { format!("{foreign}/2.0/repositories/acme/shop/deployments?page=3") } else { own };
        let row = deployment(&format!("d{page}"), "2026-11-20T10:00:00Z", "2026-11-20T10:07:30Z");
        q.path().ends_with("/deployments").then(|| ok(json!({"values": [row], "page": page, "next": next})))
    });
    let scope = read(&open(&replay).await, "deployments").await;
    assert_eq!(all::<Deployment>(&scope).len(), 2);
    assert!(scope.gaps.iter().any(|g| g.detail.contains("another host")), "{:?}", scope.gaps);
    assert_eq!(elsewhere.log(), Vec::<String>::new(), "the token goes to no other host");
}

#[tokio::test]
async fn limits_are_waited_for_or_said() {
    let count = AtomicU32::new(0);
    let replay = replay(move |q| match () {
        () if q.path().ends_with("/deployments") && count.fetch_add(1, Ordering::Relaxed) == 0 => {
            Some(("429 Too Many Requests", "retry-after: 1\r\n".to_owned(), String::new()))
        }
        () if q.path().ends_with("/pullrequests") => {
            Some(("429 Too Many Requests", "retry-after: 3300\r\n".to_owned(), String::new()))
        }
        () => None,
    });
    let bitbucket = open(&replay).await;
    let begun = Instant::now();
    assert_eq!(read(&bitbucket, "deployments").await.gaps, []);
    assert!(begun.elapsed() >= Duration::from_millis(900), "waited as long as it said");
    let scope = read(&bitbucket, "change_requests").await;
    assert!(
        scope.gaps[0].reason == GapReason::RateLimited && scope.gaps[0].detail.contains("55 min"),
        "{:?}",
        scope.gaps
    );
}

#[tokio::test]
async fn what_may_not_be_read_is_unknown_and_not_absent() {
    let replay = replay(|q| match () {
        () if q.path().ends_with("/branch-restrictions") => {
            Some(refused("403 Forbidden", "Your credentials lack one or more required privilege scopes."))
        }
        () if q.path().ends_with("/environments") => Some(refused("404 Not Found", "Resource not found")),
        () if q.path().ends_with("/activity") => Some(refused("403 Forbidden", "no")),
        () => None,
    });
    let bitbucket = open(&replay).await;
    let scope = read(&bitbucket, "repository").await;
    assert_eq!((setting(&scope, key::CHANGE_BY_REQUEST), setting(&scope, key::CHANGE_CHECKS)), (None, None));
    let gap = &scope.gaps[0];
    assert!(gap.reason == GapReason::PermissionDenied && gap.closes.contains("Repositories: Admin"), "{gap:?}");
    let scope = read(&bitbucket, "deployments").await;
    assert_eq!(all::<Deployment>(&scope), [], "into which environment is not known");
    assert_eq!((scope.status, scope.gaps[0].reason), (ScopeStatus::Partial, GapReason::PermissionDenied));
    let scope = read(&bitbucket, "change_requests").await;
    assert_eq!((all::<ChangeRequest>(&scope).len(), scope.gaps.len()), (0, 1), "when it was merged is not known");
    let hidden = open_with(&replay.url(), &[("repositories", "acme/secret")], TOKEN).await.expect("a connection");
    let scope = read(&hidden, "deployments").await;
    assert_eq!((scope.status, scope.gaps[0].reason), (ScopeStatus::Failed, GapReason::PermissionDenied));
}

#[tokio::test]
async fn owners_are_absent_only_where_their_folder_could_be_seen() {
    let file = |kind: &str, path: &str| json!({"type": kind, "path": path, "commit": {"hash": SHA}});
    let check = async |replay: HttpReplay, expected: Option<Known>, gaps: usize| {
        let scope = read(&open(&replay).await, "repository").await;
        assert_eq!((setting(&scope, key::CODE_OWNERS_FILE), scope.gaps.len()), (expected, gaps), "{:?}", scope.gaps);
    };
    let root = move |row: Value| replay(move |q| q.path().ends_with("/shop/src").then(|| values(json!([row.clone()]))));
    check(root(file("commit_file", "CODEOWNERS")), Some(Known::Bool(false)), 0).await;
    let folder = replay(move |q| {
        q.path().ends_with("/.bitbucket").then(|| values(json!([file("commit_file", ".bitbucket/teams.yaml")])))
    });
    check(folder, Some(Known::Bool(false)), 0).await;
    check(replay(|q| q.path().ends_with("/shop/src").then(|| refused("403 Forbidden", "no"))), None, 1).await;
    check(replay(|q| q.path().ends_with("/.bitbucket").then(|| refused("404 Not Found", "no"))), None, 1).await;
    check(root(json!({"type": "commit_directory", "path": ".bitbucket", "commit": {"hash": "../x"}})), None, 1).await;
}

#[tokio::test]
async fn what_a_repository_inherits_is_not_known() {
    let replay = replay(|q| q.path().ends_with("/branch-restrictions").then(|| values(json!([]))));
    let scope = read(&open(&replay).await, "repository").await;
    assert_eq!((setting(&scope, key::CHANGE_BY_REQUEST), setting(&scope, key::CHANGE_CHECKS)), (None, None));
    assert!(scope.gaps[0].detail.contains("inherits"), "{:?}", scope.gaps);
}

#[tokio::test]
async fn wrong_tokens_and_answers_that_are_none() {
    let replay = replay(|q| q.path().ends_with("/deployments").then(|| ok("{\"values\": {\"no\": \"list\"}}")));
    let scope = read(&open(&replay).await, "deployments").await;
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::ParseError), "{:?}", scope.gaps);
    let check = async |config: &[(&str, &str)], token: &str, code: &str| {
        let refused = open_with(&replay.url(), config, token).await.map(|_| ()).expect_err(code);
        assert_eq!(refused.code(), code, "{refused}");
        assert!(!refused.to_string().contains("canary"), "{refused}");
    };
    check(&[("repositories", "acme/shop")], "canary-wrong", "authentication_failed").await;
    check(&[("repositories", "acme/shop"), ("username", "ana@example.com")], TOKEN, "authentication_failed").await;
    check(&[("repositories", "acme/a/b")], TOKEN, "invalid_config").await;
    let person = HttpReplay::start(|q| {
        // ana@example.com:canary-token
        let basic = q.head.contains("authorization: Basic YW5hQGV4YW1wbGUuY29tOmNhbmFyeS10b2tlbg==");
        if basic { documented(q) } else { refused("401 Unauthorized", "no") }
    });
    let config = [("repositories", "acme/shop"), ("username", "ana@example.com")];
    assert!(open_with(&person.url(), &config, TOKEN).await.is_ok(), "an API token of a person");
}

#[tokio::test]
async fn the_rules_judge_what_was_read_and_nothing_that_was_refused() {
    let check = async |refuses: bool, word: &str| {
        let replay = replay(move |q| {
            let row = |id: i64| {
                let begun = real_now().plus_days(-3 * id).plus_hours(26);
                let ended = Timestamp(begun.0 + 360_000);
                deployment(&id.to_string(), &begun.to_string(), &ended.to_string())
            };
            let refused = || refused("403 Forbidden", "no");
            let shipped = || values((1..26).map(row).collect::<Vec<Value>>().into());
            q.path().ends_with("/deployments").then(|| if refuses { refused() } else { shipped() })
        });
        let config = [("repositories", "acme/shop"), ("services", "acme/shop=service:shop")];
        let bitbucket = open_with(&replay.url(), &config, TOKEN).await.expect("a connection");
        let plan = ScopePlan::new("deployments/acme/shop", "");
        let mut scopes = vec![bitbucket.read(&plan, &last_days(90), &Progress::silent()).await];
        let home = ScopePlan::new("repository/acme/shop", "");
        scopes.push(bitbucket.read(&home, &last_days(90), &Progress::silent()).await);
        let service = loadline_model::Resource::new(loadline_model::Kind::Service, "shop");
        let provenance = scopes[1].facts[0].provenance.clone();
        let more = loadline_model::Fact { subject: "service:shop".into(), body: service.into(), provenance };
        for rule in ["DEL-003", "DEL-004", "DEL-006"] {
            let checks = judged(rule, &scopes, vec![more.clone()]);
            let found = checks.iter().find(|c| c.subject.id.as_str() == "service:shop").expect("judged");
            assert_eq!(found.result.outcome.word(), word, "{rule}: {}", found.result.sentence);
        }
    };
    check(false, "pass").await;
    check(true, "unknown").await;
}
