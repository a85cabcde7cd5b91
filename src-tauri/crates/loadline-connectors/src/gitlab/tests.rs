//! Against answers made of the examples of GitLab's published OpenAPI description (`published.json` names source and version),
//! by a server that refuses what the description does not allow to ask; beside it stands what the documentation alone says
//! (figures of the tier Ultimate, pagination by `Link`, `RateLimit-*`, moved projects). Never run on the live service.

mod limits;

use super::*;
use crate::testing::{HttpReplay, Published, Question, Said, account, install_crypto, ok, refused};
use crate::{Progress, ScopePlan, Window};
use loadline_model::{
    ActorKind, ChangeRequest, Deployment, DeploymentStatus, Edge, FactBody, GapReason, Incident, Kind, Relation,
    Resource, Scope, ScopeStatus, Setting, Timestamp, Value as Known, key,
};
use serde_json::json;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const TOKEN: &str = "canary-token";
const NOW: &str = "2026-11-22";
const SHA: &str = "a91957a858320c0e17f3a0eca7cfacbff50ea29a";
/// Below which all of its paths lie.
const API: &str = "/api/v4";

static DESCRIBED: LazyLock<Published> = LazyLock::new(|| Published::of(include_str!("published.json")));

/// Why the description does not allow what was asked.
fn objection(target: &str) -> Option<String> {
    DESCRIBED.objection(target.strip_prefix(API).unwrap_or(target))
}

/// The described answer of a path, with these values over those of the examples.
fn described(path: &str, values: Value) -> Said {
    ok(DESCRIBED.answer(path, &values))
}

fn window() -> Window {
    let now = Timestamp::parse(NOW).expect("a time");
    Window { from: now.plus_days(-90), until: now, now, cancel: CancellationToken::new() }
}

async fn open_with(url: &str, config: &[(&str, &str)], token: &str) -> Result<GitLab, ConnectError> {
    install_crypto();
    let config: Vec<(&str, &str)> = [("endpoint_url", url)].iter().chain(config).copied().collect();
    let limits = Limits {
        idle: Duration::from_secs(2),
        total: Duration::from_secs(3),
        patience: Duration::from_secs(5),
        ..Limits::default()
    };
    GitLab::connect(account("gitlab", &config), Some(Secret::new(token)), limits).await
}

async fn open(replay: &HttpReplay) -> GitLab {
    open_with(&replay.url(), &[("repositories", "acme/platform/shop")], TOKEN).await.expect("a connection")
}

async fn read(gitlab: &GitLab, topic: &str) -> Scope {
    let path = &gitlab.names.repositories[0].path;
    gitlab.read(&ScopePlan::new(format!("{topic}/{path}"), ""), &window(), &Progress::silent()).await
}

fn all<T: FactBody + Clone>(scope: &Scope) -> Vec<(String, T)> {
    scope.facts.iter().filter_map(|f| Some((f.subject.to_string(), T::of(&f.body)?.clone()))).collect()
}

fn setting(scope: &Scope, key: &str) -> Option<Known> {
    all::<Setting>(scope).into_iter().find(|(_, s)| s.key == key).map(|(_, s)| s.value)
}

fn deployment(id: u32) -> Value {
    json!({"id": id, "iid": id, "ref": "main", "sha": SHA, "status": "success", "created_at": "2026-11-20T10:00:00.444Z",
        "updated_at": "2026-11-20T10:09:01.123Z", "environment": {"id": 9, "name": "production"},
        "user": {"username": "root"}, "deployable": {"id": 664, "name": "deploy", "status": "success",
            "created_at": "2026-11-20T10:00:00Z", "started_at": "2026-11-20T10:01:00.000Z",
            "finished_at": "2026-11-20T10:08:30.000Z"}})
}

fn pipeline(id: u32, status: &str) -> Value {
    json!({"id": id, "iid": id, "sha": format!("{id}"), "ref": "main", "status": status, "source": "push",
        "created_at": "2026-11-20T09:00:00.000Z", "updated_at": "2026-11-20T09:06:00.000Z"})
}

/// An issue that stayed where it was opened, and was no duplicate.
fn issue(id: u32) -> Value {
    json!({"id": id, "iid": id, "title": "Shop down", "state": "closed", "created_at": "2026-11-20T10:30:00Z",
        "closed_at": "2026-11-20T11:30:00Z", "moved_to_id": null, "_links": {"closed_as_duplicate_of": null}})
}

