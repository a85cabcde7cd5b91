//! The code behind the debt page. It is as large as the repositories, so it is asked for when the page opens and is no
//! part of the assessment.

use serde::{Deserialize, Serialize};

/// Asks for the code of the snapshot on show.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LookAt {}

/// Asks for the findings of other tools in the snapshot on show.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LookAtOthers {}
