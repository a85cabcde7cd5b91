//! What members of a container service are made of and get: their image, CPU and memory, and the volumes they mount.

use super::DEFINITION;
use super::shapes::{Definition, Repositories};
use crate::aws::services::telling::Telling;
use loadline_model::{Relation, SubjectId, key};
use std::collections::{BTreeMap, BTreeSet};

/// Units of one vCPU.
const VCPU: f64 = 1024.0;

/// Repositories whose tags can change or cannot; those with exceptions are neither.
pub(super) fn mutable(pages: &[Repositories]) -> BTreeMap<String, bool> {
    let all = pages.iter().flat_map(|p| &p.repositories);
    all.filter_map(|r| {
        let mutable = match r.image_tag_mutability.as_deref()? {
            "MUTABLE" => true,
            "IMMUTABLE" => false,
            _ => return None,
        };
        Some((r.repository_uri.clone()?, mutable))
    })
    .collect()
}

/// Says that members start from images, and whether one of these can change under its name.
pub(super) fn say_artefact(
    t: &mut Telling<'_>,
    subject: &SubjectId,
    definition: &Definition,
    repositories: &BTreeMap<String, bool>,
) {
    let images: Option<Vec<&str>> = definition.container_definitions.iter().map(|c| c.image.as_deref()).collect();
    let Some(images) = images.filter(|i| !i.is_empty()) else { return };
    t.call(DEFINITION.name).text(subject, key::ARTEFACT, Some("image"));
    let changes: Vec<Option<bool>> = images.iter().map(|image| can_change(image, repositories)).collect();
    let mutable = match () {
        () if changes.contains(&Some(true)) => Some(true),
        () if changes.iter().all(|c| *c == Some(false)) => Some(false),
        () => None,
    };
    t.flag(subject, key::ARTEFACT_MUTABLE, mutable);
}

/// A digest never changes, `latest` does; any other tag is as its repository allows, where that was read.
fn can_change(image: &str, repositories: &BTreeMap<String, bool>) -> Option<bool> {
    if image.contains("@sha256:") {
        return Some(false);
    }
    // A colon before the last slash is a port.
    let at = image.rfind('/').map_or(0, |slash| slash + 1);
    let (path, tag) = match image.get(at..)?.split_once(':') {
        Some((name, tag)) => (image.get(..at + name.len())?, tag),
        None => (image, "latest"),
    };
    match repositories.get(path) {
        Some(mutable) => Some(*mutable),
        None => (tag == "latest").then_some(true),
    }
}

