//! Against recorded answers of the Administration API, guarded by real Digest and token checks. Their fields are those of
//! the MongoDB documentation, "Atlas Administration API v2": List All Clusters in One Project, All MongoDB Processes in One
//! Project, Project IP Access Lists, Cloud Backups (schedule, snapshots, restore jobs), Alert Configurations,
//! Measurements of One MongoDB Process and One Disk, Performance Advisor.

use super::*;
use crate::testing::{AtlasReplay, ScriptedServer, account, last_days, respond};
use loadline_model::{
    Alert, BackupEvent, BackupKind, Edge, Fact, FactBody, ImportedFinding, Kind, Limit, Plan, QueryStat, Relation,
    Resource, ScopeStatus, Series, Setting, TableStat, Value, key, key::metric,
};
use std::time::{Duration, Instant};

const PROJECT: &str = include_str!("recorded/project.json");
const TROUBLED: &str = include_str!("recorded/troubled.json");
const GROUP: &str = "5f0e1d2c3b4a59687766554f";
const CLUSTER: &str = "atlas:32b6e34b3d91647abb20e7b8";
const SECRET: &str = "canary-3f9a1c";

async fn open(url: &str, config: &[(&str, &str)], secret: &str) -> Result<Atlas, ConnectError> {
    crate::testing::install_crypto();
    let config: Vec<(&str, &str)> = [("endpoint_url", url)].iter().chain(config).copied().collect();
    let limits = Limits {
        idle: Duration::from_secs(1),
        total: Duration::from_secs(3),
        patience: Duration::from_secs(2),
        ..Limits::default()
    };
    Atlas::connect(account("atlas", &config), Some(Secret::new(secret)), limits).await
}

async fn by_key(replay: &AtlasReplay) -> Atlas {
    open(&replay.url(), &[("public_key", "key")], SECRET).await.expect("a connection")
}

async fn read(atlas: &Atlas, part: &str) -> Scope {
    atlas.read(&ScopePlan::new(format!("{part}/{GROUP}"), ""), &last_days(8), &Progress::silent()).await
}

fn all<'a, T: FactBody + 'a>(facts: &'a [Fact]) -> Vec<(&'a Fact, &'a T)> {
    facts.iter().filter_map(|f| Some((f, T::of(&f.body)?))).collect()
}

fn setting<'a>(scope: &'a Scope, key: &str) -> Option<&'a Value> {
    all::<Setting>(&scope.facts).into_iter().find(|(_, s)| s.key == key).map(|(_, s)| &s.value)
}

fn number(scope: &Scope, key: &str) -> Option<f64> {
    setting(scope, key).and_then(Value::as_number)
}

fn last(scope: &Scope, metric: &str, label: Option<&str>) -> Option<f64> {
    let found = all::<Series>(&scope.facts).into_iter().map(|(_, s)| s);
    let of = |s: &&Series| s.metric == metric && label.is_none_or(|l| s.labels.values().any(|v| v.starts_with(l)));
    found.into_iter().find(of).and_then(|s| s.samples.last().map(|p| p.value))
}

