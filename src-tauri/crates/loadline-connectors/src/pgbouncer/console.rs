//! The admin console: it speaks PostgreSQL's simple protocol only, and answers a fixed list of commands.

use super::shows::Show;
use crate::ConnectError;
use crate::postgres::address::{Address, explain};
use futures_util::TryStreamExt;
use loadline_model::CollectionCost;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{Column, ConnectOptions, PgConnection, Row};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

const PATIENCE: Duration = Duration::from_secs(10);
/// Rows of one answer; a console with more clients is cut off here.
pub(super) const MOST_ROWS: usize = 50_000;

/// A row as text by column name; versions differ in their columns and types.
pub(super) type Line = BTreeMap<String, String>;

/// What a command showed.
pub(super) struct Shown {
    /// In the console's order.
    pub lines: Vec<Line>,
    /// There was more than [`MOST_ROWS`].
    pub cut: bool,
}

/// The connection of one account; reopened after it was lost.
pub(super) struct Console {
    options: PgConnectOptions,
    pub(super) endpoint: String,
    connection: Mutex<Option<PgConnection>>,
    calls: AtomicU64,
    busy_ms: AtomicU64,
}

impl Console {
    /// Logs in.
    ///
    /// # Errors
    /// [`ConnectError`], within ten seconds.
    pub(super) async fn open(address: Address) -> Result<Self, ConnectError> {
        let console = Self {
            // The console knows neither the setting nor any database but its own.
            options: address.options.extra_float_digits(None).database("pgbouncer"),
            endpoint: address.endpoint,
            connection: Mutex::new(None),
            calls: AtomicU64::new(0),
            busy_ms: AtomicU64::new(0),
        };
        let connection = console.dial().await?;
        *console.connection.lock().await = Some(connection);
        Ok(console)
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

    /// The answer to a command.
    ///
    /// # Errors
    /// What the console or the network said.
    pub(super) async fn show(&self, show: &Show) -> Result<Shown, String> {
        let begun = Instant::now();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = tokio::time::timeout(PATIENCE, self.ask(show.command)).await;
        self.busy_ms.fetch_add(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        answer.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
    }

    async fn ask(&self, command: &'static str) -> Result<Shown, String> {
        let mut slot = self.connection.lock().await;
        // Taken out while in use: a half-read connection is dropped.
        let mut connection = match slot.take() {
            Some(open) => open,
            None => self.dial().await.map_err(|e| e.to_string())?,
        };
        let answer = read(&mut connection, command).await;
        let refused = matches!(&answer, Err(sqlx::Error::Database(_)));
        if refused || answer.as_ref().is_ok_and(|shown| !shown.cut) {
            *slot = Some(connection);
        }
        answer.map_err(|e| match e {
            sqlx::Error::Database(e) => e.message().to_owned(),
            other => crate::http::innermost(&other),
        })
    }

    async fn dial(&self) -> Result<PgConnection, ConnectError> {
        let late = ConnectError::TimedOut { host: self.endpoint.clone(), seconds: PATIENCE.as_secs() };
        let dialled = tokio::time::timeout(PATIENCE, self.options.connect()).await;
        dialled.map_err(|_| late)?.map_err(|e| explain(&self.endpoint, e))
    }
}

async fn read(connection: &mut PgConnection, command: &'static str) -> Result<Shown, sqlx::Error> {
    let mut rows = sqlx::raw_sql(command).fetch(connection);
    let mut lines = Vec::new();
    while let Some(row) = rows.try_next().await? {
        if lines.len() >= MOST_ROWS {
            return Ok(Shown { lines, cut: true });
        }
        lines.push(line(&row));
    }
    Ok(Shown { lines, cut: false })
}

/// Every column as the text it was sent as; what is NULL is left out.
fn line(row: &PgRow) -> Line {
    let one = |column: &sqlx::postgres::PgColumn| {
        let raw = row.try_get_raw(column.ordinal()).ok()?;
        // Bytes that are no UTF-8 are shown as such, not refused: a name may be in any encoding.
        let text = String::from_utf8_lossy(raw.as_bytes().ok()?).into_owned();
        Some((column.name().to_owned(), text))
    };
    row.columns().iter().filter_map(one).collect()
}

#[cfg(test)]
impl Console {
    /// Sends any text, to prove what the console refuses.
    pub(super) async fn try_anything(&self, command: &'static str) -> Result<(), String> {
        self.ask(command).await.map(|_| ())
    }
}
