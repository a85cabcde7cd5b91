//! The ways out: NAT gateways, the zone each lies in, and what is routed through them.

use super::instances::is_up;
use super::shapes::{Instance, Interface, NatGateway, Route, RouteTable, Subnet};
use crate::aws::services::telling::{Telling, tag};
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use std::collections::{BTreeMap, BTreeSet};

/// What was read of a region's network, each part completely.
pub(super) struct Network<'n> {
    pub subnets: Vec<&'n Subnet>,
    pub gateways: Vec<&'n NatGateway>,
    pub tables: Vec<&'n RouteTable>,
    pub interfaces: Vec<&'n Interface>,
    pub instances: Vec<&'n Instance>,
}

/// Who answers for interfaces that never call out by themselves.
const SILENT: [&str; 3] = ["amazon-rds", "amazon-elasticache", "amazon-elb"];

impl Network<'_> {
    /// Says the gateways and who routes through them.
    pub(super) fn say(&self, t: &mut Telling<'_>) {
        let zones: BTreeMap<&str, &Subnet> =
            self.subnets.iter().filter_map(|s| Some((s.subnet_id.as_deref()?, *s))).collect();
        for gateway in &self.gateways {
            say_gateway(t, gateway, &zones);
        }
        let mut machines = BTreeSet::new();
        for instance in self.instances.iter().filter(|i| is_up(i)) {
            let (Some(id), Some(subnet)) = (instance.instance_id.as_deref(), instance.subnet_id.as_deref()) else {
                continue;
            };
            let Some(route) = zones.get(subnet).and_then(|s| self.way_out(s)) else { continue };
            // A machine with a public address behind a gateway route still leaves through the gateway.
            if let Some(way) = way(t, route).filter(|_| route.instance_id.as_deref() != Some(id)) {
                machines.extend(route.instance_id.as_deref());
                let from = t.place.instance(id);
                t.edge(&from, Relation::RoutesThrough, &way);
            }
        }
        for subnet in &self.subnets {
            self.say_subnet(t, subnet, &mut machines);
        }
        for machine in machines {
            say_machine(t, machine);
        }
    }

    /// Subnets in which something else than machines calls out: tasks, functions.
    fn say_subnet<'s>(&'s self, t: &mut Telling<'_>, subnet: &'s Subnet, machines: &mut BTreeSet<&'s str>) {
        let Some(id) = subnet.subnet_id.as_deref() else { return };
        let calls = self.interfaces.iter().filter(|i| i.subnet_id.as_deref() == Some(id)).any(|i| calls_out(i));
        let Some(route) = self.way_out(subnet).filter(|_| calls) else { return };
        let Some(way) = way(t, route) else { return };
        machines.extend(route.instance_id.as_deref());
        let subject = t.place.subnet(id);
        let name = tag(&subnet.tag_set, "Name").unwrap_or(id);
        let resource = t.resource(Kind::Network, name, &subnet.tag_set);
        t.exists(&subject, resource);
        t.in_zone(&subject, subnet.availability_zone.as_deref());
        t.edge(&subject, Relation::RoutesThrough, &way);
    }

    /// The default route of a subnet: of its own table, or of the main table of its VPC.
    fn way_out(&self, subnet: &Subnet) -> Option<&Route> {
        let own = |t: &&&RouteTable| t.association_set.iter().any(|a| a.subnet_id == subnet.subnet_id);
        let main =
            |t: &&&RouteTable| t.vpc_id == subnet.vpc_id && t.association_set.iter().any(|a| a.main == Some(true));
        subnet.subnet_id.as_ref()?;
        let table = self.tables.iter().find(own).or_else(|| self.tables.iter().find(main))?;
        let default = |r: &&Route| r.destination_cidr_block.as_deref() == Some("0.0.0.0/0");
        table.route_set.iter().filter(|r| r.state.as_deref() != Some("blackhole")).find(default)
    }
}

