//! Large and hostile servers: many statements, many tables, bytes that are no text, and a server that dies.

use super::tests::{all, connect_superuser, read};
use super::*;
use crate::testing::{PostgresServer, last_days};
use loadline_model::{QueryStat, ScopeStatus, TableStat};
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[tokio::test]
async fn twenty_thousand_statements_are_read_in_pages_up_to_the_cap() {
    let more = "pg_stat_statements.max = 30000\npg_stat_statements.track = all\nfsync = off\n";
    let server = PostgresServer::start(more).expect("PostgreSQL");
    server.sql("postgres", "CREATE DATABASE shop").expect("a database");
    server.sql("shop", "CREATE EXTENSION pg_stat_statements").expect("the extension");
    // The signs between fifteen ones tell 32,768 shapes apart.
    let shapes = "DO $$ DECLARE said text; BEGIN
        FOR i IN 1..20000 LOOP
          said := 'SELECT 1';
          FOR b IN 0..14 LOOP said := said || CASE WHEN (i >> b) & 1 = 1 THEN '+1' ELSE '-1' END; END LOOP;
          EXECUTE said;
        END LOOP; END $$";
    server.sql("shop", shapes).expect("shapes");
    server.sql("shop", "SELECT count(*) AS planted FROM generate_series(1, 300000) n GROUP BY n % 7").expect("rows");
    let connector = connect_superuser(&server).await;
    let begun = Instant::now();
    let scope = read(&connector, "database/shop").await;
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let kept = all::<QueryStat>(&scope.facts);
    assert!((1_200..=2_000).contains(&kept.len()), "{}", kept.len());
    assert!(kept.iter().any(|(_, q)| q.text.contains("planted") && q.calls == 1.0), "the costliest is among them");
    let gap = scope.gaps.iter().find(|g| g.reason == GapReason::Truncated).expect("a gap says so");
    let counted: f64 = gap.detail.split(' ').next().and_then(|n| n.parse().ok()).expect("a number first");
    assert!(counted > 20_000.0, "{}", gap.detail);
}

#[tokio::test]
async fn fifty_thousand_tables_stay_within_bounds() {
    let server =
        PostgresServer::start("fsync = off\nautovacuum = off\nmax_locks_per_transaction = 512\n").expect("PostgreSQL");
    server.sql("postgres", "CREATE DATABASE shop").expect("a database");
    let tables = "DO $$ BEGIN FOR i IN 1..50000 LOOP
        EXECUTE 'CREATE TABLE t' || i || ' (id int' || CASE WHEN i % 20 = 0 THEN ' GENERATED ALWAYS AS IDENTITY)' ELSE ')' END;
        IF i % 1000 = 0 THEN COMMIT; END IF;
        END LOOP; END $$";
    server.sql("shop", tables).expect("tables");
    server
        .sql("shop", "CREATE TABLE largest AS SELECT n, 'x' AS x FROM generate_series(1, 50000) n; ANALYZE largest")
        .expect("a table");
    let connector = connect_superuser(&server).await;
    let begun = Instant::now();
    let scope = read(&connector, "database/shop").await;
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert!(scope.gaps.iter().all(|g| g.reason != GapReason::TimedOut), "{:?}", scope.gaps);
    let stats = all::<TableStat>(&scope.facts);
    assert_eq!(stats.len(), 500);
    assert!(stats.iter().any(|(f, _)| f.subject.as_str().ends_with("public.largest")), "the largest is among them");
    assert!(scope.gaps.iter().any(|g| g.detail.starts_with("50001 tables exist")), "{:?}", scope.gaps);
    assert!(scope.gaps.iter().any(|g| g.detail.starts_with("2500 sequences exist")), "{:?}", scope.gaps);
    assert!(scope.inventories.is_empty(), "what was not listed is not claimed");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_shown_as_such() {
    let server = PostgresServer::start("").expect("PostgreSQL");
    let create = "CREATE DATABASE shop ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    server.sql("postgres", create).expect("a database");
    let table = "CREATE EXTENSION pg_stat_statements;
        DO $$ BEGIN EXECUTE convert_from('\\x435245415445205441424c452022636166e92220282261e92220696e7429'::bytea, 'SQL_ASCII'); END $$";
    server.sql("shop", table).expect("a table");
    let connector = connect_superuser(&server).await;
    let scope = read(&connector, "database/shop").await;
    assert_eq!((scope.status, scope.gaps.len()), (ScopeStatus::Complete, 0), "{:?}", scope.gaps);
    let (fact, stat) = all::<TableStat>(&scope.facts)[0];
    assert!(fact.subject.as_str().ends_with("public.caf\u{fffd}"), "{}", fact.subject);
    assert_eq!(stat.columns, Some(1.0));
}

#[tokio::test]
async fn a_server_that_dies_leaves_what_was_read_and_gaps() {
    let server = PostgresServer::start("").expect("PostgreSQL");
    server.sql("postgres", "CREATE DATABASE shop").expect("a database");
    let connector = connect_superuser(&server).await;
    let server = Mutex::new(Some(server));
    let progress = Progress::new(move |step| {
        if step.done == 3 {
            drop(server.lock().expect("no panic").take());
        }
    });
    let begun = Instant::now();
    let scope = connector.read(&ScopePlan::new("server", ""), &last_days(1), &progress).await;
    assert_eq!(scope.status, ScopeStatus::Partial);
    assert!(!scope.facts.is_empty() && scope.gaps.iter().any(|g| g.reason == GapReason::ApiError), "{:?}", scope.gaps);
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}
