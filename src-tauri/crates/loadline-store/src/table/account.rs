//! Accounts, without their secrets.

use crate::{Store, StoreError};
use loadline_model::{Account, AccountId};

const SAVE: &str = "INSERT INTO account (id, visits, body) VALUES ($1, 0, $2) \
     ON CONFLICT (id) DO UPDATE SET body = excluded.body";
/// Takes the number of the next visit and keeps other writers of this account waiting until the transaction ends.
pub(crate) const NEXT_VISIT: &str = "UPDATE account SET visits = visits + 1 WHERE id = $1 RETURNING visits";
pub(crate) const LIST: &str = "SELECT body FROM account ORDER BY id";
const FIND: &str = "SELECT body FROM account WHERE id = $1";

/// What goes with an account's data, children first.
const FORGET: [&str; 5] = [
    "DELETE FROM assessment WHERE snapshot IN (SELECT snapshot FROM manifest WHERE account = $1)",
    "DELETE FROM manifest WHERE account = $1",
    "DELETE FROM visit WHERE account = $1",
    "DELETE FROM collection WHERE account = $1",
    "DELETE FROM account_lock WHERE account = $1",
];

impl Store {
    /// Adds an account or replaces what is known of it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn save_account(&self, account: &Account) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        execute!(&mut tx, SAVE, account.id.as_str(), serde_json::to_string(account)?)?;
        tx.commit().await
    }

    /// Every account, connected or not, by id.
    ///
    /// # Errors
    /// When the database does not answer or an account cannot be read.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let mut tx = self.read().await?;
        let rows: Vec<(String,)> = fetch!(&mut tx, LIST)?;
        rows.iter().map(|(body,)| Ok(serde_json::from_str(body)?)).collect()
    }

    /// One account.
    ///
    /// # Errors
    /// `not_in_workspace` when there is none of that id.
    pub async fn account(&self, id: &AccountId) -> Result<Account, StoreError> {
        let mut tx = self.read().await?;
        let rows: Vec<(String,)> = fetch!(&mut tx, FIND, id.as_str())?;
        let (body,) = rows.first().ok_or_else(|| missing(id))?;
        Ok(serde_json::from_str(body)?)
    }

    /// Forgets everything that was collected from an account, in every snapshot, and assessments that rest on it. A
    /// disconnected account is forgotten itself; a connected one stays and can be collected again.
    ///
    /// # Errors
    /// `not_in_workspace` when there is none of that id.
    pub async fn delete_account_data(&self, id: &AccountId) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        tx.keep_writers_out().await?;
        let rows: Vec<(String,)> = fetch!(&mut tx, FIND, id.as_str())?;
        let (body,) = rows.first().ok_or_else(|| missing(id))?;
        let account: Account = serde_json::from_str(body)?;
        for statement in FORGET {
            execute!(&mut tx, statement, id.as_str())?;
        }
        if account.disconnected_at.is_some() {
            execute!(&mut tx, "DELETE FROM account WHERE id = $1", id.as_str())?;
            super::snapshot::forget_account(&mut tx, id).await?;
        }
        super::visit::sweep(&mut tx).await?;
        tx.commit().await?;
        self.pool.release_room().await
    }
}

fn missing(id: &AccountId) -> StoreError {
    StoreError::Missing { what: "account", id: id.0.clone() }
}
