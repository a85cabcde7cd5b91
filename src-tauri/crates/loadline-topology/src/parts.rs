//! Reads a graph's edges as requirements: the readings listed in [`crate::system`].

use crate::groups;
use crate::system::{Need, Threshold, Wanted};
use loadline_model::{Graph, Kind, Relation, SubjectId};
use std::collections::BTreeMap;

/// Requirements by node index; virtual nodes have indices after the graph's.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) function: Vec<u32>,
    pub(crate) hard: Vec<(u32, u32)>,
    pub(crate) soft: Vec<(u32, u32)>,
    pub(crate) thresholds: Vec<(u32, Threshold)>,
    pub(crate) is_group: Vec<bool>,
    /// For nodes with outbound routes, the node that stands for a way out.
    egress: BTreeMap<u32, u32>,
}

/// Edges of one node that are not simple requirements.
#[derive(Default)]
struct Around {
    members: Vec<u32>,
    copies: Vec<u32>,
    places: BTreeMap<Kind, Vec<u32>>,
    gateways: Vec<u32>,
}

impl Parts {
    pub(crate) fn of(graph: &Graph) -> Self {
        let n = graph.nodes.len();
        let mut parts = Self { function: (0..n as u32).collect(), is_group: vec![false; n], ..Self::default() };
        let around = parts.sort_edges(graph);
        parts.stand_ins(&around);
        for (v, around) in &around {
            parts.group(graph, *v, around);
        }
        for (v, own) in &around {
            parts.places(graph, *v, own, &around);
            parts.ways_out(*v, &own.gateways);
        }
        parts.simple_edges(graph);
        parts
    }

    /// Number of nodes, virtual ones included.
    pub(crate) fn size(&self) -> usize {
        self.function.len()
    }

    fn sort_edges(&mut self, graph: &Graph) -> BTreeMap<u32, Around> {
        let mut around: BTreeMap<u32, Around> = BTreeMap::new();
        for (group, members) in groups::members(graph) {
            around.entry(group).or_default().members = members;
        }
        for (primary, copies) in groups::automatic_copies(graph) {
            around.entry(primary).or_default().copies = copies;
        }
        for edge in &graph.edges {
            let (Some(from), Some(to)) = (position(graph, &edge.from), position(graph, &edge.to)) else { continue };
            if from == to {
                continue;
            }
            match edge.relation {
                Relation::RunsIn => {
                    let kind = graph.nodes[to as usize].kind;
                    around.entry(from).or_default().places.entry(kind).or_default().push(to);
                }
                Relation::RoutesThrough => around.entry(from).or_default().gateways.push(to),
                _ => {}
            }
        }
        for own in around.values_mut() {
            for list in own.places.values_mut().chain([&mut own.gateways]) {
                list.sort_unstable();
                list.dedup();
            }
        }
        around
    }

    fn virtual_node(&mut self) -> u32 {
        let new = self.function.len() as u32;
        self.function.push(new);
        self.is_group.push(true);
        new
    }

    /// A virtual node for a store and its automatic copies: up while one of them is.
    fn stand_ins(&mut self, around: &BTreeMap<u32, Around>) {
        for (primary, own) in around.iter().filter(|(_, own)| !own.copies.is_empty()) {
            let stands = self.virtual_node();
            let mut members = vec![*primary];
            members.extend(&own.copies);
            self.thresholds.push((stands, Threshold { slack: own.copies.len() as i32, members }));
            self.function[*primary as usize] = stands;
        }
    }

    fn group(&mut self, graph: &Graph, v: u32, own: &Around) {
        if own.members.is_empty() {
            return;
        }
        let n = own.members.len() as i32;
        let required = graph.nodes[v as usize].required.map_or(n, |k| i32::try_from(k).unwrap_or(i32::MAX));
        let members = own.members.iter().map(|m| self.function[*m as usize]).collect();
        self.thresholds.push((v, Threshold { slack: n.saturating_sub(required), members }));
        self.is_group[v as usize] = true;
    }

