//! What machines of a group start from: a machine image, and whether another one may stand under the same name.

use super::autoscaling::Group;
use super::telling::{Telling, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_string};
use loadline_model::{SubjectId, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const VERSIONS: &Operation = operation("ec2:DescribeLaunchTemplateVersions");

/// The launch template that a group of machines names.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Template {
    #[serde(deserialize_with = "opt_string")]
    launch_template_id: Option<String>,
    /// A number, `$Latest` or `$Default`; the default when it is not said.
    #[serde(deserialize_with = "opt_string")]
    version: Option<String>,
}

/// The template of a group that mixes machines.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Mixed {
    #[serde(deserialize_with = "nested")]
    launch_template: MixedTemplate,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct MixedTemplate {
    #[serde(deserialize_with = "nested")]
    launch_template_specification: Template,
    overrides: Overrides,
}

/// Whether some machines start from something else; their types alone change nothing.
#[derive(Clone, Debug, Default)]
struct Overrides {
    differ: bool,
}

impl<'de> Deserialize<'de> for Overrides {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = serde_json::Value::deserialize(from)?.to_string();
        Ok(Self { differ: text.contains("\"LaunchTemplateSpecification\"") || text.contains("\"ImageId\"") })
    }
}

/// A page of `DescribeLaunchTemplateVersions` (Amazon EC2 API Reference, version 2016-11-15); nothing of it but the
/// image is kept.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    launch_template_version_set: Vec<Version>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Version {
    #[serde(deserialize_with = "nested")]
    launch_template_data: Content,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Content {
    /// `ami-…`, or `resolve:ssm:…` for a name that is looked up at each start.
    #[serde(deserialize_with = "opt_string")]
    image_id: Option<String>,
}

/// Images of numbered versions: whether another may take their place.
pub(super) type Images = BTreeMap<Template, bool>;

/// The template that decides; `None` where machines of one group start from several.
fn template(group: &Group) -> Option<&Template> {
    let mixed = &group.mixed_instances_policy.launch_template;
    let one = [&group.launch_template, &mixed.launch_template_specification];
    one.into_iter().find(|t| t.launch_template_id.is_some()).filter(|_| !mixed.overrides.differ)
}

/// A version that moves on by itself.
fn moves(template: &Template) -> bool {
    template.version.as_deref().is_none_or(|v| v.starts_with('$'))
}

/// Reads the images of the numbered versions that groups name.
pub(super) async fn of(asking: &Asking<'_>, groups: &[&Group], answer: &mut Answer) -> Images {
    let numbered: BTreeSet<&Template> = groups.iter().filter_map(|g| template(g)).filter(|t| !moves(t)).collect();
    let ask = |t: &Template| json!({"LaunchTemplateId": t.launch_template_id, "LaunchTemplateVersion": [t.version]});
    let questions = numbered.into_iter().map(|t| (t.clone(), ask(t))).collect();
    let read: Vec<(Template, Pages<Page>)> = asking.each(VERSIONS, questions, &[], answer).await;
    read.into_iter().filter_map(|(t, p)| Some((t, can_change(p.pages.first()?)?))).collect()
}

fn can_change(page: &Page) -> Option<bool> {
    let [version] = &page.launch_template_version_set[..] else { return None };
    match version.launch_template_data.image_id.as_deref()? {
        id if id.starts_with("ami-") => Some(false),
        name if name.starts_with("resolve:") => Some(true),
        _ => None,
    }
}

/// Says it of a group.
pub(super) fn say(t: &mut Telling<'_>, subject: &SubjectId, group: &Group, images: &Images) {
    let template = template(group);
    // A launch configuration cannot be changed and names an image.
    let mutable = match (group.launch_configuration_name.is_some(), template) {
        (true, _) => Some(false),
        (_, Some(template)) if moves(template) => Some(true),
        (_, Some(template)) => images.get(template).copied(),
        (_, None) => None,
    };
    let numbered = mutable.is_some() && template.is_some_and(|t| !moves(t));
    t.text(subject, key::ARTEFACT, Some("machine_image"));
    if numbered {
        t.call(VERSIONS.name);
    }
    t.flag(subject, key::ARTEFACT_MUTABLE, mutable);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{parsed, said};
    use serde_json::Value;

    /// Shapes of the examples in "DescribeAutoScalingGroups", Amazon EC2 Auto Scaling API Reference, and
    /// "DescribeLaunchTemplateVersions", Amazon EC2 API Reference.
    fn mutable(group: Value, image: Option<&str>) -> Option<bool> {
        let group: Group = parsed(group);
        let page: Option<Page> = image.map(|i| {
            parsed(json!({"launchTemplateVersionSet": [{"launchTemplateId": "lt-1", "versionNumber": "3",
                "launchTemplateData": {"imageId": i, "userData": "aHVudGVyMg=="}}]}))
        });
        let images = template(&group).cloned().zip(page.as_ref().and_then(can_change)).into_iter().collect();
        let lines = said(|t| say(t, &"arn:aws:x".into(), &group, &images));
        assert_eq!(lines[0], "x deploy.artefact = machine_image");
        lines.get(1).map(|l| l == "x deploy.artefact_mutable = on")
    }
    fn named(version: &str) -> Value {
        json!({"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "Version": version})
    }

    #[test]
    fn images_that_may_change_under_their_name() {
        assert_eq!(mutable(json!({"LaunchConfigurationName": "web-7"}), None), Some(false));
        let of = |version: &str| json!({"LaunchTemplate": named(version)});
        assert_eq!(mutable(of("$Latest"), None), Some(true));
        assert_eq!(mutable(of("$Default"), None), Some(true));
        assert_eq!(mutable(of("3"), Some("ami-12c6146b")), Some(false));
        assert_eq!(mutable(of("3"), Some("resolve:ssm:/web/image")), Some(true));
        assert_eq!(mutable(of("3"), None), None, "not read");
        assert_eq!(mutable(json!({}), None), None);
    }

    #[test]
    fn groups_that_mix_machines() {
        let mixed = |overrides: Value| json!({"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": named("$Latest"), "Overrides": overrides}}});
        assert_eq!(
            mutable(mixed(json!([{"InstanceType": "c7g.large"}, {"InstanceType": "c6g.large"}])), None),
            Some(true)
        );
        assert_eq!(mutable(mixed(json!("")), None), Some(true));
        let other = json!([{"InstanceType": "c7g.large", "LaunchTemplateSpecification": named("3")}]);
        assert_eq!(mutable(mixed(other), None), None);
    }
}
