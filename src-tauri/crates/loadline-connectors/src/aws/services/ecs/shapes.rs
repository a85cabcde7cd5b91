//! What ECS and Application Auto Scaling answer (API References); only what becomes a fact.

use crate::aws::services::autoscaling::Tracking;
use crate::aws::services::signal::Named;
use crate::aws::services::telling::{Tag, nested};
use crate::aws::shape::{flat_list, list, opt_bool, opt_f64, opt_string, opt_time, opt_u64};
use loadline_model::Timestamp;
use serde::Deserialize;

/// The answers of the `List*` calls.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Names {
    #[serde(deserialize_with = "list")]
    pub cluster_arns: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub service_arns: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub task_arns: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub container_instance_arns: Vec<String>,
}

/// The answer of `DescribeServices`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Services {
    #[serde(deserialize_with = "list")]
    pub services: Vec<Service>,
    /// Names that were not answered.
    #[serde(deserialize_with = "list")]
    pub failures: Vec<Failure>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure {
    #[serde(deserialize_with = "opt_string")]
    pub arn: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Service {
    #[serde(deserialize_with = "opt_string")]
    pub service_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub service_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub cluster_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub status: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    pub desired_count: Option<u64>,
    #[serde(deserialize_with = "opt_string")]
    pub task_definition: Option<String>,
    #[serde(deserialize_with = "list")]
    pub load_balancers: Vec<Registration>,
    #[serde(deserialize_with = "list")]
    pub deployments: Vec<Deployed>,
    #[serde(deserialize_with = "nested")]
    pub deployment_configuration: Configuration,
    #[serde(deserialize_with = "nested")]
    pub deployment_controller: Controller,
    #[serde(deserialize_with = "nested")]
    pub network_configuration: Network,
    /// `EC2`, `FARGATE`, `EXTERNAL`, `MANAGED_INSTANCES`; absent where a capacity provider decides.
    #[serde(deserialize_with = "opt_string")]
    pub launch_type: Option<String>,
    #[serde(deserialize_with = "list")]
    pub tags: Vec<Tag>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Registration {
    #[serde(deserialize_with = "opt_string")]
    pub target_group_arn: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Deployed {
    #[serde(deserialize_with = "opt_string")]
    pub id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub task_definition: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub rollout_state: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    pub created_at: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    pub updated_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Configuration {
    /// `ROLLING`, `BLUE_GREEN`, `LINEAR`, `CANARY`.
    #[serde(deserialize_with = "opt_string")]
    pub strategy: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    pub minimum_healthy_percent: Option<u64>,
    #[serde(deserialize_with = "opt_u64")]
    pub maximum_percent: Option<u64>,
    #[serde(deserialize_with = "nested")]
    deployment_circuit_breaker: Guard,
    #[serde(deserialize_with = "nested")]
    alarms: Guard,
}

/// What stops a deployment that goes wrong: tasks that fail, or alarms.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Guard {
    #[serde(deserialize_with = "opt_bool")]
    enable: Option<bool>,
    #[serde(deserialize_with = "opt_bool")]
    rollback: Option<bool>,
}

impl Configuration {
    /// A bad version is rolled back by itself; alarms that are not answered are not set.
    pub(in crate::aws::services) fn rolls_back(&self) -> Option<bool> {
        let on = |guard: &Guard| Some(guard.enable? && guard.rollback?);
        if on(&self.alarms) == Some(true) { Some(true) } else { on(&self.deployment_circuit_breaker) }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::aws::services) struct Controller {
    /// `ECS`, `CODE_DEPLOY`, `EXTERNAL`.
    #[serde(rename = "type", deserialize_with = "opt_string")]
    pub kind: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Network {
    #[serde(deserialize_with = "nested")]
    pub awsvpc_configuration: Vpc,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::aws::services) struct Vpc {
    #[serde(deserialize_with = "list")]
    pub security_groups: Vec<String>,
}

/// The answer of `DescribeTasks`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Tasks {
    #[serde(deserialize_with = "list")]
    pub tasks: Vec<Task>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Task {
    #[serde(deserialize_with = "opt_string")]
    pub task_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub cluster_arn: Option<String>,
    /// `service:NAME` of the tasks of a service.
    #[serde(deserialize_with = "opt_string")]
    pub group: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub last_status: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub availability_zone: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub container_instance_arn: Option<String>,
}

/// The answer of `DescribeContainerInstances`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ContainerInstances {
    #[serde(deserialize_with = "list")]
    pub container_instances: Vec<ContainerInstance>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ContainerInstance {
    #[serde(deserialize_with = "opt_string")]
    pub container_instance_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub ec2_instance_id: Option<String>,
}

/// The answer of `DescribeTaskDefinition`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TaskDefinition {
    #[serde(deserialize_with = "nested")]
    pub task_definition: Definition,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Definition {
    #[serde(deserialize_with = "list")]
    pub container_definitions: Vec<Container>,
    /// Units of the whole task: 1024 are one vCPU.
    #[serde(deserialize_with = "opt_f64")]
    pub cpu: Option<f64>,
    /// MiB of the whole task.
    #[serde(deserialize_with = "opt_f64")]
    pub memory: Option<f64>,
    #[serde(deserialize_with = "nested")]
    pub runtime_platform: Platform,
    #[serde(deserialize_with = "list")]
    pub volumes: Vec<Volume>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Platform {
    /// `LINUX`, `WINDOWS_SERVER_…`.
    #[serde(deserialize_with = "opt_string")]
    pub operating_system_family: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Volume {
    #[serde(deserialize_with = "nested")]
    pub efs_volume_configuration: Efs,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Efs {
    #[serde(deserialize_with = "opt_string")]
    pub file_system_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Container {
    #[serde(deserialize_with = "opt_string")]
    pub image: Option<String>,
    /// Units of this container; 0 or none reserves nothing.
    #[serde(deserialize_with = "opt_f64")]
    pub cpu: Option<f64>,
    /// MiB, the hard limit.
    #[serde(deserialize_with = "opt_f64")]
    pub memory: Option<f64>,
    /// MiB, what is kept for it.
    #[serde(deserialize_with = "opt_f64")]
    pub memory_reservation: Option<f64>,
    #[serde(deserialize_with = "opt_bool")]
    pub essential: Option<bool>,
    #[serde(deserialize_with = "list")]
    pub environment: Vec<Variable>,
    #[serde(deserialize_with = "list")]
    pub secrets: Vec<SecretVariable>,
}

/// An environment variable. Its value is looked at for a host name and goes no further; see [`super::hosts`].
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Variable {
    #[serde(deserialize_with = "opt_string")]
    pub name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub value: Option<String>,
}

impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Variable").field("name", &self.name).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SecretVariable {
    /// ARN of a secret, or ARN or name of a parameter; never the secret.
    #[serde(deserialize_with = "opt_string")]
    pub value_from: Option<String>,
}

/// A page of `DescribeRepositories` of the container registry.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Repositories {
    #[serde(deserialize_with = "list")]
    pub repositories: Vec<Repository>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Repository {
    /// Host and path, as images name it.
    #[serde(deserialize_with = "opt_string")]
    pub repository_uri: Option<String>,
    /// `MUTABLE`, `IMMUTABLE`, or either with exclusions.
    #[serde(deserialize_with = "opt_string")]
    pub image_tag_mutability: Option<String>,
}

/// A page of `DescribeScalableTargets`, `DescribeScalingPolicies` and `DescribeScheduledActions`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Scaling {
    #[serde(deserialize_with = "list")]
    pub scalable_targets: Vec<Scalable>,
    #[serde(deserialize_with = "list")]
    pub scaling_policies: Vec<Scalable>,
    #[serde(deserialize_with = "list")]
    pub scheduled_actions: Vec<Scalable>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Scalable {
    /// `service/CLUSTER/NAME`.
    #[serde(deserialize_with = "opt_string")]
    pub resource_id: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    pub min_capacity: Option<u64>,
    #[serde(deserialize_with = "opt_u64")]
    pub max_capacity: Option<u64>,
    #[serde(rename = "TargetTrackingScalingPolicyConfiguration", deserialize_with = "nested")]
    pub tracking: Tracking,
    #[serde(deserialize_with = "flat_list")]
    pub alarms: Vec<Named>,
}
