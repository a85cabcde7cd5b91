//! The story: who did what when. Times are local (Europe/Berlin).

use loadline_model::{
    Choice, Day, Decision, Fingerprint, ItemId, ORGANISATION, RuleId, SubjectId, Team, Timestamp, Value, key,
};

/// First day with data.
pub(super) const BEGIN: &str = "2026-01-05 00:00";
/// The audit: one VM, no backups, deployments by hand.
pub(super) const BEFORE: &str = "2026-03-16 07:00";
/// Managed database, indexes, pagination, cache, containers just begun.
pub(super) const MIDWAY: &str = "2026-07-13 07:00";
/// Eight months after the audit.
pub(super) const AFTER: &str = "2026-11-16 07:00";

/// Database moved to a managed replica set with backups.
pub(super) const MANAGED: &str = "2026-04-06 05:30";
/// Query profiling and percentiles on.
pub(super) const PROFILING: &str = "2026-04-20 10:00";
/// Compound indexes.
pub(super) const INDEXES: &str = "2026-05-04 05:30";
/// Process manager with four processes, health checks behind a proxy.
pub(super) const PROCESSES: &str = "2026-05-15 05:30";
/// Pagination with hard limits.
pub(super) const PAGINATION: &str = "2026-05-29 05:30";
/// Redis in front of read-heavy paths; sessions out of the process.
pub(super) const CACHE: &str = "2026-06-19 05:30";
/// Containers in two zones behind a load balancer, autoscaling; uploads in object storage.
pub(super) const CONTAINERS: &str = "2026-07-08 05:30";
/// CI/CD with blue-green.
pub(super) const PIPELINE: &str = "2026-08-03 09:00";
/// Objectives, symptom alerts, journey metrics, runbooks.
pub(super) const OBSERVED: &str = "2026-09-07 09:00";
/// First validated restore and failover drill.
pub(super) const DRILLS: &str = "2026-10-12 06:00";

/// A local time as an instant: CET until 29 March and from 25 October, CEST between.
pub(super) fn at(local: &str) -> Timestamp {
    let (date, clock) = local.split_once(' ').unwrap_or((local, "00:00"));
    let day = Day::parse(date).unwrap_or_default();
    let (hour, minute) = clock.split_once(':').unwrap_or(("0", "0"));
    let minutes: i64 = hour.parse::<i64>().unwrap_or(0) * 60 + minute.parse::<i64>().unwrap_or(0);
    let summer = day >= Day::from_civil(2026, 3, 29) && day < Day::from_civil(2026, 10, 25);
    Timestamp(day.utc_start().0 + (minutes - if summer { 120 } else { 60 }) * 60_000)
}

/// Days since the first day with data, with fraction.
pub(super) fn days_in(time: Timestamp) -> f64 {
    time.days_since(at(BEGIN))
}

/// Monthly active users: 1,000 at the audit, then 21 % a month.
pub(super) fn users(time: Timestamp) -> f64 {
    let months = time.days_since(at(BEFORE)) / loadline_model::DAYS_PER_MONTH;
    let rate: f64 = if months < 0.0 { 1.035 } else { 1.223 };
    1000.0 * loadline_model::num::pow(rate, months)
}

/// The one service, its database, and what else keeps its name through the story.
pub(super) const API: &str = "service:harbor/api";
/// The primary store.
pub(super) const DATABASE: &str = "mongodb:rs-harbor";
/// The cache.
pub(super) const REDIS: &str = "redis:harbor-cache";

/// A collection of the primary store.
pub(super) fn collection(name: &str) -> String {
    format!("{DATABASE}/harbor.{name}")
}