fn rule(kind: &str, needs: u32, branches: &[&str], all: bool) -> Value {
    let of: Vec<Value> = branches.iter().map(|name| json!({"name": name})).collect();
    json!({"rule_type": kind, "approvals_required": needs, "protected_branches": of,
        "applies_to_all_protected_branches": all, "eligible_approvers": vec![json!({}); needs as usize]})
}

/// The answer to a question that the description allows: the project lies under its number and under its path.
fn documented(q: &Question<'_>) -> Said {
    if let Some(objection) = objection(q.target) {
        return refused("400 Bad Request", &objection);
    }
    let path = q.path().strip_prefix(API).and_then(|path| DESCRIBED.path(path)).unwrap_or_default();
    let project = q.path().split('/').nth(4);
    if project.is_some_and(|project| project != "3" && project != "acme%2Fplatform%2Fshop") {
        return refused("404 Not Found", "404 Project Not Found");
    }
    let answer = |values: Value| described(path, values);
    match path.strip_prefix("/projects/{id}").unwrap_or(path) {
        "/version" => answer(json!({"version": "19.5.0"})),
        "" => answer(json!({"id": 3, "name": "Shop", "path": "shop", "path_with_namespace": "acme/platform/shop",
            "only_allow_merge_if_pipeline_succeeds": true})),
        "/protected_branches" => answer(json!([{"name": "main", "push_access_levels": [{"access_level": 0}]}])),
        "/approvals" => answer(json!({"disable_overriding_approvers_per_merge_request": true})),
        "/approval_rules" => answer(json!([rule("regular", 3, &["main"], false)])),
        "/pipelines" => answer(json!([pipeline(1, "success"), pipeline(2, "failed"), pipeline(3, "canceled")])),
        "/repository/tree" => match q.asked("path") {
            Some("docs") => answer(json!([{"name": "CODEOWNERS", "type": "blob", "path": "docs/CODEOWNERS"}])),
            Some("") | None => answer(json!([{"name": "src"}])),
            _ => refused("404 Not Found", "404 Tree Not Found"),
        },
        "/environments" => answer(json!([{"id": 9, "name": "production", "tier": "production"}])),
        "/deployments" => answer(json!([deployment(42)])),
        "/dora/metrics" => figures(q),
        "/merge_requests" => {
            answer(json!([{"id": 901, "iid": 7, "state": "merged", "created_at": "2026-11-19T08:00:00Z",
            "merged_at": "2026-11-20T08:30:00Z", "merge_commit_sha": SHA, "squash_commit_sha": null}]))
        }
        "/merge_requests/{merge_request_iid}/commits" => {
            answer(json!([{"id": "b", "authored_date": "2026-11-19T12:00:00.000+02:00"},
                {"id": "a", "authored_date": "2026-11-18T12:00:00.000+02:00"}]))
        }
        "/issues" => answer(json!([issue(77)])),
        _ => refused("404 Not Found", "404 Not Found"),
    }
}

/// The form of the documentation's example, by days, and its one value over the whole span: the description has none.
fn figures(q: &Question<'_>) -> Said {
    match (q.asked("metric"), q.asked("interval")) {
        (Some("deployment_frequency"), Some("daily")) => ok(
            json!([{"date": "2026-11-01", "value": 3}, {"date": "2026-11-02", "value": 6}, {"date": "2026-11-08", "value": 9}]),
        ),
        (Some("lead_time_for_changes"), Some("all")) => ok(json!([{"date": null, "value": 9_000.0}])),
        (Some("change_failure_rate"), Some("all")) => ok(json!([{"date": null, "value": 0.125}])),
        // Nothing was ever restored.
        (Some("time_to_restore_service"), Some("all")) => ok(json!([{"date": null, "value": null}])),
        (Some("deployment_frequency"), None) => ok(json!([])),
        _ => refused("400 Bad Request", "400 Bad Request"),
    }
}

