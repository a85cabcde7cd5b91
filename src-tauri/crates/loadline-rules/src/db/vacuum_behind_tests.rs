//! Cases: vacuum is falling behind.

use super::RULE;
use crate::db::reading::cases::{counted, database, with_table};
use crate::testing::Case;
use loadline_model::{TableStat, Tier, key};

fn table(dead: f64, hours: f64) -> TableStat {
    TableStat {
        rows: Some(1e6),
        dead_rows: Some(dead),
        last_autovacuum: Some(counted(2.0)),
        since: Some(counted(hours)),
        ..TableStat::default()
    }
}

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
    let with = |tier, stat| with_table("postgresql", tier, stat).flag("db", key::AUTOVACUUM, true);
    check(database("postgresql", Tier::T0), "unknown permission_denied");
    check(database("mysql", Tier::T0), "not_applicable");
    check(database("", Tier::T0), "unknown not_connected");
    check(database("postgresql", Tier::T1).flag("db", key::AUTOVACUUM, false), "fail high");
    check(with(Tier::T0, table(1e5, 48.0)), "pass");
    check(with(Tier::T0, table(1e5, 2.0)), "unknown short_window");
    check(with(Tier::T0, TableStat { dead_rows: None, ..table(0.0, 48.0) }), "unknown low_sample");
    check(with(Tier::T0, table(4e5, 2.0)), "fail medium");
    check(with(Tier::T0, table(2e6, 2.0)), "fail high");
    check(with(Tier::T1, table(2e6, 2.0)), "fail medium");
    let late = TableStat { last_autovacuum: Some(counted(30.0)), ..table(2.1e5, 48.0) };
    check(with(Tier::T0, late.clone()), "pass");
    check(with(Tier::T0, late).number("db", key::AUTOVACUUM_SCALE_FACTOR, 0.1), "fail medium");
    let stale = TableStat {
        last_autoanalyze: Some(counted(8.0 * 24.0)),
        modified_since_analyze: Some(3e5),
        ..table(0.0, 300.0)
    };
    check(with(Tier::T0, stale), "fail medium");
}
