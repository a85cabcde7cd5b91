//! Two databases behind one transaction. The macros run one static statement on whichever it is; they are the only place
//! that names both drivers' types.

use crate::StoreError;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

/// Connections to one of the two databases.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A transaction in one of the two. Dropped without commit, it is rolled back.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs a static statement and answers how many rows it changed.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match $tx {
            $crate::backend::Tx::Sqlite(tx) => {
                sqlx::query::<sqlx::Sqlite>($sql)$(.bind($value))*.execute(&mut **tx).await.map(|d| d.rows_affected())
            }
            $crate::backend::Tx::Postgres(tx) => {
                sqlx::query::<sqlx::Postgres>($sql)$(.bind($value))*.execute(&mut **tx).await.map(|d| d.rows_affected())
            }
        }
    };
}

/// Runs a static statement and answers its rows as tuples of the expected type.
macro_rules! fetch {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match $tx {
            $crate::backend::Tx::Sqlite(tx) => {
                sqlx::query_as::<sqlx::Sqlite, _>($sql)$(.bind($value))*.fetch_all(&mut **tx).await
            }
            $crate::backend::Tx::Postgres(tx) => {
                sqlx::query_as::<sqlx::Postgres, _>($sql)$(.bind($value))*.fetch_all(&mut **tx).await
            }
        }
    };
}

/// Like `fetch!`, for a statement whose placeholders are all filled from one slice of hashes, repeated to fit.
macro_rules! fetch_by_hash {
    ($tx:expr, $sql:expr, $hashes:expr, $count:expr) => {
        match $tx {
            $crate::backend::Tx::Sqlite(tx) => {
                let mut query = sqlx::query_as::<sqlx::Sqlite, _>($sql);
                for hash in $hashes.iter().cycle().take($count) {
                    query = query.bind(hash.bytes());
                }
                query.fetch_all(&mut **tx).await
            }
            $crate::backend::Tx::Postgres(tx) => {
                let mut query = sqlx::query_as::<sqlx::Postgres, _>($sql);
                for hash in $hashes.iter().cycle().take($count) {
                    query = query.bind(hash.bytes());
                }
                query.fetch_all(&mut **tx).await
            }
        }
    };
}

impl Pool {
    /// A transaction that sees one state of the workspace and changes nothing.
    pub(crate) async fn read(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin_with("BEGIN").await?),
            Self::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }

    /// A transaction that may write. SQLite takes its write lock at once, so that a read inside never grows into a
    /// write that must fail.
    pub(crate) async fn write(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) async fn size_bytes(&self) -> Result<u64, StoreError> {
        let (bytes,): (i64,) = match self {
            Self::Sqlite(pool) => {
                sqlx::query_as("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
                    .fetch_one(pool)
                    .await?
            }
            Self::Postgres(pool) => {
                sqlx::query_as("SELECT pg_database_size(current_database())").fetch_one(pool).await?
            }
        };
        Ok(u64::try_from(bytes).unwrap_or(0))
    }

    /// Gives the room of deleted blocks back to the disk; PostgreSQL does so by itself.
    pub(crate) async fn release_room(&self) -> Result<(), StoreError> {
        if let Self::Sqlite(pool) = self {
            sqlx::query("PRAGMA incremental_vacuum").fetch_all(pool).await?;
        }
        Ok(())
    }
}

impl Tx {
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Keeps every other writer out until the end: a block that looks unused must not be taken up meanwhile.
    pub(crate) async fn keep_writers_out(&mut self) -> Result<(), StoreError> {
        if let Self::Postgres(tx) = self {
            sqlx::query("LOCK TABLE account IN EXCLUSIVE MODE").execute(&mut **tx).await?;
        }
        Ok(())
    }
}
