//! Cases of the missing index.

use super::RULE;
use crate::db::reading::cases::{counted, statement, with_table};
use crate::testing::Case;
use loadline_model::{
    HypotheticalIndex, ImportedFinding, Kind, Plan, QueryStat, TableScan, TableStat, Tier, UnindexedReference,
};

fn scanned(scans: f64, rows: f64, hours: f64) -> TableStat {
    TableStat {
        rows: Some(rows),
        seq_scans: Some(scans),
        seq_rows_read: Some(scans * rows),
        since: Some(counted(hours)),
        unindexed_filters: vec!["user_id".into()],
        ..TableStat::default()
    }
}

fn examining(per_row: f64, calls: f64, hours: f64) -> QueryStat {
    QueryStat {
        rows_examined: Some(calls * per_row),
        ..statement("SELECT id FROM orders WHERE user_id = ?", calls, 5.0, 1.0, hours)
    }
}

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "t"), expected);
    let pg = |tier, stat| with_table("postgresql", tier, stat);
    check(Case::new().thing("t", Kind::Table), "unknown permission_denied");
    check(pg(Tier::T0, TableStat::default()), "unknown low_sample");
    check(pg(Tier::T0, scanned(9e9, 90_000.0, 0.2)), "pass");
    check(pg(Tier::T0, scanned(1_240.0, 1.2e6, 24.0)), "fail high");
    check(pg(Tier::T1, scanned(1_240.0, 1.2e6, 24.0)), "fail medium");
    // A freshly loaded database: already more scans than a whole day may have.
    check(pg(Tier::T0, scanned(101.0, 1.2e6, 0.1)), "fail high");
    check(pg(Tier::T0, scanned(100.0, 1.2e6, 0.1)), "unknown short_window");
    check(pg(Tier::T0, scanned(101.0, 1.2e6, 48.0)), "pass");
    check(pg(Tier::T0, TableStat { since: None, ..scanned(5e3, 1.2e6, 0.0) }), "unknown short_window");
    let partial = TableStat { seq_rows_read: Some(1e3 * 1e5), ..scanned(1e3, 1.2e6, 24.0) };
    check(pg(Tier::T0, partial), "pass");
    // Three participants of a parallel scan read a third each: 200 full reads counted as 600 scans.
    let parallel = |times: f64| TableStat { seq_rows_read: Some(times * 1.2e6), ..scanned(times * 3.0, 1.2e6, 24.0) };
    check(pg(Tier::T0, parallel(200.0)), "fail high");
    check(pg(Tier::T0, parallel(90.0)), "pass");
}

#[test]
fn partitions_are_judged_with_their_table() {
    let answer = |stat| with_table("postgresql", Tier::T0, stat).answer(&RULE, "t");
    // 200 times all of 12 partitions in a day: each scan reads a twelfth.
    let whole = |times: f64| TableStat {
        partitions: Some(12.0),
        seq_rows_read: Some(times * 1.2e6),
        ..scanned(times * 12.0, 1.2e6, 24.0)
    };
    assert_eq!(answer(whole(200.0)), "fail high");
    assert_eq!(answer(whole(90.0)), "pass");
    let part = TableStat { partition_of: Some("public.events".into()), ..scanned(9e3, 1.2e6, 24.0) };
    assert_eq!(answer(part), "not_applicable");
}

#[test]
fn an_advisor_of_the_provider_is_believed() {
    let suggested = |failing| ImportedFinding {
        source: "Atlas Performance Advisor".into(),
        rule: "suggested_index".into(),
        title: "an index on (user_id)".into(),
        severity: "suggestion".into(),
        failing,
        ..ImportedFinding::default()
    };
    let stat = || TableStat { unindexed_filters: vec!["user_id".into()], ..TableStat::default() };
    let case = |failing| with_table("mongodb", Tier::T0, stat()).has("t", suggested(failing));
    assert_eq!(case(true).answer(&RULE, "t"), "fail high");
    assert_eq!(case(false).answer(&RULE, "t"), "unknown low_sample");
    let remedy = case(true).check_of(&RULE, "t").result.remedy;
    assert!(remedy.is_some_and(|r| r.contains("createIndex({ user_id: 1 })")));
}

