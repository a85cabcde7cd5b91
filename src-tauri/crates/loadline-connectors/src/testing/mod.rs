//! Starters of real servers for tests: what is missing fails the test instead of skipping it. Each server lives in its
//! own temporary folder on a free port and ends with its value.

mod atlas_replay;
mod certificate;
#[cfg(test)]
mod http_replay;
#[cfg(test)]
mod judged;
mod mariadb;
mod memcached;
mod mongo_replay;
mod moto;
mod pgbouncer;
mod postgres;
mod prometheus;
#[cfg(test)]
mod published;
mod redis;
mod scripted;
mod secantus;

pub use atlas_replay::AtlasReplay;
pub use certificate::Certificate;
#[cfg(test)]
pub(crate) use http_replay::{HttpReplay, Question, Said, ok, refused};
#[cfg(test)]
pub(crate) use judged::{assessed, counted_for, failing, findings, judged, user_of};
pub use mariadb::MariadbServer;
pub use memcached::MemcachedServer;
pub use mongo_replay::MongoReplay;
pub use moto::{MotoServer, forward};
pub use pgbouncer::PgBouncerServer;
pub use postgres::{PostgresServer, run_psql};
pub use prometheus::PrometheusServer;
#[cfg(test)]
pub(crate) use published::Published;
pub use redis::RedisServer;
pub use scripted::ScriptedServer;
pub(crate) use scripted::respond;
pub use secantus::SecantusServer;

use crate::Window;
use loadline_model::{Account, AccountId, Timestamp};
use std::net::TcpListener;
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime};
use tokio_util::sync::CancellationToken;

/// What went wrong while starting a server, in words.
pub type Broken = String;

/// A port nobody listens on now.
///
/// # Errors
/// When the system has none.
pub fn free_port() -> Result<u16, Broken> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    Ok(listener.local_addr().map_err(|e| e.to_string())?.port())
}

/// The time real servers live in.
#[expect(clippy::disallowed_methods, reason = "a real server stamps with the real clock")]
pub fn real_now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(since.as_millis() as i64)
}

/// The last days until now, with a fresh stop.
pub fn last_days(days: i64) -> Window {
    let now = real_now();
    Window { from: now.plus_days(-days), until: now, now, cancel: CancellationToken::new() }
}

/// An account with this configuration.
pub fn account(provider: &str, config: &[(&str, &str)]) -> Account {
    Account {
        id: AccountId::from(provider),
        provider: provider.to_owned(),
        name: format!("test {provider}"),
        config: config.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        secret: None,
        environment: None,
        connected_at: Timestamp(0),
        disconnected_at: None,
        names_changed_at: None,
    }
}

/// Installs the one TLS provider of the tree; a second call changes nothing.
pub fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A process that is asked to end with its value, and killed when it does not.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status();
        let patience = Instant::now();
        while patience.elapsed() < Duration::from_secs(10) {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a command to its end; its output, or what it complained about.
pub(crate) fn run(command: &mut Command) -> Result<String, Broken> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| format!("{name}: {e}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Tries until it works or the time is over.
pub(crate) fn until(what: &str, seconds: u64, mut works: impl FnMut() -> bool) -> Result<(), Broken> {
    let begun = Instant::now();
    while !works() {
        if begun.elapsed() > Duration::from_secs(seconds) {
            return Err(format!("{what} within {seconds} s"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
