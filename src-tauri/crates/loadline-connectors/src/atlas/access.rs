//! The way to Atlas: GET only, signed by Digest for an API key or by a token for a service account, bounded like every
//! other source. The one POST trades a service account's secret for its token.

use super::calls::Call;
use super::digest::Challenge;
use crate::http::{HttpError, Limits, Outgoing, Reply, Verb, Wire, json};
use crate::{ConnectError, Secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use loadline_model::{Account, CollectionCost, hash};
use rustls::crypto::ring;
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// The newest form of answers that the readers know.
const FORM: &str = "application/vnd.atlas.2025-03-12+json";
/// Rows of a page, the most that Atlas gives.
const PAGE: usize = 500;
const PAGES: usize = 20;
/// A token is renewed so long before it ends.
const EARLY: Duration = Duration::from_secs(60);

/// Who asks.
enum Credential {
    Key(String, Secret),
    ServiceAccount(String, Secret),
}

/// What was agreed with the server so far.
#[derive(Default)]
struct Agreed {
    challenge: Option<(Challenge, u32)>,
    token: Option<(Secret, Instant)>,
    waited: Duration,
}

/// The signed way.
pub(super) struct Access {
    wire: Wire,
    base: Url,
    credential: Credential,
    agreed: Mutex<Agreed>,
}

/// Reads `endpoint_url`, `public_key` and `client_id`.
///
/// # Errors
/// [`ConnectError`] when the configuration cannot be used.
pub(super) fn base(account: &Account) -> Result<Url, ConnectError> {
    let given = |key: &str| account.config.get(key).map(|v| v.trim()).filter(|v| !v.is_empty());
    if given("public_key").is_some() == given("client_id").is_some() {
        let why = "give the public key of an API key, or the client_id of a service account, not both";
        return Err(ConnectError::config("public_key", why));
    }
    Wire::address("endpoint_url", given("endpoint_url").unwrap_or("https://cloud.mongodb.com"))
}

impl Access {
    /// Opens it; nothing is sent yet.
    ///
    /// # Errors
    /// The same.
    pub(super) fn open(account: &Account, secret: Option<Secret>, limits: Limits) -> Result<Self, ConnectError> {
        let base = base(account)?;
        let secret =
            secret.ok_or_else(|| ConnectError::config("public_key", "its private key or secret is missing"))?;
        let named = |key: &str| account.config.get(key).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let credential = match (named("client_id"), named("public_key")) {
            (Some(id), _) => Credential::ServiceAccount(id, secret),
            (None, key) => Credential::Key(key.unwrap_or_default(), secret),
        };
        let wire = Wire::open(account, Wire::is_here(&base), limits)?;
        Ok(Self { wire, base, credential, agreed: Mutex::default() })
    }

    /// Host and port, for messages.
    pub(super) fn host(&self) -> String {
        self.base.host_str().unwrap_or_default().to_owned()
    }

    /// What was spent since opening.
    pub(super) fn cost(&self) -> CollectionCost {
        let (calls, busy_ms) = self.wire.spent();
        CollectionCost { calls, billed_calls: 0, busy_ms, connections: u32::from(calls > 0) }
    }

    /// Every row of a list, and whether that is all of them.
    ///
    /// # Errors
    /// [`HttpError`].
    pub(super) async fn list(
        &self,
        call: &Call,
        group: &str,
        of: &str,
        query: &[(&str, &str)],
    ) -> Result<(Vec<Value>, bool), HttpError> {
        let mut rows = Vec::new();
        for page in 1..=PAGES {
            let (number, size) = (page.to_string(), PAGE.to_string());
            let paged: Vec<(&str, &str)> =
                query.iter().copied().chain([("pageNum", number.as_str()), ("itemsPerPage", size.as_str())]).collect();
            let answer = self.get(call, group, of, &paged).await?;
            let Some(Value::Array(results)) = answer.get("results") else {
                return Err(HttpError::Malformed("the list has no results".to_owned()));
            };
            let total = answer.get("totalCount").and_then(Value::as_u64);
            rows.extend(results.iter().cloned());
            let more = total.map_or(results.len() == PAGE, |n| (rows.len() as u64) < n);
            if results.is_empty() || !more {
                return Ok((rows, true));
            }
        }
        Ok((rows, false))
    }

    /// One answer, asked for again after a wait where Atlas is busy.
    ///
    /// # Errors
    /// [`HttpError`], always within the limits.
    pub(super) async fn get(
        &self,
        call: &Call,
        group: &str,
        of: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, HttpError> {
        let path = format!("{}/api/atlas/v2/{}", self.base.path().trim_end_matches('/'), call.path(group, of));
        let mut url = self.base.clone();
        url.set_path(&path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut attempt = 0;
        loop {
            let error = match self.signed(&url).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let mut agreed = self.agreed.lock().await;
            let Some(pause) = self.wire.limits().pause(&error, attempt, agreed.waited) else { return Err(error) };
            agreed.waited += pause;
            drop(agreed);
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn signed(&self, url: &Url) -> Result<Value, HttpError> {
        let reply = match &self.credential {
            Credential::ServiceAccount(id, secret) => {
                let token = self.token(id, secret).await?;
                self.send(url, Some(format!("Bearer {}", token.expose()))).await?
            }
            Credential::Key(user, secret) => {
                let known = self.answer(url, user, secret).await;
                let first = self.send(url, known.clone()).await?;
                let asked = first.header("www-authenticate").and_then(Challenge::parse);
                match asked.filter(|c| first.status == 401 && (known.is_none() || c.stale)) {
                    Some(challenge) => {
                        self.agreed.lock().await.challenge = Some((challenge, 0));
                        let answer = self.answer(url, user, secret).await;
                        self.send(url, answer).await?
                    }
                    None => first,
                }
            }
        };
        self.judge(&reply)
    }

    /// The answer to the challenge that is known; each use of it is counted.
    async fn answer(&self, url: &Url, user: &str, secret: &Secret) -> Option<String> {
        let mut agreed = self.agreed.lock().await;
        let (challenge, count) = agreed.challenge.as_mut()?;
        *count += 1;
        let uri = url.query().map_or_else(|| url.path().to_owned(), |q| format!("{}?{q}", url.path()));
        let mut random = [0u8; 16];
        ring::default_provider().secure_random.fill(&mut random).ok()?;
        let cnonce: String = hash::hex(&random).chars().take(32).collect();
        Some(challenge.answer(user, secret.expose(), &uri, *count, &cnonce))
    }

    async fn token(&self, id: &str, secret: &Secret) -> Result<Secret, HttpError> {
        let mut agreed = self.agreed.lock().await;
        if let Some((token, _)) = agreed.token.as_ref().filter(|(_, ends)| *ends > Instant::now()) {
            return Ok(token.clone());
        }
        let mut url = self.base.clone();
        url.set_path(&format!("{}/api/oauth/token", self.base.path().trim_end_matches('/')));
        let pair = BASE64.encode(format!("{id}:{}", secret.expose()));
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("accept", "application/json"),
            header("content-type", "application/x-www-form-urlencoded"),
            header("authorization", &format!("Basic {pair}")),
        ];
        let body = b"grant_type=client_credentials".to_vec();
        let reply = self.wire.send(Outgoing { verb: Verb::Post(body), url, headers }).await?;
        if matches!(reply.status, 400 | 401) {
            return Err(HttpError::Unauthorized);
        }
        let answer = self.judge(&reply)?;
        let token = answer.get("access_token").and_then(Value::as_str).filter(|t| !t.is_empty());
        let token = Secret::new(token.ok_or_else(|| HttpError::Malformed("it gave no token".to_owned()))?);
        let lives = Duration::from_secs(answer.get("expires_in").and_then(Value::as_u64).unwrap_or(300));
        agreed.token = Some((token.clone(), Instant::now() + lives.saturating_sub(EARLY)));
        Ok(token)
    }

    async fn send(&self, url: &Url, authorization: Option<String>) -> Result<Reply, HttpError> {
        let mut headers = vec![("accept".to_owned(), FORM.to_owned())];
        headers.extend(authorization.map(|a| ("authorization".to_owned(), a)));
        self.wire.send(Outgoing { verb: Verb::Get, url: url.clone(), headers }).await
    }

    fn judge(&self, reply: &Reply) -> Result<Value, HttpError> {
        if (200..300).contains(&reply.status) {
            return json(&reply.body, self.wire.limits().depth);
        }
        // Atlas names what is wrong by a code; its sentences may hold names.
        let parsed: Option<Value> = serde_json::from_slice(&reply.body).ok();
        let code = parsed.as_ref().and_then(|v| v.get("errorCode")?.as_str());
        let plain = |c: &&str| c.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        let said = code.filter(plain).unwrap_or("").chars().take(80).collect();
        let after = || reply.header("retry-after").and_then(|v| v.trim().parse().ok()).map(Duration::from_secs);
        Err(match reply.status {
            401 => HttpError::Unauthorized,
            403 => HttpError::Forbidden(said),
            404 | 405 => HttpError::NotFound,
            429 => HttpError::RateLimited(after()),
            status @ (502..=504) => HttpError::Unavailable { status, said, retry_after: after() },
            status => HttpError::Refused { status, said },
        })
    }
}
