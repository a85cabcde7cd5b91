//! Things that several accounts see under names of their own. What declares an exact address is one thing with whatever
//! else declares it; anything weaker stays a suggestion for a person.

use loadline_model::{
    AccountId, Alias, Basis, Confidence, Edge, Kind, Relation, Resource, Snapshot, SubjectId, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// Author of links that nobody decided.
const AUTHOR: &str = "loadline";

/// Who declares to answer at a name.
struct Claim<'s> {
    by: &'s SubjectId,
    account: &'s AccountId,
    at: Timestamp,
}

/// Links that follow from exact names which accounts declare, one row for every name but the one used everywhere. A name
/// in `decided` is left to the person who spoke of it, and a name that two things of one account or two kinds of things
/// claim identifies neither.
pub(crate) fn declared(snapshot: &Snapshot, decided: &BTreeSet<SubjectId>) -> Vec<Alias> {
    let kinds = kinds(snapshot);
    let mut same: BTreeMap<&SubjectId, BTreeSet<&SubjectId>> = BTreeMap::new();
    let mut newest: BTreeMap<&SubjectId, Timestamp> = BTreeMap::new();
    for (name, claims) in claims(snapshot) {
        if decided.contains(name) || claims.iter().any(|c| decided.contains(c.by)) || !identifies(name, &claims, &kinds)
        {
            continue;
        }
        for claim in claims {
            same.entry(name).or_default().insert(claim.by);
            same.entry(claim.by).or_default().insert(name);
            let at = newest.entry(name).or_insert(claim.at);
            *at = (*at).max(claim.at);
        }
    }
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for start in same.keys() {
        let group = reached(start, &same, &mut seen);
        // What somebody shows to exist comes before a mere address; among those the first in order, so that it stays.
        let Some(canonical) = group.iter().min_by_key(|id| (!kinds.contains_key(**id), **id)).copied() else {
            continue;
        };
        let at = group.iter().filter_map(|id| newest.get(*id)).max().copied().unwrap_or(snapshot.taken_at);
        rows.extend(group.iter().filter(|id| **id != canonical).map(|id| Alias {
            alias: (*id).clone(),
            canonical: canonical.clone(),
            basis: "declared at exactly this address".into(),
            author: AUTHOR.into(),
            at,
            linked: true,
        }));
    }
    rows
}

/// The kind of everything that an account shows to exist.
fn kinds(snapshot: &Snapshot) -> BTreeMap<&SubjectId, Kind> {
    let shown = snapshot.facts.iter().filter(|f| f.provenance.basis != Basis::Stated);
    shown
        .filter_map(|f| match &f.body {
            loadline_model::Body::Resource(Resource { kind, .. }) => Some((&f.subject, *kind)),
            _ => None,
        })
        .collect()
}

fn claims(snapshot: &Snapshot) -> BTreeMap<&SubjectId, Vec<Claim<'_>>> {
    let mut claims: BTreeMap<&SubjectId, Vec<Claim<'_>>> = BTreeMap::new();
    for fact in &snapshot.facts {
        if let loadline_model::Body::Edge(Edge { relation: Relation::SameAs, to, confidence: Confidence::Declared }) =
            &fact.body
            && *to != fact.subject
        {
            let claim = Claim { by: &fact.subject, account: &fact.provenance.account, at: fact.provenance.read_at };
            claims.entry(to).or_default().push(claim);
        }
    }
    claims
}

fn identifies(name: &SubjectId, claims: &[Claim<'_>], kinds: &BTreeMap<&SubjectId, Kind>) -> bool {
    let mut by_account: BTreeMap<&AccountId, &SubjectId> = BTreeMap::new();
    let alone = claims.iter().all(|c| *by_account.entry(c.account).or_insert(c.by) == c.by);
    let shown: BTreeSet<Kind> =
        claims.iter().map(|c| c.by).chain([name]).filter_map(|id| kinds.get(id)).copied().collect();
    alone && shown.len() <= 1
}

fn reached<'s>(
    start: &'s SubjectId,
    same: &BTreeMap<&'s SubjectId, BTreeSet<&'s SubjectId>>,
    seen: &mut BTreeSet<&'s SubjectId>,
) -> BTreeSet<&'s SubjectId> {
    let (mut group, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            group.insert(id);
            open.extend(same.get(id).into_iter().flatten());
        }
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{Body, Fact, FactIndex, Provenance};

    const RDS: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";
    const NAME: &str = "postgresql://orders.abc.eu-west-1.rds.amazonaws.com:5432";
    const OWN: &str = "postgresql:7301";

    fn fact(account: &str, subject: &str, body: impl Into<Body>) -> Fact {
        let account = AccountId::from(account);
        let provenance = Provenance { account, call: "c".into(), read_at: Timestamp(1), basis: Basis::Configured };
        Fact { subject: subject.into(), body: body.into(), provenance }
    }
    fn shows(account: &str, id: &str, kind: Kind, name: &str) -> Vec<Fact> {
        let same = Edge { relation: Relation::SameAs, to: name.into(), confidence: Confidence::Declared };
        vec![fact(account, id, Resource::new(kind, id)), fact(account, id, same)]
    }
    fn links(facts: Vec<Vec<Fact>>, decided: &[&str]) -> Vec<String> {
        let snapshot = Snapshot { facts: facts.concat(), ..Snapshot::default() };
        let decided = decided.iter().map(|id| SubjectId::from(*id)).collect();
        declared(&snapshot, &decided).iter().map(|a| format!("{} is {}", a.alias, a.canonical)).collect()
    }

    #[test]
    fn two_accounts_that_declare_one_address_see_one_thing() {
        let both = || vec![shows("aws", RDS, Kind::Database, NAME), shows("db", OWN, Kind::Database, NAME)];
        let one = [format!("{NAME} is {RDS}"), format!("{OWN} is {RDS}")];
        assert_eq!(links(both(), &[]), one);
        let snapshot = Snapshot { facts: both().concat(), ..Snapshot::default() };
        let aliases = declared(&snapshot, &BTreeSet::new());
        let merged = Snapshot { aliases, ..snapshot };
        assert_eq!(FactIndex::new(&merged).of_kind(Kind::Database).count(), 1);
        assert!(links(both(), &[NAME]).is_empty(), "a person spoke of it");
    }

    #[test]
    fn what_is_not_exact_is_not_merged() {
        let inferred = Edge { relation: Relation::SameAs, to: NAME.into(), confidence: Confidence::Inferred };
        assert!(links(vec![vec![fact("m", "db", inferred)]], &[]).is_empty());
        let other = shows("aws", "arn:other", Kind::Database, NAME);
        assert!(links(vec![shows("aws", RDS, Kind::Database, NAME), other], &[]).is_empty(), "two of one account");
        let balancer = shows("gcp", "lb", Kind::LoadBalancer, NAME);
        assert!(links(vec![shows("aws", RDS, Kind::Database, NAME), balancer], &[]).is_empty(), "two kinds");
    }
}
