//! Examples of `scoring.md`, its properties, and the ten laws of readiness.

mod debt;
mod decompose;
mod examples;
mod gates;
mod laws;
mod ledger;
mod properties;

use crate::{Situation, rate};
use loadline_model::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A rule with the parts that scoring reads.
fn rule(id: &str, weight: u32, effort_days: [f64; 2]) -> RuleInfo {
    RuleInfo {
        id: id.into(),
        domain: RuleId::from(id).family().to_owned(),
        title: format!("title of {id}"),
        question: String::new(),
        why: String::new(),
        condition: String::new(),
        fix: Vec::new(),
        effort_days,
        effort_source: "HD".into(),
        weight,
        severity: "critical for T0, high otherwise".into(),
        escalation: Escalation::None,
        data_safety: false,
        organisation: false,
        subjects: Vec::new(),
        thresholds: Vec::new(),
        sources: Vec::new(),
        proof_metric: String::new(),
        proof: String::new(),
        false_positives: String::new(),
        unknown_when: String::new(),
        prerequisites: Vec::new(),
    }
}

fn subject(name: &str) -> SubjectRef {
    SubjectRef { id: name.into(), kind: Some(Kind::Service), name: name.into(), account: None, region: None }
}

fn exposed(e: f64) -> Exposure {
    Exposure { low: e, high: e, known: true }
}

fn check_of(rule: &str, on: &str, result: CheckResult, exposure: Exposure) -> Check {
    let (rule, subject) = (RuleId::from(rule), subject(on));
    let fingerprint = Fingerprint::of(&rule, &subject.id, "");
    Check { rule, subject, fingerprint, result, base_severity: None, escalation: Vec::new(), exposure }
}

fn pass(rule: &str, on: &str) -> Check {
    check_of(rule, on, CheckResult::pass("fine", Vec::new()), exposed(1.0))
}

fn fail(rule: &str, on: &str, severity: Severity, e: f64) -> Check {
    let evidence = vec![Evidence::derived("seen", "bad")];
    check_of(rule, on, CheckResult::fail(severity, "bad", evidence), exposed(e))
}

fn unknown(rule: &str, on: &str) -> Check {
    check_of(rule, on, CheckResult::unknown(GapReason::PermissionDenied, "denied", "grant it"), Exposure::UNKNOWN)
}

fn absent(rule: &str, on: &str) -> Check {
    check_of(rule, on, CheckResult::not_applicable("there is none"), exposed(1.0))
}

fn no_capacity() -> Capacity {
    Capacity {
        growth: Growth { monthly: None, weeks: 0, peak: None, missing: None },
        utilisation: Vec::new(),
        limits: Vec::new(),
        first_limit: None,
        ladder: Vec::new(),
        unmeasured: Vec::new(),
        families: Vec::new(),
        zone_loss: Vec::new(),
        pools: Vec::new(),
    }
}

/// Rates without topology and capacity, with the default policy.
fn rated(checks: &[Check], rules: &[RuleInfo]) -> Score {
    rated_with(checks, rules, &Policy::default())
}

fn rated_with(checks: &[Check], rules: &[RuleInfo], policy: &Policy) -> Score {
    rate(checks, rules, &Situation { topology: &Topology::default(), capacity: &no_capacity(), policy })
}

/// The rules of the random scenarios: five domains, different weights.
fn catalog() -> Vec<RuleInfo> {
    [
        ("SPOF-001", 5),
        ("SPOF-002", 3),
        ("DATA-001", 5),
        ("DATA-004", 5),
        ("DB-003", 2),
        ("DB-007", 1),
        ("OBS-001", 3),
        ("PPL-001", 2),
    ]
    .into_iter()
    .map(|(id, weight)| rule(id, weight, [1.0, 4.0]))
    .collect()
}

/// What a random check answers; `Absent` is not generated where applicability must stay as it is.
fn answer() -> impl Strategy<Value = CheckResult> {
    prop_oneof![
        2 => Just(CheckResult::pass("fine", Vec::new())),
        3 => severity().prop_map(|s| CheckResult::fail(s, "bad", vec![Evidence::derived("seen", "bad")])),
        2 => Just(CheckResult::unknown(GapReason::Stale, "old", "collect again")),
    ]
}

fn severity() -> impl Strategy<Value = Severity> {
    prop_oneof![Just(Severity::Low), Just(Severity::Medium), Just(Severity::High), Just(Severity::Critical)]
}

/// Known exactly, or an interval with e_max = 1.
fn exposure() -> impl Strategy<Value = Exposure> {
    prop_oneof![
        3 => (1u32..=20).prop_map(|n| exposed(f64::from(n) / 20.0)),
        1 => (1u32..=20).prop_map(|n| Exposure { low: f64::from(n) / 20.0, high: 1.0, known: false }),
    ]
}

/// Checks of the catalog on four subjects, at most one per rule and subject, in rule order.
fn checks() -> impl Strategy<Value = Vec<Check>> {
    let rules: Vec<String> = catalog().iter().map(|r| r.id.to_string()).collect();
    let one = (0..rules.len(), 0usize..4, answer(), exposure());
    prop::collection::vec(one, 1..24).prop_map(move |picked| {
        let checks =
            picked.into_iter().map(|(r, s, result, exposure)| check_of(&rules[r], &format!("s{s}"), result, exposure));
        checks.map(|c| (c.fingerprint.clone(), c)).collect::<BTreeMap<_, _>>().into_values().collect()
    })
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() }
}

/// The same check with another answer.
fn answered(check: &Check, result: CheckResult) -> Check {
    Check { result, ..check.clone() }
}
