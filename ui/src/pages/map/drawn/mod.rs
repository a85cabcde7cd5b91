//! What of the graph is drawn: things on the request path, groups and things alike folded until they are opened, and how
//! they are tied.

pub mod folds;
mod parts;
#[cfg(test)]
mod tests;
mod ties;

use folds::Groups;
use loadline_model::{Environment, Graph, Kind, Node, SubjectId, Topology};
use std::collections::{BTreeMap, BTreeSet};
use ties::Ties;

/// What can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folded {
    /// Members of a group.
    Members,
    /// Things alike.
    Alike,
    /// A part of the whole.
    Part,
}

/// A button that opens or folds something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// What it opens.
    pub id: SubjectId,
    pub what: Folded,
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
    /// The things that it stands for, alike or a part of the whole; empty when it is one thing.
    pub inside: Vec<SubjectId>,
    /// It is a part of the whole: so many of the things inside stop a journey alone.
    pub part: Option<usize>,
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
    /// The journeys it stands for when there are too many to draw; empty when it is one.
    pub inside: Vec<String>,
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

/// What of the graph is shown while some groups and things alike are folded.
struct Folding<'a> {
    /// What stands for each id.
    stands: BTreeMap<SubjectId, SubjectId>,
    /// The things that are shapes of their own.
    nodes: Vec<&'a Node>,
    /// Things that nothing is tied to.
    loose: usize,
    /// Things alike by the id of their common shape, open or not.
    alike: BTreeMap<SubjectId, Vec<SubjectId>>,
    ties: Ties,
}

/// Share of journeys that a thing alone stops, and whether that is proven.
type Stops<'a> = BTreeMap<&'a SubjectId, (f64, bool)>;

fn folding<'a>(graph: &'a Graph, groups: &Groups, stops: &Stops<'_>, open: &BTreeSet<SubjectId>) -> Folding<'a> {
    let mut stands = folds::by_group(graph, groups, open);
    let mut ties = ties::of(graph, &stands);
    let (mut nodes, loose) = shown(graph, &stands, &ties, stops);
    let alike = folds::alike(graph, &nodes, &ties, &stands, stops);
    let folded: BTreeMap<&SubjectId, &SubjectId> = alike
        .iter()
        .filter(|(id, _)| !open.contains(*id))
        .flat_map(|(id, inside)| inside.iter().map(move |one| (one, id)))
        .collect();
    nodes.retain(|n| !folded.contains_key(&n.id));
    for stand in stands.values_mut() {
        if let Some(cluster) = folded.get(stand) {
            *stand = (*cluster).clone();
        }
    }
    if !folded.is_empty() {
        ties = ties::of(graph, &stands);
    }
    Folding { stands, nodes, loose, alike, ties }
}

/// The drawing of a topology with these groups, things alike and parts open.
pub fn drawn(topology: &Topology, open: &BTreeSet<SubjectId>) -> Drawn {
    let graph = &topology.graph;
    let groups = folds::groups(graph);
    let stops: Stops<'_> = topology.spofs.iter().map(|s| (&s.subject.id, (s.blast_radius, s.proven))).collect();
    let base = folding(graph, &groups, &stops, &BTreeSet::new());
    let whole: BTreeSet<SubjectId> = base.nodes.iter().map(|n| &n.id).chain(base.alike.keys()).cloned().collect();
    let parts = parts::of(graph, &whole, &base.ties);
    let now = if open.is_empty() { None } else { Some(folding(graph, &groups, &stops, open)) };
    let now = now.as_ref().unwrap_or(&base);
    let mut shapes: Vec<Shape> =
        now.nodes.iter().map(|n| shape(graph, n, &groups, open, stops.get(&n.id).copied())).collect();
    for (id, inside) in &now.alike {
        match inside.first().and_then(|first| graph.node(first)) {
            Some(first) if !open.contains(id) => shapes.push(cluster(graph, id, inside, first, &groups)),
            Some(first) => fold_back(&mut shapes, id, Folded::Alike, |s| s.id == first.id),
            None => {}
        }
    }
    shapes.sort_by(|a, b| a.id.cmp(&b.id));
    if parts.is_empty() {
        return assemble(topology, shapes, &now.stands, &now.ties, now.loose);
    }
    let mut stood_for: BTreeMap<&SubjectId, Vec<&SubjectId>> = BTreeMap::new();
    base.stands.iter().for_each(|(id, stand)| stood_for.entry(stand).or_default().push(id));
    let mut stands = now.stands.clone();
    for part in &parts {
        let held: BTreeSet<&SubjectId> =
            part.shapes.iter().filter_map(|shape| stood_for.get(shape)).flatten().copied().collect();
        let within = |s: &Shape| held.contains(s.inside.first().unwrap_or(&s.id));
        if open.contains(&part.id) {
            fold_back(&mut shapes, &part.id, Folded::Part, within);
            continue;
        }
        shapes.retain(|s| !within(s));
        shapes.push(part_shape(graph, part, &held, &stops));
        for id in held {
            stands.insert(id.clone(), part.id.clone());
        }
    }
    shapes.sort_by(|a, b| a.id.cmp(&b.id));
    let ties = ties::of(graph, &stands);
    assemble(topology, shapes, &stands, &ties, now.loose)
}

