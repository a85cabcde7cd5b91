//! One member at a time, over one connection and the driver's own that watches it; only commands of the table pass.
//!
//! Members are asked directly and not through the driver's discovery: that holds connections to every member, cannot say
//! which of them counted something, and fails where members advertise names that are only known inside.

use super::address::{Address, PATIENCE};
use super::commands::{self, Command, Place, Target, Within};
use super::documents::Fields;
use super::identity::Cluster;
use crate::ConnectError;
use crate::pace::{Pace, Spent};
use ::mongodb::bson::Document;
use ::mongodb::error::{Error, ErrorKind};
use ::mongodb::options::{ReadPreference, SelectionCriteria};
use ::mongodb::{Client, Database};
use loadline_model::{CollectionCost, GapReason};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Above the server's own 5 s, for a network that went silent.
const DEADLINE: Duration = Duration::from_secs(8);
/// For all servers of an address together.
const CONNECT: Duration = Duration::from_secs(20);

/// Codes of answers that are ours: the server did not answer.
const LOST: i32 = -1;
const LATE: i32 = -2;
/// Our own load budget is spent.
const BUDGET: i32 = -3;
/// The file of the certificate authority cannot be used.
const AUTHORITY: i32 = -4;

const CLOSED: &str = "it closed the connection";
/// What to do where the server speaks no TLS.
const NO_TLS: &str = "Turn TLS on at the server, or set tls to off where the network between is trusted.";

/// Why a command gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// MongoDB's error code; negative when the server did not answer.
    pub code: i32,
    /// What the server said.
    pub said: String,
}

impl Refusal {
    /// The gap it leaves (codes: MongoDB source, `error_codes.yml`; 8000 is Atlas's own).
    pub(super) fn reason(&self) -> GapReason {
        match self.code {
            13 | 31 => GapReason::PermissionDenied,
            8000 if self.said.contains("not allowed") => GapReason::PermissionDenied,
            LATE | 50 | 262 => GapReason::TimedOut,
            BUDGET => GapReason::LimitReached,
            _ if self.is_unknown_to_the_server() => GapReason::FeatureDisabled,
            _ => GapReason::ApiError,
        }
    }

    /// The command or stage does not exist in this version or product: CommandNotFound, CommandNotSupported, an unknown
    /// stage (40324), an option or a storage engine without it.
    pub(super) fn is_unknown_to_the_server(&self) -> bool {
        matches!(self.code, 59 | 72 | 115 | 166 | 8000 | 40324 | 40415)
    }

    /// There is no such collection or view.
    pub(super) fn is_no_collection(&self) -> bool {
        matches!(self.code, 26)
    }

    /// Nothing came back, of the server or of its network.
    fn is_late(&self) -> bool {
        self.code == LATE || self.code == LOST && self.said.contains("in time")
    }

    fn is_lost(&self) -> bool {
        self.code < 0 && self.code != BUDGET
    }
}

impl From<&Error> for Refusal {
    fn from(error: &Error) -> Self {
        let (code, said) = match error.kind.as_ref() {
            ErrorKind::Command(e) => (e.code, e.message.clone()),
            ErrorKind::Authentication { message, .. } => (18, message.clone()),
            ErrorKind::Io(e) => (LOST, e.to_string()),
            ErrorKind::ServerSelection { message, .. } => (LOST, cause(message)),
            ErrorKind::ConnectionPoolCleared { message, .. } => (LOST, cause(message)),
            _ => (LOST, "the answer is not one of MongoDB".to_owned()),
        };
        Self { code, said: said.trim().trim_end_matches('.').chars().filter(|c| !c.is_control()).take(300).collect() }
    }
}

/// What happened, out of the driver's description of everything it knows.
fn cause(message: &str) -> String {
    let words = [
        ("Connection refused", "the connection was refused"),
        ("expired", "its certificate has expired"),
        ("not valid for name", "the certificate is not valid for name and address that were used"),
        ("invalid peer certificate", "the certificate is not trusted"),
        ("certificate", "the certificate is not trusted"),
        ("corrupt message", "it speaks no TLS"),
        ("timed out", "it did not answer in time"),
        ("deadline has elapsed", "it did not answer in time"),
        ("failed to lookup", "its name is not known"),
        ("eof", CLOSED),
        ("end of file", CLOSED),
        ("Connection reset", CLOSED),
    ];
    let lower = message.to_lowercase();
    // A server that was never heard of left no error behind.
    if !lower.contains("error") {
        return "it did not answer in time".to_owned();
    }
    let known = words.iter().find(|(sign, _)| lower.contains(&sign.to_lowercase()));
    known.map_or("no connection", |(_, said)| said).to_owned()
}