fn calls_out(interface: &Interface) -> bool {
    let kind = interface.interface_type.as_deref().unwrap_or("");
    let silent = interface.requester_id.as_deref().is_some_and(|r| SILENT.contains(&r));
    let described = interface.description.as_deref().unwrap_or("");
    let store = ["RDSNetworkInterface", "ElastiCache", "ELB ", "VPC Endpoint"].iter().any(|d| described.starts_with(d));
    matches!(kind, "interface" | "lambda" | "trunk" | "branch")
        && interface.attachment.instance_id.is_none()
        && !silent
        && !store
}

fn way(t: &Telling<'_>, route: &Route) -> Option<SubjectId> {
    let gateway = route.nat_gateway_id.as_deref().map(|id| gateway_id(t, id));
    gateway.or_else(|| route.instance_id.as_deref().map(|id| machine_id(t, id)))
}

fn gateway_id(t: &Telling<'_>, id: &str) -> SubjectId {
    t.place.arn("ec2", &format!("natgateway/{id}"))
}

fn machine_id(t: &Telling<'_>, id: &str) -> SubjectId {
    SubjectId(format!("{}#egress", t.place.instance(id)))
}

fn say_gateway(t: &mut Telling<'_>, gateway: &NatGateway, zones: &BTreeMap<&str, &Subnet>) {
    let Some(id) = gateway.nat_gateway_id.as_deref() else { return };
    let gone = matches!(gateway.state.as_deref(), Some("deleted" | "deleting" | "failed"));
    if gone || gateway.connectivity_type.as_deref() == Some("private") {
        return;
    }
    let subject = gateway_id(t, id);
    let name = tag(&gateway.tag_set, "Name").unwrap_or(id);
    let resource = t.resource(Kind::Gateway, name, &gateway.tag_set);
    t.exists(&subject, Resource { managed: Some(true), ..resource });
    // A gateway in a subnet lies in that subnet's zone; a regional one has no subnet.
    let regional = match gateway.availability_mode.as_deref() {
        Some("regional") => Some(true),
        Some("zonal") => Some(false),
        _ => gateway.subnet_id.as_ref().map(|_| false),
    };
    t.flag(&subject, key::EGRESS_REGIONAL, regional);
    if regional == Some(true) {
        t.in_region(&subject);
    } else {
        let subnet = gateway.subnet_id.as_deref().and_then(|s| zones.get(s));
        t.in_zone(&subject, subnet.and_then(|s| s.availability_zone.as_deref()));
    }
}

/// A machine of the account's own that forwards the traffic of others.
fn say_machine(t: &mut Telling<'_>, id: &str) {
    let subject = machine_id(t, id);
    let resource = t.resource(Kind::Gateway, &format!("NAT on {id}"), &[]);
    t.exists(&subject, Resource { managed: Some(false), ..resource });
    let machine = t.place.instance(id);
    t.edge(&subject, Relation::RunsIn, &machine);
}

#[cfg(test)]
mod tests {
    use super::super::shapes::*;
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::{Value, json};

