//! Memcached's text protocol: two questions, asked in plain text, answered by lines within bounds.

use crate::ConnectError;
use loadline_model::{CollectionCost, GapReason};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for an answer.
const DEADLINE: Duration = Duration::from_secs(8);
/// Most bytes of an answer; a server of 64 slabs sends a tenth of it.
const BYTES: u64 = 256 << 10;
/// Most lines of an answer.
const LINES: usize = 5_000;

/// One read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// What is sent, and the name in provenance.
    pub words: &'static str,
    /// What it reads, for the policy and for gaps.
    pub reads: &'static str,
}

/// Counters since the start.
pub(super) static STATS: Question = Question { words: "stats", reads: "stats: hits, evictions, memory, connections" };
/// How the server was started.
pub(super) static SETTINGS: Question =
    Question { words: "stats settings", reads: "stats settings: eviction and limits" };
/// Everything we ever send.
pub(super) static ALL: &[&Question] = &[&STATS, &SETTINGS];

/// Values by name.
pub(super) type Stats = BTreeMap<String, String>;

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The gap it leaves.
    pub reason: GapReason,
    /// A clause without its full stop.
    pub said: String,
}

impl Refusal {
    fn new(reason: GapReason, said: impl Into<String>) -> Self {
        Self { reason, said: said.into() }
    }
}

const NOT_SPOKEN: &str =
    "it does not answer in memcached's text protocol without user and TLS, which is the only one Loadline speaks";

/// The connection of one account; reopened after it was lost or a read was stopped.
pub(super) struct Door {
    host: String,
    port: u16,
    endpoint: String,
    connection: Mutex<Option<BufReader<TcpStream>>>,
    calls: AtomicU64,
    busy_ms: AtomicU64,
}

impl Door {
    /// Connects.
    ///
    /// # Errors
    /// [`ConnectError`], within ten seconds.
    pub(super) async fn open(host: &str, port: u16, endpoint: String) -> Result<Self, ConnectError> {
        let (calls, busy_ms) = Default::default();
        let door = Self { host: host.to_owned(), port, endpoint, connection: Mutex::new(None), calls, busy_ms };
        let connection = door.dial().await?;
        *door.connection.lock().await = Some(connection);
        Ok(door)
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

    /// The answer to one question.
    ///
    /// # Errors
    /// [`Refusal`]; a lost connection is opened again at the next question.
    pub(super) async fn ask(&self, question: &'static Question) -> Result<Stats, Refusal> {
        let begun = Instant::now();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = tokio::time::timeout(DEADLINE, self.exchange(question)).await;
        self.busy_ms.fetch_add(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        let late = || Refusal::new(GapReason::TimedOut, format!("no answer within {} s", DEADLINE.as_secs()));
        answer.unwrap_or_else(|_| Err(late()))
    }

    async fn exchange(&self, question: &Question) -> Result<Stats, Refusal> {
        let mut slot = self.connection.lock().await;
        // Taken out while in use: a half-read connection is dropped when the reader stops.
        let mut connection = match slot.take() {
            Some(open) => open,
            None => self.dial().await.map_err(|e| Refusal::new(GapReason::ApiError, e.to_string()))?,
        };
        let lost = |e: std::io::Error| Refusal::new(GapReason::ApiError, crate::http::innermost(&e));
        connection.write_all(format!("{}\r\n", question.words).as_bytes()).await.map_err(lost)?;
        let stats = read(&mut connection).await?;
        *slot = Some(connection);
        Ok(stats)
    }

    async fn dial(&self) -> Result<BufReader<TcpStream>, ConnectError> {
        let host = || self.endpoint.clone();
        let late = ConnectError::TimedOut { host: host(), seconds: CONNECT.as_secs() };
        let dialled = tokio::time::timeout(CONNECT, TcpStream::connect((self.host.as_str(), self.port))).await;
        let unreachable = |e: std::io::Error| ConnectError::Unreachable { host: host(), why: e.to_string() };
        Ok(BufReader::new(dialled.map_err(|_| late)?.map_err(unreachable)?))
    }
}

async fn read(from: &mut BufReader<TcpStream>) -> Result<Stats, Refusal> {
    let mut bounded = from.take(BYTES);
    let mut stats = Stats::new();
    for _ in 0..LINES {
        let mut line = Vec::new();
        let read = bounded.read_until(b'\n', &mut line).await;
        read.map_err(|e| Refusal::new(GapReason::ApiError, crate::http::innermost(&e)))?;
        if !line.ends_with(b"\n") {
            return Err(match bounded.limit() {
                0 => Refusal::new(GapReason::Truncated, "its answer is larger than Loadline reads"),
                _ if stats.is_empty() => {
                    Refusal::new(GapReason::ApiError, format!("it closed the connection; {NOT_SPOKEN}"))
                }
                _ => Refusal::new(GapReason::ApiError, "it closed the connection in the middle of its answer"),
            });
        }
        let Ok(line) = std::str::from_utf8(&line) else { return Err(Refusal::new(GapReason::ParseError, NOT_SPOKEN)) };
        match line.trim_end().splitn(3, ' ').collect::<Vec<_>>().as_slice() {
            ["END"] => return Ok(stats),
            ["STAT", name, value] => drop(stats.insert((*name).to_owned(), (*value).to_owned())),
            // A setting may be empty.
            ["STAT", name] => drop(stats.insert((*name).to_owned(), String::new())),
            ["CLIENT_ERROR", ..] => {
                let said = "it asks for a user, and Loadline speaks memcached's text protocol without SASL";
                return Err(Refusal::new(GapReason::PermissionDenied, said));
            }
            _ => return Err(Refusal::new(GapReason::ParseError, NOT_SPOKEN)),
        }
    }
    Err(Refusal::new(GapReason::Truncated, "its answer is larger than Loadline reads"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_questions_exist_and_they_only_read() {
        let sent: Vec<&str> = ALL.iter().map(|q| q.words).collect();
        assert_eq!(sent, ["stats", "stats settings"], "`stats reset` and `stats detail on` would change the server");
    }
}
