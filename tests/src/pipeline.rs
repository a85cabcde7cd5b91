//! The main job on real input: a real PostgreSQL under load and a real Prometheus that scrapes a real HTTP service.

use crate::program::{Home, Said, ok};
use loadline_connectors::testing::{PostgresServer, PrometheusServer, ScriptedServer, free_port};
use serde_json::Value;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A small HTTP service with a latency histogram, counting what it served.
struct Service {
    server: ScriptedServer,
}

const BOUNDS: [f64; 6] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

impl Service {
    fn start() -> Self {
        let scrapes = Arc::new(AtomicU64::new(0));
        let server = ScriptedServer::start(move |_, stream| {
            // Each scrape finds two hundred more requests: 60 % below 100 ms, 95 % below 500 ms.
            let n = (scrapes.fetch_add(1, Ordering::SeqCst) + 1) * 200;
            let shares = [0.2, 0.6, 0.8, 0.95, 0.99, 1.0];
            let mut body = String::from("# TYPE http_server_request_duration_seconds histogram\n");
            for (bound, share) in BOUNDS.iter().zip(shares) {
                let count = (n as f64 * share) as u64;
                body.push_str(&format!(
                    "http_server_request_duration_seconds_bucket{{http_route=\"/feed\",le=\"{bound}\"}} {count}\n"
                ));
            }
            body.push_str(&format!(
                "http_server_request_duration_seconds_bucket{{http_route=\"/feed\",le=\"+Inf\"}} {n}\n"
            ));
            body.push_str(&format!(
                "http_server_request_duration_seconds_sum{{http_route=\"/feed\"}} {}\n",
                n as f64 * 0.17
            ));
            body.push_str(&format!("http_server_request_duration_seconds_count{{http_route=\"/feed\"}} {n}\n"));
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(body.as_bytes());
        });
        Self { server: server.expect("a free port") }
    }
}

/// A day of the same service's history, written into the real server by its own tool, because hours are judged whole.
pub(crate) fn history(name: &str) -> String {
    let now = loadline_connectors::testing::real_now().0 / 1000;
    let minutes: Vec<i64> = (0..24 * 60).map(|m| now - 30 * 3600 + m * 60).collect();
    let shares = [("0.05", 0.2), ("0.1", 0.6), ("0.25", 0.8), ("0.5", 0.95), ("1", 0.99), ("2.5", 1.0), ("+Inf", 1.0)];
    let mut text = format!("# TYPE {name} histogram\n");
    let labels = "job=\"api\",instance=\"10.0.0.1:80\",http_route=\"/feed\"";
    for (le, share) in shares {
        for (n, at) in minutes.iter().enumerate() {
            let count = (n as f64 * 100.0 * share) as u64;
            text.push_str(&format!("{name}_bucket{{{labels},le=\"{le}\"}} {count} {at}\n"));
        }
    }
    text.push_str("# EOF\n");
    text
}

fn loaded_postgres() -> PostgresServer {
    let server = PostgresServer::start("shared_preload_libraries = 'pg_stat_statements'\nmax_connections = 40\n")
        .expect("PostgreSQL is installed");
    server.sql("postgres", "CREATE DATABASE app").expect("database");
    let plant = "CREATE EXTENSION pg_stat_statements;
        CREATE TABLE orders (id bigserial PRIMARY KEY, user_id int NOT NULL, note text);
        INSERT INTO orders (user_id, note) SELECT i % 5000, repeat('x', 20) FROM generate_series(1, 150000) i;
        ANALYZE orders;";
    server.sql("app", plant).expect("planted");
    let socket = server.socket();
    server.tool("pgbench", &["-h", &socket, "-i", "-q", "-s", "1", "app"]).expect("pgbench -i");
    server.tool("pgbench", &["-h", &socket, "-t", "100", "-c", "2", "app"]).expect("pgbench");
    // The missing index: every look-up by user reads the table in full.
    let scans = "DO $$ BEGIN FOR i IN 1..130 LOOP PERFORM count(*) FROM orders WHERE user_id = i; END LOOP; END $$;";
    server.sql("app", scans).expect("scans");
    for user in 0..4 {
        server.sql("app", &format!("SELECT count(*) FROM orders WHERE user_id = {user}")).expect("look-up");
    }
    server
}

fn role(server: &PostgresServer) {
    let grant = "CREATE ROLE loadline LOGIN PASSWORD 'canary-3f9a1c'; GRANT pg_read_all_stats, pg_read_all_settings TO loadline;
        GRANT CONNECT ON DATABASE app TO loadline;";
    server.sql("app", grant).expect("role");
}

