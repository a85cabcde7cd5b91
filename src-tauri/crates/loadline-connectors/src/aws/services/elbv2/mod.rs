//! Load balancers: what each sends requests to, and how many of its targets are healthy.

mod attributes;
mod balancers;
pub(in crate::aws::services) mod shapes;

use super::telling::{Place, Telling};
use super::{ServiceReader, autoscaling, ecs};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use balancers::Owners;
use futures_util::FutureExt;
use loadline_model::Kind;
use serde_json::json;
use shapes::{Attributes, Balancers, targets_of};

pub(in crate::aws::services) const BALANCERS: &Operation = operation("elbv2:DescribeLoadBalancers");
pub(in crate::aws::services) const TARGET_GROUPS: &Operation = operation("elbv2:DescribeTargetGroups");
pub(in crate::aws::services) const TARGET_HEALTH: &Operation = operation("elbv2:DescribeTargetHealth");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "elbv2",
    title: "Load balancers",
    global: false,
    operations: &[
        BALANCERS,
        TARGET_GROUPS,
        TARGET_HEALTH,
        attributes::GROUP_ATTRIBUTES,
        attributes::BALANCER_ATTRIBUTES,
        autoscaling::GROUPS,
        ecs::CLUSTERS,
        ecs::SERVICES,
        ecs::DESCRIBE_SERVICES,
    ],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let pages: Pages<Balancers> = asking.pages_hiding(BALANCERS, json!({}), &[Kind::LoadBalancer], answer).await;
    let all: Vec<_> = pages.pages.iter().flat_map(|p| &p.load_balancers).collect();
    if all.is_empty() {
        Telling::new(answer, Place::of(asking, region)).listed(&[Kind::LoadBalancer], pages.complete);
        return;
    }
    let behind = targets_of(asking, answer).await;
    let told = attributes::of(asking, &all, &behind, answer).await;
    let groups = autoscaling::groups_of(asking, answer).await;
    let services = ecs::services_of(asking, answer).await;
    let mut owners = Owners::of_all(groups.complete && services.complete);
    for group in groups.pages.iter().flat_map(|p| &p.auto_scaling_groups) {
        for target in &group.target_group_arns {
            owners.add(target, group.auto_scaling_group_arn.as_deref());
        }
    }
    for service in &services.all {
        for target in service.load_balancers.iter().filter_map(|b| b.target_group_arn.as_deref()) {
            owners.add(target, service.service_arn.as_deref());
        }
    }
    let mut t = Telling::new(answer, Place::of(asking, region));
    balancers::say(&mut t, &all, &behind, &owners);
    attributes::say(&mut t, &all, &behind, &owners, &told);
    t.listed(&[Kind::LoadBalancer], pages.complete);
}
