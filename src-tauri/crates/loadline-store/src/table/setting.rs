//! Settings: JSON under a key. Never a secret.

use crate::{Store, StoreError};

const SET: &str = "INSERT INTO setting (key, value) VALUES ($1, $2) \
     ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const GET: &str = "SELECT value FROM setting WHERE key = $1";

impl Store {
    /// Sets a setting to a JSON text.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn set(&self, key: &str, json: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        execute!(&mut tx, SET, key, json)?;
        tx.commit().await
    }

    /// The JSON text of a setting, when it was ever set.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get(&self, key: &str) -> Result<Option<String>, StoreError> {
        let mut tx = self.read().await?;
        let rows: Vec<(String,)> = fetch!(&mut tx, GET, key)?;
        Ok(rows.into_iter().next().map(|(value,)| value))
    }
}
