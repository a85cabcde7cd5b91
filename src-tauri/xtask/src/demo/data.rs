//! The primary store and the cache.

use super::facts::Said;
use super::story::{self, API, DATABASE, REDIS, at, collection};
use loadline_model::{
    BackupEvent, BackupKind, Basis, DemoFact, Environment, IndexStat, Kind, Limit, Limited, LockSample, Plan, PoolStat,
    QueryStat, Relation, Resource, TableStat, Tier, Timestamp, Verb, key,
};

/// Collections: name, documents at the audit, bytes each, growth to the end.
const COLLECTIONS: [(&str, f64, f64, f64); 6] = [
    ("messages", 1_240_000.0, 420.0, 4.6),
    ("notifications", 860_000.0, 260.0, 4.2),
    ("posts", 148_000.0, 1_900.0, 3.8),
    ("rooms", 9_400.0, 700.0, 3.1),
    ("sessions", 21_000.0, 300.0, 2.0),
    ("users", 6_200.0, 1_600.0, 4.9),
];

/// The primary store.
pub(super) fn server() -> Vec<DemoFact> {
    let mut s = Said::default();
    on_the_machine(&mut s);
    managed(&mut s);
    backups(&mut s);
    settings(&mut s);
    for (name, rows, bytes, growth) in COLLECTIONS {
        table(&mut s, name, rows, bytes, growth);
    }
    statements(&mut s);
    s.done()
}

fn on_the_machine(s: &mut Said) {
    s.call("serverStatus, hello").during(story::BEGIN, Some(story::MANAGED));
    let store = Resource {
        environment: Some(Environment::Production),
        tier: Some(Tier::T0),
        engine: Some("mongodb".into()),
        engine_version: Some("6.0.14".into()),
        managed: Some(false),
        ..Resource::new(Kind::Database, "mongodb")
    };
    s.say(DATABASE, store);
    let node = format!("{DATABASE}/vm-1");
    s.thing(&node, Kind::Instance, "mongod on vm-1");
    s.edge(&node, Relation::MemberOf, DATABASE).edge(&node, Relation::RunsIn, "aws:123456789012:eu-central-1:i-0b7e41");
    s.flag(DATABASE, key::AUTOMATIC_FAILOVER, false).number(DATABASE, key::STANDBY_MEMBERS, 0.0);
    s.number(DATABASE, key::MAX_CONNECTIONS, 200.0).number(DATABASE, key::RESERVED_CONNECTIONS, 0.0);
    s.text(DATABASE, key::WRITE_CONCERN, "1").flag(DATABASE, key::PUBLICLY_REACHABLE, false);
    s.flag(DATABASE, key::DELETION_PROTECTION, false);
}

fn managed(s: &mut Said) {
    s.call("cluster description, replSetGetStatus").during(story::MANAGED, None);
    let store = Resource {
        environment: Some(Environment::Production),
        tier: Some(Tier::T0),
        engine: Some("mongodb".into()),
        engine_version: Some("8.0.4".into()),
        managed: Some(true),
        required_members: Some(1),
        ..Resource::new(Kind::Database, "mongodb")
    };
    s.say(DATABASE, store);
    for (n, letter) in [(1, 'a'), (2, 'b'), (3, 'b')] {
        let node = format!("{DATABASE}/node-{n}");
        s.thing(&node, Kind::Instance, &format!("mongodb node {n}"));
        s.edge(&node, Relation::MemberOf, DATABASE).edge(&node, Relation::RunsIn, &format!("aws:eu-central-1{letter}"));
    }
    s.flag(DATABASE, key::AUTOMATIC_FAILOVER, true).number(DATABASE, key::STANDBY_MEMBERS, 2.0);
    s.number(DATABASE, key::QUORUM_VOTES, 3.0).number(DATABASE, key::QUORUM_HEALTHY, 3.0);
    s.number(DATABASE, key::MAX_CONNECTIONS, 1500.0).number(DATABASE, key::RESERVED_CONNECTIONS, 20.0);
    s.text(DATABASE, key::WRITE_CONCERN, "majority").flag(DATABASE, key::PUBLICLY_REACHABLE, false);
    s.number(DATABASE, key::OPLOG_WINDOW_HOURS, 74.0).flag(DATABASE, key::DISK_AUTOGROWTH, true);
    s.flag(DATABASE, key::READ_REPLICA_USED, true);
}

