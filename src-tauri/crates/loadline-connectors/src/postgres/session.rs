//! One read-only connection. Every read is `BEGIN READ ONLY` with timeouts and a safe search path, then rolled back.
//!
//! The timeouts are set inside each transaction, not at connecting: `pg_settings.reset_val` then still shows what the
//! server gives to everybody else, which is what DB-016 asks.

use super::address::{Address, explain};
use super::statements::{EXTENSION_PATH, Statement};
use crate::ConnectError;
use crate::pace::{Pace, Spent};
use loadline_model::{CollectionCost, GapReason};
use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgRow};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, Row, Transaction};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

/// Layer two of read-only: the session. `pg_catalog` alone, so that no function of the database's users runs. A database
/// without encoding may hold bytes that are no UTF-8: the server would refuse the whole answer, so it sends them as they are.
const GUARD: &str = "SET LOCAL statement_timeout = '5s'; SET LOCAL lock_timeout = '200ms'; \
    SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL search_path = pg_catalog; \
    SELECT set_config('client_encoding', 'SQL_ASCII', true) WHERE current_setting('server_encoding') = 'SQL_ASCII'";
const CONNECT: Duration = Duration::from_secs(10);
/// Above the server's own 5 s, for a network that went silent.
const DEADLINE: Duration = Duration::from_secs(12);

/// Rows of one page, and the statement that fetches it.
const PAGE: usize = 250;
const FETCH: &str = "FETCH FORWARD 250 FROM loadline_page";
const CURSOR: &str = "loadline_page";

/// Not a state of the server: our own budget.
const BUDGET: &str = "budget";

/// Why a statement gave no rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// SQLSTATE; empty when the server did not answer.
    pub state: String,
    /// What the server said.
    pub said: String,
}

impl Refusal {
    /// The gap it leaves.
    pub(super) fn reason(&self) -> GapReason {
        match self.state.as_str() {
            "42501" => GapReason::PermissionDenied,
            "57014" | "55P03" | "timeout" => GapReason::TimedOut,
            "42P01" | "42703" | "42883" | "55000" | "0A000" => GapReason::FeatureDisabled,
            "53300" | BUDGET => GapReason::LimitReached,
            _ => GapReason::ApiError,
        }
    }

    pub(super) fn lost(why: impl Into<String>) -> Self {
        Self { state: String::new(), said: why.into() }
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(e) => match e.try_downcast_ref::<PgDatabaseError>() {
                Some(e) => Self { state: e.code().to_owned(), said: e.message().to_owned() },
                None => Self::lost(e.message()),
            },
            other => Self::lost(crate::http::innermost(other)),
        }
    }
}

/// The connection of one account; reopened after it was lost or a read was stopped.
pub(super) struct Session {
    options: PgConnectOptions,
    endpoint: String,
    connection: Mutex<Option<PgConnection>>,
    calls: AtomicU64,
    busy_ms: AtomicU64,
    pace: Pace,
}

impl Session {
    /// Connects and proves that the session is read-only.
    ///
    /// # Errors
    /// [`ConnectError`], within ten seconds.
    pub(super) async fn open(address: &Address, pace: Pace) -> Result<Self, ConnectError> {
        let session = Self {
            options: address.options.clone().options([("default_transaction_read_only", "on")]),
            endpoint: address.endpoint.clone(),
            connection: Mutex::new(None),
            calls: AtomicU64::new(0),
            busy_ms: AtomicU64::new(0),
            pace,
        };
        let connection = session.dial().await?;
        *session.connection.lock().await = Some(connection);
        Ok(session)
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

    /// Rows of a statement, in the form for this server version; `None` when the version has no form.
    ///
    /// # Errors
    /// [`Refusal`] when server or network refused; a lost connection is opened again at the next read.
    pub(super) async fn rows(&self, statement: &Statement, version: u32) -> Result<Option<Vec<PgRow>>, Refusal> {
        let Some(sql) = statement.for_version(version) else { return Ok(None) };
        let how = How { extension: statement.extension, paged: statement.paged };
        self.timed(self.ask(SqlText::Fixed(sql), how)).await.map(Some)
    }

    /// Rows of a text that was composed of names quoted by the server itself.
    ///
    /// # Errors
    /// [`Refusal`] as for [`Session::rows`].
    pub(super) async fn composed(&self, sql: String) -> Result<Vec<PgRow>, Refusal> {
        self.timed(self.ask(SqlText::Composed(sql), How::default())).await
    }

    async fn ask(&self, sql: SqlText, how: How) -> Result<Vec<PgRow>, Refusal> {
        let mut lent = self.lend().await?;
        let rows = read(&mut lent.connection, sql, how).await;
        lent.give_back(rows)
    }

    /// Lends the connection, opened again where it was lost.
    pub(super) async fn lend(&self) -> Result<Lent<'_>, Refusal> {
        let mut slot = self.connection.lock().await;
        let connection = match slot.take() {
            Some(open) => open,
            None => self.dial().await.map_err(|e| Refusal::lost(e.to_string()))?,
        };
        Ok(Lent { slot, connection })
    }

