//! Lead times, recovery, failures and what is left open, on small histories.

use super::*;
use crate::fixture::{at, deployment, fact, snapshot};
use loadline_model::{Confidence, Deployment, Edge, Fact, Setting, Told, Value, key};

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
    delivery(&FactIndex::new(&snapshot)).into_iter().next().expect("a service")
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
        twice.revision = "abcdef0001".into();
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