fn backups(s: &mut Said) {
    s.call("backup inventory").during(story::BEGIN, Some(story::MANAGED));
    s.flag(DATABASE, key::BACKUP_ENABLED, false).flag(DATABASE, key::PITR_ENABLED, false);
    s.number(DATABASE, key::BACKUP_RETENTION_DAYS, 0.0).flag(DATABASE, key::BACKUP_ISOLATED, false);
    s.during(story::MANAGED, None);
    s.flag(DATABASE, key::BACKUP_ENABLED, true).flag(DATABASE, key::PITR_ENABLED, true).number(
        DATABASE,
        key::PITR_WINDOW_HOURS,
        168.0,
    );
    s.number(DATABASE, key::BACKUP_RETENTION_DAYS, 14.0).flag(DATABASE, key::DELETION_PROTECTION, true);
    s.number(DATABASE, key::RTO_MINUTES, 60.0).number(DATABASE, key::RPO_MINUTES, 15.0);
    s.during(story::MANAGED, Some(story::OBSERVED)).flag(DATABASE, key::BACKUP_ISOLATED, false);
    s.flag(DATABASE, key::BACKUP_IMMUTABLE, false);
    s.during(story::OBSERVED, None).flag(DATABASE, key::BACKUP_ISOLATED, false).flag(
        DATABASE,
        key::BACKUP_IMMUTABLE,
        true,
    );
    s.flag(DATABASE, key::BACKUP_SAME_PRINCIPAL, false);
    let event = |kind, at, duration_s, validated| BackupEvent {
        kind,
        at,
        succeeded: true,
        location: Some("eu-central-1, same account".into()),
        duration_s,
        validated,
        tool: Some("provider".into()),
    };
    let mut day = at("2026-04-07 02:00");
    while day < at(story::AFTER) {
        s.happened(day, DATABASE, event(BackupKind::Snapshot, day, Some(410.0), None));
        // The newest point in time trails by about two minutes; one event a week keeps the story small.
        let next = day.plus_days(7);
        let look = Timestamp(monday_look(day).0 - 4 * 60_000);
        if look < at(story::AFTER) {
            s.happened(look, DATABASE, event(BackupKind::PointInTime, look, None, None));
        }
        day = next;
    }
    let restore = event(BackupKind::Restore, at(story::DRILLS), Some(1560.0), Some(true));
    s.happened(at(story::DRILLS), DATABASE, restore);
}

/// The Monday 07:00 at which the team looks, in the week of a day.
fn monday_look(day: Timestamp) -> Timestamp {
    let monday = loadline_model::Day(day.utc_day().week_start().0 + 7);
    at(&format!("{monday} 07:00"))
}

fn settings(s: &mut Said) {
    s.call("getParameter, profile, currentOp").during(story::BEGIN, None);
    s.text(DATABASE, key::STORE_ROLE, "user_data");
    s.number(DATABASE, key::STATISTICS_WINDOW_HOURS, 720.0).number(DATABASE, key::STATEMENT_WINDOW_HOURS, 168.0);
    s.number(DATABASE, key::CONNECTIONS_REFUSED_7D, 0.0).number(DATABASE, key::NEW_SESSIONS_PER_SECOND, 0.4);
    s.during(story::BEGIN, Some(story::PROFILING));
    s.flag(DATABASE, key::STATEMENT_STATISTICS, false).number(DATABASE, key::SLOW_LOG_THRESHOLD_MS, -1.0);
    s.during(story::PROFILING, None);
    s.flag(DATABASE, key::STATEMENT_STATISTICS, true).number(DATABASE, key::SLOW_LOG_THRESHOLD_MS, 100.0);
    s.number(DATABASE, key::STATEMENTS_EVICTED, 0.0);
    s.during(story::BEGIN, Some(story::PAGINATION));
    s.number(DATABASE, key::STATEMENT_TIMEOUT_MS, 0.0).number(DATABASE, key::IDLE_IN_TRANSACTION_TIMEOUT_MS, 60_000.0);
    s.during(story::PAGINATION, None);
    s.number(DATABASE, key::STATEMENT_TIMEOUT_MS, 5_000.0).number(
        DATABASE,
        key::IDLE_IN_TRANSACTION_TIMEOUT_MS,
        60_000.0,
    );
    s.during(story::BEGIN, None);
    let pool = |size: f64, processes: f64| PoolStat {
        pool: "driver".into(),
        size: Some(size),
        active: Some(size * 0.3),
        waiting: Some(0.0),
        max_wait_s: Some(0.0),
        processes: Some(processes),
    };
    s.during(story::BEGIN, Some(story::CONTAINERS)).say_as(API, Basis::Measured, pool(20.0, 4.0));
    s.during(story::CONTAINERS, None).say_as(API, Basis::Measured, pool(10.0, 8.0));
    s.during(story::BEGIN, None).number(DATABASE, key::CONNECTIONS_IN_USE, 26.0);
    s.flag(DATABASE, key::POOLER_PRESENT, false);
    s.say(DATABASE, Limit { limited: Limited::Connections, value: 1480.0, unit: "connections".into() });
    looks(s);
}

