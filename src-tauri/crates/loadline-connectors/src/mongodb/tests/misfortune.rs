//! Servers that refuse, stay silent, die or are not what they seem: each ends within its limit, with a sentence.

use super::*;
use crate::testing::{Certificate, ScriptedServer, SecantusServer, free_port, last_days};
use loadline_model::ScopeStatus;
use std::time::{Duration, Instant};

async fn refused(config: &[(&str, &str)], secret: Option<&str>, code: &str, words: &str) {
    let begun = Instant::now();
    let found = Mongodb::connect(account("mongodb", config), secret.map(Secret::new)).await;
    let error = found.map(|_| ()).expect_err(code);
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(words), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(22), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn servers_that_are_not_there_or_say_nothing() {
    let nobody = format!("mongodb://127.0.0.1:{}", free_port().expect("a port"));
    refused(&[("url", &nobody)], None, "unreachable", "refused").await;
    let silent = ScriptedServer::start(|_, _| std::thread::sleep(Duration::from_secs(30))).expect("a server");
    refused(&[("url", &format!("mongodb://{}", silent.host()))], None, "timed_out", "did not answer").await;
    let web = ScriptedServer::saying("{}".to_owned()).expect("a server");
    refused(&[("url", &format!("mongodb://{}", web.host()))], None, "timed_out", "did not answer").await;
    let user = nobody.replace("mongodb://", "mongodb://loadline@");
    refused(&[("url", &user)], None, "invalid_config", "password").await;
    refused(&[("url", &nobody)], Some("hunter2"), "invalid_config", "names no user").await;
    refused(&[("url", "mongodb://a:hunter2@db")], None, "password_in_url", "keychain").await;
}

#[tokio::test]
async fn tls_is_checked() {
    let plain = SecantusServer::start(&[]).expect("SecantusDB");
    // It takes the greeting of TLS for the beginning of a long message and waits for the rest; mongod closes instead.
    refused(&[("url", &plain.url()), ("tls", "verify")], None, "tls_failed", "or set tls to off").await;
    refused(
        &[("url", &plain.url()), ("tls", "verify"), ("ca_file", "/nowhere.pem")],
        None,
        "invalid_config",
        "ca_file",
    )
    .await;
    let folder = plain.folder().to_path_buf();
    for expired in [false, true] {
        let certificate = Certificate::make(&folder, expired).expect("a certificate");
        let (own, key) = (certificate.certificate.display().to_string(), certificate.key.display().to_string());
        let secured = SecantusServer::start(&["--tls-cert-file", &own, "--tls-key-file", &key]).expect("SecantusDB");
        // Plain words at a server that speaks TLS only.
        refused(&[("url", &secured.url())], None, "source_error", "set tls to verify").await;
        if expired {
            let trusting = [("url", secured.url()), ("tls", "verify".to_owned()), ("ca_file", own)];
            let trusting = trusting.each_ref().map(|(k, v)| (*k, v.as_str()));
            refused(&trusting, None, "tls_failed", "has expired. Renew the server's certificate.").await;
            continue;
        }
        refused(
            &[("url", &secured.url()), ("tls", "verify")],
            None,
            "tls_failed",
            "certificate authority as `ca_file`",
        )
        .await;
        let trusting = [("url", secured.url()), ("tls", "verify".to_owned()), ("ca_file", own)];
        let trusting = trusting.each_ref().map(|(k, v)| (*k, v.as_str()));
        let connected = Mongodb::connect(account("mongodb", &trusting), None).await;
        assert!(connected.is_ok(), "{:?}", connected.err().map(|e| e.to_string()));
    }
}

#[tokio::test]
async fn a_server_that_dies_leaves_gaps() {
    let mut server = SecantusServer::start(&["--standalone"]).expect("SecantusDB");
    server.script("", "client.shop.orders.insert_one({'a': 1})").expect("a shop");
    let connector = connect_to(&server.url(), None).await;
    assert_ne!(read(&connector, "server").await.status, ScopeStatus::Failed);
    server.die();
    let begun = Instant::now();
    let scope = read(&connector, "activity").await;
    assert!(scope.facts.is_empty() && !scope.gaps.is_empty(), "{scope:?}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(
        scope.gaps.iter().all(|g| g.closes.contains("reached") || g.closes.contains("quieter")),
        "{:?}",
        scope.gaps
    );
}

#[tokio::test]
async fn a_stop_returns_what_was_read_within_a_second() {
    let server = SecantusServer::start(&["--standalone"]).expect("SecantusDB");
    let connector = connect_to(&server.url(), None).await;
    let window = last_days(28);
    let cancel = window.cancel.clone();
    let progress = Progress::new(move |step| {
        if step.done == 3 {
            cancel.cancel();
        }
    });
    let begun = Instant::now();
    let scope = connector.read(&ScopePlan::new("server", ""), &window, &progress).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(scope.status, ScopeStatus::Partial);
    assert!(!scope.facts.is_empty() && scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled), "{:?}", scope.gaps);
}
