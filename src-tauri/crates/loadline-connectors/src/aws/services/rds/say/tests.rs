//! Shapes of the examples in "DescribeDBInstances", "DescribeDBClusters", "DescribeDBSnapshots" and
//! "DescribeDBInstanceAutomatedBackups", Amazon RDS API Reference 2014-10-31.

use super::super::shapes::*;
use super::*;
use crate::aws::services::testing::{check, parsed, said};
use serde_json::{Value, json};

fn instance() -> Value {
    json!({"DBInstanceIdentifier": "orders", "DBInstanceArn": "arn:aws:rds:eu-west-1:111122223333:db:orders",
        "DBInstanceStatus": "available", "DBInstanceClass": "db.t3.medium", "Engine": "postgres", "EngineVersion": "16.3",
        "Endpoint": {"Address": "orders.abc.eu-west-1.rds.amazonaws.com", "Port": "5432", "HostedZoneId": "Z1"},
        "AllocatedStorage": "100", "MaxAllocatedStorage": "500", "Iops": "3000", "AvailabilityZone": "eu-west-1a",
        "MultiAZ": "true", "SecondaryAvailabilityZone": "eu-west-1b", "BackupRetentionPeriod": "7",
        "LatestRestorableTime": "2026-11-22T04:55:00Z", "DeletionProtection": "true", "PubliclyAccessible": "false",
        "ReadReplicaDBInstanceIdentifiers": "", "VpcSecurityGroups": {"VpcSecurityGroupMembership":
            {"VpcSecurityGroupId": "sg-1", "Status": "active"}}, "TagList": {"Tag": {"Key": "env", "Value": "prod"}}})
}

fn read(instances: &[Value]) -> Vec<String> {
    let list = if let [one] = instances { one.clone() } else { json!(instances) };
    let page: Instances = parsed(json!({"DBInstances": {"DBInstance": list}}));
    let all: Vec<&Instance> = page.all.iter().collect();
    said(|t| all.iter().for_each(|i| say_instance(t, i, &all)))
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut changed = instance();
    for (field, value) in changes {
        changed[*field] = value.clone();
    }
    changed
}

#[test]
fn a_database_with_standby_and_backups() {
    let expected = [
        "rds:db:orders is database orders, postgresql 16.3, Production, managed",
        "rds:db:orders SameAs dns:orders.abc.eu-west-1.rds.amazonaws.com",
        "rds:db:orders SameAs postgresql://orders.abc.eu-west-1.rds.amazonaws.com:5432",
        "rds:db:orders RunsIn eu-west-1a",
        "rds:db:orders RunsIn eu-west-1b",
        "rds:db:orders failover.automatic = on",
        "rds:db:orders failover.standby_members = 1",
        "rds:db:orders backup.enabled = on",
        "rds:db:orders backup.retention_days = 7",
        "rds:db:orders pitr.enabled = on",
        "rds:db:orders PointInTime worked 2026-11-22T04:55:00Z",
        "rds:db:orders deletion_protection = on",
        "rds:db:orders db.publicly_reachable = off",
        "rds:db:orders capacity.disk_autogrowth = on",
        "rds:db:orders limit disk = 107374182400 bytes",
        "rds:db:orders limit iops = 3000 1/s",
        "rds:db:orders db.read_replica_used = off",
    ];
    check(&read(&[instance()]), &expected, &[]);
}

#[test]
fn retention_of_zero_wins_over_a_restorable_time() {
    let lines = read(&[with(&[("BackupRetentionPeriod", json!("0"))])]);
    let expected = [
        "rds:db:orders backup.enabled = off",
        "rds:db:orders pitr.enabled = off",
        "rds:db:orders backup.retention_days = 0",
    ];
    check(&lines, &expected, &["rds:db:orders PointInTime"]);
}

#[test]
fn one_zone_without_standby() {
    let lines = read(&[with(&[("MultiAZ", json!("false")), ("SecondaryAvailabilityZone", Value::Null)])]);
    check(
        &lines,
        &["rds:db:orders failover.automatic = off", "rds:db:orders RunsIn eu-west-1a"],
        &["rds:db:orders RunsIn eu-west-1b"],
    );
}

#[test]
fn what_is_missing_is_not_said() {
    for (field, never) in [
        ("MultiAZ", "rds:db:orders failover"),
        ("BackupRetentionPeriod", "rds:db:orders backup"),
        ("BackupRetentionPeriod", "rds:db:orders pitr"),
        ("BackupRetentionPeriod", "rds:db:orders PointInTime"),
        ("LatestRestorableTime", "rds:db:orders PointInTime"),
        ("DeletionProtection", "rds:db:orders deletion_protection"),
        ("PubliclyAccessible", "rds:db:orders db.publicly_reachable"),
        ("MaxAllocatedStorage", "rds:db:orders capacity.disk_autogrowth"),
        ("SecondaryAvailabilityZone", "rds:db:orders RunsIn eu-west-1a"),
        ("Endpoint", "rds:db:orders SameAs"),
    ] {
        let mut missing = instance();
        missing.as_object_mut().expect("an object").remove(field);
        check(&read(&[missing]), &["rds:db:orders is database orders, postgresql 16.3, Production, managed"], &[never]);
    }
    let open = read(&[with(&[("PubliclyAccessible", json!("true"))])]);
    check(&open, &[], &["rds:db:orders db.publicly_reachable"]);
    let mut unsaid = instance();
    unsaid.as_object_mut().expect("an object").remove("ReadReplicaDBInstanceIdentifiers");
    check(&read(&[unsaid]), &[], &["rds:db:orders db.read_replica_used"]);
}

