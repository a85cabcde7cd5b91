//! What users do: declared journeys, or the one implicit journey (`scoring.md` §1.5).

use crate::edges::needs_edge;
use crate::implied::hides_ways;
use crate::parts::position;
use crate::reach;
use loadline_model::{
    Confidence, Environment, FactIndex, Gap, GapReason, Graph, Journey, Kind, Relation, SubjectId, key,
};
use std::collections::BTreeSet;

/// Id of the implicit journey.
pub(crate) const IMPLICIT: &str = "journey:all";

/// Adds the journeys to a graph, and says what is missing when nobody declared one.
pub(crate) fn add(index: &FactIndex<'_>, graph: &mut Graph) -> Vec<Gap> {
    let declared = declared(index, graph);
    if declared.is_empty() {
        return implicit(graph, hides_ways(index));
    }
    graph.journeys = declared;
    let unmapped = graph.journeys.iter().filter(|j| j.needs.is_empty());
    unmapped
        .map(|j| {
            let detail = format!("nothing says what the journey `{}` needs", j.name);
            gap(detail, "Declare what it needs (loadline journeys set NAME --needs SUBJECT…).", Some(j.id.clone()))
        })
        .collect()
}

fn gap(detail: String, closes: &str, subject: Option<SubjectId>) -> Gap {
    Gap {
        account: None,
        scope: "journeys".to_owned(),
        reason: GapReason::UnmappedSubject,
        detail,
        closes: closes.to_owned(),
        hides: Vec::new(),
        subject,
    }
}

fn declared(index: &FactIndex<'_>, graph: &Graph) -> Vec<Journey> {
    let mut journeys: Vec<Journey> = index
        .of_kind(Kind::Journey)
        .map(|(id, resource)| Journey {
            id: id.clone(),
            name: if resource.name.is_empty() { id.to_string() } else { resource.name.clone() },
            weight: 0.0,
            critical: index.flag(id, key::JOURNEY_CRITICAL).is_none_or(|(critical, _)| critical),
            needs: graph
                .edges
                .iter()
                .filter(|e| e.from == *id && e.relation == Relation::Needs)
                .map(|e| e.to.clone())
                .collect(),
            broken_model: false,
            implicit: false,
        })
        .collect();
    let said: Vec<Option<f64>> = journeys
        .iter()
        .map(|j| index.number(&j.id, key::JOURNEY_WEIGHT).map(|(w, _)| w).filter(|w| w.is_finite() && *w >= 0.0))
        .collect();
    for (journey, weight) in journeys.iter_mut().zip(shares(&said)) {
        journey.weight = weight;
    }
    journeys
}

/// Shares that sum to 1. A journey without weight weighs as much as the mean of the others; all equal when none has one.
pub(crate) fn shares(said: &[Option<f64>]) -> Vec<f64> {
    let known: Vec<f64> = said.iter().flatten().copied().collect();
    let mean = if known.is_empty() { 1.0 } else { known.iter().sum::<f64>() / known.len() as f64 };
    let weights: Vec<f64> = said.iter().map(|w| w.unwrap_or(mean)).collect();
    let total: f64 = weights.iter().sum();
    if !(total.is_finite() && total > 0.0) {
        return vec![1.0 / said.len().max(1) as f64; said.len()];
    }
    weights.iter().map(|w| w / total).collect()
}

/// One journey that needs everything users reach; with no entry, or where a part of their way could not be read, also every
/// production service and store, by inference.
fn implicit(graph: &mut Graph, hidden: bool) -> Vec<Gap> {
    let reached: BTreeSet<SubjectId> = reached_needs(graph).into_iter().collect();
    let assumed = if reached.is_empty() || hidden { everything(graph) } else { Vec::new() };
    let needs: BTreeSet<SubjectId> = reached.iter().cloned().chain(assumed).collect();
    if needs.is_empty() {
        return vec![no_journey("no entry point, service or store is known, so nothing can be said of users")];
    }
    let id = SubjectId::new(IMPLICIT);
    // What nobody saw is needed by inference only, however its way is known.
    let certain = |to: &SubjectId| reached.contains(to) && graph.node(to).is_some_and(|n| !n.implied);
    let confidence = |to| if certain(to) { Confidence::Declared } else { Confidence::Inferred };
    let edges: Vec<_> = needs.iter().map(|to| needs_edge(&id, to, confidence(to))).collect();
    graph.edges.extend(edges);
    graph.edges.sort();
    graph.journeys = vec![Journey {
        id,
        name: "all".to_owned(),
        weight: 1.0,
        critical: true,
        needs: needs.into_iter().collect(),
        broken_model: false,
        implicit: true,
    }];
    let detail = match (reached.is_empty(), hidden) {
        (false, false) => {
            "no journey is declared, so one journey is assumed to need everything reachable from the entry points"
        }
        (false, true) => {
            "no journey is declared and a part of users' way could not be read, so every production service and store is assumed to be needed"
        }
        (true, _) => {
            "no journey and no entry point is known, so every production service and store is assumed to be needed"
        }
    };
    vec![no_journey(detail)]
}

fn no_journey(detail: &str) -> Gap {
    gap(
        detail.to_owned(),
        "Declare what users do (loadline journeys set NAME --weight W --needs SUBJECT…), or connect DNS, CDN or load balancer.",
        None,
    )
}

/// Members and copies: they are judged by the arithmetic of what they belong to, not needed one by one.
fn parts_of_something(graph: &Graph) -> BTreeSet<&SubjectId> {
    let part = |e: &loadline_model::GraphEdge| match e.relation {
        Relation::MemberOf => Some(e.from.clone()),
        Relation::ReplicatedTo { .. } => Some(e.to.clone()),
        _ => None,
    };
    let ids: BTreeSet<SubjectId> = graph.edges.iter().filter_map(part).collect();
    graph.nodes.iter().map(|n| &n.id).filter(|id| ids.contains(*id)).collect()
}

fn reached_needs(graph: &Graph) -> Vec<SubjectId> {
    let serves = reach::serves(graph, &|id| position(graph, id));
    let sources: Vec<u32> = reach::entries(graph, &serves).into_iter().flatten().collect();
    if sources.is_empty() {
        return Vec::new();
    }
    let leads = reach::leads_hard(graph);
    let reached = leads.reached(sources);
    let parts = parts_of_something(graph);
    let is_need = |i: &usize| {
        let node = &graph.nodes[*i];
        let front = matches!(node.kind, Kind::Entrypoint | Kind::Dns | Kind::Cdn | Kind::LoadBalancer | Kind::Gateway);
        let last = leads.of(*i as u32).is_empty();
        reached[*i] && !parts.contains(&node.id) && (!front || last)
    };
    (0..graph.nodes.len()).filter(is_need).map(|i| graph.nodes[i].id.clone()).collect()
}

fn everything(graph: &Graph) -> Vec<SubjectId> {
    let parts = parts_of_something(graph);
    let wanted = |kind: Kind| kind == Kind::Service || kind.is_store();
    let production = graph.nodes.iter().filter(|n| n.environment == Environment::Production && wanted(n.kind));
    production.map(|n| n.id.clone()).filter(|id| !parts.contains(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_one_and_default_to_equal() {
        assert_eq!(shares(&[None, None]), vec![0.5, 0.5]);
        assert_eq!(shares(&[Some(1.0), Some(3.0)]), vec![0.25, 0.75]);
        assert_eq!(shares(&[Some(2.0), None]), vec![0.5, 0.5]);
        assert_eq!(shares(&[Some(0.0), Some(0.0)]), vec![0.5, 0.5]);
        assert!(shares(&[]).is_empty());
    }
}
