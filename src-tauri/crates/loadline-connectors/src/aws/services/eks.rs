//! EKS: clusters, whose control plane AWS keeps up, and their node groups. Pods, and what they need, are the cluster's
//! own to tell.

use super::telling::{Place, Tag, Telling, host, nested};
use super::{ServiceReader, autoscaling};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{flat_list, opt_string, opt_u64};
use futures_util::FutureExt;
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

const CLUSTERS: &Operation = operation("eks:ListClusters");
const CLUSTER: &Operation = operation("eks:DescribeCluster");
const NODEGROUPS: &Operation = operation("eks:ListNodegroups");
const NODEGROUP: &Operation = operation("eks:DescribeNodegroup");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "eks",
    title: "EKS",
    global: false,
    operations: &[CLUSTERS, CLUSTER, NODEGROUPS, NODEGROUP, autoscaling::GROUPS],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// Pages of `ListClusters` and `ListNodegroups` (Amazon EKS API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Names {
    #[serde(deserialize_with = "flat_list")]
    clusters: Vec<String>,
    #[serde(deserialize_with = "flat_list")]
    nodegroups: Vec<String>,
}

/// The answer of `DescribeCluster`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Described {
    #[serde(deserialize_with = "nested")]
    cluster: Cluster,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Cluster {
    #[serde(deserialize_with = "opt_string")]
    arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    version: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    endpoint: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
    /// Of clusters that run elsewhere and are only registered here.
    connector_config: Option<serde_json::Value>,
    /// Of clusters whose control plane runs on machines of one's own.
    outpost_config: Option<serde_json::Value>,
    #[serde(deserialize_with = "nested")]
    tags: BTreeMap<String, serde_json::Value>,
}

/// The answer of `DescribeNodegroup`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct DescribedNodes {
    #[serde(deserialize_with = "nested")]
    nodegroup: Nodegroup,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Nodegroup {
    #[serde(deserialize_with = "opt_string")]
    nodegroup_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    nodegroup_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    version: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
    #[serde(deserialize_with = "nested")]
    scaling_config: Bounds,
    #[serde(deserialize_with = "nested")]
    resources: Parts,
    #[serde(deserialize_with = "nested")]
    tags: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Bounds {
    #[serde(deserialize_with = "opt_u64")]
    min_size: Option<u64>,
    #[serde(deserialize_with = "opt_u64")]
    max_size: Option<u64>,
    #[serde(deserialize_with = "opt_u64")]
    desired_size: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Parts {
    #[serde(deserialize_with = "flat_list")]
    auto_scaling_groups: Vec<Named>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Service];
    let names: Pages<Names> = asking.pages_hiding(CLUSTERS, json!({}), &hides, answer).await;
    let names: Vec<String> = names.pages.into_iter().flat_map(|p| p.clusters).collect();
    if names.is_empty() {
        return;
    }
    let by_name = || names.iter().map(|n| (n.clone(), json!({"name": n}))).collect::<Vec<_>>();
    let clusters: Vec<(String, Pages<Described>)> = asking.each(CLUSTER, by_name(), &hides, answer).await;
    let groups: Vec<(String, Pages<Names>)> = asking.each(NODEGROUPS, by_name(), &hides, answer).await;
    let questions = groups.iter().flat_map(|(cluster, pages)| {
        let names = pages.pages.iter().flat_map(|p| &p.nodegroups);
        names.map(move |n| (cluster.clone(), json!({"name": cluster, "nodegroupName": n})))
    });
    let nodes: Vec<(String, Pages<DescribedNodes>)> = asking.each(NODEGROUP, questions.collect(), &hides, answer).await;
    let mut scaled = BTreeMap::new();
    if !nodes.is_empty() {
        let groups = autoscaling::groups_of(asking, answer).await;
        let all = groups.pages.into_iter().flat_map(|p| p.auto_scaling_groups);
        scaled = all.filter_map(|g| Some((g.auto_scaling_group_name?, g.auto_scaling_group_arn?))).collect();
    }
    let mut t = Telling::new(answer, Place::of(asking, region));
    for (name, pages) in &clusters {
        let Some(cluster) = pages.pages.first().map(|p| &p.cluster) else { continue };
        let mine = nodes.iter().filter(|(of, _)| of == name).flat_map(|(_, p)| &p.pages);
        say(&mut t, cluster, mine.map(|p| &p.nodegroup), &scaled);
    }
}

/// Says a cluster and its groups of machines; the machines themselves are said where Auto Scaling is read.
fn say<'n>(
    t: &mut Telling<'_>,
    cluster: &Cluster,
    nodes: impl Iterator<Item = &'n Nodegroup>,
    scaled: &BTreeMap<String, String>,
) {
    let Some(arn) = cluster.arn.as_deref() else { return };
    if cluster.status.as_deref() == Some("DELETING") || cluster.connector_config.is_some() {
        return;
    }
    let subject = SubjectId::from(arn);
    t.call(CLUSTER.name);
    let resource = t.resource(Kind::Service, cluster.name.as_deref().unwrap_or(arn), &pairs(&cluster.tags));
    let engine = (Some("kubernetes".to_owned()), cluster.version.clone());
    t.exists(&subject, Resource { engine: engine.0, engine_version: engine.1, managed: Some(true), ..resource });
    // It runs in several zones (Amazon EKS User Guide, "Resilience in Amazon EKS"), unless on an Outpost.
    if cluster.outpost_config.is_none() {
        t.in_region(&subject);
        t.flag(&subject, key::PLATFORM_REDUNDANT, Some(true));
    }
    let endpoint = cluster.endpoint.as_deref().and_then(super::ecs::hosts::host_in);
    if let Some((name, _)) = endpoint {
        t.also(&subject, &host(&name));
    }
    for group in nodes {
        say_nodes(t, &subject, group, scaled);
    }
}

