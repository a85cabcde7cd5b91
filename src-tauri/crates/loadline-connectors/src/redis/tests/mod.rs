//! Against real servers: what they say, what they hide from a small user, and that nothing changes.

mod failover;
mod fake;
mod judged;
mod refused;
mod unchanged;

use super::*;
use crate::testing::{RedisServer, account, last_days};
use loadline_model::{
    Edge, Fact, FactBody, Kind, Limit, Limited, QueryStat, Relation, Resource, ScopeStatus, Series, Setting, SubjectId,
    Value, key, key::metric,
};

pub(super) async fn connect_to(config: &[(&str, &str)], secret: Option<&str>) -> Redis {
    let secret = secret.map(Secret::new);
    Redis::connect(account("redis", config), secret).await.unwrap_or_else(|e| panic!("{config:?}: {e}"))
}

pub(super) async fn connect_as(server: &RedisServer, user: &str, password: &str) -> Redis {
    let url = format!("redis://{user}@127.0.0.1:{}", server.port);
    connect_to(&[("url", &url)], Some(password)).await
}

pub(super) async fn connect_plainly(server: &RedisServer) -> Redis {
    connect_to(&[("url", &server.url())], None).await
}

pub(super) async fn read(connector: &Redis, scope: &str) -> Scope {
    connector.read(&ScopePlan::new(scope, ""), &last_days(28), &Progress::silent()).await
}

pub(super) async fn read_all(connector: &Redis) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for plan in connector.scopes().await.expect("scopes") {
        scopes.push(connector.read(&plan, &last_days(28), &Progress::silent()).await);
    }
    scopes
}

pub(super) fn all<'a, T: FactBody + 'a>(facts: &'a [Fact]) -> Vec<(&'a Fact, &'a T)> {
    facts.iter().filter_map(|f| Some((f, T::of(&f.body)?))).collect()
}

pub(super) fn value<'a>(scope: &'a Scope, key: &str, item: Option<&str>) -> Option<&'a Value> {
    let found = all::<Setting>(&scope.facts).into_iter().map(|(_, s)| s);
    found.into_iter().find(|s| s.key == key && s.item.as_deref() == item).map(|s| &s.value)
}

pub(super) fn number(scope: &Scope, key: &str) -> f64 {
    value(scope, key, None).and_then(Value::as_number).unwrap_or_else(|| panic!("{key}: {:?}", scope.gaps))
}

pub(super) fn flag(scope: &Scope, key: &str) -> Option<bool> {
    value(scope, key, None).and_then(Value::as_bool)
}

fn text<'a>(scope: &'a Scope, key: &str, item: Option<&str>) -> Option<&'a str> {
    value(scope, key, item).and_then(Value::as_text)
}

fn sample(scope: &Scope, metric: &str) -> Option<f64> {
    all::<Series>(&scope.facts).into_iter().find(|(_, s)| s.metric == metric).map(|(_, s)| s.samples[0].value)
}

/// The user of the policy, as a person would paste it: every line that this version understands.
pub(super) fn grant_policy(server: &RedisServer) {
    let policy = commands::policy().replace("choose-one", "loadline-secret");
    let line = policy.lines().find(|l| l.starts_with("ACL SETUSER")).expect("a line");
    server.cli(&line.split(' ').collect::<Vec<_>>()).expect("the policy is understood");
}

