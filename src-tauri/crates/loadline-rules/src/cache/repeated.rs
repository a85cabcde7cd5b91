//! Reads that a database answers again and again.

use crate::{Context, Subject};
use loadline_model::{Provenance, QueryStat, SubjectId, Verb, key};
use std::collections::BTreeMap;

/// How much of a database's time is reads of tables that are read much more than written.
pub(super) struct Repeated<'a> {
    /// The database.
    pub store: SubjectId,
    /// Share of its time, 0–1.
    pub share: f64,
    /// Reads for each write.
    pub ratio: f64,
    /// How long the statistics have been counting.
    pub hours: Option<f64>,
    /// Where they come from.
    pub from: &'a Provenance,
}

/// The reads of a database that could be answered from a cache; `None` without statement statistics.
pub(super) fn repeated<'a>(store: &SubjectId, subject: &Subject<'_>, context: &Context<'a>) -> Option<Repeated<'a>> {
    let stats: Vec<(&QueryStat, &Provenance)> = context
        .facts
        .facts::<QueryStat>(store)
        .filter(|(q, _)| [q.calls, q.total_ms].iter().all(|v| v.is_finite() && *v >= 0.0))
        .collect();
    let from = stats.iter().map(|(_, p)| *p).max_by_key(|p| (p.read_at, *p))?;
    let mut calls: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (stat, _) in &stats {
        for table in &stat.tables {
            let (reads, writes) = calls.entry(table.as_str()).or_default();
            match stat.verb {
                Verb::Read => *reads += stat.calls,
                Verb::Write => *writes += stat.calls,
                Verb::Other => {}
            }
        }
    }
    let read_mostly = |table: &String| {
        calls
            .get(table.as_str())
            .is_some_and(|(reads, writes)| *reads > subject.number("reads_per_write") * writes.max(1.0))
    };
    let total: f64 = stats.iter().map(|(q, _)| q.total_ms).sum();
    let hot =
        stats.iter().filter(|(q, _)| q.verb == Verb::Read && !q.tables.is_empty() && q.tables.iter().all(read_mostly));
    let hot_ms: f64 = hot.map(|(q, _)| q.total_ms).sum();
    let (reads, writes) = calls
        .iter()
        .filter(|(t, _)| read_mostly(&(**t).to_owned()))
        .fold((0.0, 0.0), |sum, (_, c)| (sum.0 + c.0, sum.1 + c.1));
    let since = stats.iter().filter_map(|(q, p)| Some(p.read_at.hours_since(q.since?))).reduce(f64::max);
    let window = context.facts.number(store, key::STATEMENT_WINDOW_HOURS).map(|(h, _)| h);
    let share = if total > 0.0 { hot_ms / total } else { 0.0 };
    Some(Repeated { store: store.clone(), share, ratio: reads / f64::max(writes, 1.0), hours: since.or(window), from })
}
