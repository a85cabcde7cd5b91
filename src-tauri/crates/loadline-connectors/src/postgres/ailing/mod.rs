//! A shop with nearly everything wrong that can be wrong with a PostgreSQL: the rules find it, and so do other people's
//! tools on the same server; its twin is healthy and is not blamed.

mod careless;
mod healthy;
mod peers;
mod planted;

use super::Postgres;
use crate::testing::{PostgresServer, account, counted_for, last_days, run_psql, until};
use crate::{Connector as _, Progress, Secret};
use loadline_model::{Environment, Scope, SubjectId};
use std::io::Write as _;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Small limits, a log that other tools can read, an archive that never works, and tables that are vacuumed by nobody.
const AILING: &str = "max_connections = 24\nfsync = off\nwork_mem = '64kB'\nmax_prepared_transactions = 2\nhot_standby = on\n\
    archive_mode = on\narchive_command = 'false'\nlog_min_duration_statement = 10\nlog_lock_waits = on\nlog_temp_files = 0\n\
    log_line_prefix = '%m [%p] %q%u@%d '\njit = off\n";
const NEVER_VACUUMED: &str = "WITH (autovacuum_enabled = false)";

/// Longer than a minute, from when on a wait and an open transaction are worth a finding.
const PATIENCE: Duration = Duration::from_secs(62);

/// The tables of both servers.
fn tables(options: &str) -> Vec<String> {
    let columns: Vec<String> = (0..25).map(|n| format!("c{n} int")).collect();
    vec![
        "CREATE EXTENSION pg_stat_statements".to_owned(),
        format!("CREATE TABLE orders (id serial PRIMARY KEY, user_id int, status text, note text) {options}"),
        "INSERT INTO orders (user_id, status, note)
         SELECT n % 20000, CASE WHEN n % 9 = 0 THEN 'open' ELSE 'paid' END, 'note ' || n FROM generate_series(1, 120000) n"
            .to_owned(),
        format!("CREATE TABLE customers (id serial PRIMARY KEY, name text) {options}"),
        "INSERT INTO customers (name) SELECT 'name ' || n FROM generate_series(1, 5000) n".to_owned(),
        format!("CREATE TABLE lines (id serial PRIMARY KEY, customer_id int REFERENCES customers) {options}"),
        "INSERT INTO lines (customer_id) SELECT 1 + n % 4000 FROM generate_series(1, 120000) n".to_owned(),
        format!("CREATE TABLE wide (id int PRIMARY KEY, {}) {options}", columns.join(", ")),
        "INSERT INTO wide (id) SELECT n FROM generate_series(1, 100) n".to_owned(),
        format!("CREATE TABLE profiles (id int PRIMARY KEY, name text) {options}"),
        "INSERT INTO profiles SELECT n, 'x' FROM generate_series(1, 5000) n".to_owned(),
        "CREATE ROLE app LOGIN PASSWORD 'app-secret'; GRANT ALL ON ALL TABLES IN SCHEMA public TO app".to_owned(),
        "CREATE ROLE loadline LOGIN PASSWORD 'loadline-secret' IN ROLE pg_read_all_stats, pg_read_all_settings;
         GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO loadline; GRANT SELECT ON ALL TABLES IN SCHEMA public TO loadline"
            .to_owned(),
    ]
}

/// A session of `app` that runs these statements and stays as long as its value lives.
struct Held(Child);

