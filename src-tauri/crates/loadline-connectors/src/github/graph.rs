//! Merged pull requests in GraphQL: a hundred with their first commits in one answer, where REST takes a call for each. Where
//! GraphQL does not answer (an old server, a token without the right), REST is asked.

use super::{Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, flag, rows, text, time};
use crate::http::{Door, HttpError};
use loadline_model::{ChangeRequest, GapReason};
use serde_json::{Value, json};
use url::Url;

/// Most pages, of a hundred.
const PAGES: usize = 50;

/// The one document that is sent (GitHub documentation, "GraphQL API", objects `Repository` and `PullRequest`).
const MERGED: &str = "query($owner: String!, $name: String!, $branch: String!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(states: MERGED, baseRefName: $branch, first: 100, after: $cursor,
      orderBy: {field: UPDATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes {
        fullDatabaseId createdAt updatedAt mergedAt mergeCommit { oid }
        commits(first: 1) { nodes { commit { authoredDate } } }
      }
    }
  }
}";

/// What was merged into the default branch and changed since the topic's time, newest first; `None` where GraphQL does not tell.
///
/// # Errors
/// [`Cancelled`] when the reader stopped.
pub(super) async fn merged(r: &mut Reading<'_>, known: &Known) -> Result<Option<Vec<ChangeRequest>>, Cancelled> {
    let Some((owner, name)) = known.path.split_once('/') else { return Ok(None) };
    let (mut changes, mut cursor) = (Vec::new(), Value::Null);
    for _ in 0..PAGES {
        let asked = json!({"owner": owner, "name": name, "branch": known.branch, "cursor": cursor});
        let door = r.door;
        let answer = match address(door) {
            Ok(url) => r.visit.wait(calls::GRAPH.reads, door.query(url, MERGED, &asked)).await?,
            Err(error) => Err(error),
        };
        let list = answer.ok().filter(|a| rows(a, "/errors").is_empty());
        let list = list.as_ref().and_then(|a| a.pointer("/data/repository/pullRequests"));
        let Some((list, more)) = list.and_then(|l| Some((l, flag(l, "/pageInfo/hasNextPage")?))) else {
            return Ok(None);
        };
        let nodes = rows(list, "/nodes");
        let new = |row: &&Value| time(row, "/updatedAt").is_some_and(|at| at >= r.since);
        changes.extend(nodes.iter().filter(new).filter_map(|row| change(row, &known.site)));
        cursor = list.pointer("/pageInfo/endCursor").cloned().unwrap_or_default();
        if !more || cursor.is_null() || nodes.iter().any(|row| !new(&row)) {
            return Ok(Some(changes));
        }
    }
    let detail = format!("merged pull requests of {}: more than {PAGES} pages; the first were read.", known.path);
    r.about(GapReason::LimitReached, detail, "Set `history_days` to fewer days.");
    Ok(Some(changes))
}

/// Beside REST: on a server of one's own that is `/api/v3`, and this `/api/graphql`.
fn address(door: &Door) -> Result<Url, HttpError> {
    let mut url = door.url("", &[])?;
    let path = url.path().trim_end_matches('/').trim_end_matches("/v3").to_owned();
    url.set_path(&format!("{path}/graphql"));
    Ok(url)
}

/// The same id and times as REST gives.
fn change(row: &Value, site: &str) -> Option<ChangeRequest> {
    let id: u64 = text(row, "/fullDatabaseId")?.parse().ok()?;
    Some(ChangeRequest {
        id: format!("{site}/pulls/{id}"),
        opened_at: time(row, "/createdAt")?,
        merged_at: Some(time(row, "/mergedAt")?),
        lines: None,
        approvals: None,
        revision: text(row, "/mergeCommit/oid").map(str::to_owned),
        committed_at: time(row, "/commits/nodes/0/commit/authoredDate"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::tests::{all, example, open_with, read};
    use crate::testing::{HttpReplay, ok, refused};

    const CONFIG: [(&str, &str); 1] = [("repositories", "octocat/Hello-World")];

    fn node(id: u64, day: u32) -> Value {
        json!({"fullDatabaseId": id.to_string(), "createdAt": format!("2026-10-{day:02}T08:00:00Z"),
            "updatedAt": format!("2026-10-{day:02}T12:00:00Z"), "mergedAt": format!("2026-10-{day:02}T11:00:00Z"),
            "mergeCommit": {"oid": format!("{id:040x}")},
            "commits": {"nodes": [{"commit": {"authoredDate": format!("2026-10-{day:02}T07:00:00Z")}}]}})
    }

    /// Pages of two nodes, by cursor.
    fn page(head: &str) -> Value {
        let (_, body) = head.split_once("\n\n").expect("a body");
        let asked: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(asked["variables"]["branch"], "master");
        let (nodes, more) = match asked["variables"]["cursor"].as_str() {
            None => (vec![node(9, 20), node(8, 19)], true),
            Some("two") => (vec![node(7, 18), node(6, 17)], false),
            Some(other) => panic!("{other}"),
        };
        json!({"data": {"repository": {"pullRequests":
            {"pageInfo": {"hasNextPage": more, "endCursor": "two"}, "nodes": nodes}}}})
    }

    #[tokio::test]
    async fn a_hundred_changes_take_one_question() {
        let replay = HttpReplay::start(|q| if q.path() == "/graphql" { ok(page(q.head)) } else { example(q) });
        let github = open_with(&replay.url(), &CONFIG, "canary-token").await.expect("a connection");
        let scope = read(&github, "change_requests", "2026-11-22").await;
        let found = all::<ChangeRequest>(&scope);
        let ids: Vec<&str> = found.iter().map(|(_, c)| c.id.as_str()).collect();
        assert_eq!(ids, [9, 8, 7, 6].map(|id| format!("127.0.0.1/pulls/{id}")));
        assert!(found.iter().all(|(_, c)| c.committed_at < Some(c.opened_at) && c.merged_at > Some(c.opened_at)));
        assert!(scope.gaps.is_empty() && !replay.log().iter().any(|q| q.contains("/pulls")), "{:?}", replay.log());
    }

    #[tokio::test]
    async fn what_graphql_does_not_tell_rest_does() {
        let denied = json!({"data": {"repository": null}, "errors": [{"type": "FORBIDDEN", "message": "no"}]});
        for said in [ok(denied), ok("{"), refused("403 Forbidden", "Resource not accessible by personal access token")]
        {
            let answer = said.clone();
            let replay = HttpReplay::start(move |q| if q.path() == "/graphql" { answer.clone() } else { example(q) });
            let github = open_with(&replay.url(), &CONFIG, "canary-token").await.expect("a connection");
            let scope = read(&github, "change_requests", "2011-02-01").await;
            assert_eq!((all::<ChangeRequest>(&scope).len(), scope.gaps.len()), (1, 0), "{said:?}");
        }
    }

    #[tokio::test]
    async fn a_server_of_ones_own_answers_beside_rest_and_nothing_but_queries_is_sent() {
        let replay = HttpReplay::start(|q| match q.path().strip_prefix("/api/v3") {
            Some("/rate_limit") => ok("{}"),
            _ => refused("404 Not Found", "Not Found"),
        });
        let url = format!("{}/api/v3", replay.url());
        let github = open_with(&url, &CONFIG, "canary-token").await.expect("a connection");
        let asked = address(&github.door).expect("an address");
        assert_eq!(asked.path(), "/api/graphql");
        let refused = github.door.query(asked, "mutation { x }", &Value::Null).await;
        assert!(matches!(refused, Err(HttpError::Forbidden(_))));
        assert_eq!(replay.log().len(), 1, "it was not sent");
    }
}
