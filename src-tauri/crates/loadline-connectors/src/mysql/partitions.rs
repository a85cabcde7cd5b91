//! Tables that are divided into partitions, and where the last one by time ends.

use super::reading::Reading;
use super::row::Row;
use super::statements::PARTITIONS;
use super::tables::full_name;
use crate::Cancelled;
use loadline_model::{LastPartition, Timestamp};
use std::collections::BTreeMap;

/// 1970-01-01 as `TO_DAYS` counts.
const EPOCH_DAYS: i64 = 719_528;

/// Partitions of one table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parts {
    /// How many.
    pub count: f64,
    /// The last one, when it is bounded by a time we understand.
    pub last: Option<LastPartition>,
}

/// By `schema.table`. Nothing is asked where no table is divided: the view opens every table of the server.
pub(super) async fn read(r: &mut Reading<'_>, tables: &[Row]) -> Result<BTreeMap<String, Parts>, Cancelled> {
    if !tables.iter().any(|row| row.flag("divided") == Some(true)) {
        return Ok(BTreeMap::new());
    }
    let rows = r.rows(&PARTITIONS).await?.unwrap_or_default();
    let one = |row: &Row| {
        let by_range = row.text("method").is_some_and(|m| m.to_ascii_uppercase().starts_with("RANGE"));
        let (how, ends) = (row.text("expression").unwrap_or_default(), row.text("ends").unwrap_or_default());
        let last = if by_range { last(&how, &ends) } else { None };
        Some((full_name(row)?, Parts { count: row.number("partitions")?, last }))
    };
    Ok(rows.iter().filter_map(one).collect())
}

/// Upper bounds, the last first, of an expression over one column: the column itself, `TO_DAYS` or `UNIX_TIMESTAMP`.
fn last(expression: &str, ends: &str) -> Option<LastPartition> {
    let expression = expression.to_ascii_lowercase();
    let moment = |bound: &str| match expression.split_once('(') {
        Some(("to_days", _)) => {
            let days = bound.trim().parse::<i64>().ok()?.checked_sub(EPOCH_DAYS)?;
            Some(Timestamp(days.checked_mul(86_400_000)?))
        }
        Some(("unix_timestamp", _)) => Some(Timestamp(bound.trim().parse::<i64>().ok()?.checked_mul(1000)?)),
        Some(_) => None,
        None => Timestamp::parse(bound.trim().trim_matches('\'')),
    };
    let mut bounds = ends.split('|');
    let until = moment(bounds.next()?)?;
    // A partition's lower bound is the upper bound of the one before it.
    Some(LastPartition { from: bounds.next().and_then(moment), until })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bound_is_a_moment_or_nothing() {
        let check = |expression: &str, ends: &str, expected: Option<(Option<&str>, &str)>| {
            let at = |text: &str| Timestamp::parse(text).expect("a moment");
            let expected = expected.map(|(from, until)| LastPartition { from: from.map(at), until: at(until) });
            assert_eq!(last(expression, ends), expected, "{expression} {ends}");
        };
        check("to_days(`at`)", "740316|740286", Some((Some("2026-11-01"), "2026-12-01")));
        check("unix_timestamp(`at`)", "1796083200", Some((None, "2026-12-01")));
        check("`at`", "'2026-12-01'|'2026-11-01 00:00:00'", Some((Some("2026-11-01"), "2026-12-01")));
        check("`at`", "MAXVALUE|'2026-11-01'", None);
        check("to_days(`at`)", "MAXVALUE|740286", None);
        check("year(`at`)", "2027", None);
        check("`id`", "1000000", None);
        check("`a`,`b`", "1,2", None);
        check("to_days(`at`)", "9223372036854775807", None);
    }
}
