//! Restore has not been proven.

use super::{BACKUP_TOPICS, judged_with_primary, said};
use crate::escalation::in_its_environment;
use crate::evaluate::{Reading, gap_about, hidden_by};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    BackupEvent, BackupKind, CheckResult, Escalation, GapReason, Kind, Provenance, Severity, TestKind, TestRun,
    Timestamp, key,
};

pub(super) const RULE: Rule = Rule {
    id: "DATA-004",
    title: "Restore has not been proven",
    question: "When did somebody last restore a backup and check the data?",
    why: "A backup that was never restored is a belief. A restore that was checked turns it into evidence and gives the time a \
          recovery takes, which diligence asks for.",
    condition: "no restore worked and was checked in the last 90 days, or it took longer than the recovery time objective",
    fix: &[
        "restore every week into an account of its own, by a job",
        "check schema version, row counts and the newest timestamp",
        "record how long it took: that is the measured recovery time",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 5,
    severity: "high; critical when restores of a T0 store were tried and none ever worked; one lower outside production",
    escalation: Escalation::None,
    data_safety: true,
    applies: Applies::To(&[Kind::Database, Kind::Store]),
    numbers: &[Number { key: "days", value: 90.0, unit: "d", source: "HD (quarterly); WAF REL09-BP04" }],
    sources: &[
        (
            "aws",
            "backup:ListRestoreJobs -> Status, CompletionDate, ValidationStatus; backup:ListRestoreTestingPlans -> ScheduleExpression; CloudTrail RestoreDBInstanceToPointInTime",
        ),
        ("gcp", "sqladmin operations.list -> operationType RESTORE_VOLUME, CLONE"),
        ("atlas", "backup/restoreJobs -> finishedAt, failed"),
        ("repo", "a scheduled workflow named restore or backup-test, with its last success"),
        ("user", "a recorded drill: date, operator, duration, row counts"),
    ],
    proof_metric: "days_since_validated_restore",
    proof: "days since the last checked restore fall; its duration is known",
    false_positives: "A clone for staging counts only when it came from the backups and was checked.",
    unknown_when: "nothing is connected that could record a restore",
    prerequisites: &["DATA-001"],
    check,
};

/// A restore or a recovery drill, whoever recorded it.
struct Drill<'c> {
    at: Timestamp,
    worked: bool,
    checked: bool,
    seconds: Option<f64>,
    from: &'c Provenance,
}

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if let Some(result) = judged_with_primary(subject, &mut seen) {
        return result;
    }
    if let Some(gap) = gap_about(&subject.id, context, &BACKUP_TOPICS) {
        return hidden_by(gap, subject).with_evidence(seen.rows);
    }
    seen.texts("restores are tested by schedule", key::RESTORE_TEST_SCHEDULE);
    let drills = drills(subject, context);
    let Some(last) = drills.last() else {
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("no account that could record a restore of `{name}` shows one"),
            "Connect the account that runs restores (AWS Backup, Cloud SQL, Atlas) or the repository whose workflow tests them.",
        )
        .with_evidence(seen.rows);
    };
    let proven = drills.iter().rev().find(|d| d.worked && d.checked);
    let shown = proven.unwrap_or(last);
    show(shown, context, &mut seen);
    let Some(proven) = proven else {
        let never_worked = !drills.iter().any(|d| d.worked);
        let severity = if never_worked && subject.is_t0() { Severity::Critical } else { Severity::High };
        let tried = drills.len();
        let sentence =
            format!("0 of {tried} recorded restores of `{name}` worked and were checked: the backup is a belief.");
        return CheckResult::fail(in_its_environment(severity, subject), sentence, seen.rows);
    };
    recent_and_fast(subject, context, proven, seen)
}

fn show(drill: &Drill<'_>, context: &Context<'_>, seen: &mut Reading<'_>) {
    let how = match (drill.worked, drill.checked) {
        (true, true) => "worked and was checked",
        (true, false) => "worked, nobody checked the data",
        _ => "failed",
    };
    seen.row("restore", format!("{:.0} days ago, {how}", context.as_of.days_since(drill.at)), drill.from);
}

