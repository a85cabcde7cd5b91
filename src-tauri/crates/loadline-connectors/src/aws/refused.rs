//! Why a call gave no answer, in the words of a gap.

use super::operations::Operation;
use crate::ConnectError;
use crate::http::HttpError;
use loadline_model::GapReason;
use thiserror::Error;

/// Why AWS, or the way to it, refused. Messages hold no secret and nothing that differs between things of one kind, so
/// that a hundred refusals of one sort are one gap.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Refused {
    /// The policy does not allow the call; the words say what denied it, when AWS said so.
    #[error("the permission is missing ({code}){because}")]
    Denied { code: String, because: &'static str },
    /// The credentials are expired, revoked or wrong.
    #[error("the credentials were refused ({code})")]
    Credentials { code: String },
    /// There are none to try, or they could not be fetched.
    #[error("{0}")]
    NoCredentials(String),
    /// Too many requests, also after waiting.
    #[error("too many requests, also after waiting ({code})")]
    Throttled { code: String },
    /// The region is not enabled for this account.
    #[error("the region is not enabled for this account ({code})")]
    RegionOff { code: String },
    /// The clock of this machine is wrong by more than AWS accepts.
    #[error("the clock of this machine is {seconds} s off, more than a signature allows")]
    ClockSkew { seconds: i64 },
    /// The service is not subscribed, not enrolled or has no data yet.
    #[error("the account does not have it ({code})")]
    NotEnabled { code: String },
    /// The endpoint does not know the call, or answers with a page for people.
    #[error("the endpoint does not answer this call ({said})")]
    Unsupported { said: String },
    /// Any other refusal of the question.
    #[error("it was refused with {code}")]
    Invalid { code: String },
    /// AWS failed, also after trying again.
    #[error("AWS failed ({status} {code})")]
    Failed { status: u16, code: String },
    /// No answer at all.
    #[error("{0}")]
    Http(#[from] HttpError),
    /// An answer that is not what the call answers.
    #[error("the answer was not understood: {0}")]
    NotUnderstood(String),
    /// An answer that ends early.
    #[error("the answer ended early")]
    Truncated,
    /// Tokens of next pages that repeat or never end.
    #[error("its pages never end")]
    Endless,
    /// The scope's time is over.
    #[error("the time of this part was over")]
    TimedOut,
    /// The reader said stop.
    #[error("the collection was stopped")]
    Cancelled,
}

impl Refused {
    /// The error code of AWS, when it gave one.
    pub(super) fn is(&self, wanted: &str) -> bool {
        match self {
            Self::Denied { code, .. }
            | Self::Credentials { code }
            | Self::Throttled { code }
            | Self::RegionOff { code }
            | Self::NotEnabled { code }
            | Self::Invalid { code }
            | Self::Failed { code, .. } => code == wanted,
            _ => false,
        }
    }

    /// The same question about other things will be refused too.
    pub(super) fn holds_for_all(&self) -> bool {
        !matches!(self, Self::Invalid { .. } | Self::Failed { .. } | Self::NotUnderstood(_) | Self::Truncated)
    }

    /// The gap it leaves.
    pub(super) fn reason(&self) -> GapReason {
        match self {
            Self::Denied { .. } | Self::Credentials { .. } | Self::NoCredentials(_) => GapReason::PermissionDenied,
            Self::Throttled { .. } => GapReason::RateLimited,
            Self::RegionOff { .. } | Self::NotEnabled { .. } => GapReason::FeatureDisabled,
            Self::ClockSkew { .. } | Self::Unsupported { .. } | Self::Invalid { .. } | Self::Failed { .. } => {
                GapReason::ApiError
            }
            Self::Http(error) => error.reason(),
            Self::NotUnderstood(_) => GapReason::ParseError,
            Self::Truncated => GapReason::Truncated,
            Self::Endless => GapReason::LimitReached,
            Self::TimedOut => GapReason::TimedOut,
            Self::Cancelled => GapReason::Cancelled,
        }
    }

    /// What would close that gap.
    pub(super) fn closes(&self, operation: &Operation) -> String {
        match self {
            Self::Denied { .. } => {
                format!("Allow `{}` to the role or user (see `loadline policy aws`).", operation.iam)
            }
            Self::Credentials { .. } => "Renew the credentials, then collect again.".to_owned(),
            Self::NoCredentials(_) => "Give the account credentials that work, then collect again.".to_owned(),
            Self::Throttled { .. } => "Collect again when less is asking this account, or fewer regions.".to_owned(),
            Self::RegionOff { .. } => "Enable the region, or leave it out of `regions`.".to_owned(),
            Self::ClockSkew { .. } => "Set the clock of this machine (NTP), then collect again.".to_owned(),
            Self::NotEnabled { .. } => {
                format!("Turn the feature on if you want it judged; then `{}` answers.", operation.iam)
            }
            Self::Unsupported { .. } => {
                format!(
                    "Nothing, if this endpoint is not AWS itself; otherwise report that {} changed.",
                    operation.name
                )
            }
            Self::Http(HttpError::Unreachable(_)) => {
                "Check network, proxy and firewall, and that the service exists in this region.".to_owned()
            }
            Self::Endless => "Collect again; if it stays, report it with the name of the call.".to_owned(),
            Self::TimedOut => "Collect again with fewer regions, or when AWS answers faster.".to_owned(),
            Self::Cancelled => "Collect again.".to_owned(),
            _ => "Collect again; if it stays, look at the AWS Health dashboard.".to_owned(),
        }
    }

    /// The same as a failure to connect.
    pub(super) fn into_connect(self, host: String) -> ConnectError {
        match self {
            Self::Http(error) => error.into_connect(host),
            Self::NoCredentials(why) => ConnectError::config("profile", why.trim_end_matches('.')),
            Self::Denied { .. } | Self::Credentials { .. } => ConnectError::Denied { host, why: self.to_string() },
            other => ConnectError::Refused { host, why: other.to_string() },
        }
    }
}