/// The described answers, but for what `other` answers of what may be asked.
fn replay(other: impl Fn(&Question<'_>) -> Option<Said> + Send + Sync + 'static) -> HttpReplay {
    HttpReplay::start(move |q| {
        if !q.head.contains("private-token: canary-token") {
            return refused("401 Unauthorized", "401 Unauthorized");
        }
        match objection(q.target) {
            Some(objection) => refused("400 Bad Request", &objection),
            None => other(q).unwrap_or_else(|| documented(q)),
        }
    })
}

#[tokio::test]
async fn every_call_is_described_and_asks_for_what_the_description_has() {
    let replay = replay(|_| None);
    for config in [("repositories", "acme/platform/shop"), ("incident_label", "outage")] {
        let config = [("repositories", "acme/platform/shop"), config];
        let gitlab = open_with(&replay.url(), &config, TOKEN).await.expect("a connection");
        for topic in ["repository", "deployments", "change_requests", "incidents"] {
            assert_eq!(read(&gitlab, topic).await.gaps, [], "{topic}");
        }
        assert!(gitlab.test().await.iter().all(|p| p.granted == Some(true)), "{:?}", gitlab.test().await);
        assert!(gitlab.estimate().await.calls > 50 && gitlab.cost().calls > 10);
    }
    let asked = replay.log();
    let objections: Vec<String> = asked.iter().filter_map(|target| objection(target)).collect();
    assert_eq!(objections, Vec::<String>::new());
    let path = |target: &str| {
        let path = target.strip_prefix(API)?.split('?').next().and_then(|asked| DESCRIBED.path(asked))?;
        Some(path.to_owned())
    };
    let paths: Vec<String> = asked.iter().filter_map(|target| path(target)).collect();
    for call in calls::CALLS.all {
        let path = call.path.replace("{repo}", "{id}").replace("{of}", "{merge_request_iid}");
        assert!(paths.contains(&path), "{path} was never asked");
    }
}

#[tokio::test]
async fn everything_that_is_documented_becomes_facts() {
    let replay = replay(|_| None);
    let gitlab = open(&replay).await;
    let scope = read(&gitlab, "deployments").await;
    assert_eq!((scope.status, scope.gaps.len()), (ScopeStatus::Complete, 0), "{:?}", scope.gaps);
    let [(subject, one)] = all::<Deployment>(&scope).try_into().expect("one");
    assert_eq!((subject.as_str(), one.id.as_str()), ("service:shop", "127.0.0.1/deployments/42"));
    assert_eq!((one.status, one.actor_kind), (DeploymentStatus::Succeeded, ActorKind::Pipeline));
    assert_eq!(one.finished_at.map(|end| end.0 - one.started_at.0), Some(450_000));
    let [(from, edge)] = all::<Edge>(&scope).try_into().expect("one");
    assert_eq!((from.as_str(), edge.to.as_str()), ("service:shop", "repository:127.0.0.1/acme/platform/shop"));
    assert_eq!(edge.relation, Relation::BuiltFrom);
    let told = [key::DELIVERY_TOLD_PER_WEEK, key::DELIVERY_TOLD_LEAD, key::DELIVERY_TOLD_FAILURES];
    let [per_week, lead, failures] = told.map(|key| setting(&scope, key));
    assert_eq!((per_week, lead), (Some(Known::Number(1.4)), Some(Known::Number(2.5))));
    assert_eq!((failures, setting(&scope, key::DELIVERY_TOLD_RECOVERY)), (Some(Known::Number(0.125)), None));

    let [(subject, change)] = all::<ChangeRequest>(&read(&gitlab, "change_requests").await).try_into().expect("one");
    assert_eq!((subject.as_str(), change.revision.as_deref()), ("repository:127.0.0.1/acme/platform/shop", Some(SHA)));
    assert_eq!(change.committed_at, Timestamp::parse("2026-11-18T10:00:00Z"), "the oldest of its commits");

    let [(subject, incident)] = all::<Incident>(&read(&gitlab, "incidents").await).try_into().expect("one");
    assert_eq!((subject.as_str(), incident.resolved_at), ("service:shop", Timestamp::parse("2026-11-20T11:30:00Z")));

    let scope = read(&gitlab, "repository").await;
    assert_eq!(scope.gaps, []);
    assert_eq!(all::<Resource>(&scope)[0].1.kind, Kind::Repository);
    assert_eq!(setting(&scope, key::CHANGE_CHECKS), Some(Known::Number(1.0)));
    assert_eq!(setting(&scope, key::CHANGE_BINDS_ADMINISTRATORS), Some(Known::Bool(true)));
    assert_eq!(setting(&scope, key::CHANGE_REVISIONS), Some(Known::Number(2.0)));
    assert_eq!(setting(&scope, key::CHANGE_CHECKS_BIND_PUSHES), Some(Known::Bool(false)));
    assert_eq!(setting(&scope, key::CHANGE_BY_REQUEST), Some(Known::Bool(true)));
    assert_eq!(setting(&scope, key::CHANGE_GREEN_SHARE), Some(Known::Number(0.5)));
    assert_eq!(setting(&scope, key::CHANGE_PIPELINE_MINUTES), Some(Known::Number(6.0)));
    assert_eq!(setting(&scope, key::CODE_OWNERS_FILE), Some(Known::Bool(true)));
    assert_eq!(setting(&scope, key::CHANGE_APPROVALS), Some(Known::Number(3.0)));
}

#[tokio::test]
async fn approvals_of_a_tier_that_has_none_are_unknown_and_never_zero() {
    let check = async |path: &'static str, said: fn() -> Said| {
        let replay = replay(move |q| q.path().ends_with(path).then(said));
        let scope = read(&open(&replay).await, "repository").await;
        assert_eq!((setting(&scope, key::CHANGE_APPROVALS), scope.gaps.len()), (None, 0), "{path}: {:?}", scope.gaps);
    };
    check("/approvals", || refused("404 Not Found", "404 Not Found")).await;
    check("/approval_rules", || refused("403 Forbidden", "403 Forbidden")).await;
    // Authors may edit them.
    check("/approvals", || {
        described("/projects/{id}/approvals", json!({"disable_overriding_approvers_per_merge_request": false}))
    })
    .await;
}

