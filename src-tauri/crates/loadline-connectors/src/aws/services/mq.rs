//! Amazon MQ: brokers, how many instances each has, and the zones they lie in.

use super::ServiceReader;
use super::ec2::SUBNETS;
use super::ec2::shapes::Subnets;
use super::telling::{Place, Tag, Telling, host, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_bool, opt_string};
use futures_util::FutureExt;
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const BROKERS: &Operation = operation("mq:ListBrokers");
const BROKER: &Operation = operation("mq:DescribeBroker");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "mq",
    title: "Amazon MQ",
    global: false,
    operations: &[BROKERS, BROKER, SUBNETS],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `ListBrokers` (Amazon MQ REST API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    broker_summaries: Vec<Broker>,
}

/// A broker, as `ListBrokers` and, with more, `DescribeBroker` answer it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Broker {
    #[serde(deserialize_with = "opt_string")]
    broker_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    broker_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    broker_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    broker_state: Option<String>,
    /// `SINGLE_INSTANCE`, `ACTIVE_STANDBY_MULTI_AZ`, `CLUSTER_MULTI_AZ`.
    #[serde(deserialize_with = "opt_string")]
    deployment_mode: Option<String>,
    /// `ACTIVEMQ`, `RABBITMQ`.
    #[serde(deserialize_with = "opt_string")]
    engine_type: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    engine_version: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    publicly_accessible: Option<bool>,
    #[serde(deserialize_with = "list")]
    subnet_ids: Vec<String>,
    #[serde(deserialize_with = "list")]
    broker_instances: Vec<Instance>,
    #[serde(deserialize_with = "nested")]
    tags: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Instance {
    /// `ssl://b-1….mq.eu-west-1.amazonaws.com:61617`.
    #[serde(deserialize_with = "list")]
    endpoints: Vec<String>,
}

/// Brokers by name, for readers of metrics.
pub(super) async fn names_of(asking: &Asking<'_>, answer: &mut Answer) -> BTreeMap<String, SubjectId> {
    let pages: Pages<Page> = asking.pages_hiding(BROKERS, json!({}), &[Kind::Queue], answer).await;
    let all = pages.pages.into_iter().flat_map(|p| p.broker_summaries);
    all.filter_map(|b| Some((b.broker_name?, SubjectId(b.broker_arn?)))).collect()
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Queue];
    let listed: Pages<Page> = asking.pages_hiding(BROKERS, json!({}), &hides, answer).await;
    let all = listed.pages.iter().flat_map(|p| &p.broker_summaries);
    let questions = all.filter_map(|b| Some(((), json!({"broker-id": b.broker_id.clone()?})))).collect();
    let described: Vec<((), Pages<Broker>)> = asking.each(BROKER, questions, &hides, answer).await;
    let complete = listed.complete && described.iter().all(|(_, p)| p.complete);
    let brokers: Vec<Broker> = described.into_iter().flat_map(|(_, p)| p).collect();
    let mut zones = BTreeMap::new();
    if brokers.iter().any(|b| !b.subnet_ids.is_empty()) {
        let subnets: Pages<Subnets> = asking.pages(SUBNETS, json!({}), answer).await;
        let known = subnets.pages.into_iter().flat_map(|p| p.subnet_set);
        zones = known.filter_map(|s| Some((s.subnet_id?, s.availability_zone?))).collect();
    }
    let mut t = Telling::new(answer, Place::of(asking, region));
    brokers.iter().for_each(|b| say(&mut t, b, &zones));
    t.listed(&hides, complete);
}

fn say(t: &mut Telling<'_>, broker: &Broker, zones: &BTreeMap<String, String>) {
    let Some(arn) = broker.broker_arn.as_deref() else { return };
    if matches!(broker.broker_state.as_deref(), Some("DELETION_IN_PROGRESS" | "CREATION_FAILED")) {
        return;
    }
    let subject = SubjectId::from(arn);
    t.call(BROKER.name);
    let tags: Vec<Tag> =
        broker.tags.iter().map(|(k, v)| Tag { key: Some(k.clone()), value: v.as_str().map(str::to_owned) }).collect();
    let resource = Resource {
        engine: broker.engine_type.as_ref().map(|e| e.to_ascii_lowercase()),
        engine_version: broker.engine_version.clone(),
        managed: Some(true),
        ..t.resource(Kind::Queue, broker.broker_name.as_deref().unwrap_or(arn), &tags)
    };
    t.exists(&subject, resource.clone());
    t.flag(&subject, key::PUBLICLY_REACHABLE, broker.publicly_accessible);
    let hosts = broker.broker_instances.iter().flat_map(|i| &i.endpoints).filter_map(|e| host_of(e));
    for name in hosts.collect::<BTreeSet<String>>() {
        t.also(&subject, &host(&name));
    }
    // ActiveMQ keeps the messages of a pair on a file system of several zones; a cluster of RabbitMQ copies what its
    // policies say, which this answer does not show ("Deployment options", Amazon MQ Developer Guide).
    match broker.deployment_mode.as_deref() {
        Some("SINGLE_INSTANCE") => {
            t.flag(&subject, key::AUTOMATIC_FAILOVER, Some(false));
            t.count(&subject, key::STANDBY_MEMBERS, Some(0));
            t.flag(&subject, key::QUEUE_REPLICATED, Some(false));
            if let [subnet] = broker.subnet_ids.as_slice() {
                t.in_zone(&subject, zones.get(subnet).map(String::as_str));
            }
        }
        Some("ACTIVE_STANDBY_MULTI_AZ") => {
            t.flag(&subject, key::AUTOMATIC_FAILOVER, Some(true));
            t.count(&subject, key::STANDBY_MEMBERS, Some(1));
            t.flag(&subject, key::QUEUE_REPLICATED, Some(true));
            members(t, &subject, broker, zones, 2);
            t.exists(&subject, Resource { required_members: Some(1), ..resource });
        }
        // Three nodes; the side of a partition without a majority stops ("Cluster deployment", same guide).
        Some("CLUSTER_MULTI_AZ") => {
            t.flag(&subject, key::AUTOMATIC_FAILOVER, Some(true));
            t.count(&subject, key::STANDBY_MEMBERS, Some(2));
            members(t, &subject, broker, zones, 3);
            t.exists(&subject, Resource { required_members: Some(2), ..resource });
        }
        _ => {}
    }
}

