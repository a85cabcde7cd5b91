//! The performance page: what is computed from series, which no assessment holds, so it is asked for when the page opens.

use loadline_model::SubjectId;
use serde::{Deserialize, Serialize};

/// Asks how the requests of one latency series spread over latency, day by day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookAtSpread {
    /// Service or endpoint.
    pub subject: SubjectId,
    /// Its route; `None`: all routes merged.
    pub route: Option<String>,
}

/// Asks for objectives with their error budgets, and for incidents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookAtPromises {}
