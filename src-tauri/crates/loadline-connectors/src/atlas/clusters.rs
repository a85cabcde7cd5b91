//! Scope `clusters/<project>`: clusters as databases with their members, regions, switches and who may reach them.

use super::calls::{ACCESS_LIST, CLUSTERS, PROCESSES};
use super::reading::{Reading, flag, number, rows, text, time};
use crate::Cancelled;
use loadline_model::{Basis, Kind, Limit, Limited, Relation, Resource, SubjectId, Value, key};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Most connections of one node by its size (MongoDB documentation, "Atlas Service Limits", "Connection Limits and
/// Cluster Tier").
const CONNECTIONS: [(&str, f64); 15] = [
    ("M0", 500.0),
    ("M2", 500.0),
    ("M5", 500.0),
    ("M10", 1_500.0),
    ("M20", 3_000.0),
    ("M30", 3_000.0),
    ("M40", 6_000.0),
    ("R40", 6_000.0),
    ("M50", 16_000.0),
    ("R50", 16_000.0),
    ("M60", 32_000.0),
    ("R60", 32_000.0),
    ("M80", 96_000.0),
    ("M140", 96_000.0),
    ("M200", 128_000.0),
];
/// A member that was not heard of for longer is not counted as healthy (SPOF-010: five minutes, and the time to read).
const SILENT_HOURS: f64 = 0.25;

/// A cluster as other rooms need it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cluster {
    pub id: SubjectId,
    pub name: String,
    /// `host:port` of every address that applications use.
    pub hosts: BTreeSet<String>,
    /// It has shards: a process then speaks for one shard only.
    pub sharded: bool,
}

impl Cluster {
    /// The cluster of a row; `None` where it has no id.
    pub(super) fn of(row: &Json) -> Option<Self> {
        let standard = text(row, "/connectionStrings/standard").unwrap_or("");
        let authority = standard.strip_prefix("mongodb://").unwrap_or("").split(['/', '?']).next().unwrap_or("");
        let hosts = authority.split(',').filter(|h| h.contains(':')).map(str::to_ascii_lowercase).collect();
        Some(Self {
            id: SubjectId(format!("atlas:{}", text(row, "/id")?)),
            name: text(row, "/name")?.to_owned(),
            hosts,
            sharded: text(row, "/clusterType").is_some_and(|t| t != "REPLICASET"),
        })
    }

    /// A collection of it.
    pub(super) fn table(&self, namespace: &str) -> SubjectId {
        let (database, collection) = namespace.split_once('.').unwrap_or((namespace, ""));
        SubjectId(format!("{}/{database}/{collection}", self.id))
    }
}

/// A running member.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Process {
    /// `host:port`, by which it is asked for.
    pub id: String,
    /// `host:port` that applications use.
    pub address: String,
    /// `REPLICA_PRIMARY`, `REPLICA_SECONDARY`, `SHARD_MONGOS`, …
    pub kind: String,
    healthy: bool,
}

impl Process {
    /// The member's own id; an account that is connected to it names it the same.
    pub(super) fn subject(&self) -> SubjectId {
        SubjectId(format!("mongodb://{}/member", self.address))
    }
}

/// The processes of each cluster.
pub(super) fn processes_of<'p>(cluster: &Cluster, processes: &'p [Process]) -> Vec<&'p Process> {
    processes.iter().filter(|p| cluster.hosts.contains(&p.address) || cluster.hosts.contains(&p.id)).collect()
}

/// The project's clusters; `None` when a gap was left instead.
pub(super) async fn list(r: &mut Reading<'_>) -> Result<Option<(Vec<Json>, Vec<Cluster>)>, Cancelled> {
    let Some(found) = r.list(&CLUSTERS, "", &[], &[Kind::Database], None).await? else { return Ok(None) };
    let clusters = found.iter().filter_map(Cluster::of).collect();
    Ok(Some((found, clusters)))
}

