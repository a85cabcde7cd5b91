//! Where Loadline keeps what it was told and what people decided: SQLite for one laptop, PostgreSQL for a team, the same
//! static SQL for both. It is not for judging facts, and it never holds a secret, only references to one.
//!
//! Facts are kept per *visit* (one scope of one collection). Samples and distributions are kept as immutable,
//! content-addressed blocks: one per series and UTC day; a page lists a day's blocks; a history lists a scope's series
//! and pages. A visit points at the history as it was then, so a snapshot is a manifest of visits and stays the same
//! whatever is collected later.

#[macro_use]
mod backend;
mod backup;
mod codec;
mod error;
mod hash;
mod history;
mod location;
mod migrate;
mod observation;
mod table;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use backup::restore;
pub use error::StoreError;
pub use location::Location;
pub use table::collection::{CollectionRow, ScopeRow, Unfinished};
pub use table::snapshot::SnapshotRow;

use backend::{Pool, Tx};

/// An open workspace. Clones share its connections; window and command line may each have one open at once.
#[derive(Clone, Debug)]
pub struct Store {
    pool: Pool,
    place: String,
}

impl Store {
    /// Opens a workspace, creates it when there is none, and brings an older schema up to date.
    ///
    /// # Errors
    /// `schema_newer` (nothing was touched), `not_a_workspace`, `workspace_damaged`, `workspace_unreachable`.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        Self::open_with(location, migrate::MIGRATIONS).await
    }

    async fn open_with(location: &Location, migrations: &[migrate::Migration]) -> Result<Self, StoreError> {
        let pool = location::connect(location, migrate::newest(migrations)).await?;
        let store = Self { pool, place: location.to_string() };
        match migrate::run(&store.pool, location, migrations).await {
            Ok(()) => Ok(store),
            Err(refused) => {
                store.close().await;
                Err(refused)
            }
        }
    }

    /// Closes every connection, after the work they are doing.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Bytes the workspace takes on its disk.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn size_bytes(&self) -> Result<u64, StoreError> {
        self.pool.size_bytes().await
    }

    async fn read(&self) -> Result<Tx, StoreError> {
        self.pool.read().await
    }

    async fn write(&self) -> Result<Tx, StoreError> {
        self.pool.write().await
    }
}
