//! Servers that refuse, stay silent, die, or say what no decent server would: each ends within limits, in a sentence.

use super::*;
use crate::testing::Certificate;
use std::time::{Duration, Instant};

async fn refusal(config: &[(&str, &str)], secret: Option<&str>) -> ConnectError {
    let secret = secret.map(Secret::new);
    match Redis::connect(account("redis", config), secret).await {
        Ok(_) => panic!("{config:?} connected"),
        Err(e) => e,
    }
}

async fn check(url: &str, secret: Option<&str>, code: &str, says: &str) {
    let begun = Instant::now();
    let error = refusal(&[("url", url)], secret).await;
    let said = error.to_string();
    assert_eq!(error.code(), code, "{url}: {said}");
    assert!(said.contains(says), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(12), "{url}: {:?}", begun.elapsed());
}

#[tokio::test]
async fn real_servers_refuse_in_clear_words() {
    let server = RedisServer::start("requirepass right\n").expect("Redis");
    server.cli(&["ACL", "SETUSER", "ro", "on", ">right", "-@all", "+ping"]).expect("a user");
    let with = |user: &str| format!("redis://{user}@127.0.0.1:{}", server.port);
    check(&server.url(), Some("wrong-hunter2"), "authentication_failed", "wrong").await;
    check(&with("ro"), Some("wrong-hunter2"), "authentication_failed", "wrong").await;
    check(&server.url(), None, "authentication_failed", "a password is asked for").await;
    check(&with("ro"), Some("right"), "authentication_failed", "may not run it").await;
    check(&format!("rediss://127.0.0.1:{}", server.port), Some("hunter2"), "tls_failed", "or write redis://").await;
    check("redis://127.0.0.1:1", Some("hunter2"), "unreachable", "refused").await;
    let open = RedisServer::start("").expect("Redis");
    check(&open.url(), Some("hunter2"), "authentication_failed", "no password, and one was given").await;
}

/// A server that speaks TLS on the port that is told, and nothing without it there.
fn encrypted(certificate: &Certificate) -> (RedisServer, u16) {
    let port = crate::testing::free_port().expect("a port");
    let (own, key) = (certificate.certificate.display(), certificate.key.display());
    let lines = format!(
        "tls-port {port}\ntls-cert-file {own}\ntls-key-file {key}\ntls-ca-cert-file {own}\ntls-auth-clients no\n"
    );
    (RedisServer::start(&lines).expect("Redis with TLS"), port)
}

#[tokio::test]
async fn an_expired_certificate_is_named() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let own = Certificate::make(folder.path(), true).expect("a certificate");
    let (_server, port) = encrypted(&own);
    let (url, authority) = (format!("rediss://localhost:{port}"), own.certificate.display().to_string());
    let error = refusal(&[("url", &url), ("tls", "verify"), ("ca_file", &authority)], Some("hunter2")).await;
    assert_eq!(error.code(), "tls_failed", "{error}");
    let said = error.to_string();
    assert!(said.contains("has expired. Renew the server's certificate.") && !said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn tls_is_verified_unless_the_server_is_on_this_machine() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let own = Certificate::make(folder.path(), false).expect("a certificate");
    let (_server, port) = encrypted(&own);
    let certificate = own.certificate.display().to_string();
    let url = format!("rediss://localhost:{port}");
    // On this machine it is encrypted; a name and a certificate of its own are enough.
    let connector = connect_to(&[("url", &url)], None).await;
    assert_eq!(read(&connector, "server").await.status, ScopeStatus::Complete);
    let error = refusal(&[("url", &url), ("tls", "verify")], None).await;
    assert_eq!(error.code(), "tls_failed", "{error}");
    assert!(error.to_string().ends_with("Add its certificate authority as `ca_file`."), "{error}");
    connect_to(&[("url", &url), ("tls", "verify"), ("ca_file", &certificate)], None).await;
    let error = refusal(&[("url", &url), ("tls", "verify"), ("ca_file", "/nowhere.pem")], None).await;
    assert_eq!(error.code(), "invalid_config", "{error}");
    // Plain words at a port that speaks TLS only.
    let error = refusal(&[("url", &format!("redis://localhost:{port}"))], None).await;
    assert!(error.to_string().contains("rediss://"), "{error}");
}

#[tokio::test]
async fn hostile_servers_end_within_limits() {
    let saying = |bytes: &'static [u8]| fake::Fake::start(move |_| Some(bytes.to_vec()));
    let protected = saying(b"-DENIED Redis is running in protected mode because hunter2\r\n");
    check(&protected.url(), None, "source_error", "protected mode").await;
    check(&saying(b"-LOADING Redis is loading\r\n").url(), None, "source_error", "loading").await;
    check(&saying(b"HTTP/1.1 400 Bad Request\r\n\r\n").url(), None, "source_error", "Redis's protocol").await;
    check(&saying(b"$9999999999\r\nx").url(), None, "source_error", "larger").await;
    check(&saying(b"*1000000000\r\n").url(), None, "source_error", "larger").await;
    check(&saying(b"$3\r\nabc\r\n").url(), None, "source_error", "which version").await;
    check(&fake::Fake::start(|_| None).url(), None, "source_error", "rediss://").await;
    let echo = fake::Fake::start(|words| Some(format!("-ERR nothing like '{}'\r\n", words.join("' '")).into_bytes()));
    check(&echo.url(), Some("hunter2"), "source_error", "<redacted>").await;
    let old = fake::Fake::start(|words| Some(format!("-ERR unknown command '{}'\r\n", words.join(" ")).into_bytes()));
    check(&old.url(), Some("hunter2"), "source_error", "does not know").await;
    // Accepts and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("redis://{}", silent.local_addr().expect("an address"));
    check(&url, Some("hunter2"), "timed_out", "did not answer").await;
}

