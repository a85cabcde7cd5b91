//! What scalers did, of EC2 Auto Scaling and of Application Auto Scaling: how often they act, how long a new member
//! takes, what failed, and for how long they wanted more than they may have. Both keep six weeks.

use super::telling::Telling;
use crate::aws::shape::{flat_list, list, opt_string, opt_time, time};
use loadline_model::{Basis, SubjectId, Timestamp, Value, key};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Days that failures and haste are judged by.
const DAYS: i64 = 7;
const HOUR_MS: i64 = 3_600_000;

/// A page of either `DescribeScalingActivities`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Activities {
    /// Of EC2 Auto Scaling.
    #[serde(deserialize_with = "list")]
    pub activities: Vec<Activity>,
    /// Of Application Auto Scaling.
    #[serde(deserialize_with = "flat_list")]
    pub scaling_activities: Vec<Activity>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Activity {
    #[serde(deserialize_with = "opt_string")]
    auto_scaling_group_name: Option<String>,
    /// `service/CLUSTER/NAME`.
    #[serde(deserialize_with = "opt_string")]
    resource_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    description: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    cause: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    start_time: Option<Timestamp>,
    #[serde(deserialize_with = "opt_time")]
    end_time: Option<Timestamp>,
    #[serde(deserialize_with = "opt_string")]
    status_code: Option<String>,
    #[serde(deserialize_with = "flat_list")]
    not_scaled_reasons: Vec<Reason>,
}

/// Why Application Auto Scaling did nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Reason {
    #[serde(deserialize_with = "opt_string")]
    code: Option<String>,
}

impl Activity {
    /// Group or resource that it is about.
    pub(super) fn thing(&self) -> Option<&String> {
        self.auto_scaling_group_name.as_ref().or(self.resource_id.as_ref())
    }
    fn succeeded(&self) -> bool {
        self.status_code.as_deref() == Some("Successful") && self.not_scaled_reasons.is_empty()
    }
    fn failed(&self) -> bool {
        self.status_code.as_deref() == Some("Failed") && self.not_scaled_reasons.is_empty()
    }
    fn is_refused_at_maximum(&self) -> bool {
        self.not_scaled_reasons.iter().any(|r| r.code.as_deref() == Some("AlreadyAtMaxCapacity"))
    }
    /// What made the scaler act, when a policy did. EC2 writes one activity for each member of a step: these share the
    /// first sentence of their cause.
    fn decision(&self) -> Option<&str> {
        let cause = self.cause.as_deref().filter(|c| c.contains("triggered policy"))?;
        let first = cause.find(".  At ").or_else(|| cause.find(". At ")).unwrap_or(cause.len());
        self.not_scaled_reasons.is_empty().then(|| cause.get(..first)).flatten()
    }
    /// The alarm, where the cause names its time (`At 2026-11-22T04:00:00Z a monitor alarm …`), or the start.
    fn asked_at(&self) -> Option<Timestamp> {
        let word = self.decision().and_then(|d| d.strip_prefix("At ")).and_then(|d| d.split(' ').next());
        word.and_then(|w| time(&serde_json::Value::from(w))).or(self.start_time)
    }
    /// Members wanted, as Application Auto Scaling writes it: `Setting desired count to 4.`
    fn wanted(&self) -> Option<u64> {
        let rest = self.description.as_deref()?.strip_prefix("Setting desired count to ")?;
        rest.trim_end_matches('.').parse().ok()
    }
    /// EC2 started a machine.
    fn launches(&self) -> bool {
        self.description.as_deref().is_some_and(|d| d.starts_with("Launching a new EC2 instance"))
    }
}