/// The project's processes; `None` when a gap was left instead.
pub(super) async fn processes(r: &mut Reading<'_>) -> Result<Option<Vec<Process>>, Cancelled> {
    let now = r.answer.read_at();
    let found = r.list(&PROCESSES, "", &[], &[Kind::Instance], None).await?;
    let process = |row: &Json| {
        let id = text(row, "/id")?.to_ascii_lowercase();
        let port = id.rsplit_once(':').map_or("27017", |(_, port)| port);
        let address =
            text(row, "/userAlias").map_or(id.clone(), |alias| format!("{}:{port}", alias.to_ascii_lowercase()));
        let heard = time(row, "/lastPing").is_some_and(|at| now.hours_since(at) <= SILENT_HOURS);
        let kind = text(row, "/typeName")?.to_owned();
        Some(Process { healthy: heard && kind.starts_with("REPLICA_"), id, address, kind })
    };
    Ok(found.map(|rows| rows.iter().filter_map(process).collect()))
}

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some((found, clusters)) = list(r).await? else { return Ok(()) };
    r.answer.listed(Kind::Database);
    let processes = processes(r).await?;
    if processes.is_some() {
        r.answer.listed(Kind::Instance);
    }
    let open = r.list(&ACCESS_LIST, "", &[], &[], None).await?.map(|entries| entries.iter().any(is_everybody));
    for (row, cluster) in found.iter().filter_map(|row| Some((row, Cluster::of(row)?))) {
        say(r, row, &cluster, processes.as_deref());
        r.set(&cluster.id, &ACCESS_LIST, key::PUBLICLY_REACHABLE, open.map(Value::Bool));
        // Atlas takes no connection without a user and TLS (MongoDB documentation, "Atlas Security").
        for fixed in [key::AUTHENTICATION_REQUIRED, key::TLS_REQUIRED] {
            r.set(&cluster.id, &CLUSTERS, fixed, Some(Value::Bool(true)));
        }
    }
    if let Some(sharded) = clusters.iter().find(|c| c.sharded) {
        let detail = format!("{} is sharded: lag, votes and load of its shards are not told apart.", sharded.name);
        let closes = "Connect each shard's replica set as an account `mongodb` of its own.";
        r.answer.miss_of(loadline_model::GapReason::NotConnected, detail, closes, &[], Some(&sharded.id));
    }
    Ok(())
}

/// An entry that lets the whole internet in.
fn is_everybody(entry: &Json) -> bool {
    ["/cidrBlock", "/ipAddress"].iter().any(|p| matches!(text(entry, p), Some("0.0.0.0/0" | "::/0")))
}

fn say(r: &mut Reading<'_>, row: &Json, cluster: &Cluster, processes: Option<&[Process]>) {
    let regions: Vec<&Json> = rows(row, "/replicationSpecs").iter().flat_map(|s| rows(s, "/regionConfigs")).collect();
    // Several shards repeat the same regions: one of them is one set of voters.
    let first: Vec<&Json> =
        rows(row, "/replicationSpecs").first().map(|s| rows(s, "/regionConfigs")).unwrap_or_default().iter().collect();
    let electable =
        first.iter().map(|c| number(c, "/electableSpecs/nodeCount")).sum::<Option<f64>>().filter(|n| *n > 0.0);
    let names: BTreeSet<String> = regions.iter().filter_map(|c| region(c)).collect();
    let id = &cluster.id;
    let resource = Resource {
        environment: r.environment,
        engine: Some("mongodb".to_owned()),
        engine_version: text(row, "/mongoDBVersion").or_else(|| text(row, "/mongoDBMajorVersion")).map(str::to_owned),
        managed: Some(true),
        region: names.first().filter(|_| names.len() == 1).cloned(),
        required_members: electable.map(|n| (n / 2.0).floor() as u32 + 1),
        ..Resource::new(Kind::Database, cluster.name.clone())
    };
    r.say(id, &CLUSTERS, Basis::Configured, resource);
    for host in &cluster.hosts {
        r.edge(id, &CLUSTERS, Relation::SameAs, &SubjectId(format!("mongodb://{host}")));
    }
    let electable = electable.filter(|_| !cluster.sharded);
    for (key, value) in [
        (key::IS_STANDBY, Some(Value::Bool(false))),
        (key::STANDBY_MEMBERS, electable.map(|n| Value::Number(n - 1.0))),
        (key::AUTOMATIC_FAILOVER, electable.map(|n| Value::Bool(n >= 3.0))),
        (key::QUORUM_VOTES, electable.map(Value::Number)),
        (key::DELETION_PROTECTION, flag(row, "/terminationProtectionEnabled").map(Value::Bool)),
        (key::BACKUP_ENABLED, flag(row, "/backupEnabled").map(Value::Bool)),
        (key::PITR_ENABLED, flag(row, "/pitEnabled").map(Value::Bool)),
        (key::DISK_AUTOGROWTH, first.first().and_then(|c| flag(c, "/autoScaling/diskGB/enabled")).map(Value::Bool)),
    ] {
        r.set(id, &CLUSTERS, key, value);
    }
    let tier = first.first().and_then(|c| text(c, "/electableSpecs/instanceSize"));
    let most = tier.and_then(|t| CONNECTIONS.iter().find(|(size, _)| *size == t.trim_end_matches("_NVME")));
    if let Some((_, most)) = most {
        let limit = Limit { limited: Limited::Connections, value: *most, unit: "connections".to_owned() };
        r.say(id, &CLUSTERS, Basis::Inferred, limit);
    }
    if let Some(processes) = processes {
        members(r, cluster, &processes_of(cluster, processes), electable);
    }
}

