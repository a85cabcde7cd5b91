//! Integer keys that can overflow: the next number of a table against the type of its column.

use super::reading::Reading;
use super::row::Row;
use super::statements::TABLES;
use super::tables::{Columns, full_name};
use loadline_model::{Limited, Value, key};

/// Says how much of each key is used.
pub(super) fn say(r: &mut Reading<'_>, rows: &[Row], columns: &Columns) {
    for row in rows {
        let Some(full) = full_name(row) else { continue };
        let Some(column) = columns.get(&full).and_then(|c| c.iter().find(|c| c.counts)) else { continue };
        // A table that was never written has no next number: nothing of the range is used.
        let next = row.number("next_key").unwrap_or(1.0);
        let Some(used) = used(next, &column.kind) else { continue };
        let item = format!("{full}.{}", column.name);
        r.set(&TABLES, key::SEQUENCE_USED, Some(&item), Value::Number(used));
        let metric = Limited::IntegerKey.utilisation_metric();
        let subject = r.server.subject();
        r.answer.sample(&subject, TABLES.name, metric, "ratio", Some(("column", &item)), Some(used));
    }
}

/// Share of the range that the column's type allows.
fn used(next: f64, kind: &str) -> Option<f64> {
    let kind = kind.to_ascii_lowercase();
    let name: String = kind.chars().take_while(char::is_ascii_alphabetic).collect();
    let unsigned = match name.as_str() {
        "tinyint" => 255.0,
        "smallint" => 65_535.0,
        "mediumint" => 16_777_215.0,
        "int" | "integer" => f64::from(u32::MAX),
        "bigint" => u64::MAX as f64,
        _ => return None,
    };
    let most = if kind.contains("unsigned") { unsigned } else { (unsigned - 1.0) / 2.0 };
    (next >= 0.0).then(|| ((next - 1.0).max(0.0) / most).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_bounds_the_key() {
        let check = |next: f64, kind: &str, expected: Option<f64>| {
            let found = used(next, kind);
            let close = found.zip(expected).is_some_and(|(a, b)| (a - b).abs() < 1e-9);
            assert!(close || found.is_none() && expected.is_none(), "{kind} {next}: {found:?}");
        };
        check(1_073_741_824.5, "int(11)", Some(0.5));
        check(2_147_483_648.5, "int(10) unsigned", Some(0.5));
        check(128.0, "tinyint(4)", Some(1.0));
        check(8_388_608.0, "mediumint", Some(1.0));
        check(1.0, "bigint unsigned", Some(0.0));
        check(9_223_372_036_854_775_807.0, "BIGINT", Some(1.0));
        check(5.0, "float", None);
    }
}
