//! How much of the journeys depends on each subject, as an interval (`scoring.md` §1.5).

use crate::impact::Impact;
use crate::system::System;
use loadline_model::{Environment, Exposure, FactIndex, GapReason, Graph, Kind, Relation, Resource, SubjectId, num};
use std::collections::{BTreeMap, BTreeSet};

/// Least exposure of anything.
const FLOOR: f64 = 0.05;
/// What a degraded journey weighs against a lost one.
const SOFT: f64 = 0.25;

/// The graph as all edges say, and as only certain edges say.
pub(crate) struct Views<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) system: &'a System,
    pub(crate) impacts: &'a [Impact],
    pub(crate) certain: &'a System,
    pub(crate) certain_impacts: &'a [Impact],
}

/// Exposure of every subject the index knows, and of every node.
pub(crate) fn of_all(index: &FactIndex<'_>, views: &Views<'_>) -> BTreeMap<SubjectId, Exposure> {
    let judge = Judge { index, views, attached: attached(views), hidden: Hidden::of(index, views.graph) };
    let ids = index.resources().map(|(id, _)| id.clone()).chain(views.graph.nodes.iter().map(|n| n.id.clone()));
    let ids: BTreeSet<SubjectId> = ids.collect();
    ids.into_iter().map(|id| (id.clone(), judge.exposure(&id))).collect()
}

/// Nodes with a complete path of certain edges from an entry to a journey that rests on them; copies and members that only hold data
/// belong to what they copy.
fn attached(views: &Views<'_>) -> Vec<bool> {
    let certain = views.certain;
    let mapped =
        |j: &usize| !certain.journeys[*j].broken && certain.journeys[*j].needs.iter().any(|n| n.pass.is_some());
    let footing = certain.footing((0..certain.journeys.len()).filter(mapped));
    let mut attached = certain.needs_of_each().reached(footing);
    let beside: Vec<(u32, u32)> = views
        .graph
        .edges
        .iter()
        .filter(|e| e.confidence != loadline_model::Confidence::Inferred)
        .filter_map(|e| match e.relation {
            Relation::MemberOf => Some((certain.node(&e.to)?, certain.node(&e.from)?)),
            Relation::ReplicatedTo { .. } => Some((certain.node(&e.from)?, certain.node(&e.to)?)),
            _ => None,
        })
        .collect();
    let parts = crate::csr::Csr::new(certain.size(), beside);
    let open: Vec<u32> = (0..certain.size() as u32).filter(|v| attached[*v as usize]).collect();
    for (seen, more) in attached.iter_mut().zip(parts.reached(open)) {
        *seen |= more;
    }
    attached
}

/// What gaps may hide: things through which a journey could depend on more than is seen.
struct Hidden {
    everything: bool,
    shared: bool,
    kinds: BTreeSet<Kind>,
    subjects: BTreeSet<SubjectId>,
}

impl Hidden {
    fn of(index: &FactIndex<'_>, graph: &Graph) -> Self {
        let gaps = &index.snapshot().gaps;
        let kinds: BTreeSet<Kind> = gaps.iter().flat_map(|g| g.hides.iter().copied()).collect();
        let on_path = |kind: &Kind| {
            !kind.is_recovery()
                && !matches!(kind, Kind::Table | Kind::Endpoint | Kind::Module | Kind::Zone | Kind::Region)
        };
        let unmapped = gaps.iter().filter(|g| g.reason == GapReason::UnmappedSubject);
        let subjects: BTreeSet<SubjectId> =
            unmapped.filter_map(|g| g.subject.as_ref()).map(|id| index.canonical(id)).collect();
        // A hidden service or journey may stand between users and anything; so may one whose needs are not known.
        let between = |kind: &Kind| matches!(kind, Kind::Service | Kind::Journey);
        let everything = kinds.iter().any(between)
            || subjects.iter().any(|id| index.resource(id).is_some_and(|r| between(&r.kind)))
            || graph.journeys.iter().any(|j| j.needs.is_empty());
        // Anything hidden on the request path runs somewhere and sends its traffic through something.
        Self { everything, shared: kinds.iter().any(on_path), kinds, subjects }
    }
    fn may_change(&self, id: &SubjectId, kind: Kind) -> bool {
        let fate =
            matches!(kind, Kind::Zone | Kind::Region | Kind::Account | Kind::Host | Kind::Network | Kind::Gateway);
        self.everything || (self.shared && fate) || self.kinds.contains(&kind) || self.subjects.contains(id)
    }
}

