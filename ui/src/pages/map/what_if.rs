//! Changes to try before making them, and what each is worth: the graph is changed and analysed again, here in the window.

use crate::format;
use loadline_model::{Graph, Kind, Node, Relation, SubjectId, Topology};
use loadline_topology::priors::{Traits, prior_of};
use loadline_topology::{Evidence, Failure, WhatIf, fail, hours_interval, single_failure_sets, with_change};
use loadline_wire::what_if as wire;
use std::collections::{BTreeMap, BTreeSet};

/// Other zones offered to move to.
const ZONES: usize = 2;

/// A change as a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What the button says.
    pub word: String,
    /// What it means, on hover.
    pub hint: String,
    /// Applied one after the other.
    pub steps: Vec<WhatIf>,
}

/// What a change is worth; before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// What the chosen failure does.
    pub failure: (Failure, Failure),
    /// Median hours a year of the chosen failure, when it is one thing that stops journeys.
    pub this: Option<(f64, f64)>,
    /// Things that stop a journey alone.
    pub alone: (usize, usize),
    /// Their median hours a year, added up.
    pub hours: (f64, f64),
}

/// What can be tried on a thing.
pub fn changes(graph: &Graph, id: &SubjectId) -> Vec<Change> {
    let Some(node) = graph.node(id) else { return Vec::new() };
    if matches!(node.kind, Kind::Zone | Kind::Host | Kind::External | Kind::Person) {
        return Vec::new();
    }
    let group = group_of(graph, id).unwrap_or_else(|| id.clone());
    let store = graph.node(&group).is_some_and(|n| n.kind.is_store());
    let parts = members(graph, &group);
    let word = if store || parts.is_empty() { "Add a replica" } else { "Add one more member" };
    let mut changes = vec![Change {
        word: word.into(),
        hint: "One more of it, independent of the others".into(),
        steps: vec![WhatIf::AddReplica { group: group.clone() }],
    }];
    if store {
        changes.push(Change {
            word: "Make Multi-AZ".into(),
            hint: "A copy elsewhere takes over by itself".into(),
            steps: vec![WhatIf::MakeAutomaticFailover { store: group }],
        });
    } else {
        changes.extend(spread(graph, &parts));
    }
    changes.extend(moves(graph, node));
    changes
}

/// Every second member of a group in one zone moves to another.
fn spread(graph: &Graph, parts: &[SubjectId]) -> Option<Change> {
    let mut zones = parts.iter().map(|id| graph.node(id).and_then(|n| n.zone.clone()));
    let shared = zones.next().flatten().filter(|first| zones.all(|z| z.as_ref() == Some(first)))?;
    let others = zones_beside(graph, &shared);
    let steps: Vec<WhatIf> = parts
        .iter()
        .skip(1)
        .step_by(2)
        .zip(others.iter().cycle())
        .map(|(instance, zone)| WhatIf::MoveToZone { instance: instance.clone(), zone: zone.id.clone() })
        .collect();
    let hint = "Every second member moves to another zone".to_owned();
    (!steps.is_empty()).then(|| Change { word: "Make Multi-AZ".into(), hint, steps })
}

fn moves(graph: &Graph, node: &Node) -> Vec<Change> {
    let Some(zone) = node.zone.as_ref().filter(|_| members(graph, &node.id).is_empty()) else { return Vec::new() };
    let others = zones_beside(graph, zone).into_iter().take(ZONES);
    others
        .map(|other| Change {
            word: format!("Move to {}", other.name),
            hint: "It leaves its zone and runs in the other".into(),
            steps: vec![WhatIf::MoveToZone { instance: node.id.clone(), zone: other.id.clone() }],
        })
        .collect()
}

/// The other zones of a zone's region.
fn zones_beside<'a>(graph: &'a Graph, zone: &SubjectId) -> Vec<&'a Node> {
    let region = graph.node(zone).and_then(|n| n.region.as_ref());
    let is_other = |n: &&Node| n.kind == Kind::Zone && n.id != *zone && n.region.as_ref() == region;
    graph.nodes.iter().filter(is_other).collect()
}

fn group_of(graph: &Graph, id: &SubjectId) -> Option<SubjectId> {
    graph.edges.iter().find(|e| e.from == *id && e.relation == Relation::MemberOf).map(|e| e.to.clone())
}