fn recent_and_fast(
    subject: &Subject<'_>,
    context: &Context<'_>,
    proven: &Drill<'_>,
    mut seen: Reading<'_>,
) -> CheckResult {
    let name = subject.name();
    let high = in_its_environment(Severity::High, subject);
    let days = context.as_of.days_since(proven.at);
    if days > subject.number("days") {
        let sentence =
            format!("{days:.0} days have passed since a restore of `{name}` was checked; it may no longer work.");
        return CheckResult::fail(high, sentence, seen.rows);
    }
    let objective = context.facts.number(&subject.id, key::RTO_MINUTES).map(|(minutes, _)| minutes);
    let took = proven.seconds.map(|s| s / 60.0);
    if let Some(took) = took {
        let against = objective.map_or("none is declared".to_owned(), |o| format!("objective {}", said(o)));
        seen.follows("the restore took", format!("{} ({against})", said(took)));
    }
    match (took, objective) {
        (Some(took), Some(objective)) if took > objective => {
            let sentence = format!(
                "{} is how long a restore of `{name}` takes; {} is the objective.",
                said(took),
                said(objective)
            );
            CheckResult::fail(high, sentence, seen.rows)
        }
        _ => CheckResult::pass(format!("{days:.0} days ago a restore of `{name}` worked and was checked."), seen.rows),
    }
}

/// Oldest first.
fn drills<'c>(subject: &Subject<'_>, context: &Context<'c>) -> Vec<Drill<'c>> {
    let restores = context.facts.facts::<BackupEvent>(&subject.id).filter(|(e, _)| e.kind == BackupKind::Restore);
    let restores = restores.map(|(e, from)| Drill {
        at: e.at,
        worked: e.succeeded,
        checked: e.validated == Some(true),
        seconds: e.duration_s,
        from,
    });
    let tests = context.facts.facts::<TestRun>(&subject.id).filter(|(t, _)| t.kind == TestKind::Recovery);
    let tests =
        tests.map(|(t, from)| Drill { at: t.at, worked: t.passed, checked: t.passed, seconds: t.recovery_s, from });
    let mut all: Vec<Drill<'c>> = restores.chain(tests).collect();
    all.sort_by_key(|d| (d.at, d.worked, d.checked, d.from.read_at));
    all
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{Case, as_of};
    use loadline_model::{BackupEvent, BackupKind, Basis, Kind, TestKind, TestRun, Tier, key};

    fn restore(days: i64, succeeded: bool, validated: Option<bool>) -> BackupEvent {
        let at = as_of().plus_days(-days);
        BackupEvent {
            kind: BackupKind::Restore,
            at,
            succeeded,
            location: None,
            duration_s: Some(3600.0),
            validated,
            tool: None,
        }
    }

    #[test]
    fn cases() {
        let db = || Case::new().thing("db", Kind::Database);
        let with = |days, ok, checked| db().has("db", restore(days, ok, checked));
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        check(db(), "unknown not_connected");
        check(db().backup("db", BackupKind::Snapshot, 3, true), "unknown not_connected");
        check(with(89, true, Some(true)), "pass");
        check(with(91, true, Some(true)), "fail high");
        check(with(3, true, None), "fail high");
        check(with(3, false, None), "fail critical");
        check(with(3, false, None).tier("db", Tier::T1), "fail high");
        check(with(3, true, Some(true)).number("db", key::RTO_MINUTES, 30.0), "fail high");
        check(with(3, true, Some(true)).number("db", key::RTO_MINUTES, 90.0), "pass");
        check(with(3, true, Some(true)).gap("db", "restore_jobs"), "unknown permission_denied");
        check(db().fact("db", Basis::Stated, restore(3, true, Some(true))), "unknown not_connected");
        let drill = TestRun {
            kind: TestKind::Recovery,
            at: as_of().plus_days(-3),
            passed: true,
            peak_multiplier: None,
            requests_per_second: None,
            recovery_s: None,
            note: None,
        };
        check(db().has("db", drill), "pass");
        check(with(3, true, None).flag("db", key::IS_STANDBY, true), "not_applicable");
    }
}
