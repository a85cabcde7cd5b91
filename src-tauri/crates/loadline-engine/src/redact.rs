//! Redaction of evidence before it is assessed, so that a redacted bundle still verifies: every identifier that could name a
//! host, a person or a resource becomes a short hash, the same everywhere. Persons are hidden first ([`crate::people`]).

use crate::stages::Case;
use crate::{EngineError, people};
use loadline_model::{Body, Choice, Kind, ORGANISATION, TestRun, hash, key};
use serde_json::Value;
use std::collections::BTreeMap;

/// The case with identifiers hashed, and how many were.
///
/// # Errors
/// Only when the case cannot be written as JSON.
pub fn redact(case: &Case) -> Result<(Case, usize), EngineError> {
    let (mut case, persons) = people::hide(case)?;
    let names = names_of(&case);
    items(&mut case);
    let titles = hide_titles(&mut case);
    let mut value = serde_json::to_value(&case)?;
    replace(&mut value, &names, "");
    Ok((serde_json::from_value(value)?, names.len() + titles + persons))
}

/// Replaces the titles of incidents and the notes of tests, which are free text about anybody. A title that is a sentence is replaced elsewhere too;
/// one such as `failed` only here, because it is also a word that means something elsewhere in the evidence.
fn hide_titles(case: &mut Case) -> usize {
    let snapshots = std::iter::once(&mut case.snapshot).chain(&mut case.previous);
    let mut hidden = 0;
    for fact in snapshots.flat_map(|s| &mut s.facts) {
        match &mut fact.body {
            Body::Incident(incident) => {
                incident.title = label("incident", &incident.title);
                hidden += 1;
            }
            Body::TestRun(TestRun { note: Some(note), .. }) => {
                *note = label("note", note);
                hidden += 1;
            }
            _ => {}
        }
    }
    hidden
}

/// What is replaced by what, longest first when applied.
fn names_of(case: &Case) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let snapshots = std::iter::once(&case.snapshot).chain(&case.previous);
    for snapshot in snapshots {
        for account in &snapshot.accounts {
            names.insert(account.name.clone(), label("account", &account.name));
        }
        for fact in &snapshot.facts {
            names.insert(fact.subject.to_string(), label("id", fact.subject.as_str()));
            match &fact.body {
                Body::Resource(r) if !matches!(r.kind, Kind::Journey | Kind::Zone | Kind::Region) => {
                    names.insert(r.name.clone(), label(r.kind.word(), &r.name));
                }
                Body::Edge(e) => {
                    names.insert(e.to.to_string(), label("id", e.to.as_str()));
                }
                Body::Deployment(d) => names.extend(d.actor.iter().map(|a| (a.clone(), label("person", a)))),
                Body::Alert(a) => names.extend(a.owner.iter().map(|o| (o.clone(), label("person", o)))),
                Body::Commit(c) => {
                    names.insert(c.author.clone(), label("person", &c.author));
                }
                Body::CodeStat(c) => {
                    names.insert(c.path.clone(), label("file", &c.path));
                }
                Body::CodeIdiom(c) => {
                    names.insert(c.path.clone(), label("file", &c.path));
                }
                Body::CodeModule(c) => {
                    names.insert(c.path.clone(), label("module", &c.path));
                }
                Body::ChangedTogether(c) => {
                    names.extend([&c.first, &c.second].map(|p| (p.clone(), label("file", p))));
                }
                Body::Document(d) => {
                    names.insert(d.title.clone(), label("document", &d.title));
                    names.extend(d.url.iter().map(|u| (u.clone(), label("file", u))));
                }
                Body::ImportedFinding(f) => {
                    names.extend(f.path.iter().map(|p| (p.clone(), label("file", p))));
                    names.extend(sentence(&f.title).map(|t| (t.to_owned(), label("finding", t))));
                }
                Body::Incident(i) => names.extend(sentence(&i.title).map(|t| (t.to_owned(), label("incident", t)))),
                _ => {}
            }
        }
    }
    for decision in &case.decisions {
        names.insert(decision.author.clone(), label("person", &decision.author));
    }
    // A word of ours, under which rules look for what is said of all.
    names.remove(ORGANISATION);
    names.insert(case.workspace.clone(), "workspace".into());
    names.retain(|name, _| !name.is_empty() && !people::is_pseudonym(name));
    names
}

