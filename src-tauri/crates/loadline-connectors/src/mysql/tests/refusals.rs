//! Refused, silent, dying and hostile servers end within their limits, and no message holds the secret.

use super::*;
use crate::testing::Certificate;
use std::net::TcpListener;

async fn check(url: String, secret: &str, code: &str) -> String {
    let connected = Mysql::connect(account("mysql", &[("url", &url)]), Some(Secret::new(secret))).await;
    let error = connected.map(|_| ()).expect_err(code);
    assert_eq!(error.code(), code, "{error}");
    assert!(!error.to_string().contains(secret), "{error}");
    error.to_string()
}

#[tokio::test]
async fn refused_connections_say_why_without_the_secret() {
    let server = server();
    check(server.url("lowly", ""), "wrong-hunter2", "authentication_failed").await;
    check(server.url("nobody", ""), "hunter2", "authentication_failed").await;
    check(server.url("lowly", "nowhere"), "lowly-secret", "authentication_failed").await;
    check("mysql://lowly@127.0.0.1:1/shop".to_owned(), "hunter2", "unreachable").await;
    check("mysql://lowly:hunter2@127.0.0.1:1/shop".to_owned(), "hunter2", "password_in_url").await;
    check(server.url("lowly", "?sslmode=require"), "lowly-secret", "tls_failed").await;
    check(server.url("lowly", "?sslmode=verify-full"), "lowly-secret", "tls_failed").await;
}

async fn refused(config: &[(&str, &str)], code: &str, says: &str) {
    let begun = Instant::now();
    let connected = Mysql::connect(account("mysql", config), Some(Secret::new("lowly-secret"))).await;
    let error = connected.map(|_| ()).expect_err(code);
    let said = error.to_string();
    assert_eq!(error.code(), code, "{said}");
    assert!(said.contains(says) && said.ends_with('.') && !said.contains("lowly-secret"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn tls_may_be_required_refused_unknown_or_expired() {
    let folder = tempfile::TempDir::new().expect("a folder");
    for expired in [false, true] {
        let certificate = Certificate::make(folder.path(), expired).expect("a certificate");
        let server = MariadbServer::start_encrypted(&certificate, &["--require-secure-transport=ON"]);
        let server = server.expect("MariaDB with TLS");
        server.sql("", "CREATE USER lowly@'%' IDENTIFIED BY 'lowly-secret'").expect("a user");
        let url = format!("mysql://lowly@localhost:{}/", server.port);
        let authority = certificate.certificate.display().to_string();
        // MariaDB does not say that it is for want of TLS.
        refused(&[("url", &url), ("sslmode", "disable")], "authentication_failed", "set sslmode to require").await;
        refused(&[("url", &url), ("sslmode", "verify-full")], "tls_failed", "certificate").await;
        let trusting = [("url", url.as_str()), ("sslmode", "verify-full"), ("ca_file", &authority)];
        if expired {
            refused(&trusting, "tls_failed", "Renew the server's certificate").await;
        } else {
            let secret = Some(Secret::new("lowly-secret"));
            Mysql::connect(account("mysql", &trusting), secret).await.expect("a trusted certificate");
        }
    }
    // A server that offers none, and a user that is made for TLS alone.
    let plain = server();
    refused(&[("url", &plain.url("lowly", "")), ("sslmode", "verify-full")], "tls_failed", "Turn TLS on at the server")
        .await;
    plain.sql("", "CREATE USER IF NOT EXISTS sealed@'%' IDENTIFIED BY 'lowly-secret' REQUIRE SSL").expect("a user");
    let sealed = plain.url("sealed", "");
    refused(&[("url", &sealed), ("sslmode", "disable")], "authentication_failed", "set sslmode to require").await;
}

/// A server that says these bytes to everybody who connects, and keeps the connection.
fn saying(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(bytes);
            open.push(stream);
        }
    });
    format!("mysql://app@{address}/")
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let begun = Instant::now();
    let said = check(saying(b""), "hunter2", "timed_out").await;
    assert!(said.contains("10 s") && begun.elapsed() < Duration::from_secs(12), "{said}");
}

#[tokio::test]
async fn a_server_that_speaks_something_else_is_refused() {
    // The length it seems to announce never comes.
    check(saying(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), "hunter2", "timed_out").await;
    // A well-formed packet that is no greeting.
    check(saying(b"\x05\x00\x00\x00hello"), "hunter2", "source_error").await;
    // A refusal in place of the greeting, as of a server whose connections are all taken.
    let full = b"\x17\x00\x00\x00\xff\x10\x04Too many connections";
    assert!(check(saying(full), "hunter2", "source_error").await.contains("Too many connections"));
    // What MySQL says under require_secure_transport (error 3159).
    let secure = b"\x36\x00\x00\x00\xff\x57\x0cConnections using insecure transport are prohibited";
    assert!(check(saying(secure), "hunter2", "tls_failed").await.ends_with("Set sslmode to require or verify-full."));
}

#[tokio::test]
async fn an_empty_packet_ends_the_exchange_and_not_the_program() {
    // The greeting of a server without TLS, and then nothing where the answer to the password should stand.
    let greeting =
        b"\x4a\x00\x00\x00\x0a8.0.36\0\x01\0\0\0abcdefgh\0\xff\xf7\x21\x02\0\xff\xc1\x15\0\0\0\0\0\0\0\0\0\0\
        abcdefghijkl\0mysql_native_password\0\x00\x00\x00\x02";
    let said = check(saying(greeting), "hunter2", "source_error").await;
    assert!(said.contains("Packet empty"), "{said}");
}

#[tokio::test]
async fn a_dying_server_leaves_gaps() {
    let mut server = MariadbServer::start(&HEALTHY).expect("MariaDB");
    plant(&server);
    let connector = connect_as(&server, "loadline").await;
    server.kill().expect("it dies");
    let begun = Instant::now();
    for scope in read_all(&connector).await {
        assert!(scope.gaps.iter().any(|g| g.reason == GapReason::ApiError), "{}: {:?}", scope.name, scope.gaps);
        assert!(scope.inventories.iter().all(|k| *k == Kind::Database), "{:?}", scope.inventories);
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(connector.test().await.iter().all(|p| p.granted != Some(true)));
}
