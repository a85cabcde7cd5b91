//! How change reaches users.

use crate::{SubjectId, Timestamp};
use serde::{Deserialize, Serialize};

/// How a deployment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the command line contract")]
pub enum DeploymentStatus {
    Succeeded,
    Failed,
    RolledBack,
    InProgress,
}

/// Who pressed the button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the command line contract")]
pub enum ActorKind {
    Person,
    Pipeline,
    /// No source shows who: neither by hand nor automated.
    Unknown,
}

/// A deployment. Subject: the service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// Identity at the source; importing it twice changes nothing.
    pub id: String,
    /// Environment name.
    pub environment: String,
    /// Revision, tag or image.
    pub revision: String,
    /// Start.
    pub started_at: Timestamp,
    /// End, when it ended.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// Outcome.
    pub status: DeploymentStatus,
    /// Person or pipeline.
    pub actor_kind: ActorKind,
    /// Name of the actor.
    #[serde(default)]
    pub actor: Option<String>,
    /// `in_place`, `rolling`, `blue_green`, `canary`.
    #[serde(default)]
    pub strategy: Option<String>,
}

impl Deployment {
    /// True when it did not bring what it should.
    pub fn has_failed(&self) -> bool {
        matches!(self.status, DeploymentStatus::Failed | DeploymentStatus::RolledBack)
    }
    /// How it ended, as far as anybody said by then.
    pub fn ending(&self, as_of: Timestamp) -> Ending {
        match self.status {
            DeploymentStatus::Succeeded => Ending::Succeeded,
            DeploymentStatus::Failed => Ending::Failed,
            DeploymentStatus::RolledBack => Ending::RolledBack,
            DeploymentStatus::InProgress if as_of.hours_since(self.started_at) > LONGEST_HOURS => Ending::NotTold,
            DeploymentStatus::InProgress => Ending::Running,
        }
    }
}

/// Hours after which a deployment without an end is taken for one whose end nobody tells.
const LONGEST_HOURS: f64 = 24.0;

/// How a deployment ended, as people read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each has its word")]
pub enum Ending {
    Succeeded,
    Failed,
    RolledBack,
    Running,
    /// It began long ago and nobody said how it ended, as markers of a monitoring service do not.
    NotTold,
}

impl Ending {
    /// All, in the order of a legend.
    pub const ALL: [Self; 5] = [Self::Succeeded, Self::Failed, Self::RolledBack, Self::Running, Self::NotTold];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::RolledBack => "rolled back",
            Self::Running => "in progress",
            Self::NotTold => "outcome not told",
        }
    }
}

/// A resize, campaign, cache flush or other event that may explain a change of a metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// `upsize`, `downsize`, `resize` (direction not known), `campaign`, `cache_flush`, `provider_incident`, `load_test`, `remediation`, …
    pub what: String,
    /// Start.
    pub at: Timestamp,
    /// End, when it has one.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// One sentence.
    pub description: String,
}

/// A commit. Subject: the repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commit {
    /// Its hash.
    pub sha: String,
    /// When.
    pub at: Timestamp,
    /// Author's pseudonym.
    pub author: String,
    /// Files touched.
    #[serde(default)]
    pub files: Vec<String>,
}

/// A pull or merge request. Subject: the repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeRequest {
    /// Identity at the host.
    pub id: String,
    /// Opened.
    pub opened_at: Timestamp,
    /// Merged, when it was.
    #[serde(default)]
    pub merged_at: Option<Timestamp>,
    /// Lines added and removed.
    #[serde(default)]
    pub lines: Option<f64>,
    /// Approvals before merge.
    #[serde(default)]
    pub approvals: Option<u32>,
    /// Revision it became on the branch it was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// When its first commit was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed_at: Option<Timestamp>,
}

/// An incident. Subject: what failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Identity at the source.
    pub id: String,
    /// One sentence.
    pub title: String,
    /// Began.
    pub started_at: Timestamp,
    /// Noticed.
    #[serde(default)]
    pub detected_at: Option<Timestamp>,
    /// Over.
    #[serde(default)]
    pub resolved_at: Option<Timestamp>,
    /// Deployment that caused it, when known.
    #[serde(default)]
    pub caused_by: Option<String>,
    /// It recovered by failover or a rehearsed restore.
    #[serde(default)]
    pub failover: Option<bool>,
    /// Journeys lost.
    #[serde(default)]
    pub journeys: Vec<SubjectId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_nobody_tells_is_not_told_as_running() {
        let begun = Timestamp::parse("2026-11-02").expect("a day");
        let marker = Deployment {
            id: "1".into(),
            environment: "production".into(),
            revision: "r".into(),
            started_at: begun,
            finished_at: None,
            status: DeploymentStatus::InProgress,
            actor_kind: ActorKind::Unknown,
            actor: None,
            strategy: None,
        };
        assert_eq!(marker.ending(begun.plus_hours(2)), Ending::Running);
        assert_eq!(marker.ending(begun.plus_days(3)), Ending::NotTold);
        let ended = Deployment { status: DeploymentStatus::Failed, ..marker };
        assert_eq!(ended.ending(begun.plus_days(3)), Ending::Failed);
    }
}
