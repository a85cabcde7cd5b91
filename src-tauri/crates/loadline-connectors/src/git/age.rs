//! How old what a clone holds is: it was true when the clone was last known to hold what its remote held.

use super::clone::address_of;
use crate::Answer;
use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::revision::walk::Sorting;
use loadline_model::{DAY_MS, GapReason, SubjectId, Timestamp};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Days after which the age is said.
const FRESH_DAYS: i64 = 7;
/// Files that were written so close together (five minutes, in ms) may have been copied, or unpacked, with the clone.
const COPIED_MS: i64 = 300_000;
/// Bytes of FETCH_HEAD, and of each end of a log, that are read.
const MOST_BYTES: u64 = 1 << 20;
/// Commits among which another is looked for.
const MOST_COMMITS: usize = 100_000;
/// Names of a main branch where the clone does not say which it is.
const MAIN: [&str; 2] = ["main", "master"];

/// Dates what is said of the repository from here on. Without a remote the clone is the only copy, and always true.
pub(super) fn date(answer: &mut Answer, repository: &gix::Repository, head: ObjectId, subject: &SubjectId) {
    let now = answer.read_at();
    let Some((at, why)) = current(repository, head, now).filter(|(at, _)| *at < now) else { return };
    answer.true_at(at);
    let days = (now.0 - at.0) / DAY_MS;
    if days >= FRESH_DAYS {
        let detail = format!("the clone shows the code as it was {days} days ago: {why}");
        let closes = "In the clone: check out the branch that is shipped, then git pull. Then collect again.";
        answer.miss_of(GapReason::Stale, detail, closes, &[], Some(subject));
    }
}

/// A branch of a remote, as it was fetched.
struct Tracked {
    remote: String,
    branch: String,
    tip: ObjectId,
    /// The branch that is checked out follows it; else it is what the remote shows first.
    followed: bool,
}

/// The moment, and what it is known by.
fn current(repository: &gix::Repository, head: ObjectId, now: Timestamp) -> Option<(Timestamp, String)> {
    let remotes = remotes(repository);
    if remotes.is_empty() {
        return None;
    }
    let committed = committed(repository, head)?;
    let tracked = tracked(repository, &remotes);
    if let Some(tracked) = &tracked
        && tracked.tip != head
        && self::committed(repository, tracked.tip).is_some_and(|at| at > committed)
    {
        let behind = match tracked.followed {
            true => "its branch is behind what was fetched".to_owned(),
            false => format!(
                "what is checked out follows no branch of a remote, and `{}/{}` is newer",
                tracked.remote, tracked.branch
            ),
        };
        return Some((committed, behind));
    }
    let evidence = [
        fetched(repository, head, tracked.as_ref(), &remotes),
        updated(repository, head, tracked.as_ref()),
        cloned(repository, head, tracked.as_ref()),
    ];
    let evidence = evidence.into_iter().flatten().filter(|at| *at <= now);
    let newest = evidence.chain([committed]).max()?;
    Some((newest, "it was not fetched since".to_owned()))
}

/// Remotes of the configuration, with their addresses. The settings are read as they stand: gix itself heeds none of a
/// repository that is not trusted, and nothing of them is run here.
fn remotes(repository: &gix::Repository) -> Vec<(String, String)> {
    let config = repository.config_snapshot();
    let sections = config.plumbing().sections_by_name("remote").into_iter().flatten();
    let names = sections.filter_map(|s| Some(s.header().subsection_name()?.to_str_lossy().into_owned()));
    let names: BTreeSet<String> = names.collect();
    let address =
        |name: &str| config.string(format!("remote.{name}.url").as_str()).map(|u| u.to_str_lossy().into_owned());
    names.into_iter().map(|name| (name.clone(), address(&name).unwrap_or_default())).collect()
}

/// The branch of a remote that the checked out branch follows. Where none is checked out, or it follows none, the main
/// branch of the remote: what is shipped comes from there.
fn tracked(repository: &gix::Repository, remotes: &[(String, String)]) -> Option<Tracked> {
    let checked_out = branch(repository);
    let config = repository.config_snapshot();
    let said = |key: &str| {
        let branch = checked_out.as_deref()?;
        Some(config.string(format!("branch.{branch}.{key}").as_str())?.to_str_lossy().into_owned())
    };
    let remote = said("remote").unwrap_or_else(|| "origin".to_owned());
    let tip = |remote: &str, branch: &str| {
        let mut reference = repository.find_reference(format!("refs/remotes/{remote}/{branch}").as_str()).ok()?;
        Some(reference.peel_to_id().ok()?.detach())
    };
    let merged = said("merge").and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned));
    if let Some(branch) = merged.or_else(|| checked_out.clone())
        && let Some(tip) = tip(&remote, &branch)
    {
        return Some(Tracked { remote, branch, tip, followed: true });
    }
    let others = remotes.iter().map(|(name, _)| name.as_str()).filter(|name| *name != remote);
    std::iter::once(remote.as_str()).chain(others).find_map(|remote| {
        let shown = shown_first(repository, remote);
        let mut branches = shown.as_deref().into_iter().chain(MAIN);
        let (branch, tip) = branches.find_map(|branch| Some((branch.to_owned(), tip(remote, branch)?)))?;
        Some(Tracked { remote: remote.to_owned(), branch, tip, followed: false })
    })
}

/// The branch that is checked out.
fn branch(repository: &gix::Repository) -> Option<String> {
    Some(repository.head_name().ok()??.shorten().to_str_lossy().into_owned())
}

