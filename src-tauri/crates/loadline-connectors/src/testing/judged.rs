//! What the rules say about facts that a connector has just read from a real server.

use super::real_now;
use loadline_model::{
    AccountSummary, Capacity, Check, Fact, FactIndex, Growth, Inventory, Outcome, Policy, Scope, Snapshot, SubjectId,
    Topology, Trends,
};
use loadline_rules::Context;

/// The checks of one rule on these scopes and further facts, as if all were read now.
pub(crate) fn judged(rule: &str, scopes: &[Scope], more: Vec<Fact>) -> Vec<Check> {
    let facts: Vec<Fact> = scopes.iter().flat_map(|s| s.facts.clone()).chain(more).collect();
    let account = facts.first().expect("something was read").provenance.account.clone();
    let inventory = |scope: &Scope, kind| Inventory {
        account: account.clone(),
        scope: scope.name.clone(),
        kind,
        read_at: scope.finished_at,
    };
    let snapshot = Snapshot {
        taken_at: real_now(),
        accounts: vec![AccountSummary {
            id: account.clone(),
            provider: account.to_string(),
            name: account.to_string(),
            connected: true,
            collected_at: Some(real_now()),
        }],
        inventories: scopes.iter().flat_map(|s| s.inventories.iter().map(|k| inventory(s, *k))).collect(),
        gaps: scopes.iter().flat_map(|s| s.gaps.clone()).collect(),
        facts,
        ..Snapshot::default()
    };
    let index = FactIndex::new(&snapshot);
    let capacity = Capacity {
        growth: Growth { monthly: None, weeks: 0, peak: None, missing: None },
        utilisation: vec![],
        limits: vec![],
        first_limit: None,
        ladder: vec![],
        unmeasured: vec![],
        families: vec![],
        zone_loss: vec![],
        pools: vec![],
    };
    let (topology, trends, policy) = (Topology::default(), Trends::default(), Policy::default());
    let context = Context::new(&index, (&topology, &capacity, &trends), &policy, real_now());
    loadline_rules::evaluate(&context).into_iter().filter(|c| c.rule.as_str() == rule).collect()
}

/// The sentence and remedy of the failing check about a subject; `None` when it does not fail.
pub(crate) fn failing(checks: &[Check], subject: &SubjectId) -> Option<(String, String)> {
    let check = checks.iter().find(|c| c.subject.id == *subject)?;
    matches!(check.result.outcome, Outcome::Fail { .. })
        .then(|| (check.result.sentence.clone(), check.result.remedy.clone().unwrap_or_default()))
}
