//! What is remembered of findings between snapshots.

use crate::{Store, StoreError};
use loadline_model::LedgerEntry;

const SAVE: &str = "INSERT INTO ledger (fingerprint, body) VALUES ($1, $2) \
     ON CONFLICT (fingerprint) DO UPDATE SET body = excluded.body";
const LIST: &str = "SELECT body FROM ledger ORDER BY fingerprint";

impl Store {
    /// Saves these entries, all or none; entries of other findings stay.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_ledger(&self, entries: &[LedgerEntry]) -> Result<(), StoreError> {
        // One order for every writer, so that two never wait for each other in a circle.
        let mut entries: Vec<&LedgerEntry> = entries.iter().collect();
        entries.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        let mut tx = self.write().await?;
        for entry in entries {
            execute!(&mut tx, SAVE, entry.fingerprint.as_str(), serde_json::to_string(entry)?)?;
        }
        tx.commit().await
    }

    /// Every entry, by fingerprint.
    ///
    /// # Errors
    /// When the database does not answer or an entry cannot be read.
    pub async fn ledger(&self) -> Result<Vec<LedgerEntry>, StoreError> {
        let mut tx = self.read().await?;
        let rows: Vec<(String,)> = fetch!(&mut tx, LIST)?;
        rows.iter().map(|(body,)| Ok(serde_json::from_str(body)?)).collect()
    }
}
