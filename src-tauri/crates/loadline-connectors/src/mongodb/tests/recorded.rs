//! Recorded documents, answered over the wire: a healthy set of three and a troubled one.

use super::*;
use crate::testing::MongoReplay;
use loadline_model::{
    Edge, IndexStat, Kind, Limit, LockSample, Plan, QueryStat, Relation, Resource, ScopeStatus, TableStat, Verb, key,
};

const HEALTHY: &str = include_str!("../recorded/three_members.json");
const TROUBLED: &str = include_str!("../recorded/troubled.json");
const SET: &str = "mongodb:5de9b1e9c2b4a1d2e3f40506";

fn members(texts: &[&str]) -> Vec<MongoReplay> {
    MongoReplay::start(3, texts).expect("a replay")
}

#[tokio::test]
async fn a_set_of_three_is_described_completely() {
    let set = members(&[HEALTHY]);
    let connector = connect_to(&set[0].url(), None).await;
    let scope = read(&connector, "server").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    assert_eq!(scope.inventories, [Kind::Instance, Kind::Database]);
    let resources = all::<Resource>(&scope.facts);
    let (fact, database) = resources.iter().find(|(_, r)| r.kind == Kind::Database).expect("the set");
    assert_eq!((fact.subject.as_str(), database.engine_version.as_deref()), (SET, Some("8.0.4")));
    assert_eq!((database.managed, database.required_members), (None, Some(2)));
    assert_eq!(resources.iter().filter(|(_, r)| r.kind == Kind::Instance).count(), 3);
    let edges = all::<Edge>(&scope.facts);
    assert_eq!(edges.iter().filter(|(_, e)| e.relation == Relation::MemberOf).count(), 3);
    let automatic = Relation::ReplicatedTo { synchronous: None, automatic: Some(true) };
    assert_eq!(edges.iter().filter(|(_, e)| e.relation == automatic).count(), 2);
    for (key, expected) in [
        (key::STANDBY_MEMBERS, 2.0),
        (key::QUORUM_VOTES, 3.0),
        (key::QUORUM_HEALTHY, 3.0),
        (key::MAX_CONNECTIONS, 51_200.0),
        (key::CONNECTIONS_IN_USE, 58.0),
        (key::CONNECTIONS_REFUSED_7D, 0.0),
        (key::BUFFER_HIT_RATIO, 0.998),
        (key::OPLOG_WINDOW_HOURS, 90.0),
        (key::DATABASE_BYTES, 300_001_000.0),
        (key::STATISTICS_WINDOW_HOURS, 960.0),
    ] {
        let found = number(&scope, key).unwrap_or(f64::NAN);
        assert!((found - expected).abs() < 0.1, "{key}: {found}");
    }
    for (key, expected) in [
        (key::WRITE_CONCERN, Value::Text("majority".into())),
        (key::FSYNC, Value::Bool(true)),
        (key::AUTHENTICATION_REQUIRED, Value::Bool(true)),
        (key::TLS_REQUIRED, Value::Bool(true)),
        (key::STATEMENT_STATISTICS, Value::Bool(true)),
        (key::IS_STANDBY, Value::Bool(false)),
    ] {
        assert_eq!(setting(&scope, key, None), Some(&expected), "{key}");
    }
    assert_eq!(setting(&scope, key::PUBLICLY_REACHABLE, None), None, "a firewall before it is not visible");
    assert_eq!(all::<Limit>(&scope.facts).len(), 2, "connections and disk");
}

#[tokio::test]
async fn what_only_a_secondary_uses_is_used() {
    let set = members(&[HEALTHY]);
    let connector = connect_to(&set[0].url(), None).await;
    let scope = read(&connector, "database/shop").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    let mut uses: Vec<f64> = all::<IndexStat>(&scope.facts)
        .iter()
        .filter(|(_, i)| i.index == "user_id_1")
        .filter_map(|(_, i)| i.scans)
        .collect();
    uses.sort_by(f64::total_cmp);
    assert_eq!(uses, [0.0, 0.0, 7777.0], "each member counts its own");
    let (table, stat) = all::<TableStat>(&scope.facts)[0];
    assert_eq!(table.subject.as_str(), format!("{SET}/shop/orders"));
    assert_eq!((stat.rows, stat.seq_scans, stat.unindexed_filters.len()), (Some(400_000.0), Some(0.0), 0));
    assert_eq!(all::<Resource>(&scope.facts).len(), 1, "neither the view nor the profiler's collection");
    // Heavy lists go to a secondary, counters to the member that counted.
    let sent =
        |member: &MongoReplay, verb: &str| member.asked().iter().any(|c| c.keys().next().is_some_and(|k| k == verb));
    assert!(!sent(&set[0], "collStats") && set[1..].iter().any(|m| sent(m, "collStats")));
    assert!(set.iter().all(|m| sent(m, "aggregate")));
    for command in set.iter().flat_map(MongoReplay::asked) {
        let verb = command.keys().next().cloned().unwrap_or_default();
        let by_driver = matches!(verb.as_str(), "hello" | "isMaster" | "endSessions");
        assert!(by_driver || commands::is_allowed(&command), "{command}");
        assert!(by_driver || command.get_i32("maxTimeMS").is_ok(), "{command}");
    }
}

