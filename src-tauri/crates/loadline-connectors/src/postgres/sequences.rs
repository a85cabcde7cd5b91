//! Integer keys that can overflow: the last value of a sequence against the type of its column.

use super::reading::Reading;
use super::row::Columns;
use super::statements::{Need, SEQUENCES};
use crate::Cancelled;
use loadline_model::{GapReason, Limited, Value, key};

/// Sequences asked in one statement: each holds a lock (ACCESS SHARE) until it ends.
const AT_ONCE: usize = 100;

/// A sequence and what bounds it.
struct Sequence {
    item: String,
    quoted: String,
    column: Option<String>,
    most: Option<f64>,
}

/// Says how much of each key is used.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(rows) = r.rows(&SEQUENCES).await? else { return Ok(()) };
    let listed = rows.first().and_then(|row| row.number("listed")).unwrap_or(0.0);
    let denied = rows.iter().filter(|row| row.flag("readable") == Some(false)).count();
    let readable: Vec<Sequence> = rows
        .iter()
        .filter(|row| row.flag("readable") == Some(true))
        .filter_map(|row| {
            let (schema, name) = (row.text("schema")?, row.text("name")?);
            let item = row.text("column_name").unwrap_or_else(|| format!("{schema}.{name}"));
            Some(Sequence { item, quoted: row.text("quoted")?, column: row.text("type"), most: row.number("most") })
        })
        .collect();
    for part in readable.chunks(AT_ONCE) {
        let Some(values) = r.composed(&SEQUENCES, last_values(part.iter().map(|s| s.quoted.as_str()))).await? else {
            continue;
        };
        for row in values {
            let place = row.number("place").map(|n| n as usize);
            if let Some(sequence) = place.and_then(|n| part.get(n)) {
                // A sequence that was never used has no last value: nothing of its range is used.
                say(r, sequence, row.number("last_value").unwrap_or(0.0));
            }
        }
    }
    if denied > 0 {
        r.lacks(Need::Sequences, &format!("the last value of {denied} sequences"), &[]);
    }
    if listed > rows.len() as f64 {
        let detail = format!("{listed} sequences exist; those of the {} largest tables were read.", rows.len());
        r.answer.miss(
            GapReason::Truncated,
            detail,
            "Nothing helps yet; that no key of the smaller tables runs out is not known.",
        );
    }
    Ok(())
}

/// Reads the sequences as the relations they are. `pg_sequence_last_value()` would be shorter, but it locks each with
/// ROW EXCLUSIVE. The names were quoted by the server.
pub(super) fn last_values<'q>(quoted: impl Iterator<Item = &'q str>) -> String {
    let one = |(place, name)| {
        format!(
            "SELECT {place}::float8 AS place, CASE WHEN is_called THEN last_value END::float8 AS last_value FROM {name}"
        )
    };
    quoted.enumerate().map(one).collect::<Vec<_>>().join(" UNION ALL ")
}

fn say(r: &mut Reading<'_>, sequence: &Sequence, last: f64) {
    let Some(used) = used(last, sequence.column.as_deref(), sequence.most) else { return };
    r.set(&SEQUENCES, key::SEQUENCE_USED, Some(&sequence.item), Value::Number(used));
    let metric = Limited::IntegerKey.utilisation_metric();
    r.now(&SEQUENCES, metric, "ratio", Some(("column", &sequence.item)), Some(used));
}

/// Share of the range: the column's type bounds it, or the sequence itself when that is narrower.
fn used(last: f64, column: Option<&str>, sequence: Option<f64>) -> Option<f64> {
    let type_most = match column? {
        "smallint" => f64::from(i16::MAX),
        "integer" => f64::from(i32::MAX),
        "bigint" => i64::MAX as f64,
        _ => return None,
    };
    let most = sequence.map_or(type_most, |s| s.min(type_most));
    (most > 0.0 && last >= 0.0).then(|| (last / most).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_bounds_the_key() {
        let close = |a: Option<f64>, b: f64| assert!((a.expect("known") - b).abs() < 1e-9, "{a:?} {b}");
        close(used(1_073_741_823.0, Some("integer"), Some(9.2e18)), 0.5);
        close(used(50.0, Some("bigint"), Some(100.0)), 0.5);
        close(used(0.0, Some("integer"), None), 0.0);
        assert_eq!(used(5.0, Some("numeric"), None), None);
        assert_eq!(used(-5.0, Some("integer"), None), None);
    }
}