fn members(r: &mut Reading<'_>, cluster: &Cluster, processes: &[&Process], electable: Option<f64>) {
    let healthy = processes.iter().filter(|p| p.healthy).count() as f64;
    if let Some(votes) = electable.filter(|_| !processes.is_empty()) {
        let value = Value::Number(healthy.min(votes));
        r.answer.set(&cluster.id, PROCESSES.name, Basis::Measured, key::QUORUM_HEALTHY, None, value);
    }
    for process in processes {
        let resource = Resource {
            engine: Some("mongodb".to_owned()),
            managed: Some(true),
            ..Resource::new(Kind::Instance, &process.address)
        };
        r.say(&process.subject(), &PROCESSES, Basis::Configured, resource);
        if electable == Some(processes.len() as f64) {
            r.edge(&process.subject(), &PROCESSES, Relation::MemberOf, &cluster.id);
        }
    }
}

/// A region under its provider's own name: AWS's `US_EAST_1` is `us-east-1`.
fn region(config: &Json) -> Option<String> {
    let name = text(config, "/regionName")?.to_ascii_lowercase();
    Some(if text(config, "/providerName") == Some("AWS") { name.replace('_', "-") } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_are_those_of_the_connection_string() {
        let row = json!({ "id": "32b6e34b3d91647abb20e7b8", "name": "shop", "clusterType": "REPLICASET", "connectionStrings": {
            "standard": "mongodb://Shop-shard-00-00.abc.mongodb.net:27017,shop-shard-00-01.abc.mongodb.net:27017/?ssl=true&authSource=admin" } });
        let cluster = Cluster::of(&row).expect("a cluster");
        assert_eq!(
            cluster.hosts.iter().map(String::as_str).collect::<Vec<_>>(),
            ["shop-shard-00-00.abc.mongodb.net:27017", "shop-shard-00-01.abc.mongodb.net:27017"]
        );
        assert_eq!(cluster.table("shop.a.b").as_str(), "atlas:32b6e34b3d91647abb20e7b8/shop/a.b");
        assert_eq!(Cluster::of(&json!({ "name": "x" })), None);
        assert!(Cluster::of(&json!({ "id": "1", "name": "x" })).is_some_and(|c| c.hosts.is_empty() && !c.sharded));
    }

    #[test]
    fn who_lets_everybody_in() {
        assert!(is_everybody(&json!({ "cidrBlock": "0.0.0.0/0" })) && is_everybody(&json!({ "cidrBlock": "::/0" })));
        assert!(!is_everybody(&json!({ "cidrBlock": "203.0.113.0/24", "comment": "0.0.0.0/0" })));
    }
}