#[tokio::test]
async fn a_queue_with_planted_faults_is_described_to_the_policy_user() {
    let server = RedisServer::start("maxmemory 200mb\nmaxmemory-policy allkeys-lru\nmaxclients 60\n").expect("Redis");
    grant_policy(&server);
    server.cli(&["DEBUG", "POPULATE", "2000", "user", "10"]).expect("keys");
    server.cli(&["RPUSH", "celery", "secret-job-1", "secret-job-2"]).expect("a queue");
    server.cli(&["SET", "session:alice@example.com", "secret-value"]).expect("a session");
    server.cli(&["SETRANGE", "blob:1", "12582912", "x"]).expect("a big key");
    let connector = connect_as(&server, "loadline", "loadline-secret").await;

    let scope = read(&connector, "server").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    assert_eq!(scope.inventories, [Kind::Cache]);
    let (fact, resource) = all::<Resource>(&scope.facts)[0];
    assert_eq!(fact.subject.as_str(), format!("redis://127.0.0.1:{}", server.port));
    assert_eq!((resource.kind, resource.engine.as_deref()), (Kind::Cache, Some("redis")));
    assert!(resource.engine_version.as_deref().is_some_and(|v| v.contains('.')), "{resource:?}");
    assert_eq!(flag(&scope, key::CACHE_MEMORY_LIMITED), Some(true));
    assert_eq!(text(&scope, key::EVICTION_POLICY, None), Some("allkeys-lru"));
    let limit = |l| all::<Limit>(&scope.facts).into_iter().find(|(_, s)| s.limited == l).map(|(_, s)| s.value);
    assert_eq!((limit(Limited::Memory), limit(Limited::Connections)), (Some(209_715_200.0), Some(60.0)));
    assert!(sample(&scope, "used.memory").is_some_and(|b| b > 1e7));
    assert_eq!((flag(&scope, key::AOF_ENABLED), flag(&scope, key::CACHE_SNAPSHOTS)), (Some(false), Some(false)));
    assert_eq!(flag(&scope, key::LAST_SAVE_OK), Some(true));
    assert_eq!(value(&scope, key::SNAPSHOT_AGE_MINUTES, None), None, "its start is no snapshot");
    assert_eq!(number(&scope, key::CACHE_KEYS_EXPIRING), 0.0);
    assert_eq!(number(&scope, key::STANDBY_MEMBERS), 0.0);
    assert_eq!((number(&scope, key::MAX_CONNECTIONS), number(&scope, key::CACHE_BLOCKED_CLIENTS)), (60.0, 0.0));

    let keys = read(&connector, "keys").await;
    assert_eq!((keys.status, &keys.gaps), (ScopeStatus::Complete, &vec![]));
    // Celery's queue is looked for by its name, which a sample of 2003 keys may miss.
    assert_eq!(text(&keys, key::STORE_ROLE, None), Some("queue"));
    let depth = all::<Series>(&keys.facts).into_iter().find(|(_, s)| s.metric == metric::QUEUE_DEPTH).map(|(_, s)| s);
    let counted = connector.server.version >= commands::LENGTH.since;
    let said = depth.map(|d| (d.samples[0].value, d.labels["queue"].clone()));
    assert_eq!(said, counted.then(|| (2.0, "celery".to_owned())), "only where our look does not count as a use");
    let told = serde_json::to_string(&[&scope, &keys]).expect("json");
    for secret in ["secret", "alice", "loadline-secret"] {
        assert!(!told.contains(secret), "{secret} left the server");
    }
}

#[tokio::test]
async fn every_role_and_the_biggest_key_of_a_small_store_are_seen() {
    let server = RedisServer::start("").expect("Redis");
    for words in [
        vec!["RPUSH", "celery", "job"],
        vec!["SETEX", "session:alice", "100", "v"],
        vec!["SETEX", "cache:page:7", "100", "v"],
        vec!["SETRANGE", "cache:blob:1", "12582912", "x"],
    ] {
        server.cli(&words).expect("a key");
    }
    server.cli(&["-n", "5", "SET", "bull:mail:id", "1"]).expect("another database");
    server.cli(&["-n", "5", "RPUSH", "bull:mail:wait", "1"]).expect("another database");
    let odd = "return redis.call('SET', string.char(255, 254, 10, 13, 42), 'v')";
    server.cli(&["EVAL", odd, "0"]).expect("a key that is no text");
    let connector = connect_plainly(&server).await;
    let scope = read(&connector, "keys").await;
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    assert_eq!(text(&scope, key::STORE_ROLE, None), Some("queue"), "what asks for most care");
    for (pattern, role) in [("celery", "queue"), ("bull:*", "queue"), ("session:*", "sessions"), ("cache:*", "cache")] {
        assert_eq!(text(&scope, key::STORE_ROLE, Some(pattern)), Some(role), "{pattern}");
    }
    let big = value(&scope, key::CACHE_BIG_KEY_BYTES, Some("cache:*")).and_then(Value::as_number).expect("a big key");
    assert!(big > 12e6, "{big}");
    assert_eq!(all::<Setting>(&scope.facts).iter().filter(|(_, s)| s.key == key::CACHE_BIG_KEY_BYTES).count(), 1);

    let only = connect_to(&[("url", &format!("{}/5", server.url()))], None).await;
    let scope = read(&only, "keys").await;
    assert_eq!(text(&scope, key::STORE_ROLE, None), Some("queue"));
    assert_eq!(value(&scope, key::CACHE_BIG_KEY_BYTES, Some("cache:*")), None, "of database 5 only");
}

