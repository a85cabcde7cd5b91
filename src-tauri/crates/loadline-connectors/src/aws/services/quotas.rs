//! Service Quotas: what the account may have of a region's services, and how much of it was used over the last day
//! where AWS publishes that. A quota without a published use cannot be judged and is not said.

use super::ServiceReader;
use super::telling::{Place, Telling, batches, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{flat_list, list, opt_f64, opt_string};
use futures_util::FutureExt;
use loadline_model::{Basis, Kind, Resource, Timestamp, Value, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

const QUOTAS: &Operation = operation("servicequotas:ListServiceQuotas");
const DATA: &Operation = operation("cloudwatch:GetMetricData");

/// Codes of the services whose quotas stop what this connector reads from growing.
const SERVICES: [&str; 9] =
    ["ec2", "vpc", "ebs", "autoscaling", "elasticloadbalancing", "ecs", "fargate", "lambda", "rds"];
/// Queries that one request may hold.
const AT_ONCE: usize = 500;

pub(super) const READER: ServiceReader = ServiceReader {
    id: "servicequotas",
    title: "Service quotas",
    global: false,
    operations: &[QUOTAS, DATA],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `ListServiceQuotas` (Service Quotas API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    #[serde(deserialize_with = "flat_list")]
    quotas: Vec<Quota>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Quota {
    #[serde(deserialize_with = "opt_string")]
    quota_name: Option<String>,
    #[serde(deserialize_with = "opt_f64")]
    value: Option<f64>,
    /// Answered the same in every region.
    #[serde(deserialize_with = "crate::aws::shape::opt_bool")]
    global_quota: Option<bool>,
    #[serde(deserialize_with = "nested")]
    usage_metric: Usage,
    /// Of rates; their use is a sum over this time.
    period: Option<serde_json::Value>,
}

/// The metric that shows its use.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Usage {
    #[serde(deserialize_with = "opt_string")]
    metric_namespace: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    metric_name: Option<String>,
    #[serde(deserialize_with = "nested")]
    metric_dimensions: BTreeMap<String, serde_json::Value>,
    #[serde(deserialize_with = "opt_string")]
    metric_statistic_recommendation: Option<String>,
}

/// A page of `GetMetricData` (Amazon CloudWatch API Reference, version 2010-08-01).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Data {
    #[serde(deserialize_with = "list")]
    metric_data_results: Vec<Outcome>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Outcome {
    #[serde(deserialize_with = "opt_string")]
    id: Option<String>,
    #[serde(deserialize_with = "list")]
    values: Vec<Number>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
struct Number(#[serde(deserialize_with = "opt_f64")] Option<f64>);

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let questions = SERVICES.iter().map(|code| ((), json!({"ServiceCode": code}))).collect();
    let pages: Vec<((), Pages<Page>)> = asking.each(QUOTAS, questions, &[], answer).await;
    let all = pages.into_iter().flat_map(|(_, p)| p.pages).flat_map(|p| p.quotas);
    let wanted: Vec<Quota> =
        all.filter(shows_use).filter(|q| q.global_quota != Some(true) || region == "us-east-1").collect();
    let until = asking.window.now.hour_start();
    let mut used = Vec::new();
    for some in batches(&wanted, AT_ONCE) {
        let pages: Pages<Data> = asking.pages(DATA, question(&some, until), answer).await;
        used.extend(highest(some, &pages.pages));
    }
    let mut t = Telling::new(answer, Place::of(asking, region));
    say(&mut t, &used);
}

/// A number that may not be exceeded, whose use is a number too. Rates are left out.
fn shows_use(quota: &Quota) -> bool {
    let metric = &quota.usage_metric;
    let named = metric.metric_namespace.is_some() && metric.metric_name.is_some();
    named && quota.period.is_none() && quota.value.is_some_and(|v| v > 0.0)
}

/// The use over the day before, in hours.
fn question(wanted: &[Quota], until: Timestamp) -> serde_json::Value {
    let query = |(at, quota): (usize, &Quota)| {
        let metric = &quota.usage_metric;
        let dimensions: Vec<serde_json::Value> =
            metric.metric_dimensions.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
        let statistic = metric.metric_statistic_recommendation.as_deref().unwrap_or("Maximum");
        json!({"Id": format!("q{at}"), "ReturnData": true, "MetricStat": {
            "Metric": {"Namespace": metric.metric_namespace, "MetricName": metric.metric_name, "Dimensions": dimensions},
            "Period": 3600, "Stat": statistic}})
    };
    let queries: Vec<serde_json::Value> = wanted.iter().enumerate().map(query).collect();
    json!({"MetricDataQueries": queries, "StartTime": until.plus_days(-1).to_string(), "EndTime": until.to_string()})
}

/// Quotas with the most that was used of them; one whose use nobody reported is left out.
fn highest(wanted: Vec<Quota>, pages: &[Data]) -> Vec<(Quota, f64)> {
    let mut most: BTreeMap<&str, f64> = BTreeMap::new();
    for outcome in pages.iter().flat_map(|p| &p.metric_data_results) {
        let Some(id) = outcome.id.as_deref() else { continue };
        for value in outcome.values.iter().filter_map(|v| v.0).filter(|v| *v >= 0.0) {
            let known = most.entry(id).or_insert(value);
            *known = known.max(value);
        }
    }
    let with_use = |(at, quota): (usize, Quota)| Some((quota, *most.get(format!("q{at}").as_str())?));
    wanted.into_iter().enumerate().filter_map(with_use).collect()
}

/// Says each as a share of its quota. A thing has one limit of a kind and an account has many quotas, so the limits
/// themselves have no place beside the shares.
fn say(t: &mut Telling<'_>, used: &[(Quota, f64)]) {
    if used.is_empty() {
        return;
    }
    let account = t.place.account_id();
    t.call(QUOTAS.name);
    let resource = Resource::new(Kind::Account, t.place.account.clone());
    t.exists(&account, resource);
    t.call(DATA.name);
    for (quota, used) in used {
        let (Some(name), Some(limit)) = (quota.quota_name.as_deref(), quota.value) else { continue };
        let item = format!("{name} in {}", t.place.region);
        t.set(&account, Basis::Measured, key::QUOTA_USED, Some(&item), Some(Value::Number(used / limit)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{NOW, parsed, said};
    use serde_json::Value as Json;

    /// Shape of the example in "ListServiceQuotas", Service Quotas API Reference 2019-06-24.
    fn quota(name: &str, value: Json) -> Json {
        json!({"ServiceCode": "ec2", "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)", "QuotaName": name,
            "QuotaArn": "arn:aws:servicequotas:eu-west-1:111122223333:ec2/L-1216C47A", "QuotaCode": "L-1216C47A",
            "Value": value, "Unit": "None", "Adjustable": true, "GlobalQuota": false, "UsageMetric": {
                "MetricNamespace": "AWS/Usage", "MetricName": "ResourceCount", "MetricStatisticRecommendation": "Maximum",
                "MetricDimensions": {"Class": "Standard/OnDemand", "Resource": "vCPU", "Service": "EC2", "Type": "Resource"}}})
    }
    fn quotas(all: Json) -> Vec<Quota> {
        parsed::<Page>(json!({"Quotas": all})).quotas
    }

    #[test]
    fn use_is_a_share_of_the_quota() {
        let wanted = quotas(json!([
            quota("Running instances", json!(32.0)),
            quota("Addresses", json!(5)),
            quota("Unseen", json!(9))
        ]));
        let data: Data = parsed(json!({"MetricDataResults": [
            {"Id": "q0", "StatusCode": "Complete", "Timestamps": ["2026-11-22T03:00:00Z", "2026-11-22T04:00:00Z"], "Values": ["8.0", "16.0"]},
            {"Id": "q1", "StatusCode": "Complete", "Timestamps": ["2026-11-22T04:00:00Z"], "Values": "4.5"},
            {"Id": "q2", "StatusCode": "Complete", "Timestamps": "", "Values": ""}]}));
        let used = highest(wanted, &[data]);
        let lines = said(|t| say(t, &used));
        let expected = [
            "aws:111122223333 is account 111122223333",
            "aws:111122223333 capacity.quota_used[Running instances in eu-west-1] = 0.5",
            "aws:111122223333 capacity.quota_used[Addresses in eu-west-1] = 0.9",
        ];
        assert_eq!(lines, expected);
        assert!(said(|t| say(t, &[])).is_empty());
    }

    #[test]
    fn only_numbers_with_a_published_use_are_asked() {
        let asked = |change: fn(&mut Json)| {
            let mut one = quota("x", json!(5));
            change(&mut one);
            quotas(json!([one])).iter().any(shows_use)
        };
        assert!(asked(|_| ()));
        assert!(!asked(|q| q["UsageMetric"] = json!({})));
        assert!(!asked(|q| q["Period"] = json!({"PeriodValue": 1, "PeriodUnit": "SECOND"})));
        assert!(!asked(|q| q["Value"] = json!(0)));
        assert!(!asked(|q| q["Value"] = Json::Null));
    }

    #[test]
    fn the_question_names_the_metric_as_it_is_published() {
        let asked = question(&quotas(json!([quota("x", json!(5))])), NOW);
        let metric = &asked["MetricDataQueries"][0]["MetricStat"];
        assert_eq!(metric["Metric"]["MetricName"], "ResourceCount");
        assert_eq!(metric["Metric"]["Dimensions"][0], json!({"Name": "Class", "Value": "Standard/OnDemand"}));
        assert_eq!((&metric["Stat"], &asked["StartTime"]), (&json!("Maximum"), &json!("2026-11-21T05:00:00Z")));
    }
}
