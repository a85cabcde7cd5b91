//! The samples of a series in the hours before the snapshot, for rules that judge a level over time.

use crate::Context;
use crate::verdict::Verdict;
use loadline_model::{Evidence, Provenance, Sample, SubjectId, num};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Share of the wanted time that samples must span: the last interval of a day is always missing.
const SPANNED: f64 = 0.9;

/// Samples of one series, oldest first.
pub(crate) struct Window<'a> {
    samples: Vec<Sample>,
    /// Hours from the first to the last sample.
    pub(crate) hours: f64,
    from: &'a Provenance,
}

/// The last hours of a metric of a thing; the series of the whole thing before one of a part, the fuller before the emptier.
pub(crate) fn last_hours<'a>(id: &SubjectId, metric: &str, hours: f64, context: &Context<'a>) -> Option<Window<'a>> {
    let windows = context.facts.series(id, metric).map(|(series, from)| {
        let recent = |s: &&Sample| s.value.is_finite() && (0.0..=hours).contains(&context.as_of.hours_since(s.at));
        let samples: Vec<Sample> = series.samples.iter().filter(recent).copied().collect();
        (!series.labels.is_empty(), samples, from)
    });
    let (_, samples, from) = windows
        .filter(|(_, samples, _)| !samples.is_empty())
        .min_by_key(|(part, samples, from)| (*part, Reverse(samples.len()), *from))?;
    let span = samples.first().zip(samples.last()).map_or(0.0, |(a, b)| b.at.hours_since(a.at));
    Some(Window { samples, hours: span, from })
}

impl<'a> Window<'a> {
    /// Values, oldest first.
    pub(crate) fn values(&self) -> Vec<f64> {
        self.samples.iter().map(|s| s.value).collect()
    }
    /// Mean of the samples; there is at least one.
    pub(crate) fn mean(&self) -> f64 {
        self.values().iter().sum::<f64>() / self.samples.len().max(1) as f64
    }
    /// A quantile of the samples.
    pub(crate) fn quantile(&self, q: f64) -> f64 {
        num::quantile(&mut self.values(), q).unwrap_or_default()
    }
    /// The newest sample.
    pub(crate) fn last(&self) -> f64 {
        self.samples.last().map_or(0.0, |s| s.value)
    }
    /// Hours of the longest stretch of neighbouring samples that are all so.
    pub(crate) fn longest_hours(&self, so: impl Fn(f64) -> bool) -> f64 {
        let mut longest: f64 = 0.0;
        let mut since = None;
        for sample in &self.samples {
            since = if so(sample.value) { since.or(Some(sample.at)) } else { None };
            longest = longest.max(since.map_or(0.0, |at| sample.at.hours_since(at)));
        }
        longest
    }
    /// This less another series, at the times that both have.
    pub(crate) fn minus(&self, other: &Self) -> Option<Self> {
        let theirs: BTreeMap<_, _> = other.samples.iter().map(|s| (s.at, s.value)).collect();
        let both = |s: &Sample| theirs.get(&s.at).map(|v| Sample { at: s.at, value: s.value - v });
        let samples: Vec<Sample> = self.samples.iter().filter_map(both).collect();
        let hours = samples.last()?.at.hours_since(samples.first()?.at);
        Some(Self { samples, hours, from: self.from })
    }
    /// Adds what is missing to a verdict when the samples span too little.
    pub(crate) fn require(&self, what: &str, need_hours: f64, verdict: &mut Verdict) {
        if self.hours < SPANNED * need_hours {
            verdict.short(what, self.hours, need_hours);
        }
    }
    /// A row about these samples.
    pub(crate) fn row(&self, label: &str, value: impl Into<String>) -> Evidence {
        Evidence::read(label, value, self.from)
    }
}

#[cfg(test)]
pub(crate) mod cases {
    //! Series for cases.
    use crate::testing::as_of;
    use loadline_model::{Sample, Series, SeriesKind};

    /// Half-hourly samples over the last hours; the value is a function of the hours before `as_of`.
    pub(crate) fn series(metric: &str, hours: i64, value: impl Fn(f64) -> f64) -> Series {
        let sample = |half: i64| {
            let at = loadline_model::Timestamp(as_of().0 - half * loadline_model::HOUR_MS / 2);
            Sample { at, value: value(half as f64 / 2.0) }
        };
        Series {
            metric: metric.into(),
            unit: "x".into(),
            kind: SeriesKind::Gauge,
            labels: Default::default(),
            samples: (0..=hours * 2).rev().map(sample).collect(),
            covered_until: as_of(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cases::series;
    use super::*;
    use crate::testing::Case;

    #[test]
    fn samples_are_of_the_last_hours_only() {
        let case = Case::new().has("q", series("queue.depth", 48, |h| if h <= 2.0 { 5.0 } else { 1.0 }));
        case.look(|context| {
            let window = last_hours(&"q".into(), "queue.depth", 24.0, context).expect("a series");
            assert_eq!((window.hours, window.last()), (24.0, 5.0));
            assert_eq!(window.longest_hours(|v| v > 2.0), 2.0);
            assert!(last_hours(&"q".into(), "queue.age", 24.0, context).is_none());
        });
    }
}
