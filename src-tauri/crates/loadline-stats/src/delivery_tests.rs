//! Lead times, recovery, failures and what is left open, on small histories.

use super::*;
use crate::fixture::{at, deployment, fact, snapshot};
use loadline_model::{ChangeRequest, Confidence, Deployment, Edge, Fact, Relation, Setting, Told, Value, key};

const START: &str = "2026-03-02";

fn change(id: usize, merged: Timestamp, hours: i64, revision: Option<&str>) -> Fact {
    let change = ChangeRequest {
        id: id.to_string(),
        opened_at: merged.plus_hours(-1),
        merged_at: Some(merged),
        lines: None,
        approvals: None,
        revision: revision.map(str::to_owned),
        committed_at: Some(merged.plus_hours(-hours)),
    };
    fact("repo", change)
}

fn found(days: i64, mut facts: Vec<Fact>) -> DeliveryTrend {
    let built = Edge { relation: Relation::BuiltFrom, to: "repo".into(), confidence: Confidence::Inferred };
    facts.push(fact("api", built));
    let snapshot = snapshot(at(START).plus_days(days), facts);
    delivery(&FactIndex::new(&snapshot), &Policy::default()).into_iter().next().expect("a service")
}

/// A good deployment of half an hour at the end of each day.
fn daily(days: i64) -> Vec<Fact> {
    let one = |day: i64| {
        let id = format!("abcdef{day:04}");
        fact("api", deployment(&id, at(START).plus_hours(day * 24 + 20), 30, DeploymentStatus::Succeeded))
    };
    (0..days).map(one).collect()
}

#[test]
fn lead_time_runs_from_the_first_commit_to_the_next_good_deployment() {
    let start = at(START);
    let mut facts = daily(30);
    // Merged at 10:00 of twelve days, begun ten hours before: shipped at 20:30.
    facts.extend((1..13).map(|day| change(day as usize, start.plus_hours(day * 24 + 10), 10, None)));
    let d = found(30, facts.clone());
    let all = |hours| Hours { n: 12, median: Some(hours), p90: Some(hours) };
    assert_eq!((d.dora.lead, d.dora.wait, d.dora.waiting), (all(20.5), all(10.5), 0));
    // Its own revision counts, although another deployment began after the merge and before it.
    let own = |day: i64| {
        let revision = format!("abcdef{:04}{}", day + 1, "a".repeat(30));
        change(day as usize, start.plus_hours(day * 24 + 10), 10, Some(&revision))
    };
    let named = found(30, daily(30).into_iter().chain((1..13).map(own)).collect());
    assert_eq!(named.dora.lead, all(44.5));
    // Merged before anything was observed, and merged but not shipped.
    facts.push(change(70, start.plus_hours(19), 10, None));
    facts.push(change(80, start.plus_hours(29 * 24 + 23), 10, None));
    let d = found(30, facts);
    assert_eq!((d.dora.lead.n, d.dora.waiting), (12, 1));
}

#[test]
fn figures_are_absent_below_their_samples() {
    let few = found(10, daily(10));
    assert_eq!((few.dora.per_week, few.failure_rate, few.dora.rework.rate), (None, None, None));
    assert_eq!((few.dora.recovery, few.dora.rework.n), (Hours::default(), 10));
    let month = found(30, daily(30)).dora;
    assert!(month.per_week.is_some_and(|w| (w - 30.0 * 7.0 / month.observed_days).abs() < 1e-6), "{month:?}");
    assert!(month.observed_days > 29.0 && month.observed_days < 29.5, "counted from the first deployment");
    assert_eq!(month.rework.rate.map(|r| r.p50), Some(0.0));
}

#[test]
fn recovery_and_rework_follow_failed_changes() {
    let start = at(START);
    let mut facts = daily(30);
    for n in 0..6 {
        let at = start.plus_hours(n * 48 + 12);
        facts.push(fact("api", deployment(&format!("bad{n}"), at, 5, DeploymentStatus::Failed)));
    }
    let d = found(30, facts.clone());
    // From noon to the good deployment that ends at 20:30.
    assert_eq!(d.dora.recovery, Hours { n: 6, median: Some(8.5), p90: Some(8.5) });
    assert_eq!((d.failed, d.dora.rework.hits), (6, 6));
    facts.push(fact("api", incident("i", start.plus_hours(44), Some(6), "abcdef0001")));
    let hurt = found(30, facts);
    assert_eq!((hurt.failed, hurt.dora.recovery.n), (7, 7), "an incident names the deployment that caused it");
}

