//! The exact worth of a set of items: score and topology again, with the set's findings closed.

use loadline_model::{
    Capacity, Check, Fingerprint, Item, ItemId, Outcome, Policy, Revalue, RuleInfo, Score, SetValue, SubjectId,
    Topology,
};
use loadline_score::Situation;
use std::collections::{BTreeMap, BTreeSet};

/// Re-values sets against one assessment.
pub struct Whole<'a> {
    items: BTreeMap<&'a ItemId, &'a Item>,
    checks: &'a [Check],
    rules: &'a [RuleInfo],
    topology: &'a Topology,
    capacity: &'a Capacity,
    policy: &'a Policy,
    score: &'a Score,
}

impl<'a> Whole<'a> {
    /// Borrows what an assessment has concluded so far.
    pub fn new(
        items: &'a [Item],
        checks: &'a [Check],
        rules: &'a [RuleInfo],
        topology: &'a Topology,
        capacity: &'a Capacity,
        policy: &'a Policy,
        score: &'a Score,
    ) -> Self {
        Self { items: items.iter().map(|i| (&i.id, i)).collect(), checks, rules, topology, capacity, policy, score }
    }

    fn hours_avoided(&self, closed: &BTreeSet<&Fingerprint>) -> f64 {
        // A single point of failure is gone when every failing SPOF judgement about it is closed.
        let mut open: BTreeSet<&SubjectId> = BTreeSet::new();
        let mut touched: BTreeSet<&SubjectId> = BTreeSet::new();
        for check in
            self.checks.iter().filter(|c| c.rule.family() == "SPOF" && matches!(c.result.outcome, Outcome::Fail { .. }))
        {
            if closed.contains(&check.fingerprint) {
                touched.insert(&check.subject.id);
            } else {
                open.insert(&check.subject.id);
            }
        }
        self.topology
            .spofs
            .iter()
            .filter(|s| touched.contains(&s.subject.id) && !open.contains(&s.subject.id))
            .map(|s| s.hours_per_year.p50)
            .sum()
    }
}

impl Revalue for Whole<'_> {
    fn revalue(&self, items: &BTreeSet<ItemId>) -> SetValue {
        let closed: BTreeSet<&Fingerprint> =
            items.iter().filter_map(|id| self.items.get(id)).flat_map(|item| item.closes.iter()).collect();
        let mut after = self.checks.to_vec();
        for check in after.iter_mut().filter(|c| closed.contains(&c.fingerprint)) {
            check.result.outcome = Outcome::Pass;
        }
        let situation = Situation { topology: self.topology, capacity: self.capacity, policy: self.policy };
        let score = loadline_score::rate(&after, self.rules, &situation);
        let gained = score.proven_micro.0 - self.score.proven_micro.0;
        SetValue { points: gained as f64 / 1e6, hours: loadline_model::num::round9(self.hours_avoided(&closed)) }
    }
}
