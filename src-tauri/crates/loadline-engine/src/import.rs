//! Files that other tools wrote, kept as if an account had said them: findings, coverage, debt ratios, incidents, on-call.
//! A file is kept whole or not at all, and a later file of the same tool about the same thing replaces it.

use crate::collect::take_snapshot;
use crate::workspace::{AsOf, Workspace};
use crate::{EngineError, clock};
use loadline_connectors::imported::{About, Format, Imported, MOST_BYTES, Of, read};
use loadline_model::{
    Account, AccountId, Basis, Body, CollectionCost, Fact, Gap, GapReason, IMPORTED, Kind, ORGANISATION, Provenance,
    Resource, Scope, ScopeStatus, Snapshot, SubjectId, Timestamp, key,
};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// Days for which an incident stays known.
const DAYS: f64 = 730.0;

/// What to make of a file.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What wrote it.
    pub format: Format,
    /// The repository it is about, by id or name; `None`: the only one that is known.
    pub repository: Option<String>,
    /// The service that its incidents are about, by id or name; `None`: the one that the file names.
    pub service: Option<String>,
    /// The folder in which the repository was built.
    pub root: Option<String>,
}

/// What was kept of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What was read, in a sentence.
    pub said: String,
    /// What the file does not tell, with what closes it.
    pub missing: Vec<(String, String)>,
    /// Services that the file names and no account knows, as the ids under which their incidents are kept.
    pub unmatched: Vec<SubjectId>,
}

/// Reads a file from the disk, at most as much as is ever imported.
///
/// # Errors
/// `file_failed` when it cannot be read; `import_too_large`.
pub fn load(path: &Path) -> Result<Vec<u8>, EngineError> {
    let mut bytes = Vec::new();
    // A device or a pipe has no size: one byte more than is taken tells that there is more.
    std::fs::File::open(path)?.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Keeps what a file says, and takes a snapshot.
///
/// # Errors
/// The codes of [`loadline_connectors::imported::ImportError`]; `which_repository`; what the store says.
pub async fn import(workspace: &Workspace, wanted: &Wanted, bytes: &[u8]) -> Result<Kept, EngineError> {
    let store = workspace.store()?;
    let now = clock::now();
    let snapshot = match workspace.case(&AsOf::Newest).await? {
        Some(case) => case.snapshot,
        None => Snapshot::default(),
    };
    let repository = match wanted.format.is_about_code() {
        true => repository(&snapshot, wanted.repository.as_deref())?,
        false => SubjectId::new(ORGANISATION),
    };
    let about = About { repository: repository.clone(), root: wanted.root.clone(), now };
    let imported = read(wanted.format, bytes, &about).map_err(|e| EngineError::new(e.code(), e.to_string()))?;
    let account = AccountId::new(IMPORTED);
    if store.account(&account).await.is_err() {
        store.save_account(&imported_account(&account)).await?;
    }
    let name = scope_name(wanted.format, &imported, &repository);
    let earlier = store.last_facts(&account, &name, outlives).await?;
    let mut keeping = Keeping::new(&snapshot, wanted, &repository, now);
    // Each file says it again: the file that said it first may be replaced.
    if wanted.format.is_about_code() && !is_said_by_others(&snapshot, &repository) {
        let called = repository.as_str().strip_prefix("repository:").unwrap_or(repository.as_str());
        keeping.say(&repository, Basis::Configured, Resource::new(Kind::Repository, called).into());
    }
    for (of, basis, body) in imported.facts {
        keeping.keep(&of, basis, body);
    }
    keeping.remember(earlier);
    let gaps: Vec<Gap> = imported.missing.iter().map(|missing| gap(&account, &name, missing)).collect();
    let status = if gaps.is_empty() { ScopeStatus::Complete } else { ScopeStatus::Partial };
    let Keeping { facts, unmatched, .. } = keeping;
    let scope = Scope { name, status, finished_at: now, inventories: Vec::new(), facts, gaps };
    let collection = store.begin_collection(&account, now).await?;
    store.commit_scope(&collection, &scope).await?;
    store.finish_collection(&collection, clock::now(), &CollectionCost::default()).await?;
    take_snapshot(workspace).await?;
    Ok(Kept { said: imported.said, missing: imported.missing, unmatched: unmatched.into_iter().collect() })
}

/// One part of the account for each tool and thing: a later file replaces that part alone.
fn scope_name(format: Format, imported: &Imported, repository: &SubjectId) -> String {
    match format.is_about_code() {
        true => format!("{}/{}/{repository}", format.word(), imported.part),
        false => format!("{}/{}", format.word(), imported.part),
    }
}

/// Whether an account shows this thing, and not only an imported file.
fn is_said_by_others(snapshot: &Snapshot, id: &SubjectId) -> bool {
    let mut of_it = snapshot.facts.iter().filter(|f| f.subject == *id && matches!(f.body, Body::Resource(_)));
    of_it.any(|f| f.provenance.account.as_str() != IMPORTED)
}

/// The repository that is meant; one that nobody knows yet gets the name that was given.
fn repository(snapshot: &Snapshot, said: Option<&str>) -> Result<SubjectId, EngineError> {
    let known = things(snapshot, Kind::Repository);
    if let Some(said) = said {
        let found = known.get(said).cloned();
        let id = || if said.contains(':') { said.to_owned() } else { format!("repository:{said}") };
        return Ok(found.unwrap_or_else(|| SubjectId::new(id())));
    }
    let all: BTreeSet<&SubjectId> = known.values().collect();
    let mut all = all.into_iter();
    match (all.next(), all.next()) {
        (Some(only), None) => Ok(only.clone()),
        (None, _) => Err(EngineError::new(
            "which_repository",
            "No repository is known that the file could be about. Name it with --repository, or connect it: loadline connect git --path …",
        )),
        _ => {
            let names: Vec<String> =
                known.values().collect::<BTreeSet<_>>().into_iter().map(ToString::to_string).collect();
            let message = format!("Several repositories are known: {}. Name one with --repository.", names.join(", "));
            Err(EngineError::new("which_repository", message))
        }
    }
}

/// Things of a kind by id and by name. A name that two of them carry names neither.
fn things(snapshot: &Snapshot, kind: Kind) -> BTreeMap<String, SubjectId> {
    let mut named: BTreeMap<String, BTreeSet<SubjectId>> = BTreeMap::new();
    for fact in &snapshot.facts {
        if let Body::Resource(r) = &fact.body
            && r.kind == kind
        {
            for name in [r.name.clone(), fact.subject.to_string()] {
                named.entry(name).or_default().insert(fact.subject.clone());
            }
        }
    }
    let only = |(name, ids): (String, BTreeSet<SubjectId>)| match ids.len() {
        1 => ids.into_iter().next().map(|id| (name, id)),
        _ => None,
    };
    named.into_iter().filter_map(only).collect()
}

/// What happened stays known when a later file does not tell of it, and so do the days of a history.
fn outlives(fact: &Fact) -> bool {
    match &fact.body {
        Body::Incident(_) => true,
        Body::Setting(s) => s.key == key::CODE_DEBT_RATIO && s.item.is_some(),
        _ => false,
    }
}

/// Identity of what a fact tells of, where it outlives its file.
fn identity(fact: &Fact) -> (SubjectId, String) {
    let what = match &fact.body {
        Body::Incident(i) => i.id.clone(),
        Body::Setting(s) => format!("{} {}", s.key, s.item.as_deref().unwrap_or_default()),
        _ => String::new(),
    };
    (fact.subject.clone(), what)
}

struct Keeping<'a> {
    services: BTreeMap<String, SubjectId>,
    wanted: &'a Wanted,
    repository: &'a SubjectId,
    now: Timestamp,
    facts: Vec<Fact>,
    unmatched: BTreeSet<SubjectId>,
}

