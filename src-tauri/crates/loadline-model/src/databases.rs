//! What a workspace's databases do, and what could be done about it: computed from the facts of several snapshots for the
//! page and the command that compare databases. It is derived on request and no part of an assessment.

use crate::{
    Effect, Environment, Fingerprint, Gap, Interval, RuleId, Severity, SubjectId, SubjectRef, Timestamp, Verb, Verdict,
};
use serde::{Deserialize, Serialize};

/// The databases of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Databases {
    /// The snapshot's time.
    pub as_of: Timestamp,
    /// Databases, the busiest first.
    pub databases: Vec<DatabaseRow>,
    /// Statement shapes, the costliest first.
    pub statements: Vec<StatementRow>,
    /// Indexes to add and to drop, by the share of the workload that they touch.
    pub advice: Vec<IndexAdvice>,
    /// Index questions that are not proven, grouped by what would close them.
    pub unproven: Vec<Unproven>,
    /// Who may open connections, tier by tier; in the order of `databases`.
    pub chains: Vec<Chain>,
    /// Tables, the fastest growing first.
    pub tables: Vec<TableRow>,
    /// What could not be read of these databases.
    pub gaps: Vec<Gap>,
}

/// One database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatabaseRow {
    /// The database.
    pub subject: SubjectRef,
    /// `postgresql`, `mongodb`, ….
    pub engine: Option<String>,
    /// As the vendor writes it.
    pub version: Option<String>,
    /// A provider operates it.
    pub managed: Option<bool>,
    /// Production, staging or development, when known.
    pub environment: Option<Environment>,
    /// Client connections in use when it was read.
    pub connections: Option<f64>,
    /// Connections that clients may use: the limit without those reserved for administrators.
    pub usable: Option<f64>,
    /// Share of them in use at peak, 0–1, from a series.
    pub at_peak: Option<f64>,
    /// Share of reads answered from its buffers, 0–1.
    pub hit_ratio: Option<f64>,
    /// Copies that follow it.
    pub replicas: Vec<Replica>,
    /// Copies that could take over, when only their number is known.
    pub standbys: Option<f64>,
    /// Size in bytes, with indexes where the source counts them.
    pub bytes: Option<f64>,
    /// Growth in bytes a day between the readings; negative when it shrank.
    pub bytes_per_day: Option<f64>,
    /// Share of the disk in use, 0–1.
    pub disk: Option<f64>,
    /// Days until the disk's alarm line at the rate at which it filled.
    pub disk_days: Option<Interval>,
    /// Why the days are not known; `None` beside no days: it does not fill within two years.
    pub disk_unknown: Option<Missing>,
    /// Statement shapes that were read.
    pub shapes: usize,
    /// Milliseconds of execution of all of them.
    pub total_ms: f64,
    /// Start of that count; `None` when not known.
    pub counted_from: Option<Timestamp>,
    /// Hours counted.
    pub counted_hours: Option<f64>,
    /// Statements running at once on average over the count: seconds of execution per second; without counts, the sessions at
    /// work over the last day that the provider measured.
    pub busy: Option<f64>,
    /// Share of the execution time of all databases here, 0–1.
    pub share: Option<f64>,
    /// Why there are no statements, when there are none.
    pub no_statements: Option<Missing>,
    /// The times between readings, oldest first: the axis of every statement's history.
    pub periods: Vec<Period>,
}

/// A copy of a database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replica {
    /// Its name.
    pub name: String,
    /// Seconds it is behind; `None`: not measured.
    pub lag_s: Option<f64>,
}

/// Something that was not read, and what would make it readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// What happened.
    pub detail: String,
    /// The exact setting, permission or connection.
    pub closes: String,
}

/// The time between two readings of a database's statement statistics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Period {
    /// Counted from here.
    pub from: Timestamp,
    /// Until here.
    pub until: Timestamp,
    /// Why the two readings cannot be compared; `None`: they can.
    pub not_comparable: Option<String>,
}

/// One statement shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatementRow {
    /// The database that runs it.
    pub database: SubjectId,
    /// Identity of the shape.
    pub fingerprint: String,
    /// Text without literals.
    pub text: String,
    /// Read or write.
    pub verb: Verb,
    /// Tables it names.
    pub tables: Vec<String>,
    /// Endpoint it serves, when known.
    pub route: Option<String>,
    /// Share of the execution time of its database's shapes, 0–1.
    pub share: f64,
    /// Executions in the count.
    pub calls: f64,
    /// Executions a day; a count of less than a day is taken as a whole day's. `None`: the count's length is not known.
    pub calls_per_day: Option<f64>,
    /// Milliseconds of execution in the count.
    pub total_ms: f64,
    /// Milliseconds a call.
    pub mean_ms: f64,
    /// Rows returned or affected a call.
    pub rows_per_call: f64,
    /// Rows examined for each one returned; `None` where the engine does not count them.
    pub examined_per_row: Option<f64>,
    /// Blocks written to temporary files a call; `None` where the engine does not count them.
    pub temp_blocks_per_call: Option<f64>,
    /// First reading that listed it; `None`: already in the oldest one looked at.
    pub first_seen: Option<Timestamp>,
    /// Milliseconds of execution a day in each of its database's periods; `None`: not comparable or not listed.
    pub ms_per_day: Vec<Option<f64>>,
    /// Milliseconds a call in each period; `None` also when it did not run.
    pub mean_over: Vec<Option<f64>>,
    /// The newest period against the one before.
    pub trend: Trend,
    /// Before and after the last change that concerns it; `None`: no change is known, or it cannot be told from others.
    pub across: Option<Across>,
}