/// Items that are names. They are replaced where they stand: a table may be called like a word of ours.
fn items(case: &mut Case) {
    let hide = |key: &str, item: &mut Option<String>| {
        if let (Some(word), Some(name)) = (named_by(key), item.as_mut()) {
            *name = label(word, name);
        }
    };
    for fact in case.snapshot.facts.iter_mut().chain(case.previous.iter_mut().flat_map(|s| &mut s.facts)) {
        match &mut fact.body {
            Body::Setting(setting) => hide(&setting.key, &mut setting.item),
            // Its name becomes what it becomes where a person answered for it, so that both stay one migration.
            Body::CodeMigration(m) => {
                m.name = label("migration", &m.name);
                m.old.iter_mut().chain(&mut m.new).for_each(|path| *path = label("path", path));
            }
            _ => {}
        }
    }
    for decision in &mut case.decisions {
        if let Choice::Answer { key, item, .. } = &mut decision.choice {
            hide(key, item);
        }
    }
}

/// What the items of a setting name, where they are names.
fn named_by(key: &str) -> Option<&'static str> {
    match key {
        key::CODE_COVERAGE | key::CODE_PACKAGES_MISSING => Some("file"),
        key::CODE_TABLE_WRITERS | key::CODE_TABLE_READERS => Some("table"),
        key::TABLE_WRITES => Some("user"),
        key::MIGRATION_PROGRESS | key::MIGRATION_OLD_TRAFFIC | key::MIGRATION_BOTH_WRITE_SINCE => Some("migration"),
        _ => None,
    }
}

/// Free text of several words: one word could be a word of ours, too.
fn sentence(text: &str) -> Option<&str> {
    text.contains(' ').then_some(text)
}

/// A short hash in place of a name.
pub(crate) fn label(word: &str, name: &str) -> String {
    format!("{}-{}", word.replace(' ', "-"), &hash::hex_of(&["redact", name])[..8])
}

/// Fields whose text is a name of something. A name of one or two letters is replaced in these alone, because elsewhere it may be
/// a word of ours or a unit.
const NAMES: [&str; 22] = [
    "alias",
    "author",
    "canonical",
    "database",
    "first",
    "from",
    "host",
    "index",
    "item",
    "journeys",
    "labels",
    "name",
    "needs",
    "owner",
    "path",
    "schema",
    "second",
    "service",
    "subject",
    "subjects",
    "table",
    "to",
];

fn is_short(name: &str) -> bool {
    name.chars().count() <= 2
}

/// `field` is where the value stands.
fn replace(value: &mut Value, names: &BTreeMap<String, String>, field: &str) {
    match value {
        Value::String(text) => {
            if let Some(label) = names.get(text.as_str()).filter(|_| !is_short(text) || NAMES.contains(&field)) {
                *text = label.clone();
            } else if text.len() > 8 {
                *text = inside(text, names);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, names, field)),
        Value::Object(map) => {
            let renamed = std::mem::take(map).into_iter().map(|(key, mut value)| {
                replace(&mut value, names, if field == "labels" { field } else { &key });
                (names.get(&key).filter(|_| !is_short(&key)).cloned().unwrap_or(key), value)
            });
            *map = renamed.collect();
        }
        _ => {}
    }
}

