//! What of the graph is drawn: things on the request path, groups and things alike folded until they are opened, and how
//! they are tied.

pub mod folds;
#[cfg(test)]
mod tests;
mod ties;

use folds::Groups;
use loadline_model::{Environment, Graph, Kind, Node, SubjectId, Topology};
use std::collections::{BTreeMap, BTreeSet};
use ties::Ties;

/// A button that opens or folds something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// What it opens: a group, or things alike.
    pub id: SubjectId,
    /// The parts are drawn.
    pub open: bool,
}

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
    /// The things alike that it stands for; empty when it is one thing.
    pub alike: Vec<SubjectId>,
    /// How to see the parts, or to put them back.
    pub fold: Option<Fold>,
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
    pub id: SubjectId,
    pub name: String,
    pub weight: f64,
    /// Nobody declared it.
    pub implicit: bool,
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
    /// The shape that shows each thing of the graph: itself, or what it is folded into.
    pub through: BTreeMap<SubjectId, usize>,
}

/// True for what the drawing can show at all.
pub fn is_drawn(node: &Node) -> bool {
    let place =
        matches!(node.kind, Kind::Zone | Kind::Region | Kind::Account | Kind::Journey | Kind::Table | Kind::Module);
    !place && !node.kind.is_recovery() && node.environment == Environment::Production
}

/// What of the graph is shown while some groups are folded.
struct Shown<'a> {
    nodes: Vec<&'a Node>,
    /// Things that nothing is tied to.
    loose: usize,
}

/// The drawing of a topology with these groups and things alike open.
pub fn drawn(topology: &Topology, open: &BTreeSet<SubjectId>) -> Drawn {
    let graph = &topology.graph;
    let groups = folds::groups(graph);
    let stops: BTreeMap<&SubjectId, (f64, bool)> =
        topology.spofs.iter().map(|s| (&s.subject.id, (s.blast_radius, s.proven))).collect();
    let mut stands = folds::by_group(graph, &groups, open);
    let mut ties = ties::of(graph, &stands);
    let shown = shown(graph, &stands, &ties, &stops);
    let clusters = folds::alike(graph, &shown.nodes, &ties, &stands, &stops);
    let folded: BTreeMap<&SubjectId, &SubjectId> = clusters
        .iter()
        .filter(|(id, _)| !open.contains(*id))
        .flat_map(|(id, inside)| inside.iter().map(move |one| (one, id)))
        .collect();
    for stand in stands.values_mut() {
        if let Some(cluster) = folded.get(stand) {
            *stand = (*cluster).clone();
        }
    }
    if !folded.is_empty() {
        ties = ties::of(graph, &stands);
    }
    let mut shapes: Vec<Shape> = shown
        .nodes
        .iter()
        .filter(|n| !folded.contains_key(&n.id))
        .map(|n| shape(graph, n, &groups, open, stops.get(&n.id).copied()))
        .collect();
    for (id, inside) in &clusters {
        match inside.first().and_then(|first| graph.node(first)) {
            Some(first) if !open.contains(id) => shapes.push(cluster(graph, id, inside, first, &groups)),
            Some(first) => {
                let fold = Fold { id: id.clone(), open: true };
                shapes
                    .iter_mut()
                    .filter(|s| s.id == first.id && s.fold.is_none())
                    .for_each(|s| s.fold = Some(fold.clone()));
            }
            None => {}
        }
    }
    shapes.sort_by(|a, b| a.id.cmp(&b.id));
    assemble(topology, shapes, &stands, &ties, shown.loose)
}

