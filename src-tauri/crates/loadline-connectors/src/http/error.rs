//! What can go wrong at the HTTP door, and which gap it leaves.

use crate::ConnectError;
use loadline_model::GapReason;
use std::time::Duration;
use thiserror::Error;

/// What to do where the other side speaks no TLS.
const NO_TLS: &str = "Let `url` begin with http:// or https://, whichever the server speaks.";

/// Why a GET gave no answer. Messages hold neither secrets nor addresses with user names.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "each sentence says what the variant means")]
pub enum HttpError {
    #[error("no connection: {0}")]
    Unreachable(String),
    #[error("the TLS certificate could not be verified: {0}")]
    Tls(String),
    #[error("no complete answer within {0:?}")]
    TimedOut(Duration),
    #[error("not a byte within {0:?}")]
    Stalled(Duration),
    #[error("the answer came slower than the least throughput")]
    TooSlow,
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the answer is nested deeper than {0} levels")]
    TooDeep(usize),
    #[error("the answer ended early")]
    Truncated,
    #[error("the answer is not the JSON that was expected: {0}")]
    Malformed(String),
    #[error("it redirected to another host, {0}, and credentials do not follow")]
    CrossHostRedirect(String),
    #[error("the list goes on at another host, {0}, and credentials do not follow")]
    ForeignLink(String),
    #[error("it redirected without end")]
    RedirectLoop,
    #[error("the credentials were refused (401)")]
    Unauthorized,
    #[error("the request is forbidden (403) {0}")]
    Forbidden(String),
    #[error("there is no such page (404)")]
    NotFound,
    #[error("too many requests for now")]
    RateLimited(Option<Duration>),
    #[error("it is not available ({status}) {said}")]
    Unavailable { status: u16, said: String, retry_after: Option<Duration> },
    #[error("it answered {status}: {said}")]
    Refused { status: u16, said: String },
}

impl HttpError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Tls(_) => "tls_failed",
            Self::TimedOut(_) | Self::Stalled(_) => "timed_out",
            Self::TooSlow => "too_slow",
            Self::TooLarge(_) => "too_large",
            Self::TooDeep(_) => "too_deep",
            Self::Truncated => "truncated",
            Self::Malformed(_) => "malformed",
            Self::CrossHostRedirect(_) => "cross_host_redirect",
            Self::ForeignLink(_) => "foreign_link",
            Self::RedirectLoop => "redirect_loop",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound => "not_found",
            Self::RateLimited(_) => "rate_limited",
            Self::Unavailable { .. } => "unavailable",
            Self::Refused { .. } => "refused",
        }
    }

    /// The gap it leaves.
    pub fn reason(&self) -> GapReason {
        match self {
            Self::TimedOut(_) | Self::Stalled(_) | Self::TooSlow => GapReason::TimedOut,
            Self::TooLarge(_) | Self::TooDeep(_) => GapReason::LimitReached,
            Self::Truncated => GapReason::Truncated,
            Self::Malformed(_) => GapReason::ParseError,
            Self::Unauthorized | Self::Forbidden(_) => GapReason::PermissionDenied,
            Self::NotFound => GapReason::FeatureDisabled,
            Self::RateLimited(_) => GapReason::RateLimited,
            _ => GapReason::ApiError,
        }
    }

    /// What would close that gap.
    pub fn closes(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "Check the address, the network and the firewall, then collect again.",
            Self::Tls(said) => crate::error::handshake(said, NO_TLS).1,
            Self::Unauthorized | Self::Forbidden(_) => "Check the secret and grant read access to the query API.",
            Self::CrossHostRedirect(_) | Self::RedirectLoop => "Set `url` to the address it redirects to.",
            Self::ForeignLink(_) => "Connect the address under which the source knows itself.",
            Self::NotFound => "Check the path in `url`; this page may not exist in this product or version.",
            Self::TooLarge(_) | Self::TooDeep(_) => "Ask for a shorter window or fewer series.",
            Self::RateLimited(_) => "Collect again later, or raise the rate limit of this token.",
            _ => "Collect again; if it stays, look into the log of the server.",
        }
    }

    /// The same as a failure to connect.
    pub fn into_connect(self, host: String) -> ConnectError {
        match self {
            Self::Unreachable(why) => ConnectError::Unreachable { host, why },
            Self::Tls(said) => ConnectError::tls(host, &said, NO_TLS),
            Self::TimedOut(d) | Self::Stalled(d) => ConnectError::TimedOut { host, seconds: d.as_secs() },
            Self::Unauthorized | Self::Forbidden(_) => ConnectError::Denied { host, why: self.to_string() },
            other => ConnectError::Refused { host, why: other.to_string() },
        }
    }

    pub(super) fn from_transport(error: reqwest::Error, connect: Duration) -> Self {
        let error = error.without_url();
        let cause = super::innermost(&error);
        let tls = ["certificate", "tls", "TLS", "handshake"].iter().any(|w| cause.contains(w));
        match () {
            () if error.is_timeout() => Self::TimedOut(connect),
            () if tls => Self::Tls(cause),
            () if error.is_connect() => Self::Unreachable(cause),
            () if error.is_body() || error.is_decode() || cause.contains("closed before") => Self::Truncated,
            () => Self::Unreachable(cause),
        }
    }
}
