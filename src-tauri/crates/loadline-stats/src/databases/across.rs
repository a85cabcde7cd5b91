//! A statement before and after the last change that concerns it: an index of one of its tables that came or went, else a
//! deployment of a service that uses its database. The mean time of a call is compared over as many periods on both sides
//! as the comparison of two windows asks for pairs of days, with its test and its interval (`scoring.md` §5.5).

use super::counts::{Counted, Reading, Work, over_time, periods};
use super::same_table;
use crate::compare::{LEAST_PAIRS, verdict};
use crate::{benjamini_hochberg, bootstrap, effect, sign_flip};
use loadline_model::databases::{Across, AcrossFound, Period, StatementRow};
use loadline_model::{
    Deployment, Effect, FactIndex, HOUR_MS, IndexStat, Kind, MODEL_VERSION, Relation, SubjectId, Timestamp, Verdict,
    hash, num,
};
use std::collections::{BTreeMap, BTreeSet};

/// Fewest calls of a period for its mean to say something.
const LEAST_CALLS: f64 = 10.0;
/// Most periods of a side: the last before the change and the first after it.
const MOST_PAIRS: usize = 13;
/// Periods up to this long are days, of which weekdays are matched.
const A_DAY_HOURS: f64 = 36.0;
/// Days begin at the same hour when they begin this close to it: collections slip.
const SAME_HOUR_MS: i64 = 3 * HOUR_MS;

/// A period with what the statement did in it.
type One<'a> = (&'a Period, Work);

/// A change, known to lie between two moments.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    what: String,
    /// The table whose index it is; `None`: a deployment.
    table: Option<String>,
    from: Timestamp,
    until: Timestamp,
}

/// What was found of all statements; p-values are corrected over all of them at the end.
#[derive(Debug, Default)]
pub(super) struct Comparisons(BTreeMap<(SubjectId, String), (f64, f64, bool)>);

