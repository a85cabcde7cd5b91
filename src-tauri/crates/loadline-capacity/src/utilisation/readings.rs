//! Utilisation from single readings of settings and pools: one moment, so the interval is wide and says so.

use super::Reading;
use loadline_model::{FactIndex, Interval, Kind, Limited, PoolStat, Provenance, SubjectId, key, num};

/// Factors on a reading of something that moves with demand: nobody knows whether it was taken at peak (Loadline default).
const MOVES: (f64, f64) = (0.7, 1.6);
/// Factors on a reading of something that only accumulates or is set.
const STANDS: (f64, f64) = (0.97, 1.03);

/// A single reading of a resource; `None` when no setting or pool tells.
pub(super) fn read(index: &FactIndex, id: &SubjectId, limited: Limited) -> Option<Reading> {
    match limited {
        Limited::Connections => connections(index, id).or_else(|| pool(index, id, &[Kind::Database, Kind::Cache])),
        Limited::Workers => pool(index, id, &[Kind::Service, Kind::Instance, Kind::Host]),
        Limited::IntegerKey => fullest(index, id, key::SEQUENCE_USED),
        Limited::Quota => fullest(index, id, key::QUOTA_USED),
        Limited::Members => members(index, id),
        Limited::Cpu | Limited::Memory | Limited::Disk | Limited::Iops | Limited::QueueDrain => None,
    }
}

fn connections(index: &FactIndex, id: &SubjectId) -> Option<Reading> {
    let (used, from) = index.number(id, key::CONNECTIONS_IN_USE)?;
    let most = index.number(id, key::MAX_CONNECTIONS).map(|(n, _)| n);
    let reserved = index.number(id, key::RESERVED_CONNECTIONS).map_or(0.0, |(n, _)| n);
    let stated = || index.limit(id, Limited::Connections).map(|(l, _)| l.value);
    let limit = most.map(|m| m - reserved).or_else(stated)?;
    once(used, limit, "connections", MOVES, key::CONNECTIONS_IN_USE, from)
}

/// The fullest of several items.
fn fullest(index: &FactIndex, id: &SubjectId, setting: &str) -> Option<Reading> {
    let values = index.settings(id, setting).filter_map(|(s, p)| Some((s.value.as_number()?, s.item.clone(), p)));
    let (share, item, from) = values.max_by(|a, b| num::cmp9(a.0, b.0).then_with(|| b.1.cmp(&a.1)))?;
    let name = item.map_or_else(|| setting.to_owned(), |item| format!("{setting} of {item}"));
    let reading = once(share, 1.0, "share", STANDS, &name, from)?;
    Some(Reading { hard_limit: None, ..reading })
}

/// The fullest pool of a subject of one of these kinds.
fn pool(index: &FactIndex, id: &SubjectId, kinds: &[Kind]) -> Option<Reading> {
    index.resource(id).filter(|r| kinds.contains(&r.kind))?;
    index
        .facts::<PoolStat>(id)
        .filter_map(|(pool, from)| {
            let (active, size) = (pool.active?, pool_size(pool)?);
            once(active, size, "connections", MOVES, &format!("pool {}", pool.pool), from)
        })
        .max_by(|a, b| num::cmp9(a.now.p50, b.now.p50).then_with(|| b.source.cmp(&a.source)))
}

/// Servers of a pool over all processes that own one.
pub(crate) fn pool_size(pool: &PoolStat) -> Option<f64> {
    let size = pool.size? * pool.processes.unwrap_or(1.0).max(1.0);
    (size.is_finite() && size > 0.0).then_some(size)
}

/// Members wanted of the most an autoscaler allows; without a scaler the number is a choice and no limit.
fn members(index: &FactIndex, id: &SubjectId) -> Option<Reading> {
    let most = autoscaled_to(index, id)?;
    let (wanted, from) = index.number(id, key::DESIRED_MEMBERS)?;
    once(wanted, most, "members", STANDS, key::DESIRED_MEMBERS, from)
}

/// The autoscaler's maximum, when one scales this subject.
pub(crate) fn autoscaled_to(index: &FactIndex, id: &SubjectId) -> Option<f64> {
    index.text(id, key::SCALING_SIGNAL).filter(|(signal, _)| *signal != "none")?;
    let (most, _) = index.number(id, key::MAXIMUM_MEMBERS)?;
    (most > index.number(id, key::MINIMUM_MEMBERS).map_or(0.0, |(least, _)| least)).then_some(most)
}

fn once(used: f64, limit: f64, unit: &str, factors: (f64, f64), what: &str, from: &Provenance) -> Option<Reading> {
    let share = used / limit;
    if !(share.is_finite() && limit > 0.0 && used >= 0.0) {
        return None;
    }
    Some(Reading {
        now: Interval { p10: share * factors.0, p50: share, p90: (share * factors.1).min(share.max(1.0)) },
        days: 0.0,
        samples: 1,
        hard_limit: Some(limit),
        unit: unit.to_owned(),
        source: format!("{}: {what}, one reading", from.account),
        gamma: None,
        fill_per_day: None,
    })
}
