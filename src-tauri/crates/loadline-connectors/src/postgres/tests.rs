//! Against a real PostgreSQL: what it says, what it hides from a small role, and that nothing changes.

use super::*;
use crate::testing::{PostgresServer, account, failing, judged, last_days};
use loadline_model::{
    BackupEvent, Edge, Fact, FactBody, IndexStat, Kind, Limit, LockSample, Plan, QueryStat, Relation, Resource,
    ScopeStatus, Setting, TableStat, Value, Verb, key,
};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

static SHARED: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());

/// One server for the tests that run at the same time.
fn server() -> Arc<PostgresServer> {
    let mut shared = SHARED.lock().expect("no test panics while starting");
    if let Some(running) = shared.upgrade() {
        return running;
    }
    let server = PostgresServer::start("archive_mode = on\narchive_command = 'test -f %p'\n").expect("PostgreSQL");
    server.sql("postgres", "CREATE DATABASE shop").expect("a database");
    server.tool("pgbench", &["-i", "-q", "-s", "1", "shop"]).expect("pgbench tables");
    for sql in [
        "CREATE EXTENSION pg_stat_statements",
        "CREATE TABLE orders (id serial PRIMARY KEY, user_id int, status text)",
        "INSERT INTO orders (user_id, status) SELECT n % 500, 'secret' FROM generate_series(1, 20000) n",
        "CREATE INDEX unused_status ON orders (status)",
        "ALTER SEQUENCE orders_id_seq RESTART WITH 1610612736; SELECT nextval('orders_id_seq')",
        "SELECT * FROM orders WHERE user_id = 42 AND id <> 7",
        "SELECT count(*) FROM orders WHERE user_id = 43 /* route='/orders/42' */",
        "CREATE ROLE lowly LOGIN PASSWORD 'lowly-secret'; ALTER ROLE lowly SET statement_timeout = '30s'",
        "GRANT UPDATE ON pgbench_branches TO lowly; SET ROLE lowly; UPDATE pgbench_branches SET filler = 'x'",
        "CREATE ROLE loadline LOGIN PASSWORD 'loadline-secret'",
        "GRANT pg_read_all_stats TO loadline; GRANT pg_read_all_settings TO loadline",
        "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO loadline",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO loadline",
        "SELECT pg_switch_wal()",
    ] {
        server.sql("shop", sql).expect(sql);
    }
    server.tool("pgbench", &["-n", "-c", "2", "-T", "2", "shop"]).expect("a short load");
    let server = Arc::new(server);
    *shared = Arc::downgrade(&server);
    server
}

pub(super) async fn connect_as(server: &PostgresServer, user: &str) -> Postgres {
    let secret = Secret::new(format!("{user}-secret"));
    let account = account("postgres", &[("url", &server.url(user, "shop"))]);
    Postgres::connect(account, Some(secret)).await.expect("a connection")
}

pub(super) async fn connect_superuser(server: &PostgresServer) -> Postgres {
    let account = account("postgres", &[("url", &server.socket_url("shop"))]);
    Postgres::connect(account, None).await.expect("a connection")
}

pub(super) async fn read(connector: &Postgres, scope: &str) -> Scope {
    connector.read(&ScopePlan::new(scope, ""), &last_days(28), &Progress::silent()).await
}

pub(super) fn all<'a, T: FactBody + 'a>(facts: &'a [Fact]) -> Vec<(&'a Fact, &'a T)> {
    facts.iter().filter_map(|f| Some((f, T::of(&f.body)?))).collect()
}

pub(super) fn setting<'a>(scope: &'a Scope, key: &str, item: Option<&str>) -> Option<&'a Value> {
    let found = all::<Setting>(&scope.facts).into_iter().map(|(_, s)| s);
    found.into_iter().find(|s| s.key == key && s.item.as_deref() == item).map(|s| &s.value)
}

fn number(scope: &Scope, key: &str) -> f64 {
    setting(scope, key, None).and_then(Value::as_number).unwrap_or_else(|| panic!("{key} in {:?}", scope.gaps))
}

