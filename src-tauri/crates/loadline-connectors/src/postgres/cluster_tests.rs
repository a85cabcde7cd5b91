//! A primary and its standby are one database: what is wrong with the copy is found from the copy's side too.

use super::tests::{all, connect_as, read, setting};
use super::*;
use crate::testing::{PostgresServer, judged, run_psql, until};
use loadline_model::{Edge, Fact, Relation, Setting, Value, key};
use std::process::Stdio;

/// A primary with a streaming standby; `loadline` is the role of the policy on both.
fn cluster() -> (PostgresServer, PostgresServer) {
    let primary = PostgresServer::start("hot_standby = on\n").expect("a primary");
    let role = "CREATE DATABASE shop; CREATE ROLE loadline LOGIN PASSWORD 'loadline-secret' IN ROLE pg_read_all_stats,
        pg_read_all_settings";
    for sql in role.split(';') {
        primary.sql("postgres", sql).expect(sql);
    }
    primary.sql("shop", "CREATE TABLE written (n int)").expect("a table");
    let standby = primary.standby().expect("a standby");
    // A standby knows no time of its own before the first transaction it replays.
    primary.sql("shop", "INSERT INTO written VALUES (0)").expect("a row");
    let caught_up = || standby.sql("shop", "SELECT count(*) FROM written").is_ok_and(|n| n.trim() == "1");
    until("the standby did not follow", 20, caught_up).expect("streaming");
    (primary, standby)
}

/// The lag that a scope says of the cluster.
fn lag(scope: &Scope, connector: &Postgres) -> Option<f64> {
    let said = all::<Setting>(&scope.facts).into_iter();
    let mut lags = said.filter(|(f, s)| f.subject == connector.server.cluster() && s.key == key::REPLICA_LAG_SECONDS);
    lags.next().and_then(|(_, s)| s.value.as_number())
}

#[tokio::test]
async fn a_standby_that_falls_behind_says_so_of_the_cluster() {
    let (primary, standby) = cluster();
    let below = connect_as(&standby, "loadline").await;
    let calm = read(&below, "server").await;
    assert!(lag(&calm, &below).is_some_and(|s| s < 60.0), "{:?}", calm.gaps);
    standby.sql("postgres", "SELECT pg_wal_replay_pause()").expect("paused");
    primary.sql("shop", "INSERT INTO written VALUES (1)").expect("a row");
    let behind = "SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()
        AND now() - pg_last_xact_replay_timestamp() > interval '2 s'";
    until("the standby is not behind", 20, || standby.sql("postgres", behind).is_ok_and(|s| s.trim() == "t"))
        .expect("behind");
    let scope = read(&below, "server").await;
    assert!(lag(&scope, &below).is_some_and(|s| s > 2.0), "{:?}", lag(&scope, &below));

    // Everything received is replayed, and nothing more comes: equal positions are no proof then.
    standby.sql("postgres", "SELECT pg_wal_replay_resume()").expect("resumed");
    drop(primary);
    let cut_off = "SELECT count(*) FROM pg_stat_wal_receiver";
    until("it still streams", 20, || standby.sql("postgres", cut_off).is_ok_and(|n| n.trim() == "0")).expect("cut off");
    let scope = read(&below, "server").await;
    assert!(lag(&scope, &below).is_some_and(|s| s > 0.0), "{:?}", lag(&scope, &below));
}

#[tokio::test]
async fn a_standby_with_readers_counts_as_a_replica() {
    let (primary, standby) = cluster();
    let above = connect_as(&primary, "loadline").await;
    let below = connect_as(&standby, "loadline").await;
    let used = |scope: &Scope| setting(scope, key::READ_REPLICA_USED, None).cloned();
    assert_eq!(used(&read(&below, "activity").await), None, "nobody now is not nobody ever");
    let mut reader = run_psql(&standby.socket(), standby.port).expect("psql");
    reader.args(["-d", "shop", "-c", "SELECT pg_sleep(60)"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut reader = reader.spawn().expect("psql");
    let reads = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'";
    until("nobody reads", 20, || standby.sql("shop", reads).is_ok_and(|n| n.trim() == "1")).expect("a reader");
    let scope = read(&below, "activity").await;
    reader.kill().and_then(|()| reader.wait()).expect("it ends");
    assert_eq!(used(&scope), Some(Value::Bool(true)));
    let server = read(&above, "server").await;
    let copied = |(f, e): &(&Fact, &Edge)| {
        f.subject == above.server.cluster()
            && matches!(e.relation, Relation::ReplicatedTo { .. })
            && e.to == below.server.subject()
    };
    assert!(all::<Edge>(&server.facts).iter().any(copied), "the primary names the same member");
    let cluster = above.server.cluster();
    let passes = judged("DB-010", &[server, scope], vec![]);
    let check = passes.iter().find(|c| c.subject.id == cluster).expect("judged");
    assert!(check.result.sentence.starts_with("A replica of"), "{}", check.result.sentence);
}
