//! ECS: services, their tasks, what these name in their environment, and how they scale.

pub(in crate::aws::services) mod hosts;
mod parts;
mod say;
pub(in crate::aws::services) mod shapes;

use super::ServiceReader;
use super::activity::Activities;
use super::signal::{self, Signals};
use super::telling::{Place, Telling, batches};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use futures_util::FutureExt;
use loadline_model::Kind;
use say::Beside;
use serde_json::{Value, json};
use shapes::{ContainerInstances, Names, Repositories, Scaling, Service, Services, TaskDefinition, Tasks};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const CLUSTERS: &Operation = operation("ecs:ListClusters");
pub(super) const SERVICES: &Operation = operation("ecs:ListServices");
pub(super) const DESCRIBE_SERVICES: &Operation = operation("ecs:DescribeServices");
const TASKS: &Operation = operation("ecs:ListTasks");
const DESCRIBE_TASKS: &Operation = operation("ecs:DescribeTasks");
const DEFINITION: &Operation = operation("ecs:DescribeTaskDefinition");
const MACHINES: &Operation = operation("ecs:ListContainerInstances");
const DESCRIBE_MACHINES: &Operation = operation("ecs:DescribeContainerInstances");
const TARGETS: &Operation = operation("application-autoscaling:DescribeScalableTargets");
const POLICIES: &Operation = operation("application-autoscaling:DescribeScalingPolicies");
const SCHEDULES: &Operation = operation("application-autoscaling:DescribeScheduledActions");
const ACTIVITIES: &Operation = operation("application-autoscaling:DescribeScalingActivities");
const REPOSITORIES: &Operation = operation("ecr:DescribeRepositories");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "ecs",
    title: "ECS",
    global: false,
    operations: &[
        CLUSTERS,
        SERVICES,
        DESCRIBE_SERVICES,
        TASKS,
        DESCRIBE_TASKS,
        DEFINITION,
        MACHINES,
        DESCRIBE_MACHINES,
        TARGETS,
        POLICIES,
        SCHEDULES,
        ACTIVITIES,
        signal::ALARMS,
        REPOSITORIES,
    ],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// The services of a region.
#[derive(Default)]
pub(super) struct Found {
    clusters: Vec<String>,
    pub all: Vec<Service>,
    /// All of them.
    pub complete: bool,
}

/// Reads the services of every cluster.
pub(super) async fn services_of(asking: &Asking<'_>, answer: &mut Answer) -> Found {
    let hides = [Kind::Service];
    let listed: Pages<Names> = asking.pages_hiding(CLUSTERS, json!({}), &hides, answer).await;
    let mut complete = listed.complete;
    let clusters: Vec<String> = listed.pages.into_iter().flat_map(|p| p.cluster_arns).collect();
    let names: Vec<(String, Pages<Names>)> = asking.each(SERVICES, by_cluster(&clusters), &hides, answer).await;
    let mut questions = Vec::new();
    for (cluster, pages) in names {
        complete &= pages.complete;
        let arns: Vec<String> = pages.pages.into_iter().flat_map(|p| p.service_arns).collect();
        let some = batches(&arns, 10).into_iter();
        questions.extend(some.map(|s| ((), json!({"cluster": cluster, "services": s, "include": ["TAGS"]}))));
    }
    let described: Vec<((), Pages<Services>)> = asking.each(DESCRIBE_SERVICES, questions, &hides, answer).await;
    let mut all = Vec::new();
    for (_, pages) in described {
        complete &= pages.complete;
        for page in pages {
            complete &= page.failures.iter().all(|f| f.arn.is_none());
            all.extend(page.services);
        }
    }
    Found { clusters, all, complete }
}

fn by_cluster(clusters: &[String]) -> Vec<(String, Value)> {
    clusters.iter().map(|c| (c.clone(), json!({"cluster": c}))).collect()
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let found = services_of(asking, answer).await;
    if found.all.is_empty() {
        return;
    }
    let tasks = tasks_of(asking, &found.clusters, answer).await;
    let machines = machines_of(asking, &found.clusters, &tasks, answer).await;
    let defined: BTreeSet<String> = found.all.iter().filter_map(|s| s.task_definition.clone()).collect();
    let questions = defined.into_iter().map(|d| (d.clone(), json!({"taskDefinition": d}))).collect();
    let definitions: Vec<(String, Pages<TaskDefinition>)> = asking.each(DEFINITION, questions, &[], answer).await;
    let images = definitions.iter().flat_map(|(_, p)| &p.pages).flat_map(|p| &p.task_definition.container_definitions);
    let mut repositories = Vec::new();
    if images.filter_map(|c| c.image.as_deref()).any(|i| i.contains(".dkr.ecr.")) {
        let pages: Pages<Repositories> = asking.pages(REPOSITORIES, json!({}), answer).await;
        repositories = pages.pages;
    }
    let scaled = Scaled::read(asking, answer).await;
    let beside = Beside {
        tasks: tasks.iter().flat_map(|p| &p.tasks).collect(),
        machines,
        definitions: definitions
            .iter()
            .filter_map(|(arn, pages)| Some((arn.clone(), &pages.pages.first()?.task_definition)))
            .collect(),
        targets: whole(&scaled.targets, |p| &p.scalable_targets),
        policies: scaled.policies.as_ref().and_then(|p| whole(p, |p| &p.scaling_policies)),
        schedules: scaled.schedules.as_ref().and_then(|p| whole(p, |p| &p.scheduled_actions)),
        activities: scaled.activities.as_ref().and_then(|p| whole(p, |p| &p.scaling_activities)),
        mutable: parts::mutable(&repositories),
        signals: scaled.signals.clone(),
    };
    let mut t = Telling::new(answer, Place::of(asking, region));
    for service in &found.all {
        say::say(&mut t, service, &beside);
    }
}

