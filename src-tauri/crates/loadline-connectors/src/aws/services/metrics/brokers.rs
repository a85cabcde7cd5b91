//! Brokers of Amazon MQ and MSK: what waits in them, and how near they are to the limits at which they stop taking
//! messages.

use super::DATA;
use super::say::{Measured, Points, series};
use crate::aws::services::telling::Telling;
use loadline_model::{Basis, Limited, SubjectId, Timestamp, Value, key, key::metric};
use std::collections::BTreeMap;

/// What was gathered about one broker out of its nodes.
#[derive(Default)]
struct Gathered {
    cpu: Points,
    disk: Points,
    /// Highest use of memory or disk in the newest hour, each node.
    used: Vec<f64>,
    /// A node stops publishers.
    alarm: Option<bool>,
}

/// Says what brokers measured; `queues` names a broker of MQ and `clusters` one of MSK by its name.
pub(super) fn say(
    t: &mut Telling<'_>,
    measured: &Measured,
    (queues, clusters): (&BTreeMap<String, SubjectId>, &BTreeMap<String, SubjectId>),
    until: Timestamp,
) {
    let mut all: BTreeMap<&SubjectId, Gathered> = BTreeMap::new();
    t.call(DATA.name);
    for (node, by_word) in measured {
        let Some((service, name)) = named(node) else { continue };
        let known = if service == "mq" { broker(queues, name) } else { clusters.get(name) };
        let Some(subject) = known else { continue };
        let flows = [
            ("depth", metric::QUEUE_DEPTH, "count"),
            ("in", metric::QUEUE_IN, "1/s"),
            ("out", metric::QUEUE_OUT, "1/s"),
        ];
        for (word, name, unit) in flows {
            if let Some(points) = by_word.get(word) {
                series(t, subject, (name, unit), points.iter().map(|(at, v)| (*at, *v)), until);
            }
        }
        let listening = by_word.get("consumers").and_then(|p| p.last_key_value()).map(|(_, n)| Value::Number(*n));
        t.set(subject, Basis::Measured, key::CONSUMERS, None, listening);
        all.entry(subject).or_default().add(by_word);
    }
    for (subject, gathered) in all {
        for (points, limited) in [(&gathered.cpu, Limited::Cpu), (&gathered.disk, Limited::Disk)] {
            let share = points.iter().map(|(at, v)| (*at, v * 0.01));
            series(t, subject, (&limited.utilisation_metric(), "ratio"), share, until);
        }
        let used = gathered.used.iter().copied().reduce(f64::max);
        t.set(subject, Basis::Measured, key::BROKER_USED, None, used.map(Value::Number));
        t.set(subject, Basis::Measured, key::BROKER_ALARM, None, gathered.alarm.map(Value::Bool));
    }
}

impl Gathered {
    fn add(&mut self, by_word: &BTreeMap<&'static str, Points>) {
        let system = by_word.get("system");
        for (at, share) in by_word.get("cpu").into_iter().flatten() {
            // MSK says user and system time apart: one without the other is not the whole.
            let whole = match (by_word.contains_key("logs"), system.and_then(|s| s.get(at))) {
                (true, other) => other.map(|other| share + other),
                (false, _) => Some(*share),
            };
            if let Some(whole) = whole {
                most(&mut self.cpu, *at, whole);
            }
        }
        for (at, share) in by_word.get("logs").into_iter().flatten() {
            most(&mut self.disk, *at, *share);
        }
        let newest = |word: &str| by_word.get(word).and_then(|p| p.last_key_value()).map(|(_, v)| v * 0.01);
        self.used.extend(["logs", "heap", "store"].into_iter().filter_map(newest));
        // RabbitMQ blocks publishers above its limit of memory and below its limit of free disk.
        let memory = share(by_word, "memory", "memory_limit");
        let disk = share(by_word, "disk_limit", "disk_free");
        self.used.extend([memory, disk].into_iter().flatten());
        if let (Some(memory), Some(disk)) = (memory, disk) {
            let blocks = memory >= 1.0 || disk >= 1.0;
            self.alarm = Some(blocks || self.alarm == Some(true));
        }
    }
}

fn most(points: &mut Points, at: Timestamp, value: f64) {
    points.entry(at).and_modify(|v| *v = v.max(value)).or_insert(value);
}

