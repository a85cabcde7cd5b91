//! Forward-only migrations: each in its own transaction, and for a file a backup beside it before each.

use crate::backend::{Pool, Tx};
use crate::{Location, StoreError};
use sqlx::{PgConnection, SqliteConnection};
use std::path::{Path, PathBuf};

/// One step of the schema in both dialects.
pub(crate) struct Migration {
    pub(crate) version: i64,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// Every step, oldest first. A released step is never edited.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sqlite: include_str!("../migrations/sqlite/0001_workspace.sql"),
    postgres: include_str!("../migrations/postgres/0001_workspace.sql"),
}];

const CREATE: &str = "CREATE TABLE IF NOT EXISTS loadline_schema (version BIGINT PRIMARY KEY)";
const VERSION: &str = "SELECT MAX(version) FROM loadline_schema";

/// The newest version in a list.
pub(crate) fn newest(migrations: &[Migration]) -> i64 {
    migrations.last().map_or(0, |m| m.version)
}

/// Brings the workspace to the newest version.
pub(crate) async fn run(pool: &Pool, location: &Location, migrations: &[Migration]) -> Result<(), StoreError> {
    let (mut version, known) = (current(pool).await?, newest(migrations));
    if version > known {
        return Err(StoreError::SchemaNewer { found: version, known });
    }
    for step in migrations {
        if step.version > version {
            if let (Location::Sqlite(path), 1..) = (location, version) {
                back_up(pool, path, version).await?;
            }
            apply(pool, step).await?;
            version = step.version;
        }
    }
    Ok(())
}

/// Where the backup before leaving `version` is kept.
pub(crate) fn backup_path(path: &Path, version: i64) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".schema-{version}.backup"));
    path.with_file_name(name)
}

async fn back_up(pool: &Pool, path: &Path, version: i64) -> Result<(), StoreError> {
    let backup = backup_path(path, version);
    // A backup of the same version is from a migration that did not happen; the workspace holds all it has and more.
    if backup.exists() {
        std::fs::remove_file(&backup).map_err(StoreError::io(&backup))?;
    }
    if let Pool::Sqlite(pool) = pool {
        sqlx::query("VACUUM INTO $1").bind(backup.to_string_lossy().into_owned()).execute(pool).await?;
    }
    Ok(())
}

async fn apply(pool: &Pool, step: &Migration) -> Result<(), StoreError> {
    let mut tx = pool.write().await?;
    if let Tx::Postgres(tx) = &mut tx {
        // Two apps that open a new workspace at once take turns; the number is only a name for the turn.
        sqlx::query("SELECT pg_advisory_xact_lock(5494825831)").execute(&mut **tx).await?;
    }
    let found = match &mut tx {
        Tx::Sqlite(tx) => sqlite_version(tx).await?,
        Tx::Postgres(tx) => postgres_version(tx).await?,
    };
    if found.unwrap_or(0) >= step.version {
        return Ok(());
    }
    execute!(&mut tx, CREATE)?;
    match &mut tx {
        Tx::Sqlite(tx) => sqlx::raw_sql(step.sqlite).execute(&mut **tx).await.map(drop)?,
        Tx::Postgres(tx) => sqlx::raw_sql(step.postgres).execute(&mut **tx).await.map(drop)?,
    }
    execute!(&mut tx, "INSERT INTO loadline_schema (version) VALUES ($1)", step.version)?;
    tx.commit().await
}

async fn current(pool: &Pool) -> Result<i64, StoreError> {
    let version = match pool {
        Pool::Sqlite(pool) => sqlite_version(&mut *pool.acquire().await?).await?,
        Pool::Postgres(pool) => postgres_version(&mut *pool.acquire().await?).await?,
    };
    Ok(version.unwrap_or(0))
}

/// The schema of an SQLite database; `None` when it is not (yet) a workspace.
pub(crate) async fn sqlite_version(connection: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let (tables,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'loadline_schema'")
            .fetch_one(&mut *connection)
            .await?;
    if tables == 0 {
        return Ok(None);
    }
    let (version,): (Option<i64>,) = sqlx::query_as(VERSION).fetch_one(connection).await?;
    Ok(version)
}

async fn postgres_version(connection: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    let (found,): (bool,) =
        sqlx::query_as("SELECT to_regclass('loadline_schema') IS NOT NULL").fetch_one(&mut *connection).await?;
    if !found {
        return Ok(None);
    }
    let (version,): (Option<i64>,) = sqlx::query_as(VERSION).fetch_one(connection).await?;
    Ok(version)
}
