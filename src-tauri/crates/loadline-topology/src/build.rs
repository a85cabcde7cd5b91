//! Facts to graph.

use crate::edges::{merged, same_as, shown};
use crate::implied::{kind_of_source, kind_of_target};
use crate::system::System;
use crate::{groups, journeys, tiers};
use loadline_model::{
    Basis, Confidence, Environment, FactIndex, Gap, Graph, GraphEdge, Kind, Node, Relation, Resource, SubjectId, Tier,
    key,
};
use std::collections::{BTreeMap, BTreeSet};

/// The graph of a snapshot: nodes in id order, edges in order and each once, journeys in id order with weights that sum to 1.
/// Tables, endpoints and modules are nodes only when a journey or a dependency names them.
pub fn build(index: &FactIndex<'_>) -> Graph {
    build_with_gaps(index).0
}

/// The graph and what it could not map.
pub(crate) fn build_with_gaps(index: &FactIndex<'_>) -> (Graph, Vec<Gap>) {
    let mut edges = merged(index, &same_as(index));
    let mut nodes = known_nodes(index, &edges);
    imply(index, &edges, &mut nodes);
    imply_behind_balancers(index, &mut edges, &mut nodes);
    let is_end = |e: &GraphEdge| {
        let from = nodes.contains_key(&e.from) || (e.relation == Relation::Needs && is_journey(index, &e.from));
        from && nodes.contains_key(&e.to) && e.relation != Relation::SameAs
    };
    edges.retain(is_end);
    let mut graph = Graph { nodes: nodes.into_values().collect(), edges, journeys: Vec::new() };
    place(&mut graph);
    count_members(index, &mut graph);
    let gaps = journeys::add(index, &mut graph);
    let system = System::new(&graph);
    for (journey, wanted) in graph.journeys.iter_mut().zip(&system.journeys) {
        journey.broken_model = wanted.broken;
    }
    let tiers = tiers::derive(index, &graph, &system);
    for (node, tier) in graph.nodes.iter_mut().zip(tiers) {
        node.tier = tier;
    }
    (graph, gaps)
}

fn is_journey(index: &FactIndex<'_>, id: &SubjectId) -> bool {
    index.resource(id).is_some_and(|r| r.kind == Kind::Journey)
}

fn known_nodes(index: &FactIndex<'_>, edges: &[GraphEdge]) -> BTreeMap<SubjectId, Node> {
    let named: BTreeSet<&SubjectId> = edges
        .iter()
        .filter(|e| matches!(e.relation, Relation::Needs | Relation::DependsOn { .. }))
        .map(|e| &e.to)
        .collect();
    let belongs = |id: &SubjectId, kind: Kind| match kind {
        Kind::Journey => false,
        Kind::Table | Kind::Endpoint | Kind::Module => named.contains(id),
        _ => true,
    };
    index.resources().filter(|(id, r)| belongs(id, r.kind)).map(|(id, r)| (id.clone(), node(index, id, r))).collect()
}

fn node(index: &FactIndex<'_>, id: &SubjectId, resource: &Resource) -> Node {
    Node {
        id: id.clone(),
        kind: resource.kind,
        name: if resource.name.is_empty() { id.to_string() } else { resource.name.clone() },
        account: index.provenance(id).map(|p| p.account.clone()),
        region: resource.region.clone(),
        zone: None,
        environment: resource.environment.unwrap_or(Environment::Production),
        tier: Tier::T2,
        required: None,
        members: 0,
        required_assumed: false,
        implied: false,
        managed: resource.managed,
        engine: resource.engine.clone(),
    }
}

/// Adds the ends of edges nobody showed, each as one unredundant node.
fn imply(index: &FactIndex<'_>, edges: &[GraphEdge], nodes: &mut BTreeMap<SubjectId, Node>) {
    let left_out = |id: &SubjectId| index.resource(id).is_some();
    for edge in shown(edges) {
        let source = nodes.get(&edge.from).map(|n| n.kind);
        let ends =
            [(&edge.from, kind_of_source(edge.relation)), (&edge.to, kind_of_target(edge.relation, &edge.to, source))];
        for (id, kind) in ends {
            if kind != Kind::Journey && !nodes.contains_key(id) && !left_out(id) {
                let implied = Resource::new(kind, id.as_str());
                nodes.insert(id.clone(), Node { implied: true, ..node(index, id, &implied) });
            }
        }
    }
}

