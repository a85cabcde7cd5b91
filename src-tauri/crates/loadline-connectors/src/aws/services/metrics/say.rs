//! Series of what was measured. Percentiles stay points: they are compared like with like and never merged.

use super::DATA;
use super::rows::ROWS;
use crate::aws::services::rds::shapes::Instance;
use crate::aws::services::telling::Telling;
use loadline_model::{
    Basis, Distribution, DistributionSeries, HourDistribution, Limited, Sample, Series, SeriesKind, SubjectId,
    Timestamp, Value, key, key::metric,
};
use std::collections::BTreeMap;

/// Values by the start of their hour.
pub(super) type Points = BTreeMap<Timestamp, f64>;

/// What was measured, by thing and by word of the row.
pub(super) type Measured = BTreeMap<SubjectId, BTreeMap<&'static str, Points>>;

const HOUR_S: f64 = 3600.0;
const GIB: f64 = 1_073_741_824.0;

/// Says what was measured until `until`.
pub(super) fn say(t: &mut Telling<'_>, measured: &Measured, databases: &[&Instance], until: Timestamp) {
    t.call(DATA.name);
    for (subject, by_word) in measured {
        for (word, points) in by_word {
            let row = ROWS.iter().find(|r| r.word == *word && belongs(subject, r.namespace)).and_then(|r| r.becomes);
            if let Some((name, unit, factor)) = row {
                series(t, subject, (name, unit), points.iter().map(|(at, v)| (*at, v * factor)), until);
            }
        }
        requests(t, subject, by_word, until);
        disk(t, subject, by_word, databases, until);
    }
    sessions(t, measured, databases, until);
}

/// Sessions at work over the last day: of an instance, or of all members of a cluster together. A cluster of which one
/// member is not measured is not said.
fn sessions(t: &mut Telling<'_>, measured: &Measured, databases: &[&Instance], until: Timestamp) {
    let mean = |instance: &Instance| {
        let points = measured.get(&SubjectId::from(instance.arn.as_deref()?))?.get("sessions")?;
        let day: Vec<f64> = points.range(until.plus_hours(-24)..).map(|(_, v)| *v).filter(|v| v.is_finite()).collect();
        (!day.is_empty()).then(|| day.iter().sum::<f64>() / day.len() as f64)
    };
    let mut sums: BTreeMap<SubjectId, Option<f64>> = BTreeMap::new();
    for instance in databases {
        let of = match (&instance.cluster, instance.arn.as_deref()) {
            (Some(cluster), _) => t.place.arn("rds", &format!("cluster:{cluster}")),
            (None, Some(arn)) => SubjectId::from(arn),
            (None, None) => continue,
        };
        let sum = sums.entry(of).or_insert(Some(0.0));
        *sum = sum.zip(mean(instance)).map(|(all, one)| all + one);
    }
    for (subject, sum) in sums {
        t.set(&subject, Basis::Measured, key::ACTIVE_SESSIONS, None, sum.map(Value::Number));
    }
}

fn belongs(subject: &SubjectId, namespace: &str) -> bool {
    let service = match namespace {
        "AWS/ApplicationELB" => "elasticloadbalancing",
        other => other.trim_start_matches("AWS/"),
    };
    subject.as_str().split(':').nth(2).is_some_and(|s| s.eq_ignore_ascii_case(service))
}

pub(super) fn series(
    t: &mut Telling<'_>,
    subject: &SubjectId,
    (metric, unit): (&str, &str),
    points: impl Iterator<Item = (Timestamp, f64)>,
    until: Timestamp,
) {
    labelled(t, subject, (metric, unit), BTreeMap::new(), points, until);
}

fn labelled(
    t: &mut Telling<'_>,
    subject: &SubjectId,
    (metric, unit): (&str, &str),
    labels: BTreeMap<String, String>,
    points: impl Iterator<Item = (Timestamp, f64)>,
    until: Timestamp,
) {
    let samples: Vec<Sample> = points.filter(|(_, v)| v.is_finite()).map(|(at, value)| Sample { at, value }).collect();
    if samples.is_empty() {
        return;
    }
    let (metric, unit) = (metric.to_owned(), unit.to_owned());
    let series = Series { metric, unit, kind: SeriesKind::Gauge, labels, samples, covered_until: until };
    t.say(subject, Basis::Measured, series);
}

