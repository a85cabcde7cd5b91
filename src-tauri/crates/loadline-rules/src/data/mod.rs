//! DATA: data safety.

mod backups_share_fate;
mod deletion_unprotected;
mod memory_without_persistence;
mod no_automatic_backup;
mod no_point_in_time_recovery;
mod old_restore_point;
mod restore_unproven;
mod writes_not_durable;

pub(crate) use no_automatic_backup::has_no_backup;

use crate::evaluate::Reading;
use crate::{Context, Rule, Subject};
use loadline_model::{BackupEvent, BackupKind, CheckResult, Provenance, key};

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &no_automatic_backup::RULE,
    &old_restore_point::RULE,
    &no_point_in_time_recovery::RULE,
    &restore_unproven::RULE,
    &backups_share_fate::RULE,
    &deletion_unprotected::RULE,
    &memory_without_persistence::RULE,
    &writes_not_durable::RULE,
];

/// Scopes of gaps that may hide a backup, an archive, a restore or an objective for them.
const BACKUP_TOPICS: [&str; 7] = ["backup", "restor", "archiv", "pitr", "snapshot", "rpo_", "rto_"];

/// A standby is judged with its primary: its copies are the primary's.
fn judged_with_primary(subject: &Subject<'_>, seen: &mut Reading<'_>) -> Option<CheckResult> {
    if seen.flag("is a standby", key::IS_STANDBY) != Some(true) {
        return None;
    }
    let because = format!("`{}` is a standby; the copies of its primary cover it.", subject.name());
    Some(CheckResult::not_applicable(because).with_evidence(std::mem::take(&mut seen.rows)))
}

/// Copies one could restore from (or attempts at them), oldest first. Archived log counts from the first whole copy on.
fn copies<'c>(subject: &Subject<'_>, context: &Context<'c>) -> Vec<(&'c BackupEvent, &'c Provenance)> {
    let events = || context.facts.facts::<BackupEvent>(&subject.id);
    let whole = |e: &BackupEvent| matches!(e.kind, BackupKind::Snapshot | BackupKind::PointInTime);
    let first = events().filter(|(e, _)| whole(e) && e.succeeded).map(|(e, _)| e.at).min();
    let counts = |e: &BackupEvent| {
        whole(e) || e.kind == BackupKind::Log && (!e.succeeded || first.is_some_and(|first| first <= e.at))
    };
    let mut copies: Vec<_> = events().filter(|(e, _)| counts(e)).collect();
    copies.sort_by_key(|(e, from)| (e.at, e.succeeded, from.read_at));
    copies
}

/// What a log that is archived without a known whole copy adds to a sentence: ` (its log is archived by WAL-G, which
/// restores nothing without a base backup)`.
fn log_alone(subject: &Subject<'_>, context: &Context<'_>) -> String {
    let logs = context.facts.facts::<BackupEvent>(&subject.id).map(|(e, _)| e);
    let newest = logs.filter(|e| e.kind == BackupKind::Log && e.succeeded).max_by_key(|e| e.at);
    newest.map_or_else(String::new, |e| {
        let by = e.tool.as_deref().map(|tool| format!(" by {tool}")).unwrap_or_default();
        format!(" (its log is archived{by}, which restores nothing without a base backup)")
    })
}

/// `90 minutes`, `26 hours`, `12 days`: whatever a person would say.
fn said(minutes: f64) -> String {
    match minutes {
        m if m < 120.0 => format!("{m:.0} minutes"),
        m if m < 72.0 * 60.0 => format!("{:.0} hours", m / 60.0),
        m => format!("{:.0} days", m / (24.0 * 60.0)),
    }
}