fn incident(id: &str, started: Timestamp, hours: Option<i64>, cause: &str) -> Incident {
    Incident {
        id: id.into(),
        title: "down".into(),
        started_at: started,
        detected_at: None,
        resolved_at: hours.map(|h| started.plus_hours(h)),
        caused_by: Some(cause.into()),
        failover: None,
        journeys: Vec::new(),
    }
}

#[test]
fn an_incident_names_its_deployment_by_id_number_or_revision() {
    let start = at(START);
    let check = |subject: &str, hour: i64, cause: &str, expected: u32| {
        let mut facts = daily(30);
        let mut twice = deployment("github.com/deployments/42", start.plus_hours(100), 5, DeploymentStatus::Succeeded);
        twice.revision = "abcdef0003".into();
        facts.push(fact("api", twice));
        facts.push(fact(subject, incident("i", start.plus_hours(hour), Some(6), cause)));
        facts.push(fact(subject, incident("i", start.plus_hours(hour), Some(6), cause)));
        let d = found(30, facts);
        assert_eq!((d.failed, d.dora.recovery.n), (expected, expected), "{subject} {hour} {cause}");
    };
    check("api", 200, "abcdef0003", 1);
    check("api", 200, "ABCDEF0001", 1);
    check("api", 200, &format!("abcdef0001{}", "a".repeat(30)), 1);
    check("api", 200, "42", 1);
    check("db", 200, "github.com/deployments/42", 1);
    // What began later caused nothing, a part of a number is none, and a commit may be of several services.
    check("api", 99, "42", 0);
    check("api", 200, "2", 0);
    check("db", 200, "abcdef0003f", 0);
    check("api", 200, "abcdef", 0);
}

#[test]
fn a_revision_that_was_shipped_twice_is_blamed_for_the_last_time() {
    let start = at(START);
    let ship = |id: &str, hour| Deployment {
        revision: "0123456789abcdef".into(),
        ..deployment(id, start.plus_hours(hour), 5, DeploymentStatus::Succeeded)
    };
    let mut facts =
        vec![fact("api", ship("first", 10)), fact("api", ship("again", 60)), fact("api", ship("after", 90))];
    facts.push(fact("api", incident("i", start.plus_hours(61), Some(1), "0123456789")));
    facts.push(fact("api", incident("j", start.plus_hours(62), None, "again")));
    let d = found(10, facts);
    assert_eq!((d.failed, d.dora.recovery.n, d.dora.unrecovered), (1, 1, 1));
    assert_eq!(d.dora.unrecovered_hours, Some(178.0), "of two incidents the one that is open");
    assert_eq!(d.dora.rework.hits, 1, "what followed it");
}

#[test]
fn a_success_of_which_nobody_tells_the_end_is_no_success() {
    let start = at(START);
    let release = |n: i64| {
        let one = deployment(&format!("r{n}"), start.plus_hours(n * 24), 0, DeploymentStatus::Succeeded);
        fact("api", Deployment { finished_at: None, ..one })
    };
    let releases: Vec<Fact> = (0..40).map(release).collect();
    let d = found(45, releases.clone());
    assert_eq!((d.deployments, d.dora.ended, d.failure_rate), (40, 0, None));
    assert!(d.dora.per_week.is_some(), "they ship all the same");
    let mut mixed = releases.clone();
    for n in 0..20 {
        let status = if n < 5 { DeploymentStatus::Failed } else { DeploymentStatus::Succeeded };
        mixed.push(fact("api", deployment(&format!("d{n}"), start.plus_hours(n * 24 + 12), 5, status)));
    }
    assert_eq!(found(45, mixed).failure_rate.map(|r| r.p50), Some(0.25));
    // A release that an incident names failed, and one ends a wait without saying when.
    let mut blamed = releases;
    blamed.push(fact("api", incident("i", start.plus_hours(25), Some(2), "r1")));
    blamed.push(change(1, start.plus_hours(30), 10, None));
    let d = found(45, blamed);
    assert_eq!((d.failed, d.dora.ended, d.dora.lead.n, d.dora.waiting), (1, 1, 0, 0));
    // What a person recorded was said by that person.
    let mut recorded = (0..40).map(release).collect::<Vec<Fact>>();
    for one in &mut recorded {
        one.provenance.account = loadline_model::AccountId::new(loadline_model::RECORDED);
    }
    assert_eq!(found(45, recorded).failure_rate.map(|r| r.p50), Some(0.0));
}