/// Each week two hours of looks at locks, a minute apart, before the team meets.
fn looks(s: &mut Said) {
    let mut week = at(story::BEFORE);
    while week <= at(story::AFTER) {
        let monday = at(&format!("{} 07:00", week.utc_day()));
        let busy = monday < at(story::INDEXES);
        s.during(story::BEGIN, None);
        for minute in 0..110 {
            let sample = LockSample {
                at: Timestamp(monday.0 - (115 - minute) * 60_000),
                active: 6.0,
                blocked: 0.0,
                longest_wait_s: if busy { 2.1 } else { 0.1 },
                longest_idle_in_transaction_s: 0.0,
                oldest_transaction_s: if busy { 14.0 } else { 0.6 },
                chains: Vec::new(),
            };
            s.seen_until(sample.at, Timestamp(monday.0 + 3 * 86_400_000), DATABASE, sample);
        }
        week = week.plus_days(7);
    }
    s.during(story::BEGIN, None);
}

fn table(s: &mut Said, name: &str, rows: f64, bytes: f64, growth: f64) {
    let id = collection(name);
    s.call("collStats, $indexStats").during(story::BEGIN, None);
    s.thing(&id, Kind::Table, name).edge(&id, Relation::StoredIn, DATABASE);
    let scanned = matches!(name, "messages" | "notifications");
    let mut from = story::BEGIN.to_owned();
    let steps = [story::INDEXES, "2026-08-01 00:00", "2099-01-01 00:00"];
    for (i, until) in steps.iter().enumerate() {
        let share = i as f64 / 2.0;
        let now = (rows * (1.0 + (growth - 1.0) * share)).round();
        let indexed = i > 0 || !scanned;
        let scans = if indexed { 40.0 } else { 61_000.0 };
        let stat = TableStat {
            rows: Some(now),
            bytes: Some(now * bytes),
            total_bytes: Some(now * bytes * 1.3),
            seq_scans: Some(scans),
            seq_rows_read: Some(scans * now * if indexed { 0.02 } else { 0.93 }),
            index_scans: Some(2_400_000.0),
            columns: Some(14.0),
            since: Some(Timestamp(at(&from).0.max(at(story::BEGIN).0)).plus_days(-30)),
            unindexed_filters: if indexed { Vec::new() } else { filter_of(name) },
            ..TableStat::default()
        };
        s.during(&from, Some(until));
        s.say_as(&id, Basis::Measured, stat);
        from = (*until).to_owned();
    }
    s.during(story::BEGIN, None);
    let index = |index: &str, columns: &[&str]| IndexStat {
        index: index.into(),
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        scans: Some(900_000.0),
        bytes: Some(rows * 40.0),
        unique: Some(index == "_id_"),
        valid: Some(true),
        since: Some(at(story::BEGIN).plus_days(-30)),
        ..IndexStat::default()
    };
    s.say_as(&id, Basis::Measured, index("_id_", &["_id"]));
    if scanned {
        s.during(story::INDEXES, None);
        let columns = filter_of(name);
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        s.say_as(&id, Basis::Measured, index(&format!("{}_1", columns.join("_1_")), &columns));
    }
}

fn filter_of(name: &str) -> Vec<String> {
    let columns: &[&str] = if name == "messages" { &["roomId", "createdAt"] } else { &["userId", "readAt"] };
    columns.iter().map(|c| (*c).to_owned()).collect()
}

