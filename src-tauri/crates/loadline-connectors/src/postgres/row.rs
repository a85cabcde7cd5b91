//! Columns by name: what is NULL, missing or not finite is not known.

use loadline_model::Timestamp;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

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
        self.try_get(column).ok().flatten()
    }
    fn flag(&self, column: &str) -> Option<bool> {
        self.try_get(column).ok().flatten()
    }
    fn texts(&self, column: &str) -> Vec<String> {
        let read: Option<Vec<Option<String>>> = self.try_get(column).ok().flatten();
        read.unwrap_or_default().into_iter().flatten().collect()
    }
}