/// Says what is reserved for a member, and the file systems it cannot start without. On machines of one's own Linux
/// gives a container without a limit of its task whatever is idle, and throttles nothing (Amazon ECS Developer Guide,
/// "Task definition parameters").
pub(super) fn say_reserved(
    t: &mut Telling<'_>,
    subject: &SubjectId,
    definition: &Definition,
    launch_type: Option<&str>,
) {
    let some = |n: Option<f64>| n.is_some_and(|n| n > 0.0);
    let of_task = |task: Option<f64>, each: &dyn Fn(&super::shapes::Container) -> bool| {
        some(task) || definition.container_definitions.iter().all(each)
    };
    t.call(DEFINITION.name);
    if !definition.container_definitions.is_empty() {
        let cpu = of_task(definition.cpu, &|c| some(c.cpu));
        let memory = of_task(definition.memory, &|c| some(c.memory) || some(c.memory_reservation));
        t.flag(subject, key::RESOURCES_RESERVED, Some(cpu && memory));
    }
    t.number(subject, key::CORES_PER_MEMBER, definition.cpu.filter(|c| *c > 0.0).map(|units| units / VCPU));
    let linux = definition.runtime_platform.operating_system_family.as_deref().is_none_or(|f| f == "LINUX");
    if launch_type == Some("EC2") && definition.cpu.is_none() && linux {
        t.number(subject, key::CPU_THROTTLED, Some(0.0));
    }
    let volumes: BTreeSet<&str> =
        definition.volumes.iter().filter_map(|v| v.efs_volume_configuration.file_system_id.as_deref()).collect();
    for id in volumes {
        let file_system = t.place.arn("elasticfilesystem", &format!("file-system/{id}"));
        t.edge(subject, Relation::DependsOn { hard: true }, &file_system);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::{Value, json};

    const SERVICE: &str = "arn:aws:ecs:eu-west-1:111122223333:service/main/api";
    const IT: &str = "ecs:service/main/api";
    const OWN: &str = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/api";

    /// Shape of the example in "DescribeTaskDefinition", Amazon ECS API Reference.
    fn members(definition: Value, launch_type: Option<&str>) -> Vec<String> {
        let definition: Definition = parsed(definition);
        let repositories: Repositories = parsed(json!({"repositories": [
            {"repositoryName": "api", "repositoryUri": OWN, "imageTagMutability": "IMMUTABLE"},
            {"repositoryName": "web", "repositoryUri": "h/web", "imageTagMutability": "MUTABLE"},
            {"repositoryName": "old", "repositoryUri": "h/old", "imageTagMutability": "MUTABLE_WITH_EXCLUSION"}]}));
        said(|t| {
            say_artefact(t, &SERVICE.into(), &definition, &mutable(&[repositories]));
            say_reserved(t, &SERVICE.into(), &definition, launch_type);
        })
    }
    fn containers(images: &[&str]) -> Value {
        let all: Vec<Value> = images.iter().map(|i| json!({"name": "c", "image": i, "cpu": 0})).collect();
        json!({"containerDefinitions": all})
    }
    fn artefact(images: &[&str], mutable: Option<bool>) {
        let word = mutable.map(|m| if m { "on" } else { "off" });
        let lines = members(containers(images), None);
        let expected: Vec<String> = word.iter().map(|w| format!("{IT} deploy.artefact_mutable = {w}")).collect();
        let never = format!("{IT} deploy.artefact_mutable");
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(
            &lines,
            &expected,
            if mutable.is_none() { std::slice::from_ref(&never) } else { &[] }
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .as_slice(),
        );
        check(&lines, &[&format!("{IT} deploy.artefact = image")], &[]);
    }

    #[test]
    fn images_by_digest_and_by_tag() {
        let digest = format!("{OWN}@sha256:{}", "0".repeat(64));
        artefact(&[&digest], Some(false));
        artefact(&[&format!("{OWN}:7")], Some(false));
        artefact(&["h/web:7"], Some(true));
        artefact(&["h/old:7"], None);
        artefact(&["nginx"], Some(true));
        artefact(&["nginx:latest"], Some(true));
        artefact(&["nginx:1.29"], None);
        artefact(&["registry.example.com:5000/web"], Some(true));
        artefact(&["registry.example.com:5000/web:7"], None);
        artefact(&[&digest, "nginx:1.29"], None);
        artefact(&[&digest, "nginx:latest"], Some(true));
        assert!(
            members(json!({"containerDefinitions": [{"name": "c"}]}), None).iter().all(|l| !l.contains("artefact"))
        );
    }

    #[test]
    fn what_a_member_gets() {
        let fargate = json!({"cpu": "512", "memory": "1024", "containerDefinitions": [{"name": "c", "cpu": 0}],
            "volumes": [{"name": "files", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}, {"name": "scratch", "host": {}}]});
        let expected = [
            format!("{IT} members.resources_reserved = on"),
            format!("{IT} members.cores = 0.5"),
            format!("{IT} needs elasticfilesystem:file-system/fs-1"),
        ];
        assert_eq!(members(fargate, Some("FARGATE")), expected);
        let machines =
            |cpu: u64| json!({"containerDefinitions": [{"name": "c", "cpu": cpu, "memoryReservation": 128}]});
        let said = |on: &str| {
            vec![format!("{IT} members.resources_reserved = {on}"), format!("{IT} members.cpu_throttled = 0")]
        };
        assert_eq!(members(machines(256), Some("EC2")), said("on"));
        assert_eq!(members(machines(0), Some("EC2")), said("off"));
        assert_eq!(members(machines(256), None), [format!("{IT} members.resources_reserved = on")]);
        assert!(members(json!({}), None).is_empty());
    }
}
