//! What commits say about files: churn, ownership, hotspots, what changes together. Commits come in as data, newest
//! first; dates are the committer's.
//!
//! **What counts.** A commit counts for a file when it changes, adds or renames it. Merges do not count (their changes
//! were counted in the commits they join), bots do not ([`people::is_bot`]), commits that the repository itself lists as
//! formatting only do not (`.git-blame-ignore-revs`; the caller leaves them out), and paths that people do not write do
//! not ([`paths::is_written_by_people`]). Renames are followed: what an older commit changed under an old name counts for
//! the file of today. A file that was deleted and made again is two files.

mod alike;
mod coupling;
mod files;
mod hotspot;
pub mod ownership;
pub mod paths;
pub mod people;
mod rename;
mod trend;

pub use coupling::{Coupling, couplings};
pub use files::{FileLog, History};
pub use hotspot::{Hotspot, hotspots};
pub use rename::similarity;
pub use trend::{Trend, trend};

use loadline_model::Timestamp;

/// Days of churn, hotspots and coupling (`scoring.md` §2.3).
pub const CHURN_DAYS: i64 = 365;
/// Days of ownership (`rules.md` PPL-001: 24 months).
pub const OWNERSHIP_DAYS: i64 = 730;
/// An author without a commit for so many days is inactive (`rules.md` PPL-001; HD).
pub const INACTIVE_DAYS: f64 = 90.0;

/// How a commit touched a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touch {
    /// The file is new.
    Added,
    /// It was changed.
    Changed,
    /// It is gone.
    Deleted,
    /// It was called this before, and may have been changed as well.
    Renamed(String),
}

/// A path that a commit touched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Its path after the commit; for a deletion, before it.
    pub path: String,
    /// How.
    pub touch: Touch,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// When it was committed.
    pub at: Timestamp,
    /// Name of the author, after `.mailmap`.
    pub name: String,
    /// Address of the author, after `.mailmap`.
    pub email: String,
    /// It has more than one parent.
    pub merge: bool,
    /// Its message says that it repairs something ([`people::says_fix`]).
    pub fix: bool,
    /// What it touched, against its one parent.
    pub changes: Vec<Change>,
}

#[cfg(test)]
mod tests;
