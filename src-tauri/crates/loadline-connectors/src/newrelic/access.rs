//! The way to NerdGraph: queries by POST, one at a time, signed by a user key. Errors come with status 200 beside what could
//! be answered; each is told apart by its class and its place.

use super::documents::Document;
use crate::http::{HttpError, Limits, Outgoing, Reply, Verb, Wire, json};
use crate::{ConnectError, Secret};
use loadline_model::{Account, CollectionCost, Timestamp};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use url::Url;

/// Classes of errors that mean a lack of rights; the words of the message are a second sign, since services of New Relic
/// name their classes differently.
const DENIED: [&str; 6] =
    ["ACCESS_DENIED", "UNAUTHORIZED", "FORBIDDEN", "NOT_AUTHORIZED", "UNAUTHORIZED_ACCOUNT", "MISSING_ENTITLEMENT"];
const DENIED_WORDS: [&str; 5] =
    ["access denied", "not authorized", "unauthorized", "does not have permission", "not have access"];
const LIMITED: [&str; 3] = ["TOO_MANY_REQUESTS", "RATE_LIMITED", "LIMIT_EXCEEDED"];
const LIMITED_WORDS: [&str; 3] = ["rate limit", "too many requests", "query limit"];
const BUSY: [&str; 3] = ["SERVER_ERROR", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"];

/// An answer that may lack parts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    /// What stands where the document asks.
    pub answer: Value,
    /// Why parts of it are missing.
    pub refusals: Vec<Refusal>,
}

/// A part that was refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    /// Fields on the way to it, joined by dots.
    pub place: String,
    /// Why.
    pub error: HttpError,
}

/// The signed way.
pub(super) struct Access {
    wire: Wire,
    url: Url,
    key: Secret,
    /// The account that is read.
    pub account: i64,
    waited_ms: AtomicU64,
    told_at: AtomicI64,
}

