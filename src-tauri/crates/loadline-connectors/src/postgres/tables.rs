//! Scope `database/<name>`: tables with their indexes, integer keys, statements and plans.

use super::queries::Shape;
use super::reading::Reading;
use super::row::Columns;
use super::statements::{TABLE_SIZES, TABLES};
use super::{bloat, foreign_keys, indexes, plans, queries, sequences};
use crate::Cancelled;
use crate::sql::filters::{self, Index};
use crate::sql::text::Tables;
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
}

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let rows = r.rows(&TABLES).await?;
    let known = known(rows.as_deref().unwrap_or_default());
    let shapes = queries::read(r, &known).await?;
    let indexes = indexes::read(r).await?;
    if let Some(rows) = rows {
        // A standby's tables are the primary's; only what reads use there (its index scans, its statements) is new.
        if !r.server.standby {
            let (references, bloat) = (foreign_keys::read(r).await?, bloat::read(r).await?);
            tables(r, &rows, Beside { shapes: &shapes, indexes: &indexes, references, bloat }).await?;
            plans::read(r, &shapes, &indexes, &live(&rows)).await?;
        }
    }
    if r.server.standby { Ok(()) } else { sequences::read(r).await }
}

/// Live rows by table.
fn live(rows: &[PgRow]) -> BTreeMap<String, f64> {
    let one = |row: &PgRow| Some((format!("{}.{}", row.text("schema")?, row.text("name")?), row.number("live")?));
    rows.iter().filter_map(one).collect()
}

fn known(rows: &[PgRow]) -> Tables {
    let mut tables = Tables::default();
    for row in rows {
        if let (Some(schema), Some(name)) = (row.text("schema"), row.text("name")) {
            tables.add(&schema, &name, row.texts("columns"));
        }
    }
    tables
}

async fn tables(r: &mut Reading<'_>, rows: &[PgRow], mut beside: Beside<'_>) -> Result<(), Cancelled> {
    let sizes = sizes(r).await?;
    let mut unindexed = filters::unindexed(beside.shapes.iter().map(|s| s.filters.as_slice()), beside.indexes);
    for (place, row) in rows.iter().enumerate() {
        let (Some(schema), Some(name)) = (row.text("schema"), row.text("name")) else { continue };
        let subject = r.server.table(&schema, &name);
        let full = format!("{schema}.{name}");
        r.answer.say(&subject, TABLES.name, Basis::Configured, Resource::new(Kind::Table, &full));
        let edge = Edge { relation: Relation::StoredIn, to: r.server.cluster(), confidence: Confidence::Declared };
        r.answer.say(&subject, TABLES.name, Basis::Configured, edge);
        let id = row.text("id").unwrap_or_default();
        let exact = sizes.get(&id).copied();
        let stat = TableStat {
            unindexed_references: beside.references.remove(&full).unwrap_or_default(),
            bloat_bytes: beside.bloat.get(&id).copied(),
            ..stat(row, exact, unindexed.remove(&full).unwrap_or_default())
        };
        if place < MOST_GROWTHS {
            r.answer.sample(&subject, TABLE_SIZES.name, metric::TABLE_BYTES, "bytes", None, stat.total_bytes);
        }
        r.measured(&subject, &TABLES, stat);
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

/// Exact bytes by table; empty when a table was locked, and then the planner's estimate is used.
async fn sizes(r: &mut Reading<'_>) -> Result<BTreeMap<String, (f64, f64)>, Cancelled> {
    let rows = r.rows(&TABLE_SIZES).await?.unwrap_or_default();
    let one = |row: &PgRow| Some((row.text("id")?, (row.number("bytes")?, row.number("total")?)));
    Ok(rows.iter().filter_map(one).collect())
}

fn stat(row: &PgRow, exact: Option<(f64, f64)>, unindexed_filters: Vec<String>) -> TableStat {
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
        unindexed_filters,
        ..TableStat::default()
    }
}
