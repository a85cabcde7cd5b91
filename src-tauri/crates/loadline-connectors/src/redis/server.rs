//! Scope `server`: the store as a resource, its memory, what it keeps on disk, its connections and its copies.

use super::commands::{Argument, CLUSTER_INFO, CONFIG, INFO, SETTINGS};
use super::identity::Mode;
use super::info::Info;
use super::reading::Reading;
use super::{cluster, replication};
use crate::Cancelled;
use loadline_model::{Basis, Confidence, Edge, Environment, Kind, Limited, Relation, Resource, Value, key};
use std::collections::BTreeMap;

/// Settings by name, as `CONFIG GET` answers; empty where that is refused.
pub(super) type Settings = BTreeMap<&'static str, String>;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>, name: &str, environment: Option<Environment>) -> Result<(), Cancelled> {
    exists(r, name, environment);
    r.answer.listed(Kind::Cache);
    let Some(info) = r.info().await? else { return Ok(()) };
    let settings = settings(r).await?;
    memory(r, &info, &settings);
    kept(r, &info, &settings);
    connections(r, &info, &settings);
    match r.server.mode {
        Mode::Cluster => {
            let state = r.ask(&CLUSTER_INFO, Argument::None).await?;
            cluster::read(r, state.and_then(|s| s.text()), name).await
        }
        _ => replication::read(r, &info, &settings).await,
    }
}

fn exists(r: &mut Reading<'_>, name: &str, environment: Option<Environment>) {
    let server = r.server;
    let store = server.store();
    let called = |fallback: &str| if name.is_empty() { fallback.to_owned() } else { name.to_owned() };
    let resource = Resource {
        environment,
        engine: Some(server.engine.to_owned()),
        engine_version: Some(server.version_text.clone()).filter(|v| !v.is_empty()),
        managed: server.managed,
        ..Resource::new(Kind::Cache, called(store.as_str().trim_start_matches("redis://")))
    };
    if server.is_copy() {
        let copy = Resource { kind: Kind::Instance, name: server.endpoint.clone(), ..resource.clone() };
        r.answer.say(&server.subject(), INFO.name, Basis::Configured, copy);
        let edge =
            Edge { relation: super::identity::copied(None), to: server.subject(), confidence: Confidence::Observed };
        r.answer.say(&store, INFO.name, Basis::Measured, edge);
    }
    r.answer.say(&store, INFO.name, Basis::Configured, resource);
    r.flag(&INFO, key::IS_STANDBY, Some(server.is_copy()));
    for other in server.also() {
        let edge = Edge { relation: Relation::SameAs, to: other, confidence: Confidence::Declared };
        r.answer.say(&store, INFO.name, Basis::Configured, edge);
    }
}

/// Asks for each setting by name; the first refusal stands for all.
async fn settings(r: &mut Reading<'_>) -> Result<Settings, Cancelled> {
    let mut read = Settings::new();
    for name in SETTINGS {
        let Some(reply) = r.ask(&CONFIG, Argument::Setting(name)).await? else { break };
        if let Some(value) = reply.field(name) {
            read.insert(name, value);
        }
    }
    Ok(read)
}

/// A numeric setting.
pub(super) fn number(settings: &Settings, name: &str) -> Option<f64> {
    settings.get(name)?.parse().ok().filter(|n: &f64| n.is_finite())
}

fn memory(r: &mut Reading<'_>, info: &Info, settings: &Settings) {
    let most = info.number("maxmemory").or_else(|| number(settings, "maxmemory"));
    if let Some(most) = most {
        r.configured(&INFO, key::CACHE_MEMORY_LIMITED, Value::Bool(most > 0.0));
    }
    if let Some(most) = most.filter(|m| *m > 0.0) {
        r.limit(&INFO, Limited::Memory, most, "bytes");
    }
    r.now(&INFO, Limited::Memory.used_metric(), "bytes", None, info.number("used_memory"));
    let policy = info.text("maxmemory_policy").or_else(|| settings.get("maxmemory-policy").map(String::as_str));
    // A word of a few: whatever else a server says is not repeated.
    if let Some(policy) = policy.filter(|p| p.len() <= 24 && p.chars().all(|c| c.is_ascii_lowercase() || c == '-')) {
        r.configured(&INFO, key::EVICTION_POLICY, Value::Text(policy.to_owned()));
    }
    let (keys, expire) = info.databases().iter().fold((0.0, 0.0), |(k, e), (_, keys, expires)| (k + keys, e + expires));
    if keys > 0.0 {
        r.number(&INFO, key::CACHE_KEYS_EXPIRING, Some(expire / keys));
    }
}

/// What survives a restart.
fn kept(r: &mut Reading<'_>, info: &Info, settings: &Settings) {
    let appends = info.flag("aof_enabled").or_else(|| settings.get("appendonly").map(|v| v == "yes"));
    r.flag(&INFO, key::AOF_ENABLED, appends);
    let ok = |name: &str| info.text(name).map(|status| status == "ok");
    let mut outcomes = vec![ok("rdb_last_bgsave_status")];
    if appends == Some(true) {
        outcomes.extend([ok("aof_last_write_status"), ok("aof_last_bgrewrite_status")]);
    }
    let known: Vec<bool> = outcomes.into_iter().flatten().collect();
    if !known.is_empty() {
        r.flag(&INFO, key::LAST_SAVE_OK, Some(known.iter().all(|ok| *ok)));
    }
    let saves = settings.get("save").map(|rules| !rules.is_empty());
    r.flag(&CONFIG, key::CACHE_SNAPSHOTS, saves);
    r.number(&INFO, key::SNAPSHOT_AGE_MINUTES, snapshot_age(info, r.answer.read_at().0 as f64 / 1000.0));
}

/// Minutes since the last snapshot. A server that never saved tells the time of its start.
fn snapshot_age(info: &Info, now: f64) -> Option<f64> {
    let saved = info.number("rdb_last_save_time").filter(|at| *at > 0.0)?;
    let begun = now - info.number("uptime_in_seconds")?;
    let ever = saved > begun + 2.0 || info.number("rdb_saves").is_some_and(|n| n > 0.0);
    ever.then(|| ((now - saved) / 60.0).max(0.0))
}

fn connections(r: &mut Reading<'_>, info: &Info, settings: &Settings) {
    // Ours is one of them.
    let used = info.number("connected_clients").map(|n| (n - 1.0).max(0.0));
    let most = info.number("maxclients").or_else(|| number(settings, "maxclients"));
    if let Some(most) = most.filter(|m| *m > 0.0) {
        r.configured(&INFO, key::MAX_CONNECTIONS, Value::Number(most));
        r.limit(&INFO, Limited::Connections, most, "connections");
    }
    r.number(&INFO, key::CONNECTIONS_IN_USE, used);
    r.now(&INFO, Limited::Connections.used_metric(), "connections", None, used);
    r.number(&INFO, key::CACHE_BLOCKED_CLIENTS, info.number("blocked_clients"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_no_snapshot() {
        let check = |info: &str, expected: Option<f64>| {
            assert_eq!(snapshot_age(&Info::parse(info), 10_000.0), expected, "{info}");
        };
        check("rdb_last_save_time:9400\nuptime_in_seconds:5000", Some(10.0));
        check("rdb_last_save_time:5001\nuptime_in_seconds:5000", None);
        check("rdb_last_save_time:5001\nuptime_in_seconds:5000\nrdb_saves:1", Some(4999.0 / 60.0));
        check("rdb_last_save_time:0\nuptime_in_seconds:5000", None);
        check("uptime_in_seconds:5000", None);
    }
}
