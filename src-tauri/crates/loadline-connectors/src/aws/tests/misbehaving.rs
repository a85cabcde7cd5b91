//! Bad luck ends as a gap that names the call, within its time, and keeps what was read.

use super::*;
use crate::testing::ScriptedServer;
use loadline_model::Gap;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

fn error(code: &str) -> String {
    format!("<Response><Errors><Error><Code>{code}</Code><Message>hunter2?</Message></Error></Errors></Response>")
}

/// The one gap of one call to a server that answers so, and the number of pages that were kept.
async fn gap_of(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> (Gap, usize) {
    let server = ScriptedServer::start(after_who(answer)).expect("a server");
    let aws = connected(&server.url(), &[]).await.expect("an account");
    let (window, progress) = (last_days(1), Progress::silent());
    let begun = Instant::now();
    let (read, complete, scope) = pages(&asking(&aws, &window, &progress), "ec2:DescribeInstances", json!({})).await;
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert!(!complete && scope.gaps.len() == 1 && scope.inventories.is_empty(), "{scope:?}");
    let gap = scope.gaps[0].clone();
    assert!(gap.detail.contains("ec2:DescribeInstances could not be read"), "{}", gap.detail);
    assert!(!format!("{gap:?}").contains("hunter2") && !gap.closes.is_empty());
    (gap, read.len())
}

async fn check(
    reason: GapReason,
    closes: &str,
    answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static,
) -> usize {
    let (gap, kept) = gap_of(answer).await;
    assert_eq!(gap.reason, reason, "{gap:?}");
    assert!(gap.closes.contains(closes), "{gap:?}");
    kept
}

#[tokio::test]
async fn refusals_become_gaps() {
    let says = |status: &'static str, code: &'static str| {
        move |_: &str, s: &mut TcpStream| respond(s, status, "", &error(code))
    };
    check(GapReason::PermissionDenied, "`ec2:DescribeInstances`", says("403 Forbidden", "UnauthorizedOperation")).await;
    check(GapReason::PermissionDenied, "Renew", says("400 Bad Request", "ExpiredToken")).await;
    check(GapReason::RateLimited, "Collect again", says("503 Busy", "RequestLimitExceeded")).await;
    check(GapReason::ApiError, "Collect again", says("500 Broken", "InternalError")).await;
    let page = |_: &str, s: &mut TcpStream| respond(s, "500 Broken", "", "<!doctype html><title>500</title>");
    check(GapReason::ApiError, "Nothing", page).await;
}

#[tokio::test]
async fn answers_that_are_none_become_gaps() {
    let says = |body: &'static str| move |_: &str, s: &mut TcpStream| respond(s, "200 OK", "", body);
    check(GapReason::Truncated, "", says("<R><reservationSet><item>")).await;
    check(GapReason::ParseError, "", says("<R></Q>")).await;
    check(GapReason::ParseError, "", says("{}")).await;
    check(GapReason::Truncated, "", |_, s| {
        let _ = std::io::Write::write_all(s, b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n<R>");
    })
    .await;
    check(GapReason::ApiError, "", |_, s| respond(s, "302 Found", "location: http://127.0.0.2:1/\r\n", "")).await;
    check(GapReason::TimedOut, "", |_, _| std::thread::sleep(Duration::from_secs(30))).await;
}

#[tokio::test]
async fn pages_end_and_those_before_a_failure_are_kept() {
    let same = check(GapReason::LimitReached, "", |_, s| {
        respond(s, "200 OK", "", "<R><nextToken>again</nextToken></R>");
    });
    assert_eq!(same.await, 2, "a token that repeats ends at once");
    let asked = AtomicUsize::new(0);
    let endless = check(GapReason::LimitReached, "", move |_, s| {
        let n = asked.fetch_add(1, Ordering::SeqCst);
        respond(s, "200 OK", "", &format!("<R><nextToken>t{n}</nextToken></R>"));
    });
    assert_eq!(endless.await, 1000, "and so do tokens without end");
    let third = check(GapReason::PermissionDenied, "", |head, s| match head.contains("NextToken=b") {
        true => respond(s, "403 Forbidden", "", &error("UnauthorizedOperation")),
        false if head.contains("NextToken=a") => respond(s, "200 OK", "", "<R><nextToken>b</nextToken></R>"),
        false => respond(s, "200 OK", "", "<R><nextToken>a</nextToken></R>"),
    });
    assert_eq!(third.await, 2);
}

#[tokio::test]
async fn a_busy_api_is_asked_again_and_answers() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let server = ScriptedServer::start(after_who(move |head, s| {
        assert!(head.contains("Credential=AKIDTEST/") && head.contains("/eu-west-1/ec2/aws4_request"), "{head}");
        assert!(!head.contains("hunter2"));
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => respond(s, "503 Busy", "", &error("RequestLimitExceeded")),
            1 => respond(s, "500 Broken", "", &error("InternalError")),
            _ => respond(s, "200 OK", "", "<R><reservationSet/></R>"),
        }
    }));
    let server = server.expect("a server");
    let aws = connected(&server.url(), &[]).await.expect("an account");
    let (window, progress) = (last_days(1), Progress::silent());
    let (read, complete, scope) = pages(&asking(&aws, &window, &progress), "ec2:DescribeInstances", json!({})).await;
    assert!(complete && scope.gaps.is_empty() && read == [json!({"reservationSet": ""})], "{scope:?}");
    assert_eq!((asked.load(Ordering::SeqCst), aws.cost().calls), (3, 4));
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_once() {
    // The server lives an hour ahead.
    let server = ScriptedServer::start(|head, s| {
        let ahead = jiff::Timestamp::from_millisecond(clock::millis(clock::now()) + 3_600_000).expect("a time");
        let near = ahead.strftime("%Y%m%dT%H").to_string();
        let signed = head.lines().find_map(|l| l.strip_prefix("x-amz-date: ")).unwrap_or_default();
        let date = format!("date: {}\r\n", ahead.strftime("%a, %d %b %Y %H:%M:%S GMT"));
        // An hour may turn between two requests; minutes are not compared.
        match signed.starts_with(&near) {
            true => respond(s, "200 OK", &date, WHO),
            false => respond(s, "403 Forbidden", &date, &error("RequestTimeTooSkewed")),
        }
    });
    let server = server.expect("a server");
    let aws = connected(&server.url(), &[]).await.expect("an account");
    assert_eq!((aws.reached[0].client.identity.account.as_str(), aws.cost().calls), ("123456789012", 2));
    let stuck = ScriptedServer::start(|_, s| {
        respond(s, "403 Forbidden", "date: Sun, 30 Aug 2015 12:36:00 GMT\r\n", &error("RequestTimeTooSkewed"));
    });
    let error = connected(&stuck.expect("a server").url(), &[]).await.err().expect("a refusal");
    assert!(error.to_string().contains("clock of this machine"), "{error}");
}

#[tokio::test]
async fn a_stop_and_a_deadline_end_a_question() {
    let server = ScriptedServer::start(after_who(|_, _| std::thread::sleep(Duration::from_secs(5)))).expect("a server");
    let mut aws = connected(&server.url(), &[]).await.expect("an account");
    let (window, progress) = (last_days(1), Progress::silent());
    let cancel = window.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cancel.cancel();
    });
    let begun = Instant::now();
    let (_, _, scope) = pages(&asking(&aws, &window, &progress), "ec2:DescribeInstances", json!({})).await;
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(scope.gaps[0].reason, GapReason::Cancelled);
    aws.deadline = Duration::from_millis(100);
    let window = last_days(1);
    let (_, _, scope) = pages(&asking(&aws, &window, &progress), "ec2:DescribeInstances", json!({})).await;
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(scope.gaps[0].reason, GapReason::TimedOut);
}

