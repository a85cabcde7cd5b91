//! A real server under a small load.

use super::*;
use crate::testing::SecantusServer;
use loadline_model::{Kind, Plan, QueryStat, Resource, ScopeStatus, TableStat, Verb, key};

/// A shop whose look-ups by user have no index, with an index that another one covers.
const SHOP: &str = "
db = client.shop
db.orders.insert_many([{'user_id': i % 500, 'status': 'hunter2', 'n': i} for i in range(3000)])
db.orders.create_index([('status', 1)], name='status_1')
db.orders.create_index([('status', 1), ('n', -1)], name='status_n')
db.command('profile', 2)
for i in range(4):
    list(db.orders.find({'user_id': 987654321 + i, 'n': {'$gt': i}}).sort('n', -1))
list(db.orders.find({'status': 'hunter2'}).limit(5))
db.orders.update_one({'user_id': 3}, {'$set': {'status': 'hunter3'}})
";
/// Everything the users own, in one line: documents, indexes, settings; not what the server counts.
const STATE: &str = "
out = {}
for name in sorted(client.list_database_names()):
    if name in ('admin', 'config', 'local'): continue
    for coll in sorted(client[name].list_collection_names()):
        if coll.startswith('system.'): continue
        docs = json_util.dumps(list(client[name][coll].find().sort('_id', 1)))
        out[name + '.' + coll] = [hashlib.sha256(docs.encode()).hexdigest(), sorted(client[name][coll].index_information())]
print(json.dumps(out, sort_keys=True), client.admin.command('serverStatus')['opcounters']['insert'], client.admin.command('serverStatus')['opcounters']['update'], client.admin.command('serverStatus')['opcounters']['delete'])
";

#[tokio::test]
async fn a_server_that_stands_alone_is_read_and_nothing_changes() {
    let server = SecantusServer::start(&["--standalone"]).expect("SecantusDB");
    server.script("", SHOP).expect("a shop");
    let before = server.script("", STATE).expect("the state");
    // Without --auth every user is the most powerful one.
    let connector = connect_to(&server.url(), None).await;
    let mut scopes = Vec::new();
    let plans = connector.scopes().await.expect("scopes");
    assert_eq!(plans.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["server", "activity", "database/shop"]);
    for plan in plans {
        let scope = connector.read(&plan, &last_days(28), &Progress::silent()).await;
        assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]), "{}", plan.name);
        scopes.push(scope);
    }
    assert!(connector.estimate().await.calls > 15 && connector.cost().calls > 15);
    assert!(connector.test().await.iter().all(|p| p.granted != Some(false)));
    assert_eq!(server.script("", STATE).expect("the state"), before);

    let [alone, activity, database] = scopes.as_slice() else { panic!("three scopes") };
    assert_eq!(alone.inventories, [Kind::Database]);
    let (fact, resource) = all::<Resource>(&alone.facts)[0];
    assert_eq!(fact.subject.as_str(), format!("mongodb://127.0.0.1:{}", server.port));
    assert_eq!((resource.engine.as_deref(), resource.engine_version.as_deref()), (Some("mongodb"), Some("8.2.11")));
    assert_eq!(number(alone, key::STANDBY_MEMBERS), Some(0.0));
    assert_eq!(setting(alone, key::AUTOMATIC_FAILOVER, None), Some(&Value::Bool(false)));
    assert_eq!(setting(alone, key::AUTHENTICATION_REQUIRED, None), Some(&Value::Bool(false)), "seen, not configured");
    assert_eq!(setting(alone, key::STATEMENT_STATISTICS, None), Some(&Value::Bool(true)));
    assert!(number(alone, key::DATABASE_BYTES).is_some_and(|n| n > 100_000.0));
    assert_eq!(number(alone, key::MAX_CONNECTIONS), None, "it says no limit");
    assert_eq!(all::<loadline_model::LockSample>(&activity.facts).len(), 1);

    let queries = all::<QueryStat>(&database.facts);
    let scan = queries
        .iter()
        .find(|(_, q)| q.text.starts_with("find shop.orders {user_id: ?, n: {$gt: ?}}"))
        .expect("the scan")
        .1;
    assert_eq!((scan.verb, scan.calls, scan.text.ends_with(" sort {n: -1}")), (Verb::Read, 4.0, true));
    assert!(queries.iter().any(|(_, q)| q.text == "update shop.orders {user_id: ?}" && q.verb == Verb::Write));
    // The profiler of this server records no plan, so the shapes were explained.
    let plan = |fingerprint: &str| all::<Plan>(&database.facts).into_iter().find(|(_, p)| p.fingerprint == fingerprint);
    assert!(plan(&scan.fingerprint).is_some_and(|(_, p)| p.full_scans == ["shop.orders"]));
    let indexed = queries.iter().find(|(_, q)| q.text.contains("{status: ?}")).expect("the look-up").1;
    assert!(
        plan(&indexed.fingerprint)
            .is_some_and(|(_, p)| p.full_scans.is_empty() && p.nodes.iter().any(|n| n == "IXSCAN"))
    );
    let (_, stat) = all::<TableStat>(&database.facts)[0];
    assert_eq!(
        (stat.rows, stat.unindexed_filters.as_slice()),
        (Some(3000.0), ["user_id".to_owned(), "n".to_owned()].as_slice())
    );
    let indexes = all::<loadline_model::IndexStat>(&database.facts);
    assert_eq!(indexes.len(), 3);
    assert!(
        indexes.iter().all(|(_, i)| i.scans.is_none() && i.bytes.is_some()),
        "its zeroes count nothing: {indexes:?}"
    );
    let text = text_of(&[alone, activity, database]);
    assert!(!text.contains("hunter") && !text.contains("98765432"), "a value left the server");
}