/// Where the account is asked, from `endpoint_url` or `region`, and its number.
///
/// # Errors
/// [`ConnectError`] when the configuration cannot be used.
pub(super) fn place(account: &Account) -> Result<(Url, i64), ConnectError> {
    let set = |key: &str| account.config.get(key).map(|v| v.trim()).filter(|v| !v.is_empty());
    let number: Option<i64> = set("account_id").and_then(|id| id.parse().ok()).filter(|id| *id > 0);
    let number = number.ok_or_else(|| ConnectError::config("account_id", "write the number of the account"))?;
    let region = match set("region").map(str::to_ascii_lowercase).as_deref() {
        None | Some("us") => "https://api.newrelic.com",
        Some("eu") => "https://api.eu.newrelic.com",
        Some(_) => return Err(ConnectError::config("region", "write us or eu")),
    };
    let mut url = Wire::address("endpoint_url", set("endpoint_url").unwrap_or(region))?;
    if url.scheme() == "http" && !Wire::is_here(&url) {
        return Err(ConnectError::config(
            "endpoint_url",
            "the key would cross the network in the open; write https://",
        ));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    if !path.ends_with("/graphql") {
        url.set_path(&format!("{path}/graphql"));
    }
    Ok((url, number))
}

impl Access {
    /// Opens it; nothing is sent yet.
    ///
    /// # Errors
    /// The same.
    pub(super) fn open(account: &Account, key: Secret, limits: Limits) -> Result<Self, ConnectError> {
        let (url, number) = place(account)?;
        let wire = Wire::open(account, Wire::is_here(&url), limits)?;
        let (waited_ms, told_at) = (AtomicU64::new(0), AtomicI64::new(0));
        Ok(Self { wire, url, key, account: number, waited_ms, told_at })
    }

    /// Host and port, for messages.
    pub(super) fn host(&self) -> String {
        let port = self.url.port().map(|p| format!(":{p}")).unwrap_or_default();
        format!("{}{port}", self.url.host_str().unwrap_or_default())
    }

    /// What was spent since opening.
    pub(super) fn cost(&self) -> CollectionCost {
        let (calls, busy_ms) = self.wire.spent();
        CollectionCost { calls, billed_calls: 0, busy_ms, connections: u32::from(calls > 0) }
    }

    /// New Relic's own clock when it last answered; `None` while it did not say.
    pub(super) fn told_at(&self) -> Option<Timestamp> {
        Some(Timestamp(self.told_at.load(Ordering::Relaxed))).filter(|at| at.0 > 0)
    }

    /// Asks, again after a wait where New Relic is busy.
    ///
    /// # Errors
    /// [`HttpError`] when nothing was answered, always within the limits.
    pub(super) async fn ask(&self, document: &Document, variables: &[(&str, Value)]) -> Result<Told, HttpError> {
        let text = document.text().ok_or_else(|| HttpError::Forbidden("only queries are sent".to_owned()))?;
        let mut known = serde_json::Map::new();
        if text.contains("$account") {
            known.insert("account".to_owned(), json!(self.account));
        }
        known.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let body = json!({"query": text, "variables": known}).to_string().into_bytes();
        let mut attempt = 0;
        loop {
            let error = match self.once(document, &body).await {
                Ok(told) => return Ok(told),
                Err(error) => error,
            };
            let waited = Duration::from_millis(self.waited_ms.load(Ordering::Relaxed));
            let Some(pause) = self.wire.limits().pause(&error, attempt, waited) else { return Err(error) };
            tracing::debug!(host = self.host(), code = error.code(), ?pause, "asking again");
            self.waited_ms.fetch_add(pause.as_millis() as u64, Ordering::Relaxed);
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn once(&self, document: &Document, body: &[u8]) -> Result<Told, HttpError> {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("accept", "application/json"),
            header("content-type", "application/json"),
            header("api-key", self.key.expose()),
        ];
        let outgoing = Outgoing { verb: Verb::Post(body.to_vec()), url: self.url.clone(), headers };
        let reply = self.wire.send(outgoing).await?;
        let date = reply.header("date").and_then(|d| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(d).ok());
        if let Some(date) = date {
            self.told_at.store(date.as_millisecond(), Ordering::Relaxed);
        }
        told(&reply, document, self.wire.limits().depth)
    }
}

fn told(reply: &Reply, document: &Document, depth: usize) -> Result<Told, HttpError> {
    let after = || reply.header("retry-after").and_then(|v| v.trim().parse().ok()).map(Duration::from_secs);
    match reply.status {
        200..300 => {}
        401 => return Err(HttpError::Unauthorized),
        403 => return Err(HttpError::Forbidden(complaint(&reply.body))),
        404 | 405 => return Err(HttpError::NotFound),
        429 => return Err(HttpError::RateLimited(after())),
        status @ 500..505 => {
            return Err(HttpError::Unavailable { status, said: complaint(&reply.body), retry_after: after() });
        }
        status => return Err(HttpError::Refused { status, said: complaint(&reply.body) }),
    }
    let said = json(&reply.body, depth)?;
    let mut refusals = refusals(&said);
    let answer = said.get("data").and_then(|data| data.pointer(document.at)).filter(|a| !a.is_null());
    match answer {
        Some(answer) => Ok(Told { answer: answer.clone(), refusals }),
        None if refusals.is_empty() => Err(HttpError::Malformed(format!("it says nothing at {}", document.at))),
        None => Err(refusals.swap_remove(0).error),
    }
}

/// The sentence of the first error of a body, at most 300 characters.
fn complaint(body: &[u8]) -> String {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    let said = parsed.as_ref().and_then(|v| v.pointer("/errors/0/message").or_else(|| v.get("message"))?.as_str());
    short(said.unwrap_or_default())
}

fn short(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(300).collect()
}

fn refusals(said: &Value) -> Vec<Refusal> {
    let errors = said.get("errors").and_then(Value::as_array).into_iter().flatten();
    errors.filter_map(refusal).collect()
}

/// An error in the form of the specification; notes about fields that will go are none.
fn refusal(error: &Value) -> Option<Refusal> {
    let message = short(error.get("message").and_then(Value::as_str).unwrap_or("it does not say why"));
    if message.starts_with("This field is deprecated") {
        return None;
    }
    let class = ["/extensions/errorClass", "/extensions/code", "/extensions/error_code"];
    let class = class.iter().find_map(|at| error.pointer(at)?.as_str()).unwrap_or_default().to_ascii_uppercase();
    let lower = message.to_lowercase();
    let is =
        |classes: &[&str], words: &[&str]| classes.contains(&class.as_str()) || words.iter().any(|w| lower.contains(w));
    let place: Vec<String> = error.get("path").and_then(Value::as_array).into_iter().flatten().map(step).collect();
    let error = match () {
        () if class == "BAD_API_KEY" => HttpError::Unauthorized,
        () if is(&DENIED, &DENIED_WORDS) => HttpError::Forbidden(message),
        () if is(&LIMITED, &LIMITED_WORDS) => HttpError::RateLimited(None),
        () if is(&["TIMEOUT"], &["timed out", "timeout"]) => HttpError::TimedOut(Duration::from_secs(55)),
        () if is(&BUSY, &[]) => HttpError::Unavailable { status: 200, said: message, retry_after: None },
        () => HttpError::Refused { status: 200, said: message },
    };
    Some(Refusal { place: place.join("."), error })
}

fn step(part: &Value) -> String {
    part.as_str().map_or_else(|| part.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::documents;
    use super::*;
    use crate::testing::account;

    fn told_of(body: &str) -> Result<Told, HttpError> {
        told(&Reply::of(200, &[], body), &documents::ACCOUNT, 64)
    }

    #[test]
    fn addresses_by_region() {
        let check = |config: &[(&str, &str)], expected: Result<&str, &str>| {
            let config: Vec<_> = [("account_id", "1")].iter().chain(config).copied().collect();
            let found = place(&account("newrelic", &config));
            let said = found.as_ref().map(|(url, _)| url.as_str()).map_err(ConnectError::code);
            assert_eq!(said, expected, "{config:?}");
        };
        // "Introduction to New Relic NerdGraph, our GraphQL API", endpoints.
        check(&[], Ok("https://api.newrelic.com/graphql"));
        check(&[("region", "EU")], Ok("https://api.eu.newrelic.com/graphql"));
        check(&[("endpoint_url", "http://127.0.0.1:1/x/")], Ok("http://127.0.0.1:1/x/graphql"));
        check(&[("endpoint_url", "https://h/graphql")], Ok("https://h/graphql"));
        check(&[("endpoint_url", "http://api.newrelic.com")], Err("invalid_config"));
        check(&[("region", "mars")], Err("invalid_config"));
        check(&[("account_id", "acme")], Err("invalid_config"));
        check(&[("account_id", "-1")], Err("invalid_config"));
        check(&[("endpoint_url", "http://169.254.169.254/")], Err("invalid_config"));
    }

    #[test]
    fn errors_with_status_200_are_told_apart() {
        let check = |class: &str, message: &str, code: &str| {
            let error = json!({"message": message, "path": ["actor", "account", "alerts"],
                "extensions": {"errorClass": class}});
            let refused = told_of(&json!({"data": {"actor": {"account": null}}, "errors": [error]}).to_string());
            assert_eq!(refused.map_err(|e| e.code()).map(|_| ()), Err(code), "{class} {message}");
        };
        check("ACCESS_DENIED", "Could not validate account access", "forbidden");
        check("", "Access denied.", "forbidden");
        check("TIMEOUT", "NRDB:1102004 Your query timed out", "timed_out");
        check("TOO_MANY_REQUESTS", "NRDB:1106924", "rate_limited");
        check("SERVER_ERROR", "An error occurred", "unavailable");
        check("INVALID_INPUT", "NRQL Syntax Error: Error at line 1", "refused");
    }

    #[test]
    fn a_limit_says_how_long() {
        // "NerdGraph usage limits": more than 25 requests at once are rejected with 429.
        let limited = |headers: &[(&'static str, &str)]| told(&Reply::of(429, headers, ""), &documents::ACCOUNT, 64);
        assert_eq!(limited(&[("retry-after", "7")]), Err(HttpError::RateLimited(Some(Duration::from_secs(7)))));
        assert_eq!(limited(&[]), Err(HttpError::RateLimited(None)));
    }

    #[test]
    fn what_was_answered_stays_beside_what_was_refused() {
        let body = json!({"data": {"actor": {"account": {"id": 1, "name": null}}}, "errors": [
            {"message": "Access denied.", "path": ["actor", "account", "name", 0], "extensions": {}},
            {"message": "This field is deprecated! Please use `relatedEntities` instead.", "path": ["actor"]}]});
        let told = told_of(&body.to_string()).expect("a partial answer");
        assert_eq!(told.answer, json!({"id": 1, "name": null}));
        let expected = HttpError::Forbidden("Access denied.".to_owned());
        assert_eq!(told.refusals, [Refusal { place: "actor.account.name.0".to_owned(), error: expected }]);
    }

    #[test]
    fn silence_and_nonsense_are_errors() {
        let code = |body: &str| told_of(body).map(|_| ()).map_err(|e| e.code());
        assert_eq!(code(r#"{"data": {"actor": {"account": null}}}"#), Err("malformed"));
        assert_eq!(code(r#"{"data": null}"#), Err("malformed"));
        assert_eq!(code("{\"data\""), Err("malformed"));
        assert_eq!(code(r#"{"errors": "no"}"#), Err("malformed"));
    }
}
