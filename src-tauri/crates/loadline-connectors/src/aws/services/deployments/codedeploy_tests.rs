//! Shapes of the examples in "BatchGetDeploymentGroups", "BatchGetDeployments" and "GetDeploymentConfig", AWS CodeDeploy
//! API Reference.

use super::*;
use crate::aws::services::testing::{check, parsed, said, scope};
use loadline_model::{ActorKind, Body};

fn group(targets: Value, more: Value) -> Value {
    let mut group = json!({"applicationName": "shop", "deploymentGroupName": "api", "deploymentConfigName": "Steps",
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]}});
    for part in [targets, more] {
        group.as_object_mut().expect("fields").extend(part.as_object().expect("fields").clone());
    }
    group
}

fn deployed(id: &str, status: &str, more: Value) -> Value {
    let mut deployed = json!({"applicationName": "shop", "deploymentGroupName": "api", "deploymentConfigName": "Steps",
        "deploymentId": id, "status": status, "creator": "user", "createTime": 1_795_000_000.0, "startTime": 1_795_000_010.0,
        "completeTime": 1_795_000_310.0, "deploymentStyle": {"deploymentType": "BLUE_GREEN"},
        "revision": {"revisionType": "GitHub", "gitHubLocation": {"repository": "o/shop", "commitId": "abc123"}}});
    deployed.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
    deployed
}

fn code(groups: Value, deployments: Value) -> Code {
    let page: Page = parsed(json!({"deploymentGroupsInfo": groups, "deploymentsInfo": deployments}));
    let configuration = |kind: &str, value: u64| {
        let info = json!({"deploymentConfigInfo": {"minimumHealthyHosts": {"type": "HOST_COUNT", "value": value},
            "trafficRoutingConfig": {"type": kind}}});
        parsed::<Page>(info).deployment_config_info
    };
    Code {
        groups: page.deployment_groups_info,
        deployments: BTreeSet::new(),
        described: page.deployments_info,
        configurations: BTreeMap::from([
            ("Steps".to_owned(), configuration("TimeBasedCanary", 0)),
            ("AllAtOnce".to_owned(), configuration("AllAtOnce", 0)),
            ("OneAtATime".to_owned(), configuration("AllAtOnce", 1)),
        ]),
    }
}

fn containers() -> Value {
    json!({"ecsServices": [{"serviceName": "api", "clusterName": "main"}], "computePlatform": "ECS"})
}

const IT: &str = "ecs:service/main/api";

#[test]
fn a_service_that_codedeploy_shifts_in_steps() {
    let code = code(
        json!([group(containers(), json!({}))]),
        json!([
            deployed("d-1", "Succeeded", json!({})),
            deployed("d-2", "Stopped", json!({"rollbackInfo": {"rollbackDeploymentId": "d-3"}})),
            deployed("d-3", "Succeeded", json!({"creator": "codeDeployRollback", "completeTime": 1_795_000_610.0})),
            deployed("d-4", "Failed", json!({})),
            deployed("d-5", "Succeeded", json!({"creator": "autoscaling"})),
            deployed("d-6", "Baking", json!({}))
        ]),
    );
    let trail = Trail::recorded(&[
        json!({"eventName": CODE, "userIdentity": {"type": "AWSService", "invokedBy": "codepipeline.amazonaws.com"},
        "responseElements": {"deploymentId": "d-1"}}),
    ]);
    let lines = said(|t| drop(say(t, &code, &Known::default(), &trail)));
    let expected = [
        format!("{IT} deploy.strategy = canary"),
        format!("{IT} deploy.automatic_rollback = on"),
        format!("{IT} deployment d-1 Succeeded abc123"),
        format!("{IT} deployment d-2 RolledBack abc123"),
        format!("{IT} deployment d-4 Failed abc123"),
        format!("{IT} deployment d-6 InProgress abc123"),
    ];
    assert_eq!(lines, expected);
    let facts = scope(|t| drop(say(t, &code, &Known::default(), &trail))).facts;
    let told = facts.iter().filter_map(|f| match &f.body {
        Body::Deployment(d) => Some((d.actor_kind, d.finished_at.map(|at| at.0 / 1000))),
        _ => None,
    });
    let expected = [
        (ActorKind::Pipeline, Some(1_795_000_310)),
        (ActorKind::Unknown, Some(1_795_000_610)),
        (ActorKind::Unknown, Some(1_795_000_310)),
        (ActorKind::Unknown, None),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected, "the rollback ends d-2");
}

#[test]
fn machines_and_functions_are_targets_too() {
    let id = SubjectId::from("arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/web");
    let known = Known { groups: BTreeMap::from([("web".to_owned(), (id, None))]), ..Known::default() };
    let machines = json!({"autoScalingGroups": [{"name": "web", "hook": "h"}, {"name": "gone"}],
        "deploymentStyle": {"deploymentType": "IN_PLACE"}, "deploymentConfigName": "AllAtOnce",
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"]}});
    let one = code(json!([group(machines.clone(), json!({}))]), json!([]));
    let web = "autoscaling:autoScalingGroup:1:autoScalingGroupName/web";
    let expected = [format!("{web} deploy.strategy = in_place"), format!("{web} deploy.automatic_rollback = off")];
    assert_eq!(said(|t| drop(say(t, &one, &known, &Trail::default()))), expected, "alarms are not watched");
    let watched = json!({"alarmConfiguration": {"enabled": true, "alarms": [{"name": "5xx"}]}, "deploymentConfigName": "OneAtATime"});
    let one = code(json!([group(machines, watched)]), json!([]));
    let expected = [format!("{web} deploy.strategy = rolling"), format!("{web} deploy.automatic_rollback = on")];
    assert_eq!(said(|t| drop(say(t, &one, &known, &Trail::default()))), expected);

    let specification = json!({"version": 0.0, "Resources": [{"api": {"Type": "AWS::Lambda::Function",
        "Properties": {"Name": "api", "Alias": "live", "CurrentVersion": "6", "TargetVersion": "7"}}}]});
    let revision = json!({"revisionType": "String", "string": {"content": specification.to_string(), "sha256": "x"}});
    let function = json!({"deploymentConfigName": "AllAtOnce", "targetRevision": revision});
    let one =
        code(json!([group(function, json!({}))]), json!([deployed("d-7", "Succeeded", json!({"revision": revision}))]));
    let lines = said(|t| drop(say(t, &one, &Known::default(), &Trail::default())));
    let expected =
        ["lambda:function:api deploy.strategy = blue_green", "lambda:function:api deployment d-7 Succeeded 7"];
    check(&lines, &expected, &[]);
}

#[test]
fn what_is_missing_is_not_said() {
    let bare = code(
        json!([{"applicationName": "shop", "deploymentGroupName": "api",
        "ecsServices": [{"serviceName": "api", "clusterName": "main"}]}]),
        json!([deployed("d-1", "Succeeded", json!({"startTime": 0, "createTime": Value::Null})),
        {"deploymentId": "d-2", "applicationName": "shop", "deploymentGroupName": "other", "status": "Succeeded", "createTime": 1}]),
    );
    let lines = said(|t| drop(say(t, &bare, &Known::default(), &Trail::default())));
    assert_eq!(lines, [format!("{IT} deployment d-1 Succeeded abc123")]);
    let broken = json!({"targetRevision": {"string": {"content": "version: 0.0"}}});
    let one = code(json!([group(broken, json!({}))]), json!([]));
    assert!(said(|t| drop(say(t, &one, &Known::default(), &Trail::default()))).is_empty());
}