/// Shapes, lines, pairs and journeys by index.
fn assemble(
    topology: &Topology,
    shapes: Vec<Shape>,
    stands: &BTreeMap<SubjectId, SubjectId>,
    ties: &Ties,
    loose: usize,
) -> Drawn {
    let graph = &topology.graph;
    let at: BTreeMap<&SubjectId, usize> = shapes.iter().enumerate().map(|(i, s)| (&s.id, i)).collect();
    let index = |id: &SubjectId| at.get(id).copied();
    let through: BTreeMap<SubjectId, usize> =
        stands.iter().filter_map(|(id, stand)| Some((id.clone(), index(stand)?))).collect();
    let lines = ties
        .iter()
        .filter_map(|((a, b), (tie, inferred))| {
            Some(Line { from: index(a)?, to: index(b)?, tie: *tie, inferred: *inferred })
        })
        .collect();
    let seen = |id: &SubjectId| through.get(id).copied();
    let mut pairs: Vec<(usize, usize)> = topology
        .fragile_pairs
        .iter()
        .filter_map(|p| Some((seen(&p.first.id)?, seen(&p.second.id)?)))
        .filter(|(a, b)| a != b)
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let journeys = graph
        .journeys
        .iter()
        .map(|j| {
            let needs: BTreeSet<usize> = j.needs.iter().filter_map(seen).collect();
            JourneyShape {
                id: j.id.clone(),
                name: j.name.clone(),
                weight: j.weight,
                implicit: j.implicit,
                needs: needs.into_iter().collect(),
            }
        })
        .collect();
    let used: BTreeSet<&SubjectId> = shapes.iter().filter_map(|s| s.zone.as_ref()).collect();
    let zones = used
        .into_iter()
        .map(|id| (id.clone(), graph.node(id).map_or_else(|| id.to_string(), |z| z.name.clone())))
        .collect();
    Drawn { lines, pairs, journeys, zones, loose, through, shapes }
}

/// Things worth a shape: tied to something or needed by a journey; a host only where it is a fate that several share.
fn shown<'a>(
    graph: &'a Graph,
    stands: &BTreeMap<SubjectId, SubjectId>,
    ties: &Ties,
    stops: &BTreeMap<&SubjectId, (f64, bool)>,
) -> Shown<'a> {
    let needed: BTreeSet<&SubjectId> =
        graph.journeys.iter().flat_map(|j| &j.needs).filter_map(|id| stands.get(id)).collect();
    let crowded = ties::crowded_hosts(graph, ties);
    let tied: BTreeSet<&SubjectId> = ties.keys().flat_map(|(a, b)| [a, b]).collect();
    let mut shown = Shown { nodes: Vec::new(), loose: 0 };
    for node in graph.nodes.iter().filter(|n| is_drawn(n) && stands.get(&n.id) == Some(&n.id)) {
        if node.kind == Kind::Host && !crowded.contains(&node.id) && !stops.contains_key(&node.id) {
            continue;
        }
        if tied.contains(&node.id) || needed.contains(&node.id) {
            shown.nodes.push(node);
        } else {
            shown.loose += usize::from(node.kind != Kind::Endpoint && node.kind != Kind::Network);
        }
    }
    shown
}

fn shape(graph: &Graph, node: &Node, groups: &Groups, open: &BTreeSet<SubjectId>, spof: Option<(f64, bool)>) -> Shape {
    let inside = groups.get(&node.id);
    let mut zones = inside.into_iter().flatten().map(|id| graph.node(id).and_then(|m| m.zone.clone()));
    let shared = zones.next().flatten().filter(|first| zones.all(|z| z.as_ref() == Some(first)));
    Shape {
        id: node.id.clone(),
        name: node.name.clone(),
        kind: node.kind,
        zone: node.zone.clone().or(shared),
        group: inside.map(|m| (node.members.max(m.len() as u32), node.required.unwrap_or(0))),
        alike: Vec::new(),
        fold: inside.map(|_| Fold { id: node.id.clone(), open: open.contains(&node.id) }),
        implied: node.implied,
        spof,
    }
}

/// The shape of things alike: where they are, how many.
fn cluster(graph: &Graph, id: &SubjectId, inside: &[SubjectId], first: &Node, groups: &Groups) -> Shape {
    let like = shape(graph, first, groups, &BTreeSet::new(), None);
    Shape {
        id: id.clone(),
        name: format!("{} {}", inside.len(), folds::plural(first.kind)),
        group: None,
        alike: inside.to_vec(),
        fold: Some(Fold { id: id.clone(), open: false }),
        ..like
    }
}
