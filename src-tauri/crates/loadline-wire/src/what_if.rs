//! Trying changes before making them: what readiness would be.

use loadline_model::SubjectId;
use serde::{Deserialize, Serialize};

/// A change that is only thought of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// One more member, or a copy of a store.
    AddReplica {
        /// The group or thing.
        group: SubjectId,
    },
    /// The copies of a store take over by themselves.
    MakeAutomaticFailover {
        /// The store.
        store: SubjectId,
    },
    /// An instance runs in another zone.
    MoveToZone {
        /// The instance.
        instance: SubjectId,
        /// The zone.
        zone: SubjectId,
    },
    /// A hard dependency becomes soft.
    Soften {
        /// Who needs.
        from: SubjectId,
        /// What it needs.
        to: SubjectId,
    },
}

/// Asks what readiness would be after these changes; nothing is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TryOut {
    /// Applied one after the other.
    pub changes: Vec<Change>,
}

/// A judgement that moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The rule.
    pub rule: String,
    /// What it looks for.
    pub title: String,
    /// What it is about.
    pub subject: String,
}

/// Readiness, as numbers: 0–100.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Readiness {
    /// What evidence supports.
    pub proven: f64,
    /// If every unknown turned out well.
    pub possible: f64,
    /// The label's word.
    pub label: String,
}

/// Readiness now and then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriedOut {
    /// As assessed.
    pub now: Readiness,
    /// After the changes, every stage run again.
    pub then: Readiness,
    /// What would pass and does not now.
    pub closed: Vec<Moved>,
    /// What would fail and passes now.
    pub opened: Vec<Moved>,
}
