//! What a path of names lights up on the drawing, and what a failure makes of each shape. Pure.

use super::drawn::{Drawn, Shape};
use loadline_model::{Graph, SubjectId};
use loadline_topology::Failure;
use std::collections::{BTreeMap, BTreeSet};

/// Lit shapes, lines, zones and needs of journeys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    pub shapes: BTreeSet<usize>,
    pub lines: BTreeSet<usize>,
    pub zones: BTreeSet<SubjectId>,
    /// Journey and the shape it needs.
    pub needs: BTreeSet<(usize, usize)>,
}

/// The trace of a path, by name. A name that several things carry lights all of them.
pub fn trace(graph: &Graph, drawn: &Drawn, path: &[String]) -> Trace {
    if path.is_empty() {
        return Trace::default();
    }
    let mut trace = Trace::default();
    let mut named: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for node in graph.nodes.iter().filter(|n| path.contains(&n.name)) {
        if let Some(v) = drawn.through.get(&node.id) {
            named.entry(&node.name).or_default().insert(*v);
        } else if drawn.zones.iter().any(|(zone, _)| *zone == node.id) {
            trace.zones.insert(node.id.clone());
        }
    }
    let steps: Vec<&BTreeSet<usize>> = path.iter().filter_map(|name| named.get(name.as_str())).collect();
    trace.shapes = steps.iter().copied().flatten().copied().collect();
    let joins = |a: usize, b: usize| {
        steps.windows(2).any(|w| (w[0].contains(&a) && w[1].contains(&b)) || (w[0].contains(&b) && w[1].contains(&a)))
    };
    trace.lines = (0..drawn.lines.len()).filter(|l| joins(drawn.lines[*l].from, drawn.lines[*l].to)).collect();
    for (j, journey) in drawn.journeys.iter().enumerate().filter(|(_, j)| path.contains(&j.name)) {
        trace.needs.extend(journey.needs.iter().filter(|v| trace.shapes.contains(v)).map(|v| (j, *v)));
    }
    trace
}

/// What a failure makes of a shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// Nothing fails.
    #[default]
    Untouched,
    Up,
    Degraded,
    Down,
    /// It is what fails.
    Failed,
}

impl Fate {
    /// Value of `data-fate`, and the word that is read out.
    pub fn code(self) -> &'static str {
        match self {
            Self::Untouched => "",
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Failed => "failed",
        }
    }
}

/// The fate of every shape. Things alike share the worst: some down is degraded, all down is down.
pub fn fates(drawn: &Drawn, failed: &[SubjectId], failure: Option<&Failure>) -> Vec<Fate> {
    let Some(failure) = failure else { return vec![Fate::Untouched; drawn.shapes.len()] };
    let one = |id: &SubjectId| match () {
        () if failed.contains(id) => Fate::Failed,
        () if failure.down.binary_search(id).is_ok() => Fate::Down,
        () if failure.degraded.binary_search(id).is_ok() => Fate::Degraded,
        () => Fate::Up,
    };
    let of = |shape: &Shape| {
        let down = shape.inside.iter().filter(|id| matches!(one(id), Fate::Down | Fate::Failed)).count();
        match shape.inside.len() {
            0 => one(&shape.id),
            all if down == all => Fate::Down,
            _ if down > 0 || shape.inside.iter().any(|id| one(id) == Fate::Degraded) => Fate::Degraded,
            _ => Fate::Up,
        }
    };
    drawn.shapes.iter().map(of).collect()
}
