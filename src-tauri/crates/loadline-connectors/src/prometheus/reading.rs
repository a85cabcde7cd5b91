//! One scope being read: a refused question becomes a gap, a stop ends it at once.

use super::api::{Api, Line, Span};
use super::names::Names;
use crate::Cancelled;
use crate::http::{HttpError, Visit};
use loadline_model::{Basis, GapReason, Kind, Resource, Sample, Series, SeriesKind, SubjectId, Timestamp};
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

const FIVE_MINUTES: i64 = 300_000;
const HOUR: i64 = 3_600_000;

/// What a scope's rooms share.
pub(super) struct Reading<'a> {
    /// The scope, what was answered, the way to stop.
    pub visit: Visit<'a>,
    /// The server.
    pub api: &'a Api,
    /// The names it uses.
    pub names: &'a Names,
}

impl<'a> Deref for Reading<'a> {
    type Target = Visit<'a>;
    fn deref(&self) -> &Visit<'a> {
        &self.visit
    }
}

impl<'a> DerefMut for Reading<'a> {
    fn deref_mut(&mut self) -> &mut Visit<'a> {
        &mut self.visit
    }
}

impl Reading<'_> {
    /// Waits for an answer; `None` when a gap was left instead.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn ask<T>(
        &mut self,
        what: &str,
        question: impl Future<Output = Result<T, HttpError>>,
    ) -> Result<Option<T>, Cancelled> {
        self.visit.ask(what, question, |error| error.closes().to_owned(), &[]).await
    }

    /// Series of an expression over canonical names; empty when a gap was left instead.
    pub(super) async fn range(&mut self, what: &str, expression: &str, span: Span) -> Result<Vec<Line>, Cancelled> {
        let (api, local) = (self.api, self.names.localise(expression));
        Ok(self.ask(what, api.range(&local, span)).await?.unwrap_or_default())
    }

    /// Values at the end of the window; empty when a gap was left instead.
    pub(super) async fn instant(&mut self, what: &str, expression: &str) -> Result<Vec<Line>, Cancelled> {
        let (api, local, at) = (self.api, self.names.localise(expression), self.window.until);
        Ok(self.ask(what, api.instant(&local, at)).await?.unwrap_or_default())
    }

    /// Which of these canonical metrics have samples in the window; `None` when a gap was left instead.
    pub(super) async fn present(&mut self, canonical: &[String]) -> Result<Option<Vec<String>>, Cancelled> {
        let (api, span) = (self.api, self.five_minutes());
        let local: Vec<String> = canonical.iter().map(|n| self.names.local(n)).collect();
        let found = self.ask("names of metrics", api.names(&local, span)).await?;
        let known = |n: &&String| found.as_ref().is_some_and(|f| f.contains(&self.names.local(n)));
        Ok(found.is_some().then(|| canonical.iter().filter(known).cloned().collect()))
    }

    /// Every five minutes of the window.
    pub(super) fn five_minutes(&self) -> Span {
        Span::aligned(self.window.from, self.window.until, FIVE_MINUTES)
    }

    /// The end of every whole hour of the window.
    pub(super) fn hours(&self) -> Span {
        let hours = Span::aligned(self.window.from, self.window.until, HOUR);
        Span { from: Timestamp(hours.from.0 + HOUR), ..hours }
    }

    /// Says that a thing exists.
    pub(super) fn exists(&mut self, subject: &SubjectId, call: &str, kind: Kind, name: &str, engine: Option<&str>) {
        let engine = engine.map(str::to_owned);
        let resource = Resource { environment: self.environment, engine, ..Resource::new(kind, name) };
        self.answer.say(subject, call, Basis::Measured, resource);
    }

    /// Says the levels of a metric; nothing when there are none.
    pub(super) fn series(
        &mut self,
        subject: &SubjectId,
        call: &str,
        metric: &str,
        unit: &str,
        line: &Line,
        span: Span,
    ) {
        self.series_of_part(subject, BTreeMap::new(), (call, metric, unit), line, span);
    }

    /// Says a series of a part of a thing, such as one of its file systems: call, metric and unit.
    pub(super) fn series_of_part(
        &mut self,
        subject: &SubjectId,
        labels: BTreeMap<String, String>,
        (call, metric, unit): (&str, &str, &str),
        line: &Line,
        span: Span,
    ) {
        if line.samples.is_empty() {
            return;
        }
        let samples = line.samples.iter().map(|(at, value)| Sample { at: *at, value: *value }).collect();
        let series = Series {
            metric: metric.to_owned(),
            unit: unit.to_owned(),
            kind: SeriesKind::Gauge,
            labels,
            samples,
            covered_until: span.until,
        };
        self.answer.say(subject, call, Basis::Measured, series);
    }

    /// Leaves the gap of a metric nobody exports here.
    pub(super) fn absent(&mut self, canonical: &str, what: &str, hides: &[Kind]) {
        let local = self.names.local(canonical);
        let detail = format!("No series `{local}`: {what} cannot be known.");
        let closes = format!("Export `{canonical}`, or name yours: remap.{canonical}=<your metric>.");
        self.answer.miss_of(GapReason::FeatureDisabled, detail, closes, hides, None);
    }
}
