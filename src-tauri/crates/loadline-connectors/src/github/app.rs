//! A GitHub App as the one who asks: its private key signs a claim of ten minutes, which is traded for a token of an hour of its
//! installation (GitHub documentation, "Authenticating as a GitHub App"). That trade is the one POST to GitHub, and the token is
//! asked for with rights to read alone, whatever else the app may do.

use super::calls;
use crate::forge::{Names, text};
use crate::http::{HttpError, Limits, Outgoing, Reply, Sign, Verb, Wire, clock, json};
use crate::{ConnectError, Secret};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, Timestamp};
use rustls::SignatureScheme;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer};
use rustls::sign::SigningKey;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex;
use url::Url;

/// The setting that says that the secret is the private key of this app.
pub(super) const APP: &str = "app_id";
/// The longest a claim may live, less a minute for a clock that runs ahead.
const CLAIM: Duration = Duration::from_secs(9 * 60);
/// A claim begins so long ago, for a clock that runs behind GitHub's no more than that (the documentation's advice).
const AGO: Duration = Duration::from_secs(60);
/// A token is renewed so long before it ends: no collection's single answer takes longer.
const EARLY: Duration = Duration::from_secs(5 * 60);

/// The app that the account names.
///
/// # Errors
/// [`ConnectError`] when it is no number and no client id, or when the repositories have several owners.
pub(super) fn named<'a>(account: &'a Account, names: &Names) -> Result<Option<&'a str>, ConnectError> {
    let Some(app) = account.config.get(APP).map(|v| v.trim()).filter(|v| !v.is_empty()) else { return Ok(None) };
    if !app.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') || app.len() > 64 {
        return Err(ConnectError::config(APP, format!("`{app}` is neither the number nor the client id of an app")));
    }
    let owner = |path: &str| path.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let mut owners: Vec<String> = names.repositories.iter().map(|r| owner(&r.path)).collect();
    owners.dedup();
    match owners.as_slice() {
        [_, other, ..] => {
            let why = format!(
                "an app is installed for each owner: connect the repositories of {other} as an account of their own"
            );
            Err(ConnectError::config(APP, why))
        }
        _ => Ok(Some(app)),
    }
}

/// The key out of a PEM file as GitHub gives it (PKCS #1), or turned into PKCS #8. Line ends may be lost, as they are where it is
/// pasted into a field of one line.
fn key(pem: &str) -> Option<Arc<dyn SigningKey>> {
    const ENDS: &str = "-----END ";
    let between = |begins: &str| {
        let (_, rest) = pem.split_once(begins)?;
        let (body, _) = rest.split_once(ENDS)?;
        let digits: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        STANDARD.decode(digits).ok()
    };
    let first =
        between("-----BEGIN RSA PRIVATE KEY-----").map(|der| PrivateKeyDer::from(PrivatePkcs1KeyDer::from(der)));
    let der = first.or_else(|| Some(PrivatePkcs8KeyDer::from(between("-----BEGIN PRIVATE KEY-----")?).into()))?;
    any_supported_type(&der).ok()
}

/// The app's way to its tokens.
pub(super) struct App {
    id: String,
    key: Arc<dyn SigningKey>,
    wire: Wire,
    base: Url,
    /// One of its repositories, by which the installation is found.
    repository: String,
    token: Mutex<Option<(Secret, SystemTime)>>,
}

