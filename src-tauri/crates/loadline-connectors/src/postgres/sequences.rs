//! Integer keys that can overflow: the last value of a sequence against the type of its column.

use super::reading::Reading;
use super::row::Columns;
use super::samples;
use super::statements::{Need, SEQUENCES};
use crate::Cancelled;
use loadline_model::{Limited, Value, key};

/// Says how much of each key is used.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(rows) = r.rows(&SEQUENCES).await? else { return Ok(()) };
    let mut denied = 0;
    for row in &rows {
        let (Some(schema), Some(name)) = (row.text("schema"), row.text("name")) else { continue };
        if row.flag("readable") == Some(false) {
            denied += 1;
            continue;
        }
        let item = row.text("column_name").unwrap_or_else(|| format!("{schema}.{name}"));
        // A sequence that was never used has no last value: nothing of its range is used.
        let last = row.number("last_value").unwrap_or(0.0);
        let Some(used) = used(last, row.text("type").as_deref(), row.number("most")) else { continue };
        r.set(&SEQUENCES, key::SEQUENCE_USED, Some(&item), Value::Number(used));
        let metric = Limited::IntegerKey.utilisation_metric();
        samples::now(r, &SEQUENCES, metric, "ratio", Some(("column", &item)), Some(used));
    }
    if denied > 0 {
        r.lacks(Need::Sequences, &format!("the last value of {denied} sequences"), &[]);
    }
    Ok(())
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
