//! Plans of backups and tests of restores, read as a collection reads them: the emulator does not know them, so they are
//! replayed from the vendor's documented examples.

use super::super::services::testing::lines;
use super::*;
use crate::testing::ScriptedServer;

/// Paths of AWS Backup and what they answer, from the examples of its API Reference.
const BACKUP: [(&str, &str, &str); 11] = [
    ("backup:ListBackupVaults", "/backup-vaults/", r#"{"BackupVaultList": []}"#),
    (
        "backup:ListBackupPlans",
        "/backup/plans/",
        r#"{"BackupPlansList": [{"BackupPlanId": "p1", "BackupPlanName": "nightly"}]}"#,
    ),
    (
        "backup:GetBackupPlan",
        "/backup/plans/p1/",
        r#"{"BackupPlanId": "p1", "BackupPlan": {"BackupPlanName": "nightly", "Rules": [{"RuleName": "daily",
            "ScheduleExpression": "cron(0 3 * * ? *)", "TargetBackupVaultName": "main", "Lifecycle": {"DeleteAfterDays": 35},
            "CopyActions": [{"DestinationBackupVaultArn": "arn:aws:backup:eu-central-1:444455556666:backup-vault:safe"}]}]}}"#,
    ),
    (
        "backup:ListBackupSelections",
        "/backup/plans/p1/selections/",
        r#"{"BackupSelectionsList": [{"SelectionId": "s1"}]}"#,
    ),
    (
        "backup:GetBackupSelection",
        "/backup/plans/p1/selections/s1",
        r#"{"BackupSelection": {"SelectionName": "data", "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "backup",
            "ConditionValue": "daily"}]}}"#,
    ),
    (
        "backup:DescribeRegionSettings",
        "/account-settings",
        r#"{"ResourceTypeOptInPreference": {"RDS": true, "EBS": false}}"#,
    ),
    (
        "backup:ListRestoreTestingPlans",
        "/restore-testing/plans",
        r#"{"RestoreTestingPlans": [{"RestoreTestingPlanName": "weekly", "ScheduleExpression": "cron(0 7 ? * 1 *)"}]}"#,
    ),
    (
        "backup:ListRestoreTestingSelections",
        "/restore-testing/plans/weekly/selections",
        r#"{"RestoreTestingSelections": [{"RestoreTestingSelectionName": "data", "ProtectedResourceType": "RDS"}]}"#,
    ),
    (
        "backup:GetRestoreTestingSelection",
        "/restore-testing/plans/weekly/selections/data",
        r#"{"RestoreTestingSelection": {"ProtectedResourceType": "RDS", "ProtectedResourceArns": ["arn:aws:rds:eu-west-1:123456789012:db:orders"]}}"#,
    ),
    (
        "tag:GetResources",
        "/",
        r#"{"PaginationToken": "", "ResourceTagMappingList": [{"ResourceARN": "arn:aws:rds:eu-west-1:123456789012:db:orders",
            "Tags": [{"Key": "backup", "Value": "daily"}]}]}"#,
    ),
    ("backup:ListCopyJobs", "/copy-jobs/", r#"{"CopyJobs": []}"#),
];

/// The backup scope of an account that refuses this call.
async fn without(denied: &'static str) -> Scope {
    let answer = move |head: &str, stream: &mut TcpStream| {
        let asked = head.split(' ').nth(1).unwrap_or("").split('?').next().unwrap_or("").to_owned();
        match BACKUP.iter().find(|(_, path, _)| *path == asked) {
            Some((call, ..)) if *call == denied => {
                respond(stream, "403 Forbidden", "", r#"{"__type": "AccessDeniedException", "message": "no"}"#);
            }
            Some((.., body)) => respond(stream, "200 OK", "content-type: application/json\r\n", body),
            None => respond(stream, "200 OK", "content-type: application/json\r\n", "{}"),
        }
    };
    let server = ScriptedServer::start(after_who(answer)).expect("a server");
    let aws = connected(&server.url(), &[("regions", "eu-west-1")]).await.expect("an account");
    let scope = ScopePlan::new("backup/eu-west-1", "Backup");
    aws.read_scope(&scope, &last_days(1), &Progress::silent()).await
}

#[tokio::test]
async fn plans_and_drills_are_read_and_each_refusal_is_named() {
    let db = "rds:eu-west-1:123456789012:db:orders";
    let planned = format!("{db} backup.planned = on");
    let tested = format!("{db} restore.test_schedule[weekly] = cron(0 7 ? * 1 *)");
    let everything = without("").await;
    assert!(everything.gaps.is_empty(), "{:?}", everything.gaps);
    let expected = [
        planned.clone(),
        format!("{db} backup.schedule[nightly, daily] = cron(0 3 * * ? *)"),
        format!("{db} backup.retention_days[nightly, daily] = 35"),
        format!("{db} backup.copied_to[nightly, daily] = 444455556666, eu-central-1"),
        tested.clone(),
    ];
    assert_eq!(lines(&everything), expected);
    for (call, ..) in BACKUP {
        let scope = without(call).await;
        assert!(scope.gaps.iter().any(|g| g.closes.contains(&format!("`{call}`"))), "{call}: {:?}", scope.gaps);
        assert!(scope.gaps.iter().all(|g| g.reason == GapReason::PermissionDenied), "{call}: {:?}", scope.gaps);
        let rests = call.contains("Plan") || call.contains("Selection") || call == "tag:GetResources";
        let said = lines(&scope);
        if call.contains("RestoreTesting") {
            assert!(said.contains(&planned) && !said.contains(&tested), "{call}: {said:?}");
        } else if rests || call == "backup:DescribeRegionSettings" {
            assert!(!said.contains(&planned) && said.contains(&tested), "{call}: {said:?}");
        } else {
            assert_eq!(said, expected, "{call}");
        }
    }
}
