//! What Elastic Load Balancing answers (API Reference, version 2015-12-01); only what becomes a fact.

use super::{TARGET_GROUPS, TARGET_HEALTH};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::services::telling::{Tag, nested, tag};
use crate::aws::shape::{list, opt_bool, opt_string};
use loadline_model::Kind;
use serde::Deserialize;
use serde_json::json;

/// A page of `DescribeLoadBalancers`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Balancers {
    #[serde(deserialize_with = "list")]
    pub load_balancers: Vec<Balancer>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Balancer {
    #[serde(deserialize_with = "opt_string")]
    pub load_balancer_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub load_balancer_name: Option<String>,
    #[serde(rename = "DNSName", deserialize_with = "opt_string")]
    pub dns_name: Option<String>,
    /// `application`, `network` or `gateway`.
    #[serde(rename = "Type", deserialize_with = "opt_string")]
    pub kind: Option<String>,
    /// `internet-facing` or `internal`.
    #[serde(deserialize_with = "opt_string")]
    pub scheme: Option<String>,
    #[serde(deserialize_with = "list")]
    pub availability_zones: Vec<Zone>,
    #[serde(deserialize_with = "list")]
    pub security_groups: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Zone {
    #[serde(deserialize_with = "opt_string")]
    pub zone_name: Option<String>,
}

/// A page of `DescribeTargetGroups`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct TargetGroups {
    #[serde(deserialize_with = "list")]
    pub target_groups: Vec<TargetGroup>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct TargetGroup {
    #[serde(deserialize_with = "opt_string")]
    pub target_group_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub target_group_name: Option<String>,
    /// `instance`, `ip`, `lambda` or `alb`.
    #[serde(deserialize_with = "opt_string")]
    pub target_type: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub vpc_id: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    pub health_check_enabled: Option<bool>,
    #[serde(deserialize_with = "opt_string")]
    pub health_check_protocol: Option<String>,
    #[serde(deserialize_with = "list")]
    pub load_balancer_arns: Vec<String>,
}

/// The answer of `DescribeTargetHealth`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct TargetHealth {
    #[serde(deserialize_with = "list")]
    pub target_health_descriptions: Vec<Target>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Target {
    #[serde(deserialize_with = "nested")]
    pub target: Address,
    #[serde(deserialize_with = "nested")]
    pub target_health: Health,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Address {
    #[serde(deserialize_with = "opt_string")]
    pub id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub availability_zone: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Health {
    #[serde(deserialize_with = "opt_string")]
    pub state: Option<String>,
}

/// The answer of `DescribeTargetGroupAttributes` or `DescribeLoadBalancerAttributes`: names and values, all text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Attributes {
    #[serde(deserialize_with = "list")]
    attributes: Vec<Tag>,
}

impl Attributes {
    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        tag(&self.attributes, name)
    }
}

/// A target group with its targets; `None` when these could not be read.
#[derive(Clone, Debug)]
pub(in crate::aws::services) struct Behind {
    pub group: TargetGroup,
    pub targets: Option<Vec<Target>>,
}

/// What stands behind the balancers of a region.
#[derive(Clone, Debug, Default)]
pub(in crate::aws::services) struct Balanced {
    pub groups: Vec<Behind>,
    /// Every group and every target was read.
    pub complete: bool,
}

impl Balanced {
    /// Ids of the machines among the targets.
    pub(in crate::aws::services) fn instances(&self) -> impl Iterator<Item = &str> {
        let machines = self.groups.iter().filter(|b| b.group.target_type.as_deref() == Some("instance"));
        machines.flat_map(|b| b.targets.iter().flatten()).filter_map(|t| t.target.id.as_deref())
    }
}

/// Reads the target groups of a region and the health of their targets.
pub(in crate::aws::services) async fn targets_of(asking: &Asking<'_>, answer: &mut Answer) -> Balanced {
    let groups: Pages<TargetGroups> = asking.pages_hiding(TARGET_GROUPS, json!({}), &[Kind::Service], answer).await;
    let all: Vec<TargetGroup> = groups.pages.into_iter().flat_map(|p| p.target_groups).collect();
    let questions = all
        .into_iter()
        .filter_map(|g| {
            let arn = json!({"TargetGroupArn": g.target_group_arn.clone()?});
            Some((g, arn))
        })
        .collect();
    let asked: Vec<(TargetGroup, Pages<TargetHealth>)> =
        asking.each(TARGET_HEALTH, questions, &[Kind::Service], answer).await;
    let complete = groups.complete && asked.iter().all(|(_, p)| p.complete);
    let behind = |(group, pages): (TargetGroup, Pages<TargetHealth>)| {
        let read = pages.complete;
        let targets = pages.pages.into_iter().flat_map(|p| p.target_health_descriptions).collect();
        Behind { group, targets: read.then_some(targets) }
    };
    Balanced { groups: asked.into_iter().map(behind).collect(), complete }
}
