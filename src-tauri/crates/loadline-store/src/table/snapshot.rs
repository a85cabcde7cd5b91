//! Snapshots: everything known at one time, the same bytes whenever it is loaded.

use super::{account, alias, counter, manifest, visit};
use crate::backend::Tx;
use crate::{Store, StoreError, history, observation};
use loadline_model::{
    Account, AccountId, AccountSummary, Fact, FactKind, Inventory, Provenance, Snapshot, SnapshotId, SubjectId,
    Timestamp, Zone,
};
use std::collections::BTreeMap;

const INSERT: &str = "INSERT INTO snapshot (id, taken_at, zone, accounts, aliases) VALUES ($1, $2, $3, $4, $5)";
const FIND: &str = "SELECT taken_at, zone, accounts, aliases FROM snapshot WHERE id = $1";
const LIST: &str = "SELECT id, taken_at FROM snapshot ORDER BY taken_at, id";
const COLLECTED: &str = "SELECT account, MAX(finished_at) FROM visit WHERE status <> 'failed' GROUP BY account";
const DELETE: &str = "DELETE FROM snapshot WHERE taken_at < $1";
const EMPTY_COLLECTIONS: &str = "DELETE FROM collection WHERE finished_at < $1 \
     AND NOT EXISTS (SELECT 1 FROM visit WHERE visit.collection = collection.id)";

/// A snapshot without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRow {
    /// Its id.
    pub id: SnapshotId,
    /// When it was taken.
    pub taken_at: Timestamp,
}

impl Store {
    /// Takes a snapshot of what is known now, as of `at`, in one transaction.
    ///
    /// # Errors
    /// When the database refuses; then there is no snapshot.
    pub async fn take_snapshot(&self, at: Timestamp, zone: &Zone) -> Result<SnapshotId, StoreError> {
        let mut tx = self.write().await?;
        let id = format!("s{:09}", counter::next(&mut tx, "snapshot").await?);
        let accounts = serde_json::to_string(&summaries(&mut tx, at).await?)?;
        let aliases = counter::current(&mut tx, "alias").await?;
        execute!(&mut tx, INSERT, id.as_str(), at.0, serde_json::to_string(zone)?, accounts, aliases)?;
        manifest::take(&mut tx, &id).await?;
        tx.commit().await?;
        Ok(SnapshotId(id))
    }

    /// Every snapshot, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn snapshots(&self) -> Result<Vec<SnapshotRow>, StoreError> {
        let mut tx = self.read().await?;
        let rows: Vec<(String, i64)> = fetch!(&mut tx, LIST)?;
        Ok(rows.into_iter().map(|(id, at)| SnapshotRow { id: SnapshotId(id), taken_at: Timestamp(at) }).collect())
    }

    /// Assembles a snapshot: facts of every scope, series with all their samples joined, in a fixed order.
    ///
    /// # Errors
    /// `not_in_workspace` when there is none of that id; `workspace_damaged` when a block does not fit its address.
    pub async fn load_snapshot(&self, id: &SnapshotId) -> Result<Snapshot, StoreError> {
        self.load_some(id, &|_| true).await
    }

    /// The same with those facts and series alone that `keep` wants; of a series it sees what it is of, and no samples. What it
    /// refuses is not read.
    ///
    /// # Errors
    /// See [`Self::load_snapshot`].
    pub async fn load_some(&self, id: &SnapshotId, keep: history::Keep<'_>) -> Result<Snapshot, StoreError> {
        let mut snapshot = self.assemble(id, Some(keep)).await?;
        snapshot.facts.retain(keep);
        put_in_order(&mut snapshot);
        Ok(snapshot)
    }

    /// The same without series and without the facts that `keep` refuses: cheap enough to look at many snapshots.
    ///
    /// # Errors
    /// See [`Self::load_snapshot`].
    pub async fn load_facts(&self, id: &SnapshotId, keep: fn(&Fact) -> bool) -> Result<Snapshot, StoreError> {
        let mut snapshot = self.assemble(id, None).await?;
        snapshot.facts.retain(keep);
        put_in_order(&mut snapshot);
        Ok(snapshot)
    }

    async fn assemble(&self, id: &SnapshotId, series: Option<history::Keep<'_>>) -> Result<Snapshot, StoreError> {
        let mut tx = self.read().await?;
        let rows: Vec<(i64, String, String, i64)> = fetch!(&mut tx, FIND, id.as_str())?;
        let (taken_at, zone, accounts, aliases) =
            rows.into_iter().next().ok_or_else(|| StoreError::Missing { what: "snapshot", id: id.0.clone() })?;
        let mut snapshot = Snapshot {
            id: id.clone(),
            taken_at: Timestamp(taken_at),
            zone: serde_json::from_str(&zone)?,
            accounts: serde_json::from_str(&accounts)?,
            aliases: alias::up_to(&mut tx, aliases).await?,
            ..Snapshot::default()
        };
        for line in manifest::read(&mut tx, id.as_str()).await? {
            add(&mut tx, &mut snapshot, line, series).await?;
        }
        Ok(snapshot)
    }

    /// Deletes the snapshots taken before `at`, and then every visit and block that nothing needs any more. The newest
    /// visit of every scope stays, with its series' whole history.
    ///
    /// # Errors
    /// When the database refuses; then nothing was deleted.
    pub async fn delete_snapshots_before(&self, at: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        tx.keep_writers_out().await?;
        let deleted = execute!(&mut tx, DELETE, at.0)?;
        visit::sweep(&mut tx).await?;
        execute!(&mut tx, EMPTY_COLLECTIONS, at.0)?;
        tx.commit().await?;
        self.pool.release_room().await?;
        Ok(deleted)
    }
}