impl Comparisons {
    /// Compares each statement of a database round its last change.
    pub(super) fn look(
        &mut self,
        readings: &[Reading<'_>],
        database: &SubjectId,
        counted: &[Counted<'_>],
        rows: &mut [StatementRow],
    ) {
        let Some(newest) = readings.last() else { return };
        let (indexes, deployments) = (indexes(readings, database), deployments(&newest.index, database));
        let spans = periods(counted);
        for row in rows {
            let own: Vec<&Change> = indexes.iter().filter(|c| concerns(c, row)).collect();
            let work = over_time(counted, &row.fingerprint);
            let known: Vec<One<'_>> =
                spans.iter().zip(&work).filter_map(|(p, w)| Some((p, counts(w.as_ref()?.as_ref().ok()?)?))).collect();
            if let Some(last) = own.iter().max_by_key(|c| (c.until, c.from)) {
                let others = own.iter().filter(|c| c.until >= last.from && **c != *last).count();
                let sides = Sides::of(&known, last);
                let found = self.measured(row, &sides.matched(), others > 0);
                row.across = Some(across(last, others, found.unwrap_or_else(|| sides.too_few())));
                continue;
            }
            // The last deployment with enough on both sides; most lie too close to their neighbours to be told apart.
            let enough = |c: &Change| Some(Sides::of(&known, c).matched()).filter(|m| m.len() >= LEAST_PAIRS);
            let Some((last, matched)) = deployments.iter().rev().find_map(|c| Some((c, enough(c)?))) else { continue };
            let first = matched.first().map_or(last.from, |((before, _), _)| before.from);
            let end = matched.last().map_or(last.until, |(_, (after, _))| after.until);
            let others = deployments.iter().filter(|c| *c != last && c.until >= first && c.from <= end).count();
            let found = self.measured(row, &matched, others > 0);
            row.across = found.map(|found| across(last, others, found));
        }
    }

    fn measured(
        &mut self,
        row: &StatementRow,
        matched: &[(One<'_>, One<'_>)],
        confounded: bool,
    ) -> Option<AcrossFound> {
        let pairs = ratios(matched);
        if pairs.len() < LEAST_PAIRS {
            return None;
        }
        let seed = hash::seed(&["statement", row.database.as_str(), &row.fingerprint, MODEL_VERSION]);
        let theta = bootstrap::weighted_mean(&pairs)?;
        let (low, high) = bootstrap::interval(&pairs, 0.95, bootstrap::RESAMPLES, seed)?;
        let p = sign_flip::p_value(&pairs, seed)?;
        let percent = |theta| num::round9(effect::percent(theta));
        self.0.insert((row.database.clone(), row.fingerprint.clone()), (theta, p, confounded));
        Some(AcrossFound::Measured {
            before_ms: mean(matched.iter().map(|(before, _)| before.1))?,
            after_ms: mean(matched.iter().map(|(_, after)| after.1))?,
            percent: Effect { low: percent(low), mid: percent(theta), high: percent(high) },
            // Until all are known.
            verdict: Verdict::InsufficientData,
            periods: pairs.len(),
        })
    }

    /// Gives each comparison its word, with its p-value corrected for how many were made.
    pub(super) fn conclude(self, rows: &mut [StatementRow]) {
        let p_values: Vec<f64> = self.0.values().map(|(_, p, _)| *p).collect();
        let adjusted = benjamini_hochberg::adjust(&p_values);
        let words: BTreeMap<_, Verdict> = self
            .0
            .into_iter()
            .zip(adjusted)
            .map(|((key, (theta, _, confounded)), p)| (key, verdict::verdict(Some(theta), Some(p), true, confounded)))
            .collect();
        for row in rows {
            if let Some(Across { found: AcrossFound::Measured { verdict, .. }, .. }) = &mut row.across
                && let Some(word) = words.get(&(row.database.clone(), row.fingerprint.clone()))
            {
                *verdict = *word;
            }
        }
    }
}

fn across(change: &Change, others: usize, found: AcrossFound) -> Across {
    Across { what: change.what.clone(), from: change.from, until: change.until, others, found }
}

fn concerns(change: &Change, row: &StatementRow) -> bool {
    change.table.as_ref().is_some_and(|table| row.tables.iter().any(|t| same_table(t, table)))
}

fn counts(work: &Work) -> Option<Work> {
    (work.calls >= LEAST_CALLS && work.ms > 0.0).then_some(*work)
}

/// Milliseconds a call over several periods: of all their calls, never a mean of means.
fn mean(side: impl Iterator<Item = Work>) -> Option<f64> {
    let (calls, ms) = side.fold((0.0, 0.0), |(calls, ms), w| (calls + w.calls, ms + w.ms));
    (calls > 0.0).then(|| num::round9(ms / calls))
}

/// The periods wholly before a change, and those wholly after it; the one it lies in belongs to neither.
struct Sides<'a> {
    before: Vec<One<'a>>,
    after: Vec<One<'a>>,
}

impl<'a> Sides<'a> {
    fn of(known: &[One<'a>], change: &Change) -> Self {
        let pick = |keep: &dyn Fn(&Period) -> bool| known.iter().filter(|(p, _)| keep(p)).copied().collect();
        Self { before: pick(&|p| p.until <= change.from), after: pick(&|p| p.from >= change.until) }
    }

    /// Periods that are compared with each other. Days are matched by weekday, one or two weeks apart, whichever gives
    /// more; longer periods in their order, the last before the change with the first after it.
    fn matched(&self) -> Vec<(One<'a>, One<'a>)> {
        if self.before.iter().chain(&self.after).any(|(_, w)| w.hours > A_DAY_HOURS) {
            let size = self.before.len().min(self.after.len()).min(MOST_PAIRS);
            let before = self.before.iter().skip(self.before.len() - size);
            return before.copied().zip(self.after.iter().copied()).collect();
        }
        let apart = |weeks: i64| -> Vec<(One<'a>, One<'a>)> {
            let earlier = |after: &One<'a>| {
                let wanted = after.0.from.plus_days(-7 * weeks).0;
                self.before.iter().find(|(p, _)| (p.from.0 - wanted).abs() <= SAME_HOUR_MS).copied()
            };
            self.after.iter().take(MOST_PAIRS).filter_map(|after| Some((earlier(after)?, *after))).collect()
        };
        let (near, far) = (apart(1), apart(2));
        if near.len() > far.len() { near } else { far }
    }

