//! Scope `stores`: what exporters of databases, caches and poolers say.

use super::api::Line;
use super::catalog::STORES;
use super::reading::Reading;
use super::saturation::levels;
use crate::Cancelled;
use loadline_model::{Basis, Confidence, Edge, Kind, Limit, Limited, PoolStat, Relation, SubjectId, Value, key};
use std::collections::BTreeMap;

/// What is read beside the catalog, and what it gives.
pub(super) const NAMED: [(&str, &str); 5] = [
    ("pg_settings_max_connections", "limit of connections (postgres_exporter)"),
    ("pg_settings_superuser_reserved_connections", "reserved connections (postgres_exporter)"),
    ("pgbouncer_pools_client_waiting_connections", "waiting clients of pools (pgbouncer_exporter)"),
    ("pgbouncer_pools_server_active_connections", "busy connections of pools (pgbouncer_exporter)"),
    ("pgbouncer_pools_client_maxwait_seconds", "longest wait of pools (pgbouncer_exporter)"),
];

/// Reads the scope. Silence is no gap here: nobody said that such a store exists.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    if levels(r, STORES).await?.is_some_and(|seen| seen.contains("postgres_exporter")) {
        postgres(r).await?;
    }
    poolers(r).await
}

async fn postgres(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    const MOST: &str = "max by (instance, server) (pg_settings_max_connections)";
    const RESERVED: &str = "max by (instance) (pg_settings_superuser_reserved_connections)";
    let reserved = by_instance(&r.instant("reserved connections", RESERVED).await?);
    for line in r.instant("most connections", MOST).await? {
        let (Some(instance), Some((_, most))) = (line.label("instance"), line.samples.last()) else { continue };
        let subject = SubjectId::from(instance);
        r.answer.set(&subject, MOST, Basis::Configured, key::MAX_CONNECTIONS, None, Value::Number(*most));
        if let Some(reserved) = reserved.get(instance) {
            r.answer.set(
                &subject,
                RESERVED,
                Basis::Configured,
                key::RESERVED_CONNECTIONS,
                None,
                Value::Number(*reserved),
            );
            let limit = Limit { limited: Limited::Connections, value: most - reserved, unit: "connections".to_owned() };
            r.answer.say(&subject, MOST, Basis::Configured, limit);
        }
        // The exporter names the server it asks: a suggestion that both are one thing, for a person to confirm.
        if let Some(server) = line.label("server") {
            let to = SubjectId(format!("postgresql://{server}"));
            let edge = Edge { relation: Relation::SameAs, to, confidence: Confidence::Inferred };
            r.answer.say(&subject, MOST, Basis::Inferred, edge);
        }
    }
    const USED: &str = "sum by (instance) (pg_stat_activity_count)";
    for (instance, used) in by_instance(&r.instant("connections in use", USED).await?) {
        let subject = SubjectId(instance);
        r.answer.set(&subject, USED, Basis::Measured, key::CONNECTIONS_IN_USE, None, Value::Number(used));
    }
    Ok(())
}

async fn poolers(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    const NAMES: [&str; 3] = [
        "pgbouncer_pools_client_waiting_connections",
        "pgbouncer_pools_server_active_connections",
        "pgbouncer_pools_client_maxwait_seconds",
    ];
    let Some(present) = r.present(&NAMES.map(str::to_owned)).await? else { return Ok(()) };
    let mut pools: BTreeMap<(String, String), [Option<f64>; 3]> = BTreeMap::new();
    for (place, name) in NAMES.iter().enumerate() {
        if !present.iter().any(|p| p == name) {
            continue;
        }
        for line in r.instant(name, &format!("max by (instance, database, user) ({name})")).await? {
            let (Some(instance), Some((_, value))) = (line.label("instance"), line.samples.last()) else { continue };
            let pool = format!("{}/{}", line.label("database").unwrap_or("?"), line.label("user").unwrap_or("?"));
            if let Some(slot) = pools.entry((instance.to_owned(), pool)).or_default().get_mut(place) {
                *slot = Some(*value);
            }
        }
    }
    let mut last = String::new();
    for ((instance, pool), [waiting, active, max_wait_s]) in pools {
        let subject = SubjectId::from(instance.as_str());
        if instance != last {
            r.exists(&subject, NAMES[0], Kind::Gateway, &instance, Some("pgbouncer"));
            r.answer.set(&subject, NAMES[0], Basis::Measured, key::POOLER_PRESENT, None, Value::Bool(true));
            last = instance;
        }
        let stat = PoolStat { pool, active, waiting, max_wait_s, ..PoolStat::default() };
        r.answer.say(&subject, NAMES[0], Basis::Measured, stat);
    }
    Ok(())
}

fn by_instance(lines: &[Line]) -> BTreeMap<String, f64> {
    lines.iter().filter_map(|l| Some((l.label("instance")?.to_owned(), l.samples.last()?.1))).collect()
}
