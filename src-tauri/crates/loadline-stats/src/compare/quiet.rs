//! The A/A rate: how often the same procedure would have cried wolf on the user's own quiet history (`scoring.md` §5.5).

use crate::compare::measure::{DAYS, Window, measure};
use crate::effect::SMALLEST;
use crate::history::{EventKind, History};
use crate::hours::Hours;
use crate::latency::day_start;
use crate::neighbourhood::Neighbourhood;
use loadline_model::{Day, HOUR_MS, Timestamp, Zone, num};

/// Most comparisons per series: enough to tell 5 % from 20 %, and still instant.
const MOST_RUNS: usize = 40;
/// Fewest comparisons that make a rate.
const LEAST_RUNS: u32 = 10;
/// Longest incident that is left out as a whole.
const LONGEST_TRIM_MS: i64 = 24 * HOUR_MS;

/// Hours in which deployments of the subject or its hard dependencies, incidents and load tests ran, and an hour after.
pub(crate) fn trims(
    history: &History,
    near: &Neighbourhood,
    from: Timestamp,
    until: Timestamp,
) -> Vec<(Timestamp, Timestamp)> {
    history
        .between(from.plus_days(-1), until)
        .iter()
        .filter(|e| {
            matches!(e.kind, EventKind::Deployment | EventKind::Incident | EventKind::LoadTest)
                && near.holds(&e.subject)
        })
        .map(|e| (e.at, Timestamp(e.until.0.clamp(e.at.0, e.at.0 + LONGEST_TRIM_MS) + HOUR_MS)))
        .collect()
}

/// The history of one series and what is known to have changed it.
pub(crate) struct Quiet<'a> {
    pub(crate) hours: &'a Hours,
    pub(crate) near: &'a Neighbourhood,
    pub(crate) history: &'a History,
    pub(crate) zone: &'a Zone,
    pub(crate) until: Timestamp,
    /// Moments of roadmap items, and level shifts that are attributed to a known change.
    pub(crate) known: Vec<Timestamp>,
}

impl Quiet<'_> {
    /// Share of quiet moments at which the procedure would have said improved or regressed, and how many were tried.
    pub(crate) fn false_alarms(&self, quantile: f64, seed: u64) -> (Option<f64>, u32) {
        let moments = self.moments();
        let step = moments.len().div_ceil(MOST_RUNS).max(1);
        let (mut runs, mut alarms) = (0u32, 0u32);
        for at in moments.into_iter().step_by(step) {
            let trims = trims(self.history, self.near, at.plus_days(-DAYS), at.plus_days(DAYS));
            let window = Window { at, guard_ms: HOUR_MS, until: self.until, trims: &trims, zone: self.zone };
            if let Ok(m) = measure(self.hours, quantile, &window, seed) {
                runs += 1;
                alarms += u32::from(m.p_value <= 0.05 && m.theta.abs() >= SMALLEST);
            }
        }
        let rate = (runs >= LEAST_RUNS).then(|| num::round9(f64::from(alarms) / f64::from(runs)));
        (rate, runs)
    }

    /// Noons whose windows hold no known change. Where deployments are daily life they cannot be avoided, and the real
    /// comparisons have them too; they are then left in and trimmed.
    fn moments(&self) -> Vec<Timestamp> {
        let (Some(first), Some(last)) = (self.hours.cells.first(), self.hours.cells.last()) else { return Vec::new() };
        let quiet = |deployments_count: bool| -> Vec<Timestamp> {
            (first.day.0 + DAYS as i32..=last.day.0 - DAYS as i32)
                .map(|day| day_start(self.zone, Day(day)).plus_hours(12))
                .filter(|at| !self.disturbed(*at, deployments_count))
                .collect()
        };
        let strict = quiet(true);
        if strict.len() >= LEAST_RUNS as usize { strict } else { quiet(false) }
    }

    fn disturbed(&self, at: Timestamp, deployments_count: bool) -> bool {
        let (from, until) = (at.plus_days(-DAYS), at.plus_days(DAYS));
        self.known.iter().any(|k| (from..until).contains(k))
            || self.history.between(from, until).iter().any(|e| {
                let counts = match e.kind {
                    EventKind::Deployment => deployments_count,
                    EventKind::Change | EventKind::Remediation | EventKind::Incident => true,
                    EventKind::LoadTest => false,
                };
                counts && self.near.holds(&e.subject)
            })
    }
}
