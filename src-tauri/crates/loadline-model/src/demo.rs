//! The embedded demo workspace's file: what accounts of a small social app would have said in any week of eight months. It is
//! input only; every finding, score and verdict comes out of the same stages as for real accounts.

use crate::{
    AccountId, AccountSummary, Basis, Body, Decision, Distribution, DistributionSeries, Fact, Gap, HOUR_MS,
    HourDistribution, Kind, Provenance, Sample, Scope, ScopeStatus, Series, SeriesKind, SubjectId, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoFile {
    /// `loadline.demo/1`.
    pub schema: String,
    /// What the workspace is called.
    pub name: String,
    /// IANA zone of the workspace.
    pub zone: String,
    /// First moment with data.
    pub from: Timestamp,
    /// Last moment with data.
    pub until: Timestamp,
    /// Named moments (`before`, `midway`, `after`), ascending; each is a Monday 07:00 local.
    pub moments: Vec<(String, Timestamp)>,
    /// Accounts, with the moment from which each is connected.
    pub accounts: Vec<DemoAccount>,
    /// What they say.
    pub scopes: Vec<DemoScope>,
    /// Hourly latency.
    pub latency: Vec<DemoLatency>,
    /// Regular series.
    pub series: Vec<DemoSeries>,
    /// What the team decided, with its own times.
    pub decisions: Vec<Decision>,
}

/// An account of the demo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoAccount {
    /// Id, provider and name.
    pub account: AccountSummary,
    /// Connected from then on; before, it says nothing.
    pub from: Timestamp,
}

/// What is collected as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoScope {
    /// Account.
    pub account: AccountId,
    /// Scope name.
    pub name: String,
    /// Kinds that are listed completely.
    pub inventories: Vec<Kind>,
    /// Facts with the time in which each holds.
    pub facts: Vec<DemoFact>,
    /// Gaps with the time in which each holds.
    #[serde(default)]
    pub gaps: Vec<DemoGap>,
}

/// A fact and when it holds. An event (deployment, incident, backup) holds from when it happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoFact {
    /// Holds from here.
    pub from: Timestamp,
    /// Until here, when it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What it is about.
    pub subject: SubjectId,
    /// The call that would have said it.
    pub call: String,
    /// How it is known.
    pub basis: Basis,
    /// What it says.
    pub body: Body,
}

/// A gap and when it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoGap {
    /// Holds from here.
    pub from: Timestamp,
    /// Until here, when it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The gap.
    pub gap: Gap,
}

/// Hourly classic histograms of one route, by column, which compresses well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoLatency {
    /// Account that measures it.
    pub account: AccountId,
    /// Its scope.
    pub scope: String,
    /// Service.
    pub subject: SubjectId,
    /// Canonical metric.
    pub metric: String,
    /// The call that would have said it.
    pub call: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Upper bounds in seconds, without +Inf.
    pub bounds: Vec<f64>,
    /// Start of the first hour.
    pub start: Timestamp,
    /// Per bucket (one more than bounds): count of each hour.
    pub counts: Vec<Vec<u32>>,
}

/// A regular series; `None` is a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoSeries {
    /// Account that measures it.
    pub account: AccountId,
    /// Its scope.
    pub scope: String,
    /// What it is about.
    pub subject: SubjectId,
    /// Canonical metric.
    pub metric: String,
    /// Unit.
    pub unit: String,
    /// Level or amount.
    pub kind: SeriesKind,
    /// The call that would have said it.
    pub call: String,
    /// Labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Time of the first value.
    pub start: Timestamp,
    /// Milliseconds between values.
    pub step_ms: i64,
    /// Values in units of `scale`, so that the file stays small and exact.
    pub values: Vec<Option<i32>>,
    /// One unit of `values`.
    pub scale: f64,
}

impl DemoFile {
    /// What the accounts would have answered at a moment, by account and scope name.
    pub fn scopes_at(&self, at: Timestamp) -> Vec<(AccountId, Scope)> {
        self.answered_at(at, true)
    }

    /// The same without series and distributions: cheap enough to look at many moments.
    pub fn facts_without_series_at(&self, at: Timestamp) -> Vec<(AccountId, Scope)> {
        self.answered_at(at, false)
    }

    fn answered_at(&self, at: Timestamp, series: bool) -> Vec<(AccountId, Scope)> {
        let connected = |id: &AccountId| self.accounts.iter().any(|a| a.account.id == *id && a.from <= at);
        let read_at = Timestamp(at.0 - 120_000);
        self.scopes
            .iter()
            .filter(|s| connected(&s.account))
            .map(|s| {
                let gaps: Vec<Gap> =
                    s.gaps.iter().filter(|g| holds(g.from, g.until, at)).map(|g| g.gap.clone()).collect();
                let status = if gaps.is_empty() { ScopeStatus::Complete } else { ScopeStatus::Partial };
                let facts = self.facts_at(s, at, read_at, series);
                let scope = Scope {
                    name: s.name.clone(),
                    status,
                    finished_at: read_at,
                    inventories: s.inventories.clone(),
                    facts,
                    gaps,
                };
                (s.account.clone(), scope)
            })
            .collect()
    }

