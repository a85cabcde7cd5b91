//! Cases of indexes that serve nothing.

use super::RULE;
use crate::db::reading::cases::{counted, with_table};
use crate::testing::Case;
use loadline_model::{IndexStat, TableStat, Tier, key};

fn index(name: &str, columns: &[&str], scans: f64, days: f64) -> IndexStat {
    IndexStat {
        index: name.into(),
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        scans: Some(scans),
        bytes: Some(2e8),
        unique: Some(false),
        valid: Some(true),
        since: Some(counted(days * 24.0)),
        ..IndexStat::default()
    }
}

fn with(stats: &[IndexStat]) -> Case {
    stats.iter().fold(with_table("postgresql", Tier::T0, TableStat::default()), |c, s| c.has("t", s.clone()))
}

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "t"), expected);
    let used = index("a", &["x"], 9.0, 40.0);
    let idle = |days| index("b", &["y"], 0.0, days);
    check(with(&[]), "unknown permission_denied");
    check(with(std::slice::from_ref(&used)), "pass");
    check(with(&[used.clone(), idle(31.0)]), "fail low");
    check(with(&[used.clone(), idle(29.0)]), "unknown short_window");
    check(with(&[used.clone(), IndexStat { unique: Some(true), ..idle(31.0) }]), "pass");
    check(with(&[used.clone(), IndexStat { bytes: Some(1e7), ..idle(31.0) }]), "pass");
    check(with(&[used.clone(), IndexStat { scans: None, ..idle(31.0) }]), "unknown feature_disabled");
    check(with(&[used.clone(), idle(31.0)]).number("db", key::DATABASE_BYTES, 5e8), "fail medium");
    check(with(&[used.clone(), IndexStat { valid: Some(false), ..idle(1.0) }]), "fail medium");
    check(with(&[used.clone(), idle(31.0)]).flag("db", key::READ_REPLICA_USED, true), "unknown not_connected");
    check(with(&[used.clone(), idle(31.0), idle(31.0)]).flag("db", key::READ_REPLICA_USED, true), "fail low");
    // Two nodes: used on the replica.
    check(with(&[used, idle(31.0), IndexStat { scans: Some(4.0), ..idle(31.0) }]), "pass");
}

#[test]
fn duplicates_share_their_leading_columns() {
    let check = |stats: &[IndexStat], expected: &str| assert_eq!(with(stats).answer(&RULE, "t"), expected);
    let one = |name: &str, columns: &[&str]| index(name, columns, 9.0, 1.0);
    check(&[one("a", &["x"]), one("b", &["x", "y"])], "fail low");
    check(&[one("a", &["y"]), one("b", &["x", "y"])], "pass");
    check(&[one("a", &["x"]), one("b", &["x"])], "fail low");
    let unique = IndexStat { unique: Some(true), ..one("a", &["x"]) };
    check(&[unique, one("b", &["x", "y"])], "pass");
    let exact = |name: &str, keys: &[&str], alike: &str| IndexStat {
        keys: keys.iter().map(|k| (*k).to_owned()).collect(),
        alike: Some(alike.into()),
        ..one(name, &["(expression)"])
    };
    check(&[exact("a", &["0 lower"], "btree"), exact("b", &["0 upper"], "btree")], "pass");
    check(&[exact("a", &["0 lower"], "btree"), exact("b", &["0 lower"], "btree where 7")], "pass");
    check(&[exact("a", &["0 lower"], "btree"), exact("b", &["0 lower"], "gin")], "pass");
    check(&[exact("a", &["0 lower"], "btree"), exact("b", &["0 lower"], "btree")], "fail low");
    let found = with(&[one("a", &["x"]), one("b", &["x"])]).check_of(&RULE, "t").result;
    assert_eq!(found.remedy.as_deref(), Some("DROP INDEX CONCURRENTLY public.b;"));
}