/// Says what the activities of one thing show. They must be all of the last week.
pub(super) fn say(t: &mut Telling<'_>, subject: &SubjectId, all: &[&Activity]) {
    let mut all: Vec<(Timestamp, &Activity)> = all.iter().filter_map(|a| Some((a.start_time?, *a))).collect();
    all.sort_by_key(|(at, _)| *at);
    let week = t.read_at().plus_days(-DAYS);
    let lately: Vec<&(Timestamp, &Activity)> = all.iter().filter(|(at, _)| *at >= week).collect();
    let failures = lately.iter().filter(|(_, a)| a.failed()).count();
    measured(t, subject, key::SCALING_FAILURES_7D, Some(failures as f64));
    measured(t, subject, key::SCALING_ACTIONS_PER_HOUR, Some(busiest_hour(&lately) as f64));
    measured(t, subject, key::SCALE_OUT_SECONDS, scale_out_seconds(&all));
    measured(t, subject, key::AT_MAXIMUM_MINUTES_7D, at_maximum(&lately, t.read_at()));
}

fn measured(t: &mut Telling<'_>, subject: &SubjectId, key: &str, value: Option<f64>) {
    t.set(subject, Basis::Measured, key, None, value.map(Value::Number));
}

/// Most decisions of policies in any hour.
fn busiest_hour(lately: &[&(Timestamp, &Activity)]) -> usize {
    let mut decided: BTreeMap<(Timestamp, &str), ()> = BTreeMap::new();
    for (_, activity) in lately {
        if let (Some(at), Some(decision)) = (activity.asked_at(), activity.decision()) {
            decided.insert((at, decision), ());
        }
    }
    let times: Vec<Timestamp> = decided.keys().map(|(at, _)| *at).collect();
    let within = |from: &Timestamp| times.iter().filter(|at| **at >= *from && at.0 - from.0 < HOUR_MS).count();
    times.iter().map(within).max().unwrap_or(0)
}

/// The median of what new members took, from the alarm until they served.
fn scale_out_seconds(all: &[(Timestamp, &Activity)]) -> Option<f64> {
    let (mut took, mut before) = (Vec::new(), None);
    for (_, activity) in all.iter().filter(|(_, a)| a.succeeded()) {
        let wanted = activity.wanted();
        let grows = activity.launches() || wanted.zip(before).is_some_and(|(now, before)| now > before);
        before = wanted.or(before);
        if let (true, Some(from), Some(to)) = (grows, activity.asked_at(), activity.end_time) {
            took.push((to.0 - from.0) as f64 / 1e3);
        }
    }
    took.retain(|s| *s >= 0.0);
    took.sort_by(f64::total_cmp);
    let middle = took.len() / 2;
    match took.len() % 2 {
        1 => took.get(middle).copied(),
        _ => Some((took.get(middle.checked_sub(1)?)? + took.get(middle)?) / 2.0),
    }
}

