//! Expected annual loss: how often, how long, how sure (`scoring.md` §1.6).

use crate::priors::{PRIOR_YEARS, Prior, REPAIR_SIGMA};
use loadline_model::{HOURS_PER_YEAR, Interval, MODEL_VERSION, hash, num, random::Draws};
use std::collections::BTreeMap;

/// Draws behind every interval.
pub(crate) const DRAWS: usize = 2_000;
/// Repairs that must have been observed before they count.
const ENOUGH_REPAIRS: usize = 3;
/// Share of the year in which one person is absent: 5 weeks of 52.
pub(crate) const ABSENCE: f64 = 5.0 / 52.0;
/// How much slower repair is without the person who knows.
pub(crate) const SLOWDOWN: f64 = 4.0;
/// Factor on repair when runbooks are kept but this has none.
pub(crate) const NO_RUNBOOK: f64 = 1.5;

/// What was observed of one thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Failures.
    pub failures: u32,
    /// Years in which failures would have been recorded.
    pub years: f64,
    /// Hours each observed repair or drill took.
    pub repairs: Vec<f64>,
}

/// Failures a year: mean of the Gamma posterior.
pub fn expected_rate(prior_rate: f64, evidence: &Evidence) -> f64 {
    (prior_rate * PRIOR_YEARS + f64::from(evidence.failures)) / (PRIOR_YEARS + evidence.years.max(0.0))
}

/// Median hours to repair: the prior's until three repairs were observed, then moved towards theirs with weight n / (n + 3).
pub(crate) fn median_repair(prior_hours: f64, evidence: &Evidence) -> f64 {
    let observed: Vec<f64> = evidence.repairs.iter().copied().filter(|h| h.is_finite() && *h > 0.0).collect();
    match num::median(&observed) {
        Some(median) if observed.len() >= ENOUGH_REPAIRS => {
            let n = observed.len() as f64;
            let weight = n / (n + 3.0);
            weight * median + (1.0 - weight) * prior_hours
        }
        _ => prior_hours,
    }
}

/// Journey-weighted hours a year from a rate, a mean repair and the share of journeys lost.
pub fn expected_hours(rate: f64, mean_repair_hours: f64, blast_radius: f64) -> f64 {
    rate * mean_repair_hours * blast_radius
}

/// Factor on mean repair when exactly one person can do it.
pub fn recovery_factor(absence: f64, slowdown: f64) -> f64 {
    1.0 + absence * (slowdown - 1.0)
}

/// 80 % interval of the hours a year of a failure, by seeded draws of rate and repair.
pub fn hours_interval(prior: &Prior, evidence: &Evidence, repair_factor: f64, blast_radius: f64) -> Interval {
    Posterior::default().risk(prior, evidence, repair_factor).interval(blast_radius)
}

/// How one thing fails.
#[derive(Clone, Debug)]
pub(crate) struct Risk {
    /// Expected failures a year.
    pub(crate) rate: f64,
    /// Expected hours per failure.
    pub(crate) repair: f64,
    unit: Interval,
    median: f64,
    factor: f64,
}

impl Risk {
    /// Hours a year at a blast radius of 1.
    pub(crate) fn expected(&self) -> f64 {
        expected_hours(self.rate, self.repair, 1.0)
    }
    /// Share of time it is down: MTTR / (MTBF + MTTR).
    pub(crate) fn unavailability(&self) -> f64 {
        let hours = self.expected();
        hours / (HOURS_PER_YEAR + hours)
    }
    /// Journey-weighted hours a year.
    pub(crate) fn interval(&self, blast_radius: f64) -> Interval {
        let scale = self.median * self.factor * blast_radius;
        let at = |x: f64| at_least_seconds(num::round9(x * scale));
        Interval { p10: at(self.unit.p10), p50: at(self.unit.p50), p90: at(self.unit.p90) }
    }
}

/// Posterior draws by shape and rate of the Gamma distribution. All things share one stream of random numbers, so renaming a thing
/// changes nothing and equal evidence gives equal intervals.
#[derive(Default)]
pub(crate) struct Posterior {
    known: BTreeMap<(u64, u64), Interval>,
}

