//! Rows as text, by lower-case column name: vendors and versions type one column differently, and text is what all of them
//! send. What is NULL, missing or not finite is not known.

use loadline_model::Timestamp;
use sqlx::mysql::MySqlRow;
use sqlx::{Column as _, Row as _};
use std::collections::BTreeMap;

/// One row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row(BTreeMap<String, String>);

impl Row {
    /// A row as the text protocol sent it.
    pub(super) fn read(row: &MySqlRow) -> Self {
        let one = |column: &sqlx::mysql::MySqlColumn| {
            let bytes: Option<Vec<u8>> = row.try_get_unchecked(column.ordinal()).ok().flatten();
            Some((column.name().to_ascii_lowercase(), String::from_utf8_lossy(&bytes?).into_owned()))
        };
        Self(row.columns().iter().filter_map(one).collect())
    }

    /// Words; nothing when empty.
    pub(super) fn text(&self, column: &str) -> Option<String> {
        self.0.get(column).filter(|t| !t.is_empty()).cloned()
    }

    /// The first of several spellings of a column.
    pub(super) fn any(&self, columns: &[&str]) -> Option<String> {
        columns.iter().find_map(|column| self.text(column))
    }

    /// A number.
    pub(super) fn number(&self, column: &str) -> Option<f64> {
        number(self.0.get(column)?)
    }

    /// A switch.
    pub(super) fn flag(&self, column: &str) -> Option<bool> {
        flag(self.0.get(column)?)
    }

    /// Seconds since 1970.
    pub(super) fn time(&self, column: &str) -> Option<Timestamp> {
        self.number(column).filter(|s| *s > 0.0).map(|s| Timestamp((s * 1000.0) as i64))
    }
}

/// A finite number.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|n| n.is_finite())
}

/// A switch, in the words of either vendor.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "on" | "yes" | "true" | "y" => Some(true),
        "0" | "off" | "no" | "false" | "n" => Some(false),
        _ => None,
    }
}

/// `Variable_name` and `Value` of a `SHOW`, by lower-case name.
pub(super) fn named(rows: &[Row]) -> BTreeMap<String, String> {
    let one =
        |row: &Row| Some((row.text("variable_name")?.to_ascii_lowercase(), row.text("value").unwrap_or_default()));
    rows.iter().filter_map(one).collect()
}

#[cfg(test)]
impl Row {
    /// One more column.
    pub(super) fn add(&mut self, column: &str, value: &str) {
        self.0.insert(column.to_owned(), value.to_owned());
    }

    /// A recorded row.
    pub(super) fn of(columns: &[(&str, &str)]) -> Self {
        Self(columns.iter().map(|(k, v)| (k.to_ascii_lowercase(), (*v).to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_not_known() {
        let row = Row::of(&[("A", "12.5"), ("B", ""), ("C", "ON"), ("D", "nan"), ("T", "0")]);
        assert_eq!(
            (row.number("a"), row.number("b"), row.number("d"), row.number("x")),
            (Some(12.5), None, None, None)
        );
        assert_eq!((row.text("b"), row.flag("c"), row.flag("a"), row.time("t")), (None, Some(true), None, None));
        assert_eq!(row.any(&["x", "c"]).as_deref(), Some("ON"));
    }
}
