//! Indexes: what they serve and what they cost.

use super::reading::Reading;
use super::row::Columns;
use super::statements::INDEXES;
use crate::Cancelled;
use crate::sql::filters::Index;
use loadline_model::{GapReason, IndexStat};

const MOST_INDEXES: usize = 5000;

/// Says every index; returns what leads each.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<Vec<Index>, Cancelled> {
    let Some(rows) = r.rows(&INDEXES).await? else { return Ok(Vec::new()) };
    let mut read = Vec::new();
    for row in &rows {
        let names = (row.text("schema"), row.text("table_name"), row.text("name"));
        let (Some(schema), Some(table), Some(index)) = names else { continue };
        let columns = row.texts("columns");
        let valid = row.flag("valid");
        if let Some(leading) = columns.first() {
            let table = format!("{schema}.{table}");
            read.push(Index { table, leading: leading.clone(), valid: valid.unwrap_or(false) });
        }
        let stat = IndexStat {
            index,
            columns,
            scans: row.number("scans"),
            bytes: row.number("bytes"),
            unique: row.flag("uniq"),
            valid,
            since: row.time("since"),
            keys: row.texts("keys"),
            alike: row.text("alike"),
        };
        r.measured(&r.server.table(&schema, &table), &INDEXES, stat);
    }
    if rows.len() >= MOST_INDEXES {
        let detail = format!("The {MOST_INDEXES} largest indexes were read.");
        r.answer.miss(GapReason::LimitReached, detail, "Nothing to do: smaller indexes rarely matter.");
    }
    Ok(read)
}
