//! The plan inside the budget (`scoring.md` §6).

use crate::{Fingerprint, ItemId, RuleId, SubjectId, SubjectRef, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

impl ItemId {
    /// The item that remedies a rule for a subject: `RULE@` and the first 8 characters of their fingerprint, whatever the
    /// discriminators of the findings it closes.
    pub fn of(rule: &RuleId, subject: &SubjectId) -> Self {
        let fingerprint = Fingerprint::of(rule, subject, "");
        Self(format!("{rule}@{}", fingerprint.as_str().get(..8).unwrap_or_default()))
    }
}

/// Effort of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HalfDays {
    /// Low end.
    pub low: u32,
    /// Planned with: the geometric middle.
    pub mode: u32,
    /// High end.
    pub high: u32,
}

/// The four parts of an item's value, in their own units, before weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ValueParts {
    /// Points of the proven score attributed to the checks it closes.
    pub points: f64,
    /// Journey-hours a year avoided.
    pub hours: f64,
    /// Engineer-weeks a quarter saved.
    pub interest: f64,
    /// 0–10 by closeness of the limit it moves.
    pub urgency: f64,
}

/// Something that could be done: one rule's remediation for one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// The rule whose remediation it is.
    pub rule: RuleId,
    /// What it is done to.
    pub subject: SubjectRef,
    /// What people call it.
    pub title: String,
    /// Steps.
    pub steps: Vec<String>,
    /// Effort.
    pub half_days: HalfDays,
    /// Value in thousandths.
    pub value: i64,
    /// What the value is made of.
    pub parts: ValueParts,
    /// Items that must be done first.
    pub needs: Vec<ItemId>,
    /// Findings it closes.
    pub closes: Vec<Fingerprint>,
    /// Metric that will prove it.
    pub proof_metric: String,
    /// What is expected of that metric.
    pub proof: String,
    /// Planned by hand into this sprint (0-based), when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_sprint: Option<u32>,
    /// Started, when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// Done, when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
    /// Engineer-weeks it took, when it is done and somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_weeks: Option<f64>,
}

/// One sprint of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sprint {
    /// First day.
    pub starts: Timestamp,
    /// Half-days it may use.
    pub budget_half_days: u32,
    /// Half-days its items use (mode).
    pub used_half_days: u32,
    /// Probability that the items fit, 0–1, from triangular draws.
    pub fits_probability: f64,
    /// In the order they should be done.
    pub items: Vec<Item>,
}

/// An item that did not fit, and what that costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The item.
    pub item: Item,
    /// Why: `budget`, `larger_than_a_sprint`, `prerequisite`, `no_value`.
    pub because: String,
    /// What leaving it out costs, one sentence.
    pub costs: String,
}

/// The plan with its certificate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Roadmap {
    /// Half-days of one sprint.
    pub budget_half_days: u32,
    /// Sprints in order.
    pub sprints: Vec<Sprint>,
    /// Not planned, dearest first.
    pub left_out: Vec<LeftOut>,
    /// Items that are done.
    pub done: Vec<Item>,
    /// (upper bound − value) / upper bound of the first sprint: 0 is proven optimal.
    pub gap: f64,
    /// The first sprint's items valued together, in thousandths (not their sum).
    pub set_value: i64,
    /// Points of the proven score that the whole plan gains, re-valued exactly.
    pub gain_points: f64,
    /// Journey-hours a year that the whole plan avoids, re-valued exactly.
    pub gain_hours: f64,
    /// Why the plan is empty, when it is.
    pub why_empty: Option<String>,
}

/// What a set of items is worth together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SetValue {
    /// Points of the proven score gained.
    pub points: f64,
    /// Journey-hours a year avoided.
    pub hours: f64,
}

/// Values a chosen set exactly: score and topology again with the set's findings closed. Values of items overlap (a rule's loss is
/// capped), so a sum would promise too much.
pub trait Revalue {
    /// The worth of having done all of these.
    fn revalue(&self, items: &BTreeSet<ItemId>) -> SetValue;
}
