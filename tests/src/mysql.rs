//! MySQL's family on real input: a MariaDB with planted problems is judged by the rules, and a healthy twin is not blamed.

use crate::pipeline::findings;
use crate::program::{Home, ok};
use loadline_connectors::testing::MariadbServer;
use serde_json::Value;
use std::io::Write as _;
use std::process::{Child, Stdio};
use std::time::Duration;

const SECRET: [(&str, &str); 1] = [("DB_SECRET", "canary-7b2d9e")];

/// A session of an application that sends these statements and stays connected while its value lives.
struct Held(Child);

impl Held {
    fn by(server: &MariadbServer, sql: &str) -> Self {
        let mut client = server.client("app").expect("a client");
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

/// The same shop twice: its indexes fit its statements, or they do not.
fn shop(server: &MariadbServer, healthy: bool) {
    let keys = if healthy { "KEY by_user (user_id)" } else { "KEY by_status (status), KEY doubled (status, total)" };
    let kind = if healthy { "bigint unsigned" } else { "int" };
    let plant = format!(
        "CREATE DATABASE app; USE app;
         CREATE TABLE orders (id {kind} AUTO_INCREMENT PRIMARY KEY, user_id int NOT NULL, status varchar(9), total int, {keys})
             AUTO_INCREMENT = 1932735283;
         INSERT INTO orders (user_id, status, total) SELECT seq % 5000, 'new', seq FROM seq_1_to_150000;
         ANALYZE TABLE orders;
         CREATE USER loadline@'%' IDENTIFIED BY 'canary-7b2d9e';
         GRANT PROCESS, SLAVE MONITOR, REFERENCES ON *.* TO loadline@'%';
         GRANT SELECT ON performance_schema.* TO loadline@'%';
         GRANT SELECT ON mysql.innodb_index_stats TO loadline@'%';"
    );
    server.sql("", &plant).expect("planted");
    // More than a thousand look-ups by user: each reads the whole table where no index leads with it.
    let look_ups: String =
        (0..1_100).map(|n| format!("SELECT total FROM orders WHERE user_id = {n} LIMIT 1;")).collect();
    server.sql("app", &look_ups).expect("look-ups");
}

/// Connects, collects and judges; every rule that fails, and the assessment.
fn judged(home: &Home, servers: &[(&str, &MariadbServer)]) -> Value {
    for (name, server) in servers {
        let url = server.url("loadline", "");
        let words = [
            "connect",
            "mysql",
            "--url",
            &url,
            "--name",
            name,
            "--environment",
            "production",
            "--secret-env",
            "DB_SECRET",
        ];
        ok(&home.run(&words).expect("runs"), &[0]);
        let tested = home.run_with(&["test", name, "--json"], &SECRET).expect("runs");
        ok(&tested, &[0]);
    }
    let collected = home.run_with(&["collect", "--json"], &SECRET).expect("runs");
    ok(&collected, &[0, 3]);
    let assessed = home.run(&["assess", "--json"]).expect("runs");
    ok(&assessed, &[0]);
    for text in [&collected.out, &collected.err, &assessed.out] {
        assert!(!text.contains("canary-7b2d9e"), "the secret was printed");
    }
    assessed.json().expect("json")
}

/// What a rule fails for, as text; empty when it does not fail.
fn failing(assessment: &Value, rule: &str) -> String {
    let failed: Vec<String> =
        findings(assessment, rule).into_iter().filter(|f| f["result"] == "fail").map(Value::to_string).collect();
    failed.join("\n")
}

#[test]
fn planted_problems_are_judged_by_the_rules() {
    let home = Home::new().expect("home");
    let options = ["--log-bin=b", "--server-id=1", "--innodb-flush-log-at-trx-commit=2", "--max-connections=10"];
    let more = ["--binlog-expire-logs-seconds=3600", "--innodb-lock-wait-timeout=600"];
    let options: Vec<&str> = options.into_iter().chain(more).collect();
    let primary = MariadbServer::start(&options).expect("MariaDB is installed");
    let replica = primary.replica(&["--read-only=ON"]).expect("a replica");
    primary.sql("", "CREATE DATABASE early").expect("a change");
    // One holds a row for more than a minute, another waits for it; with the idle ones few connections are left.
    shop(&primary, false);
    let mut sessions = vec![Held::by(&primary, "BEGIN; UPDATE orders SET total = 1 WHERE id = 1932735283")];
    std::thread::sleep(Duration::from_secs(1));
    sessions.push(Held::by(&primary, "UPDATE orders SET total = 2 WHERE id = 1932735283"));
    sessions.extend((0..5).map(|_| Held::by(&primary, "SELECT 1")));
    let copied = || replica.sql("app", "SELECT COUNT(*) FROM orders").is_ok_and(|n| n.trim() == "150000");
    let begun = std::time::Instant::now();
    while !copied() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(200));
    }
    replica.sql("", "STOP SLAVE SQL_THREAD").expect("it stops");
    std::thread::sleep(Duration::from_secs(63_u64.saturating_sub(begun.elapsed().as_secs())));

    let a = judged(&home, &[("primary", &primary), ("replica", &replica)]);
    for (rule, part) in [
        ("DB-003", "ALTER TABLE app.orders ADD INDEX (user_id), ALGORITHM=INPLACE, LOCK=NONE;"),
        ("DB-007", "80 % of its connections"),
        ("DB-011", "Replication has stopped on"),
        ("DB-015", "waited"),
        ("DB-016", "max_statement_time = 15"),
        ("DB-017", "A transaction of"),
        ("DB-018", "binlog_expire_logs_seconds"),
        ("DB-019", "ALTER TABLE app.orders ALTER INDEX by_status IGNORED;"),
        ("DATA-008", "SET GLOBAL innodb_flush_log_at_trx_commit = 1; SET GLOBAL sync_binlog = 1;"),
        ("CAP-009", "MODIFY id BIGINT UNSIGNED"),
    ] {
        let found = failing(&a, rule);
        assert!(found.contains(part), "{rule} does not say `{part}`: {found} {:?}", findings(&a, rule));
    }
    drop(sessions);
}

#[test]
fn a_healthy_twin_is_not_blamed() {
    let home = Home::new().expect("home");
    let options = ["--log-bin=b", "--server-id=1", "--sync-binlog=1", "--max-statement-time=30", "--slow-query-log=ON"];
    let more = ["--long-query-time=0.2", "--binlog-expire-logs-seconds=604800"];
    let options: Vec<&str> = options.into_iter().chain(more).collect();
    let primary = MariadbServer::start(&options).expect("MariaDB is installed");
    let replica = primary.replica(&["--read-only=ON", "--max-statement-time=30"]).expect("a replica");
    shop(&primary, true);
    let copied = || replica.sql("app", "SELECT COUNT(*) FROM orders").is_ok_and(|n| n.trim() == "150000");
    let begun = std::time::Instant::now();
    while !copied() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(200));
    }
    let a = judged(&home, &[("primary", &primary), ("replica", &replica)]);
    for rule in [
        "DB-001", "DB-003", "DB-004", "DB-005", "DB-006", "DB-007", "DB-008", "DB-009", "DB-011", "DB-012", "DB-013",
        "DB-014", "DB-015", "DB-016", "DB-017", "DB-018", "DB-019", "DB-020", "DATA-008", "CAP-009",
    ] {
        assert_eq!(failing(&a, rule), "", "{rule}");
    }
}
