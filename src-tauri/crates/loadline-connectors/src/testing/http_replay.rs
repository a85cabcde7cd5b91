//! A host whose answers are told by path, and what it was asked.

use super::{ScriptedServer, respond};
use std::sync::{Arc, Mutex, PoisonError};

/// An answer: status, headers that end with a line end each, body.
pub(crate) type Said = (&'static str, String, String);

/// A question as a host sees it.
pub(crate) struct Question<'a> {
    /// Path and parameters.
    pub(crate) target: &'a str,
    /// Request line and headers.
    pub(crate) head: &'a str,
}

impl Question<'_> {
    /// Without parameters.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
    /// A parameter.
    pub(crate) fn asked(&self, key: &str) -> Option<&str> {
        let query = self.target.split_once('?')?.1;
        query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
    }
    /// The address under which it was asked.
    pub(crate) fn host(&self) -> &str {
        self.head.lines().find_map(|l| l.strip_prefix("host: ")).unwrap_or_default()
    }
}

/// The server and its log of questions.
pub(crate) struct HttpReplay {
    server: ScriptedServer,
    log: Arc<Mutex<Vec<String>>>,
}

impl HttpReplay {
    /// Answers as told.
    pub(crate) fn start(answer: impl Fn(&Question<'_>) -> Said + Send + Sync + 'static) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = log.clone();
        let server = ScriptedServer::start(move |head, stream| {
            let target = head.split(' ').nth(1).unwrap_or_default();
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(target.to_owned());
            let (status, headers, body) = answer(&Question { target, head });
            respond(stream, status, &headers, &body);
        });
        Self { server: server.expect("a server"), log }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// What it was asked so far, in order.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A good answer.
pub(crate) fn ok(body: impl ToString) -> Said {
    ("200 OK", String::new(), body.to_string())
}

/// A refusal with the sentence of a host.
pub(crate) fn refused(status: &'static str, message: &str) -> Said {
    (status, String::new(), serde_json::json!({"message": message}).to_string())
}
