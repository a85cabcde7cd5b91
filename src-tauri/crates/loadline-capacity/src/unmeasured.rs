//! Tiers whose headroom nobody measures: the true first limit may hide there.

use crate::utilisation::subject_ref;
use loadline_model::{
    Environment, FactIndex, Graph, Kind, Limited, Node, Relation, SubjectId, Unmeasured, Utilisation, key,
};
use std::collections::BTreeSet;

/// What is missing per production tier and what would measure it, by subject, then resource.
pub(crate) fn unmeasured(
    index: &FactIndex,
    graph: &Graph,
    utilisation: &[Utilisation],
    elastic: &[Utilisation],
) -> Vec<Unmeasured> {
    let measured: BTreeSet<(&SubjectId, Limited)> = utilisation.iter().map(|u| (&u.subject.id, u.limited)).collect();
    let mut missing: Vec<Unmeasured> = Vec::new();
    for node in graph.nodes.iter().filter(|n| n.environment == Environment::Production) {
        let shares_load = places(graph, &node.id);
        for limited in expected(index, graph, node) {
            if !shares_load.iter().any(|id| measured.contains(&(id, limited))) {
                let subject = if node.implied { named(node) } else { subject_ref(index, &node.id) };
                missing.push(Unmeasured { subject, resource: limited, closes: closes(node, limited) });
            }
        }
    }
    missing.extend(elastic.iter().map(|u| Unmeasured {
        subject: u.subject.clone(),
        resource: u.limited,
        closes: "The autoscaler keeps it near its target. A load test at six member counts shows what its maximum carries.".to_owned(),
    }));
    missing.sort_by(|a, b| a.subject.id.cmp(&b.subject.id).then(a.resource.cmp(&b.resource)));
    missing.dedup_by(|a, b| a.subject.id == b.subject.id && a.resource == b.resource);
    missing
}

fn named(node: &Node) -> loadline_model::SubjectRef {
    loadline_model::SubjectRef {
        id: node.id.clone(),
        kind: Some(node.kind),
        name: node.name.clone(),
        account: node.account.clone(),
        region: node.region.clone(),
    }
}

/// Limits that a tier of this kind has.
fn expected(index: &FactIndex, graph: &Graph, node: &Node) -> Vec<Limited> {
    match node.kind {
        Kind::Service if index.flag(&node.id, key::PLATFORM_REDUNDANT).is_some_and(|(on, _)| on) => {
            vec![Limited::Quota]
        }
        Kind::Service => vec![Limited::Cpu, Limited::Memory],
        // A member is measured with its group.
        Kind::Instance if !targets(graph, &node.id, |r| *r == Relation::MemberOf).is_empty() => Vec::new(),
        Kind::Instance => vec![Limited::Cpu, Limited::Memory],
        Kind::Database => vec![Limited::Cpu, Limited::Memory, Limited::Disk, Limited::Connections],
        Kind::Cache => vec![Limited::Memory],
        Kind::Queue => vec![Limited::QueueDrain],
        _ => Vec::new(),
    }
}

/// The thing, its members, and the hosts they run in: a measurement at any of them counts.
fn places(graph: &Graph, id: &SubjectId) -> BTreeSet<SubjectId> {
    let members =
        graph.edges.iter().filter(|e| e.relation == Relation::MemberOf && e.to == *id).map(|e| e.from.clone());
    let mut all: BTreeSet<SubjectId> = std::iter::once(id.clone()).chain(members).collect();
    let hosts: Vec<SubjectId> = all
        .iter()
        .flat_map(|id| targets(graph, id, |r| *r == Relation::RunsIn))
        .filter(|id| graph.node(id).is_some_and(|n| matches!(n.kind, Kind::Host | Kind::Instance)))
        .collect();
    all.extend(hosts);
    all
}

fn targets(graph: &Graph, id: &SubjectId, relation: impl Fn(&Relation) -> bool) -> Vec<SubjectId> {
    graph.edges_from(id).iter().filter(|e| relation(&e.relation)).map(|e| e.to.clone()).collect()
}

fn closes(node: &Node, limited: Limited) -> String {
    if node.implied {
        return format!("Connect the account that runs the {}.", node.kind);
    }
    let what = match (node.kind, limited) {
        (Kind::Database, Limited::Connections) => {
            return "Connect the database itself with a monitoring role: connections in use and their maximum."
                .to_owned();
        }
        (Kind::Queue, _) => {
            return "Connect a source of messages published and consumed a second for the queue.".to_owned();
        }
        (_, Limited::Quota) => return "Connect the cloud account with the right to read service quotas.".to_owned(),
        (_, Limited::Cpu) => "CPU use",
        (_, Limited::Memory) => "memory use and its limit",
        (_, Limited::Disk) => "disk use and its size",
        _ => "its use and limit",
    };
    let host = if node.managed == Some(true) {
        "the provider's metrics"
    } else {
        "host or container metrics, such as Prometheus"
    };
    format!("Connect {host}: {what} of the {}.", node.kind)
}
