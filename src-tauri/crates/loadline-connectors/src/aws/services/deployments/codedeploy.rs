//! Deployments of CodeDeploy and what its groups do with a bad one, said of the services they deploy to.

use super::functions::unqualified;
use super::who::{By, CODE, Trail, text};
use super::{APPLICATIONS, CONFIGURATION, DEPLOYMENTS, DESCRIBE_DEPLOYMENTS, DESCRIBE_GROUPS, GROUPS};
use super::{Known, NOBODY, Told, last};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::services::telling::{Telling, batches, nested};
use crate::aws::shape::{list, opt_bool, opt_string, opt_time, opt_u64};
use loadline_model::{DeploymentStatus, Environment, SubjectId, Timestamp, key};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// An answer of any of the calls (AWS CodeDeploy API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    applications: Vec<String>,
    #[serde(deserialize_with = "list")]
    deployment_groups: Vec<String>,
    #[serde(deserialize_with = "list")]
    deployment_groups_info: Vec<Group>,
    #[serde(deserialize_with = "list")]
    deployments: Vec<String>,
    #[serde(deserialize_with = "list")]
    deployments_info: Vec<Deployed>,
    #[serde(deserialize_with = "nested")]
    deployment_config_info: Configuration,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Group {
    #[serde(deserialize_with = "opt_string")]
    application_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    deployment_group_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    deployment_config_name: Option<String>,
    #[serde(deserialize_with = "list")]
    ecs_services: Vec<Container>,
    #[serde(deserialize_with = "list")]
    auto_scaling_groups: Vec<Machines>,
    #[serde(deserialize_with = "nested")]
    auto_rollback_configuration: Rollback,
    #[serde(deserialize_with = "nested")]
    alarm_configuration: Switch,
    #[serde(deserialize_with = "nested")]
    deployment_style: Style,
    #[serde(deserialize_with = "nested")]
    target_revision: Revision,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Container {
    #[serde(deserialize_with = "opt_string")]
    service_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    cluster_name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Machines {
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Rollback {
    #[serde(deserialize_with = "opt_bool")]
    enabled: Option<bool>,
    #[serde(deserialize_with = "list")]
    events: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Switch {
    #[serde(deserialize_with = "opt_bool")]
    enabled: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Style {
    /// `IN_PLACE`, `BLUE_GREEN`.
    #[serde(deserialize_with = "opt_string")]
    deployment_type: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Revision {
    #[serde(deserialize_with = "nested")]
    s3_location: Location,
    #[serde(deserialize_with = "nested")]
    git_hub_location: Location,
    #[serde(deserialize_with = "nested")]
    string: Content,
    #[serde(deserialize_with = "nested")]
    app_spec_content: Content,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Location {
    #[serde(deserialize_with = "opt_string")]
    key: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    commit_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    /// An application specification; read where it is JSON.
    #[serde(deserialize_with = "opt_string")]
    content: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Deployed {
    #[serde(deserialize_with = "opt_string")]
    deployment_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    application_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    deployment_group_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    deployment_config_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    creator: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    create_time: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    start_time: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    complete_time: Option<Timestamp>,
    #[serde(deserialize_with = "nested")]
    rollback_info: RollbackInfo,
    #[serde(deserialize_with = "nested")]
    deployment_style: Style,
    #[serde(deserialize_with = "nested")]
    revision: Revision,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RollbackInfo {
    /// The deployment that brought the old version back.
    #[serde(deserialize_with = "opt_string")]
    rollback_deployment_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Configuration {
    #[serde(deserialize_with = "nested")]
    minimum_healthy_hosts: Hosts,
    #[serde(deserialize_with = "nested")]
    traffic_routing_config: Routing,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Hosts {
    #[serde(deserialize_with = "opt_u64")]
    value: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Routing {
    /// `TimeBasedCanary`, `TimeBasedLinear`, `AllAtOnce`.
    #[serde(rename = "type", deserialize_with = "opt_string")]
    kind: Option<String>,
}

/// What CodeDeploy answered.
#[derive(Default)]
pub(super) struct Code {
    groups: Vec<Group>,
    pub deployments: BTreeSet<String>,
    described: Vec<Deployed>,
    /// By name.
    configurations: BTreeMap<String, Configuration>,
}

/// The groups, and the deployments since then.
pub(super) async fn read(asking: &Asking<'_>, since: Timestamp, answer: &mut Answer) -> Code {
    let pages: Pages<Page> = asking.pages(APPLICATIONS, json!({}), answer).await;
    let applications: Vec<String> = pages.pages.into_iter().flat_map(|p| p.applications).collect();
    if applications.is_empty() {
        return Code::default();
    }
    let questions = applications.into_iter().map(|a| (a.clone(), json!({"applicationName": a}))).collect();
    let named: Vec<(String, Pages<Page>)> = asking.each(GROUPS, questions, &[], answer).await;
    let mut questions = Vec::new();
    for (application, pages) in named {
        let names: Vec<String> = pages.into_iter().flat_map(|p| p.deployment_groups).collect();
        let some = batches(&names, 100).into_iter();
        questions.extend(some.map(|n| ((), json!({"applicationName": application, "deploymentGroupNames": n}))));
    }
    let groups: Vec<((), Pages<Page>)> = asking.each(DESCRIBE_GROUPS, questions, &[], answer).await;
    let range = json!({"createTimeRange": {"start": since.0.div_euclid(1000)}});
    let pages: Pages<Page> = asking.pages(DEPLOYMENTS, range, answer).await;
    let deployments: BTreeSet<String> = pages.pages.into_iter().flat_map(|p| p.deployments).collect();
    let ids: Vec<String> = deployments.iter().cloned().collect();
    let questions = batches(&ids, 25).into_iter().map(|some| ((), json!({"deploymentIds": some}))).collect();
    let described: Vec<((), Pages<Page>)> = asking.each(DESCRIBE_DEPLOYMENTS, questions, &[], answer).await;
    let mut code = Code {
        groups: groups.into_iter().flat_map(|(_, p)| p).flat_map(|p| p.deployment_groups_info).collect(),
        deployments,
        described: described.into_iter().flat_map(|(_, p)| p).flat_map(|p| p.deployments_info).collect(),
        configurations: BTreeMap::new(),
    };
    let names = code.groups.iter().filter_map(|g| g.deployment_config_name.clone());
    let names: BTreeSet<String> =
        names.chain(code.described.iter().filter_map(|d| d.deployment_config_name.clone())).collect();
    let questions = names.into_iter().map(|n| (n.clone(), json!({"deploymentConfigName": n}))).collect();
    let read: Vec<(String, Pages<Page>)> = asking.each(CONFIGURATION, questions, &[], answer).await;
    let first = |(name, pages): (String, Pages<Page>)| Some((name, pages.into_iter().next()?.deployment_config_info));
    code.configurations = read.into_iter().filter_map(first).collect();
    code
}

impl Code {
    fn group(&self, application: Option<&str>, name: Option<&str>) -> Option<&Group> {
        let named =
            |g: &&Group| g.application_name.as_deref() == application && g.deployment_group_name.as_deref() == name;
        self.groups.iter().find(named).filter(|_| application.is_some() && name.is_some())
    }

    /// The services that a group deploys to.
    pub(super) fn targets(
        &self,
        t: &Telling<'_>,
        application: Option<&str>,
        name: Option<&str>,
        known: &Known,
    ) -> Vec<(SubjectId, Option<Environment>)> {
        self.group(application, name).map(|g| targets(t, g, &g.target_revision, known)).unwrap_or_default()
    }

    /// How new versions reach users.
    fn strategy(&self, style: &Style, configuration: Option<&str>) -> Option<&'static str> {
        let configuration = configuration.and_then(|name| self.configurations.get(name));
        match style.deployment_type.as_deref()? {
            "BLUE_GREEN" => {
                match configuration.and_then(|c| c.traffic_routing_config.kind.as_deref()) {
                    Some("TimeBasedCanary" | "TimeBasedLinear") => Some("canary"),
                    // Of machines, traffic is not routed in steps.
                    Some("AllAtOnce") | None => Some("blue_green"),
                    Some(_) => None,
                }
            }
            "IN_PLACE" => {
                let stays = configuration?.minimum_healthy_hosts.value?;
                Some(if stays == 0 { "in_place" } else { "rolling" })
            }
            _ => None,
        }
    }
}

/// Says what the groups are set to and what was deployed; answers whose deployments were said.
pub(super) fn say(t: &mut Telling<'_>, code: &Code, known: &Known, trail: &Trail) -> BTreeSet<SubjectId> {
    t.call(DESCRIBE_GROUPS.name);
    for group in &code.groups {
        let strategy = code.strategy(&group.deployment_style, group.deployment_config_name.as_deref());
        for (subject, _) in targets(t, group, &group.target_revision, known) {
            t.text(&subject, key::DEPLOY_STRATEGY, strategy);
            t.flag(&subject, key::AUTOMATIC_ROLLBACK, rolls_back(group));
        }
    }
    t.call(DESCRIBE_DEPLOYMENTS.name);
    let mut spoken = BTreeSet::new();
    for deployed in &code.described {
        let group = code.group(deployed.application_name.as_deref(), deployed.deployment_group_name.as_deref());
        let Some(group) = group else { continue };
        for (subject, environment) in targets(t, group, &deployed.revision, known) {
            if let Some(told) = told(code, deployed, trail) {
                told.say(t, &subject, environment);
                spoken.insert(subject);
            }
        }
    }
    spoken
}

/// Only what a failure or an alarm starts is automatic; alarms must be watched.
fn rolls_back(group: &Group) -> Option<bool> {
    let rollback = &group.auto_rollback_configuration;
    let on = |event: &str| rollback.events.iter().any(|e| e == event);
    let alarmed = on("DEPLOYMENT_STOP_ON_ALARM") && group.alarm_configuration.enabled == Some(true);
    rollback.enabled.map(|enabled| enabled && (on("DEPLOYMENT_FAILURE") || alarmed))
}

fn targets(
    t: &Telling<'_>,
    group: &Group,
    revision: &Revision,
    known: &Known,
) -> Vec<(SubjectId, Option<Environment>)> {
    let mut found = Vec::new();
    for container in &group.ecs_services {
        let (Some(cluster), Some(name)) = (container.cluster_name.as_deref(), container.service_name.as_deref()) else {
            continue;
        };
        let made = || (t.place.arn("ecs", &format!("service/{}/{}", last(cluster), last(name))), None);
        found.push(known.service(cluster, name).cloned().unwrap_or_else(made));
    }
    let machines = group.auto_scaling_groups.iter().filter_map(|m| known.groups.get(m.name.as_deref()?));
    found.extend(machines.cloned());
    if let Some(function) = revision.resource("Name").filter(|_| group.ecs_services.is_empty()) {
        let id = if function.starts_with("arn:") {
            SubjectId::from(unqualified(&function))
        } else {
            t.place.arn("lambda", &format!("function:{function}"))
        };
        found.push((id, None));
    }
    found
}

impl Revision {
    /// A property of what the application specification deploys, when that is JSON.
    fn resource(&self, property: &str) -> Option<String> {
        let content = self.string.content.as_ref().or(self.app_spec_content.content.as_ref())?;
        let tree: Value = serde_json::from_str(content).ok()?;
        let of = |key: &str| tree.get(key).and_then(Value::as_array);
        let resources = of("Resources").or_else(|| of("resources"))?;
        let mut inner = resources.iter().filter_map(Value::as_object).flat_map(|o| o.values());
        inner.find_map(|r| text(r, &["Properties", property]).map(str::to_owned))
    }

    fn word(&self) -> String {
        let commit = self.git_hub_location.commit_id.clone();
        let task = || self.resource("TaskDefinition").map(|task| last(&task).to_owned());
        let version = || self.resource("TargetVersion");
        commit.or_else(|| self.s3_location.key.clone()).or_else(task).or_else(version).unwrap_or_default()
    }
}

fn told(code: &Code, deployed: &Deployed, trail: &Trail) -> Option<Told> {
    // Machines that joined get the version that is there, and a rollback is the end of what failed: neither is a change.
    match deployed.creator.as_deref() {
        Some("user" | "CodeDeploy" | "CloudFormation") | None => {}
        Some(_) => return None,
    }
    let back = deployed.rollback_info.rollback_deployment_id.as_deref();
    let status = match deployed.status.as_deref()? {
        "Succeeded" => DeploymentStatus::Succeeded,
        "Failed" | "Stopped" if back.is_some() => DeploymentStatus::RolledBack,
        "Failed" | "Stopped" => DeploymentStatus::Failed,
        _ => DeploymentStatus::InProgress,
    };
    // It is over for users when the old version is back.
    let repaired = || {
        let repair = code.described.iter().find(|d| back.is_some() && d.deployment_id.as_deref() == back)?;
        repair.complete_time
    };
    let id = deployed.deployment_id.clone()?;
    let by: By = match deployed.creator.as_deref() {
        Some("CloudFormation") => NOBODY,
        _ => trail.answered(CODE, &["deploymentId"], &id),
    };
    Some(Told {
        id,
        revision: deployed.revision.word(),
        started_at: deployed.start_time.or(deployed.create_time)?,
        finished_at: if status == DeploymentStatus::RolledBack { repaired() } else { deployed.complete_time },
        status,
        by,
        strategy: code.strategy(&deployed.deployment_style, deployed.deployment_config_name.as_deref()),
    })
}

#[cfg(test)]
#[path = "codedeploy_tests.rs"]
mod tests;