/// How services scale; what hangs on a target is asked only where there is one.
struct Scaled {
    targets: Pages<Scaling>,
    policies: Option<Pages<Scaling>>,
    schedules: Option<Pages<Scaling>>,
    activities: Option<Pages<Activities>>,
    signals: Signals,
}

impl Scaled {
    async fn read(asking: &Asking<'_>, answer: &mut Answer) -> Self {
        let namespace = json!({"ServiceNamespace": "ecs"});
        let targets: Pages<Scaling> = asking.pages(TARGETS, namespace.clone(), answer).await;
        let mut scaled = Self { targets, policies: None, schedules: None, activities: None, signals: Signals::new() };
        if scaled.targets.pages.iter().any(|p| !p.scalable_targets.is_empty()) {
            let policies: Pages<Scaling> = asking.pages(POLICIES, namespace.clone(), answer).await;
            let steps =
                policies.pages.iter().flat_map(|p| &p.scaling_policies).filter(|p| p.tracking.target().is_none());
            let names = steps.flat_map(|p| &p.alarms).filter_map(|a| a.alarm_name.clone()).collect();
            scaled.signals = signal::of_alarms(asking, names, answer).await;
            scaled.policies = Some(policies);
            scaled.schedules = Some(asking.pages(SCHEDULES, namespace.clone(), answer).await);
            let with_refused = json!({"ServiceNamespace": "ecs", "IncludeNotScaledActivities": true});
            scaled.activities = Some(asking.pages(ACTIVITIES, with_refused, answer).await);
        }
        scaled
    }
}

/// Everything of all pages, when all were read.
fn whole<'p, P, T>(pages: &'p Pages<P>, of: impl Fn(&'p P) -> &'p Vec<T>) -> Option<Vec<&'p T>> {
    pages.complete.then(|| pages.pages.iter().flat_map(of).collect())
}

/// The tasks of all clusters; none when some could not be read, because fewer members than there are would be judged.
async fn tasks_of(asking: &Asking<'_>, clusters: &[String], answer: &mut Answer) -> Vec<Tasks> {
    let hides = [Kind::Instance];
    let names: Vec<(String, Pages<Names>)> = asking.each(TASKS, by_cluster(clusters), &hides, answer).await;
    let (mut questions, mut complete) = (Vec::new(), true);
    for (cluster, pages) in names {
        complete &= pages.complete;
        let arns: Vec<String> = pages.pages.into_iter().flat_map(|p| p.task_arns).collect();
        questions.extend(batches(&arns, 100).into_iter().map(|t| ((), json!({"cluster": cluster, "tasks": t}))));
    }
    let described: Vec<((), Pages<Tasks>)> = asking.each(DESCRIBE_TASKS, questions, &hides, answer).await;
    if !complete || described.iter().any(|(_, pages)| !pages.complete) {
        return Vec::new();
    }
    described.into_iter().flat_map(|(_, pages)| pages.pages).collect()
}

/// EC2 instances by container instance; asked only where a task runs on one.
async fn machines_of(
    asking: &Asking<'_>,
    clusters: &[String],
    tasks: &[Tasks],
    answer: &mut Answer,
) -> BTreeMap<String, String> {
    let mut on_machines = tasks.iter().flat_map(|p| &p.tasks).filter(|t| t.container_instance_arn.is_some());
    if on_machines.next().is_none() {
        return BTreeMap::new();
    }
    let names: Vec<(String, Pages<Names>)> = asking.each(MACHINES, by_cluster(clusters), &[], answer).await;
    let mut questions = Vec::new();
    for (cluster, pages) in names {
        let arns: Vec<String> = pages.pages.into_iter().flat_map(|p| p.container_instance_arns).collect();
        let some = batches(&arns, 100).into_iter();
        questions.extend(some.map(|c| ((), json!({"cluster": cluster, "containerInstances": c}))));
    }
    let described: Vec<((), Pages<ContainerInstances>)> = asking.each(DESCRIBE_MACHINES, questions, &[], answer).await;
    let all = described.into_iter().flat_map(|(_, p)| p.pages).flat_map(|p| p.container_instances);
    all.filter_map(|m| Some((m.container_instance_arn?, m.ec2_instance_id?))).collect()
}
