//! Which ids are one thing: append-only; a later row takes an earlier one back.

use super::counter;
use crate::backend::Tx;
use crate::{Store, StoreError};
use loadline_model::Alias;

const APPEND: &str = "INSERT INTO alias (number, body) VALUES ($1, $2)";
const UP_TO: &str = "SELECT body FROM alias WHERE number <= $1 ORDER BY number";

/// The rows up to a number, oldest first.
pub(crate) async fn up_to(tx: &mut Tx, number: i64) -> Result<Vec<Alias>, StoreError> {
    let rows: Vec<(String,)> = fetch!(tx, UP_TO, number)?;
    rows.iter().map(|(body,)| Ok(serde_json::from_str(body)?)).collect()
}

impl Store {
    /// Appends a link or its taking back.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_alias(&self, alias: &Alias) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let number = counter::next(&mut tx, "alias").await?;
        execute!(&mut tx, APPEND, number, serde_json::to_string(alias)?)?;
        tx.commit().await
    }

    /// Every row, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn aliases(&self) -> Result<Vec<Alias>, StoreError> {
        up_to(&mut self.read().await?, i64::MAX).await
    }
}
