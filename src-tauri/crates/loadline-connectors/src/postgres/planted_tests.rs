//! Planted problems on a real server: each is found as a fact and by its rule, and a healthy twin is not blamed.

use super::session::guarded;
use super::tests::{all, connect_as, connect_superuser, read, setting};
use super::*;
use crate::testing::{PostgresServer, failing, judged};
use loadline_model::{IndexStat, Plan, SubjectId, TableStat, Value, key};
use std::sync::{Arc, Mutex, Weak};

static SHARED: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());

/// Tables of both databases. Every look-up keeps six of 120,000 rows.
const TABLES: &str = "CREATE EXTENSION pg_stat_statements; CREATE EXTENSION hypopg;
    CREATE TABLE customers (id serial PRIMARY KEY);
    INSERT INTO customers SELECT FROM generate_series(1, 5000);
    CREATE TABLE orders (id serial PRIMARY KEY, user_id int, status text, note text);
    INSERT INTO orders (user_id, status, note) SELECT n % 20000, 'open', 'canary' || n FROM generate_series(1, 120000) n;
    CREATE TABLE lines (id serial PRIMARY KEY, customer_id int CONSTRAINT bought REFERENCES customers);
    INSERT INTO lines (customer_id) SELECT 1 + n % 4000 FROM generate_series(1, 120000) n;
    CREATE INDEX ON orders (lower(note)); CREATE INDEX ON orders (upper(note));
    CREATE INDEX ON orders (status) WHERE user_id > 19000;";
const PROBLEMS: &str = "CREATE INDEX twice_a ON orders (status, id); CREATE INDEX twice_b ON orders (status, id);
    CREATE INDEX shorter ON orders (status);";
const HEALTH: &str = "CREATE INDEX ON orders (user_id); CREATE INDEX ON lines (customer_id);";
const ROLE: &str = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO loadline;
    GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO loadline; ANALYZE; SELECT pg_stat_statements_reset();";

fn server() -> Arc<PostgresServer> {
    let mut shared = SHARED.lock().expect("no test panics while starting");
    if let Some(running) = shared.upgrade() {
        return running;
    }
    let server = PostgresServer::start("autovacuum = off\n").expect("PostgreSQL");
    let role = "CREATE ROLE loadline LOGIN PASSWORD 'loadline-secret'; GRANT pg_read_all_stats TO loadline;
        GRANT pg_read_all_settings TO loadline; CREATE ROLE lowly LOGIN PASSWORD 'lowly-secret'";
    server.sql("postgres", role).expect("roles");
    for (database, more) in [("calm", HEALTH), ("shop", PROBLEMS)] {
        server.sql("postgres", &format!("CREATE DATABASE {database}")).expect("a database");
        server.sql(database, TABLES).expect("tables");
        server.sql(database, more).expect("indexes");
    }
    let invalid = server.sql("shop", "CREATE UNIQUE INDEX CONCURRENTLY broken ON orders (user_id)");
    assert!(invalid.is_err_and(|said| said.contains("duplicat")), "it leaves an invalid index behind");
    for database in ["calm", "shop"] {
        server.sql(database, ROLE).expect("the role");
        let look = "SELECT * FROM orders WHERE user_id = 42;".repeat(60);
        server.sql(database, &look).expect("look-ups");
        server.sql(database, "DELETE FROM customers WHERE id > 4800").expect("deletes");
    }
    let server = Arc::new(server);
    *shared = Arc::downgrade(&server);
    server
}

async fn connect_to(server: &PostgresServer, user: &str, database: &str) -> Postgres {
    let account = crate::testing::account("postgres", &[("url", &server.url(user, database))]);
    Postgres::connect(account, Some(Secret::new(format!("{user}-secret")))).await.expect("a connection")
}

