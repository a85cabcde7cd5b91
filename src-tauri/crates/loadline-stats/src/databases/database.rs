//! One row for each database.

use super::counts::{Counted, Reading, periods};
use super::{Concluded, subject_ref, tables};
use loadline_model::databases::{DatabaseRow, Missing, Replica};
use loadline_model::{FactIndex, Interval, Limited, Outcome, Relation, Resource, SubjectId, Utilisation, key, num};
use std::collections::BTreeMap;

/// The row of a database, but for its share.
pub(super) fn row(
    readings: &[Reading<'_>],
    index: &FactIndex<'_>,
    (id, resource): (&SubjectId, &Resource),
    counted: &[Counted<'_>],
    assessed: &Concluded<'_>,
) -> DatabaseRow {
    let number = |key| index.number(id, key).map(|(n, _)| num::round9(n));
    let used = |limited| assessed.capacity.utilisation.iter().find(move |u| is_it(u, id, limited));
    let newest = counted.last();
    let longest = newest.and_then(|c| {
        let hours = |s: &&&loadline_model::QueryStat| c.hours(s).unwrap_or(-1.0);
        c.shapes.values().max_by(|a, b| hours(a).total_cmp(&hours(b)))
    });
    let counted_hours = newest.zip(longest).and_then(|(c, s)| c.hours(s)).map(num::round9);
    let total_ms = num::round9(newest.map_or(0.0, |c| c.shapes.values().map(|s| s.total_ms).sum()));
    let (bytes, bytes_per_day) = tables::size(readings, id);
    let days = used(Limited::Disk).filter(|u| u.fill_per_day.is_some()).and_then(|_| disk_days(assessed, id));
    DatabaseRow {
        subject: subject_ref(index, id),
        engine: resource.engine.clone(),
        version: resource.engine_version.clone(),
        managed: resource.managed,
        environment: resource.environment,
        connections: number(key::CONNECTIONS_IN_USE),
        usable: usable(index, id),
        at_peak: used(Limited::Connections).filter(|u| u.days > 0.0).map(|u| u.now.p50),
        hit_ratio: number(key::BUFFER_HIT_RATIO),
        replicas: replicas(index, id),
        standbys: number(key::STANDBY_MEMBERS),
        bytes,
        bytes_per_day,
        disk: used(Limited::Disk).map(|u| u.now.p50),
        disk_days: days,
        disk_unknown: disk_unknown(used(Limited::Disk), days, assessed, id),
        shapes: newest.map_or(0, |c| c.shapes.len()),
        total_ms,
        counted_from: newest.zip(longest).and_then(|(c, s)| c.start(s)),
        counted_hours,
        busy: counted_hours
            .filter(|h| *h > 0.0)
            .map(|h| num::round9(total_ms / (h * 3_600_000.0)))
            .or_else(|| number(key::ACTIVE_SESSIONS)),
        share: None,
        no_statements: newest.is_none().then(|| missing(assessed, id)),
        periods: periods(counted),
    }
}

/// Shares out the time of all databases: of what runs at once, so that counts of different length can be added.
pub(super) fn share_out(rows: &mut [DatabaseRow]) {
    let total: f64 = rows.iter().filter_map(|r| r.busy).sum();
    // One whose count has no known length would make every share too large.
    let whole = rows.iter().all(|r| r.shapes == 0 || r.busy.is_some());
    for row in rows.iter_mut().filter(|_| whole && total > 0.0) {
        row.share = row.busy.map(|b| num::round9(b / total));
    }
}

/// Connections that clients may use.
pub(super) fn usable(index: &FactIndex<'_>, id: &SubjectId) -> Option<f64> {
    let reserved = index.number(id, key::RESERVED_CONNECTIONS).map_or(0.0, |(n, _)| n);
    let most = index.number(id, key::MAX_CONNECTIONS).map(|(n, _)| n - reserved);
    most.or_else(|| index.limit(id, Limited::Connections).map(|(l, _)| l.value)).filter(|n| *n > 0.0).map(num::round9)
}

fn is_it(u: &Utilisation, id: &SubjectId, limited: Limited) -> bool {
    u.subject.id == *id && u.limited == limited
}

/// Days to the disk's line, under measured growth where it was measured.
fn disk_days(assessed: &Concluded<'_>, id: &SubjectId) -> Option<Interval> {
    let of = |scenario: &str| {
        let mut limits = assessed.capacity.limits.iter();
        limits.find(|l| l.subject.id == *id && l.resource == Limited::Disk && l.scenario == scenario)
    };
    of("measured").or_else(|| of("20_percent")).and_then(|l| l.days)
}

/// Why the days to a full disk are not known: what the rule about full disks says, or that it was not watched for long
/// enough.
fn disk_unknown(
    disk: Option<&Utilisation>,
    days: Option<Interval>,
    assessed: &Concluded<'_>,
    id: &SubjectId,
) -> Option<Missing> {
    if days.is_some() || disk.is_some_and(|u| u.fill_per_day.is_some()) {
        return None;
    }
    let missing = Missing {
        detail: if disk.is_some() {
            "how fast its disk fills was not watched for long enough".into()
        } else {
            "the use of its disk was not read".into()
        },
        closes: "Connect what records the disk (CloudWatch, Cloud Monitoring, Prometheus with node_exporter), or collect daily."
            .into(),
    };
    Some(refused_by(assessed, "CAP-003", id).unwrap_or(missing))
}

/// What a rule says that could not judge a database.
fn refused_by(assessed: &Concluded<'_>, rule: &str, id: &SubjectId) -> Option<Missing> {
    let asks = |c: &&loadline_model::Check| c.rule.as_str() == rule && c.subject.id == *id;
    let unknown = assessed.checks.iter().filter(asks).find(|c| matches!(c.result.outcome, Outcome::Unknown { .. }))?;
    let gap = unknown.result.gap.as_ref()?;
    Some(Missing { detail: gap.detail.clone(), closes: gap.closes.clone() })
}

fn replicas(index: &FactIndex<'_>, id: &SubjectId) -> Vec<Replica> {
    let copies = index.edges_from(id).filter(|e| matches!(e.edge.relation, Relation::ReplicatedTo { .. }));
    let name = |to: &SubjectId| index.resource(to).map_or_else(|| to.to_string(), |r| r.name.clone());
    let mut found: BTreeMap<String, Option<f64>> = copies.map(|e| (name(&e.to), None)).collect();
    for (setting, _) in index.settings(id, key::REPLICA_LAG_SECONDS) {
        if let Some(item) = &setting.item {
            found.insert(item.clone(), setting.value.as_number().map(num::round9));
        }
    }
    found.into_iter().map(|(name, lag_s)| Replica { name, lag_s }).collect()
}

/// Why no statement was read: what the rule about top statements says.
fn missing(assessed: &Concluded<'_>, id: &SubjectId) -> Missing {
    refused_by(assessed, "DB-002", id).unwrap_or_else(|| Missing {
        detail: "no statement statistics were read".into(),
        closes: "Connect the database itself with statement statistics on (pg_stat_statements, Performance Schema, profiler)."
            .into(),
    })
}
