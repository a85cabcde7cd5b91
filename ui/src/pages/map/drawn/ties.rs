//! How the things shown are tied, with folded things standing for their parts.

use super::{Tie, is_drawn};
use loadline_model::{Confidence, Graph, Kind, Relation, SubjectId};
use std::collections::{BTreeMap, BTreeSet};

/// Upper and lower end, with how they are tied and whether that is only concluded.
pub type Ties = BTreeMap<(SubjectId, SubjectId), (Tie, bool)>;

/// The ties between what stands for each end; the strongest of several.
pub fn of(graph: &Graph, stands: &BTreeMap<SubjectId, SubjectId>) -> Ties {
    let shown: BTreeSet<&SubjectId> = graph.nodes.iter().filter(|n| is_drawn(n)).map(|n| &n.id).collect();
    let is_shown = |id: &SubjectId| shown.contains(id) || graph.node(id).is_none();
    let mut ties = Ties::new();
    for edge in &graph.edges {
        let Some((tie, downward)) = tie_of(edge.relation) else { continue };
        let (Some(a), Some(b)) = (stands.get(&edge.from), stands.get(&edge.to)) else { continue };
        if a == b || !is_shown(a) || !is_shown(b) {
            continue;
        }
        let key = if downward { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
        let inferred = edge.confidence == Confidence::Inferred;
        let kept = ties.entry(key).or_insert((tie, inferred));
        *kept = ((kept.0).min(tie), kept.1 && inferred);
    }
    ties
}

/// Hosts that more than one drawn thing runs on.
pub fn crowded_hosts(graph: &Graph, ties: &Ties) -> BTreeSet<SubjectId> {
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
