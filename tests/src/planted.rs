//! The problems that are planted on real servers, each with the test that finds it, and the test in which a healthy twin
//! of the same server shows none of them.

use std::path::Path;

/// Engine, problem, rule, and the test that plants and finds it.
const PLANTED: &[(&str, &str, &str, &str)] = &[
    ("PostgreSQL", "an index is missing", "DB-003", AILING),
    ("PostgreSQL", "a foreign key without index", "DB-003", AILING),
    ("PostgreSQL", "an invalid index", "DB-019", AILING),
    ("PostgreSQL", "a duplicate index", "DB-019", AILING),
    ("PostgreSQL", "an overlapping index", "DB-019", AILING),
    ("PostgreSQL", "an unused index", "DB-019", AILING),
    ("PostgreSQL", "a query for each row (N+1)", "DB-004", AILING),
    ("PostgreSQL", "an unbounded read", "DB-005", AILING),
    ("PostgreSQL", "SELECT * of a wide table", "DB-006", AILING),
    ("PostgreSQL", "reports on the primary that spill to disk", "DB-020", AILING),
    ("PostgreSQL", "few statements that nobody reviewed are the load", "DB-002", AILING),
    ("PostgreSQL", "connections near the limit", "DB-007", AILING),
    ("PostgreSQL", "a standby that lags", "DB-011", AILING),
    ("PostgreSQL", "dead rows (bloat)", "DB-013", AILING),
    ("PostgreSQL", "a chain of locks", "DB-015", AILING),
    ("PostgreSQL", "no timeouts for the application's role", "DB-016", AILING),
    ("PostgreSQL", "idle in transaction, and a prepared one forgotten", "DB-017", AILING),
    ("PostgreSQL", "an abandoned replication slot", "DB-018", AILING),
    ("PostgreSQL", "an archive that never works", "DATA-002", AILING),
    ("PostgreSQL", "an integer key that runs out", "CAP-009", AILING),
    ("PostgreSQL", "writes that a crash tears (fsync)", "DATA-008", AILING),
    ("PostgreSQL", "nothing counts statements", "DB-001", CARELESS),
    ("PostgreSQL", "autovacuum is off", "DB-013", CARELESS),
    ("PostgreSQL", "transaction ids near their end", "DB-014", CARELESS),
    ("PostgreSQL", "pages that a crash tears (full_page_writes)", "DATA-008", CARELESS),
    ("PostgreSQL", "confirmed commits that are lost", "DATA-008", CARELESS),
    ("PostgreSQL", "no archive: nothing can be rewound", "DATA-003", CARELESS),
    (
        "PgBouncer",
        "clients wait for a connection",
        "DB-008",
        "pgbouncer/tests.rs waiting_clients_are_found_and_a_calm_pooler_is_not_blamed",
    ),
    ("MariaDB", "an index is missing", "DB-003", MARIADB),
    ("MariaDB", "connections near the limit", "DB-007", MARIADB),
    ("MariaDB", "a replica that has stopped", "DB-011", MARIADB),
    ("MariaDB", "a chain of locks", "DB-015", MARIADB),
    ("MariaDB", "no timeouts", "DB-016", MARIADB),
    ("MariaDB", "a transaction left open", "DB-017", MARIADB),
    ("MariaDB", "a binary log that is kept too short", "DB-018", MARIADB),
    ("MariaDB", "an overlapping index", "DB-019", MARIADB),
    ("MariaDB", "writes that a crash loses", "DATA-008", MARIADB),
    ("MariaDB", "an integer key that runs out", "CAP-009", MARIADB),
    (
        "MariaDB",
        "a rare statement that is nearly all of the load",
        "DB-003",
        "mysql/tests/peers.rs what_the_tools_report_is_found_or_explained",
    ),
    ("Redis", "a queue that may be evicted", "CACHE-003", QUEUE),
    ("Redis", "refused connections, cache, queue and sessions in one", "CACHE-006", QUEUE),
    ("Redis", "accepted jobs that a restart loses", "DATA-007", QUEUE),
    ("Redis", "one node", "SPOF-005", QUEUE),
    ("Redis", "reads that miss", "CACHE-002", CACHE),
    ("Redis", "a cache that may not evict", "CACHE-003", CACHE),
    ("Redis", "keys that never expire", "CACHE-004", CACHE),
    ("Redis", "commands that block, and a huge key", "CACHE-006", CACHE),
    (
        "Redis and Sentinel",
        "a quorum without spare",
        "SPOF-010",
        "redis/tests/judged.rs a_quorum_without_spare_and_a_lost_replica_are_found",
    ),
    ("memcached", "it is full and throws keys away", "CACHE-003", MEMCACHED),
    ("memcached", "one node", "SPOF-005", MEMCACHED),
];

const AILING: &str = "postgres/ailing/planted.rs every_planted_problem_is_found";
const CARELESS: &str = "postgres/ailing/careless.rs every_careless_setting_is_found";
const MARIADB: &str = "tests/src/mysql.rs planted_problems_are_judged_by_the_rules";
const QUEUE: &str = "redis/tests/judged.rs a_queue_that_may_evict_and_keeps_nothing_is_found";
const CACHE: &str = "redis/tests/judged.rs a_cache_that_misses_never_forgets_and_stalls_is_found";
const MEMCACHED: &str = "redis/tests/judged.rs a_full_memcached_is_found_and_a_roomy_one_is_not";

/// The healthy twin of each kind of server.
const TWINS: [(&str, &str); 5] = [
    ("PostgreSQL", "postgres/ailing/healthy.rs a_healthy_twin_is_not_blamed"),
    ("PgBouncer", "pgbouncer/tests.rs waiting_clients_are_found_and_a_calm_pooler_is_not_blamed"),
    ("MariaDB", "tests/src/mysql.rs a_healthy_twin_is_not_blamed"),
    ("Redis", "redis/tests/judged.rs a_healthy_twin_shows_none_of_it"),
    ("memcached", MEMCACHED),
];

#[test]
fn every_planted_problem_names_a_test_that_finds_it_and_every_server_has_a_healthy_twin() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let source = |test: &str| {
        let (file, name) = test.split_once(' ').expect("a file and a test");
        let path = match file.strip_prefix("tests/") {
            Some(_) => root.join(file),
            None => root.join("src-tauri/crates/loadline-connectors/src").join(file),
        };
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert!(text.contains(&format!("fn {name}(")), "{file} has no test `{name}`");
        text
    };
    for (engine, problem, rule, test) in PLANTED {
        assert!(source(test).contains(rule), "{test} does not ask {rule} for {problem}");
        let twin = TWINS.iter().find(|(kind, _)| engine.starts_with(kind)).map(|(_, test)| *test);
        source(twin.unwrap_or_else(|| panic!("{engine} has no healthy twin")));
    }
    assert!(PLANTED.len() >= 25, "{}", PLANTED.len());
}
