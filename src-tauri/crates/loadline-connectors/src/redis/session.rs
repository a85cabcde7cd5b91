//! One connection: opened, encrypted, signed in, and then the one door through which commands of the table are sent.

use super::address::{Address, Tls, is_metadata};
use super::commands::{Argument, Command};
use super::refusal::{Refusal, Why};
use super::tls;
use super::wire::{self, Reply};
use crate::pace::{Pace, Spent};
use crate::{ConnectError, Secret};
use loadline_model::CollectionCost;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// Longest wait for a connection.
pub(super) const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for the other side to begin TLS.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Longest wait for the answers of one round.
const DEADLINE: Duration = Duration::from_secs(8);
/// Most commands of one round.
pub(super) const ROUND: usize = 100;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}
type Open = BufReader<Box<dyn Stream>>;

/// The connection of one account; reopened after it was lost or a read was stopped.
pub(super) struct Session {
    address: Address,
    secret: Option<Secret>,
    connection: Mutex<Option<Open>>,
    calls: AtomicU64,
    busy_ms: AtomicU64,
    connections: AtomicU32,
    pace: Pace,
}

impl Session {
    /// Connects and signs in; nothing else is sent.
    ///
    /// # Errors
    /// [`ConnectError`], within ten seconds.
    pub(super) async fn open(address: &Address, secret: Option<Secret>, pace: Pace) -> Result<Self, ConnectError> {
        let session = Self {
            address: address.clone(),
            secret,
            connection: Mutex::new(None),
            calls: AtomicU64::new(0),
            busy_ms: AtomicU64::new(0),
            connections: AtomicU32::new(0),
            pace,
        };
        let connection = session.dial().await?;
        *session.connection.lock().await = Some(connection);
        Ok(session)
    }