    fn places(&mut self, graph: &Graph, v: u32, own: &Around, around: &BTreeMap<u32, Around>) {
        let required = graph.nodes[v as usize].required;
        for (kind, places) in &own.places {
            let members_say = |m: &u32| around.get(m).is_some_and(|a| a.places.contains_key(kind));
            if places.len() > 1 && !own.members.is_empty() && own.members.iter().all(members_say) {
                // Its members say themselves where each of them runs.
                continue;
            }
            let targets = places.iter().map(|p| self.function[*p as usize]);
            match required {
                Some(k) if places.len() > 1 && own.members.is_empty() => {
                    let slack = places.len() as i32 - i32::try_from(k).unwrap_or(i32::MAX);
                    let threshold = Threshold { slack: slack.max(0), members: targets.collect() };
                    self.thresholds.push((v, threshold));
                }
                _ => self.hard.extend(targets.map(|p| (v, p)).collect::<Vec<_>>()),
            }
        }
    }

    fn ways_out(&mut self, v: u32, gateways: &[u32]) {
        let Some(first) = gateways.first() else { return };
        let out = if gateways.len() == 1 {
            self.function[*first as usize]
        } else {
            let out = self.virtual_node();
            let members = gateways.iter().map(|g| self.function[*g as usize]).collect();
            self.thresholds.push((out, Threshold { slack: gateways.len() as i32 - 1, members }));
            out
        };
        self.egress.insert(v, out);
    }

    fn simple_edges(&mut self, graph: &Graph) {
        let mut calls_out: BTreeMap<u32, bool> = BTreeMap::new();
        let mut group_of: Vec<(u32, u32)> = Vec::new();
        for edge in &graph.edges {
            let (Some(from), Some(to)) = (position(graph, &edge.from), position(graph, &edge.to)) else { continue };
            let target = self.function[to as usize];
            let (source, sink) = (graph.nodes[from as usize].kind, graph.nodes[to as usize].kind);
            match edge.relation {
                _ if from == to => {}
                Relation::DependsOn { hard } => {
                    if hard { &mut self.hard } else { &mut self.soft }.push((from, target));
                    if hard && sink == Kind::External {
                        calls_out.insert(from, true);
                    }
                }
                Relation::StoredIn if source == Kind::Table => self.hard.push((from, target)),
                Relation::MemberOf => group_of.push((from, to)),
                _ => {}
            }
        }
        for (member, group) in group_of {
            if calls_out.get(&group).copied().unwrap_or(false) {
                calls_out.insert(member, true);
            }
        }
        for (v, out) in &self.egress {
            let calls = matches!(graph.nodes[*v as usize].kind, Kind::Service | Kind::Instance);
            let hard = !calls || calls_out.contains_key(v);
            if hard { &mut self.hard } else { &mut self.soft }.push((*v, *out));
        }
    }

    /// The journeys' needs as nodes. Needs that the graph does not hold are dropped; a journey without any is broken.
    pub(crate) fn wanted(&self, graph: &Graph) -> Vec<Wanted> {
        let wanted = graph.journeys.iter().map(|journey| {
            let mut nodes: Vec<u32> = journey.needs.iter().filter_map(|id| position(graph, id)).collect();
            nodes.sort_unstable();
            nodes.dedup();
            let mut needs: Vec<Need> =
                nodes.iter().map(|v| Need { node: *v, function: self.function[*v as usize], pass: None }).collect();
            let no_way_said = |v: &u32| graph.nodes[*v as usize].kind == Kind::External && !self.egress.contains_key(v);
            if nodes.iter().any(no_way_said) {
                let callers = nodes.iter().filter(|v| graph.nodes[**v as usize].kind == Kind::Service);
                let ways = callers.filter_map(|v| self.egress.get(v));
                needs.extend(ways.map(|out| Need { node: *out, function: *out, pass: None }));
            }
            Wanted {
                id: journey.id.clone(),
                name: journey.name.clone(),
                weight: journey.weight,
                broken: needs.is_empty(),
                needs,
            }
        });
        wanted.collect()
    }
}

/// Index of a node.
pub(crate) fn position(graph: &Graph, id: &SubjectId) -> Option<u32> {
    graph.nodes.binary_search_by(|n| n.id.cmp(id)).ok().map(|i| i as u32)
}
