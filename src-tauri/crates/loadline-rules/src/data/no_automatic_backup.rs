//! No automated backup.

use super::{BACKUP_TOPICS, copies, judged_with_primary, log_alone, said};
use crate::escalation::in_its_environment;
use crate::evaluate::{Reading, gap_about, hidden_by};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{Basis, CheckResult, Escalation, Evidence, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DATA-001",
    title: "No automated backup",
    question: "If the data were deleted now, is there any automatic copy?",
    why: "Without a copy one wrong statement, one lost disk or one stolen password ends the company's data. S1 began with no \
          automated backup, no replication and no plan to recover; nothing else was worth doing first.",
    condition: "automatic backups are off, or kept for 0 days, no backup plan covers it, and no recent copy of another kind exists",
    fix: &[
        "turn on automatic backups and keep them for 7 days or more",
        "take one snapshot by hand today",
        "restore it once (DATA-004)",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD; S1 solved it by moving to Atlas",
    weight: 5,
    severity: "critical for user data or data of unknown role, high for what can be rebuilt, low for a pure cache; one lower \
               outside production",
    escalation: Escalation::None,
    data_safety: true,
    applies: Applies::To(&[Kind::Database, Kind::Store, Kind::Cache]),
    numbers: &[Number { key: "recent_days", value: 7.0, unit: "d", source: "HD; WAF REL09-BP01, REL09-BP03" }],
    sources: &[
        (
            "aws",
            "rds:DescribeDBInstances -> BackupRetentionPeriod, LatestRestorableTime; backup:GetBackupSelection -> Resources, ListOfTags, Conditions; backup:ListRecoveryPointsByBackupVault",
        ),
        ("gcp", "sqladmin instances -> settings.backupConfiguration.enabled; backupRuns.list -> status, endTime"),
        ("atlas", "clusters -> backupEnabled, pitEnabled; backup/snapshots"),
        ("prometheus", "metrics of the backup tool (pgbackrest_backup_*, …)"),
        ("user", "the object store's listing"),
    ],
    proof_metric: "restorable_point_age",
    proof: "the share of stores with a copy younger than their recovery point objective reaches 100 %",
    false_positives: "Replicas and caches: name the primary whose copies cover them.",
    unknown_when: "the store is self-hosted and nothing that makes or keeps its backups is connected",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if let Some(result) = judged_with_primary(subject, &mut seen) {
        return result;
    }
    let newest = copies(subject, context).into_iter().rev().find(|(copy, _)| copy.succeeded);
    if let Some((copy, from)) = newest {
        let days = context.as_of.days_since(copy.at);
        let age = said(days.max(0.0) * 24.0 * 60.0);
        seen.row("newest copy that worked", format!("{age} old"), from);
        if days <= subject.number("recent_days") {
            return CheckResult::pass(format!("{age} ago `{name}` was copied."), seen.rows);
        }
    }
    let enabled = seen.flag("automatic backups", key::BACKUP_ENABLED);
    let kept = seen.number("backups are kept", "days", key::BACKUP_RETENTION_DAYS);
    seen.flag("a backup plan covers it", key::BACKUP_PLANNED);
    let planned = is_planned(subject, context);
    if planned != Some(true) && (enabled == Some(false) || kept == Some(0.0)) {
        if planned.is_some() {
            return perhaps_planned(name, seen);
        }
        return fails(subject, context, seen);
    }
    if let Some(gap) = gap_about(&subject.id, context, &BACKUP_TOPICS) {
        return hidden_by(gap, subject).with_evidence(seen.rows);
    }
    if planned == Some(true) {
        return CheckResult::pass(format!("A backup plan covers `{name}`."), seen.rows);
    }
    if enabled == Some(true) || kept.is_some() {
        return CheckResult::pass(format!("Automatic backups of `{name}` are on."), seen.rows);
    }
    if newest.is_some() {
        let detail = format!("the newest copy of `{name}` is older than {:.0} days", subject.number("recent_days"));
        let closes = "See why the job stopped, or connect what makes the backups now.";
        return CheckResult::unknown(GapReason::Stale, detail, closes).with_evidence(seen.rows);
    }
    let closes = match seen.managed() {
        Some(false) => {
            "Connect what makes or keeps its backups (the tool's metrics in Prometheus, the object store), or record one."
        }
        _ => "Connect the cloud account that runs it; self-hosted: connect what makes its backups, or record one.",
    };
    CheckResult::unknown(
        GapReason::NotConnected,
        format!("no account shows a backup of `{name}`, nor that there is none{}", log_alone(subject, context)),
        closes,
    )
    .with_evidence(seen.rows)
}

/// A plan of a backup service covers it: `Some(false)` when that only seems so. What a person says is no plan.
fn is_planned(subject: &Subject<'_>, context: &Context<'_>) -> Option<bool> {
    let (on, from) = context.facts.flag(&subject.id, key::BACKUP_PLANNED)?;
    (on && from.basis != Basis::Stated).then_some(from.basis != Basis::Inferred)
}

fn perhaps_planned(name: &str, seen: Reading<'_>) -> CheckResult {
    let detail = format!("a backup plan seems to cover `{name}`, whose own backups are off");
    let closes = "Allow tag:GetResources and backup:DescribeRegionSettings, which tell what the plan covers.";
    CheckResult::unknown(GapReason::PermissionDenied, detail, closes).with_evidence(seen.rows)
}

fn fails(subject: &Subject<'_>, context: &Context<'_>, mut seen: Reading<'_>) -> CheckResult {
    let name = subject.name();
    let role = context.facts.text(&subject.id, key::STORE_ROLE);
    seen.rows.extend(role.map(|(role, from)| Evidence::read("holds", role, from)));
    let severity = match role.map(|(role, _)| role) {
        Some("cache") => Severity::Low,
        Some("rebuildable") => Severity::High,
        _ => Severity::Critical,
    };
    let sentence = format!("0 automatic copies of `{name}` exist: what is deleted or broken in it is gone.");
    CheckResult::fail(in_its_environment(severity, subject), sentence, seen.rows).with_remedy(format!(
        "Turn on automatic backups of `{name}` with 7 days of retention, and take one by hand today."
    ))
}

/// True when this rule fails for the subject: a topology change must not come before a backup.
pub(crate) fn has_no_backup(subject: &Subject<'_>, context: &Context<'_>) -> bool {
    let off = context.facts.flag(&subject.id, key::BACKUP_ENABLED).is_some_and(|(on, _)| !on);
    let kept_for_nothing = context.facts.number(&subject.id, key::BACKUP_RETENTION_DAYS).is_some_and(|(d, _)| d == 0.0);
    let recent = copies(subject, context).iter().any(|(copy, _)| {
        copy.succeeded && context.as_of.days_since(copy.at) <= RULE.numbers.first().map_or(0.0, |n| n.value)
    });
    (off || kept_for_nothing) && !recent && is_planned(subject, context).is_none()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{BackupKind::*, Basis, Environment, Kind, Resource, Setting, Value, key};

    #[test]
    fn cases() {
        let db = || Case::new().thing("db", Kind::Database);
        let off = || db().flag("db", key::BACKUP_ENABLED, false);
        let holds = |role: &str| off().set("db", key::STORE_ROLE, Value::Text(role.into()));
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let setting = |key: &str| Setting { key: key.into(), item: None, value: Value::Bool(true) };
        check(db(), "unknown not_connected");
        check(off(), "fail critical");
        check(holds("user_data"), "fail critical");
        check(holds("rebuildable"), "fail high");
        check(holds("cache"), "fail low");
        check(db().number("db", key::BACKUP_RETENTION_DAYS, 0.0), "fail critical");
        check(db().number("db", key::BACKUP_RETENTION_DAYS, 7.0), "pass");
        check(db().flag("db", key::BACKUP_ENABLED, true), "pass");
        check(db().flag("db", key::BACKUP_ENABLED, true).gap("db", "backup"), "unknown permission_denied");
        let planned = |basis, case: Case| case.fact("db", basis, setting(key::BACKUP_PLANNED));
        check(planned(Basis::Configured, off()), "pass");
        check(planned(Basis::Inferred, off()), "unknown permission_denied");
        check(planned(Basis::Inferred, db()), "unknown not_connected");
        check(planned(Basis::Stated, off()), "fail critical");
        check(db().backup("db", Snapshot, 24, true), "pass");
        check(off().backup("db", PointInTime, 24, true), "pass");
        check(db().backup("db", Snapshot, 24, false), "unknown not_connected");
        check(db().backup("db", Snapshot, 40 * 24, true), "unknown stale");
        check(db().backup("db", Restore, 24, true), "unknown not_connected");
        check(db().fact("db", Basis::Stated, setting(key::BACKUP_ENABLED)), "unknown not_connected");
        check(db().flag("db", key::IS_STANDBY, true), "not_applicable");
        let staging = Resource { environment: Some(Environment::Staging), ..Resource::new(Kind::Database, "db") };
        check(off().has("db", staging), "fail high");
    }
}
