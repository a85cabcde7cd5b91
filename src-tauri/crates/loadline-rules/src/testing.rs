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
            fill_per_day: None,
        });
        self
    }
    /// A copy or restore of a store, finished this many hours before `as_of`.
    pub(crate) fn backup(self, subject: &str, kind: BackupKind, hours: i64, succeeded: bool) -> Self {
        let at = as_of().plus_hours(-hours);
        let event = BackupEvent { kind, at, succeeded, location: None, duration_s: None, validated: None, tool: None };
        self.has(subject, event)
    }
    /// Something about a subject that could not be read.
    pub(crate) fn gap(mut self, subject: &str, scope: &str) -> Self {
        self.snapshot.gaps.push(Gap {
            account: Some("acc".into()),
            scope: scope.into(),
            reason: GapReason::PermissionDenied,
            detail: format!("{scope} was denied"),
            closes: format!("allow {scope}"),
            hides: vec![],
            subject: Some(subject.into()),
        });
        self
    }
    /// A part of a subject that was not read, although the rest of it was.
    pub(crate) fn cut(self, subject: &str, scope: &str) -> Self {
        self.gap(subject, scope).edit(|snapshot| {
            if let Some(gap) = snapshot.gaps.last_mut() {
                gap.reason = GapReason::Truncated;
            }
        })
    }
    /// A tier in the graph.
    pub(crate) fn tier(mut self, subject: &str, tier: Tier) -> Self {
        self.node(subject).tier = tier;
        self
    }
    /// A zone in the graph, reached through a host.
    pub(crate) fn zone(mut self, subject: &str, zone: &str) -> Self {
        self.node(subject).zone = Some(zone.into());
        self
    }
    /// Members of a group, in facts and graph; `required` unknown is taken as all of them.
    pub(crate) fn members(mut self, group: &str, members: &[&str], required: Option<u32>) -> Self {
        let count = members.len() as u32;
        let node = self.node(group);
        node.members = count;
        node.required = Some(required.unwrap_or(count));
        node.required_assumed = required.is_none();
        members.iter().fold(self, |case, member| case.edge(member, Relation::MemberOf, group))
    }
    /// A single point of failure that loses the journey `checkout`.
    pub(crate) fn spof(mut self, subject: &str, blast_radius: f64, proven: bool) -> Self {
        self.topology.blast_radius.insert(subject.into(), blast_radius);
        self.topology
            .exposures
            .insert(subject.into(), Exposure { low: blast_radius, high: blast_radius, known: proven });
        self.topology.spofs.push(Spof {
            subject: SubjectRef { id: subject.into(), kind: None, name: subject.into(), account: None, region: None },
            blast_radius,
            degraded: 0.0,
            journeys_lost: vec!["checkout".into()],
            hours_per_year: Interval::default(),
            path: vec!["www".into(), subject.into(), "checkout".into()],
            why: String::new(),
            groups: vec![],
            confidence: Confidence::Declared,
            proven,
            assumption: String::new(),
        });
        self
    }
    /// This share of journeys needs it, and no single failure of today stops them.
    pub(crate) fn exposed(mut self, subject: &str, share: f64) -> Self {
        self.topology.exposures.insert(subject.into(), Exposure { low: share, high: share, known: true });
        self
    }
    /// The way to every journey is known, and none stops with it.
    pub(crate) fn no_spof(mut self, subject: &str) -> Self {
        self.topology.blast_radius.insert(subject.into(), 0.0);
        self.topology.exposures.insert(subject.into(), Exposure { low: 0.05, high: 0.05, known: true });
        self
    }
    fn node(&mut self, id: &str) -> &mut Node {
        let nodes = &mut self.topology.graph.nodes;
        let at = nodes.binary_search_by(|n| n.id.as_str().cmp(id)).unwrap_or_else(|at| {
            nodes.insert(
                at,
                Node {
                    id: id.into(),
                    kind: Kind::Service,
                    name: id.into(),
                    account: None,
                    region: None,
                    zone: None,
                    environment: Environment::Production,
                    tier: Tier::T0,
                    required: None,
                    members: 0,
                    required_assumed: false,
                    implied: false,
                    managed: None,
                    engine: None,
                },
            );
            at
        });
        &mut nodes[at]
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
        self.judge(|context| crate::evaluate::evaluate_rule(rule, context))
            .into_iter()
            .find(|c| c.subject.id.as_str() == subject)
            .unwrap_or_else(|| panic!("{} does not judge {subject}", rule.id))
    }
    /// Every rule on every subject.
    pub(crate) fn checks(&self) -> Vec<Check> {
        self.judge(crate::evaluate)
    }
    /// The facts, to delete some.
    pub(crate) fn facts(&self) -> &[Fact] {
        &self.snapshot.facts
    }
    /// Looks at the snapshot as a check does.
    pub(crate) fn look(&self, by: impl FnOnce(&Context<'_>)) {
        self.judge(|context| {
            by(context);
            Vec::new()
        });
    }
    fn judge(&self, by: impl FnOnce(&Context<'_>) -> Vec<Check>) -> Vec<Check> {
        let facts = FactIndex::new(&self.snapshot);
        let context = Context::new(&facts, (&self.topology, &self.capacity, &self.trends), &self.policy, as_of());
        by(&context)
    }
}

fn no_check(_: &crate::Subject<'_>, _: &Context<'_>) -> CheckResult {
    CheckResult::unknown(GapReason::NotConnected, "nothing", "nothing")
}

/// A rule about databases without words, for tests of the engine.
pub(crate) const BLANK: Rule = Rule {
    id: "TEST-900",
    title: "",
    question: "",
    why: "",
    condition: "",
    fix: &[],
    effort_days: [0.0, 0.0],
    effort_source: "",
    weight: 1,
    severity: "",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: crate::Applies::To(&[Kind::Database]),
    numbers: &[],
    sources: &[],
    proof_metric: "",
    proof: "",
    false_positives: "",
    unknown_when: "",
    prerequisites: &[],
    check: no_check,
};
