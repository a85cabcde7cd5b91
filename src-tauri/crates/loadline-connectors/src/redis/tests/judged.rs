//! Redis and memcached, read by their connectors and judged by the rules: what was planted is found, and a healthy twin
//! shows none of it.

use crate::testing::{MemcachedServer, RedisServer, account, last_days};
use crate::{Progress, provider};
use loadline_model::{
    AccountSummary, Basis, Body, Check, Confidence, Edge, Environment, Fact, FactIndex, Inventory, Kind, Outcome,
    Policy, Provenance, Relation, Resource, Scope, Setting, Severity, Snapshot, SubjectId, Value, key,
};
use std::process::{Child, Command, Stdio};

/// Rules that the facts of these connectors feed.
const FED: [&str; 8] =
    ["CACHE-002", "CACHE-003", "CACHE-004", "CACHE-006", "DATA-007", "SPOF-005", "SPOF-010", "CAP-002"];

/// Reads every part of an account.
async fn read(id: &str, config: &[(&str, &str)]) -> Vec<Scope> {
    let mut asked = account(id, config);
    asked.environment = Some(Environment::Production);
    let known = provider(id).expect("a provider");
    let connector = (known.connect)(&asked, None).await.unwrap_or_else(|e| panic!("{config:?}: {e}"));
    let mut scopes = Vec::new();
    for plan in connector.scopes().await.expect("parts") {
        scopes.push(connector.read(&plan, &last_days(1), &Progress::silent()).await);
    }
    scopes
}

/// The rules' answers about one store that a service cannot do without.
fn checks(id: &str, store: &str, scopes: &[Scope]) -> Vec<Check> {
    let taken_at = scopes.iter().map(|s| s.finished_at).max().expect("a scope");
    let summary = |id: &str| AccountSummary {
        id: id.into(),
        provider: id.into(),
        name: id.into(),
        connected: true,
        collected_at: Some(taken_at),
    };
    let inventories = scopes.iter().flat_map(|s| {
        let of =
            |kind: &Kind| Inventory { account: id.into(), scope: s.name.clone(), kind: *kind, read_at: s.finished_at };
        s.inventories.iter().map(of).collect::<Vec<_>>()
    });
    let seen = |body: Body| Fact {
        subject: "api".into(),
        body,
        provenance: Provenance {
            account: "code".into(),
            call: "code".into(),
            read_at: taken_at,
            basis: Basis::Measured,
        },
    };
    let needs = Edge {
        relation: Relation::DependsOn { hard: true },
        to: SubjectId::from(store),
        confidence: Confidence::Observed,
    };
    let mut facts: Vec<Fact> = scopes.iter().flat_map(|s| s.facts.iter().cloned()).collect();
    facts.extend([seen(Resource::new(Kind::Service, "api").into()), seen(needs.into())]);
    let snapshot = Snapshot {
        taken_at,
        inventories: inventories.collect(),
        facts,
        gaps: scopes.iter().flat_map(|s| s.gaps.iter().cloned()).collect(),
        accounts: vec![summary(id), summary("code")],
        ..Snapshot::default()
    };
    let (index, policy) = (FactIndex::new(&snapshot), Policy::default());
    let topology = loadline_topology::analyse(&index);
    let trends = loadline_stats::trends(&index, &policy);
    let capacity = loadline_capacity::assess(&index, &topology, &trends, &policy);
    let context = loadline_rules::Context::new(&index, (&topology, &capacity, &trends), &policy, taken_at);
    loadline_rules::evaluate(&context).into_iter().filter(|c| FED.contains(&c.rule.as_str())).collect()
}

/// The severity a rule's own words give, before it moves by tier and exposure.
fn failed(checks: &[Check], rule: &str, says: &str) -> Severity {
    let failed = |c: &&Check| c.rule.as_str() == rule && matches!(c.result.outcome, Outcome::Fail { .. });
    let check = checks.iter().find(failed).unwrap_or_else(|| panic!("{rule} does not fail: {}", said(checks)));
    assert!(check.result.sentence.contains(says), "{rule}: {}", check.result.sentence);
    assert!(!check.result.evidence.is_empty(), "{rule} shows what it rests on");
    check.base_severity.or(check.result.outcome.severity()).expect("a severity")
}

