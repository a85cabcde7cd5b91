//! Where a workspace is, and how to connect to it durably.

use crate::backend::Pool;
use crate::error::sqlite_code;
use crate::{StoreError, migrate};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// How long one writer waits for another, and a reader for a connection.
const PATIENCE: Duration = Duration::from_secs(20);
/// Window, schedule and command line together need few; a shared server has many guests.
const CONNECTIONS: u32 = 4;

/// Where a workspace is. Printing it never shows a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file, made on first use.
    Sqlite(PathBuf),
    /// A `postgres://` address of an existing database.
    Postgres(String),
    /// Nowhere: gone when it is closed.
    Memory,
}

impl Location {
    /// Reads what `--workspace` takes: a `postgres://` or `postgresql://` address, or a path.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Postgres(text.to_owned())
        } else {
            Self::Sqlite(PathBuf::from(text))
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Memory => f.write_str("memory"),
            Self::Postgres(url) => match PgConnectOptions::from_str(url) {
                Ok(o) => write!(f, "postgres://{}:{}/{}", o.get_host(), o.get_port(), o.get_database().unwrap_or("")),
                Err(_) => f.write_str("postgres://(not a valid address)"),
            },
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

/// Connects, having made sure that what is there is ours, sound and not newer than `known`.
pub(crate) async fn connect(location: &Location, known: i64) -> Result<Pool, StoreError> {
    match location {
        Location::Sqlite(path) => {
            if std::fs::metadata(path).is_ok_and(|m| m.len() > 0) {
                inspect(path, known).await?;
            } else {
                create_private(path)?;
            }
            let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
            Ok(Pool::Sqlite(pool.connect_with(durable(path)).await.map_err(unreachable(location))?))
        }
        Location::Memory => {
            // One connection that never ends: each connection to memory is a database of its own.
            let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
            let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
            Ok(Pool::Sqlite(pool.connect_with(options).await?))
        }
        Location::Postgres(url) => {
            let options = PgConnectOptions::from_str(url).map_err(unreachable(location))?;
            let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
            Ok(Pool::Postgres(pool.connect_with(verified(options, url)).await.map_err(unreachable(location))?))
        }
    }
}

/// Looks at an existing file without changing it; answers its schema, 0 for a database without any table: one whose maker
/// was killed before the first migration.
pub(crate) async fn inspect(path: &Path, known: i64) -> Result<i64, StoreError> {
    let place = || path.display().to_string();
    let foreign = |why: String| StoreError::NotAWorkspace { place: place(), why };
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(PATIENCE);
    let mut connection = options.connect().await.map_err(|e| foreign(e.to_string()))?;
    let version = match migrate::sqlite_version(&mut connection).await {
        Err(error) if sqlite_code(&error) == Some(26) => Err(foreign("it is not an SQLite file".to_owned())),
        Err(error) => Err(error.into()),
        Ok(None) if is_empty(&mut connection).await? => Ok(0),
        Ok(None) => Err(foreign("it is a database of another program".to_owned())),
        Ok(Some(found)) if found > known => Err(StoreError::SchemaNewer { found, known }),
        Ok(Some(found)) => check(&mut connection).await.map(|()| found),
    };
    connection.close().await?;
    version
}

async fn is_empty(connection: &mut sqlx::SqliteConnection) -> Result<bool, StoreError> {
    let (things,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM sqlite_master").fetch_one(connection).await?;
    Ok(things == 0)
}

async fn check(connection: &mut sqlx::SqliteConnection) -> Result<(), StoreError> {
    let (answer,): (String,) = sqlx::query_as("PRAGMA quick_check(1)").fetch_one(connection).await?;
    if answer == "ok" { Ok(()) } else { Err(StoreError::damaged(answer)) }
}

fn durable(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
}

/// A workspace says what a company runs and where it is weak: readable by its owner only.
pub(crate) fn create_private(path: &Path) -> Result<(), StoreError> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(StoreError::io(folder))?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(StoreError::io(path))
}

/// The driver's default would accept any certificate; we verify, except where there is no network between.
fn verified(options: PgConnectOptions, url: &str) -> PgConnectOptions {
    let host = options.get_host();
    let near = options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if near || url.contains("sslmode=") || url.contains("ssl-mode=") {
        options
    } else {
        options.ssl_mode(PgSslMode::VerifyFull)
    }
}

fn unreachable(location: &Location) -> impl FnOnce(sqlx::Error) -> StoreError {
    let place = location.to_string();
    move |source| StoreError::Unreachable { place, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_paths_and_hide_passwords() {
        let shared = Location::parse("postgres://ana:hunter2@db.example:6432/team");
        assert_eq!(shared.to_string(), "postgres://db.example:6432/team");
        assert!(!format!("{shared:?}").contains("hunter2"));
        assert_eq!(Location::parse("/tmp/a.loadline"), Location::Sqlite("/tmp/a.loadline".into()));
    }

    #[test]
    fn a_remote_server_must_prove_who_it_is() {
        for (url, verify) in [
            ("postgres://db.example/team", true),
            ("postgres://127.0.0.1/team", false),
            ("postgres://localhost/team", false),
            ("postgres://db.example/team?sslmode=require", false),
            ("postgres:///team?host=/run/postgresql", false),
        ] {
            let options = verified(PgConnectOptions::from_str(url).expect("valid"), url);
            assert_eq!(matches!(options.get_ssl_mode(), PgSslMode::VerifyFull), verify, "{url}");
        }
    }
}
