//! Cases: application pools can oversubscribe the database.

use super::RULE;
use crate::db::reading::cases::database;
use crate::testing::Case;
use loadline_model::{Kind, PoolStat, Relation, Tier, key};

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
    let db = || {
        database("postgresql", Tier::T0).number("db", key::MAX_CONNECTIONS, 103.0).number(
            "db",
            key::RESERVED_CONNECTIONS,
            3.0,
        )
    };
    let linked =
        |case: Case, id: &str| case.thing(id, Kind::Service).edge(id, Relation::DependsOn { hard: true }, "db");
    let sized = |case: Case, id: &str, members: f64, most: f64| {
        linked(case, id)
            .number(id, key::DESIRED_MEMBERS, members)
            .number(id, key::MAXIMUM_MEMBERS, most)
            .number(id, key::PROCESSES_PER_MEMBER, 4.0)
            .number(id, key::POOL_MAX_PER_PROCESS, 5.0)
    };
    check(database("postgresql", Tier::T0), "unknown permission_denied");
    check(db(), "unknown unmapped_subject");
    check(linked(db(), "api"), "unknown not_connected");
    check(sized(db(), "api", 2.0, 4.0), "pass");
    check(sized(db(), "api", 1.0, 5.0), "fail high");
    check(sized(db(), "api", 0.4, 5.0), "fail medium");
    check(linked(sized(db(), "api", 2.0, 4.0), "worker"), "unknown not_connected");
    check(linked(sized(db(), "api", 2.0, 8.0), "worker"), "fail high");
    let pooled = |size| {
        db().flag("db", key::POOLER_PRESENT, true).has("db", PoolStat { pool: "p".into(), size, ..PoolStat::default() })
    };
    check(pooled(None), "unknown not_connected");
    check(pooled(Some(60.0)), "pass");
    check(pooled(Some(95.0)), "fail medium");
}
