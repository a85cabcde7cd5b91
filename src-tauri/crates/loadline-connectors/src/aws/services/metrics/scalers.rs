//! How long groups of machines stood at their maximum: members in service against the most that were allowed at that
//! time, five minutes by five minutes over the last week. CloudWatch has this only where a group's metrics are turned on.

use super::say::{Points, series};
use super::{DATA, Data, METRICS, Metrics};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::services::autoscaling;
use crate::aws::services::telling::{Place, Telling, batches};
use crate::aws::shape::time;
use loadline_model::{Basis, Limited, SubjectId, Timestamp, Value, key};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const NAMESPACE: &str = "AWS/AutoScaling";
const IN_SERVICE: &str = "GroupInServiceInstances";
const MOST: &str = "GroupMaxSize";
/// Days that a stretch at the maximum is looked for.
const DAYS: i64 = 7;
const STEP_S: i64 = 300;
/// Groups a call: two metrics each of 2,016 values stay below its 100,800.
const AT_ONCE: usize = 20;
/// Share of the week that must be measured before its longest stretch is known.
const MEASURED: f64 = 0.9;

/// Reads the week of every group whose metrics are turned on.
pub(super) async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let asked = json!({"Namespace": NAMESPACE, "MetricName": MOST, "RecentlyActive": "PT3H"});
    let listed: Pages<Metrics> = asking.pages(METRICS, asked, answer).await;
    let found = listed.pages.iter().flat_map(|p| &p.metrics).flat_map(|m| &m.dimensions);
    let names: BTreeSet<String> =
        found.filter(|d| d.name.as_deref() == Some("AutoScalingGroupName")).filter_map(|d| d.value.clone()).collect();
    if names.is_empty() {
        return;
    }
    let groups = autoscaling::groups_of(asking, answer).await;
    let all = groups.into_iter().flat_map(|p| p.auto_scaling_groups);
    let known =
        all.filter_map(|g| Some((g.auto_scaling_group_name?, SubjectId::from(g.auto_scaling_group_arn?.as_str()))));
    let known: Vec<(String, SubjectId)> = known.filter(|(name, _)| names.contains(name)).collect();
    let until = Timestamp(asking.window.until.0 - asking.window.until.0.rem_euclid(STEP_S * 1000));
    let mut weeks = Vec::new();
    for some in batches(&known, AT_ONCE) {
        let pages: Pages<Data> = asking.pages(DATA, question(&some, until), answer).await;
        if pages.complete {
            weeks.extend(some.iter().enumerate().map(|(at, (_, subject))| (subject.clone(), shares(&pages.pages, at))));
        }
    }
    let mut t = Telling::new(answer, Place::of(asking, region));
    weeks.iter().for_each(|(subject, shares)| say(&mut t, subject, shares, until));
}

fn question(groups: &[(String, SubjectId)], until: Timestamp) -> serde_json::Value {
    let query = |at: usize, word: &str, metric: &str, statistic: &str| {
        let dimensions = groups.get(at).map(|(name, _)| json!([{"Name": "AutoScalingGroupName", "Value": name}]));
        json!({"Id": format!("{word}{at}"), "ReturnData": true, "MetricStat": {
            "Metric": {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions},
            "Period": STEP_S, "Stat": statistic}})
    };
    let both = |at| [query(at, "n", IN_SERVICE, "Average"), query(at, "m", MOST, "Maximum")];
    let queries: Vec<serde_json::Value> = (0..groups.len()).flat_map(both).collect();
    json!({"MetricDataQueries": queries, "StartTime": until.plus_days(-DAYS).to_string(), "EndTime": until.to_string(),
        "ScanBy": "TimestampAscending"})
}

/// Members in service as a share of the most allowed, of the group at this place of the question.
fn shares(pages: &[Data], at: usize) -> Points {
    let of = |word: &str| -> BTreeMap<Timestamp, f64> {
        let id = format!("{word}{at}");
        let found = pages.iter().flat_map(|p| &p.metric_data_results).filter(|r| r.id.as_deref() == Some(&id));
        let pairs = found.flat_map(|r| r.timestamps.iter().zip(&r.values));
        pairs.filter_map(|(at, value)| Some((time(at)?, value.0?))).collect()
    };
    let most = of("m");
    let share = |(at, members): (Timestamp, f64)| {
        let most = most.get(&at).filter(|m| **m > 0.0)?;
        Some((at, members / most))
    };
    of("n").into_iter().filter_map(share).collect()
}

