//! Incidents that a person writes down.

use loadline_model::Timestamp;
use serde::{Deserialize, Serialize};

/// Records one; the same service, title and start again is the same incident, as when it is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What failed: a service by id or name; `None`: nobody says.
    pub service: Option<String>,
    /// One sentence.
    pub title: String,
    /// Began.
    pub started_at: Timestamp,
    /// Over; `None`: not yet.
    pub resolved_at: Option<Timestamp>,
    /// Deployment or revision that caused it.
    pub caused_by: Option<String>,
}

/// Forgets one that was recorded here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forget {
    /// Its identity.
    pub id: String,
}
