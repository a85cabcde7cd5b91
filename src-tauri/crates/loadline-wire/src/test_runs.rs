//! Load tests and drills that a person writes down.

use loadline_model::{TestKind, Timestamp};
use serde::{Deserialize, Serialize};

/// Records one; the same kind, thing and time again is the same test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What was tested: a thing by id or name.
    pub subject: String,
    /// What was tried.
    pub kind: TestKind,
    /// When it began.
    pub at: Timestamp,
    /// It stood, or came back; a summary of k6 says it itself.
    pub passed: bool,
    /// Load test: its highest load as a multiple of that day's peak.
    pub times_peak: Option<f64>,
    /// Load test: path of a summary that k6 wrote.
    pub k6: Option<String>,
    /// Drill: seconds until it was back.
    pub recovered_after: Option<f64>,
    /// One sentence.
    pub note: Option<String>,
}

/// Forgets one that was recorded here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forget {
    /// Its identity.
    pub id: String,
}
