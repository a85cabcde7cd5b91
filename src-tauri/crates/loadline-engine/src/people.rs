//! Names of persons in what leaves this computer: each becomes a pseudonym, the same in every export, before anything is
//! assessed, so that a bundle without names verifies like any other. What is shown to oneself keeps them.
//!
//! A pseudonym is a hash of the name: who guesses a name can try it. It hides names from readers, not from investigators.

mod words;

use crate::stages::{Case, assess};
use crate::workspace::{AsOf, Workspace};
use crate::{EngineError, redact};
use loadline_model::{ActorKind, Assessment, Body, Choice, Decision, Fact, Kind, Relation, Snapshot};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use words::Words;

/// The author of what the program concludes by itself: no person.
const OURS: &str = "loadline";

/// Who a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// A person: hidden in other text, too.
    Person,
    /// Maybe a team or a machine: hidden where it stands, because it may also be a word that means something.
    Perhaps,
}

/// The case with pseudonyms in place of the names of persons, and how many names were replaced.
///
/// # Errors
/// Only when the case cannot be written as JSON.
pub fn hide(case: &Case) -> Result<(Case, usize), EngineError> {
    let snapshots = std::iter::once(&case.snapshot).chain(&case.previous);
    let ids: BTreeSet<String> = snapshots.flat_map(ids_of_persons).collect();
    let mut case = case.clone();
    let mut names: BTreeMap<String, Who> = BTreeMap::new();
    places(&mut case, &mut |who, name| {
        let known = names.entry(name.clone()).or_insert(who);
        if who == Who::Person {
            *known = who;
        }
    });
    names.retain(|name, _| !spared(name));
    names.retain(|name, who| *who == Who::Person || !words::names_nobody(name));
    places(&mut case, &mut |_, name| {
        if names.contains_key(name) {
            *name = pseudonym(name);
        }
    });
    // An address is somebody's, whatever it stands for.
    let persons = names.iter().filter(|(name, who)| **who == Who::Person || name.contains('@'));
    let persons = persons.map(|(name, _)| name.as_str());
    let words = Words::new(persons, ids.iter().map(String::as_str));
    texts(&mut case, &words);
    elsewhere(&mut case, &words)?;
    Ok((case, names.len()))
}

/// The assessment of a snapshot that names no person; `None` when the workspace has no snapshot yet.
///
/// # Errors
/// What the workspace says.
pub async fn assessment(workspace: &Workspace, as_of: &AsOf) -> Result<Option<Assessment>, EngineError> {
    let Some(case) = workspace.case(as_of).await? else { return Ok(None) };
    let made = tokio::task::spawn_blocking(move || Ok(Some(assess(&hide(&case)?.0)))).await;
    made.map_err(|e| {
        EngineError::new("assessment_failed", format!("The assessment stopped: {e}. Please send the diagnostics file."))
    })?
}

/// The log of decisions, naming no person that it or a snapshot knows.
///
/// # Errors
/// What the workspace says.
pub async fn log(workspace: &Workspace, as_of: &AsOf) -> Result<Vec<Decision>, EngineError> {
    let decisions = workspace.decisions().await?;
    let case = match workspace.case(as_of).await? {
        Some(case) => Case { decisions, ..case },
        None => Case {
            workspace: String::new(),
            snapshot: Snapshot::default(),
            previous: None,
            decisions,
            ledger: Vec::new(),
        },
    };
    Ok(hide(&case)?.0.decisions)
}

fn pseudonym(name: &str) -> String {
    redact::label("person", name)
}

/// What is no name, or is a pseudonym already.
fn spared(name: &str) -> bool {
    name.trim().is_empty() || name == OURS || is_pseudonym(name)
}

/// True for what stands in place of a name.
pub(crate) fn is_pseudonym(name: &str) -> bool {
    let hashed = |rest: &str| rest.len() == 8 && rest.chars().all(|c| c.is_ascii_hexdigit());
    name.strip_prefix("person-").is_some_and(hashed)
}

