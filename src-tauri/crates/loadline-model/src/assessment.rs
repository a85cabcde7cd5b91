//! Everything the stages conclude about one snapshot: the union that window, report and bundle read.

use crate::{
    AccountSummary, Capacity, Check, Comparison, Debt, Decomposition, Deployment, Finding, Gap, LedgerEntry, Policy,
    Roadmap, RuleInfo, Score, SnapshotId, SubjectRef, Timestamp, Topology, Trends,
};
use serde::{Deserialize, Serialize};

/// A deployment with the service it was of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeploymentRow {
    /// The service.
    pub service: SubjectRef,
    /// The deployment.
    #[serde(flatten)]
    pub deployment: Deployment,
}

/// An assessment. Same snapshot, policy, decisions and model version: same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// `loadline.assessment/1`.
    pub schema: String,
    /// Version of model and catalog.
    pub model_version: String,
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// The snapshot's time.
    pub as_of: Timestamp,
    /// Name of the workspace's zone.
    pub zone: String,
    /// What it is an assessment of.
    pub workspace: String,
    /// Accounts.
    pub accounts: Vec<AccountSummary>,
    /// The policy it was made with.
    pub policy: Policy,
    /// Every check, by rule, then subject.
    pub checks: Vec<Check>,
    /// Failing and unknown checks with their lives, worst first.
    pub findings: Vec<Finding>,
    /// Proven gone since the previous snapshot.
    pub resolved: Vec<LedgerEntry>,
    /// Graph, single points of failure, exposure.
    pub topology: Topology,
    /// Readiness.
    pub score: Score,
    /// Against the previous week's snapshot, when there is one.
    pub changed: Option<Decomposition>,
    /// Debt.
    pub debt: Debt,
    /// Latency, errors, demand, delivery.
    pub trends: Trends,
    /// Before/after.
    pub comparisons: Vec<Comparison>,
    /// Headroom.
    pub capacity: Capacity,
    /// The plan.
    pub roadmap: Roadmap,
    /// Deployments, newest first, at most 500.
    pub deployments: Vec<DeploymentRow>,
    /// What could not be read or mapped.
    pub gaps: Vec<Gap>,
    /// Words and numbers of every rule judged.
    pub rules: Vec<RuleInfo>,
}

impl Assessment {
    /// The rule of an id, when it was judged.
    pub fn rule(&self, id: &crate::RuleId) -> Option<&RuleInfo> {
        self.rules.iter().find(|r| r.id == *id)
    }
}