impl App {
    /// Reads the key; nothing is sent yet. `account` has its `url`.
    ///
    /// # Errors
    /// [`ConnectError`] when the secret is no private key that can sign, never with a part of it.
    pub(super) fn open(
        account: &Account,
        names: &Names,
        id: &str,
        pem: &Secret,
        limits: Limits,
    ) -> Result<Self, ConnectError> {
        let key = key(pem.expose()).filter(|key| key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]).is_some());
        let key = key.ok_or_else(|| {
            ConnectError::config(
                "secret",
                "with `app_id` it is the private key of the app, the whole text of its .pem file",
            )
        })?;
        let base = Wire::address("endpoint_url", account.config.get("url").map_or("", String::as_str))?;
        let wire = Wire::open(account, Wire::is_here(&base), limits)?;
        let repository = names.repositories.first().map(|r| r.path.clone()).unwrap_or_default();
        Ok(Self { id: id.to_owned(), key, wire, base, repository, token: Mutex::default() })
    }

    /// A claim to be the app, signed with its key (RFC 7519, RS256).
    fn claim(&self, now: SystemTime) -> Result<Secret, HttpError> {
        let seconds = |at: SystemTime| at.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({"alg": "RS256", "typ": "JWT"}));
        let body = part(json!({"iat": seconds(now - AGO), "exp": seconds(now + CLAIM), "iss": self.id}));
        let text = format!("{head}.{body}");
        let signer = self.key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]);
        let signed = signer.and_then(|signer| signer.sign(text.as_bytes()).ok());
        let signed = signed.ok_or_else(|| HttpError::Malformed("the private key does not sign".to_owned()))?;
        Ok(Secret::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signed))))
    }

    /// A token of the installation, a new one when the last is about to end.
    async fn token(&self) -> Result<Secret, HttpError> {
        let mut kept = self.token.lock().await;
        let now = clock::now();
        if let Some((token, _)) = kept.as_ref().filter(|(_, ends)| *ends > now + EARLY) {
            return Ok(token.clone());
        }
        let found = self.ask(&calls::INSTALLATION.of(&self.repository, ""), None, now).await?;
        let id = found.get("id").and_then(Value::as_u64);
        let id = id.ok_or_else(|| HttpError::Malformed("the installation has no number".to_owned()))?;
        if text(&found, "/suspended_at").is_some() {
            return Err(HttpError::Forbidden("the installation of the app is suspended".to_owned()));
        }
        let wanted = json!({"permissions": readable(&found)}).to_string();
        let made = self.ask(&calls::TOKEN.of("", &id.to_string()), Some(wanted.into_bytes()), now).await?;
        let token = text(&made, "/token").map(Secret::new);
        let token = token.ok_or_else(|| HttpError::Malformed("it gave no token".to_owned()))?;
        let ends = text(&made, "/expires_at").and_then(Timestamp::parse);
        let ends = ends.map_or(now + EARLY, |t| UNIX_EPOCH + Duration::from_millis(t.0.max(0).unsigned_abs()));
        *kept = Some((token.clone(), ends));
        Ok(token)
    }

    async fn ask(&self, path: &str, body: Option<Vec<u8>>, now: SystemTime) -> Result<Value, HttpError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("accept", "application/json"),
            header("x-github-api-version", calls::VERSION),
            header("authorization", &format!("Bearer {}", self.claim(now)?.expose())),
        ];
        let verb = body.map_or(Verb::Get, Verb::Post);
        let reply = self.wire.send(Outgoing { verb: verb.clone(), url: url.clone(), headers: headers.clone() }).await?;
        // A renamed repository is asked for under its number.
        let moved = reply.header("location").filter(|_| matches!(reply.status, 301 | 302 | 307 | 308));
        let moved = moved.and_then(|to| url.join(to).ok()).filter(|to| to.origin() == url.origin());
        match moved.filter(|_| verb == Verb::Get) {
            Some(url) => self.judge(&self.wire.send(Outgoing { verb, url, headers }).await?),
            None => self.judge(&reply),
        }
    }

    fn judge(&self, reply: &Reply) -> Result<Value, HttpError> {
        let after = || reply.header("retry-after").and_then(|v| v.trim().parse().ok()).map(Duration::from_secs);
        let said = || "GitHub gave no token of the app's installation".to_owned();
        match reply.status {
            200..300 => json(&reply.body, self.wire.limits().depth),
            401 => Err(HttpError::Unauthorized),
            404 => Err(HttpError::NotFound),
            429 => Err(HttpError::RateLimited(after())),
            403 if reply.header("retry-after").is_some() => Err(HttpError::RateLimited(after())),
            403 => Err(HttpError::Forbidden(said())),
            status @ (502..=504) => Err(HttpError::Unavailable { status, said: said(), retry_after: after() }),
            status => Err(HttpError::Refused { status, said: said() }),
        }
    }

    /// Gets the first token.
    ///
    /// # Errors
    /// [`ConnectError`] that says what of the app is wrong.
    pub(super) async fn begin(&self) -> Result<(), ConnectError> {
        let host = self.base.host_str().unwrap_or_default().to_owned();
        let why = match self.token().await {
            Ok(_) => return Ok(()),
            Err(HttpError::Unauthorized) => format!(
                "it does not take this private key for app {}: the number, the key or the clock of this machine is wrong",
                self.id
            ),
            Err(HttpError::NotFound) => {
                format!("app {} is not installed for {}, or may not read it", self.id, self.repository)
            }
            Err(error) => return Err(error.into_connect(host)),
        };
        Err(ConnectError::Denied { host, why })
    }
}

/// Of what the installation may do, what a call of ours needs, to read.
fn readable(installation: &Value) -> Map<String, Value> {
    let has = |name: &str| installation.pointer(&format!("/permissions/{name}")).is_some();
    let named = calls::rights().map(|right| right.to_ascii_lowercase().replace(' ', "_"));
    // Every app has `metadata`; a token that is asked for without any right would have all of the app's.
    let wanted = named.filter(|name| name == "metadata" || has(name));
    wanted.map(|name| (name, "read".into())).collect()
}

impl Sign for App {
    fn headers<'a>(&'a self, _url: &'a Url) -> BoxFuture<'a, Result<Vec<(String, Secret)>, HttpError>> {
        async move {
            let token = self.token().await?;
            Ok(vec![("authorization".to_owned(), Secret::new(format!("Bearer {}", token.expose())))])
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