impl Posterior {
    pub(crate) fn risk(&mut self, prior: &Prior, evidence: &Evidence, repair_factor: f64) -> Risk {
        let shape = prior.rate * PRIOR_YEARS + f64::from(evidence.failures);
        let years = PRIOR_YEARS + evidence.years.max(0.0);
        let unit = *self.known.entry((shape.to_bits(), years.to_bits())).or_insert_with(|| draw(shape, years));
        let median = median_repair(prior.median_hours, evidence);
        Risk {
            rate: expected_rate(prior.rate, evidence),
            repair: median * num::exp(REPAIR_SIGMA * REPAIR_SIGMA / 2.0) * repair_factor,
            unit,
            median,
            factor: repair_factor,
        }
    }
}

/// Quantiles of rate times repair, with a median repair of one hour.
fn draw(shape: f64, years: f64) -> Interval {
    let mut draws = Draws::new(hash::seed(&["topology.hours", MODEL_VERSION]));
    let mut hours: Vec<f64> =
        (0..DRAWS).map(|_| draws.gamma(shape, years) * draws.lognormal(1.0, REPAIR_SIGMA)).collect();
    hours.sort_by(f64::total_cmp);
    let at = |q| num::quantile_sorted(&hours, q).unwrap_or_default();
    Interval { p10: at(0.1), p50: at(0.5), p90: at(0.9) }
}

/// Less than a third of a second a year is written as 0: the digits of such a number say nothing.
fn at_least_seconds(hours: f64) -> f64 {
    if hours < 1e-4 { 0.0 } else { hours }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::priors;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-6 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    #[test]
    fn e4_one_person_slows_repair() {
        close(recovery_factor(ABSENCE, SLOWDOWN), 1.288_461_538);
    }

    #[test]
    fn e5_expected_hours_and_their_sum() {
        let rows =
            [(1.0, 4.0, 1.0), (1.0, 1.0, 0.5), (0.5, 2.0, 0.3), (6.0, 1.0, 0.3), (0.5, 1.75, 1.0), (0.25, 4.0, 1.0)];
        let rows = rows.into_iter().chain([(0.25, 4.0, 0.5), (0.5, 2.0, 1.0), (0.1, 1.0, 1.0)]);
        let hours: Vec<f64> = rows.map(|(rate, repair, blast)| expected_hours(rate, repair, blast)).collect();
        for (found, expected) in hours.iter().zip([4.0, 0.5, 0.3, 1.8, 0.875, 1.0, 0.5, 1.0, 0.1]) {
            close(*found, expected);
        }
        close(hours.iter().sum(), 10.075);
    }

    #[test]
    fn e6_three_incidents_in_half_a_year() {
        close(expected_rate(1.0, &Evidence { failures: 3, years: 0.5, repairs: vec![] }), 2.666_666_667);
    }

    #[test]
    fn p9_evidence_as_expected_changes_nothing() {
        for (rate, years) in [(1.0, 4u32), (2.0, 3), (6.0, 1), (0.5, 2)] {
            let failures = (rate * f64::from(years)) as u32;
            close(expected_rate(rate, &Evidence { failures, years: f64::from(years), repairs: vec![] }), rate);
        }
    }

    #[test]
    fn p8_hours_are_linear_in_the_weight() {
        let whole = hours_interval(&priors::HOST, &Evidence::default(), 1.0, 1.0);
        let half = hours_interval(&priors::HOST, &Evidence::default(), 1.0, 0.5);
        close(half.p50 * 2.0, whole.p50);
        assert!(whole.p10 < whole.p50 && whole.p50 < whole.p90);
    }

    #[test]
    fn repairs_count_from_the_third_on() {
        let seen = |repairs: &[f64]| Evidence { repairs: repairs.to_vec(), ..Evidence::default() };
        close(median_repair(8.0, &seen(&[1.0, 1.0])), 8.0);
        close(median_repair(8.0, &seen(&[1.0, 2.0, 3.0])), 5.0);
        close(median_repair(8.0, &seen(&[f64::NAN, -1.0, 0.0])), 8.0);
    }
}
