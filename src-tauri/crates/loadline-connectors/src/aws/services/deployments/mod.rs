//! How change reached users in the last 90 days: deployments of ECS services, of CodeDeploy, of functions and of groups of
//! machines, who began each, and what the next one will do when it fails.

mod codedeploy;
mod containers;
mod functions;
mod machines;
mod pipelines;
mod who;

use super::ServiceReader;
use super::autoscaling::{self, groups_of};
use super::ecs::{self, services_of};
use super::telling::{Place, Telling};
use crate::Answer;
use crate::aws::asking::Asking;
use crate::aws::operations::{Operation, operation};
use futures_util::FutureExt;
use loadline_model::{ActorKind, Basis, Deployment, DeploymentStatus, Environment, SubjectId, Timestamp};
use std::collections::BTreeMap;

const APPLICATIONS: &Operation = operation("codedeploy:ListApplications");
const GROUPS: &Operation = operation("codedeploy:ListDeploymentGroups");
const DESCRIBE_GROUPS: &Operation = operation("codedeploy:BatchGetDeploymentGroups");
const DEPLOYMENTS: &Operation = operation("codedeploy:ListDeployments");
const DESCRIBE_DEPLOYMENTS: &Operation = operation("codedeploy:BatchGetDeployments");
const CONFIGURATION: &Operation = operation("codedeploy:GetDeploymentConfig");
const SERVICE_DEPLOYMENTS: &Operation = operation("ecs:ListServiceDeployments");
const REFRESHES: &Operation = operation("autoscaling:DescribeInstanceRefreshes");
const PIPELINES: &Operation = operation("codepipeline:ListPipelines");
const PIPELINE: &Operation = operation("codepipeline:GetPipeline");
const EVENTS: &Operation = operation("cloudtrail:LookupEvents");

/// As far back as CloudTrail, ECS and the rules look.
const DAYS: i64 = 90;

pub(super) const READER: ServiceReader = ServiceReader {
    id: "deployments",
    title: "Deployments",
    global: false,
    operations: &[
        APPLICATIONS,
        GROUPS,
        DESCRIBE_GROUPS,
        DEPLOYMENTS,
        DESCRIBE_DEPLOYMENTS,
        CONFIGURATION,
        ecs::CLUSTERS,
        ecs::SERVICES,
        ecs::DESCRIBE_SERVICES,
        SERVICE_DEPLOYMENTS,
        autoscaling::GROUPS,
        REFRESHES,
        PIPELINES,
        PIPELINE,
        EVENTS,
    ],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// Deployments are no samples: a later visit replaces what an earlier one said, so each asks for all 90 days.
async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let since = asking.window.now.plus_days(-DAYS);
    let services = services_of(asking, answer).await;
    let rollouts = containers::read(asking, &services.all, since, answer).await;
    let code = codedeploy::read(asking, since, answer).await;
    let groups = groups_of(asking, answer).await;
    let groups: Vec<_> = groups.pages.into_iter().flat_map(|p| p.auto_scaling_groups).collect();
    let refreshes = machines::read(asking, &groups, answer).await;
    let pipelines = pipelines::read(asking, answer).await;
    let mut wanted = vec![who::FUNCTION];
    if services.all.iter().any(containers::is_native) {
        wanted.extend([who::SERVICE, who::NEW_SERVICE]);
    }
    if !code.deployments.is_empty() {
        wanted.push(who::CODE);
    }
    if refreshes.iter().any(|(_, all)| !all.is_empty()) {
        wanted.push(who::REFRESH);
    }
    let trail = who::read(asking, since, &wanted, answer).await;

    let mut t = Telling::new(answer, Place::of(asking, region));
    let known = Known::of(&services.all, &groups);
    for service in &services.all {
        containers::say(&mut t, service, rollouts.get(service.service_arn.as_deref().unwrap_or("")), &trail);
    }
    let spoken = codedeploy::say(&mut t, &code, &known, &trail);
    for (group, all) in &refreshes {
        machines::say(&mut t, group, all, &trail);
    }
    functions::say(&mut t, &trail, &spoken);
    pipelines::say(&mut t, &pipelines, &code, &known);
}

/// The services and groups of the region by the names that deployments call them.
#[derive(Default)]
struct Known {
    /// By names of cluster and service.
    services: BTreeMap<(String, String), (SubjectId, Option<Environment>)>,
    /// By name.
    groups: BTreeMap<String, (SubjectId, Option<Environment>)>,
}

impl Known {
    fn of(services: &[ecs::shapes::Service], groups: &[autoscaling::Group]) -> Self {
        let service = |s: &ecs::shapes::Service| {
            let cluster = last(s.cluster_arn.as_deref()?).to_owned();
            let id = SubjectId::from(s.service_arn.as_deref()?);
            Some(((cluster, s.service_name.clone()?), (id, super::telling::environment(&s.tags))))
        };
        let group = |g: &autoscaling::Group| {
            let id = SubjectId::from(g.auto_scaling_group_arn.as_deref()?);
            Some((g.auto_scaling_group_name.clone()?, (id, super::telling::environment(&g.tags))))
        };
        Self {
            services: services.iter().filter_map(service).collect(),
            groups: groups.iter().filter_map(group).collect(),
        }
    }

    fn service(&self, cluster: &str, name: &str) -> Option<&(SubjectId, Option<Environment>)> {
        self.services.get(&(last(cluster).to_owned(), last(name).to_owned()))
    }
}

/// What follows the last slash.
fn last(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// A deployment of which the environment is not said yet.
struct Told {
    id: String,
    revision: String,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    status: DeploymentStatus,
    by: who::By,
    strategy: Option<&'static str>,
}

impl Told {
    /// Says it of a service. An unmapped service counts as production, as everywhere.
    fn say(self, t: &mut Telling<'_>, subject: &SubjectId, environment: Option<Environment>) {
        let environment = match environment.or(t.place.environment) {
            None | Some(Environment::Production) => "production",
            Some(Environment::Staging) => "staging",
            Some(Environment::Development) => "development",
        };
        let ended = self.status != DeploymentStatus::InProgress;
        let deployment = Deployment {
            id: self.id,
            environment: environment.to_owned(),
            revision: self.revision,
            started_at: self.started_at,
            finished_at: self.finished_at.filter(|at| ended && *at >= self.started_at),
            status: self.status,
            actor_kind: self.by.kind,
            actor: self.by.name,
            strategy: self.strategy.map(str::to_owned),
        };
        t.say(subject, Basis::Measured, deployment);
    }
}

/// Nobody said who began it.
const NOBODY: who::By = who::By { kind: ActorKind::Unknown, name: None };
