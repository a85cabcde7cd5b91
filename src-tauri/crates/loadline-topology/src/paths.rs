//! The shortest way from users through a single point of failure to a journey, and how sure its edges are.

use crate::system::System;
use loadline_model::{Confidence, Graph, Kind, Relation};
use std::collections::{BTreeMap, VecDeque};

/// A way, and the weakest edge on it.
pub(crate) struct Way {
    pub(crate) nodes: Vec<u32>,
    pub(crate) confidence: Confidence,
}

/// Ways within what one journey rests on.
pub(crate) struct Ways<'s> {
    system: &'s System,
    links: &'s Links,
    journey: usize,
    inside: Vec<bool>,
    hard: Vec<bool>,
    /// First along hard edges only, then along any.
    from_start: [Vec<Option<u32>>; 2],
}

/// The graph's edges as steps of a way.
pub(crate) struct Links {
    steps: Vec<Vec<(u32, Confidence)>>,
    soft: Vec<Vec<(u32, Confidence)>>,
    serving: Vec<Vec<u32>>,
    needs: BTreeMap<(usize, u32), Confidence>,
}

impl Links {
    pub(crate) fn of(graph: &Graph, system: &System) -> Self {
        let n = graph.nodes.len();
        let mut links = Self {
            steps: vec![Vec::new(); n],
            soft: vec![Vec::new(); n],
            serving: vec![Vec::new(); n],
            needs: BTreeMap::new(),
        };
        let journeys: BTreeMap<_, usize> = graph.journeys.iter().enumerate().map(|(i, j)| (&j.id, i)).collect();
        for edge in &graph.edges {
            let (from, to) = (system.node(&edge.from), system.node(&edge.to));
            if let (Relation::Needs, Some(j), Some(to)) = (edge.relation, journeys.get(&edge.from), to) {
                links.needs.insert((*j, to), edge.confidence);
            }
            let (Some(from), Some(to)) = (from, to) else { continue };
            links.step(graph, (from, to), edge.relation, edge.confidence);
        }
        links
    }

    fn step(&mut self, graph: &Graph, (from, to): (u32, u32), relation: Relation, confidence: Confidence) {
        let (f, t) = (from as usize, to as usize);
        match relation {
            Relation::Serves => {
                self.steps[f].push((to, confidence));
                self.serving[f].push(to);
            }
            Relation::MemberOf => {
                self.steps[t].push((from, confidence));
                self.steps[f].push((to, confidence));
                self.serving[f].push(to);
            }
            Relation::DependsOn { hard: true } | Relation::RunsIn | Relation::ReplicatedTo { .. } => {
                self.steps[f].push((to, confidence));
            }
            Relation::StoredIn if graph.nodes[f].kind == Kind::Table => self.steps[f].push((to, confidence)),
            Relation::DependsOn { hard: false } | Relation::RoutesThrough | Relation::Publishes => {
                self.soft[f].push((to, confidence));
            }
            Relation::Consumes => self.soft[t].push((from, confidence)),
            _ => {}
        }
    }

    fn confidence(&self, from: u32, to: u32) -> Confidence {
        let all = self.steps[from as usize].iter().chain(&self.soft[from as usize]);
        all.filter(|(next, _)| *next == to).map(|(_, c)| *c).min().unwrap_or(Confidence::Declared)
    }
}

impl<'s> Ways<'s> {
    pub(crate) fn new(system: &'s System, links: &'s Links, journey: usize) -> Self {
        let footing = system.footing(std::iter::once(journey));
        let inside = system.needs_of_each().reached(footing.iter().copied());
        let needs = system.journeys[journey].needs.iter().map(|n| n.function);
        let hard = system.hard_only().reached(needs);
        let mut starts: Vec<u32> = system.starts(journey);
        starts.retain(|v| inside[*v as usize]);
        if starts.is_empty() {
            starts = system.journeys[journey]
                .needs
                .iter()
                .map(|n| n.node)
                .filter(|v| (*v as usize) < system.elements())
                .collect();
        }
        let search = |soft: bool| {
            let next = |v: u32| {
                let more = if soft { links.soft[v as usize].as_slice() } else { &[] };
                links.steps[v as usize]
                    .iter()
                    .chain(more)
                    .map(|(to, _)| *to)
                    .filter(|to| inside[*to as usize])
                    .collect()
            };
            parents(system.elements(), &starts, next)
        };
        let from_start = [search(false), search(true)];
        Self { system, links, journey, inside, hard, from_start }
    }

    /// From users through the node towards what the journey needs.
    pub(crate) fn through(&self, node: u32) -> Way {
        let mut nodes = self.from_start.iter().find_map(|parent| trace(parent, node)).unwrap_or_else(|| vec![node]);
        if !self.hard[node as usize] {
            nodes.extend(self.onwards(node));
        }
        let mut confidence = Confidence::Declared;
        for step in nodes.windows(2) {
            confidence = confidence.max(self.links.confidence(step[0], step[1]));
        }
        for need in nodes.iter().filter_map(|v| self.links.needs.get(&(self.journey, *v))) {
            confidence = confidence.max(*need);
        }
        Way { nodes, confidence }
    }

    /// The request path after a node that lies before what the journey needs.
    fn onwards(&self, node: u32) -> Vec<u32> {
        let next =
            |v: u32| self.links.serving[v as usize].iter().copied().filter(|to| self.inside[*to as usize]).collect();
        let parent = parents(self.system.elements(), &[node], next);
        let ways = self.system.journeys[self.journey].needs.iter().filter(|n| (n.node as usize) < parent.len());
        let shortest = ways.filter_map(|n| trace(&parent, n.node)).min_by_key(|way| (way.len(), way.last().copied()));
        shortest.map(|way| way[1..].to_vec()).unwrap_or_default()
    }
}

/// Breadth first: for every node found the one it was found from, itself for a start.
fn parents(size: usize, starts: &[u32], next: impl Fn(u32) -> Vec<u32>) -> Vec<Option<u32>> {
    let mut parent = vec![None; size];
    let mut open = VecDeque::new();
    for start in starts {
        parent[*start as usize] = Some(*start);
        open.push_back(*start);
    }
    while let Some(v) = open.pop_front() {
        for to in next(v) {
            if parent[to as usize].is_none() {
                parent[to as usize] = Some(v);
                open.push_back(to);
            }
        }
    }
    parent
}

fn trace(parent: &[Option<u32>], node: u32) -> Option<Vec<u32>> {
    let mut way = vec![node];
    let mut at = node;
    loop {
        let before = parent.get(at as usize).copied().flatten()?;
        if before == at {
            break;
        }
        way.push(before);
        at = before;
    }
    way.reverse();
    Some(way)
}
