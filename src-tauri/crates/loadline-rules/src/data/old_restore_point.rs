//! Newest restorable point is older than the RPO.

use super::{BACKUP_TOPICS, copies, judged_with_primary, log_alone, said};
use crate::escalation::in_its_environment;
use crate::evaluate::{Reading, gap_about, hidden_by};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{BackupEvent, BackupKind, CheckResult, Escalation, GapReason, Kind, Provenance, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DATA-002",
    title: "Newest restorable point is older than the RPO",
    question: "How much data would be lost right now?",
    why: "Everything written since the newest restorable point is lost with the store. A backup job that fails in silence turns \
          minutes of loss into weeks.",
    condition: "the newest restorable point was older than the recovery point objective when it was read, or the last job failed",
    fix: &[
        "repair the failing job or archive_command",
        "alert on the age of the newest point",
        "declare an objective per store",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical above 4 times the objective, high above 2 times, medium above it or when the last job failed; one lower \
               outside production",
    escalation: Escalation::None,
    data_safety: true,
    applies: Applies::To(&[Kind::Database, Kind::Store]),
    numbers: &[
        Number { key: "rpo_pitr_minutes", value: 15.0, unit: "min", source: "HD; WAF REL13-BP01 when declared" },
        Number { key: "rpo_backup_minutes", value: 1440.0, unit: "min", source: "HD; WAF REL13-BP01 when declared" },
        Number { key: "high_ratio", value: 2.0, unit: "x", source: "HD" },
        Number { key: "critical_ratio", value: 4.0, unit: "x", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "rds -> LatestRestorableTime; rds:DescribeDBSnapshots -> SnapshotCreateTime; backup:ListRecoveryPointsByResource",
        ),
        ("gcp", "backupRuns.list -> endTime, status"),
        ("atlas", "backup/snapshots -> createdAt, status"),
        ("postgres", "pg_stat_archiver -> last_archived_time, failed_count, last_failed_time"),
    ],
    proof_metric: "restorable_point_age",
    proof: "the age of the newest restorable point falls below the objective",
    false_positives: "Paused or idle engines that write nothing.",
    unknown_when: "no copy is visible; without a declared objective the default applies and is shown",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if let Some(result) = judged_with_primary(subject, &mut seen) {
        return result;
    }
    if let Some(gap) = gap_about(&subject.id, context, &BACKUP_TOPICS) {
        return hidden_by(gap, subject).with_evidence(seen.rows);
    }
    let copies = copies(subject, context);
    let failures = seen.number("archive failures since the last success", "", key::ARCHIVE_FAILURES).unwrap_or(0.0);
    let Some((point, from)) = copies.iter().rev().find(|(copy, _)| copy.succeeded) else {
        if let Some((job, from)) = copies.last() {
            seen.row("last backup job", format!("failed {}", job.at), from);
            let sentence =
                format!("No point `{name}` could be restored to is known, and the last backup or archive job failed.");
            return CheckResult::fail(in_its_environment(Severity::Medium, subject), sentence, seen.rows);
        }
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("no account shows a point `{name}` could be restored to{}", log_alone(subject, context)),
            "Connect the cloud account that runs it, or what makes its backups; on PostgreSQL allow pg_stat_archiver.",
        )
        .with_evidence(seen.rows);
    };
    // Age counts at the time of reading: what was archived since, nobody looked at.
    let read_at = copies.iter().map(|(_, p)| p.read_at).max().unwrap_or(context.as_of).min(context.as_of);
    let age = (read_at.hours_since(point.at) * 60.0).max(0.0);
    seen.row("newest restorable point", format!("{} old when read", said(age)), from);
    let objective = objective(subject, context, &copies, age, &mut seen);
    let failed = copies.last().filter(|(copy, _)| !copy.succeeded);
    if let Some((job, from)) = failed {
        seen.row("last backup job", format!("failed {}", job.at), from);
    }
    let ratio = age / objective.max(f64::MIN_POSITIVE);
    let band = [("critical_ratio", Severity::Critical), ("high_ratio", Severity::High)];
    let severity = match band.into_iter().find(|(key, _)| ratio > subject.number(key)) {
        Some((_, severity)) => Some(severity),
        None => (ratio > 1.0 || failed.is_some() || failures > 0.0).then_some(Severity::Medium),
    };
    let Some(severity) = severity else {
        let sentence =
            format!("{} of writes to `{name}` would be lost; the objective is {}.", said(age), said(objective));
        return CheckResult::pass(sentence, seen.rows);
    };
    let why = match (ratio > 1.0, failed.is_some() || failures > 0.0) {
        (true, true) => format!("more than the objective of {}, and the last job failed", said(objective)),
        (true, false) => format!("more than the objective of {}", said(objective)),
        _ => "and it grows: the last backup or archive job failed".to_owned(),
    };
    let sentence = format!("{} of writes to `{name}` would be lost, {why}.", said(age));
    CheckResult::fail(in_its_environment(severity, subject), sentence, seen.rows)
}

