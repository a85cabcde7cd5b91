//! CloudWatch: hourly series of load, latency and fill of what the region holds, 14 days back. Billed per metric asked.

mod brokers;
mod caches;
mod rows;
mod say;
mod scalers;
mod tasks;

use super::ServiceReader;
use super::rds::shapes::Instances;
use super::telling::{Place, Telling, batches};
use super::{autoscaling, elasticache, kafka, lambda, mq, rds};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_f64, opt_string, time};
use futures_util::FutureExt;
use loadline_model::{SubjectId, Timestamp};
use rows::{ROWS, Row, subject};
use say::Measured;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const METRICS: &Operation = operation("cloudwatch:ListMetrics");
const DATA: &Operation = operation("cloudwatch:GetMetricData");

/// Days that utilisation is judged by.
const DAYS: i64 = 14;
/// Metrics a call: 14 days of hours stay below its 100,800 values.
const AT_ONCE: usize = 250;

pub(super) const READER: ServiceReader = ServiceReader {
    id: "cloudwatch",
    title: "CloudWatch metrics",
    global: false,
    operations: &[
        METRICS,
        DATA,
        rds::INSTANCES,
        elasticache::CLUSTERS,
        mq::BROKERS,
        kafka::CLUSTERS,
        lambda::SOURCES,
        autoscaling::GROUPS,
    ],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `ListMetrics` (Amazon CloudWatch API Reference, version 2010-08-01).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Metrics {
    #[serde(deserialize_with = "list")]
    metrics: Vec<Metric>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Metric {
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

/// A page of `GetMetricData`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Data {
    #[serde(deserialize_with = "list")]
    pub metric_data_results: Vec<Outcome>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Outcome {
    #[serde(deserialize_with = "opt_string")]
    pub id: Option<String>,
    #[serde(deserialize_with = "list")]
    timestamps: Vec<Value>,
    #[serde(deserialize_with = "list")]
    pub values: Vec<Number>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Number(#[serde(deserialize_with = "opt_f64")] pub Option<f64>);

/// One metric of one thing.
#[derive(Clone, Debug)]
struct Wanted {
    row: &'static Row,
    subject: SubjectId,
    /// In the order of the row's dimensions.
    values: Vec<String>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    scalers::read(asking, region, answer).await;
    let place = Place::of(asking, region);
    let names = ROWS.iter().filter(|r| !r.statistic.starts_with('p') || matches!(r.word, "p50" | "run"));
    // Only what was alive in the last three hours: what is gone is no longer judged.
    let ask = |r: &'static Row| (r, json!({"Namespace": r.namespace, "MetricName": r.name, "RecentlyActive": "PT3H"}));
    let listed: Vec<(&Row, Pages<Metrics>)> = asking.each(METRICS, names.map(ask).collect(), &[], answer).await;
    let mut wanted = Vec::new();
    for (row, pages) in &listed {
        let found: Vec<Metric> = pages.pages.iter().flat_map(|p| p.metrics.clone()).collect();
        wanted.extend(wanted_of(&place, row, &found));
    }
    if wanted.is_empty() {
        return;
    }
    let until = asking.window.until.hour_start();
    let from = asking.window.from.max(until.plus_days(-DAYS)).hour_start();
    let mut measured = Measured::new();
    for some in batches(&wanted, AT_ONCE) {
        let pages: Pages<Data> = asking.pages(DATA, question(&some, from, until), answer).await;
        if pages.complete {
            collect(&some, &pages.pages, &mut measured);
        }
    }
    let mut databases = Vec::new();
    let about = ["free", "lag", "sessions"];
    if measured.values().any(|words| about.iter().any(|w| words.contains_key(w))) {
        let pages: Pages<Instances> = asking.pages(rds::INSTANCES, json!({}), answer).await;
        databases = pages.pages.into_iter().flat_map(|p| p.all).collect();
    }
    let has = |word: &str| measured.values().any(|w| w.contains_key(word));
    let of = |service: &str| measured.keys().any(|id| id.as_str().contains(&format!(":{service}:")));
    let (mut caches, mut queues, mut clusters, mut pairs) = Default::default();
    if has("hit_count") || has("gets") {
        caches = elasticache::nodes_of(asking, answer, &place).await;
    }
    if of("mq") {
        queues = mq::names_of(asking, answer).await;
    }
    if of("kafka") {
        clusters = kafka::names_of(asking, answer).await;
    }
    if has("run") {
        let pages: Pages<lambda::Sources> = asking.pages(lambda::SOURCES, json!({}), answer).await;
        pairs = pages.pages.iter().flat_map(lambda::Sources::pairs).collect::<Vec<_>>();
    }
    let mut t = Telling::new(answer, place);
    say::say(&mut t, &measured, &databases.iter().collect::<Vec<_>>(), until);
    caches::say(&mut t, &measured, &caches, until);
    brokers::say(&mut t, &measured, (&queues, &clusters), until);
    tasks::say(&mut t, &measured, &pairs, until);
}

/// What to ask for a listed metric; percentiles of one metric are listed once.
fn wanted_of(place: &Place, row: &'static Row, found: &[Metric]) -> Vec<Wanted> {
    let same = |r: &&Row| (r.namespace, r.name, r.dimensions) == (row.namespace, row.name, row.dimensions);
    let rows: Vec<&'static Row> = ROWS.iter().filter(same).collect();
    let mut wanted = Vec::new();
    for metric in found.iter().filter(|m| m.dimensions.len() == row.dimensions.len()) {
        let value = |name: &&str| {
            let named = metric.dimensions.iter().find(|d| d.name.as_deref() == Some(*name));
            named.and_then(|d| d.value.clone())
        };
        let Some(values) = row.dimensions.iter().map(value).collect::<Option<Vec<String>>>() else { continue };
        let texts: Vec<&str> = values.iter().map(String::as_str).collect();
        let Some(subject) = subject(place, row.namespace, &texts) else { continue };
        wanted.extend(rows.iter().map(|row| Wanted { row, subject: subject.clone(), values: values.clone() }));
    }
    wanted
}

fn question(wanted: &[Wanted], from: Timestamp, until: Timestamp) -> Value {
    let query = |(at, w): (usize, &Wanted)| {
        let pairs = w.row.dimensions.iter().zip(&w.values);
        let dimensions: Vec<Value> = pairs.map(|(n, v)| json!({"Name": n, "Value": v})).collect();
        json!({"Id": format!("m{at}"), "ReturnData": true, "MetricStat": {
            "Metric": {"Namespace": w.row.namespace, "MetricName": w.row.name, "Dimensions": dimensions},
            "Period": 3600, "Stat": w.row.statistic}})
    };
    let queries: Vec<Value> = wanted.iter().enumerate().map(query).collect();
    json!({"MetricDataQueries": queries, "StartTime": from.to_string(), "EndTime": until.to_string(),
        "ScanBy": "TimestampAscending"})
}

/// Puts answered values to their thing; one metric may be answered on several pages.
fn collect(wanted: &[Wanted], pages: &[Data], measured: &mut Measured) {
    let by_id: BTreeMap<String, &Wanted> = wanted.iter().enumerate().map(|(at, w)| (format!("m{at}"), w)).collect();
    for outcome in pages.iter().flat_map(|p| &p.metric_data_results) {
        let Some(wanted) = outcome.id.as_ref().and_then(|id| by_id.get(id)) else { continue };
        let points = measured.entry(wanted.subject.clone()).or_default().entry(wanted.row.word).or_default();
        for (at, value) in outcome.timestamps.iter().zip(&outcome.values) {
            if let (Some(at), Some(value)) = (time(at), value.0) {
                points.insert(at, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{NOW, parsed};

    fn place() -> Place {
        Place { partition: "aws".into(), account: "111122223333".into(), region: "eu-west-1".into(), environment: None }
    }

    /// Shapes of the examples in "ListMetrics" and "GetMetricData", Amazon CloudWatch API Reference 2010-08-01.
    #[test]
    fn metrics_are_listed_asked_and_put_together() {
        let row = ROWS.iter().find(|r| r.word == "p50").expect("a row");
        let page: Metrics = parsed(json!({"Metrics": [
            {"Namespace": "AWS/ApplicationELB", "MetricName": "TargetResponseTime", "Dimensions": [{"Name": "LoadBalancer", "Value": "app/web/1"}]},
            {"Namespace": "AWS/ApplicationELB", "MetricName": "TargetResponseTime",
             "Dimensions": [{"Name": "LoadBalancer", "Value": "app/web/1"}, {"Name": "TargetGroup", "Value": "targetgroup/web/1"}]}]}));
        let wanted = wanted_of(&place(), row, &page.metrics);
        let words: Vec<&str> = wanted.iter().map(|w| w.row.word).collect();
        assert_eq!(words, ["p50", "p95", "p99"], "one balancer, three percentiles, no part of it");
        let asked = question(&wanted, NOW.plus_days(-14), NOW);
        assert_eq!(asked["MetricDataQueries"][1]["MetricStat"]["Stat"], "p95");
        assert_eq!(asked["EndTime"], "2026-11-22T05:00:00Z");
        let data: Data = parsed(json!({"MetricDataResults": [
            {"Id": "m1", "Label": "TargetResponseTime", "StatusCode": "PartialData", "Timestamps": ["2026-11-22T03:00:00Z"], "Values": ["0.4"]},
            {"Id": "m1", "StatusCode": "Complete", "Timestamps": ["2026-11-22T04:00:00Z"], "Values": ["0.5"]},
            {"Id": "m2", "StatusCode": "Complete", "Timestamps": ["2026-11-22T04:00:00Z"], "Values": ["NaN"]},
            {"Id": "m9", "Timestamps": ["2026-11-22T04:00:00Z"], "Values": ["1"]}]}));
        let mut measured = Measured::new();
        collect(&wanted, &[data], &mut measured);
        let of = measured.values().next().expect("a balancer");
        assert_eq!(of["p95"].values().copied().collect::<Vec<_>>(), [0.4, 0.5]);
        assert!(of.get("p99").is_none_or(BTreeMap::is_empty));
    }
}
