//! Readiness: proven, possible, coverage, gates, and why it moved (`scoring.md` §3).

use crate::{Fingerprint, RuleId};
use serde::{Deserialize, Serialize};

/// Points in millionths, so that sums and decompositions are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MicroPoints(pub i64);

impl MicroPoints {
    /// 100 points.
    pub const FULL: Self = Self(100_000_000);
    /// In points.
    pub fn points(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

/// The label (`scoring.md` §3.1), worst first except for `NotRated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// No applicable check, or coverage below 0.4.
    NotRated,
    /// Below 40.
    NotReady,
    /// 40 and more, or capped by G1.
    AtRisk,
    /// 65 and more without open critical in SPOF or DATA, or capped by G2 or G3.
    Conditional,
    /// 85 and more without open critical.
    Ready,
}

impl Label {
    /// The words people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotRated => "not rated",
            Self::NotReady => "not ready",
            Self::AtRisk => "at risk",
            Self::Conditional => "conditional",
            Self::Ready => "ready",
        }
    }
    /// The code of `--fail-on` and JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotRated => "not_rated",
            Self::NotReady => "not_ready",
            Self::AtRisk => "at_risk",
            Self::Conditional => "conditional",
            Self::Ready => "ready",
        }
    }
}

/// A gate that caps the label unless proven open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// `G1`, `G2`, `G3`.
    pub id: String,
    /// What it asks.
    pub question: String,
    /// Proven open.
    pub open: bool,
    /// Best label while closed.
    pub caps_at: Label,
    /// Why it is open or closed, in one sentence.
    pub because: String,
}

/// One domain of the score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DomainScore {
    /// `SPOF`, `DATA`, …
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Points the domain carries of 100.
    pub points: MicroPoints,
    /// 0–100; `None` when it does not apply or is not judged.
    pub proven: Option<f64>,
    /// 0–100.
    pub possible: Option<f64>,
    /// Share of its points that is known, 0–1.
    pub coverage: Option<f64>,
    /// `judged`, `not_applicable`, `not_judged_yet`, `not_connected`.
    pub status: String,
}

/// Points lost through one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostPoints {
    /// The check.
    pub fingerprint: Fingerprint,
    /// Its rule.
    pub rule: RuleId,
    /// Its subject's name.
    pub subject: String,
    /// `fail` or `unknown`.
    pub result: String,
    /// Points of the proven score.
    pub lost: MicroPoints,
}

/// The readiness of a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// S, 0–100: what the evidence supports.
    pub proven: f64,
    /// S_hi, 0–100: if every unknown turned out well.
    pub possible: f64,
    /// C, 0–1.
    pub coverage: f64,
    /// S in millionths.
    pub proven_micro: MicroPoints,
    /// S_hi in millionths.
    pub possible_micro: MicroPoints,
    /// `high`, `medium`, `low`, `insufficient evidence`.
    pub confidence: String,
    /// The label after gates.
    pub label: Label,
    /// The label by number alone.
    pub label_by_number: Label,
    /// Coverage below 0.7.
    pub provisional: bool,
    /// The gates.
    pub gates: Vec<Gate>,
    /// All domains, judged or not, by points then id.
    pub domains: Vec<DomainScore>,
    /// Every check that costs points, dearest first.
    pub losses: Vec<LostPoints>,
    /// Rule points: weight of each applicable rule, for the decomposition.
    pub rule_points: Vec<(RuleId, MicroPoints)>,
}

/// Why the score moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the causes of scoring.md §3.3")]
pub enum Cause {
    Model,
    Scope,
    Opened,
    Closed,
    BecameUnknown,
    ResolvedUnknown,
    Severity,
    Exposure,
    Rescaled,
}

impl Cause {
    /// The words people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Model => "model changed",
            Self::Scope => "scope changed",
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::BecameUnknown => "became unknown",
            Self::ResolvedUnknown => "unknown resolved",
            Self::Severity => "severity changed",
            Self::Exposure => "exposure changed",
            Self::Rescaled => "rescaled by the cap",
        }
    }
}

/// One line of a week-over-week decomposition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeltaLine {
    /// Why.
    pub cause: Cause,
    /// Which check.
    pub fingerprint: Fingerprint,
    /// Its rule.
    pub rule: RuleId,
    /// Its subject's name.
    pub subject: String,
    /// Change of the proven score.
    pub change: MicroPoints,
}

/// An exact week-over-week decomposition: the lines sum to the delta.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decomposition {
    /// S before.
    pub from: MicroPoints,
    /// S now.
    pub to: MicroPoints,
    /// Lines, largest first.
    pub lines: Vec<DeltaLine>,
}
