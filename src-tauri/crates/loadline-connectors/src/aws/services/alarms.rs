//! CloudWatch alarms: what each watches, and whether it reaches a person, by itself or through an alarm made of alarms.

mod composite;
mod rule;

use super::ServiceReader;
use super::telling::{Place, Telling};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_bool, opt_f64, opt_string, opt_time};
use composite::Composites;
use futures_util::FutureExt;
use loadline_model::{Alert, AlertKind, Basis, Kind, SubjectId, Timestamp, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const ALARMS: &Operation = operation("cloudwatch:DescribeAlarms");
const SUBSCRIPTIONS: &Operation = operation("sns:ListSubscriptionsByTopic");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "alarms",
    title: "CloudWatch alarms",
    global: false,
    operations: &[ALARMS, SUBSCRIPTIONS],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `DescribeAlarms` (Amazon CloudWatch API Reference, version 2010-08-01).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Alarms {
    #[serde(deserialize_with = "list")]
    metric_alarms: Vec<Alarm>,
    #[serde(deserialize_with = "list")]
    composite_alarms: Vec<Alarm>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Alarm {
    #[serde(deserialize_with = "opt_string")]
    alarm_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    alarm_name: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    actions_enabled: Option<bool>,
    #[serde(deserialize_with = "list")]
    alarm_actions: Vec<String>,
    /// Of an alarm made of alarms.
    #[serde(deserialize_with = "opt_string")]
    alarm_rule: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    namespace: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    metric_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    statistic: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    extended_statistic: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    comparison_operator: Option<String>,
    #[serde(deserialize_with = "opt_f64")]
    threshold: Option<f64>,
    #[serde(deserialize_with = "opt_string")]
    state_value: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    state_transitioned_timestamp: Option<Timestamp>,
    #[serde(deserialize_with = "list")]
    dimensions: Vec<Dimension>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Dimension {
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    value: Option<String>,
}

/// A page of `ListSubscriptionsByTopic` (Amazon SNS API Reference, version 2010-03-31).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Subscriptions {
    #[serde(deserialize_with = "list")]
    subscriptions: Vec<Subscription>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Subscription {
    #[serde(deserialize_with = "opt_string")]
    protocol: Option<String>,
    /// An ARN once it is confirmed.
    #[serde(deserialize_with = "opt_string")]
    subscription_arn: Option<String>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let asked = json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100});
    let pages: Pages<Alarms> = asking.pages(ALARMS, asked, answer).await;
    let all: Vec<&Alarm> = pages.pages.iter().flat_map(|p| &p.metric_alarms).collect();
    let made: Vec<&Alarm> = pages.pages.iter().flat_map(|p| &p.composite_alarms).collect();
    let topics: BTreeSet<String> =
        all.iter().chain(&made).flat_map(|a| &a.alarm_actions).filter(|a| a.contains(":sns:")).cloned().collect();
    let here = topics.into_iter().filter(|t| t.split(':').nth(3) == Some(region));
    let questions = here.map(|t| (t.clone(), json!({"TopicArn": t}))).collect();
    let read: Vec<(String, Pages<Subscriptions>)> = asking.each(SUBSCRIPTIONS, questions, &[], answer).await;
    let reach: BTreeMap<String, Option<bool>> = read
        .into_iter()
        .filter(|(_, pages)| pages.complete)
        .map(|(topic, pages)| {
            let all: Vec<Subscription> = pages.pages.into_iter().flat_map(|p| p.subscriptions).collect();
            (topic, reaches_somebody(&all))
        })
        .collect();
    let mut t = Telling::new(answer, Place::of(asking, region));
    let composites = Composites::of(&made, &reach, pages.complete);
    all.iter().for_each(|alarm| say(&mut t, alarm, composites.pages(alarm, pages_somebody(alarm, &reach))));
    composites.say(&mut t, &all);
    if pages.complete {
        t.call(ALARMS.name);
        let account = t.place.account_id();
        let resource = loadline_model::Resource::new(Kind::Account, t.place.account.clone());
        t.exists(&account, resource);
        t.flag(&account, key::ALERTING_READ, Some(true));
    }
}

/// A confirmed address of a person or an on-call tool; `None` when only programs listen.
fn reaches_somebody(all: &[Subscription]) -> Option<bool> {
    let confirmed: Vec<&Subscription> =
        all.iter().filter(|s| s.subscription_arn.as_deref().is_some_and(|arn| arn.starts_with("arn:"))).collect();
    if confirmed.is_empty() {
        return Some(false);
    }
    let person = |s: &&Subscription| {
        matches!(s.protocol.as_deref(), Some("email" | "email-json" | "sms" | "http" | "https" | "application"))
    };
    confirmed.iter().any(person).then_some(true)
}

/// Whether the alarm wakes somebody; `None` when that is not known.
fn pages_somebody(alarm: &Alarm, reach: &BTreeMap<String, Option<bool>>) -> Option<bool> {
    if alarm.actions_enabled == Some(false) {
        return Some(false);
    }
    let ways = alarm.alarm_actions.iter().map(|action| match action.split(':').nth(2) {
        Some("sns") => reach.get(action).copied().flatten(),
        // Scaling, recovery and functions act by themselves.
        Some("autoscaling" | "automate" | "swf" | "lambda") => Some(false),
        _ => None,
    });
    let ways: Vec<Option<bool>> = ways.collect();
    if alarm.actions_enabled == Some(true) && ways.contains(&Some(true)) {
        return Some(true);
    }
    ways.iter().all(|w| *w == Some(false)).then_some(false)
}

fn say(t: &mut Telling<'_>, alarm: &Alarm, pages: Option<bool>) {
    let (Some(arn), Some(name)) = (alarm.alarm_arn.as_deref(), alarm.alarm_name.as_deref()) else { return };
    t.call(ALARMS.name);
    let statistic = alarm.extended_statistic.as_deref().or(alarm.statistic.as_deref()).unwrap_or("");
    let metric = alarm.metric_name.as_deref().unwrap_or("an expression");
    let namespace = alarm.namespace.as_deref().unwrap_or("");
    let operator = alarm.comparison_operator.as_deref().unwrap_or("");
    let threshold = alarm.threshold.map_or_else(String::new, |n| n.to_string());
    let alert = Alert {
        name: name.to_owned(),
        expression: format!("{statistic} {namespace} {metric} {operator} {threshold}").trim().to_owned(),
        watches: alarm.watches(),
        subjects: alarm.subjects(t),
        pages,
        runbook: None,
        owner: None,
        delivery_tested_at: None,
        firings_28d: None,
        firing_since: alarm.firing_since(),
    };
    t.say(&SubjectId::from(arn), Basis::Configured, alert);
}

impl Alarm {
    fn watches(&self) -> AlertKind {
        watches(self.namespace.as_deref().unwrap_or(""), self.metric_name.as_deref().unwrap_or(""))
    }
    /// Things that it is about.
    fn subjects(&self, t: &Telling<'_>) -> Vec<SubjectId> {
        let namespace = self.namespace.as_deref().unwrap_or("");
        self.dimensions.iter().filter_map(|d| subject(t, namespace, d)).collect()
    }
    fn firing_since(&self) -> Option<Timestamp> {
        self.state_transitioned_timestamp.filter(|_| self.state_value.as_deref() == Some("ALARM"))
    }
    /// A rule may write either.
    fn is_called(&self, name: &str) -> bool {
        [self.alarm_name.as_deref(), self.alarm_arn.as_deref()].contains(&Some(name))
    }
}

/// The thing a dimension names, where its id follows from the name.
fn subject(t: &Telling<'_>, namespace: &str, dimension: &Dimension) -> Option<SubjectId> {
    let value = dimension.value.as_deref()?;
    let place = &t.place;
    Some(match (namespace, dimension.name.as_deref()?) {
        (_, "InstanceId") => place.instance(value),
        (_, "LoadBalancer") => place.arn("elasticloadbalancing", &format!("loadbalancer/{value}")),
        ("AWS/RDS", "DBInstanceIdentifier") => place.arn("rds", &format!("db:{value}")),
        ("AWS/RDS", "DBClusterIdentifier") => place.arn("rds", &format!("cluster:{value}")),
        ("AWS/SQS", "QueueName") => place.arn("sqs", value),
        ("AWS/Lambda", "FunctionName") => place.arn("lambda", &format!("function:{value}")),
        ("AWS/DynamoDB", "TableName") => place.arn("dynamodb", &format!("table/{value}")),
        _ => return None,
    })
}

fn watches(namespace: &str, metric: &str) -> AlertKind {
    match (namespace, metric) {
        ("AWS/ApplicationELB" | "AWS/ELB", "TargetResponseTime" | "Latency")
        | ("AWS/CloudFront", "OriginLatency")
        | ("AWS/ApiGateway", "Latency" | "IntegrationLatency")
        | ("AWS/Lambda", "Duration") => AlertKind::Latency,
        (_, m) if m.contains("5XX") || m.contains("5xx") => AlertKind::Errors,
        ("AWS/Lambda", "Errors") | ("CloudWatchSynthetics", "SuccessPercent" | "Failed") => AlertKind::Errors,
        (n, _) if n.starts_with("AWS/") || n == "CWAgent" || n == "ECS/ContainerInsights" => AlertKind::Cause,
        _ => AlertKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:pager";

    /// Shape of the example in "DescribeAlarms", Amazon CloudWatch API Reference 2010-08-01.
    fn read(field: &str, value: Value, reach: Option<Option<bool>>) -> Vec<String> {
        let mut alarm = json!({"AlarmName": "slow", "AlarmArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:slow",
            "ActionsEnabled": "true", "AlarmActions": [TOPIC], "Namespace": "AWS/ApplicationELB",
            "MetricName": "TargetResponseTime", "ExtendedStatistic": "p95", "Threshold": "0.5",
            "ComparisonOperator": "GreaterThanThreshold", "StateValue": "OK",
            "Dimensions": [{"Name": "LoadBalancer", "Value": "app/web/1"}]});
        alarm[field] = value;
        let page: Alarms = parsed(json!({"MetricAlarms": [alarm]}));
        let reach = reach.map(|r| (TOPIC.to_owned(), r)).into_iter().collect();
        said(|t| page.metric_alarms.iter().for_each(|a| say(t, a, pages_somebody(a, &reach))))
    }
    fn alert(watches: &str, pages: &str) -> String {
        format!("cloudwatch:alarm:slow alert slow {watches} pages {pages}")
    }

    #[test]
    fn who_is_woken() {
        let says = |field: &str, value: Value, reach, pages: &str| {
            check(&read(field, value, reach), &[&alert("Latency", pages)], &[]);
        };
        says("StateValue", json!("OK"), Some(Some(true)), "Some(true)");
        says("StateValue", json!("OK"), Some(Some(false)), "Some(false)");
        says("StateValue", json!("OK"), None, "None");
        says("ActionsEnabled", json!("false"), Some(Some(true)), "Some(false)");
        says("ActionsEnabled", json!(""), Some(Some(true)), "None");
        says("AlarmActions", json!(""), Some(Some(true)), "Some(false)");
    }

    #[test]
    fn what_is_watched() {
        let says = |metric: &str, watches: &str| {
            check(&read("MetricName", json!(metric), None), &[&alert(watches, "None")], &[]);
        };
        says("HTTPCode_Target_5XX_Count", "Errors");
        says("UnHealthyHostCount", "Cause");
        check(&read("Namespace", json!("Shop"), None), &[&alert("Other", "None")], &[]);
        assert!(read("AlarmArn", json!(""), None).is_empty());
    }

    #[test]
    fn subscriptions_reach_people_once_confirmed() {
        let of = |protocol: &str, arn: &str| {
            let page: Subscriptions =
                parsed(json!({"Subscriptions": [{"Protocol": protocol, "SubscriptionArn": arn, "TopicArn": TOPIC}]}));
            reaches_somebody(&page.subscriptions)
        };
        assert_eq!(of("email", "arn:aws:sns:eu-west-1:111122223333:pager:1"), Some(true));
        assert_eq!(of("email", "PendingConfirmation"), Some(false));
        assert_eq!(of("sqs", "arn:aws:sns:eu-west-1:111122223333:pager:1"), None);
        assert_eq!(reaches_somebody(&[]), Some(false));
    }
}
