//! A cache: assessments can be made again from snapshot, policy and decisions at any time.

use crate::codec::{pack_json, unpack_json};
use crate::{Store, StoreError};
use loadline_model::SnapshotId;

const SAVE: &str = "INSERT INTO assessment (snapshot, model_version, policy_version, body) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (snapshot, model_version, policy_version) DO UPDATE SET body = excluded.body";
const FIND: &str = "SELECT body FROM assessment WHERE snapshot = $1 AND model_version = $2 AND policy_version = $3";

impl Store {
    /// Keeps the JSON of an assessment.
    ///
    /// # Errors
    /// When the snapshot is not there or the database refuses.
    pub async fn save_assessment(
        &self,
        snapshot: &SnapshotId,
        model_version: &str,
        policy_version: u32,
        json: &str,
    ) -> Result<(), StoreError> {
        let body = pack_json(&json)?;
        let mut tx = self.write().await?;
        execute!(&mut tx, SAVE, snapshot.as_str(), model_version, i64::from(policy_version), body)?;
        tx.commit().await
    }

    /// The JSON that was kept, byte for byte.
    ///
    /// # Errors
    /// When the database does not answer or the entry is damaged.
    pub async fn assessment(
        &self,
        snapshot: &SnapshotId,
        model_version: &str,
        policy_version: u32,
    ) -> Result<Option<String>, StoreError> {
        let mut tx = self.read().await?;
        let rows: Vec<(Vec<u8>,)> = fetch!(&mut tx, FIND, snapshot.as_str(), model_version, i64::from(policy_version))?;
        rows.first().map(|(body,)| unpack_json(body)).transpose()
    }
}
