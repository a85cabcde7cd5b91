//! One read-only connection. The session is read-only and bounded from the start, and every read is
//! `START TRANSACTION READ ONLY`, then rolled back.
//!
//! Settings are read as `GLOBAL`, so that what we set for our own session is not mistaken for what others get.

use super::address::{Address, NO_TLS};
use super::identity::{Engine, Flavour};
use super::row::Row;
use super::statements::Statement;
use crate::ConnectError;
use crate::pace::{Pace, Spent};
use futures_util::TryStreamExt as _;
use loadline_model::{CollectionCost, GapReason};
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError, MySqlSslMode};
use sqlx::{Connection, MySqlConnection};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Layer two of read-only: the session. Statements end after 5 s and locks are waited for at most 1 s, the least there is.
/// InnoDB writes its times in the system's zone, so ours is that one. MySQL would keep statistics it refreshed for us;
/// an expiry of 0 makes it answer without keeping anything.
const GUARD_MYSQL: &str = "SET SESSION max_execution_time = 5000, lock_wait_timeout = 1, \
    innodb_lock_wait_timeout = 1, time_zone = 'SYSTEM', information_schema_stats_expiry = 0";
const GUARD_MARIADB: &str = "SET SESSION max_statement_time = 5, lock_wait_timeout = 1, \
    innodb_lock_wait_timeout = 1, time_zone = 'SYSTEM'";
const READ_ONLY: &str = "SET SESSION TRANSACTION READ ONLY";
/// Its name differs between versions; both mean the same.
const IS_READ_ONLY: &str = "SHOW SESSION VARIABLES WHERE Variable_name IN ('transaction_read_only', 'tx_read_only')";
const VERSION: &str = "SELECT VERSION() AS version, @@version_comment AS comment";
const CONNECT: Duration = Duration::from_secs(10);
/// Above the server's own 5 s, for a network that went silent.
const DEADLINE: Duration = Duration::from_secs(12);
/// More than any statement asks for.
const MOST_ROWS: usize = 50_000;

/// Why a statement gave no rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The server's error number; 0 when it did not answer.
    pub number: u16,
    /// What the server said.
    pub said: String,
}

/// Not a number of the server: our own deadline or size was exceeded.
const LATE: u16 = u16::MAX;
const LARGE: u16 = u16::MAX - 1;
/// Nor this: our own budget is spent.
pub(super) const BUDGET: u16 = u16::MAX - 2;

impl Refusal {
    /// The gap it leaves.
    pub(super) fn reason(&self) -> GapReason {
        match self.number {
            1044 | 1045 | 1142 | 1143 | 1227 | 1370 => GapReason::PermissionDenied,
            1205 | 1969 | 3024 | LATE => GapReason::TimedOut,
            1054 | 1064 | 1109 | 1146 | 1193 | 1235 | 1049 => GapReason::FeatureDisabled,
            1040 | 1203 | 1226 | BUDGET => GapReason::LimitReached,
            LARGE => GapReason::Truncated,
            _ => GapReason::ApiError,
        }
    }

    fn lost(why: impl Into<String>) -> Self {
        Self { number: 0, said: why.into() }
    }

    /// The server ended the connection, or it was never there.
    fn is_lost(&self) -> bool {
        matches!(self.number, 0 | 1053 | 1927 | 2006 | 2013 | 4031 | LATE | LARGE)
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(e) => match e.try_downcast_ref::<MySqlDatabaseError>() {
                Some(e) => Self { number: e.number(), said: e.message().to_owned() },
                None => Self::lost(e.message()),
            },
            other => Self::lost(crate::http::innermost(other)),
        }
    }
}

/// The connection of one account; reopened after it was lost or a read was stopped.
pub(super) struct Session {
    options: MySqlConnectOptions,
    endpoint: String,
    connection: Mutex<Option<MySqlConnection>>,
    calls: AtomicU64,
    busy_ms: AtomicU64,
    pace: Pace,
}

impl Session {
    /// Connects and proves that the session is read-only.
    ///
    /// # Errors
    /// [`ConnectError`], within ten seconds.
    pub(super) async fn open(address: &Address, pace: Pace) -> Result<(Self, Engine), ConnectError> {
        let session = Self {
            options: address.options.clone(),
            endpoint: address.endpoint.clone(),
            connection: Mutex::new(None),
            calls: AtomicU64::new(0),
            busy_ms: AtomicU64::new(0),
            pace,
        };
        let (connection, engine) = session.dial().await?;
        *session.connection.lock().await = Some(connection);
        Ok((session, engine))
    }

    /// What was spent since connecting.
    pub(super) fn cost(&self) -> CollectionCost {
        CollectionCost {
            calls: self.calls.load(Ordering::Relaxed),
            billed_calls: 0,
            busy_ms: self.busy_ms.load(Ordering::Relaxed),
            connections: 1,
        }
    }

