//! Tables by size and growth, and the size of databases.

use super::counts::Reading;
use super::{same_table, subject_ref};
use loadline_model::databases::{StatementRow, TableRow};
use loadline_model::{FactIndex, Kind, Relation, SubjectId, TableStat, Timestamp, key, num};
use std::collections::BTreeMap;

/// A number with the moment it was read at.
type Seen = (Timestamp, f64);

/// Every table that lies in a database, the fastest growing first.
pub(super) fn rows(readings: &[Reading<'_>], statements: &[StatementRow]) -> Vec<TableRow> {
    let Some(newest) = readings.last() else { return Vec::new() };
    let parts = parts(&newest.index);
    let mut rows: Vec<TableRow> = newest
        .index
        .of_kind(Kind::Table)
        .filter_map(|(id, resource)| {
            let database = database_of(&newest.index, id)?;
            let stat = stat(&newest.index, id).map(|(s, _)| s);
            if stat.is_some_and(|s| s.partition_of.is_some()) {
                return None;
            }
            let dead = parts.get(&(database.clone(), resource.name.clone())).and_then(|sum| dead_share(*sum));
            let bytes = seen(readings, |i| stat_of(i, id, bytes_of));
            let count = seen(readings, |i| stat_of(i, id, |s| s.rows));
            let (bytes_per_day, since) = growth(bytes);
            Some(TableRow {
                subject: subject_ref(&newest.index, id),
                weight: weight(statements, &database, &resource.name),
                database,
                rows: stat.and_then(|s| s.rows).map(num::round9),
                bytes: stat.and_then(bytes_of).map(num::round9),
                bytes_per_day,
                rows_per_day: growth(count).0,
                since,
                growth_share: None,
                dead_per_row: stat.and_then(dead_per_row).or(dead),
                partitions: stat.and_then(|s| s.partitions),
            })
        })
        .collect();
    share_out(&mut rows);
    rows.sort_by(|a, b| {
        let by = |x: Option<f64>, y: Option<f64>| num::cmp9(y.unwrap_or(f64::MIN), x.unwrap_or(f64::MIN));
        by(a.bytes_per_day, b.bytes_per_day)
            .then_with(|| by(a.bytes, b.bytes))
            .then_with(|| a.subject.id.cmp(&b.subject.id))
    });
    rows
}

fn share_out(rows: &mut [TableRow]) {
    let mut grown: BTreeMap<SubjectId, f64> = BTreeMap::new();
    for row in rows.iter() {
        *grown.entry(row.database.clone()).or_default() += row.bytes_per_day.unwrap_or(0.0).max(0.0);
    }
    for row in rows.iter_mut() {
        let total = grown.get(&row.database).copied().unwrap_or(0.0);
        row.growth_share = row.bytes_per_day.filter(|_| total > 0.0).map(|b| num::round9(b.max(0.0) / total));
    }
}

/// Share of a database's execution time in statements that name a table; `None`: no statement of it was read.
fn weight(statements: &[StatementRow], database: &SubjectId, table: &str) -> Option<f64> {
    let mut own = statements.iter().filter(|s| s.database == *database).peekable();
    own.peek()?;
    let named = own.filter(|s| s.tables.iter().any(|t| same_table(t, table)));
    Some(num::round9(named.map(|s| s.share).sum()))
}

/// Size of a database and its growth a day: what the server says, else the sum of its tables.
pub(super) fn size(readings: &[Reading<'_>], database: &SubjectId) -> (Option<f64>, Option<f64>) {
    let said = seen(readings, |i| {
        let (bytes, from) = i.number(database, key::DATABASE_BYTES)?;
        Some((from.read_at, bytes))
    });
    let summed = || {
        seen(readings, |index| {
            let part = |id: &SubjectId| stat(index, id).is_some_and(|(s, _)| s.partition_of.is_some());
            let stored = index.edges_to(database).filter(|e| e.edge.relation == Relation::StoredIn);
            let inside = stored.filter(|e| !part(&e.from));
            let sizes: Option<Vec<Seen>> = inside.map(|e| stat_of(index, &e.from, bytes_of)).collect();
            let sizes = sizes.filter(|s| !s.is_empty())?;
            Some((sizes.iter().map(|s| s.0).max()?, sizes.iter().map(|s| s.1).sum()))
        })
    };
    let all = if said.is_empty() { summed() } else { said };
    (all.last().map(|s| num::round9(s.1)), growth(all).0)
}

fn bytes_of(stat: &TableStat) -> Option<f64> {
    stat.total_bytes.or(stat.bytes)
}

fn dead_per_row(stat: &TableStat) -> Option<f64> {
    dead_share((stat.dead_rows?, stat.rows?))
}

fn dead_share((dead, live): (f64, f64)) -> Option<f64> {
    (live > 0.0).then(|| num::round9(dead / live))
}

/// Dead and live rows of all partitions of a table, by its database and name.
fn parts(index: &FactIndex<'_>) -> BTreeMap<(SubjectId, String), (f64, f64)> {
    let mut sums: BTreeMap<(SubjectId, String), (f64, f64)> = BTreeMap::new();
    for (id, _) in index.of_kind(Kind::Table) {
        let Some((stat, _)) = stat(index, id) else { continue };
        if let (Some(whole), Some(dead), Some(live)) = (&stat.partition_of, stat.dead_rows, stat.rows)
            && let Some(database) = database_of(index, id)
        {
            let sum = sums.entry((database, whole.clone())).or_default();
            *sum = (sum.0 + dead, sum.1 + live);
        }
    }
    sums
}

fn stat<'a>(index: &FactIndex<'a>, table: &SubjectId) -> Option<(&'a TableStat, Timestamp)> {
    index.facts::<TableStat>(table).max_by_key(|(_, from)| from.read_at).map(|(s, from)| (s, from.read_at))
}

fn stat_of(index: &FactIndex<'_>, table: &SubjectId, read: impl Fn(&TableStat) -> Option<f64>) -> Option<Seen> {
    let (stat, at) = stat(index, table)?;
    read(stat).filter(|n| n.is_finite() && *n >= 0.0).map(|n| (at, n))
}

/// What each reading saw, once each, oldest first.
fn seen(readings: &[Reading<'_>], look: impl Fn(&FactIndex<'_>) -> Option<Seen>) -> Vec<Seen> {
    let mut found: Vec<Seen> = readings.iter().filter_map(|r| look(&r.index)).collect();
    found.dedup_by_key(|s| s.0);
    found
}

/// Change a day from the oldest to the newest, and when the oldest was read; two readings within an hour say nothing.
fn growth(seen: Vec<Seen>) -> (Option<f64>, Option<Timestamp>) {
    let (Some(first), Some(last)) = (seen.first(), seen.last()) else { return (None, None) };
    let days = last.0.days_since(first.0);
    if days * 24.0 < 1.0 {
        return (None, None);
    }
    (Some(num::round9((last.1 - first.1) / days)), Some(first.0))
}

/// The database a table lies in.
pub(super) fn database_of(index: &FactIndex<'_>, table: &SubjectId) -> Option<SubjectId> {
    index.edges_from(table).find(|e| e.edge.relation == Relation::StoredIn).map(|e| e.to)
}
