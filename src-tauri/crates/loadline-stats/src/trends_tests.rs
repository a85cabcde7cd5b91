//! Tests of everything [`crate::trends`] concludes.

use crate::fixture::{at, deployment, fact, gauge, hour, latency, load, snapshot};
use crate::trends;
use loadline_model::{
    Alias, Day, DeploymentStatus, Distribution, FactIndex, Policy, Snapshot, Timestamp, Trends, Zone, ZoneOffset, key,
    num,
};

fn of(snapshot: &Snapshot) -> Trends {
    trends(&FactIndex::new(snapshot), &Policy::default())
}

const START: &str = "2026-08-03T00:00:00Z"; // a Monday

#[test]
fn routes_merge_and_minimums_hold() {
    let start = at(START);
    let fast = latency(start, 21, Some("GET /a"), |_| (0.1, 90));
    let slow = latency(start, 21, Some("GET /b"), |_| (1.0, 10));
    let found = of(&snapshot(start.plus_days(21), vec![fact("api", fast), fact("api", slow)]));
    let routes: Vec<Option<&str>> = found.latency.iter().map(|l| l.route.as_deref()).collect();
    assert_eq!(routes, [None, Some("GET /a"), Some("GET /b")]);
    let all = &found.latency[0];
    assert!(all.mergeable && all.days.len() == 21 && all.change_points.is_empty());
    assert!(
        all.last_week.p50.is_some_and(|v| v < 0.2) && all.last_week.p95.is_some_and(|v| v > 0.9),
        "merged counts, not averages"
    );
    assert_eq!(all.last_week, all.week_before);
    let b = &found.latency[2];
    let day = b.days[0].percentiles;
    assert!(day.p50.is_some() && day.p95.is_none() && day.count < 600, "{day:?}");
    assert!(b.last_week.p95.is_some() && b.last_week.p99.is_none());
}

#[test]
fn two_accounts_of_one_service_do_not_count_twice() {
    let start = at(START);
    let once = fact("api", latency(start, 14, None, |h| (0.2, load(start, h))));
    let mut other = once.clone();
    (other.provenance.account, other.subject) = ("q".into(), "api:8080".into());
    let mut twice = snapshot(start.plus_days(14), vec![once.clone(), other]);
    twice.aliases.push(Alias {
        alias: "api:8080".into(),
        canonical: "api".into(),
        basis: "exact".into(),
        author: "loadline".into(),
        at: start,
        linked: true,
    });
    let count = |s: &Snapshot| of(s).latency[0].last_week.count;
    assert_eq!(count(&twice), count(&snapshot(start.plus_days(14), vec![once])));
}

#[test]
fn days_are_local_days() {
    let start = at("2026-08-02T22:00:00Z");
    let mut snapshot = snapshot(start.plus_days(3), vec![fact("api", latency(start, 3, None, |_| (0.2, 900)))]);
    snapshot.zone =
        Zone { name: "Europe/Berlin".into(), offsets: vec![ZoneOffset { from: Timestamp(0), seconds: 7200 }] };
    let days: Vec<String> = of(&snapshot).latency[0].days.iter().map(|d| d.day.to_string()).collect();
    assert_eq!(days, ["2026-08-03", "2026-08-04", "2026-08-05"]);
}

#[test]
fn a_step_has_its_deployment_as_candidate_and_weekends_are_no_step() {
    let start = at(START);
    let series = latency(start, 80, None, |h| {
        let weekend = if (h / 24) % 7 >= 5 { 0.8 } else { 1.0 };
        let wiggle = 1.0 + 0.02 * ((h / 24 * 5 % 7) as f64 - 3.0) / 3.0;
        (if h >= 50 * 24 { 0.25 } else { 0.8 } * weekend * wiggle, load(start, h))
    });
    let ship = deployment("v9", start.plus_days(50).plus_hours(-1), 5, DeploymentStatus::Succeeded);
    let found = of(&snapshot(start.plus_days(80), vec![fact("api", series), fact("api", ship)]));
    let points = &found.latency[0].change_points;
    assert_eq!(points.len(), 1, "{points:?}");
    assert_eq!(points[0].day, Day(start.utc_day().0 + 50));
    assert_eq!((points[0].confidence.as_str(), points[0].candidates[0].what.as_str()), ("high", "v9"));
    assert!(points[0].candidates[0].attributed);
}

#[test]
fn gauges_are_marked_and_not_merged_over_routes() {
    let start = at(START);
    let mut a = latency(start, 10, Some("GET /a"), |_| (0.2, 10));
    for h in &mut a.hours {
        h.distribution = Distribution::Gauges { quantiles: vec![(0.5, 0.2), (0.95, 0.7)], count: None };
    }
    let mut b = a.clone();
    b.labels.insert("route".into(), "GET /b".into());
    let found = of(&snapshot(start.plus_days(10), vec![fact("api", a), fact("api", b)]));
    assert_eq!(found.latency.len(), 2, "no merged row");
    assert!(!found.latency[0].mergeable);
    assert_eq!((found.latency[0].last_week.p50, found.latency[0].last_week.p95), (Some(0.2), Some(0.7)));
}

