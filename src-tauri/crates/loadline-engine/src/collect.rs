//! Collecting: every account at once, each scope durable when it is finished, then one snapshot and its ledger.

use crate::accounts::resolve_secret;
use crate::stages::ledger_after;
use crate::workspace::{AsOf, Workspace};
use crate::{EngineError, clock, settings};
use futures_util::future::{FutureExt, join_all};
use futures_util::stream::{self, StreamExt};
use loadline_connectors::{Connector, ScopePlan, Window, provider};
use loadline_model::{
    Account, AccountId, CollectionCost, CollectionId, Gap, GapReason, Kind, Scope, ScopeStatus, SnapshotId, Timestamp,
};
use loadline_secrets::Secret;
use loadline_store::CollectionRow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

mod remembered;
mod told;

pub use told::Group;
use told::Told;

/// How far back the first collection of an account asks for history.
const HISTORY_DAYS: i64 = 90;
/// Overlap with the last collection, so that samples that arrived late are still read.
const OVERLAP_HOURS: i64 = 6;
/// A collection that was cut off is gone on with within this time; later it is begun afresh.
const RESUME_HOURS: f64 = 1.0;
/// The scope that says which parts were never read because the first collection was stopped.
const UNREAD: &str = "unread";
/// How long a lock outlives a collector that died.
const LOCK: Duration = Duration::from_secs(900);

/// One step of a collection, for progress bars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The account.
    pub account: AccountId,
    /// Parts finished.
    pub done: u32,
    /// Parts in all; 0 before they are known.
    pub total: u32,
    /// What is being read.
    pub what: String,
    /// The parts by what they belong to, in the order in which they are begun.
    pub groups: Vec<Group>,
    /// Gaps so far.
    pub gaps: u32,
    /// `reading`, `done`, `partial`, `failed`, `cancelled`.
    pub status: &'static str,
    /// Why it failed.
    pub error: Option<String>,
}

/// Where steps are reported; must return quickly.
pub type Observer = Arc<dyn Fn(Step) + Send + Sync>;

/// How a collection of one account ended.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountOutcome {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// `done`, `partial`, `failed`, `cancelled`.
    pub status: &'static str,
    /// Scopes finished.
    pub scopes: u32,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// What it cost.
    pub cost: CollectionCost,
    /// Why it failed.
    pub error: Option<EngineError>,
    /// Scopes that were read by the collection it went on with.
    pub resumed: u32,
}

/// How a collection ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Collected {
    /// Per account, in the order asked.
    pub accounts: Vec<AccountOutcome>,
    /// The snapshot taken afterwards; `None` when nothing was read.
    pub snapshot: Option<SnapshotId>,
    /// It was cut short; what was read is kept.
    pub cancelled: bool,
}

impl Collected {
    /// Something could not be read.
    pub fn has_gaps(&self) -> bool {
        self.accounts.iter().any(|a| !a.gaps.is_empty() || a.error.is_some())
    }
}

/// What a collection needs beside the workspace.
#[derive(Clone)]
pub struct Run {
    /// Accounts; empty: all that are connected.
    pub accounts: Vec<AccountId>,
    /// Where steps are reported.
    pub observer: Observer,
    /// Cancels; returns within a second with what was read.
    pub cancel: CancellationToken,
    /// Passphrase of a secret file, when one is used.
    pub passphrase: Option<Arc<Secret>>,
    /// Who collects, for the lock.
    pub holder: String,
}

/// Collects, takes a snapshot and carries the ledger on.
///
/// # Errors
/// `no_accounts` when nothing is connected; otherwise only what the store says. An account that fails is an outcome.
pub async fn collect(workspace: &Workspace, run: &Run) -> Result<Collected, EngineError> {
    let store = workspace.store()?;
    let accounts = chosen(store.accounts().await?, &run.accounts)?;
    let outcomes = join_all(accounts.iter().map(|account| one_account(workspace, account, run))).await;
    // A failure is a gap of the next snapshot, but alone it is nothing that could be judged.
    let read_something = outcomes.iter().any(|o| o.scopes > 0 && o.error.is_none());
    let snapshot = if read_something || !store.snapshots().await?.is_empty() {
        Some(take_snapshot(workspace).await?)
    } else {
        None
    };
    Ok(Collected { accounts: outcomes, snapshot, cancelled: run.cancel.is_cancelled() })
}