#[tokio::test]
async fn each_planted_problem_is_found_and_judged() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    let scopes = [read(&connector, "server").await, read(&connector, "database/shop").await];
    assert_eq!(scopes[1].gaps, [], "the policy with its optional line reads everything");
    let table = |name: &str| SubjectId(format!("{}/shop/public.{name}", connector.server.cluster()));
    let facts = &scopes[1].facts;

    let plans = all::<Plan>(facts);
    let plan = plans.iter().find(|(_, p)| p.full_scans == ["public.orders"]).expect("the plan of the look-up").1;
    let scan = &plan.scans[0];
    assert_eq!((scan.rows_read, scan.columns.as_slice()), (Some(120_000.0), ["user_id".to_owned()].as_slice()));
    assert!(scan.rows_kept.is_some_and(|n| n < 100.0), "{scan:?}");
    let supposed = plan.hypothetical.as_ref().expect("HypoPG was asked");
    assert_eq!(supposed.columns, ["user_id"]);
    assert!(plan.cost.is_some_and(|now| supposed.cost < now / 10.0), "{plan:?}");

    let missing = judged("DB-003", &scopes, vec![]);
    let (sentence, remedy) = failing(&missing, &table("orders")).expect("a finding");
    assert!(sentence.starts_with("A statement reads 120,000 rows of `public.orders` to return"), "{sentence}");
    assert!(sentence.contains("of database time; an index on (user_id)"), "{sentence}");
    assert_eq!(remedy, "CREATE INDEX CONCURRENTLY ON public.orders (user_id);");
    let (sentence, remedy) = failing(&missing, &table("lines")).expect("a finding");
    assert!(sentence.starts_with("Each of 200 deletes from `public.customers` searched `public.lines`"), "{sentence}");
    assert_eq!(remedy, "CREATE INDEX CONCURRENTLY ON public.lines (customer_id);");

    let (sentence, remedy) = failing(&judged("DB-019", &scopes, vec![]), &table("orders")).expect("a finding");
    assert!(
        sentence.contains("invalid: `broken`") && sentence.contains("duplicate: `shorter`, `twice_b`"),
        "{sentence}"
    );
    assert!(remedy.contains("REINDEX INDEX CONCURRENTLY public.broken;"), "{remedy}");
    assert!(remedy.contains("DROP INDEX CONCURRENTLY public.shorter;"), "{remedy}");
    assert!(!serde_json::to_string(facts).expect("json").contains("canary"), "no literal leaves the server");
}

#[tokio::test]
async fn a_healthy_twin_is_not_blamed() {
    let server = server();
    let connector = connect_to(&server, "loadline", "calm").await;
    let scopes = [read(&connector, "server").await, read(&connector, "database/calm").await];
    assert_eq!(scopes[1].gaps, []);
    let stats = all::<TableStat>(&scopes[1].facts);
    assert!(stats.iter().all(|(_, s)| s.unindexed_references.is_empty()), "{stats:?}");
    assert!(all::<IndexStat>(&scopes[1].facts).len() >= 8);
    for rule in ["DB-003", "DB-019"] {
        for check in judged(rule, &scopes, vec![]) {
            assert_eq!(failing(std::slice::from_ref(&check), &check.subject.id), None, "{rule}");
        }
    }
}

#[tokio::test]
async fn plans_need_a_grant_and_no_superuser() {
    let server = server();
    server.sql("shop", "GRANT pg_read_all_stats TO lowly").expect("a grant");
    let lowly = read(&connect_as(&server, "lowly").await, "database/shop").await;
    let asks =
        |g: &loadline_model::Gap| g.closes.contains("GRANT SELECT ON \"public\".") && g.closes.contains("TO lowly;");
    assert!(lowly.gaps.iter().any(asks), "{:?}", lowly.gaps);
    assert_eq!(all::<Plan>(&lowly.facts).len(), 0);
    let administrator = read(&connect_superuser(&server).await, "database/shop").await;
    assert!(administrator.gaps.iter().any(|g| g.detail.contains("not as a superuser")), "{:?}", administrator.gaps);
    assert_eq!(all::<Plan>(&administrator.facts).len(), 0);
}