fn members(graph: &Graph, group: &SubjectId) -> Vec<SubjectId> {
    let inside = graph.edges.iter().filter(|e| e.to == *group && e.relation == Relation::MemberOf);
    inside.map(|e| e.from.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The graph after a change.
pub fn changed(graph: &Graph, change: &Change) -> Graph {
    let mut steps = change.steps.iter();
    let Some(first) = steps.next() else { return graph.clone() };
    steps.fold(with_change(graph, first), |graph, step| with_change(&graph, step))
}

/// What a change is worth against the chosen failure and against all single failures. Where the thing becomes a group, one
/// member fails: the question is whether the same event still stops anything.
pub fn effect(topology: &Topology, change: &Change, failed: &[SubjectId]) -> Effect {
    let graph = &topology.graph;
    let after = changed(graph, change);
    let stand_in = |id: &SubjectId| {
        let becomes_group = members(graph, id).is_empty();
        let first = members(&after, id).into_iter().next().filter(|_| becomes_group);
        first.unwrap_or_else(|| id.clone())
    };
    let same: Vec<SubjectId> = failed.iter().map(stand_in).collect();
    let mut hours = Hours::of(topology);
    let (now, then) = (single_failure_sets(graph), single_failure_sets(&after));
    let mut sum = |graph: &Graph, sets: &[(SubjectId, f64)]| -> f64 {
        sets.iter().map(|(id, blast)| hours.of_one(graph, id) * blast).sum()
    };
    let all = (sum(graph, &now), sum(&after, &then));
    let blast = |sets: &[(SubjectId, f64)], id: &SubjectId| sets.iter().find(|(s, _)| s == id).map_or(0.0, |(_, b)| *b);
    let this = match (failed, same.as_slice()) {
        ([id], [other]) if blast(&now, id) > 0.0 => {
            let before = hours.of_one(graph, id);
            Some((before * blast(&now, id), before * blast(&then, other)))
        }
        _ => None,
    };
    Effect { failure: (fail(graph, failed), fail(&after, &same)), this, alone: (now.len(), then.len()), hours: all }
}

/// Median hours a year that each thing would cost if it stopped everything: what the assessment found where it stops
/// something today, else what is assumed of its kind.
struct Hours<'a> {
    known: BTreeMap<&'a SubjectId, f64>,
    assumed: BTreeMap<&'static str, f64>,
}

impl<'a> Hours<'a> {
    fn of(topology: &'a Topology) -> Self {
        let stops = topology.spofs.iter().filter(|s| s.blast_radius > 0.0);
        let known = stops.map(|s| (&s.subject.id, s.hours_per_year.p50 / s.blast_radius)).collect();
        Self { known, assumed: BTreeMap::new() }
    }
    fn of_one(&mut self, graph: &Graph, id: &SubjectId) -> f64 {
        // A new member or copy is named after what it is one more of, with a number.
        let origin = id.as_str().rsplit_once('#').map(|(origin, _)| SubjectId::from(origin));
        let known = self.known.get(id).or_else(|| origin.as_ref().and_then(|o| self.known.get(o)));
        match (known, graph.node(id)) {
            (Some(hours), _) => *hours,
            (None, Some(node)) => {
                let prior = prior_of(node, Traits::default());
                let draw = || hours_interval(prior, &Evidence::default(), 1.0, 1.0).p50;
                *self.assumed.entry(prior.name).or_insert_with(draw)
            }
            (None, None) => 0.0,
        }
    }
}

/// A step as the shell is asked about it.
pub fn asked(step: &WhatIf) -> wire::Change {
    match step.clone() {
        WhatIf::AddReplica { group } => wire::Change::AddReplica { group },
        WhatIf::MakeAutomaticFailover { store } => wire::Change::MakeAutomaticFailover { store },
        WhatIf::MoveToZone { instance, zone } => wire::Change::MoveToZone { instance, zone },
        WhatIf::Soften { from, to } => wire::Change::Soften { from, to },
    }
}

/// Which judgements move, in words.
pub fn moved(tried: &wire::TriedOut) -> String {
    const NAMED: usize = 3;
    let list = |moved: &[wire::Moved]| {
        let named: Vec<String> =
            moved.iter().take(NAMED).map(|m| format!("{} ({}, {})", m.title, m.rule, m.subject)).collect();
        let more = if moved.len() > NAMED { format!(" and {} more", moved.len() - NAMED) } else { String::new() };
        format!("{}{more}", named.join("; "))
    };
    match (tried.closed.is_empty(), tried.opened.is_empty()) {
        (true, true) => "No judgement changes: what it improves is not what any rule asks.".into(),
        (false, true) => format!("Would pass: {}.", list(&tried.closed)),
        (true, false) => format!("Would fail: {}.", list(&tried.opened)),
        (false, false) => format!("Would pass: {}. Would fail: {}.", list(&tried.closed), list(&tried.opened)),
    }
}

/// What a change is worth against the same failure today.
pub fn worth(before: &Failure, after: &Failure) -> String {
    let (was, is) = (format::percent(before.weight_lost), format::percent(after.weight_lost));
    match (before.weight_lost - after.weight_lost).abs() < 1e-9 {
        true if before.weight_lost == 0.0 => "It stops no journey with or without this change.".into(),
        true => format!("No difference: it still stops {is} of journeys."),
        false if after.journeys_lost.is_empty() => format!("Then it stops no journey instead of {was}."),
        false => format!("Then it stops {is} of journeys instead of {was}: {}.", after.journeys_lost.join(", ")),
    }
}
