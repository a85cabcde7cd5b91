//! Scope `database/<name>`: tables with their indexes, integer keys, statements and plans.

use super::partitions::{self, Whole};
use super::queries::Shape;
use super::reading::Reading;
use super::row::Columns;
use super::statements::{TABLE_SIZES, TABLES};
use super::{bloat, foreign_keys, indexes, plans, queries, sequences};
use crate::Cancelled;
use crate::sql::filters::{self, Index};
use loadline_model::{
    Basis, Confidence, Edge, GapReason, Kind, Relation, Resource, TableStat, UnindexedReference, key::metric,
};
use sqlx::postgres::PgRow;
use std::collections::BTreeMap;

const MOST_TABLES: usize = 500;
/// Tables of which every collection keeps the size, so that their growth can be seen.
const MOST_GROWTHS: usize = 100;

/// What is known of tables besides their own row.
struct Beside<'a> {
    shapes: &'a [Shape],
    indexes: &'a [Index],
    references: BTreeMap<String, Vec<UnindexedReference>>,
    bloat: BTreeMap<String, f64>,
    wholes: BTreeMap<String, Whole>,
}

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let rows = r.rows(&TABLES).await?;
    let wholes = partitions::read(r).await?;
    let known = partitions::known(rows.as_deref().unwrap_or_default(), &wholes);
    let shapes = queries::read(r, &known).await?;
    let indexes = indexes::read(r).await?;
    if let Some(rows) = rows {
        // A standby's tables are the primary's; only what reads use there (its index scans, its statements) is new.
        if !r.server.standby {
            let (references, bloat) = (foreign_keys::read(r).await?, bloat::read(r).await?);
            tables(r, &rows, Beside { shapes: &shapes, indexes: &indexes, references, bloat, wholes }).await?;
            plans::read(r, &shapes, &indexes, &plans::Known { tables: &known, rows: &live(&rows) }).await?;
        }
    }
    if r.server.standby { Ok(()) } else { sequences::read(r).await }
}

/// Live rows by table.
fn live(rows: &[PgRow]) -> BTreeMap<String, f64> {
    let one = |row: &PgRow| Some((format!("{}.{}", row.text("schema")?, row.text("name")?), row.number("live")?));
    rows.iter().filter_map(one).collect()
}

async fn tables(r: &mut Reading<'_>, rows: &[PgRow], mut beside: Beside<'_>) -> Result<(), Cancelled> {
    let sizes = sizes(r).await?;
    let mut unindexed = filters::unindexed(beside.shapes.iter().map(|s| s.filters.as_slice()), beside.indexes);
    let mut measured: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let (Some(schema), Some(name)) = (row.text("schema"), row.text("name")) else { continue };
        let full = format!("{schema}.{name}");
        let id = row.text("id").unwrap_or_default();
        let exact = sizes.get(&id).copied();
        let own = TableStat { bloat_bytes: beside.bloat.get(&id).copied(), ..stat(row, exact) };
        if let Some(whole) = partitions::of(row, &beside.wholes) {
            measured.entry(whole.full()).or_default().extend(exact);
            say(r, &schema, &name, partitions::part(own, whole), false);
            continue;
        }
        let own = TableStat {
            unindexed_references: beside.references.remove(&full).unwrap_or_default(),
            unindexed_filters: unindexed.remove(&full).unwrap_or_default(),
            ..own
        };
        say(r, &schema, &name, own, place < MOST_GROWTHS);
    }
    for whole in std::mem::take(&mut beside.wholes).into_values() {
        let full = whole.full();
        let exact = partitions::sum(&whole.stat, measured.get(&full).map_or(&[], Vec::as_slice));
        let own = TableStat {
            unindexed_references: beside.references.remove(&full).unwrap_or_default(),
            unindexed_filters: unindexed.remove(&full).unwrap_or_default(),
            bytes: exact.map(|e| e.0).or(whole.stat.bytes),
            total_bytes: exact.map(|e| e.1),
            ..whole.stat
        };
        say(r, &whole.schema, &whole.name, own, true);
    }
    let listed = rows.first().and_then(|row| row.number("listed")).unwrap_or(0.0);
    if listed > MOST_TABLES as f64 {
        let detail = format!("{listed} tables exist; the {MOST_TABLES} largest were read.");
        let closes = "Nothing to do: smaller tables rarely matter.";
        r.answer.miss_of(GapReason::LimitReached, detail, closes, &[Kind::Table], None);
    } else {
        r.answer.listed(Kind::Table);
    }
    Ok(())
}

/// Says one table; `growing` keeps its size for a series.
fn say(r: &mut Reading<'_>, schema: &str, name: &str, stat: TableStat, growing: bool) {
    let subject = r.server.table(schema, name);
    r.answer.say(&subject, TABLES.name, Basis::Configured, Resource::new(Kind::Table, format!("{schema}.{name}")));
    let edge = Edge { relation: Relation::StoredIn, to: r.server.cluster(), confidence: Confidence::Declared };
    r.answer.say(&subject, TABLES.name, Basis::Configured, edge);
    if growing {
        r.answer.sample(&subject, TABLE_SIZES.name, metric::TABLE_BYTES, "bytes", None, stat.total_bytes);
    }
    r.measured(&subject, &TABLES, stat);
}

/// Exact bytes by table; empty when a table was locked, and then the planner's estimate is used.
async fn sizes(r: &mut Reading<'_>) -> Result<BTreeMap<String, (f64, f64)>, Cancelled> {
    let rows = r.rows(&TABLE_SIZES).await?.unwrap_or_default();
    let one = |row: &PgRow| Some((row.text("id")?, (row.number("bytes")?, row.number("total")?)));
    Ok(rows.iter().filter_map(one).collect())
}

fn stat(row: &PgRow, exact: Option<(f64, f64)>) -> TableStat {
    TableStat {
        rows: row.number("live"),
        dead_rows: row.number("dead"),
        bytes: exact.map(|e| e.0).or_else(|| row.number("estimated_bytes")),
        total_bytes: exact.map(|e| e.1),
        seq_scans: row.number("seq_scan"),
        seq_rows_read: row.number("seq_read"),
        index_scans: row.number("idx_scan"),
        columns: Some(row.texts("columns").len() as f64),
        modified_since_analyze: row.number("modified"),
        last_autovacuum: row.time("last_autovacuum"),
        last_autoanalyze: row.time("last_autoanalyze"),
        since: row.time("since"),
        ..TableStat::default()
    }
}
