//! What a person decides; every decision can be undone.

use crate::workspace::WorkspaceState;
use loadline_model::Choice;
use serde::{Deserialize, Serialize};

/// Decides something.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Decide {
    /// What.
    pub choice: Choice,
}

/// Takes the newest decision back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Undo {
    /// Its number.
    pub number: i64,
}

/// Asks for the log of every decision, newest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DecisionLog {}

/// The workspace after a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// Number of the decision.
    pub number: i64,
    /// What it did, for the toast.
    pub sentence: String,
    /// The workspace now.
    pub state: WorkspaceState,
}
