//! SQS: queues and the dead-letter queues behind them.

use super::ServiceReader;
use super::metrics::Data;
use super::telling::{Place, Telling, batches, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_f64, opt_string};
use futures_util::FutureExt;
use loadline_model::{Basis, Kind, Relation, Resource, SubjectId, Value as Setting, key};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const QUEUES: &Operation = operation("sqs:ListQueues");
const ATTRIBUTES: &Operation = operation("sqs:GetQueueAttributes");
const DATA: &Operation = operation("cloudwatch:GetMetricData");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "sqs",
    title: "SQS",
    global: false,
    operations: &[QUEUES, ATTRIBUTES, DATA],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `ListQueues`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Queues {
    #[serde(rename = "QueueUrls", deserialize_with = "list")]
    urls: Vec<String>,
}

/// The answer of `GetQueueAttributes`; every value is text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attributes {
    #[serde(deserialize_with = "nested")]
    attributes: Queue,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Queue {
    #[serde(deserialize_with = "opt_string")]
    queue_arn: Option<String>,
    /// JSON in a text.
    #[serde(deserialize_with = "opt_string")]
    redrive_policy: Option<String>,
    #[serde(deserialize_with = "opt_f64")]
    approximate_number_of_messages: Option<f64>,
    #[serde(deserialize_with = "opt_f64")]
    visibility_timeout: Option<f64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Redrive {
    #[serde(deserialize_with = "opt_string")]
    dead_letter_target_arn: Option<String>,
    #[serde(deserialize_with = "opt_f64")]
    max_receive_count: Option<f64>,
}

/// The queues of a region by ARN, and how long the oldest dead letter has been waiting, in hours, where that was read.
#[derive(Default)]
struct Beside<'q> {
    queues: BTreeMap<&'q str, &'q Queue>,
    dead: BTreeSet<String>,
    hours: BTreeMap<String, f64>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Queue];
    let pages: Pages<Queues> = asking.pages_hiding(QUEUES, json!({"MaxResults": 1000}), &hides, answer).await;
    let urls = pages.pages.into_iter().flat_map(|p| p.urls);
    let questions = urls.map(|u| (u.clone(), json!({"QueueUrl": u, "AttributeNames": ["All"]}))).collect();
    let read: Vec<(String, Pages<Attributes>)> = asking.each(ATTRIBUTES, questions, &hides, answer).await;
    let complete = pages.complete && read.iter().all(|(_, p)| p.complete);
    let all: Vec<&Queue> = read.iter().flat_map(|(_, p)| &p.pages).map(|p| &p.attributes).collect();
    let mut beside = Beside {
        queues: all.iter().filter_map(|q| Some((q.queue_arn.as_deref()?, *q))).collect(),
        dead: all.iter().filter_map(|q| q.redrive().flatten()?.dead_letter_target_arn).collect(),
        hours: BTreeMap::new(),
    };
    beside.hours = ages(asking, &beside, answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    for queue in all {
        say(&mut t, queue, &beside);
    }
    t.listed(&[Kind::Queue], complete);
}

/// How long the oldest dead letter has waited, asked only of dead-letter queues that hold some (Amazon SQS Developer
/// Guide, "Available CloudWatch metrics": in a dead-letter queue the age counts from its arrival there).
async fn ages(asking: &Asking<'_>, beside: &Beside<'_>, answer: &mut Answer) -> BTreeMap<String, f64> {
    let waits = |arn: &&String| beside.waiting(arn).is_some_and(|n| n > 0.0);
    let dead: Vec<String> = beside.dead.iter().filter(waits).cloned().collect();
    let until = asking.window.until.hour_start();
    let mut found = BTreeMap::new();
    for some in batches(&dead, 250) {
        let query = |(at, arn): (usize, &String)| {
            let name = arn.rsplit(':').next().unwrap_or(arn);
            json!({"Id": format!("m{at}"), "ReturnData": true, "MetricStat": {"Period": 3600, "Stat": "Maximum",
                "Metric": {"Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage",
                    "Dimensions": [{"Name": "QueueName", "Value": name}]}}})
        };
        let queries: Vec<Value> = some.iter().enumerate().map(query).collect();
        let question = json!({"MetricDataQueries": queries, "StartTime": until.plus_hours(-3).to_string(),
            "EndTime": until.to_string(), "ScanBy": "TimestampDescending"});
        let pages: Pages<Data> = asking.pages(DATA, question, answer).await;
        for outcome in pages.pages.iter().flat_map(|p| &p.metric_data_results) {
            let at: Option<usize> = outcome.id.as_deref().and_then(|id| id.strip_prefix('m')?.parse().ok());
            let newest = outcome.values.first().and_then(|v| v.0).filter(|s| *s >= 0.0);
            if let (Some(arn), Some(seconds)) = (at.and_then(|at| some.get(at)), newest) {
                found.insert(arn.clone(), seconds / 3600.0);
            }
        }
    }
    found
}

impl Beside<'_> {
    fn waiting(&self, arn: &str) -> Option<f64> {
        self.queues.get(arn)?.approximate_number_of_messages.filter(|n| *n >= 0.0)
    }
}

impl Queue {
    /// `Some(None)`: all attributes were answered and there is no such policy. `None`: it was not understood.
    fn redrive(&self) -> Option<Option<Redrive>> {
        match &self.redrive_policy {
            None => Some(None),
            Some(policy) => serde_json::from_str(policy).ok().map(Some),
        }
    }
}

