//! CACHE: caching.

mod keys_without_expiry;
mod low_hit_ratio;
mod mixed_roles;
mod reads_not_cached;
mod repeated;
mod unsafe_eviction;

use crate::evaluate::Reading;
use crate::{Context, Rule, Subject};
use loadline_model::{CheckResult, Limited, Relation, key};
use std::collections::BTreeSet;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &reads_not_cached::RULE,
    &low_hit_ratio::RULE,
    &unsafe_eviction::RULE,
    &keys_without_expiry::RULE,
    &mixed_roles::RULE,
];

/// What the instance holds, each role once; empty when nobody said.
fn roles<'c>(seen: &mut Reading<'c>) -> BTreeSet<&'c str> {
    seen.texts("holds", key::STORE_ROLE).into_iter().map(|(_, role)| role).collect()
}

/// Holds something that may not be thrown away: sessions, jobs, data of users.
fn must_keep(roles: &BTreeSet<&str>) -> bool {
    roles.iter().any(|r| matches!(*r, "sessions" | "queue" | "user_data"))
}

/// Not a cache that answers reads again: leaves the denominator, on what was read.
fn no_read_cache(subject: &Subject<'_>, roles: &BTreeSet<&str>, seen: &mut Reading<'_>) -> Option<CheckResult> {
    let none = !roles.is_empty() && !roles.iter().any(|r| matches!(*r, "cache" | "rebuildable"));
    none.then(|| {
        let said: Vec<&str> = roles.iter().copied().collect();
        let because = format!("`{}` holds {}, not answers to repeated reads.", subject.name(), said.join(" and "));
        CheckResult::not_applicable(because).with_evidence(std::mem::take(&mut seen.rows))
    })
}

/// The busiest CPU of the databases that the cache's clients depend on, share at peak.
fn database_cpu(subject: &Subject<'_>, context: &Context<'_>) -> Option<f64> {
    let facts = context.facts;
    let depends = |r: &Relation| matches!(r, Relation::DependsOn { .. });
    let clients = facts.edges_to(&subject.id).filter(|e| depends(&e.edge.relation));
    let mut stores = BTreeSet::new();
    for client in clients {
        stores.extend(facts.edges_from(&client.from).filter(|e| depends(&e.edge.relation)).map(|e| e.to));
    }
    let cpu = context.capacity.utilisation.iter().filter(|u| u.limited == Limited::Cpu);
    cpu.filter(|u| stores.contains(&u.subject.id) && u.subject.id != subject.id).map(|u| u.now.p90).reduce(f64::max)
}

#[cfg(test)]
mod cases {
    //! Caches for cases.
    use crate::testing::Case;
    use loadline_model::{Kind, Resource, Tier, Value, key};

    /// A Redis `redis` of tier T1 that holds something.
    pub(in crate::cache) fn redis(role: &str) -> Case {
        let engine = Some("redis".to_owned());
        let cache = Resource { tier: Some(Tier::T1), engine, ..Resource::new(Kind::Cache, "redis") };
        let case = Case::new().has("redis", cache);
        if role.is_empty() { case } else { case.set("redis", key::STORE_ROLE, Value::Text(role.into())) }
    }
}
