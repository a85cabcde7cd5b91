use super::{Concluded, databases};
use crate::fixture::at;
use loadline_model::databases::{AcrossFound, DatabaseRow, Databases, IndexAction, StatementRow, Trend};
use loadline_model::*;

/// One weekly reading: facts read at its moment.
struct Week {
    read_at: Timestamp,
    facts: Vec<Fact>,
}

impl Week {
    fn number(n: i64) -> Self {
        let week = Self { read_at: at("2026-11-02T07:00:00Z").plus_days(7 * n), facts: Vec::new() };
        let api = Resource::new(Kind::Service, "api");
        week.says("db", Resource { engine: Some("postgresql".into()), ..Resource::new(Kind::Database, "prod") })
            .says("t", Resource::new(Kind::Table, "public.orders"))
            .says("t", Edge { relation: Relation::StoredIn, to: "db".into(), confidence: Confidence::Declared })
            .says("api", api)
            .says(
                "api",
                Edge {
                    relation: Relation::DependsOn { hard: true },
                    to: "db".into(),
                    confidence: Confidence::Declared,
                },
            )
    }
    fn says(mut self, subject: &str, body: impl Into<Body>) -> Self {
        let provenance = Provenance {
            account: AccountId::new("acc"),
            call: "test".into(),
            read_at: self.read_at,
            basis: Basis::Measured,
        };
        self.facts.push(Fact { subject: subject.into(), body: body.into(), provenance });
        self
    }
    fn set(self, subject: &str, key: &str, value: f64) -> Self {
        self.says(subject, Setting { key: key.into(), item: None, value: Value::Number(value) })
    }
    fn counts(self, shape: &str, calls: f64, mean_ms: f64, since: Option<&str>) -> Self {
        let stat = QueryStat {
            fingerprint: shape.into(),
            text: format!("select {shape}"),
            verb: Verb::Read,
            calls,
            total_ms: calls * mean_ms,
            rows: calls * 2.0,
            rows_examined: Some(calls * 50.0),
            blocks_read: None,
            temp_blocks: Some(calls * 3.0),
            since: since.map(at),
            tables: vec!["orders".into()],
            route: None,
        };
        self.says("db", stat)
    }
    fn table(self, rows: f64, bytes: f64) -> Self {
        self.says("t", TableStat { rows: Some(rows), total_bytes: Some(bytes), ..TableStat::default() })
    }
}

fn idle() -> Capacity {
    Capacity {
        growth: Growth { monthly: None, weeks: 0, peak: None, missing: None },
        utilisation: vec![],
        limits: vec![],
        first_limit: None,
        ladder: vec![],
        unmeasured: vec![],
        families: vec![],
        zone_loss: vec![],
        pools: vec![],
    }
}

fn looked_with(weeks: Vec<Week>, findings: &[Finding], checks: &[Check]) -> Databases {
    let snapshots: Vec<Snapshot> =
        weeks.into_iter().map(|w| Snapshot { taken_at: w.read_at, facts: w.facts, ..Snapshot::default() }).collect();
    let as_of = snapshots.last().map(|s| s.taken_at).unwrap_or_default();
    databases(&snapshots, &Concluded { as_of, checks, findings, capacity: &idle(), gaps: &[] })
}

fn looked(weeks: Vec<Week>) -> Databases {
    looked_with(weeks, &[], &[])
}

fn statement<'a>(all: &'a Databases, shape: &str) -> &'a StatementRow {
    all.statements.iter().find(|s| s.fingerprint == shape).expect("listed")
}

const BEGIN: Option<&str> = Some("2026-10-01T00:00:00Z");

