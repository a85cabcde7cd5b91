//! Rising numbers: taking one locks it, so numbers are committed in their order.

use crate::StoreError;
use crate::backend::Tx;

const NEXT: &str = "UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value";
const CURRENT: &str = "SELECT value FROM counter WHERE name = $1";

/// Takes the next number.
pub(crate) async fn next(tx: &mut Tx, name: &'static str) -> Result<i64, StoreError> {
    first(fetch!(tx, NEXT, name)?, name)
}

/// The number that was taken last.
pub(crate) async fn current(tx: &mut Tx, name: &'static str) -> Result<i64, StoreError> {
    first(fetch!(tx, CURRENT, name)?, name)
}

fn first(rows: Vec<(i64,)>, name: &str) -> Result<i64, StoreError> {
    rows.first().map(|(n,)| *n).ok_or_else(|| StoreError::damaged(format!("the counter `{name}` is gone")))
}