#[tokio::test]
async fn half_a_million_keys_and_names_that_are_no_text_stay_within_bounds() {
    let server = RedisServer::start("").expect("Redis");
    server.cli(&["DEBUG", "POPULATE", "500000", "user", "8"]).expect("many keys");
    // Names of any byte, empty, and as long as a page; sixteen databases hold some and more hold none.
    let odd = "for n = 1, 20000 do redis.call('SET', string.char(n % 256, 255, n / 256, 10, 58) .. n, 'v') end \
               redis.call('SET', '', 'v') redis.call('SET', string.rep(string.char(195), 100000), 'v')";
    for number in 1..16 {
        server.cli(&["-n", &number.to_string(), "EVAL", odd, "0"]).expect("names that are no text");
    }
    let connector = connect_plainly(&server).await;
    let begun = std::time::Instant::now();
    let scope = read(&connector, "keys").await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    let (all, looked_at) = (number(&scope, key::CACHE_KEYS), number(&scope, key::CACHE_KEYS_SAMPLED));
    assert_eq!(all, 500_000.0 + 15.0 * 20_002.0);
    assert!((500.0..=1_000.0).contains(&looked_at), "{looked_at}");
    assert!(scope.facts.len() < 50, "patterns, not names: {}", scope.facts.len());
    assert!(connector.cost().calls < 3_500, "{:?}", connector.cost());
}

