//! Tables that are divided into partitions. Statements, scans and indexes belong to the whole; vacuum works on each part.

use super::reading::Reading;
use super::row::Columns;
use super::statements::PARTITIONED;
use crate::Cancelled;
use crate::sql::text::Tables;
use loadline_model::{LastPartition, TableStat};
use sqlx::postgres::PgRow;
use std::collections::BTreeMap;

/// One table and the sums over its partitions.
pub(super) struct Whole {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Sums, and where its last partition ends.
    pub stat: TableStat,
}

impl Whole {
    /// `schema.table`.
    pub(super) fn full(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

/// Tables with partitions, by the server's number of each.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<BTreeMap<String, Whole>, Cancelled> {
    let rows = r.rows(&PARTITIONED).await?.unwrap_or_default();
    let one = |row: &PgRow| {
        let (schema, name, columns) = (row.text("schema")?, row.text("name")?, row.texts("columns"));
        let until = row.time("last_until");
        let stat = TableStat {
            rows: row.number("live"),
            bytes: row.number("estimated_bytes"),
            seq_scans: row.number("seq_scan"),
            seq_rows_read: row.number("seq_read"),
            index_scans: row.number("idx_scan"),
            columns: Some(columns.len() as f64),
            since: row.time("since"),
            partitions: row.number("partitions"),
            last_partition: until.map(|until| LastPartition { from: row.time("last_since"), until }),
            ..TableStat::default()
        };
        Some((row.text("id")?, Whole { schema, name, columns, stat }))
    };
    Ok(rows.iter().filter_map(one).collect())
}

/// The tables whose statements are understood: plain ones, divided ones, and partitions as parts of these.
pub(super) fn known(rows: &[PgRow], wholes: &BTreeMap<String, Whole>) -> Tables {
    let mut tables = Tables::default();
    for whole in wholes.values() {
        tables.add(&whole.schema, &whole.name, whole.columns.clone());
    }
    for row in rows {
        let (Some(schema), Some(name)) = (row.text("schema"), row.text("name")) else { continue };
        match of(row, wholes) {
            Some(whole) => tables.add_partition(&schema, &name, &whole.full()),
            None => tables.add(&schema, &name, row.texts("columns")),
        }
    }
    tables
}

/// The table a row is a partition of.
pub(super) fn of<'a>(row: &PgRow, wholes: &'a BTreeMap<String, Whole>) -> Option<&'a Whole> {
    wholes.get(&row.text("root")?)
}

/// Exact bytes of the whole, when every partition was measured; `parts` are their own bytes and those with indexes.
pub(super) fn sum(whole: &TableStat, parts: &[(f64, f64)]) -> Option<(f64, f64)> {
    let all = whole.partitions.is_some_and(|n| n > 0.0 && n <= parts.len() as f64);
    all.then(|| parts.iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1)))
}

/// Says of a partition what is its own: rows, size and what vacuum did.
pub(super) fn part(stat: TableStat, of: &Whole) -> TableStat {
    TableStat {
        seq_scans: None,
        seq_rows_read: None,
        index_scans: None,
        unindexed_filters: Vec::new(),
        unindexed_references: Vec::new(),
        partition_of: Some(of.full()),
        ..stat
    }
}
