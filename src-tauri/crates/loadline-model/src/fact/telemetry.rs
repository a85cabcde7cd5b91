//! Samples, distributions, alerts, objectives.

use crate::{Distribution, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// How much, in the series' unit.
    pub value: f64,
}

/// How samples are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesKind {
    /// A level at an instant.
    Gauge,
    /// An amount in the interval that ends at the sample's time.
    Delta,
}

/// Samples of one metric of one subject. Metric names are in [`crate::key::metric`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Canonical metric name.
    pub metric: String,
    /// `s`, `ratio`, `1/s`, `bytes`, `count`, …
    pub unit: String,
    /// Level or amount.
    pub kind: SeriesKind,
    /// Labels that distinguish series of one metric (`route`, `device`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Ascending, without gaps filled: a gap stays a gap.
    pub samples: Vec<Sample>,
    /// Up to when the source was asked and answered.
    pub covered_until: Timestamp,
}

/// The distribution of one UTC hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HourDistribution {
    /// Start of the UTC hour.
    pub start: Timestamp,
    /// What was seen in it.
    pub distribution: Distribution,
}

/// Hourly mergeable distributions of one metric of one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DistributionSeries {
    /// Canonical metric name, usually [`crate::key::metric::REQUEST_DURATION`].
    pub metric: String,
    /// Unit of the values: `s`.
    pub unit: String,
    /// Labels (`route`, `method`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Ascending hours.
    pub hours: Vec<HourDistribution>,
    /// Up to when the source was asked and answered.
    pub covered_until: Timestamp,
}

/// What an alert watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Latency as users feel it.
    Latency,
    /// Errors as users see them.
    Errors,
    /// A business ratio.
    Business,
    /// An objective's burn rate.
    BurnRate,
    /// CPU, memory, host up: a cause.
    Cause,
    /// Not recognised.
    Other,
}

/// An alert rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Its name.
    pub name: String,
    /// Expression or condition.
    pub expression: String,
    /// What it watches.
    pub watches: AlertKind,
    /// Things it is about, when recognisable.
    #[serde(default)]
    pub subjects: Vec<SubjectId>,
    /// It wakes somebody.
    #[serde(default)]
    pub pages: Option<bool>,
    /// Link to its runbook.
    #[serde(default)]
    pub runbook: Option<String>,
    /// Who owns it.
    #[serde(default)]
    pub owner: Option<String>,
    /// Its receiver is known to work since.
    #[serde(default)]
    pub delivery_tested_at: Option<Timestamp>,
    /// Firings in the last 28 days.
    #[serde(default)]
    pub firings_28d: Option<u32>,
    /// Firing now since.
    #[serde(default)]
    pub firing_since: Option<Timestamp>,
}

/// A service-level objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slo {
    /// Its name.
    pub name: String,
    /// Target share of good events, 0–1.
    pub target: f64,
    /// Rolling window in days.
    pub window_days: f64,
    /// Multi-window burn-rate alert exists.
    #[serde(default)]
    pub burn_rate_alert: Option<bool>,
    /// Share of the error budget left, 0–1 (negative: overspent).
    #[serde(default)]
    pub budget_left: Option<f64>,
}

/// Words in the name of an objective that counts slow requests rather than failed ones.
const ABOUT_TIME: [&str; 10] =
    ["latency", "duration", "slow", "fast", "speed", "response time", "p50", "p90", "p95", "p99"];

impl Slo {
    /// Whether it promises how fast requests are answered, by its name; else it promises that they succeed.
    pub fn is_about_time(&self) -> bool {
        let name = self.name.to_lowercase();
        ABOUT_TIME.iter().any(|word| name.contains(word))
    }
}
