//! What RDS answers (Amazon RDS API Reference, version 2014-10-31; DocumentDB and Neptune answer there too); only what
//! becomes a fact.

use crate::aws::services::telling::{Tag, nested, opt_list};
use crate::aws::shape::{list, opt_bool, opt_f64, opt_string, opt_time, opt_u64};
use loadline_model::Timestamp;
use serde::Deserialize;

/// A page of `DescribeDBInstances`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::aws::services) struct Instances {
    #[serde(rename = "DBInstances", deserialize_with = "list")]
    pub all: Vec<Instance>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Instance {
    #[serde(rename = "DBInstanceArn", deserialize_with = "opt_string")]
    pub arn: Option<String>,
    #[serde(rename = "DBInstanceIdentifier", deserialize_with = "opt_string")]
    pub id: Option<String>,
    #[serde(rename = "DBInstanceStatus", deserialize_with = "opt_string")]
    pub status: Option<String>,
    #[serde(rename = "DBClusterIdentifier", deserialize_with = "opt_string")]
    pub cluster: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub engine: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub engine_version: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub availability_zone: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub secondary_availability_zone: Option<String>,
    #[serde(rename = "MultiAZ", deserialize_with = "opt_bool")]
    pub multi_az: Option<bool>,
    #[serde(deserialize_with = "opt_u64")]
    pub backup_retention_period: Option<u64>,
    #[serde(deserialize_with = "opt_time")]
    pub latest_restorable_time: Option<Timestamp>,
    #[serde(deserialize_with = "opt_bool")]
    pub deletion_protection: Option<bool>,
    #[serde(deserialize_with = "opt_bool")]
    pub publicly_accessible: Option<bool>,
    /// GiB.
    #[serde(deserialize_with = "opt_f64")]
    pub allocated_storage: Option<f64>,
    /// GiB; said only where the storage grows by itself.
    #[serde(deserialize_with = "opt_f64")]
    pub max_allocated_storage: Option<f64>,
    #[serde(deserialize_with = "opt_f64")]
    pub iops: Option<f64>,
    #[serde(deserialize_with = "nested")]
    pub endpoint: Endpoint,
    #[serde(rename = "ReadReplicaSourceDBInstanceIdentifier", deserialize_with = "opt_string")]
    pub copy_of: Option<String>,
    #[serde(rename = "ReadReplicaDBInstanceIdentifiers", deserialize_with = "opt_list")]
    pub copies: Option<Vec<String>>,
    #[serde(rename = "VpcSecurityGroups", deserialize_with = "list")]
    pub groups: Vec<Group>,
    #[serde(deserialize_with = "list")]
    pub tag_list: Vec<Tag>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Endpoint {
    #[serde(deserialize_with = "opt_string")]
    pub address: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    pub port: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Group {
    #[serde(deserialize_with = "opt_string")]
    pub vpc_security_group_id: Option<String>,
}

/// A page of `DescribeDBClusters`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::aws::services) struct Clusters {
    #[serde(rename = "DBClusters", deserialize_with = "list")]
    pub all: Vec<Cluster>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Cluster {
    #[serde(rename = "DBClusterArn", deserialize_with = "opt_string")]
    pub arn: Option<String>,
    #[serde(rename = "DBClusterIdentifier", deserialize_with = "opt_string")]
    pub id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub engine: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub engine_version: Option<String>,
    #[serde(rename = "DBClusterMembers", deserialize_with = "opt_list")]
    pub members: Option<Vec<Member>>,
    #[serde(deserialize_with = "opt_string")]
    pub endpoint: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub reader_endpoint: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    pub port: Option<u64>,
    #[serde(deserialize_with = "opt_u64")]
    pub backup_retention_period: Option<u64>,
    #[serde(deserialize_with = "opt_time")]
    pub earliest_restorable_time: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    pub latest_restorable_time: Option<Timestamp>,
    #[serde(deserialize_with = "opt_bool")]
    pub deletion_protection: Option<bool>,
    #[serde(deserialize_with = "opt_string")]
    pub replication_source_identifier: Option<String>,
    #[serde(rename = "VpcSecurityGroups", deserialize_with = "list")]
    pub groups: Vec<Group>,
    #[serde(deserialize_with = "list")]
    pub tag_list: Vec<Tag>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Member {
    #[serde(rename = "DBInstanceIdentifier", deserialize_with = "opt_string")]
    pub id: Option<String>,
    #[serde(rename = "IsClusterWriter", deserialize_with = "opt_bool")]
    pub is_writer: Option<bool>,
}

/// A page of `DescribeDBSnapshots` or `DescribeDBClusterSnapshots`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::aws::services) struct Snapshots {
    #[serde(rename = "DBSnapshots", deserialize_with = "list")]
    pub of_instances: Vec<Snapshot>,
    #[serde(rename = "DBClusterSnapshots", deserialize_with = "list")]
    pub of_clusters: Vec<Snapshot>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Snapshot {
    #[serde(rename = "DBInstanceIdentifier", alias = "DBClusterIdentifier", deserialize_with = "opt_string")]
    pub source: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub status: Option<String>,
    /// `manual`, `automated`, `awsbackup`.
    #[serde(deserialize_with = "opt_string")]
    pub snapshot_type: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    pub snapshot_create_time: Option<Timestamp>,
}

/// A page of `DescribeDBInstanceAutomatedBackups`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::aws::services) struct AutomatedBackups {
    #[serde(rename = "DBInstanceAutomatedBackups", deserialize_with = "list")]
    pub all: Vec<AutomatedBackup>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::aws::services) struct AutomatedBackup {
    #[serde(rename = "DBInstanceArn", deserialize_with = "opt_string")]
    pub instance: Option<String>,
    #[serde(rename = "DBInstanceAutomatedBackupsReplications", deserialize_with = "list")]
    pub copies: Vec<BackupCopy>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::aws::services) struct BackupCopy {
    #[serde(rename = "DBInstanceAutomatedBackupsArn", deserialize_with = "opt_string")]
    pub arn: Option<String>,
}
