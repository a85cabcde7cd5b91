//! Histories of hourly latency of which the truth is known, compared exactly as people's own are. For tests and
//! benchmarks; it is not for anything that is shipped.

use crate::fixture::{at, fact, latency, load, snapshot, subject};
use crate::{CompareRequest, compare, trends, wilson};
use loadline_model::random::Draws;
use loadline_model::{Comparison, FactIndex, Policy, Verdict, key, num};

/// Two-sided 95 % quantile of the standard normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;
const START: &str = "2026-08-03T00:00:00Z"; // a Monday

/// 14 days before and 14 after a moment: log latency = log 0.2 s + 0.12 × (daily wave + weekdays + AR(1) + day effect).
#[derive(Clone, Copy, Debug)]
pub struct Simulated {
    /// Correlation of neighbouring hours, 0–1.
    pub phi: f64,
    /// Standard deviation of what a whole day has in common; that of an hour's noise is 1.
    pub day_sd: f64,
    /// True latency after over before the moment: 1 changes nothing, 0.8 is 20 % faster.
    pub ratio: f64,
    /// Seed of the noise.
    pub seed: u64,
}

impl Simulated {
    /// The n-th history of a series that walks through correlations of 0.7 to 0.9 and day effects of 0, 0.35 and 0.7.
    pub fn nth(n: u64, ratio: f64) -> Self {
        Self { phi: 0.7 + 0.05 * (n % 5) as f64, day_sd: 0.35 * (n / 5 % 3) as f64, ratio, seed: n }
    }

    /// What the comparison says of the median at the moment.
    pub fn compared(&self) -> Option<Comparison> {
        let start = at(START);
        let (moment, mut draws) = (start.plus_days(14), Draws::new(self.seed));
        let (mut ar, mut day_effect) = (draws.normal(), 0.0);
        let series = latency(start, 28, None, |h| {
            if h % 24 == 0 {
                day_effect = self.day_sd * draws.normal();
            }
            ar = self.phi * ar + num::sqrt(1.0 - self.phi * self.phi) * draws.normal();
            let wave = 1.5 * num::sin(2.0 * std::f64::consts::PI * (h % 24) as f64 / 24.0);
            let weekday = if (h / 24) % 7 < 5 { 0.8 } else { 0.0 };
            let level = 0.2 * num::exp(0.12 * (wave + weekday + ar + day_effect));
            let requests = load(start, h) as f64 * num::exp(0.1 * draws.normal());
            (if h >= 14 * 24 { level * self.ratio } else { level }, requests as u64)
        });
        let snapshot = snapshot(start.plus_days(28), vec![fact("api", series)]);
        let request = CompareRequest {
            item: Some("simulated@1".into()),
            deployment: None,
            title: "simulated".to_owned(),
            subject: subject("api"),
            metric: key::metric::REQUEST_DURATION.into(),
            quantile: 0.5,
            route: None,
            at: moment,
            duration_ms: 0,
            exclude: Vec::new(),
        };
        let (index, policy) = (FactIndex::new(&snapshot), Policy::default());
        compare(&index, &trends(&index, &policy), &[request], &policy).pop()
    }
}

/// What was said of many histories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Histories compared.
    pub runs: u64,
    /// Said to have improved.
    pub improved: u64,
    /// Said to have regressed.
    pub regressed: u64,
    /// Printed intervals that contain the truth.
    pub covered: u64,
}

impl Tally {
    /// The first `runs` histories whose latency becomes `ratio` times what it was.
    pub fn of(runs: u64, ratio: f64) -> Self {
        (0..runs).fold(Self { runs, ..Self::default() }, |mut tally, n| {
            if let Some(found) = Simulated::nth(n, ratio).compared() {
                tally.improved += u64::from(found.verdict == Verdict::Improved);
                tally.regressed += u64::from(found.verdict == Verdict::Regressed);
                let truth = 100.0 * (ratio - 1.0);
                tally.covered += u64::from(found.effect_percent.is_some_and(|e| e.low <= truth && truth <= e.high));
            }
            tally
        })
    }

    /// Highest share of improved or regressed that these runs leave plausible: the upper end of the 95 % Wilson interval.
    pub fn moved_at_most(&self) -> f64 {
        wilson::interval(self.improved + self.regressed, self.runs, Z_95).map_or(1.0, |i| i.p90)
    }
}