/// A balancer exists for a service. Where nobody shows which, nor that it has no targets, there is one that is not
/// redundant until shown otherwise.
fn imply_behind_balancers(index: &FactIndex<'_>, edges: &mut Vec<GraphEdge>, nodes: &mut BTreeMap<SubjectId, Node>) {
    let serving: BTreeSet<&SubjectId> =
        edges.iter().filter(|e| e.relation == Relation::Serves).map(|e| &e.from).collect();
    let blind = |node: &&Node| {
        let counted = index.number(&node.id, key::ENTRY_TARGETS).is_some();
        node.kind == Kind::LoadBalancer && !serving.contains(&node.id) && !counted
    };
    let unseen: Vec<Node> = nodes.values().filter(blind).cloned().collect();
    for balancer in unseen {
        let id = SubjectId(format!("{}#behind", balancer.id));
        let implied = Resource::new(Kind::Service, format!("what is behind {}", balancer.name));
        let (account, region, environment) = (balancer.account, balancer.region, balancer.environment);
        let behind = Node { implied: true, account, region, environment, ..node(index, &id, &implied) };
        edges.push(GraphEdge {
            from: balancer.id,
            to: id.clone(),
            relation: Relation::Serves,
            confidence: Confidence::Inferred,
            basis: Basis::Inferred,
            source: "a balancer serves something".to_owned(),
        });
        nodes.insert(id, behind);
    }
    edges.sort();
}

/// The one zone each node runs in, followed through hosts; none when it runs in several.
fn place(graph: &mut Graph) {
    let mut runs_in: BTreeMap<&SubjectId, Vec<&SubjectId>> = BTreeMap::new();
    for edge in graph.edges.iter().filter(|e| e.relation == Relation::RunsIn) {
        runs_in.entry(&edge.from).or_default().push(&edge.to);
    }
    let zones: Vec<Option<SubjectId>> = graph.nodes.iter().map(|n| zone_of(graph, &runs_in, &n.id)).collect();
    for (node, zone) in graph.nodes.iter_mut().zip(zones) {
        node.zone = zone;
    }
}

fn zone_of(graph: &Graph, runs_in: &BTreeMap<&SubjectId, Vec<&SubjectId>>, id: &SubjectId) -> Option<SubjectId> {
    let (mut open, mut seen, mut zones) = (vec![id], BTreeSet::new(), BTreeSet::new());
    while let Some(next) = open.pop() {
        for place in runs_in.get(next).into_iter().flatten().copied() {
            if graph.node(place).is_some_and(|n| n.kind == Kind::Zone) {
                zones.insert(place);
            } else if seen.insert(place) {
                open.push(place);
            }
        }
    }
    zones.first().filter(|_| zones.len() == 1).map(|zone| (*zone).clone())
}

/// Group arithmetic: how many members count, and how many must be up.
fn count_members(index: &FactIndex<'_>, graph: &mut Graph) {
    let counted = groups::members(graph);
    let standbys: BTreeMap<u32, usize> =
        counted.iter().map(|(group, members)| (*group, groups::standbys(graph, members))).collect();
    let places = places(graph);
    let on = |id: &SubjectId, keys: &[&str]| keys.iter().any(|k| matches!(index.flag(id, k), Some((true, _))));
    for (i, node) in graph.nodes.iter_mut().enumerate() {
        let said = index.resource(&node.id).and_then(|r| r.required_members).map(|k| k.max(1));
        let Some(members) = counted.get(&(i as u32)) else {
            let spread = on(
                &node.id,
                &[key::PLATFORM_REDUNDANT, key::AUTOMATIC_FAILOVER, key::ENTRY_MANAGED, key::EGRESS_REGIONAL],
            );
            let many = places.get(&node.id).is_some_and(|n| *n > 1);
            node.required = said.or(spread.then_some(1)).filter(|_| many);
            continue;
        };
        let n = u32::try_from(members.len()).unwrap_or(u32::MAX);
        let standby = standbys.get(&(i as u32)).map_or(0, |s| u32::try_from(*s).unwrap_or(0));
        let derived = if on(&node.id, &[key::AUTOMATIC_FAILOVER, key::PLATFORM_REDUNDANT]) {
            Some(1)
        } else {
            (standby > 0).then(|| n.saturating_sub(standby).max(1))
        };
        node.members = n;
        node.required_assumed = said.or(derived).is_none() && n > 1;
        node.required = Some(said.or(derived).unwrap_or(n));
    }
}

/// Most places of one kind each node runs in.
fn places(graph: &Graph) -> BTreeMap<SubjectId, usize> {
    let mut by_kind: BTreeMap<(&SubjectId, Kind), usize> = BTreeMap::new();
    for edge in graph.edges.iter().filter(|e| e.relation == Relation::RunsIn) {
        if let Some(place) = graph.node(&edge.to) {
            *by_kind.entry((&edge.from, place.kind)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((id, _), n) in by_kind {
        let entry: &mut usize = most.entry(id.clone()).or_default();
        *entry = n.max(*entry);
    }
    most
}
