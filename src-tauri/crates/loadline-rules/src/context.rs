//! What a check may look at.

use crate::Rule;
use loadline_model::{
    Capacity, Environment, Exposure, FactIndex, Kind, Policy, Provenance, Resource, SubjectId, SubjectRef, Tier,
    Timestamp, Topology, Trends,
};

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

impl Context<'_> {
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