/// One member for each subnet, when there are as many: which instance lies where is not answered, that each has a
/// subnet of its own is.
fn members(t: &mut Telling<'_>, broker: &SubjectId, said: &Broker, zones: &BTreeMap<String, String>, of: usize) {
    let subnets: BTreeSet<&String> = said.subnet_ids.iter().collect();
    if subnets.len() != of {
        return;
    }
    for (subnet, at) in subnets.into_iter().zip(1..) {
        let member = SubjectId(format!("{broker}/{subnet}"));
        let resource = t.resource(Kind::Instance, &format!("broker {at}"), &[]);
        t.exists(&member, Resource { managed: Some(true), ..resource });
        t.edge(&member, Relation::MemberOf, broker);
        t.in_zone(&member, zones.get(subnet).map(String::as_str));
    }
}

fn host_of(endpoint: &str) -> Option<String> {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let name = rest.split([':', '/']).next()?;
    name.contains('.').then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    const IT: &str = "mq:broker:jobs:b-1";

    /// Shape of the example in "DescribeBroker", Amazon MQ REST API Reference.
    fn read(engine: &str, mode: &str, subnets: Value) -> Vec<String> {
        let broker: Broker = parsed(
            json!({"brokerArn": "arn:aws:mq:eu-west-1:111122223333:broker:jobs:b-1", "brokerId": "b-1",
            "brokerName": "jobs", "brokerState": "RUNNING", "engineType": engine, "engineVersion": "3.13", "deploymentMode": mode,
            "subnetIds": subnets, "publiclyAccessible": false, "tags": {"env": "prod"}, "storageType": "EBS",
            "brokerInstances": [{"consoleURL": "https://b-1.mq.eu-west-1.amazonaws.com",
                "endpoints": ["amqps://b-1.mq.eu-west-1.amazonaws.com:5671"]}]}),
        );
        let zones = ["a", "b", "c"].map(|z| (format!("s-{z}"), format!("eu-west-1{z}"))).into_iter().collect();
        said(|t| say(t, &broker, &zones))
    }
    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| format!("{IT} {text}")).collect()
    }
    fn checked(said: &[String], expected: &[&str], never: &[&str]) {
        let (expected, never) = (lines(expected), lines(never));
        let texts = |all: &[String]| all.iter().map(String::clone).collect::<Vec<_>>();
        let (expected, never) = (texts(&expected), texts(&never));
        check(
            said,
            &expected.iter().map(String::as_str).collect::<Vec<_>>(),
            &never.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }

    #[test]
    fn one_broker_has_nobody_to_take_over() {
        let expected = [
            "is queue jobs, activemq 3.13, Production, managed",
            "failover.automatic = off",
            "failover.standby_members = 0",
            "queue.replicated = off",
            "SameAs dns:b-1.mq.eu-west-1.amazonaws.com",
            "RunsIn eu-west-1b",
        ];
        checked(
            &read("ACTIVEMQ", "SINGLE_INSTANCE", json!(["s-b"])),
            &expected,
            &["is queue jobs, activemq 3.13, Production, managed, needs"],
        );
    }

    #[test]
    fn pairs_and_clusters_lie_in_several_zones() {
        let pair = read("ACTIVEMQ", "ACTIVE_STANDBY_MULTI_AZ", json!(["s-a", "s-b"]));
        let expected = [
            "failover.automatic = on",
            "queue.replicated = on",
            "is queue jobs, activemq 3.13, Production, managed, needs 1",
        ];
        checked(&pair, &expected, &["RunsIn"]);
        check(&pair, &[&format!("{IT}/s-a MemberOf {IT}"), &format!("{IT}/s-b RunsIn eu-west-1b")], &[]);
        let cluster = read("RABBITMQ", "CLUSTER_MULTI_AZ", json!(["s-a", "s-b", "s-c"]));
        let expected = ["failover.standby_members = 2", "is queue jobs, rabbitmq 3.13, Production, managed, needs 2"];
        checked(&cluster, &expected, &["queue.replicated"]);
        let public = read("RABBITMQ", "CLUSTER_MULTI_AZ", json!([]));
        assert!(!public.iter().any(|l| l.contains("MemberOf")), "nobody said where its nodes are");
        checked(
            &read("RABBITMQ", "", json!([])),
            &["is queue jobs, rabbitmq 3.13, Production, managed"],
            &["failover", "queue"],
        );
    }
}
