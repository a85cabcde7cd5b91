//! Against a real memcached, and servers that are none.

use super::*;
use crate::testing::{MemcachedServer, account, last_days};
use loadline_model::{Body, Kind, Limited, ScopeStatus, Setting, Value, key, key::metric};
use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

async fn connect_to(url: &str) -> Result<Memcached, ConnectError> {
    Memcached::connect(account("memcached", &[("url", url)])).await
}

async fn read(connector: &Memcached) -> Scope {
    connector.read(&ScopePlan::new("server", ""), &last_days(1), &Progress::silent()).await
}

fn value<'a>(scope: &'a Scope, key: &str) -> Option<&'a Value> {
    scope.facts.iter().find_map(|f| match &f.body {
        Body::Setting(Setting { key: k, value, .. }) if k == key => Some(value),
        _ => None,
    })
}

fn number(scope: &Scope, key: &str) -> f64 {
    value(scope, key).and_then(Value::as_number).unwrap_or_else(|| panic!("{key}: {:?}", scope.gaps))
}

fn sample(scope: &Scope, metric: &str) -> Option<f64> {
    scope.facts.iter().find_map(|f| match &f.body {
        Body::Series(s) if s.metric == metric => s.samples.first().map(|s| s.value),
        _ => None,
    })
}

#[tokio::test]
async fn a_full_cache_that_misses_is_described_and_nothing_changes() {
    let server = MemcachedServer::start(&["-m", "64", "-c", "50"]).expect("memcached");
    let item = |n: usize| format!("set k{n} 0 0 500000 noreply\r\n{}\r\n", "x".repeat(500_000));
    for chunk in 0..4 {
        server.send(&(chunk * 50..(chunk + 1) * 50).map(item).collect::<String>()).expect("items");
    }
    let connector = connect_to(&server.url()).await.expect("a connection");
    let port = server.port;
    let ends = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let over = ends.clone();
    let load = std::thread::spawn(move || {
        while !over.load(std::sync::atomic::Ordering::SeqCst) {
            let reads: String = (0..50).map(|n| format!("get nothing{n}\r\n")).collect();
            let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("a connection");
            stream.write_all(reads.as_bytes()).expect("reads");
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let scope = read(&connector).await;
    ends.store(true, std::sync::atomic::Ordering::SeqCst);
    load.join().expect("the load ends");
    assert_eq!((scope.status, &scope.gaps), (ScopeStatus::Complete, &vec![]));
    assert_eq!(scope.inventories, [Kind::Cache]);
    assert_eq!(scope.facts[0].subject.as_str(), format!("memcached://127.0.0.1:{port}"));
    assert_eq!(number(&scope, key::MAX_CONNECTIONS), 50.0);
    assert_eq!(value(&scope, key::EVICTION_POLICY), Some(&Value::Text("allkeys-lru".into())));
    assert_eq!(value(&scope, key::CACHE_MEMORY_LIMITED), Some(&Value::Bool(true)));
    assert!(number(&scope, key::CACHE_EVICTED_PER_SET) > 0.1);
    assert!(number(&scope, key::HIT_RATIO) < 0.1 && sample(&scope, metric::CACHE_HIT_RATIO).is_some_and(|r| r < 0.1));
    assert!(number(&scope, key::CACHE_GETS_PER_SECOND) > 10.0);
    assert!(sample(&scope, &Limited::Memory.used_metric()).is_some_and(|b| b > 3e7));
    assert_eq!(number(&scope, key::CONNECTIONS_REFUSED_7D), 0.0);
    assert!(connector.test().await.iter().all(|p| p.granted == Some(true)));

    let counters = |names: &[&str]| -> Vec<String> {
        let told = server.send("stats\r\n").expect("stats");
        told.lines().filter(|l| names.iter().any(|n| l.starts_with(&format!("STAT {n} ")))).map(str::to_owned).collect()
    };
    let names = ["cmd_get", "cmd_set", "cmd_flush", "cmd_touch", "curr_items", "evictions", "bytes"];
    let before = counters(&names);
    read(&connector).await;
    assert_eq!(counters(&names), before);
    assert_eq!(before.len(), names.len());
}

#[tokio::test]
async fn a_healthy_cache_shows_no_fault() {
    let server = MemcachedServer::start(&["-m", "64", "-M"]).expect("memcached");
    server.send("set k 0 0 1\r\nv\r\nget k\r\nget k\r\n").expect("items");
    let scope = read(&connect_to(&server.url()).await.expect("a connection")).await;
    assert_eq!((number(&scope, key::HIT_RATIO), number(&scope, key::CACHE_EVICTED_PER_SET)), (1.0, 0.0));
    assert_eq!(value(&scope, key::EVICTION_POLICY), Some(&Value::Text("noeviction".into())));
    assert_eq!(sample(&scope, metric::CACHE_HIT_RATIO), None, "nobody read while we looked");
}

/// A server that answers each connection with these bytes at once.
fn saying(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("memcached://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut asked = [0; 64];
                let _ = std::io::Read::read(&mut stream, &mut asked);
                let _ = stream.write_all(bytes);
            });
        }
    });
    url
}

