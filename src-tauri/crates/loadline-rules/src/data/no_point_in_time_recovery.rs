//! Point-in-time recovery is off.

use super::{BACKUP_TOPICS, judged_with_primary};
use crate::evaluate::{Reading, gap_about, hidden_by};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Environment, Escalation, GapReason, Kind, Relation, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DATA-003",
    title: "Point-in-time recovery is off",
    question: "Can you rewind to one minute before a bad migration or delete?",
    why: "A wrong statement is copied to every replica at once. Only a log that can be replayed to the minute before turns it \
          into minutes of loss instead of up to a day.",
    condition: "a production store of record cannot be rewound, or by less than 24 hours",
    fix: &[
        "turn on point-in-time recovery, or archive the log",
        "keep 7 days or more",
        "write the runbook for the rewind",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 3,
    severity: "high for T0, medium otherwise; critical when deployments run schema migrations by themselves",
    escalation: Escalation::None,
    data_safety: true,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[Number { key: "window_hours", value: 24.0, unit: "h", source: "HD; WAF REL09-BP03" }],
    sources: &[
        (
            "aws",
            "rds BackupRetentionPeriod > 0 implies it; dynamodb:DescribeContinuousBackups -> PointInTimeRecoveryStatus",
        ),
        ("gcp", "settings.backupConfiguration.pointInTimeRecoveryEnabled (MySQL: binaryLogEnabled)"),
        ("atlas", "pitEnabled; backup/schedule -> restoreWindowDays"),
        ("postgres", "pg_settings: archive_mode, archive_command, archive_library, wal_level, archive_timeout"),
        ("mysql", "log_bin, binlog_expire_logs_seconds"),
    ],
    proof_metric: "restorable_point_age",
    proof: "the window that can be rewound to grows to 7 days",
    false_positives: "Stores that only append and can be rebuilt from events.",
    unknown_when: "a managed engine hides its archive settings",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if let Some(result) = judged_with_primary(subject, &mut seen) {
        return result;
    }
    if subject.environment != Environment::Production {
        return CheckResult::not_applicable(format!("`{name}` does not serve production."));
    }
    if let Some((role, from)) =
        context.facts.text(&subject.id, key::STORE_ROLE).filter(|(role, _)| *role != "user_data")
    {
        seen.row("holds", role, from);
        let because = format!("`{name}` is not a store of record ({role}).");
        return CheckResult::not_applicable(because).with_evidence(seen.rows);
    }
    let on = seen.flag("point-in-time recovery", key::PITR_ENABLED);
    if on == Some(false) {
        return fails(subject, context, 0.0, seen);
    }
    let window = seen.number("can be rewound", "hours", key::PITR_WINDOW_HOURS);
    let window = match (window, on) {
        (None, Some(true)) => seen.number("backups are kept", "days", key::BACKUP_RETENTION_DAYS).map(|d| d * 24.0),
        _ => window,
    };
    let archived = if on.is_none() { seen.flag("log archiving", key::ARCHIVE_ON) } else { None };
    if archived == Some(false) && seen.managed() == Some(false) {
        return fails(subject, context, 0.0, seen);
    }
    if let Some(gap) = gap_about(&subject.id, context, &BACKUP_TOPICS) {
        return hidden_by(gap, subject).with_evidence(seen.rows);
    }
    let kept = on == Some(true) || archived == Some(true);
    match window.filter(|_| kept) {
        Some(hours) if hours < subject.number("window_hours") => fails(subject, context, hours, seen),
        Some(hours) => CheckResult::pass(format!("{hours:.0} hours of `{name}` can be rewound."), seen.rows),
        None => not_visible(subject, kept).with_evidence(seen.rows),
    }
}

