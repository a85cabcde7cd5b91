//! What series say over time: latency, demand, change points, before/after comparisons (`scoring.md` §5).

use crate::{Day, Dora, Interval, ItemId, SubjectId, SubjectRef, Timestamp};
use serde::{Deserialize, Serialize};

/// Percentiles of one day or window, in the metric's unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Percentiles {
    /// Observations.
    pub count: u64,
    /// Median; `None` below 60 observations.
    pub p50: Option<f64>,
    /// 95th percentile; `None` below 600 observations.
    pub p95: Option<f64>,
    /// 99th percentile; `None` below 3,000 observations.
    pub p99: Option<f64>,
    /// The p95 lies above the last bucket bound.
    #[serde(default)]
    pub p95_above: bool,
    /// The p99 lies above the last bucket bound.
    #[serde(default)]
    pub p99_above: bool,
}

/// Percentiles of one local day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayPercentiles {
    /// Local day of the workspace's zone.
    pub day: Day,
    /// Its percentiles.
    #[serde(flatten)]
    pub percentiles: Percentiles,
}

/// Latency of one route (or a whole service) over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyTrend {
    /// Service or endpoint.
    pub subject: SubjectRef,
    /// Canonical metric.
    pub metric: String,
    /// `route` label; `None` for all routes merged.
    pub route: Option<String>,
    /// Unit: `s`.
    pub unit: String,
    /// From merged histograms; `false`: gauges, compared like with like only.
    pub mergeable: bool,
    /// The last 7 days.
    pub last_week: Percentiles,
    /// The 7 days before those.
    pub week_before: Percentiles,
    /// Per local day, ascending; missing days are missing.
    pub days: Vec<DayPercentiles>,
    /// Change points in the daily p50 at matched load.
    pub change_points: Vec<ChangePoint>,
}

/// A day on which the level changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangePoint {
    /// First day of the new level.
    pub day: Day,
    /// Level before and after, in the metric's unit.
    pub before: f64,
    /// Level after.
    pub after: f64,
    /// p-value of the Welch test on logarithms.
    pub p_value: f64,
    /// `high`, `medium`, `low`: lowered when the cross-check disagrees.
    pub confidence: String,
    /// Deployments and items it is consistent with, strongest first.
    pub candidates: Vec<Candidate>,
}

/// What a change point may be due to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Deployment id, item id or change description.
    pub what: String,
    /// When.
    pub at: Timestamp,
    /// Normalised share of the score, 0–1.
    pub share: f64,
    /// Named as the cause: share at least 0.6 and at least twice the second.
    pub attributed: bool,
}

/// Error ratio of a service or route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorTrend {
    /// Service.
    pub subject: SubjectRef,
    /// Route; `None` for all.
    pub route: Option<String>,
    /// Mean over the last 7 days, weighted by requests when known.
    pub last_week: f64,
    /// Share of 5-minute windows above 1 %, 0–1.
    pub windows_breached: f64,
    /// Windows seen.
    pub windows: u64,
    /// Per local day.
    pub days: Vec<(Day, f64)>,
}

/// Daily demand of the whole system or one service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemandTrend {
    /// Service or entry point.
    pub subject: SubjectRef,
    /// Peak (99th percentile of 5-minute rates over 28 days), requests a second.
    pub peak: f64,
    /// Weekly peaks, Monday and requests a second.
    pub weekly_peaks: Vec<(Day, f64)>,
    /// Per local day: median rate.
    pub days: Vec<(Day, f64)>,
}

/// A before/after word (`scoring.md` §5.6). Exactly one is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of scoring.md §5.6")]
pub enum Verdict {
    Improved,
    Regressed,
    NoDetectableChange,
    InsufficientData,
    Confounded,
}

impl Verdict {
    /// The words people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Improved => "improved",
            Self::Regressed => "regressed",
            Self::NoDetectableChange => "no detectable change",
            Self::InsufficientData => "not enough data",
            Self::Confounded => "confounded",
        }
    }
}

/// Effect in percent with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Lower end.
    pub low: f64,
    /// Estimate.
    pub mid: f64,
    /// Upper end.
    pub high: f64,
}

/// Before and after a remediation item or deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Roadmap item, when the moment is an item's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
    /// Deployment id, when the moment is a deployment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    /// What people call the change.
    pub title: String,
    /// What was measured.
    pub subject: SubjectRef,
    /// Canonical metric, statistic and route, such as `http.server.request.duration p50`.
    pub metric: String,
    /// Route, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The moment of the change.
    pub at: Timestamp,
    /// The word.
    pub verdict: Verdict,
    /// The sentence behind the word, numbers first.
    pub sentence: String,
    /// Load-normalised effect; `None` without enough data.
    pub effect_percent: Option<Effect>,
    /// Effect without load normalisation, percent.
    pub unadjusted_percent: Option<f64>,
    /// Statistic before, in the metric's unit.
    pub before: Option<f64>,
    /// Statistic after.
    pub after: Option<f64>,
    /// `high`, `medium`, `low`, `provisional`.
    pub confidence: String,
    /// False-positive rate of the same procedure on the user's own quiet history, 0–1; `None` without enough history.
    pub aa_rate: Option<f64>,
    /// A/A comparisons behind the rate.
    pub aa_runs: u32,
    /// Pairs of weekday-matched days.
    pub pairs: u32,
    /// Benjamini–Hochberg adjusted p-value.
    pub p_adjusted: Option<f64>,
    /// Nearest change point found independently.
    #[serde(default)]
    pub change_at: Option<Timestamp>,
    /// Within ±5 % although not clearly different (`equivalent`), else `inconclusive`.
    #[serde(default)]
    pub equivalent: Option<bool>,
    /// Smallest effect this data could have shown, percent.
    pub detectable_percent: Option<f64>,
    /// What else changed.
    pub confounders: Vec<String>,
    /// Merged distributions before and after as (upper bound in seconds, share), for the chart.
    pub before_shape: Vec<(f64, f64)>,
    /// The same after.
    pub after_shape: Vec<(f64, f64)>,
}

/// Deployment statistics of one service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveryTrend {
    /// Service.
    pub subject: SubjectRef,
    /// Deployments in the last 90 days.
    pub deployments: u32,
    /// First deployment ever observed: history is left-censored here.
    pub observed_since: Option<Timestamp>,
    /// Median minutes; `None` below 5.
    pub median_minutes: Option<f64>,
    /// Failed of those that ended: [`Dora::failures`] says why each counts.
    pub failed: u32,
    /// Change failure rate with its 90 % Wilson interval; `None` below 20 deployments.
    pub failure_rate: Option<Interval>,
    /// Share done by a pipeline of those whose beginner is known, 0–1; `None` below 5 of them.
    pub by_pipeline: Option<f64>,
    /// Frequency, lead time, recovery and rework.
    #[serde(default)]
    pub dora: Dora,
}

/// What stats conclude; also what rules may read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trends {
    /// By subject, then route.
    pub latency: Vec<LatencyTrend>,
    /// By subject, then route.
    pub errors: Vec<ErrorTrend>,
    /// By subject.
    pub demand: Vec<DemandTrend>,
    /// By subject.
    pub delivery: Vec<DeliveryTrend>,
}

impl Trends {
    /// Latency of a subject with all routes merged.
    pub fn latency_of(&self, id: &SubjectId) -> Option<&LatencyTrend> {
        self.latency.iter().find(|l| l.subject.id == *id && l.route.is_none())
    }
}