/// Demand, errors and response times of a balancer, function or distribution. CloudWatch writes error counts only where there are errors, so an
/// hour with requests and without such a count had none.
fn requests(t: &mut Telling<'_>, subject: &SubjectId, by_word: &BTreeMap<&'static str, Points>, until: Timestamp) {
    let Some(count) = by_word.get("requests") else { return };
    series(t, subject, (metric::REQUEST_RATE, "1/s"), count.iter().map(|(at, n)| (*at, n / HOUR_S)), until);
    let failed = |at: &Timestamp| -> f64 { ["errors", "refused"].iter().filter_map(|w| by_word.get(w)?.get(at)).sum() };
    // What Lambda turns away is no invocation, so its errors are those of the invocations.
    let alone = subject.as_str().contains(":lambda:");
    if by_word.contains_key("errors") && (alone || by_word.contains_key("refused")) {
        let ratio = count.iter().filter(|(_, n)| **n > 0.0).map(|(at, n)| (*at, (failed(at) / n).clamp(0.0, 1.0)));
        series(t, subject, (metric::ERROR_RATIO, "ratio"), ratio, until);
    }
    let quantiles = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];
    let hour = |(at, n): (&Timestamp, &f64)| {
        let found: Vec<(f64, f64)> =
            quantiles.iter().filter_map(|(word, q)| Some((*q, *by_word.get(word)?.get(at)?))).collect();
        let count = (*n >= 0.0).then_some(*n as u64);
        let distribution = Distribution::Gauges { quantiles: found, count };
        HourDistribution { start: *at, distribution }
    };
    let hours: Vec<HourDistribution> = count.iter().map(hour).filter(has_quantiles).collect();
    if !hours.is_empty() {
        let durations = DistributionSeries {
            metric: metric::REQUEST_DURATION.to_owned(),
            unit: "s".to_owned(),
            labels: BTreeMap::new(),
            hours,
            covered_until: until,
        };
        t.say(subject, Basis::Measured, durations);
    }
}

fn has_quantiles(hour: &HourDistribution) -> bool {
    matches!(&hour.distribution, Distribution::Gauges { quantiles, .. } if !quantiles.is_empty())
}