/// A statement before and after a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Across {
    /// What changed, as a clause: an index that came or went, or a deployment.
    pub what: String,
    /// It happened after this.
    pub from: Timestamp,
    /// And before this.
    pub until: Timestamp,
    /// Other changes that lie in the same time.
    pub others: usize,
    /// What the readings show.
    pub found: AcrossFound,
}

/// What readings before and after a change show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum AcrossFound {
    /// Enough periods lie on both sides.
    Measured {
        /// Milliseconds a call, of all calls in the periods before.
        before_ms: f64,
        /// The same after.
        after_ms: f64,
        /// Change of the mean in percent with its 95 % interval, from pairs of periods.
        percent: Effect,
        /// The word of the comparison, corrected for the number of statements compared.
        verdict: Verdict,
        /// Periods on each side.
        periods: usize,
    },
    /// Too few periods with enough calls.
    TooFew {
        /// Before the change.
        before: usize,
        /// After it.
        after: usize,
        /// Needed on each side.
        need: usize,
    },
}

/// How a statement's mean time moved between two periods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "trend", rename_all = "snake_case")]
pub enum Trend {
    /// Both periods are known.
    Compared {
        /// Milliseconds a call before.
        before_ms: f64,
        /// Milliseconds a call now.
        now_ms: f64,
    },
    /// It was listed for the first time in the newest reading.
    New,
    /// There is only one reading.
    OneReading,
    /// A counter was reset, or its start is not known.
    NotComparable {
        /// Why, as a sentence.
        why: String,
    },
}

/// What to do with an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexAction {
    /// One is probably missing (DB-003).
    Add,
    /// One serves no reads or is invalid (DB-019).
    Drop,
}

/// An index to add or to drop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexAdvice {
    /// What to do.
    pub action: IndexAction,
    /// The rule that says so.
    pub rule: RuleId,
    /// The finding with its evidence.
    pub finding: Fingerprint,
    /// How bad.
    pub severity: Severity,
    /// A person accepted it until a date.
    pub accepted: bool,
    /// The table.
    pub table: SubjectRef,
    /// Its database, when known.
    pub database: Option<SubjectRef>,
    /// The consequence.
    pub sentence: String,
    /// The statement to run.
    pub statement: String,
    /// Share of the database's execution time spent in statements that name the table, 0–1; `None`: no statements.
    pub weight: Option<f64>,
    /// Those statements' calls a day.
    pub calls_per_day: Option<f64>,
    /// Shapes that name the table.
    pub shapes: usize,
    /// Rows of the table.
    pub rows: Option<f64>,
    /// For an index to drop: bytes it frees.
    pub bytes: Option<f64>,
}

/// Index questions that one thing would answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unproven {
    /// The rule.
    pub rule: RuleId,
    /// What it asks about: the first few tables.
    pub tables: Vec<String>,
    /// How many there are in all.
    pub count: usize,
    /// Why it is not known.
    pub detail: String,
    /// What would close it.
    pub closes: String,
}

/// Who may open connections to one database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// The database.
    pub database: SubjectRef,
    /// Its clients, by name.
    pub clients: Vec<Client>,
    /// Poolers between them, by name.
    pub poolers: Vec<Pooler>,
    /// A pooler stands before it; `None`: not known.
    pub pooled: Option<bool>,
    /// Connections in use when it was read.
    pub in_use: Option<f64>,
    /// Connections that clients may use.
    pub usable: Option<f64>,
    /// What the tier before the database may open now; `None`: something is not known.
    pub may_open: Option<f64>,
    /// The same at the scaler's maximum.
    pub at_full_scale: Option<f64>,
    /// `pass`, `fail` or `unknown`: what DB-009 says.
    pub verdict: Option<String>,
    /// How bad, when it fails.
    pub severity: Option<Severity>,
    /// DB-009's sentence.
    pub sentence: String,
    /// Its finding, when it is one.
    pub finding: Option<Fingerprint>,
    /// What would close it, when it is not proven.
    pub closes: Option<String>,
}

/// A service that opens connections: members × processes × pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Client {
    /// The service.
    pub subject: SubjectRef,
    /// Members now.
    pub members: Option<f64>,
    /// Most members the scaler allows.
    pub most_members: Option<f64>,
    /// Processes of a member.
    pub processes: Option<f64>,
    /// Most connections of a process.
    pub pool: Option<f64>,
    /// Product at the members now.
    pub may_open: Option<f64>,
    /// Product at the most members.
    pub at_full_scale: Option<f64>,
}

/// A pooler's pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pooler {
    /// Who owns it.
    pub owner: String,
    /// The pool.
    pub pool: String,
    /// Most connections it opens to the database.
    pub size: Option<f64>,
    /// Of them in use.
    pub active: Option<f64>,
    /// Clients that wait.
    pub waiting: Option<f64>,
    /// Longest wait in seconds.
    pub max_wait_s: Option<f64>,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableRow {
    /// The table.
    pub subject: SubjectRef,
    /// Its database.
    pub database: SubjectId,
    /// Live rows.
    pub rows: Option<f64>,
    /// Bytes, with indexes where the source counts them.
    pub bytes: Option<f64>,
    /// Growth in bytes a day; negative when it shrank.
    pub bytes_per_day: Option<f64>,
    /// Growth in rows a day.
    pub rows_per_day: Option<f64>,
    /// The older of the two readings that the growth lies between.
    pub since: Option<Timestamp>,
    /// Share of the database's growth, 0–1, of what grew.
    pub growth_share: Option<f64>,
    /// Share of the execution time of statements that name it, 0–1.
    pub weight: Option<f64>,
    /// Dead rows per live row; of all partitions together, where it has some.
    pub dead_per_row: Option<f64>,
    /// Number of its partitions, where it is divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<f64>,
}
