//! Facts of balancers and of the groups of targets that nothing else owns.

use super::shapes::{Balanced, Balancer, Behind};
use super::{BALANCERS, TARGET_GROUPS, TARGET_HEALTH};
use crate::aws::services::telling::{Telling, host};
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use std::collections::{BTreeMap, BTreeSet};

/// Auto Scaling groups and container services, by the target group in which their members are registered.
#[derive(Debug, Default)]
pub(in crate::aws::services) struct Owners {
    by_group: BTreeMap<String, BTreeSet<String>>,
    /// All possible owners were read: a group that is not here has none.
    complete: bool,
}

impl Owners {
    /// Nobody yet; `complete` when all possible owners were read.
    pub(in crate::aws::services) fn of_all(complete: bool) -> Self {
        Self { complete, ..Self::default() }
    }
    pub(in crate::aws::services) fn add(&mut self, group: &str, owner: Option<&str>) {
        if let Some(owner) = owner {
            self.by_group.entry(group.to_owned()).or_default().insert(owner.to_owned());
        }
    }
    /// The services whose members a group holds: its owners, or the group itself when nothing owns it. None while an
    /// owner may be unknown.
    pub(super) fn services(&self, group: &str) -> Vec<SubjectId> {
        match self.by_group.get(group) {
            Some(owners) => owners.iter().map(|o| SubjectId::from(o.as_str())).collect(),
            None if self.complete => vec![SubjectId::from(group)],
            None => Vec::new(),
        }
    }
}

/// Says the balancers, their health, and what they serve.
pub(in crate::aws::services) fn say(t: &mut Telling<'_>, all: &[&Balancer], behind: &Balanced, owners: &Owners) {
    for balancer in all {
        let Some(arn) = balancer.load_balancer_arn.as_deref() else { continue };
        let subject = SubjectId::from(arn);
        t.call(BALANCERS.name);
        let resource = t.resource(Kind::LoadBalancer, balancer.load_balancer_name.as_deref().unwrap_or(arn), &[]);
        t.exists(&subject, Resource { managed: Some(true), ..resource });
        t.flag(&subject, key::ENTRY_MANAGED, Some(true));
        for zone in &balancer.availability_zones {
            t.in_zone(&subject, zone.zone_name.as_deref());
        }
        if let Some(name) = balancer.dns_name.as_deref() {
            t.also(&subject, &host(name));
        }
        let mine: Vec<&Behind> =
            behind.groups.iter().filter(|b| b.group.load_balancer_arns.iter().any(|a| a == arn)).collect();
        say_health(t, &subject, &mine, behind.complete);
        for group in &mine {
            say_way(t, &subject, group, owners);
        }
    }
    for group in behind.groups.iter().filter(|b| !b.group.load_balancer_arns.is_empty()) {
        say_group(t, group, owners);
    }
}

/// The weakest group of targets counts. A function has no health of its own to check.
fn say_health(t: &mut Telling<'_>, subject: &SubjectId, mine: &[&Behind], complete: bool) {
    let checkable: Vec<&&Behind> =
        mine.iter().filter(|b| matches!(b.group.target_type.as_deref(), Some("instance" | "ip"))).collect();
    t.call(TARGET_GROUPS.name);
    let enabled: Option<Vec<bool>> = checkable.iter().map(|b| b.group.health_check_enabled).collect();
    if let Some(enabled) = enabled.filter(|e| !e.is_empty()) {
        t.flag(subject, key::HEALTH_CHECKS, Some(enabled.into_iter().all(|on| on)));
    }
    // A connection that opens shows a process, not that it can serve.
    let bare = |b: &Behind| matches!(b.group.health_check_protocol.as_deref(), Some("TCP" | "TLS" | "UDP"));
    if checkable.iter().any(|b| bare(b)) {
        t.flag(subject, key::HEALTH_CHECK_DEEP, Some(false));
    }
    t.call(TARGET_HEALTH.name);
    let counted: Option<Vec<(u64, u64)>> = checkable.iter().map(|b| counts(b)).collect();
    let weakest = counted.filter(|_| complete).and_then(|c| c.into_iter().min());
    if let Some((healthy, targets)) = weakest {
        t.count(subject, key::ENTRY_TARGETS, Some(targets));
        t.count(subject, key::HEALTHY_TARGETS, Some(healthy));
    }
}

