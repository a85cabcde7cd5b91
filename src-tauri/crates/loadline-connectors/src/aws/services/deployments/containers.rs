//! Deployments of ECS services that ECS itself rolls out. Those of CodeDeploy are said by it.

use super::who::{self, By, Record, Trail, text};
use super::{NOBODY, SERVICE_DEPLOYMENTS, Told, last};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::services::ecs::DESCRIBE_SERVICES;
use crate::aws::services::ecs::shapes::{Deployed, Service};
use crate::aws::services::telling::{Telling, environment};
use crate::aws::shape::{list, opt_string, opt_time};
use loadline_model::{DeploymentStatus, SubjectId, Timestamp, key};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A deployment begins this soon after the call that asked for it.
const SOON_MS: i64 = 60_000;

/// A page of `ListServiceDeployments` (Amazon ECS API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    service_deployments: Vec<Rollout>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Rollout {
    #[serde(deserialize_with = "opt_string")]
    service_deployment_arn: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    created_at: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    started_at: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    finished_at: Option<Timestamp>,
    #[serde(deserialize_with = "opt_string")]
    target_service_revision_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    status_reason: Option<String>,
}

/// ECS rolls it out itself.
pub(super) fn is_native(service: &Service) -> bool {
    matches!(service.deployment_controller.kind.as_deref(), None | Some("ECS"))
}

/// The deployments of each service since then; a service is missing where they could not be read.
pub(super) async fn read(
    asking: &Asking<'_>,
    services: &[Service],
    since: Timestamp,
    answer: &mut Answer,
) -> BTreeMap<String, Vec<Rollout>> {
    let ask = |s: &Service| {
        let arn = s.service_arn.clone()?;
        let question = json!({"service": arn, "cluster": s.cluster_arn, "maxResults": 100,
            "createdAt": {"after": since.0.div_euclid(1000)}});
        Some((arn, question))
    };
    let questions = services.iter().filter(|s| is_native(s)).filter_map(ask).collect();
    let read: Vec<(String, Pages<Page>)> = asking.each(SERVICE_DEPLOYMENTS, questions, &[], answer).await;
    let whole = read.into_iter().filter(|(_, pages)| pages.complete);
    whole.map(|(arn, pages)| (arn, pages.into_iter().flat_map(|p| p.service_deployments).collect())).collect()
}

/// Says how a service is deployed and when it was.
pub(super) fn say(t: &mut Telling<'_>, service: &Service, rollouts: Option<&Vec<Rollout>>, trail: &Trail) {
    let Some(arn) = service.service_arn.as_deref().filter(|_| is_native(service)) else { return };
    if matches!(service.status.as_deref(), Some("INACTIVE" | "DRAINING")) {
        return;
    }
    let subject = SubjectId::from(arn);
    let strategy = strategy(service);
    t.call(DESCRIBE_SERVICES.name);
    t.text(&subject, key::DEPLOY_STRATEGY, strategy);
    t.flag(&subject, key::AUTOMATIC_ROLLBACK, service.deployment_configuration.rolls_back());
    let whose = environment(&service.tags);
    match rollouts.filter(|all| !all.is_empty()) {
        Some(all) => {
            t.call(SERVICE_DEPLOYMENTS.name);
            let told = all.iter().filter_map(|r| rollout(r, arn, strategy, trail));
            told.for_each(|d| d.say(t, &subject, whose));
        }
        // The newest ones, which the service names itself.
        None => {
            let told = service.deployments.iter().filter_map(|d| deployed(d, arn, strategy, trail));
            told.for_each(|d| d.say(t, &subject, whose));
        }
    }
}

/// Keeping none of the members while the new ones start is stopping the old version first.
fn strategy(service: &Service) -> Option<&'static str> {
    let configuration = &service.deployment_configuration;
    match configuration.strategy.as_deref() {
        Some("BLUE_GREEN") => Some("blue_green"),
        Some("LINEAR" | "CANARY") => Some("canary"),
        None | Some("ROLLING") => {
            let alone = service.desired_count == Some(1) || configuration.maximum_percent.is_some_and(|m| m <= 100);
            let stops_first = configuration.minimum_healthy_percent? == 0 && alone;
            Some(if stops_first { "recreate" } else { "rolling" })
        }
        Some(_) => None,
    }
}

