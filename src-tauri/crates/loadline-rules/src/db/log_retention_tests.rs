//! Cases of slots and oplogs.

use super::RULE;
use crate::db::reading::cases::database;
use crate::testing::Case;
use loadline_model::*;

fn slot(case: Case, active: bool, retained: f64, status: &str) -> Case {
    let set = |key: &str, value| Setting { key: key.into(), item: Some("cdc".into()), value };
    case.has("db", set(key::SLOT_ACTIVE, Value::Bool(active)))
        .has("db", set(key::SLOT_RETAINED_BYTES, Value::Number(retained)))
        .has("db", set(key::SLOT_WAL_STATUS, Value::Text(status.into())))
}

fn limited(limit: f64) -> Case {
    database("postgresql", Tier::T0).number("db", key::SLOT_KEEP_LIMIT_BYTES, limit)
}

/// A disk of 100 GB, half full, full in so many days.
fn disk(case: Case, days: f64) -> Case {
    let mut case = case.used("db", Limited::Disk, 0.5, 9.0);
    case.capacity.utilisation[0].hard_limit = Some(100e9);
    case.capacity.limits = vec![LimitForecast {
        subject: case.capacity.utilisation[0].subject.clone(),
        resource: Limited::Disk,
        scenario: "measured".into(),
        utilisation: 0.5,
        limit: 0.8,
        multiplier: Interval { p10: 1.4, p50: 1.6, p90: 1.8 },
        days: Some(Interval { p10: days, p50: days, p90: days }),
        first_probability: 1.0,
        breaks: None,
        extrapolated: false,
    }];
    case
}

#[test]
fn slots() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
    check(database("postgresql", Tier::T0), "unknown permission_denied");
    check(limited(-1.0), "pass");
    check(slot(limited(-1.0), true, 5e9, "reserved"), "pass");
    check(slot(limited(-1.0), false, 5e9, "reserved"), "fail medium");
    check(slot(limited(1e10), true, 5e9, "lost"), "fail medium");
    check(slot(limited(1e10), false, 5e9, "reserved"), "unknown not_connected");
    check(disk(slot(limited(1e10), false, 4e9, "reserved"), 90.0), "pass");
    check(disk(slot(limited(1e10), false, 6e9, "reserved"), 90.0), "fail medium");
    check(disk(slot(limited(1e10), false, 6e9, "reserved"), 6.0), "fail high");
    check(disk(slot(limited(1e10), false, 6e9, "extended"), 0.5), "fail critical");
}

#[test]
fn other_engines() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
    let oplog = |hours| database("mongodb", Tier::T0).number("db", key::OPLOG_WINDOW_HOURS, hours);
    check(database("mongodb", Tier::T0), "unknown permission_denied");
    check(oplog(23.0), "fail medium");
    check(oplog(72.0), "pass");
    let binary_log = |hours| database("mysql", Tier::T0).number("db", key::OPLOG_WINDOW_HOURS, hours);
    let copied =
        |hours| binary_log(hours).edge("db", Relation::ReplicatedTo { synchronous: None, automatic: None }, "r1");
    check(database("mysql", Tier::T0), "not_applicable");
    check(binary_log(2.0), "not_applicable");
    check(copied(2.0), "fail medium");
    check(copied(72.0), "not_applicable");
}
