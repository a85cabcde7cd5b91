//! Each problem that was planted is found, by the rule that is meant for it.

use super::*;
use crate::testing::{assessed, findings, user_of};

/// What is wrong with the tables.
pub(super) const PROBLEMS: [&str; 6] = [
    "CREATE INDEX twice_a ON orders (status, id); CREATE INDEX twice_b ON orders (status, id);
     CREATE INDEX shorter ON orders (status)",
    "CREATE TABLE small (id smallint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (START WITH 32000));
     INSERT INTO small DEFAULT VALUES; INSERT INTO small DEFAULT VALUES; GRANT SELECT ON SEQUENCE small_id_seq TO loadline",
    "CREATE TABLE archive AS SELECT n FROM generate_series(1, 230000) n",
    // Digests do not compress, so that the index is as large as it looks.
    "CREATE INDEX never ON archive ((md5(n::text) || md5('a' || n) || md5('b' || n) || md5('c' || n) || md5('d' || n)
     || md5('e' || n) || md5('f' || n) || md5('g' || n) || md5('h' || n) || md5('i' || n) || md5('j' || n)
     || md5('k' || n) || md5('l' || n) || md5('m' || n) || md5('n' || n)))",
    "UPDATE orders SET note = note || 'y'",
    "SELECT pg_create_physical_replication_slot('abandoned', true)",
];

/// What the application sends.
pub(super) fn traffic() -> Vec<String> {
    let many = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    vec![
        many(60, &|n| format!("SELECT * FROM orders WHERE user_id = {n};")),
        "DELETE FROM customers WHERE id > 4850".to_owned(),
        many(60, &|_| "SELECT id FROM customers ORDER BY id LIMIT 20;".to_owned()),
        many(1_200, &|n| format!("SELECT name FROM profiles WHERE id = {n};")),
        many(120, &|_| "SELECT id FROM lines WHERE id <= 2000;".to_owned()),
        many(400, &|n| format!("SELECT * FROM wide WHERE id = {};", n % 100)),
        many(10, &|_| "SELECT note, count(*) FROM orders GROUP BY note ORDER BY 2 LIMIT 1;".to_owned()),
    ]
}

/// Problem, rule, and what the finding says of it.
const FOUND: [(&str, &str, &str); 20] = [
    ("an index is missing", "DB-003", "ON public.orders (user_id);"),
    ("a foreign key without index", "DB-003", "ON public.lines (customer_id);"),
    ("an invalid index", "DB-019", "invalid: `broken`"),
    ("a duplicate index", "DB-019", "`twice_b`"),
    ("an overlapping index", "DB-019", "`shorter`"),
    ("an unused index", "DB-019", "never used: `never`"),
    ("a query a row", "DB-004", "Likely N+1: a look-up ran 1,200 times"),
    ("an unbounded read", "DB-005", "2,000 rows"),
    ("SELECT * of a wide table", "DB-006", "wide"),
    ("reports on the primary", "DB-020", "Reports and searches take"),
    ("few statements are the load", "DB-002", ""),
    ("connections near the limit", "DB-007", ""),
    ("a standby that lags", "DB-011", ""),
    ("dead rows", "DB-013", "of `public.orders` are dead rows"),
    ("a chain of locks", "DB-015", "waited"),
    ("no timeouts", "DB-016", ""),
    ("a transaction left open", "DB-017", ""),
    ("an abandoned slot", "DB-018", "abandoned"),
    ("an archive that fails", "DATA-002", ""),
    ("a key that runs out", "CAP-009", "small"),
];

#[tokio::test]
async fn every_planted_problem_is_found() {
    let ailing = ailing().await;
    let (scopes, cluster) = ailing.read().await;
    let found = findings(&assessed(&scopes, user_of(&cluster, &scopes)));
    let missed: Vec<&str> = FOUND
        .iter()
        .filter(|(_, rule, said)| !found.iter().any(|f| f.starts_with(rule) && f.contains(said)))
        .map(|(problem, ..)| *problem)
        .collect();
    assert!(missed.is_empty(), "missed {missed:?} in\n{}", found.join("\n"));
    let unsafe_writes = found.iter().any(|f| f.starts_with("DATA-008") && f.contains("fsync"));
    assert!(unsafe_writes, "{}", found.join("\n"));
}
