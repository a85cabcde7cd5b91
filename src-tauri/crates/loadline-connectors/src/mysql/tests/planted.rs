//! Problems planted on a real server are found as facts; a healthy one has none of them.

use super::*;
use crate::testing::{findings, judged};

#[tokio::test]
async fn what_is_wrong_is_said() {
    let sick = MariadbServer::start(&[
        "--skip-log-bin",
        "--innodb-flush-log-at-trx-commit=2",
        "--max-connections=10",
        "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON",
    ])
    .expect("MariaDB");
    plant(&sick);
    // InnoDB shows its transactions anew only to those who have not looked for 100 ms.
    let count = |what: &str| {
        sick.sql("", &format!("DO SLEEP(0.2); SELECT COUNT(*) FROM information_schema.{what}"))
            .is_ok_and(|n| n.trim() != "0")
    };
    let until = |what: &str| crate::testing::until(what, 30, || count(what)).expect("a session");
    let mut sessions = vec![Held::by(&sick, "BEGIN; UPDATE orders SET total = 1 WHERE id = 1932735283")];
    until("INNODB_TRX");
    sessions.push(Held::by(&sick, "UPDATE orders SET total = 2 WHERE id = 1932735283"));
    until("INNODB_TRX WHERE trx_state = 'LOCK WAIT'");
    sessions.extend((0..6).map(|_| Held::by(&sick, "SELECT 1")));
    // One waits for the whole table, which the open transaction holds.
    sessions.push(Held::by(&sick, "ALTER TABLE orders ADD COLUMN x int"));
    until("PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata lock' AND TIME >= 2");

    let connector = connect_root(&sick).await;
    let refused =
        Mysql::connect(account("mysql", &[("url", &sick.url("lowly", ""))]), Some(Secret::new("lowly-secret"))).await;
    let error = refused.err().expect("the tenth is taken");
    assert!(error.to_string().contains("Too many connections"), "{error}");
    let server = read(&connector, "server").await;
    assert_eq!(setting(&server, key::ARCHIVE_ON, None), Some(&Value::Bool(false)));
    assert_eq!(setting(&server, key::SYNCHRONOUS_COMMIT, None), Some(&Value::Text("off".into())));
    assert_eq!((number(&server, key::STATEMENT_TIMEOUT_MS), number(&server, key::SLOW_LOG_THRESHOLD_MS)), (0.0, -1.0));
    assert_eq!(setting(&server, key::OPLOG_WINDOW_HOURS, None), None);

    let activity = read(&connector, "activity").await;
    // The limit was reached, and MariaDB does not count whom it refused.
    assert!(
        activity.gaps.len() == 1 && activity.gaps[0].detail.contains("The limit of connections was reached"),
        "{:?}",
        activity.gaps
    );
    assert_eq!(setting(&activity, key::CONNECTIONS_REFUSED_7D, None), None, "unknown, not zero");
    // A client that looked on may not be gone yet.
    assert!((9.0..=10.0).contains(&number(&activity, key::CONNECTIONS_IN_USE)));
    assert!(setting(&activity, key::CONNECTIONS_OF, Some("root")).and_then(Value::as_number) >= Some(9.0));
    let (_, sample) = all::<LockSample>(&activity.facts)[0];
    assert!(sample.blocked == 2.0 && sample.longest_wait_s >= 2.0 && sample.oldest_transaction_s >= 2.0, "{sample:?}");
    assert!(sample.longest_idle_in_transaction_s >= 2.0 && sample.longest_idle_in_transaction_s < 60.0, "{sample:?}");
    let chain = sample.chains.first().expect("a chain");
    assert!(chain.contains("(root) waits") && chain.ends_with("idle in its transaction"), "{chain}");
    let whole = sample.chains.iter().filter(|c| c.ends_with("over the whole table shop.orders"));
    // The change of the table waits for the one that holds its row and for the one that wants it.
    assert_eq!(whole.clone().count(), 2, "{:?}", sample.chains);
    assert!(whole.clone().any(|c| c.contains("idle in its transaction")), "{:?}", sample.chains);
    let judged = findings(&judged("DB-015", &[server.clone(), activity.clone()], Vec::new()));
    assert!(judged.iter().any(|f| f.contains("over the whole table shop.orders")), "the rule carries it: {judged:?}");
    let of_program = setting(&activity, key::CONNECTIONS_OF_PROGRAM, Some("mysql")).and_then(Value::as_number);
    assert!(of_program >= Some(9.0), "{of_program:?}");
    let text = serde_json::to_string(&activity).expect("json");
    assert!(!text.contains("1932735283"), "no statement text");
}