/// Commits a manifest over the newest visit of every scope and carries the findings' ledger on.
///
/// # Errors
/// What the store says.
pub async fn take_snapshot(workspace: &Workspace) -> Result<SnapshotId, EngineError> {
    let store = workspace.store()?;
    let zone = clock::zone(&settings::load(workspace).await?.zone)?;
    let id = store.take_snapshot(clock::now(), &zone).await?;
    if let Some(case) = workspace.case(&AsOf::Snapshot(id.clone())).await? {
        let ledger = tokio::task::spawn_blocking(move || ledger_after(&case))
            .await
            .map_err(|e| EngineError::new("assessment_failed", format!("The assessment stopped: {e}.")))?;
        store.save_ledger(&ledger).await?;
    }
    let keep = settings::load(workspace).await?.retention_days;
    if keep > 0 {
        store.delete_snapshots_before(clock::now().plus_days(-i64::from(keep))).await?;
    }
    Ok(id)
}

fn chosen(all: Vec<Account>, wanted: &[AccountId]) -> Result<Vec<Account>, EngineError> {
    let mut connected: Vec<Account> =
        all.into_iter().filter(|a| a.disconnected_at.is_none() && provider(&a.provider).is_some()).collect();
    if connected.is_empty() {
        return Err(EngineError::new(
            "no_accounts",
            "No account is connected, so there is nothing to collect. Connect one, for example: loadline connect postgres --url postgres://host/db",
        ));
    }
    let known: BTreeSet<AccountId> = connected.iter().map(|a| a.id.clone()).collect();
    if let Some(missing) = wanted.iter().find(|w| !known.contains(*w)) {
        let names: Vec<String> = known.iter().map(ToString::to_string).collect();
        return Err(EngineError::new(
            "unknown_account",
            format!("No connected account is called `{missing}`. Connected: {}.", names.join(", ")),
        ));
    }
    connected.retain(|a| wanted.is_empty() || wanted.contains(&a.id));
    Ok(connected)
}

async fn one_account(workspace: &Workspace, account: &Account, run: &Run) -> AccountOutcome {
    let mut outcome = AccountOutcome {
        account: account.id.clone(),
        name: account.name.clone(),
        status: "done",
        scopes: 0,
        gaps: Vec::new(),
        cost: CollectionCost::default(),
        error: None,
        resumed: 0,
    };
    let told = Arc::new(Told::new(account, &run.observer));
    if let Err(error) = locked(workspace, account, (run, &told), &mut outcome).await {
        outcome.status = "failed";
        outcome.error = Some(error);
    } else if run.cancel.is_cancelled() {
        outcome.status = "cancelled";
    } else if !outcome.gaps.is_empty() {
        outcome.status = "partial";
    }
    told.over(&outcome);
    outcome
}

async fn locked(
    workspace: &Workspace,
    account: &Account,
    run: (&Run, &Arc<Told>),
    outcome: &mut AccountOutcome,
) -> Result<(), EngineError> {
    let store = workspace.store()?;
    let holder = &run.0.holder;
    store.lock_account(&account.id, holder, clock::now(), LOCK).await?;
    let ended = read_account(workspace, account, run, outcome).await;
    store.unlock_account(&account.id, holder).await?;
    ended
}