/// What a database's disk does and holds, and how far its copy is behind.
fn disk(
    t: &mut Telling<'_>,
    subject: &SubjectId,
    by_word: &BTreeMap<&'static str, Points>,
    databases: &[&Instance],
    until: Timestamp,
) {
    if let (Some(reads), Some(writes)) = (by_word.get("reads"), by_word.get("writes")) {
        let both: Vec<(Timestamp, f64)> = reads.iter().filter_map(|(at, r)| Some((*at, r + writes.get(at)?))).collect();
        series(t, subject, (metric::DISK_OPERATIONS, "1/s"), both.iter().copied(), until);
        series(t, subject, (&Limited::Iops.used_metric(), "1/s"), both.into_iter(), until);
    }
    let Some(database) = databases.iter().find(|d| d.arn.as_deref() == Some(subject.as_str())) else { return };
    if let (Some(free), Some(size), None) = (by_word.get("free"), database.allocated_storage, &database.cluster) {
        let used = free.iter().map(|(at, free)| (*at, (size * GIB - free).max(0.0)));
        series(t, subject, (&Limited::Disk.used_metric(), "bytes"), used, until);
    }
    let source = database.copy_of.as_deref().and_then(|s| databases.iter().find(|d| d.id.as_deref() == Some(s)));
    if let (Some(lag), Some(primary), Some(name)) =
        (by_word.get("lag"), source.and_then(|s| s.arn.as_deref()), database.id.as_deref())
    {
        // -1 means that replication does not run.
        let points = lag.iter().filter(|(_, v)| **v >= 0.0).map(|(at, v)| (*at, *v));
        let labels = BTreeMap::from([("standby".to_owned(), name.to_owned())]);
        labelled(t, &SubjectId::from(primary), (metric::REPLICA_LAG, "s"), labels, points, until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{NOW, check, said, scope};
    use loadline_model::Body;

    fn hours(values: &[f64]) -> Points {
        values.iter().zip(1..).map(|(v, h)| (NOW.plus_hours(-h), *v)).collect()
    }
    fn of(subject: &str, words: &[(&'static str, Points)]) -> Measured {
        BTreeMap::from([(SubjectId::from(subject), words.iter().cloned().collect())])
    }
    const ALB: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1";
    const DB: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";

    #[test]
    fn a_balancer_shows_demand_errors_and_points_of_latency() {
        let all = of(
            ALB,
            &[
                ("requests", hours(&[3600.0, 7200.0])),
                ("errors", hours(&[36.0])),
                ("refused", Points::new()),
                ("p50", hours(&[0.1, 0.1])),
                ("p95", hours(&[0.4, 0.5])),
            ],
        );
        let facts = scope(|t| say(t, &all, &[], NOW)).facts;
        let values = |name: &str| -> Vec<f64> {
            let of = |b: &Body| match b {
                Body::Series(s) if s.metric == name => Some(s.samples.iter().map(|s| s.value).collect()),
                _ => None,
            };
            facts.iter().find_map(|f| of(&f.body)).unwrap_or_default()
        };
        assert_eq!(values("http.server.request_rate"), [2.0, 1.0]);
        assert_eq!(values("http.server.error_ratio"), [0.0, 0.01]);
        let points = facts.iter().find_map(|f| match &f.body {
            Body::DistributionSeries(d) => d.hours.last().map(|h| h.distribution.clone()),
            _ => None,
        });
        assert_eq!(points, Some(Distribution::Gauges { quantiles: vec![(0.5, 0.1), (0.95, 0.4)], count: Some(3600) }));
    }

    #[test]
    fn functions_queues_and_distributions() {
        let function = "arn:aws:lambda:eu-west-1:111122223333:function:api";
        let mut all =
            of(function, &[("requests", hours(&[3600.0])), ("errors", hours(&[36.0])), ("run", hours(&[90.0]))]);
        all.extend(of(
            "arn:aws:sqs:eu-west-1:111122223333:jobs",
            &[("in", hours(&[7200.0])), ("out", hours(&[3600.0]))],
        ));
        let cdn = "arn:aws:cloudfront::111122223333:distribution/E1";
        all.extend(of(cdn, &[("requests", hours(&[3600.0])), ("hits", hours(&[91.0])), ("failing", hours(&[0.5]))]));
        let facts = scope(|t| say(t, &all, &[], NOW)).facts;
        let said: Vec<String> = facts
            .iter()
            .filter_map(|f| match &f.body {
                Body::Series(s) => Some(format!("{} {} {:?}", f.subject, s.metric, s.samples.first().map(|s| s.value))),
                _ => None,
            })
            .collect();
        let expected = [
            format!("{cdn} http.server.error_ratio Some(0.005)"),
            format!("{cdn} cdn.hit_ratio Some(0.91)"),
            format!("{cdn} http.server.request_rate Some(1.0)"),
            format!("{function} http.server.request_rate Some(1.0)"),
            format!("{function} http.server.error_ratio Some(0.01)"),
            "arn:aws:sqs:eu-west-1:111122223333:jobs queue.in_rate Some(2.0)".to_owned(),
            "arn:aws:sqs:eu-west-1:111122223333:jobs queue.out_rate Some(1.0)".to_owned(),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_database_shows_load_disk_and_lag() {
        let instance = |id: &str, copy: Option<&str>| Instance {
            arn: Some(format!("arn:aws:rds:eu-west-1:111122223333:db:{id}")),
            id: Some(id.into()),
            allocated_storage: Some(100.0),
            copy_of: copy.map(str::to_owned),
            ..Instance::default()
        };
        let (orders, copy) = (instance("orders", None), instance("copy", Some("orders")));
        let mut all = of(
            DB,
            &[("cpu", hours(&[50.0])), ("reads", hours(&[1.0])), ("writes", hours(&[2.0])), ("free", hours(&[GIB]))],
        );
        all.extend(of("arn:aws:rds:eu-west-1:111122223333:db:copy", &[("lag", hours(&[3.0, -1.0]))]));
        let lines = said(|t| say(t, &all, &[&orders, &copy], NOW));
        let expected = [
            "rds:db:orders series utilisation.cpu 1 of ratio",
            "rds:db:orders series disk.operations 1 of 1/s",
            "rds:db:orders series used.iops 1 of 1/s",
            "rds:db:orders series used.disk 1 of bytes",
            "rds:db:orders series db.replica_lag 1 of s",
        ];
        check(&lines, &expected, &[]);
    }

    #[test]
    fn sessions_at_work_of_an_instance_and_of_a_whole_cluster() {
        let instance = |id: &str, cluster: Option<&str>| Instance {
            arn: Some(format!("arn:aws:rds:eu-west-1:111122223333:db:{id}")),
            id: Some(id.into()),
            cluster: cluster.map(str::to_owned),
            ..Instance::default()
        };
        let load = |id: &str, values: &[f64]| {
            of(&format!("arn:aws:rds:eu-west-1:111122223333:db:{id}"), &[("sessions", hours(values))])
        };
        let old: Vec<f64> = [1.0; 24].into_iter().chain([99.0; 30]).collect();
        let mut all = load("orders", &old);
        all.extend(load("writer", &[2.0, 4.0]));
        all.extend(load("reader", &[0.5]));
        all.extend(load("half", &[7.0]));
        let known = [
            instance("orders", None),
            instance("writer", Some("shop")),
            instance("reader", Some("shop")),
            instance("half", Some("partly")),
            instance("dark", Some("partly")),
        ];
        let lines = said(|t| say(t, &all, &known.iter().collect::<Vec<_>>(), NOW));
        let expected = [
            "rds:db:orders series db.active_sessions 54 of sessions",
            "rds:db:orders db.active_sessions = 1",
            "rds:cluster:shop db.active_sessions = 3.5",
        ];
        check(&lines, &expected, &["rds:cluster:partly db.active_sessions"]);
    }

    #[test]
    fn what_was_not_measured_is_not_said() {
        let unread = of(ALB, &[("requests", hours(&[3600.0]))]);
        let never = [
            "elasticloadbalancing:loadbalancer/app/web/1 series http.server.error_ratio",
            "elasticloadbalancing:loadbalancer/app/web/1 DistributionSeries",
        ];
        check(&said(|t| say(t, &unread, &[], NOW)), &[], &never);
        assert!(
            said(|t| say(
                t,
                &of(DB, &[("reads", hours(&[1.0])), ("free", hours(&[1.0])), ("cpu", Points::new())]),
                &[],
                NOW
            ))
            .is_empty()
        );
        assert!(said(|t| say(t, &of(ALB, &[("p95", hours(&[1.0]))]), &[], NOW)).is_empty());
    }
}
