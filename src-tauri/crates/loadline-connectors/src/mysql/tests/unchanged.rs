//! The most powerful user collects and nothing changes; a stop and a long statement end at once.

use super::*;

#[tokio::test]
async fn a_superuser_collects_and_nothing_changes() {
    let server = MariadbServer::start(&HEALTHY).expect("MariaDB");
    plant(&server);
    let state = || {
        let variables = server.sql("", "SHOW GLOBAL VARIABLES").expect("variables");
        // Where the log stands moves when anybody writes; our own writes must not.
        let moving = |l: &&str| !l.starts_with("timestamp") && !l.starts_with("rand_seed");
        let variables: Vec<&str> = variables.lines().filter(moving).collect();
        let log = server.sql("", "SHOW MASTER STATUS").expect("the log");
        let sums = server.sql("shop", "CHECKSUM TABLE orders, users, crm.orders").expect("sums");
        (server.dump().expect("a dump"), variables.join("\n"), log, sums)
    };
    let before = state();
    let connector = connect_root(&server).await;
    for scope in read_all(&connector).await {
        assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]), "{}", scope.name);
    }
    assert!(connector.test().await.iter().all(|p| p.granted == Some(true)));
    assert!(connector.cost().calls > 20 && connector.cost().connections == 1);
    for sql in [
        "INSERT INTO shop.users (email) VALUES ('x')",
        "CREATE TABLE shop.x (id int)",
        "DROP TABLE shop.orders",
        "UPDATE shop.orders SET status = 'x'",
        "DELETE FROM shop.orders",
        "TRUNCATE TABLE shop.orders",
        "GRANT ALL ON *.* TO lowly@'%'",
    ] {
        let refused = connector.session.try_anything(sql).await.map_err(|e| e.number);
        assert_eq!(refused, Err(1792), "{sql}: a read-only transaction");
    }
    let guarded = connector.session.try_guarded("UPDATE shop.orders SET status = 'x'").await;
    assert_eq!(guarded.map_err(|e| e.number), Err(1792));
    let after = state();
    assert!(before.0 == after.0, "the dumps differ");
    assert_eq!((before.1, before.2, before.3), (after.1, after.2, after.3));
}

#[tokio::test]
async fn a_stop_returns_what_was_read_within_a_second() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    let window = last_days(28);
    let cancel = window.cancel.clone();
    let progress = Progress::new(move |step| {
        if step.done == 3 {
            cancel.cancel()
        }
    });
    let scope = connector.read(&ScopePlan::new("server", ""), &window, &progress).await;
    assert_eq!(scope.status, ScopeStatus::Partial);
    assert!(!scope.facts.is_empty() && scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled), "{:?}", scope.gaps);

    // A statement that is still running.
    let window = last_days(28);
    let cancel = window.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel.cancel();
    });
    let begun = Instant::now();
    let stopped = window.wait(connector.session.try_guarded("SELECT SLEEP(4)")).await;
    assert_eq!(stopped, Err(Cancelled));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_ne!(read(&connector, "activity").await.status, ScopeStatus::Failed, "it connects again");
}

#[tokio::test]
async fn a_long_statement_is_ended_by_the_server() {
    let server = server();
    let connector = connect_as(&server, "loadline").await;
    let begun = Instant::now();
    let long =
        "SELECT COUNT(*) FROM information_schema.COLUMNS a, information_schema.COLUMNS b, information_schema.COLUMNS c";
    let refusal = connector.session.try_guarded(long).await.expect_err("the timeout");
    assert_eq!((refusal.number, refusal.reason()), (1969, GapReason::TimedOut));
    assert!(begun.elapsed() < Duration::from_secs(9));
}
