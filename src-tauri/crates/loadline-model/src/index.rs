//! A snapshot made searchable: by subject, kind, relation and key, with aliases resolved.

use crate::{
    AccountSummary, Alias, Basis, DistributionSeries, Edge, Fact, FactBody, Gap, IMPORTED, Incident, Kind, Limit,
    Limited, Provenance, Resource, Series, Setting, Snapshot, SubjectId,
};
use std::collections::{BTreeMap, BTreeSet};

/// A read-only view of a snapshot. All ids it returns are canonical; all ids it takes may be aliases.
pub struct FactIndex<'a> {
    snapshot: &'a Snapshot,
    canonical: BTreeMap<SubjectId, SubjectId>,
    resources: BTreeMap<SubjectId, Resource>,
    provenance: BTreeMap<SubjectId, &'a Provenance>,
    by_subject: BTreeMap<SubjectId, Vec<&'a Fact>>,
    incoming: BTreeMap<SubjectId, Vec<&'a Fact>>,
}

/// An edge with both ends canonical.
#[derive(Clone, Debug)]
pub struct EdgeView<'a> {
    /// Source.
    pub from: SubjectId,
    /// Target.
    pub to: SubjectId,
    /// The edge as it was said.
    pub edge: &'a Edge,
    /// Where it comes from.
    pub provenance: &'a Provenance,
}