#[tokio::test]
async fn the_server_is_described_completely_to_the_policy_role() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    assert!(connector.server.subject().as_str().starts_with("postgresql:"), "{:?}", connector.server);
    let scope = read(&connector, "server").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    assert_eq!(scope.inventories, [Kind::Database]);
    let (_, resource) = all::<Resource>(&scope.facts)[0];
    assert_eq!(
        (resource.kind, resource.engine.as_deref(), resource.managed),
        (Kind::Database, Some("postgresql"), None)
    );
    assert_eq!(number(&scope, key::MAX_CONNECTIONS), 40.0);
    assert_eq!(number(&scope, key::RESERVED_CONNECTIONS), 3.0);
    assert_eq!(all::<Limit>(&scope.facts)[0].1.value, 37.0);
    assert_eq!(number(&scope, key::SLOW_LOG_THRESHOLD_MS), 200.0);
    assert_eq!(setting(&scope, key::FSYNC, None), Some(&Value::Bool(true)));
    assert_eq!(setting(&scope, key::ARCHIVE_ON, None), Some(&Value::Bool(true)));
    assert_eq!(number(&scope, key::STANDBY_MEMBERS), 0.0);
    assert!(number(&scope, key::TRANSACTION_ID_AGE) > 0.0 && number(&scope, key::DATABASE_BYTES) > 1e6);
    assert_eq!(number(&scope, key::ARCHIVE_FAILURES), 0.0);
    assert!(all::<BackupEvent>(&scope.facts).iter().any(|(_, b)| b.succeeded), "a log segment was archived");
    // Our own guard of 5 s is not mistaken for the server's setting.
    assert_eq!(setting(&scope, key::STATEMENT_TIMEOUT_MS, Some("lowly")), Some(&Value::Number(30_000.0)));
    assert_eq!(setting(&scope, key::LOCK_TIMEOUT_MS, Some("lowly")), Some(&Value::Number(0.0)));
    assert_eq!(setting(&scope, key::STATEMENT_TIMEOUT_MS, Some("loadline")), None);
}

#[tokio::test]
async fn the_database_shows_statements_without_literals_and_missing_indexes() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    let scope = read(&connector, "database/shop").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    assert_eq!(scope.inventories, [Kind::Table]);
    assert_eq!(setting(&scope, key::STATEMENT_STATISTICS, None), Some(&Value::Bool(true)));
    assert!(connector.server.version < 140_000 || number(&scope, key::STATEMENT_WINDOW_HOURS) >= 0.0);
    assert!(all::<Plan>(&scope.facts).iter().any(|(_, p)| p.full_scans == ["public.orders"]), "the generic plan");
    let queries = all::<QueryStat>(&scope.facts);
    let select = queries.iter().find(|(_, q)| q.text.starts_with("select * from orders")).expect("the statement").1;
    assert_eq!(
        (select.verb, select.calls, select.tables.as_slice()),
        (Verb::Read, 1.0, ["public.orders".to_owned()].as_slice())
    );
    assert!(queries.iter().any(|(_, q)| q.route.as_deref() == Some("/orders/:id")), "the route of the comment");
    let text = serde_json::to_string(&scope).expect("json");
    for secret in ["secret", "PASSWORD", "password"] {
        assert!(!text.contains(secret), "{secret} left the server");
    }
    let orders = format!("{}/shop/public.orders", connector.server.cluster());
    let (_, stat) =
        *all::<TableStat>(&scope.facts).iter().find(|(f, _)| f.subject.as_str() == orders).expect("the table");
    assert_eq!(
        (stat.rows, stat.columns, stat.unindexed_filters.as_slice()),
        (Some(20_000.0), Some(3.0), ["user_id".to_owned()].as_slice())
    );
    assert!(stat.seq_scans >= Some(2.0) && stat.total_bytes > stat.bytes && stat.since.is_some(), "{stat:?}");
    let indexes = all::<IndexStat>(&scope.facts);
    let unused = indexes.iter().find(|(_, i)| i.index == "unused_status").expect("the index").1;
    assert_eq!(
        (unused.scans, unused.unique, unused.columns.as_slice()),
        (Some(0.0), Some(false), ["status".to_owned()].as_slice())
    );
    let used =
        setting(&scope, key::SEQUENCE_USED, Some("public.orders.id")).and_then(Value::as_number).expect("a sequence");
    assert!((used - 0.75).abs() < 1e-6, "{used}");
    let stored = |(_, e): &(&Fact, &Edge)| e.relation == Relation::StoredIn && e.to == connector.server.cluster();
    assert!(all::<Edge>(&scope.facts).iter().any(stored));
    let writers = |table: &str| {
        let about = format!("{}/shop/public.{table}", connector.server.cluster());
        let said = all::<Setting>(&scope.facts).into_iter().filter(|(f, s)| {
            f.subject.as_str() == about && s.key == key::TABLE_WRITES && s.value.as_number() >= Some(1.0)
        });
        said.filter_map(|(_, s)| s.item.clone()).collect::<Vec<_>>()
    };
    assert!(writers("pgbench_branches").contains(&"lowly".to_owned()), "{:?}", writers("pgbench_branches"));
    assert_eq!((writers("pgbench_branches").len(), writers("pgbench_accounts").len()), (2, 1));
}