#[tokio::test]
async fn only_rules_that_every_change_must_pass_are_counted() {
    let check = async |rules: Vec<Value>, expected: f64| {
        let said = json!(rules);
        let replay = replay(move |q| {
            q.path().ends_with("/approval_rules").then(|| described("/projects/{id}/approval_rules", said.clone()))
        });
        let scope = read(&open(&replay).await, "repository").await;
        assert_eq!(setting(&scope, key::CHANGE_APPROVALS), Some(Known::Number(expected)), "{rules:?}");
    };
    check(vec![rule("any_approver", 2, &[], false), rule("regular", 1, &["main"], true)], 2.0).await;
    // For all protected branches, and none is protected.
    check(vec![rule("regular", 3, &[], true)], 0.0).await;
    // Three of whom there is one: GitLab approves for them.
    let mut few = rule("regular", 3, &[], false);
    few["eligible_approvers"] = json!([{"username": "root"}]);
    check(vec![few], 0.0).await;
    // Asks only those whose scan found something.
    check(vec![rule("report_approver", 2, &[], false), rule("regular", 1, &[], false)], 1.0).await;
}

#[tokio::test]
async fn an_incident_is_told_where_it_is_and_once() {
    let replay = replay(|q| {
        let mut rows = [issue(1), issue(2), issue(3)];
        rows[1]["moved_to_id"] = json!(90);
        rows[2]["_links"]["closed_as_duplicate_of"] = json!("https://gitlab.example.com/api/v4/projects/3/issues/1");
        q.path().ends_with("/issues").then(|| described("/projects/{id}/issues", json!(rows)))
    });
    let told = all::<Incident>(&read(&open(&replay).await, "incidents").await);
    assert_eq!(told.iter().map(|(_, i)| i.id.as_str()).collect::<Vec<_>>(), ["127.0.0.1/issues/1"]);
}

#[tokio::test]
async fn a_tier_without_figures_of_its_own_is_asked_once_and_leaves_no_gap() {
    let replay = replay(|q| q.path().ends_with("/dora/metrics").then(|| refused("403 Forbidden", "403 Forbidden")));
    let scope = read(&open(&replay).await, "deployments").await;
    assert_eq!((all::<Deployment>(&scope).len(), scope.gaps.len()), (1, 0), "{:?}", scope.gaps);
    assert_eq!(setting(&scope, key::DELIVERY_TOLD_PER_WEEK), None);
    assert_eq!(replay.log().iter().filter(|asked| asked.contains("/dora/metrics")).count(), 1);
}
