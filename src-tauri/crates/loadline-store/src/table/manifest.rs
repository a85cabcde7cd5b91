//! Manifests: which visit of each scope a snapshot consists of.

use crate::StoreError;
use crate::backend::Tx;

/// Every scope ever visited, in one statement: what the last run did not visit keeps its last visit, and a scope that
/// failed keeps the facts of the last visit that read anything.
const TAKE: &str = "INSERT INTO manifest (snapshot, account, scope, newest, observed) \
     SELECT $1, account, scope, MAX(number), MAX(CASE WHEN status <> 'failed' THEN number END) \
     FROM visit GROUP BY account, scope";
const READ: &str = "SELECT account, scope, newest, observed FROM manifest WHERE snapshot = $1 ORDER BY account, scope";

/// One line of a manifest.
pub(crate) struct Line {
    pub(crate) account: String,
    pub(crate) scope: String,
    pub(crate) newest: i64,
    pub(crate) observed: Option<i64>,
}

/// Writes down what is newest now.
pub(crate) async fn take(tx: &mut Tx, snapshot: &str) -> Result<(), StoreError> {
    execute!(tx, TAKE, snapshot)?;
    Ok(())
}

/// The lines of a snapshot.
pub(crate) async fn read(tx: &mut Tx, snapshot: &str) -> Result<Vec<Line>, StoreError> {
    let rows: Vec<(String, String, i64, Option<i64>)> = fetch!(tx, READ, snapshot)?;
    let line = |(account, scope, newest, observed)| Line { account, scope, newest, observed };
    Ok(rows.into_iter().map(line).collect())
}
