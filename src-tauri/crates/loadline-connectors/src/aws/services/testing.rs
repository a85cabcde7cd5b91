//! Facts as lines that tests compare: what is said, about what, in order of saying.

use super::telling::{Place, Telling};
use crate::{Answer, Window};
use loadline_model::{AccountId, Basis, Body, Relation, Resource, Scope, Timestamp};
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

/// The time of reading in tests: 2026-11-22T05:00:00Z.
pub(super) const NOW: Timestamp = Timestamp(1_795_323_600_000);

/// Reads a documented answer as the service's type.
pub(super) fn parsed<T: DeserializeOwned>(answer: serde_json::Value) -> T {
    serde_json::from_value(answer).expect("the documented answer is understood")
}

/// The scope that a function says.
pub(super) fn scope(say: impl FnOnce(&mut Telling<'_>)) -> Scope {
    let window = Window { from: NOW.plus_days(-14), until: NOW, now: NOW, cancel: CancellationToken::new() };
    let mut answer = Answer::new(&AccountId::new("a"), "service/eu-west-1", &window);
    let place = Place {
        partition: "aws".into(),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        environment: None,
    };
    say(&mut Telling::new(&mut answer, place));
    answer.finish()
}

/// What a function says, one line per fact; ids of this account are shortened to what follows the account number.
pub(super) fn said(say: impl FnOnce(&mut Telling<'_>)) -> Vec<String> {
    lines(&scope(say))
}

/// The facts of a scope, one line each.
pub(in crate::aws) fn lines(scope: &Scope) -> Vec<String> {
    scope
        .facts
        .iter()
        .map(|fact| {
            let weak = if fact.provenance.basis == Basis::Inferred { " (inferred)" } else { "" };
            format!("{} {}{weak}", short(fact.subject.as_str()), body(&fact.body))
        })
        .collect()
}

/// Every expected line is said, and nothing that begins with one of `never`.
pub(in crate::aws) fn check(said: &[String], expected: &[&str], never: &[&str]) {
    for line in expected {
        assert!(said.iter().any(|s| s == line), "not said: {line}\nsaid:\n{}", said.join("\n"));
    }
    for begin in never {
        assert!(!said.iter().any(|s| s.starts_with(begin)), "said: {begin}\nsaid:\n{}", said.join("\n"));
    }
}

fn short(id: &str) -> String {
    let id = id.strip_prefix("arn:aws:").unwrap_or(id);
    id.replace(":eu-west-1:111122223333:", ":").replace("aws:111122223333:", "")
}

fn body(body: &Body) -> String {
    match body {
        Body::Resource(r) => resource(r),
        Body::Edge(e) => format!("{} {}", relation(e.relation), short(e.to.as_str())),
        Body::Setting(s) => {
            let item = s.item.as_ref().map(|i| format!("[{i}]")).unwrap_or_default();
            format!("{}{item} = {}", s.key, s.value)
        }
        Body::Limit(l) => format!("limit {} = {} {}", l.limited.word(), l.value, l.unit),
        Body::Series(s) => format!("series {} {} of {}", s.metric, s.samples.len(), s.unit),
        Body::BackupEvent(b) => {
            let how = if b.succeeded { "worked" } else { "failed" };
            format!("{:?} {how} {}", b.kind, b.at)
        }
        Body::Expiry(e) => format!("{} {} ends {} automatic {:?}", e.what, e.name, e.at, e.automatic),
        Body::Deployment(d) => format!("deployment {} {:?} {}", d.id, d.status, d.revision),
        Body::Alert(a) => format!("alert {} {:?} pages {:?}", a.name, a.watches, a.pages),
        other => format!("{:?}", other.kind()),
    }
}

fn resource(r: &Resource) -> String {
    let mut words = vec![format!("is {} {}", r.kind, r.name)];
    words.extend(r.engine.as_ref().map(|e| format!("{e} {}", r.engine_version.as_deref().unwrap_or("?"))));
    words.extend(r.environment.map(|e| format!("{e:?}")));
    words.extend(r.managed.map(|m| if m { "managed".to_owned() } else { "self-hosted".to_owned() }));
    words.extend(r.required_members.map(|k| format!("needs {k}")));
    words.join(", ")
}

fn relation(relation: Relation) -> String {
    match relation {
        Relation::DependsOn { hard } => if hard { "needs" } else { "may use" }.to_owned(),
        Relation::ReplicatedTo { synchronous, automatic } => {
            format!("replicated sync {synchronous:?} automatic {automatic:?} to")
        }
        other => format!("{other:?}"),
    }
}
