//! Shapes of the examples in "DescribeReplicationGroups", "DescribeCacheClusters" and "DescribeServerlessCaches",
//! Amazon ElastiCache API Reference 2015-02-02.

use super::*;
use crate::aws::services::testing::{check, parsed, said};
use serde_json::Value;

fn node(id: &str, zone: &str) -> Value {
    json!({"CacheClusterId": id, "CacheNodeId": "0001", "PreferredAvailabilityZone": zone, "CurrentRole": "primary"})
}

fn shard(id: &str, nodes: Value) -> Value {
    json!({"NodeGroupId": id, "Status": "available", "NodeGroupMembers": {"NodeGroupMember": nodes},
        "PrimaryEndpoint": {"Address": "sessions.abc.ng.0001.euw1.cache.amazonaws.com", "Port": "6379"}})
}

fn group(shards: Value, failover: &str) -> Vec<String> {
    let page: Page = parsed(json!({"ReplicationGroups": {"ReplicationGroup": {
        "ReplicationGroupId": "sessions", "ARN": "arn:aws:elasticache:eu-west-1:111122223333:replicationgroup:sessions",
        "Engine": "redis", "Status": "available", "AutomaticFailover": failover, "MultiAZ": "enabled",
        "SnapshotRetentionLimit": "3", "EffectiveDurability": "disabled", "NodeGroups": {"NodeGroup": shards}}}}));
    let clusters: Page = parsed(json!({"CacheClusters": {"CacheCluster": [
        {"CacheClusterId": "sessions-001", "ReplicationGroupId": "sessions", "Engine": "redis", "EngineVersion": "7.1.0"}]}}));
    let known: Vec<&Cluster> = clusters.cache_clusters.iter().collect();
    said(|t| {
        page.replication_groups.iter().for_each(|g| say_group(t, g, &known));
        known.iter().for_each(|c| say_cluster(t, c));
    })
}

const IT: &str = "elasticache:replicationgroup:sessions";

#[test]
fn a_group_with_a_replica_in_another_zone() {
    let lines = group(
        shard("0001", json!([node("sessions-001", "eu-west-1a"), node("sessions-002", "eu-west-1b")])),
        "enabled",
    );
    let expected = [
        format!("{IT} is cache sessions, redis 7.1.0, managed"),
        format!("{IT} failover.automatic = on"),
        format!("{IT} failover.standby_members = 1"),
        format!("{IT} cache.aof_enabled = off"),
        format!("{IT} backup.enabled = on"),
        format!("{IT} backup.retention_days = 3"),
        format!("{IT} SameAs redis://sessions.abc.ng.0001.euw1.cache.amazonaws.com:6379"),
        format!("elasticache:cluster:sessions-001 MemberOf {IT}"),
        "elasticache:cluster:sessions-002 RunsIn eu-west-1b".to_owned(),
    ];
    check(&lines, &expected.each_ref().map(String::as_str), &["elasticache:cluster:sessions-001 is cache"]);
}

#[test]
fn a_group_of_one_node_has_nobody_to_take_over() {
    let lines = group(shard("0001", node("sessions-001", "eu-west-1a")), "enabled");
    let expected = [format!("{IT} failover.automatic = off"), format!("{IT} failover.standby_members = 0")];
    check(&lines, &expected.each_ref().map(String::as_str), &[]);
}

#[test]
fn shards_are_all_needed_and_each_has_its_own_replicas() {
    let pair = |a: &str, b: &str| json!([node(a, "eu-west-1a"), node(b, "eu-west-1b")]);
    let lines = group(json!([shard("0001", pair("n1", "n2")), shard("0002", pair("n3", "n4"))]), "enabled");
    let expected = [
        format!("{IT} is cache sessions, redis 7.1.0, managed, needs 2"),
        format!("{IT}/0002 is instance shard 0002, managed, needs 1"),
        format!("{IT}/0002 MemberOf {IT}"),
        format!("elasticache:cluster:n4 MemberOf {IT}/0002"),
    ];
    check(&lines, &expected.each_ref().map(String::as_str), &[]);
}