fn rollout(rollout: &Rollout, service: &str, strategy: Option<&'static str>, trail: &Trail) -> Option<Told> {
    let reason = rollout.status_reason.as_deref().unwrap_or("").to_ascii_lowercase();
    let status = match rollout.status.as_deref()? {
        "SUCCESSFUL" => DeploymentStatus::Succeeded,
        "ROLLBACK_SUCCESSFUL" => DeploymentStatus::RolledBack,
        "ROLLBACK_FAILED" => DeploymentStatus::Failed,
        // One that a newer one replaced, or that somebody stopped, neither served nor failed.
        "STOPPED" if reason.contains("circuit breaker") || reason.contains("alarm") => DeploymentStatus::Failed,
        "STOPPED" => return None,
        _ => DeploymentStatus::InProgress,
    };
    let created = rollout.created_at.or(rollout.started_at)?;
    let (by, task) = began(trail, service, created);
    let target = rollout.target_service_revision_arn.as_deref().map(last);
    Some(Told {
        id: last(rollout.service_deployment_arn.as_deref()?).to_owned(),
        revision: task.or(target).unwrap_or_default().to_owned(),
        started_at: rollout.started_at.unwrap_or(created),
        finished_at: rollout.finished_at,
        status,
        by,
        strategy,
    })
}

fn deployed(deployed: &Deployed, service: &str, strategy: Option<&'static str>, trail: &Trail) -> Option<Told> {
    let status = match deployed.rollout_state.as_deref()? {
        "COMPLETED" => DeploymentStatus::Succeeded,
        "FAILED" => DeploymentStatus::Failed,
        "IN_PROGRESS" => DeploymentStatus::InProgress,
        _ => return None,
    };
    let started_at = deployed.created_at?;
    Some(Told {
        id: deployed.id.clone()?,
        revision: deployed.task_definition.as_deref().map(last).unwrap_or_default().to_owned(),
        started_at,
        finished_at: deployed.updated_at,
        status,
        by: began(trail, service, started_at).0,
        strategy,
    })
}

/// Who asked for it and which task definition they named. Several who asked at the same time and differ are nobody.
fn began<'t>(trail: &'t Trail, service: &str, at: Timestamp) -> (By, Option<&'t str>) {
    let records = [who::SERVICE, who::NEW_SERVICE].into_iter().flat_map(|name| trail.of(name));
    let near = |r: &&Record| {
        let apart = r.at().map(|asked| at.0 - asked.0);
        apart.is_some_and(|ms| (-1000..=SOON_MS).contains(&ms)) && deploys(&r.request_parameters)
    };
    let mine = |r: &&Record| text(&r.response_elements, &["service", "serviceArn"]) == Some(service);
    let found: Vec<&Record> = records.filter(mine).filter(near).collect();
    let Some(first) = found.first() else { return (NOBODY, None) };
    let by = first.by();
    let task = text(&first.response_elements, &["service", "taskDefinition"]).map(last);
    if found.iter().any(|r| r.by().kind != by.kind) { (NOBODY, None) } else { (by, task) }
}

