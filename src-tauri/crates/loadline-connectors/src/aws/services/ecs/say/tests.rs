//! Shapes of the examples in "DescribeServices", "DescribeTasks", "DescribeTaskDefinition" (Amazon ECS API Reference)
//! and "DescribeScalableTargets" (Application Auto Scaling API Reference).

use super::super::shapes::*;
use super::*;
use crate::aws::services::testing::{check, parsed, said};
use serde_json::{Value, json};

const CLUSTER: &str = "arn:aws:ecs:eu-west-1:111122223333:cluster/main";
const DEFINED: &str = "arn:aws:ecs:eu-west-1:111122223333:task-definition/api:7";

fn service() -> Value {
    json!({"serviceArn": "arn:aws:ecs:eu-west-1:111122223333:service/main/api", "serviceName": "api", "clusterArn": CLUSTER,
        "status": "ACTIVE", "desiredCount": 2, "runningCount": 2, "pendingCount": 0, "launchType": "FARGATE",
        "taskDefinition": DEFINED, "deploymentController": {"type": "ECS"},
        "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": true, "rollback": true},
            "maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "ROLLING"},
        "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": DEFINED, "rolloutState": "COMPLETED",
            "createdAt": 1_795_000_000.5, "updatedAt": 1_795_000_300.0}],
        "tags": [{"key": "env", "value": "prod"}]})
}

fn task(id: &str, zone: &str, status: &str) -> Value {
    json!({"taskArn": format!("arn:aws:ecs:eu-west-1:111122223333:task/main/{id}"), "clusterArn": CLUSTER,
        "group": "service:api", "lastStatus": status, "availabilityZone": zone})
}

#[derive(Default)]
struct Read {
    tasks: Value,
    environment: Value,
    targets: Option<Value>,
    policies: Option<Value>,
}

fn read(service: Value, read: Read) -> Vec<String> {
    let service: Service = parsed(service);
    let tasks: Tasks = parsed(json!({"tasks": read.tasks, "failures": []}));
    let defined: TaskDefinition = parsed(json!({"taskDefinition": {"containerDefinitions": [{
        "name": "api", "image": "api:7", "essential": true, "environment": read.environment,
        "secrets": [{"name": "KEY", "valueFrom": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:key-AbCdEf:json::"},
                    {"name": "FLAG", "valueFrom": "/prod/flag"}]
    }]}}));
    let targets = read.targets.map(|t| parsed::<Scaling>(json!({"ScalableTargets": t})));
    let policies = read.policies.map(|p| parsed::<Scaling>(json!({"ScalingPolicies": p})));
    let beside = Beside {
        tasks: tasks.tasks.iter().collect(),
        machines: BTreeMap::new(),
        definitions: BTreeMap::from([(DEFINED.to_owned(), &defined.task_definition)]),
        targets: targets.as_ref().map(|t| t.scalable_targets.iter().collect()),
        policies: policies.as_ref().map(|t| t.scaling_policies.iter().collect()),
        signals: [("busy".to_owned(), "requests")].into(),
        ..Beside::default()
    };
    said(|t| say(t, &service, &beside))
}

#[test]
fn a_service_of_two_tasks_in_two_zones() {
    let tasks = json!([
        task("aaaaaaaa1", "eu-west-1a", "RUNNING"),
        task("bbbbbbbb2", "eu-west-1b", "RUNNING"),
        task("cccccccc3", "eu-west-1b", "STOPPED")
    ]);
    let expected = [
        "ecs:service/main/api is service api, Production",
        "ecs:service/main/api is service api, Production, needs 1 (inferred)",
        "ecs:service/main/api members.desired = 2",
        "ecs:task/main/aaaaaaaa1 is instance task aaaaaaaa, managed",
        "ecs:task/main/aaaaaaaa1 MemberOf ecs:service/main/api",
        "ecs:task/main/bbbbbbbb2 RunsIn eu-west-1b",
        "ecs:service/main/api UsesSecret secretsmanager:secret:key-AbCdEf",
    ];
    check(
        &read(service(), Read { tasks, ..Read::default() }),
        &expected,
        &["ecs:task/main/cccccccc3", "ecs:service/main/api scaling"],
    );
}

#[test]
fn hosts_are_named_and_values_are_not() {
    let environment = json!([
        {"name": "DATABASE_URL", "value": "postgres://app:hunter2@db.abc.eu-west-1.rds.amazonaws.com:5432/app"},
        {"name": "PAY_URL", "value": "https://api.pay.example/v1?key=hunter2"},
        {"name": "TOKEN", "value": "hunter2"}]);
    let lines = read(service(), Read { environment, ..Read::default() });
    let expected = [
        "ecs:service/main/api needs dns:db.abc.eu-west-1.rds.amazonaws.com",
        "ecs:service/main/api may use dns:api.pay.example (inferred)",
    ];
    check(&lines, &expected, &[]);
    assert!(!lines.join("\n").contains("hunter2"));
}

#[test]
fn scaling_is_said_as_far_as_it_was_read() {
    let target = json!([{"ServiceNamespace": "ecs", "ResourceId": "service/main/api", "MinCapacity": 1, "MaxCapacity": 10,
        "ScalableDimension": "ecs:service:DesiredCount"}]);
    let policy = json!([{"ResourceId": "service/main/api", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}}]);
    let it = "ecs:service/main/api";
    let all = Read { targets: Some(target.clone()), policies: Some(policy), ..Read::default() };
    let bounds = [
        format!("{it} members.minimum = 1"),
        format!("{it} members.maximum = 10"),
        format!("{it} scaling.signal = cpu"),
        format!("{it} scaling.target = 0.7"),
    ];
    check(&read(service(), all), &bounds.each_ref().map(String::as_str), &[]);
    let none = Read { targets: Some(json!([])), ..Read::default() };
    check(&read(service(), none), &[&format!("{it} scaling.signal = none")], &[&format!("{it} members.minimum")]);
    let step = json!([{"ResourceId": "service/main/api", "PolicyType": "StepScaling", "Alarms": [{"AlarmName": "busy", "AlarmARN": "arn"}]}]);
    let steps = Read { targets: Some(target.clone()), policies: Some(step), ..Read::default() };
    check(&read(service(), steps), &[&format!("{it} scaling.signal = requests")], &[&format!("{it} scaling.target")]);
    let unread = Read { targets: Some(target), ..Read::default() };
    check(&read(service(), unread), &[], &[&format!("{it} scaling.signal")]);
}

#[test]
fn what_is_missing_is_not_said() {
    let mut bare = service();
    for field in ["desiredCount", "tags"] {
        bare[field] = Value::Null;
    }
    let tasks = json!([{"taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/main/x", "clusterArn": CLUSTER,
        "group": "service:api", "lastStatus": "RUNNING"}]);
    let lines = read(bare, Read { tasks, ..Read::default() });
    let never = [
        "ecs:service/main/api members.desired",
        "ecs:task/main/x RunsIn",
        "ecs:service/main/api is service api, needs",
    ];
    check(&lines, &["ecs:service/main/api is service api"], &never);
    let mut gone = service();
    gone["status"] = json!("INACTIVE");
    assert!(read(gone, Read::default()).is_empty());
}