impl<'a> FactIndex<'a> {
    /// Builds the view; linear in the number of facts.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let canonical = resolve_aliases(&snapshot.aliases);
        let canon = |id: &SubjectId| canonical.get(id).unwrap_or(id).clone();
        let mut by_subject: BTreeMap<SubjectId, Vec<&Fact>> = BTreeMap::new();
        let mut incoming: BTreeMap<SubjectId, Vec<&Fact>> = BTreeMap::new();
        let mut said: BTreeMap<SubjectId, Vec<&Fact>> = BTreeMap::new();
        let collected = collected_incidents(snapshot);
        for fact in snapshot.facts.iter().filter(|f| !is_told_again(f, &collected)) {
            let subject = canon(&fact.subject);
            if let Some(edge) = Edge::of(&fact.body) {
                incoming.entry(canon(&edge.to)).or_default().push(fact);
            }
            if Resource::of(&fact.body).is_some() {
                said.entry(subject.clone()).or_default().push(fact);
            }
            by_subject.entry(subject).or_default().push(fact);
        }
        let mut provenance = BTreeMap::new();
        let mut resources = BTreeMap::new();
        for (id, mut facts) in said {
            // Strongest basis first, newest first within it: the first to say something is believed.
            facts.sort_by_key(|f| {
                (f.provenance.basis, std::cmp::Reverse(f.provenance.read_at), f.provenance.account.clone())
            });
            if let Some(first) = facts.first() {
                provenance.insert(id.clone(), &first.provenance);
            }
            if let Some(merged) = merge_resources(&facts) {
                resources.insert(id, merged);
            }
        }
        Self { snapshot, canonical, resources, provenance, by_subject, incoming }
    }

    /// The snapshot behind the view.
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }
    /// The id used everywhere for this thing.
    pub fn canonical(&self, id: &SubjectId) -> SubjectId {
        self.canonical.get(id).unwrap_or(id).clone()
    }
    /// Every thing that exists, in id order.
    pub fn resources(&self) -> impl Iterator<Item = (&SubjectId, &Resource)> {
        self.resources.iter()
    }
    /// Every thing of a kind, in id order.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (&SubjectId, &Resource)> {
        self.resources.iter().filter(move |(_, r)| r.kind == kind)
    }
    /// A thing.
    pub fn resource(&self, id: &SubjectId) -> Option<&Resource> {
        self.resources.get(self.canonical.get(id).unwrap_or(id))
    }
    /// Where the strongest statement of a thing's existence comes from.
    pub fn provenance(&self, id: &SubjectId) -> Option<&'a Provenance> {
        self.provenance.get(self.canonical.get(id).unwrap_or(id)).copied()
    }
    /// All facts about a thing.
    pub fn about(&self, id: &SubjectId) -> &[&'a Fact] {
        self.by_subject.get(self.canonical.get(id).unwrap_or(id)).map_or(&[], Vec::as_slice)
    }
    /// Facts of one kind about a thing.
    pub fn facts<T: FactBody + 'a>(&self, id: &SubjectId) -> impl Iterator<Item = (&'a T, &'a Provenance)> {
        self.about(id).iter().filter_map(|f| T::of(&f.body).map(|b| (b, &f.provenance)))
    }
    /// Facts of one kind about anything, by subject in id order.
    pub fn all<T: FactBody + 'a>(&self) -> impl Iterator<Item = (&SubjectId, &'a T, &'a Provenance)> {
        self.by_subject
            .iter()
            .flat_map(|(id, facts)| facts.iter().filter_map(move |f| T::of(&f.body).map(|b| (id, b, &f.provenance))))
    }
    /// The believed value of a setting without item: strongest basis, then newest.
    pub fn setting(&self, id: &SubjectId, key: &str) -> Option<(&'a Setting, &'a Provenance)> {
        self.settings(id, key)
            .filter(|(s, _)| s.item.is_none())
            .min_by_key(|(_, p)| (p.basis, std::cmp::Reverse(p.read_at)))
    }
    /// All values of a setting, with their items.
    pub fn settings(&self, id: &SubjectId, key: &str) -> impl Iterator<Item = (&'a Setting, &'a Provenance)> {
        self.facts::<Setting>(id).filter(move |(s, _)| s.key == key)
    }
    /// A switch.
    pub fn flag(&self, id: &SubjectId, key: &str) -> Option<(bool, &'a Provenance)> {
        self.setting(id, key).and_then(|(s, p)| s.value.as_bool().map(|b| (b, p)))
    }
    /// A number.
    pub fn number(&self, id: &SubjectId, key: &str) -> Option<(f64, &'a Provenance)> {
        self.setting(id, key).and_then(|(s, p)| s.value.as_number().map(|n| (n, p)))
    }
    /// Words.
    pub fn text(&self, id: &SubjectId, key: &str) -> Option<(&'a str, &'a Provenance)> {
        self.setting(id, key).and_then(|(s, p)| s.value.as_text().map(|t| (t, p)))
    }
    /// Edges that leave a thing.
    pub fn edges_from(&self, id: &SubjectId) -> impl Iterator<Item = EdgeView<'a>> {
        let from = self.canonical(id);
        self.facts::<Edge>(id).map(move |(edge, provenance)| EdgeView {
            from: from.clone(),
            to: self.canonical(&edge.to),
            edge,
            provenance,
        })
    }
    /// Edges that reach a thing.
    pub fn edges_to(&self, id: &SubjectId) -> impl Iterator<Item = EdgeView<'a>> {
        let to = self.canonical(id);
        self.incoming.get(&to).map_or(&[][..], Vec::as_slice).iter().filter_map(move |f| {
            Edge::of(&f.body).map(|edge| EdgeView {
                from: self.canonical(&f.subject),
                to: to.clone(),
                edge,
                provenance: &f.provenance,
            })
        })
    }
    /// Series of one metric of a thing.
    pub fn series(&self, id: &SubjectId, metric: &str) -> impl Iterator<Item = (&'a Series, &'a Provenance)> {
        self.facts::<Series>(id).filter(move |(s, _)| s.metric == metric)
    }
    /// Distributions of one metric of a thing.
    pub fn distributions(
        &self,
        id: &SubjectId,
        metric: &str,
    ) -> impl Iterator<Item = (&'a DistributionSeries, &'a Provenance)> {
        self.facts::<DistributionSeries>(id).filter(move |(s, _)| s.metric == metric)
    }
    /// A hard limit of a thing.
    pub fn limit(&self, id: &SubjectId, limited: Limited) -> Option<(&'a Limit, &'a Provenance)> {
        self.facts::<Limit>(id)
            .filter(|(l, _)| l.limited == limited)
            .min_by_key(|(_, p)| (p.basis, std::cmp::Reverse(p.read_at)))
    }
    /// Some account listed all its things of this kind, every connected account was read, and no gap hides the kind:
    /// this makes absence known.
    pub fn inventory_read(&self, kind: Kind) -> bool {
        self.snapshot.inventories.iter().any(|i| i.kind == kind)
            && self.gaps_hiding(kind).next().is_none()
            && self.never_read().is_none()
    }
    /// A connected account of which nothing was ever read: it may hold anything.
    pub fn never_read(&self) -> Option<&'a AccountSummary> {
        self.snapshot.accounts.iter().find(|a| a.connected && a.collected_at.is_none())
    }
    /// Gaps that may hide things of a kind.
    pub fn gaps_hiding(&self, kind: Kind) -> impl Iterator<Item = &'a Gap> {
        self.snapshot.gaps.iter().filter(move |g| g.hides.contains(&kind))
    }
}