fn say(t: &mut Telling<'_>, queue: &Queue, beside: &Beside<'_>) {
    let Some(arn) = queue.queue_arn.as_deref() else { return };
    let subject = SubjectId::from(arn);
    t.call(ATTRIBUTES.name);
    let name = arn.rsplit(':').next().unwrap_or(arn);
    let resource = t.resource(Kind::Queue, name, &[]);
    t.exists(&subject, Resource { engine: Some("sqs".to_owned()), managed: Some(true), ..resource });
    t.in_region(&subject);
    // Messages are kept on several servers in several zones (SQS Developer Guide, "Resilience in Amazon SQS").
    t.flag(&subject, key::PLATFORM_REDUNDANT, Some(true));
    t.flag(&subject, key::QUEUE_REPLICATED, Some(true));
    t.number(&subject, key::VISIBILITY_TIMEOUT_SECONDS, queue.visibility_timeout);
    t.flag(&subject, key::IS_DEAD_LETTER, beside.dead.contains(arn).then_some(true));
    match queue.redrive() {
        Some(Some(Redrive { dead_letter_target_arn: Some(dead), max_receive_count })) => {
            t.edge(&subject, Relation::Publishes, &SubjectId::from(dead.as_str()));
            t.flag(&subject, key::DEAD_LETTER, Some(true));
            t.number(&subject, key::DELIVERY_LIMIT, max_receive_count.filter(|n| *n >= 1.0));
            let waiting = beside.waiting(&dead);
            let hours = if waiting == Some(0.0) { Some(0.0) } else { beside.hours.get(&dead).copied() };
            t.set(&subject, Basis::Measured, key::DEAD_LETTER_DEPTH, None, waiting.map(Setting::Number));
            t.set(&subject, Basis::Measured, key::DEAD_LETTER_AGE_HOURS, None, hours.map(Setting::Number));
        }
        Some(None) => {
            t.flag(&subject, key::DEAD_LETTER, Some(false));
            t.number(&subject, key::DELIVERY_LIMIT, Some(-1.0));
        }
        Some(Some(_)) | None => {}
    }
    let waiting = queue.approximate_number_of_messages.filter(|n| *n >= 0.0);
    t.sample(&subject, key::metric::QUEUE_DEPTH, "count", waiting);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    /// Shape of the example in "GetQueueAttributes", Amazon SQS API Reference 2012-11-05.
    fn read(attributes: Value) -> Vec<String> {
        let answer: Attributes = parsed(json!({"Attributes": attributes}));
        let dead: Queue = parsed(
            json!({"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:jobs-dead", "ApproximateNumberOfMessages": "3"}),
        );
        let arn = dead.queue_arn.clone().expect("a name");
        let hours = BTreeMap::from([(arn.clone(), 30.5)]);
        let beside =
            Beside { queues: BTreeMap::from([(arn.as_str(), &dead)]), dead: BTreeSet::from([arn.clone()]), hours };
        said(|t| say(t, &answer.attributes, &beside))
    }

    #[test]
    fn a_queue_with_a_dead_letter_queue() {
        let lines = read(
            json!({"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:jobs", "ApproximateNumberOfMessages": "12",
            "VisibilityTimeout": "30", "MessageRetentionPeriod": "345600",
            "RedrivePolicy": "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:111122223333:jobs-dead\",\"maxReceiveCount\":5}"}),
        );
        let expected = [
            "sqs:jobs is queue jobs, sqs ?, managed",
            "sqs:jobs platform_redundant = on",
            "sqs:jobs queue.visibility_timeout_seconds = 30",
            "sqs:jobs Publishes sqs:jobs-dead",
            "sqs:jobs queue.dead_letter = on",
            "sqs:jobs queue.delivery_limit = 5",
            "sqs:jobs queue.dead_letter_depth = 3",
            "sqs:jobs queue.dead_letter_age_hours = 30.5",
            "sqs:jobs series queue.depth 1 of count",
        ];
        check(&lines, &expected, &[]);
    }

    #[test]
    fn a_queue_without_a_way_out_and_one_that_is_it() {
        let lines = read(json!({"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:jobs"}));
        let expected = ["sqs:jobs queue.dead_letter = off", "sqs:jobs queue.delivery_limit = -1"];
        check(&lines, &expected, &["sqs:jobs queue.is_dead_letter"]);
        let lines = read(json!({"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:jobs-dead"}));
        check(&lines, &["sqs:jobs-dead queue.is_dead_letter = on"], &[]);
        let elsewhere = json!({"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:jobs",
            "RedrivePolicy": "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:444455556666:dead\",\"maxReceiveCount\":\"3\"}"});
        let expected = ["sqs:jobs queue.dead_letter = on", "sqs:jobs queue.delivery_limit = 3"];
        check(&read(elsewhere), &expected, &["sqs:jobs queue.dead_letter_depth", "sqs:jobs queue.dead_letter_age"]);
    }

    #[test]
    fn what_is_missing_is_not_said() {
        let lines = read(json!({"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:jobs", "RedrivePolicy": "{broken"}));
        let never = [
            "sqs:jobs Publishes",
            "sqs:jobs series",
            "sqs:jobs queue.dead",
            "sqs:jobs queue.delivery",
            "sqs:jobs queue.vis",
        ];
        check(&lines, &["sqs:jobs is queue jobs, sqs ?, managed"], &never);
        assert!(read(json!({})).is_empty());
    }
}
