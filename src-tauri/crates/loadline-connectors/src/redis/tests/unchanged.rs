//! The most powerful user collects, and nothing changes.

use super::*;

/// Everything a write would move: a digest of all keys, their idle time and expiry, and the configuration.
fn state(server: &RedisServer) -> Vec<String> {
    let ask = |words: &[&str]| server.cli(words).unwrap_or_else(|e| panic!("{words:?}: {e}"));
    let info = ask(&["INFO", "persistence"]);
    let changes = info.lines().find(|l| l.starts_with("rdb_changes_since_last_save")).unwrap_or_default().to_owned();
    vec![ask(&["DEBUG", "DIGEST"]), ask(&["CONFIG", "GET", "*"]), ask(&["ACL", "LIST"]), ask(&["DBSIZE"]), changes]
}

#[tokio::test]
async fn the_default_user_collects_and_nothing_changes() {
    let server = RedisServer::start("maxmemory 100mb\n").expect("Redis");
    server.cli(&["DEBUG", "POPULATE", "3000", "user", "20"]).expect("keys");
    server.cli(&["RPUSH", "celery", "a", "b"]).expect("a list");
    server.cli(&["SETEX", "session:1", "1000", "v"]).expect("a session");
    let before = state(&server);
    // Idle time counts in steps of a second: it must go on counting while keys are looked at.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let connector = connect_plainly(&server).await;
    for scope in read_all(&connector).await {
        assert_eq!(scope.status, ScopeStatus::Complete, "{:?}", scope.gaps);
    }
    assert!(connector.test().await.iter().all(|p| p.granted == Some(true)));
    assert!(connector.estimate().await.calls > 1_000 && connector.cost().calls > 1_000);
    assert_eq!(state(&server), before);
    let idle: u64 = server.cli(&["OBJECT", "IDLETIME", "celery"]).expect("idle").trim().parse().expect("seconds");
    assert!(idle >= 3, "our look counted as a use: {idle} s");
}

#[tokio::test]
async fn only_commands_of_the_table_reach_the_server() {
    let info = "redis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:x\r\nrole:master\r\nconnected_clients:3\r\n\
                slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=1\r\ndb0:keys=2,expires=0\r\ndb3:keys=1,expires=0\r\n";
    let server = fake::Fake::start(move |words| {
        Some(match words[0].as_str() {
            "INFO" => fake::bulk(info),
            "SCAN" => b"*2\r\n$1\r\n0\r\n*1\r\n$3\r\na:1\r\n".to_vec(),
            "CONFIG" | "SLOWLOG" => b"*0\r\n".to_vec(),
            _ => b"+OK\r\n".to_vec(),
        })
    });
    let url = format!("redis://ro@127.0.0.1:{}", server.port);
    let connector = connect_to(&[("url", &url)], Some("hunter2")).await;
    read_all(&connector).await;
    connector.test().await;
    connector.estimate().await;
    let asked = server.asked.lock().expect("the log").clone();
    assert_eq!(asked[0], ["AUTH", "ro", "hunter2"], "signing in comes first and once");
    for words in &asked[1..] {
        let known = commands::ALL.iter().any(|c| {
            let (begin, end) = (c.words.len(), c.tail.len());
            words.len() >= begin + end
                && words[..begin] == *c.words
                && words[words.len() - end..] == *c.tail
                && words.len() - begin - end == usize::from(c.takes != commands::Takes::Nothing)
        });
        assert!(known, "{words:?} is not in the table");
    }
    assert!(asked.len() > 30);
}
