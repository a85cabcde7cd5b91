//! What a check may look at.

use crate::Rule;
use loadline_model::{
    Capacity, Environment, Exposure, FactIndex, Graph, Journey, Kind, Policy, Provenance, Relation, Resource,
    SubjectId, SubjectRef, Tier, Timestamp, Topology, Trends,
};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// Everything a check may read. All of it is about one snapshot.
pub struct Context<'a> {
    /// Facts, searchable.
    pub facts: &'a FactIndex<'a>,
    /// Graph, exposure, single points of failure.
    pub topology: &'a Topology,
    /// Headroom and forecasts.
    pub capacity: &'a Capacity,
    /// Latency, errors, demand, delivery.
    pub trends: &'a Trends,
    /// The team's numbers.
    pub policy: &'a Policy,
    /// The snapshot's time: freshness is judged against this, never against a clock.
    pub as_of: Timestamp,
    // Rules ask it of every service: walked once a snapshot, not once a check.
    reaches: OnceCell<BTreeMap<SubjectId, BTreeSet<SubjectId>>>,
}

/// What a check is about.
pub struct Subject<'a> {
    /// The rule that asks.
    pub rule: &'static Rule,
    /// Canonical id.
    pub id: SubjectId,
    /// The thing; `None` for the organisation.
    pub resource: Option<&'a Resource>,
    /// How people and JSON name it.
    pub reference: SubjectRef,
    /// Derived or declared tier.
    pub tier: Tier,
    /// Production unless mapped otherwise.
    pub environment: Environment,
    /// How much depends on it.
    pub exposure: Exposure,
    policy: &'a Policy,
}

impl<'a> Subject<'a> {
    pub(crate) fn thing(rule: &'static Rule, id: &SubjectId, resource: &'a Resource, context: &Context<'a>) -> Self {
        let node = context.topology.graph.node(id);
        Self {
            rule,
            id: id.clone(),
            resource: Some(resource),
            reference: context.reference(id),
            tier: node.map(|n| n.tier).or(resource.tier).unwrap_or(Tier::T0),
            environment: resource.environment.unwrap_or(Environment::Production),
            exposure: context.topology.exposure(id),
            policy: context.policy,
        }
    }

    pub(crate) fn organisation(rule: &'static Rule, exposure: Exposure, context: &Context<'a>) -> Self {
        Self {
            rule,
            id: SubjectId::new(loadline_model::ORGANISATION),
            resource: None,
            reference: SubjectRef::organisation(),
            tier: Tier::T0,
            environment: Environment::Production,
            exposure,
            policy: context.policy,
        }
    }

    /// A number of the rule, as the team set it or by default; 0 when the rule has no such number (a test forbids it).
    pub fn number(&self, key: &str) -> f64 {
        self.policy
            .threshold(self.rule.id, key)
            .or_else(|| self.rule.numbers.iter().find(|n| n.key == key).map(|n| n.value))
            .unwrap_or_default()
    }

    /// The name people know it by.
    pub fn name(&self) -> &str {
        &self.reference.name
    }

    /// True for T0.
    pub fn is_t0(&self) -> bool {
        self.tier == Tier::T0
    }

    /// The kind, when it is a thing.
    pub fn kind(&self) -> Option<Kind> {
        self.resource.map(|r| r.kind)
    }

    /// The engine's name, lower case; empty when unknown.
    pub fn engine(&self) -> &str {
        self.resource.and_then(|r| r.engine.as_deref()).unwrap_or("")
    }
}

impl<'a> Context<'a> {
    /// The stages' results about one snapshot.
    pub fn new(
        facts: &'a FactIndex<'a>,
        (topology, capacity, trends): (&'a Topology, &'a Capacity, &'a Trends),
        policy: &'a Policy,
        as_of: Timestamp,
    ) -> Self {
        Self { facts, topology, capacity, trends, policy, as_of, reaches: OnceCell::new() }
    }

    /// A journey, what it needs, and what that hands requests to or depends on.
    pub(crate) fn reach_of(&self, journey: &Journey) -> &BTreeSet<SubjectId> {
        const NOTHING: &BTreeSet<SubjectId> = &BTreeSet::new();
        self.reaches.get_or_init(|| reaches(&self.topology.graph)).get(&journey.id).unwrap_or(NOTHING)
    }

    /// How people and JSON name a thing.
    pub fn reference(&self, id: &SubjectId) -> SubjectRef {
        let id = self.facts.canonical(id);
        let resource = self.facts.resource(&id);
        SubjectRef {
            kind: resource.map(|r| r.kind),
            name: resource.map_or_else(|| id.to_string(), |r| r.name.clone()),
            account: self.facts.provenance(&id).map(|p: &Provenance| p.account.clone()),
            region: resource.and_then(|r| r.region.clone()),
            id,
        }
    }
}

fn reaches(graph: &Graph) -> BTreeMap<SubjectId, BTreeSet<SubjectId>> {
    let mut next: BTreeMap<&SubjectId, Vec<&SubjectId>> = BTreeMap::new();
    for edge in &graph.edges {
        if matches!(edge.relation, Relation::Serves | Relation::DependsOn { .. }) {
            next.entry(&edge.from).or_default().push(&edge.to);
        }
    }
    let walk = |journey: &Journey| {
        let mut reached = BTreeSet::from([journey.id.clone()]);
        let mut visit: Vec<&SubjectId> = journey.needs.iter().collect();
        while let Some(id) = visit.pop() {
            if reached.insert(id.clone()) {
                visit.extend(next.get(id).into_iter().flatten());
            }
        }
        (journey.id.clone(), reached)
    };
    graph.journeys.iter().map(walk).collect()
}