/// Minutes of loss the team accepts: declared, else by what the store can do.
fn objective(
    subject: &Subject<'_>,
    context: &Context<'_>,
    copies: &[(&BackupEvent, &Provenance)],
    age: f64,
    seen: &mut Reading<'_>,
) -> f64 {
    // A provider that keeps the log but does not say up to when (Atlas) shows its snapshots only: they are what is judged.
    let continuous =
        copies.iter().any(|(copy, _)| copy.succeeded && matches!(copy.kind, BackupKind::PointInTime | BackupKind::Log));
    let default = subject.number(if continuous { "rpo_pitr_minutes" } else { "rpo_backup_minutes" });
    match context.facts.number(&subject.id, key::RPO_MINUTES).filter(|(minutes, _)| *minutes > 0.0) {
        // A declared objective looser than the default carries the verdict, so it is shown as the word it is.
        Some((minutes, from)) if age > default && age <= minutes => {
            seen.row("recovery point objective", said(minutes), from);
            minutes
        }
        Some((minutes, _)) => {
            seen.follows("recovery point objective", format!("{} (declared)", said(minutes)));
            minutes
        }
        None => {
            seen.follows("recovery point objective", format!("{} (default: none is declared)", said(default)));
            default
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{BackupKind::*, Basis, Kind, Setting, Value, key};

    #[test]
    fn cases() {
        let db = || Case::new().thing("db", Kind::Database);
        // Read an hour before the snapshot: one hour off the ages at reading.
        let daily = |hours: i64| db().backup("db", Snapshot, hours + 1, true);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        check(db(), "unknown not_connected");
        check(daily(24), "pass");
        check(daily(25), "fail medium");
        check(daily(49), "fail high");
        check(daily(97), "fail critical");
        check(daily(20).backup("db", Snapshot, 2, false), "fail medium");
        check(daily(20).number("db", key::ARCHIVE_FAILURES, 3.0), "fail medium");
        check(db().backup("db", PointInTime, 2, false), "fail medium");
        check(daily(20).gap("db", "pg_stat_archiver"), "unknown permission_denied");
        check(daily(20).flag("db", key::PITR_ENABLED, true), "pass");
        check(db().backup("db", PointInTime, 1, true), "pass");
        // A log without a base backup restores nothing; with one, to its newest segment.
        check(db().backup("db", Log, 1, true), "unknown not_connected");
        check(db().backup("db", Snapshot, 20, true).backup("db", Log, 1, true), "pass");
        check(db().backup("db", Log, 20, true).backup("db", Snapshot, 2, true), "pass");
        check(db().backup("db", Log, 2, false), "fail medium");
        check(db().backup("db", PointInTime, 3, true), "fail critical");
        check(daily(24).number("db", key::RPO_MINUTES, 15.0), "fail critical");
        let loose = |basis| {
            let setting = Setting { key: key::RPO_MINUTES.into(), item: None, value: Value::Number(10_080.0) };
            daily(49).fact("db", basis, setting)
        };
        check(loose(Basis::Configured), "pass");
        check(loose(Basis::Stated), "unknown not_connected");
        check(daily(97).flag("db", key::IS_STANDBY, true), "not_applicable");
    }
}
