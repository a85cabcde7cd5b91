//! What can go wrong with a workspace, in words for the person in front of it.

use sqlx::error::DatabaseError;
use std::path::{Path, PathBuf};

/// Why the store could not do what it was asked. [`StoreError::code`] is stable; the text is one sentence for people.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The workspace belongs to a newer app; nothing was touched.
    #[error(
        "This workspace was written by a newer Loadline (schema {found}, this one knows {known}); nothing was changed. Update Loadline to open it."
    )]
    SchemaNewer {
        /// Schema of the workspace.
        found: i64,
        /// Newest schema this app knows.
        known: i64,
    },
    /// There is something else at that place.
    #[error("{place} is not a Loadline workspace: {why}. Choose another place with --workspace.")]
    NotAWorkspace {
        /// Where we looked.
        place: String,
        /// What was found there.
        why: String,
    },
    /// The integrity check or a content address failed.
    #[error("The workspace is damaged: {what}. Restore a backup with `loadline restore FILE`.")]
    Damaged {
        /// What does not fit.
        what: String,
    },
    /// Another collector holds the account.
    #[error("{holder} is collecting this account right now; try again when it is done.")]
    Busy {
        /// Who holds it.
        holder: String,
    },
    /// Another process kept writing for longer than we wait.
    #[error("Another Loadline is writing to this workspace and did not finish in time; try again in a moment.")]
    WorkspaceBusy,
    /// An id that is not in the workspace.
    #[error("There is no {what} `{id}` in this workspace; list what there is and try again.")]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A scope arrived after its collection was finished.
    #[error("Collection `{id}` is finished, so nothing can be added to it; begin a new one.")]
    CollectionFinished {
        /// The collection.
        id: String,
    },
    /// A target file is already there.
    #[error("{} already exists, and Loadline does not overwrite it; choose another name.", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{} could not be read or written: {source}. Check that the folder exists, is yours and has room.", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database server or file cannot be reached.
    #[error(
        "The workspace at {place} cannot be opened: {source}. Check the address, the role's rights and the network."
    )]
    Unreachable {
        /// Where, without credentials.
        place: String,
        /// What the driver said.
        source: sqlx::Error,
    },
    /// Something that cannot be written down.
    #[error("A value could not be stored: {0}. Please report this with the diagnostics file.")]
    Encoding(String),
    /// Everything else the database says.
    #[error("The workspace's database refused: {0}. Check the disk's free space and the role's rights.")]
    Database(sqlx::Error),
}

impl StoreError {
    /// The stable code for scripts and pages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SchemaNewer { .. } => "schema_newer",
            Self::NotAWorkspace { .. } => "not_a_workspace",
            Self::Damaged { .. } => "workspace_damaged",
            Self::Busy { .. } => "account_locked",
            Self::WorkspaceBusy => "workspace_busy",
            Self::Missing { .. } => "not_in_workspace",
            Self::CollectionFinished { .. } => "collection_finished",
            Self::Exists { .. } => "file_exists",
            Self::Io { .. } => "workspace_io",
            Self::Unreachable { .. } => "workspace_unreachable",
            Self::Encoding(_) => "not_storable",
            Self::Database(_) => "workspace_database",
        }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        // SQLite's primary result codes: 5 busy, 6 locked, 11 corrupt, 26 not a database.
        match sqlite_code(&error).map(|code| code & 0xff) {
            Some(5 | 6) => Self::WorkspaceBusy,
            Some(11 | 26) => Self::damaged(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

/// SQLite's result code, when it was SQLite that refused.
pub(crate) fn sqlite_code(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.try_downcast_ref::<sqlx::sqlite::SqliteError>()?.code()?.parse().ok()
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        match error.classify() {
            serde_json::error::Category::Io => Self::Encoding(error.to_string()),
            _ => Self::damaged(format!("a stored text is not what this version writes ({error})")),
        }
    }
}
