//! MSK: clusters of Kafka, their brokers, and how often messages are copied unless a topic says otherwise.

use super::ServiceReader;
use super::ec2::SUBNETS;
use super::ec2::shapes::Subnets;
use super::telling::{Place, Tag, Telling, host, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_string, opt_u64};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::FutureExt;
use loadline_model::{Basis, Kind, Relation, Resource, SubjectId, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const CLUSTERS: &Operation = operation("kafka:ListClustersV2");
const NODES: &Operation = operation("kafka:ListNodes");
const SETTINGS: &Operation = operation("kafka:DescribeConfigurationRevision");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "kafka",
    title: "MSK",
    global: false,
    operations: &[CLUSTERS, NODES, SETTINGS, SUBNETS],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `ListClustersV2` (Amazon MSK API Reference, version 2).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    cluster_info_list: Vec<Cluster>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Cluster {
    #[serde(deserialize_with = "opt_string")]
    cluster_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    cluster_name: Option<String>,
    /// `PROVISIONED`, `SERVERLESS`.
    #[serde(deserialize_with = "opt_string")]
    cluster_type: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    state: Option<String>,
    #[serde(deserialize_with = "nested")]
    provisioned: Provisioned,
    #[serde(deserialize_with = "nested")]
    tags: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Provisioned {
    #[serde(deserialize_with = "nested")]
    current_broker_software_info: Software,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Software {
    #[serde(deserialize_with = "opt_string")]
    configuration_arn: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    configuration_revision: Option<u64>,
    #[serde(deserialize_with = "opt_string")]
    kafka_version: Option<String>,
}

/// A page of `ListNodes`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Nodes {
    #[serde(deserialize_with = "list")]
    node_info_list: Vec<Node>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Node {
    #[serde(deserialize_with = "nested")]
    broker_node_info: Broker,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Broker {
    #[serde(deserialize_with = "opt_u64")]
    broker_id: Option<u64>,
    #[serde(deserialize_with = "opt_string")]
    client_subnet: Option<String>,
    #[serde(deserialize_with = "list")]
    endpoints: Vec<String>,
}

/// The answer of `DescribeConfigurationRevision`; the properties are Base64.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Settings {
    #[serde(deserialize_with = "opt_string")]
    server_properties: Option<String>,
}

/// Clusters by name, for readers of metrics.
pub(super) async fn names_of(asking: &Asking<'_>, answer: &mut Answer) -> BTreeMap<String, SubjectId> {
    let pages: Pages<Page> = asking.pages_hiding(CLUSTERS, json!({}), &[Kind::Queue], answer).await;
    let all = pages.pages.into_iter().flat_map(|p| p.cluster_info_list);
    all.filter_map(|c| Some((c.cluster_name?, SubjectId(c.cluster_arn?)))).collect()
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Queue];
    let pages: Pages<Page> = asking.pages_hiding(CLUSTERS, json!({}), &hides, answer).await;
    let complete = pages.complete;
    let clusters: Vec<Cluster> = pages.pages.into_iter().flat_map(|p| p.cluster_info_list).collect();
    let machines = clusters.iter().filter(|c| c.cluster_type.as_deref() == Some("PROVISIONED"));
    let ask = |c: &Cluster| Some((c.cluster_arn.clone()?, json!({"clusterArn": c.cluster_arn})));
    let questions = machines.clone().filter_map(ask).collect();
    let nodes: Vec<(String, Pages<Nodes>)> = asking.each(NODES, questions, &[Kind::Instance], answer).await;
    let ask = |c: &Cluster| {
        let software = &c.provisioned.current_broker_software_info;
        let (arn, revision) = (software.configuration_arn.clone()?, software.configuration_revision?);
        Some((c.cluster_arn.clone()?, json!({"arn": arn, "revision": revision})))
    };
    let questions = machines.filter_map(ask).collect();
    let settings: Vec<(String, Pages<Settings>)> = asking.each(SETTINGS, questions, &[], answer).await;
    let mut zones = BTreeMap::new();
    if !nodes.is_empty() {
        let subnets: Pages<Subnets> = asking.pages(SUBNETS, json!({}), answer).await;
        let known = subnets.pages.into_iter().flat_map(|p| p.subnet_set);
        zones = known.filter_map(|s| Some((s.subnet_id?, s.availability_zone?))).collect();
    }
    let mut t = Telling::new(answer, Place::of(asking, region));
    for cluster in &clusters {
        // Fewer brokers than there are would be judged.
        let whole = nodes.iter().find(|(arn, p)| Some(arn) == cluster.cluster_arn.as_ref() && p.complete);
        let brokers: Vec<&Broker> = whole
            .iter()
            .flat_map(|(_, p)| &p.pages)
            .flat_map(|p| &p.node_info_list)
            .map(|n| &n.broker_node_info)
            .collect();
        let settings = settings.iter().find(|(arn, _)| Some(arn) == cluster.cluster_arn.as_ref());
        let settings = settings.and_then(|(_, p)| p.pages.first()?.server_properties.as_deref());
        say(&mut t, cluster, &brokers, settings, &zones);
    }
    t.listed(&hides, complete);
}

fn say(
    t: &mut Telling<'_>,
    cluster: &Cluster,
    brokers: &[&Broker],
    settings: Option<&str>,
    zones: &BTreeMap<String, String>,
) {
    let Some(arn) = cluster.cluster_arn.as_deref() else { return };
    if matches!(cluster.state.as_deref(), Some("DELETING" | "FAILED")) {
        return;
    }
    let subject = SubjectId::from(arn);
    t.call(CLUSTERS.name);
    let tags: Vec<Tag> =
        cluster.tags.iter().map(|(k, v)| Tag { key: Some(k.clone()), value: v.as_str().map(str::to_owned) }).collect();
    let resource = Resource {
        engine: Some("kafka".to_owned()),
        engine_version: cluster.provisioned.current_broker_software_info.kafka_version.clone(),
        managed: Some(true),
        ..t.resource(Kind::Queue, cluster.cluster_name.as_deref().unwrap_or(arn), &tags)
    };
    t.exists(&subject, resource.clone());
    if cluster.cluster_type.as_deref() == Some("SERVERLESS") {
        // Its platform places and copies partitions ("MSK Serverless", Amazon MSK Developer Guide).
        t.in_region(&subject);
        t.flag(&subject, key::PLATFORM_REDUNDANT, Some(true));
        t.flag(&subject, key::QUEUE_REPLICATED, Some(true));
        return;
    }
    t.call(NODES.name);
    for broker in brokers {
        let Some(id) = broker.broker_id else { continue };
        let member = SubjectId(format!("{arn}/{id}"));
        let resource = t.resource(Kind::Instance, &format!("broker {id}"), &[]);
        t.exists(&member, Resource { managed: Some(true), ..resource });
        t.edge(&member, Relation::MemberOf, &subject);
        t.in_zone(&member, broker.client_subnet.as_ref().and_then(|s| zones.get(s)).map(String::as_str));
        for name in broker.endpoints.iter().filter(|e| e.contains('.')) {
            t.also(&member, &host(name.split(':').next().unwrap_or(name)));
        }
    }
    t.call(SETTINGS.name);
    let properties = settings.map(decoded).unwrap_or_default();
    let copies = property(&properties, "default.replication.factor");
    t.flag(&subject, key::QUEUE_REPLICATED, copies.map(|n| n > 1));
    t.flag(&subject, key::AUTOMATIC_FAILOVER, copies.map(|n| n > 1));
    t.count(&subject, key::STANDBY_MEMBERS, copies.and_then(|n| n.checked_sub(1)));
    // A partition takes writes while so many of its copies are in step: as many brokers may be missing as are more.
    let in_step = property(&properties, "min.insync.replicas");
    let spare = copies.zip(in_step).and_then(|(copies, least)| copies.checked_sub(least));
    let required = spare.and_then(|spare| u32::try_from((brokers.len() as u64).checked_sub(spare)?).ok());
    if let Some(required) = required.filter(|n| *n > 0) {
        t.say(&subject, Basis::Inferred, Resource { required_members: Some(required), ..resource });
    }
}

/// The last value of a property of Kafka's server; lines that begin with `#` are comments.
fn property(text: &str, name: &str) -> Option<u64> {
    let pairs = text.lines().rev().filter(|l| !l.trim_start().starts_with('#')).filter_map(|l| l.split_once('='));
    let mut named = pairs.filter(|(key, _)| key.trim() == name);
    named.next()?.1.trim().parse().ok()
}

/// Text out of Base64; nothing when it is none.
fn decoded(text: &str) -> String {
    BASE64.decode(text.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    const ARN: &str = "arn:aws:kafka:eu-west-1:111122223333:cluster/events/1-2";
    const IT: &str = "kafka:cluster/events/1-2";
    /// `# three copies`, `default.replication.factor=3`, `min.insync.replicas = 2`.
    const PROPERTIES: &str =
        "IyB0aHJlZSBjb3BpZXMKZGVmYXVsdC5yZXBsaWNhdGlvbi5mYWN0b3I9MwptaW4uaW5zeW5jLnJlcGxpY2FzID0gMgo=";

    /// Shapes of the examples in "Clusters v2" and "Nodes", Amazon MSK API Reference.
    fn read(kind: &str, settings: Option<&str>, nodes: Value) -> Vec<String> {
        let page: Page = parsed(
            json!({"clusterInfoList": [{"clusterArn": ARN, "clusterName": "events", "clusterType": kind,
            "state": "ACTIVE", "tags": {"env": "prod"}, "provisioned": {"numberOfBrokerNodes": 3,
                "currentBrokerSoftwareInfo": {"kafkaVersion": "3.6.0", "configurationArn": "arn:x", "configurationRevision": 2}}}]}),
        );
        let nodes: Nodes = parsed(json!({"nodeInfoList": nodes}));
        let brokers: Vec<&Broker> = nodes.node_info_list.iter().map(|n| &n.broker_node_info).collect();
        let zones = ["a", "b", "c"].map(|z| (format!("s-{z}"), format!("eu-west-1{z}"))).into_iter().collect();
        said(|t| say(t, &page.cluster_info_list[0], &brokers, settings, &zones))
    }
    fn node(id: f64, subnet: &str) -> Value {
        json!({"nodeType": "BROKER", "brokerNodeInfo": {"brokerId": id, "clientSubnet": subnet,
            "endpoints": [format!("b-{id}.events.kafka.eu-west-1.amazonaws.com")]}})
    }

    #[test]
    fn brokers_lie_in_zones_and_copies_are_read() {
        let lines =
            read("PROVISIONED", Some(PROPERTIES), json!([node(1.0, "s-a"), node(2.0, "s-b"), node(3.0, "s-c")]));
        let expected = [
            format!("{IT} is queue events, kafka 3.6.0, Production, managed"),
            format!("{IT}/1 MemberOf {IT}"),
            format!("{IT}/3 RunsIn eu-west-1c"),
            format!("{IT}/2 SameAs dns:b-2.events.kafka.eu-west-1.amazonaws.com"),
            format!("{IT} queue.replicated = on"),
            format!("{IT} failover.standby_members = 2"),
            format!("{IT} is queue events, kafka 3.6.0, Production, managed, needs 2 (inferred)"),
        ];
        check(&lines, &expected.each_ref().map(String::as_str), &[]);
    }

    #[test]
    fn what_no_configuration_says_is_not_said() {
        let lines = read("PROVISIONED", None, json!([node(1.0, "s-x")]));
        check(&lines, &[], &[&format!("{IT} queue"), &format!("{IT} failover"), &format!("{IT}/1 RunsIn")]);
        let serverless = read("SERVERLESS", None, json!([]));
        check(&serverless, &[&format!("{IT} platform_redundant = on"), &format!("{IT} queue.replicated = on")], &[]);
        assert_eq!(decoded("bWluLmluc3luYy5yZXBsaWNhcz0x"), "min.insync.replicas=1");
        assert_eq!((decoded("{}"), property("#default.x=1\n", "default.x")), (String::new(), None));
    }
}