    /// Where it goes.
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// The secret, for a second server of the same account.
    pub(super) fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref()
    }

    /// The budget of the account, for a second server of it.
    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }

    /// What was spent since connecting.
    pub(super) fn cost(&self) -> CollectionCost {
        CollectionCost {
            calls: self.calls.load(Ordering::Relaxed),
            billed_calls: 0,
            busy_ms: self.busy_ms.load(Ordering::Relaxed),
            connections: self.connections.load(Ordering::Relaxed),
        }
    }

    /// The answer to one command.
    ///
    /// # Errors
    /// [`Refusal`]; a lost connection is opened again at the next command.
    pub(super) async fn ask(&self, command: &Command, argument: Argument<'_>) -> Result<Reply, Refusal> {
        let answers = self.ask_each(command, &[argument]).await;
        answers.into_iter().next().unwrap_or_else(|| Err(Refusal::new(Why::Lost, "it gave no answer")))
    }

    /// The answers to a command with each of up to [`ROUND`] arguments, in one round; fewer when the connection was lost.
    pub(super) async fn ask_each(&self, command: &Command, arguments: &[Argument<'_>]) -> Vec<Result<Reply, Refusal>> {
        let built: Option<Vec<Vec<Vec<u8>>>> = arguments.iter().take(ROUND).map(|a| command.with(*a)).collect();
        let Some(built) = built else {
            return vec![Err(Refusal::new(Why::Other, "the command takes another argument"))];
        };
        if self.pace.rest().await.is_err() {
            return vec![Err(Refusal::new(Why::Spent, Spent::SAID))];
        }
        let begun = Instant::now();
        self.calls.fetch_add(built.len() as u64, Ordering::Relaxed);
        let mut answers = Vec::new();
        let round = self.round(&built, &mut answers);
        if tokio::time::timeout(DEADLINE, round).await.is_err() {
            answers.push(Err(Refusal::new(Why::Late, format!("no answer within {} s", DEADLINE.as_secs()))));
        }
        self.pace.took(begun.elapsed());
        self.busy_ms.fetch_add(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        answers
    }

    async fn round(&self, built: &[Vec<Vec<u8>>], answers: &mut Vec<Result<Reply, Refusal>>) {
        let mut slot = self.connection.lock().await;
        // Taken out while in use: when the reader stops, the half-read connection is dropped and the server notices.
        let mut connection = match slot.take() {
            Some(open) => open,
            None => match self.dial().await {
                Ok(open) => open,
                Err(e) => return answers.push(Err(Refusal::new(Why::Lost, e.to_string()))),
            },
        };
        let bytes: Vec<u8> = built.iter().flat_map(|words| wire::encode(words)).collect();
        if let Err(refusal) = send(&mut connection, &bytes).await {
            return answers.push(Err(refusal));
        }
        for _ in built {
            let answer = self.receive(&mut connection).await;
            let broken = answer.as_ref().is_err_and(|refusal| !refusal.keeps_connection());
            answers.push(answer);
            if broken {
                return;
            }
        }
        *slot = Some(connection);
    }

    async fn receive(&self, connection: &mut Open) -> Result<Reply, Refusal> {
        match wire::read(connection).await? {
            Reply::Error(text) => Err(Refusal::of_server(&text, self.secret.as_ref().map(Secret::expose))),
            reply => Ok(reply),
        }
    }

    async fn dial(&self) -> Result<Open, ConnectError> {
        let late = || ConnectError::TimedOut { host: self.address.endpoint(), seconds: CONNECT.as_secs() };
        let dialled = tokio::time::timeout(CONNECT, self.dial_at_leisure()).await;
        let connection = dialled.map_err(|_| late())??;
        self.connections.fetch_add(1, Ordering::Relaxed);
        Ok(connection)
    }

    async fn dial_at_leisure(&self) -> Result<Open, ConnectError> {
        let plain = connect(&self.address).await?;
        let stream: Box<dyn Stream> = match self.address.tls {
            Tls::None => Box::new(plain),
            Tls::Verified | Tls::Unverified => {
                // A server without TLS waits for the end of a line that never comes.
                let said = format!("no answer to its greeting within {} s", HANDSHAKE.as_secs());
                let silent = ConnectError::tls(self.address.endpoint(), &said, tls::NO_TLS);
                let encrypted = tokio::time::timeout(HANDSHAKE, tls::encrypt(&self.address, plain)).await;
                Box::new(encrypted.map_err(|_| silent)??)
            }
        };
        let mut connection = BufReader::new(stream);
        if let Some(secret) = &self.secret {
            let user = self.address.user.iter().map(|u| u.as_bytes().to_vec());
            let words: Vec<Vec<u8>> =
                [b"AUTH".to_vec()].into_iter().chain(user).chain([secret.expose().as_bytes().to_vec()]).collect();
            let signed_in = async {
                send(&mut connection, &wire::encode(&words)).await?;
                self.receive(&mut connection).await
            };
            let encrypted = self.address.tls != Tls::None;
            signed_in.await.map_err(|refusal: Refusal| refusal.explain(self.address.endpoint(), encrypted))?;
        }
        Ok(connection)
    }
}

async fn send(connection: &mut Open, bytes: &[u8]) -> Result<(), Refusal> {
    let sent = async {
        connection.write_all(bytes).await?;
        connection.flush().await
    };
    sent.await.map_err(|e| wire::Unread::from(e).into())
}

/// Tries each address of the host, except those of machine metadata.
async fn connect(address: &Address) -> Result<TcpStream, ConnectError> {
    let unreachable = |why: String| ConnectError::Unreachable { host: address.endpoint(), why };
    let found = tokio::net::lookup_host((address.host.as_str(), address.port)).await;
    let mut last = "the name has no address that may be asked".to_owned();
    for place in found.map_err(|e| unreachable(e.to_string()))?.filter(|a| !is_metadata(&a.ip().to_string())) {
        match TcpStream::connect(place).await {
            Ok(stream) => return Ok(stream),
            Err(e) => last = e.to_string(),
        }
    }
    Err(unreachable(last))
}
