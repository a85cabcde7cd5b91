//! The one error that crosses to the window: pages switch on the code, people read the message.

use serde::{Deserialize, Serialize};

/// A stable error code such as `secret_store_missing`; the list is open, pages know a few and show the rest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(pub String);

/// What happened, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// Stable code.
    pub code: Code,
    /// One sentence: what happened, why, what to do.
    pub message: String,
}

impl ApiError {
    /// An error from a code and a sentence.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: Code(code.into()), message: message.into() }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.message, self.code.0)
    }
}

impl std::error::Error for ApiError {}
