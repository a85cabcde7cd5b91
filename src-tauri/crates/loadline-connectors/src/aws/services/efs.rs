//! EFS: file systems, whether they lie in one zone, and whether copies are made.

use super::ServiceReader;
use super::telling::{Place, Tag, Telling, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_string};
use futures_util::FutureExt;
use loadline_model::{Kind, Resource, SubjectId, key};
use serde::Deserialize;
use serde_json::json;

const FILE_SYSTEMS: &Operation = operation("elasticfilesystem:DescribeFileSystems");
const BACKUP_POLICY: &Operation = operation("elasticfilesystem:DescribeBackupPolicy");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "efs",
    title: "EFS",
    global: false,
    operations: &[FILE_SYSTEMS, BACKUP_POLICY],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `DescribeFileSystems` (Amazon EFS API Reference, version 2015-02-01).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct FileSystems {
    #[serde(deserialize_with = "list")]
    file_systems: Vec<FileSystem>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct FileSystem {
    #[serde(deserialize_with = "opt_string")]
    file_system_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    life_cycle_state: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    /// Only of file systems that lie in one zone.
    #[serde(deserialize_with = "opt_string")]
    availability_zone_name: Option<String>,
    #[serde(deserialize_with = "list")]
    tags: Vec<Tag>,
}

/// The answer of `DescribeBackupPolicy`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Policy {
    #[serde(deserialize_with = "nested")]
    backup_policy: Status,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Status {
    /// `ENABLED`, `ENABLING`, `DISABLED`, `DISABLING`.
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Store];
    let pages: Pages<FileSystems> = asking.pages_hiding(FILE_SYSTEMS, json!({}), &hides, answer).await;
    let all: Vec<FileSystem> = pages.pages.into_iter().flat_map(|p| p.file_systems).collect();
    let questions = all
        .into_iter()
        .filter_map(|f| {
            let asked = json!({"FileSystemId": f.file_system_id.clone()?});
            Some((f, asked))
        })
        .collect();
    let policies: Vec<(FileSystem, Pages<Policy>)> = asking.each(BACKUP_POLICY, questions, &[], answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    for (file_system, policy) in &policies {
        say(&mut t, file_system, policy.pages.first());
    }
}

fn say(t: &mut Telling<'_>, file_system: &FileSystem, policy: Option<&Policy>) {
    let Some(id) = file_system.file_system_id.as_deref() else { return };
    if matches!(file_system.life_cycle_state.as_deref(), Some("deleting" | "deleted")) {
        return;
    }
    let subject = t.place.arn("elasticfilesystem", &format!("file-system/{id}"));
    t.call(FILE_SYSTEMS.name);
    let resource = t.resource(Kind::Store, file_system.name.as_deref().unwrap_or(id), &file_system.tags);
    t.exists(&subject, Resource { engine: Some("efs".to_owned()), managed: Some(true), ..resource });
    t.also(&subject, &dns(t, id));
    match file_system.availability_zone_name.as_deref() {
        Some(zone) => t.in_zone(&subject, Some(zone)),
        // Kept in several zones (Amazon EFS User Guide, "EFS file system types").
        None => t.in_region(&subject),
    }
    t.flag(&subject, key::PLATFORM_REDUNDANT, Some(file_system.availability_zone_name.is_none()));
    let on = policy.and_then(|p| match p.backup_policy.status.as_deref()? {
        "ENABLED" => Some(true),
        "DISABLED" | "DISABLING" => Some(false),
        _ => None,
    });
    // What plans of AWS Backup keep shows as copies of their own.
    t.call(BACKUP_POLICY.name).flag(&subject, key::BACKUP_ENABLED, on);
}

/// The name at which it is mounted.
fn dns(t: &Telling<'_>, id: &str) -> SubjectId {
    let suffix = if t.place.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    super::telling::host(&format!("{id}.efs.{}.{suffix}", t.place.region))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    /// Shapes of the examples in "DescribeFileSystems" and "DescribeBackupPolicy", Amazon EFS API Reference 2015-02-01.
    fn read(zone: Value, status: Option<&str>) -> Vec<String> {
        let page: FileSystems =
            parsed(json!({"FileSystems": [{"CreationTime": "1481841524.0", "CreationToken": "tokenstring",
            "FileSystemId": "fs-01234567", "LifeCycleState": "available", "Name": "files", "NumberOfMountTargets": 1,
            "OwnerId": "111122223333", "PerformanceMode": "generalPurpose", "SizeInBytes": {"Value": 6144},
            "AvailabilityZoneName": zone, "Tags": [{"Key": "Name", "Value": "files"}]}]}));
        let policy: Option<Policy> = status.map(|s| parsed(json!({"BackupPolicy": {"Status": s}})));
        said(|t| say(t, &page.file_systems[0], policy.as_ref()))
    }

    #[test]
    fn a_file_system_in_one_zone_or_several() {
        let it = "elasticfilesystem:file-system/fs-01234567";
        let regional = [
            format!("{it} is store files, efs ?, managed"),
            format!("{it} SameAs dns:fs-01234567.efs.eu-west-1.amazonaws.com"),
            format!("{it} RunsIn aws:eu-west-1"),
            format!("{it} platform_redundant = on"),
            format!("{it} backup.enabled = on"),
        ];
        check(&read(Value::Null, Some("ENABLED")), &regional.each_ref().map(String::as_str), &[]);
        let one_zone = [
            format!("{it} RunsIn eu-west-1a"),
            format!("{it} platform_redundant = off"),
            format!("{it} backup.enabled = off"),
        ];
        let lines = read(json!("eu-west-1a"), Some("DISABLED"));
        check(&lines, &one_zone.each_ref().map(String::as_str), &[&format!("{it} RunsIn aws:eu-west-1")]);
        for unknown in [Some("ENABLING"), None] {
            check(&read(Value::Null, unknown), &[], &[&format!("{it} backup")]);
        }
    }

    #[test]
    fn what_is_gone_or_unnamed_is_not_said() {
        for gone in [json!({"FileSystemId": "fs-1", "LifeCycleState": "deleted"}), json!({})] {
            let gone: FileSystem = parsed(gone);
            assert!(said(|t| say(t, &gone, None)).is_empty());
        }
    }
}
