//! Against answers in the form of GitLab's published documentation (REST API: projects, deployments, environments, merge requests,
//! commits, pipelines, protected branches, repository tree, issues; pagination by `Link`; `RateLimit-*`). Never run on the live
//! service.

use super::*;
use crate::testing::{HttpReplay, Question, Said, account, install_crypto, ok, refused};
use crate::{Progress, ScopePlan, Window};
use loadline_model::{
    ActorKind, ChangeRequest, Deployment, DeploymentStatus, Edge, FactBody, GapReason, Incident, Kind, Relation,
    Resource, Scope, ScopeStatus, Setting, Timestamp, Value as Known, key,
};
use serde_json::json;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const TOKEN: &str = "canary-token";
const NOW: &str = "2026-11-22";
const SHA: &str = "a91957a858320c0e17f3a0eca7cfacbff50ea29a";

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

fn project() -> Value {
    json!({"id": 3, "name": "Shop", "path": "shop", "path_with_namespace": "acme/platform/shop", "default_branch": "main",
        "only_allow_merge_if_pipeline_succeeds": true})
}

fn deployment(id: u32) -> Value {
    json!({"id": id, "iid": id, "ref": "main", "sha": SHA, "status": "success", "created_at": "2026-11-20T10:00:00.444Z",
        "updated_at": "2026-11-20T10:09:01.123Z", "environment": {"id": 9, "name": "production"},
        "user": {"id": 1, "username": "root", "state": "active"},
        "deployable": {"id": 664, "name": "deploy", "status": "success", "created_at": "2026-11-20T10:00:00Z",
            "started_at": "2026-11-20T10:01:00.000Z", "finished_at": "2026-11-20T10:08:30.000Z"}})
}

/// The answer in the form of the documentation.
fn documented(q: &Question<'_>) -> Said {
    let pipeline = |id: u32, status: &str| {
        json!({"id": id, "iid": id, "sha": format!("{id}"), "ref": "main", "status": status, "source": "push",
            "created_at": "2026-11-20T09:00:00.000Z", "updated_at": "2026-11-20T09:06:00.000Z"})
    };
    let Some(rest) = q.path().strip_prefix("/api/v4") else { return refused("404 Not Found", "404 Not Found") };
    // A project is named by its number or by its whole path.
    let rest = match rest.strip_prefix("/projects/acme%2Fplatform%2Fshop/") {
        Some(of) => format!("/projects/3/{of}"),
        None => rest.to_owned(),
    };
    match rest.as_str() {
        "/version" => ok(json!({"version": "18.5.0", "revision": "abc"})),
        "/projects/acme%2Fplatform%2Fshop" => ok(project()),
        "/projects/3/protected_branches" => {
            ok(json!([{"id": 1, "name": "main", "push_access_levels": [{"access_level": 0}],
                "merge_access_levels": [{"access_level": 40}]}]))
        }
        "/projects/3/approvals" => ok(json!({"disable_overriding_approvers_per_merge_request": true})),
        "/projects/3/approval_rules" => {
            ok(json!([{"id": 1, "name": "security", "rule_type": "regular", "approvals_required": 3,
            "applies_to_all_protected_branches": false, "protected_branches": [{"id": 1, "name": "main"}]}]))
        }
        "/projects/3/pipelines" => ok(json!([pipeline(1, "success"), pipeline(2, "failed"), pipeline(3, "canceled")])),
        "/projects/3/repository/tree" => match q.asked("path") {
            Some("docs") => ok(json!([{"name": "CODEOWNERS", "type": "blob", "path": "docs/CODEOWNERS"}])),
            Some("") | None => ok(json!([{"name": "src", "type": "tree"}])),
            _ => refused("404 Not Found", "404 Tree Not Found"),
        },
        "/projects/3/environments" => ok(json!([{"id": 9, "name": "production", "tier": "production"}])),
        "/projects/3/deployments" => ok(json!([deployment(42)])),
        // The form of the documentation's example, by days, and its one value over the whole span.
        "/projects/3/dora/metrics" => match (q.asked("metric"), q.asked("interval")) {
            (Some("deployment_frequency"), Some("daily")) => ok(
                json!([{"date": "2026-11-01", "value": 3}, {"date": "2026-11-02", "value": 6}, {"date": "2026-11-08", "value": 9}]),
            ),
            (Some("lead_time_for_changes"), Some("all")) => ok(json!([{"date": null, "value": 9_000.0}])),
            (Some("change_failure_rate"), Some("all")) => ok(json!([{"date": null, "value": 0.125}])),
            // Nothing was ever restored.
            (Some("time_to_restore_service"), Some("all")) => ok(json!([{"date": null, "value": null}])),
            (Some("deployment_frequency"), None) => ok(json!([])),
            _ => refused("400 Bad Request", "400 Bad Request"),
        },
        "/projects/3/merge_requests" => {
            ok(json!([{"id": 901, "iid": 7, "state": "merged", "created_at": "2026-11-19T08:00:00Z",
                "merged_at": "2026-11-20T08:30:00Z", "sha": "0badc0de0badc0de", "merge_commit_sha": SHA, "squash_commit_sha": null}]))
        }
        "/projects/3/merge_requests/7/commits" => {
            ok(json!([{"id": "b", "authored_date": "2026-11-19T12:00:00.000+02:00"},
                {"id": "a", "authored_date": "2026-11-18T12:00:00.000+02:00"}]))
        }
        "/projects/3/issues" => ok(json!([{"id": 77, "iid": 5, "title": "Shop down", "state": "closed",
            "created_at": "2026-11-20T10:30:00Z", "closed_at": "2026-11-20T11:30:00Z"}])),
        _ => refused("404 Not Found", "404 Not Found"),
    }
}

