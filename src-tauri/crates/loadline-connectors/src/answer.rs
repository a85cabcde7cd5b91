//! A scope while it is being read: facts with provenance, gaps with what closes them.

use crate::Window;
use loadline_model::{
    AccountId, Basis, Body, Fact, Gap, GapReason, Kind, Provenance, Sample, Scope, ScopeStatus, Series, SeriesKind,
    Setting, SubjectId, Timestamp, Value,
};
use std::time::Instant;

/// What one scope has answered so far.
pub struct Answer {
    account: AccountId,
    scope: String,
    read_at: Timestamp,
    asked_at: Timestamp,
    begun: Instant,
    facts: Vec<Fact>,
    gaps: Vec<Gap>,
    inventories: Vec<Kind>,
}

impl Answer {
    /// Nothing yet.
    pub fn new(account: &AccountId, scope: &str, window: &Window) -> Self {
        Self {
            account: account.clone(),
            scope: scope.to_owned(),
            read_at: window.now,
            asked_at: window.now,
            begun: Instant::now(),
            facts: Vec::new(),
            gaps: Vec::new(),
            inventories: Vec::new(),
        }
    }

    /// The time written into every fact.
    pub fn read_at(&self) -> Timestamp {
        self.read_at
    }

    /// What is said from here on was true then: its source is a copy that was made at that time.
    pub(crate) fn true_at(&mut self, at: Timestamp) {
        self.read_at = at.min(self.asked_at);
    }

    /// Says something about a subject; `call` is the query or metric that answered.
    pub fn say(&mut self, subject: &SubjectId, call: &str, basis: Basis, body: impl Into<Body>) {
        let provenance =
            Provenance { account: self.account.clone(), call: call.to_owned(), read_at: self.read_at, basis };
        self.facts.push(Fact { subject: subject.clone(), body: body.into(), provenance });
    }

    /// Says a setting. Numbers that are not finite are not said.
    pub fn set(&mut self, subject: &SubjectId, call: &str, basis: Basis, key: &str, item: Option<&str>, value: Value) {
        if matches!(value, Value::Number(n) if !n.is_finite()) {
            return;
        }
        let setting = Setting { key: key.to_owned(), item: item.map(str::to_owned), value };
        self.say(subject, call, basis, setting);
    }

    /// Says the measured level of a metric now: each collection adds one sample, so that levels get a history even where
    /// nothing scrapes them. `label` tells several apart; what is not finite is not said.
    pub fn sample(
        &mut self,
        subject: &SubjectId,
        call: &str,
        metric: impl Into<String>,
        unit: &str,
        label: Option<(&str, &str)>,
        value: Option<f64>,
    ) {
        let Some(value) = value.filter(|v| v.is_finite()) else { return };
        let series = Series {
            metric: metric.into(),
            unit: unit.to_owned(),
            kind: SeriesKind::Gauge,
            labels: label.map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect(),
            samples: vec![Sample { at: self.read_at, value }],
            covered_until: self.read_at,
        };
        self.say(subject, call, Basis::Measured, series);
    }

    /// Says what could not be read, why, and what would close the gap.
    pub fn miss(&mut self, reason: GapReason, detail: impl Into<String>, closes: impl Into<String>) {
        self.miss_of(reason, detail, closes, &[], None);
    }

    /// The same, naming the kinds that may be hidden and the subject it is about.
    pub fn miss_of(
        &mut self,
        reason: GapReason,
        detail: impl Into<String>,
        closes: impl Into<String>,
        hides: &[Kind],
        subject: Option<&SubjectId>,
    ) {
        self.gaps.push(Gap {
            account: Some(self.account.clone()),
            scope: self.scope.clone(),
            reason,
            detail: detail.into(),
            closes: closes.into(),
            hides: hides.to_vec(),
            subject: subject.cloned(),
        });
    }

    /// How many gaps were left so far: a part that left none was read whole.
    pub(crate) fn gaps(&self) -> usize {
        self.gaps.len()
    }

    /// The reader stopped this scope.
    pub fn cancelled(&mut self) {
        self.miss(GapReason::Cancelled, "The collection was stopped before this part was read.", "Collect again.");
    }

    /// Things of this kind that were not said do not exist here.
    pub fn listed(&mut self, kind: Kind) {
        self.inventories.push(kind);
    }

    /// Ends the scope: complete without gaps, failed without facts, partial otherwise.
    pub fn finish(mut self) -> Scope {
        self.gaps.sort();
        self.gaps.dedup();
        let status = match (self.gaps.is_empty(), self.facts.is_empty()) {
            (true, _) => ScopeStatus::Complete,
            (false, true) => ScopeStatus::Failed,
            (false, false) => ScopeStatus::Partial,
        };
        let spent = i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(0);
        let finished_at = Timestamp(self.asked_at.0.saturating_add(spent));
        let Self { scope: name, facts, gaps, inventories, .. } = self;
        Scope { name, status, finished_at, inventories, facts, gaps }
    }
}
