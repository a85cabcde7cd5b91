//! Backups share the fate of production.

use super::{BACKUP_TOPICS, judged_with_primary};
use crate::escalation::in_its_environment;
use crate::evaluate::{Reading, gap_about, hidden_by};
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DATA-005",
    title: "Backups share the fate of production",
    question: "Could one leaked credential or region event remove data and backups together?",
    why: "A copy in the same account is deleted by the same password, and one in the same region burns with it. One copy \
          elsewhere that nobody can change survives both.",
    condition: "no copy lies outside the production account or region, or no copy is protected from change",
    fix: &[
        "copy to a second account with a locked vault",
        "copy T0 stores to a second region",
        "separate the right to delete",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 3,
    severity: "medium; high when one principal may delete both data and backups; one lower outside production",
    escalation: Escalation::None,
    data_safety: true,
    applies: Applies::To(&[Kind::Database, Kind::Store]),
    numbers: &[],
    sources: &[
        (
            "aws",
            "backup:ListBackupVaults -> Locked; backup:ListCopyJobs; backup:GetBackupPlan -> CopyActions; rds -> DBInstanceAutomatedBackupsReplications; s3:GetObjectLockConfiguration",
        ),
        ("gcp", "settings.backupConfiguration.location"),
        ("atlas", "backup/schedule -> copySettings[].regionName"),
    ],
    proof_metric: "stores_protected_share",
    proof: "the share of stores with a copy elsewhere reaches 100 %",
    false_positives: "Where the law keeps data in one region, a second account in that region is enough.",
    unknown_when: "the account that keeps the second copy is not connected",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if let Some(result) = judged_with_primary(subject, &mut seen) {
        return result;
    }
    let elsewhere = seen.flag("a copy outside account or region", key::BACKUP_ISOLATED);
    let locked = seen.flag("a copy nobody can change", key::BACKUP_IMMUTABLE);
    seen.texts("a plan copies to", key::BACKUP_COPIED_TO);
    if elsewhere == Some(false) || locked == Some(false) {
        let one_hand = seen.flag("one principal may delete data and backups", key::BACKUP_SAME_PRINCIPAL) == Some(true);
        let severity = if one_hand { Severity::High } else { Severity::Medium };
        let what =
            if elsewhere == Some(false) { "lie outside its account or region" } else { "are protected from change" };
        let tail = if one_hand { "one login can delete data and backups together" } else { "one event can take both" };
        let sentence = format!("0 copies of `{name}` {what}: {tail}.");
        return CheckResult::fail(in_its_environment(severity, subject), sentence, seen.rows);
    }
    if let Some(gap) = gap_about(&subject.id, context, &BACKUP_TOPICS) {
        return hidden_by(gap, subject).with_evidence(seen.rows);
    }
    if elsewhere == Some(true) && locked == Some(true) {
        return CheckResult::pass(format!("A copy of `{name}` that nobody can change lies elsewhere."), seen.rows);
    }
    CheckResult::unknown(
        GapReason::NotConnected,
        format!("where the copies of `{name}` lie, and whether one is locked, is not known"),
        "Connect the account that keeps the copies (AWS Backup vaults, the bucket's lock, Atlas backup schedule).",
    )
    .with_evidence(seen.rows)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, key};

    #[test]
    fn cases() {
        let store = |elsewhere, locked| {
            let case = Case::new().thing("db", Kind::Database).flag("db", key::BACKUP_ISOLATED, elsewhere);
            case.flag("db", key::BACKUP_IMMUTABLE, locked)
        };
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        check(Case::new().thing("db", Kind::Database), "unknown not_connected");
        check(Case::new().thing("db", Kind::Database).flag("db", key::BACKUP_ISOLATED, true), "unknown not_connected");
        check(Case::new().thing("db", Kind::Database).flag("db", key::BACKUP_IMMUTABLE, false), "fail medium");
        check(store(true, true), "pass");
        check(store(true, true).gap("db", "backup_vaults"), "unknown permission_denied");
        check(store(false, true), "fail medium");
        check(store(true, false), "fail medium");
        check(store(false, true).flag("db", key::BACKUP_SAME_PRINCIPAL, true), "fail high");
        check(store(false, true).flag("db", key::IS_STANDBY, true), "not_applicable");
    }
}
