//! Snapshots of ElastiCache and MemoryDB: how old the newest whole copy of what lives in memory is.

use super::telling::{Place, Telling, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_string, opt_time};
use loadline_model::{BackupEvent, BackupKind, Basis, SubjectId, Timestamp, Value, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const OF_CACHES: &Operation = operation("elasticache:DescribeSnapshots");
pub(super) const OF_DATABASES: &Operation = operation("memorydb:DescribeSnapshots");

/// A page of either call (Amazon ElastiCache API Reference 2015-02-02; Amazon MemoryDB API Reference 2021-01-01).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    snapshots: Vec<Snapshot>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Snapshot {
    #[serde(deserialize_with = "opt_string")]
    replication_group_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    cache_cluster_id: Option<String>,
    /// `creating`, `available`, `restoring`, `copying`, `deleting`; of MemoryDB in `Status`.
    #[serde(alias = "Status", deserialize_with = "opt_string")]
    snapshot_status: Option<String>,
    #[serde(deserialize_with = "list")]
    node_snapshots: Vec<Part>,
    #[serde(deserialize_with = "nested")]
    cluster_configuration: Configuration,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Configuration {
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(deserialize_with = "list")]
    shards: Vec<Part>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Part {
    #[serde(alias = "SnapshotCreationTime", deserialize_with = "opt_time")]
    snapshot_create_time: Option<Timestamp>,
}

impl Snapshot {
    /// When all of its parts were taken: that of the oldest part.
    fn at(&self) -> Option<Timestamp> {
        let whole = matches!(self.snapshot_status.as_deref(), Some("available" | "restoring" | "copying"));
        let parts = self.node_snapshots.iter().chain(&self.cluster_configuration.shards);
        let times: Option<Vec<Timestamp>> = parts.map(|p| p.snapshot_create_time).collect();
        times.filter(|_| whole)?.into_iter().min()
    }

    /// The cache or database it was taken of.
    fn of(&self, place: &Place) -> Option<SubjectId> {
        let cache = |kind: &str, id: &String| place.arn("elasticache", &format!("{kind}:{id}"));
        match (&self.replication_group_id, &self.cache_cluster_id, &self.cluster_configuration.name) {
            (Some(group), ..) => Some(cache("replicationgroup", group)),
            (None, Some(cluster), _) => Some(cache("cluster", cluster)),
            (None, None, Some(name)) => Some(place.arn("memorydb", &format!("cluster/{name}"))),
            (None, None, None) => None,
        }
    }
}

/// The newest snapshot of each thing.
pub(super) struct Newest(BTreeMap<SubjectId, Timestamp>);

/// Reads the snapshots of the caches or of the databases.
pub(super) async fn read(asking: &Asking<'_>, call: &'static Operation, place: &Place, answer: &mut Answer) -> Newest {
    let question = if call.name == OF_DATABASES.name { json!({"ShowDetail": true}) } else { json!({}) };
    let pages: Pages<Page> = asking.pages(call, question, answer).await;
    newest(&pages.pages, place)
}

fn newest(pages: &[Page], place: &Place) -> Newest {
    let mut newest = BTreeMap::new();
    for snapshot in pages.iter().flat_map(|p| &p.snapshots) {
        if let (Some(subject), Some(at)) = (snapshot.of(place), snapshot.at()) {
            let known = newest.entry(subject).or_insert(at);
            *known = at.max(*known);
        }
    }
    Newest(newest)
}

/// Says how old the newest snapshot of each cache is. That it exists means that it worked.
pub(super) fn say_of_caches(t: &mut Telling<'_>, newest: &Newest) {
    t.call(OF_CACHES.name);
    for (subject, at) in &newest.0 {
        let minutes = t.read_at().hours_since(*at) * 60.0;
        let age = (minutes >= 0.0).then_some(Value::Number(minutes));
        t.set(subject, Basis::Measured, key::SNAPSHOT_AGE_MINUTES, None, age);
        t.set(subject, Basis::Measured, key::LAST_SAVE_OK, None, Some(Value::Bool(true)));
    }
}

/// Says the newest snapshot of each database.
pub(super) fn say_of_databases(t: &mut Telling<'_>, newest: &Newest) {
    t.call(OF_DATABASES.name);
    for (subject, at) in &newest.0 {
        let event = BackupEvent {
            kind: BackupKind::Snapshot,
            at: *at,
            succeeded: true,
            location: Some(format!("{}, {}", t.place.account, t.place.region)),
            duration_s: None,
            validated: None,
            tool: Some("MemoryDB snapshot".to_owned()),
        };
        t.say(subject, Basis::Measured, event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{parsed, said};

    fn place() -> Place {
        Place { partition: "aws".into(), account: "111122223333".into(), region: "eu-west-1".into(), environment: None }
    }

    /// Shape of the example in "DescribeSnapshots", Amazon ElastiCache API Reference 2015-02-02.
    #[test]
    fn the_newest_whole_snapshot_counts() {
        let snapshot = |status: &str, times: &[&str]| {
            let nodes: Vec<_> = times.iter().map(|t| json!({"CacheNodeId": "0001", "SnapshotCreateTime": t})).collect();
            json!({"SnapshotName": "s", "ReplicationGroupId": "sessions", "CacheClusterId": "sessions-001", "SnapshotStatus": status,
                "NodeSnapshots": {"NodeSnapshot": nodes}})
        };
        let page: Page = parsed(json!({"Snapshots": {"Snapshot": [
            snapshot("available", &["2026-11-20T05:00:00Z"]),
            snapshot("available", &["2026-11-22T03:30:00Z", "2026-11-22T03:00:00Z"]),
            snapshot("creating", &["2026-11-22T04:59:00Z"]),
            {"SnapshotName": "m", "CacheClusterId": "old", "SnapshotStatus": "available", "NodeSnapshots": ""}]}}));
        let expected = [
            "elasticache:replicationgroup:sessions cache.snapshot_age_minutes = 120",
            "elasticache:replicationgroup:sessions cache.last_save_ok = on",
        ];
        assert_eq!(said(|t| say_of_caches(t, &newest(&[page], &place()))), expected);
    }

    /// Shape of the example in "DescribeSnapshots", Amazon MemoryDB API Reference.
    #[test]
    fn a_database_in_memory_has_backups() {
        let page: Page = parsed(json!({"Snapshots": [{"Name": "s", "Status": "available", "Source": "automated",
            "ClusterConfiguration": {"Name": "carts", "NumShards": 2, "Shards": [{"Name": "0001", "SnapshotCreationTime": 1_795_320_000.0},
                {"Name": "0002", "SnapshotCreationTime": 1_795_320_060.0}]}}]}));
        let lines = said(|t| say_of_databases(t, &newest(&[page], &place())));
        assert_eq!(lines, ["memorydb:cluster/carts Snapshot worked 2026-11-22T04:00:00Z"]);
    }
}
