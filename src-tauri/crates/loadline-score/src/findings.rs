//! Findings as people read them: failing and unknown checks with their life, points and acceptance, worst first.

use crate::ledger::{Ledger, accepted, is_finding};
use loadline_model::{
    Acceptance, Check, Finding, FindingState, Fingerprint, ItemId, LedgerEntry, RuleId, RuleInfo, Score, Timestamp,
};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The findings of a snapshot: failing by severity, then points lost; then unknown by points lost; ties by fingerprint.
pub fn findings(
    checks: &[Check],
    ledger: &Ledger,
    rules: &[RuleInfo],
    score: &Score,
    acceptances: &BTreeMap<Fingerprint, Acceptance>,
    at: Timestamp,
) -> Vec<Finding> {
    let titles: BTreeMap<&RuleId, &str> = rules.iter().map(|r| (&r.id, r.title.as_str())).collect();
    let points: BTreeMap<&Fingerprint, i64> = score.losses.iter().map(|l| (&l.fingerprint, l.lost.0)).collect();
    let mut findings: Vec<Finding> = checks
        .iter()
        .filter(|c| is_finding(c))
        .map(|check| {
            let acceptance = accepted(acceptances, &check.fingerprint, at).cloned();
            let title = titles.get(&check.rule).copied().unwrap_or(check.rule.as_str());
            let lost = points.get(&check.fingerprint).copied().unwrap_or(0);
            finding(check, ledger.entry(&check.fingerprint), title, lost, acceptance, at)
        })
        .collect();
    findings.sort_by(worst_first);
    findings
}

fn finding(
    check: &Check,
    entry: Option<&LedgerEntry>,
    title: &str,
    points_lost_micro: i64,
    acceptance: Option<Acceptance>,
    at: Timestamp,
) -> Finding {
    let severity = check.result.outcome.severity();
    Finding {
        fingerprint: check.fingerprint.clone(),
        rule: check.rule.clone(),
        title: title.to_owned(),
        result: check.result.outcome.word().to_owned(),
        severity,
        state: state(entry, acceptance.is_some()),
        subject: check.subject.clone(),
        sentence: check.result.sentence.clone(),
        evidence: check.result.evidence.clone(),
        gap: check.result.gap.clone(),
        remedy: check.result.remedy.clone(),
        escalation: check.escalation.clone(),
        exposure: check.exposure,
        points_lost_micro,
        first_seen: entry.map_or(at, |e| e.first_seen),
        last_seen: entry.map_or(at, |e| e.last_seen),
        life: entry.map(|e| e.life.clone()).unwrap_or_default(),
        acceptance,
        item: severity.map(|_| ItemId::of(&check.rule, &check.subject.id)),
    }
}

/// The ledger's word, unless a person accepted or stopped accepting the finding since.
fn state(entry: Option<&LedgerEntry>, accepted: bool) -> FindingState {
    match entry.and_then(|e| e.life.last()).map(|l| l.state) {
        _ if accepted => FindingState::Accepted,
        None => FindingState::New,
        Some(FindingState::Accepted) => FindingState::Open,
        Some(FindingState::Resolved) => FindingState::Reopened,
        Some(state) => state,
    }
}

fn worst_first(a: &Finding, b: &Finding) -> Ordering {
    b.severity
        .cmp(&a.severity)
        .then_with(|| b.points_lost_micro.cmp(&a.points_lost_micro))
        .then_with(|| a.fingerprint.cmp(&b.fingerprint))
}
