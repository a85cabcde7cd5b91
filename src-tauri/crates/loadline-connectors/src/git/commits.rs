//! Commits, newest first, with what each touched against its one parent.

use super::clone::{open, said};
use super::{files, renames};
use gix::bstr::{BStr, BString, ByteSlice};
use gix::diff::tree::visit::{Action, Change as Seen};
use gix::objs::tree::EntryMode;
use loadline_code::history::{Change, Commit, Touch, people::says_fix};
use loadline_model::Timestamp;
use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};

/// Most entries that one commit may touch; of larger ones only the merge or import remains, and the gap says so.
const MOST_TOUCHED: usize = 50_000;
/// Entries of a commit beyond which it is compared alone.
const LARGE: usize = 100;
/// Commits of a turn of one thread: many, because a tree is cheap to unpack only beside the one it differs little from.
const TURN: usize = 1_024;
/// Most threads that compare.
const MOST_THREADS: usize = 4;
/// Commits of a turn that are asked which way its trees are written.
const ASKED: usize = 32;
/// Folders in folders that are looked into for it.
const MOST_LEVELS: usize = 5;

/// Commits older than the moment after which nothing newer is expected behind them. One whose clock was wrong may hide what
/// came before it (git itself goes five further; ours are cheap, for they are not compared).
const MOST_OLDER: usize = 4_096;

/// What was left out of the history.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// Commits that touched more than [`MOST_TOUCHED`] entries.
    pub huge: u32,
    /// Commits, or trees and files that they touch, that could not be read.
    pub broken: u32,
    /// Commits that the repository lists as formatting only.
    pub formatting: u32,
}

/// A commit that waits to be compared with its parent.
struct Waiting {
    id: gix::ObjectId,
    parents: Vec<gix::ObjectId>,
    /// When it was committed, in seconds; for one that claims to be older than what it was built on, as old as that.
    seconds: i64,
}

/// What came of it.
enum Outcome {
    Commit(Commit),
    /// It touched more than [`MOST_TOUCHED`].
    Huge,
    Broken,
    /// It touched more than [`LARGE`]: compared when its turn comes, so that few of them are held at once.
    Large(Waiting),
}

/// Walks the history from a commit back to a moment, newest first. `each` says whether to go on. Comparing trees takes
/// nearly all of the time, so several threads compare, each a turn of neighbours, and their answers are taken in order.
pub(super) fn walk(
    repository: &gix::Repository,
    head: gix::ObjectId,
    since: Timestamp,
    each: &mut dyn FnMut(&Commit) -> bool,
) -> Result<LeftOut, String> {
    use gix::revision::walk::Sorting;
    let order = gix::traverse::commit::simple::CommitTimeOrder::NewestFirst;
    let walk = repository.rev_walk([head]).sorting(Sorting::ByCommitTime(order)).all().map_err(|e| said(&e))?;
    let mut walk = Recent { walk, since: since.0.div_euclid(1_000), older: VecDeque::new(), in_a_row: 0 };
    let people = mailmap(repository, head);
    let formatting = formatting_only(repository, head);
    let folder = repository.git_dir();
    let mut left_out = LeftOut::default();
    let mut state = gix::diff::tree::State::default();
    let stopped = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(MOST_THREADS));
        let orders: Vec<Sender<(Vec<Waiting>, Sender<Outcome>)>> = (0..threads)
            .map(|_| {
                let (order, orders) = channel();
                scope.spawn(|| compare(folder, &people, orders, &stopped));
                order
            })
            .collect();
        let mut turns: VecDeque<Receiver<Outcome>> = VecDeque::new();
        for order in orders.iter().cycle() {
            let turn = turn(&mut walk, &formatting, &mut left_out);
            if !turn.is_empty() {
                let (answer, answers) = channel();
                // A thread that has ended left the reason where the scope ends.
                let _ = order.send((turn, answer));
                turns.push_back(answers);
                if turns.len() < 2 * threads {
                    continue;
                }
            }
            let Some(answers) = turns.pop_front() else { break };
            for mut seen in answers {
                if let Outcome::Large(waiting) = seen {
                    seen = commit(repository, waiting, &people, &mut state, MOST_TOUCHED);
                }
                match seen {
                    Outcome::Commit(commit) => {
                        if !each(&commit) {
                            stopped.store(true, Relaxed);
                            return;
                        }
                    }
                    Outcome::Huge | Outcome::Large(_) => left_out.huge += 1,
                    Outcome::Broken => left_out.broken += 1,
                }
            }
        }
    });
    Ok(left_out)
}

