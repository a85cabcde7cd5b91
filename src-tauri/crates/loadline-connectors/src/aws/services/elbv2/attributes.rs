//! What balancers and target groups are told beside their targets: whether users are pinned to one of them, how long a
//! leaving one may finish, that a new one waits for its health check, and whether each zone sends to every zone.

use super::balancers::Owners;
use super::shapes::{Balanced, Balancer, Behind};
use super::{Attributes, TARGET_GROUPS};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::services::telling::Telling;
use loadline_model::{Basis, SubjectId, Value, key};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const GROUP_ATTRIBUTES: &Operation = operation("elbv2:DescribeTargetGroupAttributes");

pub(super) const BALANCER_ATTRIBUTES: &Operation = operation("elbv2:DescribeLoadBalancerAttributes");
const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";

/// Attributes by the ARN of their group or balancer; one that could not be read is not in it.
pub(super) type Told = BTreeMap<String, Attributes>;

/// Reads the attributes of balancers, and of the groups that stand behind one.
pub(super) async fn of(asking: &Asking<'_>, all: &[&Balancer], behind: &Balanced, answer: &mut Answer) -> Told {
    let asked = all.iter().filter_map(|b| b.load_balancer_arn.clone());
    let questions = asked.map(|arn| (arn.clone(), json!({"LoadBalancerArn": arn}))).collect();
    let balancers: Vec<(String, Pages<Attributes>)> = asking.each(BALANCER_ATTRIBUTES, questions, &[], answer).await;
    let asked = behind
        .groups
        .iter()
        .filter(|b| holds_members(b) || is_function(b))
        .filter_map(|b| b.group.target_group_arn.clone());
    let questions = asked.map(|arn| (arn.clone(), json!({"TargetGroupArn": arn}))).collect();
    let read: Vec<(String, Pages<Attributes>)> = asking.each(GROUP_ATTRIBUTES, questions, &[], answer).await;
    read.into_iter().chain(balancers).filter_map(|(arn, pages)| Some((arn, pages.pages.into_iter().next()?))).collect()
}

fn is_function(behind: &Behind) -> bool {
    !behind.group.load_balancer_arns.is_empty() && behind.group.target_type.as_deref() == Some("lambda")
}

/// Functions have no members, and other balancers have their own.
fn holds_members(behind: &Behind) -> bool {
    let attached = !behind.group.load_balancer_arns.is_empty();
    attached && matches!(behind.group.target_type.as_deref(), Some("instance" | "ip"))
}

/// Says which groups of each balancer pin their users, and of the services behind how their members come and go.
pub(super) fn say(t: &mut Telling<'_>, all: &[&Balancer], behind: &Balanced, owners: &Owners, told: &Told) {
    for balancer in all {
        let Some(arn) = balancer.load_balancer_arn.as_deref() else { continue };
        t.call(BALANCER_ATTRIBUTES.name).flag(&arn.into(), key::CROSS_ZONE, said(told, arn, CROSS_ZONE));
        t.call(GROUP_ATTRIBUTES.name);
        for group in behind.groups.iter().filter(|b| b.group.load_balancer_arns.iter().any(|a| a == arn)) {
            let (Some(id), name) = (group.group.target_group_arn.as_deref(), group.group.target_group_name.as_deref())
            else {
                continue;
            };
            let pins = said(told, id, "stickiness.enabled");
            // There is no member of a function to be pinned to.
            let pins = pins.filter(|on| !(*on && is_function(group)));
            let item = Some(name.unwrap_or(id));
            t.set(&arn.into(), Basis::Configured, key::STICKY_SESSIONS, item, pins.map(Value::Bool));
            // Else it is `use_load_balancer_configuration`.
            let own = said(told, id, CROSS_ZONE);
            t.set(&arn.into(), Basis::Configured, key::CROSS_ZONE, item, own.map(Value::Bool));
        }
    }
    say_members(t, behind, owners, told);
}

/// A switch among the attributes.
fn said(told: &Told, arn: &str, name: &str) -> Option<bool> {
    told.get(arn)?.get(name)?.parse().ok()
}

/// A member of several groups leaves as fast as the hastiest lets it, and waits for every check.
fn say_members(t: &mut Telling<'_>, behind: &Balanced, owners: &Owners, told: &Told) {
    let mut of_service: BTreeMap<SubjectId, Vec<&Behind>> = BTreeMap::new();
    for group in behind.groups.iter().filter(|b| holds_members(b)) {
        for service in group.group.target_group_arn.iter().flat_map(|arn| owners.services(arn)) {
            of_service.entry(service).or_default().push(group);
        }
    }
    for (service, groups) in of_service {
        let drain = |b: &&Behind| -> Option<u64> {
            let attributes = told.get(b.group.target_group_arn.as_deref()?)?;
            attributes.get("deregistration_delay.timeout_seconds")?.parse().ok()
        };
        let drains: Option<Vec<u64>> = groups.iter().map(drain).collect();
        t.call(GROUP_ATTRIBUTES.name).count(&service, key::DRAIN_SECONDS, drains.and_then(|d| d.into_iter().min()));
        let checked: Option<Vec<bool>> = groups.iter().map(|b| b.group.health_check_enabled).collect();
        let waits = checked.map(|c| c.into_iter().all(|on| on));
        t.call(TARGET_GROUPS.name).flag(&service, key::READINESS_CHECK, waits);
    }
}