    /// Mondays 07:00 at which the team looked, from the first named moment to the last, weekly.
    pub fn weeks(&self) -> Vec<Timestamp> {
        let (Some((_, first)), Some((_, last))) = (self.moments.first(), self.moments.last()) else {
            return Vec::new();
        };
        (0..).map(|n| first.plus_days(7 * n)).take_while(|t| t <= last).collect()
    }

    fn facts_at(&self, scope: &DemoScope, at: Timestamp, read_at: Timestamp, series: bool) -> Vec<Fact> {
        let provenance =
            |call: &str, basis| Provenance { account: scope.account.clone(), call: call.to_owned(), read_at, basis };
        let mut facts: Vec<Fact> = scope
            .facts
            .iter()
            .filter(|f| holds(f.from, f.until, at))
            .map(|f| Fact {
                subject: f.subject.clone(),
                body: f.body.clone(),
                provenance: provenance(&f.call, f.basis),
            })
            .collect();
        if !series {
            return facts;
        }
        for l in self.latency.iter().filter(|l| l.account == scope.account && l.scope == scope.name) {
            let series = l.until(read_at);
            if !series.hours.is_empty() {
                let provenance = provenance(&l.call, Basis::Measured);
                facts.push(Fact { subject: l.subject.clone(), body: series.into(), provenance });
            }
        }
        for s in self.series.iter().filter(|s| s.account == scope.account && s.scope == scope.name) {
            let series = s.until(read_at);
            if !series.samples.is_empty() {
                let provenance = provenance(&s.call, Basis::Measured);
                facts.push(Fact { subject: s.subject.clone(), body: series.into(), provenance });
            }
        }
        facts
    }
}

fn holds(from: Timestamp, until: Option<Timestamp>, at: Timestamp) -> bool {
    from <= at && until.is_none_or(|end| at < end)
}

impl DemoLatency {
    /// The hours that have ended by then.
    pub fn until(&self, end: Timestamp) -> DistributionSeries {
        let hours = self.counts.first().map_or(0, Vec::len);
        let ended = (0..hours).take_while(|h| self.start.0 + (*h as i64 + 1) * HOUR_MS <= end.0);
        let hours = ended
            .filter_map(|h| {
                let counts: Vec<u64> = self.counts.iter().map(|c| c.get(h).copied().unwrap_or(0).into()).collect();
                let start = self.start.plus_hours(h as i64);
                let distribution = Distribution::Classic { bounds: self.bounds.clone(), counts, sum: None };
                (distribution.count() > Some(0)).then_some(HourDistribution { start, distribution })
            })
            .collect();
        DistributionSeries {
            metric: self.metric.clone(),
            unit: "s".into(),
            labels: self.labels.clone(),
            hours,
            covered_until: end,
        }
    }
}

impl DemoSeries {
    /// The samples taken by then.
    pub fn until(&self, end: Timestamp) -> Series {
        let samples = self
            .values
            .iter()
            .enumerate()
            .map(|(i, v)| (Timestamp(self.start.0 + i as i64 * self.step_ms), v))
            .take_while(|(at, _)| *at <= end)
            .filter_map(|(at, v)| v.map(|v| Sample { at, value: crate::num::round9(f64::from(v) * self.scale) }))
            .collect();
        Series {
            metric: self.metric.clone(),
            unit: self.unit.clone(),
            kind: self.kind,
            labels: self.labels.clone(),
            samples,
            covered_until: end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_shows_only_what_had_happened() {
        let series = DemoSeries {
            account: "a".into(),
            scope: "s".into(),
            subject: "x".into(),
            metric: "m".into(),
            unit: "ratio".into(),
            kind: SeriesKind::Gauge,
            call: "c".into(),
            labels: BTreeMap::new(),
            start: Timestamp(0),
            step_ms: 1000,
            values: vec![Some(10), None, Some(30)],
            scale: 0.01,
        };
        assert_eq!(series.until(Timestamp(1500)).samples, vec![Sample { at: Timestamp(0), value: 0.1 }]);
        assert_eq!(series.until(Timestamp(2000)).samples.len(), 2);
        assert!(
            holds(Timestamp(1), Some(Timestamp(2)), Timestamp(1))
                && !holds(Timestamp(1), Some(Timestamp(2)), Timestamp(2))
        );
    }
}