/// Commits since a moment. Of all that are open the walk gives the newest, so that an older one says that all are older; but
/// behind one of a wrong clock newer ones may follow.
struct Recent<'r> {
    walk: gix::revision::Walk<'r>,
    /// In seconds.
    since: i64,
    /// Commits that claim to be older, newest first.
    older: VecDeque<Waiting>,
    /// How many of them came without a newer one between.
    in_a_row: usize,
}

impl Recent<'_> {
    /// The next commit with those that were built on it and claim to be older; `None` at the end.
    fn next(&mut self) -> Option<Result<Vec<Waiting>, ()>> {
        while self.in_a_row < MOST_OLDER {
            let Ok(info) = self.walk.next()? else { return Some(Err(())) };
            let seconds = info.commit_time.unwrap_or(self.since);
            let waiting = Waiting { id: info.id, parents: info.parent_ids.iter().copied().collect(), seconds };
            if seconds >= self.since {
                self.in_a_row = 0;
                let mut found = self.built_on(&waiting);
                found.push(waiting);
                return Some(Ok(found));
            }
            self.in_a_row += 1;
            self.older.push_back(waiting);
            if self.older.len() > MOST_OLDER {
                self.older.pop_front();
            }
        }
        None
    }

    /// Takes the older ones that were built on a commit, newest first. They are as old as it is at most.
    fn built_on(&mut self, base: &Waiting) -> Vec<Waiting> {
        let mut built = BTreeSet::from([base.id]);
        for older in self.older.iter().rev() {
            if older.parents.iter().any(|parent| built.contains(parent)) {
                built.insert(older.id);
            }
        }
        if built.len() == 1 {
            return Vec::new();
        }
        let (found, left) = self.older.drain(..).partition::<VecDeque<_>, _>(|older| built.contains(&older.id));
        self.older = left;
        found.into_iter().map(|older| Waiting { seconds: base.seconds, ..older }).collect()
    }
}

/// The next commits that count.
fn turn(walk: &mut Recent<'_>, formatting: &BTreeSet<gix::ObjectId>, left_out: &mut LeftOut) -> Vec<Waiting> {
    let mut turn = Vec::new();
    while turn.len() < TURN {
        match walk.next() {
            Some(Ok(found)) => {
                let (listed, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|w| formatting.contains(&w.id));
                left_out.formatting += listed.len() as u32;
                turn.extend(others);
            }
            Some(Err(())) => {
                left_out.broken += 1;
                break;
            }
            None => break,
        }
    }
    turn
}

/// One thread: compares what it is given until nobody asks any more, with objects of its own.
fn compare(
    folder: &Path,
    people: &gix::mailmap::Snapshot,
    orders: Receiver<(Vec<Waiting>, Sender<Outcome>)>,
    stopped: &AtomicBool,
) {
    let repository = open(folder);
    let mut state = gix::diff::tree::State::default();
    for (mut turn, answer) in orders {
        let mut outcome = |waiting| match &repository {
            _ if stopped.load(Relaxed) => Outcome::Broken,
            Ok(repository) => commit(repository, waiting, people, &mut state, LARGE),
            Err(_) => Outcome::Broken,
        };
        // Nobody takes what is left once the walk was stopped.
        if repository.as_ref().is_ok_and(|r| oldest_first(r, asked(&turn))) {
            turn.reverse();
            let outcomes: Vec<Outcome> = turn.into_iter().map(outcome).collect();
            let _ = outcomes.into_iter().rev().try_for_each(|outcome| answer.send(outcome));
        } else {
            let _ = turn.into_iter().try_for_each(|waiting| answer.send(outcome(waiting)));
        }
    }
}