#[test]
fn statements_judge_where_scans_are_not_counted() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "t"), expected);
    let rows = || TableStat { rows: Some(2e6), ..TableStat::default() };
    let my = |stat| with_table("mysql", Tier::T1, rows()).has("db", stat);
    check(with_table("mysql", Tier::T1, rows()), "unknown feature_disabled");
    check(my(examining(101.0, 2_500.0, 48.0)), "fail medium");
    check(my(examining(1_200.0, 2_500.0, 48.0)), "fail high");
    check(my(examining(1_200.0, 1_000.0, 0.5)), "fail high");
    check(my(examining(1_200.0, 1_500.0, 48.0)), "pass");
    check(my(examining(90.0, 2_500.0, 48.0)), "pass");
    check(my(examining(90.0, 2_500.0, 5.0)), "unknown short_window");
    // Rare, and yet most of the time: it examines the whole table at each call.
    check(my(examining(1.9e6, 150.0, 48.0)), "fail medium");
    let among = QueryStat { total_ms: 9e5, ..statement("SELECT 1", 9.0, 1.0, 1.0, 48.0) };
    check(my(examining(1.9e6, 150.0, 48.0)).has("db", among), "pass");
    let plan = Plan {
        fingerprint: "f".into(),
        nodes: vec!["COLLSCAN".into()],
        full_scans: vec!["shop.orders".into()],
        ..Plan::default()
    };
    check(with_table("mongodb", Tier::T1, rows()).has("db", plan), "unknown feature_disabled");
    let plan = Plan {
        fingerprint: "f".into(),
        nodes: vec!["COLLSCAN".into()],
        full_scans: vec!["orders".into()],
        ..Plan::default()
    };
    check(with_table("mongodb", Tier::T1, rows()).has("db", plan), "fail medium");
}

#[test]
fn plans_and_foreign_keys_name_what_statistics_do_not() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "t"), expected);
    let quiet =
        || TableStat { rows: Some(2e6), seq_scans: Some(3.0), seq_rows_read: Some(6e6), ..scanned(3.0, 2e6, 48.0) };
    let load = |share: f64| {
        with_table("postgresql", Tier::T1, quiet())
            .has("db", QueryStat { fingerprint: "f".into(), ..statement("SELECT a", share, 1.0, 1.0, 48.0) })
            .has("db", statement("SELECT b", 100.0 - share, 1.0, 1.0, 48.0))
    };
    let plan = |kept: f64, hypothetical: Option<HypotheticalIndex>| {
        let scan = TableScan {
            table: "public.orders".into(),
            rows_read: Some(2e6),
            rows_kept: Some(kept),
            columns: vec!["user_id".into()],
        };
        Plan { fingerprint: "f".into(), scans: vec![scan], cost: Some(41e3), hypothetical, ..Plan::default() }
    };
    check(load(30.0), "pass");
    check(load(30.0).has("db", plan(12.0, None)), "fail medium");
    check(load(4.0).has("db", plan(12.0, None)), "pass");
    check(load(30.0).has("db", plan(3e4, None)), "pass");
    let supposed = HypotheticalIndex { table: "public.orders".into(), columns: vec!["user_id".into()], cost: 8.4 };
    let found = load(30.0).has("db", plan(12.0, Some(supposed))).check_of(&RULE, "t").result;
    assert_eq!(
        found.sentence,
        "A statement reads 2.0 M rows of `public.orders` to return 12, 30 % of database time; an index on (user_id) makes it an index scan."
    );
    assert_eq!(found.remedy.as_deref(), Some("CREATE INDEX CONCURRENTLY ON public.orders (user_id);"));
    assert!(found.evidence.iter().any(|e| e.value == "41,000 without it, 8.4 with it"), "{:?}", found.evidence);

    let key = |deletes| UnindexedReference {
        constraint: "orders_customer".into(),
        columns: vec!["customer_id".into()],
        to: "public.customers".into(),
        deletes,
    };
    let keyed =
        |deletes| with_table("postgresql", Tier::T0, TableStat { unindexed_references: vec![key(deletes)], ..quiet() });
    check(keyed(Some(99.0)), "pass");
    check(keyed(None), "pass");
    check(keyed(Some(100.0)), "fail high");
    let found = keyed(Some(1_200.0)).check_of(&RULE, "t").result;
    assert_eq!(found.remedy.as_deref(), Some("CREATE INDEX CONCURRENTLY ON public.orders (customer_id);"));
    assert!(found.sentence.starts_with("Each of 1,200 deletes from `public.customers` searched"), "{}", found.sentence);
}

#[test]
fn the_remedy_is_a_statement() {
    let check = |engine: &str, expected: &str| {
        let found = with_table(engine, Tier::T0, scanned(1_240.0, 1.2e6, 24.0)).check_of(&RULE, "t").result;
        assert_eq!(found.remedy.as_deref(), Some(expected));
        assert_eq!(
            found.sentence,
            "`public.orders` is read in full 1,240 times a day, 1.2 M rows each; an index on (user_id) makes it an index scan."
        );
    };
    check("postgresql", "CREATE INDEX CONCURRENTLY ON public.orders (user_id);");
    check("mysql", "ALTER TABLE public.orders ADD INDEX (user_id), ALGORITHM=INPLACE, LOCK=NONE;");
    check("mongodb", "db.getCollection(\"orders\").createIndex({ user_id: 1 })");
}
