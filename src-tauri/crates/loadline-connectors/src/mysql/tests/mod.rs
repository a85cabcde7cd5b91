//! Against a real MariaDB: what it says, what it hides from a small user, and that nothing changes.

mod extreme;
mod peers;
mod planted;
mod refusals;
mod replicas;
mod unchanged;

use super::*;
use crate::testing::{MariadbServer, account, last_days};
use loadline_model::{
    Edge, Fact, FactBody, IndexStat, Kind, Limit, LockSample, QueryStat, Relation, Resource, ScopeStatus, Setting,
    TableStat, Value, Verb, key,
};
use std::io::Write as _;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

/// Settings of a server that nothing is wrong with.
const HEALTHY: [&str; 8] = [
    "--log-bin=b",
    "--server-id=1",
    "--sync-binlog=1",
    "--innodb-flush-log-at-trx-commit=1",
    "--slow-query-log=ON",
    "--long-query-time=0.2",
    "--max-statement-time=30",
    "--binlog-expire-logs-seconds=604800",
];

static SHARED: Mutex<Weak<MariadbServer>> = Mutex::new(Weak::new());

/// One server for the tests that run at the same time.
fn server() -> Arc<MariadbServer> {
    let mut shared = SHARED.lock().expect("no test panics while starting");
    if let Some(running) = shared.upgrade() {
        return running;
    }
    let server = MariadbServer::start(&HEALTHY).expect("MariaDB");
    plant(&server);
    let server = Arc::new(server);
    *shared = Arc::downgrade(&server);
    server
}

/// A shop with what the database rules look for, and two users: `loadline` of the policy, `lowly` without anything.
fn plant(server: &MariadbServer) {
    server.sql("", "CREATE DATABASE shop; CREATE DATABASE crm").expect("two databases");
    for sql in [
        "CREATE TABLE shop.users (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, email varchar(99), UNIQUE KEY by_email (email))",
        "CREATE TABLE shop.orders (id int AUTO_INCREMENT PRIMARY KEY, user_id bigint unsigned, status varchar(20), note text, \
         total int, KEY unused_status (status), KEY doubled (status, total), KEY by_note (note(10)), \
         FOREIGN KEY owner (user_id) REFERENCES shop.users (id)) AUTO_INCREMENT = 1932735283",
        "CREATE TABLE crm.orders (id smallint AUTO_INCREMENT PRIMARY KEY, state varchar(9))",
        "INSERT INTO shop.users (email) SELECT CONCAT('secret-', seq) FROM seq_1_to_500",
        "INSERT INTO shop.orders (user_id, status, note, total) SELECT seq % 500 + 1, 'secret', 'secret', seq FROM seq_1_to_20000",
        "ANALYZE TABLE shop.orders, shop.users",
        "CREATE USER lowly@'%' IDENTIFIED BY 'lowly-secret'",
    ] {
        server.sql("shop", sql).expect(sql);
    }
    for line in granted() {
        server.sql("", &line).expect(&line);
    }
    for n in 0..20 {
        server.sql("shop", &format!("SELECT * FROM orders WHERE total = {n}")).expect("a scan");
    }
    server.sql("shop", "SELECT id FROM orders; UPDATE users SET email = 'secret-0' WHERE id = 1").expect("statements");
}

/// The policy as it is printed, for MariaDB.
fn granted() -> Vec<String> {
    let policy = statements::policy();
    let mine = policy.lines().filter(|l| !l.starts_with("--") && !l.ends_with("-- MySQL"));
    // Without its limit of two connections, because the tests share the user at the same time.
    mine.map(|l| l.replace("choose one", "loadline-secret").replace(" WITH MAX_USER_CONNECTIONS 2", "")).collect()
}

/// A client of `root` that sends these statements and stays connected while its value lives.
struct Held(Child);

impl Held {
    fn by(server: &MariadbServer, sql: &str) -> Self {
        let mut client = server.client("shop").expect("a client");
        client.arg("--unbuffered").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = client.spawn().expect("a session");
        let input = child.stdin.as_mut().expect("its input");
        input.write_all(format!("{sql};\n").as_bytes()).and_then(|()| input.flush()).expect("it reads");
        Self(child)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn connect_as(server: &MariadbServer, user: &str) -> Mysql {
    let secret = Secret::new(format!("{user}-secret"));
    let account = account("mysql", &[("url", &server.url(user, ""))]);
    Mysql::connect(account, Some(secret)).await.expect("a connection")
}

async fn connect_root(server: &MariadbServer) -> Mysql {
    let account = account("mysql", &[("url", &server.socket_url("shop"))]);
    Mysql::connect(account, None).await.expect("a connection")
}

async fn read(connector: &Mysql, scope: &str) -> Scope {
    connector.read(&ScopePlan::new(scope, ""), &last_days(28), &Progress::silent()).await
}

async fn read_all(connector: &Mysql) -> Vec<Scope> {
    let mut read_scopes = Vec::new();
    for plan in connector.scopes().await.expect("scopes") {
        read_scopes.push(read(connector, &plan.name).await);
    }
    read_scopes
}

fn all<'a, T: FactBody + 'a>(facts: &'a [Fact]) -> Vec<(&'a Fact, &'a T)> {
    facts.iter().filter_map(|f| Some((f, T::of(&f.body)?))).collect()
}

fn setting<'a>(scope: &'a Scope, key: &str, item: Option<&str>) -> Option<&'a Value> {
    let found = all::<Setting>(&scope.facts).into_iter().map(|(_, s)| s);
    found.into_iter().find(|s| s.key == key && s.item.as_deref() == item).map(|s| &s.value)
}