fn not_visible(subject: &Subject<'_>, kept: bool) -> CheckResult {
    let name = subject.name();
    let (detail, closes) = if kept {
        let detail = format!("`{name}` keeps its log, but how far back it can be rewound is not known");
        (detail, "Connect the cloud account or the archive (its oldest base backup and log).")
    } else {
        let detail = format!("whether `{name}` can be rewound is not visible; a provider does it outside the engine");
        (detail, "Connect the cloud account that runs it, or state that it is self-hosted.")
    };
    CheckResult::unknown(GapReason::NotConnected, detail, closes)
}

fn fails(subject: &Subject<'_>, context: &Context<'_>, hours: f64, mut seen: Reading<'_>) -> CheckResult {
    let users = context.facts.edges_to(&subject.id);
    let users = users.filter(|e| matches!(e.edge.relation, Relation::DependsOn { .. })).map(|e| e.from);
    let migrating = users.chain([subject.id.clone()]).find_map(|id| {
        let (on, from) = context.facts.flag(&id, key::MIGRATIONS_AUTOMATIC)?;
        on.then_some((id, from))
    });
    let mut severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
    let mut tail = String::new();
    if let Some((id, from)) = migrating {
        severity = Severity::Critical;
        let who = context.reference(&id).name;
        seen.row(format!("`{who}` migrates the schema by itself"), "on", from);
        tail = format!(", and deployments of `{who}` change its schema by themselves");
    }
    let costs =
        if hours > 0.0 { "one noticed later cannot be undone" } else { "one costs all writes since the last backup" };
    let sentence = format!("{hours:.0} hours of bad statements in `{}` can be rewound{tail}: {costs}.", subject.name());
    let remedy = match subject.engine() {
        "postgresql" => {
            "Archive the log (archive_mode = on, archive_command with pgBackRest or WAL-G), or turn on the provider's point-in-time recovery."
        }
        "mysql" | "mariadb" => {
            "Turn the binary log on (log_bin), archive it (mysqlbinlog --raw --read-from-remote-server) and keep base backups beside it."
        }
        _ => "Turn on point-in-time recovery with a window of 7 days.",
    };
    CheckResult::fail(severity, sentence, seen.rows).with_remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Basis, Environment, Kind, Relation, Resource, Setting, Tier, Value, key};

    #[test]
    fn cases() {
        let run = |managed| Case::new().has("db", Resource { managed, ..Resource::new(Kind::Database, "db") });
        let on = || run(None).flag("db", key::PITR_ENABLED, true);
        let off = || run(None).flag("db", key::PITR_ENABLED, false);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        check(run(None), "unknown not_connected");
        check(on(), "unknown not_connected");
        check(on().number("db", key::PITR_WINDOW_HOURS, 168.0), "pass");
        check(on().number("db", key::PITR_WINDOW_HOURS, 23.0), "fail high");
        check(on().number("db", key::BACKUP_RETENTION_DAYS, 7.0), "pass");
        check(on().number("db", key::PITR_WINDOW_HOURS, 168.0).gap("db", "backup"), "unknown permission_denied");
        check(off(), "fail high");
        check(off().tier("db", Tier::T1), "fail medium");
        let migrates = off().tier("db", Tier::T1).edge("api", Relation::DependsOn { hard: true }, "db");
        check(migrates.flag("api", key::MIGRATIONS_AUTOMATIC, true), "fail critical");
        check(run(Some(false)).flag("db", key::ARCHIVE_ON, false), "fail high");
        check(run(None).flag("db", key::ARCHIVE_ON, false), "unknown not_connected");
        check(run(Some(true)).flag("db", key::ARCHIVE_ON, false), "unknown not_connected");
        check(run(Some(false)).flag("db", key::ARCHIVE_ON, true), "unknown not_connected");
        let role = |basis| {
            let setting = Setting { key: key::STORE_ROLE.into(), item: None, value: Value::Text("rebuildable".into()) };
            off().fact("db", basis, setting)
        };
        check(role(Basis::Configured), "not_applicable");
        check(role(Basis::Stated), "unknown not_connected");
        let staging = Resource { environment: Some(Environment::Staging), ..Resource::new(Kind::Database, "db") };
        check(off().has("db", staging), "not_applicable");
    }
}
