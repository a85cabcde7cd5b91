//! The pools before a database, its own and those of a pooler.

use super::wording::duration;
use crate::{Context, Subject};
use loadline_model::{Evidence, Kind, PoolStat, Provenance, Relation, SubjectId, key};

/// Pools the database or a gateway before it owns.
pub(super) fn pools_of<'a>(subject: &Subject<'_>, context: &Context<'a>) -> Vec<(&'a PoolStat, &'a Provenance)> {
    owners(subject, context).iter().flat_map(|id| context.facts.facts::<PoolStat>(id).collect::<Vec<_>>()).collect()
}

/// The longest mean wait since a pooler's start, in milliseconds, with its row.
pub(super) fn mean_wait(subject: &Subject<'_>, context: &Context<'_>) -> Option<(f64, Evidence)> {
    let facts = context.facts;
    let owners = owners(subject, context);
    let all = owners.iter().flat_map(|id| facts.settings(id, key::POOL_MEAN_WAIT_MS).collect::<Vec<_>>());
    let waits = all.filter_map(|(s, from)| s.value.as_number().map(|ms| (ms, from)));
    let (ms, from) = waits.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some((ms, Evidence::read("mean wait for a pooled connection", duration(ms / 1_000.0), from)))
}

fn owners(subject: &Subject<'_>, context: &Context<'_>) -> Vec<SubjectId> {
    let mut owners = vec![subject.id.clone()];
    let before = context.facts.edges_to(&subject.id).filter(|e| matches!(e.edge.relation, Relation::DependsOn { .. }));
    owners.extend(
        before.filter(|e| context.facts.resource(&e.from).is_some_and(|r| r.kind == Kind::Gateway)).map(|e| e.from),
    );
    owners.sort();
    owners.dedup();
    owners
}
