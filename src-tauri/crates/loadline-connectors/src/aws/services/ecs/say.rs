//! Facts of container services: how many tasks, where each runs, what they name as their needs. How they are
//! deployed is said with the other deployments.

use super::hosts::{host_in, is_store};
use super::shapes::{Definition, Scalable, Service, Task};
use super::{ACTIVITIES, DEFINITION, DESCRIBE_SERVICES, DESCRIBE_TASKS, POLICIES, TARGETS, parts};
use crate::aws::services::activity::{self, Activity};
use crate::aws::services::signal::Signals;
use crate::aws::services::telling::{Telling, host};
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use std::collections::{BTreeMap, BTreeSet};

/// What was read beside the services; `None` where it could not be read completely.
#[derive(Default)]
pub(super) struct Beside<'b> {
    pub tasks: Vec<&'b Task>,
    /// EC2 instance by container instance.
    pub machines: BTreeMap<String, String>,
    /// By ARN of the task definition.
    pub definitions: BTreeMap<String, &'b Definition>,
    pub targets: Option<Vec<&'b Scalable>>,
    pub policies: Option<Vec<&'b Scalable>>,
    pub schedules: Option<Vec<&'b Scalable>>,
    pub activities: Option<Vec<&'b Activity>>,
    /// Of alarms that start policies.
    pub signals: Signals,
    /// Of repositories whose tags can change, or cannot, by their address.
    pub mutable: BTreeMap<String, bool>,
}

/// Says a service.
pub(super) fn say(t: &mut Telling<'_>, service: &Service, beside: &Beside<'_>) {
    let Some(arn) = service.service_arn.as_deref() else { return };
    if matches!(service.status.as_deref(), Some("INACTIVE" | "DRAINING")) {
        return;
    }
    let subject = SubjectId::from(arn);
    let name = service.service_name.as_deref().unwrap_or(arn);
    t.call(DESCRIBE_SERVICES.name);
    let resource = t.resource(Kind::Service, name, &service.tags);
    t.exists(&subject, resource.clone());
    t.count(&subject, key::DESIRED_MEMBERS, service.desired_count);
    if service.desired_count.is_some_and(|n| n > 1) {
        t.interchangeable(&subject, &resource, &service.tags);
    }
    say_tasks(t, &subject, service, beside);
    say_scaling(t, &subject, service, beside);
    let definition = service.task_definition.as_deref().and_then(|d| beside.definitions.get(d));
    if let Some(definition) = definition {
        say_needs(t, &subject, definition);
        parts::say_artefact(t, &subject, definition, &beside.mutable);
        parts::say_reserved(t, &subject, definition, service.launch_type.as_deref());
    }
}

fn say_tasks(t: &mut Telling<'_>, subject: &SubjectId, service: &Service, beside: &Beside<'_>) {
    let group = service.service_name.as_deref().map(|name| format!("service:{name}"));
    let mine = |task: &&&Task| group.is_some() && task.group == group && task.cluster_arn == service.cluster_arn;
    t.call(DESCRIBE_TASKS.name);
    for task in beside.tasks.iter().filter(mine).filter(|t| t.last_status.as_deref() == Some("RUNNING")) {
        let Some(arn) = task.task_arn.as_deref() else { continue };
        let member = SubjectId::from(arn);
        let id = arn.rsplit('/').next().unwrap_or(arn);
        // Without a machine of the account it runs on Fargate's.
        let managed = task.container_instance_arn.is_none().then_some(true);
        let resource =
            Resource { managed, ..t.resource(Kind::Instance, &format!("task {}", id.get(..8).unwrap_or(id)), &[]) };
        t.exists(&member, resource);
        t.edge(&member, Relation::MemberOf, subject);
        t.in_zone(&member, task.availability_zone.as_deref());
        let machine = task.container_instance_arn.as_ref().and_then(|c| beside.machines.get(c));
        if let Some(machine) = machine.map(|id| t.place.instance(id)) {
            t.edge(&member, Relation::RunsIn, &machine);
        }
    }
}

fn say_scaling(t: &mut Telling<'_>, subject: &SubjectId, service: &Service, beside: &Beside<'_>) {
    let cluster = service.cluster_arn.as_deref().and_then(|c| c.rsplit('/').next());
    let (Some(cluster), Some(name)) = (cluster, service.service_name.as_deref()) else { return };
    let id = format!("service/{cluster}/{name}");
    let mine = |s: &&&Scalable| s.resource_id.as_deref() == Some(&id);
    t.call(TARGETS.name);
    let Some(targets) = &beside.targets else { return };
    let Some(target) = targets.iter().find(mine) else {
        t.text(subject, key::SCALING_SIGNAL, Some("none"));
        return;
    };
    t.count(subject, key::MINIMUM_MEMBERS, target.min_capacity);
    t.count(subject, key::MAXIMUM_MEMBERS, target.max_capacity);
    let Some(policies) = &beside.policies else { return };
    let policies: Vec<&&Scalable> = policies.iter().filter(mine).collect();
    let scheduled = beside.schedules.as_ref().map(|s| s.iter().any(|s| mine(&s)));
    let found = policies.iter().find(|p| p.tracking.signal().is_some());
    let alarms = policies.iter().flat_map(|p| &p.alarms).filter_map(|a| a.alarm_name.as_ref());
    let by_alarm = alarms.filter_map(|name| beside.signals.get(name)).next().copied();
    let signal = found.and_then(|p| p.tracking.signal()).or(by_alarm);
    let signal = signal.or(match (policies.is_empty(), scheduled) {
        (true, Some(true)) => Some("schedule"),
        (true, Some(false)) => Some("none"),
        _ => None,
    });
    t.call(POLICIES.name).text(subject, key::SCALING_SIGNAL, signal);
    t.number(subject, key::SCALING_TARGET, found.and_then(|p| p.tracking.utilisation()));
    if let Some(activities) = &beside.activities {
        let mine: Vec<&Activity> = activities.iter().filter(|a| a.thing() == Some(&id)).copied().collect();
        activity::say(t.call(ACTIVITIES.name), subject, &mine);
    }
}

/// What the containers' environment names: hosts and secrets. Naming a store is declaring it; another host may be
/// one that the service can do without.
fn say_needs(t: &mut Telling<'_>, subject: &SubjectId, definition: &Definition) {
    t.call(DEFINITION.name);
    let variables = definition.container_definitions.iter().flat_map(|c| &c.environment);
    let hosts: BTreeSet<String> =
        variables.filter_map(|v| host_in(v.value.as_deref()?)).map(|(host, _)| host).collect();
    for name in hosts {
        let to = host(&name);
        if is_store(&name) {
            t.edge(subject, Relation::DependsOn { hard: true }, &to);
        } else {
            t.infer(subject, Relation::DependsOn { hard: false }, &to);
        }
    }
    let secrets = definition.container_definitions.iter().flat_map(|c| &c.secrets);
    let secrets: BTreeSet<&str> = secrets.filter_map(|s| secret(s.value_from.as_deref()?)).collect();
    for arn in secrets {
        t.edge(subject, Relation::UsesSecret, &SubjectId::from(arn));
    }
}

/// The ARN of a secret without the key, stage and version that may follow it; parameters are not secrets by name.
fn secret(value_from: &str) -> Option<&str> {
    if !value_from.contains(":secretsmanager:") {
        return None;
    }
    let end = value_from.match_indices(':').nth(6).map_or(value_from.len(), |(at, _)| at);
    value_from.get(..end)
}

#[cfg(test)]
mod tests;
