//! SQS: queues and the dead-letter queues behind them.

use super::ServiceReader;
use super::telling::{Place, Telling, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_f64, opt_string};
use futures_util::FutureExt;
use loadline_model::{Basis, Kind, Relation, Resource, Sample, Series, SeriesKind, SubjectId, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

const QUEUES: &Operation = operation("sqs:ListQueues");
const ATTRIBUTES: &Operation = operation("sqs:GetQueueAttributes");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "sqs",
    title: "SQS",
    global: false,
    operations: &[QUEUES, ATTRIBUTES],
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
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Redrive {
    #[serde(deserialize_with = "opt_string")]
    dead_letter_target_arn: Option<String>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Queue];
    let pages: Pages<Queues> = asking.pages_hiding(QUEUES, json!({"MaxResults": 1000}), &hides, answer).await;
    let urls = pages.pages.into_iter().flat_map(|p| p.urls);
    let questions = urls.map(|u| (u.clone(), json!({"QueueUrl": u, "AttributeNames": ["All"]}))).collect();
    let read: Vec<(String, Pages<Attributes>)> = asking.each(ATTRIBUTES, questions, &hides, answer).await;
    let complete = pages.complete && read.iter().all(|(_, p)| p.complete);
    let mut t = Telling::new(answer, Place::of(asking, region));
    for queue in read.iter().flat_map(|(_, p)| &p.pages) {
        say(&mut t, &queue.attributes);
    }
    t.listed(&[Kind::Queue], complete);
}

fn say(t: &mut Telling<'_>, queue: &Queue) {
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
    let redrive = queue.redrive_policy.as_deref().and_then(|p| serde_json::from_str::<Redrive>(p).ok());
    if let Some(dead) = redrive.and_then(|r| r.dead_letter_target_arn) {
        t.edge(&subject, Relation::Publishes, &SubjectId(dead));
    }
    if let Some(waiting) = queue.approximate_number_of_messages.filter(|n| *n >= 0.0) {
        let at = t.read_at();
        let series = Series {
            metric: key::metric::QUEUE_DEPTH.to_owned(),
            unit: "count".to_owned(),
            kind: SeriesKind::Gauge,
            labels: BTreeMap::new(),
            samples: vec![Sample { at, value: waiting }],
            covered_until: at,
        };
        t.say(&subject, Basis::Measured, series);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    /// Shape of the example in "GetQueueAttributes", Amazon SQS API Reference 2012-11-05.
    fn read(attributes: Value) -> Vec<String> {
        let answer: Attributes = parsed(json!({"Attributes": attributes}));
        said(|t| say(t, &answer.attributes))
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
            "sqs:jobs Publishes sqs:jobs-dead",
            "sqs:jobs series queue.depth 1 of count",
        ];
        check(&lines, &expected, &[]);
    }

    #[test]
    fn what_is_missing_is_not_said() {
        let lines = read(json!({"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:jobs", "RedrivePolicy": "{broken"}));
        check(&lines, &["sqs:jobs is queue jobs, sqs ?, managed"], &["sqs:jobs Publishes", "sqs:jobs series"]);
        assert!(read(json!({})).is_empty());
    }
}