async fn read_account(
    workspace: &Workspace,
    account: &Account,
    (run, told): (&Run, &Arc<Told>),
    outcome: &mut AccountOutcome,
) -> Result<(), EngineError> {
    let store = workspace.store()?;
    let (collection, mut finished, spent) = begin_or_resume(workspace, &account.id).await?;
    let opened = tokio::select! {
        opened = open(account, run.passphrase.as_deref()) => opened,
        () = run.cancel.cancelled() => return Ok(()),
    };
    let (connector, scopes) = match opened {
        Ok(open) => open,
        Err(error) => {
            // The failure is evidence too: it is committed, so that the next assessment shows the gap.
            let gap = connection_gap(account, &error);
            told.missed(1);
            outcome.gaps.push(gap.clone());
            let scope = empty("connection", vec![gap]);
            store.commit_scope(&collection, &scope).await?;
            store.finish_collection(&collection, clock::now(), &outcome.cost).await?;
            outcome.scopes += 1;
            return Err(error);
        }
    };
    let collections = store.collections(&account.id).await?;
    let (window, before) = (window(run), Before::of(&collections, account.names_changed_at));
    // A connection that works again ends the gap that its failure left.
    store.commit_scope(&collection, &empty("connection", Vec::new())).await?;
    told.planned(&scopes);
    let mut left: Vec<&ScopePlan> = Vec::new();
    for plan in &scopes {
        let resumed = finished.contains(&plan.name);
        if resumed || stands(plan, &before.read, clock::now()) {
            finished.insert(plan.name.clone());
            told.finished(plan);
            outcome.resumed += u32::from(resumed);
        } else {
            left.push(plan);
        }
    }
    outcome.scopes = finished.len() as u32;
    let left: Vec<(&ScopePlan, Window)> = left.into_iter().map(|plan| (plan, before.asked(plan, &window))).collect();
    let parts = left.iter().map(|(plan, window)| read_part(connector.as_ref(), plan, window, told).boxed());
    // Collected first: a lazy iterator in a spawned task is more than the compiler's lifetimes can follow.
    let mut reading = stream::iter(parts.collect::<Vec<_>>()).buffer_unordered(connector.abreast().max(1));
    while let Some((plan, scope)) = reading.next().await {
        let Some(mut scope) = scope else { continue };
        if plan.remembers {
            let earlier = store.last_facts(&account.id, &plan.name, remembered::is_event).await?;
            remembered::carry(&mut scope, earlier, window.now);
        }
        let cut = run.cancel.is_cancelled() && scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled);
        // What was read of it earlier says more than a part of it does now.
        if cut && before.read.contains_key(&plan.name) {
            continue;
        }
        told.missed(scope.gaps.len());
        outcome.gaps.extend(scope.gaps.iter().cloned());
        store.commit_scope(&collection, &scope).await?;
        outcome.scopes += 1;
        told.finished(plan);
        finished.insert(plan.name.clone());
    }
    drop(reading);
    let place: BTreeMap<&str, usize> = scopes.iter().enumerate().map(|(at, plan)| (plan.name.as_str(), at)).collect();
    outcome.gaps.sort_by_key(|gap| place.get(gap.scope.as_str()).copied());
    outcome.cost = spent.and(&connector.cost());
    if run.cancel.is_cancelled() {
        let never = |plan: &&ScopePlan| !finished.contains(&plan.name) && !before.read.contains_key(&plan.name);
        let never: Vec<&ScopePlan> = scopes.iter().filter(never).collect();
        if !never.is_empty() {
            let gap = unread_gap(account, &never);
            told.missed(1);
            outcome.gaps.push(gap.clone());
            store.commit_scope(&collection, &empty(UNREAD, vec![gap])).await?;
        }
        store.note_cost(&collection, &outcome.cost).await?;
        return Ok(());
    }
    if before.stopped {
        store.commit_scope(&collection, &empty(UNREAD, Vec::new())).await?;
    }
    store.finish_collection(&collection, clock::now(), &outcome.cost).await?;
    Ok(())
}

/// Reads one part unless the reader said stop before it began.
async fn read_part<'a>(
    connector: &'a dyn Connector,
    plan: &'a ScopePlan,
    window: &'a Window,
    told: &'a Arc<Told>,
) -> (&'a ScopePlan, Option<Scope>) {
    if window.cancel.is_cancelled() {
        return (plan, None);
    }
    let scope = connector.read(plan, window, &told.begun(plan)).await;
    told.ended(plan);
    (plan, Some(scope))
}

/// What earlier collections of an account, and the one that is gone on with, have left.
struct Before {
    /// When each scope was last visited and something was read. A visit that failed is none: it may be asked again.
    read: BTreeMap<String, Timestamp>,
    /// When each scope was last read without a gap.
    whole: BTreeMap<String, Timestamp>,
    /// One of them was stopped before it had read every part.
    stopped: bool,
}

impl Before {
    /// Visits from before the account's names changed asked for something else, so they do not count.
    fn of(collections: &[CollectionRow], renamed: Option<Timestamp>) -> Self {
        let counts = |c: &&CollectionRow| renamed.is_none_or(|at| c.started_at >= at);
        let visits = || collections.iter().filter(counts).flat_map(|c| &c.scopes);
        let newest = |counts: fn(ScopeStatus) -> bool| {
            let mut newest = BTreeMap::new();
            for scope in visits().filter(|s| counts(s.status)) {
                let at = newest.entry(scope.name.clone()).or_insert(scope.finished_at);
                *at = scope.finished_at.max(*at);
            }
            newest
        };
        let (read, whole) = (newest(|s| s != ScopeStatus::Failed), newest(|s| s == ScopeStatus::Complete));
        let stopped = collections.iter().flat_map(|c| &c.scopes).any(|s| s.name == UNREAD);
        Self { read, whole, stopped }
    }