#[cfg(test)]
mod tests {
    use super::super::shapes::Balancers;
    use super::*;
    use crate::aws::services::testing::{check, parsed, said as lines_of};
    use serde_json::Value as Json;

    const ALB: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1";
    const WEB: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1";
    const API: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/api/1";

    /// Shape of the example in "DescribeTargetGroupAttributes", Elastic Load Balancing API Reference 2015-12-01.
    fn told(sticky: &str, drain: &str) -> Attributes {
        parsed(json!({"Attributes": [{"Key": "stickiness.enabled", "Value": sticky},
            {"Key": "deregistration_delay.timeout_seconds", "Value": drain},
            {"Key": "stickiness.type", "Value": "lb_cookie"},
            {"Key": "stickiness.lb_cookie.duration_seconds", "Value": "86400"}]}))
    }
    fn group(arn: &str, name: &str, kind: &str) -> Behind {
        let group: Json = json!({"TargetGroupArn": arn, "TargetGroupName": name, "TargetType": kind,
            "HealthCheckEnabled": "true", "LoadBalancerArns": [ALB]});
        Behind { group: parsed(group), targets: Some(Vec::new()) }
    }
    fn read(groups: Vec<Behind>, told: Told, owners: &Owners) -> Vec<String> {
        let all: Balancers = parsed(json!({"LoadBalancers": [{"LoadBalancerArn": ALB, "Type": "application"}]}));
        let behind = Balanced { groups, complete: true };
        lines_of(|t| say(t, &all.load_balancers.iter().collect::<Vec<_>>(), &behind, owners, &told))
    }

    #[test]
    fn groups_pin_and_drain() {
        let mut owners = Owners::of_all(true);
        owners.add(API, Some("arn:aws:ecs:eu-west-1:111122223333:service/main/api"));
        let all = Told::from([(WEB.to_owned(), told("true", "0")), (API.to_owned(), told("false", "300"))]);
        let lines = read(vec![group(WEB, "web", "instance"), group(API, "api", "ip")], all, &owners);
        assert_eq!(
            lines,
            [
                "elasticloadbalancing:loadbalancer/app/web/1 entry.sticky_sessions[web] = on",
                "elasticloadbalancing:loadbalancer/app/web/1 entry.sticky_sessions[api] = off",
                "ecs:service/main/api members.drain_seconds = 300",
                "ecs:service/main/api members.readiness_check = on",
                "elasticloadbalancing:targetgroup/web/1 members.drain_seconds = 0",
                "elasticloadbalancing:targetgroup/web/1 members.readiness_check = on",
            ]
        );
    }

    /// Shape of the example in "DescribeLoadBalancerAttributes", Elastic Load Balancing API Reference 2015-12-01.
    #[test]
    fn zones_send_to_every_zone_or_their_own() {
        let crossed = |value: &str| -> Attributes {
            parsed(json!({"Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": value},
                {"Key": "deletion_protection.enabled", "Value": "false"}]}))
        };
        let group = |value: &str| Told::from([(ALB.to_owned(), crossed("false")), (WEB.to_owned(), crossed(value))]);
        let zones = |value: &str| read(vec![self::group(WEB, "web", "ip")], group(value), &Owners::of_all(true));
        let it = "elasticloadbalancing:loadbalancer/app/web/1 entry.cross_zone";
        check(&zones("true"), &[&format!("{it} = off"), &format!("{it}[web] = on")], &[]);
        check(&zones("use_load_balancer_configuration"), &[&format!("{it} = off")], &[&format!("{it}[web]")]);
        check(&read(vec![self::group(WEB, "web", "ip")], Told::new(), &Owners::of_all(true)), &[], &[it]);
    }

    #[test]
    fn a_service_in_two_groups_leaves_with_the_hastier() {
        let mut owners = Owners::of_all(true);
        let service = Some("arn:aws:ecs:eu-west-1:111122223333:service/main/api");
        owners.add(API, service);
        owners.add(WEB, service);
        let both = || vec![group(WEB, "web", "ip"), group(API, "api", "ip")];
        let all = Told::from([(WEB.to_owned(), told("false", "30")), (API.to_owned(), told("false", "300"))]);
        check(&read(both(), all, &owners), &["ecs:service/main/api members.drain_seconds = 30"], &[]);
        let one = Told::from([(WEB.to_owned(), told("false", "30"))]);
        check(&read(both(), one, &owners), &[], &["ecs:service/main/api members.drain_seconds"]);
    }

    #[test]
    fn what_is_missing_is_not_said() {
        let never = ["elasticloadbalancing:targetgroup", "elasticloadbalancing:loadbalancer/app/web/1 entry.sticky"];
        let all = || Told::from([(WEB.to_owned(), told("", ""))]);
        check(&read(vec![group(WEB, "web", "instance")], all(), &Owners::default()), &[], &never);
        let of_function = |told: Told| read(vec![group(WEB, "web", "lambda")], told, &Owners::of_all(true));
        assert!(of_function(Told::new()).is_empty());
        assert!(of_function(Told::from([(WEB.to_owned(), told("true", ""))])).is_empty());
        assert_eq!(
            of_function(Told::from([(WEB.to_owned(), told("false", ""))])),
            ["elasticloadbalancing:loadbalancer/app/web/1 entry.sticky_sessions[web] = off"]
        );
        let unread = read(vec![group(WEB, "web", "instance")], Told::new(), &Owners::of_all(true));
        assert_eq!(unread, ["elasticloadbalancing:targetgroup/web/1 members.readiness_check = on"]);
    }
}