#[tokio::test]
async fn trouble_is_seen_as_facts() {
    let set = members(&[HEALTHY, TROUBLED]);
    let connector = connect_to(&set[0].url(), None).await;
    let server = read(&connector, "server").await;
    for (key, expected) in [
        (key::STANDBY_MEMBERS, 1.0),
        (key::QUORUM_VOTES, 3.0),
        (key::QUORUM_HEALTHY, 2.0),
        (key::MAX_CONNECTIONS, 1000.0),
        (key::CONNECTIONS_IN_USE, 978.0),
        (key::OPLOG_WINDOW_HOURS, 3.0),
    ] {
        let found = number(&server, key).unwrap_or(f64::NAN);
        assert!((found - expected).abs() < 0.1, "{key}: {found}");
    }
    let lag = all::<Setting>(&server.facts).into_iter().find(|(_, s)| s.key == key::REPLICA_LAG_SECONDS);
    assert!(lag.and_then(|(_, s)| s.value.as_number()).is_some_and(|s| (s - 300.0).abs() < 1.0), "{lag:?}");
    for (key, expected) in [
        (key::WRITE_CONCERN, Value::Text("1".into())),
        (key::FSYNC, Value::Bool(false)),
        (key::AUTHENTICATION_REQUIRED, Value::Bool(false)),
    ] {
        assert_eq!(setting(&server, key, None), Some(&expected), "{key}");
    }
    let arbiter = all::<Resource>(&server.facts).into_iter().any(|(_, r)| r.name.ends_with("(arbiter)"));
    assert!(arbiter, "an arbiter is said to be one");

    let activity = read(&connector, "activity").await;
    let (_, sample) = all::<LockSample>(&activity.facts)[0];
    assert_eq!((sample.blocked, sample.longest_wait_s, sample.oldest_transaction_s), (9.0, 700.0, 900.0));

    let database = read(&connector, "database/shop").await;
    let (_, stat) = all::<TableStat>(&database.facts)[0];
    assert_eq!(stat.unindexed_filters, ["user_id"]);
    let queries = all::<QueryStat>(&database.facts);
    let scan = queries.iter().find(|(_, q)| q.text.contains("user_id")).expect("the scan").1;
    assert_eq!(
        (scan.text.as_str(), scan.verb, scan.calls, scan.rows_examined),
        ("find shop.orders {user_id: ?, note: {$regex: ?}}", Verb::Read, 300.0, Some(120_000_000.0))
    );
    assert!(all::<Plan>(&database.facts).iter().any(|(_, p)| p.full_scans == ["shop.orders"]));
    let text = text_of(&[&server, &activity, &database]);
    for secret in ["hunter2", "987654321", "987654322"] {
        assert!(!text.contains(secret), "{secret} left the server");
    }
}

#[tokio::test]
async fn a_member_that_cannot_be_reached_is_said() {
    let mut set = members(&[HEALTHY]);
    let first = set.remove(0);
    drop(set);
    let connector = connect_to(&first.url(), None).await;
    let database = read(&connector, "database/shop").await;
    assert!(!all::<IndexStat>(&database.facts).is_empty() && !all::<TableStat>(&database.facts).is_empty());
    let server = read(&connector, "server").await;
    assert!(server.gaps.iter().any(|g| g.detail.contains("could not be asked")), "{:?}", server.gaps);
}

#[tokio::test]
async fn a_router_says_what_it_cannot_show() {
    let router = r#"{ "hello": { "ismaster": true, "msg": "isdbgrid", "minWireVersion": 0, "maxWireVersion": 25, "maxBsonObjectSize": 16777216, "maxMessageSizeBytes": 48000000, "maxWriteBatchSize": 100000 },
        "buildInfo": { "version": "8.0.4" }, "serverStatus": { "uptime": 10 }, "listDatabases": { "databases": [], "totalSize": 5 } }"#;
    let router = MongoReplay::start(1, &[router]).expect("a replay");
    let connector = connect_to(&router[0].url(), None).await;
    let scope = read(&connector, "server").await;
    let gap = scope.gaps.iter().find(|g| g.detail.contains("sharded")).expect("the gap");
    assert!(gap.closes.contains("each shard") && gap.hides.contains(&Kind::Instance), "{gap:?}");
    assert_eq!(number(&scope, key::STANDBY_MEMBERS), None, "unknown, not zero");
}

#[tokio::test]
async fn a_user_without_rights_leaves_gaps_that_name_the_grant() {
    let denied = |verb: &str| {
        format!(
            "{verb:?}: {{ \"ok\": 0, \"code\": 13, \"codeName\": \"Unauthorized\", \"errmsg\": \"not authorized\" }}"
        )
    };
    let verbs = [
        "replSetGetConfig",
        "replSetGetStatus",
        "serverStatus",
        "getCmdLineOpts",
        "currentOp",
        "listCollections shop",
        "find oplog.rs 1",
        "find oplog.rs -1",
        "find system.profile -1",
    ];
    let denied = format!("{{ {} }}", verbs.map(denied).join(", "));
    let set = members(&[HEALTHY, &denied]);
    let connector = connect_to(&set[0].url(), None).await;
    for (scope, grant) in [
        ("server", "role: \"clusterMonitor\""),
        ("server", "\"oplog.rs\""),
        ("activity", "role: \"clusterMonitor\""),
        ("database/shop", "\"listCollections\""),
        ("database/shop", "\"system.profile\""),
    ] {
        let read = read(&connector, scope).await;
        let asks = |g: &loadline_model::Gap| g.reason == GapReason::PermissionDenied && g.closes.contains(grant);
        assert!(read.gaps.iter().any(asks), "{scope} does not ask for {grant}: {:?}", read.gaps);
        assert_eq!(number(&read, key::STANDBY_MEMBERS), None, "unknown, not zero");
        assert!(!read.inventories.contains(&Kind::Table), "{scope}");
    }
    let shown = connector.test().await;
    let refused: Vec<&str> = shown.iter().filter(|p| p.granted == Some(false)).map(|p| p.name.as_str()).collect();
    assert_eq!(refused, ["server statistics", "members", "votes", "operation log", "names of collections", "profiler"]);
    assert!(shown.iter().all(|p| (p.granted == Some(true)) == p.closes.is_empty()), "{shown:?}");
}