fn number(scope: &Scope, key: &str) -> f64 {
    setting(scope, key, None).and_then(Value::as_number).unwrap_or_else(|| panic!("{key} in {:?}", scope.gaps))
}

fn index<'a>(scope: &'a Scope, name: &str) -> &'a IndexStat {
    all::<IndexStat>(&scope.facts).into_iter().map(|(_, i)| i).find(|i| i.index == name).expect("the index")
}

#[tokio::test]
async fn the_server_is_described_completely_to_the_policy_user() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    let scope = read(&connector, "server").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    assert_eq!(scope.inventories, [Kind::Database]);
    let (fact, resource) = all::<Resource>(&scope.facts)[0];
    let name = server.sql("", "SELECT LOWER(@@hostname)").expect("a name");
    assert_eq!(fact.subject.as_str(), format!("mysql://{}:{}", name.trim(), server.port), "loopback is no name");
    assert_eq!((resource.kind, resource.engine.as_deref(), resource.managed), (Kind::Database, Some("mariadb"), None));
    for (key, expected) in [
        (key::MAX_CONNECTIONS, 40.0),
        (key::RESERVED_CONNECTIONS, 0.0),
        (key::SLOW_LOG_THRESHOLD_MS, 200.0),
        (key::STATEMENT_TIMEOUT_MS, 30_000.0),
        (key::LOCK_TIMEOUT_MS, 50_000.0),
        (key::IDLE_IN_TRANSACTION_TIMEOUT_MS, 28_800_000.0),
        (key::OPLOG_WINDOW_HOURS, 168.0),
        (key::STANDBY_MEMBERS, 0.0),
    ] {
        assert_eq!(number(&scope, key), expected, "{key}");
    }
    assert_eq!(all::<Limit>(&scope.facts)[0].1.value, 40.0);
    for (key, expected) in [
        (key::FSYNC, true),
        (key::FULL_PAGE_WRITES, true),
        (key::ARCHIVE_ON, true),
        (key::TLS_REQUIRED, false),
        (key::PUBLICLY_REACHABLE, false),
        (key::IS_STANDBY, false),
    ] {
        assert_eq!(setting(&scope, key, None), Some(&Value::Bool(expected)), "{key}");
    }
    assert_eq!(setting(&scope, key::SYNCHRONOUS_COMMIT, None), Some(&Value::Text("on".into())));

    let scope = read(&connector, "activity").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    assert!((0.5..=1.0).contains(&number(&scope, key::BUFFER_HIT_RATIO)));
    assert_eq!((number(&scope, key::CONNECTIONS_REFUSED_7D), number(&scope, key::STATEMENTS_EVICTED)), (0.0, 0.0));
    assert!(number(&scope, key::STATISTICS_WINDOW_HOURS) >= 0.0 && number(&scope, key::DEADLOCKS) == 0.0);
    assert_eq!(all::<LockSample>(&scope.facts)[0].1.chains, Vec::<String>::new());
}