#[tokio::test]
async fn refusals_end_within_limits_and_say_why() {
    let check = async |url: &str, code: &str, says: &str| {
        let begun = Instant::now();
        let error = connect_to(url).await.map(|_| ()).expect_err(code);
        let said = error.to_string();
        assert_eq!(error.code(), code, "{url}: {said}");
        assert!(said.contains(says) && !said.contains("hunter2"), "{said}");
        assert!(begun.elapsed() < Duration::from_secs(12));
    };
    check("memcached://u:hunter2@h", "password_in_url", "").await;
    check("memcached://u@h", "invalid_config", "without user, SASL and TLS").await;
    check("memcacheds://h", "invalid_config", "without user, SASL and TLS").await;
    check("memcached://169.254.169.254", "invalid_config", "metadata").await;
    check("redis://h", "invalid_config", "memcached://host:11211").await;
    check("memcached://127.0.0.1:1", "unreachable", "").await;
    check(&saying(b"CLIENT_ERROR unauthenticated\r\n"), "authentication_failed", "without SASL").await;
    check(&saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "source_error", "text protocol").await;
    check(&saying(b"\x15\x03\x03\x00\x02\x02\x46\xff\n"), "source_error", "text protocol").await;
    check(&saying(b""), "source_error", "closed the connection").await;
    check(&saying(b"END\r\n"), "source_error", "which version").await;
    let endless: &'static [u8] = Box::leak(b"STAT a 1\r\n".repeat(100_000).into_boxed_slice());
    check(&saying(endless), "source_error", "larger").await;
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    check(&format!("memcached://{}", silent.local_addr().expect("an address")), "timed_out", "").await;
    // A user and password are asked for.
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "someone:hunter2\n").expect("a user");
    // The server reads it after it gave its rights away.
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(file.path(), readable).expect("readable");
    let guarded = MemcachedServer::start(&["-Y", &file.path().display().to_string()]).expect("memcached");
    check(&guarded.url(), "authentication_failed", "without SASL").await;
}

#[tokio::test]
async fn a_server_that_dies_and_a_stop_leave_gaps() {
    let server = MemcachedServer::start(&[]).expect("memcached");
    let connector = connect_to(&server.url()).await.expect("a connection");
    let window = last_days(1);
    let cancel = window.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cancel.cancel();
    });
    let begun = Instant::now();
    let scope = connector.read(&ScopePlan::new("server", ""), &window, &Progress::silent()).await;
    assert!(begun.elapsed() < Duration::from_millis(1_300));
    assert!(!scope.facts.is_empty() && scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled), "{:?}", scope.gaps);
    drop(server);
    let scope = read(&connector).await;
    assert_eq!((scope.status, scope.gaps[0].reason), (ScopeStatus::Failed, GapReason::ApiError), "{:?}", scope.gaps);
}
