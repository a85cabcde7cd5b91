//! What EC2 answers (Amazon EC2 API Reference, version 2016-11-15); only what becomes a fact.

use crate::aws::services::telling::{Tag, nested};
use crate::aws::shape::{list, opt_bool, opt_f64, opt_string, opt_time};
use loadline_model::Timestamp;
use serde::Deserialize;

/// A page of `DescribeInstances`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Instances {
    #[serde(deserialize_with = "list")]
    pub reservation_set: Vec<Reservation>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Reservation {
    #[serde(deserialize_with = "list")]
    pub instances_set: Vec<Instance>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Instance {
    #[serde(deserialize_with = "opt_string")]
    pub instance_id: Option<String>,
    #[serde(deserialize_with = "nested")]
    pub instance_state: State,
    #[serde(deserialize_with = "nested")]
    pub placement: Placement,
    #[serde(deserialize_with = "opt_string")]
    pub subnet_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub ip_address: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub dns_name: Option<String>,
    #[serde(deserialize_with = "list")]
    pub group_set: Vec<Group>,
    #[serde(deserialize_with = "list")]
    pub tag_set: Vec<Tag>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::aws::services) struct State {
    #[serde(deserialize_with = "opt_string")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Placement {
    #[serde(deserialize_with = "opt_string")]
    pub availability_zone: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub host_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Group {
    #[serde(deserialize_with = "opt_string")]
    pub group_id: Option<String>,
}

/// A page of `DescribeSubnets`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Subnets {
    #[serde(deserialize_with = "list")]
    pub subnet_set: Vec<Subnet>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Subnet {
    #[serde(deserialize_with = "opt_string")]
    pub subnet_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub vpc_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub availability_zone: Option<String>,
    #[serde(deserialize_with = "list")]
    pub tag_set: Vec<Tag>,
}

/// A page of `DescribeNatGateways`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct NatGateways {
    #[serde(deserialize_with = "list")]
    pub nat_gateway_set: Vec<NatGateway>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct NatGateway {
    #[serde(deserialize_with = "opt_string")]
    pub nat_gateway_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub subnet_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub state: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub connectivity_type: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub availability_mode: Option<String>,
    #[serde(deserialize_with = "list")]
    pub tag_set: Vec<Tag>,
}

/// A page of `DescribeRouteTables`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct RouteTables {
    #[serde(deserialize_with = "list")]
    pub route_table_set: Vec<RouteTable>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct RouteTable {
    #[serde(deserialize_with = "opt_string")]
    pub vpc_id: Option<String>,
    #[serde(deserialize_with = "list")]
    pub association_set: Vec<Association>,
    #[serde(deserialize_with = "list")]
    pub route_set: Vec<Route>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Association {
    #[serde(deserialize_with = "opt_bool")]
    pub main: Option<bool>,
    #[serde(deserialize_with = "opt_string")]
    pub subnet_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Route {
    #[serde(deserialize_with = "opt_string")]
    pub destination_cidr_block: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub nat_gateway_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub instance_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub state: Option<String>,
}

/// A page of `DescribeNetworkInterfaces`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Interfaces {
    #[serde(deserialize_with = "list")]
    pub network_interface_set: Vec<Interface>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Interface {
    #[serde(deserialize_with = "opt_string")]
    pub subnet_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub interface_type: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub requester_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub description: Option<String>,
    #[serde(deserialize_with = "nested")]
    pub attachment: Attachment,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Attachment {
    #[serde(deserialize_with = "opt_string")]
    pub instance_id: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    pub delete_on_termination: Option<bool>,
    #[serde(deserialize_with = "opt_string")]
    pub device: Option<String>,
}

/// A page of `DescribeVolumes`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Volumes {
    #[serde(deserialize_with = "list")]
    pub volume_set: Vec<Volume>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Volume {
    #[serde(deserialize_with = "opt_string")]
    pub volume_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub availability_zone: Option<String>,
    #[serde(deserialize_with = "opt_f64")]
    pub iops: Option<f64>,
    #[serde(deserialize_with = "list")]
    pub attachment_set: Vec<Attachment>,
    #[serde(deserialize_with = "list")]
    pub tag_set: Vec<Tag>,
}

/// A page of `DescribeSnapshots`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Snapshots {
    #[serde(deserialize_with = "list")]
    pub snapshot_set: Vec<Snapshot>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Snapshot {
    #[serde(deserialize_with = "opt_string")]
    pub volume_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub status: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    pub start_time: Option<Timestamp>,
    #[serde(deserialize_with = "opt_string")]
    pub owner_id: Option<String>,
}

/// A page of `DescribeSecurityGroups`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct SecurityGroups {
    #[serde(deserialize_with = "list")]
    pub security_group_info: Vec<SecurityGroup>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct SecurityGroup {
    #[serde(deserialize_with = "opt_string")]
    pub group_id: Option<String>,
    #[serde(deserialize_with = "list")]
    pub ip_permissions: Vec<Rule>,
}

/// A rule that lets traffic in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Rule {
    /// `tcp`, `udp`, `icmp`, or `-1` for all.
    #[serde(deserialize_with = "opt_string")]
    pub ip_protocol: Option<String>,
    #[serde(deserialize_with = "opt_f64")]
    pub from_port: Option<f64>,
    #[serde(deserialize_with = "opt_f64")]
    pub to_port: Option<f64>,
    /// Groups whose members are let in.
    #[serde(deserialize_with = "list")]
    pub groups: Vec<Group>,
    #[serde(deserialize_with = "list")]
    pub ip_ranges: Vec<Range>,
    #[serde(deserialize_with = "list")]
    pub ipv6_ranges: Vec<Range>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Range {
    #[serde(deserialize_with = "opt_string")]
    pub cidr_ip: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub cidr_ipv6: Option<String>,
}

impl Rule {
    /// Lets TCP in at this port.
    pub(in crate::aws::services) fn opens(&self, port: u64) -> bool {
        match self.ip_protocol.as_deref() {
            Some("-1") => true,
            Some("tcp" | "6") => {
                let port = port as f64;
                self.from_port.is_some_and(|from| from <= port) && self.to_port.is_some_and(|to| port <= to)
            }
            _ => false,
        }
    }
    /// From the whole internet.
    pub(in crate::aws::services) fn is_open_to_all(&self) -> bool {
        let all4 = self.ip_ranges.iter().any(|r| r.cidr_ip.as_deref() == Some("0.0.0.0/0"));
        all4 || self.ipv6_ranges.iter().any(|r| r.cidr_ipv6.as_deref() == Some("::/0"))
    }
}

/// The instances of pages.
pub(in crate::aws::services) fn instances_of(pages: &[Instances]) -> Vec<&Instance> {
    pages.iter().flat_map(|p| &p.reservation_set).flat_map(|r| &r.instances_set).collect()
}