/// Ids of things that are persons, by what they are or by how others lean on them.
fn ids_of_persons(snapshot: &Snapshot) -> Vec<String> {
    let mut persons = BTreeSet::new();
    let mut others = BTreeSet::new();
    for fact in &snapshot.facts {
        match &fact.body {
            Body::Resource(r) if r.kind == Kind::Person => {
                persons.insert(fact.subject.as_str());
            }
            Body::Resource(_) => {
                others.insert(fact.subject.as_str());
            }
            Body::Edge(e) if matches!(e.relation, Relation::KnownBy | Relation::OperatedBy) => {
                persons.insert(e.to.as_str());
            }
            _ => {}
        }
    }
    persons.difference(&others).filter(|id| !spared(id)).map(|id| (*id).to_owned()).collect()
}

/// Every place of a case that holds the name of somebody who acts, owns, answers or decides.
fn places(case: &mut Case, see: &mut dyn FnMut(Who, &mut String)) {
    for snapshot in std::iter::once(&mut case.snapshot).chain(&mut case.previous) {
        snapshot.aliases.iter_mut().for_each(|alias| see(Who::Person, &mut alias.author));
        snapshot.facts.iter_mut().for_each(|fact| place(fact, see));
    }
    for decision in &mut case.decisions {
        see(Who::Person, &mut decision.author);
        match &mut decision.choice {
            Choice::Accept { owner, .. } | Choice::ReviewNote { owner: Some(owner), .. } => see(Who::Person, owner),
            _ => {}
        }
    }
}

fn place(fact: &mut Fact, see: &mut dyn FnMut(Who, &mut String)) {
    match &mut fact.body {
        Body::Resource(r) if r.kind == Kind::Person => see(Who::Person, &mut r.name),
        // Hosts name the person who pushed as the actor of a pipeline.
        Body::Deployment(d) => {
            let who = if d.actor_kind == ActorKind::Pipeline { Who::Perhaps } else { Who::Person };
            d.actor.iter_mut().for_each(|actor| see(who, actor));
        }
        Body::Alert(a) => a.owner.iter_mut().for_each(|owner| see(Who::Perhaps, owner)),
        Body::Commit(c) => see(Who::Perhaps, &mut c.author),
        Body::Statement(s) => see(Who::Person, &mut s.author),
        _ => {}
    }
}

/// Text that people wrote, in which a name may stand as a word among words.
fn texts(case: &mut Case, words: &Words) {
    let written = |text: &mut String| words.in_sentence(text);
    written(&mut case.workspace);
    for snapshot in std::iter::once(&mut case.snapshot).chain(&mut case.previous) {
        snapshot.accounts.iter_mut().for_each(|account| written(&mut account.name));
        for fact in &mut snapshot.facts {
            match &mut fact.body {
                Body::Incident(i) => written(&mut i.title),
                Body::Change(c) => written(&mut c.description),
                Body::TestRun(t) => t.note.iter_mut().for_each(written),
                Body::Document(d) => written(&mut d.title),
                _ => {}
            }
        }
    }
    for decision in &mut case.decisions {
        match &mut decision.choice {
            Choice::Accept { reason, .. } => written(reason),
            Choice::ReviewNote { text, .. } => written(text),
            _ => {}
        }
    }
}

/// Every other string, for the names that cannot be taken for anything else.
fn elsewhere(case: &mut Case, words: &Words) -> Result<(), EngineError> {
    for snapshot in std::iter::once(&mut case.snapshot).chain(&mut case.previous) {
        for fact in &mut snapshot.facts {
            // The samples are most of a snapshot and hold no text.
            let labels = match &mut fact.body {
                Body::Series(s) => &mut s.labels,
                Body::DistributionSeries(s) => &mut s.labels,
                _ => {
                    inside(fact, words)?;
                    continue;
                }
            };
            inside(labels, words)?;
            inside(&mut fact.subject, words)?;
            inside(&mut fact.provenance, words)?;
        }
        inside(&mut snapshot.gaps, words)?;
        inside(&mut snapshot.accounts, words)?;
        inside(&mut snapshot.aliases, words)?;
    }
    inside(&mut case.decisions, words)?;
    inside(&mut case.ledger, words)
}

fn inside<T: Serialize + DeserializeOwned>(item: &mut T, words: &Words) -> Result<(), EngineError> {
    let mut value = serde_json::to_value(&*item)?;
    if words.in_value(&mut value) {
        *item = serde_json::from_value(value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
