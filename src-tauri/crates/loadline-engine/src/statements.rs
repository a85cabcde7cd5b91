//! Decisions made usable: statements become stated facts, links become aliases, acceptances and item moments become tables.
//! A later decision replaces an earlier one about the same thing.

use loadline_model::{
    Acceptance, AccountId, Alias, Basis, Body, Choice, Confidence, Decision, Edge, Fact, Fingerprint, ITEM_DONE, Kind,
    ORGANISATION, Policy, Provenance, Relation, Resource, Setting, Snapshot, Statement, SubjectId, Value, key,
    question,
};
use loadline_roadmap::ItemDecisions;
use std::collections::{BTreeMap, BTreeSet};

/// The account name under which people's statements appear.
pub const STATED: &str = "stated";

/// What all decisions up to now amount to.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    /// Current policy.
    pub policy: Policy,
    /// Current acceptances.
    pub acceptances: BTreeMap<Fingerprint, Acceptance>,
    /// When items were started and done, and the sprints chosen by hand.
    pub items: ItemDecisions,
    facts: BTreeMap<(String, SubjectId), Vec<Fact>>,
    aliases: Vec<Alias>,
}

impl Decided {
    /// Reads the log from its beginning.
    pub fn from_log(decisions: &[Decision]) -> Self {
        let mut decided = Self { items: ItemDecisions::from_log(decisions), ..Self::default() };
        for decision in decisions {
            decided.apply(decision);
        }
        decided
    }

    /// The snapshot with what people state added, and with the links that follow from exact addresses.
    pub fn state_into(&self, snapshot: &Snapshot) -> Snapshot {
        let mut stated = snapshot.clone();
        for facts in self.facts.values() {
            for fact in facts {
                stated.facts.push(match &fact.body {
                    // A statement about a thing keeps what the accounts say of its kind and name.
                    Body::Resource(said) => {
                        Fact { body: Body::Resource(named_as_known(said, &fact.subject, snapshot)), ..fact.clone() }
                    }
                    _ => fact.clone(),
                });
            }
        }
        stated.aliases.extend(self.aliases.iter().cloned());
        let decided: BTreeSet<SubjectId> = stated.aliases.iter().map(|a| a.alias.clone()).collect();
        stated.aliases.extend(crate::identity::declared(snapshot, &decided));
        stated
    }

    fn apply(&mut self, decision: &Decision) {
        match &decision.choice {
            Choice::Accept { fingerprint, owner, reason, until } => {
                let acceptance = Acceptance {
                    owner: owner.clone(),
                    reason: reason.clone(),
                    until: *until,
                    author: decision.author.clone(),
                    at: decision.at,
                };
                self.acceptances.insert(fingerprint.clone(), acceptance);
            }
            Choice::Unaccept { fingerprint } => {
                self.acceptances.remove(fingerprint);
            }
            Choice::Link { alias, canonical } => self.aliases.push(link(decision, alias, canonical, true)),
            Choice::Unlink { alias } => self.aliases.push(link(decision, alias, alias, false)),
            // What is decided about items, the planner reads from the same log.
            Choice::StartItem { .. } | Choice::PinItem { .. } => {}
            // Rules read which items are done, and when.
            Choice::FinishItem { item, at, .. } => {
                let said =
                    Statement { key: ITEM_DONE.into(), value: item.to_string(), author: decision.author.clone() };
                let about = SubjectId::new(ORGANISATION);
                let mut done = fact(decision, &about, said.into());
                done.provenance.read_at = *at;
                self.facts.insert((format!("done {item}"), about), vec![done]);
            }
            Choice::ReopenItem { item } => {
                self.facts.remove(&(format!("done {item}"), SubjectId::new(ORGANISATION)));
            }
            Choice::SetPolicy { policy } => self.policy = (**policy).clone(),
            Choice::ReviewNote { .. } => {}
            _ => self.state(decision),
        }
    }

    fn state(&mut self, decision: &Decision) {
        let mut set = |topic: &str, subject: &SubjectId, bodies: Vec<Body>| {
            let facts = bodies.into_iter().map(|body| fact(decision, subject, body)).collect();
            self.facts.insert((topic.to_owned(), subject.clone()), facts);
        };
        match &decision.choice {
            Choice::SetTier { subject, tier } => {
                let said = tier.map(|tier| Resource { tier: Some(tier), ..Resource::new(Kind::Service, "") });
                set("tier", subject, said.into_iter().map(Body::from).collect());
            }
            Choice::SetEnvironment { subject, environment } => {
                let said = environment.map(|e| Resource { environment: Some(e), ..Resource::new(Kind::Service, "") });
                set("environment", subject, said.into_iter().map(Body::from).collect());
            }
            Choice::SetManaged { subject, managed } => {
                let said = managed.map(|m| Resource { managed: Some(m), ..Resource::new(Kind::Service, "") });
                set("managed", subject, said.into_iter().map(Body::from).collect());
            }
            Choice::StateEdge { from, to, hard, stated } => {
                let edge = Edge {
                    relation: Relation::DependsOn { hard: *hard },
                    to: to.clone(),
                    confidence: Confidence::Declared,
                };
                set(&format!("edge {to}"), from, stated.then_some(edge).into_iter().map(Body::from).collect());
            }
            Choice::SetJourney { id, name, weight, needs, critical } => {
                let mut bodies = vec![Body::from(Resource::new(Kind::Journey, name.clone()))];
                let setting = |key: &str, value| Body::from(Setting { key: key.into(), item: None, value });
                bodies.push(setting(key::JOURNEY_WEIGHT, Value::Number(*weight)));
                bodies.push(setting(key::JOURNEY_CRITICAL, Value::Bool(*critical)));
                bodies.extend(needs.iter().map(|to| {
                    Body::from(Edge { relation: Relation::Needs, to: to.clone(), confidence: Confidence::Declared })
                }));
                set("journey", id, bodies);
            }
            Choice::RemoveJourney { id } => set("journey", id, Vec::new()),
            Choice::Answer { subject, key, item, value } => {
                let topic = format!("answer {key} {}", item.as_deref().unwrap_or_default());
                let said = |value: &Value| Setting { key: key.clone(), item: item.clone(), value: value.clone() };
                let facts = self.facts.entry((topic, subject.clone())).or_default();
                // A later answer replaces an earlier one. Where the answers are a history, it replaces that of its day, and taking
                // back takes back all.
                let kept = value.is_some() && question(key).is_some_and(|q| q.kept);
                facts.retain(|f| kept && f.provenance.read_at.utc_day() != decision.at.utc_day());
                facts.extend(value.iter().map(|v| fact(decision, subject, said(v).into())));
            }
            _ => {}
        }
    }
}

