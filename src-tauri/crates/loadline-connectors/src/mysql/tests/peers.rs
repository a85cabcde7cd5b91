//! What other people's tools report of the same MariaDB: each of it is found by us too, or the table says why not.

use super::*;
use crate::testing::{assessed, counted_for, findings, run as run_tool, user_of};
use std::process::Command;

/// Small limits, no binary log, commits that a crash loses; a fixed chunk of the buffer pool, without which mysqltuner
/// divides by zero.
const AILING: [&str; 8] = [
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=2",
    "--max-connections=16",
    "--slow-query-log=ON",
    "--slow-query-log-file=slow.log",
    "--long-query-time=0.01",
    "--thread-cache-size=0",
    "--innodb-buffer-pool-chunk-size=2M",
];

const TABLES: &str = "CREATE DATABASE shop; USE shop;
    CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, user_id int NOT NULL, status varchar(9), total int,
        KEY by_status (status), KEY doubled (status, total), KEY twice (status), KEY by_user (user_id),
        KEY by_user_id (user_id, id)) AUTO_INCREMENT = 1932735283;
    INSERT INTO orders (user_id, status, total) SELECT seq % 5000, 'new', seq FROM seq_1_to_150000;
    CREATE TABLE nokey (a int); INSERT INTO nokey VALUES (1);
    ANALYZE TABLE orders;
    CREATE USER app@'%' IDENTIFIED BY 'app-secret'; GRANT ALL ON shop.* TO app@'%';
    CREATE USER loadline@'%' IDENTIFIED BY 'loadline-secret';
    GRANT PROCESS, SLAVE MONITOR, REFERENCES ON *.* TO loadline@'%';
    GRANT SELECT ON performance_schema.* TO loadline@'%'; GRANT SELECT ON mysql.innodb_index_stats TO loadline@'%';
    TRUNCATE performance_schema.events_statements_summary_by_digest";

