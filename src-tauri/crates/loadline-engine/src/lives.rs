//! What is remembered of a thing under an id that it no longer has: once two accounts are seen to mean one thing, its
//! findings' lives, acceptances and roadmap items go on under the common id.

use crate::statements::Decided;
use loadline_model::{FactIndex, FindingState, Fingerprint, ItemId, LedgerEntry, RuleId, Snapshot, SubjectId};
use std::collections::{BTreeMap, BTreeSet};

/// Where each remembered id leads now. What is stored under the old ids stays, so that a link that is taken back gives each
/// thing its own past again.
#[derive(Debug, Default)]
pub(crate) struct Lives {
    findings: BTreeMap<Fingerprint, Fingerprint>,
    items: BTreeMap<ItemId, ItemId>,
}

impl Lives {
    /// The ids of every rule about every thing that goes by another name.
    pub(crate) fn of<'r>(stated: &Snapshot, facts: &FactIndex<'_>, rules: impl Iterator<Item = &'r RuleId>) -> Self {
        let names: BTreeSet<&SubjectId> = stated.aliases.iter().map(|a| &a.alias).collect();
        let moved: Vec<(&SubjectId, SubjectId)> =
            names.into_iter().map(|id| (id, facts.canonical(id))).filter(|(id, now)| **id != *now).collect();
        let mut lives = Self::default();
        for rule in rules {
            for (old, now) in &moved {
                lives.findings.insert(Fingerprint::of(rule, old, ""), Fingerprint::of(rule, now, ""));
                lives.items.insert(ItemId::of(rule, old), ItemId::of(rule, now));
            }
        }
        lives
    }

    /// The ledger under today's ids. Where several things became one, the finding under the common id goes on, unless an
    /// other was seen after that one was resolved.
    pub(crate) fn carried(&self, previous: &[LedgerEntry]) -> Vec<LedgerEntry> {
        let mut entries: BTreeMap<Fingerprint, LedgerEntry> = previous
            .iter()
            .filter(|e| !self.findings.contains_key(&e.fingerprint))
            .map(|e| (e.fingerprint.clone(), e.clone()))
            .collect();
        for old in previous {
            let Some(now) = self.findings.get(&old.fingerprint) else { continue };
            let goes_on = entries.get(now).is_none_or(|own| is_resolved(own) && own.last_seen < old.last_seen);
            if goes_on {
                entries.insert(now.clone(), LedgerEntry { fingerprint: now.clone(), ..old.clone() });
            }
        }
        entries.into_values().collect()
    }

    /// Acceptances and item decisions under today's ids; what was decided under the common id itself counts.
    pub(crate) fn decide(&self, decided: &mut Decided) {
        moved(&mut decided.acceptances, &self.findings);
        moved(&mut decided.items.started, &self.items);
        moved(&mut decided.items.done, &self.items);
        moved(&mut decided.items.took, &self.items);
        moved(&mut decided.items.pinned, &self.items);
    }
}

fn is_resolved(entry: &LedgerEntry) -> bool {
    entry.life.last().is_some_and(|l| l.state == FindingState::Resolved)
}

fn moved<K: Ord + Clone, V>(table: &mut BTreeMap<K, V>, names: &BTreeMap<K, K>) {
    for (old, now) in names {
        if let Some(value) = table.remove(old) {
            table.entry(now.clone()).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{Acceptance, Alias, LifeEvent, SubjectRef, Timestamp};

    const RULE: &str = "DB-007";
    const OLD: &str = "postgresql:7301";
    const NEW: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";

    fn fingerprint(id: &str) -> Fingerprint {
        Fingerprint::of(&RULE.into(), &id.into(), "")
    }
    fn entry(id: &str, state: FindingState, seen: i64) -> LedgerEntry {
        let at = Timestamp(seen);
        let life = vec![LifeEvent { snapshot: "s1".into(), at, state, result: "fail".into(), severity: None }];
        let subject = SubjectRef { id: id.into(), kind: None, name: id.into(), account: None, region: None };
        LedgerEntry {
            fingerprint: fingerprint(id),
            rule: RULE.into(),
            subject,
            first_seen: Timestamp(0),
            last_seen: at,
            life,
        }
    }
    fn lives(linked: bool) -> Lives {
        let alias = Alias {
            alias: OLD.into(),
            canonical: NEW.into(),
            basis: "declared".into(),
            author: "loadline".into(),
            at: Timestamp(5),
            linked,
        };
        let snapshot = Snapshot { aliases: vec![alias], ..Snapshot::default() };
        Lives::of(&snapshot, &FactIndex::new(&snapshot), [RuleId::from(RULE)].iter())
    }
    fn carried(linked: bool, previous: &[LedgerEntry]) -> Vec<(Fingerprint, FindingState)> {
        let last = |e: &LedgerEntry| e.life.last().expect("a life").state;
        lives(linked).carried(previous).iter().map(|e| (e.fingerprint.clone(), last(e))).collect()
    }

    #[test]
    fn a_finding_keeps_its_life_when_its_subject_gets_another_id() {
        use FindingState::{Open, Resolved};
        let under = |id: &str, state| (fingerprint(id), state);
        assert_eq!(carried(true, &[entry(OLD, Open, 1)]), [under(NEW, Open)]);
        assert_eq!(
            carried(false, &[entry(OLD, Open, 1)]),
            [under(OLD, Open)],
            "a link that was taken back moves nothing"
        );
        let both = |old, new| [entry(OLD, old, 1), entry(NEW, new, 2)];
        assert_eq!(carried(true, &both(Open, Open)), [under(NEW, Open)]);
        assert_eq!(carried(true, &both(Open, Resolved)), [under(NEW, Resolved)], "the old life ended before");
        assert_eq!(carried(true, &[entry(OLD, Open, 3), entry(NEW, Resolved, 2)]), [under(NEW, Open)]);
    }

    #[test]
    fn decisions_follow_the_thing() {
        let item = |id: &str| ItemId::of(&RULE.into(), &id.into());
        let acceptance = Acceptance {
            owner: "ada".into(),
            reason: "known".into(),
            until: Timestamp(9),
            author: "ada".into(),
            at: Timestamp(1),
        };
        let mut decided = Decided::default();
        decided.acceptances.insert(fingerprint(OLD), acceptance);
        decided.items.started.insert(item(OLD), Timestamp(3));
        decided.items.started.insert(item(NEW), Timestamp(4));
        lives(true).decide(&mut decided);
        assert!(decided.acceptances.contains_key(&fingerprint(NEW)) && decided.acceptances.len() == 1);
        assert_eq!(decided.items.started, BTreeMap::from([(item(NEW), Timestamp(4))]));
    }
}
