//! Signed requests to the hosts of one vendor: the caller signs, this room bounds. A redirect is an answer like any
//! other and is never followed, so a signature reaches no host but the one it was made for.

use super::{HttpError, Limits, address, body, client};
use crate::ConnectError;
use loadline_model::Account;
use reqwest::Client;
use reqwest::header::HeaderMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use url::Url;

/// What may be sent. There is no verb that changes or deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// A question in the address.
    Get,
    /// A question in the body: what dialects without GET read by.
    Post(Vec<u8>),
    /// Opens a session with the metadata of this machine; PUT without a body.
    OpenMetadata,
}

/// A request with everything it needs.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) verb: Verb,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(String, String)>,
}

/// A whole answer of any status.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The way to a vendor.
pub(crate) struct Wire {
    client: Client,
    limits: Limits,
    calls: AtomicU64,
    busy_ms: AtomicU64,
}

impl Wire {
    /// Opens it, through the account's `proxy` and trusting its `ca_file`; nothing is sent yet. `here`: the vendor's
    /// place is taken by a server on this machine, which is asked without proxy.
    ///
    /// # Errors
    /// [`ConnectError`] when the configuration cannot be used.
    pub(crate) fn open(account: &Account, here: bool, limits: Limits) -> Result<Self, ConnectError> {
        let client = client(account, here, &limits)?;
        let (calls, busy_ms) = Default::default();
        Ok(Self { client, limits, calls, busy_ms })
    }

    /// The address a person typed under this key.
    ///
    /// # Errors
    /// [`ConnectError`] when it cannot or must not be asked.
    pub(crate) fn address(key: &str, text: &str) -> Result<Url, ConnectError> {
        address::checked(key, text)
    }

    /// That address is on this machine.
    pub(crate) fn is_here(url: &Url) -> bool {
        address::is_loopback(url)
    }

    /// Calls and milliseconds since opening.
    pub(crate) fn spent(&self) -> (u64, u64) {
        (self.calls.load(Ordering::Relaxed), self.busy_ms.load(Ordering::Relaxed))
    }

    /// Sends once.
    ///
    /// # Errors
    /// [`HttpError`] without an answer, always within the limits; an answer of any status is none.
    pub(crate) async fn send(&self, outgoing: Outgoing) -> Result<Reply, HttpError> {
        let begun = Instant::now();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = tokio::time::timeout(self.limits.total, self.exchange(outgoing)).await;
        self.busy_ms.fetch_add(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        answer.unwrap_or(Err(HttpError::TimedOut(self.limits.total)))
    }

    async fn exchange(&self, outgoing: Outgoing) -> Result<Reply, HttpError> {
        let mut request = match outgoing.verb {
            Verb::Get => self.client.get(outgoing.url),
            Verb::Post(body) => self.client.post(outgoing.url).body(body),
            Verb::OpenMetadata => self.client.put(outgoing.url),
        };
        for (name, value) in &outgoing.headers {
            request = request.header(name, value);
        }
        // A vendor may think for a while before the first byte; `total` still ends it.
        let patience = self.limits.idle.saturating_mul(3);
        let sent = tokio::time::timeout(patience, request.send()).await.map_err(|_| HttpError::Stalled(patience))?;
        let response = sent.map_err(|e| HttpError::from_transport(e, self.limits.connect))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply { status, headers, body: body::read(response, &self.limits).await? })
    }

    /// The bounds it keeps.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }
}

#[cfg(test)]
impl Reply {
    /// An answer that nobody sent.
    pub(crate) fn of(status: u16, headers: &[(&'static str, &str)], body: &str) -> Self {
        let parse = |value: &&str| value.parse().expect("a header");
        let headers = headers.iter().map(|(n, v)| (reqwest::header::HeaderName::from_static(n), parse(v))).collect();
        Self { status, headers, body: body.as_bytes().to_vec() }
    }
}