fn resolve_aliases(aliases: &[Alias]) -> BTreeMap<SubjectId, SubjectId> {
    let mut latest: BTreeMap<&SubjectId, &Alias> = BTreeMap::new();
    for alias in aliases {
        match latest.get(&alias.alias) {
            Some(known) if known.at > alias.at => {}
            _ => {
                latest.insert(&alias.alias, alias);
            }
        }
    }
    let mut resolved = BTreeMap::new();
    for (id, first) in latest.iter().filter(|(_, a)| a.linked) {
        let mut target = &first.canonical;
        let mut seen = BTreeSet::from([*id]);
        while let Some(next) = latest.get(target).filter(|a| a.linked) {
            if !seen.insert(target) {
                break;
            }
            target = &next.canonical;
        }
        if target != *id {
            resolved.insert((*id).clone(), target.clone());
        }
    }
    resolved
}

/// Ids of the incidents that connected accounts tell of.
fn collected_incidents(snapshot: &Snapshot) -> BTreeSet<&str> {
    let connected = snapshot.facts.iter().filter(|f| f.provenance.account.as_str() != IMPORTED);
    connected.filter_map(|f| Incident::of(&f.body)).map(|i| i.id.as_str()).collect()
}

/// A file tells of an incident that the account of its tool tells of too: one incident counts once, and the account knows
/// it better.
fn is_told_again(fact: &Fact, collected: &BTreeSet<&str>) -> bool {
    fact.provenance.account.as_str() == IMPORTED
        && Incident::of(&fact.body).is_some_and(|i| collected.contains(i.id.as_str()))
}