#[test]
fn a_share_and_a_rate_of_the_newest_count() {
    let all = looked(vec![Week::number(0).counts("a", 9_000.0, 10.0, BEGIN).counts("b", 1_000.0, 10.0, BEGIN)]);
    let a = statement(&all, "a");
    assert_eq!((a.share, a.mean_ms, a.rows_per_call, a.examined_per_row), (0.9, 10.0, 2.0, Some(25.0)));
    assert_eq!(a.temp_blocks_per_call, Some(3.0));
    let days = at("2026-11-02T07:00:00Z").days_since(at("2026-10-01T00:00:00Z"));
    assert_eq!(a.calls_per_day, Some(num::round9(9_000.0 / days)));
    assert_eq!(a.trend, Trend::OneReading);
    let db = &all.databases[0];
    assert_eq!((db.shapes, db.share, db.periods.len()), (2, Some(1.0), 0));
    assert_eq!(db.busy, Some(num::round9(100_000.0 / (days * 86_400_000.0))));
    assert_eq!(all.statements.iter().map(|s| s.fingerprint.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn counters_of_one_count_are_subtracted() {
    let all = looked(vec![
        Week::number(0).counts("a", 1_000.0, 10.0, BEGIN),
        Week::number(1).counts("a", 3_000.0, 10.0, BEGIN),
        Week::number(2).counts("a", 4_000.0, 9.0, BEGIN).counts("late", 10.0, 1.0, BEGIN),
    ]);
    let a = statement(&all, "a");
    assert_eq!(a.mean_over, [Some(10.0), Some(6.0)]);
    assert_eq!(a.ms_per_day, [Some(num::round9(20_000.0 / 7.0)), Some(num::round9(6_000.0 / 7.0))]);
    assert_eq!(a.trend, Trend::Compared { before_ms: 10.0, now_ms: 6.0 });
    assert_eq!(a.first_seen, None);
    let late = statement(&all, "late");
    assert_eq!((&late.trend, late.ms_per_day.as_slice()), (&Trend::New, [None, None].as_slice()));
    assert_eq!(late.first_seen, Some(at("2026-11-16T07:00:00Z")));
}

#[test]
fn two_readings_compare_with_the_count_before() {
    let all = looked(vec![
        Week::number(0).counts("a", 1_000.0, 10.0, BEGIN),
        Week::number(1).counts("a", 2_000.0, 15.0, BEGIN),
    ]);
    assert_eq!(statement(&all, "a").trend, Trend::Compared { before_ms: 10.0, now_ms: 20.0 });
}

#[test]
fn a_reset_is_not_comparable_and_never_negative() {
    let check = |before: Week, now: Week, why: &str| {
        let all = looked(vec![before, now]);
        let a = statement(&all, "a");
        assert_eq!(a.ms_per_day, [None], "{why}");
        let Trend::NotComparable { why: said } = &a.trend else { panic!("{:?}", a.trend) };
        assert!(said.contains(why), "{said}");
        let period = &all.databases[0].periods[0];
        assert_eq!(period.not_comparable.as_ref(), Some(said));
    };
    let before = || Week::number(0).counts("a", 1_000.0, 10.0, BEGIN);
    check(before(), Week::number(1).counts("a", 9_000.0, 10.0, Some("2026-11-05T00:00:00Z")), "reset on 2026-11-05");
    check(before(), Week::number(1).counts("a", 900.0, 10.0, BEGIN), "went back");
    check(before(), Week::number(1).counts("a", 1_100.0, 1.0, BEGIN), "went back");
    check(before(), Week::number(1).counts("a", 2_000.0, 10.0, None), "not known");
    check(
        Week::number(0).counts("a", 1_000.0, 10.0, None),
        Week::number(1).counts("a", 2_000.0, 10.0, None),
        "not known",
    );
    let idle = looked(vec![before(), Week::number(1).counts("a", 1_000.0, 10.0, BEGIN)]);
    let Trend::NotComparable { why } = &statement(&idle, "a").trend else { panic!("it did not run") };
    assert!(why.contains("did not run"), "{why}");
    assert_eq!(statement(&idle, "a").ms_per_day, [Some(0.0)]);
}

#[test]
fn a_sliding_window_stands_for_itself_and_an_age_is_a_start() {
    let sliding = |n: i64, calls: f64, ms: f64| {
        Week::number(n).set("db", key::STATEMENT_WINDOW_HOURS, 168.0).counts("a", calls, ms, None)
    };
    let all = looked(vec![sliding(0, 900.0, 640.0), sliding(1, 700.0, 11.0)]);
    let a = statement(&all, "a");
    assert_eq!((a.mean_over.as_slice(), a.calls_per_day), ([Some(640.0), Some(11.0)].as_slice(), Some(100.0)));
    assert_eq!(all.databases[0].periods.len(), 2, "the oldest window stands for itself");
    assert_eq!(a.trend, Trend::Compared { before_ms: 640.0, now_ms: 11.0 });
    let aged = |n: i64, hours: f64, calls: f64| {
        Week::number(n).set("db", key::STATEMENT_WINDOW_HOURS, hours).counts("a", calls, 10.0, None)
    };
    let all = looked(vec![aged(0, 100.0, 1_000.0), aged(1, 268.0, 1_700.0)]);
    assert_eq!(statement(&all, "a").ms_per_day, [Some(1_000.0)]);
}

#[test]
fn a_snapshot_that_was_not_read_anew_is_no_reading() {
    let again = Week { facts: Week::number(0).counts("a", 1_000.0, 10.0, BEGIN).facts, ..Week::number(1) };
    let all = looked(vec![Week::number(0).counts("a", 1_000.0, 10.0, BEGIN), again]);
    assert_eq!((statement(&all, "a").trend.clone(), all.databases[0].periods.len()), (Trend::OneReading, 0));
}

#[test]
fn tables_and_databases_grow_by_the_day() {
    let all = looked(vec![
        Week::number(0).table(1_000.0, 5e6),
        Week::number(1).table(1_200.0, 8e6).counts("a", 10.0, 1.0, BEGIN),
        Week::number(2).table(1_400.0, 12e6).counts("a", 10.0, 1.0, BEGIN),
    ]);
    let t = &all.tables[0];
    assert_eq!((t.rows, t.bytes, t.bytes_per_day), (Some(1_400.0), Some(12e6), Some(500_000.0)));
    assert_eq!((t.growth_share, t.weight, t.since), (Some(1.0), Some(1.0), Some(at("2026-11-02T07:00:00Z"))));
    assert_eq!((all.databases[0].bytes, all.databases[0].bytes_per_day), (Some(12e6), Some(500_000.0)));
    let once = looked(vec![Week::number(0).table(1_000.0, 5e6)]);
    assert_eq!((once.tables[0].bytes_per_day, once.tables[0].weight), (None, None), "one reading shows no growth");
}

#[test]
fn partitions_are_one_table() {
    let part = |dead: f64| TableStat {
        rows: Some(1_000.0),
        dead_rows: Some(dead),
        total_bytes: Some(5e6),
        partition_of: Some("public.orders".into()),
        ..TableStat::default()
    };
    let whole =
        TableStat { rows: Some(2_000.0), total_bytes: Some(10e6), partitions: Some(2.0), ..TableStat::default() };
    let stored = || Edge { relation: Relation::StoredIn, to: "db".into(), confidence: Confidence::Declared };
    let week = Week::number(0)
        .says("t", whole)
        .says("a", Resource::new(Kind::Table, "public.orders_1"))
        .says("a", stored())
        .says("a", part(100.0))
        .says("b", Resource::new(Kind::Table, "public.orders_2"))
        .says("b", stored())
        .says("b", part(300.0));
    let all = looked(vec![week]);
    assert_eq!(all.tables.iter().map(|t| t.subject.name.as_str()).collect::<Vec<_>>(), ["public.orders"]);
    assert_eq!((all.tables[0].partitions, all.tables[0].dead_per_row), (Some(2.0), Some(0.2)));
    assert_eq!(all.databases[0].bytes, Some(10e6), "no byte counts twice");
}

fn database(week: Week) -> DatabaseRow {
    looked(vec![week]).databases.remove(0)
}

#[test]
fn what_was_not_read_is_absent() {
    let row = database(Week::number(0));
    assert_eq!((row.connections, row.usable, row.hit_ratio, row.share), (None, None, None, None));
    assert!(row.no_statements.is_some());
    let row = database(
        Week::number(0)
            .set("db", key::MAX_CONNECTIONS, 100.0)
            .set("db", key::RESERVED_CONNECTIONS, 3.0)
            .set("db", key::CONNECTIONS_IN_USE, 40.0)
            .says(
                "db",
                Setting {
                    key: key::REPLICA_LAG_SECONDS.into(),
                    item: Some("standby-1".into()),
                    value: Value::Number(0.4),
                },
            ),
    );
    assert_eq!((row.usable, row.connections), (Some(97.0), Some(40.0)));
    assert_eq!(row.replicas.iter().map(|r| (r.name.as_str(), r.lag_s)).collect::<Vec<_>>(), [("standby-1", Some(0.4))]);
}

#[test]
fn connections_multiply_along_the_chain() {
    let scaled = || {
        Week::number(0)
            .set("db", key::MAX_CONNECTIONS, 100.0)
            .set("api", key::DESIRED_MEMBERS, 2.0)
            .set("api", key::MAXIMUM_MEMBERS, 8.0)
            .set("api", key::PROCESSES_PER_MEMBER, 4.0)
    };
    let chain = |week: Week| looked(vec![week]).chains.remove(0);
    let known = chain(scaled().set("api", key::POOL_MAX_PER_PROCESS, 5.0));
    assert_eq!((known.may_open, known.at_full_scale, known.usable), (Some(40.0), Some(160.0), Some(100.0)));
    let unknown = chain(scaled());
    assert_eq!((unknown.may_open, unknown.at_full_scale), (None, None), "an unknown pool is not zero");
    let pool = PoolStat { pool: "app".into(), size: Some(25.0), processes: Some(2.0), ..PoolStat::default() };
    let pooled = chain(scaled().says("db", pool));
    assert_eq!((pooled.pooled, pooled.may_open, pooled.at_full_scale), (Some(true), Some(50.0), Some(50.0)));
}

fn finding(rule: &str, subject: &str, result: &str) -> Finding {
    serde_json::from_value(serde_json::json!({
        "fingerprint": format!("{rule} {subject}"), "rule": rule, "title": "", "result": result,
        "severity": if result == "fail" { Some("high") } else { None }, "state": "open",
        "subject": { "id": subject, "kind": "table", "name": "public.orders", "account": null, "region": null },
        "sentence": "said", "evidence": [{ "label": "orders_old", "value": "" }],
        "gap": (result == "unknown").then(|| serde_json::json!({
            "account": null, "scope": "", "reason": "short_window", "detail": "too young", "closes": "Wait."
        })),
        "remedy": "CREATE INDEX …", "exposure": Exposure::UNKNOWN, "points_lost_micro": 0, "first_seen": 0, "last_seen": 0,
        "life": [], "tier": null
    }))
    .expect("a finding")
}

#[test]
fn advice_carries_the_workloads_weight() {
    let index = IndexStat {
        index: "orders_old".into(),
        columns: vec![],
        scans: Some(0.0),
        bytes: Some(4e8),
        unique: Some(false),
        valid: Some(true),
        since: None,
        ..IndexStat::default()
    };
    let week = Week::number(0)
        .table(2e6, 1e9)
        .says("t", index)
        .counts("a", 300.0, 10.0, BEGIN)
        .says("db", QueryStat { tables: vec!["users".into()], ..other() });
    let findings = [finding("DB-019", "t", "fail"), finding("DB-003", "t", "fail"), finding("DB-019", "u", "unknown")];
    let all = looked_with(vec![week], &findings, &[]);
    let [add, drop] = all.advice.as_slice() else { panic!("{:?}", all.advice) };
    assert_eq!((add.action, add.weight, add.shapes, add.rows), (IndexAction::Add, Some(0.75), 1, Some(2e6)));
    assert_eq!((drop.action, drop.bytes, drop.statement.as_str()), (IndexAction::Drop, Some(4e8), "CREATE INDEX …"));
    assert_eq!((all.unproven.len(), all.unproven[0].count), (1, 1));
}

fn other() -> QueryStat {
    QueryStat {
        fingerprint: "other".into(),
        text: "select other".into(),
        verb: Verb::Read,
        calls: 100.0,
        total_ms: 1_000.0,
        rows: 1.0,
        rows_examined: None,
        blocks_read: None,
        temp_blocks: None,
        since: BEGIN.map(at),
        tables: vec![],
        route: None,
    }
}

/// Weekly readings of one statement that took so long a call in each week, and of the indexes of its table.
fn weekly(means: &[f64], indexed_from: Option<usize>) -> Databases {
    let mut total = (0.0, 0.0);
    let weeks = means.iter().enumerate().map(|(n, mean)| {
        total = (total.0 + 1_000.0, total.1 + 1_000.0 * mean);
        let index = |name: &str| IndexStat { index: name.into(), valid: Some(true), ..IndexStat::default() };
        let week = Week::number(n as i64).counts("a", total.0, total.1 / total.0, BEGIN).table(1e3, 1e6);
        let week = week.says("t", index("orders_pkey"));
        if indexed_from.is_some_and(|from| n >= from) { week.says("t", index("by_user")) } else { week }
    });
    looked(weeks.collect())
}

#[test]
fn a_statement_is_compared_across_the_index_it_got() {
    // The first reading has no period; the index came within the eighth.
    let means = [600.0, 640.0, 620.0, 660.0, 640.0, 630.0, 650.0, 640.0, 300.0, 11.0, 12.0, 10.0, 11.0, 12.0, 10.0];
    let all = weekly(&means, Some(8));
    let across = statement(&all, "a").across.clone().expect("a change");
    assert_eq!(across.what, "the index `by_user` of `public.orders` was added");
    assert_eq!((across.from, across.until), (at("2026-12-21T07:00:00Z"), at("2026-12-28T07:00:00Z")));
    let AcrossFound::Measured { before_ms, after_ms, percent, verdict, periods } = across.found else {
        panic!("{across:?}");
    };
    assert_eq!((periods, verdict, across.others), (6, Verdict::Improved, 0));
    assert_eq!((before_ms, after_ms), (640.0, 11.0), "the week of the change is in neither");
    assert!(percent.low <= percent.mid && percent.mid <= percent.high && (-99.0..-98.0).contains(&percent.mid));

    let unmoved = weekly(&[640.0; 15], Some(8));
    let across = statement(&unmoved, "a").across.clone().expect("a change");
    assert!(matches!(across.found, AcrossFound::Measured { verdict: Verdict::NoDetectableChange, .. }), "{across:?}");
}

#[test]
fn too_few_readings_show_no_effect() {
    let across = statement(&weekly(&[640.0, 640.0, 640.0, 11.0, 11.0], Some(3)), "a").across.clone().expect("a change");
    assert_eq!(across.found, AcrossFound::TooFew { before: 2, after: 1, need: 6 });
    assert_eq!(statement(&weekly(&[640.0; 15], None), "a").across, None, "nothing changed");
}

#[test]
fn a_deployment_stands_in_only_where_its_neighbours_leave_room() {
    let deployed = |weeks: &[i64]| {
        let mut total = 0.0;
        let readings = (0..15).map(|n| {
            total += 1_000.0;
            let week = Week::number(n).counts("a", total, 10.0, BEGIN);
            if n < 14 {
                return week;
            }
            weeks.iter().fold(week, |week, at_week| {
                let started_at = at("2026-11-02T07:00:00Z").plus_days(7 * at_week + 1);
                let body = serde_json::json!({
                    "id": format!("d{at_week}"), "environment": "production", "revision": format!("v{at_week}"),
                    "started_at": started_at, "status": "succeeded", "actor_kind": "pipeline"
                });
                week.says("api", serde_json::from_value::<Deployment>(body).expect("a deployment"))
            })
        });
        statement(&looked(readings.collect()), "a").across.clone()
    };
    let alone = deployed(&[7]).expect("enough on both sides");
    assert_eq!((alone.what.as_str(), alone.others), ("`api` was deployed (v7)", 0));
    assert!(matches!(alone.found, AcrossFound::Measured { verdict: Verdict::NoDetectableChange, periods: 6, .. }));
    assert_eq!(deployed(&[7, 9]).map(|a| (a.what, a.others)), Some(("`api` was deployed (v7)".to_owned(), 1)));
    assert_eq!(deployed(&[13]), None, "one week after it is too few, and says nothing");
}

#[test]
fn days_to_a_full_disk_are_only_said_where_its_filling_was_measured() {
    let disk = |fill: Option<f64>| {
        let subject =
            serde_json::json!({ "id": "db", "kind": "database", "name": "prod", "account": null, "region": null });
        let interval = |n: f64| serde_json::json!({ "p10": n, "p50": n, "p90": n });
        let used = serde_json::json!({
            "subject": subject, "limited": "disk", "hard_limit": null, "now": interval(0.5), "line": 0.8, "gamma": interval(1.0),
            "gamma_fitted": false, "days": 9.0, "samples": 9, "unit": "bytes", "observed_range": 1.0, "sources": [],
            "fill_per_day": fill.map(interval)
        });
        let limit = serde_json::json!({
            "subject": subject, "resource": "disk", "scenario": "20_percent", "utilisation": 0.5, "limit": 0.8,
            "multiplier": interval(1.6), "days": interval(30.0), "first_probability": 1.0, "breaks": null, "extrapolated": false
        });
        let mut capacity = idle();
        capacity.utilisation.push(serde_json::from_value(used).expect("a use"));
        capacity.limits.push(serde_json::from_value(limit).expect("a limit"));
        let week = Week::number(0);
        let snapshot = Snapshot { taken_at: week.read_at, facts: week.facts, ..Snapshot::default() };
        let concluded =
            Concluded { as_of: snapshot.taken_at, checks: &[], findings: &[], capacity: &capacity, gaps: &[] };
        let row = databases(std::slice::from_ref(&snapshot), &concluded).databases.remove(0);
        (row.disk_days.map(|d| d.p50), row.disk_unknown.map(|m| m.detail))
    };
    assert_eq!(disk(Some(0.01)), (Some(30.0), None));
    let watched = "how fast its disk fills was not watched for long enough".to_owned();
    assert_eq!(disk(None), (None, Some(watched)), "a growth that somebody assumed is not measured");
    assert_eq!(
        database(Week::number(0)).disk_unknown.map(|m| m.detail),
        Some("the use of its disk was not read".into())
    );
}
