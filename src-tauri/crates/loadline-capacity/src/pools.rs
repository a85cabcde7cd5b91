//! How long clients wait for a pool, and how large it would have to be (`scoring.md` §4.3).

use crate::queueing;
use crate::utilisation::{is_production, pool_size, subject_ref};
use loadline_model::{
    DistributionSeries, FactIndex, Kind, PoolAdvice, PoolStat, QueryStat, Relation, SubjectId, Topology, Trends, key,
    num,
};
use std::collections::BTreeMap;

/// Mean wait that is good enough, in seconds.
const TARGET_WAIT: f64 = 0.005;
/// Names by which a pool of request workers is told from a pool of database connections.
const WORKER_NAMES: [&str; 7] = ["worker", "thread", "web", "puma", "gunicorn", "uwsgi", "php-fpm"];

/// Arrivals a second and mean seconds of service.
#[derive(Clone, Copy)]
struct Work {
    arrivals: f64,
    seconds: f64,
}

/// Advice for every pool of which size, arrivals and service time are known.
pub(crate) fn pools(index: &FactIndex, topology: &Topology, trends: &Trends) -> Vec<PoolAdvice> {
    let mut newest: BTreeMap<(&SubjectId, &str), (&PoolStat, loadline_model::Timestamp)> = BTreeMap::new();
    for (id, pool, from) in index.all::<PoolStat>().filter(|(id, _, _)| is_production(index, topology, id)) {
        let known = newest.entry((id, pool.pool.as_str())).or_insert((pool, from.read_at));
        if from.read_at > known.1 {
            *known = (pool, from.read_at);
        }
    }
    newest.into_iter().filter_map(|((id, _), (pool, _))| advice(index, trends, id, pool)).collect()
}

fn advice(index: &FactIndex, trends: &Trends, id: &SubjectId, pool: &PoolStat) -> Option<PoolAdvice> {
    let size = pool_size(pool).filter(|s| *s >= 1.0 && *s <= 1e6)? as u32;
    let work = work_of(index, trends, id, pool)?;
    let rate = 1.0 / work.seconds;
    let wait = queueing::waiting(size, work.arrivals, rate);
    Some(PoolAdvice {
        subject: subject_ref(index, id),
        pool: pool.pool.clone(),
        size,
        rho: num::round9(queueing::rho(size, work.arrivals, rate)?),
        wait_ms: wait.map(|w| num::round9(w.wait * 1000.0)),
        advised: queueing::smallest_pool(work.arrivals, rate, TARGET_WAIT)?,
    })
}

fn work_of(index: &FactIndex, trends: &Trends, id: &SubjectId, pool: &PoolStat) -> Option<Work> {
    let kind = index.resource(id)?.kind;
    let name = pool.pool.to_lowercase();
    let work = if kind == Kind::Database {
        queries(index, trends, id)?
    } else if WORKER_NAMES.iter().any(|w| name.contains(w)) {
        requests(index, trends, id)?
    } else {
        queries(index, trends, &only_database(index, id)?)?
    };
    let sane = work.arrivals.is_finite() && work.arrivals > 0.0 && work.seconds.is_finite() && work.seconds > 0.0;
    sane.then_some(work)
}

/// Requests at peak and their mean duration over the last 7 days.
fn requests(index: &FactIndex, trends: &Trends, id: &SubjectId) -> Option<Work> {
    let peak = trends.demand.iter().find(|d| d.subject.id == *id)?.peak;
    let from = index.snapshot().taken_at.plus_days(-7);
    let (mut sum, mut count) = (0.0, 0.0);
    for (series, _) in index.facts::<DistributionSeries>(id).filter(|(s, _)| s.metric == key::metric::REQUEST_DURATION)
    {
        for d in series.hours.iter().filter(|h| h.start >= from).map(|h| &h.distribution) {
            let n = d.count().unwrap_or(0) as f64;
            if n > 0.0 {
                // One hour without a sum makes the mean a guess.
                sum += d.mean()? * n;
                count += n;
            }
        }
    }
    (count > 0.0).then(|| Work { arrivals: peak, seconds: sum / count })
}

/// Statements a second and their mean duration since the statistics' start, raised to the hour of peak demand.
fn queries(index: &FactIndex, trends: &Trends, database: &SubjectId) -> Option<Work> {
    let (mut per_second, mut busy) = (0.0, 0.0);
    for (q, from) in index.facts::<QueryStat>(database) {
        let seconds = q.since.map(|s| from.read_at.hours_since(s) * 3600.0).filter(|s| *s >= 3600.0)?;
        per_second += q.calls / seconds;
        busy += q.total_ms / 1000.0 / seconds;
    }
    let at_peak = crate::demand::main_demand(trends).map_or(1.0, |d| {
        let typical = num::median(&d.days.iter().map(|(_, rate)| *rate).collect::<Vec<_>>()).unwrap_or(d.peak);
        if typical > 0.0 { (d.peak / typical).max(1.0) } else { 1.0 }
    });
    (per_second > 0.0).then(|| Work { arrivals: per_second * at_peak, seconds: busy / per_second })
}

/// The database behind a service, when there is exactly one.
fn only_database(index: &FactIndex, id: &SubjectId) -> Option<SubjectId> {
    let mut found: Vec<SubjectId> = index
        .edges_from(id)
        .filter(|e| matches!(e.edge.relation, Relation::DependsOn { .. }))
        .map(|e| e.to)
        .filter(|to| index.resource(to).is_some_and(|r| r.kind == Kind::Database))
        .collect();
    found.sort();
    found.dedup();
    if found.len() == 1 { found.pop() } else { None }
}
