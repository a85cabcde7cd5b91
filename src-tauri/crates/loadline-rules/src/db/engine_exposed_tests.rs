//! Cases: self-managed, unsupported or exposed database engine.

use super::RULE;
use crate::testing::Case;
use loadline_model::{Kind, Relation, Resource, key};

fn engine(version: &str, managed: Option<bool>) -> Case {
    Case::new().has(
        "db",
        Resource {
            engine: Some("postgresql".into()),
            engine_version: Some(version.into()),
            managed,
            ..Resource::new(Kind::Database, "db")
        },
    )
}

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
    let closed = |case: Case| case.flag("db", key::PUBLICLY_REACHABLE, false);
    check(engine("16.3", Some(true)), "unknown not_connected");
    check(engine("16.3", Some(true)).flag("db", key::PUBLICLY_REACHABLE, true), "fail critical");
    check(engine("13.9", Some(true)), "fail high");
    check(closed(engine("16.3", Some(true))), "pass");
    let asks = |case: Case, on| case.flag("db", key::AUTHENTICATION_REQUIRED, on);
    check(asks(engine("16.3", None), false), "fail high");
    check(asks(engine("16.3", None), true), "unknown not_connected");
    check(asks(closed(engine("16.3", Some(true))), false), "pass");
    check(closed(engine("99.1", Some(true))), "unknown unsupported_version");
    check(closed(engine("16.3", None)), "unknown not_connected");
    check(closed(engine("16.3", Some(false))), "pass");
    let vm = || {
        closed(engine("16.3", Some(false)))
            .edge("db", Relation::RunsIn, "vm")
            .thing("vm", Kind::Host)
            .edge("vm", Relation::RunsIn, "z")
            .thing("z", Kind::Zone)
    };
    check(vm(), "fail medium");
    let mut many = vm();
    many.policy.team.people = 12;
    check(many, "pass");
    let mut later = closed(engine("16.3", Some(true)));
    later.policy.thresholds.insert("DB-021.table_days".into(), 100.0);
    check(later, "unknown stale");
}
