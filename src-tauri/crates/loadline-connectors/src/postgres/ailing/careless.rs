//! A server whose settings are wrong, whatever runs on it.

use super::*;
use crate::testing::{assessed, findings, run as run_tool};
use loadline_model::{Basis, Fact, Kind, Provenance, Resource};
use std::process::Command;

/// Autovacuum off, nothing counted, no log kept, commits that need not be on disk.
const CARELESS: &str = "autovacuum = off\nautovacuum_freeze_max_age = 2000000000\nfull_page_writes = off\nfsync = off\n\
    synchronous_commit = off\narchive_mode = off\nlog_min_duration_statement = -1\nmax_slot_wal_keep_size = -1\n";

/// Setting, rule, and what the finding says of it.
const FOUND: [(&str, &str, &str); 6] = [
    ("nothing counts statements", "DB-001", "statement statistics are off"),
    ("autovacuum is off", "DB-013", "is off"),
    ("old transaction ids", "DB-014", "transaction ids"),
    ("a crash tears pages", "DATA-008", "full_page_writes"),
    ("commits are lost", "DATA-008", "synchronous_commit"),
    ("nothing can be rewound", "DATA-003", ""),
];

#[tokio::test]
async fn every_careless_setting_is_found() {
    // Four of five ids are gone for want of vacuum, as years of traffic would leave it.
    let server = PostgresServer::start_aged(CARELESS, 1_700_000_000).expect("PostgreSQL");
    for sql in [
        "CREATE DATABASE shop",
        "CREATE ROLE loadline LOGIN PASSWORD 'loadline-secret' IN ROLE pg_read_all_stats, pg_read_all_settings",
    ] {
        server.sql("postgres", sql).expect(sql);
    }
    let connector = connect(&server, "postgres").await;
    let scopes = read(&connector).await;
    // A temporary folder is no distribution's: what would be concluded from one is said here.
    let cluster = connector.server.cluster();
    let own = Resource { managed: Some(false), ..Resource::new(Kind::Database, "shop") };
    let provenance = Provenance { basis: Basis::Inferred, ..scopes[0].facts[0].provenance.clone() };
    let found = findings(&assessed(&scopes, vec![Fact { subject: cluster, body: own.into(), provenance }]));
    let says = |rule: &str, said: &str| found.iter().any(|f| f.starts_with(rule) && f.contains(said));
    let missed: Vec<&str> = FOUND.iter().filter(|(_, rule, said)| !says(rule, said)).map(|(what, ..)| *what).collect();
    assert!(missed.is_empty(), "missed {missed:?} in\n{}", found.join("\n"));

    let port = format!("--port={}", server.port);
    let host = format!("--host={}", server.socket());
    let wraps = Command::new("check_postgres").args(["--action=txn_wraparound", &host, &port]).output();
    let wraps = wraps.expect("check_postgres is installed");
    assert_eq!(wraps.status.code(), Some(2), "{}", String::from_utf8_lossy(&wraps.stdout));
    run_tool(Command::new("check_postgres").args(["--action=connection", &host, &port])).expect("it is up");
}
