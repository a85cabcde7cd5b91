//! Changes to try before making them.

use crate::groups;
use crate::parts::position;
use crate::system::System;
use loadline_model::{Basis, Confidence, Graph, GraphEdge, Kind, Node, Relation, SubjectId};
use serde::{Deserialize, Serialize};

/// A change to a graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum WhatIf {
    /// One more member, placed independently of the others. A thing without members becomes a group of itself and the new one, of which
    /// one must be up; a store gets a copy that does not take over by itself (see [`WhatIf::MakeAutomaticFailover`]).
    AddReplica {
        /// The group or thing.
        group: SubjectId,
    },
    /// The copies of a store take over by themselves; a store without a copy gets one.
    MakeAutomaticFailover {
        /// The store.
        store: SubjectId,
    },
    /// An instance leaves its hosts and zones and runs in this zone.
    MoveToZone {
        /// The instance.
        instance: SubjectId,
        /// The zone.
        zone: SubjectId,
    },
    /// A hard dependency becomes soft.
    Soften {
        /// Who needs.
        from: SubjectId,
        /// What it needs.
        to: SubjectId,
    },
}

/// The graph after a change; unchanged when it names something the graph does not hold. Tiers stay as they were.
pub fn with_change(graph: &Graph, change: &WhatIf) -> Graph {
    let mut changed = graph.clone();
    match change {
        WhatIf::AddReplica { group } => add_replica(&mut changed, group),
        WhatIf::MakeAutomaticFailover { store } => fail_over(&mut changed, store),
        WhatIf::MoveToZone { instance, zone } => move_to(&mut changed, instance, zone),
        WhatIf::Soften { from, to } => {
            for edge in changed.edges.iter_mut().filter(|e| e.from == *from && e.to == *to) {
                if let Relation::DependsOn { hard } = &mut edge.relation {
                    *hard = false;
                }
            }
        }
    }
    changed.nodes.sort_by(|a, b| a.id.cmp(&b.id));
    changed.edges.sort();
    changed.edges.dedup();
    let system = System::new(&changed);
    for (journey, wanted) in changed.journeys.iter_mut().zip(&system.journeys) {
        journey.broken_model = wanted.broken;
    }
    changed
}

fn edge(from: &SubjectId, to: &SubjectId, relation: Relation) -> GraphEdge {
    GraphEdge {
        from: from.clone(),
        to: to.clone(),
        relation,
        confidence: Confidence::Declared,
        basis: Basis::Stated,
        source: "what-if".to_owned(),
    }
}

/// A node beside another, in no place yet.
fn twin(graph: &Graph, of: &Node, kind: Kind) -> Node {
    let free = |n: &usize| graph.node(&SubjectId::new(format!("{}#{n}", of.id))).is_none();
    let number = (2..).find(free).unwrap_or(2);
    Node {
        id: SubjectId::new(format!("{}#{number}", of.id)),
        kind,
        name: format!("{} ({number})", of.name),
        zone: None,
        required: None,
        members: 0,
        required_assumed: false,
        implied: false,
        ..of.clone()
    }
}

fn insert(graph: &mut Graph, node: Node) {
    let at = graph.nodes.partition_point(|n| n.id < node.id);
    graph.nodes.insert(at, node);
}

fn add_replica(graph: &mut Graph, id: &SubjectId) {
    let Some(at) = position(graph, id) else { return };
    let node = graph.nodes[at as usize].clone();
    let members = groups::members(graph).remove(&at).unwrap_or_default();
    match members.first().map(|m| graph.nodes[*m as usize].kind) {
        Some(kind) => {
            let new = twin(graph, &node, kind);
            graph.edges.push(edge(&new.id, id, Relation::MemberOf));
            insert(graph, new);
            count(graph, id, node.required);
        }
        None if node.kind.is_store() => {
            let new = twin(graph, &node, node.kind);
            graph.edges.push(edge(id, &new.id, Relation::ReplicatedTo { synchronous: None, automatic: None }));
            insert(graph, new);
        }
        None => split(graph, &node),
    }
}

/// A thing without members becomes a group: what it ran in, its first member runs in; the second is new.
fn split(graph: &mut Graph, node: &Node) {
    let first = twin(graph, node, Kind::Instance);
    for edge in graph.edges.iter_mut().filter(|e| e.from == node.id && e.relation == Relation::RunsIn) {
        edge.from = first.id.clone();
    }
    let first = Node { zone: node.zone.clone(), required: node.required, ..first };
    graph.edges.push(edge(&first.id, &node.id, Relation::MemberOf));
    insert(graph, first);
    let second = twin(graph, node, Kind::Instance);
    graph.edges.push(edge(&second.id, &node.id, Relation::MemberOf));
    insert(graph, second);
    if let Some(group) = position(graph, &node.id) {
        graph.nodes[group as usize].zone = None;
    }
    count(graph, &node.id, Some(1));
}

fn count(graph: &mut Graph, id: &SubjectId, required: Option<u32>) {
    let Some(at) = position(graph, id) else { return };
    let members = groups::members(graph).get(&at).map_or(0, |m| u32::try_from(m.len()).unwrap_or(u32::MAX));
    let node = &mut graph.nodes[at as usize];
    node.members = members;
    node.required = Some(required.unwrap_or(members).min(members));
    node.required_assumed = false;
}

fn fail_over(graph: &mut Graph, id: &SubjectId) {
    let Some(at) = position(graph, id) else { return };
    let of_store = |e: &GraphEdge| e.relation == Relation::MemberOf && e.to == *id;
    let mut sources: Vec<SubjectId> = graph.edges.iter().filter(|e| of_store(e)).map(|e| e.from.clone()).collect();
    sources.push(id.clone());
    let is_copy = |e: &GraphEdge| matches!(e.relation, Relation::ReplicatedTo { .. }) && sources.contains(&e.from);
    let mut copied = false;
    for edge in graph.edges.iter_mut().filter(|e| is_copy(e)) {
        if let Relation::ReplicatedTo { automatic, .. } = &mut edge.relation {
            *automatic = Some(true);
            copied = true;
        }
    }
    let grouped = sources.len() > 1;
    if !copied && !grouped {
        let node = graph.nodes[at as usize].clone();
        let new = twin(graph, &node, node.kind);
        graph.edges.push(edge(id, &new.id, Relation::ReplicatedTo { synchronous: None, automatic: Some(true) }));
        insert(graph, new);
    }
    if grouped {
        // One member cannot take over from itself.
        if !copied && sources.len() == 2 {
            add_replica(graph, id);
        }
        count(graph, id, Some(1));
    }
}

fn move_to(graph: &mut Graph, instance: &SubjectId, zone: &SubjectId) {
    let (Some(at), Some(to)) = (position(graph, instance), position(graph, zone)) else { return };
    if graph.nodes[to as usize].kind != Kind::Zone {
        return;
    }
    let left: Vec<SubjectId> =
        graph.nodes.iter().filter(|n| matches!(n.kind, Kind::Zone | Kind::Host)).map(|n| n.id.clone()).collect();
    graph.edges.retain(|e| e.from != *instance || e.relation != Relation::RunsIn || left.binary_search(&e.to).is_err());
    graph.edges.push(edge(instance, zone, Relation::RunsIn));
    graph.nodes[at as usize].zone = Some(zone.clone());
}
