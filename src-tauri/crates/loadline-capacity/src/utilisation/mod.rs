//! How full each limited resource is at peak: from series, else from single readings (`scoring.md` §4.1).

pub(crate) use readings::{autoscaled_to, pool_size};

mod readings;
mod series;

use crate::demand::{self, Demand};
use crate::elasticity;
use loadline_model::{
    Environment, FactIndex, Interval, Limited, Policy, PoolStat, Series, Setting, SubjectId, SubjectRef, Topology,
    Trends, Utilisation, num,
};
use std::collections::{BTreeMap, BTreeSet};

/// Days of samples behind a utilisation.
pub(crate) const DAYS: i64 = 14;

/// What one source says about one resource, before policy and demand are applied.
pub(crate) struct Reading {
    pub(crate) now: Interval,
    pub(crate) days: f64,
    pub(crate) samples: u64,
    pub(crate) hard_limit: Option<f64>,
    pub(crate) unit: String,
    pub(crate) source: String,
    pub(crate) gamma: Option<Interval>,
    pub(crate) fill_per_day: Option<Interval>,
}

/// What fills up instead of answering to demand of the moment.
pub(crate) fn accumulates(limited: Limited) -> bool {
    matches!(limited, Limited::Disk | Limited::IntegerKey)
}

/// History outlives things: what no account lists any more has series, but no headroom.
fn exists(index: &FactIndex, id: &SubjectId) -> bool {
    index.resource(id).is_some()
}

/// Utilisation of everything in production, by subject, then resource.
pub(crate) fn utilisation(
    index: &FactIndex,
    topology: &Topology,
    trends: &Trends,
    policy: &Policy,
) -> Vec<Utilisation> {
    let measured = index.all::<Series>().map(|(id, _, _)| id);
    let set = index.all::<Setting>().map(|(id, _, _)| id);
    let pooled = index.all::<PoolStat>().map(|(id, _, _)| id);
    let subjects: BTreeSet<&SubjectId> = measured
        .chain(set)
        .chain(pooled)
        .filter(|id| exists(index, id) && is_production(index, topology, id))
        .collect();
    let main = demand::main_demand(trends).and_then(|d| demand::of_subject(index, &d.subject.id));
    let mut all = Vec::new();
    for id in subjects {
        let own = demand::of_subject(index, id);
        let demand = own.as_ref().or(main.as_ref());
        for limited in Limited::ALL {
            let reading = series::read(index, id, limited, demand).or_else(|| readings::read(index, id, limited));
            if let Some(reading) = reading {
                all.push(assembled(index, id, limited, reading, demand, policy));
            }
        }
    }
    all
}

fn assembled(
    index: &FactIndex,
    id: &SubjectId,
    limited: Limited,
    reading: Reading,
    demand: Option<&Demand>,
    policy: &Policy,
) -> Utilisation {
    Utilisation {
        subject: subject_ref(index, id),
        limited,
        now: rounded(reading.now),
        line: policy.limit(limited),
        gamma: reading.gamma.unwrap_or(elasticity::DEFAULT),
        gamma_fitted: reading.gamma.is_some(),
        days: num::round9(reading.days),
        samples: reading.samples,
        hard_limit: reading.hard_limit.map(num::round9),
        unit: reading.unit,
        sources: vec![reading.source],
        observed_range: demand.map_or(1.0, |d| num::round9(d.range)),
        fill_per_day: reading.fill_per_day.map(rounded),
    }
}

fn rounded(i: Interval) -> Interval {
    Interval { p10: num::round9(i.p10), p50: num::round9(i.p50), p90: num::round9(i.p90) }
}

/// Staging and development have limits too, but none that users meet.
pub(crate) fn is_production(index: &FactIndex, topology: &Topology, id: &SubjectId) -> bool {
    let environment =
        topology.graph.node(id).map(|n| n.environment).or_else(|| index.resource(id).and_then(|r| r.environment));
    environment.is_none_or(|e| e == Environment::Production)
}

pub(crate) fn subject_ref(index: &FactIndex, id: &SubjectId) -> SubjectRef {
    let resource = index.resource(id);
    SubjectRef {
        id: id.clone(),
        kind: resource.map(|r| r.kind),
        name: resource.map_or_else(|| id.to_string(), |r| r.name.clone()),
        account: index.provenance(id).map(|p| p.account.clone()),
        region: resource.and_then(|r| r.region.clone()),
    }
}

/// Families of limits that are measured, sorted.
pub(crate) fn families(utilisation: &[Utilisation]) -> Vec<String> {
    // A subject without a kind counts as compute: its family depends on the resource alone.
    let kind = |u: &Utilisation| u.subject.kind.unwrap_or(loadline_model::Kind::Instance);
    let found: BTreeMap<&str, ()> = utilisation.iter().map(|u| (u.limited.family(kind(u)), ())).collect();
    found.into_keys().map(str::to_owned).collect()
}