#[tokio::test]
async fn the_same_refusal_of_many_things_is_one_gap_and_few_calls() {
    let server = ScriptedServer::start(after_who(|head, s| match head.lines().next() {
        Some(line) if line.contains("/good?") => respond(s, "200 OK", "", "<V><Status>Enabled</Status></V>"),
        Some(line) if line.contains("/none?") => {
            respond(s, "404 Not Found", "", "<Error><Code>NoSuchLifecycleConfiguration</Code></Error>");
        }
        _ => respond(s, "403 Forbidden", "", "<Error><Code>AccessDenied</Code></Error>"),
    }));
    let server = server.expect("a server");
    let aws = connected(&server.url(), &[]).await.expect("an account");
    let (window, progress) = (last_days(1), Progress::silent());
    let asking = asking(&aws, &window, &progress);
    let mut answer = Answer::new(&"aws".into(), "s3/eu-west-1", &window);
    let lifecycle = operations::operation("s3:GetBucketLifecycleConfiguration");
    let items = |names: &[&str]| names.iter().map(|n| ((*n).to_owned(), json!({"Bucket": n}))).collect::<Vec<_>>();
    let read = asking.each::<_, Value>(lifecycle, items(&["good", "none"]), &[], &mut answer).await;
    let shapes: Vec<_> = read.iter().map(|(name, p)| (name.as_str(), p.pages.len(), p.complete)).collect();
    assert_eq!(shapes, [("good", 1, true), ("none", 0, true)], "what is not there is known not to be there");
    let before = aws.cost().calls;
    let names: Vec<String> = (0..100).map(|n| format!("b{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let read = asking.each::<_, Value>(lifecycle, items(&names), &[], &mut answer).await;
    assert!(read.len() == 100 && read.iter().all(|(_, p)| !p.complete));
    assert!(aws.cost().calls - before < 20, "{} calls", aws.cost().calls - before);
    let scope = answer.finish();
    assert_eq!(scope.gaps.len(), 1, "{:?}", scope.gaps);
    assert!(scope.gaps[0].closes.contains("`s3:GetLifecycleConfiguration`"));
}