impl<'a> Keeping<'a> {
    fn new(snapshot: &Snapshot, wanted: &'a Wanted, repository: &'a SubjectId, now: Timestamp) -> Self {
        let services = things(snapshot, Kind::Service);
        Self { services, wanted, repository, now, facts: Vec::new(), unmatched: BTreeSet::new() }
    }

    fn keep(&mut self, of: &Of, basis: Basis, body: Body) {
        let subject = match of {
            Of::Repository => self.repository.clone(),
            Of::Thing(id) => id.clone(),
            Of::Service(named) => self.service(named.as_deref()),
        };
        self.say(&subject, basis, body);
    }

    fn say(&mut self, subject: &SubjectId, basis: Basis, body: Body) {
        let call = format!("loadline import {}", self.wanted.format.word());
        let provenance = Provenance { account: AccountId::new(IMPORTED), call, read_at: self.now, basis };
        self.facts.push(Fact { subject: subject.clone(), body, provenance });
    }

    /// The service that the reader named, or the file. What no account knows keeps an id of its own, and is no thing to judge.
    fn service(&mut self, named: Option<&str>) -> SubjectId {
        let Some(name) = self.wanted.service.as_deref().or(named) else { return SubjectId::new(ORGANISATION) };
        if let Some(id) = self.services.get(name) {
            return id.clone();
        }
        let id = SubjectId::new(if name.contains(':') { name.to_owned() } else { format!("service:{name}") });
        if !self.services.values().any(|known| *known == id) {
            self.unmatched.insert(id.clone());
        }
        id
    }

    fn remember(&mut self, earlier: Vec<Fact>) {
        let told: BTreeSet<_> = self.facts.iter().map(identity).collect();
        let now = self.now;
        let recent = |f: &Fact| match &f.body {
            Body::Incident(i) => now.days_since(i.started_at) <= DAYS,
            _ => true,
        };
        self.facts.extend(earlier.into_iter().filter(|f| recent(f) && !told.contains(&identity(f))));
    }
}

fn gap(account: &AccountId, scope: &str, (detail, closes): &(String, String)) -> Gap {
    Gap {
        account: Some(account.clone()),
        scope: scope.to_owned(),
        reason: GapReason::Truncated,
        detail: detail.clone(),
        closes: closes.clone(),
        hides: Vec::new(),
        subject: None,
    }
}

fn imported_account(id: &AccountId) -> Account {
    Account {
        id: id.clone(),
        provider: IMPORTED.into(),
        name: "Imported files".into(),
        config: BTreeMap::new(),
        secret: None,
        environment: None,
        connected_at: clock::now(),
        disconnected_at: None,
        names_changed_at: None,
    }
}

#[cfg(test)]
mod tests;
