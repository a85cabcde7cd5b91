//! What the rules say about facts that a connector has just read from a real server.

use super::real_now;
use loadline_model::{
    AccountSummary, Basis, Body, Check, Confidence, Edge, Environment, Fact, FactIndex, Inventory, Kind, Outcome,
    Policy, Provenance, Relation, Resource, Scope, Snapshot, SubjectId, Timestamp, Value, key,
};
use loadline_rules::Context;
use std::collections::BTreeSet;

/// The checks of one rule on these scopes and further facts, as if all were read now.
pub(crate) fn judged(rule: &str, scopes: &[Scope], more: Vec<Fact>) -> Vec<Check> {
    assessed(scopes, more).into_iter().filter(|c| c.rule.as_str() == rule).collect()
}

/// The checks of every rule on these scopes and further facts, as if all were read now, through the stages before it.
pub(crate) fn assessed(scopes: &[Scope], more: Vec<Fact>) -> Vec<Check> {
    let first = scopes.iter().flat_map(|s| &s.facts).chain(&more).next().expect("something was read");
    let reader = first.provenance.account.clone();
    let of = |scope: &Scope| scope.facts.first().map_or_else(|| reader.clone(), |f| f.provenance.account.clone());
    let inventory = |scope: &Scope, kind| Inventory {
        account: of(scope),
        scope: scope.name.clone(),
        kind,
        read_at: scope.finished_at,
    };
    let inventories = scopes.iter().flat_map(|s| s.inventories.iter().map(|k| inventory(s, *k))).collect();
    let facts: Vec<Fact> = scopes.iter().flat_map(|s| s.facts.clone()).chain(more).collect();
    let accounts: BTreeSet<_> = facts.iter().map(|f| f.provenance.account.clone()).collect();
    let summary = |id: loadline_model::AccountId| AccountSummary {
        provider: id.to_string(),
        name: id.to_string(),
        id,
        connected: true,
        collected_at: Some(real_now()),
    };
    let snapshot = Snapshot {
        taken_at: real_now(),
        accounts: accounts.into_iter().map(summary).collect(),
        inventories,
        gaps: scopes.iter().flat_map(|s| s.gaps.clone()).collect(),
        facts,
        ..Snapshot::default()
    };
    let (index, policy) = (FactIndex::new(&snapshot), Policy::default());
    let topology = loadline_topology::analyse(&index);
    let trends = loadline_stats::trends(&index, &policy);
    let capacity = loadline_capacity::assess(&index, &topology, &trends, &policy);
    let context = Context::new(&index, (&topology, &capacity, &trends), &policy, real_now());
    loadline_rules::evaluate(&context)
}

/// The sentence and remedy of the failing check about a subject; `None` when it does not fail.
pub(crate) fn failing(checks: &[Check], subject: &SubjectId) -> Option<(String, String)> {
    let check = checks.iter().find(|c| c.subject.id == *subject)?;
    matches!(check.result.outcome, Outcome::Fail { .. })
        .then(|| (check.result.sentence.clone(), check.result.remedy.clone().unwrap_or_default()))
}

/// What failed, a line each: rule, sentence, evidence and remedy.
pub(crate) fn findings(checks: &[Check]) -> Vec<String> {
    let failed = checks.iter().filter(|c| matches!(c.result.outcome, Outcome::Fail { .. }));
    let line = |c: &Check| {
        let rows: Vec<String> = c.result.evidence.iter().map(|e| format!("{}: {}", e.label, e.value)).collect();
        let remedy = c.result.remedy.as_deref().unwrap_or_default();
        format!("{} {} [{}] {remedy}", c.rule, c.result.sentence, rows.join("; "))
    };
    failed.map(line).collect()
}

/// A service in production that cannot do without this store, as source code or traces would show it.
pub(crate) fn user_of(store: &SubjectId, scopes: &[Scope]) -> Vec<Fact> {
    let read_at = scopes.iter().map(|s| s.finished_at).max().unwrap_or(Timestamp(0));
    let provenance = Provenance { account: "code".into(), call: "code".into(), read_at, basis: Basis::Measured };
    let needs =
        Edge { relation: Relation::DependsOn { hard: true }, to: store.clone(), confidence: Confidence::Observed };
    let service = Resource { environment: Some(Environment::Production), ..Resource::new(Kind::Service, "api") };
    let seen = |body: Body| Fact { subject: "api".into(), body, provenance: provenance.clone() };
    vec![seen(service.into()), seen(needs.into())]
}

/// The same counters, said to have been counted for so many hours, of statements and of tables: a test cannot wait a day
/// for what takes one, so the beginning alone is moved, never a count.
pub(crate) fn counted_for(statements: f64, tables: f64, scopes: &mut [Scope]) {
    for scope in scopes {
        let before = |hours: f64| Some(scope.finished_at.plus_hours(-(hours as i64)));
        let (of_statements, since) = (before(statements), before(tables));
        for fact in &mut scope.facts {
            match &mut fact.body {
                Body::QueryStat(stat) => stat.since = of_statements,
                Body::TableStat(stat) => stat.since = since,
                Body::IndexStat(stat) => stat.since = since,
                Body::Setting(s) if s.key == key::STATEMENT_WINDOW_HOURS => s.value = Value::Number(statements),
                Body::Setting(s) if s.key == key::STATISTICS_WINDOW_HOURS => s.value = Value::Number(tables),
                _ => {}
            }
        }
    }
}
