//! Machines: where each runs, and which of them are services of their own.

use super::shapes::{Instance, Instances, instances_of};
use crate::aws::services::telling::{Telling, address, host, tag};
use loadline_model::{Kind, Relation, Resource, key};
use std::collections::BTreeSet;

/// Tag that Auto Scaling puts on the instances of a group.
const GROUP_TAG: &str = "aws:autoscaling:groupName";

/// Machines that are up or coming up.
pub(super) fn is_up(instance: &Instance) -> bool {
    matches!(instance.instance_state.name.as_deref(), Some("running" | "pending"))
}

/// Belongs to an Auto Scaling group, which replaces it.
pub(super) fn is_scaled(instance: &Instance) -> bool {
    tag(&instance.tag_set, GROUP_TAG).is_some()
}

/// Says the machines. `balanced` are those behind a load balancer, judged with the others behind it; `None` when that
/// could not be read: whether a machine is a service of its own is then not known.
pub(in crate::aws::services) fn say(t: &mut Telling<'_>, pages: &[Instances], balanced: Option<&BTreeSet<String>>) {
    for instance in instances_of(pages).into_iter().filter(|i| is_up(i)) {
        let Some(id) = instance.instance_id.as_deref() else { continue };
        let subject = t.place.instance(id);
        let name = tag(&instance.tag_set, "Name").unwrap_or(id).to_owned();
        let resource = t.resource(Kind::Instance, &name, &instance.tag_set);
        t.exists(&subject, Resource { managed: Some(false), ..resource.clone() });
        t.in_zone(&subject, instance.placement.availability_zone.as_deref());
        if let Some(dedicated) = &instance.placement.host_id {
            let machine = t.place.arn("ec2", &format!("dedicated-host/{dedicated}"));
            t.exists(&machine, Resource { region: resource.region.clone(), ..Resource::new(Kind::Host, dedicated) });
            t.edge(&subject, Relation::RunsIn, &machine);
        }
        for other in [instance.ip_address.as_deref().map(address), instance.dns_name.as_deref().map(host)] {
            other.iter().for_each(|o| t.also(&subject, o));
        }
        if !is_scaled(instance) && balanced.is_some_and(|b| !b.contains(id)) {
            let workload = loadline_model::SubjectId(format!("{subject}#workload"));
            t.exists(&workload, Resource { kind: Kind::Service, ..resource });
            t.edge(&subject, Relation::MemberOf, &workload);
            t.count(&workload, key::DESIRED_MEMBERS, Some(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::{Value, json};

    /// Shape of the example in "DescribeInstances", Amazon EC2 API Reference.
    fn page(instance: Value) -> Vec<Instances> {
        vec![parsed(json!({"reservationSet": {"item": {
            "reservationId": "r-1234567890abcdef0", "ownerId": "111122223333",
            "instancesSet": {"item": instance}
        }}}))]
    }

    fn plain() -> Value {
        json!({
            "instanceId": "i-1", "imageId": "ami-1", "instanceState": {"code": "16", "name": "running"},
            "instanceType": "t3.micro", "placement": {"availabilityZone": "eu-west-1a", "tenancy": "default"},
            "subnetId": "subnet-1", "vpcId": "vpc-1", "privateIpAddress": "192.168.1.88",
            "ipAddress": "203.0.113.25", "dnsName": "ec2-203-0-113-25.eu-west-1.compute.amazonaws.com",
            "groupSet": {"item": {"groupId": "sg-1", "groupName": "web"}},
            "tagSet": {"item": [{"key": "Name", "value": "web 1"}, {"key": "env", "value": "prod"}]}
        })
    }

    fn with(field: &str, value: Value) -> Value {
        let mut instance = plain();
        instance[field] = value;
        instance
    }

    #[test]
    fn a_machine_of_its_own_is_a_service_of_one_member() {
        let none = BTreeSet::new();
        let lines = said(|t| say(t, &page(plain()), Some(&none)));
        let expected = [
            "ec2:instance/i-1 is instance web 1, Production, self-hosted",
            "ec2:instance/i-1 RunsIn eu-west-1a",
            "ec2:instance/i-1 SameAs ip:203.0.113.25",
            "ec2:instance/i-1#workload is service web 1, Production",
            "ec2:instance/i-1 MemberOf ec2:instance/i-1#workload",
            "ec2:instance/i-1#workload members.desired = 1",
            "eu-west-1a RunsIn aws:eu-west-1",
        ];
        check(&lines, &expected, &[]);
    }

    #[test]
    fn what_is_scaled_or_balanced_or_not_known_is_no_service_of_its_own() {
        let none = BTreeSet::new();
        let scaled = with("tagSet", json!({"item": {"key": GROUP_TAG, "value": "web"}}));
        let never = ["ec2:instance/i-1#workload"];
        check(&said(|t| say(t, &page(scaled), Some(&none))), &[], &never);
        check(&said(|t| say(t, &page(plain()), Some(&BTreeSet::from(["i-1".to_owned()])))), &[], &never);
        check(&said(|t| say(t, &page(plain()), None)), &["ec2:instance/i-1 RunsIn eu-west-1a"], &never);
    }

    #[test]
    fn what_is_missing_is_not_said() {
        let none = BTreeSet::new();
        let off = with("instanceState", json!({"code": "80", "name": "stopped"}));
        assert!(said(|t| say(t, &page(off), Some(&none))).is_empty());
        assert!(said(|t| say(t, &page(with("instanceState", json!(""))), Some(&none))).is_empty());
        let nowhere = with("placement", json!(""));
        check(&said(|t| say(t, &page(nowhere), Some(&none))), &[], &["ec2:instance/i-1 RunsIn", "eu-west-1a"]);
    }
}
