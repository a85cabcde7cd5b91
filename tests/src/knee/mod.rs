//! Headroom against the truth: a small real service is watched for a fortnight in miniature, its first limit is forecast
//! from that, and then it is driven there. `drive` makes a run; the committed one is judged by the tests.

mod driven;

pub use driven::drive;

use anyhow::{Context, Result};
use loadline_model::{
    Basis, Fact, FactIndex, HOUR_MS, Kind, LimitForecast, Limited, Policy, Provenance, Resource, Sample, Series,
    SeriesKind, Snapshot, Timestamp, Topology, key,
};
use serde::{Deserialize, Serialize};

/// The committed run, made by `cargo xtask bench knee --record`.
pub const RECORDED: &str = "tests/oracles/knee.json";
/// A Monday, 00:00 UTC.
const START: Timestamp = Timestamp(1_785_715_200_000);

/// What was seen of the service: each hour of a fortnight in a fraction of a second, then more and more clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// Which command made it.
    pub generator: String,
    /// Requests served at once.
    pub workers: usize,
    /// Time of service that was asked for, in milliseconds.
    pub service_ms: f64,
    /// Hour by hour: requests a second, busy share of the workers (0–1).
    pub hours: Vec<(f64, f64)>,
    /// The climb, by clients ascending.
    pub climb: Vec<Rung>,
}

/// The service under a number of clients.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rung {
    /// Clients, each of which waits for its answer, thinks, and asks again.
    pub clients: usize,
    /// Requests answered a second.
    pub rate: f64,
    /// Busy share of the workers, 0–1.
    pub utilisation: f64,
    /// Mean time until an answer, in milliseconds.
    pub response_ms: f64,
}

impl Run {
    /// A committed or just written run.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("the run cannot be read")
    }

    /// Peak demand before the climb, in requests a second, and what our forecast says of the workers from those hours alone.
    ///
    /// # Errors
    /// When demand or workers are not among what was found.
    pub fn forecast(&self) -> Result<(f64, LimitForecast)> {
        let until = Timestamp(START.0 + self.hours.len() as i64 * HOUR_MS);
        let series = |metric: String, unit: &str, of: fn(&(f64, f64)) -> f64| {
            let sample = |(h, hour): (i64, &(f64, f64))| Sample { at: START.plus_hours(h + 1), value: of(hour) };
            Series {
                metric,
                unit: unit.to_owned(),
                kind: SeriesKind::Gauge,
                labels: Default::default(),
                samples: (0..).zip(&self.hours).map(sample).collect(),
                covered_until: until,
            }
        };
        let facts = [
            Resource::new(Kind::Service, "api").into(),
            series(key::metric::REQUEST_RATE.to_owned(), "1/s", |h| h.0).into(),
            series(Limited::Workers.utilisation_metric(), "ratio", |h| h.1).into(),
        ];
        let provenance =
            Provenance { account: "knee".into(), call: "watch".into(), read_at: until, basis: Basis::Measured };
        let facts = facts.map(|body| Fact { subject: "api".into(), body, provenance: provenance.clone() }).to_vec();
        let snapshot = Snapshot { taken_at: until, facts, ..Snapshot::default() };
        let (index, policy) = (FactIndex::new(&snapshot), Policy::default());
        let trends = loadline_stats::trends(&index, &policy);
        let capacity = loadline_capacity::assess(&index, &Topology::default(), &trends, &policy);
        let peak = capacity.growth.peak.context("no demand")?;
        let workers = capacity.limits.into_iter().find(|l| l.resource == Limited::Workers).context("no workers")?;
        Ok((peak, workers))
    }

    /// Requests a second at which the climb crossed this busy share of the workers, between rungs by a straight line.
    pub fn rate_at(&self, utilisation: f64) -> Option<f64> {
        self.climb.windows(2).find_map(|pair| {
            let [below, above] = [pair[0], pair[1]];
            let inside = below.utilisation <= utilisation && utilisation < above.utilisation;
            let part = (utilisation - below.utilisation) / (above.utilisation - below.utilisation);
            inside.then_some(below.rate + part * (above.rate - below.rate))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_lies_in_the_interval_that_was_printed_before_the_climb() {
        let text = std::fs::read_to_string(crate::program::root().join(RECORDED)).expect("a committed run");
        let run = Run::read(&text).expect("a run");
        assert_eq!(run.hours.len(), 14 * 24);
        let (peak, forecast) = run.forecast().expect("workers");
        let reached = run.rate_at(forecast.limit).expect("the climb crosses the line") / peak;
        let printed = forecast.multiplier;
        assert!(printed.p10 <= reached && reached <= printed.p90, "{reached} outside {printed:?}");
        assert!(printed.p90 / printed.p10 < 1.5, "so wide an interval says nothing: {printed:?}");
        assert!(printed.p10 > 1.5 && !forecast.extrapolated, "{forecast:?}");
    }

    #[test]
    fn the_climb_passes_a_real_knee() {
        let text = std::fs::read_to_string(crate::program::root().join(RECORDED)).expect("a committed run");
        let run = Run::read(&text).expect("a run");
        let (first, last) = (run.climb[0], run.climb[run.climb.len() - 1]);
        let before = run.climb[run.climb.len() - 2];
        assert!(last.rate < 1.05 * before.rate, "throughput still grows: {before:?} {last:?}");
        assert!(last.response_ms > 2.0 * first.response_ms, "nobody waits: {last:?}");
        let ceiling = run.workers as f64 * 1000.0 / run.service_ms;
        assert!(last.rate < ceiling, "more than the workers can do: {last:?}");
        // A crossing is only said where the climb crossed.
        assert_eq!((run.rate_at(1.5), run.rate_at(0.0)), (None, None));
    }
}
