//! The edges of all accounts, merged: both ends resolved, each relation between two things once.

use crate::implied::shows_its_ends;
use loadline_model::{Basis, Confidence, Edge, FactIndex, GraphEdge, Relation, SubjectId, key};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Ids without a resource of their own that an edge says are the same as a thing that has one.
pub(crate) fn same_as(index: &FactIndex<'_>) -> BTreeMap<SubjectId, SubjectId> {
    let mut same = BTreeMap::new();
    for (from, edge, _) in index.all::<Edge>().filter(|(_, e, _)| e.relation == Relation::SameAs) {
        let to = index.canonical(&edge.to);
        match (index.resource(from).is_some(), index.resource(&to).is_some()) {
            (true, false) => drop(same.entry(to).or_insert_with(|| from.clone())),
            (false, true) => drop(same.entry(from.clone()).or_insert(to)),
            _ => {}
        }
    }
    same
}

/// Every edge, in order, each (source, target, relation) once: the strongest statement is kept, and where statements of equal strength
/// disagree whether a dependency is hard, it is.
pub(crate) fn merged(index: &FactIndex<'_>, same: &BTreeMap<SubjectId, SubjectId>) -> Vec<GraphEdge> {
    let resolve = |id: SubjectId| same.get(&id).cloned().unwrap_or(id);
    let mut edges: Vec<GraphEdge> = index
        .all::<Edge>()
        .map(|(from, edge, provenance)| GraphEdge {
            from: resolve(from.clone()),
            to: resolve(index.canonical(&edge.to)),
            relation: edge.relation,
            confidence: edge.confidence,
            basis: provenance.basis,
            source: provenance.call.clone(),
        })
        .filter(|e| e.from != e.to)
        .collect();
    edges.sort_by(strongest_first);
    let mut kept: Vec<GraphEdge> = Vec::with_capacity(edges.len());
    for edge in edges {
        match kept
            .last_mut()
            .filter(|k| k.from == edge.from && k.to == edge.to && class(&k.relation) == class(&edge.relation))
        {
            Some(known) => fill(known, &edge),
            None => kept.push(edge),
        }
    }
    take_over(index, &mut kept);
    kept.sort();
    kept
}

fn strongest_first(a: &GraphEdge, b: &GraphEdge) -> Ordering {
    let soft = |e: &GraphEdge| e.relation == Relation::DependsOn { hard: false };
    (&a.from, &a.to, class(&a.relation), a.confidence, soft(a))
        .cmp(&(&b.from, &b.to, class(&b.relation), b.confidence, soft(b)))
        .then_with(|| (a.basis, &a.source, a.relation).cmp(&(b.basis, &b.source, b.relation)))
}

/// The relation without its details.
fn class(relation: &Relation) -> Relation {
    match relation {
        Relation::DependsOn { .. } => Relation::DependsOn { hard: true },
        Relation::ReplicatedTo { .. } => Relation::ReplicatedTo { synchronous: None, automatic: None },
        other => *other,
    }
}

/// What the stronger statement leaves open, the weaker one may fill.
fn fill(known: &mut GraphEdge, other: &GraphEdge) {
    if let (
        Relation::ReplicatedTo { synchronous, automatic },
        Relation::ReplicatedTo { synchronous: s, automatic: a },
    ) = (&mut known.relation, other.relation)
    {
        *synchronous = synchronous.or(s);
        *automatic = automatic.or(a);
    }
}

/// A store that is set to fail over by itself makes its copies automatic.
fn take_over(index: &FactIndex<'_>, edges: &mut [GraphEdge]) {
    let fails_over = |id: &SubjectId| matches!(index.flag(id, key::AUTOMATIC_FAILOVER), Some((true, _)));
    let mut groups: BTreeMap<SubjectId, BTreeSet<SubjectId>> = BTreeMap::new();
    for edge in edges.iter().filter(|e| e.relation == Relation::MemberOf) {
        groups.entry(edge.from.clone()).or_default().insert(edge.to.clone());
    }
    for edge in edges.iter_mut() {
        let GraphEdge { from, to, relation: Relation::ReplicatedTo { automatic, .. }, .. } = edge else { continue };
        let inside = |a: &SubjectId, b: &SubjectId| groups.get(a).is_some_and(|g| g.contains(b));
        let shared = groups.get(from).into_iter().flatten().any(|group| inside(to, group) && fails_over(group));
        if automatic.is_none() && (shared || fails_over(from)) {
            *automatic = Some(true);
        }
    }
}

/// What a journey needs that nobody declared.
pub(crate) fn needs_edge(journey: &SubjectId, to: &SubjectId, confidence: Confidence) -> GraphEdge {
    GraphEdge {
        from: journey.clone(),
        to: to.clone(),
        relation: Relation::Needs,
        confidence,
        basis: Basis::Inferred,
        source: "no journey is declared".to_owned(),
    }
}

/// Ends of edges that show their ends exist.
pub(crate) fn shown(edges: &[GraphEdge]) -> impl Iterator<Item = &GraphEdge> {
    edges.iter().filter(|e| shows_its_ends(e.relation))
}