#[tokio::test]
async fn where_the_last_partition_ends_is_read() {
    let server = MariadbServer::start(&[]).expect("MariaDB");
    plant(&server);
    for (table, how, rest) in [
        ("days", "RANGE (TO_DAYS(at))", "TO_DAYS('2026-12-01')"),
        ("bounds", "RANGE COLUMNS (at)", "'2026-12-01'"),
        ("open_end", "RANGE (TO_DAYS(at))", "MAXVALUE"),
    ] {
        let first = if how.contains("COLUMNS") { "'2026-11-01'" } else { "TO_DAYS('2026-11-01')" };
        let rest = if rest == "MAXVALUE" { rest.to_owned() } else { format!("({rest})") };
        let sql = format!(
            "CREATE TABLE {table} (at date) PARTITION BY {how} (PARTITION a VALUES LESS THAN ({first}), PARTITION b VALUES LESS THAN {rest})"
        );
        server.sql("shop", &sql).expect(&sql);
    }
    let connector = connect_root(&server).await;
    let tables = read(&connector, "tables").await;
    let stat = |name: &str| {
        let own = all::<TableStat>(&tables.facts).into_iter().find(|(f, _)| f.subject.as_str().ends_with(name));
        own.unwrap_or_else(|| panic!("{name}: {:?}", tables.gaps)).1
    };
    let at = |text: &str| loadline_model::Timestamp::parse(text).expect("a moment");
    let last = loadline_model::LastPartition { from: Some(at("2026-11-01")), until: at("2026-12-01") };
    for table in ["shop.days", "shop.bounds"] {
        assert_eq!((stat(table).partitions, stat(table).last_partition), (Some(2.0), Some(last)), "{table}");
    }
    assert_eq!((stat("shop.open_end").partitions, stat("shop.open_end").last_partition), (Some(2.0), None));
    assert_eq!(stat("shop.orders").partitions, None);
}

#[tokio::test]
async fn a_table_that_is_held_by_nobody_known_is_said_with_what_would_show_it() {
    let server = MariadbServer::start(&[]).expect("MariaDB");
    plant(&server);
    let _holds = Held::by(&server, "BEGIN; UPDATE orders SET total = 1 WHERE id = 1932735283");
    let open = || server.sql("", "DO SLEEP(0.2); SELECT COUNT(*) FROM information_schema.INNODB_TRX");
    crate::testing::until("a transaction", 30, || open().is_ok_and(|n| n.trim() == "1")).expect("a transaction");
    let _waits = Held::by(&server, "ALTER TABLE orders ADD COLUMN x int");
    let waiting =
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata lock'";
    crate::testing::until("a wait", 30, || server.sql("", waiting).is_ok_and(|n| n.trim() == "1")).expect("a wait");
    let activity = read(&connect_as(&server, "loadline").await, "activity").await;
    let (_, sample) = all::<LockSample>(&activity.facts)[0];
    assert_eq!((sample.blocked, sample.chains.len()), (1.0, 0), "{sample:?}");
    let gap = activity.gaps.iter().find(|g| g.reason == GapReason::FeatureDisabled).expect("a gap");
    assert!(
        gap.detail.contains("whole table: 1. Who holds") && gap.closes.contains("wait/lock/metadata/sql/mdl=ON"),
        "{gap:?}"
    );
}

#[tokio::test]
async fn counting_that_is_off_is_said_and_how_to_turn_it_on() {
    let server = MariadbServer::start(&["--performance-schema=OFF"]).expect("MariaDB");
    plant(&server);
    let scope = read(&connect_as(&server, "loadline").await, "tables").await;
    assert_eq!(setting(&scope, key::STATEMENT_STATISTICS, None), Some(&Value::Bool(false)));
    let gap = scope.gaps.iter().find(|g| g.reason == GapReason::FeatureDisabled).expect("a gap");
    assert!(gap.closes.contains("performance_schema = ON"), "{gap:?}");
    assert_eq!(index(&scope, "unused_status").scans, None, "not counted is not unused");
    assert_eq!(scope.inventories, [Kind::Table], "tables are listed all the same");
}
