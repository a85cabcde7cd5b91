//! Who knows a file, and how many people a repository can lose.
//!
//! **Degree of authorship** (Avelino et al. 2016, `rules.md` PPL-001): DOA = 3.293 + 1.098·FA + 0.164·DL − 0.321·ln(1+AC),
//! with FA 1 for who made the file, DL the author's own commits to it and AC everybody else's. Who has at least 0.75 of the
//! largest DOA of the file, and at least 3.293, knows it. **Truck factor**: authors are removed, first who knows most
//! files, until more than half of the files have nobody left; it is the number removed. The tool
//! `truckfactor` gives a file to who added most lines and stops at half of the files, so that an even split is told
//! otherwise (`git/tests/oracle_tests.rs`); here DL and AC are those of 24 months, and only commits that count do.

use super::{FileLog, INACTIVE_DAYS};
use loadline_model::{Timestamp, num};
use std::collections::{BTreeMap, BTreeSet};

/// Share of the largest DOA that an author needs.
const SHARE: f64 = 0.75;
/// Least DOA of an author (Avelino et al. 2016).
const LEAST: f64 = 3.293;

/// Degree of authorship of one author of a file.
pub fn degree(first: bool, own: u32, others: u32) -> f64 {
    LEAST + 1.098 * f64::from(u8::from(first)) + 0.164 * f64::from(own) - 0.321 * num::ln(1.0 + f64::from(others))
}

/// Who knows a file.
pub fn authors(file: &FileLog) -> BTreeSet<u32> {
    let all: u32 = file.by_author.values().sum();
    let degrees: Vec<(u32, f64)> = file
        .by_author
        .iter()
        .map(|(author, own)| (*author, degree(file.creator == Some(*author), *own, all - own)))
        .collect();
    let most = degrees.iter().map(|(_, d)| *d).fold(0.0, f64::max);
    degrees.iter().filter(|(_, d)| *d >= SHARE * most && *d >= LEAST).map(|(author, _)| *author).collect()
}

/// How many people may be lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TruckFactor {
    /// Files that somebody touched in the window.
    pub files: u32,
    /// Authors of the window.
    pub authors: u32,
    /// Of those, the ones who committed in the last [`INACTIVE_DAYS`].
    pub active: u32,
    /// Authors whose loss leaves more than half of the files without anybody.
    pub all: u32,
    /// The same counting only active authors; 0 when more than half of the files have no active author now.
    pub active_only: u32,
    /// Files without any active author who knows them.
    pub orphaned: u32,
}

/// The truck factor of files. Files that nobody touched in the window say nothing and are left out.
pub fn truck_factor(files: &[FileLog], last_commits: &BTreeMap<u32, Timestamp>, as_of: Timestamp) -> TruckFactor {
    let active: BTreeSet<u32> = last_commits
        .iter()
        .filter(|(_, at)| as_of.days_since(**at) <= INACTIVE_DAYS)
        .map(|(author, _)| *author)
        .collect();
    let known: Vec<BTreeSet<u32>> = files.iter().filter(|f| !f.by_author.is_empty()).map(authors).collect();
    let present: Vec<BTreeSet<u32>> = known.iter().map(|a| a.intersection(&active).copied().collect()).collect();
    let everybody: BTreeSet<u32> = files.iter().flat_map(|f| f.by_author.keys().copied()).collect();
    TruckFactor {
        files: size(known.len()),
        authors: size(everybody.len()),
        active: size(everybody.intersection(&active).count()),
        all: removals(&known),
        active_only: removals(&present),
        orphaned: size(present.iter().filter(|a| a.is_empty()).count()),
    }
}

/// The logs and last commits as they were if everybody who looks like another were that one.
pub fn as_one(
    files: &[FileLog],
    last_commits: &BTreeMap<u32, Timestamp>,
    alike: &BTreeMap<u32, u32>,
) -> (Vec<FileLog>, BTreeMap<u32, Timestamp>) {
    let one = |author: u32| alike.get(&author).copied().unwrap_or(author);
    let mut last: BTreeMap<u32, Timestamp> = BTreeMap::new();
    for (author, at) in last_commits {
        let known = last.entry(one(*author)).or_insert(*at);
        *known = (*known).max(*at);
    }
    let joined = |file: &FileLog| {
        let mut by_author: BTreeMap<u32, u32> = BTreeMap::new();
        for (author, commits) in &file.by_author {
            *by_author.entry(one(*author)).or_insert(0) += commits;
        }
        FileLog { by_author, creator: file.creator.map(one), ..file.clone() }
    };
    (files.iter().map(joined).collect(), last)
}

/// How many authors know a file and are active.
pub fn active_authors(file: &FileLog, last_commits: &BTreeMap<u32, Timestamp>, as_of: Timestamp) -> u32 {
    let is_active = |a: &u32| last_commits.get(a).is_some_and(|at| as_of.days_since(*at) <= INACTIVE_DAYS);
    size(authors(file).iter().filter(|a| is_active(a)).count())
}

fn removals(known: &[BTreeSet<u32>]) -> u32 {
    let mut files_of: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
    let mut left: Vec<usize> = Vec::with_capacity(known.len());
    for (file, authors) in known.iter().enumerate() {
        left.push(authors.len());
        for author in authors {
            files_of.entry(*author).or_default().insert(file);
        }
    }
    let mut orphaned = left.iter().filter(|n| **n == 0).count();
    let mut removed = 0;
    while orphaned * 2 <= known.len() {
        // Among equals the lower number: authors are numbered from the newest commit backwards.
        let most = files_of.iter().max_by(|a, b| a.1.len().cmp(&b.1.len()).then_with(|| b.0.cmp(a.0)));
        let Some(author) = most.map(|(author, _)| *author) else { break };
        for file in files_of.remove(&author).unwrap_or_default() {
            left[file] -= 1;
            orphaned += usize::from(left[file] == 0);
        }
        removed += 1;
    }
    removed
}

fn size(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
