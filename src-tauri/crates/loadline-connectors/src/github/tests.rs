//! Against the examples of GitHub's published OpenAPI description (`published.json` names source and version), and against
//! what the documentation says of pages, limits, renaming and tokens. Never run on the live service.

mod asked;

use super::*;
use crate::testing::{
    HttpReplay, Published, Question, Said, account, install_crypto, judged, last_days, ok, real_now, refused,
};
use crate::{Progress, ScopePlan, Window};
use loadline_model::{
    ActorKind, ChangeRequest, Deployment, DeploymentStatus, Edge, FactBody, GapReason, Incident, Kind, Relation,
    Resource, Scope, ScopeStatus, Setting, Timestamp, Value as Known, key,
};
use serde_json::json;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;
use tokio_util::sync::CancellationToken;

const TOKEN: &str = "canary-token";
const OLD: &str = "2026-11-01T10:00:00Z";

fn window(now: &str) -> Window {
    let now = Timestamp::parse(now).expect("a time");
    Window { from: now.plus_days(-90), until: now, now, cancel: CancellationToken::new() }
}

pub(super) async fn open_with(url: &str, config: &[(&str, &str)], token: &str) -> Result<GitHub, ConnectError> {
    install_crypto();
    let config: Vec<(&str, &str)> = [("endpoint_url", url)].iter().chain(config).copied().collect();
    let limits = Limits {
        idle: Duration::from_secs(2),
        total: Duration::from_secs(3),
        patience: Duration::from_secs(5),
        ..Limits::default()
    };
    GitHub::connect(account("github", &config), Some(Secret::new(token)), limits).await
}

async fn open(replay: &HttpReplay) -> GitHub {
    let config = [("repositories", "octocat/Hello-World"), ("incident_label", "bug")];
    open_with(&replay.url(), &config, TOKEN).await.expect("a connection")
}

pub(super) async fn read(github: &GitHub, topic: &str, now: &str) -> Scope {
    let path = &github.names.repositories[0].path;
    github.read(&ScopePlan::new(format!("{topic}/{path}"), ""), &window(now), &Progress::silent()).await
}

pub(super) fn all<T: FactBody + Clone>(scope: &Scope) -> Vec<(String, T)> {
    scope.facts.iter().filter_map(|f| Some((f.subject.to_string(), T::of(&f.body)?.clone()))).collect()
}

fn settings(scope: &Scope) -> Vec<(String, Known)> {
    let named = |s: Setting| s.item.map_or(s.key.clone(), |item| format!("{} {item}", s.key));
    all::<Setting>(scope).into_iter().map(|(_, s)| (named(s.clone()), s.value)).collect()
}

static DESCRIBED: LazyLock<Published> = LazyLock::new(|| Published::of(include_str!("published.json")));

/// The published example of an operation that reads.
pub(super) fn published(operation: &str) -> Value {
    example_of(&format!("GET {operation}"))
}

/// The published example of an operation.
pub(super) fn example_of(operation: &str) -> Value {
    let file: Value = serde_json::from_str(include_str!("published.json")).expect("a file");
    file["examples"][operation].clone()
}

/// The refusal of a path of the description that was asked by words that it does not have.
fn objection(q: &Question<'_>) -> Option<Said> {
    DESCRIBED.path(q.path())?;
    DESCRIBED.objection(q.target).map(|objection| refused("400 Bad Request", &objection))
}

/// The published answer to a question.
pub(super) fn example(q: &Question<'_>) -> Said {
    if let Some(objection) = objection(q) {
        return objection;
    }
    const REPO: &str = "/repos/{owner}/{repo}";
    let path = q.path();
    let of = |rest: &str| published(&format!("{REPO}{rest}"));
    let Some(rest) = path.strip_prefix("/repos/octocat/Hello-World") else {
        return if path == "/rate_limit" { ok(published(path)) } else { refused("404 Not Found", "Not Found") };
    };
    match rest {
        "" => ok(of("")),
        "/deployments" => ok(of("/deployments")),
        "/actions/runs" => ok(of("/actions/runs")),
        "/pulls" => ok(of("/pulls")),
        "/branches/master" => ok(of("/branches/{branch}")),
        "/branches/master/protection" => ok(of("/branches/{branch}/protection")),
        "/rules/branches/master" => ok(of("/rules/branches/{branch}")),
        "/codeowners/errors" => ok(of("/codeowners/errors")),
        "/environments" => ok(of("/environments")),
        "/issues" => ok(of("/issues")),
        "/releases" => ok(json!([{"id": 1, "tag_name": "v1.0.0", "draft": false, "prerelease": false,
            "published_at": "2013-02-27T19:35:32Z", "author": {"login": "octocat", "type": "User"}}])),
        _ if rest.ends_with("/statuses") => ok(of("/deployments/{deployment_id}/statuses")),
        _ if rest.ends_with("/commits") => ok(of("/pulls/{pull_number}/commits")),
        _ if rest.starts_with("/contents/") => ok(of("/contents/{path}")),
        _ => refused("404 Not Found", "Not Found"),
    }
}