#[test]
fn above_the_last_bound_is_said() {
    let start = at(START);
    let mut series = latency(start, 8, None, |_| (0.2, 10));
    for h in &mut series.hours {
        h.distribution = Distribution::Classic { bounds: vec![0.5, 5.0], counts: vec![80, 10, 10], sum: None };
    }
    let week = of(&snapshot(start.plus_days(8), vec![fact("api", series)])).latency[0].last_week;
    assert!(week.p95_above && week.p99_above && week.p95 == Some(5.0));
    assert!(week.p50.is_some_and(|v| v < 0.5));
}

#[test]
fn errors_are_weighted_by_requests() {
    let start = at(START);
    let times = || (0..288 * 10).map(|i| Timestamp(start.0 + i * 300_000));
    let busy = |i: usize| i.is_multiple_of(2);
    let ratio = times().enumerate().map(|(i, t)| (t, if busy(i) { 0.02 } else { 0.0 })).collect();
    let rate = times().enumerate().map(|(i, t)| (t, if busy(i) { 30.0 } else { 10.0 })).collect();
    let taken = start.plus_days(10);
    let facts = vec![
        fact("api", gauge(key::metric::ERROR_RATIO, "ratio", ratio)),
        fact("api", gauge(key::metric::REQUEST_RATE, "1/s", rate)),
    ];
    let found = of(&snapshot(taken, facts));
    let e = &found.errors[0];
    assert!((e.last_week - 0.015).abs() < 1e-4, "{}", e.last_week);
    assert!((e.windows_breached - 0.5).abs() < 1e-3 && e.windows == 2015, "{} of {}", e.windows_breached, e.windows);
    assert_eq!(e.days.len(), 10);
    assert_eq!(found.demand[0].peak, 30.0);
}

#[test]
fn weekly_peaks_are_of_whole_weeks() {
    let start = at(START);
    let samples = (0..24 * 40).map(|h| (start.plus_hours(h), 10.0 + (h / 168) as f64)).collect();
    let found = of(&snapshot(start.plus_days(40), vec![fact("api", gauge(key::metric::REQUEST_RATE, "1/s", samples))]));
    let peaks: Vec<f64> = found.demand[0].weekly_peaks.iter().map(|p| p.1).collect();
    assert_eq!(peaks, [10.0, 11.0, 12.0, 13.0, 14.0], "the sixth week is not over");
    // Without a rate the distributions' counts are the demand.
    let counted = of(&snapshot(start.plus_days(40), vec![fact("api", latency(start, 40, None, |_| (0.2, 7200)))]));
    assert!((counted.demand[0].peak - 2.0).abs() < 0.02, "{}", counted.demand[0].peak);
}

#[test]
fn e23_delivery() {
    let start = at(START);
    let ships = |n: i64, failed: i64| -> Vec<_> {
        (0..n)
            .map(|i| {
                let status = if i < failed { DeploymentStatus::RolledBack } else { DeploymentStatus::Succeeded };
                fact("api", deployment(&format!("d{i}"), start.plus_days(i), 10 + i, status))
            })
            .collect()
    };
    let mut facts = ships(25, 7);
    facts.push(facts[0].clone());
    facts.push(fact("api", {
        let mut d = deployment("s", start, 1, DeploymentStatus::Failed);
        d.environment = "staging".into();
        d
    }));
    let found = of(&snapshot(start.plus_days(30), facts));
    let d = &found.delivery[0];
    let rate = d.failure_rate.expect("25 deployments");
    assert!((rate.p10 - 0.1595).abs() < 5e-5 && (rate.p50 - 0.28).abs() < 1e-9);
    assert_eq!((d.deployments, d.failed, d.median_minutes, d.by_pipeline), (25, 7, Some(25.5), Some(1.0)));
    assert_eq!(d.observed_since, Some(start));
    let few = of(&snapshot(start.plus_days(30), ships(8, 2)));
    assert_eq!((few.delivery[0].failure_rate, few.delivery[0].failed), (None, 2));
    assert_eq!(of(&snapshot(start.plus_days(30), ships(4, 0))).delivery[0].median_minutes, None);
}

#[test]
fn a_broken_bucket_is_left_out() {
    let start = at(START);
    let mut series = latency(start, 8, None, |_| (0.2, 100));
    for h in &mut series.hours {
        let Distribution::Exponential { counts, .. } = &mut h.distribution else { continue };
        counts.insert(0, (i32::MIN + 1, 3));
        counts.push((i32::MAX, 3));
    }
    let found = of(&snapshot(start.plus_days(8), vec![fact("api", series)]));
    assert!(found.latency[0].last_week.p50.is_some_and(|v| (v - 0.2).abs() < 0.01));
}

#[test]
fn nothing_known_is_nothing_said() {
    assert_eq!(of(&Snapshot::default()), Trends::default());
    let empty = snapshot(at(START), vec![fact("api", latency(at(START), 0, None, |_| (0.2, 1)))]);
    assert!(of(&empty).latency.is_empty());
    assert!(hour(0.2, 1000).quantile(0.5).is_some_and(|q| num::ln(q.value / 0.2).abs() < 0.03));
}
