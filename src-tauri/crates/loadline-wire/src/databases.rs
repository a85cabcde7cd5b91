//! The databases section of the performance page. What comes back is computed from several snapshots, so it is asked for
//! when the section opens and is no part of the assessment.

use serde::{Deserialize, Serialize};

/// Asks for the databases of the snapshot on show, with their history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LookAt {}