    /// The time that a part is asked for: since it was last read, all of the history that is kept where it never was. What is
    /// remembered is asked for since it was last read without a gap: what a limit or a refusal kept back then is not older.
    fn asked(&self, plan: &ScopePlan, window: &Window) -> Window {
        let visits = if plan.remembers { &self.whole } else { &self.read };
        let since = visits.get(&plan.name).map(|at| at.plus_hours(-OVERLAP_HOURS));
        Window { from: since.map_or(window.from, |at| at.max(window.from)), ..window.clone() }
    }
}

/// A scope without facts: failed when something hides them, complete otherwise.
fn empty(name: &str, gaps: Vec<Gap>) -> Scope {
    let status = if gaps.is_empty() { ScopeStatus::Complete } else { ScopeStatus::Failed };
    Scope { name: name.into(), status, finished_at: clock::now(), inventories: Vec::new(), facts: Vec::new(), gaps }
}

/// Its last visit is young enough to be kept; the snapshot takes the newest visit of every scope.
fn stands(plan: &ScopePlan, visits: &BTreeMap<String, Timestamp>, now: Timestamp) -> bool {
    let young = |at: &Timestamp| (0.0..f64::from(plan.keep_hours)).contains(&now.hours_since(*at));
    visits.get(&plan.name).is_some_and(young)
}

async fn begin_or_resume(
    workspace: &Workspace,
    account: &AccountId,
) -> Result<(CollectionId, BTreeSet<String>, CollectionCost), EngineError> {
    let store = workspace.store()?;
    let now = clock::now();
    if let Some(cut) = store.unfinished_scopes(account).await?.filter(|u| now.hours_since(u.started_at) < RESUME_HOURS)
    {
        let complete = cut.scopes.into_iter().filter(|s| s.status == ScopeStatus::Complete && s.name != "connection");
        return Ok((cut.collection, complete.map(|s| s.name).collect(), cut.cost));
    }
    Ok((store.begin_collection(account, now).await?, BTreeSet::new(), CollectionCost::default()))
}

async fn open(
    account: &Account,
    passphrase: Option<&Secret>,
) -> Result<(Box<dyn Connector>, Vec<ScopePlan>), EngineError> {
    let connector = connect(account, passphrase).await?;
    let scopes = connector.scopes().await?;
    Ok((connector, scopes))
}

/// Opens a connector with the account's secret.
///
/// # Errors
/// `unknown_provider`, what the secret store says, what the source says.
pub async fn connect(account: &Account, passphrase: Option<&Secret>) -> Result<Box<dyn Connector>, EngineError> {
    let provider = provider(&account.provider).ok_or_else(|| {
        EngineError::new("unknown_provider", format!("`{}` is not a provider of this version.", account.provider))
    })?;
    let secret = resolve_secret(account, passphrase).await?;
    Ok((provider.connect)(account, secret).await?)
}

/// As far back as history is kept.
fn window(run: &Run) -> Window {
    let now = clock::now();
    Window { from: now.plus_days(-HISTORY_DAYS), until: now, now, cancel: run.cancel.clone() }
}

/// What a stopped first collection never looked at may hide anything but what people say themselves.
fn unread_gap(account: &Account, never: &[&ScopePlan]) -> Gap {
    let mut groups: Vec<&str> = never.iter().map(|plan| plan.group.as_str()).collect();
    groups.dedup();
    let parts =
        if let [one] = never { one.title.clone() } else { format!("{} parts ({})", never.len(), groups.join(", ")) };
    Gap {
        account: Some(account.id.clone()),
        scope: UNREAD.into(),
        reason: GapReason::Cancelled,
        detail: format!("The collection was stopped before it read {parts}."),
        closes: "Collect again: it goes on with what is missing.".into(),
        hides: Kind::ALL.into_iter().filter(|k| !matches!(k, Kind::Person | Kind::Journey)).collect(),
        subject: None,
    }
}

fn connection_gap(account: &Account, error: &EngineError) -> Gap {
    let reason = match error.code.as_str() {
        "authentication_failed" => GapReason::PermissionDenied,
        "timed_out" => GapReason::TimedOut,
        _ => GapReason::ApiError,
    };
    Gap {
        account: Some(account.id.clone()),
        scope: "connection".into(),
        reason,
        detail: error.message.clone(),
        closes: format!("Try `loadline test {}` and follow what it says.", account.id),
        hides: Vec::new(),
        subject: None,
    }
}

#[cfg(test)]
mod tests;