/// Takes an account out of what every snapshot lists.
pub(crate) async fn forget_account(tx: &mut Tx, id: &AccountId) -> Result<(), StoreError> {
    let rows: Vec<(String, String)> = fetch!(&mut *tx, "SELECT id, accounts FROM snapshot")?;
    for (snapshot, accounts) in rows {
        let mut accounts: Vec<AccountSummary> = serde_json::from_str(&accounts)?;
        accounts.retain(|a| a.id != *id);
        let accounts = serde_json::to_string(&accounts)?;
        execute!(&mut *tx, "UPDATE snapshot SET accounts = $2 WHERE id = $1", snapshot, accounts)?;
    }
    Ok(())
}

async fn summaries(tx: &mut Tx, at: Timestamp) -> Result<Vec<AccountSummary>, StoreError> {
    let bodies: Vec<(String,)> = fetch!(&mut *tx, account::LIST)?;
    let collected: Vec<(String, i64)> = fetch!(&mut *tx, COLLECTED)?;
    let collected: BTreeMap<AccountId, i64> = collected.into_iter().map(|(a, t)| (AccountId(a), t)).collect();
    let summary = |(body,): (String,)| {
        let account: Account = serde_json::from_str(&body)?;
        Ok(AccountSummary {
            connected: account.disconnected_at.is_none_or(|left| left > at),
            collected_at: collected.get(&account.id).map(|t| Timestamp(*t)),
            id: account.id,
            provider: account.provider,
            name: account.name,
        })
    };
    bodies.into_iter().map(summary).collect()
}

/// Adds one scope: facts of the visit that observed it, gaps of that one and of a later one that failed.
async fn add(
    tx: &mut Tx,
    snapshot: &mut Snapshot,
    line: manifest::Line,
    series: Option<history::Keep<'_>>,
) -> Result<(), StoreError> {
    let newest = visit::read(tx, &line.account, line.newest).await?;
    if let (Some(root), Some(keep)) = (newest.history, series) {
        snapshot.facts.extend(history::load(tx, root, keep).await?);
    }
    let observed = match line.observed {
        Some(number) if number != line.newest => {
            snapshot.gaps.extend(newest.observation.gaps);
            visit::read(tx, &line.account, number).await?
        }
        Some(_) => newest,
        None => {
            snapshot.gaps.extend(newest.observation.gaps);
            return Ok(());
        }
    };
    let inventory = |kind| Inventory {
        account: AccountId(line.account.clone()),
        scope: line.scope.clone(),
        kind,
        read_at: observed.finished_at,
    };
    snapshot.inventories.extend(observed.observation.inventories.into_iter().map(inventory));
    snapshot.facts.extend(observed.observation.facts);
    snapshot.gaps.extend(observed.observation.gaps);
    Ok(())
}

fn put_in_order(snapshot: &mut Snapshot) {
    snapshot.facts.sort_by_cached_key(place);
    snapshot.gaps.sort();
    snapshot.gaps.dedup();
    snapshot.inventories.sort();
    snapshot.inventories.dedup();
}

/// Subject, kind, content, provenance: total, and independent of the scope a fact came in.
fn place(fact: &Fact) -> (SubjectId, FactKind, String, Provenance) {
    let text = observation::identity(fact).or_else(|| serde_json::to_string(&fact.body).ok()).unwrap_or_default();
    (fact.subject.clone(), fact.body.kind(), text, fact.provenance.clone())
}
