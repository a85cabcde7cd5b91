//! What of the graph is drawn: things on the request path, groups folded until they are opened, and how they are tied.

use loadline_model::{Confidence, Environment, Graph, Kind, Node, Relation, SubjectId, Topology};
use std::collections::{BTreeMap, BTreeSet};

/// Groups start open while the whole drawing stays below this many things.
const OPEN_BELOW: usize = 30;

/// A thing on the drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub id: SubjectId,
    pub name: String,
    pub kind: Kind,
    /// The zone it (or all of its folded members) runs in.
    pub zone: Option<SubjectId>,
    /// Members and how many must be up, when it is a group.
    pub group: Option<(u32, u32)>,
    /// The members are drawn below it.
    pub open: bool,
    /// Nobody showed it.
    pub implied: bool,
    /// Share of journeys that it alone stops, and whether that is proven.
    pub spof: Option<(f64, bool)>,
}

/// How two things are tied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// A request path or a need.
    Path,
    /// Degrades only.
    Soft,
    /// Group to member.
    Member,
    /// Data is copied.
    Copy,
    /// Shared fate.
    Fate,
}

/// A line between two shapes, by index; the first needs, holds or feeds the second.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub from: usize,
    pub to: usize,
    pub tie: Tie,
    /// Concluded, not seen.
    pub inferred: bool,
}

/// A journey above everything.
#[derive(Clone, Debug, PartialEq)]
pub struct JourneyShape {
    pub name: String,
    pub weight: f64,
    /// Shapes it needs.
    pub needs: Vec<usize>,
}

/// Everything on the drawing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    pub shapes: Vec<Shape>,
    pub lines: Vec<Line>,
    /// Fragile pairs, by shape.
    pub pairs: Vec<(usize, usize)>,
    pub journeys: Vec<JourneyShape>,
    /// Zones that hold at least one shape: id and name, in id order.
    pub zones: Vec<(SubjectId, String)>,
    /// Things on the request path that nothing is tied to.
    pub loose: usize,
}

/// Members by group, both drawn kinds.
fn members(graph: &Graph) -> BTreeMap<SubjectId, Vec<SubjectId>> {
    let mut members: BTreeMap<SubjectId, Vec<SubjectId>> = BTreeMap::new();
    for edge in graph.edges.iter().filter(|e| e.relation == Relation::MemberOf) {
        members.entry(edge.to.clone()).or_default().push(edge.from.clone());
    }
    members
}

/// Groups that are open when the page opens: all of them in a small graph, none in a large one.
pub fn open_at_first(graph: &Graph) -> BTreeSet<SubjectId> {
    let groups = members(graph);
    let shown = graph.nodes.iter().filter(|n| is_drawn(n)).count();
    if shown > OPEN_BELOW { BTreeSet::new() } else { groups.into_keys().collect() }
}

fn is_drawn(node: &Node) -> bool {
    let place =
        matches!(node.kind, Kind::Zone | Kind::Region | Kind::Account | Kind::Journey | Kind::Table | Kind::Module);
    !place && !node.kind.is_recovery() && node.environment == Environment::Production
}

/// What stands for each id: itself, or the outermost folded group that holds it.
fn stands_for(
    graph: &Graph,
    groups: &BTreeMap<SubjectId, Vec<SubjectId>>,
    open: &BTreeSet<SubjectId>,
) -> BTreeMap<SubjectId, SubjectId> {
    let mut parent: BTreeMap<&SubjectId, &SubjectId> = BTreeMap::new();
    for (group, members) in groups {
        for member in members {
            parent.entry(member).or_insert(group);
        }
    }
    let outermost = |id: &SubjectId| {
        let mut stands = id.clone();
        let mut seen = BTreeSet::from([id.clone()]);
        let mut at = id;
        while let Some(up) = parent.get(at) {
            if !seen.insert((*up).clone()) {
                break;
            }
            if !open.contains(*up) {
                stands = (*up).clone();
            }
            at = up;
        }
        stands
    };
    graph.nodes.iter().map(|n| (n.id.clone(), outermost(&n.id))).collect()
}

