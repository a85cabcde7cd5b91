//! A hostile server: every case ends in time with a classified error.

use super::*;
use crate::testing::{ScriptedServer, account, install_crypto};
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::AtomicUsize;

fn limits() -> Limits {
    let ms = Duration::from_millis;
    Limits {
        connect: ms(500),
        total: ms(1500),
        idle: ms(400),
        grace: ms(300),
        bytes_per_second: 1024.0,
        body: 1024 * 1024,
        backoff: ms(10),
        patience: Duration::from_secs(2),
        ..Limits::default()
    }
}

fn door(server: &ScriptedServer, credential: Credential) -> Door {
    install_crypto();
    Door::open(&account("prometheus", &[("url", &server.url())]), credential, limits()).expect("a door")
}

/// The server answers as told; the error must have this code and come within two and a half seconds.
async fn check(code: &str, answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) {
    let server = ScriptedServer::start(answer).expect("a server");
    let door = door(&server, Credential::Bearer(Secret::new("hunter2")));
    let begun = Instant::now();
    let error = door.get("/api", &[("q", "hunter2?")]).await.expect_err(code);
    assert_eq!(error.code(), code, "{error}");
    assert!(begun.elapsed() < Duration::from_millis(2500), "{code} took {:?}", begun.elapsed());
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    assert!(!error.closes().is_empty());
}

fn say(stream: &mut TcpStream, text: &str) -> bool {
    stream.write_all(text.as_bytes()).is_ok()
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

#[tokio::test]
async fn hostile_bodies() {
    let pause = |ms| std::thread::sleep(Duration::from_millis(ms));
    check("timed_out", move |_, _| pause(1000)).await;
    check("timed_out", move |_, s| {
        say(s, &format!("{HEAD}content-length: 100\r\n\r\n["));
        pause(1000);
    })
    .await;
    check("too_slow", move |_, s| {
        say(s, &format!("{HEAD}content-length: 1000\r\n\r\n"));
        while say(s, " ") {
            pause(50);
        }
    })
    .await;
    check("too_large", |_, s| {
        say(s, &format!("{HEAD}content-length: 99999999\r\n\r\n"));
    })
    .await;
    check("too_large", |_, s| {
        say(s, &format!("{HEAD}connection: close\r\n\r\n"));
        while say(s, &" ".repeat(65536)) {}
    })
    .await;
    check("truncated", |_, s| {
        say(s, &format!("{HEAD}content-length: 100\r\n\r\n[1,2"));
    })
    .await;
    check("malformed", |_, s| {
        say(s, &format!("{HEAD}content-length: 4\r\n\r\n[1,2"));
    })
    .await;
    check("too_deep", |_, s| {
        let deep = "[".repeat(5000);
        say(s, &format!("{HEAD}content-length: 5000\r\n\r\n{deep}"));
    })
    .await;
    check("malformed", |_, s| {
        let _ = s.write_all(&[HEAD.as_bytes(), b"content-length: 3\r\n\r\n\"\xff\""].concat());
    })
    .await;
}

#[tokio::test]
async fn hostile_statuses() {
    let status = |line: &'static str, headers: &'static str, body: &'static str| {
        move |_: &str, s: &mut TcpStream| {
            say(
                s,
                &format!(
                    "HTTP/1.1 {line}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
                    body.len()
                ),
            );
        }
    };
    check("cross_host_redirect", status("302 Found", "location: http://169.254.169.254/latest\r\n", "")).await;
    check("cross_host_redirect", status("302 Found", "location: https://127.0.0.1/\r\n", "")).await;
    check("redirect_loop", status("302 Found", "location: /again\r\n", "")).await;
    check("redirect_loop", status("302 Found", "", "")).await;
    check("unauthorized", status("401 Unauthorized", "", "")).await;
    check("forbidden", status("403 Forbidden", "", "{\"error\":\"no\"}")).await;
    check("not_found", status("404 Not Found", "", "<html>")).await;
    check("rate_limited", status("429 Too Many Requests", "retry-after: 86400\r\n", "")).await;
    check("rate_limited", status("429 Too Many Requests", "", "")).await;
    check("unavailable", status("503 Service Unavailable", "", "later")).await;
    check("refused", status("422 Unprocessable Entity", "", "{\"error\":\"bad\"}")).await;
    check("truncated", |_, _| {}).await;
}

#[tokio::test]
async fn a_busy_server_is_asked_again_after_its_own_wait() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let server = ScriptedServer::start(move |head, s| {
        assert!(head.starts_with("GET /base/api?q=1 "), "{head}");
        let status = if count.fetch_add(1, Ordering::SeqCst) == 0 { "429 Busy\r\nretry-after: 1" } else { "200 OK" };
        say(s, &format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]"));
    });
    let server = server.expect("a server");
    install_crypto();
    let account = account("prometheus", &[("url", &format!("{}/base/", server.url()))]);
    let door = Door::open(&account, Credential::None, limits()).expect("a door");
    let begun = Instant::now();
    assert_eq!(door.get("/api", &[("q", "1")]).await, Ok(serde_json::json!([])));
    assert!(begun.elapsed() >= Duration::from_secs(1), "it waited as told");
    assert_eq!((asked.load(Ordering::SeqCst), door.cost().calls), (2, 2));
}

#[tokio::test]
async fn credentials_are_sent_and_nothing_listens_is_unreachable() {
    let server = ScriptedServer::start(|head, s| {
        let basic = head.to_lowercase().contains("authorization: basic dto6b20=") || head.contains("Basic dTpwdw==");
        say(
            s,
            &format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{basic}",
                basic.to_string().len()
            ),
        );
    });
    let server = server.expect("a server");
    let door = door(&server, Credential::Basic("u".to_owned(), Secret::new("pw")));
    assert_eq!(door.get("", &[]).await, Ok(serde_json::json!(true)));
    drop(server);
    assert_eq!(door.get("", &[]).await.map_err(|e| e.code()), Err("unreachable"));
}

#[test]
fn unsafe_addresses_are_refused() {
    install_crypto();
    let check = |config: &[(&str, &str)], code: &str| {
        let refused = Door::open(&account("prometheus", config), Credential::None, limits()).map(|_| ());
        let error = refused.expect_err(code);
        assert_eq!(error.code(), code);
        assert!(!error.to_string().contains("hunter2"), "{error}");
    };
    check(&[], "invalid_config");
    check(&[("url", "http://u:hunter2@h")], "password_in_url");
    check(&[("url", "http://u@h")], "invalid_config");
    check(&[("url", "ftp://h")], "invalid_config");
    check(&[("url", "http://169.254.169.254/")], "invalid_config");
    check(&[("url", "http://h?x=hunter2")], "invalid_config");
    check(&[("url", "https://h"), ("proxy", "http://u:hunter2@p")], "password_in_url");
    check(&[("url", "https://h"), ("ca_file", "/nowhere.pem")], "invalid_config");
}
