//! Visits: a scope as one collection found it, written whole or not at all.

use super::account::NEXT_VISIT;
use super::block;
use super::collection::status_word;
use crate::backend::Tx;
use crate::codec::{pack_json, unpack_json};
use crate::hash::Hash;
use crate::observation::{Observation, take_apart};
use crate::{Store, StoreError, history};
use loadline_model::{AccountId, CollectionId, Fact, Scope, Timestamp};
use std::collections::BTreeSet;

const COLLECTION: &str = "SELECT account, finished_at FROM collection WHERE id = $1";
const PREVIOUS: &str = "SELECT history FROM visit WHERE account = $1 AND scope = $2 ORDER BY number DESC LIMIT 1";
const INSERT: &str = "INSERT INTO visit (account, number, collection, scope, status, finished_at, body, history) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const READ: &str = "SELECT body, finished_at, history FROM visit WHERE account = $1 AND number = $2";
const OBSERVED: &str = "SELECT MAX(number) FROM visit WHERE account = $1 AND scope = $2 AND status <> 'failed'";
const HISTORIES: &str = "SELECT DISTINCT history FROM visit WHERE history IS NOT NULL";
/// Visits that no snapshot needs, that are not a scope's newest (or newest that read anything), and that no unfinished
/// collection would go on from.
const SUPERSEDED: &str = "DELETE FROM visit \
     WHERE NOT EXISTS (SELECT 1 FROM manifest m WHERE m.account = visit.account AND m.newest = visit.number) \
     AND NOT EXISTS (SELECT 1 FROM manifest m WHERE m.account = visit.account AND m.observed = visit.number) \
     AND (account, number) NOT IN (SELECT account, MAX(number) FROM visit GROUP BY account, scope) \
     AND (account, number) NOT IN \
         (SELECT account, MAX(number) FROM visit WHERE status <> 'failed' GROUP BY account, scope) \
     AND collection NOT IN (SELECT MAX(id) FROM collection WHERE finished_at IS NULL GROUP BY account)";

/// A visit as it was kept.
pub(crate) struct Visit {
    pub(crate) observation: Observation,
    pub(crate) finished_at: Timestamp,
    pub(crate) history: Option<Hash>,
}

impl Store {
    /// Makes a finished scope durable: when this returns, neither a crash nor a kill loses it. Samples are added to what
    /// the scope's series said before; other facts replace those of the previous visit in later snapshots.
    ///
    /// # Errors
    /// `not_in_workspace` or `collection_finished`; then nothing was written.
    pub async fn commit_scope(&self, collection: &CollectionId, scope: &Scope) -> Result<(), StoreError> {
        let account = owner(&mut self.read().await?, collection).await?;
        // Compressing is work for a processor, not for the thread that serves everybody's input and output, and nobody
        // should wait for the write lock meanwhile.
        let (said_by, taken) = (AccountId(account.clone()), scope.clone());
        let (observation, arrivals) = tokio::task::spawn_blocking(move || take_apart(&said_by, taken))
            .await
            .map_err(|e| StoreError::Encoding(e.to_string()))??;
        let mut tx = self.write().await?;
        owner(&mut tx, collection).await?;
        let numbers: Vec<(i64,)> = fetch!(&mut tx, NEXT_VISIT, account.as_str())?;
        let (number,) = numbers.first().ok_or_else(|| StoreError::damaged("a collection without its account"))?;
        let rows: Vec<(Option<Vec<u8>>,)> = fetch!(&mut tx, PREVIOUS, account.as_str(), scope.name.as_str())?;
        let previous = address(rows.into_iter().next().and_then(|(hash,)| hash))?;
        let history = history::record(&mut tx, previous, arrivals).await?;
        execute!(
            &mut tx,
            INSERT,
            account.as_str(),
            *number,
            collection.as_str(),
            scope.name.as_str(),
            status_word(scope.status),
            scope.finished_at.0,
            pack_json(&observation)?,
            history.as_ref().map(Hash::bytes),
        )?;
        tx.commit().await
    }

    /// Facts of the newest visit of a scope that read anything, without series: those that `keep` wants.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_facts(
        &self,
        account: &AccountId,
        scope: &str,
        keep: fn(&Fact) -> bool,
    ) -> Result<Vec<Fact>, StoreError> {
        let mut tx = self.read().await?;
        let rows: Vec<(Option<i64>,)> = fetch!(&mut tx, OBSERVED, account.as_str(), scope)?;
        let Some(number) = rows.into_iter().next().and_then(|(number,)| number) else { return Ok(Vec::new()) };
        let mut facts = read(&mut tx, account.as_str(), number).await?.observation.facts;
        facts.retain(keep);
        Ok(facts)
    }
}

/// The account of a collection that can still be added to.
async fn owner(tx: &mut Tx, collection: &CollectionId) -> Result<String, StoreError> {
    let rows: Vec<(String, Option<i64>)> = fetch!(tx, COLLECTION, collection.as_str())?;
    match rows.into_iter().next() {
        Some((account, None)) => Ok(account),
        Some((_, Some(_))) => Err(StoreError::CollectionFinished { id: collection.0.clone() }),
        None => Err(StoreError::Missing { what: "collection", id: collection.0.clone() }),
    }
}

/// One visit by its number.
pub(crate) async fn read(tx: &mut Tx, account: &str, number: i64) -> Result<Visit, StoreError> {
    let rows: Vec<(Vec<u8>, i64, Option<Vec<u8>>)> = fetch!(tx, READ, account, number)?;
    let (body, finished_at, history) =
        rows.into_iter().next().ok_or_else(|| StoreError::damaged("a snapshot's visit is missing"))?;
    Ok(Visit { observation: unpack_json(&body)?, finished_at: Timestamp(finished_at), history: address(history)? })
}

/// Deletes visits and blocks that nothing needs any more. The caller keeps writers out.
pub(crate) async fn sweep(tx: &mut Tx) -> Result<(), StoreError> {
    let visits = execute!(&mut *tx, SUPERSEDED)?;
    let rows: Vec<(Vec<u8>,)> = fetch!(&mut *tx, HISTORIES)?;
    let mut live = BTreeSet::new();
    for (hash,) in rows {
        live.extend(history::reachable(tx, Hash::from_bytes(&hash)?).await?);
    }
    let blocks = block::keep_only(tx, &live).await?;
    tracing::debug!(visits, blocks, "swept what no snapshot needs");
    Ok(())
}

fn address(bytes: Option<Vec<u8>>) -> Result<Option<Hash>, StoreError> {
    bytes.as_deref().map(Hash::from_bytes).transpose()
}
