//! Indexes: what they serve and what they cost.
//!
//! The Performance Schema counts reads by index since the server's start. Names that had no room in it are not counted, so
//! an index without a count is only unused while nothing was lost.

use super::queries::Counting;
use super::reading::Reading;
use super::row::Row;
use super::statements::{FOREIGN_KEYS, INDEX_SIZES, INDEX_USE, INDEXES};
use super::tables::full_name;
use crate::Cancelled;
use crate::sql::filters::Index;
use loadline_model::{GapReason, IndexStat, Timestamp};
use std::collections::BTreeMap;

const MOST_ROWS: usize = 20_000;

/// What the readers of tables need of indexes.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// What leads each.
    pub leading: Vec<Index>,
    /// By `schema.table`, rows that were read without an index.
    pub read_in_full: BTreeMap<String, f64>,
    /// Start of the counting.
    pub since: Option<Timestamp>,
}

/// An index as the catalog lists it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Listed {
    schema: String,
    table: String,
    name: String,
    columns: Vec<String>,
    unique: bool,
    hidden: bool,
    sorted: bool,
}

/// Says every index; returns what leads each.
pub(super) async fn read(r: &mut Reading<'_>, counting: &Counting) -> Result<Read, Cancelled> {
    let Some(rows) = r.rows(&INDEXES).await? else { return Ok(Read::default()) };
    let cut = rows.len() >= MOST_ROWS;
    let mut listed = listed(&rows);
    let keys = foreign_keys(&r.rows(&FOREIGN_KEYS).await?.unwrap_or_default());
    let sizes = r.rows(&INDEX_SIZES).await?.unwrap_or_default();
    let bytes: BTreeMap<(String, String), f64> =
        sizes.iter().filter_map(|row| Some((of(row)?, row.number("bytes")?))).collect();
    let uses = if counting.tables { r.rows(&INDEX_USE).await? } else { None };
    let all_counted = uses.as_ref().is_some_and(|rows| rows.len() < MOST_ROWS) && counting.lost == Some(0.0);
    let since = uses.as_ref().and(counting.since);
    let uses = uses.unwrap_or_default();
    let used: BTreeMap<(String, String), f64> =
        uses.iter().filter_map(|row| Some((of(row)?, row.number("used")?))).collect();
    if cut {
        listed.pop();
        let detail = format!("The first {} indexes were read.", listed.len());
        r.answer.miss(GapReason::LimitReached, detail, "Nothing to do: the other indexes are not judged.");
    }
    let guarded = guards(&listed, &keys);
    for (index, guards) in listed.iter().zip(guarded) {
        let at = (format!("{}.{}", index.schema, index.table), index.name.clone());
        let stat = IndexStat {
            index: index.name.clone(),
            columns: index.columns.clone(),
            scans: used.get(&at).copied().or(all_counted.then_some(0.0)),
            bytes: bytes.get(&at).copied(),
            unique: Some(index.unique || guards),
            valid: Some(true),
            since,
            ..IndexStat::default()
        };
        r.measured(&r.server.table(&index.schema, &index.table), &INDEXES, stat);
    }
    let leading = listed.iter().filter(|i| i.sorted).filter_map(|i| {
        let (table, leading) = (format!("{}.{}", i.schema, i.table), i.columns.first()?.clone());
        // A prefix finds equal values as well; a hidden index finds nothing.
        let leading = leading.split('(').next().filter(|n| !n.is_empty()).map_or(leading.clone(), str::to_owned);
        Some(Index { table, leading: leading.trim_end_matches(" desc").to_owned(), valid: !i.hidden })
    });
    let in_full = uses.iter().filter(|row| row.text("index_name").is_none());
    let read_in_full = in_full.filter_map(|row| Some((full_name(row)?, row.number("fetched")?))).collect();
    Ok(Read { leading: leading.collect(), read_in_full, since })
}

/// Table and index of a row; nothing for rows about no index.
fn of(row: &Row) -> Option<(String, String)> {
    Some((full_name(row)?, row.text("index_name")?))
}

