//! What one shape stands for: the members of a folded group, and things that nothing tells apart.

use super::ties::Ties;
use super::{JourneyShape, Tie, is_drawn};
use loadline_model::{Graph, Journey, Kind, Node, Relation, SubjectId};
use std::collections::{BTreeMap, BTreeSet};

/// Groups start open while the whole drawing stays below this many things.
const OPEN_BELOW: usize = 30;
/// Things alike are folded in drawings of more things than this.
pub const ALIKE_ABOVE: usize = 60;
/// Journeys that fit above a drawing.
const MOST_JOURNEYS: usize = 8;
/// Fewer things alike are not worth a fold.
const ALIKE: usize = 4;

/// Members by group, in id order.
pub type Groups = BTreeMap<SubjectId, Vec<SubjectId>>;

/// The members of every group.
pub fn groups(graph: &Graph) -> Groups {
    let mut groups = Groups::new();
    for edge in graph.edges.iter().filter(|e| e.relation == Relation::MemberOf) {
        groups.entry(edge.to.clone()).or_default().push(edge.from.clone());
    }
    for members in groups.values_mut() {
        members.sort();
        members.dedup();
    }
    groups
}

/// Groups that are open when the page opens: all of them in a small graph, none in a large one.
pub fn open_at_first(graph: &Graph) -> BTreeSet<SubjectId> {
    let shown = graph.nodes.iter().filter(|n| is_drawn(n)).count();
    if shown > OPEN_BELOW { BTreeSet::new() } else { groups(graph).into_keys().collect() }
}

/// What stands for each id: itself, or the outermost folded group that holds it.
pub fn by_group(graph: &Graph, groups: &Groups, open: &BTreeSet<SubjectId>) -> BTreeMap<SubjectId, SubjectId> {
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

/// Groups in the way of seeing a thing: every folded group above it.
pub fn above(graph: &Graph, id: &SubjectId) -> BTreeSet<SubjectId> {
    let mut found = BTreeSet::new();
    let mut at = id;
    while let Some(edge) = graph.edges.iter().find(|e| e.from == *at && e.relation == Relation::MemberOf) {
        if !found.insert(edge.to.clone()) {
            break;
        }
        at = &edge.to;
    }
    found
}

/// What makes two things alike: everything the drawing would show of them.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Look<'a> {
    kind: Kind,
    zone: Option<&'a SubjectId>,
    implied: bool,
    group: (u32, Option<u32>),
    needed_by: Vec<usize>,
    ties: Vec<(&'a SubjectId, Tie, bool, bool)>,
}

/// Things that nothing tells apart, by the id of their common shape. What stops a journey alone is always shown itself.
pub fn alike(
    graph: &Graph,
    shown: &[&Node],
    ties: &Ties,
    stands: &BTreeMap<SubjectId, SubjectId>,
    stops: &BTreeMap<&SubjectId, (f64, bool)>,
) -> BTreeMap<SubjectId, Vec<SubjectId>> {
    if shown.len() <= ALIKE_ABOVE {
        return BTreeMap::new();
    }
    let mut around: BTreeMap<&SubjectId, Vec<(&SubjectId, Tie, bool, bool)>> = BTreeMap::new();
    for ((a, b), (tie, inferred)) in ties {
        around.entry(a).or_default().push((b, *tie, *inferred, true));
        around.entry(b).or_default().push((a, *tie, *inferred, false));
    }
    let mut needed: BTreeMap<&SubjectId, Vec<usize>> = BTreeMap::new();
    for (j, journey) in graph.journeys.iter().enumerate() {
        for id in journey.needs.iter().filter_map(|id| stands.get(id)) {
            needed.entry(id).or_default().push(j);
        }
    }
    let mut looks: BTreeMap<Look<'_>, Vec<SubjectId>> = BTreeMap::new();
    for node in shown.iter().filter(|n| !stops.contains_key(&n.id)) {
        let mut ties = around.get(&node.id).cloned().unwrap_or_default();
        ties.sort();
        let look = Look {
            kind: node.kind,
            zone: node.zone.as_ref(),
            implied: node.implied,
            group: (node.members, node.required),
            needed_by: needed.get(&node.id).cloned().unwrap_or_default(),
            ties,
        };
        looks.entry(look).or_default().push(node.id.clone());
    }
    let clusters = looks.into_values().filter(|ids| ids.len() >= ALIKE);
    clusters.filter_map(|ids| Some((SubjectId::new(format!("alike:{}", ids.first()?)), ids))).collect()
}

/// Journeys above the drawing; beyond [`MOST_JOURNEYS`] those of least weight become one.
pub fn journeys(journeys: &[Journey], seen: impl Fn(&SubjectId) -> Option<usize>) -> Vec<JourneyShape> {
    let alone = |j: &Journey| {
        let needs: BTreeSet<usize> = j.needs.iter().filter_map(&seen).collect();
        JourneyShape {
            id: j.id.clone(),
            name: j.name.clone(),
            weight: j.weight,
            implicit: j.implicit,
            needs: needs.into_iter().collect(),
            inside: Vec::new(),
        }
    };
    if journeys.len() <= MOST_JOURNEYS {
        return journeys.iter().map(alone).collect();
    }
    let mut ranked: Vec<&Journey> = journeys.iter().collect();
    ranked.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.id.cmp(&b.id)));
    let (first, rest) = ranked.split_at(MOST_JOURNEYS - 1);
    let mut shapes: Vec<JourneyShape> = first.iter().map(|j| alone(j)).collect();
    shapes.push(JourneyShape {
        id: SubjectId::new("journeys:more"),
        name: format!("{} more", rest.len()),
        weight: rest.iter().map(|j| j.weight).sum(),
        implicit: true,
        needs: Vec::new(),
        inside: rest.iter().map(|j| j.name.clone()).collect(),
    });
    shapes
}

/// Several of a kind: `services`.
pub fn plural(kind: Kind) -> String {
    match kind {
        Kind::Dns => "DNS names".into(),
        Kind::Repository => "repositories".into(),
        _ => format!("{}s", kind.word()),
    }
}
