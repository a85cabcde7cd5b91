//! Backups are SQLite files whatever the workspace is, and any workspace can be restored from one.

use crate::backend::{Pool, Tx};
use crate::hash::Hash;
use crate::location::inspect;
use crate::{Location, Store, StoreError, migrate};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Empties a workspace, children first.
const CLEAR: [&str; 13] = [
    "DELETE FROM assessment",
    "DELETE FROM manifest",
    "DELETE FROM snapshot",
    "DELETE FROM visit",
    "DELETE FROM block",
    "DELETE FROM collection",
    "DELETE FROM account_lock",
    "DELETE FROM account",
    "DELETE FROM ledger",
    "DELETE FROM alias",
    "DELETE FROM decision",
    "DELETE FROM setting",
    "DELETE FROM counter",
];

/// Copies every row of a table that fits in memory.
macro_rules! copy {
    ($from:expr, $to:expr, $select:literal, $insert:literal, $row:ty, $($column:ident),+) => {
        let rows: Vec<$row> = fetch!(&mut *$from, $select)?;
        for ($($column,)+) in rows {
            execute!(&mut *$to, $insert, $($column),+)?;
        }
    };
}

impl Store {
    /// Writes a backup of the whole workspace to a new file, readable by its owner only. Work may go on meanwhile.
    ///
    /// # Errors
    /// `file_exists` rather than overwriting anything.
    pub async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        if path.exists() {
            return Err(StoreError::Exists { path: path.to_owned() });
        }
        let unfinished = beside(path, "unfinished");
        remove_if_there(&unfinished)?;
        let written = self.write_backup(&unfinished).await;
        if written.is_ok() {
            return std::fs::rename(&unfinished, path).map_err(StoreError::io(path));
        }
        remove_if_there(&unfinished)?;
        written
    }

    async fn write_backup(&self, path: &Path) -> Result<(), StoreError> {
        if let Pool::Sqlite(pool) = &self.pool {
            crate::location::create_private(path)?;
            sqlx::query("VACUUM INTO $1").bind(path.to_string_lossy().into_owned()).execute(pool).await?;
            return Ok(());
        }
        let file = Store::open(&Location::Sqlite(path.to_owned())).await?;
        let copied = replace(self, &file).await;
        file.close().await;
        copied
    }
}

/// Replaces everything in the workspace `to` by the backup `from`, in one transaction: whole or not at all. The backup is
/// only read; an older one is brought up to date on the way.
///
/// # Errors
/// `not_a_workspace`, `workspace_damaged` or `schema_newer` for the backup; then the workspace is as it was.
pub async fn restore(from: &Path, to: &Location) -> Result<(), StoreError> {
    if inspect(from, migrate::newest(migrate::MIGRATIONS)).await? == 0 {
        let why = "it is an empty database".to_owned();
        return Err(StoreError::NotAWorkspace { place: from.display().to_string(), why });
    }
    let copy = match to {
        Location::Sqlite(path) => beside(path, "restoring"),
        _ => {
            // One process may restore several workspaces at once.
            static RESTORES: AtomicU32 = AtomicU32::new(0);
            let number = RESTORES.fetch_add(1, Ordering::Relaxed);
            std::env::temp_dir().join(format!("loadline-{}-{number}.restoring", std::process::id()))
        }
    };
    remove_if_there(&copy)?;
    crate::location::create_private(&copy)?;
    std::fs::copy(from, &copy).map_err(StoreError::io(from))?;
    let restored = restore_copy(&copy, to).await;
    for step in migrate::MIGRATIONS {
        remove_if_there(&migrate::backup_path(&copy, step.version))?;
    }
    for suffix in ["-wal", "-shm", ""] {
        let mut leftover = copy.clone().into_os_string();
        leftover.push(suffix);
        remove_if_there(Path::new(&leftover))?;
    }
    restored
}

async fn restore_copy(copy: &Path, to: &Location) -> Result<(), StoreError> {
    let from = Store::open(&Location::Sqlite(copy.to_owned())).await?;
    let restored = match Store::open(to).await {
        Ok(to) => {
            let restored = replace(&from, &to).await;
            to.close().await;
            restored
        }
        Err(refused) => Err(refused),
    };
    from.close().await;
    restored
}

async fn replace(from: &Store, to: &Store) -> Result<(), StoreError> {
    let (mut read, mut write) = (from.read().await?, to.write().await?);
    write.keep_writers_out().await?;
    for statement in CLEAR {
        execute!(&mut write, statement)?;
    }
    copy_small_tables(&mut read, &mut write).await?;
    copy_blocks(&mut read, &mut write).await?;
    copy_visits(&mut read, &mut write).await?;
    copy_snapshots(&mut read, &mut write).await?;
    write.commit().await?;
    tracing::info!(from = from.place, to = to.place, "copied a workspace");
    Ok(())
}