/// Longest time in which the scaler wanted more than the maximum, until it next set another number. Nothing when that
/// never happened: at its maximum with enough of everything a scaler does not speak.
fn at_maximum(lately: &[&(Timestamp, &Activity)], now: Timestamp) -> Option<f64> {
    let (mut longest, mut since): (Option<i64>, Option<Timestamp>) = (None, None);
    let mut ends = |since: &mut Option<Timestamp>, at: Timestamp| {
        if let Some(begun) = since.take() {
            longest = longest.max(Some(at.0 - begun.0));
        }
    };
    for (at, activity) in lately {
        if activity.is_refused_at_maximum() {
            since.get_or_insert(*at);
        } else if activity.wanted().is_some() && activity.succeeded() {
            ends(&mut since, *at);
        }
    }
    ends(&mut since, now);
    longest.map(|ms| ms as f64 / 60e3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{NOW, parsed, said};
    use serde_json::{Value, json};

    fn read(all: Value) -> Vec<String> {
        let page: Activities = parsed(all);
        let all: Vec<&Activity> = page.activities.iter().chain(&page.scaling_activities).collect();
        said(|t| say(t, &"arn:aws:x".into(), &all))
    }
    /// Shape of the example in "DescribeScalingActivities", Amazon EC2 Auto Scaling API Reference; causes as in "Verify
    /// a scaling activity", Amazon EC2 Auto Scaling User Guide.
    fn launch(alarm: &str, start: &str, end: &str, status: &str) -> Value {
        let (alarm, start, end) =
            (format!("2026-11-21T{alarm}Z"), format!("2026-11-21T{start}Z"), format!("2026-11-21T{end}Z"));
        json!({"ActivityId": "1", "AutoScalingGroupName": "web", "Description": "Launching a new EC2 instance: i-1",
            "Cause": format!("At {alarm} a monitor alarm high in state ALARM triggered policy grow changing the desired capacity from 1 to 3.  At {start} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 1 to 3."),
            "StartTime": start, "EndTime": end, "StatusCode": status, "Progress": "100"})
    }

    #[test]
    fn a_group_of_machines_grows() {
        let all = json!({"Activities": [
            launch("10:00:00", "10:00:10", "10:02:00", "Successful"),
            launch("10:00:00", "10:00:10", "10:01:00", "Successful"),
            launch("10:30:00", "10:30:10", "10:31:40", "Successful"),
            launch("11:10:00", "11:10:10", "11:10:20", "Failed")]});
        let expected = ["x scaling.failures_7d = 1", "x scaling.actions_per_hour = 2", "x scale_out_seconds = 100"];
        assert_eq!(read(all), expected);
    }

    #[test]
    fn no_activity_is_a_quiet_week() {
        assert_eq!(read(json!({"Activities": ""})), ["x scaling.failures_7d = 0", "x scaling.actions_per_hour = 0"]);
        let mut old = launch("10:00:00", "10:00:10", "10:01:00", "Failed");
        old["StartTime"] = json!("2026-11-01T10:00:10Z");
        assert_eq!(read(json!({"Activities": [old]}))[0], "x scaling.failures_7d = 0");
    }

    /// Shapes of the examples in "Scaling activities for Application Auto Scaling", its User Guide.
    fn set(to: u64, minutes_ago: i64, seconds: i64) -> Value {
        let start = (NOW.0 - minutes_ago * 60_000) as f64 / 1e3;
        json!({"ScalableDimension": "ecs:service:DesiredCount", "Description": format!("Setting desired count to {to}."),
            "ResourceId": "service/main/api", "ActivityId": "e6c5f7d1", "StartTime": start, "EndTime": start + seconds as f64,
            "ServiceNamespace": "ecs", "Cause": "monitor alarm web-app-cpu-gt-75 in state ALARM triggered policy web-app-cpu-gt-75",
            "StatusMessage": "Successfully set desired count. Change successfully fulfilled by ecs.", "StatusCode": "Successful"})
    }
    fn refused(code: &str, minutes_ago: i64) -> Value {
        let start = (NOW.0 - minutes_ago * 60_000) as f64 / 1e3;
        json!({"Description": "Attempting to scale due to alarm triggered", "ResourceId": "service/main/api",
            "StartTime": start, "ServiceNamespace": "ecs", "StatusCode": "Failed",
            "Cause": "monitor alarm web-app-cpu-gt-75 in state ALARM triggered policy web-app-cpu-gt-75",
            "NotScaledReasons": [{"Code": code, "MaxCapacity": 4}]})
    }

    #[test]
    fn a_container_service_runs_out_of_room() {
        let all = json!({"ScalingActivities": [set(3, 30, 60), refused("AlreadyAtMaxCapacity", 100), set(4, 110, 90),
            set(2, 300, 60), refused("AlreadyAtMinCapacity", 20)]});
        let expected = [
            "x scaling.failures_7d = 0",
            "x scaling.actions_per_hour = 1",
            "x scale_out_seconds = 90",
            "x scaling.at_maximum_minutes_7d = 70",
        ];
        assert_eq!(read(all), expected);
        let still = json!({"ScalingActivities": [refused("AlreadyAtMaxCapacity", 25)]});
        assert_eq!(read(still).last().map(String::as_str), Some("x scaling.at_maximum_minutes_7d = 25"));
    }
}
