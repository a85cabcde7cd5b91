//! Checks: one rule applied to one subject, with the reasons people can follow.

use crate::{AccountId, Basis, Fingerprint, Gap, GapReason, Kind, Provenance, RuleId, SubjectId, Timestamp, hash};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How bad (`rules.md` §1.2), mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Hygiene.
    Low,
    /// Slows the team or narrows headroom.
    Medium,
    /// Will hurt users at the next spike or failure.
    High,
    /// Can end the business day or lose data.
    Critical,
}

impl Severity {
    /// Share of the exposure that a failing check of this severity costs (`scoring.md` §3.1).
    pub fn loss(self) -> f64 {
        match self {
            Self::Low => 0.1,
            Self::Medium => 0.3,
            Self::High => 0.6,
            Self::Critical => 1.0,
        }
    }
    /// The severity `levels` higher (negative: lower), clamped to low..critical.
    pub fn raised(self, levels: i32) -> Self {
        const ORDER: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
        ORDER[(self as i32 + levels).clamp(0, 3) as usize]
    }
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The answer of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// Every required input was read, is fresh, and the condition is false.
    Pass,
    /// Every required input was read and the condition is true.
    Fail {
        /// Severity; base in a rule's answer, escalated in a [`Check`].
        severity: Severity,
    },
    /// An input is missing, stale, denied, truncated or below the minimal sample.
    Unknown {
        /// Why.
        reason: GapReason,
    },
    /// The subject kind does not exist here and the inventory that would show it was read.
    NotApplicable {
        /// Why.
        because: String,
    },
}

impl Outcome {
    /// The word of the JSON contract: `pass`, `fail`, `unknown`, `not_applicable`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail { .. } => "fail",
            Self::Unknown { .. } => "unknown",
            Self::NotApplicable { .. } => "not_applicable",
        }
    }
    /// The severity, when it fails.
    pub fn severity(&self) -> Option<Severity> {
        if let Self::Fail { severity } = self { Some(*severity) } else { None }
    }
    /// True for `Unknown`.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}

/// One row of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was looked at.
    pub label: String,
    /// What was seen, with its unit.
    pub value: String,
    /// Account that said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Call, query or metric that said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// How it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

impl Evidence {
    /// A row that was read from a source.
    pub fn read(label: impl Into<String>, value: impl Into<String>, from: &Provenance) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            account: Some(from.account.clone()),
            source: Some(from.call.clone()),
            read_at: Some(from.read_at),
            basis: Some(from.basis),
        }
    }
    /// A row that follows from the others or from the model.
    pub fn derived(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), account: None, source: None, read_at: None, basis: None }
    }
}

/// What a rule answers for one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The answer; severity is the base severity.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The consequence in one sentence, numbers first.
    pub sentence: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What is missing, when it is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// Concrete remedy for this subject (a statement, a setting), when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl CheckResult {
    /// Passes.
    pub fn pass(sentence: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        Self { outcome: Outcome::Pass, sentence: sentence.into(), evidence, gap: None, remedy: None }
    }
    /// Fails with a base severity.
    pub fn fail(severity: Severity, sentence: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        Self { outcome: Outcome::Fail { severity }, sentence: sentence.into(), evidence, gap: None, remedy: None }
    }
    /// Cannot be judged: what is missing and what closes it.
    pub fn unknown(reason: GapReason, detail: impl Into<String>, closes: impl Into<String>) -> Self {
        let detail = detail.into();
        let gap = Gap {
            account: None,
            scope: String::new(),
            reason,
            detail: detail.clone(),
            closes: closes.into(),
            hides: Vec::new(),
            subject: None,
        };
        Self {
            outcome: Outcome::Unknown { reason },
            sentence: format!("Not proven: {detail}"),
            evidence: Vec::new(),
            gap: Some(gap),
            remedy: None,
        }
    }
    /// Does not apply, and it is known that it does not.
    pub fn not_applicable(because: impl Into<String>) -> Self {
        let because = because.into();
        Self {
            outcome: Outcome::NotApplicable { because: because.clone() },
            sentence: because,
            evidence: Vec::new(),
            gap: None,
            remedy: None,
        }
    }
    /// The same with evidence rows added.
    pub fn with_evidence(mut self, evidence: Vec<Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }
    /// The same with a concrete remedy.
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// How much of the journeys depends on a subject (`scoring.md` §1.5).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exposure {
    /// e: 0.05–1, used for the best case.
    pub low: f64,
    /// e_max: used for what is proven; 1 where it is not known.
    pub high: f64,
    /// A complete path of evidence exists, so the blast radius is known.
    pub known: bool,
}

impl Exposure {
    /// Exposure of organisation-level rules: 1.
    pub const ORGANISATION: Self = Self { low: 1.0, high: 1.0, known: true };
    /// Nothing is known: at least the floor, at most everything.
    pub const UNKNOWN: Self = Self { low: 0.05, high: 1.0, known: false };
}

/// What a check is about, as people and the JSON contract name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SubjectRef {
    /// Canonical id.
    pub id: SubjectId,
    /// What it is; `None` for the organisation as a whole.
    pub kind: Option<Kind>,
    /// Its name.
    pub name: String,
    /// Account that says it exists.
    pub account: Option<AccountId>,
    /// Cloud region.
    pub region: Option<String>,
}

/// The subject of organisation-level rules.
pub const ORGANISATION: &str = "organisation";

impl SubjectRef {
    /// The organisation as a whole.
    pub fn organisation() -> Self {
        Self { id: ORGANISATION.into(), kind: None, name: "the organisation".into(), account: None, region: None }
    }
}

/// A rule applied to a subject, escalated and weighed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The rule.
    pub rule: RuleId,
    /// The subject.
    pub subject: SubjectRef,
    /// Identity over time.
    pub fingerprint: Fingerprint,
    /// Answer with escalated severity.
    #[serde(flatten)]
    pub result: CheckResult,
    /// Severity before escalation, when it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_severity: Option<Severity>,
    /// Why the severity was moved, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalation: Vec<String>,
    /// How much depends on the subject.
    pub exposure: Exposure,
}

impl Fingerprint {
    /// Identity of rule × subject (× discriminator), from canonical ids.
    pub fn of(rule: &RuleId, subject: &SubjectId, discriminator: &str) -> Self {
        Self(hash::hex_of(&["finding", rule.as_str(), subject.as_str(), discriminator])[..16].to_owned())
    }
}
