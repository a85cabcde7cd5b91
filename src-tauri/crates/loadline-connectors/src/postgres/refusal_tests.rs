//! Servers that ask for TLS, show a bad certificate, say nothing, or are too old: each ends in time with a sentence.

use super::tests::{all, connect_superuser, read};
use super::*;
use crate::testing::{Certificate, PostgresServer, account};
use loadline_model::{Resource, ScopeStatus};
use std::net::TcpListener;
use std::time::{Duration, Instant};

async fn refused(config: &[(&str, &str)], code: &str, says: &str) {
    let connected = Postgres::connect(account("postgres", config), Some(Secret::new("loadline-secret"))).await;
    let error = connected.map(|_| ()).expect_err(code);
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(says) && !error.to_string().contains("loadline-secret"), "{error}");
}

#[tokio::test]
async fn tls_may_be_required_unknown_or_expired() {
    let folder = tempfile::TempDir::new().expect("a folder");
    for expired in [false, true] {
        let certificate = Certificate::make(folder.path(), expired).expect("a certificate");
        let server = PostgresServer::start_encrypted(&certificate).expect("PostgreSQL with TLS");
        let role = "CREATE ROLE loadline LOGIN PASSWORD 'loadline-secret'";
        server.sql("postgres", role).expect("a role");
        let url = format!("postgres://loadline@localhost:{}/postgres", server.port);
        let authority = certificate.certificate.display().to_string();
        refused(&[("url", &url), ("sslmode", "disable")], "authentication_failed", "set sslmode to require").await;
        refused(&[("url", &url), ("sslmode", "verify-full")], "tls_failed", "certificate").await;
        let trusting = [("url", url.as_str()), ("sslmode", "verify-full"), ("ca_file", &authority)];
        if expired {
            refused(&trusting, "tls_failed", "Renew the server's certificate").await;
        } else {
            let secret = Some(Secret::new("loadline-secret"));
            Postgres::connect(account("postgres", &trusting), secret).await.expect("a trusted certificate");
        }
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("postgres://loadline@{}/shop", silent.local_addr().expect("an address"));
    let begun = Instant::now();
    refused(&[("url", &url)], "timed_out", "10 s").await;
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_old_server_is_named_and_not_judged() {
    let server = PostgresServer::start("").expect("PostgreSQL");
    server.sql("postgres", "CREATE DATABASE shop").expect("a database");
    let mut connector = connect_superuser(&server).await;
    for (number, text) in [(90_624, "9.6.24"), (120_022, "12.22")] {
        (connector.server.version, connector.server.version_text) = (number, text.to_owned());
        for name in ["server", "activity", "database/shop"] {
            let scope = read(&connector, name).await;
            let said = |g: &loadline_model::Gap| g.reason == GapReason::UnsupportedVersion && g.detail.contains(text);
            assert!(scope.gaps.iter().any(said), "{name}: {:?}", scope.gaps);
            assert!(scope.inventories.is_empty() && scope.status != ScopeStatus::Complete, "{name} claims nothing");
        }
        let resource = read(&connector, "server").await;
        assert!(all::<Resource>(&resource.facts).iter().any(|(_, r)| r.engine_version.as_deref() == Some(text)));
    }
}
