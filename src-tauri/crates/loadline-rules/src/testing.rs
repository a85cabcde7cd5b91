//! A small snapshot builder, so that a rule's cases read as facts and one expected word.

use crate::{Context, Rule};
use loadline_model::*;

/// A snapshot under construction; `as_of` is 2026-11-16T07:00Z.
pub(crate) struct Case {
    snapshot: Snapshot,
    pub(crate) topology: Topology,
    pub(crate) capacity: Capacity,
    pub(crate) trends: Trends,
    pub(crate) policy: Policy,
}

/// The time at which every case is judged.
pub(crate) fn as_of() -> Timestamp {
    Timestamp::parse("2026-11-16T07:00:00Z").expect("valid")
}

impl Case {
    /// Nothing known.
    pub(crate) fn new() -> Self {
        let growth = Growth { monthly: None, weeks: 0, peak: None, missing: None };
        Self {
            snapshot: Snapshot {
                taken_at: as_of(),
                accounts: vec![AccountSummary {
                    id: "acc".into(),
                    provider: "test".into(),
                    name: "acc".into(),
                    connected: true,
                    collected_at: Some(as_of()),
                }],
                ..Snapshot::default()
            },
            topology: Topology::default(),
            capacity: Capacity {
                growth,
                utilisation: vec![],
                limits: vec![],
                first_limit: None,
                ladder: vec![],
                unmeasured: vec![],
                families: vec![],
                zone_loss: vec![],
                pools: vec![],
            },
            trends: Trends::default(),
            policy: Policy::default(),
        }
    }
    /// A fact with a basis, read an hour before `as_of`.
    pub(crate) fn fact(mut self, subject: &str, basis: Basis, body: impl Into<Body>) -> Self {
        let provenance =
            Provenance { account: "acc".into(), call: "case".into(), read_at: as_of().plus_hours(-1), basis };
        self.snapshot.facts.push(Fact { subject: subject.into(), body: body.into(), provenance });
        self
    }
    /// A configured fact.
    pub(crate) fn has(self, subject: &str, body: impl Into<Body>) -> Self {
        self.fact(subject, Basis::Configured, body)
    }
    /// A thing of a kind, named like its id.
    pub(crate) fn thing(self, subject: &str, kind: Kind) -> Self {
        self.has(subject, Resource::new(kind, subject))
    }
    /// A setting.
    pub(crate) fn set(self, subject: &str, key: &str, value: Value) -> Self {
        self.has(subject, Setting { key: key.into(), item: None, value })
    }
    /// A switch.
    pub(crate) fn flag(self, subject: &str, key: &str, on: bool) -> Self {
        self.set(subject, key, Value::Bool(on))
    }
    /// A number.
    pub(crate) fn number(self, subject: &str, key: &str, value: f64) -> Self {
        self.set(subject, key, Value::Number(value))
    }
    /// An edge.
    pub(crate) fn edge(self, from: &str, relation: Relation, to: &str) -> Self {
        self.has(from, Edge { relation, to: to.into(), confidence: Confidence::Declared })
    }
    /// A complete inventory of a kind.
    pub(crate) fn listed(mut self, kind: Kind) -> Self {
        self.snapshot.inventories.push(Inventory {
            account: "acc".into(),
            scope: "all".into(),
            kind,
            read_at: as_of(),
        });
        self
    }
    /// A measured utilisation.
    pub(crate) fn used(mut self, subject: &str, limited: Limited, ratio: f64, days: f64) -> Self {
        self.capacity.utilisation.push(Utilisation {
            subject: SubjectRef { id: subject.into(), kind: None, name: subject.into(), account: None, region: None },
            limited,
            now: Interval { p10: ratio, p50: ratio, p90: ratio },
            line: limited.default_limit(),
            gamma: Interval { p10: 0.8, p50: 1.0, p90: 1.3 },
            gamma_fitted: false,
            days,
            samples: 100,
            hard_limit: None,
            unit: String::new(),
            sources: vec!["case".into()],
            observed_range: 1.5,
        });
        self
    }
    /// The snapshot, to change what no other method changes.
    pub(crate) fn edit(mut self, change: impl FnOnce(&mut Snapshot)) -> Self {
        change(&mut self.snapshot);
        self
    }
    /// The answer of a rule for a subject (or the organisation) after the engine's own refusals, as
    /// `pass`, `fail <base severity>`, `unknown <reason>` or `not_applicable`.
    pub(crate) fn answer(&self, rule: &'static Rule, subject: &str) -> String {
        let check = self.check_of(rule, subject);
        match &check.result.outcome {
            Outcome::Fail { .. } => format!("fail {}", check.base_severity.map_or("?", Severity::word)),
            Outcome::Unknown { reason } => format!("unknown {}", reason.code()),
            other => other.word().to_owned(),
        }
    }
    /// The whole check.
    pub(crate) fn check_of(&self, rule: &'static Rule, subject: &str) -> Check {
        let facts = FactIndex::new(&self.snapshot);
        let context = Context {
            facts: &facts,
            topology: &self.topology,
            capacity: &self.capacity,
            trends: &self.trends,
            policy: &self.policy,
            as_of: as_of(),
        };
        crate::evaluate::evaluate_rule(rule, &context)
            .into_iter()
            .find(|c| c.subject.id.as_str() == subject)
            .unwrap_or_else(|| panic!("{} does not judge {subject}", rule.id))
    }
}