    /// Measures one piece of work and ends it when the server went silent.
    pub(super) async fn timed<T>(&self, work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
        let spent = |_: Spent| Refusal { state: BUDGET.to_owned(), said: Spent::SAID.to_owned() };
        self.pace.rest().await.map_err(spent)?;
        let begun = Instant::now();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = tokio::time::timeout(DEADLINE, work).await;
        self.pace.took(begun.elapsed());
        self.busy_ms.fetch_add(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        let late = || Refusal { state: "timeout".to_owned(), said: format!("no answer within {DEADLINE:?}") };
        answer.unwrap_or_else(|_| Err(late()))
    }

    async fn dial(&self) -> Result<PgConnection, ConnectError> {
        let host = self.endpoint.clone();
        let late = ConnectError::TimedOut { host: host.clone(), seconds: CONNECT.as_secs() };
        let dialled = tokio::time::timeout(CONNECT, PgConnection::connect_with(&self.options)).await;
        let mut connection = dialled.map_err(|_| late)?.map_err(|e| explain(&host, e))?;
        let shown = sqlx::query("SHOW default_transaction_read_only").fetch_one(&mut connection).await;
        match shown.and_then(|row| row.try_get::<String, _>(0)) {
            Ok(on) if on == "on" => Ok(connection),
            Ok(_) => Err(ConnectError::NotReadOnly { host, why: "the setting was ignored".to_owned() }),
            Err(e) => Err(explain(&host, e)),
        }
    }
}

/// The connection while it is in use: taken out of its place, so that when the reader stops, the half-read connection
/// is dropped and the server notices.
pub(super) struct Lent<'a> {
    slot: MutexGuard<'a, Option<PgConnection>>,
    /// The connection.
    pub connection: PgConnection,
}

impl Lent<'_> {
    /// Puts the connection back, unless it was lost on the way.
    pub(super) fn give_back<T>(self, answer: Result<T, Refusal>) -> Result<T, Refusal> {
        let Self { mut slot, connection } = self;
        if !matches!(&answer, Err(refusal) if refusal.state.is_empty()) {
            *slot = Some(connection);
        }
        answer
    }
}

/// How a statement is read.
#[derive(Clone, Copy, Debug, Default)]
struct How {
    /// It reads a view of the extension.
    extension: bool,
    /// Rows are fetched page by page from a cursor, so that neither side holds more than a page at once.
    paged: bool,
}

enum SqlText {
    Fixed(&'static str),
    Composed(String),
}

async fn read(connection: &mut PgConnection, sql: SqlText, how: How) -> Result<Vec<PgRow>, Refusal> {
    let mut transaction = guarded(connection).await?;
    if how.extension {
        sqlx::query(EXTENSION_PATH).persistent(false).execute(&mut *transaction).await?;
    }
    let rows = match sql {
        SqlText::Fixed(sql) if how.paged => {
            // Our own fixed text behind a fixed prefix.
            let declare = AssertSqlSafe(format!("DECLARE {CURSOR} NO SCROLL CURSOR FOR {sql}"));
            sqlx::query(declare).persistent(false).execute(&mut *transaction).await?;
            let mut all = Vec::new();
            loop {
                let page = sqlx::query(FETCH).persistent(false).fetch_all(&mut *transaction).await?;
                let last = page.len() < PAGE;
                all.extend(page);
                if last {
                    break all;
                }
            }
        }
        SqlText::Fixed(sql) => sqlx::query(sql).persistent(false).fetch_all(&mut *transaction).await?,
        SqlText::Composed(sql) => {
            sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_all(&mut *transaction).await?
        }
    };
    transaction.rollback().await?;
    Ok(rows)
}

/// A read-only transaction with the guard.
pub(super) async fn guarded(connection: &mut PgConnection) -> Result<Transaction<'_, Postgres>, Refusal> {
    let mut transaction = connection.begin_with("BEGIN READ ONLY").await?;
    sqlx::raw_sql(GUARD).execute(&mut *transaction).await?;
    Ok(transaction)
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
        self.ask(SqlText::Fixed(sql), How::default()).await.map(|_| ())
    }
}
