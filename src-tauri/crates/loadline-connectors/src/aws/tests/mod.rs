//! The way into an account: against servers that misbehave, and against a real emulator.

mod edge;
mod emulator;
mod kept;
mod misbehaving;
mod stores;

use super::*;
use crate::testing::{account, install_crypto, last_days, respond};
use serde_json::Value;
use std::net::TcpStream;

/// Limits that let a test end soon.
fn limits() -> Limits {
    let ms = Duration::from_millis;
    Limits { connect: ms(500), total: ms(5000), idle: ms(400), backoff: ms(10), ..Limits::default() }
}

/// An account at this address with a key that is accepted.
async fn connected(url: &str, config: &[(&str, &str)]) -> Result<Aws, ConnectError> {
    connected_within(limits(), url, config).await
}

async fn connected_within(limits: Limits, url: &str, config: &[(&str, &str)]) -> Result<Aws, ConnectError> {
    install_crypto();
    let mut account = account("aws", &[("endpoint_url", url), ("access_key_id", "AKIDTEST")]);
    account.config.extend(config.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
    let secret = Some(Secret::new("hunter2"));
    Aws::connect(account, secret, &Surroundings::default(), limits, Duration::from_secs(60)).await
}

/// Asks as a scope of EC2 in Ireland would.
fn asking<'a>(aws: &'a Aws, window: &'a Window, progress: &'a Progress) -> Asking<'a> {
    let until = Instant::now() + aws.deadline;
    Asking::new(&aws.reached[0].client, ("eu-west-1", "EC2 in eu-west-1".to_owned()), None, (window, progress), until)
}

const WHO: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/u</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

/// Answers who is asking; leaves everything else to the test.
fn after_who(answer: impl Fn(&str, &mut TcpStream) + Send + Sync) -> impl Fn(&str, &mut TcpStream) + Send + Sync {
    move |head, stream| match head.contains("Action=GetCallerIdentity") {
        true => respond(stream, "200 OK", "", WHO),
        false => answer(head, stream),
    }
}

/// Pages of a call as trees.
async fn pages(asking: &Asking<'_>, name: &str, parameters: Value) -> (Vec<Value>, bool, Scope) {
    let mut answer = Answer::new(&"aws".into(), "ec2/eu-west-1", asking.window);
    let read = asking.pages(operations::operation(name), parameters, &mut answer).await;
    (read.pages, read.complete, answer.finish())
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_refused() {
    let check = async |config: &[(&str, &str)], code: &str| {
        let error = connected("http://127.0.0.1:9", config).await.err().expect(code);
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    };
    check(&[("regions", "eu-west-1, evil.com/")], "invalid_config").await;
    check(&[("services", "ec3")], "invalid_config").await;
    check(&[("endpoint_url", "http://u:hunter2@h")], "password_in_url").await;
    check(&[("endpoint_url", "http://169.254.169.254")], "invalid_config").await;
    check(&[], "unreachable").await;
}
