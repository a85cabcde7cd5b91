//! Findings: failing or unknown checks with a life of their own.

use crate::{Evidence, Exposure, Fingerprint, Gap, ItemId, RuleId, Severity, SnapshotId, SubjectRef, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a finding is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// First seen in this snapshot.
    New,
    /// Seen before and still there.
    Open,
    /// It was there and is proven gone.
    Resolved,
    /// It was resolved and came back.
    Reopened,
    /// A person accepted the risk until a date; it still counts.
    Accepted,
}

/// A person's acceptance of a risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Who carries it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Until when; afterwards the finding is open again.
    pub until: Timestamp,
    /// Who decided.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// One step in a finding's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifeEvent {
    /// Snapshot in which it happened.
    pub snapshot: SnapshotId,
    /// That snapshot's time.
    pub at: Timestamp,
    /// The state it entered.
    pub state: FindingState,
    /// `fail` or `unknown` (or `pass` when resolved).
    pub result: String,
    /// Severity, when it fails.
    pub severity: Option<Severity>,
}

/// What the ledger remembers of a finding between snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Identity.
    pub fingerprint: Fingerprint,
    /// Its rule.
    pub rule: RuleId,
    /// Its subject when last seen.
    pub subject: SubjectRef,
    /// First snapshot that showed it.
    pub first_seen: Timestamp,
    /// Newest snapshot that observed it, in whatever state.
    pub last_seen: Timestamp,
    /// Its life, oldest first.
    pub life: Vec<LifeEvent>,
}

/// A finding as window, command line and report show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Identity over time.
    pub fingerprint: Fingerprint,
    /// The rule.
    pub rule: RuleId,
    /// The rule's title.
    pub title: String,
    /// `fail` or `unknown`.
    pub result: String,
    /// Escalated severity; for unknown: `None`.
    pub severity: Option<Severity>,
    /// New, open, reopened, accepted (or resolved in history views).
    pub state: FindingState,
    /// What it is about.
    pub subject: SubjectRef,
    /// The consequence in one sentence.
    pub sentence: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What is missing, when it is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// Concrete remedy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Why the severity was moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalation: Vec<String>,
    /// How much depends on the subject.
    pub exposure: Exposure,
    /// Points it costs the proven score, in millionths of a point.
    pub points_lost_micro: i64,
    /// First seen.
    pub first_seen: Timestamp,
    /// Newest observation.
    pub last_seen: Timestamp,
    /// Its life, oldest first.
    pub life: Vec<LifeEvent>,
    /// Acceptance, when it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
    /// Roadmap item that closes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
}
