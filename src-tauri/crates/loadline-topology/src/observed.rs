//! What was observed of each thing's failures and repairs, and the risk that follows with its prior.

use crate::hours::{Evidence, Posterior, Risk};
use crate::priors::{Prior, Traits, prior_of};
use crate::recovery::Recovery;
use crate::system::System;
use loadline_model::{
    Deployment, FactIndex, Graph, HOURS_PER_YEAR, Incident, Relation, SubjectId, TestRun, Timestamp, key,
};
use std::collections::{BTreeMap, BTreeSet};

/// Longest history that counts, in years: older failures say little of today's system.
const LONGEST_YEARS: f64 = 5.0;

/// Failures and repairs by subject, and how long they have been recorded.
struct History {
    years: f64,
    incidents: BTreeMap<SubjectId, Evidence>,
}

/// The risk of every node, and the sentence that says what it rests on.
pub(crate) fn risks(index: &FactIndex<'_>, graph: &Graph, system: &System, recovery: &Recovery) -> Vec<(Risk, String)> {
    let history = History::of(index);
    let alone = only_members(graph, system);
    let mut posterior = Posterior::default();
    graph
        .nodes
        .iter()
        .zip(0u32..)
        .map(|(node, v)| {
            let stands_alone = system.function[v as usize] == v && !system.is_group[v as usize];
            let prior = prior_of(node, traits(index, &node.id, stands_alone));
            let evidence = history.about(&node.id, alone.get(&v).map(|group| &graph.nodes[*group as usize].id));
            let (factor, why) = recovery.factor(system, v);
            let risk = posterior.risk(prior, &evidence, factor);
            let assumption = assumption(prior, &evidence, &risk, &why);
            (risk, assumption)
        })
        .collect()
}

fn traits(index: &FactIndex<'_>, id: &SubjectId, stands_alone: bool) -> Traits {
    let on = |k: &str| matches!(index.flag(id, k), Some((true, _)));
    let renewals: Vec<bool> = index.facts::<loadline_model::Expiry>(id).filter_map(|(e, _)| e.automatic).collect();
    Traits {
        failover: stands_alone && (on(key::AUTOMATIC_FAILOVER) || on(key::QUEUE_REPLICATED)),
        platform: on(key::PLATFORM_REDUNDANT),
        entry_managed: index.flag(id, key::ENTRY_MANAGED).map(|(managed, _)| managed),
        renews: !renewals.is_empty() && renewals.iter().all(|r| *r),
    }
}

/// Groups of one member: what is said of the group is said of the member.
fn only_members(graph: &Graph, system: &System) -> BTreeMap<u32, u32> {
    let mut alone = BTreeMap::new();
    for edge in graph.edges.iter().filter(|e| e.relation == Relation::MemberOf) {
        if let (Some(member), Some(group)) = (system.node(&edge.from), system.node(&edge.to))
            && graph.nodes[group as usize].members == 1
        {
            alone.insert(member, group);
        }
    }
    alone
}

impl History {
    fn of(index: &FactIndex<'_>) -> Self {
        let now = index.snapshot().taken_at;
        let deployments: BTreeSet<&str> = index.all::<Deployment>().map(|(_, d, _)| d.id.as_str()).collect();
        let mut incidents: BTreeMap<SubjectId, Evidence> = BTreeMap::new();
        let mut first: Option<Timestamp> = None;
        let mut counted = BTreeSet::new();
        for (id, incident, _) in index.all::<Incident>().filter(|(_, i, _)| i.started_at <= now) {
            first = Some(first.map_or(incident.started_at, |f| f.min(incident.started_at)));
            let old = now.days_since(incident.started_at) * 24.0 > LONGEST_YEARS * HOURS_PER_YEAR;
            // Outages that a deployment caused are a term of their own.
            let deployed = incident.caused_by.as_deref().is_some_and(|cause| deployments.contains(cause));
            if old || deployed || !counted.insert((id.clone(), incident.id.clone())) {
                continue;
            }
            let entry = incidents.entry(id.clone()).or_default();
            entry.failures += 1;
            entry.repairs.extend(incident.resolved_at.map(|end| end.hours_since(incident.started_at)));
        }
        for (id, test, _) in index.all::<TestRun>() {
            let counts = test.kind.is_drill() && test.passed && test.at <= now;
            if let Some(seconds) = test.recovery_s.filter(|_| counts) {
                incidents.entry(id.clone()).or_default().repairs.push(seconds / 3600.0);
            }
        }
        let years = first.map_or(0.0, |f| (now.hours_since(f) / HOURS_PER_YEAR).clamp(0.0, LONGEST_YEARS));
        Self { years, incidents }
    }

    fn about(&self, id: &SubjectId, group: Option<&SubjectId>) -> Evidence {
        let mut evidence = Evidence { years: self.years, ..Evidence::default() };
        for said in [Some(id), group].into_iter().flatten().filter_map(|id| self.incidents.get(id)) {
            evidence.failures += said.failures;
            evidence.repairs.extend_from_slice(&said.repairs);
        }
        evidence
    }
}

/// `1 failure`, `2 failures`, `0.4 failures`.
fn counted(number: String, noun: &str) -> String {
    if number == "1" { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn assumption(prior: &Prior, evidence: &Evidence, risk: &Risk, why: &[String]) -> String {
    let mut said = format!(
        "{} a year, {} h mean repair; prior of a {}: {} a year, median {} h",
        counted(number(risk.rate), "failure"),
        number(risk.repair),
        prior.name,
        number(prior.rate),
        number(prior.median_hours),
    );
    if evidence.years > 0.0 {
        let incidents = counted(evidence.failures.to_string(), "incident");
        said.push_str(&format!("; {incidents} in {}", counted(number(evidence.years), "year")));
    } else {
        said.push_str("; no incident history");
    }
    for reason in why {
        said.push_str(&format!("; {reason}"));
    }
    said.push('.');
    for warning in prior.warnings() {
        said.push(' ');
        said.push_str(&warning);
    }
    said
}

fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