#[tokio::test]
async fn a_project_is_described_completely() {
    let replay = AtlasReplay::start(&[PROJECT]).expect("a replay");
    let atlas = by_key(&replay).await;
    let plans = atlas.scopes().await.expect("scopes");
    assert_eq!(plans.len(), 5);
    for plan in plans {
        let scope = atlas.read(&plan, &last_days(8), &Progress::silent()).await;
        assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]), "{}", plan.name);
    }
    let clusters = read(&atlas, "clusters").await;
    assert_eq!(clusters.inventories, [Kind::Database, Kind::Instance]);
    let (fact, cluster) = all::<Resource>(&clusters.facts)[0];
    assert_eq!(
        (fact.subject.as_str(), cluster.name.as_str(), cluster.engine_version.as_deref()),
        (CLUSTER, "shop", Some("8.0.15"))
    );
    assert_eq!(
        (cluster.managed, cluster.region.as_deref(), cluster.required_members),
        (Some(true), Some("eu-central-1"), Some(2))
    );
    let edges = all::<Edge>(&clusters.facts);
    let same: Vec<&str> =
        edges.iter().filter(|(_, e)| e.relation == Relation::SameAs).map(|(_, e)| e.to.as_str()).collect();
    assert_eq!(same, [0, 1, 2].map(|n| format!("mongodb://shop-shard-00-0{n}.abcde.mongodb.net:27017")));
    assert_eq!(edges.iter().filter(|(_, e)| e.relation == Relation::MemberOf).count(), 3);
    for (key, expected) in [
        (key::STANDBY_MEMBERS, Value::Number(2.0)),
        (key::QUORUM_VOTES, Value::Number(3.0)),
        (key::QUORUM_HEALTHY, Value::Number(3.0)),
        (key::AUTOMATIC_FAILOVER, Value::Bool(true)),
        (key::BACKUP_ENABLED, Value::Bool(true)),
        (key::PITR_ENABLED, Value::Bool(true)),
        (key::DELETION_PROTECTION, Value::Bool(true)),
        (key::DISK_AUTOGROWTH, Value::Bool(true)),
        (key::PUBLICLY_REACHABLE, Value::Bool(false)),
        (key::AUTHENTICATION_REQUIRED, Value::Bool(true)),
    ] {
        assert_eq!(setting(&clusters, key), Some(&expected), "{key}");
    }
    assert_eq!(all::<Limit>(&clusters.facts)[0].1.value, 3000.0, "of an M30");

    let backups = read(&atlas, "backups").await;
    assert_eq!(
        (number(&backups, key::BACKUP_RETENTION_DAYS), number(&backups, key::PITR_WINDOW_HOURS)),
        (Some(28.0), Some(168.0))
    );
    assert_eq!(setting(&backups, key::BACKUP_ISOLATED), Some(&Value::Bool(true)));
    let events = all::<BackupEvent>(&backups.facts);
    assert_eq!(events.iter().filter(|(_, e)| e.kind == BackupKind::Snapshot && e.succeeded).count(), 2);
    assert!(events.iter().any(|(_, e)| e.kind == BackupKind::Restore && e.duration_s == Some(3600.0)));

    let measured = read(&atlas, "measurements").await;
    for (metric, label, expected) in [
        ("used.connections", None, 300.0),
        ("utilisation.cpu", None, 0.28),
        ("utilisation.disk", None, 0.41),
        (metric::DISK_OPERATIONS, None, 200.0),
        (metric::REPLICA_LAG, Some("shop-shard-00-02"), 0.5),
    ] {
        let found = last(&measured, metric, label).unwrap_or(f64::NAN);
        assert!((found - expected).abs() < 1e-9, "{metric}: {found}");
    }
    assert!(number(&measured, key::OPLOG_WINDOW_HOURS).is_some_and(|h| h > 72.0));
    assert_eq!(setting(&measured, key::READ_REPLICA_USED), Some(&Value::Bool(true)), "one secondary answers queries");
    let alerts = read(&atlas, "alerts").await;
    let (_, alert) = all::<Alert>(&alerts.facts)[0];
    assert_eq!((alert.pages, alert.subjects.len()), (Some(true), 1));
    assert!(atlas.test().await.iter().all(|p| p.granted == Some(true) && p.closes.is_empty()));
    assert!(atlas.estimate().await.calls > 0 && atlas.cost().calls > 20);
    assert!(replay.asked().iter().all(|head| head.starts_with("GET ")), "nothing but GET");
}

#[tokio::test]
async fn trouble_is_seen_as_facts() {
    let replay = AtlasReplay::start(&[PROJECT, TROUBLED]).expect("a replay");
    let atlas = by_key(&replay).await;
    let clusters = read(&atlas, "clusters").await;
    for (key, expected) in [
        (key::STANDBY_MEMBERS, Value::Number(0.0)),
        (key::AUTOMATIC_FAILOVER, Value::Bool(false)),
        (key::BACKUP_ENABLED, Value::Bool(false)),
        (key::DELETION_PROTECTION, Value::Bool(false)),
        (key::PUBLICLY_REACHABLE, Value::Bool(true)),
    ] {
        assert_eq!(setting(&clusters, key), Some(&expected), "{key}");
    }
    assert!(read(&atlas, "backups").await.facts.is_empty(), "nothing is asked about backups that are off");
    let performance = read(&atlas, "performance").await;
    let (table, stat) = all::<TableStat>(&performance.facts)[0];
    assert_eq!(
        (table.subject.as_str(), stat.unindexed_filters.as_slice()),
        (format!("{CLUSTER}/shop/orders").as_str(), ["user_id".to_owned(), "at".to_owned()].as_slice())
    );
    assert!(all::<ImportedFinding>(&performance.facts)[0].1.title.contains("user_id, at"));
    assert_eq!(all::<QueryStat>(&performance.facts)[0].1.text, "find shop.orders {note: ?}");
    assert_eq!(all::<Plan>(&performance.facts)[0].1.full_scans, ["shop.orders"]);
    assert!(!serde_json::to_string(&performance).expect("json").contains("hunter2"));
}

#[tokio::test]
async fn a_service_account_trades_its_secret_once() {
    let replay = AtlasReplay::start(&[PROJECT]).expect("a replay");
    let atlas = open(&replay.url(), &[("client_id", "client")], SECRET).await.expect("a connection");
    assert_eq!(read(&atlas, "clusters").await.status, ScopeStatus::Complete);
    let posts: Vec<String> = replay.asked().into_iter().filter(|head| !head.starts_with("GET ")).collect();
    assert_eq!(posts.len(), 1, "{posts:?}");
    assert!(posts[0].starts_with("POST /api/oauth/token "));
}