/// Healthy targets and all; `None` when the health of one is not known.
fn counts(behind: &Behind) -> Option<(u64, u64)> {
    let targets = behind.targets.as_ref()?;
    let states: Option<Vec<&str>> = targets.iter().map(|t| t.target_health.state.as_deref()).collect();
    let states = states?;
    if states.contains(&"unavailable") {
        return None;
    }
    let staying: Vec<&&str> = states.iter().filter(|s| **s != "draining").collect();
    let healthy = staying.iter().filter(|s| ***s == "healthy").count();
    Some((healthy as u64, staying.len() as u64))
}

/// The next hop of the request path.
fn say_way(t: &mut Telling<'_>, balancer: &SubjectId, behind: &Behind, owners: &Owners) {
    let Some(arn) = behind.group.target_group_arn.as_deref() else { return };
    t.call(TARGET_GROUPS.name);
    if let Some(found) = owners.by_group.get(arn) {
        for owner in found {
            t.edge(balancer, Relation::Serves, &SubjectId::from(owner.as_str()));
        }
        return;
    }
    match behind.group.target_type.as_deref() {
        // Functions and other balancers are targets by their own ARN.
        Some("lambda" | "alb") => {
            for id in behind.targets.iter().flatten().filter_map(|x| x.target.id.as_deref()) {
                t.edge(balancer, Relation::Serves, &function(id));
            }
        }
        _ => t.edge(balancer, Relation::Serves, &SubjectId::from(arn)),
    }
}

/// A function without its version or alias.
fn function(arn: &str) -> SubjectId {
    let parts: Vec<&str> = arn.split(':').collect();
    match (parts.get(2), parts.len()) {
        (Some(&"lambda"), 8) => SubjectId(parts.get(..7).unwrap_or(&parts).join(":")),
        _ => SubjectId::from(arn),
    }
}