#[tokio::test]
async fn locks_are_seen_while_they_last() {
    // A server of its own: the lock would delay the other tests.
    let server = PostgresServer::start("").expect("PostgreSQL");
    server.sql("postgres", "CREATE DATABASE shop").expect("a database");
    let table = "CREATE TABLE held (id int); INSERT INTO held SELECT generate_series(1, 5000); ANALYZE held";
    server.sql("shop", table).expect("a table");
    let psql = |sql: &'static str| {
        let mut command = crate::testing::run_psql(&server.socket(), server.port).expect("psql");
        command
            .args(["-d", "shop", "-c", sql])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("psql")
    };
    let count = |what: &str| server.sql("shop", &format!("SELECT count(*) FROM pg_stat_activity WHERE {what}"));
    let seen =
        |what: &str| crate::testing::until(what, 20, || count(what).is_ok_and(|n| n.trim() != "0")).expect("a session");
    let mut holder = psql("BEGIN; LOCK TABLE held; SELECT pg_sleep(60)");
    seen("wait_event = 'PgSleep'");
    let mut waiter = psql("SELECT count(*) FROM held");
    seen("wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '1 s'");
    let connector = connect_superuser(&server).await;
    let scope = read(&connector, "activity").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    let (_, sample) = all::<LockSample>(&scope.facts)[0];
    assert!(sample.blocked >= 1.0 && sample.longest_wait_s > 0.5 && sample.oldest_transaction_s > 1.0, "{sample:?}");
    assert!(sample.chains.iter().any(|c| c.contains("psql") && c.contains("waits")), "{sample:?}");
    for (key, owner) in [(key::CONNECTIONS_OF, "postgres"), (key::CONNECTIONS_OF_PROGRAM, "psql")] {
        assert!(setting(&scope, key, Some(owner)).and_then(Value::as_number) >= Some(2.0), "{key}");
    }
    assert!(number(&scope, key::CONNECTIONS_IN_USE) >= 2.0);
    assert!((0.0..=1.0).contains(&number(&scope, key::BUFFER_HIT_RATIO)));
    let tables = read(&connector, "database/shop").await;
    assert!(tables.gaps.iter().any(|g| g.reason == GapReason::TimedOut), "{:?}", tables.gaps);
    let (_, stat) = all::<TableStat>(&tables.facts)[0];
    assert!(stat.bytes > Some(100_000.0) && stat.total_bytes.is_none(), "an estimate while it is locked: {stat:?}");
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'psql' AND query LIKE 'BEGIN; LOCK%'";
    server.sql("shop", end).expect("the holder ends");
    holder.wait().and_then(|_| waiter.wait()).expect("both end");
}

