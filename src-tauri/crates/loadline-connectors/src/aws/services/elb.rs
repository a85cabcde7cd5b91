//! Classic load balancers: machines registered by id, one health check each.

use super::ServiceReader;
use super::autoscaling::{self, Group};
use super::telling::{Place, Telling, host, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_string};
use futures_util::FutureExt;
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const BALANCERS: &Operation = operation("elb:DescribeLoadBalancers");
const HEALTH: &Operation = operation("elb:DescribeInstanceHealth");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "elb",
    title: "Classic load balancers",
    global: false,
    operations: &[BALANCERS, HEALTH, autoscaling::GROUPS],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `DescribeLoadBalancers`, version 2012-06-01.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Balancers {
    #[serde(deserialize_with = "list")]
    load_balancer_descriptions: Vec<Balancer>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Balancer {
    #[serde(deserialize_with = "opt_string")]
    load_balancer_name: Option<String>,
    #[serde(rename = "DNSName", deserialize_with = "opt_string")]
    dns_name: Option<String>,
    #[serde(deserialize_with = "list")]
    availability_zones: Vec<String>,
    #[serde(deserialize_with = "list")]
    instances: Vec<Registered>,
    #[serde(deserialize_with = "nested")]
    health_check: HealthCheck,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Registered {
    #[serde(deserialize_with = "opt_string")]
    instance_id: Option<String>,
    /// In `DescribeInstanceHealth`: `InService`, `OutOfService`, `Unknown`.
    #[serde(deserialize_with = "opt_string")]
    state: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HealthCheck {
    #[serde(deserialize_with = "opt_string")]
    target: Option<String>,
}

/// The answer of `DescribeInstanceHealth`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InstanceHealth {
    #[serde(deserialize_with = "list")]
    instance_states: Vec<Registered>,
}

impl Balancers {
    /// Ids of the machines behind them.
    pub(super) fn instances(&self) -> impl Iterator<Item = &str> {
        self.load_balancer_descriptions.iter().flat_map(|b| &b.instances).filter_map(|i| i.instance_id.as_deref())
    }
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let pages: Pages<Balancers> = asking.pages_hiding(BALANCERS, json!({}), &[Kind::LoadBalancer], answer).await;
    let all: Vec<&Balancer> = pages.pages.iter().flat_map(|p| &p.load_balancer_descriptions).collect();
    if !all.is_empty() {
        let groups = autoscaling::groups_of(asking, answer).await;
        let questions = all
            .iter()
            .filter_map(|b| b.load_balancer_name.clone())
            .map(|n| (n.clone(), json!({"LoadBalancerName": n})));
        let health: Vec<(String, Pages<InstanceHealth>)> = asking.each(HEALTH, questions.collect(), &[], answer).await;
        let states = health.into_iter().filter(|(_, p)| p.complete);
        let states: BTreeMap<String, Vec<Registered>> =
            states.map(|(n, p)| (n, p.pages.into_iter().flat_map(|p| p.instance_states).collect())).collect();
        let owners =
            groups.complete.then(|| groups.pages.iter().flat_map(|p| &p.auto_scaling_groups).collect::<Vec<_>>());
        let mut t = Telling::new(answer, Place::of(asking, region));
        for balancer in all {
            say(&mut t, balancer, &states, owners.as_deref());
        }
    }
    Telling::new(answer, Place::of(asking, region)).listed(&[Kind::LoadBalancer], pages.complete);
}

fn say(t: &mut Telling<'_>, b: &Balancer, states: &BTreeMap<String, Vec<Registered>>, groups: Option<&[&Group]>) {
    let Some(name) = b.load_balancer_name.as_deref() else { return };
    let subject = t.place.arn("elasticloadbalancing", &format!("loadbalancer/{name}"));
    t.call(BALANCERS.name);
    let resource = t.resource(Kind::LoadBalancer, name, &[]);
    t.exists(&subject, Resource { managed: Some(true), ..resource.clone() });
    t.flag(&subject, key::ENTRY_MANAGED, Some(true));
    b.availability_zones.iter().for_each(|zone| t.in_zone(&subject, Some(zone)));
    if let Some(dns) = b.dns_name.as_deref() {
        t.also(&subject, &host(dns));
    }
    // A classic balancer always checks; without a target nothing was read of it.
    t.flag(&subject, key::HEALTH_CHECKS, b.health_check.target.as_ref().map(|_| true));
    if b.health_check.target.as_deref().is_some_and(|target| target.starts_with("TCP:") || target.starts_with("SSL:")) {
        t.flag(&subject, key::HEALTH_CHECK_DEEP, Some(false));
    }
    if let Some(registered) = states.get(name).filter(|all| all.iter().all(|r| r.state.is_some())) {
        t.call(HEALTH.name);
        let healthy = registered.iter().filter(|r| r.state.as_deref() == Some("InService")).count();
        t.count(&subject, key::ENTRY_TARGETS, Some(registered.len() as u64));
        t.count(&subject, key::HEALTHY_TARGETS, Some(healthy as u64));
    }
    t.call(BALANCERS.name);
    let Some(groups) = groups else { return };
    let owners: Vec<&str> = groups
        .iter()
        .filter(|g| g.load_balancer_names.iter().any(|n| n == name))
        .filter_map(|g| g.auto_scaling_group_arn.as_deref())
        .collect();
    for owner in &owners {
        t.edge(&subject, Relation::Serves, &SubjectId::from(*owner));
    }
    if owners.is_empty() && !b.instances.is_empty() {
        let service = SubjectId(format!("{subject}#instances"));
        let resource = Resource { kind: Kind::Service, ..resource };
        t.exists(&service, resource.clone());
        t.edge(&subject, Relation::Serves, &service);
        t.count(&service, key::DESIRED_MEMBERS, Some(b.instances.len() as u64));
        for id in b.instances.iter().filter_map(|i| i.instance_id.as_deref()) {
            let member = t.place.instance(id);
            t.edge(&member, Relation::MemberOf, &service);
        }
        if b.instances.len() > 1 {
            t.interchangeable(&service, &resource, &[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    /// Shape of the example in "DescribeLoadBalancers", Elastic Load Balancing API Reference 2012-06-01.
    fn read(health: Value, state: &str) -> Vec<String> {
        let page: Balancers = parsed(json!({"LoadBalancerDescriptions": [{
            "LoadBalancerName": "old", "DNSName": "old-1.eu-west-1.elb.amazonaws.com", "HealthCheck": health,
            "AvailabilityZones": ["eu-west-1a"], "Instances": [{"InstanceId": "i-1"}], "Scheme": "internet-facing"
        }]}));
        let health: InstanceHealth = parsed(json!({"InstanceStates": [
            {"InstanceId": "i-1", "State": state, "ReasonCode": "N/A", "Description": "N/A"}]}));
        let states = BTreeMap::from([("old".to_owned(), health.instance_states)]);
        said(|t| page.load_balancer_descriptions.iter().for_each(|b| say(t, b, &states, Some(&[]))))
    }

    #[test]
    fn a_classic_balancer_with_one_machine() {
        let check_of = json!({"Target": "HTTP:80/health", "Interval": "15", "UnhealthyThreshold": "2"});
        let it = "elasticloadbalancing:loadbalancer/old";
        let expected = [
            format!("{it} is load balancer old, managed"),
            format!("{it} health_checks = on"),
            format!("{it} entry.healthy_targets = 1"),
            format!("{it} Serves {it}#instances"),
            format!("ec2:instance/i-1 MemberOf {it}#instances"),
            format!("{it}#instances members.desired = 1"),
        ];
        check(
            &read(check_of, "InService"),
            &expected.each_ref().map(String::as_str),
            &[&format!("{it} health_check.deep")],
        );
    }

    #[test]
    fn what_is_missing_is_not_said() {
        let it = "elasticloadbalancing:loadbalancer/old";
        check(&read(json!(""), ""), &[], &[&format!("{it} health_check"), &format!("{it} entry.healthy")]);
    }
}
