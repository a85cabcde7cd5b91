//! Retention too short or deletion unprotected.

use super::{BACKUP_TOPICS, judged_with_primary};
use crate::escalation::in_its_environment;
use crate::evaluate::{Reading, gap_about, hidden_by};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DATA-006",
    title: "Retention too short or deletion unprotected",
    question: "Can a mistake delete the store or outlive the backups?",
    why: "An unprotected store is one wrong command away from gone, and damage noticed after a holiday is older than backups \
          that are kept for a few days.",
    condition: "deletion is not protected, or backups are kept for less than 7 days",
    fix: &["turn on deletion protection", "keep daily backups for 7 to 35 days, and monthly ones"],
    effort_days: [0.25, 1.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when protection is off on T0, medium otherwise and for retention; one lower outside production",
    escalation: Escalation::None,
    data_safety: true,
    applies: Applies::To(&[Kind::Database, Kind::Store]),
    numbers: &[Number { key: "retention_days", value: 7.0, unit: "d", source: "HD; WAF REL09-BP01" }],
    sources: &[
        ("aws", "rds -> DeletionProtection, BackupRetentionPeriod"),
        ("gcp", "settings.deletionProtectionEnabled, backupRetentionSettings.retainedBackups"),
        (
            "atlas",
            "clusters -> terminationProtectionEnabled; backup/schedule -> policies[].policyItems[].retentionValue",
        ),
        ("repo", "terraform prevent_destroy"),
    ],
    proof_metric: "stores_protected_share",
    proof: "the share of protected stores reaches 100 %",
    false_positives: "Databases of previews that live for hours.",
    unknown_when: "infrastructure code and the provider disagree: both are shown",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if let Some(result) = judged_with_primary(subject, &mut seen) {
        return result;
    }
    let least = subject.number("retention_days");
    let protected = seen.flag("deletion protection", key::DELETION_PROTECTION);
    let kept = seen.number("backups are kept", "days", key::BACKUP_RETENTION_DAYS);
    let short = kept.filter(|days| *days < least);
    if protected == Some(false) {
        let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
        let tail = short.map_or(String::new(), |days| format!(", and its backups are kept for {days:.0} days"));
        let sentence = format!("1 command deletes `{name}`: deletion is not protected{tail}.");
        return CheckResult::fail(in_its_environment(severity, subject), sentence, seen.rows)
            .with_remedy(format!("Turn on deletion protection of `{name}`."));
    }
    if let Some(days) = short {
        let sentence =
            format!("{days:.0} days is how long backups of `{name}` are kept: damage noticed later cannot be undone.");
        return CheckResult::fail(in_its_environment(Severity::Medium, subject), sentence, seen.rows)
            .with_remedy(format!("Keep daily backups of `{name}` for at least {least:.0} days."));
    }
    if let Some(gap) = gap_about(&subject.id, context, &BACKUP_TOPICS) {
        return hidden_by(gap, subject).with_evidence(seen.rows);
    }
    if let (Some(true), Some(days)) = (protected, kept) {
        let sentence = format!("{days:.0} days of backups, and deletion of `{name}` is protected.");
        return CheckResult::pass(sentence, seen.rows);
    }
    let what = if protected.is_none() { "whether deletion is protected" } else { "how long backups are kept" };
    CheckResult::unknown(
        GapReason::NotConnected,
        format!("{what} is not known of `{name}`"),
        "Connect the cloud account that runs it; self-hosted: connect what keeps its backups.",
    )
    .with_evidence(seen.rows)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Environment, Kind, Resource, Tier, key};

    #[test]
    fn cases() {
        let db = || Case::new().thing("db", Kind::Database);
        let with = |protected, days| {
            db().flag("db", key::DELETION_PROTECTION, protected).number("db", key::BACKUP_RETENTION_DAYS, days)
        };
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        check(db(), "unknown not_connected");
        check(db().flag("db", key::DELETION_PROTECTION, true), "unknown not_connected");
        check(db().number("db", key::BACKUP_RETENTION_DAYS, 30.0), "unknown not_connected");
        check(with(true, 7.0), "pass");
        check(with(true, 7.0).gap("db", "backup"), "unknown permission_denied");
        check(with(true, 6.0), "fail medium");
        check(with(false, 30.0), "fail high");
        check(with(false, 30.0).tier("db", Tier::T1), "fail medium");
        let staging = Resource { environment: Some(Environment::Staging), ..Resource::new(Kind::Database, "db") };
        check(with(false, 30.0).has("db", staging), "fail medium");
        check(with(false, 1.0).flag("db", key::IS_STANDBY, true), "not_applicable");
    }
}
