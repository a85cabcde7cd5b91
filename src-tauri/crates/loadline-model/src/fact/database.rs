//! What databases say of themselves.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// SELECT, find.
    Read,
    /// INSERT, UPDATE, DELETE, MERGE.
    Write,
    /// Everything else.
    Other,
}

/// Statistics of one statement shape; literals were removed at the server. Subject: the database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryStat {
    /// Identity of the shape.
    pub fingerprint: String,
    /// Normalised text without literals.
    pub text: String,
    /// Read or write.
    pub verb: Verb,
    /// Executions since `since`.
    pub calls: f64,
    /// Milliseconds of execution since `since`.
    pub total_ms: f64,
    /// Rows returned or affected since `since`.
    pub rows: f64,
    /// Rows or documents examined since `since`, when the engine counts them.
    #[serde(default)]
    pub rows_examined: Option<f64>,
    /// Blocks read from outside the buffer cache.
    #[serde(default)]
    pub blocks_read: Option<f64>,
    /// Blocks written to temporary files.
    #[serde(default)]
    pub temp_blocks: Option<f64>,
    /// Start of the counting.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// Tables it names, when recognised.
    #[serde(default)]
    pub tables: Vec<String>,
    /// Endpoint it serves, when known.
    #[serde(default)]
    pub route: Option<String>,
}

/// A plan, summarised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Statement it belongs to.
    pub fingerprint: String,
    /// Outermost to innermost node names.
    pub nodes: Vec<String>,
    /// Tables read in full.
    #[serde(default)]
    pub full_scans: Vec<String>,
    /// Planner's cost.
    #[serde(default)]
    pub cost: Option<f64>,
}

/// Statistics of one table. Subject: the table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TableStat {
    /// Live rows.
    #[serde(default)]
    pub rows: Option<f64>,
    /// Dead rows.
    #[serde(default)]
    pub dead_rows: Option<f64>,
    /// Bytes of the heap.
    #[serde(default)]
    pub bytes: Option<f64>,
    /// Bytes with indexes and TOAST.
    #[serde(default)]
    pub total_bytes: Option<f64>,
    /// Sequential scans since `since`.
    #[serde(default)]
    pub seq_scans: Option<f64>,
    /// Rows read by sequential scans since `since`.
    #[serde(default)]
    pub seq_rows_read: Option<f64>,
    /// Index scans since `since`.
    #[serde(default)]
    pub index_scans: Option<f64>,
    /// Number of columns.
    #[serde(default)]
    pub columns: Option<f64>,
    /// Rows changed since the last analyze.
    #[serde(default)]
    pub modified_since_analyze: Option<f64>,
    /// Last automatic vacuum.
    #[serde(default)]
    pub last_autovacuum: Option<Timestamp>,
    /// Last automatic analyze.
    #[serde(default)]
    pub last_autoanalyze: Option<Timestamp>,
    /// Start of the counting.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// Filter columns seen in statements on this table that no index leads with: candidates for an index.
    #[serde(default)]
    pub unindexed_filters: Vec<String>,
}

/// Statistics of one index. Subject: the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexStat {
    /// Its name.
    pub index: String,
    /// Leading to trailing columns.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Scans since `since`.
    #[serde(default)]
    pub scans: Option<f64>,
    /// Bytes.
    #[serde(default)]
    pub bytes: Option<f64>,
    /// Enforces uniqueness or a constraint.
    #[serde(default)]
    pub unique: Option<bool>,
    /// Usable.
    #[serde(default)]
    pub valid: Option<bool>,
    /// Start of the counting.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

/// A connection or worker pool. Subject: the pool's owner.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PoolStat {
    /// Its name.
    pub pool: String,
    /// Most connections it may open.
    #[serde(default)]
    pub size: Option<f64>,
    /// In use at the time of reading.
    #[serde(default)]
    pub active: Option<f64>,
    /// Clients waiting at the time of reading.
    #[serde(default)]
    pub waiting: Option<f64>,
    /// Longest wait in seconds.
    #[serde(default)]
    pub max_wait_s: Option<f64>,
    /// Processes that each own such a pool.
    #[serde(default)]
    pub processes: Option<f64>,
}

/// One look at locks and transactions. Subject: the database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockSample {
    /// When.
    pub at: Timestamp,
    /// Active sessions.
    pub active: f64,
    /// Sessions waiting for a lock.
    pub blocked: f64,
    /// Longest lock wait in seconds.
    pub longest_wait_s: f64,
    /// Longest idle-in-transaction session in seconds.
    pub longest_idle_in_transaction_s: f64,
    /// Oldest open transaction in seconds.
    pub oldest_transaction_s: f64,
    /// Who blocks whom, one readable line each, without literals.
    #[serde(default)]
    pub chains: Vec<String>,
}
