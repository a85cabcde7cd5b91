//! SNS: topics and whom they tell. A topic keeps nothing: what it delivers waits in the queues behind it.

use super::ServiceReader;
use super::ecs::hosts::host_in;
use super::telling::{Place, Telling, host};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{flat_list, list, opt_string};
use futures_util::FutureExt;
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use serde::Deserialize;
use serde_json::json;

const TOPICS: &Operation = operation("sns:ListTopics");
const SUBSCRIPTIONS: &Operation = operation("sns:ListSubscriptions");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "sns",
    title: "SNS",
    global: false,
    operations: &[TOPICS, SUBSCRIPTIONS],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `ListTopics` (Amazon SNS API Reference, version 2010-03-31).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Topics {
    #[serde(deserialize_with = "topics")]
    topics: Vec<Topic>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Topic {
    #[serde(deserialize_with = "opt_string")]
    topic_arn: Option<String>,
}

/// A topic has one field, so its list is unwrapped by name.
fn topics<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Topic>, D::Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Wrapped {
        #[serde(deserialize_with = "flat_list")]
        member: Vec<Topic>,
    }
    match serde_json::Value::deserialize(from)? {
        wrapped @ serde_json::Value::Object(_) => {
            serde_json::from_value::<Wrapped>(wrapped).map(|w| w.member).map_err(serde::de::Error::custom)
        }
        other => flat_list(other).map_err(serde::de::Error::custom),
    }
}

/// A page of `ListSubscriptions`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Subscriptions {
    #[serde(deserialize_with = "list")]
    subscriptions: Vec<Subscription>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Subscription {
    /// `PendingConfirmation` until the endpoint agreed.
    #[serde(deserialize_with = "opt_string")]
    subscription_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    protocol: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    endpoint: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    topic_arn: Option<String>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let pages: Pages<Topics> = asking.pages_hiding(TOPICS, json!({}), &[Kind::Queue], answer).await;
    let all: Vec<&Topic> = pages.pages.iter().flat_map(|p| &p.topics).collect();
    if all.is_empty() {
        return;
    }
    let told: Pages<Subscriptions> = asking.pages(SUBSCRIPTIONS, json!({}), answer).await;
    let told: Vec<&Subscription> = told.pages.iter().flat_map(|p| &p.subscriptions).collect();
    let mut t = Telling::new(answer, Place::of(asking, region));
    for arn in all.iter().filter_map(|topic| topic.topic_arn.as_deref()) {
        let mine: Vec<&Subscription> = told.iter().filter(|s| s.topic_arn.as_deref() == Some(arn)).copied().collect();
        say(&mut t, arn, &mine);
    }
}

/// A topic that programs read is a queue of messages; one that only reaches people is a channel for alerts. What only
/// web addresses are subscribed to may be either: then the topic is not said to be anything.
fn say(t: &mut Telling<'_>, arn: &str, told: &[&Subscription]) {
    let subject = SubjectId::from(arn);
    let name = arn.rsplit(':').next().unwrap_or(arn);
    let has = |protocols: &[&str]| told.iter().any(|s| s.protocol.as_deref().is_some_and(|p| protocols.contains(&p)));
    let kind = match () {
        () if has(&["sqs", "lambda", "firehose"]) => Some(Kind::Queue),
        () if has(&["email", "email-json", "sms"]) && !has(&["http", "https"]) => Some(Kind::AlertChannel),
        () => None,
    };
    if let Some(kind) = kind {
        t.call(TOPICS.name);
        let resource = t.resource(kind, name, &[]);
        t.exists(&subject, Resource { engine: Some("sns".to_owned()), managed: Some(true), ..resource });
    }
    if kind == Some(Kind::Queue) {
        // Messages are kept in several zones until they are delivered (Amazon SNS Developer Guide, "Message
        // durability").
        t.in_region(&subject);
        t.flag(&subject, key::PLATFORM_REDUNDANT, Some(true));
        t.flag(&subject, key::QUEUE_REPLICATED, Some(true));
    }
    t.call(SUBSCRIPTIONS.name);
    let confirmed = |s: &&&Subscription| s.subscription_arn.as_deref().is_some_and(|a| a.starts_with("arn:"));
    for subscription in told.iter().filter(confirmed) {
        let Some(endpoint) = subscription.endpoint.as_deref() else { continue };
        match subscription.protocol.as_deref() {
            Some("sqs") => t.edge(&subject, Relation::Publishes, &SubjectId::from(endpoint)),
            Some("lambda") => t.edge(&function(endpoint), Relation::Consumes, &subject),
            // The rest of the address may be a key.
            Some("http" | "https") => {
                if let Some((name, _)) = host_in(endpoint) {
                    t.edge(&subject, Relation::Publishes, &host(&name));
                }
            }
            _ => {}
        }
    }
}

/// A function without its version or alias.
fn function(arn: &str) -> SubjectId {
    let end = arn.match_indices(':').nth(6).map_or(arn.len(), |(at, _)| at);
    SubjectId::from(arn.get(..end).unwrap_or(arn))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{parsed, said};
    use serde_json::Value;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:orders";

    /// Shape of the example in "ListSubscriptions", Amazon SNS API Reference 2010-03-31.
    fn read(told: &[(&str, &str, &str)]) -> Vec<String> {
        let told: Vec<Value> = told
            .iter()
            .map(|(protocol, endpoint, arn)| {
                json!({"TopicArn": TOPIC, "Protocol": protocol, "SubscriptionArn": arn, "Owner": "111122223333", "Endpoint": endpoint})
            })
            .collect();
        let page: Subscriptions = parsed(json!({"Subscriptions": told}));
        said(|t| say(t, TOPIC, &page.subscriptions.iter().collect::<Vec<_>>()))
    }

    #[test]
    fn programs_read_a_topic() {
        let lines = read(&[
            ("sqs", "arn:aws:sqs:eu-west-1:111122223333:jobs", "arn:1"),
            ("lambda", "arn:aws:lambda:eu-west-1:111122223333:function:mail:live", "arn:2"),
            ("https", "https://hooks.example.com/x?key=hunter2", "arn:3"),
            ("https", "https://late.example.com/", "PendingConfirmation"),
        ]);
        let expected = [
            "sns:orders is queue orders, sns ?, managed",
            "aws:eu-west-1 is region eu-west-1",
            "sns:orders RunsIn aws:eu-west-1",
            "sns:orders platform_redundant = on",
            "sns:orders queue.replicated = on",
            "sns:orders Publishes sqs:jobs",
            "lambda:function:mail Consumes sns:orders",
            "sns:orders Publishes dns:hooks.example.com",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn people_and_unknown_receivers() {
        assert_eq!(
            read(&[("email", "me@example.com", "arn:1")]),
            ["sns:orders is alert channel orders, sns ?, managed"]
        );
        let hook = read(&[("https", "https://hooks.example.com/", "arn:1"), ("email", "me@example.com", "arn:2")]);
        assert_eq!(hook, ["sns:orders Publishes dns:hooks.example.com"]);
        assert!(read(&[]).is_empty());
    }

    #[test]
    fn topics_are_listed_in_any_number() {
        let one = json!({"TopicArn": TOPIC});
        for (wrapped, expected) in
            [(json!([one, one]), 2), (json!([one]), 1), (json!({"member": one}), 1), (json!(""), 0)]
        {
            let page: Topics = parsed(json!({"Topics": wrapped}));
            assert_eq!(page.topics.iter().filter(|t| t.topic_arn.is_some()).count(), expected, "{wrapped}");
        }
    }
}