async fn copy_small_tables(from: &mut Tx, to: &mut Tx) -> Result<(), StoreError> {
    copy!(
        from,
        to,
        "SELECT name, value FROM counter",
        "INSERT INTO counter VALUES ($1, $2)",
        (String, i64),
        name,
        value
    );
    copy!(
        from,
        to,
        "SELECT key, value FROM setting",
        "INSERT INTO setting VALUES ($1, $2)",
        (String, String),
        key,
        value
    );
    copy!(from, to, "SELECT number, body FROM alias", "INSERT INTO alias VALUES ($1, $2)", (i64, String), number, body);
    copy!(
        from,
        to,
        "SELECT fingerprint, body FROM ledger",
        "INSERT INTO ledger VALUES ($1, $2)",
        (String, String),
        fingerprint,
        body
    );
    copy!(
        from,
        to,
        "SELECT number, at, author, choice FROM decision",
        "INSERT INTO decision VALUES ($1, $2, $3, $4)",
        (i64, i64, String, String),
        number,
        at,
        author,
        choice
    );
    copy!(
        from,
        to,
        "SELECT id, visits, body FROM account",
        "INSERT INTO account VALUES ($1, $2, $3)",
        (String, i64, String),
        id,
        visits,
        body
    );
    copy!(
        from,
        to,
        "SELECT id, account, started_at, finished_at, cost FROM collection",
        "INSERT INTO collection VALUES ($1, $2, $3, $4, $5)",
        (String, String, i64, Option<i64>, String),
        id,
        account,
        started_at,
        finished_at,
        cost
    );
    Ok(())
}

async fn copy_blocks(from: &mut Tx, to: &mut Tx) -> Result<(), StoreError> {
    let mut after: Vec<u8> = Vec::new();
    loop {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = fetch!(
            &mut *from,
            "SELECT hash, body FROM block WHERE hash > $1 ORDER BY hash LIMIT 500",
            after.as_slice()
        )?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after.clone_from(last);
        let mut blocks = std::collections::BTreeMap::new();
        for (hash, body) in rows {
            let hash = Hash::from_bytes(&hash)?;
            if Hash::of(&body) != hash {
                return Err(StoreError::damaged(format!("block {hash} is not what its address says")));
            }
            blocks.insert(hash, body);
        }
        crate::table::block::write_many(to, blocks).await?;
    }
}

async fn copy_visits(from: &mut Tx, to: &mut Tx) -> Result<(), StoreError> {
    type Row = (String, String, String, i64, Vec<u8>, Option<Vec<u8>>);
    let keys: Vec<(String, i64)> = fetch!(&mut *from, "SELECT account, number FROM visit ORDER BY account, number")?;
    for (account, number) in keys {
        let rows: Vec<Row> = fetch!(
            &mut *from,
            "SELECT collection, scope, status, finished_at, body, history FROM visit WHERE account = $1 AND number = $2",
            account.as_str(),
            number,
        )?;
        for (collection, scope, status, finished_at, body, history) in rows {
            execute!(
                &mut *to,
                "INSERT INTO visit VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                account.as_str(),
                number,
                collection,
                scope,
                status,
                finished_at,
                body,
                history,
            )?;
        }
    }
    Ok(())
}

async fn copy_snapshots(from: &mut Tx, to: &mut Tx) -> Result<(), StoreError> {
    copy!(
        from,
        to,
        "SELECT id, taken_at, zone, accounts, aliases FROM snapshot",
        "INSERT INTO snapshot VALUES ($1, $2, $3, $4, $5)",
        (String, i64, String, String, i64),
        id,
        taken_at,
        zone,
        accounts,
        aliases
    );
    copy!(
        from,
        to,
        "SELECT snapshot, account, scope, newest, observed FROM manifest",
        "INSERT INTO manifest VALUES ($1, $2, $3, $4, $5)",
        (String, String, String, i64, Option<i64>),
        snapshot,
        account,
        scope,
        newest,
        observed
    );
    copy!(
        from,
        to,
        "SELECT snapshot, model_version, policy_version, body FROM assessment",
        "INSERT INTO assessment VALUES ($1, $2, $3, $4)",
        (String, String, i64, Vec<u8>),
        snapshot,
        model_version,
        policy_version,
        body
    );
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{suffix}"));
    path.with_file_name(name)
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::io(path)(error)),
        _ => Ok(()),
    }
}
