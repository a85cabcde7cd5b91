//! The one door to HTTP sources: GET only, but for fixed queries in GraphQL; same origin only, bounded in time, size, depth and patience; and a wire for
//! vendors whose reads are signed and may be a POST. It is not for sending anything anywhere.

mod address;
mod body;
pub(crate) mod clock;
mod error;
mod limits;
mod page;
mod visit;
mod wire;

pub(crate) use body::json;
pub use error::HttpError;
pub use limits::Limits;
pub(crate) use page::Page;
pub(crate) use visit::Visit;
pub(crate) use wire::{Outgoing, Reply, Verb, Wire};

use crate::{ConnectError, Secret};
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Proxy, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use url::Url;

const REDIRECTS: usize = 3;

/// How requests are signed.
pub enum Credential {
    /// Not at all.
    None,
    /// `Authorization: Bearer`.
    Bearer(Secret),
    /// `Authorization: Basic`.
    Basic(String, Secret),
    /// Headers of the vendor's own.
    Headers(Vec<(&'static str, Secret)>),
    /// Headers that each address gets anew.
    Signed(Arc<dyn Sign>),
}

/// Makes the headers that prove who asks for an address.
pub trait Sign: Send + Sync {
    /// The headers.
    ///
    /// # Errors
    /// [`HttpError`] when there are no keys to sign with.
    fn headers<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Vec<(String, Secret)>, HttpError>>;
}

/// A source that is asked by GET, or by a fixed query in GraphQL, and answers in JSON.
pub struct Door {
    client: Client,
    base: Url,
    credential: Credential,
    headers: Vec<(&'static str, String)>,
    accept: &'static str,
    limits: Limits,
    calls: AtomicU64,
    busy_ms: AtomicU64,
    waited_ms: AtomicU64,
}

impl Door {
    /// Opens the door to the account's `url`, through its `proxy` and trusting its `ca_file` when it has them.
    ///
    /// # Errors
    /// [`ConnectError`] when the configuration cannot be used; nothing is sent yet.
    pub fn open(account: &Account, credential: Credential, limits: Limits) -> Result<Self, ConnectError> {
        let base = address::base(account)?;
        let client = client(account, address::is_loopback(&base), &limits)?;
        let (calls, busy_ms, waited_ms) = Default::default();
        Ok(Self {
            client,
            base,
            credential,
            headers: Vec::new(),
            accept: "application/json",
            limits,
            calls,
            busy_ms,
            waited_ms,
        })
    }

    /// Adds a header to every request.
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Asks for JSON under the vendor's own name for it.
    pub(crate) fn accepting(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    /// Host and port, for messages and ids.
    pub fn host(&self) -> String {
        address::host(&self.base)
    }

    /// The secret crosses the network unencrypted: plain http to another machine.
    pub fn is_exposed(&self) -> bool {
        let open = self.base.scheme() == "http" && !address::is_loopback(&self.base);
        open && !matches!(self.credential, Credential::None)
    }

    /// What was spent since opening.
    pub fn cost(&self) -> CollectionCost {
        let calls = self.calls.load(Ordering::Relaxed);
        CollectionCost {
            calls,
            billed_calls: 0,
            busy_ms: self.busy_ms.load(Ordering::Relaxed),
            connections: u32::from(calls > 0),
        }
    }

    /// Asks for `path` below the base address, again after a wait where the source is busy.
    ///
    /// # Errors
    /// [`HttpError`], always within the limits.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, HttpError> {
        self.page(self.url(path, query)?).await.map(|page| page.body)
    }

    /// The same for an address of this source: a first page by [`Self::url`], later ones as the page before names them.
    ///
    /// # Errors
    /// The same; [`HttpError::ForeignLink`] when the address lies elsewhere.
    pub(crate) async fn page(&self, url: Url) -> Result<Page, HttpError> {
        self.ask(url, None).await
    }

    /// The answer to a fixed question in GraphQL, which takes its questions by POST: a query, and nothing that changes.
    ///
    /// # Errors
    /// The same; [`HttpError::Forbidden`] when the document is no query.
    pub(crate) async fn query(&self, url: Url, document: &'static str, variables: &Value) -> Result<Value, HttpError> {
        let changes = ["mutation", "subscription"].iter().any(|word| document.contains(word));
        if changes || !document.starts_with("query(") {
            return Err(HttpError::Forbidden("only queries are sent".to_owned()));
        }
        let body = serde_json::json!({"query": document, "variables": variables}).to_string();
        self.ask(url, Some(body)).await.map(|page| page.body)
    }

    async fn ask(&self, url: Url, question: Option<String>) -> Result<Page, HttpError> {
        if url.origin() != self.base.origin() {
            return Err(HttpError::ForeignLink(address::host(&url)));
        }
        let mut attempt = 0;
        loop {
            let error = match self.once(url.clone(), question.as_deref()).await {
                Ok(page) => return Ok(page),
                Err(error) => error,
            };
            let waited = Duration::from_millis(self.waited_ms.load(Ordering::Relaxed));
            let Some(pause) = self.limits.pause(&error, attempt, waited) else { return Err(error) };
            tracing::debug!(host = self.host(), code = error.code(), ?pause, "asking again");
            self.waited_ms.fetch_add(pause.as_millis() as u64, Ordering::Relaxed);
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// The address of `path` below the base address.
    ///
    /// # Errors
    /// When the question is too long to be asked.
    pub(crate) fn url(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, HttpError> {
        let mut url = self.base.clone();
        let whole = format!("{}/{}", self.base.path().trim_end_matches('/'), path.trim_start_matches('/'));
        url.set_path(&whole);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        if url.as_str().len() > 64 * 1024 {
            return Err(HttpError::Malformed("the question is longer than 64 KiB".to_owned()));
        }
        Ok(url)
    }

    /// The address of a page that an answer names.
    ///
    /// # Errors
    /// [`HttpError::ForeignLink`] when it lies elsewhere.
    pub(crate) fn link(&self, text: &str) -> Result<Url, HttpError> {
        let url = self.base.join(text).map_err(|_| HttpError::Malformed("its next page is no address".to_owned()))?;
        if url.origin() == self.base.origin() { Ok(url) } else { Err(HttpError::ForeignLink(address::host(&url))) }
    }

    async fn once(&self, url: Url, question: Option<&str>) -> Result<Page, HttpError> {
        let begun = Instant::now();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = tokio::time::timeout(self.limits.total, self.follow(url, question)).await;
        self.busy_ms.fetch_add(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        answer.unwrap_or(Err(HttpError::TimedOut(self.limits.total)))
    }

    async fn follow(&self, mut url: Url, question: Option<&str>) -> Result<Page, HttpError> {
        for _ in 0..=REDIRECTS {
            let response = self.send(url.clone(), question).await?;
            if !response.status().is_redirection() {
                return self.judge(response, &url).await;
            }
            let target = response.headers().get(LOCATION).and_then(|l| l.to_str().ok());
            let next = target.and_then(|t| url.join(t).ok()).ok_or(HttpError::RedirectLoop)?;
            if next.origin() != self.base.origin() {
                return Err(HttpError::CrossHostRedirect(address::host(&next)));
            }
            url = next;
        }
        Err(HttpError::RedirectLoop)
    }

    async fn send(&self, mut url: Url, question: Option<&str>) -> Result<Response, HttpError> {
        // A signature covers the address as it is sent; a space as a plus is read in two ways.
        if let (Credential::Signed(_), Some(query)) = (&self.credential, url.query()) {
            let query = query.replace('+', "%20");
            url.set_query(Some(&query));
        }
        let signed = match &self.credential {
            Credential::Signed(by) => by.headers(&url).await?,
            _ => Vec::new(),
        };
        let request = match question {
            Some(question) => self.client.post(url).header(CONTENT_TYPE, "application/json").body(question.to_owned()),
            None => self.client.get(url),
        };
        let mut request = request.header(ACCEPT, self.accept);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request = match &self.credential {
            Credential::None => request,
            Credential::Bearer(token) => request.bearer_auth(token.expose()),
            Credential::Basic(user, password) => request.basic_auth(user, Some(password.expose())),
            Credential::Headers(keys) => {
                keys.iter().try_fold(request, |request, (name, key)| secretly(request, name, key))?
            }
            Credential::Signed(_) => {
                signed.iter().try_fold(request, |request, (name, key)| secretly(request, name, key))?
            }
        };
        let sent = tokio::time::timeout(self.limits.idle, request.send()).await;
        sent.map_err(|_| HttpError::Stalled(self.limits.idle))?
            .map_err(|e| HttpError::from_transport(e, self.limits.connect))
    }

    async fn judge(&self, response: Response, asked: &Url) -> Result<Page, HttpError> {
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            let body = body::json(&body::read(response, &self.limits).await?, self.limits.depth)?;
            return Ok(Page { body, next: page::next(&headers, asked, &self.base) });
        }
        let retry_after = page::wait(&headers);
        let small = Limits { body: 64 * 1024, ..self.limits.clone() };
        let said = body::read(response, &small).await.map(|b| body::complaint(&b)).unwrap_or_default();
        Err(match status {
            StatusCode::UNAUTHORIZED => HttpError::Unauthorized,
            StatusCode::FORBIDDEN => match page::limited(&headers, &said) {
                Some(wait) => HttpError::RateLimited(wait),
                None => HttpError::Forbidden(said),
            },
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => HttpError::NotFound,
            StatusCode::TOO_MANY_REQUESTS => HttpError::RateLimited(retry_after),
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                HttpError::Unavailable { status: status.as_u16(), said, retry_after }
            }
            _ => HttpError::Refused { status: status.as_u16(), said },
        })
    }
}

fn secretly(request: RequestBuilder, name: &str, value: &Secret) -> Result<RequestBuilder, HttpError> {
    let mut value = HeaderValue::from_str(value.expose()).map_err(|_| HttpError::Unauthorized)?;
    value.set_sensitive(true);
    Ok(request.header(name, value))
}

/// A client through the account's `proxy`, trusting its `ca_file`; a source on this machine is asked directly.
fn client(account: &Account, here: bool, limits: &Limits) -> Result<Client, ConnectError> {
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .connect_timeout(limits.connect)
        .user_agent(concat!("loadline/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(address::PublicOrPrivate));
    builder = match account.config.get("proxy").map(String::as_str) {
        Some("none") => builder.no_proxy(),
        Some(proxy) => builder.proxy(self::proxy(proxy)?),
        None if here => builder.no_proxy(),
        None => builder,
    };
    if let Some(path) = account.config.get("ca_file") {
        builder = builder.tls_certs_merge(certificates(path)?);
    }
    builder.build().map_err(|e| ConnectError::config("url", innermost(&e.without_url())))
}

fn proxy(text: &str) -> Result<Proxy, ConnectError> {
    let url = Url::parse(text).map_err(|e| ConnectError::config("proxy", e.to_string()))?;
    if url.password().is_some() {
        return Err(ConnectError::PasswordInUrl { key: "proxy".to_owned() });
    }
    Proxy::all(url).map_err(|e| ConnectError::config("proxy", e.without_url().to_string()))
}

fn certificates(path: &str) -> Result<Vec<Certificate>, ConnectError> {
    let pem = std::fs::read(path).map_err(|e| ConnectError::config("ca_file", format!("{path}: {e}")))?;
    let bundle = Certificate::from_pem_bundle(&pem).ok().filter(|b| !b.is_empty());
    bundle.ok_or_else(|| ConnectError::config("ca_file", format!("{path} holds no certificate in PEM form")))
}

/// The last cause of an error: what happened, without the layers that passed it on.
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

#[cfg(test)]
mod tests;