pub(crate) fn findings<'a>(assessment: &'a Value, rule: &str) -> Vec<&'a Value> {
    assessment["findings"].as_array().expect("findings").iter().filter(|f| f["rule"] == rule).collect()
}

#[test]
fn a_real_postgres_and_a_real_prometheus_are_judged_end_to_end() {
    let home = Home::new().expect("home");
    let postgres = loaded_postgres();
    role(&postgres);
    let service = Service::start();
    let mut prometheus = Some(
        PrometheusServer::start(
            &history("http_server_request_duration_seconds"),
            "",
            &[("api", &service.server.host())],
        )
        .expect("Prometheus is installed"),
    );
    // Some scrapes, so that rates and increases exist.
    std::thread::sleep(Duration::from_secs(25));

    let url = postgres.url("loadline", "app");
    let connected = home.run(&[
        "connect",
        "postgres",
        "--url",
        &url,
        "--name",
        "db",
        "--environment",
        "production",
        "--secret-env",
        "DB_SECRET",
    ]);
    ok(&connected.expect("runs"), &[0]);
    let metrics = prometheus.as_ref().expect("started").url();
    ok(&home.run(&["connect", "prometheus", "--url", &metrics, "--name", "metrics"]).expect("runs"), &[0]);
    let secret = [("DB_SECRET", "canary-3f9a1c")];

    let tested = home.run_with(&["test", "db", "--json"], &secret).expect("runs");
    ok(&tested, &[0, 3]);
    let permissions = tested.json().expect("json")["permissions"].as_array().expect("rows").clone();
    assert!(permissions.len() >= 3 && permissions.iter().any(|p| p["granted"] == true), "{permissions:?}");

    // Two sessions of an application are open at the moment of reading.
    let collected = std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| postgres.sql("app", "SELECT pg_sleep(12)"));
        }
        std::thread::sleep(Duration::from_secs(1));
        home.run_with(&["collect", "--json"], &secret).expect("runs")
    });
    ok(&collected, &[0, 3]);
    let assessed = home.run(&["assess", "--json"]).expect("runs");
    ok(&assessed, &[0]);
    let a = assessed.json().expect("json");
    assert_eq!(a["schema"], "loadline.assessment/1");

    let missing_index = findings(&a, "DB-003");
    let orders = missing_index.iter().find(|f| f["subject"]["name"].as_str().is_some_and(|n| n.contains("orders")));
    let orders = orders.unwrap_or_else(|| panic!("no missing index: {missing_index:?}"));
    assert_eq!(orders["result"], "fail", "{orders}");
    let standby = findings(&a, "SPOF-004");
    assert!(
        standby
            .iter()
            .any(|f| f["result"] == "fail" || f["gap"]["closes"].as_str().is_some_and(|c| c.contains("cloud account"))),
        "{standby:?}"
    );
    let connections: Vec<&Value> =
        a["capacity"]["limits"].as_array().expect("limits").iter().filter(|l| l["resource"] == "connections").collect();
    assert!(
        connections.iter().any(|l| l["utilisation"].as_f64().is_some_and(|u| u > 0.0 && u < 1.0)),
        "{connections:?}"
    );
    let latency = a["latency"].as_array().expect("latency");
    let p50 = latency.iter().filter_map(|l| l["last_week"]["p50"].as_f64()).next();
    assert!(p50.is_some_and(|p| (0.05..=0.1).contains(&p)), "p50 from merged histograms: {latency:?}");
    let g1 = a["score"]["gates"].as_array().expect("gates").iter().find(|g| g["id"] == "G1").expect("G1").clone();
    assert_eq!(g1["open"], false, "no backup is known: {g1}");
    let backups = findings(&a, "DATA-001");
    assert!(backups.iter().all(|f| f["result"] == "unknown" || f["result"] == "fail") && !backups.is_empty());
    let gaps = a["gaps"].as_array().expect("gaps");
    assert!(gaps.iter().any(|g| g["reason"] == "short_window" || g["reason"] == "low_sample"), "have/need is said");

    stopping_prometheus_loses_nothing(&home, &mut prometheus, &secret, p50);
    no_canary_anywhere(&home, &[&connected_text(&tested), &collected.out, &collected.err, &assessed.out]);
}

fn connected_text(said: &Said) -> String {
    format!("{}{}", said.out, said.err)
}

