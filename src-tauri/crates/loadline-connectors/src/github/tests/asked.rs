//! What is asked of GitHub, held against its published description.

use super::*;

/// Everything that an account may be set to have read.
const ALL: [(&str, &str); 5] = [
    ("repositories", "octocat/Hello-World"),
    ("incident_label", "bug"),
    ("environments", "production"),
    ("deploy_workflow", "deploy.yml"),
    ("release_environment", "production"),
];

#[tokio::test]
async fn every_call_is_described_and_asks_for_what_the_description_has() {
    let replay = replay(|q| {
        let owners = json!([{"type": "file", "name": "CODEOWNERS", "path": ".github/CODEOWNERS"}]);
        match () {
            () if q.path().ends_with("/contents/.github") => Some(ok(owners)),
            () if q.path().ends_with("/deploy.yml/runs") => {
                let mut runs = published("/repos/{owner}/{repo}/actions/runs");
                runs["workflow_runs"][0]["run_attempt"] = json!(2);
                Some(ok(runs))
            }
            () if q.path().contains("/attempts/") => {
                Some(ok(published("/repos/{owner}/{repo}/actions/runs")["workflow_runs"][0].clone()))
            }
            () => protected(q),
        }
    });
    let github = open_with(&replay.url(), &ALL, TOKEN).await.expect("a connection");
    // The days of the examples.
    for (topic, day) in [
        ("repository", "2020-02-01"),
        ("deployments", "2012-08-01"),
        ("change_requests", "2011-02-01"),
        ("incidents", "2011-05-01"),
    ] {
        assert_eq!(read(&github, topic, day).await.gaps, [], "{topic}");
    }
    github.test().await;
    github.estimate().await;
    let asked = replay.log();
    let paths: Vec<&str> =
        asked.iter().filter_map(|t| DESCRIBED.path(t.split('?').next().unwrap_or_default())).collect();
    let objections: Vec<String> =
        asked.iter().filter(|t| *t != "/graphql").filter_map(|t| DESCRIBED.objection(t)).collect();
    assert_eq!(objections, Vec::<String>::new());
    for call in calls::CALLS.all {
        // The description has names of its own for what is asked of.
        let words = call.path.replace("{repo}", "{owner}/{repo}").replace("{of}", "*");
        let same = |path: &&str| {
            path.split('/').count() == words.split('/').count()
                && path.split('/').zip(words.split('/')).all(|(p, w)| p == w || w == "*" && p.starts_with('{'))
        };
        assert!(paths.iter().any(same), "{words} was never asked");
    }
}

#[tokio::test]
async fn a_question_of_other_words_is_refused() {
    let replay = replay(|_| None);
    let github = open(&replay).await;
    let check = async |query: &[(&str, &str)], says: &str| {
        let refused = github.door.get("/repos/octocat/Hello-World/pulls", query).await.expect_err(says);
        assert!(refused.to_string().contains(says), "{refused}");
    };
    check(&[("until", "2026-11-01T00:00:00Z")], "no parameter until").await;
    check(&[("state", "merged")], "and not merged").await;
}

#[tokio::test]
async fn pages_without_end_end() {
    let replay = replay(|q| {
        let page: u32 = q.asked("page").map_or(1, |p| p.parse().expect("a number"));
        let link = format!("link: <http://{}{}?page={}>; rel=\"next\"\r\n", q.host(), q.path(), page + 1);
        q.path()
            .ends_with("/pulls")
            .then(|| ("200 OK", link, json!([{"updated_at": "2026-11-20T10:00:00Z"}]).to_string()))
    });
    let scope = read(&open(&replay).await, "change_requests", "2026-11-22").await;
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::LimitReached), "{:?}", scope.gaps);
    assert!(replay.log().len() < 60, "{}", replay.log().len());
}