/// Something accepts connections there; nothing is sent.
async fn listens(host: &str) -> bool {
    let place = if host.rsplit_once(':').is_some() { host.to_owned() } else { format!("{host}:27017") };
    let opened = tokio::time::timeout(Duration::from_secs(1), tokio::net::TcpStream::connect(place)).await;
    matches!(opened, Ok(Ok(_)))
}

/// The connection of one account.
pub(super) struct Session {
    address: Address,
    slot: Mutex<Option<(String, Client)>>,
    calls: AtomicU64,
    busy_ms: AtomicU64,
    pace: Pace,
}

impl Session {
    /// Finds a server that answers and learns what it belongs to.
    ///
    /// # Errors
    /// [`ConnectError`], within twenty seconds.
    pub(super) async fn open(address: Address, pace: Pace) -> Result<(Self, Cluster), ConnectError> {
        let (calls, busy_ms) = Default::default();
        let session = Self { address, slot: Mutex::new(None), calls, busy_ms, pace };
        let host = session.address.endpoint();
        let late = ConnectError::TimedOut { host, seconds: CONNECT.as_secs() };
        let cluster = tokio::time::timeout(CONNECT, session.find()).await.map_err(|_| late)??;
        Ok((session, cluster))
    }

    async fn find(&self) -> Result<Cluster, ConnectError> {
        let seeds = self.address.servers().await?;
        let mut last =
            ConnectError::Unreachable { host: self.address.endpoint(), why: "no server is named".to_owned() };
        for seed in &seeds {
            match self.greet(seed, &seeds).await {
                Ok(Some(cluster)) => return Ok(cluster),
                Ok(None) => {}
                // The same credentials would be refused everywhere.
                Err(denied @ ConnectError::Denied { .. }) => return Err(denied),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// What a server says of itself; `None` for an arbiter, which holds nothing to read.
    async fn greet(&self, seed: &str, seeds: &[String]) -> Result<Option<Cluster>, ConnectError> {
        let explain = |refusal: Refusal| self.explain(seed, &refusal);
        let nothing = Target::default();
        let hello = match self.send(seed, &commands::HELLO, &nothing).await {
            Ok(hello) => hello,
            // A server without TLS waits for the rest of what it takes for a long message.
            Err(refusal) if refusal.is_late() && self.address.is_encrypted() && listens(seed).await => {
                let said = format!("no answer to its greeting within {} s", PATIENCE.as_secs());
                return Err(ConnectError::tls(seed.to_owned(), &said, NO_TLS));
            }
            Err(refusal) => return Err(explain(refusal)),
        };
        if hello.flag("arbiterOnly") == Some(true) {
            return Ok(None);
        }
        if let Some(wanted) = &self.address.set
            && hello.text("setName") != Some(wanted)
        {
            let why = format!("it is not a member of the replica set `{wanted}`");
            return Err(ConnectError::Refused { host: seed.to_owned(), why });
        }
        let build = self.send(seed, &commands::BUILD, &nothing).await.map_err(explain)?;
        let mut cluster = Cluster::of(&hello, &build, seed, seeds, self.address.local);
        cluster.user = self.address.user().map(str::to_owned);
        if cluster.set.is_some()
            && let Ok(configuration) = self.send(seed, &commands::CONFIGURATION, &nothing).await
        {
            cluster.learn(&configuration);
        }
        Ok(Some(cluster))
    }

    fn explain(&self, host: &str, refusal: &Refusal) -> ConnectError {
        let (host, why) = (host.to_owned(), refusal.said.clone());
        match refusal.code {
            18 | 13 => ConnectError::Denied { host, why },
            LATE => ConnectError::TimedOut { host, seconds: DEADLINE.as_secs() },
            LOST if refusal.is_late() => ConnectError::TimedOut { host, seconds: PATIENCE.as_secs() },
            AUTHORITY => ConnectError::config("ca_file", why),
            LOST if why.contains("certificate") || why.contains("TLS") => ConnectError::tls(host, &why, NO_TLS),
            LOST if why == CLOSED && !self.address.is_encrypted() => {
                ConnectError::Refused { host, why: format!("{why}; where it speaks TLS only, set tls to verify") }
            }
            LOST => ConnectError::Unreachable { host, why },
            _ => ConnectError::Refused { host, why },
        }
    }

    /// What was spent since connecting.
    pub(super) fn cost(&self) -> CollectionCost {
        CollectionCost {
            calls: self.calls.load(Ordering::Relaxed),
            billed_calls: 0,
            busy_ms: self.busy_ms.load(Ordering::Relaxed),
            connections: 2,
        }
    }

    /// The answer of the member that the table names; of the one that was reached first where that one cannot be.
    ///
    /// # Errors
    /// [`Refusal`] when server or network refused.
    pub(super) async fn ask(
        &self,
        cluster: &Cluster,
        command: &Command,
        target: &Target<'_>,
    ) -> Result<Document, Refusal> {
        let host = match command.place {
            Place::Copy => cluster.copy(),
            Place::Primary => cluster.primary(),
        };
        let answer = self.ask_member(cluster, &host, command, target).await;
        match &answer {
            Err(refusal) if refusal.is_lost() && host != cluster.seed => {
                self.send(&cluster.seed, command, target).await
            }
            _ => answer,
        }
    }

    /// The answer of one member and of no other; one that cannot be reached is not asked again.
    ///
    /// # Errors
    /// The same.
    pub(super) async fn ask_member(
        &self,
        cluster: &Cluster,
        host: &str,
        command: &Command,
        target: &Target<'_>,
    ) -> Result<Document, Refusal> {
        let answer = self.send(host, command, target).await;
        if matches!(&answer, Err(refusal) if refusal.is_lost()) && host != cluster.seed {
            cluster.lose(host);
        }
        answer
    }

    async fn send(&self, host: &str, command: &Command, target: &Target<'_>) -> Result<Document, Refusal> {
        let spent = |_: Spent| Refusal { code: BUDGET, said: Spent::SAID.to_owned() };
        self.pace.rest().await.map_err(spent)?;
        let begun = Instant::now();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = tokio::time::timeout(DEADLINE, self.exchange(host, command, target)).await;
        self.pace.took(begun.elapsed());
        self.busy_ms.fetch_add(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        answer
            .unwrap_or_else(|_| Err(Refusal { code: LATE, said: format!("no answer within {} s", DEADLINE.as_secs()) }))
    }

    async fn exchange(&self, host: &str, command: &Command, target: &Target<'_>) -> Result<Document, Refusal> {
        let document = command.document(target);
        if !commands::is_allowed(&document) {
            return Err(Refusal { code: 13, said: "it is not a read of the table".to_owned() });
        }
        let mut slot = self.slot.lock().await;
        // Taken out while in use: when the reader stops, the half-read connection goes with it.
        let client = match slot.take() {
            Some((open, client)) if open == host => client,
            other => {
                if let Some((_, client)) = other {
                    client.shutdown().immediate(true).await;
                }
                self.dial(host)?
            }
        };
        let database: Database = client.database(match command.within {
            Within::Admin => "admin",
            Within::Local => "local",
            Within::Database => target.database,
        });
        let near = SelectionCriteria::ReadPreference(ReadPreference::SecondaryPreferred { options: None });
        let answer = database.run_command(document).selection_criteria(near).await;
        let answer = answer.map_err(|e| Refusal::from(&e));
        if !matches!(&answer, Err(refusal) if refusal.is_lost()) {
            *slot = Some((host.to_owned(), client));
        }
        answer
    }

    fn dial(&self, host: &str) -> Result<Client, Refusal> {
        let lost = |said: &str| Refusal { code: LOST, said: said.to_owned() };
        let options = self.address.options(host).ok_or_else(|| lost("its address cannot be understood"))?;
        Client::with_options(options).map_err(|e| match e.kind.as_ref() {
            ErrorKind::InvalidTlsConfig { .. } => {
                let said = "it cannot be read, or holds no certificate in PEM form";
                Refusal { code: AUTHORITY, said: said.to_owned() }
            }
            _ => Refusal::from(&e),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_become_the_gaps_they_are() {
        let reason = |code, said: &str| Refusal { code, said: said.to_owned() }.reason();
        assert_eq!(reason(13, "not authorized on admin"), GapReason::PermissionDenied);
        assert_eq!(reason(8000, "(AtlasError) user is not allowed to do action"), GapReason::PermissionDenied);
        assert_eq!(reason(8000, "(AtlasError) replSetGetConfig is unsupported"), GapReason::FeatureDisabled);
        assert_eq!(reason(59, "no such command"), GapReason::FeatureDisabled);
        assert_eq!(reason(50, "operation exceeded time limit"), GapReason::TimedOut);
        assert_eq!(reason(LATE, ""), GapReason::TimedOut);
        assert_eq!(reason(LOST, ""), GapReason::ApiError);
    }

    #[test]
    fn what_happened_is_found_in_what_the_driver_says() {
        for (message, said) in [
            (
                "Server selection timeout: No available servers. Topology: { Error: Kind: I/O error: Connection refused (os error 111) }",
                "the connection was refused",
            ),
            ("… Error: invalid peer certificate: UnknownIssuer", "the certificate is not trusted"),
            ("… Error: invalid peer certificate: certificate expired: verification", "its certificate has expired"),
            ("… Error: received corrupt message of type InvalidContentType", "it speaks no TLS"),
            ("… Error: something new with mongodb://a:hunter2@b", "no connection"),
            ("Server selection timeout: No available servers. Topology: { Type: Single }", "it did not answer in time"),
        ] {
            assert_eq!(cause(message), said);
        }
    }
}