#[test]
fn what_nobody_recovered_from_counts_with_the_time_so_far() {
    let start = at(START);
    let mut facts = Vec::new();
    for n in 0..5 {
        let bad = start.plus_hours(n * 24);
        facts.push(fact("api", deployment(&format!("bad{n}"), bad, 5, DeploymentStatus::Failed)));
        facts.push(fact("api", deployment(&format!("good{n}"), bad.plus_hours(1), 5, DeploymentStatus::Succeeded)));
    }
    let repaired = found(40, facts.clone());
    assert_eq!((repaired.dora.recovery.n, repaired.dora.unrecovered), (5, 0));
    for n in 0..10 {
        let bad = start.plus_days(10 + n);
        facts.push(fact("api", deployment(&format!("open{n}"), bad, 5, DeploymentStatus::Failed)));
    }
    let d = found(40, facts.clone()).dora;
    assert_eq!((d.recovery.n, d.unrecovered, d.unrecovered_hours), (15, 10, Some(720.0)));
    assert!(d.recovery.median.is_some_and(|hours| hours > 24.0 * 20.0), "{d:?}");
    // One that was taken back is over, although nobody says when.
    let back = deployment("back", start.plus_days(30), 5, DeploymentStatus::RolledBack);
    facts.push(fact("api", Deployment { finished_at: None, ..back }));
    assert_eq!(found(40, facts).dora.recovery.n, 15);
}

#[test]
fn a_change_that_waits_for_weeks_counts_with_the_time_so_far() {
    let start = at(START);
    let mut facts = daily(20);
    facts.extend((1..13).map(|day| change(day as usize, start.plus_hours(day * 24 + 10), 10, None)));
    // Merged after the last deployment: six long ago, one of yesterday.
    facts.extend((0..6).map(|n| change(100 + n, start.plus_days(21), 10, None)));
    facts.push(change(200, start.plus_days(59), 10, None));
    let d = found(60, facts).dora;
    assert_eq!((d.lead.n, d.waiting, d.overdue), (18, 7, 6));
    assert!(d.lead.median == Some(20.5) && d.lead.p90.is_some_and(|hours| hours > 24.0 * 35.0), "{:?}", d.lead);
}

#[test]
fn minutes_are_of_deployments_that_succeeded() {
    let start = at(START);
    let one = |n: i64, took, status| fact("api", deployment(&format!("d{n}"), start.plus_hours(n), took, status));
    let slow = (0..6).map(|n| one(n, 40, DeploymentStatus::Succeeded));
    let fast = (10..30).map(|n| one(n, 1, DeploymentStatus::Failed));
    assert_eq!(found(5, slow.chain(fast).collect()).median_minutes, Some(40.0));
}

#[test]
fn a_rehearsal_is_told_by_any_word_of_its_name() {
    let start = at(START);
    let mut facts = Vec::new();
    for n in 0..120 {
        let (environment, status) = match n {
            0..100 => ("acme-staging", DeploymentStatus::Succeeded),
            100..106 => ("acme-production", DeploymentStatus::Failed),
            _ => ("acme-production", DeploymentStatus::Succeeded),
        };
        let one = deployment(&format!("d{n}"), start.plus_hours(n), 5, status);
        facts.push(fact("api", Deployment { environment: environment.into(), ..one }));
    }
    let d = found(10, facts);
    assert_eq!((d.deployments, d.failed, d.failure_rate.map(|r| r.p50)), (20, 6, Some(0.3)));
}

#[test]
fn what_a_host_counts_stands_beside_and_changes_nothing() {
    let said = |key: &str, item: &str, value: f64| {
        fact("api", Setting { key: key.into(), item: Some(item.into()), value: Value::Number(value) })
    };
    let mut facts = daily(30);
    let alone = found(30, facts.clone()).dora;
    facts.push(said(key::DELIVERY_TOLD_PER_WEEK, "GitLab", 1.4));
    facts.push(said(key::DELIVERY_TOLD_LEAD, "GitLab", 2.5));
    facts.push(said(key::DELIVERY_TOLD_FAILURES, "Another", 1.2));
    let told = |by: &str| Told { by: by.into(), ..Told::default() };
    let another = Told { failure_rate: Some(1.2), ..told("Another") };
    let gitlab = Told { per_week: Some(1.4), lead_hours: Some(2.5), ..told("GitLab") };
    assert_eq!(found(30, facts).dora, Dora { told: vec![another, gitlab], ..alone });
}

