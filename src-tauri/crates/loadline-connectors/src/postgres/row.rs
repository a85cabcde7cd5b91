//! Columns by name: what is NULL, missing or not finite is not known.

use loadline_model::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::{Row as _, ValueRef as _};

/// Reads of one row that cannot fail.
pub(super) trait Columns {
    /// A `float8` column.
    fn number(&self, column: &str) -> Option<f64>;
    /// A `text` column.
    fn text(&self, column: &str) -> Option<String>;
    /// A `bool` column.
    fn flag(&self, column: &str) -> Option<bool>;
    /// A `text[]` column; empty when unknown.
    fn texts(&self, column: &str) -> Vec<String>;
    /// A `float8` column of seconds since 1970.
    fn time(&self, column: &str) -> Option<Timestamp> {
        self.number(column).map(|s| Timestamp((s * 1000.0) as i64))
    }
}

impl Columns for PgRow {
    fn number(&self, column: &str) -> Option<f64> {
        self.try_get::<Option<f64>, _>(column).ok().flatten().filter(|n| n.is_finite())
    }
    fn text(&self, column: &str) -> Option<String> {
        // A database of encoding SQL_ASCII holds any bytes: they are shown as unreadable, not taken for absent.
        let raw = self.try_get_raw(column).ok().filter(|raw| !raw.is_null())?;
        raw.as_bytes().ok().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
    fn flag(&self, column: &str) -> Option<bool> {
        self.try_get(column).ok().flatten()
    }
    fn texts(&self, column: &str) -> Vec<String> {
        let read: Option<Vec<Option<Vec<u8>>>> = self.try_get_unchecked(column).ok().flatten();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        read.unwrap_or_default().into_iter().flatten().map(text).collect()
    }
}
