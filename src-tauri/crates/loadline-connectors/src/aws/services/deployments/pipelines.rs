//! Pipelines of CodePipeline and the services that their deploy actions ship.

use super::codedeploy::Code;
use super::{Known, PIPELINE, PIPELINES};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::services::telling::{Telling, nested};
use crate::aws::shape::{list, opt_string};
use loadline_model::{Kind, Relation, Resource, SubjectId};
use serde::Deserialize;
use serde_json::json;

/// A page of `ListPipelines` (AWS CodePipeline API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Page {
    #[serde(deserialize_with = "list")]
    pipelines: Vec<Summary>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Summary {
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
}

/// The answer of `GetPipeline`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Described {
    #[serde(deserialize_with = "nested")]
    pipeline: Pipeline,
    #[serde(deserialize_with = "nested")]
    metadata: Metadata,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    #[serde(deserialize_with = "opt_string")]
    pipeline_arn: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Pipeline {
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(deserialize_with = "list")]
    stages: Vec<Stage>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Stage {
    #[serde(deserialize_with = "list")]
    actions: Vec<Action>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Action {
    #[serde(deserialize_with = "nested")]
    action_type_id: ActionType,
    #[serde(deserialize_with = "nested")]
    configuration: Names,
    #[serde(deserialize_with = "opt_string")]
    region: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ActionType {
    #[serde(deserialize_with = "opt_string")]
    category: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    provider: Option<String>,
}

/// What deploy actions name; other keys of a configuration may be secrets and are not looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Names {
    #[serde(deserialize_with = "opt_string")]
    cluster_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    service_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    application_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    deployment_group_name: Option<String>,
}

/// The pipelines of the region.
pub(super) async fn read(asking: &Asking<'_>, answer: &mut Answer) -> Vec<Described> {
    let hides = [Kind::Pipeline];
    let pages: Pages<Page> = asking.pages_hiding(PIPELINES, json!({}), &hides, answer).await;
    let names = pages.pages.into_iter().flat_map(|p| p.pipelines).filter_map(|p| p.name);
    let questions = names.map(|n| ((), json!({"name": n}))).collect();
    let described: Vec<((), Pages<Described>)> = asking.each(PIPELINE, questions, &hides, answer).await;
    described.into_iter().flat_map(|(_, pages)| pages).collect()
}

/// Says the pipelines and what they ship.
pub(super) fn say(t: &mut Telling<'_>, pipelines: &[Described], code: &Code, known: &Known) {
    t.call(PIPELINE.name);
    for described in pipelines {
        let Some(name) = described.pipeline.name.as_deref() else { continue };
        let arn = described.metadata.pipeline_arn.as_deref();
        let subject = arn.map_or_else(|| t.place.arn("codepipeline", name), SubjectId::from);
        let resource = t.resource(Kind::Pipeline, name, &[]);
        t.exists(&subject, Resource { engine: Some("codepipeline".to_owned()), managed: Some(true), ..resource });
        for action in described.pipeline.stages.iter().flat_map(|s| &s.actions) {
            for service in shipped(t, action, code, known) {
                t.edge(&service, Relation::DeployedBy, &subject);
            }
        }
    }
}

fn shipped(t: &Telling<'_>, action: &Action, code: &Code, known: &Known) -> Vec<SubjectId> {
    let elsewhere = action.region.as_deref().is_some_and(|r| r != t.place.region);
    if elsewhere || action.action_type_id.category.as_deref() != Some("Deploy") {
        return Vec::new();
    }
    let names = &action.configuration;
    match action.action_type_id.provider.as_deref() {
        Some("ECS") => {
            let (Some(cluster), Some(service)) = (names.cluster_name.as_deref(), names.service_name.as_deref()) else {
                return Vec::new();
            };
            let made = || t.place.arn("ecs", &format!("service/{cluster}/{service}"));
            vec![known.service(cluster, service).map_or_else(made, |(id, _)| id.clone())]
        }
        Some("CodeDeploy" | "CodeDeployToECS") => {
            let (application, group) = (names.application_name.as_deref(), names.deployment_group_name.as_deref());
            code.targets(t, application, group, known).into_iter().map(|(id, _)| id).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{parsed, said};
    use serde_json::Value;

    /// Shape of the example in "GetPipeline", AWS CodePipeline API Reference.
    fn read(action: Value) -> Vec<String> {
        let described: Described = parsed(
            json!({"metadata": {"pipelineArn": "arn:aws:codepipeline:eu-west-1:111122223333:ship"},
            "pipeline": {"name": "ship", "version": 3, "stages": [
                {"name": "Source", "actions": [{"name": "s", "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeStarSourceConnection"},
                    "configuration": {"FullRepositoryId": "o/shop", "BranchName": "main"}}]},
                {"name": "Deploy", "actions": [action]}]}}),
        );
        said(|t| say(t, &[described], &Code::default(), &Known::default()))
    }
    fn action(category: &str, provider: &str, region: Value) -> Value {
        json!({"name": "d", "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
            "region": region, "configuration": {"ClusterName": "main", "ServiceName": "api", "OAuthToken": "hunter2"}})
    }

    #[test]
    fn a_pipeline_and_the_service_it_ships() {
        let expected = [
            "codepipeline:ship is pipeline ship, codepipeline ?, managed",
            "ecs:service/main/api DeployedBy codepipeline:ship",
        ];
        assert_eq!(read(action("Deploy", "ECS", Value::Null)), expected);
        assert_eq!(read(action("Deploy", "ECS", json!("eu-west-1"))), expected);
        for other in [
            action("Deploy", "ECS", json!("us-east-1")),
            action("Deploy", "S3", Value::Null),
            action("Test", "ECS", Value::Null),
        ] {
            assert_eq!(read(other), expected[..1]);
        }
    }
}