fn fact(decision: &Decision, subject: &SubjectId, body: Body) -> Fact {
    let provenance = Provenance {
        account: AccountId::new(STATED),
        call: format!("stated by {}", decision.author),
        read_at: decision.at,
        basis: Basis::Stated,
    };
    Fact { subject: subject.clone(), body, provenance }
}

fn link(decision: &Decision, alias: &SubjectId, canonical: &SubjectId, linked: bool) -> Alias {
    Alias {
        alias: alias.clone(),
        canonical: canonical.clone(),
        basis: "linked by a person".into(),
        author: decision.author.clone(),
        at: decision.at,
        linked,
    }
}

fn named_as_known(said: &Resource, subject: &SubjectId, snapshot: &Snapshot) -> Resource {
    if !said.name.is_empty() {
        return said.clone();
    }
    let known = snapshot.facts.iter().filter(|f| f.subject == *subject).find_map(|f| match &f.body {
        Body::Resource(r) => Some((r.kind, r.name.clone())),
        _ => None,
    });
    let (kind, name) = known.unwrap_or_else(|| (said.kind, subject.to_string()));
    Resource { kind, name, ..said.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{FactIndex, ItemId, Tier, Timestamp};

    fn decision(number: i64, choice: Choice) -> Decision {
        Decision { number, at: Timestamp(number), author: "mira".into(), choice }
    }

    #[test]
    fn answers_become_statements_and_the_history_of_a_migration_is_kept() {
        let answer = |key: &str, item: Option<&str>, value: Option<f64>| Choice::Answer {
            subject: ORGANISATION.into(),
            key: key.into(),
            item: item.map(str::to_owned),
            value: value.map(Value::Number),
        };
        let facts = |log: &[Decision]| Decided::from_log(log).state_into(&Snapshot::default()).facts;
        let log = [
            decision(1, answer(key::ONCALL_PEOPLE, None, Some(2.0))),
            decision(2, answer(key::ONCALL_PEOPLE, None, Some(5.0))),
            decision(3, answer(key::MIGRATION_PROGRESS, Some("layers"), Some(0.2))),
            decision(86_400_000, answer(key::MIGRATION_PROGRESS, Some("layers"), Some(0.9))),
            decision(86_400_001, answer(key::MIGRATION_PROGRESS, Some("layers"), Some(0.3))),
        ];
        let said = facts(&log);
        assert_eq!(said.len(), 3);
        assert!(said.iter().all(|f| f.provenance.basis == Basis::Stated));
        let back = [&log[..], &[decision(86_400_002, answer(key::MIGRATION_PROGRESS, Some("layers"), None))]].concat();
        assert_eq!(facts(&back).len(), 1);
    }

    #[test]
    fn finished_items_are_statements_of_the_moment_they_reached_users() {
        let item = ItemId::new("DB-003@12345678");
        let finished = decision(7, Choice::FinishItem { item: item.clone(), at: Timestamp(5), took_weeks: None });
        let facts = |log: &[Decision]| Decided::from_log(log).state_into(&Snapshot::default()).facts;
        let said = facts(std::slice::from_ref(&finished));
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].provenance.read_at, Timestamp(5));
        assert!(facts(&[finished, decision(8, Choice::ReopenItem { item })]).is_empty());
    }

    #[test]
    fn later_decisions_replace_earlier_ones() {
        let item = ItemId::new("DB-003@12345678");
        let log = [
            decision(1, Choice::SetTier { subject: "db".into(), tier: Some(Tier::T0) }),
            decision(2, Choice::SetTier { subject: "db".into(), tier: Some(Tier::T2) }),
            decision(3, Choice::FinishItem { item: item.clone(), at: Timestamp(5), took_weeks: None }),
            decision(4, Choice::ReopenItem { item }),
        ];
        let decided = Decided::from_log(&log);
        assert!(decided.items.done.is_empty());
        let mut snapshot = Snapshot::default();
        snapshot.facts.push(fact(&log[0], &"db".into(), Resource::new(Kind::Database, "prod-db").into()));
        snapshot.facts[0].provenance.basis = Basis::Configured;
        let stated = decided.state_into(&snapshot);
        let index = FactIndex::new(&stated);
        let db = index.resource(&"db".into()).expect("known");
        assert_eq!((db.kind, db.name.as_str(), db.tier), (Kind::Database, "prod-db", Some(Tier::T2)));
    }
}
