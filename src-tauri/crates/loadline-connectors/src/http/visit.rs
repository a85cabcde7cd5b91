//! One scope being read from an HTTP source: a refused question becomes a gap, a stop ends it at once. It is what the
//! readings of all such sources share; what they ask, and what closes their gaps, is their own.

use super::HttpError;
use crate::{Answer, Cancelled, Progress, ScopePlan, Window};
use loadline_model::{
    Account, Basis, Environment, Kind, Resource, Sample, Scope, Series, SeriesKind, SubjectId, Timestamp,
};
use std::collections::BTreeMap;

/// A scope, what was answered so far, and the way to stop.
pub(crate) struct Visit<'a> {
    /// Environment of everything in the account.
    pub(crate) environment: Option<Environment>,
    /// Which time is asked for.
    pub(crate) window: &'a Window,
    /// What was answered so far.
    pub(crate) answer: Answer,
    progress: &'a Progress,
    steps: u32,
}

impl<'a> Visit<'a> {
    /// Nothing is read yet.
    pub(crate) fn begin(account: &Account, scope: &ScopePlan, window: &'a Window, progress: &'a Progress) -> Self {
        let answer = Answer::new(&account.id, &scope.name, window);
        Self { environment: account.environment, window, answer, progress, steps: 0 }
    }

    /// Waits for an answer, which may be an error.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(crate) async fn wait<T>(&mut self, what: &str, question: impl Future<Output = T>) -> Result<T, Cancelled> {
        self.progress.step(self.steps, self.steps + 1, what);
        self.steps += 1;
        self.window.wait(question).await
    }

    /// Waits for an answer; `None` when a gap was left instead, which may hide things of these kinds.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(crate) async fn ask<T>(
        &mut self,
        what: &str,
        question: impl Future<Output = Result<T, HttpError>>,
        closes: impl Fn(&HttpError) -> String,
        hides: &[Kind],
    ) -> Result<Option<T>, Cancelled> {
        Ok(match self.wait(what, question).await? {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.answer.miss_of(error.reason(), format!("{what}: {error}."), closes(&error), hides, None);
                None
            }
        })
    }

    /// Says that a thing exists.
    pub(crate) fn exists(&mut self, subject: &SubjectId, call: &str, kind: Kind, name: &str) {
        let resource = Resource { environment: self.environment, ..Resource::new(kind, name) };
        self.answer.say(subject, call, Basis::Measured, resource);
    }

    /// Says the levels of a metric, each turned by `value`; nothing when none is a number.
    pub(crate) fn series(
        &mut self,
        subject: &SubjectId,
        call: &str,
        (metric, unit): (&str, &str),
        points: &BTreeMap<Timestamp, f64>,
        value: impl Fn(f64) -> f64,
    ) {
        let samples: Vec<Sample> =
            points.iter().map(|(at, v)| Sample { at: *at, value: value(*v) }).filter(|s| s.value.is_finite()).collect();
        if samples.is_empty() {
            return;
        }
        let series = Series {
            metric: metric.to_owned(),
            unit: unit.to_owned(),
            kind: SeriesKind::Gauge,
            labels: BTreeMap::new(),
            samples,
            covered_until: self.window.until,
        };
        self.answer.say(subject, call, Basis::Measured, series);
    }

    /// Ends the scope.
    pub(crate) fn end(mut self, outcome: Result<(), Cancelled>) -> Scope {
        if let Err(Cancelled) = outcome {
            self.answer.cancelled();
        }
        self.progress.step(self.steps, self.steps, "");
        self.answer.finish()
    }
}