    fn too_few(&self) -> AcrossFound {
        let (before, after) = (self.before.len(), self.after.len());
        // Enough on both sides, but of other days of the week: what counts is how many match.
        let most = if before.min(after) >= LEAST_PAIRS { self.matched().len() } else { usize::MAX };
        AcrossFound::TooFew { before: before.min(most), after: after.min(most), need: LEAST_PAIRS }
    }
}

/// Log ratio of the means of each pair, weighed by the calls of the smaller one.
fn ratios(matched: &[(One<'_>, One<'_>)]) -> Vec<(f64, f64)> {
    let one = |((_, b), (_, a)): &(One<'_>, One<'_>)| {
        Some((effect::log_ratio(b.mean_ms()?, a.mean_ms()?)?, b.calls.min(a.calls)))
    };
    matched.iter().filter_map(one).collect()
}

/// Indexes that came or went between two readings of the same table. A reading that lists none of a table's indexes did
/// not look, or may not look.
fn indexes(readings: &[Reading<'_>], database: &SubjectId) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut before: BTreeMap<SubjectId, (Timestamp, BTreeSet<&str>)> = BTreeMap::new();
    for reading in readings {
        for (table, resource) in reading.index.of_kind(Kind::Table) {
            let usable = |s: &&IndexStat| s.valid != Some(false);
            let stats: Vec<_> = reading.index.facts::<IndexStat>(table).collect();
            let Some(at) = stats.iter().map(|(_, from)| from.read_at).max() else { continue };
            if super::tables::database_of(&reading.index, table).as_ref() != Some(database) {
                continue;
            }
            let now: BTreeSet<&str> = stats.iter().map(|(s, _)| *s).filter(usable).map(|s| s.index.as_str()).collect();
            if let Some((earlier, then)) = before.get(table).filter(|(earlier, _)| *earlier < at) {
                let mut change = |name: &str, did: &str| {
                    let what = format!("the index `{name}` of `{}` was {did}", resource.name);
                    changes.push(Change { what, table: Some(resource.name.clone()), from: *earlier, until: at });
                };
                now.difference(then).for_each(|name| change(name, "added"));
                then.difference(&now).for_each(|name| change(name, "dropped"));
            }
            before.insert(table.clone(), (at, now));
        }
    }
    changes
}

/// Deployments of the services that use a database, oldest first.
fn deployments(index: &FactIndex<'_>, database: &SubjectId) -> Vec<Change> {
    let uses = index.edges_to(database).filter(|e| matches!(e.edge.relation, Relation::DependsOn { .. }));
    let services: BTreeSet<SubjectId> = uses.map(|e| e.from).collect();
    let mut changes: BTreeMap<(Timestamp, String), Change> = BTreeMap::new();
    for service in &services {
        let name = index.resource(service).map_or_else(|| service.to_string(), |r| r.name.clone());
        for (deployment, _) in index.facts::<Deployment>(service) {
            let until = deployment.finished_at.unwrap_or(deployment.started_at).max(deployment.started_at);
            let what = format!("`{name}` was deployed ({})", deployment.revision);
            let change = Change { what, table: None, from: deployment.started_at, until };
            changes.insert((until, deployment.id.clone()), change);
        }
    }
    changes.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(mean_ms: f64, hours: f64) -> Work {
        Work { calls: 100.0, ms: 100.0 * mean_ms, hours }
    }

    #[test]
    fn the_period_of_the_change_belongs_to_neither_side_and_days_match_in_the_week() {
        let check = |count: i64, length: i64, changed: i64, sides: (usize, usize), compared: usize| {
            let at = |n: i64| Timestamp(0).plus_days(n * length);
            let periods: Vec<Period> =
                (0..count).map(|n| Period { from: at(n), until: at(n + 1), not_comparable: None }).collect();
            let known: Vec<_> = periods.iter().map(|p| (p, work(1.0, 24.0 * length as f64))).collect();
            let hours = |n: i64| Timestamp(at(changed).0 + n * HOUR_MS);
            let change = Change { what: String::new(), table: None, from: hours(1), until: hours(2) };
            let found = Sides::of(&known, &change);
            assert_eq!((found.before.len(), found.after.len()), sides, "{count} of {length} days");
            let matched = found.matched();
            assert_eq!(ratios(&matched).len(), compared, "{count} of {length} days");
            for ((before, _), (after, _)) in matched {
                assert!(before.until <= change.from && after.from >= change.until);
                assert_eq!(after.from.days_since(before.from) % 7.0, 0.0, "the same day of the week");
            }
        };
        check(13, 1, 6, (6, 6), 6);
        check(12, 1, 6, (6, 5), 5);
        check(40, 1, 20, (20, 19), 13);
        check(20, 7, 10, (10, 9), 9);
        check(8, 7, 6, (6, 1), 1);
    }

    #[test]
    fn a_mean_is_of_all_calls() {
        let many = Work { calls: 900.0, ms: 900.0, hours: 24.0 };
        assert_eq!(mean([many, work(101.0, 24.0)].into_iter()), Some(11.0), "not 51");
        assert_eq!(mean(std::iter::empty()), None);
    }
}
