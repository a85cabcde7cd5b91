//! Accounts, scopes, and the way a fact of the story is written down.

use super::story::{self, at};
use super::{code, data, services};
use loadline_model::{
    AccountSummary, Basis, Body, Confidence, DemoAccount, DemoFact, DemoGap, DemoScope, Edge, Gap, GapReason, Kind,
    Relation, Resource, Setting, Timestamp, Value,
};

/// The cloud account: hosts, services, balancer, zones.
pub(super) const CLOUD: &str = "harbor-cloud";
/// The database account: primary store and cache.
pub(super) const DB: &str = "harbor-data";
/// The metrics account: latency, alerts, journeys.
pub(super) const METRICS: &str = "harbor-metrics";
/// The delivery account: deployments.
pub(super) const DELIVERY: &str = "harbor-delivery";
/// The repository: a clone, and reports that were imported.
pub(super) const CODE: &str = "harbor-code";

/// Facts of one scope under construction.
#[derive(Default)]
pub(super) struct Said {
    facts: Vec<DemoFact>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    call: &'static str,
}

impl Said {
    /// What follows was answered by this call.
    pub(super) fn call(&mut self, call: &'static str) -> &mut Self {
        self.call = call;
        self
    }
    /// What follows holds from one local time until another.
    pub(super) fn during(&mut self, from: &str, until: Option<&str>) -> &mut Self {
        self.from = Some(at(from));
        self.until = until.map(at);
        self
    }
    /// A fact.
    pub(super) fn say(&mut self, subject: &str, body: impl Into<Body>) -> &mut Self {
        self.say_as(subject, Basis::Configured, body)
    }
    /// A fact with a basis.
    pub(super) fn say_as(&mut self, subject: &str, basis: Basis, body: impl Into<Body>) -> &mut Self {
        self.facts.push(DemoFact {
            from: self.from.unwrap_or(at(story::BEGIN)),
            until: self.until,
            subject: subject.into(),
            call: self.call.into(),
            basis,
            body: body.into(),
        });
        self
    }
    /// Something that happened.
    pub(super) fn happened(&mut self, when: Timestamp, subject: &str, body: impl Into<Body>) -> &mut Self {
        let (from, until) = (self.from, self.until);
        (self.from, self.until) = (Some(when), None);
        self.say_as(subject, Basis::Measured, body);
        (self.from, self.until) = (from, until);
        self
    }
    /// Something that was seen and is kept for a while.
    pub(super) fn seen_until(
        &mut self,
        when: Timestamp,
        until: Timestamp,
        subject: &str,
        body: impl Into<Body>,
    ) -> &mut Self {
        let (from, end) = (self.from, self.until);
        (self.from, self.until) = (Some(when), Some(until));
        self.say_as(subject, Basis::Measured, body);
        (self.from, self.until) = (from, end);
        self
    }
    /// A thing.
    pub(super) fn thing(&mut self, subject: &str, kind: Kind, name: &str) -> &mut Self {
        self.say(subject, Resource::new(kind, name))
    }
    /// An edge.
    pub(super) fn edge(&mut self, from: &str, relation: Relation, to: &str) -> &mut Self {
        self.say(from, Edge { relation, to: to.into(), confidence: Confidence::Declared })
    }
    /// A number.
    pub(super) fn number(&mut self, subject: &str, key: &str, value: f64) -> &mut Self {
        self.set(subject, key, Value::Number(value))
    }
    /// A switch.
    pub(super) fn flag(&mut self, subject: &str, key: &str, value: bool) -> &mut Self {
        self.set(subject, key, Value::Bool(value))
    }
    /// Words.
    pub(super) fn text(&mut self, subject: &str, key: &str, value: &str) -> &mut Self {
        self.set(subject, key, Value::Text(value.into()))
    }
    /// A value of one of several items.
    pub(super) fn item(&mut self, subject: &str, key: &str, item: &str, value: Value) -> &mut Self {
        self.say(subject, Setting { key: key.into(), item: Some(item.into()), value })
    }
    fn set(&mut self, subject: &str, key: &str, value: Value) -> &mut Self {
        self.say(subject, Setting { key: key.into(), item: None, value })
    }
    /// The facts.
    pub(super) fn done(self) -> Vec<DemoFact> {
        self.facts
    }
}

/// The accounts of the story.
pub(super) fn accounts() -> Vec<DemoAccount> {
    let account = |id: &str, name: &str| DemoAccount {
        account: AccountSummary {
            id: id.into(),
            provider: "demo".into(),
            name: name.into(),
            connected: true,
            collected_at: None,
        },
        from: at(story::BEGIN),
    };
    vec![
        account(CLOUD, "Cloud account"),
        account(DB, "Databases"),
        account(METRICS, "Metrics"),
        account(DELIVERY, "Delivery"),
        account(CODE, "Code"),
    ]
}

/// What the accounts say.
pub(super) fn scopes() -> Vec<DemoScope> {
    let scope = |account: &str, name: &str, inventories: &[Kind], facts, gaps| DemoScope {
        account: account.into(),
        name: name.into(),
        inventories: inventories.to_vec(),
        facts,
        gaps,
    };
    let compute = [
        Kind::Entrypoint,
        Kind::Dns,
        Kind::Cdn,
        Kind::LoadBalancer,
        Kind::Service,
        Kind::Instance,
        Kind::Host,
        Kind::Zone,
        Kind::Region,
        Kind::Gateway,
        Kind::Queue,
        Kind::Store,
        Kind::Network,
        Kind::External,
        Kind::Account,
    ];
    vec![
        scope(CLOUD, "compute", &compute, services::compute(), Vec::new()),
        scope(DB, "server", &[Kind::Database, Kind::Table], data::server(), Vec::new()),
        scope(DB, "cache", &[Kind::Cache], data::cache(), Vec::new()),
        scope(METRICS, "service", &[Kind::Journey], services::metrics(), metric_gaps()),
        scope(DELIVERY, "deployments", &[Kind::Pipeline], services::delivery(), Vec::new()),
        scope(CODE, "repository", &[Kind::Repository], code::clone(), Vec::new()),
    ]
}

fn metric_gaps() -> Vec<DemoGap> {
    let gap = Gap {
        account: Some(METRICS.into()),
        scope: "service".into(),
        reason: GapReason::FeatureDisabled,
        detail: "No trace backend answers, so calls between services and providers are not seen.".into(),
        closes: "Install an OpenTelemetry agent and point it at a trace backend.".into(),
        hides: Vec::new(),
        subject: None,
    };
    vec![DemoGap { from: at(story::BEGIN), until: Some(at(story::OBSERVED)), gap }]
}