/// The branch to which `refs/remotes/…/HEAD` leads.
fn shown_first(repository: &gix::Repository, remote: &str) -> Option<String> {
    let reference = repository.find_reference(format!("refs/remotes/{remote}/HEAD").as_str()).ok()?;
    let name = reference.target().try_name()?.as_bstr().to_str_lossy().into_owned();
    name.strip_prefix(&format!("refs/remotes/{remote}/")).map(str::to_owned)
}

/// When FETCH_HEAD was written, where it names the branch with a commit that is part of what is checked out: a fetch that
/// failed leaves it empty, and one of another branch says nothing of this one.
fn fetched(
    repository: &gix::Repository,
    head: ObjectId,
    tracked: Option<&Tracked>,
    remotes: &[(String, String)],
) -> Option<Timestamp> {
    let branch = tracked.map_or_else(|| self::branch(repository), |t| Some(t.branch.clone()))?;
    let remote = tracked.map_or("origin", |t| t.remote.as_str());
    let confirms = |line: &str| {
        let (id, rest) = line.split_once('\t')?;
        let (_, said) = rest.split_once('\t')?;
        let address = said.strip_prefix(&format!("branch '{branch}' of "))?;
        let id = ObjectId::from_hex(id.as_bytes()).ok()?;
        (!is_of_another(address, remote, remotes) && holds(repository, head, id)).then_some(())
    };
    // The description is written once, with the clone: what is as young as it may have been copied with it.
    let made = modified(&repository.common_dir().join("description"));
    let copied = |at: Timestamp| made.is_some_and(|made| (made.0 - at.0).abs() < COPIED_MS);
    let written = |folder: &Path| {
        let path = folder.join("FETCH_HEAD");
        let at = modified(&path).filter(|at| !copied(*at))?;
        beginning(&path)?.lines().find_map(confirms).map(|()| at)
    };
    [repository.git_dir(), repository.common_dir()].into_iter().filter_map(written).max()
}

/// Whether an address in FETCH_HEAD is that of another remote. It may be written otherwise than in the configuration (git
/// itself shortens it, and settings of the machine may replace a part), so that one nobody knows is not refused.
fn is_of_another(address: &str, remote: &str, remotes: &[(String, String)]) -> bool {
    let plain = |a: &str| {
        let a = a.trim_end_matches('/');
        address_of(a).unwrap_or_else(|| a.strip_suffix(".git").unwrap_or(a).trim_end_matches('/').to_owned())
    };
    let mut same = remotes.iter().filter(|(_, known)| plain(known) == plain(address)).peekable();
    same.peek().is_some() && same.all(|(name, _)| name != remote)
}

/// When a fetch, pull or push last moved the branch of the remote to what is part of what is checked out. The log holds
/// the moment itself, which a copy of the clone keeps.
fn updated(repository: &gix::Repository, head: ObjectId, tracked: Option<&Tracked>) -> Option<Timestamp> {
    let tracked = tracked?;
    let path = format!("logs/refs/remotes/{}/{}", tracked.remote, tracked.branch);
    let text = end(&repository.common_dir().join(path))?;
    let entry = Entry::of(text.lines().last()?)?;
    let moved = ["fetch", "pull", "clone", "update by push"].iter().any(|word| entry.what.starts_with(word));
    (moved && entry.id == tracked.tip && holds(repository, head, tracked.tip)).then_some(entry.at)
}

/// When the clone was made, as its log says. A clone fetches every branch.
fn cloned(repository: &gix::Repository, head: ObjectId, tracked: Option<&Tracked>) -> Option<Timestamp> {
    let text = beginning(&repository.common_dir().join("logs/HEAD"))?;
    let entry = Entry::of(text.lines().next()?).filter(|e| e.what.starts_with("clone"))?;
    holds(repository, head, tracked.map_or(entry.id, |t| t.tip)).then_some(entry.at)
}

/// A line of a log of a reference.
struct Entry {
    id: ObjectId,
    at: Timestamp,
    what: String,
}

impl Entry {
    /// `old new name <address> seconds zone`, a tab, and what was done.
    fn of(line: &str) -> Option<Self> {
        let (who, what) = line.split_once('\t')?;
        let id = ObjectId::from_hex(who.split(' ').nth(1)?.as_bytes()).ok()?;
        let seconds: i64 = who.rsplit(' ').nth(1)?.parse().ok()?;
        Some(Self { id, at: Timestamp(seconds.saturating_mul(1_000)), what: what.to_owned() })
    }
}

/// Whether a commit is part of what is checked out.
fn holds(repository: &gix::Repository, head: ObjectId, id: ObjectId) -> bool {
    if id == head {
        return true;
    }
    let Ok(seconds) = repository.find_commit(id).map_err(drop).and_then(|c| c.time().map_err(drop)) else {
        return false;
    };
    let order = gix::traverse::commit::simple::CommitTimeOrder::NewestFirst;
    let sorting = Sorting::ByCommitTimeCutoff { order, seconds: seconds.seconds };
    let Ok(walk) = repository.rev_walk([head]).sorting(sorting).all() else { return false };
    walk.take(MOST_COMMITS).map_while(Result::ok).any(|info| info.id == id)
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

fn beginning(path: &Path) -> Option<String> {
    part(path, SeekFrom::Start(0))
}

fn end(path: &Path) -> Option<String> {
    let long = path.symlink_metadata().ok()?.len();
    part(path, SeekFrom::Start(long.saturating_sub(MOST_BYTES)))
}

/// A part of a file, bounded; of a link or a device nothing.
fn part(path: &Path, from: SeekFrom) -> Option<String> {
    path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
    let mut file = File::open(path).ok()?;
    file.seek(from).ok()?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
