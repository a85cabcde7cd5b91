//! Topic `change_requests`: pull requests that were merged into the main branch, with the times of their merge and of their
//! first commit. A pull request says when it changed last and not when it was merged; its activity does.

use super::{Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, number, text, time};
use loadline_model::{Basis, ChangeRequest, GapReason, Timestamp};
use serde_json::Value;

/// Pull requests whose activity and commits are asked for, newest first: two calls each, of 1,000 an hour.
const MOST: usize = 200;
/// Most rows that a page of pull requests has.
const PAGE: &str = "50";

/// Reads the topic.
pub(super) async fn read(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let since = r.since;
    let branch = known.branch.replace(['"', '\\'], "");
    let wanted = format!("state = \"MERGED\" AND destination.branch.name = \"{branch}\" AND updated_on >= {since}");
    let query = [("state", "MERGED"), ("q", wanted.as_str()), ("sort", "-updated_on"), ("pagelen", PAGE)];
    let updated = |row: &Value| time(row, "/updated_on").is_some_and(|at| at >= since);
    let Some(listed) = r.list(&calls::PULLS, "", &query, updated).await? else { return Ok(()) };
    let ours = |row: &&Value| {
        text(row, "/state") == Some("MERGED") && text(row, "/destination/branch/name") == Some(known.branch.as_str())
    };
    let merged: Vec<&Value> = listed.rows.iter().filter(ours).collect();
    if merged.len() > MOST {
        let (all, path) = (merged.len(), &known.path);
        let detail =
            format!("{path}: of {all} merged pull requests the newest {MOST} were asked when they were merged.");
        r.about(GapReason::LimitReached, detail, "Set `history_days` to fewer days.");
    }
    let subject = r.subject.clone();
    for row in merged.into_iter().take(MOST) {
        let Some(id) = number(row, "/id") else { continue };
        let Some(merged_at) = merged_at(r, id).await? else { continue };
        let committed_at = first_commit(r, id).await?;
        let Some(opened_at) = time(row, "/created_on") else { continue };
        let change = ChangeRequest {
            // Numbers count within a repository alone.
            id: format!("{}/{}/pull-requests/{id}", known.site, known.uuid),
            opened_at,
            merged_at: Some(merged_at),
            lines: None,
            approvals: None,
            revision: text(row, "/merge_commit/hash").map(str::to_owned),
            committed_at,
        };
        r.visit.answer.say(&subject, calls::PULLS.path, Basis::Measured, change);
    }
    Ok(())
}

/// Updates come newest first; those after the merge carry its state too, so the oldest of them is the merge.
async fn merged_at(r: &mut Reading<'_>, id: u64) -> Result<Option<Timestamp>, Cancelled> {
    let since_merge = |row: &Value| row.get("update").is_none() || text(row, "/update/state") == Some("MERGED");
    let listed = r.list(&calls::ACTIVITY, &id.to_string(), &[("pagelen", PAGE)], since_merge).await?;
    let Some(listed) = listed.filter(|l| l.whole) else { return Ok(None) };
    Ok(listed.rows.iter().filter_map(|row| time(row, "/update/date")).min())
}

/// The oldest of its commits, in whatever order they come.
async fn first_commit(r: &mut Reading<'_>, id: u64) -> Result<Option<Timestamp>, Cancelled> {
    let listed = r.list(&calls::COMMITS, &id.to_string(), &[("pagelen", "100")], |_| true).await?;
    Ok(listed.filter(|l| l.whole).and_then(|l| l.rows.iter().filter_map(|c| time(c, "/date")).min()))
}
