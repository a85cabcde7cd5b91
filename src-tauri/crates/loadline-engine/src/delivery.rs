//! Deployments recorded by scripts or imported from a file, for teams whose delivery account is not connected.

mod rows;

pub use rows::{actor_kind, parse, status};

use crate::workspace::Workspace;
use crate::{EngineError, clock, recorded};
use loadline_model::{
    AccountId, ActorKind, Basis, Body, Deployment, DeploymentStatus, Fact, Kind, Provenance, RECORDED as ACCOUNT,
    Resource, SubjectId, Timestamp, environment_name, hash, same_revision,
};
use std::collections::{BTreeMap, BTreeSet};

const SCOPE: &str = "deployments";
/// How a deployment came here. A script and a file may tell of the same one: as two sources they are counted once.
const BY_SCRIPT: &str = "loadline deployments record";
const BY_FILE: &str = "loadline deployments import";

/// A deployment as a script or file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Service: an id, or a name.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// Revision.
    pub revision: String,
    /// Start. Without one it begins now, or ends the one of the same service, environment and revision that is in progress.
    pub started_at: Option<Timestamp>,
    /// End.
    pub finished_at: Option<Timestamp>,
    /// Outcome.
    pub status: DeploymentStatus,
    /// Person or pipeline.
    pub actor_kind: ActorKind,
    /// Name of the actor.
    pub actor: Option<String>,
}

/// What became of the records that were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Not known before.
    pub added: usize,
    /// Known, and told otherwise now: the newer telling replaces the older one of the same source.
    pub changed: usize,
    /// Known from the other source (script or file), which says something else: both are kept, and the worse outcome counts.
    pub beside: usize,
}

/// Records deployments. Telling the same again changes nothing, telling it otherwise corrects it.
///
/// # Errors
/// `invalid_deployment` when one ends before it starts, or has no start and none in progress fits; what the store says.
pub async fn record(workspace: &Workspace, records: &[Record]) -> Result<Kept, EngineError> {
    keep(workspace, records, BY_SCRIPT).await
}

/// The same for deployments of a file.
///
/// # Errors
/// The same.
pub async fn import(workspace: &Workspace, records: &[Record]) -> Result<Kept, EngineError> {
    keep(workspace, records, BY_FILE).await
}

/// Takes back a recorded deployment by its id, and the service that only it named. What an account tells cannot be forgotten.
///
/// # Errors
/// `unknown_deployment` when none was recorded under this id; what the store says.
pub async fn forget(workspace: &Workspace, id: &str) -> Result<(), EngineError> {
    let (mut facts, _) = known(workspace).await?;
    let before = facts.len();
    facts.retain(|f| of(f).is_none_or(|d| d.id != id));
    if facts.len() == before {
        let message = format!(
            "No recorded deployment has the id `{id}`. `loadline deployments` lists ids; what an account tells of is \
             corrected where it comes from."
        );
        return Err(EngineError::new("unknown_deployment", message));
    }
    let named: BTreeSet<SubjectId> = facts.iter().filter(|f| of(f).is_some()).map(|f| f.subject.clone()).collect();
    facts.retain(|f| named.contains(&f.subject));
    commit(workspace, facts).await
}

async fn keep(workspace: &Workspace, records: &[Record], call: &str) -> Result<Kept, EngineError> {
    let (facts, services) = known(workspace).await?;
    let mut book = Book { facts, services, call, kept: Kept::default() };
    for record in records {
        book.tell(record)?;
    }
    if book.kept != Kept::default() {
        commit(workspace, book.facts).await?;
    }
    Ok(book.kept)
}

async fn commit(workspace: &Workspace, facts: Vec<Fact>) -> Result<(), EngineError> {
    recorded::keep(workspace, SCOPE, facts).await
}

/// What was recorded so far, while more of one source is told.
struct Book<'a> {
    facts: Vec<Fact>,
    services: BTreeMap<String, SubjectId>,
    call: &'a str,
    kept: Kept,
}