/// True where newer trees are written as differences from older ones, as an import and pushes leave them. `git gc` writes
/// them the other way round. Unpacked against the direction, each tree unpacks its whole chain; along it, one difference.
pub(super) fn oldest_first(
    repository: &gix::Repository,
    children: impl IntoIterator<Item = (gix::ObjectId, gix::ObjectId)>,
) -> bool {
    let root = |commit: gix::ObjectId| Some(repository.find_commit(commit).ok()?.tree_id().ok()?.detach());
    let deeper = |(child, parent)| Some(deeper(repository, root(child)?, root(parent)?, 0));
    children.into_iter().filter_map(deeper).sum::<i32>() > 0
}

/// Of how many more trees the newer is the longer chain of differences, down the first path on which both differ: a tree of few
/// entries is written whole.
fn deeper(repository: &gix::Repository, newer: gix::ObjectId, older: gix::ObjectId, level: usize) -> i32 {
    let chain = |tree: gix::ObjectId| match repository.find_header(tree) {
        Ok(gix::odb::find::Header::Packed(packed)) => packed.num_deltas,
        _ => 0,
    };
    let here = chain(newer).cmp(&chain(older)) as i32;
    let (Ok(new), Ok(old)) = (repository.find_tree(newer), repository.find_tree(older)) else { return here };
    let twin = |name: &BStr| old.iter().filter_map(Result::ok).find(|e| e.filename() == name).map(|e| e.object_id());
    let mut folders = new.iter().filter_map(Result::ok).filter(|e| e.mode().is_tree());
    let differing = folders.find_map(|e| Some((e.object_id(), twin(e.filename())?)).filter(|(new, old)| new != old));
    match differing.filter(|_| level < MOST_LEVELS) {
        Some((new, old)) => here + deeper(repository, new, old, level + 1),
        None => here,
    }
}

/// Some commits of a turn, each with its parent.
fn asked(turn: &[Waiting]) -> impl Iterator<Item = (gix::ObjectId, gix::ObjectId)> {
    turn.iter().step_by(turn.len().div_ceil(ASKED).max(1)).filter_map(|w| Some((w.id, *w.parents.first()?)))
}

fn commit(
    repository: &gix::Repository,
    waiting: Waiting,
    people: &gix::mailmap::Snapshot,
    state: &mut gix::diff::tree::State,
    most: usize,
) -> Outcome {
    match compared(repository, &waiting, people, state, most) {
        Ok(Some(commit)) => Outcome::Commit(commit),
        Ok(None) if most < MOST_TOUCHED => Outcome::Large(waiting),
        Ok(None) => Outcome::Huge,
        Err(_) => Outcome::Broken,
    }
}

fn compared(
    repository: &gix::Repository,
    waiting: &Waiting,
    people: &gix::mailmap::Snapshot,
    state: &mut gix::diff::tree::State,
    most: usize,
) -> Result<Option<Commit>, String> {
    let object = repository.find_commit(waiting.id).map_err(|e| said(&e))?;
    let at = waiting.seconds.saturating_mul(1_000);
    let author = people.resolve_cow(object.author().map_err(|e| said(&e))?);
    let (name, email) = (author.name.to_str_lossy().into_owned(), author.email.to_str_lossy().into_owned());
    let merge = waiting.parents.len() > 1;
    let fix = says_fix(&object.message_raw_sloppy().to_str_lossy());
    let changes = if merge {
        Vec::new()
    } else {
        let tree = object.tree_id().map_err(|e| said(&e))?.detach();
        match changes(repository, waiting.parents.first().copied(), tree, state, most)? {
            Some(changes) => changes,
            None => return Ok(None),
        }
    };
    Ok(Some(Commit { at: Timestamp(at), name, email, merge, fix, changes }))
}

