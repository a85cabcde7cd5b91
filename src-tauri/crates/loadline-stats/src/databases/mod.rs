//! What databases do, over several snapshots: where their time goes, which index would help how much of the workload, who
//! may open how many connections, and what grows. Not for judging: verdicts and remedies are those of the assessment.

mod across;
mod advice;
mod chains;
mod counts;
mod database;
mod statements;
mod tables;

use counts::Reading;
use loadline_model::databases::Databases;
use loadline_model::{
    Assessment, Capacity, Check, FactIndex, Finding, Gap, Kind, Snapshot, SubjectId, SubjectRef, Timestamp, num,
};
use std::collections::BTreeSet;

/// What the assessment of the newest snapshot concluded, as far as databases are concerned.
#[derive(Clone, Copy, Debug)]
pub struct Concluded<'a> {
    /// The snapshot's time.
    pub as_of: Timestamp,
    /// Every check.
    pub checks: &'a [Check],
    /// Failing and unknown checks.
    pub findings: &'a [Finding],
    /// Headroom.
    pub capacity: &'a Capacity,
    /// What could not be read.
    pub gaps: &'a [Gap],
}

impl<'a> From<&'a Assessment> for Concluded<'a> {
    fn from(a: &'a Assessment) -> Self {
        Self { as_of: a.as_of, checks: &a.checks, findings: &a.findings, capacity: &a.capacity, gaps: &a.gaps }
    }
}

/// The databases of the newest of these snapshots (oldest first), with their history in the others.
///
/// Facts come from the snapshots, verdicts, remedies and forecasts from the newest one's assessment; numbers that were
/// not read are absent, and counters that cannot be compared say so.
pub fn databases(snapshots: &[Snapshot], assessed: &Concluded<'_>) -> Databases {
    let readings: Vec<Reading<'_>> = snapshots.iter().map(Reading::new).collect();
    let Some(newest) = readings.last() else { return Databases::default() };
    let index = &newest.index;
    let mut rows = Vec::new();
    let mut shapes = Vec::new();
    let mut comparisons = across::Comparisons::default();
    for (id, resource) in index.of_kind(Kind::Database) {
        let counted = counts::history(&readings, id);
        let mut own = statements::rows(id, &counted);
        comparisons.look(&readings, id, &counted, &mut own);
        shapes.extend(own);
        rows.push(database::row(&readings, index, (id, resource), &counted, assessed));
    }
    comparisons.conclude(&mut shapes);
    database::share_out(&mut rows);
    rows.sort_by(|a, b| {
        num::cmp9(b.busy.unwrap_or(-1.0), a.busy.unwrap_or(-1.0))
            .then_with(|| a.subject.name.cmp(&b.subject.name))
            .then_with(|| a.subject.id.cmp(&b.subject.id))
    });
    shapes.sort_by(|a, b| {
        num::cmp9(b.total_ms, a.total_ms)
            .then_with(|| (&a.database, &a.fingerprint).cmp(&(&b.database, &b.fingerprint)))
    });
    let tables = tables::rows(&readings, &shapes);
    Databases {
        as_of: assessed.as_of,
        advice: advice::indexes(index, assessed, &shapes),
        unproven: advice::unproven(assessed),
        chains: rows.iter().map(|row| chains::chain(index, assessed, row)).collect(),
        gaps: gaps(index, assessed, rows.iter().map(|r| &r.subject.id)),
        databases: rows,
        statements: shapes,
        tables,
    }
}

/// Gaps about these databases, or that may hide one or its tables.
fn gaps<'a>(index: &FactIndex<'_>, assessed: &Concluded<'_>, ids: impl Iterator<Item = &'a SubjectId>) -> Vec<Gap> {
    let ids: BTreeSet<&SubjectId> = ids.collect();
    let about = |g: &&Gap| {
        g.subject.as_ref().is_some_and(|s| ids.contains(&index.canonical(s)))
            || g.hides.iter().any(|k| matches!(k, Kind::Database | Kind::Table))
    };
    assessed.gaps.iter().filter(about).cloned().collect()
}

/// A thing as people name it.
fn subject_ref(index: &FactIndex<'_>, id: &SubjectId) -> SubjectRef {
    let resource = index.resource(id);
    SubjectRef {
        id: id.clone(),
        kind: resource.map(|r| r.kind),
        name: resource.map_or_else(|| id.to_string(), |r| r.name.clone()),
        account: index.provenance(id).map(|p| p.account.clone()),
        region: resource.and_then(|r| r.region.clone()),
    }
}

/// Two ways to write one table: `orders` and `public.orders`.
fn same_table(a: &str, b: &str) -> bool {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).trim_matches(['"', '`']).to_ascii_lowercase();
    if a.contains('.') && b.contains('.') { a.eq_ignore_ascii_case(b) } else { last(a) == last(b) }
}

#[cfg(test)]
mod tests;
