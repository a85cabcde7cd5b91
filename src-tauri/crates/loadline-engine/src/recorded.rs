//! What people and scripts write down here, beside what accounts tell: one account of the workspace, a scope for each sort.

use crate::collect::take_snapshot;
use crate::workspace::Workspace;
use crate::{EngineError, clock};
use loadline_model::{
    Account, AccountId, Basis, Body, CollectionCost, Fact, Kind, Provenance, RECORDED, Scope, ScopeStatus, Snapshot,
    SubjectId,
};
use std::collections::BTreeMap;

/// The account itself.
pub(crate) fn account() -> Account {
    Account {
        id: AccountId::new(RECORDED),
        provider: RECORDED.into(),
        name: "Recorded deployments".into(),
        config: BTreeMap::new(),
        secret: None,
        environment: None,
        connected_at: clock::now(),
        disconnected_at: None,
        names_changed_at: None,
    }
}

/// The newest snapshot; an empty one before the first.
pub(crate) async fn newest(workspace: &Workspace) -> Result<Snapshot, EngineError> {
    let store = workspace.store()?;
    match store.snapshots().await?.pop() {
        Some(newest) => Ok(store.load_snapshot(&newest.id).await?),
        None => Ok(Snapshot::default()),
    }
}

/// What was recorded of one sort.
pub(crate) fn of_ours(snapshot: &Snapshot, sort: fn(&Body) -> bool) -> Vec<Fact> {
    let ours = |fact: &&Fact| fact.provenance.account.as_str() == RECORDED && sort(&fact.body);
    snapshot.facts.iter().filter(ours).cloned().collect()
}

/// A fact that is told by a command.
pub(crate) fn told(subject: SubjectId, body: Body, call: &str, basis: Basis) -> Fact {
    let provenance =
        Provenance { account: AccountId::new(RECORDED), call: call.to_owned(), read_at: clock::now(), basis };
    Fact { subject, body, provenance }
}

/// Keeps all that is recorded of one sort, in place of what was, and takes a snapshot.
pub(crate) async fn keep(workspace: &Workspace, scope: &str, facts: Vec<Fact>) -> Result<(), EngineError> {
    let store = workspace.store()?;
    let account = account();
    if store.account(&account.id).await.is_err() {
        store.save_account(&account).await?;
    }
    let collection = store.begin_collection(&account.id, clock::now()).await?;
    let scope = Scope {
        name: scope.into(),
        status: ScopeStatus::Complete,
        finished_at: clock::now(),
        inventories: Vec::new(),
        facts,
        gaps: Vec::new(),
    };
    store.commit_scope(&collection, &scope).await?;
    store.finish_collection(&collection, clock::now(), &CollectionCost::default()).await?;
    take_snapshot(workspace).await.map(drop)
}

/// The thing that an id or a name means, among those that `wanted` allows; a name that two of them carry means neither.
pub(crate) fn thing(snapshot: &Snapshot, named: &str, wanted: fn(Kind) -> bool) -> Option<SubjectId> {
    let means = |fact: &&Fact| match &fact.body {
        Body::Resource(r) => wanted(r.kind) && (r.name == named || fact.subject.as_str() == named),
        _ => false,
    };
    let mut found: Vec<&SubjectId> = snapshot.facts.iter().filter(means).map(|fact| &fact.subject).collect();
    found.sort_unstable();
    found.dedup();
    if let [only] = found.as_slice() { Some((*only).clone()) } else { None }
}
