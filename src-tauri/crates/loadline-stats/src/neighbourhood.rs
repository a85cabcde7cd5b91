//! Which things a change must touch to reach a subject: itself, what it is a part of, and what it hard-depends on.

use loadline_model::{Environment, FactIndex, Kind, Relation, SubjectId, SubjectRef, is_rehearsal};
use std::collections::BTreeSet;

/// Hops along hard dependencies: the database behind the service behind the service, and no further.
const DEPTH: usize = 3;

/// The surroundings of one subject.
pub(crate) struct Neighbourhood {
    same: BTreeSet<SubjectId>,
    dependencies: BTreeSet<SubjectId>,
}

impl Neighbourhood {
    pub(crate) fn of(index: &FactIndex, subject: &SubjectId) -> Self {
        let id = index.canonical(subject);
        let mut same = BTreeSet::from([id.clone()]);
        if index.resource(&id).is_some_and(|r| r.kind == Kind::Endpoint) {
            same.extend(index.edges_to(&id).filter(|e| is_owner(&e.edge.relation)).map(|e| e.from));
            same.extend(index.edges_from(&id).filter(|e| is_owner(&e.edge.relation)).map(|e| e.to));
        }
        let mut dependencies = BTreeSet::new();
        let mut frontier = same.clone();
        for _ in 0..DEPTH {
            let next: BTreeSet<SubjectId> = frontier
                .iter()
                .flat_map(|id| index.edges_from(id))
                .filter(|e| matches!(e.edge.relation, Relation::DependsOn { hard: true }))
                .map(|e| e.to)
                .filter(|to| !same.contains(to) && !dependencies.contains(to))
                .collect();
            dependencies.extend(next.iter().cloned());
            frontier = next;
        }
        Self { same, dependencies }
    }

    /// 1 for the subject itself, 0.5 for a hard dependency, 0.1 for anything else (`scoring.md` §5.7).
    pub(crate) fn scope(&self, id: &SubjectId) -> f64 {
        if self.same.contains(id) {
            1.0
        } else if self.dependencies.contains(id) {
            0.5
        } else {
            0.1
        }
    }

    /// The subject itself or a hard dependency.
    pub(crate) fn holds(&self, id: &SubjectId) -> bool {
        self.scope(id) > 0.1
    }
}

/// An endpoint belongs to the service that serves it, or that it names as its own.
fn is_owner(relation: &Relation) -> bool {
    matches!(relation, Relation::Serves | Relation::MemberOf | Relation::RunsIn | Relation::DependsOn { hard: true })
}

/// How people name a subject.
pub(crate) fn subject_ref(index: &FactIndex, id: &SubjectId) -> SubjectRef {
    let id = index.canonical(id);
    let resource = index.resource(&id);
    SubjectRef {
        kind: resource.map(|r| r.kind),
        name: resource.map_or_else(|| id.to_string(), |r| r.name.clone()),
        account: index.provenance(&id).map(|p| p.account.clone()),
        region: resource.and_then(|r| r.region.clone()),
        id,
    }
}

/// Staging and development are told by the thing itself, else by the deployment's word; anything else is production.
pub(crate) fn is_production(index: &FactIndex, id: &SubjectId, word: &str) -> bool {
    let stated = index.resource(id).and_then(|r| r.environment);
    stated.is_none_or(|e| e == Environment::Production) && !is_rehearsal(word)
}
