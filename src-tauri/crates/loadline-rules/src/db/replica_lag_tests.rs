//! Cases of replicas that are behind or stand still.

use super::RULE;
use crate::db::reading::cases::database;
use crate::testing::{Case, as_of};
use loadline_model::{Sample, Series, SeriesKind, Setting, Tier, Value, key};

fn lag(standby: &str, seconds: f64) -> Setting {
    Setting { key: key::REPLICA_LAG_SECONDS.into(), item: Some(standby.into()), value: Value::Number(seconds) }
}
fn week(seconds: f64) -> Series {
    Series {
        metric: key::metric::REPLICA_LAG.into(),
        unit: "s".into(),
        kind: SeriesKind::Gauge,
        labels: [("standby".to_owned(), "r1".to_owned())].into(),
        samples: (1..168).rev().map(|h| Sample { at: as_of().plus_hours(-h), value: seconds }).collect(),
        covered_until: as_of().plus_hours(-1),
    }
}

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
    let db = || database("postgresql", Tier::T0);
    let read = || db().flag("db", key::READ_REPLICA_USED, true);
    check(db(), "unknown permission_denied");
    check(db().number("db", key::STANDBY_MEMBERS, 0.0), "not_applicable");
    check(db().has("db", lag("r1", 0.2)), "unknown short_window");
    check(database("mysql", Tier::T0).number("db", key::STANDBY_MEMBERS, 1.0), "unknown not_connected");
    let runs = |case: Case, name: &str, on| {
        let (key, item) = (key::REPLICATION_RUNNING.into(), Some(name.into()));
        case.has("db", Setting { key, item, value: Value::Bool(on) })
    };
    check(runs(db().has("db", lag("r1", 0.2)), "r1", true), "unknown short_window");
    check(runs(db(), "r1", false), "fail critical");
    check(runs(runs(db(), "r1", false), "r2", true), "fail high");
    check(db().has("db", week(0.2)), "pass");
    check(db().has("db", week(30.0)), "pass");
    check(read().has("db", week(30.0)), "fail medium");
    check(db().has("db", week(0.2)).has("db", lag("10.0.0.7", 0.1)), "pass");
    check(db().has("db", week(0.2)).has("db", lag("r1", 7_200.0)), "fail critical");
    check(db().has("db", week(0.2)).has("db", lag("10.0.0.7", 61.0)), "fail high");
    let once = Series { samples: vec![Sample { at: as_of(), value: 61.0 }], covered_until: as_of(), ..week(0.0) };
    check(db().has("db", once), "fail high");
    check(read().has("db", lag("r1", 11.0)), "fail medium");
    check(db().has("db", lag("r1", 61.0)), "fail high");
    check(db().has("db", lag("r1", 7_200.0)), "fail critical");
    check(db().has("db", lag("r1", 7_200.0)).has("db", lag("r2", 0.1)), "fail high");
    check(db().has("db", lag("r1", 61.0)).has("db", lag("r1", 0.0)), "fail high");
    check(db().flag("db", key::IS_STANDBY, true), "not_applicable");
}