/// What the team decided and when; verdicts about it are computed, not written.
pub(super) fn decisions() -> Vec<Decision> {
    let team = Team { people: 5, sprint_days: 10, availability: 0.85, share: 0.2, sprints: 6, starts: None };
    let policy = loadline_model::Policy { team, version: 2, ..loadline_model::Policy::default() };
    let done = [
        (MANAGED, "SPOF-004", DATABASE.to_owned()),
        (MANAGED, "DATA-001", DATABASE.to_owned()),
        (MANAGED, "SPOF-002", DATABASE.to_owned()),
        (PROFILING, "DB-001", DATABASE.to_owned()),
        (INDEXES, "DB-003", collection("messages")),
        (INDEXES, "DB-003", collection("notifications")),
        (PAGINATION, "DB-005", DATABASE.to_owned()),
        (PAGINATION, "ARCH-006", super::code::REPOSITORY.to_owned()),
        (CONTAINERS, "SPOF-001", API.to_owned()),
        (PIPELINE, "DEL-001", super::code::REPOSITORY.to_owned()),
        (OBSERVED, "OBS-005", "organisation".to_owned()),
        (DRILLS, "DATA-004", DATABASE.to_owned()),
    ];
    let mut decisions = vec![(at(BEFORE), "Mira", Choice::SetPolicy { policy: Box::new(policy) })];
    for (time, rule, subject) in done {
        let finished = at(time).plus_hours(1);
        decisions.push((
            finished,
            "Jonas",
            Choice::FinishItem { item: item(rule, &subject), at: finished, took_weeks: None },
        ));
    }
    for (time, author, key, item, value) in answers() {
        let choice = Choice::Answer {
            subject: SubjectId::new(ORGANISATION),
            key: key.into(),
            item: item.map(str::to_owned),
            value: Some(value),
        };
        decisions.push((time, author, choice));
    }
    decisions.sort_by_key(|(time, ..)| *time);
    let numbered = decisions.into_iter().enumerate();
    numbered
        .map(|(i, (at, author, choice))| Decision { number: i as i64 + 1, at, author: author.into(), choice })
        .collect()
}

/// What only people know, as they answered it: when, who, question, which of several, answer.
fn answers() -> Vec<(Timestamp, &'static str, &'static str, Option<&'static str>, Value)> {
    let mut all = Vec::new();
    let mut say = |time: &str, key: &'static str, item: Option<&'static str>, value: f64| {
        all.push((at(time), if at(time) < at(OBSERVED) { "Mira" } else { "Jonas" }, key, item, Value::Number(value)));
    };
    let on_call = |people, levels| [(key::ONCALL_PEOPLE, people), (key::ONCALL_LEVELS, levels)];
    for (time, told) in [(BEFORE, on_call(1.0, 1.0)), (OBSERVED, on_call(4.0, 2.0))] {
        told.into_iter().for_each(|(key, n)| say(time, key, None, n));
    }
    say(OBSERVED, key::ONCALL_GAP_HOURS_14D, None, 0.0);
    say(OBSERVED, key::ONCALL_LARGEST_SHARE, None, 0.35);
    for (right, from) in [
        ("deploy", PIPELINE),
        ("cloud", CONTAINERS),
        ("root", DRILLS),
        ("dns", DRILLS),
        ("domain", DRILLS),
        ("billing", DRILLS),
    ] {
        say(BEFORE, key::ACCESS_HOLDERS, Some(right), 1.0);
        say(from, key::ACCESS_HOLDERS, Some(right), 2.0);
    }
    for (week, share) in [
        ("2026-03-02", 0.56),
        ("2026-03-09", 0.48),
        ("2026-06-22", 0.31),
        ("2026-07-06", 0.27),
        ("2026-10-26", 0.14),
        ("2026-11-09", 0.11),
    ] {
        // Said on the day of the meeting that follows.
        let said = at(&format!("{} 07:00", Day(Day::parse(week).unwrap_or_default().0 + 7)));
        all.push((said, "Mira", key::WORK_UNPLANNED, Some(week), Value::Number(share)));
    }
    for (day, done) in [
        ("2026-04-20", 0.05),
        ("2026-06-01", 0.22),
        ("2026-07-06", 0.41),
        ("2026-08-17", 0.60),
        ("2026-09-14", 0.68),
        ("2026-10-26", 0.81),
        ("2026-11-09", 0.86),
    ] {
        all.push((at(&format!("{day} 10:00")), "Jonas", key::MIGRATION_PROGRESS, Some(MIGRATION), Value::Number(done)));
    }
    all
}

/// The migration that the team declared: domains that speak through events instead of importing each other.
const MIGRATION: &str = "domains apart";

fn item(rule: &str, subject: &str) -> ItemId {
    let fingerprint = Fingerprint::of(&RuleId::new(rule), &SubjectId::new(subject), "");
    ItemId::new(format!("{rule}@{}", &fingerprint.as_str()[..8]))
}
