//! Who counts as a member of a redundancy group, and which copies take over by themselves.

use crate::parts::position;
use loadline_model::{Graph, Relation};
use std::collections::{BTreeMap, BTreeSet};

/// Members that count for availability, by group, as node indices. A member of a store that only receives copies which do not take
/// over by themselves holds data, not service (`scoring.md` §1.1).
pub(crate) fn members(graph: &Graph) -> BTreeMap<u32, Vec<u32>> {
    let said = said_members(graph);
    let copies = copies(graph);
    let mut counted = BTreeMap::new();
    for (group, members) in &said {
        let store = graph.nodes[*group as usize].kind.is_store();
        let counts = |member: &u32| {
            let Some(sources) = copies.get(member) else { return true };
            // A copy of the group itself stands beside it, it is not one of several that make it up.
            if sources.contains_key(group) {
                return false;
            }
            let inside: Vec<bool> =
                sources.iter().filter(|(s, _)| members.contains(s)).map(|(_, auto)| *auto).collect();
            !store || inside.is_empty() || inside.contains(&true)
        };
        let counted_members: Vec<u32> = members.iter().copied().filter(counts).collect();
        if !counted_members.is_empty() {
            counted.insert(*group, counted_members);
        }
    }
    counted
}

/// Copies that take over by themselves, by the store they copy, where both are not members of one group (there the group's
/// arithmetic already says it).
pub(crate) fn automatic_copies(graph: &Graph) -> BTreeMap<u32, Vec<u32>> {
    let said = said_members(graph);
    let mut groups_of: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (group, members) in &said {
        for member in members {
            groups_of.entry(*member).or_default().insert(*group);
        }
    }
    let together = |a: &u32, b: &u32| match (groups_of.get(a), groups_of.get(b)) {
        (Some(a), Some(b)) => !a.is_disjoint(b),
        _ => false,
    };
    let mut found: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (copy, sources) in copies(graph) {
        for (source, automatic) in sources {
            if automatic && !together(&source, &copy) {
                found.entry(source).or_default().push(copy);
            }
        }
    }
    found
}

/// For every copy: whom it copies, and whether it takes over by itself.
fn copies(graph: &Graph) -> BTreeMap<u32, BTreeMap<u32, bool>> {
    let mut copies: BTreeMap<u32, BTreeMap<u32, bool>> = BTreeMap::new();
    for edge in &graph.edges {
        let Relation::ReplicatedTo { automatic, .. } = edge.relation else { continue };
        let (Some(from), Some(to)) = (position(graph, &edge.from), position(graph, &edge.to)) else { continue };
        if from != to {
            *copies.entry(to).or_default().entry(from).or_default() |= automatic == Some(true);
        }
    }
    copies
}

/// Everything that says it is a member, by group.
fn said_members(graph: &Graph) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut said: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for edge in graph.edges.iter().filter(|e| e.relation == Relation::MemberOf) {
        if let (Some(member), Some(group)) = (position(graph, &edge.from), position(graph, &edge.to))
            && member != group
        {
            said.entry(group).or_default().insert(member);
        }
    }
    said
}

/// Members that are automatic copies of other members of the same group: standbys.
pub(crate) fn standbys(graph: &Graph, members: &[u32]) -> usize {
    let copies = copies(graph);
    let is_standby = |m: &&u32| {
        copies.get(m).is_some_and(|sources| sources.iter().any(|(s, automatic)| *automatic && members.contains(s)))
    };
    members.iter().filter(is_standby).count()
}