/// The drawing of a topology with these groups open.
pub fn drawn(topology: &Topology, open: &BTreeSet<SubjectId>) -> Drawn {
    let graph = &topology.graph;
    let groups = members(graph);
    let stands = stands_for(graph, &groups, open);
    let mut ties: BTreeMap<(SubjectId, SubjectId), (Tie, bool)> = BTreeMap::new();
    for edge in &graph.edges {
        let Some((tie, downward)) = tie_of(edge.relation) else { continue };
        let (Some(a), Some(b)) = (stands.get(&edge.from), stands.get(&edge.to)) else { continue };
        let shown = |id: &SubjectId| graph.node(id).is_some_and(is_drawn);
        if a == b || !shown(a) || !shown(b) {
            continue;
        }
        let key = if downward { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
        let inferred = edge.confidence == Confidence::Inferred;
        let kept = ties.entry(key).or_insert((tie, inferred));
        *kept = ((kept.0).min(tie), kept.1 && inferred);
    }
    let needed: BTreeSet<&SubjectId> =
        graph.journeys.iter().flat_map(|j| &j.needs).filter_map(|id| stands.get(id)).collect();
    let crowded = crowded_hosts(graph, &ties);
    let tied: BTreeSet<&SubjectId> = ties.keys().flat_map(|(a, b)| [a, b]).collect();
    let stops =
        |id: &SubjectId| topology.spofs.iter().find(|s| s.subject.id == *id).map(|s| (s.blast_radius, s.proven));
    let mut loose = 0;
    let mut shapes = Vec::new();
    for node in graph.nodes.iter().filter(|n| is_drawn(n) && stands.get(&n.id) == Some(&n.id)) {
        if node.kind == Kind::Host && !crowded.contains(&node.id) && stops(&node.id).is_none() {
            continue;
        }
        if !tied.contains(&node.id) && !needed.contains(&node.id) {
            loose += usize::from(node.kind != Kind::Endpoint && node.kind != Kind::Network);
            continue;
        }
        shapes.push(shape(graph, node, &groups, open, stops(&node.id)));
    }
    let at: BTreeMap<SubjectId, usize> = shapes.iter().enumerate().map(|(i, s)| (s.id.clone(), i)).collect();
    let index = |id: &SubjectId| at.get(id).copied();
    let through = |id: &SubjectId| stands.get(id).and_then(index);
    let lines = ties
        .iter()
        .filter_map(|((a, b), (tie, inferred))| {
            Some(Line { from: index(a)?, to: index(b)?, tie: *tie, inferred: *inferred })
        })
        .collect();
    let mut pairs: Vec<(usize, usize)> = topology
        .fragile_pairs
        .iter()
        .filter_map(|p| Some((through(&p.first.id)?, through(&p.second.id)?)))
        .filter(|(a, b)| a != b)
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let journeys = graph
        .journeys
        .iter()
        .map(|j| {
            let mut needs: Vec<usize> = j.needs.iter().filter_map(through).collect();
            needs.sort_unstable();
            needs.dedup();
            JourneyShape { name: j.name.clone(), weight: j.weight, needs }
        })
        .collect();
    let used: BTreeSet<&SubjectId> = shapes.iter().filter_map(|s| s.zone.as_ref()).collect();
    let zones = used
        .into_iter()
        .map(|id| (id.clone(), graph.node(id).map_or_else(|| id.to_string(), |z| z.name.clone())))
        .collect();
    Drawn { shapes, lines, pairs, journeys, zones, loose }
}

fn shape(
    graph: &Graph,
    node: &Node,
    groups: &BTreeMap<SubjectId, Vec<SubjectId>>,
    open: &BTreeSet<SubjectId>,
    spof: Option<(f64, bool)>,
) -> Shape {
    let inside = groups.get(&node.id);
    let mut zones = inside.into_iter().flatten().map(|id| graph.node(id).and_then(|m| m.zone.clone()));
    let shared = zones.next().flatten().filter(|first| zones.all(|z| z.as_ref() == Some(first)));
    Shape {
        id: node.id.clone(),
        name: node.name.clone(),
        kind: node.kind,
        zone: node.zone.clone().or(shared),
        group: inside.map(|m| (node.members.max(m.len() as u32), node.required.unwrap_or(0))),
        open: inside.is_some() && open.contains(&node.id),
        implied: node.implied,
        spof,
    }
}

/// Hosts that more than one drawn thing runs on.
fn crowded_hosts(graph: &Graph, ties: &BTreeMap<(SubjectId, SubjectId), (Tie, bool)>) -> BTreeSet<SubjectId> {
    let mut count: BTreeMap<&SubjectId, usize> = BTreeMap::new();
    for ((_, to), _) in ties.iter().filter(|(_, (tie, _))| *tie == Tie::Fate) {
        *count.entry(to).or_default() += 1;
    }
    let is_host = |id: &SubjectId| graph.node(id).is_some_and(|n| n.kind == Kind::Host);
    count.into_iter().filter(|(id, n)| *n > 1 && is_host(id)).map(|(id, _)| id.clone()).collect()
}

/// How a relation is drawn, and whether its source stands above its target; `None`: it is not drawn.
fn tie_of(relation: Relation) -> Option<(Tie, bool)> {
    Some(match relation {
        Relation::Serves | Relation::DependsOn { hard: true } | Relation::RoutesThrough => (Tie::Path, true),
        Relation::DependsOn { hard: false } | Relation::Publishes | Relation::Consumes => (Tie::Soft, true),
        Relation::MemberOf => (Tie::Member, false),
        Relation::ReplicatedTo { .. } => (Tie::Copy, true),
        Relation::RunsIn => (Tie::Fate, true),
        _ => return None,
    })
}