#[test]
fn a_replica_is_a_copy_that_nobody_promotes() {
    let replica = with(&[
        ("DBInstanceIdentifier", json!("orders-2")),
        ("DBInstanceArn", json!("arn:aws:rds:eu-west-1:111122223333:db:orders-2")),
        ("ReadReplicaSourceDBInstanceIdentifier", json!("orders")),
    ]);
    let primary = with(&[("ReadReplicaDBInstanceIdentifiers", json!({"ReadReplicaDBInstanceIdentifier": "orders-2"}))]);
    let expected = [
        "rds:db:orders-2 db.is_standby = on",
        "rds:db:orders replicated sync Some(false) automatic Some(false) to rds:db:orders-2",
    ];
    check(&read(&[primary, replica]), &expected, &["rds:db:orders db.read_replica_used", "rds:db:orders-2 failover"]);
}

fn cluster(members: Value) -> Vec<String> {
    let clusters: Clusters = parsed(json!({"DBClusters": {"DBCluster": {
        "DBClusterIdentifier": "main", "DBClusterArn": "arn:aws:rds:eu-west-1:111122223333:cluster:main",
        "Engine": "aurora-postgresql", "EngineVersion": "16.4", "Endpoint": "main.cluster-abc.eu-west-1.rds.amazonaws.com",
        "ReaderEndpoint": "main.cluster-ro-abc.eu-west-1.rds.amazonaws.com", "Port": "5432", "BackupRetentionPeriod": "14",
        "EarliestRestorableTime": "2026-11-08T05:00:00Z", "LatestRestorableTime": "2026-11-22T05:00:00Z",
        "DeletionProtection": "false", "DBClusterMembers": members}}}));
    said(|t| clusters.all.iter().for_each(|c| say_cluster(t, c, &[])))
}

#[test]
fn a_cluster_fails_over_to_its_readers() {
    let two = json!({"DBClusterMember": [{"DBInstanceIdentifier": "main-1", "IsClusterWriter": "true"},
        {"DBInstanceIdentifier": "main-2", "IsClusterWriter": "false", "PromotionTier": "1"}]});
    let expected = [
        "rds:cluster:main is database main, aurora-postgresql 16.4, managed",
        "rds:cluster:main SameAs postgresql://main.cluster-abc.eu-west-1.rds.amazonaws.com:5432",
        "rds:cluster:main failover.automatic = on",
        "rds:cluster:main failover.standby_members = 1",
        "rds:db:main-2 MemberOf rds:cluster:main",
        "rds:cluster:main pitr.window_hours = 336",
        "rds:cluster:main deletion_protection = off",
        "rds:cluster:main capacity.disk_autogrowth = on",
    ];
    check(&cluster(two), &expected, &["rds:cluster:main db.publicly_reachable"]);
    let one = json!({"DBClusterMember": {"DBInstanceIdentifier": "main-1", "IsClusterWriter": "true"}});
    check(&cluster(one), &["rds:cluster:main failover.automatic = off"], &[]);
    let unsaid = json!({"DBClusterMember": [{"DBInstanceIdentifier": "main-1"}, {"DBInstanceIdentifier": "main-2"}]});
    check(&cluster(unsaid), &["rds:db:main-1 MemberOf rds:cluster:main"], &["rds:cluster:main failover"]);
    check(&cluster(json!("")), &[], &["rds:cluster:main failover"]);
}

#[test]
fn snapshots_and_copies_elsewhere() {
    let page: Snapshots = parsed(json!({"DBSnapshots": {"DBSnapshot": [
        {"DBInstanceIdentifier": "orders", "Status": "available", "SnapshotType": "manual", "SnapshotCreateTime": "2026-11-21T03:00:00Z"},
        {"DBInstanceIdentifier": "orders", "Status": "creating", "SnapshotType": "automated", "SnapshotCreateTime": "2026-11-22T03:00:00Z"},
        {"DBInstanceIdentifier": "gone", "Status": "available", "SnapshotCreateTime": "2026-11-21T03:00:00Z"}]}}));
    let known = |id: &str| (id == "orders").then(|| SubjectId::from("arn:aws:rds:eu-west-1:111122223333:db:orders"));
    let lines = said(|t| say_snapshots(t, &page.of_instances.iter().collect::<Vec<_>>(), known));
    assert_eq!(lines, ["rds:db:orders Snapshot worked 2026-11-21T03:00:00Z"]);
    let copied = |region: &str| {
        let page: AutomatedBackups = parsed(json!({"DBInstanceAutomatedBackups": {"DBInstanceAutomatedBackup": {
            "DBInstanceArn": "arn:aws:rds:eu-west-1:111122223333:db:orders", "Status": "active",
            "DBInstanceAutomatedBackupsReplications": {"DBInstanceAutomatedBackupsReplication":
                {"DBInstanceAutomatedBackupsArn": format!("arn:aws:rds:{region}:111122223333:auto-backup:ab-1")}}}}}));
        said(|t| say_copies(t, &page.all.iter().collect::<Vec<_>>()))
    };
    assert_eq!(copied("eu-central-1"), ["rds:db:orders backup.isolated_copy = on"]);
    assert!(copied("eu-west-1").is_empty());
}
