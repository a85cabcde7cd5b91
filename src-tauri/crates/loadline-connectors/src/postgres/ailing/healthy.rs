//! The twin of both ailing servers: the same tables and the same look-ups, and nothing wrong. Nothing is found.

use super::*;
use crate::testing::{assessed, findings, user_of};

/// What a careful team sets; the archive's command works.
const HEALTHY: &str = "statement_timeout = '30s'\nidle_in_transaction_session_timeout = '30s'\nlock_timeout = '5s'\n\
    max_slot_wal_keep_size = '10GB'\nhot_standby = on\narchive_mode = on\narchive_command = 'test -f %p'\nmax_connections = 40\n";

/// What nothing may say of this server: every rule that the ailing ones break, but those that judge its use or a person.
const SILENT: [&str; 19] = [
    "DB-001", "DB-003", "DB-004", "DB-005", "DB-006", "DB-007", "DB-008", "DB-009", "DB-011", "DB-012", "DB-013",
    "DB-014", "DB-015", "DB-016", "DB-017", "DB-018", "DB-019", "DATA-008", "CAP-009",
];

#[tokio::test]
async fn a_healthy_twin_is_not_blamed() {
    let server = PostgresServer::start(HEALTHY).expect("PostgreSQL");
    server.sql("postgres", "CREATE DATABASE shop").expect("a database");
    for sql in tables("") {
        server.sql("shop", &sql).expect(&sql);
    }
    for sql in ["CREATE INDEX ON orders (user_id)", "CREATE INDEX ON lines (customer_id)", "VACUUM ANALYZE"] {
        server.sql("shop", sql).expect(sql);
    }
    let standby = server.standby().expect("a standby");
    server.sql("shop", "SELECT pg_stat_statements_reset(); SELECT pg_switch_wal()").expect("a fresh start");
    let traffic: [(usize, &dyn Fn(usize) -> String); 4] = [
        (60, &|n| format!("SELECT id, status FROM orders WHERE user_id = {n} LIMIT 50;")),
        (60, &|_| "SELECT id FROM customers ORDER BY id LIMIT 20;".to_owned()),
        (60, &|n| format!("SELECT name FROM profiles WHERE id = ANY (ARRAY[{n}, 2, 3]);")),
        (400, &|n| format!("SELECT c1, c2 FROM wide WHERE id = {};", n % 100)),
    ];
    for (count, one) in traffic {
        send(&server, &(0..count).map(one).collect::<String>());
    }
    let archived = "SELECT archived_count > 0 FROM pg_stat_archiver";
    until("nothing was archived", 30, || server.sql("shop", archived).is_ok_and(|t| t.trim() == "t"))
        .expect("archived");
    let caught_up = "SELECT pg_last_wal_replay_lsn() = pg_last_wal_receive_lsn() FROM pg_stat_wal_receiver";
    until("the standby lags", 30, || standby.sql("shop", caught_up).is_ok_and(|t| t.trim() == "t")).expect("in step");

    let (above, below) = (connect(&server, "postgres").await, connect(&standby, "standby").await);
    let mut scopes = read(&above).await;
    scopes.extend(read(&below).await);
    counted_for(25.0, 31.0 * 24.0, &mut scopes);
    let found = findings(&assessed(&scopes, user_of(&above.server.cluster(), &scopes)));
    let blamed: Vec<&String> = found.iter().filter(|f| SILENT.iter().any(|rule| f.starts_with(rule))).collect();
    assert!(blamed.is_empty(), "{blamed:?}");
    // A standby that nobody reads has no load but ours, which is none of its own.
    let told = serde_json::to_string(&scopes).expect("json");
    assert!(
        !told.contains("pg_stat_get_live_tuples") && !told.contains("from pg_settings"),
        "our own statements are left out"
    );
}