impl Book<'_> {
    fn tell(&mut self, record: &Record) -> Result<(), EngineError> {
        if record.started_at.is_none() && record.status != DeploymentStatus::InProgress {
            return self.end(record);
        }
        let started_at = record.started_at.unwrap_or_else(clock::now);
        if record.finished_at.is_some_and(|end| end < started_at) {
            return Err(ends_before_it_starts(&record.service));
        }
        let told = deployment(record, started_at);
        let known: Vec<usize> = (0..self.facts.len()).filter(|at| self.has(*at, |d| d.id == told.id)).collect();
        let own = known.iter().copied().find(|at| self.facts[*at].provenance.call == self.call);
        match own {
            Some(at) => self.replace(at, &told),
            None if known.iter().any(|at| self.has(*at, |d| *d == told)) => {}
            None => {
                let counter = if known.is_empty() { &mut self.kept.added } else { &mut self.kept.beside };
                *counter += 1;
                self.add(record, told);
            }
        }
        Ok(())
    }

    /// Ends the one in progress that a record without a start can only mean.
    fn end(&mut self, record: &Record) -> Result<(), EngineError> {
        let subjects = [self.subject(&record.service), named(&record.service)];
        let place = environment_name(&record.environment);
        let is = |d: &Deployment| {
            environment_name(&d.environment) == place && same_revision(&d.revision, &record.revision) == Some(true)
        };
        let mut alike: Vec<usize> = (0..self.facts.len())
            .filter(|at| subjects.contains(&self.facts[*at].subject) && self.has(*at, is))
            .collect();
        alike.sort_by_key(|at| of(&self.facts[*at]).map(|d| d.started_at));
        let runs = |at: &&usize| self.has(**at, |d| d.status == DeploymentStatus::InProgress);
        let running: Vec<usize> = alike.iter().filter(runs).copied().collect();
        let same_end = |at: &usize| self.has(*at, |d| d.status == record.status);
        match running.as_slice() {
            [one] => {
                let Some(open) = of(&self.facts[*one]).cloned() else { return Ok(()) };
                let end = record.finished_at.unwrap_or_else(clock::now);
                if end < open.started_at {
                    return Err(ends_before_it_starts(&record.service));
                }
                let told = Deployment { id: open.id, finished_at: Some(end), ..deployment(record, open.started_at) };
                let told = Deployment { environment: open.environment, revision: open.revision, ..told };
                self.replace(*one, &told);
                Ok(())
            }
            // Said twice, it changes nothing.
            [] if alike.last().is_some_and(same_end) => Ok(()),
            several => {
                let (service, revision) = (&record.service, &record.revision);
                let message = format!(
                    "{} deployments of `{service}` with revision `{revision}` are in progress in `{place}`, so which one ended \
                     cannot be told. Say when it began, with --started-at.",
                    several.len()
                );
                Err(EngineError::new("invalid_deployment", message))
            }
        }
    }

    fn has(&self, at: usize, is: impl Fn(&Deployment) -> bool) -> bool {
        self.facts.get(at).and_then(of).is_some_and(is)
    }

    /// Puts a newer telling in the place of an older one. An outcome is not taken back by a beginning, and what the newer one
    /// does not say stays.
    fn replace(&mut self, at: usize, told: &Deployment) {
        let Some(old) = self.facts.get(at).and_then(of).cloned() else { return };
        let open = |d: &Deployment| d.status == DeploymentStatus::InProgress;
        if open(told) && !open(&old) {
            return;
        }
        let mut new = told.clone();
        if new.status == old.status {
            new.finished_at = new.finished_at.or(old.finished_at);
        }
        if new.actor_kind == ActorKind::Unknown && new.actor.is_none() {
            (new.actor_kind, new.actor) = (old.actor_kind, old.actor.clone());
        }
        if new != old {
            self.facts[at].body = new.into();
            self.facts[at].provenance.read_at = clock::now();
            self.kept.changed += 1;
        }
    }

    fn subject(&self, service: &str) -> SubjectId {
        self.services.get(service).cloned().unwrap_or_else(|| named(service))
    }

    fn add(&mut self, record: &Record, told: Deployment) {
        let subject = self.subject(&record.service);
        let provenance = Provenance {
            account: AccountId::new(ACCOUNT),
            call: self.call.into(),
            read_at: clock::now(),
            basis: Basis::Measured,
        };
        self.facts.push(Fact { subject: subject.clone(), body: told.into(), provenance: provenance.clone() });
        if !self.services.contains_key(&record.service) {
            let resource = Resource::new(Kind::Service, record.service.clone());
            self.facts.push(Fact { subject: subject.clone(), body: resource.into(), provenance });
            self.services.insert(record.service.clone(), subject);
        }
    }
}

/// The id of a service that no account knows.
fn named(service: &str) -> SubjectId {
    SubjectId::new(format!("service:{service}"))
}

fn ends_before_it_starts(service: &str) -> EngineError {
    let message = format!("The deployment of `{service}` ends before it starts. Check its two times and their zone.");
    EngineError::new("invalid_deployment", message)
}

fn deployment(record: &Record, started_at: Timestamp) -> Deployment {
    let id = hash::hex_of(&[&record.service, &record.environment, &record.revision, &started_at.to_string()])[..16]
        .to_owned();
    Deployment {
        id,
        environment: record.environment.clone(),
        revision: record.revision.clone(),
        started_at,
        finished_at: record.finished_at,
        status: record.status,
        actor_kind: record.actor_kind,
        actor: record.actor.clone(),
        strategy: None,
    }
}

fn of(fact: &Fact) -> Option<&Deployment> {
    if let Body::Deployment(d) = &fact.body { Some(d) } else { None }
}

/// Facts recorded so far, and services by name.
async fn known(workspace: &Workspace) -> Result<(Vec<Fact>, BTreeMap<String, SubjectId>), EngineError> {
    let snapshot = recorded::newest(workspace).await?;
    let mut services = BTreeMap::new();
    for fact in &snapshot.facts {
        if let Body::Resource(r) = &fact.body
            && r.kind == Kind::Service
        {
            services.insert(r.name.clone(), fact.subject.clone());
            services.insert(fact.subject.to_string(), fact.subject.clone());
        }
    }
    // Incidents and tests are recorded under the same account.
    let of_ours = |f: &Fact| {
        f.provenance.account.as_str() == ACCOUNT && [BY_SCRIPT, BY_FILE].contains(&f.provenance.call.as_str())
    };
    let facts = snapshot.facts.into_iter().filter(of_ours).collect();
    Ok((facts, services))
}

#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod routes_tests;
