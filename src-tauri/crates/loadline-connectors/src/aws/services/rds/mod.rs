//! RDS, Aurora, DocumentDB and Neptune.

mod say;
pub(in crate::aws::services) mod shapes;

use super::ServiceReader;
use super::telling::{Place, Telling};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use futures_util::FutureExt;
use loadline_model::{Kind, SubjectId};
use serde_json::json;
use shapes::{AutomatedBackups, Cluster, Clusters, Instance, Instances, Snapshots};

pub(super) const INSTANCES: &Operation = operation("rds:DescribeDBInstances");
pub(super) const CLUSTERS: &Operation = operation("rds:DescribeDBClusters");
const SNAPSHOTS: &Operation = operation("rds:DescribeDBSnapshots");
const CLUSTER_SNAPSHOTS: &Operation = operation("rds:DescribeDBClusterSnapshots");
const AUTOMATED: &Operation = operation("rds:DescribeDBInstanceAutomatedBackups");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "rds",
    title: "RDS and Aurora",
    global: false,
    operations: &[INSTANCES, CLUSTERS, SNAPSHOTS, CLUSTER_SNAPSHOTS, AUTOMATED],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Database];
    let instances: Pages<Instances> = asking.pages_hiding(INSTANCES, json!({}), &hides, answer).await;
    let clusters: Pages<Clusters> = asking.pages_hiding(CLUSTERS, json!({}), &hides, answer).await;
    let all: Vec<&Instance> = instances.pages.iter().flat_map(|p| &p.all).collect();
    let groups: Vec<&Cluster> = clusters.pages.iter().flat_map(|p| &p.all).collect();
    let (mut of_instances, mut of_clusters, mut automated) = (None, None, None);
    if !all.is_empty() {
        of_instances = Some(asking.pages::<Snapshots>(SNAPSHOTS, json!({}), answer).await);
        automated = Some(asking.pages::<AutomatedBackups>(AUTOMATED, json!({}), answer).await);
    }
    if !groups.is_empty() {
        of_clusters = Some(asking.pages::<Snapshots>(CLUSTER_SNAPSHOTS, json!({}), answer).await);
    }

    let mut t = Telling::new(answer, Place::of(asking, region));
    all.iter().for_each(|instance| say::say_instance(&mut t, instance, &all));
    groups.iter().for_each(|cluster| say::say_cluster(&mut t, cluster, &all));
    let known = |id: &str| {
        let instance = all.iter().find(|i| i.id.as_deref() == Some(id)).and_then(|i| i.arn.as_deref());
        instance.map(SubjectId::from)
    };
    let pages = of_instances.iter().flat_map(|p| &p.pages).flat_map(|p| &p.of_instances);
    say::say_snapshots(&mut t, &pages.collect::<Vec<_>>(), known);
    let known = |id: &str| {
        let cluster = groups.iter().find(|c| c.id.as_deref() == Some(id)).and_then(|c| c.arn.as_deref());
        cluster.map(SubjectId::from)
    };
    let pages = of_clusters.iter().flat_map(|p| &p.pages).flat_map(|p| &p.of_clusters);
    say::say_snapshots(&mut t, &pages.collect::<Vec<_>>(), known);
    let backups: Vec<_> = automated.iter().flat_map(|p| &p.pages).flat_map(|p| &p.all).collect();
    say::say_copies(&mut t, &backups);
    t.listed(&[Kind::Database], instances.complete && clusters.complete);
}
