//! Who may open connections to a database, tier by tier: members × processes × pool, poolers, and the limit.

use super::{Concluded, subject_ref};
use loadline_model::databases::{Chain, Client, DatabaseRow, Pooler};
use loadline_model::{Check, FactIndex, Kind, Outcome, PoolStat, Relation, SubjectId, key, num};
use std::collections::BTreeSet;

/// The chain of a database.
pub(super) fn chain(index: &FactIndex<'_>, assessed: &Concluded<'_>, row: &DatabaseRow) -> Chain {
    let id = &row.subject.id;
    let (services, gateways) = before(index, id);
    let clients: Vec<Client> = services.iter().map(|s| client(index, s)).collect();
    let poolers: Vec<Pooler> = std::iter::once(id).chain(&gateways).flat_map(|owner| pools(index, owner)).collect();
    let declared =
        std::iter::once(id).chain(&gateways).find_map(|i| index.flag(i, key::POOLER_PRESENT)).map(|(f, _)| f);
    let pooled = declared.or((!poolers.is_empty()).then_some(true));
    let sum = |known: Vec<Option<f64>>| {
        let some = !known.is_empty();
        known.into_iter().sum::<Option<f64>>().filter(|_| some).map(num::round9)
    };
    let (may_open, at_full_scale) = if pooled == Some(true) {
        let total = sum(poolers.iter().map(|p| p.size).collect());
        (total, total)
    } else {
        (sum(clients.iter().map(|c| c.may_open).collect()), sum(clients.iter().map(|c| c.at_full_scale).collect()))
    };
    let asks = |c: &&Check| c.rule.as_str() == "DB-009" && c.subject.id == *id;
    let check = assessed.checks.iter().find(asks);
    Chain {
        database: row.subject.clone(),
        clients,
        poolers,
        pooled,
        in_use: row.connections,
        usable: row.usable,
        may_open,
        at_full_scale,
        verdict: check.map(|c| c.result.outcome.word().to_owned()),
        severity: check.and_then(|c| c.result.outcome.severity()),
        sentence: check.map(|c| c.result.sentence.clone()).unwrap_or_default(),
        finding: check
            .filter(|c| matches!(c.result.outcome, Outcome::Fail { .. } | Outcome::Unknown { .. }))
            .map(|c| c.fingerprint.clone()),
        closes: check.and_then(|c| c.result.gap.as_ref()).map(|g| g.closes.clone()),
    }
}

/// Services that depend on a database, directly or through gateways, and those gateways; both in id order.
fn before(index: &FactIndex<'_>, database: &SubjectId) -> (BTreeSet<SubjectId>, BTreeSet<SubjectId>) {
    let (mut services, mut gateways) = (BTreeSet::new(), BTreeSet::new());
    let mut visit = vec![database.clone()];
    while let Some(id) = visit.pop() {
        for edge in index.edges_to(&id).filter(|e| matches!(e.edge.relation, Relation::DependsOn { .. })) {
            match index.resource(&edge.from).map(|r| r.kind) {
                Some(Kind::Service) => {
                    services.insert(edge.from);
                }
                Some(Kind::Gateway) if gateways.insert(edge.from.clone()) => visit.push(edge.from),
                _ => {}
            }
        }
    }
    (services, gateways)
}

fn client(index: &FactIndex<'_>, id: &SubjectId) -> Client {
    let number = |key| index.number(id, key).map(|(n, _)| num::round9(n));
    let members = number(key::DESIRED_MEMBERS);
    let most_members = number(key::MAXIMUM_MEMBERS).or(members);
    let (processes, pool) = (number(key::PROCESSES_PER_MEMBER), number(key::POOL_MAX_PER_PROCESS));
    let each = processes.zip(pool).map(|(a, b)| a * b);
    let product = |members: Option<f64>| members.zip(each).map(|(a, b)| num::round9(a * b));
    Client {
        subject: subject_ref(index, id),
        members,
        most_members,
        processes,
        pool,
        may_open: product(members),
        at_full_scale: product(most_members),
    }
}

fn pools(index: &FactIndex<'_>, owner: &SubjectId) -> Vec<Pooler> {
    let name = index.resource(owner).map_or_else(|| owner.to_string(), |r| r.name.clone());
    let mut found: Vec<Pooler> = index
        .facts::<PoolStat>(owner)
        .map(|(p, _)| Pooler {
            owner: name.clone(),
            pool: p.pool.clone(),
            size: p.size.map(|s| num::round9(s * p.processes.unwrap_or(1.0))),
            active: p.active.map(num::round9),
            waiting: p.waiting.map(num::round9),
            max_wait_s: p.max_wait_s.map(num::round9),
        })
        .collect();
    found.sort_by(|a, b| a.pool.cmp(&b.pool));
    found.dedup_by(|a, b| a.pool == b.pool);
    found
}
