//! How old what a clone holds is: it was true when the clone was last known to hold what its remote held.

use crate::Answer;
use gix::ObjectId;
use gix::bstr::ByteSlice;
use loadline_model::{DAY_MS, GapReason, SubjectId, Timestamp};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Days after which the age is said.
const FRESH_DAYS: i64 = 7;

/// Dates what is said of the repository from here on. Without a remote the clone is the only copy, and always true.
pub(super) fn date(answer: &mut Answer, repository: &gix::Repository, head: ObjectId, subject: &SubjectId) {
    let now = answer.read_at();
    let Some((at, why)) = current(repository, head).filter(|(at, _)| *at < now) else { return };
    answer.true_at(at);
    let days = (now.0 - at.0) / DAY_MS;
    if days >= FRESH_DAYS {
        let detail = format!("the clone shows the code as it was {days} days ago: {why}");
        answer.miss_of(GapReason::Stale, detail, "In the clone: git pull. Then collect again.", &[], Some(subject));
    }
}

/// The moment, and what it is known by.
fn current(repository: &gix::Repository, head: ObjectId) -> Option<(Timestamp, &'static str)> {
    repository.config_snapshot().plumbing().sections_by_name("remote")?.next()?;
    let committed = committed(repository, head)?;
    if is_behind(repository, head, committed) {
        return Some((committed, "its branch is behind what was fetched"));
    }
    // Every fetch writes FETCH_HEAD, also one that brings nothing; a clone that was never fetched has what `init` wrote.
    let [own, shared] = [repository.git_dir(), repository.common_dir()];
    let written = [own.join("FETCH_HEAD"), shared.join("FETCH_HEAD"), shared.join("description")];
    let newest = written.iter().filter_map(|path| modified(path)).chain([committed]).max()?;
    Some((newest, "it was not fetched since"))
}

/// The branch was fetched up to a newer commit than the one that is checked out. The settings are read as they stand: gix
/// itself heeds none of a repository that is not trusted, and nothing of them is run here.
fn is_behind(repository: &gix::Repository, head: ObjectId, committed: Timestamp) -> bool {
    let Some(branch) = repository.head_name().ok().flatten() else { return false };
    let branch = branch.shorten().to_str_lossy().into_owned();
    let config = repository.config_snapshot();
    let said = |key: &str| Some(config.string(format!("branch.{branch}.{key}").as_str())?.to_str_lossy().into_owned());
    let remote = said("remote").unwrap_or_else(|| "origin".to_owned());
    let merged = said("merge").and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned));
    let tracked = format!("refs/remotes/{remote}/{}", merged.unwrap_or(branch));
    let Ok(mut tracked) = repository.find_reference(tracked.as_str()) else { return false };
    let Ok(tip) = tracked.peel_to_id() else { return false };
    tip != head && self::committed(repository, tip.detach()).is_some_and(|at| at > committed)
}

fn committed(repository: &gix::Repository, commit: ObjectId) -> Option<Timestamp> {
    let time = repository.find_commit(commit).ok()?.time().ok()?;
    Some(Timestamp(time.seconds.saturating_mul(1_000)))
}

/// When a file was written, without following links.
fn modified(path: &Path) -> Option<Timestamp> {
    let since = path.symlink_metadata().ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Timestamp)
}