fn replay(other: impl Fn(&Question<'_>) -> Option<Said> + Send + Sync + 'static) -> HttpReplay {
    HttpReplay::start(move |q| {
        if !q.head.contains("private-token: canary-token") {
            return refused("401 Unauthorized", "401 Unauthorized");
        }
        other(q).unwrap_or_else(|| documented(q))
    })
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
    assert_eq!(setting(&scope, key::CHANGE_CHECKS_BIND_PUSHES), Some(Known::Bool(false)));
    assert_eq!(setting(&scope, key::CHANGE_BY_REQUEST), Some(Known::Bool(true)));
    assert_eq!(setting(&scope, key::CHANGE_GREEN_SHARE), Some(Known::Number(0.5)));
    assert_eq!(setting(&scope, key::CHANGE_PIPELINE_MINUTES), Some(Known::Number(6.0)));
    assert_eq!(setting(&scope, key::CODE_OWNERS_FILE), Some(Known::Bool(true)));
    assert_eq!(setting(&scope, key::CHANGE_APPROVALS), Some(Known::Number(3.0)));
    assert!(gitlab.test().await.iter().all(|p| p.granted == Some(true)), "{:?}", gitlab.test().await);
    assert!(gitlab.estimate().await.calls > 50 && gitlab.cost().calls > 10);
}

#[tokio::test]
async fn every_page_is_read_and_none_at_another_host() {
    let elsewhere = HttpReplay::start(|_| ok("[]"));
    let foreign = elsewhere.url();
    let replay = replay(move |q| {
        let page: u32 = q.asked("page").map_or(1, |p| p.parse().expect("a number"));
        let own = format!("http://{}{}?page={}", q.host(), q.path(), page + 1);
        let next = if page == 2 { format!("{foreign}/api/v4/projects/3/deployments?page=3") } else { own };
        let link = format!("link: <{next}>; rel=\"next\"\r\n");
        q.path().ends_with("/deployments").then(|| ("200 OK", link, json!([deployment(page)]).to_string()))
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
        () if q.path().ends_with("/issues") && count.fetch_add(1, Ordering::Relaxed) == 0 => Some((
            "429 Too Many Requests",
            "retry-after: 1\r\nratelimit-remaining: 0\r\n".to_owned(),
            "Retry later".to_owned(),
        )),
        () if q.path().ends_with("/merge_requests") => {
            let headers = "ratelimit-reset: 1795375000\r\ndate: Sun, 22 Nov 2026 18:22:38 GMT\r\n".to_owned();
            Some(("429 Too Many Requests", headers, "Retry later".to_owned()))
        }
        () => None,
    });
    let gitlab = open(&replay).await;
    let begun = Instant::now();
    assert_eq!(read(&gitlab, "incidents").await.gaps, []);
    assert!(begun.elapsed() >= Duration::from_millis(900), "waited as long as it said");
    let scope = read(&gitlab, "change_requests").await;
    assert!(
        scope.gaps[0].reason == GapReason::RateLimited && scope.gaps[0].detail.contains("55 min"),
        "{:?}",
        scope.gaps
    );
}

#[tokio::test]
async fn what_may_not_be_read_is_unknown_and_not_absent() {
    let replay = replay(|q| match () {
        () if q.path().ends_with("/protected_branches") => Some(refused("403 Forbidden", "403 Forbidden")),
        () if q.path().ends_with("/repository/tree") => Some(refused("404 Not Found", "404 Tree Not Found")),
        () => None,
    });
    let gitlab = open(&replay).await;
    let scope = read(&gitlab, "repository").await;
    assert_eq!((setting(&scope, key::CHANGE_BY_REQUEST), setting(&scope, key::CODE_OWNERS_FILE)), (None, None));
    let denied =
        |role: &str| scope.gaps.iter().any(|g| g.reason == GapReason::PermissionDenied && g.closes.contains(role));
    assert!(denied("Developer") && denied("Reporter"), "{:?}", scope.gaps);
    let config = [("repositories", "acme/secret")];
    let hidden = open_with(&replay.url(), &config, TOKEN).await.expect("a connection");
    let scope = read(&hidden, "deployments").await;
    assert_eq!((scope.status, scope.gaps[0].reason), (ScopeStatus::Failed, GapReason::PermissionDenied));
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
    check("/approvals", || ok(json!({"disable_overriding_approvers_per_merge_request": false}))).await;
}

#[tokio::test]
async fn a_tier_without_figures_of_its_own_is_asked_once_and_leaves_no_gap() {
    let replay = replay(|q| q.path().ends_with("/dora/metrics").then(|| refused("403 Forbidden", "403 Forbidden")));
    let scope = read(&open(&replay).await, "deployments").await;
    assert_eq!((all::<Deployment>(&scope).len(), scope.gaps.len()), (1, 0), "{:?}", scope.gaps);
    assert_eq!(setting(&scope, key::DELIVERY_TOLD_PER_WEEK), None);
    assert_eq!(replay.log().iter().filter(|asked| asked.contains("/dora/metrics")).count(), 1);
}

#[tokio::test]
async fn a_moved_project_is_followed_and_stays_the_same_thing() {
    let replay = replay(|q| {
        let location = format!("location: http://{}/api/v4/projects/acme%2Fplatform%2Fshop\r\n", q.host());
        (q.path() == "/api/v4/projects/acme%2Fold").then(|| ("301 Moved Permanently", location, String::new()))
    });
    let gitlab = open_with(&replay.url(), &[("repositories", "acme/old")], TOKEN).await.expect("a connection");
    let scope = read(&gitlab, "repository").await;
    let (subject, edge) = all::<Edge>(&scope).remove(0);
    assert_eq!(subject, "repository:127.0.0.1/acme/platform/shop");
    assert_eq!((edge.relation, edge.to.as_str()), (Relation::SameAs, "repository:127.0.0.1/acme/old"));
}

#[tokio::test]
async fn a_token_that_ends_and_answers_that_are_none() {
    let count = AtomicU32::new(0);
    let ending = HttpReplay::start(move |q| {
        if count.fetch_add(1, Ordering::Relaxed) < 2 {
            documented(q)
        } else {
            refused("401 Unauthorized", "401 Unauthorized")
        }
    });
    let scope = read(&open(&ending).await, "repository").await;
    assert!(scope.gaps[0].detail.contains("refused now (401)"), "{:?}", scope.gaps);
    assert_eq!(ending.log().len(), 3, "what was refused once is not asked again");

    let replay = replay(|q| q.path().ends_with("/deployments").then(|| ok("{\"not\": \"a list\"}")));
    let scope = read(&open(&replay).await, "deployments").await;
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::ParseError), "{:?}", scope.gaps);
    let check = async |config: &[(&str, &str)], token: &str, code: &str| {
        let refused = open_with(&replay.url(), config, token).await.map(|_| ()).expect_err(code);
        assert_eq!(refused.code(), code, "{refused}");
        assert!(!refused.to_string().contains("canary"), "{refused}");
    };
    check(&[("repositories", "acme/shop")], "canary-wrong", "authentication_failed").await;
    check(&[("repositories", "acme//shop")], TOKEN, "invalid_config").await;
}
