//! The life of findings from snapshot to snapshot: what was not observed is never taken as gone.

use loadline_model::{
    Acceptance, Check, FindingState, Fingerprint, LedgerEntry, LifeEvent, Outcome, SnapshotId, Timestamp,
};
use std::collections::BTreeMap;

/// The snapshot being entered.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The snapshot.
    pub snapshot: &'a SnapshotId,
    /// Its time; acceptances are judged here.
    pub at: Timestamp,
}

/// The ledger after a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Every finding ever seen, resolved ones too, by fingerprint.
    pub entries: Vec<LedgerEntry>,
    /// Proven gone in this snapshot, by fingerprint.
    pub resolved: Vec<LedgerEntry>,
}

impl Ledger {
    /// The entry of a fingerprint.
    pub fn entry(&self, fingerprint: &Fingerprint) -> Option<&LedgerEntry> {
        self.entries.binary_search_by(|e| e.fingerprint.cmp(fingerprint)).ok().and_then(|at| self.entries.get(at))
    }
}

/// Enters a snapshot's checks. A finding resolves only when the same fingerprint is observed as passing or not applicable;
/// entering the same snapshot twice changes nothing.
pub fn update(
    previous: &[LedgerEntry],
    checks: &[Check],
    acceptances: &BTreeMap<Fingerprint, Acceptance>,
    moment: &Moment<'_>,
) -> Ledger {
    let mut entries: BTreeMap<Fingerprint, LedgerEntry> =
        previous.iter().map(|e| (e.fingerprint.clone(), e.clone())).collect();
    for (fingerprint, check) in worst_of_each(checks) {
        let accepted = accepted(acceptances, fingerprint, moment.at).is_some();
        match entries.get_mut(fingerprint) {
            Some(entry) => observe(entry, check, accepted, moment),
            None if is_finding(check) => {
                entries.insert(fingerprint.clone(), first_seen(check, accepted, moment));
            }
            None => {}
        }
    }
    let gone = |e: &&LedgerEntry| {
        e.life.last().is_some_and(|l| l.state == FindingState::Resolved && l.snapshot == *moment.snapshot)
    };
    let entries: Vec<LedgerEntry> = entries.into_values().collect();
    let resolved = entries.iter().filter(gone).cloned().collect();
    Ledger { entries, resolved }
}

/// The acceptance of a finding while it lasts.
pub fn accepted<'a>(
    acceptances: &'a BTreeMap<Fingerprint, Acceptance>,
    fingerprint: &Fingerprint,
    at: Timestamp,
) -> Option<&'a Acceptance> {
    acceptances.get(fingerprint).filter(|a| a.until > at)
}

pub(crate) fn is_finding(check: &Check) -> bool {
    matches!(check.result.outcome, Outcome::Fail { .. } | Outcome::Unknown { .. })
}

fn worst_of_each(checks: &[Check]) -> BTreeMap<&Fingerprint, &Check> {
    let badness = |c: &Check| match c.result.outcome {
        Outcome::NotApplicable { .. } => (0, None),
        Outcome::Pass => (1, None),
        Outcome::Unknown { .. } => (2, None),
        Outcome::Fail { severity } => (3, Some(severity)),
    };
    let mut worst: BTreeMap<&Fingerprint, &Check> = BTreeMap::new();
    for check in checks {
        let kept = worst.entry(&check.fingerprint).or_insert(check);
        if badness(check) > badness(kept) {
            *kept = check;
        }
    }
    worst
}

fn first_seen(check: &Check, accepted: bool, moment: &Moment<'_>) -> LedgerEntry {
    let mut life = vec![event(check, FindingState::New, moment)];
    if accepted {
        life.push(event(check, FindingState::Accepted, moment));
    }
    LedgerEntry {
        fingerprint: check.fingerprint.clone(),
        rule: check.rule.clone(),
        subject: check.subject.clone(),
        first_seen: moment.at,
        last_seen: moment.at,
        life,
    }
}

fn observe(entry: &mut LedgerEntry, check: &Check, accepted: bool, moment: &Moment<'_>) {
    entry.last_seen = entry.last_seen.max(moment.at);
    entry.subject = check.subject.clone();
    let state = next_state(entry, check, accepted, moment);
    let event = event(check, state, moment);
    let unchanged = |l: &LifeEvent| l.state == event.state && l.result == event.result && l.severity == event.severity;
    let still_gone =
        state == FindingState::Resolved && entry.life.last().is_some_and(|l| l.state == FindingState::Resolved);
    if !still_gone && !entry.life.last().is_some_and(unchanged) {
        entry.life.push(event);
    }
}

fn next_state(entry: &LedgerEntry, check: &Check, accepted: bool, moment: &Moment<'_>) -> FindingState {
    let last = entry.life.last().map(|l| l.state);
    if !is_finding(check) {
        return FindingState::Resolved;
    }
    if accepted {
        return FindingState::Accepted;
    }
    // What this snapshot entered already stays as it is when the snapshot is assessed again.
    let entered = entry
        .life
        .iter()
        .rev()
        .find(|l| l.snapshot == *moment.snapshot && l.state != FindingState::Accepted)
        .map(|l| l.state);
    match (last, entered) {
        (_, Some(state @ (FindingState::New | FindingState::Reopened))) => state,
        (Some(FindingState::Resolved), _) => FindingState::Reopened,
        (None, _) => FindingState::New,
        _ => FindingState::Open,
    }
}

fn event(check: &Check, state: FindingState, moment: &Moment<'_>) -> LifeEvent {
    LifeEvent {
        snapshot: moment.snapshot.clone(),
        at: moment.at,
        state,
        result: check.result.outcome.word().to_owned(),
        severity: check.result.outcome.severity(),
    }
}
