//! Collections: one run over one account.

use super::counter;
use crate::{Store, StoreError};
use loadline_model::{AccountId, CollectionCost, CollectionId, ScopeStatus, Timestamp};

const BEGIN: &str = "INSERT INTO collection (id, account, started_at, finished_at, cost) VALUES ($1, $2, $3, NULL, $4)";
const FINISH: &str = "UPDATE collection SET finished_at = $2, cost = $3 WHERE id = $1";
const SPENT: &str = "UPDATE collection SET cost = $2 WHERE id = $1 AND finished_at IS NULL";
const LIST: &str =
    "SELECT id, started_at, finished_at, cost FROM collection WHERE account = $1 ORDER BY started_at, id";
const SCOPES: &str = "SELECT collection, scope, status, finished_at FROM visit WHERE account = $1 ORDER BY number";

/// A collection without its facts.
#[derive(Clone, Debug, PartialEq)]
pub struct CollectionRow {
    /// Its id.
    pub id: CollectionId,
    /// The account.
    pub account: AccountId,
    /// Begun.
    pub started_at: Timestamp,
    /// Ended; `None`: still running, cancelled or killed.
    pub finished_at: Option<Timestamp>,
    /// What it cost.
    pub cost: CollectionCost,
    /// The scopes it finished, in that order.
    pub scopes: Vec<ScopeRow>,
}

/// A finished scope without its facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRow {
    /// Its name within the account.
    pub name: String,
    /// How it ended.
    pub status: ScopeStatus,
    /// When.
    pub finished_at: Timestamp,
}

/// A collection that was begun and not finished: what a later run need not read again.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfinished {
    /// The collection to go on with.
    pub collection: CollectionId,
    /// When it began.
    pub started_at: Timestamp,
    /// What it cost so far.
    pub cost: CollectionCost,
    /// What it finished.
    pub scopes: Vec<ScopeRow>,
}

impl Store {
    /// Begins a collection.
    ///
    /// # Errors
    /// When the account is not in the workspace.
    pub async fn begin_collection(
        &self,
        account: &AccountId,
        started_at: Timestamp,
    ) -> Result<CollectionId, StoreError> {
        self.account(account).await?;
        let mut tx = self.write().await?;
        // Padded, so that ids sort as they were given.
        let id = format!("c{:09}", counter::next(&mut tx, "collection").await?);
        let cost = serde_json::to_string(&CollectionCost::default())?;
        execute!(&mut tx, BEGIN, id.as_str(), account.as_str(), started_at.0, cost)?;
        tx.commit().await?;
        Ok(CollectionId(id))
    }

    /// Ends a collection.
    ///
    /// # Errors
    /// `not_in_workspace` when there is none of that id.
    pub async fn finish_collection(
        &self,
        id: &CollectionId,
        at: Timestamp,
        cost: &CollectionCost,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        match execute!(&mut tx, FINISH, id.as_str(), at.0, serde_json::to_string(cost)?)? {
            0 => Err(StoreError::Missing { what: "collection", id: id.0.clone() }),
            _ => tx.commit().await,
        }
    }

    /// Writes down what a collection that is cut short has cost so far.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_cost(&self, id: &CollectionId, cost: &CollectionCost) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        execute!(&mut tx, SPENT, id.as_str(), serde_json::to_string(cost)?)?;
        tx.commit().await
    }

    /// The collections of an account, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn collections(&self, account: &AccountId) -> Result<Vec<CollectionRow>, StoreError> {
        let mut tx = self.read().await?;
        let rows: Vec<(String, i64, Option<i64>, String)> = fetch!(&mut tx, LIST, account.as_str())?;
        let scopes: Vec<(String, String, String, i64)> = fetch!(&mut tx, SCOPES, account.as_str())?;
        let mut collections = Vec::new();
        for (id, started_at, finished_at, cost) in rows {
            let own = scopes.iter().filter(|(collection, ..)| *collection == id);
            let scopes = own.map(|(_, name, status, at)| scope_row(name, status, *at)).collect::<Result<_, _>>()?;
            collections.push(CollectionRow {
                id: CollectionId(id),
                account: account.clone(),
                started_at: Timestamp(started_at),
                finished_at: finished_at.map(Timestamp),
                cost: serde_json::from_str(&cost)?,
                scopes,
            });
        }
        Ok(collections)
    }

    /// The newest collection of an account, when it was not finished: what to go on with.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn unfinished_scopes(&self, account: &AccountId) -> Result<Option<Unfinished>, StoreError> {
        let newest = self.collections(account).await?.pop().filter(|c| c.finished_at.is_none());
        Ok(newest.map(|c| Unfinished { collection: c.id, started_at: c.started_at, cost: c.cost, scopes: c.scopes }))
    }
}

fn scope_row(name: &str, status: &str, at: i64) -> Result<ScopeRow, StoreError> {
    Ok(ScopeRow { name: name.to_owned(), status: read_status(status)?, finished_at: Timestamp(at) })
}

/// How a status is written in the database.
pub(crate) fn status_word(status: ScopeStatus) -> &'static str {
    match status {
        ScopeStatus::Complete => "complete",
        ScopeStatus::Partial => "partial",
        ScopeStatus::Failed => "failed",
    }
}

fn read_status(word: &str) -> Result<ScopeStatus, StoreError> {
    [ScopeStatus::Complete, ScopeStatus::Partial, ScopeStatus::Failed]
        .into_iter()
        .find(|status| status_word(*status) == word)
        .ok_or_else(|| StoreError::damaged(format!("a scope has the unknown status `{word}`")))
}