#[tokio::test]
async fn the_tables_show_statements_without_literals_and_missing_indexes() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    let scope = read(&connector, "tables").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    assert_eq!(scope.inventories, [Kind::Table]);
    assert_eq!(setting(&scope, key::STATEMENT_STATISTICS, None), Some(&Value::Bool(true)));
    assert!(number(&scope, key::STATEMENT_WINDOW_HOURS) >= 0.0 && number(&scope, key::DATABASE_BYTES) > 1e6);
    let queries = all::<QueryStat>(&scope.facts);
    let scan = queries.iter().find(|(_, q)| q.text.contains("total = ?")).expect("the statement").1;
    assert_eq!(scan.text, "select * from orders where total = ?");
    assert_eq!(
        (scan.verb, scan.calls, scan.tables.as_slice()),
        (Verb::Read, 20.0, ["shop.orders".to_owned()].as_slice())
    );
    assert!(scan.rows_examined >= Some(400_000.0) && scan.rows < 30.0 && scan.since.is_some(), "{scan:?}");
    let unbounded = queries.iter().find(|(_, q)| q.text == "select id from orders").expect("the read of everything").1;
    assert_eq!((unbounded.rows, unbounded.calls), (20_000.0, 1.0));
    assert!(queries.iter().any(|(_, q)| q.verb == Verb::Write && q.tables == ["shop.users"]), "the update");
    let text = serde_json::to_string(&scope).expect("json");
    for secret in ["secret", "PASSWORD", "password", "*94"] {
        assert!(!text.contains(secret), "{secret} left the server");
    }
    let orders = format!("{}/shop.orders", connector.server.cluster());
    let stats = all::<TableStat>(&scope.facts);
    let (_, stat) = *stats.iter().find(|(f, _)| f.subject.as_str() == orders).expect("the table");
    assert_eq!((stat.columns, stat.unindexed_filters.as_slice()), (Some(5.0), ["total".to_owned()].as_slice()));
    assert!(stat.rows.is_some_and(|n| (15_000.0..25_000.0).contains(&n)), "an estimate: {stat:?}");
    assert!(stat.seq_rows_read >= Some(400_000.0) && stat.total_bytes > stat.bytes && stat.since.is_some(), "{stat:?}");
    let unused = index(&scope, "unused_status");
    assert_eq!((unused.scans, unused.unique, unused.columns.join(",")), (Some(0.0), Some(false), "status".to_owned()));
    assert!(unused.bytes > Some(100_000.0), "{unused:?}");
    assert_eq!(index(&scope, "doubled").columns, ["status", "total"]);
    assert_eq!(index(&scope, "by_note").columns, ["note(10)"]);
    assert_eq!(index(&scope, "owner").unique, Some(true), "a foreign key needs it");
    assert_eq!(index(&scope, "by_email").unique, Some(true));
    let used = setting(&scope, key::SEQUENCE_USED, Some("shop.orders.id")).and_then(Value::as_number).expect("a key");
    assert!((0.9..0.91).contains(&used), "{used}");
    assert_eq!(setting(&scope, key::SEQUENCE_USED, Some("crm.orders.id")), Some(&Value::Number(0.0)));
    let stored = |(_, e): &(&Fact, &Edge)| e.relation == Relation::StoredIn && e.to == connector.server.cluster();
    assert_eq!(all::<Edge>(&scope.facts).into_iter().filter(stored).count(), 3);
}

#[tokio::test]
async fn a_small_user_leaves_gaps_that_name_the_grant() {
    let server = server();
    let connector = connect_as(&server, "lowly").await;
    let scopes = read_all(&connector).await;
    for (scope, grant) in [
        ("server", "GRANT SLAVE MONITOR ON *.* TO 'lowly'@'%';"),
        ("server", "GRANT PROCESS ON *.* TO 'lowly'@'%';"),
        ("activity", "GRANT PROCESS ON *.* TO 'lowly'@'%';"),
        ("tables", "GRANT SELECT ON performance_schema.* TO 'lowly'@'%';"),
        ("tables", "GRANT SELECT ON mysql.innodb_index_stats TO 'lowly'@'%';"),
        ("tables", "GRANT PROCESS ON *.* TO 'lowly'@'%';"),
    ] {
        let read = scopes.iter().find(|s| s.name == scope).expect("the scope");
        let found = read.gaps.iter().any(|g| g.reason == GapReason::PermissionDenied && g.closes == grant);
        assert!(found, "{scope} does not ask for {grant}: {:?}", read.gaps);
        for key in [key::STANDBY_MEMBERS, key::IS_STANDBY, key::STATEMENT_STATISTICS] {
            assert_eq!(setting(read, key, None), None, "unknown, not zero: {key}");
        }
        assert_eq!(read.inventories.iter().filter(|k| **k == Kind::Table).count(), 0, "a hidden table is not absent");
    }
    assert!(number(&scopes[1], key::CONNECTIONS_IN_USE) >= 0.0, "what everybody may see is read");
    let shown = connector.test().await;
    let refused: Vec<&str> = shown.iter().filter(|p| p.granted != Some(true)).map(|p| p.name.as_str()).collect();
    let wanted = [
        "PROCESS",
        "SLAVE MONITOR",
        "REFERENCES",
        "SELECT ON performance_schema.*",
        "SELECT ON mysql.innodb_index_stats",
    ];
    assert_eq!(refused, wanted, "{shown:?}");
    assert!(shown.iter().all(|p| (p.granted == Some(true)) == p.closes.is_empty()), "{shown:?}");
    let full = connect_as(&server, "loadline").await.test().await;
    assert!(full.len() == 6 && full.iter().all(|p| p.granted == Some(true)), "{full:?}");

    // Only the names of tables are missing: what is there is counted, not guessed.
    server
        .sql("", "CREATE USER half@'%' IDENTIFIED BY 'half-secret'; GRANT PROCESS ON *.* TO half@'%'")
        .expect("a user");
    let tables = read(&connect_as(&server, "half").await, "tables").await;
    let hidden =
        |g: &loadline_model::Gap| g.closes == "GRANT REFERENCES ON *.* TO 'half'@'%';" && g.detail.contains("3 tables");
    assert!(tables.gaps.iter().any(hidden), "{:?}", tables.gaps);
}

#[tokio::test]
async fn every_statement_answers() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    for statement in statements::ALL {
        let rows = connector.session.rows(statement, &connector.server.engine).await;
        assert!(rows.is_ok(), "{}: {rows:?}", statement.name);
    }
    assert!(connector.estimate().await.calls > 15);
}