/// What a tree changed against a parent; `None` when it is more than `most`.
fn changes(
    repository: &gix::Repository,
    parent: Option<gix::ObjectId>,
    tree: gix::ObjectId,
    state: &mut gix::diff::tree::State,
    most: usize,
) -> Result<Option<Vec<Change>>, String> {
    let data = |id: gix::ObjectId| repository.find_tree(id).map(|t| t.detached().data).map_err(|e| said(&e));
    let before = match parent {
        Some(parent) => {
            let parent = repository.find_commit(parent).map_err(|e| said(&e))?;
            data(parent.tree_id().map_err(|e| said(&e))?.detach())?
        }
        None => Vec::new(),
    };
    let after = data(tree)?;
    let kind = repository.object_hash();
    let (left, right) =
        (gix::objs::TreeRefIter::from_bytes(&before, kind), gix::objs::TreeRefIter::from_bytes(&after, kind));
    let mut seen = Touched { most, ..Touched::default() };
    let outcome = gix::diff::tree(left, right, state, &repository.objects, &mut seen);
    if seen.full {
        return Ok(None);
    }
    outcome.map_err(|e| said(&e))?;
    let mut missing = None;
    let mut read = |id| match files::content(repository, id, renames::MOST_BYTES) {
        Ok(content) => content,
        Err(why) => {
            missing = Some(why);
            None
        }
    };
    let renamed = renames::pairs(&seen.gone, &seen.new, &mut read);
    // What is not in the clone may be alike: without it a renamed file would look new.
    if let Some(why) = missing {
        return Err(why);
    }
    let from: BTreeSet<usize> = renamed.iter().map(|(from, _)| *from).collect();
    let to: BTreeSet<usize> = renamed.iter().map(|(_, to)| *to).collect();
    let mut all: Vec<Change> = seen.changed.into_iter().map(|path| Change { path, touch: Touch::Changed }).collect();
    for (old, new) in &renamed {
        let touch = Touch::Renamed(seen.gone[*old].0.clone());
        all.push(Change { path: seen.new[*new].0.clone(), touch });
    }
    let rest = |sides: Vec<renames::Side>, taken: &BTreeSet<usize>, touch: Touch| -> Vec<Change> {
        let left = sides.into_iter().enumerate().filter(|(at, _)| !taken.contains(at));
        left.map(|(_, (path, _))| Change { path, touch: touch.clone() }).collect()
    };
    all.extend(rest(seen.gone, &from, Touch::Deleted));
    all.extend(rest(seen.new, &to, Touch::Added));
    all.sort();
    Ok(Some(all))
}

/// Files that a diff of two trees visits.
#[derive(Default)]
struct Touched {
    queue: VecDeque<BString>,
    path: BString,
    changed: Vec<String>,
    gone: Vec<renames::Side>,
    new: Vec<renames::Side>,
    most: usize,
    full: bool,
}

impl Touched {
    /// The path, when it is text and a file's.
    fn file(&self, mode: EntryMode) -> Option<String> {
        (mode.is_blob()).then(|| self.path.to_str().ok().map(str::to_owned)).flatten()
    }
    fn step_into(&mut self, component: &BStr) {
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(component);
    }
}

impl gix::diff::tree::Visit for Touched {
    fn pop_front_tracked_path_and_set_current(&mut self) {
        self.path = self.queue.pop_front().unwrap_or_default();
    }
    fn push_back_tracked_path_component(&mut self, component: &BStr) {
        self.step_into(component);
        self.queue.push_back(self.path.clone());
    }
    fn push_path_component(&mut self, component: &BStr) {
        self.step_into(component);
    }
    fn pop_path_component(&mut self) {
        let end = self.path.rfind_byte(b'/').unwrap_or(0);
        self.path.truncate(end);
    }
    fn visit(&mut self, change: Seen) -> Action {
        match change {
            Seen::Addition { entry_mode, oid, .. } => self.new.extend(self.file(entry_mode).map(|p| (p, oid))),
            Seen::Deletion { entry_mode, oid, .. } => self.gone.extend(self.file(entry_mode).map(|p| (p, oid))),
            Seen::Modification { previous_entry_mode, previous_oid, entry_mode, oid } => {
                match (previous_entry_mode.is_blob(), entry_mode.is_blob()) {
                    (true, true) => self.changed.extend(self.file(entry_mode)),
                    (true, false) => self.gone.extend(self.file(previous_entry_mode).map(|p| (p, previous_oid))),
                    (false, true) => self.new.extend(self.file(entry_mode).map(|p| (p, oid))),
                    (false, false) => {}
                }
            }
        }
        self.full = self.changed.len() + self.gone.len() + self.new.len() > self.most;
        if self.full { Action::Break(()) } else { Action::Continue(()) }
    }
}

