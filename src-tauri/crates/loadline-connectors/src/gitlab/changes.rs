//! Topic `change_requests`: merge requests that were merged into the default branch, with the time of their first commit.

use super::{Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, number, text, time};
use loadline_model::{Basis, ChangeRequest, GapReason, Timestamp};
use serde_json::Value;

/// Merge requests whose commits are asked for, newest first: a call each.
const MOST: usize = 300;

/// Reads the topic.
pub(super) async fn read(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let since = r.since.to_string();
    let query = [
        ("state", "merged"),
        ("target_branch", known.branch.as_str()),
        ("order_by", "updated_at"),
        ("sort", "desc"),
        ("updated_after", since.as_str()),
        ("per_page", "100"),
    ];
    let Some(listed) = r.list(&calls::MERGES, "", &query, |_| true).await? else { return Ok(()) };
    let merged: Vec<(&Value, ChangeRequest)> =
        listed.rows.iter().filter_map(|row| Some((row, change(row, &known.site)?))).collect();
    if merged.len() > MOST {
        let detail = format!(
            "first commits of {}: of {} merge requests the newest {MOST} were asked.",
            known.path,
            merged.len()
        );
        r.about(GapReason::LimitReached, detail, "Set `history_days` to fewer days.");
    }
    let subject = r.subject.clone();
    for (at, (row, change)) in merged.into_iter().enumerate() {
        let committed_at = match number(row, "/iid") {
            Some(iid) if at < MOST => first_commit(r, iid).await?,
            _ => None,
        };
        r.visit.answer.say(&subject, calls::MERGES.path, Basis::Measured, ChangeRequest { committed_at, ..change });
    }
    Ok(())
}

/// A merged merge request: its revision on the branch is that of the merge, of the squash, or, when it was only moved forward,
/// its own.
fn change(row: &Value, site: &str) -> Option<ChangeRequest> {
    let revision = ["/merge_commit_sha", "/squash_commit_sha", "/sha"].iter().find_map(|p| text(row, p));
    Some(ChangeRequest {
        id: format!("{site}/merge_requests/{}", number(row, "/id")?),
        opened_at: time(row, "/created_at")?,
        merged_at: Some(time(row, "/merged_at")?),
        lines: None,
        approvals: None,
        revision: revision.map(str::to_owned),
        committed_at: None,
    })
}

/// Commits come newest first: the last of all is the oldest. Its author's time outlives rebasing.
async fn first_commit(r: &mut Reading<'_>, iid: u64) -> Result<Option<Timestamp>, Cancelled> {
    let listed = r.list(&calls::COMMITS, &iid.to_string(), &[("per_page", "100")], |_| true).await?;
    let first = listed.filter(|l| l.whole).and_then(|l| l.rows.last().cloned());
    Ok(first.and_then(|c| time(&c, "/authored_date").or_else(|| time(&c, "/created_at"))))
}