fn say_nodes(t: &mut Telling<'_>, cluster: &SubjectId, group: &Nodegroup, scaled: &BTreeMap<String, String>) {
    let Some(arn) = group.nodegroup_arn.as_deref() else { return };
    if group.status.as_deref() == Some("DELETING") {
        return;
    }
    let subject = SubjectId::from(arn);
    t.call(NODEGROUP.name);
    let resource = t.resource(Kind::Service, group.nodegroup_name.as_deref().unwrap_or(arn), &pairs(&group.tags));
    let engine = (Some("kubernetes".to_owned()), group.version.clone());
    t.exists(&subject, Resource { engine: engine.0, engine_version: engine.1, ..resource });
    t.count(&subject, key::DESIRED_MEMBERS, group.scaling_config.desired_size);
    t.count(&subject, key::MINIMUM_MEMBERS, group.scaling_config.min_size);
    t.count(&subject, key::MAXIMUM_MEMBERS, group.scaling_config.max_size);
    // Pods go on without the control plane; they are not started anew without it.
    t.edge(&subject, Relation::DependsOn { hard: false }, cluster);
    // A managed group is one Auto Scaling group (Amazon EKS User Guide, "Managed node groups").
    if let [Named { name: Some(name) }] = &group.resources.auto_scaling_groups[..]
        && let Some(own) = scaled.get(name)
    {
        t.also(&subject, &SubjectId::from(own.as_str()));
    }
}

fn pairs(tags: &BTreeMap<String, serde_json::Value>) -> Vec<Tag> {
    let all = tags.iter().map(|(k, v)| Tag { key: Some(k.clone()), value: v.as_str().map(str::to_owned) });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    /// Shapes of the examples in "DescribeCluster" and "DescribeNodegroup", Amazon EKS API Reference.
    fn read(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut cluster = json!({"name": "main", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/main", "version": "1.34",
            "endpoint": "https://A0DCCD80A04F01705DD065655C30CC3D.yl4.eu-west-1.eks.amazonaws.com", "status": "ACTIVE",
            "tags": {"env": "prod"}, "health": {"issues": []}});
        change(&mut cluster);
        let cluster: Described = parsed(json!({"cluster": cluster}));
        let nodes: DescribedNodes = parsed(json!({"nodegroup": {"nodegroupName": "web", "clusterName": "main",
            "nodegroupArn": "arn:aws:eks:eu-west-1:111122223333:nodegroup/main/web/1", "version": "1.33", "status": "ACTIVE",
            "scalingConfig": {"minSize": 2, "maxSize": 5, "desiredSize": 3}, "subnets": ["subnet-a", "subnet-b"],
            "resources": {"autoScalingGroups": [{"name": "eks-web-1"}]}, "tags": {}}}));
        let asg = "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/eks-web-1";
        let scaled = BTreeMap::from([("eks-web-1".to_owned(), asg.to_owned())]);
        said(|t| say(t, &cluster.cluster, std::iter::once(&nodes.nodegroup), &scaled))
    }

    #[test]
    fn a_cluster_and_its_nodes() {
        let expected = [
            "eks:cluster/main is service main, kubernetes 1.34, Production, managed",
            "eks:cluster/main platform_redundant = on",
            "eks:cluster/main RunsIn aws:eu-west-1",
            "eks:cluster/main SameAs dns:a0dccd80a04f01705dd065655c30cc3d.yl4.eu-west-1.eks.amazonaws.com",
            "eks:nodegroup/main/web/1 is service web, kubernetes 1.33",
            "eks:nodegroup/main/web/1 members.desired = 3",
            "eks:nodegroup/main/web/1 members.minimum = 2",
            "eks:nodegroup/main/web/1 members.maximum = 5",
            "eks:nodegroup/main/web/1 may use eks:cluster/main",
            "eks:nodegroup/main/web/1 SameAs autoscaling:autoScalingGroup:1:autoScalingGroupName/eks-web-1",
        ];
        check(&read(|_| ()), &expected, &[]);
    }

    #[test]
    fn what_runs_elsewhere_is_not_kept_up_by_the_platform() {
        let outpost =
            read(|c| c["outpostConfig"] = json!({"outpostArns": ["arn"], "controlPlaneInstanceType": "m5.large"}));
        check(&outpost, &[], &["eks:cluster/main platform_redundant"]);
        assert!(read(|c| c["connectorConfig"] = json!({"provider": "GKE"})).is_empty());
        assert!(read(|c| c["status"] = json!("DELETING")).is_empty());
        assert!(read(|c| c["arn"] = Value::Null).is_empty());
    }
}
