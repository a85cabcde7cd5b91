//! Scope `measurements/<project>`: what each member was measured to do, by the hour.

use super::calls::{DISK, MEASUREMENTS};
use super::clusters::{self, Cluster, Process};
use super::reading::{Reading, number, rows, text, time};
use crate::Cancelled;
use loadline_model::{Basis, Limited, SubjectId, Timestamp, Value, key, key::metric};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Members that are measured, over all clusters of a project.
const MOST: usize = 60;
/// Names of what is asked for (MongoDB documentation, "Return Measurements for One MongoDB Process").
const WANTED: [&str; 10] = [
    "CONNECTIONS",
    "OPCOUNTER_QUERY",
    "OPLOG_MASTER_TIME",
    "OPLOG_REPLICATION_LAG_TIME",
    "SYSTEM_NORMALIZED_CPU_USER",
    "SYSTEM_NORMALIZED_CPU_KERNEL",
    "SYSTEM_NORMALIZED_CPU_IOWAIT",
    "SYSTEM_NORMALIZED_CPU_NICE",
    "SYSTEM_NORMALIZED_CPU_SOFTIRQ",
    "SYSTEM_NORMALIZED_CPU_STEAL",
];
const CPU: &str = "SYSTEM_NORMALIZED_CPU_";
const OF_DISK: [&str; 3] =
    ["DISK_PARTITION_SPACE_PERCENT_USED", "DISK_PARTITION_IOPS_TOTAL", "DISK_PARTITION_LATENCY_READ"];
/// Queries a second that a secondary must answer to count as serving reads: more than monitoring asks.
const READS_PER_SECOND: f64 = 0.1;

/// Values by time.
type Points = BTreeMap<Timestamp, f64>;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some((_, clusters)) = clusters::list(r).await? else { return Ok(()) };
    let Some(processes) = clusters::processes(r).await? else { return Ok(()) };
    let mut left = MOST;
    for cluster in clusters.iter().filter(|c| !c.sharded) {
        let members = clusters::processes_of(cluster, &processes);
        let mut reads = Vec::new();
        for member in members.iter().filter(|p| p.kind.starts_with("REPLICA_")).take(left) {
            reads.extend(one(r, cluster, member).await?);
        }
        left = left.saturating_sub(members.len());
        let secondaries = members.iter().filter(|p| p.kind == "REPLICA_SECONDARY").count();
        let used = match reads.contains(&true) {
            true => Some(true),
            false => (!reads.is_empty() && reads.len() == secondaries).then_some(false),
        };
        if let Some(used) = used {
            r.answer.set(
                &cluster.id,
                MEASUREMENTS.name,
                Basis::Measured,
                key::READ_REPLICA_USED,
                None,
                Value::Bool(used),
            );
        }
    }
    Ok(())
}