#[test]
fn what_is_missing_is_not_said() {
    let changing = group(shard("0001", json!([node("n1", ""), node("n2", "eu-west-1b")])), "enabling");
    check(&changing, &[], &[&format!("{IT} failover.automatic"), "elasticache:cluster:n1 RunsIn"]);
    check(&group(json!(""), "enabled"), &[], &[&format!("{IT} failover.standby"), &format!("{IT} needs")]);
}

fn alone(cluster: Value) -> Vec<String> {
    let page: Page = parsed(json!({"CacheClusters": {"CacheCluster": cluster}}));
    said(|t| page.cache_clusters.iter().for_each(|c| say_cluster(t, c)))
}

#[test]
fn lone_clusters_and_serverless_caches() {
    let lone = json!({"CacheClusterId": "lone", "Engine": "redis", "EngineVersion": "7.0.7", "NumCacheNodes": "1",
        "PreferredAvailabilityZone": "eu-west-1a", "SnapshotRetentionLimit": "0"});
    let expected = [
        "elasticache:cluster:lone failover.automatic = off",
        "elasticache:cluster:lone failover.standby_members = 0",
        "elasticache:cluster:lone backup.enabled = off",
        "elasticache:cluster:lone RunsIn eu-west-1a",
    ];
    check(&alone(lone.clone()), &expected, &[]);
    let mut silent = lone;
    silent["NumCacheNodes"] = json!("");
    silent["SnapshotRetentionLimit"] = Value::Null;
    check(&alone(silent), &[], &["elasticache:cluster:lone failover", "elasticache:cluster:lone backup"]);
    let page: Page = parsed(json!({"ServerlessCaches": {"member": [{"ServerlessCacheName": "any", "Engine": "valkey",
        "ARN": "arn:aws:elasticache:eu-west-1:111122223333:serverlesscache:any", "FullEngineVersion": "8.0"}]}}));
    let lines = said(|t| page.serverless_caches.iter().for_each(|c| say_serverless(t, c)));
    let it = "elasticache:serverlesscache:any";
    check(&lines, &[&format!("{it} platform_redundant = on")], &[&format!("{it} backup")]);
}

/// Shape of the example in "DescribeCacheParameters", Amazon ElastiCache API Reference.
#[test]
fn memory_is_freed_as_the_parameter_group_says() {
    let page: Page = parsed(json!({"Parameters": {"Parameter": [
        {"ParameterName": "maxmemory-policy", "ParameterValue": "volatile-lru", "DataType": "string", "IsModifiable": "true"},
        {"ParameterName": "maxmemory-samples", "ParameterValue": "3"}]}}));
    assert_eq!(page.parameters[0].parameter_value.as_deref(), Some("volatile-lru"));
    let clusters: Page = parsed(json!({"CacheClusters": {"CacheCluster": [
        {"CacheClusterId": "s-001", "ReplicationGroupId": "s", "Engine": "redis", "CacheParameterGroup": {"CacheParameterGroupName": "own"}},
        {"CacheClusterId": "s-002", "ReplicationGroupId": "s", "Engine": "redis", "CacheParameterGroup": {"CacheParameterGroupName": "own"}},
        {"CacheClusterId": "m", "Engine": "memcached", "CacheParameterGroup": {"CacheParameterGroupName": "default.memcached1.6"}}]}}));
    let known: Vec<&Cluster> = clusters.cache_clusters.iter().collect();
    let policies = BTreeMap::from([("own".to_owned(), "volatile-lru".to_owned())]);
    let expected = [
        "elasticache:replicationgroup:s cache.eviction_policy = volatile-lru",
        "elasticache:replicationgroup:s cache.memory_limited = on",
    ];
    assert_eq!(said(|t| say_memory(t, &known, &policies)), expected);
}