/// A deployment to an environment, of a revision, some hours after the start.
fn ship(id: &str, hour: i64, environment: &str, revision: &str, status: DeploymentStatus) -> Fact {
    let one = deployment(id, at(START).plus_hours(hour), 5, status);
    fact("api", Deployment { environment: environment.into(), revision: revision.into(), ..one })
}

fn with_policy(days: i64, facts: Vec<Fact>, set: &[(&str, f64)]) -> DeliveryTrend {
    let snapshot = snapshot(at(START).plus_days(days), facts);
    let mut policy = Policy::default();
    policy.thresholds.extend(set.iter().map(|(key, value)| ((*key).to_owned(), *value)));
    delivery(&FactIndex::new(&snapshot), &policy).into_iter().next().expect("a service")
}

#[test]
fn what_ships_to_one_environment_mends_nothing_in_another() {
    let check = |there: &str, median: f64, open: u32| {
        let pair = |n: i64| {
            let bad = ship(&format!("bad{n}"), n * 24, "prod-eu", "a", DeploymentStatus::Failed);
            [bad, ship(&format!("good{n}"), n * 24 + 1, there, "a", DeploymentStatus::Succeeded)]
        };
        let d = found(40, (0..8).flat_map(pair).collect()).dora;
        assert_eq!((d.recovery.n, d.unrecovered), (8, open), "{there}");
        assert!(d.recovery.median.is_some_and(|h| (h - median).abs() < 0.1), "{there} {:?}", d.recovery);
    };
    check("prod-eu", 1.1, 0);
    check("Prod-EU", 1.1, 0);
    check("prod-us", (40.0 - 3.5) * 24.0, 8);
}

#[test]
fn of_several_environments_the_slowest_counts() {
    let start = at(START);
    let mut facts: Vec<Fact> =
        (0..40).map(|n| ship(&format!("eu{n}"), n * 24 + 20, "prod-eu", "e", DeploymentStatus::Succeeded)).collect();
    let us = |n: i64| ship(&format!("us{n}"), n * 72 + 21, "prod-us", "u", DeploymentStatus::Succeeded);
    facts.extend((0..14).map(us));
    facts.extend((1..13).map(|n| change(n as usize, start.plus_hours(n * 72 - 40), 0, None)));
    let d = found(40, facts.clone()).dora;
    let of = |name: &str| d.environments.iter().find(|e| e.name == name).expect("an environment").clone();
    assert_eq!((d.environments.len(), d.good, of("prod-us").good), (2, 54, 14));
    assert_eq!((d.per_week, d.lead), (of("prod-us").per_week, of("prod-us").lead));
    assert!(of("prod-eu").per_week > d.per_week && of("prod-eu").lead.median < d.lead.median, "{:?}", d.environments);
    // Only one of them: nothing is listed.
    facts.retain(|f| !matches!(&f.body, loadline_model::Body::Deployment(d) if d.environment == "prod-us"));
    assert_eq!(found(40, facts).dora.environments, []);
}

#[test]
fn outcomes_that_nobody_tells_are_counted_beside() {
    let mut facts: Vec<Fact> = (0..20)
        .map(|n| ship(&format!("g{n}"), n * 24, "production", &format!("g{n}"), DeploymentStatus::Succeeded))
        .collect();
    assert_eq!(found(30, facts.clone()).dora.failure_rate_at_worst, None);
    facts.extend((0..61).map(|n| {
        let hours = if n == 60 { 30 * 24 - 1 } else { n * 11 + 3 };
        ship(&format!("u{n}"), hours, "production", &format!("u{n}"), DeploymentStatus::InProgress)
    }));
    let d = found(30, facts);
    assert_eq!((d.dora.ended, d.dora.untold, d.failure_rate.map(|r| r.p50)), (20, 60, Some(0.0)), "one still runs");
    assert_eq!(d.dora.failure_rate_at_worst.map(|r| r.p50), Some(0.75));
}

#[test]
fn windows_and_least_samples_are_what_the_team_set() {
    let facts: Vec<Fact> = (0..40)
        .map(|n| {
            let status = if n < 20 { DeploymentStatus::Failed } else { DeploymentStatus::Succeeded };
            ship(&format!("d{n}"), n * 24, "production", "a", status)
        })
        .collect();
    let rate = |set: &[(&str, f64)]| with_policy(40, facts.clone(), set).failure_rate.map(|r| r.p50);
    assert_eq!(rate(&[]), Some(0.5));
    assert_eq!(rate(&[("DEL-006.deployments", 41.0)]), None);
    assert_eq!(rate(&[("DEL-006.days", 15.0)]), None);
    assert_eq!(rate(&[("DEL-006.days", 15.0), ("DEL-006.deployments", 10.0)]), Some(0.0));
    let recovery = |set: &[(&str, f64)]| with_policy(40, facts.clone(), set).dora.recovery;
    assert_eq!((recovery(&[]).n, recovery(&[("DEL-007.days", 15.0)]).n), (20, 0));
    assert_eq!(recovery(&[("DEL-007.failures", 21.0)]).median, None);
}