/// One over the other in the newest hour that has both.
fn share(by_word: &BTreeMap<&'static str, Points>, over: &str, under: &str) -> Option<f64> {
    let (over, under) = (by_word.get(over)?, by_word.get(under)?);
    let (at, value) = over.iter().rev().find(|(at, _)| under.contains_key(*at))?;
    under.get(at).filter(|u| **u > 0.0).map(|u| value / u)
}

/// Service and broker of an id made of dimensions: `arn:aws:mq:…:node/jobs/rabbit@…`.
fn named(node: &SubjectId) -> Option<(&str, &str)> {
    let mut parts = node.as_str().splitn(6, ':').skip(2);
    let (service, rest) = (parts.next()?, parts.nth(2)?);
    let name = rest.strip_prefix("node/")?.split('/').next()?;
    matches!(service, "mq" | "kafka").then_some((service, name))
}

/// The instances of ActiveMQ are called after their broker: `jobs-1`, `jobs-2`.
fn broker<'b>(queues: &'b BTreeMap<String, SubjectId>, name: &str) -> Option<&'b SubjectId> {
    let stem = name.strip_suffix("-1").or_else(|| name.strip_suffix("-2"));
    queues.get(name).or_else(|| queues.get(stem?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{NOW, said};

    fn read(nodes: &[(&str, &[(&'static str, f64)])]) -> Vec<String> {
        let hour = |v: f64| Points::from([(NOW.plus_hours(-1), v)]);
        let measured: Measured = nodes
            .iter()
            .map(|(id, words)| {
                let id = SubjectId(format!("arn:aws:{}", id.replacen(':', ":eu-west-1:111122223333:", 1)));
                (id, words.iter().map(|(word, v)| (*word, hour(*v))).collect())
            })
            .collect();
        let named = |name: &str, arn: &str| BTreeMap::from([(name.to_owned(), SubjectId::from(arn))]);
        let (queues, clusters) = (named("jobs", "jobs"), named("events", "events"));
        said(|t| say(t, &measured, (&queues, &clusters), NOW))
    }

    #[test]
    fn a_rabbit_near_its_limits() {
        let lines = read(&[
            ("mq:node/jobs", &[("depth", 12.0), ("in", 3.0), ("out", 2.0), ("consumers", 4.0)]),
            (
                "mq:node/jobs/rabbit@1",
                &[
                    ("memory", 50.0),
                    ("memory_limit", 100.0),
                    ("disk_free", 400.0),
                    ("disk_limit", 100.0),
                    ("cpu", 30.0),
                ],
            ),
            (
                "mq:node/jobs/rabbit@2",
                &[("memory", 90.0), ("memory_limit", 100.0), ("disk_free", 80.0), ("disk_limit", 100.0), ("cpu", 20.0)],
            ),
        ]);
        let expected = [
            "jobs series queue.depth 1 of count",
            "jobs series queue.in_rate 1 of 1/s",
            "jobs series queue.out_rate 1 of 1/s",
            "jobs queue.consumers = 4",
            "jobs series utilisation.cpu 1 of ratio",
            "jobs queue.broker_used = 1.25",
            "jobs queue.broker_alarm = on",
        ];
        assert_eq!(lines, expected);
        let half = read(&[("mq:node/jobs/rabbit@1", &[("memory", 50.0), ("memory_limit", 100.0)])]);
        assert_eq!(half, ["jobs queue.broker_used = 0.5"], "without the disk no alarm is ruled out");
    }

    #[test]
    fn instances_of_activemq_and_disks_of_kafka() {
        let lines = read(&[("mq:node/jobs-1", &[("heap", 60.0), ("store", 10.0), ("cpu", 5.0)])]);
        assert_eq!(lines, ["jobs series utilisation.cpu 1 of ratio", "jobs queue.broker_used = 0.6"]);
        let lines = read(&[
            ("kafka:node/events/1", &[("logs", 40.0), ("cpu", 20.0), ("system", 5.0)]),
            ("kafka:node/events/2", &[("logs", 55.0), ("cpu", 30.0)]),
        ]);
        let expected = [
            "events series utilisation.cpu 1 of ratio",
            "events series utilisation.disk 1 of ratio",
            "events queue.broker_used = 0.55",
        ];
        assert_eq!(lines, expected);
        assert!(read(&[("mq:node/other", &[("heap", 1.0)]), ("sqs:jobs", &[("depth", 1.0)])]).is_empty());
    }
}
