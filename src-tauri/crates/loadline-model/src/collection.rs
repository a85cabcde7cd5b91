//! Collections (one account, one run) and snapshots (a manifest over the newest visit of every scope).

use crate::{AccountId, AccountSummary, CollectionId, Fact, Gap, Kind, SnapshotId, SubjectId, Timestamp, Zone};
use serde::{Deserialize, Serialize};

/// How a scope ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeStatus {
    /// Everything in it was read.
    Complete,
    /// Some of it was read; gaps say what is missing.
    Partial,
    /// Nothing of it could be read.
    Failed,
}

/// One durable part of a collection: service × region, one database, …
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// Stable name within the account, such as `server` or `database/app`.
    pub name: String,
    /// How it ended.
    pub status: ScopeStatus,
    /// When it was finished.
    pub finished_at: Timestamp,
    /// Kinds whose inventory was read completely: absence of such a thing is then known.
    #[serde(default)]
    pub inventories: Vec<Kind>,
    /// What was said.
    pub facts: Vec<Fact>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// What one run cost the account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CollectionCost {
    /// Requests or statements sent.
    pub calls: u64,
    /// Requests that the vendor bills.
    pub billed_calls: u64,
    /// Milliseconds the source spent answering, as far as we can tell.
    pub busy_ms: u64,
    /// Most connections open at once.
    pub connections: u32,
}

impl CollectionCost {
    /// Both parts of a collection that was gone on with: everything adds up but the connections, which were not open at once.
    #[must_use]
    pub fn and(self, later: &Self) -> Self {
        Self {
            calls: self.calls + later.calls,
            billed_calls: self.billed_calls + later.billed_calls,
            busy_ms: self.busy_ms + later.busy_ms,
            connections: self.connections.max(later.connections),
        }
    }
}

/// One run over one account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    /// Its id.
    pub id: CollectionId,
    /// The account.
    pub account: AccountId,
    /// Begun.
    pub started_at: Timestamp,
    /// Ended, when it did.
    pub finished_at: Option<Timestamp>,
    /// What it cost.
    pub cost: CollectionCost,
    /// Its scopes.
    pub scopes: Vec<Scope>,
}

/// A complete inventory: things of this kind that are not listed do not exist in this scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Inventory {
    /// Account.
    pub account: AccountId,
    /// Scope.
    pub scope: String,
    /// Kind.
    pub kind: Kind,
    /// Read at.
    pub read_at: Timestamp,
}

/// Two ids are one thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alias {
    /// The other name.
    pub alias: SubjectId,
    /// The name used everywhere.
    pub canonical: SubjectId,
    /// Who said so: a person, or the exact id or endpoint that matched.
    pub basis: String,
    /// Author of a manual link; `loadline` for automatic ones.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// False: a later row took the link back.
    pub linked: bool,
}

/// Everything known at one time: the input of every pure stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its id.
    pub id: SnapshotId,
    /// Taken at; freshness is judged against this.
    pub taken_at: Timestamp,
    /// The workspace's zone.
    pub zone: Zone,
    /// Accounts, connected or not.
    pub accounts: Vec<AccountSummary>,
    /// What is known, series and distributions assembled.
    pub facts: Vec<Fact>,
    /// What is not.
    pub gaps: Vec<Gap>,
    /// What was listed completely.
    pub inventories: Vec<Inventory>,
    /// Which ids are one thing.
    pub aliases: Vec<Alias>,
}