#[tokio::test]
async fn planning_leaves_nothing_behind() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    let dump = || {
        let text = server.tool("pg_dump", &["shop"]).expect("a dump");
        text.lines().filter(|l| !l.contains("restrict ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = dump();
    let scope = read(&connector, "database/shop").await;
    assert!(all::<Plan>(&scope.facts).iter().any(|(_, p)| p.hypothetical.is_some()), "an index was supposed");
    let mut lent = connector.session.lend().await.expect("the session");
    for (what, sql) in [
        ("hypothetical indexes", "SELECT count(*) FROM public.hypopg_list_indexes"),
        ("prepared statements", "SELECT count(*) FROM pg_prepared_statements WHERE from_sql"),
    ] {
        let row = sqlx::query(sql).persistent(false).fetch_one(&mut lent.connection).await.expect(what);
        assert_eq!(sqlx::Row::get::<i64, _>(&row, 0), 0, "{what}");
    }
    drop(lent);
    assert_eq!(dump(), before);
}

#[tokio::test]
async fn no_read_locks_beyond_access_share() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    let version = connector.server.version;
    let mut texts: Vec<String> = statements::ALL
        .iter()
        .filter(|s| !s.extension)
        .filter_map(|s| s.for_version(version).map(str::to_owned))
        .collect();
    texts.push(sequences::last_values(["public.orders_id_seq", "public.lines_id_seq"].into_iter()));
    texts.push("SELECT public.hypopg_create_index('CREATE INDEX ON public.orders (user_id)')::text".to_owned());
    texts.push("EXPLAIN (FORMAT JSON) SELECT * FROM public.orders WHERE user_id = 5".to_owned());
    for text in texts {
        let mut lent = connector.session.lend().await.expect("the session");
        let mut transaction = guarded(&mut lent.connection).await.expect("a transaction");
        let sql = sqlx::AssertSqlSafe(text.clone());
        sqlx::query(sql).persistent(false).fetch_all(&mut *transaction).await.expect("it answers");
        let held = "SELECT coalesce(string_agg(DISTINCT mode, ' '), 'AccessShareLock') AS modes FROM pg_locks
            WHERE pid = pg_backend_pid() AND locktype = 'relation'";
        let row = sqlx::query(held).persistent(false).fetch_one(&mut *transaction).await.expect("locks");
        assert_eq!(row.text("modes").as_deref(), Some("AccessShareLock"), "{text}");
    }
}

#[tokio::test]
async fn a_collection_says_what_it_cost() {
    let server = server();
    let role = "CREATE ROLE alone LOGIN PASSWORD 'alone-secret' IN ROLE pg_read_all_stats, pg_read_all_settings";
    server.sql("shop", role).expect("a role");
    let connector = connect_as(&server, "alone").await;
    let at_once = Arc::new(Mutex::new(Vec::new()));
    for plan in connector.scopes().await.expect("scopes") {
        let (seen, server) = (at_once.clone(), server.clone());
        let progress = Progress::new(move |step| {
            if step.done == 2 {
                let count = server.sql("shop", "SELECT count(*) FROM pg_stat_activity WHERE usename = 'alone'");
                seen.lock().expect("no panic").push(count.expect("counted").trim().to_owned());
            }
        });
        connector.read(&plan, &crate::testing::last_days(1), &progress).await;
    }
    let cost = connector.cost();
    assert!(cost.calls >= 20 && cost.busy_ms > 0 && cost.connections == 1 && cost.billed_calls == 0, "{cost:?}");
    assert_eq!(*at_once.lock().expect("no panic"), ["1", "1", "1"], "one connection, whatever is read");
}

#[tokio::test]
async fn checkpoints_and_growth_are_read() {
    let server = server();
    server.sql("shop", "CHECKPOINT").expect("a checkpoint");
    let counted = || server.sql("shop", "SELECT checkpoints_req FROM pg_stat_bgwriter").is_ok_and(|n| n.trim() != "0");
    crate::testing::until("the checkpoint was not counted", 20, counted).expect("counted");
    let connector = connect_as(&server, "loadline").await;
    let scope = read(&connector, "server").await;
    let share = setting(&scope, key::CHECKPOINTS_FORCED, None).and_then(Value::as_number);
    assert!(share.is_some_and(|s| (0.0..=1.0).contains(&s)), "{share:?}");
    assert_eq!(setting(&scope, key::CHECKPOINT_LOG_BYTES, None), Some(&Value::Number(1024.0 * 1_048_576.0)));
    assert_eq!(setting(&scope, key::TIMELINE, None), Some(&Value::Number(1.0)));
    let tables = read(&connector, "database/shop").await;
    let growth = all::<loadline_model::Series>(&tables.facts);
    assert!(
        growth
            .iter()
            .any(|(f, s)| s.metric == key::metric::TABLE_BYTES && f.subject.as_str().ends_with("public.orders"))
    );
}