#[tokio::test]
async fn a_server_that_dies_leaves_gaps() {
    let server = RedisServer::start("").expect("Redis");
    server.cli(&["SET", "a:1", "v"]).expect("a key");
    let connector = connect_plainly(&server).await;
    drop(server);
    for scope in ["server", "activity", "keys"] {
        let read = read(&connector, scope).await;
        assert!(!read.gaps.is_empty(), "{scope}");
        assert!(
            read.gaps.iter().all(|g| g.reason == GapReason::ApiError && g.detail.ends_with('.')),
            "{:?}",
            read.gaps
        );
        assert!(value(&read, key::STANDBY_MEMBERS, None).is_none());
    }
}

#[tokio::test]
async fn a_server_that_stops_answering_is_left() {
    let server = RedisServer::start("").expect("Redis");
    let connector = connect_plainly(&server).await;
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill").args([name, &server.pid().to_string()]).status();
        assert!(sent.expect("kill").success());
    };
    signal("-STOP");
    let begun = Instant::now();
    let scope = read(&connector, "keys").await;
    signal("-CONT");
    assert_eq!(scope.gaps[0].reason, GapReason::TimedOut, "{:?}", scope.gaps);
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    assert!(read(&connector, "keys").await.gaps.is_empty(), "it connects again");
}

const INFO_2_8: &str = "# Server\r\nredis_version:2.8.17\r\nredis_mode:standalone\r\nos:Linux\r\nrun_id:0123456789abcdef0123456789abcdef01234567\r\n\
    uptime_in_seconds:90000\r\n# Clients\r\nconnected_clients:5\r\nblocked_clients:0\r\n# Memory\r\nused_memory:1000000\r\n\
    # Persistence\r\naof_enabled:0\r\nrdb_last_save_time:1\r\nrdb_last_bgsave_status:ok\r\n# Stats\r\nkeyspace_hits:90\r\nkeyspace_misses:10\r\n\
    rejected_connections:0\r\nevicted_keys:0\r\n# Replication\r\nrole:master\r\nconnected_slaves:1\r\n\
    slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=1\r\n# Keyspace\r\ndb0:keys=1,expires=1,avg_ttl=9\r\n";

#[tokio::test]
async fn old_versions_say_what_they_can() {
    let answer = |version: &'static str| {
        let info = INFO_2_8.replace("2.8.17", version);
        fake::Fake::start(move |words| {
            Some(match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["INFO", ..] => fake::bulk(&info),
                ["CONFIG", "GET", "maxmemory"] => b"*2\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n".to_vec(),
                ["CONFIG", "GET", "maxmemory-policy"] => {
                    b"*2\r\n$16\r\nmaxmemory-policy\r\n$12\r\nvolatile-lru\r\n".to_vec()
                }
                ["CONFIG", ..] => b"*0\r\n".to_vec(),
                ["SLOWLOG", ..] => b"*1\r\n*4\r\n:1\r\n:1\r\n:20000\r\n*2\r\n$3\r\nGET\r\n$6\r\nuser:7\r\n".to_vec(),
                ["CLIENT", "LIST"] => fake::bulk(""),
                ["SELECT", _] => b"+OK\r\n".to_vec(),
                ["SCAN", ..] => b"*2\r\n$1\r\n0\r\n*1\r\n$4\r\nfo:o\r\n".to_vec(),
                ["TYPE", _] => b"+string\r\n".to_vec(),
                ["MEMORY", "USAGE", _] => b":60\r\n".to_vec(),
                _ => b"-ERR unknown command\r\n".to_vec(),
            })
        })
    };
    for (version, sizes) in [("2.8.17", false), ("5.0.14", true)] {
        let server = answer(version);
        let scopes = read_all(&connect_to(&[("url", &server.url())], None).await).await;
        assert_eq!(flag(&scopes[0], key::CACHE_MEMORY_LIMITED), Some(false), "{version}");
        assert_eq!(text(&scopes[0], key::EVICTION_POLICY, None), Some("volatile-lru"));
        assert_eq!(
            (number(&scopes[0], key::STANDBY_MEMBERS), number(&scopes[0], key::CACHE_KEYS_EXPIRING)),
            (1.0, 1.0)
        );
        assert_eq!(
            (number(&scopes[1], key::HIT_RATIO), value(&scopes[1], key::SLOW_LOG_THRESHOLD_MS, None)),
            (0.9, None)
        );
        let old = scopes[2].gaps.iter().any(|g| g.reason == GapReason::UnsupportedVersion);
        assert_eq!(old, !sizes, "{version}: {:?}", scopes[2].gaps);
        let asked = server.asked.lock().expect("the log").clone();
        assert!(!asked.iter().any(|w| w[0] == "ACL" || w[0] == "AUTH"), "no users before version 6");
        assert_eq!(asked.iter().any(|w| w[0] == "MEMORY"), sizes);
    }
}
