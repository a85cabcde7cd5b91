//! Cases of the missing or crowded pooler.

use super::RULE;
use crate::db::reading::cases::database;
use crate::testing::Case;
use loadline_model::*;

fn pg() -> Case {
    database("postgresql", Tier::T0)
}

fn pool(waiting: f64, max_wait_s: f64) -> PoolStat {
    PoolStat {
        pool: "app".into(),
        size: Some(20.0),
        waiting: Some(waiting),
        max_wait_s: Some(max_wait_s),
        ..PoolStat::default()
    }
}

fn mean_wait(mut case: Case, wait_ms: f64) -> Case {
    let subject = SubjectRef { id: "db".into(), kind: None, name: "db".into(), account: None, region: None };
    case.capacity.pools =
        vec![PoolAdvice { subject, pool: "app".into(), size: 20, rho: 0.5, wait_ms: Some(wait_ms), advised: 24 }];
    case
}

fn slow_service(case: Case, p95: f64) -> Case {
    let mut case = case.thing("api", Kind::Service).edge("api", Relation::DependsOn { hard: true }, "db");
    let week =
        Percentiles { count: 9_000, p50: Some(0.1), p95: Some(p95), p99: None, p95_above: false, p99_above: false };
    case.trends.latency = vec![LatencyTrend {
        subject: SubjectRef { id: "api".into(), kind: None, name: "api".into(), account: None, region: None },
        metric: key::metric::REQUEST_DURATION.into(),
        route: None,
        unit: "s".into(),
        mergeable: true,
        last_week: week,
        week_before: week,
        days: vec![],
        change_points: vec![],
    }];
    case
}

#[test]
fn with_a_pooler() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
    let present = || pg().flag("db", key::POOLER_PRESENT, true);
    check(pg(), "unknown not_connected");
    check(database("mongodb", Tier::T0), "not_applicable");
    check(present(), "unknown low_sample");
    check(present().has("db", pool(0.0, 0.0)), "unknown low_sample");
    check(mean_wait(present().has("db", pool(0.0, 0.0)), 0.4), "pass");
    check(mean_wait(present().has("db", pool(0.0, 0.0)), 12.0), "fail medium");
    check(present().has("db", pool(3.0, 0.2)), "fail medium");
    check(pg().has("db", pool(0.0, 1.5)), "fail medium");
    check(slow_service(present().has("db", pool(3.0, 0.2)), 0.9), "fail high");
    check(slow_service(present().has("db", pool(3.0, 0.2)), 0.3), "fail medium");
    let behind = pg().thing("bouncer", Kind::Gateway).edge("bouncer", Relation::DependsOn { hard: true }, "db");
    check(behind.has("bouncer", pool(3.0, 0.2)), "fail medium");
    // What the pooler itself counted since its start.
    let mean = |ms| {
        let wait = Setting { key: key::POOL_MEAN_WAIT_MS.into(), item: Some("app".into()), value: Value::Number(ms) };
        present().has("db", pool(0.0, 0.0)).has("db", wait)
    };
    check(mean(0.4), "pass");
    check(mean(12.0), "fail medium");
}

#[test]
fn without_a_pooler() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
    let absent = |used: f64, sessions: f64| {
        pg().flag("db", key::POOLER_PRESENT, false).number("db", key::CONNECTIONS_IN_USE, used).number(
            "db",
            key::NEW_SESSIONS_PER_SECOND,
            sessions,
        )
    };
    check(pg().flag("db", key::POOLER_PRESENT, false), "unknown permission_denied");
    check(absent(50.0, 10.0), "pass");
    check(absent(51.0, 0.1), "fail medium");
    check(absent(5.0, 11.0), "fail medium");
    check(slow_service(absent(51.0, 0.1), 0.9), "fail high");
    check(database("mysql", Tier::T0).flag("db", key::POOLER_PRESENT, false), "not_applicable");
    check(database("mariadb", Tier::T0), "not_applicable");
}
