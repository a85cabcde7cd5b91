//! An estimate of the space in tables that holds no row: what the heap has beyond what its rows would fill, by the
//! planner's mean widths. It errs by padding and by rows kept out of line, so only large tables and shares are said.

use super::reading::Reading;
use super::row::Columns;
use super::statements::ROW_WIDTHS;
use crate::Cancelled;
use sqlx::postgres::PgRow;
use std::collections::BTreeMap;

/// Bytes of a page's own header, of a row's header with its alignment, and of its pointer (PostgreSQL documentation,
/// "Database Page Layout").
const PAGE_HEADER: f64 = 24.0;
const ROW_HEADER: f64 = 24.0;
const ROW_POINTER: f64 = 4.0;
/// Rows begin at multiples of this.
const ALIGNMENT: f64 = 8.0;

/// Estimated empty bytes by the table's id, of tables whose widths our role may see.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<BTreeMap<String, f64>, Cancelled> {
    let rows = r.rows(&ROW_WIDTHS).await?.unwrap_or_default();
    Ok(rows.iter().filter_map(|row| Some((row.text("id")?, of(row)?))).collect())
}

fn of(row: &PgRow) -> Option<f64> {
    row.number("counted").filter(|n| *n > 0.0)?;
    estimate(row.number("rows")?, row.number("width")?, row.number("pages")?, row.number("block")?, row.number("fill")?)
}

fn estimate(rows: f64, width: f64, pages: f64, block: f64, fill: f64) -> Option<f64> {
    // Never analysed: PostgreSQL writes -1.
    if rows < 0.0 || block <= PAGE_HEADER {
        return None;
    }
    let row = ROW_POINTER + ROW_HEADER + (width / ALIGNMENT).ceil() * ALIGNMENT;
    let fits = ((block - PAGE_HEADER) * (fill / 100.0) / row).floor().max(1.0);
    Some(((pages - (rows / fits).ceil()) * block).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_rows_would_not_fill() {
        let check = |rows, width, pages, expected| {
            assert_eq!(estimate(rows, width, pages, 8192.0, 100.0), expected, "{rows} {width} {pages}");
        };
        // 8168 / (28 + 40) = 120 rows a page.
        check(12_000.0, 36.0, 100.0, Some(0.0));
        check(12_000.0, 36.0, 400.0, Some(300.0 * 8192.0));
        check(0.0, 36.0, 400.0, Some(400.0 * 8192.0));
        check(-1.0, 36.0, 400.0, None);
    }
}