    /// Rows of a statement, in the form for this server; `None` when it has no form for it.
    ///
    /// # Errors
    /// [`Refusal`] when server or network refused; a lost connection is opened again at the next read.
    pub(super) async fn rows(&self, statement: &Statement, engine: &Engine) -> Result<Option<Vec<Row>>, Refusal> {
        let Some(sql) = statement.form(engine) else { return Ok(None) };
        let spent = |_: Spent| Refusal { number: BUDGET, said: Spent::SAID.to_owned() };
        self.pace.rest().await.map_err(spent)?;
        let begun = Instant::now();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = tokio::time::timeout(DEADLINE, self.ask(sql)).await;
        self.pace.took(begun.elapsed());
        self.busy_ms.fetch_add(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        let late = || Refusal { number: LATE, said: format!("no answer within {DEADLINE:?}") };
        answer.unwrap_or_else(|_| Err(late())).map(Some)
    }

    async fn ask(&self, sql: &'static str) -> Result<Vec<Row>, Refusal> {
        let mut slot = self.connection.lock().await;
        // Taken out while in use: when the reader stops, the half-read connection is dropped and the server notices.
        let mut connection = match slot.take() {
            Some(open) => open,
            None => self.dial().await.map_err(|e| Refusal::lost(e.to_string()))?.0,
        };
        let rows = read(&mut connection, sql).await;
        if !matches!(&rows, Err(refusal) if refusal.is_lost()) {
            *slot = Some(connection);
        }
        rows
    }

    async fn dial(&self) -> Result<(MySqlConnection, Engine), ConnectError> {
        let host = self.endpoint.clone();
        let late = ConnectError::TimedOut { host: host.clone(), seconds: CONNECT.as_secs() };
        let dialled = tokio::time::timeout(CONNECT, async {
            let mut connection = MySqlConnection::connect_with(&self.options).await?;
            sqlx::raw_sql(READ_ONLY).execute(&mut connection).await?;
            let said = rows(&mut connection, IS_READ_ONLY).await?;
            let version = rows(&mut connection, VERSION).await?;
            Ok((connection, said, version))
        });
        let (mut connection, said, version) = dialled.await.map_err(|_| late)?.map_err(|e| self.explain(e))?;
        if said.is_empty() || said.iter().any(|row| row.flag("value") != Some(true)) {
            return Err(ConnectError::NotReadOnly { host, why: "the setting was ignored".to_owned() });
        }
        let text = |column| version.first().and_then(|row| row.text(column)).unwrap_or_default();
        let engine = Engine::parse(&text("version"), &text("comment"));
        let engine = engine
            .ok_or_else(|| ConnectError::Refused { host, why: "it does not say which version it is".to_owned() })?;
        let guard = match engine.flavour {
            Flavour::Mysql => GUARD_MYSQL,
            Flavour::Mariadb => GUARD_MARIADB,
        };
        // Versions too old for a timeout are told apart afterwards; only the version is read from them.
        let guarded = sqlx::raw_sql(guard).execute(&mut connection).await;
        if let Err(error) = guarded.map_err(Failure::Sql).map_err(|e| self.explain(e)).map(drop)
            && engine.is_supported()
        {
            return Err(error);
        }
        Ok((connection, engine))
    }

    fn explain(&self, failure: Failure) -> ConnectError {
        let host = self.endpoint.clone();
        let error = match failure {
            Failure::Sql(error) => error,
            Failure::Said(refusal) => return ConnectError::Refused { host, why: refusal.said },
        };
        let tls = matches!(error, sqlx::Error::Tls(_));
        let io = matches!(error, sqlx::Error::Io(_));
        let Refusal { number, said: why } = error.into();
        match number {
            // Who comes without TLS where it is asked for is refused like one whose password is wrong: any user by MariaDB,
            // one that was made for TLS by both.
            1045 if matches!(self.options.get_ssl_mode(), MySqlSslMode::Disabled) => {
                let why = format!("{why}; where server or user ask for TLS, set sslmode to require or verify-full");
                ConnectError::Denied { host, why }
            }
            1044 | 1045 | 1251 | 1698 | 1820 | 1862 => ConnectError::Denied { host, why },
            // sqlx would need its RSA feature, which encrypts with a key that a stranger on the way could have sent.
            0 if why.contains("RSA") => ConnectError::Refused {
                host,
                why: "the user signs in with caching_sha2_password or sha256_password, whose password is only sent over TLS, \
                      and this connection has none; turn TLS on at the server, or set sslmode to require"
                    .to_owned(),
            },
            3159 => {
                let why = "it accepts encrypted connections only (require_secure_transport)".to_owned();
                ConnectError::Tls { host, why, closes: "Set sslmode to require or verify-full." }
            }
            0 if tls || why.contains("certificate") || why.contains("TLS") => ConnectError::tls(host, &why, NO_TLS),
            0 if io => ConnectError::Unreachable { host, why },
            _ => ConnectError::Refused { host, why },
        }
    }
}

/// Why connecting failed: the connection, or a statement on it.
enum Failure {
    Sql(sqlx::Error),
    Said(Refusal),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Said(refusal)
    }
}

async fn read(connection: &mut MySqlConnection, sql: &'static str) -> Result<Vec<Row>, Refusal> {
    sqlx::raw_sql("START TRANSACTION READ ONLY").execute(&mut *connection).await?;
    let answer = rows(connection, sql).await;
    if !matches!(&answer, Err(refusal) if refusal.is_lost()) {
        sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await?;
    }
    answer
}

/// Rows over the text protocol, at most so many.
async fn rows(connection: &mut MySqlConnection, sql: &'static str) -> Result<Vec<Row>, Refusal> {
    let mut stream = sqlx::raw_sql(sql).fetch(connection);
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await? {
        if rows.len() >= MOST_ROWS {
            return Err(Refusal { number: LARGE, said: format!("more than {MOST_ROWS} rows") });
        }
        rows.push(Row::read(&row));
    }
    Ok(rows)
}

#[cfg(test)]
impl Session {
    /// Sends any text outside of the guarded transaction, to prove that even this cannot write.
    pub(super) async fn try_anything(&self, sql: &'static str) -> Result<(), Refusal> {
        let mut slot = self.connection.lock().await;
        let mut connection = slot.take().expect("an open connection");
        let answer = sqlx::raw_sql(sql).execute(&mut connection).await;
        *slot = Some(connection);
        Ok(answer.map(|_| ())?)
    }

    /// Runs any text the way every read runs.
    pub(super) async fn try_guarded(&self, sql: &'static str) -> Result<(), Refusal> {
        self.ask(sql).await.map(|_| ())
    }
}