/// Statement shapes, known from the day profiling was switched on.
fn statements(s: &mut Said) {
    s.call("system.profile, $queryStats");
    let shape = |fingerprint: &str, text: &str, verb, table: &str, route: &str| QueryStat {
        fingerprint: fingerprint.into(),
        text: text.into(),
        verb,
        calls: 90_000.0,
        total_ms: 0.0,
        rows: 0.0,
        rows_examined: None,
        blocks_read: None,
        temp_blocks: None,
        since: None,
        tables: vec![table.into()],
        route: Some(route.into()),
    };
    let messages = shape(
        "q-messages",
        "messages.find({roomId: ?}).sort({createdAt: -1})",
        Verb::Read,
        "messages",
        "GET /rooms/:id/messages",
    );
    let unread = shape(
        "q-unread",
        "notifications.find({userId: ?, readAt: null})",
        Verb::Read,
        "notifications",
        "GET /notifications",
    );
    let rooms = shape("q-rooms", "rooms.find({})", Verb::Read, "rooms", "GET /rooms");
    let feed = shape(
        "q-feed",
        "posts.find({authorId: {$in: ?}}).sort({createdAt: -1}).limit(?)",
        Verb::Read,
        "posts",
        "GET /feed",
    );
    let write = shape("q-send", "messages.insertOne(?)", Verb::Write, "messages", "POST /rooms/:id/messages");
    let counted = |q: &QueryStat, mean_ms: f64, rows: f64, examined: f64| QueryStat {
        total_ms: q.calls * mean_ms,
        rows: q.calls * rows,
        rows_examined: Some(q.calls * examined),
        ..q.clone()
    };
    s.during(story::PROFILING, Some(story::INDEXES));
    s.say_as(DATABASE, Basis::Measured, counted(&messages, 640.0, 180.0, 1_150_000.0));
    s.say_as(DATABASE, Basis::Measured, counted(&unread, 410.0, 22.0, 820_000.0));
    let plan = |fingerprint: &str, node: &str, scans: &[&str]| Plan {
        fingerprint: fingerprint.into(),
        nodes: vec![node.into()],
        full_scans: scans.iter().map(|t| (*t).to_owned()).collect(),
        ..Plan::default()
    };
    s.say_as(&collection("messages"), Basis::Measured, plan("q-messages", "COLLSCAN", &["messages"]));
    s.say_as(&collection("notifications"), Basis::Measured, plan("q-unread", "COLLSCAN", &["notifications"]));
    s.during(story::INDEXES, None);
    s.say_as(DATABASE, Basis::Measured, counted(&messages, 11.0, 40.0, 41.0));
    s.say_as(DATABASE, Basis::Measured, counted(&unread, 6.0, 18.0, 19.0));
    s.say_as(&collection("messages"), Basis::Measured, plan("q-messages", "IXSCAN", &[]));
    s.say_as(&collection("notifications"), Basis::Measured, plan("q-unread", "IXSCAN", &[]));
    s.during(story::PROFILING, Some(story::PAGINATION));
    s.say_as(DATABASE, Basis::Measured, counted(&rooms, 280.0, 8_900.0, 8_900.0));
    s.during(story::PAGINATION, None);
    s.say_as(DATABASE, Basis::Measured, counted(&rooms, 9.0, 30.0, 30.0));
    s.during(story::PROFILING, None);
    s.say_as(DATABASE, Basis::Measured, counted(&feed, 34.0, 20.0, 60.0));
    s.say_as(DATABASE, Basis::Measured, counted(&write, 4.0, 1.0, 0.0));
}

/// The cache, from June on.
pub(super) fn cache() -> Vec<DemoFact> {
    let mut s = Said::default();
    s.call("INFO, CONFIG GET").during(story::CACHE, None);
    let redis = Resource {
        environment: Some(Environment::Production),
        engine: Some("redis".into()),
        engine_version: Some("7.4.1".into()),
        managed: Some(true),
        ..Resource::new(Kind::Cache, "redis")
    };
    s.say(REDIS, redis);
    s.text(REDIS, key::STORE_ROLE, "sessions").number(REDIS, key::HIT_RATIO, 0.87);
    s.flag(REDIS, key::AOF_ENABLED, true).flag(REDIS, key::LAST_SAVE_OK, true).number(
        REDIS,
        key::SNAPSHOT_AGE_MINUTES,
        12.0,
    );
    s.flag(REDIS, key::PUBLICLY_REACHABLE, false).flag(REDIS, key::BACKUP_ENABLED, true);
    s.number(REDIS, key::BACKUP_RETENTION_DAYS, 3.0);
    s.during(story::CACHE, Some(story::OBSERVED));
    s.edge(API, Relation::DependsOn { hard: true }, REDIS);
    s.flag(REDIS, key::AUTOMATIC_FAILOVER, false).number(REDIS, key::STANDBY_MEMBERS, 0.0);
    s.during(story::OBSERVED, None);
    s.edge(API, Relation::DependsOn { hard: true }, REDIS);
    for (n, letter) in [(1, 'a'), (2, 'b')] {
        let node = format!("{REDIS}/node-{n}");
        s.thing(&node, Kind::Instance, &format!("redis node {n}"));
        s.edge(&node, Relation::MemberOf, REDIS).edge(&node, Relation::RunsIn, &format!("aws:eu-central-1{letter}"));
    }
    s.flag(REDIS, key::AUTOMATIC_FAILOVER, true).number(REDIS, key::STANDBY_MEMBERS, 1.0).flag(
        REDIS,
        key::PLATFORM_REDUNDANT,
        true,
    );
    super::practice::cache(&mut s);
    s.done()
}
