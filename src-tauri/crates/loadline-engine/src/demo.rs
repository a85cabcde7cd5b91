//! The embedded demo workspace: snapshots are cut from the demo's file at weekly moments, everything else is the real thing.

use crate::stages::{Case, assess, ledger_after};
use crate::workspace::SnapshotRow;
use crate::{EngineError, clock};
use loadline_model::{
    AccountId, AccountSummary, Assessment, Choice, Decision, DemoFile, Fact, Inventory, LedgerEntry, Scope, Snapshot,
    SnapshotId, Timestamp, Zone,
};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The demo, open.
pub struct Demo {
    file: DemoFile,
    zone: Zone,
    session: Mutex<Session>,
}

#[derive(Default)]
struct Session {
    decisions: Vec<Decision>,
    ledgers: BTreeMap<SnapshotId, Vec<LedgerEntry>>,
    assessments: BTreeMap<(SnapshotId, usize), Assessment>,
}

impl Demo {
    /// Reads the embedded file.
    ///
    /// # Errors
    /// `not_understood` when the file inside the program is damaged.
    pub fn open() -> Result<Self, EngineError> {
        let file = loadline_connectors::demo::file().map_err(|e| {
            EngineError::new(
                "not_understood",
                format!("The embedded demo cannot be read: {e}. Install Loadline again."),
            )
        })?;
        let zone = clock::zone(&file.zone)?;
        let session = Session { decisions: file.decisions.clone(), ..Session::default() };
        Ok(Self { file, zone, session: Mutex::new(session) })
    }

    /// Its name.
    pub fn name(&self) -> String {
        self.file.name.clone()
    }

    /// Accounts as connected at a moment.
    pub fn accounts_at(&self, at: Timestamp) -> Vec<AccountSummary> {
        let connected = self.file.accounts.iter().filter(|a| a.from <= at);
        connected.map(|a| AccountSummary { collected_at: Some(at), connected: true, ..a.account.clone() }).collect()
    }

    /// One row a week, named where the story has a name for it.
    pub fn snapshots(&self) -> Vec<SnapshotRow> {
        // The team meets at seven local time: a clock change moves a named moment by an hour against a count of weeks.
        let named = |at: Timestamp| self.file.moments.iter().find(|(_, m)| m.hours_since(at).abs() <= 1.0);
        let row = |at: Timestamp| {
            let at_named = named(at).map_or(at, |(_, m)| *m);
            SnapshotRow { id: id_of(at_named), taken_at: at_named, name: named(at).map(|(n, _)| n.clone()) }
        };
        self.file.weeks().into_iter().map(row).collect()
    }

    /// What an assessment of a week follows from.
    pub fn case(&self, row: &SnapshotRow) -> Case {
        let rows = self.snapshots();
        let previous = rows.iter().rev().find(|r| r.taken_at < row.taken_at).map(|r| self.snapshot(r.taken_at));
        let ledger = self.ledger_before(row, &rows);
        self.case_of(row, previous, ledger)
    }

    /// The assessment of a week, remembered while nothing is decided.
    pub fn assessment(&self, row: &SnapshotRow) -> Assessment {
        let made = (row.id.clone(), self.lock().decisions.len());
        if let Some(known) = self.lock().assessments.get(&made) {
            return known.clone();
        }
        let assessment = assess(&self.case(row));
        self.lock().assessments.insert(made, assessment.clone());
        assessment
    }

    /// The log: the story's decisions, then this session's.
    pub fn decisions(&self) -> Vec<Decision> {
        self.lock().decisions.clone()
    }

    /// Decides something for this session.
    pub fn decide(&self, author: &str, choice: &Choice) -> i64 {
        let mut session = self.lock();
        let number = session.decisions.last().map_or(1, |d| d.number + 1);
        // The demo's present is its last week: a decision made now is dated there, so that it applies.
        let decision = Decision { number, at: self.file.until, author: author.to_owned(), choice: choice.clone() };
        session.decisions.push(decision);
        number
    }

    /// Facts of a week without series.
    pub(crate) fn facts(&self, row: &SnapshotRow, keep: fn(&Fact) -> bool) -> Snapshot {
        let mut facts = self.assembled(row.taken_at, self.file.facts_without_series_at(row.taken_at));
        facts.facts.retain(keep);
        facts
    }

    /// Facts of a week with series, of those that `keep` wants.
    pub(crate) fn series(&self, row: &SnapshotRow, keep: &(dyn Fn(&Fact) -> bool + Send + Sync)) -> Vec<Fact> {
        let scopes = self.file.scopes_at(row.taken_at);
        scopes.into_iter().flat_map(|(_, scope)| scope.facts).filter(keep).collect()
    }

    /// The decisions that apply to a week: the story's up to then, and this session's.
    pub(crate) fn decisions_at(&self, row: &SnapshotRow) -> Vec<Decision> {
        let story_end = self.file.decisions.len();
        let session = self.lock();
        let known = |(i, d): &(usize, &Decision)| *i >= story_end || d.at <= row.taken_at;
        session.decisions.iter().enumerate().filter(known).map(|(_, d)| d.clone()).collect()
    }

    fn case_of(&self, row: &SnapshotRow, previous: Option<Snapshot>, ledger: Vec<LedgerEntry>) -> Case {
        let decisions = self.decisions_at(row);
        Case { workspace: self.name(), snapshot: self.snapshot(row.taken_at), previous, decisions, ledger }
    }

    /// Lives of findings come from looking every fourth week, as a team that collects monthly would have.
    fn ledger_before(&self, row: &SnapshotRow, rows: &[SnapshotRow]) -> Vec<LedgerEntry> {
        let looked: Vec<&SnapshotRow> = rows
            .iter()
            .step_by(8)
            .chain(rows.iter().filter(|r| r.name.is_some()))
            .filter(|r| r.taken_at < row.taken_at)
            .collect();
        let mut ordered = looked;
        ordered.sort_by_key(|r| r.taken_at);
        ordered.dedup_by_key(|r| r.taken_at);
        let mut ledger = Vec::new();
        for r in ordered {
            if let Some(known) = self.lock().ledgers.get(&r.id) {
                ledger = known.clone();
                continue;
            }
            ledger = ledger_after(&self.case_of(r, None, ledger));
            self.lock().ledgers.insert(r.id.clone(), ledger.clone());
        }
        ledger
    }

    fn snapshot(&self, at: Timestamp) -> Snapshot {
        self.assembled(at, self.file.scopes_at(at))
    }

    fn assembled(&self, at: Timestamp, scopes: Vec<(AccountId, Scope)>) -> Snapshot {
        let mut snapshot = Snapshot {
            id: id_of(at),
            taken_at: at,
            zone: self.zone.clone(),
            accounts: self.accounts_at(at),
            ..Snapshot::default()
        };
        for (account, scope) in scopes {
            let listed = |kind| Inventory {
                account: account.clone(),
                scope: scope.name.clone(),
                kind,
                read_at: scope.finished_at,
            };
            snapshot.inventories.extend(scope.inventories.iter().copied().map(listed));
            snapshot.gaps.extend(scope.gaps);
            snapshot.facts.extend(scope.facts);
        }
        snapshot.gaps.sort();
        snapshot
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Session> {
        // A panic elsewhere leaves plain data behind, which stays usable.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn id_of(at: Timestamp) -> SnapshotId {
    SnapshotId::new(format!("demo-{}", at.utc_day()))
}