    /// Shapes of the examples in "DescribeNatGateways", "DescribeRouteTables" and "DescribeNetworkInterfaces", Amazon
    /// EC2 API Reference: two private subnets in two zones.
    fn read(nat: Value, route: Value, interface: Value) -> Vec<String> {
        let subnet = |id: &str, zone: &str| json!({"subnetId": id, "vpcId": "vpc-1", "availabilityZone": zone, "state": "available"});
        let subnets: Subnets = parsed(
            json!({"subnetSet": {"item": [subnet("subnet-a", "eu-west-1a"), subnet("subnet-b", "eu-west-1b")]}}),
        );
        let nats: NatGateways = parsed(json!({"natGatewaySet": {"item": nat}}));
        let tables: RouteTables = parsed(json!({"routeTableSet": {"item": {
            "routeTableId": "rtb-1", "vpcId": "vpc-1",
            "routeSet": {"item": [
                {"destinationCidrBlock": "10.0.0.0/16", "gatewayId": "local", "state": "active", "origin": "CreateRouteTable"}, route]},
            "associationSet": {"item": {"routeTableAssociationId": "rtbassoc-1", "main": "true"}}
        }}}));
        let interfaces: Interfaces = parsed(json!({"networkInterfaceSet": {"item": interface}}));
        let instance = |id: &str, subnet: &str| json!({"instanceId": id, "subnetId": subnet, "instanceState": {"name": "running"}});
        let instances: Instances = parsed(json!({"reservationSet": {"item": {"instancesSet": {"item":
            [instance("i-1", "subnet-a"), instance("i-2", "subnet-b")]}}}}));
        let network = Network {
            subnets: subnets.subnet_set.iter().collect(),
            gateways: nats.nat_gateway_set.iter().collect(),
            tables: tables.route_table_set.iter().collect(),
            interfaces: interfaces.network_interface_set.iter().collect(),
            instances: super::super::shapes::instances_of(std::slice::from_ref(&instances)),
        };
        said(|t| network.say(t))
    }

    fn zonal() -> Value {
        json!({"natGatewayId": "nat-1", "subnetId": "subnet-a", "vpcId": "vpc-1", "state": "available",
               "connectivityType": "public", "tagSet": ""})
    }
    fn through() -> Value {
        json!({"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1", "state": "active"})
    }
    fn task() -> Value {
        json!({"networkInterfaceId": "eni-1", "subnetId": "subnet-b", "interfaceType": "interface",
               "description": "arn:aws:ecs:eu-west-1:111122223333:attachment/1"})
    }

    #[test]
    fn two_zones_share_one_zonal_gateway() {
        let lines = read(zonal(), through(), task());
        let expected = [
            "ec2:natgateway/nat-1 is gateway nat-1, managed",
            "ec2:natgateway/nat-1 egress.regional = off",
            "ec2:natgateway/nat-1 RunsIn eu-west-1a",
            "ec2:instance/i-1 RoutesThrough ec2:natgateway/nat-1",
            "ec2:instance/i-2 RoutesThrough ec2:natgateway/nat-1",
            "ec2:subnet/subnet-b RoutesThrough ec2:natgateway/nat-1",
            "ec2:subnet/subnet-b RunsIn eu-west-1b",
        ];
        check(&lines, &expected, &["ec2:subnet/subnet-a"]);
    }

    #[test]
    fn what_is_missing_is_not_said() {
        let mut nowhere = zonal();
        nowhere["subnetId"] = json!("");
        check(&read(nowhere, through(), task()), &[], &["ec2:natgateway/nat-1 egress", "ec2:natgateway/nat-1 RunsIn"]);
        let mut dead = through();
        dead["state"] = json!("blackhole");
        check(&read(zonal(), dead, task()), &[], &["ec2:instance/i-1 RoutesThrough", "ec2:subnet"]);
        let mut store = task();
        store["requesterId"] = json!("amazon-rds");
        check(&read(zonal(), through(), store), &[], &["ec2:subnet"]);
        let mut regional = zonal();
        regional["availabilityMode"] = json!("regional");
        let lines = read(regional, through(), task());
        check(&lines, &["ec2:natgateway/nat-1 egress.regional = on"], &["ec2:natgateway/nat-1 RunsIn eu-west-1a"]);
    }

    #[test]
    fn a_machine_may_be_the_way_out() {
        let route = json!({"destinationCidrBlock": "0.0.0.0/0", "instanceId": "i-1", "state": "active"});
        let lines = read(json!([]), route, task());
        let expected = [
            "ec2:instance/i-2 RoutesThrough ec2:instance/i-1#egress",
            "ec2:instance/i-1#egress is gateway NAT on i-1, self-hosted",
            "ec2:instance/i-1#egress RunsIn ec2:instance/i-1",
        ];
        check(&lines, &expected, &["ec2:instance/i-1 RoutesThrough"]);
    }
}
