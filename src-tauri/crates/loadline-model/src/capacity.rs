//! How much load fits, what breaks first and when (`scoring.md` §4).

use crate::{Interval, Limited, RuleId, SubjectRef};
use serde::{Deserialize, Serialize};

/// How demand is assumed to grow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "scenario", rename_all = "snake_case")]
pub enum Scenario {
    /// The fitted growth.
    Measured,
    /// 20 % month over month (field report S5).
    TwentyPercent,
    /// A one-off multiple of today's peak.
    Multiple {
        /// 5 or 10, or what the reader chose.
        times: f64,
    },
}

impl Scenario {
    /// The word of the JSON contract: `measured`, `20_percent`, `5x`.
    pub fn word(&self) -> String {
        match self {
            Self::Measured => "measured".into(),
            Self::TwentyPercent => "20_percent".into(),
            Self::Multiple { times } => format!("{times}x"),
        }
    }
}

/// Fitted growth of demand per month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// Per month, 0.2 = 20 %; with 80 % interval. `None`: fewer than 8 weekly peaks.
    pub monthly: Option<Interval>,
    /// Weekly peaks behind it.
    pub weeks: u32,
    /// Today's peak, requests a second; `None` when demand is not measured.
    pub peak: Option<f64>,
    /// What is missing for a fit.
    pub missing: Option<String>,
}

/// A limited resource now: the input of every forecast, also of the window's instant what-if.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Utilisation {
    /// What is limited.
    pub subject: SubjectRef,
    /// Which resource of it.
    pub limited: Limited,
    /// Utilisation at peak, share of the hard limit; with 80 % interval.
    pub now: Interval,
    /// Alarm line, share of the hard limit.
    pub line: f64,
    /// Exponent of demand with 80 % interval; (1, [0.8, 1.3]) when not fitted.
    pub gamma: Interval,
    /// The exponent was fitted from data.
    pub gamma_fitted: bool,
    /// Days of samples behind `now`; 0 for a single reading.
    pub days: f64,
    /// Readings behind `now`.
    pub samples: u64,
    /// Hard limit in `unit`, when known.
    pub hard_limit: Option<f64>,
    /// Unit of the hard limit.
    pub unit: String,
    /// Sources, one readable line each.
    pub sources: Vec<String>,
    /// Observed multiplier range of demand: beyond about 3x of it a forecast is an extrapolation.
    pub observed_range: f64,
    /// For what accumulates (disk): share of the hard limit added a day at today's demand, with 80 % interval. Its days
    /// then follow from filling, not from `gamma`: constant demand still fills a disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill_per_day: Option<Interval>,
}

/// Forecast of one limited resource in one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LimitForecast {
    /// What is limited.
    pub subject: SubjectRef,
    /// `cpu`, `connections`, …
    pub resource: Limited,
    /// `measured`, `20_percent`, `5x`, `10x`.
    pub scenario: String,
    /// Utilisation at today's peak, share of the hard limit.
    pub utilisation: f64,
    /// Alarm line, share of the hard limit.
    pub limit: f64,
    /// Multiple of today's peak at which the line is reached; with 80 % interval.
    pub multiplier: Interval,
    /// Days until the line; `None`: not within 730 days, or the scenario is a one-off multiple.
    pub days: Option<Interval>,
    /// Probability to be the first, 0–1.
    pub first_probability: f64,
    /// For a multiple: the line is crossed at that multiple.
    pub breaks: Option<bool>,
    /// Beyond three times the observed range of demand.
    pub extrapolated: bool,
}

/// One rung of the ladder: fix the first limit, and the next appears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rung {
    /// What is limited.
    pub subject: SubjectRef,
    /// Which resource of it.
    pub resource: Limited,
    /// Multiple of today's peak, median and interval.
    pub multiplier: Interval,
    /// Rule whose fix moves it.
    pub rule: Option<RuleId>,
    /// The fix in words.
    pub fix: String,
}

/// A tier whose headroom is not measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmeasured {
    /// What.
    pub subject: SubjectRef,
    /// Which resource of it.
    pub resource: Limited,
    /// What would measure it.
    pub closes: String,
}

/// Utilisation after losing the worst zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ZoneLoss {
    /// Service or database group.
    pub subject: SubjectRef,
    /// The zone.
    pub zone: String,
    /// Members, and members in the zone.
    pub members: u32,
    /// Members lost.
    pub lost: u32,
    /// Utilisation at peak now.
    pub before: f64,
    /// Utilisation at peak after the loss; above 1 is overload.
    pub after: f64,
}

/// A queueing result for a fixed-size pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolAdvice {
    /// Pool owner.
    pub subject: SubjectRef,
    /// Pool name.
    pub pool: String,
    /// Servers now.
    pub size: u32,
    /// Load per server, 0–1.
    pub rho: f64,
    /// Mean wait in milliseconds; `None` when unstable.
    pub wait_ms: Option<f64>,
    /// Smallest size with mean wait of at most 5 ms.
    pub advised: u32,
}

/// What capacity concludes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// Growth of demand.
    pub growth: Growth,
    /// What is limited now.
    pub utilisation: Vec<Utilisation>,
    /// Forecasts, first limit first within each scenario.
    pub limits: Vec<LimitForecast>,
    /// The first limit under measured growth (or 20 % a month when growth is not measured).
    pub first_limit: Option<LimitForecast>,
    /// The first three limits with what moves them.
    pub ladder: Vec<Rung>,
    /// Tiers without a measurement.
    pub unmeasured: Vec<Unmeasured>,
    /// Families measured, of compute, database, connections, storage, network_quota.
    pub families: Vec<String>,
    /// Worst zone per group.
    pub zone_loss: Vec<ZoneLoss>,
    /// Pools.
    pub pools: Vec<PoolAdvice>,
}
