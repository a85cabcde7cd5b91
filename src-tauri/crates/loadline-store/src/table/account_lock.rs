//! One collector per account at a time, by a lock that says who holds it and ends by itself.

use crate::{Store, StoreError};
use loadline_model::{AccountId, Timestamp};
use std::time::Duration;

const TAKE: &str = "INSERT INTO account_lock (account, holder, until_at) VALUES ($1, $2, $3) \
     ON CONFLICT (account) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at \
     WHERE account_lock.until_at <= $4 OR account_lock.holder = excluded.holder";
const HOLDER: &str = "SELECT holder FROM account_lock WHERE account = $1";
const RELEASE: &str = "DELETE FROM account_lock WHERE account = $1 AND holder = $2";

impl Store {
    /// Takes an account for collecting, from `at` for `ttl`; its holder may call again to hold it longer.
    ///
    /// # Errors
    /// `account_locked` with the name of whoever holds it.
    pub async fn lock_account(
        &self,
        account: &AccountId,
        holder: &str,
        at: Timestamp,
        ttl: Duration,
    ) -> Result<(), StoreError> {
        let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        let mut tx = self.write().await?;
        let taken = execute!(&mut tx, TAKE, account.as_str(), holder, at.0.saturating_add(ttl), at.0)?;
        if taken == 0 {
            let rows: Vec<(String,)> = fetch!(&mut tx, HOLDER, account.as_str())?;
            let holder = rows.into_iter().next().map_or_else(|| "Somebody else".to_owned(), |(h,)| h);
            return Err(StoreError::Busy { holder });
        }
        tx.commit().await
    }

    /// Gives an account back; a lock of another holder stays.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unlock_account(&self, account: &AccountId, holder: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        execute!(&mut tx, RELEASE, account.as_str(), holder)?;
        tx.commit().await
    }
}
