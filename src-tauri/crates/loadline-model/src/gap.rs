//! What could not be read, why, and what would close the gap.

use crate::{AccountId, Kind, SubjectId};
use serde::{Deserialize, Serialize};

/// Why something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of design §3 name themselves")]
pub enum GapReason {
    NotConnected,
    PermissionDenied,
    ApiError,
    Stale,
    ShortWindow,
    LowSample,
    FeatureDisabled,
    Truncated,
    UnmappedSubject,
    CounterReset,
    Cancelled,
    TimedOut,
    RateLimited,
    UnsupportedVersion,
    LimitReached,
    ExcludedByUser,
    ParseError,
}

impl GapReason {
    /// The code used in JSON and filters.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotConnected => "not_connected",
            Self::PermissionDenied => "permission_denied",
            Self::ApiError => "api_error",
            Self::Stale => "stale",
            Self::ShortWindow => "short_window",
            Self::LowSample => "low_sample",
            Self::FeatureDisabled => "feature_disabled",
            Self::Truncated => "truncated",
            Self::UnmappedSubject => "unmapped_subject",
            Self::CounterReset => "counter_reset",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::RateLimited => "rate_limited",
            Self::UnsupportedVersion => "unsupported_version",
            Self::LimitReached => "limit_reached",
            Self::ExcludedByUser => "excluded_by_user",
            Self::ParseError => "parse_error",
        }
    }
    /// The words people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotConnected => "not connected",
            Self::PermissionDenied => "permission denied",
            Self::ApiError => "the source answered with an error",
            Self::Stale => "too old",
            Self::ShortWindow => "not observed long enough",
            Self::LowSample => "too few samples",
            Self::FeatureDisabled => "feature is off",
            Self::Truncated => "answer was cut",
            Self::UnmappedSubject => "not mapped",
            Self::CounterReset => "counters were reset",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed out",
            Self::RateLimited => "rate limited",
            Self::UnsupportedVersion => "version not supported",
            Self::LimitReached => "limit reached",
            Self::ExcludedByUser => "excluded by you",
            Self::ParseError => "answer not understood",
        }
    }
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Account that was asked; `None` when no account was there to ask.
    pub account: Option<AccountId>,
    /// Service, region, database or rule input.
    pub scope: String,
    /// Why.
    pub reason: GapReason,
    /// What happened, with have/need where that applies.
    pub detail: String,
    /// The exact permission, setting or connection that would close it.
    pub closes: String,
    /// Kinds of things that may be missing because of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hides: Vec<Kind>,
    /// The subject it is about, when it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectId>,
}