/// Says one member's levels; whether it serves reads, for a secondary.
async fn one(r: &mut Reading<'_>, cluster: &Cluster, member: &Process) -> Result<Option<bool>, Cancelled> {
    let days = r.window.until.days_since(r.window.from).clamp(1.0, 28.0).ceil();
    let period = format!("P{days:.0}D");
    let query = |wanted: &[&'static str]| {
        let mut query = vec![("granularity", "PT1H"), ("period", "")];
        query.extend(wanted.iter().map(|m| ("m", *m)));
        query
    };
    let with_period = |query: Vec<(&'static str, &'static str)>| -> Vec<(String, String)> {
        query
            .into_iter()
            .map(|(k, v)| (k.to_owned(), if k == "period" { period.clone() } else { v.to_owned() }))
            .collect()
    };
    let asked = with_period(query(&WANTED));
    let asked: Vec<(&str, &str)> = asked.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let Some(answer) = r.get(&MEASUREMENTS, &member.id, &asked, Some(&cluster.id)).await? else { return Ok(None) };
    let measured = points(&answer);
    let get = |name: &str| measured.get(name).filter(|p| !p.is_empty());
    if member.kind == "REPLICA_SECONDARY" {
        if let Some(lag) = get("OPLOG_REPLICATION_LAG_TIME") {
            r.series(&cluster.id, &MEASUREMENTS, (metric::REPLICA_LAG, "s"), Some(("standby", &member.address)), lag);
        }
        let queries = get("OPCOUNTER_QUERY").and_then(mean);
        return Ok(queries.map(|q| q > READS_PER_SECOND));
    }
    of_primary(r, cluster, &measured);
    let asked = with_period(query(&OF_DISK));
    let asked: Vec<(&str, &str)> = asked.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    if let Some(answer) = r.get(&DISK, &member.id, &asked, Some(&cluster.id)).await? {
        let disk = points(&answer);
        let rows = [
            ("DISK_PARTITION_SPACE_PERCENT_USED", Limited::Disk.utilisation_metric(), "ratio", 0.01),
            ("DISK_PARTITION_IOPS_TOTAL", metric::DISK_OPERATIONS.to_owned(), "1/s", 1.0),
            ("DISK_PARTITION_LATENCY_READ", metric::DISK_READ_LATENCY.to_owned(), "s", 0.001),
        ];
        for (name, becomes, unit, factor) in rows {
            if let Some(points) = disk.get(name) {
                r.series(&cluster.id, &DISK, (&becomes, unit), None, &scaled(points, factor));
            }
        }
    }
    Ok(None)
}

fn of_primary(r: &mut Reading<'_>, cluster: &Cluster, measured: &BTreeMap<String, Points>) {
    let id: &SubjectId = &cluster.id;
    if let Some(connections) = measured.get("CONNECTIONS") {
        let metric = Limited::Connections.used_metric();
        r.series(id, &MEASUREMENTS, (&metric, "connections"), None, connections);
        let now = connections.values().next_back().copied().map(Value::Number);
        if let Some(now) = now {
            r.answer.set(id, MEASUREMENTS.name, Basis::Measured, key::CONNECTIONS_IN_USE, None, now);
        }
    }
    let parts: Vec<&Points> = measured.iter().filter(|(name, _)| name.starts_with(CPU)).map(|(_, p)| p).collect();
    let mut cpu = Points::new();
    // A moment of which a part is missing would look idle.
    if let Some((first, others)) = parts.split_first() {
        for (at, value) in first.iter() {
            let rest: Option<f64> = others.iter().map(|p| p.get(at).copied()).sum();
            if let Some(rest) = rest {
                cpu.insert(*at, ((value + rest) / 100.0).min(1.0));
            }
        }
    }
    r.series(id, &MEASUREMENTS, (&Limited::Cpu.utilisation_metric(), "ratio"), None, &cpu);
    // In seconds; the shortest of the window is what a member may be away.
    let window = measured.get("OPLOG_MASTER_TIME").and_then(|p| p.values().copied().min_by(f64::total_cmp));
    if let Some(seconds) = window.filter(|s| *s > 0.0) {
        let value = Value::Number(seconds / 3600.0);
        r.answer.set(id, MEASUREMENTS.name, Basis::Measured, key::OPLOG_WINDOW_HOURS, None, value);
    }
}

fn points(answer: &Json) -> BTreeMap<String, Points> {
    let one = |m: &Json| {
        let value = |p: &Json| Some((time(p, "/timestamp")?, number(p, "/value")?));
        Some((text(m, "/name")?.to_owned(), rows(m, "/dataPoints").iter().filter_map(value).collect()))
    };
    rows(answer, "/measurements").iter().filter_map(one).collect()
}

fn scaled(points: &Points, factor: f64) -> Points {
    points.iter().map(|(at, v)| (*at, v * factor)).collect()
}

fn mean(points: &Points) -> Option<f64> {
    (!points.is_empty()).then(|| points.values().sum::<f64>() / points.len() as f64)
}