/// The published answers, but for what `other` answers.
fn replay(other: impl Fn(&Question<'_>) -> Option<Said> + Send + Sync + 'static) -> HttpReplay {
    HttpReplay::start(move |q| {
        if !q.head.contains("authorization: Bearer canary-token") {
            return refused("401 Unauthorized", "Bad credentials");
        }
        objection(q).or_else(|| other(q)).unwrap_or_else(|| example(q))
    })
}

/// A deployment of the published form with another number and time.
fn deployment(id: u32, created_at: &str) -> Value {
    let mut row = published("/repos/{owner}/{repo}/deployments")[0].clone();
    row["id"] = json!(id);
    row["created_at"] = json!(created_at);
    row
}

#[tokio::test]
async fn published_deployments_and_changes_become_facts() {
    let replay = replay(|_| None);
    let github = open(&replay).await;
    let scope = read(&github, "deployments", "2012-08-01").await;
    assert_eq!((scope.status, scope.gaps.len()), (ScopeStatus::Complete, 0), "{:?}", scope.gaps);
    let [(subject, one)] = all::<Deployment>(&scope).try_into().expect("one");
    assert_eq!((subject.as_str(), one.id.as_str()), ("service:Hello-World", "127.0.0.1/deployments/1"));
    assert_eq!((one.environment.as_str(), one.status), ("production", DeploymentStatus::Succeeded));
    assert_eq!(one.revision, "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d");
    assert_eq!((one.actor_kind, one.actor.as_deref()), (ActorKind::Person, Some("octocat")));
    assert!(one.finished_at.is_some() && one.strategy.is_none());
    let [(from, edge)] = all::<Edge>(&scope).try_into().expect("one");
    assert_eq!((from.as_str(), edge.to.as_str()), ("service:Hello-World", "repository:127.0.0.1/octocat/hello-world"));
    assert_eq!(edge.relation, Relation::BuiltFrom);
    assert_eq!(all::<Resource>(&scope)[0].1.kind, Kind::Service);

    let scope = read(&github, "change_requests", "2011-02-01").await;
    let [(subject, change)] = all::<ChangeRequest>(&scope).try_into().expect("one");
    assert_eq!(subject, "repository:127.0.0.1/octocat/hello-world");
    assert_eq!(change.revision.as_deref(), Some("e5bd3914e2e596debea16f433f57875b5b90bcd6"));
    assert_eq!(change.committed_at, Timestamp::parse("2011-04-14T16:00:49Z"));
    assert!(change.merged_at.is_some());
    assert!(
        all::<Incident>(&read(&github, "incidents", "2011-05-01").await).is_empty(),
        "the example is a pull request"
    );
    // Nothing new leaves the service where it is.
    let later = read(&github, "deployments", "2026-11-22").await;
    assert_eq!((all::<Deployment>(&later).len(), all::<Resource>(&later).len()), (0, 1));
    assert_eq!(later.status, ScopeStatus::Complete);
}

/// The published branch, protected: the example is one that is not.
fn protected(q: &Question<'_>) -> Option<Said> {
    let mut branch = published("/repos/{owner}/{repo}/branches/{branch}");
    branch["protected"] = json!(true);
    q.path().ends_with("/branches/master").then(|| ok(branch)).filter(|_| !q.path().contains("/rules/"))
}

#[tokio::test]
async fn published_protection_and_reviewers_become_settings() {
    let replay = replay(protected);
    let scope = read(&open(&replay).await, "repository", "2020-02-01").await;
    assert_eq!(scope.gaps, []);
    let expected = [
        (key::CHANGE_CHECKS.to_owned(), Known::Number(1.0)),
        (format!("{} continuous-integration/travis-ci", key::CHANGE_CHECKS), Known::Number(1.0)),
        (key::CHANGE_APPROVALS.to_owned(), Known::Number(2.0)),
        (key::CHANGE_BY_REQUEST.to_owned(), Known::Bool(true)),
        (key::CHANGE_CHECKS_BIND_PUSHES.to_owned(), Known::Bool(true)),
        (key::CHANGE_BINDS_ADMINISTRATORS.to_owned(), Known::Bool(true)),
        (key::CODE_OWNERS_FILE.to_owned(), Known::Bool(false)),
        (format!("{} staging", key::CHANGE_GATEKEEPERS), Known::Number(2.0)),
    ];
    assert_eq!(settings(&scope), expected);
    let [(subject, repository)] = all::<Resource>(&scope).try_into().expect("one");
    assert_eq!((subject.as_str(), repository.kind), ("repository:127.0.0.1/octocat/hello-world", Kind::Repository));
}

#[tokio::test]
async fn runs_owners_and_rulesets_are_read_where_they_are() {
    let replay = replay(|q| {
        let path = q.path();
        let run = |id: u32, sha: &str, conclusion: &str| {
            json!({"id": id, "workflow_id": 1, "head_sha": sha, "status": "completed", "conclusion": conclusion,
                "run_started_at": "2026-11-20T10:00:00Z", "updated_at": "2026-11-20T10:08:00Z"})
        };
        let check =
            json!([{"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "ci"}]}}]);
        match () {
            () if path.ends_with("/actions/runs") => Some(ok(
                json!({"workflow_runs": [run(1, "a", "success"), run(2, "b", "failure"), run(3, "c", "cancelled")]}),
            )),
            () if path.ends_with("/contents/.github") => Some(ok(json!([{"type": "file", "name": "CODEOWNERS"}]))),
            () if path.contains("/rules/") => Some(ok(check)),
            () if path.ends_with("/branches/master") => Some(ok(json!({"name": "master", "protected": false}))),
            () => None,
        }
    });
    let scope = read(&open(&replay).await, "repository", "2026-11-22").await;
    let found = settings(&scope);
    let value = |key: &str| found.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    assert_eq!(value(key::CHANGE_GREEN_SHARE), Some(Known::Number(0.5)));
    assert_eq!(value(key::CHANGE_REVISIONS), Some(Known::Number(2.0)), "one was called off");
    assert_eq!(value(&format!("{} ci", key::CHANGE_CHECKS)), Some(Known::Number(1.0)));
    assert_eq!(value(key::CHANGE_BINDS_ADMINISTRATORS), None, "nobody shows who may bypass a ruleset");
    assert_eq!(value(key::CHANGE_PIPELINE_MINUTES), Some(Known::Number(8.0)));
    assert_eq!(value(key::CODE_OWNERS_FILE), Some(Known::Bool(true)));
    assert_eq!(value(key::CODE_OWNERS_ERRORS), Some(Known::Number(2.0)));
    assert_eq!(
        (value(key::CHANGE_CHECKS), value(key::CHANGE_APPROVALS)),
        (Some(Known::Number(1.0)), Some(Known::Number(0.0)))
    );
    assert!(replay.log().iter().all(|q| !q.contains("/protection")), "what is not protected is not asked for");
}

#[tokio::test]
async fn every_page_is_read_until_what_is_older_than_asked() {
    let replay = replay(|q| {
        if !q.path().ends_with("/deployments") {
            return None;
        }
        let page: u32 = q.asked("page").map_or(1, |p| p.parse().expect("a number"));
        let next = format!("http://{}{}?per_page=100&page={}", q.host(), q.path(), page + 1);
        let link = format!("link: <{next}>; rel=\"next\", <{next}9>; rel=\"last\"\r\n");
        let day = 21 - page;
        let rows = json!([deployment(page, &format!("2026-11-{day:02}T10:00:00Z")), deployment(100 + page, OLD)]);
        let rows = if page < 3 { json!([rows[0]]) } else { rows };
        Some(("200 OK", link, rows.to_string()))
    });
    let github = open(&replay).await;
    let config = [("repositories", "octocat/Hello-World"), ("history_days", "7")];
    let short = open_with(&replay.url(), &config, TOKEN).await.expect("a connection");
    let scope = read(&short, "deployments", "2026-11-22").await;
    assert_eq!(all::<Deployment>(&scope).len(), 3, "{:?}", scope.gaps);
    assert!(!replay.log().iter().any(|q| q.contains("page=4")), "the third page ends with what is older");
    assert_eq!(scope.status, ScopeStatus::Complete);
    assert_eq!(github.cost().connections, 1);
}

#[tokio::test]
async fn releases_are_deployments_only_where_the_account_says_so() {
    let replay = replay(|q| q.path().ends_with("/deployments").then(|| ok("[]")));
    let check = async |more: &[(&str, &str)], expected: &[&str]| {
        let config: Vec<(&str, &str)> = [("repositories", "octocat/Hello-World")].iter().chain(more).copied().collect();
        let github = open_with(&replay.url(), &config, TOKEN).await.expect("a connection");
        let scope = read(&github, "deployments", "2013-03-01").await;
        let found = all::<Deployment>(&scope);
        assert_eq!(found.iter().map(|(_, d)| d.id.as_str()).collect::<Vec<_>>(), expected, "{:?}", scope.gaps);
    };
    check(&[], &[]).await;
    check(&[("release_environment", "production")], &["127.0.0.1/releases/1"]).await;
}

#[tokio::test]
async fn the_token_goes_to_no_other_host() {
    let elsewhere = Arc::new(HttpReplay::start(|_| ok("[]")));
    let (link, redirect) = (elsewhere.url(), elsewhere.url());
    let replay = replay(move |q| match () {
        () if q.path().ends_with("/deployments") => {
            let link = format!("link: <{link}/repos/octocat/Hello-World/deployments?page=2>; rel=\"next\"\r\n");
            Some(("200 OK", link, json!([deployment(1, "2026-11-20T10:00:00Z")]).to_string()))
        }
        () if q.path().ends_with("/pulls") => {
            Some(("302 Found", format!("location: {redirect}/pulls\r\n"), String::new()))
        }
        () => None,
    });
    let github = open(&replay).await;
    let scope = read(&github, "deployments", "2026-11-22").await;
    assert_eq!(all::<Deployment>(&scope).len(), 1, "what was read before is kept");
    assert!(scope.gaps.iter().any(|g| g.detail.contains("another host")), "{:?}", scope.gaps);
    let scope = read(&github, "change_requests", "2026-11-22").await;
    assert!(scope.gaps.iter().any(|g| g.detail.contains("redirected to another host")), "{:?}", scope.gaps);
    assert_eq!(elsewhere.log(), Vec::<String>::new());
}

#[tokio::test]
async fn a_spent_hour_is_a_gap_and_nothing_more_is_asked() {
    let replay = replay(|q| {
        let headers =
            "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1795375000\r\ndate: Sun, 22 Nov 2026 18:22:38 GMT\r\n";
        let body = json!({"message": "API rate limit exceeded for user ID 1."}).to_string();
        match () {
            () if q.path().ends_with("/statuses") => Some(("403 Forbidden", headers.to_owned(), body)),
            () if q.path().ends_with("/deployments") => {
                Some(ok(json!([deployment(2, "2026-11-21T10:00:00Z"), deployment(1, "2026-11-20T10:00:00Z")])))
            }
            () => None,
        }
    });
    let scope = read(&open(&replay).await, "deployments", "2026-11-22").await;
    let gap = scope.gaps.iter().find(|g| g.reason == GapReason::RateLimited).expect("a gap");
    assert!(gap.detail.contains("asks to wait 55 min"), "{gap:?}");
    assert_eq!(gap.subject.as_ref().map(|s| s.as_str()), Some("service:Hello-World"));
    assert_eq!(replay.log().iter().filter(|q| q.contains("/statuses")).count(), 1);
    assert_eq!(all::<Deployment>(&scope), [], "a deployment of unknown outcome is not told");
}

#[tokio::test]
async fn a_secondary_limit_is_waited_for() {
    let count = AtomicU32::new(0);
    let replay = replay(move |q| {
        let first = q.path().ends_with("/pulls") && count.fetch_add(1, Ordering::Relaxed) == 0;
        let body = json!({"message": "You have exceeded a secondary rate limit."}).to_string();
        first.then(|| ("403 Forbidden", "retry-after: 1\r\n".to_owned(), body))
    });
    let begun = Instant::now();
    let scope = read(&open(&replay).await, "change_requests", "2011-02-01").await;
    assert!(begun.elapsed() >= Duration::from_millis(900), "waited as long as it said");
    assert_eq!((all::<ChangeRequest>(&scope).len(), scope.gaps.len()), (1, 0), "{:?}", scope.gaps);
}

#[tokio::test]
async fn what_may_not_be_read_is_unknown_and_not_absent() {
    let replay = replay(|q| match () {
        () if q.path().ends_with("/protection") => Some(refused("404 Not Found", "Not Found")),
        () if q.path().contains("/contents/") => {
            Some(refused("403 Forbidden", "Resource not accessible by personal access token"))
        }
        () if q.path().ends_with("/deployments") => Some(refused("404 Not Found", "Not Found")),
        () => protected(q),
    });
    let github = open(&replay).await;
    let scope = read(&github, "repository", "2020-02-01").await;
    let keys: Vec<String> = settings(&scope).into_iter().map(|(k, _)| k).collect();
    assert_eq!(keys, [format!("{} staging", key::CHANGE_GATEKEEPERS)], "{:?}", scope.gaps);
    let denied =
        |right: &str| scope.gaps.iter().any(|g| g.reason == GapReason::PermissionDenied && g.closes.contains(right));
    assert!(denied("`Administration: read`") && denied("`Contents: read`"), "{:?}", scope.gaps);
    assert_eq!(scope.status, ScopeStatus::Partial);
    let scope = read(&github, "deployments", "2012-08-01").await;
    assert!(scope.gaps[0].closes.contains("`Deployments: read`"), "{:?}", scope.gaps);
    assert_eq!(scope.status, ScopeStatus::Failed);
    let missing = github.test().await.into_iter().find(|p| p.name.contains("/deployments)")).expect("listed");
    assert!(missing.granted == Some(false) && missing.closes.contains("Deployments: read"), "{missing:?}");
    // A repository that is hidden as a whole.
    let config = [("repositories", "octocat/secret")];
    let hidden = open_with(&replay.url(), &config, TOKEN).await.expect("a connection");
    let scope = read(&hidden, "deployments", "2012-08-01").await;
    assert_eq!((scope.status, scope.gaps[0].reason), (ScopeStatus::Failed, GapReason::PermissionDenied));
}

#[tokio::test]
async fn a_renamed_repository_is_followed_and_stays_the_same_thing() {
    let replay = replay(|q| match q.path() {
        "/repos/octocat/Old" => {
            let location = format!("location: http://{}/repositories/1296269\r\n", q.host());
            Some(("301 Moved Permanently", location, json!({"message": "Moved Permanently"}).to_string()))
        }
        "/repositories/1296269" => Some(ok(published("/repos/{owner}/{repo}"))),
        _ => None,
    });
    let github = open_with(&replay.url(), &[("repositories", "octocat/Old")], TOKEN).await.expect("a connection");
    let scope = read(&github, "repository", "2020-02-01").await;
    let same: Vec<(String, Edge)> = all::<Edge>(&scope);
    assert_eq!(
        (same[0].0.as_str(), same[0].1.to.as_str()),
        ("repository:127.0.0.1/octocat/hello-world", "repository:127.0.0.1/octocat/old")
    );
    assert_eq!(same[0].1.relation, Relation::SameAs);
    let scope = read(&github, "deployments", "2012-08-01").await;
    assert_eq!(all::<Deployment>(&scope)[0].0, "service:Hello-World");
    assert!(all::<Edge>(&scope).iter().any(|(_, e)| e.relation == Relation::SameAs && e.to.as_str() == "service:Old"));
    assert!(replay.log().iter().any(|q| q.starts_with("/repos/octocat/Hello-World/deployments")));
    let said = github.test().await.into_iter().find(|p| p.name == "octocat/Old").expect("listed");
    assert!(said.detail.contains("called octocat/Hello-World now"), "{said:?}");
}

#[tokio::test]
async fn a_token_that_ends_is_said_to_have_ended() {
    let count = AtomicU32::new(0);
    let replay = HttpReplay::start(move |q| {
        if count.fetch_add(1, Ordering::Relaxed) < 3 {
            example(q)
        } else {
            refused("401 Unauthorized", "Bad credentials")
        }
    });
    let scope = read(&open(&replay).await, "repository", "2020-02-01").await;
    let gap = scope.gaps.first().expect("a gap");
    assert!(gap.detail.contains("app's installation") && gap.closes.contains("fresh token"), "{gap:?}");
    assert_eq!(replay.log().len(), 4, "what was refused once is not asked again");
    assert!(settings(&scope).is_empty());
}

#[tokio::test]
async fn answers_that_are_none_are_gaps() {
    let replay = replay(|q| match () {
        () if q.path().ends_with("/pulls") => Some(ok("[{")),
        () if q.path().ends_with("/issues") => Some(ok(r#"{"message": "a list was expected"}"#)),
        () if q.path().ends_with("/deployments") => Some(ok(json!([{"id": "1"}, null, 7]))),
        () => None,
    });
    let github = open(&replay).await;
    for (topic, reason) in [("change_requests", GapReason::ParseError), ("incidents", GapReason::ParseError)] {
        let scope = read(&github, topic, "2026-11-22").await;
        assert_eq!((scope.gaps.len(), scope.gaps[0].reason, scope.facts.len()), (1, reason, 0), "{topic}");
    }
    assert!(all::<Deployment>(&read(&github, "deployments", "2026-11-22").await).is_empty());
}

#[tokio::test]
async fn wrong_tokens_and_words_are_refused_without_saying_them() {
    let replay = replay(|_| None);
    let check = async |config: &[(&str, &str)], token: &str, code: &str| {
        let refused = open_with(&replay.url(), config, token).await.map(|_| ()).expect_err(code);
        assert_eq!(refused.code(), code, "{refused}");
        assert!(!refused.to_string().contains("canary"), "{refused}");
    };
    check(&[("repositories", "octocat/Hello-World")], "canary-wrong", "authentication_failed").await;
    check(&[("repositories", "octocat")], TOKEN, "invalid_config").await;
    check(&[("repositories", "a/b"), ("endpoint_url", "http://127.0.0.1:1")], TOKEN, "unreachable").await;
    let github = open(&replay).await;
    assert_eq!(github.scopes().await.map(|s| s.len()), Ok(4));
    assert!(github.scopes().await.expect("scopes").iter().filter(|s| s.remembers).count() == 3);
    assert!(github.estimate().await.calls > 100);
    assert!(
        github.test().await.iter().all(|p| p.granted == Some(true) || p.name.contains("branches")),
        "{:?}",
        github.test().await
    );
}

#[tokio::test]
async fn a_stop_ends_it_at_once() {
    let replay = replay(|q| {
        if q.path().ends_with("/pulls") {
            std::thread::sleep(Duration::from_secs(5));
        }
        None
    });
    let github = open(&replay).await;
    let window = window("2011-02-01");
    let cancel = window.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cancel.cancel();
    });
    let begun = Instant::now();
    let plan = ScopePlan::new("change_requests/octocat/Hello-World", "");
    let scope = github.read(&plan, &window, &Progress::silent()).await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled));
}

/// Twenty-five deployments by an app, one every third day until yesterday, of six minutes each; statuses as told.
fn shipped(refuses: bool) -> HttpReplay {
    let begun = |id: i64| real_now().plus_days(-3 * id).plus_hours(26);
    replay(move |q| {
        let rest = q.path().strip_prefix("/repos/octocat/Hello-World/deployments")?;
        let Some(id) = rest.trim_start_matches('/').strip_suffix("/statuses") else {
            let row = |id: i64| {
                let mut row = deployment(id as u32, &begun(id).to_string());
                row["performed_via_github_app"] = json!({"slug": "github-actions"});
                row
            };
            return Some(ok(Value::from((1..26).map(row).collect::<Vec<Value>>())));
        };
        if refuses {
            return Some(refused("403 Forbidden", "Resource not accessible by personal access token"));
        }
        let begun = begun(id.parse().expect("a number"));
        let status = |id: i64, state: &str, minute: i64| json!({"id": id, "state": state, "created_at": Timestamp(begun.0 + minute * 60_000).to_string()});
        Some(ok(json!([status(3, "inactive", 900), status(2, "success", 7), status(1, "in_progress", 1)])))
    })
}

#[tokio::test]
async fn the_rules_judge_what_was_read_and_nothing_that_was_refused() {
    let check = async |refuses: bool, expected: &[(&str, &str)]| {
        let replay = shipped(refuses);
        let github = open(&replay).await;
        let plan = ScopePlan::new("deployments/octocat/Hello-World", "");
        let scope = github.read(&plan, &last_days(90), &Progress::silent()).await;
        for (rule, word) in expected {
            let checks = judged(rule, std::slice::from_ref(&scope), Vec::new());
            let found = checks.iter().find(|c| c.subject.id.as_str() == "service:Hello-World").expect("judged");
            assert_eq!(found.result.outcome.word(), *word, "{rule}: {}", found.result.sentence);
        }
    };
    check(false, &[("DEL-002", "pass"), ("DEL-003", "pass"), ("DEL-004", "pass"), ("DEL-006", "pass")]).await;
    check(true, &[("DEL-002", "unknown"), ("DEL-003", "unknown"), ("DEL-004", "unknown"), ("DEL-006", "unknown")])
        .await;
}