fn merge_resources(facts: &[&Fact]) -> Option<Resource> {
    let said: Vec<(&Resource, Basis)> =
        facts.iter().filter_map(|f| Resource::of(&f.body).map(|r| (r, f.provenance.basis))).collect();
    let mut merged = said.first()?.0.clone();
    for (r, _) in &said[1..] {
        merged.environment = merged.environment.or(r.environment);
        merged.tier = merged.tier.or(r.tier);
        merged.region = merged.region.or_else(|| r.region.clone());
        merged.engine = merged.engine.or_else(|| r.engine.clone());
        merged.engine_version = merged.engine_version.or_else(|| r.engine_version.clone());
        merged.managed = merged.managed.or(r.managed);
        merged.required_members = merged.required_members.or(r.required_members);
    }
    // Environment and tier are a person's to decide: what they say wins over what was read.
    let stated = || said.iter().filter(|(_, basis)| *basis == Basis::Stated).map(|(r, _)| r);
    for r in stated() {
        merged.environment = r.environment.or(merged.environment);
        merged.tier = r.tier.or(merged.tier);
    }
    // How many members a service needs is a person's to say too, where it was only concluded and not configured.
    let needed = said.iter().find_map(|(r, basis)| r.required_members.map(|_| *basis));
    if needed.is_some_and(|basis| basis >= Basis::Inferred) {
        merged.required_members = stated().find_map(|r| r.required_members).or(merged.required_members);
    }
    Some(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, Confidence, Environment, Relation, Timestamp, Value, key};

    fn fact(subject: &str, basis: Basis, at: i64, body: impl Into<crate::Body>) -> Fact {
        let provenance =
            Provenance { account: AccountId::new("a"), call: "test".into(), read_at: Timestamp(at), basis };
        Fact { subject: subject.into(), body: body.into(), provenance }
    }
    fn setting(value: Value) -> Setting {
        Setting { key: key::BACKUP_ENABLED.into(), item: None, value }
    }

    #[test]
    fn an_incident_that_is_imported_and_collected_is_one() {
        let incident = |subject: &str, id: &str, account: &str| {
            let incident = Incident {
                id: id.into(),
                title: "The server is on fire.".into(),
                started_at: Timestamp(0),
                detected_at: None,
                resolved_at: None,
                caused_by: None,
                failover: None,
                journeys: Vec::new(),
            };
            let mut fact = fact(subject, Basis::Measured, 1, incident);
            fact.provenance.account = AccountId::new(account);
            fact
        };
        let check = |facts: Vec<Fact>, expected: &[&str]| {
            let snapshot = Snapshot { facts, ..Snapshot::default() };
            let index = FactIndex::new(&snapshot);
            let found: Vec<&str> = index.all::<Incident>().map(|(id, ..)| id.as_str()).collect();
            assert_eq!(found, expected);
        };
        let file = || incident("arn:web", "pagerduty/P1", IMPORTED);
        check(vec![file()], &["arn:web"]);
        check(vec![file(), incident("service:web", "pagerduty/P1", "pd")], &["service:web"]);
        check(vec![file(), incident("service:web", "pagerduty/P2", "pd")], &["arn:web", "service:web"]);
    }

    #[test]
    fn strongest_then_newest_wins_and_aliases_resolve() {
        let mut stated = Resource::new(Kind::Database, "db");
        stated.environment = Some(Environment::Staging);
        let snapshot = Snapshot {
            facts: vec![
                fact("pg", Basis::Configured, 1, Resource::new(Kind::Database, "prod-db")),
                fact("host:5432", Basis::Stated, 9, stated),
                fact("pg", Basis::Stated, 9, setting(Value::Bool(true))),
                fact("pg", Basis::Configured, 2, setting(Value::Bool(false))),
                fact(
                    "api",
                    Basis::Inferred,
                    1,
                    Edge {
                        relation: Relation::DependsOn { hard: true },
                        to: "host:5432".into(),
                        confidence: Confidence::Inferred,
                    },
                ),
            ],
            aliases: vec![Alias {
                alias: "host:5432".into(),
                canonical: "pg".into(),
                basis: "exact".into(),
                author: "loadline".into(),
                at: Timestamp(1),
                linked: true,
            }],
            ..Snapshot::default()
        };
        let index = FactIndex::new(&snapshot);
        let pg = SubjectId::new("host:5432");
        let resource = index.resource(&pg).expect("merged");
        assert_eq!((resource.name.as_str(), resource.environment), ("prod-db", Some(Environment::Staging)));
        assert_eq!(index.flag(&pg, key::BACKUP_ENABLED).map(|(v, _)| v), Some(false));
        assert_eq!(index.edges_to(&"pg".into()).count(), 1);
        assert_eq!(index.of_kind(Kind::Database).count(), 1);
    }

    #[test]
    fn how_many_members_are_needed_is_believed_from_configuration_then_from_a_person() {
        let said = |basis, needed| {
            fact("web", basis, 1, Resource { required_members: Some(needed), ..Resource::new(Kind::Service, "web") })
        };
        let check = |facts: &[(Basis, u32)], expected: u32| {
            let facts = facts.iter().map(|(basis, needed)| said(*basis, *needed)).collect();
            let snapshot = Snapshot { facts, ..Snapshot::default() };
            let index = FactIndex::new(&snapshot);
            assert_eq!(index.resource(&"web".into()).and_then(|r| r.required_members), Some(expected));
        };
        check(&[(Basis::Inferred, 1)], 1);
        check(&[(Basis::Inferred, 1), (Basis::Stated, 2)], 2);
        check(&[(Basis::Configured, 3), (Basis::Inferred, 1), (Basis::Stated, 2)], 3);
        check(&[(Basis::Stated, 2)], 2);
    }

    #[test]
    fn alias_cycles_end() {
        let row = |a: &str, c: &str| Alias {
            alias: a.into(),
            canonical: c.into(),
            basis: "x".into(),
            author: "p".into(),
            at: Timestamp(0),
            linked: true,
        };
        let resolved = resolve_aliases(&[row("a", "b"), row("b", "a")]);
        assert!(resolved.len() <= 2);
    }
}
