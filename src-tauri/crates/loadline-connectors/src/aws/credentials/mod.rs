//! Where keys come from: the account's own key, the environment, profiles, roles, single sign-on, and the machine's
//! role only when the account says so. Written here because Amazon's own chain brings three clients with their own HTTP
//! stacks, while this one goes through the one door, with the account's proxy, authorities and limits.

mod endpoints;
mod exchange;
mod files;
mod instance;
mod profile;
mod sso;
mod surroundings;

pub(super) use endpoints::{Endpoints, region_of};
#[cfg(test)]
pub(super) use exchange::EXCHANGES;
pub(super) use exchange::Role;
pub(super) use profile::Source;
pub(super) use surroundings::Surroundings;

use super::clock::millis;
use super::refused::Refused;
use crate::Secret;
use crate::http::Wire;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::Timestamp;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::Mutex;

/// Keys are renewed this long before they expire.
const EARLY_MS: i64 = 5 * 60 * 1000;

/// A pair of keys. Prints without them.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    /// Id of the access key; not a secret.
    pub id: String,
    /// The key itself.
    pub secret: Secret,
    /// Goes with temporary keys.
    pub token: Option<Secret>,
    /// When temporary keys end.
    pub expires: Option<Timestamp>,
}

/// What fetching keys needs of the account.
#[derive(Clone)]
pub(super) struct Way {
    /// The one way out.
    pub wire: Arc<Wire>,
    /// The same without any proxy: machine metadata never pass through one.
    pub direct: Arc<Wire>,
    /// What takes the place of AWS's own hosts.
    pub endpoints: Endpoints,
    /// Where STS is asked.
    pub region: String,
}

/// The keys of an account, fetched when needed and renewed before they end.
pub(super) struct Credentials {
    source: Source,
    way: Way,
    held: Mutex<Option<Keys>>,
}

impl Credentials {
    /// Nothing is fetched yet.
    pub(super) fn new(source: Source, way: Way) -> Self {
        Self { source, way, held: Mutex::new(None) }
    }

    /// Keys that are good for the next minutes at `now`.
    ///
    /// # Errors
    /// [`Refused`] when they cannot be fetched.
    pub(super) async fn keys(&self, now: SystemTime) -> Result<Keys, Refused> {
        let mut held = self.held.lock().await;
        let ends = millis(now).saturating_add(EARLY_MS);
        if let Some(keys) = held.as_ref().filter(|k| k.expires.is_none_or(|e| e.0 > ends)) {
            return Ok(keys.clone());
        }
        let keys = fetch(&self.source, &self.way, now).await?;
        *held = Some(keys.clone());
        Ok(keys)
    }

    /// Forgets what it holds: the next call fetches again.
    pub(super) async fn forget(&self) {
        *self.held.lock().await = None;
    }

    /// Fetching again may give other keys than those that were refused.
    pub(super) fn is_renewable(&self) -> bool {
        !matches!(self.source, Source::Fixed(_))
    }
}

fn fetch<'a>(source: &'a Source, way: &'a Way, now: SystemTime) -> BoxFuture<'a, Result<Keys, Refused>> {
    async move {
        match source {
            Source::Fixed(keys) => Ok(keys.clone()),
            Source::Role { base, role } => {
                let keys = fetch(base, way, now).await?;
                exchange::assume(way, &keys, role, now).await
            }
            Source::WebIdentity { token_file, role } => {
                let token = tokio::fs::read_to_string(token_file).await;
                let said = |e| Refused::NoCredentials(format!("the identity token {token_file} cannot be read: {e}"));
                exchange::assume_with(way, token.map_err(said)?.trim(), role).await
            }
            Source::Sso(sign_on) => sso::keys(way, sign_on, now).await,
            Source::Instance => instance::keys(way).await,
        }
    }
    .boxed()
}

#[cfg(test)]
mod tests;
