//! Instance refreshes: new versions of the machines of an Auto Scaling group.

use super::who::{REFRESH, Trail};
use super::{REFRESHES, Told};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::services::autoscaling::Group;
use crate::aws::services::telling::{Telling, environment, nested};
use crate::aws::shape::{list, opt_string, opt_time};
use loadline_model::{DeploymentStatus, SubjectId, Timestamp};
use serde::Deserialize;
use serde_json::json;

/// A page of `DescribeInstanceRefreshes` (Amazon EC2 Auto Scaling API Reference 2011-01-01); they are kept six weeks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    instance_refreshes: Vec<Refresh>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Refresh {
    #[serde(deserialize_with = "opt_string")]
    instance_refresh_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    start_time: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    end_time: Option<Timestamp>,
    #[serde(deserialize_with = "nested")]
    desired_configuration: Desired,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Desired {
    #[serde(deserialize_with = "nested")]
    launch_template: Template,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Template {
    #[serde(deserialize_with = "opt_string")]
    launch_template_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    launch_template_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    version: Option<String>,
}

/// The refreshes of each group.
pub(super) async fn read<'g>(
    asking: &Asking<'_>,
    groups: &'g [Group],
    answer: &mut Answer,
) -> Vec<(&'g Group, Vec<Refresh>)> {
    let ask = |g: &'g Group| Some((g, json!({"AutoScalingGroupName": g.auto_scaling_group_name.clone()?})));
    let questions = groups.iter().filter_map(ask).collect();
    let read: Vec<(&Group, Pages<Page>)> = asking.each(REFRESHES, questions, &[], answer).await;
    read.into_iter().map(|(g, pages)| (g, pages.into_iter().flat_map(|p| p.instance_refreshes).collect())).collect()
}

/// Says the refreshes of a group.
pub(super) fn say(t: &mut Telling<'_>, group: &Group, refreshes: &[Refresh], trail: &Trail) {
    let Some(arn) = group.auto_scaling_group_arn.as_deref() else { return };
    t.call(REFRESHES.name);
    let whose = environment(&group.tags);
    let told = refreshes.iter().filter_map(|r| refresh(r, trail));
    told.for_each(|d| d.say(t, &SubjectId::from(arn), whose));
}

fn refresh(refresh: &Refresh, trail: &Trail) -> Option<Told> {
    let status = match refresh.status.as_deref()? {
        "Successful" => DeploymentStatus::Succeeded,
        "Failed" | "RollbackFailed" => DeploymentStatus::Failed,
        "RollbackSuccessful" => DeploymentStatus::RolledBack,
        // Somebody changed their mind.
        "Cancelled" | "Cancelling" => return None,
        _ => DeploymentStatus::InProgress,
    };
    let id = refresh.instance_refresh_id.clone()?;
    let template = &refresh.desired_configuration.launch_template;
    let name = template.launch_template_name.as_ref().or(template.launch_template_id.as_ref());
    let version = template.version.as_deref().map(|v| format!(" {v}")).unwrap_or_default();
    Some(Told {
        by: trail.answered(REFRESH, &["instanceRefreshId"], &id),
        id,
        revision: name.map(|n| format!("{n}{version}")).unwrap_or_default(),
        started_at: refresh.start_time?,
        finished_at: refresh.end_time,
        status,
        strategy: Some("rolling"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{parsed, said, scope};
    use loadline_model::{ActorKind, Body};

    /// Shape of the example in "DescribeInstanceRefreshes", Amazon EC2 Auto Scaling API Reference.
    #[test]
    fn refreshes_of_a_group() {
        let group: Group = parsed(json!({"AutoScalingGroupName": "web",
            "AutoScalingGroupARN": "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/web"}));
        let of = |id: &str, status: &str, start: &str| {
            json!({"InstanceRefreshId": id, "AutoScalingGroupName": "web", "Status": status, "StartTime": start,
                "EndTime": "2026-11-20T10:30:00Z", "PercentageComplete": "100",
                "DesiredConfiguration": {"LaunchTemplate": {"LaunchTemplateName": "web", "Version": "12"}}})
        };
        let start = "2026-11-20T10:00:00Z";
        let page: Page = parsed(
            json!({"InstanceRefreshes": {"member": [of("r1", "Successful", start), of("r2", "RollbackSuccessful", start),
            of("r3", "Cancelled", start), of("r4", "Pending", ""), of("r5", "Baking", start)]}}),
        );
        let trail =
            Trail::recorded(&[json!({"eventName": REFRESH, "userIdentity": {"type": "IAMUser", "userName": "alice"},
            "responseElements": {"instanceRefreshId": "r1"}})]);
        let it = "autoscaling:autoScalingGroup:1:autoScalingGroupName/web";
        let expected = [
            format!("{it} deployment r1 Succeeded web 12"),
            format!("{it} deployment r2 RolledBack web 12"),
            format!("{it} deployment r5 InProgress web 12"),
        ];
        assert_eq!(said(|t| say(t, &group, &page.instance_refreshes, &trail)), expected);
        let facts = scope(|t| say(t, &group, &page.instance_refreshes, &trail)).facts;
        let of = |f: &loadline_model::Fact| match &f.body {
            Body::Deployment(d) => (d.actor_kind, d.finished_at.is_some()),
            _ => panic!("no deployment"),
        };
        let kinds: Vec<_> = facts.iter().map(of).collect();
        assert_eq!(kinds, [(ActorKind::Person, true), (ActorKind::Unknown, true), (ActorKind::Unknown, false)]);
    }
}
