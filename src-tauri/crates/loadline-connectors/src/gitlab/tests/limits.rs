//! What GitLab says instead of an answer, or before the rest of it: pages, limits, refusals, moved projects, tokens that end.

use super::*;
use std::time::Instant;

#[tokio::test]
async fn every_page_is_read_and_none_at_another_host() {
    let elsewhere = HttpReplay::start(|_| ok("[]"));
    let foreign = elsewhere.url();
    let replay = replay(move |q| {
        let page: u32 = q.asked("page").map_or(1, |p| p.parse().expect("a number"));
        let own = format!("http://{}{}?page={}", q.host(), q.path(), page + 1);
        let next = if page == 2 { format!("{foreign}/api/v4/projects/3/deployments?page=3") } else { own };
        let link = format!("link: <{next}>; rel=\"next\"\r\n");
        q.path()
            .ends_with("/deployments")
            .then(|| ("200 OK", link, described("/projects/{id}/deployments", json!([deployment(page)])).2))
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
async fn a_moved_project_is_followed_and_stays_the_same_thing() {
    let replay = replay(|q| {
        let rest = q.target.strip_prefix("/api/v4/projects/acme%2Fold")?;
        // Under its number, whatever of it was asked for.
        let location = format!("location: http://{}/api/v4/projects/3{rest}\r\n", q.host());
        Some(("301 Moved Permanently", location, String::new()))
    });
    let gitlab = open_with(&replay.url(), &[("repositories", "acme/old")], TOKEN).await.expect("a connection");
    let scope = read(&gitlab, "repository").await;
    let (subject, edge) = all::<Edge>(&scope).remove(0);
    assert_eq!(subject, "repository:127.0.0.1/acme/platform/shop");
    assert_eq!((edge.relation, edge.to.as_str()), (Relation::SameAs, "repository:127.0.0.1/acme/old"));
    let scope = read(&gitlab, "deployments").await;
    assert_eq!((all::<Deployment>(&scope)[0].0.as_str(), scope.gaps.len()), ("service:shop", 0), "{:?}", scope.gaps);
    assert!(all::<Edge>(&scope).iter().any(|(_, e)| e.relation == Relation::SameAs && e.to.as_str() == "service:old"));
    let said = gitlab.test().await.into_iter().find(|p| p.name == "acme/old").expect("listed");
    assert!(said.detail.contains("called acme/platform/shop now"), "{said:?}");
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

#[tokio::test]
async fn lists_that_go_on_by_a_key_are_read_too() {
    let replay = replay(|q| {
        let next = |by: &str| format!("link: <http://{}{}?per_page=100&{by}>; rel=\"next\"\r\n", q.host(), q.path());
        let (path, rows, by) = match (q.path().rsplit('/').next()?, q.asked("cursor"), q.asked("page_token")) {
            ("issues", None, _) => ("/projects/{id}/issues", json!([issue(1)]), "cursor=eyJpZCI6IjE3In0"),
            ("issues", Some(_), _) => ("/projects/{id}/issues", json!([issue(2)]), ""),
            ("tree", _, None) if q.asked("path") == Some("") => {
                ("/projects/{id}/repository/tree", json!([{"name": "src"}]), "pagination=keyset&page_token=a1e8f8d7")
            }
            ("tree", _, Some(_)) => {
                ("/projects/{id}/repository/tree", json!([{"name": "CODEOWNERS", "type": "blob"}]), "")
            }
            ("tree", _, None) => return Some(refused("404 Not Found", "404 Tree Not Found")),
            _ => return None,
        };
        let link = if by.is_empty() { String::new() } else { next(by) };
        Some(("200 OK", link, described(path, rows).2))
    });
    let gitlab = open(&replay).await;
    assert_eq!(all::<Incident>(&read(&gitlab, "incidents").await).len(), 2);
    let scope = read(&gitlab, "repository").await;
    assert_eq!(
        (setting(&scope, key::CODE_OWNERS_FILE), scope.gaps.len()),
        (Some(Known::Bool(true)), 0),
        "{:?}",
        scope.gaps
    );
}

#[tokio::test]
async fn a_limit_of_one_path_that_names_no_wait_is_waited_for_a_while() {
    // As GitLab says that one path was asked too often.
    let said = || {
        let body = json!({"message": {"error": "This endpoint has been requested too many times. Try again later."}});
        ("429 Too Many Requests", String::new(), body.to_string())
    };
    let count = AtomicU32::new(0);
    let brief =
        replay(move |q| (q.path().ends_with("/issues") && count.fetch_add(1, Ordering::Relaxed) < 2).then(said));
    let scope = read(&open(&brief).await, "incidents").await;
    assert_eq!((all::<Incident>(&scope).len(), scope.gaps.len()), (1, 0), "{:?}", scope.gaps);
    let lasting = replay(move |q| q.path().ends_with("/merge_requests").then(said));
    let scope = read(&open(&lasting).await, "change_requests").await;
    assert_eq!((scope.status, scope.gaps[0].reason), (ScopeStatus::Failed, GapReason::RateLimited), "{:?}", scope.gaps);
    assert!(all::<ChangeRequest>(&scope).is_empty());
}

/// GitLab says of what a token may not see that it does not exist: no answer means that there is none of it.
#[tokio::test]
async fn what_is_said_not_to_exist_may_be_hidden() {
    let check = async |topic: &str, path: &'static str, unknown: &[&str]| {
        let replay = replay(move |q| q.path().ends_with(path).then(|| refused("404 Not Found", "404 Not Found")));
        let scope = read(&open(&replay).await, topic).await;
        let denied = scope.gaps.iter().filter(|g| g.reason == GapReason::PermissionDenied).count();
        assert!(denied > 0 && scope.status != ScopeStatus::Complete, "{path}: {:?}", scope.gaps);
        for key in unknown {
            assert_eq!(setting(&scope, key), None, "{path}");
        }
        scope
    };
    check("repository", "/protected_branches", &[key::CHANGE_BY_REQUEST]).await;
    check("repository", "/pipelines", &[key::CHANGE_GREEN_SHARE, key::CHANGE_PIPELINE_MINUTES]).await;
    check("repository", "/repository/tree", &[key::CODE_OWNERS_FILE]).await;
    let scope = check("deployments", "/deployments", &[]).await;
    assert!(all::<Deployment>(&scope).is_empty());
    let scope = check("deployments", "/environments", &[]).await;
    assert_eq!(all::<Deployment>(&scope).len(), 1, "they are known without their tiers");
    let scope = check("change_requests", "/merge_requests", &[]).await;
    assert!(all::<ChangeRequest>(&scope).is_empty());
    let scope = check("change_requests", "/commits", &[]).await;
    assert_eq!(all::<ChangeRequest>(&scope)[0].1.committed_at, None);
    let scope = check("incidents", "/issues", &[]).await;
    assert!(all::<Incident>(&scope).is_empty());
}