#[test]
fn who_deploys_has_an_interval_and_a_least_sample() {
    let few = found(10, daily(4));
    assert_eq!((few.by_pipeline, few.dora.pipeline), (None, Ratio { hits: 4, n: 4, rate: None }));
    let some = found(10, daily(5));
    let rate = some.dora.pipeline.rate.expect("five");
    assert_eq!((some.by_pipeline, rate.p90), (Some(1.0), 1.0));
    assert!(rate.p10 < 0.7, "five of five say little: {rate:?}");
}

#[test]
fn bringing_back_an_older_revision_undoes_the_last_one() {
    let ships = |revisions: &[&str]| -> Vec<(String, FailedBy)> {
        let one = |(n, r): (usize, &&str)| {
            let (r, status) = match r.strip_suffix('!') {
                Some(r) => (r, DeploymentStatus::Failed),
                None => (*r, DeploymentStatus::Succeeded),
            };
            ship(&format!("d{n}"), n as i64 * 30, "production", r, status)
        };
        let d = found(20, revisions.iter().enumerate().map(one).collect()).dora;
        assert_eq!(d.recovery.n as usize, d.failures.len(), "{revisions:?}");
        d.failures.into_iter().map(|f| (f.deployment, f.by)).collect()
    };
    let check = |revisions: &[&str], expected: &[(&str, FailedBy)]| {
        let expected: Vec<_> = expected.iter().map(|(id, by)| ((*id).to_owned(), *by)).collect();
        assert_eq!(ships(revisions), expected, "{revisions:?}");
    };
    use FailedBy::{Told, Undone};
    check(&["aaaaaaa1", "bbbbbbb2", "aaaaaaa1"], &[("d1", Undone)]);
    check(&["v1", "v2", "v3", "v1"], &[("d2", Undone)]);
    check(&["v1", "v2!", "v1"], &[("d1", Told)]);
    // Going forward, the same again, forward again after going back, and again what had failed before.
    check(&["v1", "v2", "v3"], &[]);
    check(&["main", "main", "main"], &[]);
    check(&["v1", "v2", "v1", "v2"], &[("d1", Undone)]);
    check(&["v1!", "v2", "v1"], &[("d0", Told)]);
    // Each environment has its own history.
    let other = vec![
        ship("a", 0, "prod-eu", "v1", DeploymentStatus::Succeeded),
        ship("b", 30, "prod-us", "v2", DeploymentStatus::Succeeded),
        ship("c", 60, "prod-eu", "v1", DeploymentStatus::Succeeded),
    ];
    assert_eq!(found(20, other).failed, 0);
}

#[test]
fn an_incident_within_a_day_makes_the_last_deployment_likely_to_have_failed() {
    let start = at(START);
    let check = |hour: i64, cause: Option<&str>, expected: Option<(&str, FailedBy)>| {
        let mut facts: Vec<Fact> = (0..25)
            .map(|n| ship(&format!("d{n}"), n * 48, "production", &format!("r{n}"), DeploymentStatus::Succeeded))
            .collect();
        let mut one = incident("i", start.plus_hours(hour), Some(3), "");
        one.caused_by = cause.map(str::to_owned);
        facts.push(fact("api", one));
        let d = found(60, facts);
        let said: Vec<_> = d.dora.failures.iter().map(|f| (f.deployment.as_str(), f.by)).collect();
        assert_eq!(said, expected.into_iter().collect::<Vec<_>>(), "{hour} {cause:?}");
        let likely = expected.is_some_and(|(_, by)| by == FailedBy::Likely);
        assert_eq!(d.dora.failure_rate_without_likely.map(|r| r.p50), likely.then_some(0.0));
        assert_eq!(d.failure_rate.map(|r| r.p50), Some(if expected.is_some() { 0.04 } else { 0.0 }));
    };
    check(50, None, Some(("d1", FailedBy::Likely)));
    check(72, None, Some(("d1", FailedBy::Likely)));
    check(74, None, None);
    // Named, it is sure; another cause is another cause.
    check(60, Some("d0"), Some(("d0", FailedBy::Named)));
    check(50, Some("DB-007"), None);
}