/// Names inside longer text: only those distinctive enough not to be ordinary words.
fn inside(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut replaced = text.to_owned();
    let mut by_length: Vec<(&String, &String)> =
        names.iter().filter(|(n, _)| n.len() > 4 && n.contains(['-', '.', ':', '/', '@', '_'])).collect();
    by_length.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, label) in by_length {
        if replaced.contains(name.as_str()) {
            replaced = replaced.replace(name.as_str(), label);
        }
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{
        AccountId, Basis, CodeMigration, Fact, ImportedFinding, Incident, Provenance, Resource, Setting, Snapshot,
        Timestamp, Value as Amount,
    };

    #[test]
    fn titles_of_incidents_are_hidden_and_nothing_that_reads_like_one() {
        let provenance = || Provenance {
            account: AccountId::new("a"),
            call: "asked".into(),
            read_at: Timestamp(1),
            basis: Basis::Measured,
        };
        let at = |title: &str| Fact {
            subject: "service:shop".into(),
            body: loadline_model::Incident {
                id: "4".into(),
                title: title.into(),
                started_at: Timestamp(1),
                detected_at: None,
                resolved_at: None,
                caused_by: None,
                failover: None,
                journeys: vec![],
            }
            .into(),
            provenance: provenance(),
        };
        // `measured` is also how a fact is known.
        let facts = vec![at("Ann deleted the orders of Example Ltd"), at("measured")];
        let snapshot = Snapshot { facts, ..Snapshot::default() };
        let previous = Some(snapshot.clone());
        let case = Case { workspace: "acme".into(), snapshot, previous, decisions: vec![], ledger: vec![] };
        let (redacted, _) = redact(&case).expect("plain data");
        let text = serde_json::to_string(&redacted).expect("plain data");
        assert!(!text.contains("Ann") && !text.contains("Example Ltd"), "{text}");
        assert!(redacted.snapshot.facts.iter().all(|f| f.provenance.basis == Basis::Measured));
    }

    #[test]
    fn no_host_name_survives() {
        let provenance = Provenance {
            account: AccountId::new("a"),
            call: "asked prod-db.internal".into(),
            read_at: Timestamp(1),
            basis: Basis::Measured,
        };
        let resource = Resource::new(Kind::Database, "prod-db.internal");
        let fact = Fact { subject: "postgresql://prod-db.internal:5432".into(), body: resource.into(), provenance };
        let snapshot = Snapshot { facts: vec![fact], ..Snapshot::default() };
        let case = Case { workspace: "acme".into(), snapshot, previous: None, decisions: vec![], ledger: vec![] };
        let (redacted, count) = redact(&case).expect("plain data");
        let text = serde_json::to_string(&redacted).expect("plain data");
        assert!(!text.contains("prod-db") && !text.contains("acme"), "{text}");
        assert!(count >= 3);
    }

    #[test]
    fn names_of_imported_files_and_answers_are_hidden_where_they_stand() {
        let provenance = Provenance {
            account: AccountId::new("a"),
            call: "asked".into(),
            read_at: Timestamp(1),
            basis: Basis::Measured,
        };
        let fact = |subject: &str, body: Body| Fact { subject: subject.into(), body, provenance: provenance.clone() };
        let setting =
            |key: &str, item: &str| Setting { key: key.into(), item: Some(item.into()), value: Amount::Number(1.0) };
        let incident = |title: &str| Incident {
            id: "1".into(),
            title: title.into(),
            started_at: Timestamp(1),
            detected_at: None,
            resolved_at: None,
            caused_by: None,
            failover: None,
            journeys: vec![],
        };
        let finding = ImportedFinding {
            title: "acme leaks a key".into(),
            path: Some("acme/keys.py".into()),
            ..ImportedFinding::default()
        };
        let moving = CodeMigration {
            name: "leave acme".into(),
            old: vec!["acme/**".into()],
            new: vec!["lib/acme2/**".into()],
            moments: Vec::new(),
        };
        let drill = TestRun {
            kind: loadline_model::TestKind::Failover,
            at: Timestamp(1),
            passed: true,
            peak_multiplier: None,
            requests_per_second: None,
            recovery_s: Some(41.0),
            note: Some("bob of acme pulled the plug".into()),
        };
        // A table that is called like a kind of fact.
        let facts = vec![
            fact("repo", setting(key::CODE_TABLE_WRITERS, "setting").into()),
            fact("t", setting(key::TABLE_WRITES, "acme_app").into()),
            fact("repo", setting(key::CODE_COVERAGE, "acme/keys.py").into()),
            fact("repo", finding.into()),
            fact(ORGANISATION, incident("acme is down").into()),
            fact(ORGANISATION, incident("failed").into()),
            fact("t", drill.into()),
            fact("repo", moving.into()),
        ];
        let choice = Choice::Answer {
            subject: ORGANISATION.into(),
            key: key::MIGRATION_PROGRESS.into(),
            item: Some("leave acme".into()),
            value: Some(Amount::Number(0.4)),
        };
        let decisions = vec![loadline_model::Decision { number: 1, at: Timestamp(1), author: "ana".into(), choice }];
        let snapshot = Snapshot { facts, ..Snapshot::default() };
        let case = Case { workspace: "w".into(), snapshot, previous: None, decisions, ledger: vec![] };
        let (redacted, _) = redact(&case).expect("still reads back");
        let text = serde_json::to_string(&redacted).expect("plain data");
        assert!(!text.contains("acme"), "{text}");
        let index = loadline_model::FactIndex::new(&redacted.snapshot);
        assert_eq!(index.facts::<Incident>(&ORGANISATION.into()).count(), 2);
        let file = redacted.snapshot.facts.iter().find_map(|f| match &f.body {
            Body::ImportedFinding(f) => f.path.clone(),
            _ => None,
        });
        let covered =
            index.settings(&label("id", "repo").into(), key::CODE_COVERAGE).next().and_then(|(s, _)| s.item.clone());
        assert_eq!(file, covered, "one file, one name");
        let counted = index.all::<CodeMigration>().next().map(|(_, m, _)| m.name.clone());
        let answered = redacted.decisions.iter().find_map(|d| match &d.choice {
            Choice::Answer { item, .. } => item.clone(),
            _ => None,
        });
        assert_eq!(counted, answered, "one migration, one name");
    }
}