/// `.mailmap` of the commit. The configuration may name another file of the machine: that one is not opened.
fn mailmap(repository: &gix::Repository, head: gix::ObjectId) -> gix::mailmap::Snapshot {
    let text = root_file(repository, head, ".mailmap");
    gix::mailmap::Snapshot::from_bytes(text.as_deref().unwrap_or_default())
}

/// Commits that `.git-blame-ignore-revs` lists: formatting alone.
fn formatting_only(repository: &gix::Repository, head: gix::ObjectId) -> BTreeSet<gix::ObjectId> {
    let text = root_file(repository, head, ".git-blame-ignore-revs").unwrap_or_default();
    let lines =
        text.lines().filter_map(|l| l.split(|b| b.is_ascii_whitespace() || *b == b'#').next().map(<[u8]>::to_vec));
    lines.filter_map(|l| gix::ObjectId::from_hex(&l).ok()).collect()
}

fn root_file(repository: &gix::Repository, head: gix::ObjectId, name: &str) -> Option<Vec<u8>> {
    let tree = repository.find_commit(head).ok()?.tree().ok()?;
    let id = tree.find_entry(name).filter(|e| e.mode().is_blob()).map(|e| e.object_id())?;
    files::content(repository, id, 1 << 20).ok().flatten()
}

/// Trees of the main line, one a month, oldest first: what the repository was like at the end of each month.
pub(super) fn monthly(
    repository: &gix::Repository,
    head: gix::ObjectId,
    as_of: Timestamp,
    months: u32,
) -> Vec<gix::ObjectId> {
    let month_ms = (loadline_model::DAYS_PER_MONTH * loadline_model::DAY_MS as f64) as i64;
    let moments: Vec<Timestamp> = (0..months).map(|month| Timestamp(as_of.0 - i64::from(month) * month_ms)).collect();
    let mut found: Vec<_> = trees_at(repository, head, &moments).into_iter().map(|(_, tree)| tree).collect();
    found.reverse();
    found
}

/// The tree of the main line at each moment; both newest first. Moments before the first commit, or before one that cannot be
/// read, have none.
pub(super) fn trees_at(
    repository: &gix::Repository,
    head: gix::ObjectId,
    moments: &[Timestamp],
) -> Vec<(Timestamp, gix::ObjectId)> {
    let (Some(newest), Some(oldest)) = (moments.first(), moments.last()) else { return Vec::new() };
    let mut line: Vec<(i64, gix::ObjectId)> = Vec::new();
    let Some(walk) = repository.rev_walk([head]).first_parent_only().all().ok() else { return Vec::new() };
    let mut older = 0;
    for info in walk.map_while(Result::ok) {
        let Some(time) = repository.find_commit(info.id).ok().and_then(|c| c.time().ok()) else { break };
        let at = time.seconds.saturating_mul(1_000);
        line.push((at, info.id));
        older = if at <= oldest.0 { older + 1 } else { 0 };
        if older > MOST_OLDER {
            break;
        }
    }
    // No commit is older than what it was built on, whatever its clock said.
    let mut base = i64::MIN;
    for (at, _) in line.iter_mut().rev().filter(|(at, _)| *at <= newest.0) {
        base = base.max(*at);
        *at = base;
    }
    let mut found = Vec::new();
    let mut wanted = moments.iter().copied().peekable();
    for (at, id) in line {
        if wanted.peek().is_none_or(|moment| at > moment.0) {
            continue;
        }
        let Some(tree) = repository.find_commit(id).ok().and_then(|c| Some(c.tree_id().ok()?.detach())) else { break };
        while let Some(moment) = wanted.next_if(|moment| at <= moment.0) {
            found.push((moment, tree));
        }
    }
    found
}
