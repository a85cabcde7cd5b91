//! A primary and its replica, each as the other side sees it.

use super::*;
use loadline_model::Series;

fn lag_of(scope: &Scope, name: &str) -> Option<f64> {
    setting(scope, key::REPLICA_LAG_SECONDS, Some(name)).and_then(Value::as_number)
}

#[tokio::test]
async fn a_replica_is_seen_from_both_sides_and_when_it_stops() {
    let primary = MariadbServer::start(&HEALTHY).expect("a primary");
    let replica = primary.replica(&["--read-only=ON"]).expect("a replica");
    plant(&primary);
    let synced = || replica.sql("shop", "SELECT COUNT(*) FROM orders").is_ok_and(|n| n.trim() == "20000");
    crate::testing::until("not copied", 30, synced).expect("a copy");
    let (above, below) = (connect_as(&primary, "loadline").await, connect_root(&replica).await);
    let scope = read(&above, "server").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    assert_eq!(number(&scope, key::STANDBY_MEMBERS), 1.0);
    let copies = all::<Edge>(&scope.facts);
    let copied = |(f, e): &(&Fact, &Edge)| {
        f.subject == above.server.subject()
            && matches!(e.relation, Relation::ReplicatedTo { synchronous: Some(false), .. })
            && e.to.as_str().ends_with("/standby/repl@127.0.0.1")
    };
    assert!(copies.iter().any(copied), "{copies:?}");

    assert_eq!(above.server.cluster(), below.server.cluster(), "one cluster");
    assert_ne!(above.server.subject(), below.server.subject());
    let copy = read(&below, "server").await;
    let name = below.server.address().replace("mysql://", "");
    assert_eq!(setting(&copy, key::IS_STANDBY, None), Some(&Value::Bool(true)));
    assert!(lag_of(&copy, &name).is_some_and(|s| (0.0..60.0).contains(&s)), "{:?}", copy.facts);
    assert_eq!(setting(&copy, key::REPLICATION_RUNNING, Some(&name)), Some(&Value::Bool(true)));
    let of_primary = |f: &Fact| f.subject == above.server.subject();
    assert!(all::<Series>(&copy.facts).iter().any(|(f, s)| of_primary(f) && s.labels.get("standby") == Some(&name)));
    let tables = read(&below, "tables").await;
    assert!(all::<Resource>(&tables.facts).is_empty(), "the primary lists the tables");
    assert!(
        all::<IndexStat>(&tables.facts)
            .iter()
            .all(|(f, _)| f.subject.as_str().starts_with(above.server.subject().as_str()))
    );

    replica.sql("", "STOP SLAVE SQL_THREAD").expect("it stops");
    let stopped = read(&below, "server").await;
    assert_eq!(setting(&stopped, key::REPLICATION_RUNNING, Some(&name)), Some(&Value::Bool(false)));
    assert_eq!(lag_of(&stopped, &name), None, "its lag is not a number any more");
    assert_eq!(number(&read(&above, "server").await, key::STANDBY_MEMBERS), 1.0, "it still fetches");
    replica.sql("", "STOP SLAVE").expect("it stops");
    // The primary notices when it sends to a closed connection; the first send may still be taken by the system.
    let gone = || {
        primary.sql("", "CREATE OR REPLACE DATABASE noticed").expect("a change");
        primary.sql("", "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND = 'Binlog Dump'")
    };
    crate::testing::until("still fetching", 60, || gone().is_ok_and(|n| n.trim() == "0")).expect("it is gone");
    assert_eq!(number(&read(&above, "server").await, key::STANDBY_MEMBERS), 0.0);
}

#[tokio::test]
async fn a_replica_that_lags_says_how_far() {
    let primary = MariadbServer::start(&HEALTHY).expect("a primary");
    let replica = primary.replica(&[]).expect("a replica");
    primary.sql("", "CREATE DATABASE shop; CREATE TABLE shop.t (id int) ENGINE=InnoDB").expect("a table");
    let copied = || replica.sql("shop", "SELECT COUNT(*) FROM t").is_ok();
    crate::testing::until("not copied", 30, copied).expect("a copy");
    let _held = Held::by(&replica, "LOCK TABLES t WRITE");
    let locked = || replica.sql("", "SHOW OPEN TABLES FROM shop WHERE In_use > 0").is_ok_and(|s| !s.trim().is_empty());
    crate::testing::until("not locked", 20, locked).expect("a lock");
    primary.sql("shop", "INSERT INTO t VALUES (1)").expect("a change");
    let below = connect_root(&replica).await;
    let name = below.server.address().replace("mysql://", "");
    let begun = Instant::now();
    let mut lag = None;
    while lag.is_none_or(|s| s < 2.0) && begun.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(500)).await;
        lag = lag_of(&read(&below, "server").await, &name);
    }
    assert!(lag.is_some_and(|s| (2.0..20.0).contains(&s)), "{lag:?}");
}
