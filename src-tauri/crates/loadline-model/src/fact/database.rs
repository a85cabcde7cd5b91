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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Full scans that keep only a part of what they read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scans: Vec<TableScan>,
    /// What the planner would do with an index that does not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hypothetical: Option<HypotheticalIndex>,
}

/// A full scan with a filter, as the planner expects it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TableScan {
    /// The table, with its schema where there is one.
    pub table: String,
    /// Rows it reads.
    #[serde(default)]
    pub rows_read: Option<f64>,
    /// Rows it keeps.
    #[serde(default)]
    pub rows_kept: Option<f64>,
    /// Columns the statement compares for equality in this table.
    #[serde(default)]
    pub columns: Vec<String>,
}

/// An index that was only supposed: planned with, never built.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HypotheticalIndex {
    /// The table, with its schema where there is one.
    pub table: String,
    /// Leading to trailing columns.
    pub columns: Vec<String>,
    /// Planner's cost of the statement with it.
    pub cost: f64,
}

/// A foreign key that no index of its own table serves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnindexedReference {
    /// Name of the constraint.
    pub constraint: String,
    /// Its columns in this table.
    pub columns: Vec<String>,
    /// The table it refers to.
    pub to: String,
    /// Rows deleted from that table since the counting began: each searches this table.
    #[serde(default)]
    pub deletes: Option<f64>,
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
    /// Foreign keys of this table without an index that begins with their columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unindexed_references: Vec<UnindexedReference>,
    /// Bytes of the heap that hold no row, estimated from the planner's row widths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bloat_bytes: Option<f64>,
    /// Number of partitions, of a table that is divided into them; its counts are their sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<f64>,
    /// Name of the table this one is a partition of: its statements, scans and indexes are counted there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_of: Option<String>,
    /// The last partition by time, where no other takes later rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_partition: Option<LastPartition>,
}

/// The partition behind which a table takes no rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastPartition {
    /// Its lower bound, included; `None`: open.
    pub from: Option<Timestamp>,
    /// Its upper bound, not included: rows from here on are refused.
    pub until: Timestamp,
}

/// Statistics of one index. Subject: the table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Exact identity of each column (operator class, collation, direction, expression); empty: the columns tell all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// Access method, predicate and included columns: only indexes that agree in it can replace each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alike: Option<String>,
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