/// The first of these shapes without a button of its own gets one that folds what was opened.
fn fold_back(shapes: &mut [Shape], id: &SubjectId, what: Folded, within: impl Fn(&Shape) -> bool) {
    if let Some(first) = shapes.iter_mut().find(|s| s.fold.is_none() && within(s)) {
        first.fold = Some(Fold { id: id.clone(), what, open: true });
    }
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
    let journeys = folds::journeys(&graph.journeys, seen);
    let used: BTreeSet<&SubjectId> = shapes.iter().filter_map(|s| s.zone.as_ref()).collect();
    let zones = used
        .into_iter()
        .map(|id| (id.clone(), graph.node(id).map_or_else(|| id.to_string(), |z| z.name.clone())))
        .collect();
    Drawn { lines, pairs, journeys, zones, loose, through, shapes }
}

/// Things worth a shape: tied to something or needed by a journey; a host only where it is a fate that several share. And
/// how many things are tied to nothing.
fn shown<'a>(
    graph: &'a Graph,
    stands: &BTreeMap<SubjectId, SubjectId>,
    ties: &Ties,
    stops: &Stops<'_>,
) -> (Vec<&'a Node>, usize) {
    let needed: BTreeSet<&SubjectId> =
        graph.journeys.iter().flat_map(|j| &j.needs).filter_map(|id| stands.get(id)).collect();
    let crowded = ties::crowded_hosts(graph, ties);
    let tied: BTreeSet<&SubjectId> = ties.keys().flat_map(|(a, b)| [a, b]).collect();
    let (mut nodes, mut loose) = (Vec::new(), 0);
    for node in graph.nodes.iter().filter(|n| is_drawn(n) && stands.get(&n.id) == Some(&n.id)) {
        if node.kind == Kind::Host && !crowded.contains(&node.id) && !stops.contains_key(&node.id) {
            continue;
        }
        if tied.contains(&node.id) || needed.contains(&node.id) {
            nodes.push(node);
        } else {
            loose += usize::from(node.kind != Kind::Endpoint && node.kind != Kind::Network);
        }
    }
    (nodes, loose)
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
        inside: Vec::new(),
        part: None,
        fold: inside.map(|_| Fold { id: node.id.clone(), what: Folded::Members, open: open.contains(&node.id) }),
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
        inside: inside.to_vec(),
        fold: Some(Fold { id: id.clone(), what: Folded::Alike, open: false }),
        ..like
    }
}

/// The shape of a part: what it is called after, and how many things inside it stop a journey alone.
fn part_shape(graph: &Graph, part: &parts::Part, held: &BTreeSet<&SubjectId>, stops: &Stops<'_>) -> Shape {
    let inside: Vec<SubjectId> =
        held.iter().filter(|id| graph.node(id).is_some_and(is_drawn)).map(|id| (*id).clone()).collect();
    Shape {
        id: part.id.clone(),
        name: part.name.clone(),
        kind: Kind::Service,
        zone: None,
        group: None,
        part: Some(inside.iter().filter(|id| stops.contains_key(id)).count()),
        inside,
        fold: Some(Fold { id: part.id.clone(), what: Folded::Part, open: false }),
        implied: false,
        spof: None,
    }
}