#[tokio::test]
async fn a_small_role_leaves_gaps_that_name_the_grant() {
    let server = server();
    let connector = connect_as(&server, "lowly").await;
    for (scope, grant) in [
        ("server", "GRANT pg_read_all_stats TO lowly;"),
        ("server", "GRANT pg_read_all_settings TO lowly;"),
        ("activity", "GRANT pg_read_all_stats TO lowly;"),
        ("database/shop", "GRANT pg_read_all_stats TO lowly;"),
        ("database/shop", "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO lowly;"),
    ] {
        let read = read(&connector, scope).await;
        assert_eq!(read.status, ScopeStatus::Partial, "{scope}");
        let found = read.gaps.iter().any(|g| g.reason == GapReason::PermissionDenied && g.closes.contains(grant));
        assert!(found, "{scope} does not ask for {grant}: {:?}", read.gaps);
        assert_eq!(setting(&read, key::STANDBY_MEMBERS, None), None, "unknown, not zero");
    }
    let shown = connector.test().await;
    let refused: Vec<&str> = shown.iter().filter(|p| p.granted == Some(false)).map(|p| p.name.as_str()).collect();
    assert_eq!(refused, ["pg_read_all_stats", "pg_read_all_settings", "SELECT on sequences"], "{shown:?}");
    assert!(shown.iter().all(|p| (p.granted == Some(true)) == p.closes.is_empty()), "{shown:?}");
}

#[tokio::test]
async fn a_superuser_collects_and_nothing_changes() {
    let server = server();
    let dump = || {
        let text = server.tool("pg_dump", &["shop"]).expect("a dump");
        let stable: Vec<String> = text.lines().filter(|l| !l.contains("restrict ")).map(str::to_owned).collect();
        let writes = "SELECT sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del), (SELECT count(*) FROM pg_class) FROM pg_stat_user_tables";
        (stable, server.sql("shop", writes).expect("counters"))
    };
    let before = dump();
    let connector = connect_superuser(&server).await;
    for plan in connector.scopes().await.expect("scopes") {
        let scope = connector.read(&plan, &last_days(28), &Progress::silent()).await;
        assert_ne!(scope.status, ScopeStatus::Failed, "{:?}", scope.gaps);
    }
    assert!(connector.test().await.iter().all(|p| p.granted == Some(true)));
    assert!(connector.estimate().await.calls >= 20 && connector.cost().calls >= 20);
    for sql in ["CREATE TABLE written (a int)", "UPDATE orders SET status = 'x'", "SELECT nextval('orders_id_seq')"] {
        assert_eq!(connector.session.try_anything(sql).await.map_err(|e| e.state), Err("25006".to_owned()), "{sql}");
    }
    let guarded = connector.session.try_guarded("UPDATE public.orders SET status = 'x'").await;
    assert_eq!(guarded.map_err(|e| e.state), Err("25006".to_owned()));
    assert_eq!(dump(), before);
}

#[tokio::test]
async fn a_stop_returns_what_was_read_within_a_second() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    let window = last_days(28);
    let cancel = window.cancel.clone();
    let progress = Progress::new(move |step| {
        if step.done == 3 {
            cancel.cancel()
        }
    });
    let scope = connector.read(&ScopePlan::new("server", ""), &window, &progress).await;
    assert_eq!(scope.status, ScopeStatus::Partial);
    assert!(!scope.facts.is_empty() && scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled), "{:?}", scope.gaps);

    // A statement that is still running.
    let window = last_days(28);
    let cancel = window.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel.cancel();
    });
    let begun = Instant::now();
    let stopped = window.wait(connector.session.try_guarded("SELECT pg_sleep(4)")).await;
    assert_eq!(stopped, Err(Cancelled));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_ne!(read(&connector, "activity").await.status, ScopeStatus::Failed, "it connects again");
}

#[tokio::test]
async fn a_long_statement_is_ended_by_the_server() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    let begun = Instant::now();
    let refusal = connector.session.try_guarded("SELECT pg_sleep(30)").await.expect_err("the timeout");
    assert_eq!((refusal.state.as_str(), refusal.reason()), ("57014", GapReason::TimedOut));
    assert!(begun.elapsed() < Duration::from_secs(7));
}