/// Says the longest stretch, when nearly all of the week was measured, and the share hour by hour.
fn say(t: &mut Telling<'_>, subject: &SubjectId, shares: &Points, until: Timestamp) {
    t.call(DATA.name);
    let week = DAYS * 86_400 / STEP_S;
    if shares.len() as f64 >= MEASURED * week as f64 {
        let minutes = Value::Number(longest_minutes(shares));
        t.set(subject, Basis::Measured, key::AT_MAXIMUM_MINUTES_7D, None, Some(minutes));
    }
    let mut hours: BTreeMap<Timestamp, Vec<f64>> = BTreeMap::new();
    for (at, share) in shares {
        hours.entry(at.hour_start()).or_default().push(*share);
    }
    let means = hours.into_iter().map(|(at, all)| (at, all.iter().sum::<f64>() / all.len() as f64));
    series(t, subject, (&Limited::Members.utilisation_metric(), "ratio"), means, until);
}

/// Minutes of the longest run of neighbouring steps at the maximum; a step that was not measured ends it.
fn longest_minutes(shares: &Points) -> f64 {
    let (mut longest, mut run, mut last) = (0_i64, 0_i64, None::<Timestamp>);
    for (at, share) in shares {
        let follows = last.is_some_and(|l| at.0 - l.0 == STEP_S * 1000);
        run = match (*share >= 1.0, follows) {
            (true, true) => run + 1,
            (true, false) => 1,
            (false, _) => 0,
        };
        longest = longest.max(run);
        last = Some(*at);
    }
    (longest * STEP_S) as f64 / 60.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{NOW, parsed, said};

    const GROUP: &str = "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/web";
    const IT: &str = "autoscaling:autoScalingGroup:1:autoScalingGroupName/web";

    fn steps(count: i64, share: impl Fn(i64) -> f64) -> Points {
        (1..=count).map(|n| (Timestamp(NOW.0 - n * STEP_S * 1000), share(n))).collect()
    }
    fn lines(shares: &Points) -> Vec<String> {
        said(|t| say(t, &GROUP.into(), shares, NOW))
    }

    #[test]
    fn the_longest_stretch_of_a_measured_week() {
        let week = 2016;
        let of = |shares: &Points| lines(shares).first().cloned();
        let at_maximum = |minutes: i64| Some(format!("{IT} scaling.at_maximum_minutes_7d = {minutes}"));
        assert_eq!(of(&steps(week, |_| 0.5)), at_maximum(0));
        assert_eq!(of(&steps(week, |n| if (10..14).contains(&n) || n == 20 { 1.0 } else { 0.5 })), at_maximum(20));
        let mut gap = steps(week, |n| if (10..14).contains(&n) { 1.0 } else { 0.5 });
        gap.remove(&Timestamp(NOW.0 - 11 * STEP_S * 1000));
        assert_eq!(of(&gap), at_maximum(10), "what was not measured joins nothing");
        let day = lines(&steps(288, |_| 1.0));
        assert_eq!(day, [format!("{IT} series utilisation.members 24 of ratio")], "a day is no week");
        assert!(lines(&Points::new()).is_empty());
    }

    /// Shape of the example in "GetMetricData", Amazon CloudWatch API Reference 2010-08-01.
    #[test]
    fn members_are_compared_with_the_maximum_of_their_time() {
        let asked = question(&[("web".into(), GROUP.into()), ("api".into(), "b".into())], NOW);
        assert_eq!(asked["MetricDataQueries"][3]["Id"], "m1");
        assert_eq!(asked["MetricDataQueries"][3]["MetricStat"]["Metric"]["Dimensions"][0]["Value"], "api");
        assert_eq!(asked["StartTime"], "2026-11-15T05:00:00Z");
        let of = |id: &str, values: [&str; 3]| {
            json!({"Id": id, "StatusCode": "Complete", "Values": values,
                "Timestamps": ["2026-11-22T03:00:00Z", "2026-11-22T03:05:00Z", "2026-11-22T03:10:00Z"]})
        };
        let page: Data = parsed(json!({"MetricDataResults": [of("n0", ["4", "4", "4"]), of("m0", ["4", "8", "0"]),
            of("n1", ["1", "1", "1"])]}));
        let pages = [page];
        assert_eq!(shares(&pages, 0).values().copied().collect::<Vec<_>>(), [1.0, 0.5]);
        assert!(shares(&pages, 1).is_empty(), "its maximum was not answered");
    }
}
