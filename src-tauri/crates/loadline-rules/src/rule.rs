//! What a rule is: words, numbers and one function.

use crate::{Context, Subject};
use loadline_model::{CheckResult, Escalation, Kind, RuleId, RuleInfo, RuleSource, Threshold};

/// What a rule is applied to.
#[derive(Clone, Copy, Debug)]
pub enum Applies {
    /// Every thing of these kinds.
    To(&'static [Kind]),
    /// The organisation, once; exposure 1.
    Organisation,
}

/// A number of a rule that a team may change.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    /// Key within the rule.
    pub key: &'static str,
    /// Default.
    pub value: f64,
    /// Unit.
    pub unit: &'static str,
    /// Where the default comes from.
    pub source: &'static str,
}

/// A judgement. The file that holds it reads top to bottom like a page: words, numbers, check, cases.
pub struct Rule {
    /// Stable id, never reused.
    pub id: &'static str,
    /// Short title.
    pub title: &'static str,
    /// The question answered for the reader.
    pub question: &'static str,
    /// The consequence, and who says so.
    pub why: &'static str,
    /// The failing condition in words.
    pub condition: &'static str,
    /// Remediation steps in order.
    pub fix: &'static [&'static str],
    /// Engineer-days, low and high.
    pub effort_days: [f64; 2],
    /// Where the effort comes from.
    pub effort_source: &'static str,
    /// 1, 2, 3 or 5.
    pub weight: u32,
    /// Severity by band, in words.
    pub severity: &'static str,
    /// How severity moves.
    pub escalation: Escalation,
    /// Never lowered on production stores.
    pub data_safety: bool,
    /// What it judges.
    pub applies: Applies,
    /// Its numbers.
    pub numbers: &'static [Number],
    /// Connector and exact call, query or metric.
    pub sources: &'static [(&'static str, &'static str)],
    /// Metric of the before/after proof.
    pub proof_metric: &'static str,
    /// What the chart is expected to show.
    pub proof: &'static str,
    /// When a hit is not a problem.
    pub false_positives: &'static str,
    /// Extra conditions that force unknown.
    pub unknown_when: &'static str,
    /// Rules whose remediation comes first.
    pub prerequisites: &'static [&'static str],
    /// The judgement.
    pub check: fn(&Subject<'_>, &Context<'_>) -> CheckResult,
}

impl Rule {
    /// The family: the part of the id before the dash.
    pub fn domain(&self) -> &'static str {
        self.id.split('-').next().unwrap_or(self.id)
    }

    /// The kinds it judges; none for organisation rules.
    pub fn kinds(&self) -> &'static [Kind] {
        match self.applies {
            Applies::To(kinds) => kinds,
            Applies::Organisation => &[],
        }
    }

    /// The rule as data.
    pub fn info(&self) -> RuleInfo {
        RuleInfo {
            id: RuleId::new(self.id),
            domain: self.domain().to_owned(),
            title: self.title.to_owned(),
            question: self.question.to_owned(),
            why: self.why.to_owned(),
            condition: self.condition.to_owned(),
            fix: self.fix.iter().map(|s| (*s).to_owned()).collect(),
            effort_days: self.effort_days,
            effort_source: self.effort_source.to_owned(),
            weight: self.weight,
            severity: self.severity.to_owned(),
            escalation: self.escalation,
            data_safety: self.data_safety,
            organisation: matches!(self.applies, Applies::Organisation),
            subjects: self.kinds().to_vec(),
            thresholds: self
                .numbers
                .iter()
                .map(|n| Threshold { key: n.key.into(), value: n.value, unit: n.unit.into(), source: n.source.into() })
                .collect(),
            sources: self
                .sources
                .iter()
                .map(|(connector, reads)| RuleSource { connector: (*connector).into(), reads: (*reads).into() })
                .collect(),
            proof_metric: self.proof_metric.to_owned(),
            proof: self.proof.to_owned(),
            false_positives: self.false_positives.to_owned(),
            unknown_when: self.unknown_when.to_owned(),
            prerequisites: self.prerequisites.iter().map(|p| RuleId::new(*p)).collect(),
        }
    }
}