struct Judge<'a> {
    index: &'a FactIndex<'a>,
    views: &'a Views<'a>,
    attached: Vec<bool>,
    hidden: Hidden,
}

impl Judge<'_> {
    fn exposure(&self, id: &SubjectId) -> Exposure {
        let resource = self.index.resource(id);
        let (impact, known) = self.impact(id, resource, &mut BTreeSet::new());
        let (blast, soft) = (impact.blast(self.views.system), impact.soft(self.views.system));
        let low = num::round9((blast + SOFT * soft).clamp(FLOOR, 1.0));
        let elsewhere = resource.and_then(|r| r.environment).is_some_and(|e| e != Environment::Production);
        // What is mapped to another environment is known not to serve users beyond what the graph shows.
        if known || elsewhere {
            Exposure { low, high: low, known: true }
        } else {
            Exposure { low, high: 1.0, known: false }
        }
    }

    /// What stops with a subject, and whether that is known. Subjects off the request path answer for what depends on them.
    fn impact(&self, id: &SubjectId, resource: Option<&Resource>, seen: &mut BTreeSet<SubjectId>) -> (Impact, bool) {
        let kind = resource.map(|r| r.kind);
        if !seen.insert(id.clone()) {
            return (Impact::default(), true);
        }
        if kind == Some(Kind::Journey) {
            let own = (0u32..).zip(&self.views.system.journeys).find(|(_, j)| j.id == *id);
            let known = own.is_some_and(|(_, j)| !j.broken) && !self.hidden.everything;
            return (Impact { lost: own.map(|(j, _)| j).into_iter().collect(), degraded: Vec::new() }, known);
        }
        if let Some(v) = self.views.system.node(id)
            && (self.attached[v as usize] || self.views.system.position[v as usize] != u32::MAX)
        {
            return self.on_path(id, v);
        }
        let Some(kind) = kind else { return (Impact::default(), false) };
        let related = self.related(id, kind);
        let mut all = (Impact::default(), !related.is_empty());
        for other in related {
            let (impact, known) = self.impact(&other, self.index.resource(&other), seen);
            all = (all.0.joined(&impact), all.1 && known);
        }
        all
    }

    fn on_path(&self, id: &SubjectId, v: u32) -> (Impact, bool) {
        let views = self.views;
        let (all, certain) = (&views.impacts[v as usize], &views.certain_impacts[v as usize]);
        let hidden = self.hidden.may_change(id, views.graph.nodes[v as usize].kind);
        (all.clone(), self.attached[v as usize] && !hidden && all == certain)
    }

    /// What a subject off the request path matters for.
    fn related(&self, id: &SubjectId, kind: Kind) -> Vec<SubjectId> {
        let to = |wanted: &[Relation]| {
            self.index.edges_to(id).filter(|e| wanted.contains(&e.edge.relation)).map(|e| e.from).collect::<Vec<_>>()
        };
        let from = |wanted: &[Relation]| {
            self.index.edges_from(id).filter(|e| wanted.contains(&e.edge.relation)).map(|e| e.to).collect::<Vec<_>>()
        };
        let mut related = match kind {
            Kind::Table => from(&[Relation::StoredIn]),
            Kind::Endpoint => {
                [to(&[Relation::Serves]), from(&[Relation::MemberOf, Relation::StoredIn, Relation::BuiltFrom])].concat()
            }
            Kind::Module => [from(&[Relation::StoredIn, Relation::MemberOf]), to(&[Relation::BuiltFrom])].concat(),
            Kind::Repository => to(&[Relation::BuiltFrom, Relation::DeployedBy]),
            Kind::Pipeline => to(&[Relation::DeployedBy]),
            Kind::Person => to(&[Relation::KnownBy, Relation::OperatedBy]),
            Kind::Secret => to(&[Relation::UsesSecret]),
            Kind::AlertChannel => to(&[Relation::Notifies]),
            _ => from(&[Relation::BacksUp]),
        };
        related.sort();
        related.dedup();
        related
    }
}