impl Held {
    fn by(server: &PostgresServer, sql: &str) -> Self {
        let mut psql = run_psql(&server.socket(), server.port).expect("psql");
        psql.args(["-d", "shop", "-U", "app"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = psql.spawn().expect("a session");
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

/// Sends these statements one after another as `app`, as an application would.
fn send(server: &PostgresServer, sql: &str) {
    let mut psql = run_psql(&server.socket(), server.port).expect("psql");
    psql.args(["-d", "shop", "-U", "app"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = psql.spawn().expect("a session");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(sql.as_bytes()).expect("it reads");
    drop(input);
    assert!(child.wait().expect("it ends").success(), "{sql}");
}

/// The server, its standby and the sessions that hold it up.
struct Ailing {
    // Sessions end before their server.
    _sessions: Vec<Held>,
    standby: PostgresServer,
    server: PostgresServer,
    since: Instant,
}

static SHARED: Mutex<std::sync::Weak<Ailing>> = Mutex::const_new(std::sync::Weak::new());

/// One server for the tests that run at the same time, when its waits are long enough.
async fn ailing() -> Arc<Ailing> {
    let mut shared = SHARED.lock().await;
    let ailing = match shared.upgrade() {
        Some(running) => running,
        None => Arc::new(Ailing::start()),
    };
    *shared = Arc::downgrade(&ailing);
    drop(shared);
    tokio::time::sleep(PATIENCE.saturating_sub(ailing.since.elapsed())).await;
    ailing
}

impl Ailing {
    fn start() -> Self {
        let server = PostgresServer::start(AILING).expect("PostgreSQL");
        server.sql("postgres", "CREATE DATABASE shop").expect("a database");
        let run = |sql: &str| server.sql("shop", sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
        for sql in tables(NEVER_VACUUMED) {
            run(&sql);
        }
        for sql in planted::PROBLEMS {
            run(sql);
        }
        let broken = server.sql("shop", "CREATE UNIQUE INDEX CONCURRENTLY broken ON orders (user_id)");
        assert!(broken.is_err_and(|said| said.contains("duplicat")), "it leaves an invalid index behind");
        let standby = server.standby().expect("a standby");
        run("ANALYZE; SELECT pg_stat_statements_reset()");
        for sql in planted::traffic() {
            send(&server, &sql);
        }
        run("SELECT pg_switch_wal()");
        run("BEGIN; UPDATE profiles SET name = 'x' WHERE id = 3; PREPARE TRANSACTION 'forgotten'");
        let count = |what: &str| {
            run(&format!("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND {what}")).trim().to_owned()
        };
        let since = Instant::now();
        let mut sessions = vec![Held::by(&server, "BEGIN; UPDATE profiles SET name = 'held' WHERE id = 1")];
        until("nobody is idle in a transaction", 20, || count("state = 'idle in transaction'") == "1").expect("held");
        sessions.push(Held::by(
            &server,
            "BEGIN; UPDATE profiles SET name = 'b' WHERE id = 2; UPDATE profiles SET name = 'b' WHERE id = 1",
        ));
        until("nobody waits", 20, || count("wait_event_type = 'Lock'") == "1").expect("a waiter");
        sessions.push(Held::by(&server, "UPDATE profiles SET name = 'c' WHERE id = 2"));
        sessions.extend((0..15).map(|_| Held::by(&server, "SELECT 1")));
        until("sessions are missing", 20, || count("true") == "18").expect("a crowd");
        standby.sql("postgres", "SELECT pg_wal_replay_pause()").expect("paused");
        run("INSERT INTO customers (name) VALUES ('behind')");
        Self { _sessions: sessions, standby, server, since }
    }

    /// Everything that primary and standby say to the role of the policy, as if a day of statements and 31 days of tables were counted.
    async fn read(&self) -> (Vec<Scope>, SubjectId) {
        let primary = connect(&self.server, "postgres").await;
        let standby = connect(&self.standby, "standby").await;
        let mut scopes = read(&primary).await;
        scopes.extend(read(&standby).await);
        counted_for(25.0, 31.0 * 24.0, &mut scopes);
        (scopes, primary.server.cluster())
    }
}

/// As the role of the policy, in production.
async fn connect(server: &PostgresServer, id: &str) -> Postgres {
    let mut account = account("postgres", &[("url", &server.url("loadline", "shop"))]);
    account.id = id.into();
    account.environment = Some(Environment::Production);
    Postgres::connect(account, Some(Secret::new("loadline-secret"))).await.expect("a connection")
}

async fn read(connector: &Postgres) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for plan in connector.scopes().await.expect("parts") {
        scopes.push(connector.read(&plan, &last_days(1), &Progress::silent()).await);
    }
    scopes
}