/// More than the number of members was asked for.
fn deploys(parameters: &Value) -> bool {
    let Some(fields) = parameters.as_object() else { return false };
    fields.iter().any(|(name, value)| match name.as_str() {
        "cluster" | "service" | "desiredCount" => false,
        "forceNewDeployment" => value != &Value::Bool(false),
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said, scope};
    use loadline_model::{ActorKind, Body};

    const ARN: &str = "arn:aws:ecs:eu-west-1:111122223333:service/main/api";

    fn service(configuration: Value, more: Value) -> Service {
        let mut service = json!({"serviceArn": ARN, "serviceName": "api", "status": "ACTIVE", "desiredCount": 2,
            "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/main", "deploymentController": {"type": "ECS"},
            "deploymentConfiguration": configuration, "tags": [{"key": "env", "value": "prod"}],
            "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "COMPLETED",
                "taskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/api:7",
                "createdAt": 1_795_000_000.5, "updatedAt": 1_795_000_300.0}]});
        service.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        parsed(service)
    }
    fn standard() -> Value {
        json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}, "maximumPercent": 200,
            "minimumHealthyPercent": 100, "strategy": "ROLLING"})
    }
    /// Shape of the example in "ListServiceDeployments", Amazon ECS API Reference.
    fn rollouts(all: Value) -> Vec<Rollout> {
        parsed::<Page>(json!({"serviceDeployments": all})).service_deployments
    }
    fn rollout_of(id: &str, status: &str, reason: &str) -> Value {
        json!({"serviceDeploymentArn": format!("arn:aws:ecs:eu-west-1:111122223333:service-deployment/main/api/{id}"),
            "serviceArn": ARN, "createdAt": 1_795_000_000.0, "startedAt": 1_795_000_001.0, "finishedAt": 1_795_000_300.0,
            "targetServiceRevisionArn": "arn:aws:ecs:eu-west-1:111122223333:service-revision/main/api/99", "status": status,
            "statusReason": reason})
    }
    fn asked(at: &str, parameters: Value, identity: Value) -> Value {
        json!({"eventName": "UpdateService", "eventTime": at, "userIdentity": identity, "requestParameters": parameters,
            "responseElements": {"service": {"serviceArn": ARN,
                "taskDefinition": "arn:aws:ecs:eu-west-1:111122223333:task-definition/api:8"}}})
    }

    #[test]
    fn the_history_of_a_service() {
        let all = rollouts(json!([
            rollout_of("a", "SUCCESSFUL", ""),
            rollout_of("b", "ROLLBACK_SUCCESSFUL", ""),
            rollout_of("c", "STOPPED", "ECS deployment circuit breaker was triggered."),
            rollout_of("d", "STOPPED", "A newer deployment began."),
            rollout_of("e", "IN_PROGRESS", "")
        ]));
        let lines = said(|t| say(t, &service(standard(), json!({})), Some(&all), &Trail::default()));
        let expected = [
            "ecs:service/main/api deploy.strategy = rolling",
            "ecs:service/main/api deploy.automatic_rollback = on",
            "ecs:service/main/api deployment a Succeeded 99",
            "ecs:service/main/api deployment b RolledBack 99",
            "ecs:service/main/api deployment c Failed 99",
            "ecs:service/main/api deployment e InProgress 99",
        ];
        assert_eq!(lines, expected, "d was replaced");
    }

    #[test]
    fn without_a_history_the_newest_one_is_said() {
        let lines = said(|t| say(t, &service(standard(), json!({})), None, &Trail::default()));
        check(&lines, &["ecs:service/main/api deployment ecs-svc/1 Succeeded api:7"], &[]);
        let foreign = service(standard(), json!({"deploymentController": {"type": "CODE_DEPLOY"}}));
        assert!(said(|t| say(t, &foreign, None, &Trail::default())).is_empty());
        let gone = service(standard(), json!({"status": "INACTIVE"}));
        assert!(said(|t| say(t, &gone, None, &Trail::default())).is_empty());
    }

    #[test]
    fn the_call_shortly_before_tells_who_began() {
        let user = json!({"type": "IAMUser", "userName": "alice"});
        let build = json!({"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/b/AWSCodeBuild-1"});
        let task = || json!({"cluster": "main", "service": "api", "taskDefinition": "api:8"});
        let said = |records: &[Value]| {
            let all = rollouts(json!([rollout_of("a", "SUCCESSFUL", "")]));
            let trail = Trail::recorded(records);
            let scope = scope(|t| say(t, &service(standard(), json!({})), Some(&all), &trail));
            let found = scope.facts.into_iter().find_map(|f| match f.body {
                Body::Deployment(d) => Some((d.actor_kind, d.revision)),
                _ => None,
            });
            found.expect("a deployment")
        };
        // 1,795,000,000 s is 2026-11-18T11:06:40Z.
        let soon = "2026-11-18T11:06:39Z";
        assert_eq!(said(&[asked(soon, task(), user.clone())]), (ActorKind::Person, "api:8".to_owned()));
        assert_eq!(said(&[asked(soon, task(), build.clone())]).0, ActorKind::Pipeline);
        assert_eq!(said(&[asked(soon, task(), build), asked(soon, task(), user.clone())]).0, ActorKind::Unknown);
        let before = "2026-11-18T11:04:00Z";
        assert_eq!(said(&[asked(before, task(), user.clone())]), (ActorKind::Unknown, "99".to_owned()));
        let scaled = json!({"cluster": "main", "service": "api", "desiredCount": 4});
        assert_eq!(said(&[asked(soon, scaled, user)]).0, ActorKind::Unknown, "scaling deploys nothing");
    }

    #[test]
    fn strategies_and_rollbacks() {
        let read = |configuration: Value, more: Value| {
            said(|t| say(t, &service(configuration, more), Some(&Vec::new()), &Trail::default()))
        };
        let line = |what: &str| format!("ecs:service/main/api {what}");
        let one = json!({"desiredCount": 1});
        let first = json!({"minimumHealthyPercent": 0, "maximumPercent": 100});
        check(&read(first, json!({})), &[&line("deploy.strategy = recreate")], &[&line("deploy.automatic")]);
        let alone = json!({"minimumHealthyPercent": 0, "maximumPercent": 200, "strategy": "ROLLING"});
        check(&read(alone.clone(), one), &[&line("deploy.strategy = recreate")], &[]);
        check(&read(alone, json!({})), &[&line("deploy.strategy = rolling")], &[]);
        let canary = json!({"strategy": "LINEAR", "deploymentCircuitBreaker": {"enable": false, "rollback": false},
            "alarms": {"alarmNames": ["5xx"], "enable": true, "rollback": true}});
        check(
            &read(canary, json!({})),
            &[&line("deploy.strategy = canary"), &line("deploy.automatic_rollback = on")],
            &[],
        );
        let off = json!({"strategy": "BLUE_GREEN", "deploymentCircuitBreaker": {"enable": true, "rollback": false}});
        check(
            &read(off, json!({})),
            &[&line("deploy.strategy = blue_green"), &line("deploy.automatic_rollback = off")],
            &[],
        );
        check(&read(Value::Null, json!({})), &[], &[&line("deploy.strategy"), &line("deploy.automatic")]);
    }
}
