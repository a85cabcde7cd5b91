//! MemoryDB: clusters, their shards and nodes, snapshots and how memory is freed.

use super::elasticache::memory;
use super::telling::{Place, Telling, host, nested};
use super::{ServiceReader, snapshots};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_string, opt_u64};
use futures_util::FutureExt;
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const CLUSTERS: &Operation = operation("memorydb:DescribeClusters");
const PARAMETERS: &Operation = operation("memorydb:DescribeParameters");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "memorydb",
    title: "MemoryDB",
    global: false,
    operations: &[CLUSTERS, PARAMETERS, snapshots::OF_DATABASES],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of either call (Amazon MemoryDB API Reference, version 2021-01-01).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    clusters: Vec<Cluster>,
    #[serde(deserialize_with = "list")]
    parameters: Vec<Parameter>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Parameter {
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    value: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Cluster {
    #[serde(rename = "ARN", deserialize_with = "opt_string")]
    arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    engine: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    engine_version: Option<String>,
    #[serde(deserialize_with = "list")]
    shards: Vec<Shard>,
    #[serde(deserialize_with = "nested")]
    cluster_endpoint: Endpoint,
    #[serde(deserialize_with = "opt_u64")]
    snapshot_retention_limit: Option<u64>,
    #[serde(deserialize_with = "opt_string")]
    parameter_group_name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Shard {
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(deserialize_with = "list")]
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Node {
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    availability_zone: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Endpoint {
    #[serde(deserialize_with = "opt_string")]
    address: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    port: Option<u64>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Database];
    let pages: Pages<Page> = asking.pages_hiding(CLUSTERS, json!({"ShowShardDetails": true}), &hides, answer).await;
    let complete = pages.complete;
    let clusters: Vec<Cluster> = pages.pages.into_iter().flat_map(|p| p.clusters).collect();
    let groups: BTreeSet<String> = clusters.iter().filter_map(|c| c.parameter_group_name.clone()).collect();
    let questions = groups.into_iter().map(|g| (g.clone(), json!({"ParameterGroupName": g}))).collect();
    let read: Vec<(String, Pages<Page>)> = asking.each(PARAMETERS, questions, &[], answer).await;
    let policies: BTreeMap<String, String> = read
        .into_iter()
        .filter_map(|(group, pages)| {
            let mut all = pages.into_iter().flat_map(|p| p.parameters);
            Some((group, all.find(|p| p.name.as_deref() == Some("maxmemory-policy"))?.value?))
        })
        .collect();
    let place = Place::of(asking, region);
    let mut copies = None;
    if !clusters.is_empty() {
        copies = Some(snapshots::read(asking, snapshots::OF_DATABASES, &place, answer).await);
    }
    let mut t = Telling::new(answer, place);
    clusters.iter().for_each(|c| say(&mut t, c, &policies));
    copies.iter().for_each(|c| snapshots::say_of_databases(&mut t, c));
    t.listed(&hides, complete);
}

/// Writes are kept in a log of several zones before they are answered ("Understanding MemoryDB", Developer Guide), so it
/// is a database and no cache.
fn say(t: &mut Telling<'_>, cluster: &Cluster, policies: &BTreeMap<String, String>) {
    let Some(arn) = cluster.arn.as_deref() else { return };
    let subject = SubjectId::from(arn);
    t.call(CLUSTERS.name);
    let engine = cluster.engine.clone().unwrap_or_else(|| "redis".to_owned());
    let resource = Resource {
        engine: Some(engine),
        engine_version: cluster.engine_version.clone(),
        managed: Some(true),
        ..t.resource(Kind::Database, cluster.name.as_deref().unwrap_or(arn), &[])
    };
    t.exists(&subject, resource.clone());
    if let Some(name) = cluster.cluster_endpoint.address.as_deref() {
        t.also(&subject, &host(name));
        if let Some(port) = cluster.cluster_endpoint.port {
            t.also(&subject, &SubjectId(format!("redis://{}:{port}", name.to_ascii_lowercase())));
        }
    }
    t.count(&subject, key::BACKUP_RETENTION_DAYS, cluster.snapshot_retention_limit);
    t.flag(&subject, key::BACKUP_ENABLED, cluster.snapshot_retention_limit.map(|d| d > 0));
    let fewest = cluster.shards.iter().map(|s| s.nodes.len()).min().filter(|n| *n > 0);
    t.count(&subject, key::STANDBY_MEMBERS, fewest.map(|n| n as u64 - 1));
    // A replica takes over by itself wherever there is one.
    t.flag(&subject, key::AUTOMATIC_FAILOVER, fewest.map(|n| n > 1));
    match cluster.shards.as_slice() {
        [one] => say_nodes(t, &subject, one),
        many => {
            for (shard, at) in many.iter().zip(1..) {
                let id = shard.name.clone().unwrap_or_else(|| format!("{at:04}"));
                let part = SubjectId(format!("{subject}/{id}"));
                let resource = t.resource(Kind::Instance, &format!("shard {id}"), &[]);
                t.exists(&part, Resource { managed: Some(true), required_members: Some(1), ..resource });
                t.edge(&part, Relation::MemberOf, &subject);
                say_nodes(t, &part, shard);
            }
            // Each shard holds a part: all of them are needed.
            if let Some(all) = u32::try_from(many.len()).ok().filter(|n| *n > 0) {
                t.exists(&subject, Resource { required_members: Some(all), ..resource });
            }
        }
    }
    t.call(PARAMETERS.name);
    memory(t, &subject, cluster.parameter_group_name.as_ref().and_then(|g| policies.get(g)).map(String::as_str));
}

fn say_nodes(t: &mut Telling<'_>, group: &SubjectId, shard: &Shard) {
    for node in &shard.nodes {
        let Some(name) = node.name.as_deref() else { continue };
        let member = t.place.arn("memorydb", &format!("node/{name}"));
        let resource = t.resource(Kind::Instance, name, &[]);
        t.exists(&member, Resource { managed: Some(true), ..resource });
        t.edge(&member, Relation::MemberOf, group);
        t.in_zone(&member, node.availability_zone.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    const IT: &str = "memorydb:cluster/carts";

    /// Shape of the example in "DescribeClusters", Amazon MemoryDB API Reference.
    fn read(shards: Value) -> Vec<String> {
        let page: Page = parsed(
            json!({"Clusters": [{"Name": "carts", "ARN": "arn:aws:memorydb:eu-west-1:111122223333:cluster/carts",
            "Status": "available", "Engine": "valkey", "EngineVersion": "7.2", "AvailabilityMode": "multiaz", "SnapshotRetentionLimit": 5,
            "ParameterGroupName": "default.memorydb-valkey7", "Shards": shards,
            "ClusterEndpoint": {"Address": "clustercfg.carts.abc.memorydb.eu-west-1.amazonaws.com", "Port": 6379}}]}),
        );
        let policies = BTreeMap::from([("default.memorydb-valkey7".to_owned(), "noeviction".to_owned())]);
        said(|t| page.clusters.iter().for_each(|c| say(t, c, &policies)))
    }
    fn shard(name: &str, nodes: &[(&str, &str)]) -> Value {
        let nodes: Vec<Value> =
            nodes.iter().map(|(n, z)| json!({"Name": n, "AvailabilityZone": z, "Status": "available"})).collect();
        json!({"Name": name, "Status": "available", "Nodes": nodes, "NumberOfNodes": nodes.len()})
    }

    #[test]
    fn a_cluster_of_one_shard_with_a_replica() {
        let lines = read(json!([shard("0001", &[("carts-1", "eu-west-1a"), ("carts-2", "eu-west-1b")])]));
        let expected = [
            format!("{IT} is database carts, valkey 7.2, managed"),
            format!("{IT} failover.standby_members = 1"),
            format!("{IT} failover.automatic = on"),
            format!("{IT} backup.retention_days = 5"),
            format!("{IT} cache.eviction_policy = noeviction"),
            format!("{IT} cache.memory_limited = on"),
            format!("{IT} SameAs redis://clustercfg.carts.abc.memorydb.eu-west-1.amazonaws.com:6379"),
            format!("memorydb:node/carts-1 MemberOf {IT}"),
            "memorydb:node/carts-2 RunsIn eu-west-1b".to_owned(),
        ];
        check(&lines, &expected.each_ref().map(String::as_str), &[]);
    }

    #[test]
    fn shards_are_all_needed() {
        let lines =
            read(json!([shard("0001", &[("a", "eu-west-1a")]), shard("0002", &[("b", "eu-west-1b"), ("c", "")])]));
        let expected = [
            format!("{IT} failover.automatic = off"),
            format!("{IT} is database carts, valkey 7.2, managed, needs 2"),
            format!("memorydb:node/b MemberOf {IT}/0002"),
        ];
        check(&lines, &expected.each_ref().map(String::as_str), &["memorydb:node/c RunsIn"]);
        check(
            &read(json!([])),
            &[],
            &[&format!("{IT} failover"), &format!("{IT} is database carts, valkey 7.2, managed, needs")],
        );
    }
}