#[tokio::test]
async fn refused_connections_say_why_without_the_secret() {
    let server = server();
    let check = async |url: String, secret: &str, code: &str| {
        let error = Postgres::connect(account("postgres", &[("url", &url)]), Some(Secret::new(secret)))
            .await
            .map(|_| ())
            .expect_err(code);
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.to_string().contains(secret), "{error}");
    };
    check(server.url("lowly", "shop"), "wrong-hunter2", "authentication_failed").await;
    check(server.url("lowly", "nowhere"), "lowly-secret", "source_error").await;
    check("postgres://lowly@127.0.0.1:1/shop".to_owned(), "hunter2", "unreachable").await;
    check("postgres://lowly:hunter2@127.0.0.1:1/shop".to_owned(), "hunter2", "password_in_url").await;
    check(server.url("lowly", "shop?sslmode=require"), "lowly-secret", "tls_failed").await;
}

#[tokio::test]
async fn a_standby_is_seen_from_both_sides() {
    let primary = PostgresServer::start("hot_standby = on\n").expect("a primary");
    primary.sql("postgres", "CREATE DATABASE shop").expect("a database");
    let standby = primary.standby().expect("a standby");
    let connected = || {
        primary
            .sql("shop", "SELECT state FROM pg_stat_replication WHERE state = 'streaming'")
            .is_ok_and(|s| s.contains("streaming"))
    };
    crate::testing::until("no streaming", 20, connected).expect("streaming");
    let (above, below) = (connect_superuser(&primary).await, connect_superuser(&standby).await);
    let scope = read(&above, "server").await;
    assert_eq!(number(&scope, key::STANDBY_MEMBERS), 1.0);
    assert_eq!(setting(&scope, key::SLOT_ACTIVE, Some("stand1")), Some(&Value::Bool(true)));
    assert!(setting(&scope, key::SLOT_KEEP_LIMIT_BYTES, None) == Some(&Value::Number(-1.0)));
    let copies = all::<Edge>(&scope.facts);
    assert!(
        copies
            .iter()
            .any(|(f, e)| f.subject == above.server.cluster() && matches!(e.relation, Relation::ReplicatedTo { .. }))
    );

    assert_eq!(above.server.cluster(), below.server.cluster(), "one cluster");
    let copy = read(&below, "server").await;
    assert_eq!(setting(&copy, key::IS_STANDBY, None), Some(&Value::Bool(true)));
    let about_cluster: Vec<(&Fact, &Setting)> =
        all::<Setting>(&copy.facts).into_iter().filter(|(f, _)| f.subject == below.server.cluster()).collect();
    let said: Vec<(&str, Option<&str>)> =
        about_cluster.iter().map(|(_, s)| (s.key.as_str(), s.item.as_deref())).collect();
    assert_eq!(said, [(key::REPLICA_LAG_SECONDS, Some("stand1"))], "a standby says nothing else of the cluster");
    assert!(about_cluster[0].1.value.as_number().is_some_and(|lag| lag >= 0.0));
    // Both sides name one member, which the standby's own account knows better.
    assert_eq!(below.server.subject(), above.server.standby_subject("stand1"));
    let both = [scope.clone(), copy];
    assert_eq!(failing(&judged("DB-011", &both, vec![]), &above.server.cluster()), None);
    // The extension is preloaded but not created in this database.
    let database = read(&above, "database/shop").await;
    assert_eq!(setting(&database, key::STATEMENT_STATISTICS, None), Some(&Value::Bool(false)));
    assert!(database.gaps.iter().any(|g| g.closes.contains("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")));
}

#[tokio::test]
async fn every_form_of_every_statement_answers() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    for statement in statements::ALL {
        let forms = statement.forms.iter().filter(|(least, _)| *least <= connector.server.version);
        let newest = forms.clone().map(|(least, _)| *least).max();
        for (least, _) in forms {
            let rows = connector.session.rows(statement, *least).await;
            // A view that was taken apart lost the columns of its older form.
            let replaced = Some(*least) != newest && rows.as_ref().is_err_and(|e| e.state == "42703");
            assert!(rows.is_ok() || replaced, "{} for {least}: {rows:?}", statement.name);
        }
    }
}
