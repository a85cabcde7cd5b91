//! EC2 Auto Scaling: groups, their members and bounds, and what makes them grow.

use super::ServiceReader;
use super::activity::{self, Activities, Activity};
use super::launch::{self, Mixed, Template};
use super::signal::{self, Named, Signals};
use super::telling::{Place, Tag, Telling, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_bool, opt_f64, opt_string, opt_u64};
use futures_util::FutureExt;
use loadline_model::{Kind, Relation, SubjectId, key};
use serde::Deserialize;
use serde_json::json;

pub(super) const GROUPS: &Operation = operation("autoscaling:DescribeAutoScalingGroups");
const POLICIES: &Operation = operation("autoscaling:DescribePolicies");
const SCHEDULES: &Operation = operation("autoscaling:DescribeScheduledActions");
const ACTIVITIES: &Operation = operation("autoscaling:DescribeScalingActivities");
/// Days of activities that are asked for: enough to see some members start.
const DAYS: i64 = 28;

pub(super) const READER: ServiceReader = ServiceReader {
    id: "autoscaling",
    title: "Auto Scaling groups",
    global: false,
    operations: &[GROUPS, POLICIES, SCHEDULES, ACTIVITIES, signal::ALARMS, launch::VERSIONS],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `DescribeAutoScalingGroups`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Groups {
    #[serde(deserialize_with = "list")]
    pub auto_scaling_groups: Vec<Group>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Group {
    #[serde(rename = "AutoScalingGroupARN", deserialize_with = "opt_string")]
    pub auto_scaling_group_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub auto_scaling_group_name: Option<String>,
    #[serde(deserialize_with = "opt_u64")]
    min_size: Option<u64>,
    #[serde(deserialize_with = "opt_u64")]
    max_size: Option<u64>,
    #[serde(deserialize_with = "opt_u64")]
    desired_capacity: Option<u64>,
    #[serde(deserialize_with = "list")]
    instances: Vec<Member>,
    #[serde(rename = "TargetGroupARNs", deserialize_with = "list")]
    pub target_group_arns: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub load_balancer_names: Vec<String>,
    #[serde(deserialize_with = "opt_string")]
    pub launch_configuration_name: Option<String>,
    #[serde(deserialize_with = "nested")]
    pub launch_template: Template,
    #[serde(deserialize_with = "nested")]
    pub mixed_instances_policy: Mixed,
    #[serde(deserialize_with = "list")]
    pub tags: Vec<Tag>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Member {
    #[serde(deserialize_with = "opt_string")]
    instance_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    availability_zone: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    lifecycle_state: Option<String>,
}

/// A page of `DescribePolicies`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Policies {
    #[serde(deserialize_with = "list")]
    scaling_policies: Vec<Policy>,
}

/// A scaling policy, of EC2 or of Application Auto Scaling.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Policy {
    #[serde(deserialize_with = "opt_string")]
    auto_scaling_group_name: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    enabled: Option<bool>,
    #[serde(deserialize_with = "nested")]
    target_tracking_configuration: Tracking,
    #[serde(deserialize_with = "list")]
    alarms: Vec<Named>,
}

/// What a policy follows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Tracking {
    #[serde(deserialize_with = "nested")]
    predefined_metric_specification: Predefined,
    #[serde(deserialize_with = "nested")]
    customized_metric_specification: Customized,
    #[serde(deserialize_with = "opt_f64")]
    target_value: Option<f64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Predefined {
    #[serde(deserialize_with = "opt_string")]
    predefined_metric_type: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Customized {
    #[serde(deserialize_with = "opt_string")]
    namespace: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    metric_name: Option<String>,
}

/// A page of `DescribeScheduledActions`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Schedules {
    #[serde(deserialize_with = "list")]
    scheduled_update_group_actions: Vec<Policy>,
}

impl Groups {
    /// Machines and the groups that hold them.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.auto_scaling_groups.iter().flat_map(|g| {
            let arn = g.auto_scaling_group_arn.as_deref();
            g.instances.iter().filter_map(move |i| Some((i.instance_id.as_deref()?, arn?)))
        })
    }
}