#[tokio::test]
async fn without_a_profiler_slow_queries_are_invisible() {
    let server = SecantusServer::start(&[]).expect("SecantusDB");
    server.script("", "client.shop.orders.insert_one({'a': 1})").expect("a shop");
    let connector = connect_to(&server.url(), None).await;
    let scope = read(&connector, "server").await;
    assert_eq!(setting(&scope, key::STATEMENT_STATISTICS, None), Some(&Value::Bool(false)));
    // A set of one member, whose configuration this server does not show: its votes come from its status.
    assert_eq!((number(&scope, key::QUORUM_VOTES), number(&scope, key::QUORUM_HEALTHY)), (Some(1.0), Some(1.0)));
    assert_eq!(number(&scope, key::STANDBY_MEMBERS), Some(0.0));
    assert!(scope.gaps.iter().any(|g| g.detail.contains("replSetGetConfig")), "{:?}", scope.gaps);
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::ShortWindow), "a young log: {:?}", scope.gaps);
    assert!(read(&connector, "database/shop").await.gaps.is_empty(), "no profiler is no refusal");
}

#[tokio::test]
async fn a_user_logs_in_and_a_wrong_password_is_refused() {
    let mut server = SecantusServer::start(&[]).expect("SecantusDB");
    server.script("", "client.admin.command('createUser', 'loadline', pwd='canary-3f9a1c', roles=[{'role': 'clusterMonitor', 'db': 'admin'}, {'role': 'read', 'db': 'shop'}])\nclient.shop.orders.insert_one({'a': 1})").expect("a user");
    server.restart(&["--auth"]).expect("it starts again");
    let connector = connect_to(&server.url_for("loadline"), Some("canary-3f9a1c")).await;
    let shown = connector.test().await;
    assert!(shown[0].detail.contains("as loadline"), "{shown:?}");
    let scope = read(&connector, "server").await;
    assert_ne!(scope.status, ScopeStatus::Failed, "{:?}", scope.gaps);
    assert_eq!(setting(&scope, key::AUTHENTICATION_REQUIRED, None), Some(&Value::Bool(true)));
    let refused = async |user: &str, secret: &str, code: &str| {
        let account = account("mongodb", &[("url", &server.url_for(user))]);
        let error = Mongodb::connect(account, Some(Secret::new(secret))).await.map(|_| ()).expect_err(code);
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.to_string().contains(secret), "{error}");
    };
    refused("loadline", "wrong-hunter2", "authentication_failed").await;
    refused("nobody", "canary-3f9a1c", "authentication_failed").await;
    let nobody = connect_to(&server.url(), None).await;
    let scope = read(&nobody, "server").await;
    assert!(
        scope.gaps.iter().any(|g| g.reason == GapReason::PermissionDenied && g.closes.contains("clusterMonitor")),
        "{:?}",
        scope.gaps
    );
}
