//! EC2: machines, networks, ways out, volumes.

mod egress;
mod instances;
pub(in crate::aws::services) mod shapes;
mod volumes;

use super::elbv2::shapes::{Balanced, targets_of};
use super::telling::{Place, Telling};
use super::{ServiceReader, elb};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use egress::Network;
use futures_util::FutureExt;
use loadline_model::Kind;
use serde_json::json;
use shapes::{Instances, Interfaces, NatGateways, RouteTables, Snapshots, Subnets, Volumes, instances_of};
use std::collections::BTreeSet;

pub(in crate::aws::services) const INSTANCES: &Operation = operation("ec2:DescribeInstances");
pub(in crate::aws::services) const SUBNETS: &Operation = operation("ec2:DescribeSubnets");
pub(in crate::aws::services) const SECURITY_GROUPS: &Operation = operation("ec2:DescribeSecurityGroups");
const NAT_GATEWAYS: &Operation = operation("ec2:DescribeNatGateways");
const ROUTE_TABLES: &Operation = operation("ec2:DescribeRouteTables");
const INTERFACES: &Operation = operation("ec2:DescribeNetworkInterfaces");
const VOLUMES: &Operation = operation("ec2:DescribeVolumes");
const SNAPSHOTS: &Operation = operation("ec2:DescribeSnapshots");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "ec2",
    title: "EC2 and VPC",
    global: false,
    operations: &[
        INSTANCES,
        SUBNETS,
        NAT_GATEWAYS,
        ROUTE_TABLES,
        INTERFACES,
        VOLUMES,
        SNAPSHOTS,
        super::elbv2::TARGET_GROUPS,
        super::elbv2::TARGET_HEALTH,
        elb::BALANCERS,
    ],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let machines: Pages<Instances> = asking.pages_hiding(INSTANCES, json!({}), &[Kind::Instance], answer).await;
    let balanced = balanced(asking, answer).await;
    let subnets: Pages<Subnets> = asking.pages(SUBNETS, json!({}), answer).await;
    let gateways: Pages<NatGateways> = asking.pages_hiding(NAT_GATEWAYS, json!({}), &[Kind::Gateway], answer).await;
    let tables: Pages<RouteTables> = asking.pages(ROUTE_TABLES, json!({}), answer).await;
    let interfaces: Pages<Interfaces> = asking.pages(INTERFACES, json!({}), answer).await;
    let volumes: Pages<Volumes> = asking.pages_hiding(VOLUMES, json!({}), &[Kind::Store], answer).await;
    let mine = json!({"Owner": ["self"]});
    let snapshots: Pages<Snapshots> = asking.pages(SNAPSHOTS, mine, answer).await;

    let mut t = Telling::new(answer, Place::of(asking, region));
    t.call(INSTANCES.name);
    instances::say(&mut t, &machines.pages, balanced.as_ref());
    t.listed(&[Kind::Instance], machines.complete);
    let instances = instances_of(&machines.pages);
    // A gateway is judged by all that is routed through it: with a part of the network unread nothing is said of it.
    let whole = [machines.complete, subnets.complete, gateways.complete, tables.complete, interfaces.complete];
    if whole.iter().all(|complete| *complete) {
        t.call(ROUTE_TABLES.name);
        let network = Network {
            subnets: subnets.pages.iter().flat_map(|p| &p.subnet_set).collect(),
            gateways: gateways.pages.iter().flat_map(|p| &p.nat_gateway_set).collect(),
            tables: tables.pages.iter().flat_map(|p| &p.route_table_set).collect(),
            interfaces: interfaces.pages.iter().flat_map(|p| &p.network_interface_set).collect(),
            instances,
        };
        network.say(&mut t);
        t.listed(&[Kind::Gateway], true);
    }
    let volumes: Vec<_> = volumes.pages.iter().flat_map(|p| &p.volume_set).collect();
    let snapshots: Vec<_> = snapshots.pages.iter().flat_map(|p| &p.snapshot_set).collect();
    volumes::say(&mut t, &volumes, &snapshots);
}

/// Machines behind a load balancer; `None` when that could not be read completely.
async fn balanced(asking: &Asking<'_>, answer: &mut Answer) -> Option<BTreeSet<String>> {
    let groups: Balanced = targets_of(asking, answer).await;
    let classic: Pages<elb::Balancers> = asking.pages(elb::BALANCERS, json!({}), answer).await;
    if !groups.complete || !classic.complete {
        return None;
    }
    let mut ids: BTreeSet<String> = groups.instances().map(str::to_owned).collect();
    ids.extend(classic.pages.iter().flat_map(elb::Balancers::instances).map(str::to_owned));
    Some(ids)
}