impl Group {
    /// Its machines are the nodes of a Kubernetes cluster.
    fn is_of_a_cluster(&self) -> bool {
        let marks = ["eks:", "k8s.io/", "kubernetes.io/"];
        self.tags.iter().filter_map(|t| t.key.as_deref()).any(|k| marks.iter().any(|m| k.starts_with(m)))
    }
}

impl Policy {
    /// Alarms that start it; those of target tracking are made for it and show nothing more.
    fn started_by(&self) -> impl Iterator<Item = String> {
        let tracks = self.target_tracking_configuration.target().is_some();
        self.alarms.iter().filter(move |_| !tracks).filter_map(|a| a.alarm_name.clone())
    }
}

impl Tracking {
    /// The signal in the model's words, when it is one of them.
    pub(super) fn signal(&self) -> Option<&'static str> {
        let own = &self.customized_metric_specification;
        let own = own.namespace.as_deref().zip(own.metric_name.as_deref());
        match (self.predefined_metric_specification.predefined_metric_type.as_deref(), own) {
            (Some(name), _) if name.starts_with("ASGAverageCPUUtilization") => Some("cpu"),
            (Some("ECSServiceAverageCPUUtilization"), _) => Some("cpu"),
            (Some("ALBRequestCountPerTarget"), _) => Some("requests"),
            (_, Some((namespace, name))) => signal::of_metric(namespace, name),
            _ => None,
        }
    }
    /// The value it aims at, in the unit of its metric; a policy of steps has none.
    pub(super) fn target(&self) -> Option<f64> {
        self.target_value
    }
    /// The utilisation it aims at, 0–1; AWS writes per cent. Other signals have other units.
    pub(super) fn utilisation(&self) -> Option<f64> {
        self.target_value.filter(|_| self.signal() == Some("cpu")).map(|percent| percent / 100.0)
    }
}

