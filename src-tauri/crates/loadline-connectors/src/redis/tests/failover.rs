//! Primary, replica, Sentinels and a cluster: one thing from whichever side it is read.

use super::*;

fn subject_of(scope: &Scope, kind: Kind) -> Vec<SubjectId> {
    let mut found: Vec<SubjectId> = all::<Resource>(&scope.facts)
        .into_iter()
        .filter(|(_, r)| r.kind == kind)
        .map(|(f, _)| f.subject.clone())
        .collect();
    found.sort();
    found.dedup();
    found
}

fn names(scope: &Scope) -> Vec<SubjectId> {
    let same = |(_, e): &(&Fact, &Edge)| e.relation == Relation::SameAs;
    all::<Edge>(&scope.facts).into_iter().filter(same).map(|(_, e)| e.to.clone()).collect()
}

#[tokio::test]
async fn primary_replica_and_sentinels_speak_of_one_store() {
    let primary = RedisServer::start("min-replicas-to-write 1\n").expect("a primary");
    let replica = primary.replica("").expect("a replica");
    let above = connect_plainly(&primary).await;
    let scope = read(&above, "server").await;
    assert_eq!(number(&scope, key::STANDBY_MEMBERS), 1.0);
    assert_eq!(number(&scope, key::CACHE_MIN_REPLICAS), 1.0);
    let place = format!("127.0.0.1:{}", replica.port);
    assert!(value(&scope, key::REPLICA_LAG_SECONDS, Some(&place)).and_then(Value::as_number).is_some_and(|s| s <= 5.0));
    assert!(value(&scope, key::REPLICA_LAG_BYTES, Some(&place)).is_some());
    assert_eq!(flag(&scope, key::AUTOMATIC_FAILOVER), None, "nothing shows what promotes it");
    let asked = scope.gaps.iter().any(|g| g.reason == GapReason::NotConnected && g.closes.contains("`sentinels`"));
    assert!(asked, "{:?}", scope.gaps);

    // From below: a copy, which says nothing about the settings of the store.
    let copy = read(&connect_plainly(&replica).await, "server").await;
    assert_eq!(subject_of(&copy, Kind::Cache), subject_of(&scope, Kind::Cache), "one store");
    assert_eq!(subject_of(&copy, Kind::Instance), subject_of(&scope, Kind::Instance), "one copy");
    assert!(names(&copy).iter().all(|n| names(&scope).contains(n)) && !names(&copy).is_empty());
    assert_eq!((flag(&copy, key::IS_STANDBY), flag(&copy, key::REPLICATION_RUNNING)), (Some(true), Some(true)));
    let store = subject_of(&scope, Kind::Cache)[0].clone();
    assert!(
        !all::<Setting>(&copy.facts).iter().any(|(f, _)| f.subject == store),
        "a replica does not speak for its store"
    );

    let sentinels = primary.sentinels(3, 2).expect("Sentinels");
    // They connect again and again while they find each other: what counts is that all three stay.
    let begun = std::time::Instant::now();
    loop {
        let watched = read(&above, "server").await;
        if watched.gaps.iter().any(|g| g.detail.starts_with("3 Sentinels watch")) {
            break;
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", watched.gaps);
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }

    let list: Vec<String> = sentinels.iter().map(|s| format!("127.0.0.1:{}", s.port)).collect();
    let named = connect_to(&[("url", &primary.url()), ("sentinels", &list.join(","))], None).await;
    let scope = read(&named, "server").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    let votes =
        |s: &Scope| (number(s, key::QUORUM_VOTES), number(s, key::QUORUM_HEALTHY), number(s, key::QUORUM_NEEDED));
    assert_eq!(votes(&scope), (3.0, 3.0, 2.0));
    assert_eq!(flag(&scope, key::AUTOMATIC_FAILOVER), Some(true));

    // A Sentinel itself as the account.
    let sentinel = connect_plainly(&sentinels[0]).await;
    let plans = sentinel.scopes().await.expect("scopes");
    assert_eq!(plans.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["sentinel"]);
    let seen = read(&sentinel, "sentinel").await;
    assert_eq!(votes(&seen), (3.0, 3.0, 2.0));
    assert_eq!((number(&seen, key::STANDBY_MEMBERS), flag(&seen, key::AUTOMATIC_FAILOVER)), (1.0, Some(true)));
    assert_eq!(subject_of(&seen, Kind::Cache), subject_of(&scope, Kind::Cache), "one store");
    assert_eq!(subject_of(&seen, Kind::Instance), subject_of(&scope, Kind::Instance), "one copy");
    assert!(names(&seen).iter().all(|n| names(&scope).contains(n)) && !names(&seen).is_empty());
    let shown = sentinel.test().await;
    assert!(
        shown.iter().any(|p| p.name == "SENTINEL CKQUORUM") && shown.iter().all(|p| p.granted == Some(true)),
        "{shown:?}"
    );

    // Two of three gone: no failover would be agreed on.
    let mut sentinels = sentinels;
    sentinels.truncate(1);
    let alone = || sentinels[0].cli(&["SENTINEL", "CKQUORUM", "shop"]).is_err_and(|e| e.contains("NOQUORUM"));
    crate::testing::until("the Sentinel still has company", 60, alone).expect("it is alone");
    let lonely = read(&sentinel, "sentinel").await;
    assert_eq!(votes(&lonely), (3.0, 1.0, 2.0));

    // The replica is gone: nothing stands by.
    drop(replica);
    let gone = || primary.cli(&["INFO", "replication"]).is_ok_and(|i| i.contains("connected_slaves:0"));
    crate::testing::until("the replica is still listed", 20, gone).expect("it is gone");
    assert_eq!(number(&read(&above, "server").await, key::STANDBY_MEMBERS), 0.0);
}

#[tokio::test]
async fn a_broken_link_is_seen_from_the_replica() {
    let primary = RedisServer::start("").expect("a primary");
    let replica = primary.replica("").expect("a replica");
    let below = connect_plainly(&replica).await;
    drop(primary);
    let down = || replica.cli(&["INFO", "replication"]).is_ok_and(|i| i.contains("master_link_status:down"));
    crate::testing::until("the link is still up", 20, down).expect("the link is down");
    let scope = read(&below, "server").await;
    assert_eq!(flag(&scope, key::REPLICATION_RUNNING), Some(false));
    assert!(number(&scope, key::REPLICA_LAG_SECONDS) >= 0.0);
}

#[tokio::test]
async fn a_cluster_is_one_store_with_shards() {
    let nodes = RedisServer::cluster(3).expect("a cluster");
    nodes[0].cli(&["-c", "SET", "cache:1", "v"]).expect("a key");
    let first = read_all(&connect_plainly(&nodes[0]).await).await;
    let second = read_all(&connect_plainly(&nodes[1]).await).await;
    let (scope, other) = (&first[0], &second[0]);
    assert_eq!(subject_of(scope, Kind::Cache).len(), 1);
    let (_, whole) =
        all::<Resource>(&scope.facts).into_iter().find(|(_, r)| r.required_members.is_some()).expect("the cluster");
    assert_eq!((whole.kind, whole.required_members), (Kind::Cache, Some(3)));
    assert_eq!((number(scope, key::QUORUM_VOTES), number(scope, key::QUORUM_HEALTHY)), (3.0, 3.0));
    assert_eq!((number(scope, key::STANDBY_MEMBERS), flag(scope, key::AUTOMATIC_FAILOVER)), (0.0, Some(false)));
    assert_eq!(subject_of(scope, Kind::Instance).len(), 6, "three shards of one node each");
    let of =
        |scope: &Scope| names(scope).into_iter().filter(|n| n.as_str().starts_with("redis:node:")).collect::<Vec<_>>();
    let (mut here, mut there) = (of(scope), of(other));
    here.sort();
    there.sort();
    assert_eq!((here.len(), &here), (3, &there), "every node names the whole by the same names");
    assert!(
        scope.gaps.iter().any(|g| g.detail.starts_with("Memory, settings and keys of 2 of 3 shards")),
        "{:?}",
        scope.gaps
    );
    assert!(first.iter().chain(&second).all(|s| s.status != ScopeStatus::Failed));
    assert!(first[2].gaps.is_empty() && second[2].gaps.is_empty(), "SCAN works without SELECT: {:?}", first[2].gaps);
}
