//! AWS Backup: plans and what they cover, recovery points, copies elsewhere, locks of vaults, restores and their tests.

mod drills;
mod plans;
mod selection;

use super::ServiceReader;
use super::telling::{Place, Telling};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_bool, opt_string, opt_time};
use futures_util::FutureExt;
use loadline_model::{BackupEvent, BackupKind, Basis, SubjectId, Timestamp, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const VAULTS: &Operation = operation("backup:ListBackupVaults");
const POINTS: &Operation = operation("backup:ListRecoveryPointsByBackupVault");
const JOBS: &Operation = operation("backup:ListBackupJobs");
const COPIES: &Operation = operation("backup:ListCopyJobs");
const RESTORES: &Operation = operation("backup:ListRestoreJobs");

/// States of jobs that made no backup.
const FAILED: [&str; 3] = ["FAILED", "ABORTED", "EXPIRED"];
/// Days that AWS Backup lists its jobs.
const JOB_DAYS: i64 = 30;

pub(super) const READER: ServiceReader = ServiceReader {
    id: "backup",
    title: "AWS Backup",
    global: false,
    operations: &[
        VAULTS,
        POINTS,
        JOBS,
        COPIES,
        RESTORES,
        plans::PLANS,
        plans::PLAN,
        plans::SELECTIONS,
        plans::SELECTION,
        plans::SETTINGS,
        plans::TAGGED,
        drills::PLANS,
        drills::SELECTIONS,
        drills::SELECTION,
    ],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of any of the calls (AWS Backup API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    backup_vault_list: Vec<Vault>,
    #[serde(deserialize_with = "list")]
    recovery_points: Vec<Point>,
    #[serde(deserialize_with = "list")]
    backup_jobs: Vec<Job>,
    #[serde(deserialize_with = "list")]
    copy_jobs: Vec<Copy>,
    #[serde(deserialize_with = "list")]
    restore_jobs: Vec<Restore>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Vault {
    #[serde(deserialize_with = "opt_string")]
    backup_vault_name: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    locked: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Point {
    #[serde(deserialize_with = "opt_string")]
    resource_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    creation_date: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    completion_date: Option<Timestamp>,
    #[serde(deserialize_with = "opt_string")]
    backup_vault_name: Option<String>,
}

/// A job that made no recovery point.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Job {
    #[serde(deserialize_with = "opt_string")]
    resource_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    state: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    creation_date: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    completion_date: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Copy {
    #[serde(deserialize_with = "opt_string")]
    resource_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    state: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    destination_backup_vault_arn: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    completion_date: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Restore {
    #[serde(deserialize_with = "opt_string")]
    source_resource_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
    /// `SUCCESSFUL`, `FAILED`, `TIMED_OUT`, `VALIDATING`; said only for restore tests.
    #[serde(deserialize_with = "opt_string")]
    validation_status: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    creation_date: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    completion_date: Option<Timestamp>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let vaults: Pages<Page> = asking.pages(VAULTS, json!({}), answer).await;
    let all: Vec<&Vault> = vaults.pages.iter().flat_map(|p| &p.backup_vault_list).collect();
    let questions = all.iter().filter_map(|v| v.backup_vault_name.clone());
    let questions = questions.map(|n| (n.clone(), json!({"backupVaultName": n}))).collect();
    let points: Vec<(String, Pages<Page>)> = asking.each(POINTS, questions, &[], answer).await;
    let since = asking.window.now.plus_days(-JOB_DAYS).hour_start().to_string();
    let questions = FAILED.map(|state| ((), json!({"state": state, "createdAfter": since}))).to_vec();
    let jobs: Vec<((), Pages<Page>)> = asking.each(JOBS, questions, &[], answer).await;
    let copies: Pages<Page> = asking.pages(COPIES, json!({"state": "COMPLETED"}), answer).await;
    let restores: Pages<Page> = asking.pages(RESTORES, json!({}), answer).await;
    let planned = plans::read(asking, answer).await;
    let tested = drills::read(asking, answer).await;

    let mut t = Telling::new(answer, Place::of(asking, region));
    let locked: BTreeMap<&str, bool> =
        all.iter().filter_map(|v| Some((v.backup_vault_name.as_deref()?, v.locked?))).collect();
    let points: Vec<&Point> = points.iter().flat_map(|(_, p)| &p.pages).flat_map(|p| &p.recovery_points).collect();
    say_points(&mut t, &points, &locked);
    let kept: BTreeSet<&str> = points.iter().filter_map(|p| p.resource_arn.as_deref()).collect();
    plans::say(&mut t, &planned, &kept);
    drills::say(&mut t, &tested, &kept);
    let jobs: Vec<&Job> = jobs.iter().flat_map(|(_, p)| &p.pages).flat_map(|p| &p.backup_jobs).collect();
    say_jobs(&mut t, &jobs);
    copies.pages.iter().flat_map(|p| &p.copy_jobs).for_each(|c| say_copy(&mut t, c));
    restores.pages.iter().flat_map(|p| &p.restore_jobs).for_each(|r| say_restore(&mut t, r));
}

/// The newest point of each resource, and whether one lies in a locked vault.
fn say_points(t: &mut Telling<'_>, points: &[&Point], locked: &BTreeMap<&str, bool>) {
    t.call(POINTS.name);
    let mut newest: BTreeMap<(&str, bool), Timestamp> = BTreeMap::new();
    let mut safe: BTreeSet<&str> = BTreeSet::new();
    for point in points {
        let Some(resource) = point.resource_arn.as_deref() else { continue };
        let worked = match point.status.as_deref() {
            Some("COMPLETED" | "AVAILABLE") => true,
            Some("PARTIAL" | "EXPIRED") => false,
            _ => continue,
        };
        let Some(at) = point.completion_date.or(point.creation_date) else { continue };
        let known = newest.entry((resource, worked)).or_insert(at);
        *known = (*known).max(at);
        if worked && point.backup_vault_name.as_deref().and_then(|v| locked.get(v)) == Some(&true) {
            safe.insert(resource);
        }
    }
    for ((resource, succeeded), at) in newest {
        let location = Some(format!("{}, {}", t.place.account, t.place.region));
        let tool = Some("AWS Backup".to_owned());
        let kind = BackupKind::Snapshot;
        let event = BackupEvent { kind, at, succeeded, location, duration_s: None, validated: None, tool };
        t.say(&SubjectId::from(resource), Basis::Measured, event);
    }
    for resource in safe {
        t.flag(&SubjectId::from(resource), key::BACKUP_IMMUTABLE, Some(true));
    }
}

/// The newest job of each resource that failed, was stopped or did not begin in its window: it left no point behind, so
/// only the list of jobs shows it.
fn say_jobs(t: &mut Telling<'_>, jobs: &[&Job]) {
    t.call(JOBS.name);
    let mut newest: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for job in jobs.iter().filter(|j| j.state.as_deref().is_some_and(|s| FAILED.contains(&s))) {
        let (Some(resource), Some(at)) = (job.resource_arn.as_deref(), job.completion_date.or(job.creation_date))
        else {
            continue;
        };
        let known = newest.entry(resource).or_insert(at);
        *known = (*known).max(at);
    }
    for (resource, at) in newest {
        let event = BackupEvent {
            kind: BackupKind::Snapshot,
            at,
            succeeded: false,
            location: Some(format!("{}, {}", t.place.account, t.place.region)),
            duration_s: None,
            validated: None,
            tool: Some("AWS Backup".to_owned()),
        };
        t.say(&SubjectId::from(resource), Basis::Measured, event);
    }
}

/// A copy in a vault of another account or region.
fn say_copy(t: &mut Telling<'_>, copy: &Copy) {
    let (Some(resource), Some(vault)) = (copy.resource_arn.as_deref(), copy.destination_backup_vault_arn.as_deref())
    else {
        return;
    };
    let (Some(at), Some("COMPLETED")) = (copy.completion_date, copy.state.as_deref()) else { return };
    let Some(location) = plans::elsewhere(t, vault) else { return };
    let subject = SubjectId::from(resource);
    t.call(COPIES.name);
    t.flag(&subject, key::BACKUP_ISOLATED, Some(true));
    let event = BackupEvent {
        kind: BackupKind::Snapshot,
        at,
        succeeded: true,
        location: Some(location),
        duration_s: None,
        validated: None,
        tool: Some("AWS Backup copy".to_owned()),
    };
    t.say(&subject, Basis::Measured, event);
}

fn say_restore(t: &mut Telling<'_>, restore: &Restore) {
    let Some(resource) = restore.source_resource_arn.as_deref() else { return };
    let succeeded = match restore.status.as_deref() {
        Some("COMPLETED") => true,
        Some("FAILED" | "ABORTED") => false,
        _ => return,
    };
    let Some(at) = restore.completion_date.or(restore.creation_date) else { return };
    let validated = match restore.validation_status.as_deref() {
        Some("SUCCESSFUL") => Some(true),
        Some("FAILED" | "TIMED_OUT") => Some(false),
        _ => None,
    };
    let took = restore.creation_date.zip(restore.completion_date).map(|(from, until)| until.hours_since(from) * 3600.0);
    t.call(RESTORES.name);
    let event = BackupEvent {
        kind: BackupKind::Restore,
        at,
        succeeded,
        location: Some(format!("{}, {}", t.place.account, t.place.region)),
        duration_s: took.filter(|s| *s >= 0.0),
        validated,
        tool: Some("AWS Backup".to_owned()),
    };
    t.say(&SubjectId::from(resource), Basis::Measured, event);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said, scope};
    use serde_json::Value;

    const DB: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";

    /// Shapes of the examples in "ListRecoveryPointsByBackupVault", "ListCopyJobs" and "ListRestoreJobs", AWS Backup API
    /// Reference.
    fn points(points: Value, lock: Option<bool>) -> Vec<String> {
        let page: Page = parsed(json!({"RecoveryPoints": points}));
        let locked = lock.map(|l| ("main", l)).into_iter().collect();
        said(|t| say_points(t, &page.recovery_points.iter().collect::<Vec<_>>(), &locked))
    }
    fn point(status: &str, at: i64) -> Value {
        json!({"RecoveryPointArn": "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-1", "BackupVaultName": "main",
            "ResourceArn": DB, "ResourceType": "RDS", "Status": status, "CreationDate": at})
    }

    #[test]
    fn the_newest_recovery_point_counts() {
        let lines = points(
            json!([
                point("COMPLETED", 1_795_150_800),
                point("COMPLETED", 1_795_237_200),
                point("PARTIAL", 1_795_300_000)
            ]),
            Some(true),
        );
        let expected = ["rds:db:orders Snapshot worked 2026-11-21T05:00:00Z", "rds:db:orders backup.immutable = on"];
        check(&lines, &expected, &["rds:db:orders Snapshot worked 2026-11-20"]);
        check(
            &points(json!([point("COMPLETED", 1_795_237_200)]), Some(false)),
            &[],
            &["rds:db:orders backup.immutable"],
        );
        check(&points(json!([point("COMPLETED", 1_795_237_200)]), None), &[], &["rds:db:orders backup.immutable"]);
        assert!(points(json!([point("", 1_795_237_200), {"Status": "COMPLETED", "CreationDate": 1}]), None).is_empty());
    }

    /// Shape of the example in "ListBackupJobs", AWS Backup API Reference.
    #[test]
    fn the_newest_failure_of_each_resource_is_said() {
        let job = |state: &str, at: i64, resource: &str| json!({"BackupJobId": "1", "ResourceArn": resource, "State": state, "CreationDate": at});
        let page: Page = parsed(
            json!({"BackupJobs": [job("FAILED", 1_795_150_800, DB), job("EXPIRED", 1_795_237_200, DB),
            job("COMPLETED", 1_795_300_000, DB), job("ABORTED", 1_795_150_800, "arn:aws:dynamodb:eu-west-1:111122223333:table/carts"), {"State": "FAILED"}]}),
        );
        let lines = said(|t| say_jobs(t, &page.backup_jobs.iter().collect::<Vec<_>>()));
        let expected = [
            "dynamodb:table/carts Snapshot failed 2026-11-20T05:00:00Z",
            "rds:db:orders Snapshot failed 2026-11-21T05:00:00Z",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn copies_count_when_they_lie_elsewhere() {
        let copy = |vault: &str| {
            let page: Page = parsed(json!({"CopyJobs": [{"CopyJobId": "1", "ResourceArn": DB, "State": "COMPLETED",
                "DestinationBackupVaultArn": vault, "CompletionDate": 1_795_237_200}]}));
            said(|t| page.copy_jobs.iter().for_each(|c| say_copy(t, c)))
        };
        let isolated =
            ["rds:db:orders backup.isolated_copy = on", "rds:db:orders Snapshot worked 2026-11-21T05:00:00Z"];
        check(&copy("arn:aws:backup:eu-west-1:444455556666:backup-vault:safe"), &isolated, &[]);
        check(&copy("arn:aws:backup:eu-central-1:111122223333:backup-vault:safe"), &isolated, &[]);
        assert!(copy("arn:aws:backup:eu-west-1:111122223333:backup-vault:main").is_empty());
        assert!(copy("").is_empty());
    }

    #[test]
    fn restores_tell_whether_the_data_was_checked() {
        let restore = |validation: &str| {
            let page: Page =
                parsed(json!({"RestoreJobs": [{"RestoreJobId": "1", "SourceResourceArn": DB, "Status": "COMPLETED",
                "CreationDate": 1_795_236_600, "CompletionDate": 1_795_237_200, "ValidationStatus": validation}]}));
            let scope = scope(|t| page.restore_jobs.iter().for_each(|r| say_restore(t, r)));
            scope.facts.into_iter().find_map(|f| match f.body {
                loadline_model::Body::BackupEvent(event) => Some((event.validated, event.duration_s)),
                _ => None,
            })
        };
        assert_eq!(restore("SUCCESSFUL"), Some((Some(true), Some(600.0))));
        assert_eq!(restore("FAILED"), Some((Some(false), Some(600.0))));
        assert_eq!(restore(""), Some((None, Some(600.0))));
    }
}
