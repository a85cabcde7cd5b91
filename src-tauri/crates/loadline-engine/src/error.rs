//! The engine's error: a stable code and a sentence that says what happened, why, and what to do.

use std::fmt;

/// What went wrong, for people and for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineError {
    /// Stable snake_case code.
    pub code: String,
    /// What happened, why, what to do.
    pub message: String,
}

impl EngineError {
    /// An error from a code and a sentence.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for EngineError {}

macro_rules! from_coded {
    ($($error:ty),+ $(,)?) => {
        $(impl From<$error> for EngineError {
            fn from(error: $error) -> Self {
                Self::new(error.code(), error.to_string())
            }
        })+
    };
}

from_coded!(
    loadline_store::StoreError,
    loadline_secrets::SecretError,
    loadline_connectors::ConnectError,
    loadline_report::ReportError,
);

impl From<std::io::Error> for EngineError {
    fn from(error: std::io::Error) -> Self {
        Self::new(
            "file_failed",
            format!("A file could not be read or written: {error}. Check the path, the space and your permission."),
        )
    }
}

impl From<serde_json::Error> for EngineError {
    fn from(error: serde_json::Error) -> Self {
        Self::new("not_understood", format!("A file or an answer is not what Loadline writes: {error}."))
    }
}