fn stopping_prometheus_loses_nothing(
    home: &Home,
    prometheus: &mut Option<PrometheusServer>,
    secret: &[(&str, &str)],
    p50: Option<f64>,
) {
    drop(prometheus.take());
    let again = home.run_with(&["collect", "--json"], secret).expect("runs");
    ok(&again, &[3]);
    let accounts = again.json().expect("json")["accounts"].as_array().expect("accounts").clone();
    let metrics = accounts.iter().find(|a| a["account"] == "metrics").expect("metrics");
    assert!(!metrics["gaps"].as_array().expect("gaps").is_empty(), "{metrics}");
    let a = home.run(&["assess", "--json"]).expect("runs").json().expect("json");
    let still = a["latency"].as_array().expect("latency").iter().filter_map(|l| l["last_week"]["p50"].as_f64()).next();
    assert_eq!(still, p50, "what was known is still known");
    assert!(a["gaps"].as_array().expect("gaps").iter().any(|g| g["account"] == "metrics"));
}

/// The secret is in no file of the workspace and in nothing that was printed.
fn no_canary_anywhere(home: &Home, printed: &[&str]) {
    let canary = b"canary-3f9a1c";
    for (path, bytes) in home.files().expect("files") {
        assert!(!bytes.windows(canary.len()).any(|w| w == canary), "the secret is in {}", path.display());
    }
    for text in printed {
        assert!(!text.contains("canary-3f9a1c"), "the secret was printed");
    }
}

#[test]
fn collecting_as_superuser_changes_nothing() {
    let home = Home::new().expect("home");
    let postgres = loaded_postgres();
    let dump = |server: &PostgresServer| {
        let socket = server.socket();
        let all = server.tool("pg_dumpall", &["-h", &socket]).expect("dump");
        // The dump's own restrict keys differ from run to run.
        let kept: Vec<&str> =
            all.lines().filter(|l| !l.starts_with("\\restrict") && !l.starts_with("\\unrestrict")).collect();
        loadline_model::hash::hex(kept.join("\n").as_bytes())
    };
    let before = dump(&postgres);
    ok(&home.run(&["connect", "postgres", "--url", &postgres.socket_url("app"), "--name", "db"]).expect("runs"), &[0]);
    ok(&home.run(&["collect"]).expect("runs"), &[0, 3]);
    assert_eq!(before, dump(&postgres), "a collection changed the database");
}

#[test]
fn a_source_that_is_not_there_is_a_gap_with_a_way_out() {
    let home = Home::new().expect("home");
    let port = free_port().expect("port");
    let url = format!("http://127.0.0.1:{port}");
    ok(&home.run(&["connect", "prometheus", "--url", &url, "--name", "gone"]).expect("runs"), &[0]);
    let collected = home.run(&["collect", "--json"]).expect("runs");
    ok(&collected, &[1, 3]);
    let account = collected.json().expect("json")["accounts"][0].clone();
    let gap = &account["gaps"][0];
    assert!(gap["closes"].as_str().is_some_and(|c| !c.is_empty()), "{account}");
}

#[test]
fn the_words_typed_are_checked() {
    let home = Home::new().expect("home");
    let check = |words: &[&str], code: i32, error: &str| {
        let said = home.run(words).expect("runs");
        assert_eq!(said.code, code, "{words:?}: {} {}", said.out, said.err);
        assert!(said.err.contains(error), "{words:?}: {}", said.err);
    };
    check(&["connect", "postgres", "--url", "postgres://app:hunter2@db/app"], 2, "secret_in_argv");
    check(&["connect", "oracle", "--url", "x"], 2, "unknown_provider");
    check(&["connect", "postgres"], 2, "missing_setting");
    check(&["connect", "postgres", "--url", "notaurl"], 2, "invalid_config");
    check(&["connect", "demo", "--set", "as_off=midway"], 2, "unknown_setting");
    check(&["assess"], 1, "nothing_collected");
    check(&["collect"], 1, "no_accounts");
    check(&["assess", "--workspace", "demo", "--as-of", "yesterday"], 2, "unknown_snapshot");
    check(&["assess", "--workspace", "demo", "--fail-on", "soon"], 2, "wrong_usage");
    check(&["report", "--workspace", "demo", "--format", "docx", "-o", "x"], 2, "wrong_usage");
    check(&["frobnicate"], 2, "frobnicate");
    check(&["rules", "DB-999"], 1, "unknown_rule");
}
