//! What the performance page shows beside the assessment: how the requests of a series spread over latency day by day, what
//! objectives promise with what is left of their error budgets, incidents, and what was tested.

use crate::databases::Missing;
use crate::{Day, Percentiles, SubjectId, SubjectRef, TestRun, Timestamp};
use serde::{Deserialize, Serialize};

/// The requests of one series by latency, day by day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Service or endpoint.
    pub subject: SubjectId,
    /// Its route; `None`: all routes merged.
    pub route: Option<String>,
    /// Upper bounds of the buckets in the metric's unit (s), ascending and positive. The first bucket begins at 0.
    pub bounds: Vec<f64>,
    /// Local days with observations, ascending.
    pub days: Vec<DaySpread>,
    /// Why there are no buckets, when there are none.
    pub missing: Option<Missing>,
    /// The newest days beside as many before them, shortest first.
    pub periods: Vec<Periods>,
}

/// One local day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DaySpread {
    /// The day.
    pub day: Day,
    /// Observations of each bucket, then those above the last bound.
    pub counts: Vec<u64>,
}

impl DaySpread {
    /// Observations of the day.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// So many days up to the snapshot, and as many before them; percentiles of merged distributions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Periods {
    /// Length of either.
    pub days: u32,
    /// The newest.
    pub now: Percentiles,
    /// Those before.
    pub before: Percentiles,
    /// Days of the newest with observations.
    pub now_measured: u32,
    /// Days of those before with observations.
    pub before_measured: u32,
}

/// Objectives, incidents and tests of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Promises {
    /// The snapshot's time.
    pub as_of: Timestamp,
    /// Worst first: overspent, not proven, kept; then by subject and name.
    pub objectives: Vec<Objective>,
    /// Oldest first.
    pub incidents: Vec<IncidentRow>,
    /// Load tests and drills, oldest first.
    #[serde(default)]
    pub tests: Vec<TestRow>,
}

/// A load test or drill as pages list it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestRow {
    /// See [`TestRun::identity`].
    pub id: String,
    /// What was tested.
    pub subject: SubjectRef,
    /// What was tried, and what came of it.
    #[serde(flatten)]
    pub run: TestRun,
    /// A person or script recorded it here, and may have it forgotten.
    #[serde(default)]
    pub recorded: bool,
}

/// An incident as pages list it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidentRow {
    /// Identity at the source.
    pub id: String,
    /// What failed.
    pub subject: SubjectRef,
    /// One sentence.
    pub title: String,
    /// Began.
    pub from: Timestamp,
    /// Over; `None`: not that anybody knows.
    pub until: Option<Timestamp>,
    /// Things it reaches: what failed, and what needs that to work.
    pub reaches: Vec<SubjectId>,
    /// A person or script recorded it here, and may have it forgotten.
    #[serde(default)]
    pub recorded: bool,
}

/// What is known of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetState {
    /// More failed than the target allows, even if all that was not measured went well.
    Overspent,
    /// Not measured well enough, or two sources disagree.
    NotProven,
    /// Some of the budget is left.
    Kept,
}

impl BudgetState {
    /// The words people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Overspent => "overspent",
            Self::NotProven => "not proven",
            Self::Kept => "kept",
        }
    }
}

/// An objective with its error budget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// Journey or service.
    pub subject: SubjectRef,
    /// Its name.
    pub name: String,
    /// Target share of good events, 0–1.
    pub target: f64,
    /// Rolling window in days.
    pub window_days: f64,
    /// A burn-rate alert watches it; `None`: not known.
    pub burn_rate_alert: Option<bool>,
    /// What is known of it.
    pub state: BudgetState,
    /// What its source says is left of the budget: 1 is all, negative is overspent.
    pub told: Option<f64>,
    /// What the series held here say.
    pub budget: Option<Budget>,
    /// Why they say nothing.
    pub missing: Option<Missing>,
    /// The alerting windows, fastest burn first; empty without series.
    pub burns: Vec<Burn>,
    /// All of it in one or two sentences.
    pub sentence: String,
}

/// An error budget as the series held here show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// What was taken for the objective's indicator, such as `errors of api`.
    pub counts: String,
    /// Share of the window that was measured, 0–1.
    pub measured: f64,
    /// Share of bad events in the measured part, 0–1; weighted by requests where their rate is known.
    pub bad: f64,
    /// What is left if all that was not measured went well: 1 is all, negative is overspent.
    pub left_at_most: f64,
    /// Newest sample.
    pub newest: Timestamp,
}

/// What a burn-rate alert would say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BurnState {
    /// The budget burns faster than the factor, as far as is known still.
    Burning,
    /// It did over the long window, and over the short one no more.
    Ended,
    /// It does not.
    Calm,
    /// Not measured well enough to say.
    Unknown,
}

impl BurnState {
    /// The words people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Burning => "burning",
            Self::Ended => "over again",
            Self::Calm => "calm",
            Self::Unknown => "not proven",
        }
    }
}

/// One pair of windows of the multiwindow, multi-burn-rate alert.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Burn {
    /// Hours of the long window.
    pub hours: f64,
    /// Hours of the short one, which says whether it still burns.
    pub short_hours: f64,
    /// Multiple of the sustainable rate from which on somebody is called.
    pub factor: f64,
    /// Somebody is woken; else a ticket is enough.
    pub pages: bool,
    /// Multiple over the measured part of the long window; 1 spends the budget exactly in the objective's window.
    pub rate: Option<f64>,
    /// The same over the short window, where it was measured.
    pub short_rate: Option<f64>,
    /// Share of the long window that was measured, 0–1.
    pub measured: f64,
    /// What follows.
    pub state: BurnState,
}
