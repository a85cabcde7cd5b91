//! Blocks: immutable bytes under the hash of themselves, read and written in batches.

use crate::StoreError;
use crate::backend::Tx;
use crate::hash::Hash;
use std::collections::{BTreeMap, BTreeSet};

/// Placeholders of the statements below; a short batch repeats its members.
const BATCH: usize = 50;
const WRITE_BATCH: usize = 25;

const READ: &str = "SELECT hash, body FROM block WHERE hash IN (\
     $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
     $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, \
     $42, $43, $44, $45, $46, $47, $48, $49, $50)";
const WRITE: &str = "INSERT INTO block (hash, body) VALUES \
     ($1, $2), ($3, $4), ($5, $6), ($7, $8), ($9, $10), ($11, $12), ($13, $14), ($15, $16), ($17, $18), \
     ($19, $20), ($21, $22), ($23, $24), ($25, $26), ($27, $28), ($29, $30), ($31, $32), ($33, $34), \
     ($35, $36), ($37, $38), ($39, $40), ($41, $42), ($43, $44), ($45, $46), ($47, $48), ($49, $50) \
     ON CONFLICT (hash) DO NOTHING";
const WRITE_ONE: &str = "INSERT INTO block (hash, body) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
const DELETE: &str = "DELETE FROM block WHERE hash IN (\
     $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
     $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, \
     $42, $43, $44, $45, $46, $47, $48, $49, $50)";

/// The bodies of all these blocks.
///
/// # Errors
/// `workspace_damaged` when one is missing or is not what its address says.
pub(crate) async fn read_many(tx: &mut Tx, hashes: &[Hash]) -> Result<BTreeMap<Hash, Vec<u8>>, StoreError> {
    let wanted: Vec<Hash> = hashes.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let mut found = BTreeMap::new();
    for batch in wanted.chunks(BATCH) {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = fetch_by_hash!(&mut *tx, READ, batch, BATCH)?;
        for (hash, body) in rows {
            let hash = Hash::from_bytes(&hash)?;
            if Hash::of(&body) != hash {
                return Err(StoreError::damaged(format!("block {hash} is not what its address says")));
            }
            found.insert(hash, body);
        }
    }
    match wanted.iter().find(|hash| !found.contains_key(hash)) {
        Some(missing) => Err(StoreError::damaged(format!("block {missing} is missing"))),
        None => Ok(found),
    }
}

/// The body of one block.
pub(crate) async fn read_one(tx: &mut Tx, hash: Hash) -> Result<Vec<u8>, StoreError> {
    let found = read_many(tx, &[hash]).await?;
    found.into_values().next().ok_or_else(|| StoreError::damaged(format!("block {hash} is missing")))
}

/// Stores blocks; those that are there already stay as they are.
pub(crate) async fn write_many(tx: &mut Tx, blocks: BTreeMap<Hash, Vec<u8>>) -> Result<(), StoreError> {
    let blocks: Vec<(Hash, Vec<u8>)> = blocks.into_iter().collect();
    for batch in blocks.chunks(WRITE_BATCH) {
        if batch.len() == WRITE_BATCH {
            write_batch(tx, batch).await?;
        } else {
            for (hash, body) in batch {
                execute!(&mut *tx, WRITE_ONE, hash.bytes(), body.as_slice())?;
            }
        }
    }
    Ok(())
}

async fn write_batch(tx: &mut Tx, batch: &[(Hash, Vec<u8>)]) -> Result<(), StoreError> {
    match tx {
        Tx::Sqlite(tx) => {
            let bound = batch
                .iter()
                .fold(sqlx::query::<sqlx::Sqlite>(WRITE), |q, (hash, body)| q.bind(hash.bytes()).bind(body.as_slice()));
            bound.execute(&mut **tx).await?;
        }
        Tx::Postgres(tx) => {
            let bound = batch.iter().fold(sqlx::query::<sqlx::Postgres>(WRITE), |q, (hash, body)| {
                q.bind(hash.bytes()).bind(body.as_slice())
            });
            bound.execute(&mut **tx).await?;
        }
    }
    Ok(())
}

/// Deletes every block outside `live` and answers how many there were.
pub(crate) async fn keep_only(tx: &mut Tx, live: &BTreeSet<Hash>) -> Result<u64, StoreError> {
    let rows: Vec<(Vec<u8>,)> = fetch!(&mut *tx, "SELECT hash FROM block")?;
    let mut dead = Vec::new();
    for (hash,) in rows {
        let hash = Hash::from_bytes(&hash)?;
        if !live.contains(&hash) {
            dead.push(hash);
        }
    }
    for batch in dead.chunks(BATCH) {
        // DELETE answers no rows; the type only says how none would look.
        let _none: Vec<(i64,)> = fetch_by_hash!(&mut *tx, DELETE, batch, BATCH)?;
    }
    Ok(dead.len() as u64)
}
