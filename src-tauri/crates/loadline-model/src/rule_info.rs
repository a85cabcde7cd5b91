//! A rule's words and numbers, so that window, report and bundle need nothing else and old reports keep their words.

use crate::{Kind, RuleId};
use serde::{Deserialize, Serialize};

/// How the engine may move a severity (`rules.md` §1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Escalation {
    /// By tier, exposure and urgency.
    Standard,
    /// Not at all; the rule's check says the final word.
    None,
}

/// A number of a rule that a team may change; changes are versioned and printed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Key within the rule.
    pub key: String,
    /// Value in `unit`.
    pub value: f64,
    /// `ratio`, `s`, `d`, `rows`, …
    pub unit: String,
    /// Where the number comes from; `HD` is Loadline's own default.
    pub source: String,
}

/// One way to read what the rule needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSource {
    /// Connector family: `postgres`, `prometheus`, `aws`, …
    pub connector: String,
    /// Exact call, query or metric and its fields.
    pub reads: String,
}

/// A rule as people read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleInfo {
    /// Stable id, never reused.
    pub id: RuleId,
    /// Family, which is its score domain.
    pub domain: String,
    /// Short title.
    pub title: String,
    /// The question answered for the reader.
    pub question: String,
    /// Why it matters: the consequence and its source.
    pub why: String,
    /// The failing condition in words.
    pub condition: String,
    /// Remediation steps in order.
    pub fix: Vec<String>,
    /// Effort in engineer-days: low, high.
    pub effort_days: [f64; 2],
    /// Where the effort comes from.
    pub effort_source: String,
    /// Weight inside its domain: 1, 2, 3 or 5.
    pub weight: u32,
    /// Severity by band, in words.
    pub severity: String,
    /// How severity moves.
    pub escalation: Escalation,
    /// Never lowered on production stores.
    pub data_safety: bool,
    /// Exposure is 1: the rule judges the organisation.
    pub organisation: bool,
    /// Kinds of things it judges.
    pub subjects: Vec<Kind>,
    /// Its numbers.
    pub thresholds: Vec<Threshold>,
    /// Ways to read what it needs.
    pub sources: Vec<RuleSource>,
    /// Metric of the before/after proof (`rules.md` §16a).
    pub proof_metric: String,
    /// What the chart is expected to show.
    pub proof: String,
    /// When a hit is not a problem.
    pub false_positives: String,
    /// Extra conditions that force unknown.
    pub unknown_when: String,
    /// Rules whose remediation comes first (`rules.md` §18).
    pub prerequisites: Vec<RuleId>,
}
