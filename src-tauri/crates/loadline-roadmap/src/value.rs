//! What an item is worth: four parts in their own units, then one number (`scoring.md` §6.1).

use loadline_model::{
    Capacity, ComponentDebt, Debt, Fingerprint, RuleInfo, Score, SubjectId, Topology, ValueParts, ValueWeights, num,
};
use std::collections::{BTreeMap, BTreeSet};

/// Days within which the first limit makes an item urgent (HD).
const URGENT_DAYS: f64 = 90.0;
/// Urgency of a limit that is reached today.
const MOST_URGENT: f64 = 10.0;

/// The numbers that values are made of, looked up by check and subject.
pub(crate) struct Worth<'a> {
    points: BTreeMap<&'a Fingerprint, f64>,
    hours: BTreeMap<&'a SubjectId, f64>,
    /// Engineer-weeks a quarter per finding of a component.
    interest: BTreeMap<&'a Fingerprint, f64>,
    capacity: &'a Capacity,
}

impl<'a> Worth<'a> {
    pub(crate) fn new(score: &'a Score, topology: &'a Topology, capacity: &'a Capacity, debt: &'a Debt) -> Self {
        Self {
            points: score.losses.iter().map(|l| (&l.fingerprint, l.lost.points())).collect(),
            hours: topology.spofs.iter().map(|s| (&s.subject.id, s.hours_per_year.p50)).collect(),
            interest: debt.components.iter().flat_map(interest).collect(),
            capacity,
        }
    }

    /// Parts of the item that closes these findings: their attributed points and interest, the hours of the single point of
    /// failure it removes (rules of family SPOF only), and how soon the limit it moves is reached. Parts of different items
    /// overlap; [`loadline_model::Revalue`] says what a set is worth.
    pub(crate) fn parts(&self, rule: &RuleInfo, subject: &SubjectId, closes: &BTreeSet<&Fingerprint>) -> ValueParts {
        let sum = |of: &BTreeMap<&Fingerprint, f64>| amount(closes.iter().filter_map(|f| of.get(*f)).sum());
        let removes_spof = rule.domain == "SPOF";
        ValueParts {
            points: sum(&self.points),
            hours: if removes_spof { amount(self.hours.get(subject).copied().unwrap_or(0.0)) } else { 0.0 },
            interest: sum(&self.interest),
            urgency: if self.moves_first_limit(rule, subject) { self.urgency() } else { 0.0 },
        }
    }

    /// The ladder's first rung names the rule; without a name, a capacity rule on the limited subject moves it.
    fn moves_first_limit(&self, rule: &RuleInfo, subject: &SubjectId) -> bool {
        self.capacity.ladder.first().is_some_and(|rung| {
            rung.subject.id == *subject && rung.rule.as_ref().map_or(rule.domain == "CAP", |named| *named == rule.id)
        })
    }

    /// 10 × max(0, 1 − t*/90).
    fn urgency(&self) -> f64 {
        let days = self.capacity.first_limit.as_ref().and_then(|l| l.days).map(|d| d.p50);
        days.filter(|d| d.is_finite()).map_or(0.0, |d| amount(MOST_URGENT * (1.0 - d / URGENT_DAYS).clamp(0.0, 1.0)))
    }
}

/// Interest of each finding of a component; shared equally where it was not told apart.
fn interest(component: &ComponentDebt) -> Vec<(&Fingerprint, f64)> {
    if !component.by_finding.is_empty() {
        return component.by_finding.iter().map(|f| (&f.fingerprint, f.interest_weeks.p50)).collect();
    }
    let each = component.interest_weeks_per_quarter / component.findings.len().max(1) as f64;
    component.findings.iter().map(|f| (f, each)).collect()
}

/// The value of parts in thousandths: weighted sum, rounded. Weights that are not numbers or negative count as zero.
pub(crate) fn value(parts: &ValueParts, weights: &ValueWeights) -> i64 {
    let weighted = [
        (weights.points, parts.points),
        (weights.hours, parts.hours),
        (weights.interest, parts.interest),
        (weights.urgency, parts.urgency),
    ];
    let sum: f64 = weighted.into_iter().map(|(weight, part)| amount(weight) * amount(part)).sum();
    (1000.0 * amount(sum)).round().min(1e10) as i64
}

/// A published quantity: a number, not negative, 9 significant digits.
pub(crate) fn amount(x: f64) -> f64 {
    num::round9(x).max(0.0)
}

/// What leaving an item out costs, in one sentence.
pub(crate) fn cost_of_leaving(parts: &ValueParts) -> String {
    let mut costs = Vec::new();
    if parts.points >= 0.005 {
        costs.push(format!("{:.2} points of the proven score stay lost", parts.points));
    }
    if parts.hours >= 0.05 {
        costs.push(format!("{:.1} journey-hours a year stay at risk", parts.hours));
    }
    if parts.interest >= 0.005 {
        costs.push(format!("{:.2} engineer-weeks a quarter stay spent", parts.interest));
    }
    if parts.urgency > 0.0 {
        costs.push("the first limit stays where it is".to_owned());
    }
    match costs.split_last() {
        None => "Nothing that is measured is lost.".to_owned(),
        Some((last, [])) => format!("{}.", capitalised(last)),
        Some((last, rest)) => format!("{} and {last}.", capitalised(&rest.join(", "))),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