/// One index from its rows, in order of columns. A prefix and a direction are part of a column: such an index covers no
/// other one.
fn listed(rows: &[Row]) -> Vec<Listed> {
    let mut found: Vec<Listed> = Vec::new();
    for row in rows {
        let (Some(schema), Some(table), Some(name)) =
            (row.text("table_schema"), row.text("table_name"), row.text("index_name"))
        else {
            continue;
        };
        let kind = row.text("index_type").unwrap_or_default().to_ascii_lowercase();
        let sorted = matches!(kind.as_str(), "btree" | "hash" | "");
        let column = row.text("column_name").unwrap_or_else(|| "(expression)".to_owned());
        let column = match (row.number("sub_part"), row.text("direction").as_deref()) {
            _ if !sorted => format!("{kind}({column})"),
            (Some(length), _) => format!("{column}({length})"),
            (None, Some("D")) => format!("{column} desc"),
            _ => column,
        };
        let same = |i: &Listed| i.schema == schema && i.table == table && i.name == name;
        if !found.last().is_some_and(same) {
            let (unique, hidden) = (row.flag("free") == Some(false), row.flag("hidden") == Some(true));
            found.push(Listed { schema, table, name, columns: Vec::new(), unique, hidden, sorted });
        }
        if let Some(last) = found.last_mut() {
            last.columns.push(column);
        }
    }
    found
}

/// Columns of each foreign key, by table.
fn foreign_keys(rows: &[Row]) -> BTreeMap<(String, String), Vec<String>> {
    let mut found: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for row in rows {
        if let (Some(table), Some(name), Some(column)) = (full_name(row), row.text("name"), row.text("column_name")) {
            found.entry((table, name)).or_default().push(column);
        }
    }
    found
}

/// Which indexes a foreign key needs: of those that begin with its columns, the first by name.
fn guards(listed: &[Listed], keys: &BTreeMap<(String, String), Vec<String>>) -> Vec<bool> {
    let mut guards = vec![false; listed.len()];
    for ((table, _), columns) in keys {
        let serves = |i: &&(usize, &Listed)| {
            format!("{}.{}", i.1.schema, i.1.table) == *table && i.1.columns.starts_with(columns)
        };
        let first = listed.iter().enumerate().filter(|i| serves(&i)).min_by(|a, b| a.1.name.cmp(&b.1.name));
        if let Some(guard) = first.and_then(|(at, _)| guards.get_mut(at)) {
            *guard = true;
        }
    }
    guards
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, column: &str, more: &[(&str, &str)]) -> Row {
        let mut columns =
            vec![("table_schema", "shop"), ("table_name", "orders"), ("index_name", name), ("column_name", column)];
        columns.extend([("free", "1"), ("direction", "A"), ("index_type", "BTREE"), ("hidden", "0")]);
        columns.extend(more);
        Row::of(&columns)
    }

    #[test]
    fn rows_become_indexes() {
        let rows = [
            row("PRIMARY", "id", &[("free", "0")]),
            row("by_name", "name", &[("sub_part", "10")]),
            row("by_user", "user_id", &[]),
            row("by_user", "created", &[("direction", "D")]),
            row("lower_mail", "", &[("hidden", "1")]),
            row("words", "body", &[("index_type", "FULLTEXT")]),
        ];
        let found = listed(&rows);
        let columns: Vec<String> = found.iter().map(|i| i.columns.join(",")).collect();
        assert_eq!(columns, ["id", "name(10)", "user_id,created desc", "(expression)", "fulltext(body)"]);
        let told: Vec<(bool, bool, bool)> = found.iter().map(|i| (i.unique, i.hidden, i.sorted)).collect();
        assert_eq!(told[0], (true, false, true));
        assert_eq!((told[3], told[4]), ((false, true, true), (false, false, false)));
    }

    #[test]
    fn one_index_stays_for_a_foreign_key() {
        let found = listed(&[
            row("b", "user_id", &[]),
            row("c", "user_id", &[]),
            row("c", "status", &[]),
            row("d", "status", &[]),
        ]);
        let key =
            Row::of(&[("table_schema", "shop"), ("table_name", "orders"), ("name", "fk"), ("column_name", "user_id")]);
        assert_eq!(guards(&found, &foreign_keys(&[key])), [true, false, false]);
        assert_eq!(guards(&found, &BTreeMap::new()), [false, false, false]);
    }
}
