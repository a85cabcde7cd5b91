//! What the window shows: the open workspace and its newest (or chosen) assessment.

use crate::accounts::{AccountCard, CollectProgress};
use loadline_model::{Assessment, SnapshotId, Timestamp};
use serde::{Deserialize, Serialize};

/// Asks for the open workspace.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Load {}

/// Opens the embedded demo workspace.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OpenDemo {}

/// Opens the user's own workspace.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OpenOwn {}

/// Shows the workspace as of an earlier snapshot; `None`: the newest.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ViewAsOf {
    /// The snapshot.
    pub snapshot: Option<SnapshotId>,
}

/// A week that can be looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotRow {
    /// Its id.
    pub id: SnapshotId,
    /// Its time.
    pub taken_at: Timestamp,
    /// A name when it has one (`before`, `midway`, `after`).
    pub name: Option<String>,
}

/// Everything the window needs to draw its pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceState {
    /// Name shown in the top bar.
    pub name: String,
    /// The embedded demo: labelled so, and nothing can be collected.
    pub demo: bool,
    /// Now, by the shell's clock: ages are shown against it.
    pub now: Timestamp,
    /// Snapshots, oldest first.
    pub snapshots: Vec<SnapshotRow>,
    /// The assessment on show; `None` before the first collection.
    pub assessment: Option<Assessment>,
    /// Connected accounts.
    pub accounts: Vec<AccountCard>,
    /// A running collection.
    pub collecting: Option<CollectProgress>,
    /// Number of the newest decision that can be undone.
    pub undoable: Option<i64>,
}