fn said(checks: &[Check]) -> String {
    let lines = checks.iter().map(|c| format!("{} {}: {}", c.rule, c.result.outcome.word(), c.result.sentence));
    lines.collect::<Vec<_>>().join("\n")
}

/// What is read once all three voters are there: on a busy machine a Sentinel's link is gone for a moment, and a voter with it.
async fn read_settled(config: &[(&str, &str)]) -> Vec<Scope> {
    let begun = std::time::Instant::now();
    let healthy = |scopes: &[Scope]| {
        let of = |s: &Setting| s.key == key::QUORUM_HEALTHY && s.value == Value::Number(3.0);
        scopes.iter().flat_map(|s| &s.facts).any(|f| matches!(&f.body, Body::Setting(s) if of(s)))
    };
    loop {
        let scopes = read("redis", config).await;
        if healthy(&scopes) || begun.elapsed().as_secs() > 30 {
            return scopes;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

/// Waits for what takes a server a moment.
fn until(works: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !works() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "it did not happen within 20 s");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// Reads of keys that do not exist, until it is ended.
fn misses(port: u16) -> Child {
    Command::new("redis-benchmark")
        .args(["-p", &port.to_string(), "-n", "100000000", "-r", "10000000", "-c", "2", "-q", "GET", "no:__rand_int__"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-benchmark")
}

#[tokio::test]
async fn a_queue_that_may_evict_and_keeps_nothing_is_found() {
    let server = RedisServer::start("maxmemory 100mb\nmaxmemory-policy allkeys-lru\nmaxclients 40\n").expect("Redis");
    for words in [["RPUSH", "celery", "job"], ["SET", "cache:1", "v"], ["SET", "session:1", "v"]] {
        server.cli(&words).expect("a key");
    }
    let crowd: Vec<_> = (0..60).filter_map(|_| std::net::TcpStream::connect(("127.0.0.1", server.port)).ok()).collect();
    until(|| server.cli(&["PING"]).is_err());
    drop(crowd);
    until(|| server.cli(&["PING"]).is_ok());
    let found = checks("redis", &server.url(), &read("redis", &[("url", &server.url())]).await);
    assert_eq!(failed(&found, "CACHE-003", "may evict it (allkeys-lru)"), Severity::High);
    assert_eq!(failed(&found, "CACHE-006", "rejected"), Severity::High);
    failed(&found, "CACHE-006", "cache and queue and sessions together");
    assert_eq!(failed(&found, "DATA-007", "a restart loses work that was accepted"), Severity::High);
    assert_eq!(failed(&found, "SPOF-005", "1 node serves"), Severity::High);
}

#[tokio::test]
async fn a_cache_that_misses_never_forgets_and_stalls_is_found() {
    let server = RedisServer::start("maxmemory 500mb\nmaxmemory-policy noeviction\n").expect("Redis");
    server.cli(&["DEBUG", "POPULATE", "400", "cache", "20"]).expect("keys");
    server.cli(&["SETRANGE", "cache:report", "20000000", "x"]).expect("a big key");
    server.cli(&["-n", "9", "DEBUG", "POPULATE", "600000", "cache", "4"]).expect("many keys");
    for _ in 0..5 {
        server.cli(&["-n", "9", "KEYS", "cache:*"]).expect("a slow command");
    }
    let mut load = misses(server.port);
    let url = format!("{}/0", server.url());
    let scopes = read("redis", &[("url", &url)]).await;
    load.kill().and_then(|()| load.wait()).expect("the load ends");
    let found = checks("redis", &server.url(), &scopes);
    assert_eq!(failed(&found, "CACHE-002", "miss and reach the database"), Severity::Medium);
    assert_eq!(failed(&found, "CACHE-003", "a cache that may not evict"), Severity::Medium);
    assert_eq!(failed(&found, "CACHE-004", "never expire"), Severity::High);
    failed(&found, "CACHE-006", "commands a minute block");
    failed(&found, "CACHE-006", "a key `cache:*` of 2");
}

#[tokio::test]
async fn a_quorum_without_spare_and_a_lost_replica_are_found() {
    let primary = RedisServer::start("").expect("a primary");
    let replica = primary.replica("").expect("a replica");
    let sentinels = primary.sentinels(3, 3).expect("Sentinels");
    let named = sentinels.iter().map(|s| format!("127.0.0.1:{}", s.port)).collect::<Vec<_>>().join(",");
    let config = [("url", primary.url()), ("sentinels", named)];
    let config: Vec<(&str, &str)> = config.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let found = checks("redis", &primary.url(), &read_settled(&config).await);
    assert_eq!(failed(&found, "SPOF-010", "0 of 3 voters"), Severity::High);

    drop(replica);
    let gone = || primary.cli(&["INFO", "replication"]).is_ok_and(|i| i.contains("connected_slaves:0"));
    until(gone);
    let found = checks("redis", &primary.url(), &read("redis", &[("url", &primary.url())]).await);
    failed(&found, "SPOF-005", "1 node serves");
}

#[tokio::test]
async fn a_healthy_twin_shows_none_of_it() {
    let primary =
        RedisServer::start("maxmemory 100mb\nmaxmemory-policy allkeys-lfu\nappendonly yes\n").expect("a primary");
    let _replica = primary.replica("").expect("a replica");
    let sentinels = primary.sentinels(3, 2).expect("Sentinels");
    let named = sentinels.iter().map(|s| format!("127.0.0.1:{}", s.port)).collect::<Vec<_>>().join(",");
    for n in 0..50 {
        primary.cli(&["SETEX", &format!("cache:{n}"), "600", "v"]).expect("a key");
        primary.cli(&["GET", &format!("cache:{n}")]).expect("a hit");
    }
    let config = [("url", primary.url()), ("sentinels", named)];
    let config: Vec<(&str, &str)> = config.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let scopes = read_settled(&config).await;
    let gaps: Vec<_> = scopes.iter().flat_map(|s| &s.gaps).collect();
    assert!(gaps.is_empty(), "{gaps:?}");
    let found = checks("redis", &primary.url(), &scopes);
    let faults = found.iter().filter(|c| matches!(c.result.outcome, Outcome::Fail { .. })).count();
    assert_eq!(faults, 0, "{}", said(&found));
    let word = |rule: &str| {
        let of = |c: &&Check| c.rule.as_str() == rule && c.subject.id.as_str() == primary.url();
        found.iter().find(of).map(|c| c.result.outcome.word())
    };
    for (rule, expected) in [
        ("CACHE-003", "pass"),
        ("CACHE-004", "pass"),
        ("CACHE-006", "pass"),
        ("SPOF-005", "pass"),
        ("SPOF-010", "pass"),
    ] {
        assert_eq!(word(rule), Some(expected), "{rule}\n{}", said(&found));
    }
}

#[tokio::test]
async fn a_full_memcached_is_found_and_a_roomy_one_is_not() {
    let full = MemcachedServer::start(&["-m", "64"]).expect("memcached");
    for chunk in 0..4 {
        let item = |n: usize| format!("set k{n} 0 0 500000 noreply\r\n{}\r\n", "x".repeat(500_000));
        full.send(&(chunk * 50..(chunk + 1) * 50).map(item).collect::<String>()).expect("items");
    }
    let found = checks("memcached", &full.url(), &read("memcached", &[("url", &full.url())]).await);
    failed(&found, "CACHE-003", "throw another key away");
    failed(&found, "SPOF-005", "1 node serves");
    let roomy = MemcachedServer::start(&["-m", "64"]).expect("memcached");
    roomy.send("set k 0 0 1\r\nv\r\nget k\r\n").expect("an item");
    let found = checks("memcached", &roomy.url(), &read("memcached", &[("url", &roomy.url())]).await);
    let fails =
        |rule: &str| found.iter().any(|c| c.rule.as_str() == rule && matches!(c.result.outcome, Outcome::Fail { .. }));
    for rule in ["CACHE-002", "CACHE-003", "CACHE-004", "CACHE-006", "DATA-007", "CAP-002"] {
        assert!(!fails(rule), "{}", said(&found));
    }
}