#[tokio::test]
async fn what_is_denied_names_the_role() {
    let denied = format!(
        "{{ \"groups/{GROUP}/accessList\": 403, \"groups/{GROUP}/processes\": 403, \"groups/{GROUP}/clusters/shop/backup/snapshots\": 429, \"groups/{GROUP}/alertConfigs\": 500 }}"
    );
    let replay = AtlasReplay::start(&[PROJECT, &denied]).expect("a replay");
    let atlas = by_key(&replay).await;
    let clusters = read(&atlas, "clusters").await;
    assert_eq!((clusters.status, clusters.inventories.as_slice()), (ScopeStatus::Partial, [Kind::Database].as_slice()));
    assert_eq!(
        (setting(&clusters, key::PUBLICLY_REACHABLE), setting(&clusters, key::QUORUM_HEALTHY)),
        (None, None),
        "unknown, not no"
    );
    let denied: Vec<_> = clusters.gaps.iter().filter(|g| g.reason == GapReason::PermissionDenied).collect();
    assert_eq!(denied.len(), 2);
    assert!(denied.iter().all(|g| g.closes.contains("GROUP_READ_ONLY") && g.closes.contains(GROUP)), "{denied:?}");
    let backups = read(&atlas, "backups").await;
    assert!(backups.gaps.iter().any(|g| g.reason == GapReason::RateLimited), "{:?}", backups.gaps);
    let alerts = read(&atlas, "alerts").await;
    assert_eq!((alerts.status, alerts.gaps[0].reason), (ScopeStatus::Failed, GapReason::ApiError));
    let shown = atlas.test().await;
    assert_eq!(shown.iter().filter(|p| p.granted == Some(false)).count(), 3, "{shown:?}");
    let said = format!("{:?} {:?} {:?} {shown:?}", clusters.gaps, backups.gaps, alerts.gaps);
    assert!(!said.contains("hunter2") && !said.contains(SECRET), "{said}");
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let pages = ScriptedServer::start(|head, stream| {
        let page = head.split("pageNum=").nth(1).and_then(|p| p.split('&').next()).unwrap_or("1").to_owned();
        if !head.contains("Digest username") {
            return respond(
                stream,
                "401 Unauthorized",
                "www-authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n",
                "{}",
            );
        }
        let id = if page == "1" { GROUP } else { "second" };
        respond(
            stream,
            "200 OK",
            "",
            &format!("{{\"results\":[{{\"id\":\"{id}\",\"name\":\"p{page}\"}}],\"totalCount\":2}}"),
        );
    });
    let pages = pages.expect("a server");
    let atlas = open(&pages.url(), &[("public_key", "key")], SECRET).await.expect("a connection");
    assert_eq!(atlas.projects.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["p1", "p2"]);
    let one = open(&pages.url(), &[("public_key", "key"), ("projects", "second")], SECRET).await.expect("a connection");
    assert_eq!(one.projects.len(), 1);
}

#[tokio::test]
async fn refused_connections_say_why_without_the_secret() {
    let check = async |url: &str, config: &[(&str, &str)], secret: &str, code: &str| {
        let begun = Instant::now();
        let error = open(url, config, secret).await.map(|_| ()).expect_err(code);
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.to_string().contains(secret) && !error.to_string().contains("hunter2"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    };
    let replay = AtlasReplay::start(&[PROJECT]).expect("a replay");
    check(&replay.url(), &[("public_key", "key")], "wrong-hunter2", "authentication_failed").await;
    check(&replay.url(), &[("client_id", "client")], "wrong-hunter2", "authentication_failed").await;
    check(&replay.url(), &[("public_key", "key"), ("client_id", "client")], SECRET, "invalid_config").await;
    check(&replay.url(), &[], SECRET, "invalid_config").await;
    check(&replay.url(), &[("public_key", "key"), ("projects", "none")], SECRET, "authentication_failed").await;
    let silent = ScriptedServer::start(|_, _| std::thread::sleep(Duration::from_secs(20))).expect("a server");
    check(&silent.url(), &[("public_key", "key")], SECRET, "timed_out").await;
    let garbage = ScriptedServer::saying("<html>".to_owned()).expect("a server");
    check(&garbage.url(), &[("public_key", "key")], SECRET, "source_error").await;
    let away = ScriptedServer::start(|_, stream| respond(stream, "302 Found", "location: http://example.com/\r\n", ""))
        .expect("a server");
    check(&away.url(), &[("public_key", "key")], SECRET, "source_error").await;
    check("http://127.0.0.1:1", &[("public_key", "key")], SECRET, "unreachable").await;
}
