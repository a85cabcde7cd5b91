//! Statement shapes with their share, rates and history.

use super::counts::{Counted, Work, over_time};
use loadline_model::databases::{StatementRow, Trend};
use loadline_model::{QueryStat, SubjectId, num};

/// The shapes of a database's newest reading.
pub(super) fn rows(database: &SubjectId, counted: &[Counted<'_>]) -> Vec<StatementRow> {
    let Some(newest) = counted.last() else { return Vec::new() };
    let total: f64 = newest.shapes.values().map(|s| s.total_ms).sum();
    newest.shapes.values().map(|stat| row(database, stat, total, counted, newest)).collect()
}

fn row(
    database: &SubjectId,
    stat: &QueryStat,
    total: f64,
    counted: &[Counted<'_>],
    newest: &Counted<'_>,
) -> StatementRow {
    let shape = stat.fingerprint.as_str();
    let work = over_time(counted, shape);
    let known = |w: &Option<Result<Work, String>>| w.as_ref().and_then(|w| w.as_ref().ok()).copied();
    let each = |n: f64| num::round9(n / stat.calls);
    let first = counted.iter().position(|c| c.shapes.contains_key(shape)).unwrap_or(0);
    StatementRow {
        database: database.clone(),
        fingerprint: stat.fingerprint.clone(),
        text: stat.text.clone(),
        verb: stat.verb,
        tables: stat.tables.clone(),
        route: stat.route.clone(),
        share: if total > 0.0 { num::round9(stat.total_ms / total) } else { 0.0 },
        calls: num::round9(stat.calls),
        // Never extrapolated: a count of less than a day is taken as a whole day's.
        calls_per_day: newest.hours(stat).map(|h| num::round9(stat.calls / (h / 24.0).max(1.0))),
        total_ms: num::round9(stat.total_ms),
        mean_ms: each(stat.total_ms),
        rows_per_call: each(stat.rows),
        examined_per_row: stat.rows_examined.map(|n| num::round9(n / stat.rows.max(1.0))),
        temp_blocks_per_call: stat.temp_blocks.map(each),
        first_seen: counted.get(first).filter(|_| first > 0).map(|c| c.read_at),
        ms_per_day: work.iter().map(|w| known(w).map(|w| w.ms_per_day())).collect(),
        mean_over: work.iter().map(|w| known(w).and_then(|w| w.mean_ms())).collect(),
        trend: trend(shape, counted, &work),
        across: None,
    }
}

/// The newest period against the one before; where that is not known, against the whole count before it.
fn trend(shape: &str, counted: &[Counted<'_>], work: &[Option<Result<Work, String>>]) -> Trend {
    let [.., before, _] = counted else { return Trend::OneReading };
    let Some(older) = before.shapes.get(shape) else { return Trend::New };
    let now = match work.last() {
        Some(Some(Ok(work))) => work,
        Some(Some(Err(why))) => return Trend::NotComparable { why: why.clone() },
        _ => return Trend::New,
    };
    let Some(now_ms) = now.mean_ms() else {
        return Trend::NotComparable { why: "It did not run between the last two readings.".to_owned() };
    };
    let earlier = match work {
        [.., Some(Ok(earlier)), _] => earlier.mean_ms(),
        _ => None,
    };
    Trend::Compared { before_ms: earlier.unwrap_or_else(|| num::round9(older.total_ms / older.calls)), now_ms }
}