/// A group of targets that no Auto Scaling group and no container service fills: a service of its own.
fn say_group(t: &mut Telling<'_>, behind: &Behind, owners: &Owners) {
    let group = &behind.group;
    let (Some(arn), Some(targets)) = (group.target_group_arn.as_deref(), behind.targets.as_ref()) else { return };
    let kind = group.target_type.as_deref();
    if !owners.complete || owners.by_group.contains_key(arn) || !matches!(kind, Some("instance" | "ip")) {
        return;
    }
    let subject = SubjectId::from(arn);
    t.call(TARGET_HEALTH.name);
    let resource = t.resource(Kind::Service, group.target_group_name.as_deref().unwrap_or(arn), &[]);
    t.exists(&subject, resource.clone());
    let staying = targets.iter().filter(|x| x.target_health.state.as_deref() != Some("draining"));
    // One machine may be registered at several ports.
    let members: BTreeMap<&str, Option<&str>> =
        staying.filter_map(|x| Some((x.target.id.as_deref()?, x.target.availability_zone.as_deref()))).collect();
    t.count(&subject, key::DESIRED_MEMBERS, Some(members.len() as u64));
    for (id, zone) in &members {
        let member = if kind == Some("instance") {
            t.place.instance(id)
        } else {
            let member = SubjectId(format!("ip:{}/{id}", group.vpc_id.as_deref().unwrap_or(arn)));
            let resource = t.resource(Kind::Instance, id, &[]);
            t.exists(&member, resource);
            t.in_zone(&member, zone.filter(|z| *z != "all"));
            member
        };
        t.edge(&member, Relation::MemberOf, &subject);
    }
    if members.len() > 1 {
        t.interchangeable(&subject, &resource, &[]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::shapes::*;
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::{Value, json};

    const ALB: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1";
    const WEB: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1";

    /// Shapes of the examples in "DescribeLoadBalancers", "DescribeTargetGroups" and "DescribeTargetHealth", Elastic
    /// Load Balancing API Reference 2015-12-01.
    fn group() -> Value {
        json!({"TargetGroupArn": WEB, "TargetGroupName": "web", "TargetType": "instance", "VpcId": "vpc-1",
               "HealthCheckEnabled": "true", "HealthCheckProtocol": "HTTP", "HealthCheckPath": "/health",
               "HealthCheckIntervalSeconds": "30", "LoadBalancerArns": [ALB]})
    }
    fn target(id: &str, state: &str) -> Value {
        json!({"HealthCheckPort": "80", "Target": {"Port": "80", "Id": id}, "TargetHealth": {"State": state}})
    }
    fn read(group: Value, targets: Option<Value>, owners: &Owners) -> Vec<String> {
        let balancers: Balancers = parsed(json!({"LoadBalancers": [{
            "LoadBalancerArn": ALB, "LoadBalancerName": "web", "DNSName": "web-1.eu-west-1.elb.amazonaws.com",
            "Scheme": "internet-facing", "Type": "application", "VpcId": "vpc-1", "State": {"Code": "active"},
            "AvailabilityZones": [{"ZoneName": "eu-west-1a", "SubnetId": "subnet-a"}, {"ZoneName": "eu-west-1b", "SubnetId": "subnet-b"}]
        }]}));
        let targets =
            targets.map(|t| parsed::<TargetHealth>(json!({"TargetHealthDescriptions": t})).target_health_descriptions);
        let complete = targets.is_some();
        let behind = Balanced { groups: vec![Behind { group: parsed(group), targets }], complete };
        said(|t| say(t, &balancers.load_balancers.iter().collect::<Vec<_>>(), &behind, owners))
    }
    fn known() -> Owners {
        Owners::of_all(true)
    }

    #[test]
    fn targets_that_nothing_owns_are_a_service() {
        let lines = read(group(), Some(json!([target("i-1", "healthy"), target("i-2", "unhealthy")])), &known());
        let balancer = "elasticloadbalancing:loadbalancer/app/web/1";
        let service = "elasticloadbalancing:targetgroup/web/1";
        let expected = [
            format!("{balancer} is load balancer web, managed"),
            format!("{balancer} SameAs dns:web-1.eu-west-1.elb.amazonaws.com"),
            format!("{balancer} RunsIn eu-west-1b"),
            format!("{balancer} entry.managed = on"),
            format!("{balancer} health_checks = on"),
            format!("{balancer} entry.targets = 2"),
            format!("{balancer} entry.healthy_targets = 1"),
            format!("{balancer} Serves {service}"),
            format!("{service} is service web"),
            format!("ec2:instance/i-1 MemberOf {service}"),
            format!("{service} members.desired = 2"),
            format!("{service} is service web, needs 1 (inferred)"),
        ];
        check(&lines, &expected.each_ref().map(String::as_str), &[&format!("{balancer} health_check.deep")]);
    }

    #[test]
    fn an_owner_is_served_instead_of_the_group() {
        let mut owners = known();
        owners.add(WEB, Some("arn:aws:ecs:eu-west-1:111122223333:service/main/api"));
        let lines = read(group(), Some(json!([target("10.0.0.1", "healthy")])), &owners);
        check(
            &lines,
            &["elasticloadbalancing:loadbalancer/app/web/1 Serves ecs:service/main/api"],
            &["elasticloadbalancing:targetgroup/web/1"],
        );
    }

    #[test]
    fn what_is_missing_is_not_said() {
        let balancer = "elasticloadbalancing:loadbalancer/app/web/1";
        let never = [format!("{balancer} entry.healthy"), format!("{balancer} entry.targets")];
        let never = never.each_ref().map(String::as_str);
        check(&read(group(), None, &known()), &[], &never);
        let mut silent = target("i-1", "healthy");
        silent["TargetHealth"] = json!("");
        check(&read(group(), Some(json!([silent])), &known()), &[], &never);
        let mut unsaid = group();
        unsaid["HealthCheckEnabled"] = json!("");
        check(&read(unsaid, Some(json!([])), &known()), &[], &[&format!("{balancer} health_checks")]);
        let unknown = Owners::default();
        let lines = read(group(), Some(json!([target("i-1", "healthy")])), &unknown);
        check(&lines, &[], &["elasticloadbalancing:targetgroup/web/1", "ec2:instance/i-1 MemberOf"]);
    }

    #[test]
    fn a_function_behind_a_balancer_is_served_without_its_alias() {
        let mut functions = group();
        functions["TargetType"] = json!("lambda");
        functions["HealthCheckEnabled"] = json!("false");
        let arn = "arn:aws:lambda:eu-west-1:111122223333:function:api:live";
        let lines = read(functions, Some(json!([target(arn, "unavailable")])), &known());
        let balancer = "elasticloadbalancing:loadbalancer/app/web/1";
        let never = format!("{balancer} health_checks");
        check(&lines, &[&format!("{balancer} Serves lambda:function:api")], &[&never]);
    }

    #[test]
    fn an_open_port_is_a_shallow_check() {
        let mut bare = group();
        bare["HealthCheckProtocol"] = json!("TCP");
        let lines = read(bare, Some(json!([])), &known());
        check(&lines, &["elasticloadbalancing:loadbalancer/app/web/1 health_check.deep = off"], &[]);
    }
}
