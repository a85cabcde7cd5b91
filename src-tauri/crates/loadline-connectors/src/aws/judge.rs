//! What an answer of AWS is: a tree, or a refusal of a known sort.

use super::operations::{Dialect, Operation};
use super::refused::Refused;
use super::{clock, xml};
use crate::http::{HttpError, Reply};
use serde_json::Value;

/// Deepest nesting of an answer.
const DEPTH: usize = 64;

/// Regions that every account has; elsewhere "unknown credentials" means that the region is off.
const ALWAYS_ON: &[&str] = &[
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "sa-east-1",
];

const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "NotAuthorized",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedException",
    "ForbiddenException",
    "AllAccessDisabled",
];
const CREDENTIALS: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidToken",
    "InvalidTokenException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "TokenRefreshRequired",
    "InvalidIdentityToken",
];
const UNKNOWN_HERE: &[&str] = &["AuthFailure", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidToken"];
const THROTTLED: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "SlowDown",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "TransactionInProgressException",
    "ProvisionedThroughputExceededException",
];
const SKEWED: &[&str] = &["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"];
const NOT_ENABLED: &[&str] = &[
    "SubscriptionRequiredException",
    "OptInRequired",
    "OptInRequiredException",
    "NotSignedUp",
    "DataUnavailableException",
    "AWSOrganizationsNotInUseException",
    "UnsupportedOperationException",
];
const UNKNOWN_CALL: &[&str] =
    &["UnknownOperationException", "UnknownOperation", "InvalidAction", "UnsupportedOperation", "NotImplemented"];

/// What the answer holds.
///
/// # Errors
/// [`Refused`], classified by status and error code.
pub(super) fn answer(operation: &Operation, region: &str, reply: &Reply) -> Result<Value, Refused> {
    if (200..300).contains(&reply.status) {
        let is_cut = reply.header("content-length").and_then(|n| n.parse().ok()).is_some_and(|n| reply.body.len() < n);
        return if is_cut { Err(Refused::Truncated) } else { tree(operation, reply) };
    }
    Err(refusal(region, reply))
}

/// The whole tree of an answer that no row of the table asked for, such as an exchange of keys.
///
/// # Errors
/// [`Refused`], classified by status and error code.
pub(super) fn tree_of(reply: &Reply, region: &str) -> Result<Value, Refused> {
    match reply.status {
        200..300 if reply.body.trim_ascii_start().starts_with(b"<") => xml::read(&reply.body, DEPTH),
        200..300 => json(&reply.body),
        _ => Err(refusal(region, reply)),
    }
}

fn tree(operation: &Operation, reply: &Reply) -> Result<Value, Refused> {
    match operation.api.dialect {
        Dialect::Ec2Query { .. } | Dialect::RestXml if reply.body.is_empty() => Ok(Value::Null),
        Dialect::Ec2Query { .. } | Dialect::RestXml => xml::read(&reply.body, DEPTH),
        Dialect::Query { .. } => {
            let mut whole = xml::read(&reply.body, DEPTH)?;
            let result = whole.get_mut(format!("{}Result", operation.action));
            Ok(result.map(Value::take).unwrap_or(whole))
        }
        Dialect::Json10 { .. } | Dialect::Json11 { .. } | Dialect::RestJson => json(&reply.body),
    }
}

fn json(body: &[u8]) -> Result<Value, Refused> {
    match crate::http::json(body, DEPTH) {
        Ok(value) => Ok(value),
        Err(HttpError::Malformed(why)) if why.contains("EOF") => Err(Refused::Truncated),
        Err(HttpError::Malformed(why)) => Err(Refused::NotUnderstood(why)),
        Err(other) => Err(other.into()),
    }
}

/// Code and words of an error body, in whichever dialect it came.
fn complaint(reply: &Reply) -> Option<(String, String)> {
    let read = |v: &Value, keys: &[&str]| keys.iter().find_map(|k| v.get(*k)?.as_str()).map(str::to_owned);
    let header = reply.header("x-amzn-errortype").map(str::to_owned);
    let found = if reply.body.trim_ascii_start().starts_with(b"<") {
        let body = xml::read(&reply.body, DEPTH).ok()?;
        let error = [&["Errors", "Error"][..], &["Error"], &[]].iter().find_map(|path| {
            let inner = path.iter().try_fold(&body, |v, key| v.get(*key))?;
            inner.get("Code").is_some().then_some(inner)
        })?;
        (read(error, &["Code"])?, read(error, &["Message", "message"]).unwrap_or_default())
    } else {
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let code = header.or_else(|| read(&body, &["__type", "code", "Code"]))?;
        (code, read(&body, &["message", "Message", "errorMessage"]).unwrap_or_default())
    };
    // `com.amazonaws.x#Code` and `Code:http://…` both mean `Code`.
    let code = found.0.rsplit('#').next()?.split(':').next()?.trim().to_owned();
    let plain =
        !code.is_empty() && code.len() <= 80 && code.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    plain.then_some((code, found.1))
}

fn refusal(region: &str, reply: &Reply) -> Refused {
    let status = reply.status;
    let Some((code, said)) = complaint(reply) else { return unspoken(reply) };
    // AWS appends numbers and service names: `Client.RequestLimitExceeded`, `AWS.SimpleQueueService.AccessDenied`.
    let short = code.rsplit('.').next().unwrap_or(&code).to_owned();
    let one_of = |codes: &[&str]| codes.contains(&short.as_str());
    let late = said.contains("Signature expired") || said.contains("Signature not yet current");
    match () {
        () if one_of(SKEWED) || (late && one_of(CREDENTIALS)) => {
            Refused::ClockSkew { seconds: clock::off(reply.header("date")) }
        }
        () if one_of(UNKNOWN_HERE) && !region.is_empty() && !ALWAYS_ON.contains(&region) => Refused::RegionOff { code },
        () if one_of(DENIED) => Refused::Denied { code, because: because(&said) },
        () if one_of(CREDENTIALS) => Refused::Credentials { code },
        () if one_of(THROTTLED) || status == 429 => Refused::Throttled { code },
        () if one_of(NOT_ENABLED) => Refused::NotEnabled { code },
        () if one_of(UNKNOWN_CALL) => Refused::Unsupported { said: code },
        () if status >= 500 => Refused::Failed { status, code },
        () => Refused::Invalid { code },
    }
}

/// A refusal without a code: a proxy, a load balancer, or an emulator without that call.
fn unspoken(reply: &Reply) -> Refused {
    let status = reply.status;
    let is_page = reply.body.trim_ascii_start().starts_with(b"<");
    match status {
        429 => Refused::Throttled { code: "429".to_owned() },
        401 | 403 => Refused::Denied { code: status.to_string(), because: "" },
        502..=504 => Refused::Failed { status, code: "without a code".to_owned() },
        _ if is_page => Refused::Unsupported { said: format!("{status} with a page for people") },
        404 | 405 | 501 => Refused::Unsupported { said: status.to_string() },
        500..=599 => Refused::Failed { status, code: "without a code".to_owned() },
        300..=399 => Refused::Http(HttpError::CrossHostRedirect(format!("answered {status}"))),
        _ => Refused::Invalid { code: status.to_string() },
    }
}

/// Who denied it, of the few that a reader must know: another person than the author of the policy.
fn because(said: &str) -> &'static str {
    match () {
        () if said.contains("service control policy") => " by a service control policy of the organisation",
        () if said.contains("permissions boundary") => " by a permissions boundary",
        () if said.contains("explicit deny") => " by an explicit deny",
        () if said.contains("session policy") => " by a session policy",
        () => "",
    }
}

#[cfg(test)]
mod tests;
