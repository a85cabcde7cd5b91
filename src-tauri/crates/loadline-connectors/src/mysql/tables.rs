//! Scope `tables`: the tables of every database, with their indexes, integer keys and statements.

use super::partitions::{self, Parts};
use super::reading::Reading;
use super::row::Row;
use super::statements::{COLUMNS, EVERY_TABLE, Need, TABLES};
use super::{indexes, keys, queries};
use crate::Cancelled;
use crate::sql::filters::{self, Filters, Index};
use crate::sql::text::Tables;
use loadline_model::{Basis, Confidence, Edge, GapReason, Kind, Limited, Relation, Resource, TableStat, key};
use std::collections::BTreeMap;

const MOST_TABLES: usize = 500;
const MOST_COLUMNS: usize = 20_000;

/// A column's name and type, and whether the server numbers it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// `int(10) unsigned`, `bigint`, …
    pub kind: String,
    /// `AUTO_INCREMENT`.
    pub counts: bool,
}

/// Columns by `schema.table`.
pub(super) type Columns = BTreeMap<String, Vec<Column>>;

/// `schema.table` of a row.
pub(super) fn full_name(row: &Row) -> Option<String> {
    Some(format!("{}.{}", row.text("table_schema")?, row.text("table_name")?))
}

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let rows = r.rows(&TABLES).await?;
    let columns = columns(r).await?;
    let mut known = Tables::default();
    for row in rows.as_deref().unwrap_or_default() {
        let (Some(schema), Some(name), Some(full)) = (row.text("table_schema"), row.text("table_name"), full_name(row))
        else {
            continue;
        };
        let names = columns.get(&full).map(|c| c.iter().map(|c| c.name.clone()).collect()).unwrap_or_default();
        known.add(&schema, &name, names);
    }
    let counting = queries::counting(r).await?;
    let shapes = queries::read(r, &counting, &known).await?;
    let indexes = indexes::read(r, &counting).await?;
    // A replica's tables are its primary's; only what reads use there (its indexes, its statements) is new.
    if let Some(rows) = rows.filter(|_| !r.server.is_standby()) {
        let parts = partitions::read(r, &rows).await?;
        tables(r, &rows, &columns, (&shapes, &indexes), &parts);
        complete(r, &rows).await?;
        keys::say(r, &rows, &columns);
        let bytes = rows.first().and_then(|row| row.number("all_bytes"));
        r.number(&TABLES, key::DATABASE_BYTES, bytes);
        r.now(&TABLES, Limited::Disk.used_metric(), "bytes", None, bytes);
    }
    Ok(())
}

async fn columns(r: &mut Reading<'_>) -> Result<Columns, Cancelled> {
    let rows = r.rows(&COLUMNS).await?.unwrap_or_default();
    let cut = rows.len() >= MOST_COLUMNS;
    let mut found = Columns::new();
    for row in &rows {
        if let (Some(table), Some(name)) = (full_name(row), row.text("column_name")) {
            let kind = row.text("column_type").unwrap_or_default();
            let counts = row.flag("counts").unwrap_or(false);
            found.entry(table).or_default().push(Column { name, kind, counts });
        }
    }
    if cut {
        // The last table may have more than were read.
        found.pop_last();
        let detail = format!("Columns of the first {} tables were read, {MOST_COLUMNS} in all.", found.len());
        r.answer.miss(
            GapReason::LimitReached,
            detail,
            "Nothing to do: the other tables are judged without their columns.",
        );
    }
    Ok(found)
}

fn tables(
    r: &mut Reading<'_>,
    rows: &[Row],
    columns: &Columns,
    (shapes, indexes): (&[Filters], &indexes::Read),
    parts: &BTreeMap<String, Parts>,
) {
    let leading: Vec<Index> = indexes.leading.clone();
    let mut unindexed = filters::unindexed(shapes.iter().map(Vec::as_slice), &leading);
    for row in rows {
        let (Some(schema), Some(name), Some(full)) = (row.text("table_schema"), row.text("table_name"), full_name(row))
        else {
            continue;
        };
        let subject = r.server.table(&schema, &name);
        r.answer.say(&subject, TABLES.name, Basis::Configured, Resource::new(Kind::Table, &full));
        let edge = Edge { relation: Relation::StoredIn, to: r.server.cluster(), confidence: Confidence::Declared };
        r.answer.say(&subject, TABLES.name, Basis::Configured, edge);
        let (data, index) = (row.number("data_length"), row.number("index_length"));
        let stat = TableStat {
            rows: row.number("table_rows"),
            bytes: data,
            total_bytes: data.zip(index).map(|(d, i)| d + i),
            seq_rows_read: indexes.read_in_full.get(&full).copied(),
            columns: columns.get(&full).map(|c| c.len() as f64),
            since: indexes.since,
            unindexed_filters: unindexed.remove(&full).unwrap_or_default(),
            partitions: parts.get(&full).map(|p| p.count),
            last_partition: parts.get(&full).and_then(|p| p.last),
            ..TableStat::default()
        };
        r.measured(&subject, &TABLES, stat);
    }
}

/// Missing privileges on tables are no refusal, only fewer rows: only as many as InnoDB has are all of them.
async fn complete(r: &mut Reading<'_>, rows: &[Row]) -> Result<(), Cancelled> {
    let listed = rows.first().and_then(|row| row.number("listed")).unwrap_or(0.0);
    if listed > MOST_TABLES as f64 {
        let detail = format!("{listed} tables exist; the {MOST_TABLES} largest were read.");
        let closes = "Nothing to do: smaller tables rarely matter.";
        r.answer.miss_of(GapReason::LimitReached, detail, closes, &[Kind::Table], None);
        return Ok(());
    }
    if !r.server.process {
        r.lacks(Need::Process, "how many tables there are, so that some may be hidden from it", &[Kind::Table]);
        return Ok(());
    }
    let Some(counted) = r.rows(&EVERY_TABLE).await? else { return Ok(()) };
    let at = |column| counted.first().and_then(|row| row.number(column));
    match at("existing").zip(at("seen")).map(|(existing, seen)| existing - seen) {
        Some(hidden) if hidden <= 0.0 => r.answer.listed(Kind::Table),
        Some(hidden) => r.lacks(Need::Structure, &format!("{hidden:.0} tables"), &[Kind::Table]),
        None => {}
    }
    Ok(())
}
