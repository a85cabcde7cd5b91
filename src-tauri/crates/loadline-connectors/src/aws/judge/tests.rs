//! Answers and refusals as AWS's documentation shows them, and as no vendor should send them.

use super::super::operations::operation;
use super::*;
use serde_json::json;

fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    Reply::of(status, headers, body)
}

fn refused(region: &str, status: u16, body: &str) -> Refused {
    answer(operation("ec2:DescribeInstances"), region, &reply(status, &[], body)).expect_err(body)
}

fn named(code: &str) -> String {
    format!("<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>")
}

#[test]
fn results_are_unwrapped_by_dialect() {
    let ok = |name: &str, body: &str| answer(operation(name), "eu-west-1", &reply(200, &[], body)).expect(name);
    let wrapped = "<DescribeTagsResponse><DescribeTagsResult><Tags><member>a</member></Tags></DescribeTagsResult><ResponseMetadata/></DescribeTagsResponse>";
    assert_eq!(ok("elbv2:DescribeTags", wrapped), json!({"Tags": ["a"]}));
    assert_eq!(ok("s3:GetBucketLocation", "<LocationConstraint>eu-west-1</LocationConstraint>"), json!("eu-west-1"));
    assert_eq!(ok("ecs:ListClusters", r#"{"clusterArns":[]}"#), json!({"clusterArns": []}));
}

#[test]
fn codes_are_found_in_every_dialect() {
    let check = |headers: &[(&'static str, &str)], body: &str, expected: &str| {
        let refused = refusal("eu-west-1", &reply(400, headers, body));
        assert!(refused.is(expected), "{body}: {refused:?}");
    };
    check(&[], &named("InvalidParameterValue"), "InvalidParameterValue");
    check(
        &[],
        "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code></Error></ErrorResponse>",
        "ValidationError",
    );
    check(&[], "<Error><Code>NoSuchBucket</Code><Message>x</Message></Error>", "NoSuchBucket");
    check(&[], r#"{"__type":"com.amazonaws.ecs#ClusterNotFoundException","message":"x"}"#, "ClusterNotFoundException");
    check(&[("x-amzn-errortype", "NotFoundException:http://x/")], "{}", "NotFoundException");
    check(&[], r#"{"code":"Weird","message":"x"}"#, "Weird");
}

#[test]
fn refusals_are_classified() {
    use loadline_model::GapReason as G;
    let check = |refused: Refused, reason: G, closes: &str| {
        assert_eq!(refused.reason(), reason, "{refused:?}");
        let said = refused.closes(operation("ec2:DescribeInstances"));
        assert!(said.contains(closes), "{refused:?}: {said}");
    };
    check(refused("eu-west-1", 403, &named("UnauthorizedOperation")), G::PermissionDenied, "`ec2:DescribeInstances`");
    check(refused("eu-west-1", 401, &named("AuthFailure")), G::PermissionDenied, "Renew");
    check(refused("ap-east-1", 401, &named("AuthFailure")), G::FeatureDisabled, "Enable the region");
    check(refused("eu-west-1", 400, &named("ExpiredToken")), G::PermissionDenied, "Renew");
    check(refused("eu-west-1", 503, &named("RequestLimitExceeded")), G::RateLimited, "Collect again");
    check(refused("eu-west-1", 503, &named("Client.RequestLimitExceeded")), G::RateLimited, "");
    check(refused("eu-west-1", 429, ""), G::RateLimited, "");
    check(refused("eu-west-1", 403, &named("RequestTimeTooSkewed")), G::ApiError, "clock");
    check(refused("eu-west-1", 500, &named("InternalError")), G::ApiError, "Health");
    check(
        refused("eu-west-1", 500, "<!doctype html>\n<html lang=en><title>500 Internal Server Error</title>"),
        G::ApiError,
        "Nothing",
    );
    check(refused("eu-west-1", 404, "<html><p>Not Found"), G::ApiError, "Nothing");
    check(refused("eu-west-1", 400, &named("InvalidAction")), G::ApiError, "Nothing");
    check(refused("eu-west-1", 503, "<html>busy"), G::ApiError, "Health");
    check(refused("eu-west-1", 400, &named("SubscriptionRequiredException")), G::FeatureDisabled, "Turn");
    check(refused("eu-west-1", 301, ""), G::ApiError, "");
    check(refused("eu-west-1", 403, "no"), G::PermissionDenied, "Allow");
}

#[test]
fn a_denial_says_who_denied_it_and_nothing_that_differs() {
    let said = "User: arn:aws:iam::1:user/u is not authorized to perform: ec2:DescribeInstances with an explicit deny in a service control policy";
    let body = format!(
        "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>{said}</Message></Error></Errors></Response>"
    );
    let refused = refused("eu-west-1", 403, &body).to_string();
    assert!(refused.contains("service control policy") && !refused.contains("arn:"), "{refused}");
}

#[test]
fn cut_answers_are_truncated() {
    let cut = |name: &str, body: &str| answer(operation(name), "eu-west-1", &reply(200, &[], body));
    assert_eq!(cut("ec2:DescribeInstances", "<a><reservationSet><item>"), Err(Refused::Truncated));
    assert_eq!(cut("ecs:ListClusters", r#"{"clusterArns":["a""#), Err(Refused::Truncated));
    assert!(matches!(cut("ecs:ListClusters", "{}}"), Err(Refused::NotUnderstood(_))));
    assert!(matches!(cut("ecs:ListClusters", "<html>"), Err(Refused::NotUnderstood(_))));
}
