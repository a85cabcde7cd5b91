//! ElastiCache: replication groups, lone clusters and serverless caches.

use super::telling::{Place, Telling, host, nested, opt_list};
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

const GROUPS: &Operation = operation("elasticache:DescribeReplicationGroups");
pub(super) const CLUSTERS: &Operation = operation("elasticache:DescribeCacheClusters");
const SERVERLESS: &Operation = operation("elasticache:DescribeServerlessCaches");
const PARAMETERS: &Operation = operation("elasticache:DescribeCacheParameters");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "elasticache",
    title: "ElastiCache",
    global: false,
    operations: &[GROUPS, CLUSTERS, SERVERLESS, PARAMETERS, snapshots::OF_CACHES],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of any of the calls (Amazon ElastiCache API Reference, version 2015-02-02).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    replication_groups: Vec<Group>,
    #[serde(deserialize_with = "list")]
    cache_clusters: Vec<Cluster>,
    #[serde(deserialize_with = "list")]
    serverless_caches: Vec<Serverless>,
    #[serde(deserialize_with = "list")]
    parameters: Vec<Parameter>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Parameter {
    #[serde(deserialize_with = "opt_string")]
    parameter_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    parameter_value: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Group {
    #[serde(rename = "ARN", deserialize_with = "opt_string")]
    arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    replication_group_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    engine: Option<String>,
    /// `enabled`, `disabled`, `enabling`, `disabling`.
    #[serde(deserialize_with = "opt_string")]
    automatic_failover: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    snapshot_retention_limit: Option<u64>,
    /// `sync`, `async`, `disabled`.
    #[serde(deserialize_with = "opt_string")]
    effective_durability: Option<String>,
    #[serde(deserialize_with = "opt_list")]
    node_groups: Option<Vec<Shard>>,
    #[serde(deserialize_with = "nested")]
    configuration_endpoint: Endpoint,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Shard {
    #[serde(deserialize_with = "opt_string")]
    node_group_id: Option<String>,
    #[serde(deserialize_with = "nested")]
    primary_endpoint: Endpoint,
    #[serde(deserialize_with = "list")]
    node_group_members: Vec<Node>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Node {
    #[serde(deserialize_with = "opt_string")]
    cache_cluster_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    preferred_availability_zone: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Endpoint {
    #[serde(deserialize_with = "opt_string")]
    address: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    port: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Cluster {
    #[serde(rename = "ARN", deserialize_with = "opt_string")]
    arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    cache_cluster_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    replication_group_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    engine: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    engine_version: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    num_cache_nodes: Option<u64>,
    /// A zone, or `Multiple`.
    #[serde(deserialize_with = "opt_string")]
    preferred_availability_zone: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    snapshot_retention_limit: Option<u64>,
    #[serde(deserialize_with = "nested")]
    cache_parameter_group: ParameterGroup,
    #[serde(deserialize_with = "list")]
    cache_nodes: Vec<CacheNode>,
    #[serde(deserialize_with = "nested")]
    configuration_endpoint: Endpoint,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ParameterGroup {
    #[serde(deserialize_with = "opt_string")]
    cache_parameter_group_name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CacheNode {
    #[serde(deserialize_with = "nested")]
    endpoint: Endpoint,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Serverless {
    #[serde(rename = "ARN", deserialize_with = "opt_string")]
    arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    serverless_cache_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    engine: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    full_engine_version: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    snapshot_retention_limit: Option<u64>,
    #[serde(deserialize_with = "nested")]
    endpoint: Endpoint,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Cache];
    let groups: Pages<Page> = asking.pages_hiding(GROUPS, json!({}), &hides, answer).await;
    let nodes = json!({"ShowCacheNodeInfo": true});
    let clusters: Pages<Page> = asking.pages_hiding(CLUSTERS, nodes, &hides, answer).await;
    let serverless: Pages<Page> = asking.pages_hiding(SERVERLESS, json!({}), &hides, answer).await;
    let known: Vec<&Cluster> = clusters.pages.iter().flat_map(|p| &p.cache_clusters).collect();
    let policies = policies(asking, &known, answer).await;
    let place = Place::of(asking, region);
    let mut copies = None;
    if !known.is_empty() {
        copies = Some(snapshots::read(asking, snapshots::OF_CACHES, &place, answer).await);
    }
    let mut t = Telling::new(answer, place);
    groups.pages.iter().flat_map(|p| &p.replication_groups).for_each(|g| say_group(&mut t, g, &known));
    known.iter().for_each(|c| say_cluster(&mut t, c));
    serverless.pages.iter().flat_map(|p| &p.serverless_caches).for_each(|c| say_serverless(&mut t, c));
    say_memory(&mut t, &known, &policies);
    copies.iter().for_each(|c| snapshots::say_of_caches(&mut t, c));
    t.listed(&[Kind::Cache], groups.complete && clusters.complete && serverless.complete);
}

/// How memory is freed, by parameter group. Memcached has no such parameter.
async fn policies(asking: &Asking<'_>, clusters: &[&Cluster], answer: &mut Answer) -> BTreeMap<String, String> {
    let has = clusters.iter().filter(|c| matches!(c.engine.as_deref(), Some("redis" | "valkey")));
    let groups: BTreeSet<String> =
        has.filter_map(|c| c.cache_parameter_group.cache_parameter_group_name.clone()).collect();
    let questions = groups.into_iter().map(|g| (g.clone(), json!({"CacheParameterGroupName": g}))).collect();
    let read: Vec<(String, Pages<Page>)> = asking.each(PARAMETERS, questions, &[], answer).await;
    let policy = |(group, pages): (String, Pages<Page>)| {
        let mut all = pages.into_iter().flat_map(|p| p.parameters);
        let found = all.find(|p| p.parameter_name.as_deref() == Some("maxmemory-policy"))?;
        Some((group, found.parameter_value?))
    };
    read.into_iter().filter_map(policy).collect()
}

/// Says how each cache frees memory. Nodes of a group share its parameters.
fn say_memory(t: &mut Telling<'_>, clusters: &[&Cluster], policies: &BTreeMap<String, String>) {
    t.call(PARAMETERS.name);
    let of: BTreeMap<SubjectId, Option<&String>> = clusters
        .iter()
        .filter_map(|c| {
            let group = c.cache_parameter_group.cache_parameter_group_name.as_ref();
            Some((c.whole(&t.place)?, group.and_then(|g| policies.get(g))))
        })
        .collect();
    for (subject, policy) in of {
        memory(t, &subject, policy.map(String::as_str));
    }
}

/// What happens when the memory is full. The size of a node always limits it: `maxmemory` is set by the service.
pub(super) fn memory(t: &mut Telling<'_>, subject: &SubjectId, policy: Option<&str>) {
    t.text(subject, key::EVICTION_POLICY, policy);
    t.flag(subject, key::CACHE_MEMORY_LIMITED, policy.map(|_| true));
}

/// Which cache a node belongs to, by the node's id.
pub(super) async fn nodes_of(asking: &Asking<'_>, answer: &mut Answer, place: &Place) -> BTreeMap<String, SubjectId> {
    let clusters: Pages<Page> = asking.pages_hiding(CLUSTERS, json!({}), &[Kind::Cache], answer).await;
    let all = clusters.pages.iter().flat_map(|p| &p.cache_clusters);
    all.filter_map(|c| Some((c.cache_cluster_id.clone()?, c.whole(place)?))).collect()
}

impl Cluster {
    /// The cache it is a part of: its replication group, or itself.
    fn whole(&self, place: &Place) -> Option<SubjectId> {
        match (&self.replication_group_id, &self.cache_cluster_id) {
            (Some(group), _) => Some(place.arn("elasticache", &format!("replicationgroup:{group}"))),
            (None, Some(id)) => Some(
                self.arn.as_deref().map_or_else(|| place.arn("elasticache", &format!("cluster:{id}")), SubjectId::from),
            ),
            (None, None) => None,
        }
    }
}

fn answers_at(t: &mut Telling<'_>, subject: &SubjectId, engine: &str, endpoint: &Endpoint) {
    let Some(name) = endpoint.address.as_deref().map(str::to_ascii_lowercase) else { return };
    t.also(subject, &host(&name));
    let protocol = match engine {
        "redis" | "valkey" => "redis",
        "memcached" => "memcached",
        _ => return,
    };
    if let Some(port) = endpoint.port {
        t.also(subject, &SubjectId(format!("{protocol}://{name}:{port}")));
    }
}

fn backups(t: &mut Telling<'_>, subject: &SubjectId, days: Option<u64>) {
    t.count(subject, key::BACKUP_RETENTION_DAYS, days);
    t.flag(subject, key::BACKUP_ENABLED, days.map(|d| d > 0));
}

fn node_id(t: &Telling<'_>, id: &str) -> SubjectId {
    t.place.arn("elasticache", &format!("cluster:{id}"))
}

fn say_group(t: &mut Telling<'_>, group: &Group, clusters: &[&Cluster]) {
    let Some(arn) = group.arn.as_deref() else { return };
    let subject = SubjectId::from(arn);
    t.call(GROUPS.name);
    // Only the nodes say their version, and older answers leave the engine to them too.
    let mine = clusters
        .iter()
        .find(|c| c.replication_group_id.is_some() && c.replication_group_id == group.replication_group_id);
    let engine = group.engine.clone().or_else(|| mine.and_then(|c| c.engine.clone()));
    let resource = Resource {
        engine: engine.clone(),
        engine_version: mine.and_then(|c| c.engine_version.clone()),
        managed: Some(true),
        ..t.resource(Kind::Cache, group.replication_group_id.as_deref().unwrap_or(arn), &[])
    };
    t.exists(&subject, resource.clone());
    let automatic = match group.automatic_failover.as_deref() {
        Some("enabled") => Some(true),
        Some("disabled") => Some(false),
        _ => None,
    };
    let engine = engine.unwrap_or_default();
    answers_at(t, &subject, &engine, &group.configuration_endpoint);
    let shards = group.node_groups.as_deref().unwrap_or(&[]);
    for shard in shards {
        answers_at(t, &subject, &engine, &shard.primary_endpoint);
    }
    let fewest = shards.iter().map(|s| s.node_group_members.len()).min().filter(|n| *n > 0);
    t.count(&subject, key::STANDBY_MEMBERS, fewest.map(|n| n as u64 - 1));
    // A replica must be there to take over.
    t.flag(&subject, key::AUTOMATIC_FAILOVER, if fewest == Some(1) { Some(false) } else { automatic });
    // A durable group writes to a log of several zones, which outlives a restart as an append-only file does.
    let appends = match group.effective_durability.as_deref() {
        Some("sync" | "async") => Some(true),
        Some("disabled") => Some(false),
        _ => None,
    };
    t.flag(&subject, key::AOF_ENABLED, appends);
    backups(t, &subject, group.snapshot_retention_limit);
    match shards {
        [one] => say_nodes(t, &subject, one),
        many => {
            for (at, shard) in many.iter().enumerate() {
                say_shard(t, &subject, shard, at, automatic);
            }
            // Each shard holds a part: all of them are needed.
            if let Some(all) = u32::try_from(many.len()).ok().filter(|n| *n > 0) {
                t.exists(&subject, Resource { required_members: Some(all), ..resource });
            }
        }
    }
}

fn say_nodes(t: &mut Telling<'_>, group: &SubjectId, shard: &Shard) {
    for node in &shard.node_group_members {
        let Some(id) = node.cache_cluster_id.as_deref() else { continue };
        let subject = node_id(t, id);
        let resource = t.resource(Kind::Instance, id, &[]);
        t.exists(&subject, Resource { managed: Some(true), ..resource });
        t.edge(&subject, Relation::MemberOf, group);
        t.in_zone(&subject, node.preferred_availability_zone.as_deref());
    }
}

fn say_shard(t: &mut Telling<'_>, group: &SubjectId, shard: &Shard, at: usize, automatic: Option<bool>) {
    let id = shard.node_group_id.clone().unwrap_or_else(|| format!("{:04}", at + 1));
    let subject = SubjectId(format!("{group}/{id}"));
    let resource = t.resource(Kind::Instance, &format!("shard {id}"), &[]);
    let required = automatic.filter(|on| *on).map(|_| 1);
    t.exists(&subject, Resource { managed: Some(true), required_members: required, ..resource });
    t.edge(&subject, Relation::MemberOf, group);
    say_nodes(t, &subject, shard);
}

/// A cluster of its own: nothing takes over. Those of a replication group are its nodes.
fn say_cluster(t: &mut Telling<'_>, cluster: &Cluster) {
    let (Some(id), None) = (cluster.cache_cluster_id.as_deref(), &cluster.replication_group_id) else { return };
    let subject = cluster.arn.as_deref().map_or_else(|| node_id(t, id), SubjectId::from);
    t.call(CLUSTERS.name);
    let resource = Resource {
        engine: cluster.engine.clone(),
        engine_version: cluster.engine_version.clone(),
        managed: Some(true),
        ..t.resource(Kind::Cache, id, &[])
    };
    t.exists(&subject, resource);
    t.in_zone(&subject, cluster.preferred_availability_zone.as_deref().filter(|z| *z != "Multiple"));
    let engine = cluster.engine.as_deref().unwrap_or("");
    let nodes = cluster.cache_nodes.iter().map(|n| &n.endpoint);
    for endpoint in nodes.chain([&cluster.configuration_endpoint]) {
        answers_at(t, &subject, engine, endpoint);
    }
    // Nodes of memcached hold a part each; redis outside of a replication group is one node.
    let known = matches!(engine, "memcached" | "redis" | "valkey") && cluster.num_cache_nodes.is_some();
    t.flag(&subject, key::AUTOMATIC_FAILOVER, known.then_some(false));
    t.count(&subject, key::STANDBY_MEMBERS, cluster.num_cache_nodes.filter(|n| *n == 1).map(|_| 0));
    if engine != "memcached" {
        backups(t, &subject, cluster.snapshot_retention_limit);
    }
}

/// Kept over several zones by its platform (ElastiCache User Guide, "Choosing from deployment options").
fn say_serverless(t: &mut Telling<'_>, cache: &Serverless) {
    let Some(arn) = cache.arn.as_deref() else { return };
    let subject = SubjectId::from(arn);
    t.call(SERVERLESS.name);
    let resource = Resource {
        engine: cache.engine.clone(),
        engine_version: cache.full_engine_version.clone(),
        managed: Some(true),
        ..t.resource(Kind::Cache, cache.serverless_cache_name.as_deref().unwrap_or(arn), &[])
    };
    t.exists(&subject, resource);
    t.in_region(&subject);
    t.flag(&subject, key::PLATFORM_REDUNDANT, Some(true));
    answers_at(t, &subject, cache.engine.as_deref().unwrap_or(""), &cache.endpoint);
    backups(t, &subject, cache.snapshot_retention_limit);
}

#[cfg(test)]
#[path = "elasticache_tests.rs"]
mod tests;
