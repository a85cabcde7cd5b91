//! Topic `change_requests`: pull requests that were merged into the default branch, with the time of their first commit.

use super::{Known, calls, graph};
use crate::Cancelled;
use crate::forge::{Reading, number, text, time};
use loadline_model::{Basis, ChangeRequest, GapReason, Timestamp};
use serde_json::Value;

/// Pull requests whose first commit is asked for, newest first: a call each.
const MOST: usize = 300;

/// Reads the topic.
pub(super) async fn read(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    if let Some(changes) = graph::merged(r, known).await? {
        let subject = r.subject.clone();
        for change in changes {
            r.visit.answer.say(&subject, calls::GRAPH.path, Basis::Measured, change);
        }
        return Ok(());
    }
    let since = r.since;
    let query = [("state", "closed"), ("sort", "updated"), ("direction", "desc"), ("per_page", "100")];
    let updated = |row: &Value| time(row, "/updated_at").is_some_and(|at| at >= since);
    let Some(listed) = r.list(&calls::PULLS, "", &query, updated).await? else { return Ok(()) };
    let merged: Vec<(&Value, ChangeRequest)> = listed
        .rows
        .iter()
        .filter(|row| text(row, "/base/ref") == Some(known.branch.as_str()))
        .filter_map(|row| Some((row, change(row, &known.site)?)))
        .collect();
    if merged.len() > MOST {
        let detail = format!(
            "first commits of {}: of {} merged pull requests the newest {MOST} were asked.",
            known.path,
            merged.len()
        );
        r.about(GapReason::LimitReached, detail, "Set `history_days` to fewer days.");
    }
    let subject = r.subject.clone();
    for (at, (row, change)) in merged.into_iter().enumerate() {
        let committed_at = match number(row, "/number") {
            Some(id) if at < MOST => first_commit(r, id).await?,
            _ => None,
        };
        r.visit.answer.say(&subject, calls::PULLS.path, Basis::Measured, ChangeRequest { committed_at, ..change });
    }
    Ok(())
}

/// A merged pull request; `None` when it was closed otherwise.
fn change(row: &Value, site: &str) -> Option<ChangeRequest> {
    Some(ChangeRequest {
        id: format!("{site}/pulls/{}", number(row, "/id")?),
        opened_at: time(row, "/created_at")?,
        merged_at: Some(time(row, "/merged_at")?),
        lines: None,
        approvals: None,
        revision: text(row, "/merge_commit_sha").map(str::to_owned),
        committed_at: None,
    })
}

/// Commits come in the order of the branch: the first is the oldest. Its author's time outlives rebasing.
async fn first_commit(r: &mut Reading<'_>, id: u64) -> Result<Option<Timestamp>, Cancelled> {
    let asked = r.get(&calls::COMMITS, &id.to_string(), &[("per_page", "1")]).await?;
    Ok(asked.as_ref().and_then(|commits| time(commits, "/0/commit/author/date")))
}
