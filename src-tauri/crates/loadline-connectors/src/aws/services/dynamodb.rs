//! DynamoDB: tables, their point-in-time recovery, replicas and capacity.

mod capacity;

use super::ServiceReader;
use super::telling::{Place, Telling, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_bool, opt_string, opt_time, opt_u64};
use capacity::{Paid, Scaled, Throughput};
use futures_util::FutureExt;
use loadline_model::{BackupEvent, BackupKind, Basis, Kind, Relation, Resource, SubjectId, Timestamp, Value, key};
use serde::Deserialize;
use serde_json::json;

const TABLES: &Operation = operation("dynamodb:ListTables");
const TABLE: &Operation = operation("dynamodb:DescribeTable");
const BACKUPS: &Operation = operation("dynamodb:DescribeContinuousBackups");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "dynamodb",
    title: "DynamoDB",
    global: false,
    operations: &[TABLES, TABLE, BACKUPS, capacity::TARGETS, capacity::POLICIES],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `ListTables`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Names {
    #[serde(deserialize_with = "list")]
    table_names: Vec<String>,
}

/// The answer of `DescribeTable`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Described {
    #[serde(deserialize_with = "nested")]
    table: Table,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Table {
    #[serde(deserialize_with = "opt_string")]
    table_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    table_name: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    deletion_protection_enabled: Option<bool>,
    #[serde(deserialize_with = "opt_u64")]
    table_size_bytes: Option<u64>,
    #[serde(deserialize_with = "list")]
    replicas: Vec<Replica>,
    #[serde(deserialize_with = "nested")]
    billing_mode_summary: Paid,
    #[serde(deserialize_with = "nested")]
    provisioned_throughput: Throughput,
    #[serde(deserialize_with = "list")]
    global_secondary_indexes: Vec<Index>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Index {
    #[serde(deserialize_with = "opt_string")]
    index_name: Option<String>,
    #[serde(deserialize_with = "nested")]
    provisioned_throughput: Throughput,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Replica {
    #[serde(deserialize_with = "opt_string")]
    region_name: Option<String>,
}

/// The answer of `DescribeContinuousBackups`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Continuous {
    #[serde(deserialize_with = "nested")]
    continuous_backups_description: Description,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Description {
    #[serde(deserialize_with = "nested")]
    point_in_time_recovery_description: Recovery,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Recovery {
    #[serde(deserialize_with = "opt_string")]
    point_in_time_recovery_status: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    earliest_restorable_date_time: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    latest_restorable_date_time: Option<Timestamp>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Database];
    let pages: Pages<Names> = asking.pages_hiding(TABLES, json!({}), &hides, answer).await;
    let names: Vec<String> = pages.pages.into_iter().flat_map(|p| p.table_names).collect();
    let ask = |n: &String| (n.clone(), json!({"TableName": n}));
    let tables: Vec<(String, Pages<Described>)> =
        asking.each(TABLE, names.iter().map(ask).collect(), &hides, answer).await;
    let backups: Vec<(String, Pages<Continuous>)> =
        asking.each(BACKUPS, names.iter().map(ask).collect(), &[], answer).await;
    let scaled =
        Scaled::read(asking, tables.iter().flat_map(|(_, p)| &p.pages).any(|d| d.table.is_provisioned()), answer).await;
    let complete = pages.complete && tables.iter().all(|(_, p)| p.complete);
    let mut t = Telling::new(answer, Place::of(asking, region));
    for ((_, table), (_, backup)) in tables.iter().zip(&backups) {
        if let Some(table) = table.pages.first() {
            say(&mut t, &table.table, backup.pages.first());
            capacity::say(&mut t, &table.table, &scaled);
        }
    }
    t.listed(&hides, complete);
}

fn say(t: &mut Telling<'_>, table: &Table, backups: Option<&Continuous>) {
    let Some(arn) = table.table_arn.as_deref() else { return };
    let subject = SubjectId::from(arn);
    t.call(TABLE.name);
    let resource = t.resource(Kind::Database, table.table_name.as_deref().unwrap_or(arn), &[]);
    t.exists(&subject, Resource { engine: Some("dynamodb".to_owned()), managed: Some(true), ..resource });
    t.in_region(&subject);
    // Copied over three zones (DynamoDB Developer Guide, "Resilience and disaster recovery").
    t.flag(&subject, key::PLATFORM_REDUNDANT, Some(true));
    t.flag(&subject, key::DELETION_PROTECTION, table.deletion_protection_enabled);
    // A table has no disk that could fill ("Quotas in Amazon DynamoDB": no limit of its size).
    t.flag(&subject, key::DISK_AUTOGROWTH, Some(true));
    t.count(&subject, key::DATABASE_BYTES, table.table_size_bytes);
    for region in table.replicas.iter().filter_map(|r| r.region_name.as_deref()) {
        if region != t.place.region {
            let copy = SubjectId(arn.replacen(&format!(":{}:", t.place.region), &format!(":{region}:"), 1));
            t.edge(&subject, Relation::ReplicatedTo { synchronous: Some(false), automatic: Some(false) }, &copy);
        }
    }
    t.call(BACKUPS.name);
    let Some(recovery) = backups.map(|b| &b.continuous_backups_description.point_in_time_recovery_description) else {
        return;
    };
    let on = match recovery.point_in_time_recovery_status.as_deref() {
        Some("ENABLED") => Some(true),
        Some("DISABLED") => Some(false),
        _ => None,
    };
    // What AWS Backup or exports keep shows as copies of their own.
    t.flag(&subject, key::PITR_ENABLED, on);
    t.flag(&subject, key::BACKUP_ENABLED, on);
    let (first, last) = (recovery.earliest_restorable_date_time, recovery.latest_restorable_date_time);
    if let Some(at) = last.filter(|_| on == Some(true)) {
        let hours = first.map(|f| at.hours_since(f)).filter(|h| *h >= 0.0);
        t.set(&subject, Basis::Measured, key::PITR_WINDOW_HOURS, None, hours.map(Value::Number));
        let event = BackupEvent {
            kind: BackupKind::PointInTime,
            at,
            succeeded: true,
            location: Some(format!("{}, {}", t.place.account, t.place.region)),
            duration_s: None,
            validated: None,
            tool: Some("DynamoDB point-in-time recovery".to_owned()),
        };
        t.say(&subject, Basis::Measured, event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};

    /// Shapes of the examples in "DescribeTable" and "DescribeContinuousBackups", Amazon DynamoDB API Reference.
    fn read(recovery: serde_json::Value, protection: serde_json::Value) -> Vec<String> {
        let table: Described = parsed(
            json!({"Table": {"TableArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/carts",
            "TableName": "carts", "TableStatus": "ACTIVE", "DeletionProtectionEnabled": protection, "TableSizeBytes": 4096,
            "Replicas": [{"RegionName": "us-east-1", "ReplicaStatus": "ACTIVE"}]}}),
        );
        let backups: Continuous = parsed(json!({"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": recovery}}));
        said(|t| say(t, &table.table, Some(&backups)))
    }

    #[test]
    fn a_table_with_point_in_time_recovery() {
        let lines = read(
            json!({"PointInTimeRecoveryStatus": "ENABLED", "EarliestRestorableDateTime": 1_794_978_000.0, "LatestRestorableDateTime": 1_795_323_300.0}),
            json!(true),
        );
        let expected = [
            "dynamodb:table/carts is database carts, dynamodb ?, managed",
            "dynamodb:table/carts platform_redundant = on",
            "dynamodb:table/carts deletion_protection = on",
            "dynamodb:table/carts capacity.disk_autogrowth = on",
            "dynamodb:table/carts db.bytes = 4096",
            "dynamodb:table/carts pitr.enabled = on",
            "dynamodb:table/carts pitr.window_hours = 95.9166667",
            "dynamodb:table/carts PointInTime worked 2026-11-22T04:55:00Z",
            "dynamodb:table/carts replicated sync Some(false) automatic Some(false) to dynamodb:us-east-1:111122223333:table/carts",
        ];
        check(&lines, &expected, &[]);
    }

    #[test]
    fn what_is_off_or_missing() {
        let off = read(json!({"PointInTimeRecoveryStatus": "DISABLED"}), json!(false));
        let expected = ["dynamodb:table/carts pitr.enabled = off", "dynamodb:table/carts deletion_protection = off"];
        check(&off, &expected, &["dynamodb:table/carts PointInTime"]);
        let never = ["dynamodb:table/carts pitr", "dynamodb:table/carts backup", "dynamodb:table/carts deletion"];
        check(&read(serde_json::Value::Null, serde_json::Value::Null), &[], &never);
    }
}