/// What became of a tool's line.
enum Ours {
    /// A finding of this rule says it, in these words.
    Found(&'static str, &'static str),
    /// Nothing that is judged, for this reason.
    Explained(&'static str),
}

use Ours::{Explained, Found};

const NO_LOAD: &str =
    "who may sign in from where is no question of load; DB-021 judges servers that the internet reaches";
const SIZING: &str =
    "a rule of thumb about one buffer; DB-012 judges whether the working set fits, by hits and disk reads";

/// Parts of the lines that mysqltuner 1.9.9 marks with `[!!]`, and what we say.
const LINES: &[(&str, Ours)] = &[
    (
        "is EOL software",
        Explained("it takes every MariaDB above 10.3 for ended; DB-021 knows 10.11 to be supported until 2028-02"),
    ),
    ("contains", Explained("reads the server's own log file, which no connection shows")),
    ("Log file", Explained("reads the server's own log file, which no connection shows")),
    (
        "has no index defined",
        Explained("no rule: a table without primary key costs where it is scanned (DB-003) or copied (DB-011)"),
    ),
    ("has a low selectivity", Explained("a ratio of its own; an index that no statement uses is DB-019")),
    ("Index: by_status on shop.orders is not used", Found("DB-019", "`by_status`")),
    ("Index: twice on shop.orders is not used", Found("DB-019", "`twice`")),
    (
        "Index: by_user_id on shop.orders is not used",
        Explained("below 100 MB an unused index that no other covers costs too little (DB-019)"),
    ),
    (
        "Index: doubled on shop.orders is not used",
        Explained("below 100 MB an unused index that no other covers costs too little (DB-019)"),
    ),
    ("Index: by_user on shop.orders is not used", Found("DB-019", "`by_user`")),
    ("is an anonymous account", Explained(NO_LOAD)),
    ("does not specify hostname restrictions", Explained(NO_LOAD)),
    ("has no password", Explained(NO_LOAD)),
    ("Slow queries", Found("DB-003", "ADD INDEX (total)")),
    ("Highest connection usage", Found("DB-007", "of its connections")),
    ("possible memory usage", Explained("multiplies every buffer by every connection; CAP-002 judges what is used")),
    ("maximum memory usage", Explained("multiplies every buffer by every connection; CAP-002 judges what is used")),
    ("Name resolution is active", Explained("a setting without a measured cost")),
    ("hread cache", Explained("a setting without a measured cost; new sessions a second are judged by DB-008")),
    ("Joins performed without indexes", Found("DB-003", "")),
    ("joins", Found("DB-003", "")),
    ("emporary tables created on disk", Explained("DB-020 judges statements that spill by what they take of the time")),
    ("able cache hit", Explained(SIZING)),
    ("able_definition_cache", Explained(SIZING)),
    ("Key buffer", Explained(SIZING)),
    ("InnoDB", Explained(SIZING)),
    ("nnodb", Explained(SIZING)),
    ("query_cache", Explained(SIZING)),
    ("Query cache", Explained(SIZING)),
    ("Aria", Explained(SIZING)),
    ("binlog", Found("DATA-003", "")),
    ("No replication", Explained("SPOF-001 judges whether one copy is enough for what depends on it")),
    ("Performance_schema", Explained("it wants it on, and it is on")),
    ("Sort", Explained(SIZING)),
    ("Unable to determine", Explained("says nothing about the server")),
];

/// The server under its load: look-ups without an index, connections that stay.
fn ailing() -> (MariadbServer, Vec<Held>) {
    let server = MariadbServer::start(&AILING).expect("MariaDB");
    server.sql("", TABLES).expect("tables");
    let scans: String = (0..150).map(|n| format!("SELECT status FROM orders WHERE total = {n};")).collect();
    server.sql("shop", &scans).expect("scans");
    let joins = "SELECT a.id FROM orders a JOIN orders b ON a.total = b.total WHERE a.id = 1932735290;";
    server.sql("shop", &joins.repeat(5)).expect("joins");
    let crowd = (0..13).map(|_| Held::by(&server, "SELECT 1")).collect();
    let sessions = || server.sql("", "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = 'shop'");
    crate::testing::until("sessions are missing", 20, || sessions().is_ok_and(|n| n.trim() == "13")).expect("a crowd");
    (server, crowd)
}

async fn found(server: &MariadbServer) -> (Vec<String>, Vec<Scope>) {
    let mut account = account("mysql", &[("url", &server.url("loadline", ""))]);
    account.environment = Some(loadline_model::Environment::Production);
    let connector = Mysql::connect(account, Some(Secret::new("loadline-secret"))).await.expect("a connection");
    let mut scopes = read_all(&connector).await;
    counted_for(25.0, 31.0 * 24.0, &mut scopes);
    let cluster = connector.server.cluster();
    (findings(&assessed(&scopes, user_of(&cluster, &scopes))), scopes)
}

#[tokio::test]
async fn what_the_tools_report_is_found_or_explained() {
    let (server, crowd) = ailing();
    let (found, scopes) = found(&server).await;
    let says = |rule: &str, words: &str| found.iter().any(|f| f.starts_with(rule) && f.contains(words));

    // Its end is a division by zero on some versions; what it said until then counts.
    let mut tuner = Command::new("mysqltuner");
    tuner.args(["--host", "127.0.0.1", "--port", &server.port.to_string(), "--socket", &server.socket()]);
    tuner.args(["--user", "root", "--nocolor", "--noinfo", "--nogood", "--idxstat", "--colstat"]);
    tuner.args(["--forcemem", "2000", "--forceswap", "1000", "--nosysstat"]).current_dir("/");
    let said = tuner.output().expect("mysqltuner is installed");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let lines: Vec<&str> = said.lines().filter_map(|l| l.trim().strip_prefix("[!!]")).map(str::trim).collect();
    assert!(lines.len() >= 10, "{said}");
    let mut wrong = Vec::new();
    for line in &lines {
        match LINES.iter().find(|(part, _)| line.contains(part)) {
            None => wrong.push(format!("neither found nor explained: {line}")),
            Some((_, Found(rule, words))) if !says(rule, words) => wrong.push(format!("{rule} does not say: {line}")),
            Some((_, Explained(why))) if why.len() < 10 => wrong.push(format!("not explained: {line}")),
            Some(_) => {}
        }
    }
    for expected in ["Highest connection usage", "Index: by_status on shop.orders is not used"] {
        assert!(lines.iter().any(|l| l.contains(expected)), "it does not report `{expected}`: {said}");
    }

    let place = format!("S={},u=root,D=shop", server.socket());
    let keys = run_tool(Command::new("pt-duplicate-key-checker").args(["--databases", "shop", &place]));
    let keys = keys.expect("percona-toolkit is installed");
    let dropped: Vec<&str> = keys.lines().filter(|l| l.starts_with("ALTER TABLE")).collect();
    assert!(dropped.len() >= 3, "{keys}");
    for line in dropped {
        let index = line.split('`').nth(5).expect("an index");
        // InnoDB appends the primary key itself; the tool would shorten such an index, which saves nothing on disk.
        if !line.contains("ADD INDEX") && !says("DB-019", &format!("`{index}`")) {
            wrong.push(format!("DB-019 does not name `{index}`: {line}"));
        }
    }

    let log = std::path::Path::new(&server.socket()).with_file_name("data").join("slow.log");
    let digest = run_tool(Command::new("pt-query-digest").args(["--limit", "20", "--output", "json"]).arg(&log));
    let digest: serde_json::Value = serde_json::from_str(&digest.expect("percona-toolkit is installed")).expect("json");
    let ranked = digest["classes"].as_array().expect("classes").iter().filter_map(|c| c["fingerprint"].as_str());
    let ranked: Vec<&str> = ranked.filter(|f| f.starts_with("select") && f.contains(" from orders ")).collect();
    assert_eq!(ranked.len(), 2, "{digest}");
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric() || *c == '=').collect::<String>();
    let ours: Vec<String> =
        scopes.iter().flat_map(|s| all::<QueryStat>(&s.facts)).map(|(_, q)| plain(&q.text)).collect();
    for fingerprint in ranked {
        if !ours.contains(&plain(fingerprint)) {
            wrong.push(format!("pt-query-digest ranks `{fingerprint}`, and we do not: {ours:?}"));
        }
    }
    drop(crowd);
    assert!(wrong.is_empty(), "{}\n\n{}\n\n{said}", wrong.join("\n"), found.join("\n"));
}