/// The groups of a region, for readers that need to know whose a target is.
pub(super) async fn groups_of(asking: &Asking<'_>, answer: &mut Answer) -> Pages<Groups> {
    asking.pages_hiding(GROUPS, json!({}), &[Kind::Service], answer).await
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let groups = groups_of(asking, answer).await;
    let (mut policies, mut schedules, mut activities, mut signals) = (None, None, None, Signals::new());
    if groups.pages.iter().any(|p| !p.auto_scaling_groups.is_empty()) {
        let pages: Pages<Policies> = asking.pages(POLICIES, json!({}), answer).await;
        policies = pages.complete.then(|| pages.into_iter().flat_map(|p| p.scaling_policies).collect::<Vec<_>>());
        signals =
            signal::of_alarms(asking, policies.iter().flatten().flat_map(Policy::started_by).collect(), answer).await;
        let pages: Pages<Schedules> = asking.pages(SCHEDULES, json!({}), answer).await;
        schedules = pages
            .complete
            .then(|| pages.into_iter().flat_map(|p| p.scheduled_update_group_actions).collect::<Vec<_>>());
        let since = asking.window.now.plus_days(-DAYS).to_string();
        let since = json!({"Filters": [{"Name": "StartTimeLowerBound", "Values": [since]}]});
        let pages: Pages<Activities> = asking.pages(ACTIVITIES, since, answer).await;
        activities = pages.complete.then(|| pages.into_iter().flat_map(|p| p.activities).collect::<Vec<_>>());
    }
    let all: Vec<&Group> = groups.pages.iter().flat_map(|p| &p.auto_scaling_groups).collect();
    let images = launch::of(asking, &all, answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    for group in all {
        say(&mut t, group, policies.as_deref(), schedules.as_deref(), &signals);
        let Some(subject) = group.auto_scaling_group_arn.as_deref().map(SubjectId::from) else { continue };
        launch::say(t.call(GROUPS.name), &subject, group, &images);
        if let Some(all) = &activities {
            let own = |a: &&Activity| a.thing() == group.auto_scaling_group_name.as_ref();
            let mine: Vec<&Activity> = all.iter().filter(own).collect();
            activity::say(t.call(ACTIVITIES.name), &subject, &mine);
        }
    }
}

fn say(
    t: &mut Telling<'_>,
    group: &Group,
    policies: Option<&[Policy]>,
    schedules: Option<&[Policy]>,
    signals: &Signals,
) {
    let Some(arn) = group.auto_scaling_group_arn.as_deref() else { return };
    let subject = SubjectId::from(arn);
    let name = group.auto_scaling_group_name.as_deref().unwrap_or(arn);
    t.call(GROUPS.name);
    let resource = t.resource(Kind::Service, name, &group.tags);
    t.exists(&subject, resource.clone());
    t.count(&subject, key::DESIRED_MEMBERS, group.desired_capacity);
    t.count(&subject, key::MINIMUM_MEMBERS, group.min_size);
    t.count(&subject, key::MAXIMUM_MEMBERS, group.max_size);
    let serving = |m: &&Member| matches!(m.lifecycle_state.as_deref(), Some("InService"));
    for member in group.instances.iter().filter(serving) {
        let Some(id) = member.instance_id.as_deref() else { continue };
        let instance = t.place.instance(id);
        t.edge(&instance, Relation::MemberOf, &subject);
        t.in_zone(&instance, member.availability_zone.as_deref());
    }
    if group.instances.iter().filter(serving).count() > 1 {
        t.interchangeable(&subject, &resource, &group.tags);
    }
    let own = |p: &&Policy| p.auto_scaling_group_name == group.auto_scaling_group_name;
    let Some(policies) = policies else { return };
    t.call(POLICIES.name);
    let mine: Vec<&Policy> = policies.iter().filter(own).filter(|p| p.enabled != Some(false)).collect();
    let found = mine.iter().map(|p| &p.target_tracking_configuration).find(|t| t.signal().is_some());
    let by_alarm = || mine.iter().flat_map(|p| p.started_by()).find_map(|name| signals.get(&name).copied());
    let signal = found.and_then(Tracking::signal).or_else(by_alarm);
    let scheduled = schedules.map(|s| s.iter().any(|s| own(&s)));
    let target = found.and_then(Tracking::utilisation);
    let signal = signal.or(match (mine.is_empty(), scheduled) {
        (true, Some(true)) => Some("schedule"),
        // A cluster may scale its machines without a policy.
        (true, Some(false)) if !group.is_of_a_cluster() => Some("none"),
        _ => None,
    });
    t.text(&subject, key::SCALING_SIGNAL, signal);
    t.number(&subject, key::SCALING_TARGET, target);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    const ARN: &str = "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/web";

    /// Shape of the example in "DescribeAutoScalingGroups", Amazon EC2 Auto Scaling API Reference.
    fn group() -> Value {
        let member = |id: &str, zone: &str, state: &str| {
            json!({"InstanceId": id, "AvailabilityZone": zone, "LifecycleState": state,
            "HealthStatus": "Healthy", "ProtectedFromScaleIn": "false"})
        };
        json!({"AutoScalingGroupARN": ARN, "AutoScalingGroupName": "web", "MinSize": "2", "MaxSize": "6", "DesiredCapacity": "3",
            "HealthCheckType": "ELB", "AvailabilityZones": ["eu-west-1a", "eu-west-1b"], "TargetGroupARNs": [],
            "Instances": [member("i-1", "eu-west-1a", "InService"), member("i-2", "eu-west-1b", "InService"),
                          member("i-3", "eu-west-1b", "Terminating")],
            "Tags": [{"Key": "Environment", "Value": "production", "PropagateAtLaunch": "true", "ResourceId": "web"}]})
    }
    fn policy(metric: &str) -> Value {
        json!({"AutoScalingGroupName": "web", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration":
            {"TargetValue": "50.0", "PredefinedMetricSpecification": {"PredefinedMetricType": metric}}})
    }
    fn read(group: Value, policies: Option<Value>) -> Vec<String> {
        let page: Groups = parsed(json!({"AutoScalingGroups": [group]}));
        let policies = policies.map(|p| parsed::<Policies>(json!({"ScalingPolicies": p})).scaling_policies);
        let signals = Signals::from([("busy".to_owned(), "cpu")]);
        said(|t| page.auto_scaling_groups.iter().for_each(|g| say(t, g, policies.as_deref(), Some(&[]), &signals)))
    }
    const IT: &str = "autoscaling:autoScalingGroup:1:autoScalingGroupName/web";

    #[test]
    fn a_group_with_members_in_two_zones() {
        let expected = [
            format!("{IT} is service web, Production"),
            format!("{IT} members.desired = 3"),
            format!("{IT} members.minimum = 2"),
            format!("{IT} members.maximum = 6"),
            format!("ec2:instance/i-1 MemberOf {IT}"),
            "ec2:instance/i-2 RunsIn eu-west-1b".to_owned(),
            format!("{IT} is service web, Production, needs 1 (inferred)"),
            format!("{IT} scaling.signal = cpu"),
            format!("{IT} scaling.target = 0.5"),
        ];
        let lines = read(group(), Some(json!([policy("ASGAverageCPUUtilization")])));
        check(&lines, &expected.each_ref().map(String::as_str), &["ec2:instance/i-3"]);
    }

    #[test]
    fn a_tag_says_how_many_must_be_up() {
        let mut tagged = group();
        tagged["Tags"] = json!([{"Key": "loadline:required-members", "Value": "2"}]);
        check(
            &read(tagged, None),
            &[&format!("{IT} is service web, needs 2")],
            &[&format!("{IT} is service web, needs 1")],
        );
    }

    #[test]
    fn signals_are_said_only_when_recognised() {
        let says = |policies: Value, signal: &str| {
            check(&read(group(), Some(policies)), &[&format!("{IT} scaling.signal = {signal}")], &[]);
        };
        says(json!([policy("ALBRequestCountPerTarget")]), "requests");
        says(json!([]), "none");
        let mut off = policy("ASGAverageCPUUtilization");
        off["Enabled"] = json!("false");
        says(json!([off]), "none");
        let step = |alarm: &str| {
            json!([{"AutoScalingGroupName": "web", "PolicyType": "StepScaling", "ScalingAdjustment": "1",
            "Alarms": [{"AlarmName": alarm, "AlarmARN": "arn"}]}])
        };
        says(step("busy"), "cpu");
        check(&read(group(), Some(step("other"))), &[], &[&format!("{IT} scaling")]);
        let mut nodes = group();
        nodes["Tags"] = json!([{"Key": "eks:nodegroup-name", "Value": "web"}]);
        check(&read(nodes, Some(json!([]))), &[], &[&format!("{IT} scaling")]);
        let own = |space: &str, name: &str| {
            json!([{"AutoScalingGroupName": "web", "TargetTrackingConfiguration":
            {"TargetValue": "60.0", "CustomizedMetricSpecification": {"Namespace": space, "MetricName": name}}}])
        };
        says(own("AWS/EC2", "CPUUtilization"), "cpu");
        says(own("AWS/ApplicationELB", "TargetResponseTime"), "latency");
        check(&read(group(), Some(own("Own", "Backlog"))), &[], &[&format!("{IT} scaling")]);
        let requests = read(group(), Some(json!([policy("ALBRequestCountPerTarget")])));
        check(&requests, &[], &[&format!("{IT} scaling.target")]);
        check(&read(group(), Some(json!([policy("ASGAverageNetworkIn")]))), &[], &[&format!("{IT} scaling")]);
        check(&read(group(), None), &[], &[&format!("{IT} scaling")]);
    }

    #[test]
    fn what_is_missing_is_not_said() {
        let mut bare = group();
        bare["MinSize"] = json!("");
        bare["DesiredCapacity"] = Value::Null;
        bare["Instances"] = json!([{"InstanceId": "i-1", "LifecycleState": "InService"}]);
        let never =
            [format!("{IT} members.minimum"), format!("{IT} members.desired"), "ec2:instance/i-1 RunsIn".into()];
        check(&read(bare, None), &[&format!("ec2:instance/i-1 MemberOf {IT}")], &never.each_ref().map(String::as_str));
    }
}