#[tokio::test]
async fn misses_slow_commands_and_rejected_clients_are_counted() {
    let server = RedisServer::start("maxclients 40\n").expect("Redis");
    server.cli(&["DEBUG", "POPULATE", "400000", "session", "4"]).expect("keys");
    for _ in 0..4 {
        server.cli(&["KEYS", "session:42*"]).expect("a slow command");
    }
    let crowd: Vec<_> = (0..60).filter_map(|_| std::net::TcpStream::connect(("127.0.0.1", server.port)).ok()).collect();
    let rejected = || server.cli(&["PING"]).is_err();
    crate::testing::until("nobody was rejected", 10, rejected).expect("a rejected client");
    drop(crowd);
    crate::testing::until("clients did not leave", 10, || server.cli(&["PING"]).is_ok()).expect("room again");
    let load = crate::testing::until;
    let port = server.port.to_string();
    let mut clients = std::process::Command::new("redis-benchmark")
        .args(["-p", &port, "-n", "100000000", "-r", "10000000", "-c", "2", "-q", "GET", "nothing:__rand_int__"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("redis-benchmark");
    let count =
        |info: String| info.lines().find_map(|l| l.strip_prefix("keyspace_misses:")?.trim().parse::<u64>().ok());
    let misses = || server.cli(&["INFO", "stats"]).is_ok_and(|info| count(info) > Some(500));
    let loaded = load("no load", 30, misses);
    let connector = connect_plainly(&server).await;
    let scope = read(&connector, "activity").await;
    clients.kill().and_then(|()| clients.wait()).expect("the load ends");
    loaded.expect("a load");
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    assert!(number(&scope, key::HIT_RATIO) < 0.1 && sample(&scope, metric::CACHE_HIT_RATIO).is_some_and(|r| r < 0.1));
    assert!(number(&scope, key::CACHE_GETS_PER_SECOND) > 10.0);
    assert!(number(&scope, key::CACHE_SLOW_COMMANDS) >= 1.0);
    assert!(number(&scope, key::CONNECTIONS_REFUSED_7D) >= 1.0);
    assert_eq!(number(&scope, key::CACHE_EVICTED_PER_SET), 0.0);
    assert!(sample(&scope, "utilisation.cpu").is_some_and(|share| (0.0..=1.0).contains(&share)));
    let shapes = all::<QueryStat>(&scope.facts);
    let slow = shapes.iter().find(|(_, q)| q.text == "keys session:*").expect("the pattern of KEYS").1;
    assert!(slow.calls >= 4.0 && slow.total_ms >= 40.0, "{slow:?}");
    assert!(shapes.iter().any(|(_, q)| q.fingerprint == "command:get" && q.calls > 100.0));
}

#[tokio::test]
async fn a_small_user_leaves_gaps_that_name_the_rule() {
    let server = RedisServer::start("").expect("Redis");
    server.cli(&["SET", "k:1", "v"]).expect("a key");
    server.cli(&["ACL", "SETUSER", "lowly", "on", ">lowly-secret", "~*", "-@all", "+info"]).expect("a user");
    let connector = connect_as(&server, "lowly", "lowly-secret").await;
    // Without ACL WHOAMI the name of the address is taken.
    for (scope, rules) in
        [("server", &["+config|get"][..]), ("activity", &["+config|get", "+slowlog|get"]), ("keys", &["+select"])]
    {
        let read = read(&connector, scope).await;
        let expected = if scope == "keys" { ScopeStatus::Failed } else { ScopeStatus::Partial };
        assert_eq!(read.status, expected, "{scope}: {:?}", read.gaps);
        for rule in rules {
            let wanted = format!("ACL SETUSER lowly {rule}");
            let found = read.gaps.iter().any(|g| g.reason == GapReason::PermissionDenied && g.closes == wanted);
            assert!(found, "{scope} does not ask for {wanted}: {:?}", read.gaps);
        }
        assert_eq!(value(&read, key::CACHE_SNAPSHOTS, None), None, "unknown, not off");
        assert_eq!(value(&read, key::CACHE_SLOW_COMMANDS, None), None, "unknown, not zero");
    }
    server.cli(&["ACL", "SETUSER", "lowly", "+select", "+scan"]).expect("more");
    let keys = read(&connector, "keys").await;
    let closes: Vec<&str> = keys.gaps.iter().map(|g| g.closes.as_str()).collect();
    assert_eq!(closes, ["ACL SETUSER lowly +type"], "one refusal stands for all keys");

    let shown = connector.test().await;
    let refused: Vec<&str> = shown.iter().filter(|p| p.granted == Some(false)).map(|p| p.name.as_str()).collect();
    assert_eq!(
        refused,
        ["ACL WHOAMI", "CONFIG GET", "CLIENT LIST", "SLOWLOG GET 128", "TYPE", "MEMORY USAGE"],
        "{shown:?}"
    );
    assert!(shown.iter().all(|p| (p.granted == Some(true)) == p.closes.is_empty()), "{shown:?}");
    grant_policy(&server);
    let shown = connect_as(&server, "loadline", "loadline-secret").await.test().await;
    assert!(shown.len() >= 9 && shown.iter().all(|p| p.granted == Some(true)), "{shown:?}");
}

#[tokio::test]
async fn a_stop_returns_what_was_read_within_a_second() {
    let server = RedisServer::start("").expect("Redis");
    let connector = connect_plainly(&server).await;
    let window = last_days(28);
    let cancel = window.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        cancel.cancel();
    });
    let begun = std::time::Instant::now();
    // Stopped between its two looks.
    let scope = connector.read(&ScopePlan::new("activity", ""), &window, &Progress::silent()).await;
    assert!(begun.elapsed() < std::time::Duration::from_millis(1_500), "{:?}", begun.elapsed());
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled), "{:?}", scope.gaps);
    assert_eq!(read(&connector, "server").await.status, ScopeStatus::Complete, "the connection still serves");
}
