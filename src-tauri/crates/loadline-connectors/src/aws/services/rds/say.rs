//! Facts of databases: who takes over, what can be restored, where they answer.

use super::shapes::{AutomatedBackup, Cluster, Instance, Snapshot};
use super::{AUTOMATED, CLUSTERS, INSTANCES, SNAPSHOTS};
use crate::aws::services::telling::{Telling, host};
use loadline_model::{
    BackupEvent, BackupKind, Basis, Kind, Limited, Relation, Resource, SubjectId, Timestamp, Value, key,
};

const GIB: f64 = 1_073_741_824.0;

/// The name by which other accounts and rules know an engine.
pub(super) fn engine(name: &str) -> &str {
    if name == "postgres" { "postgresql" } else { name }
}

/// Scheme of an engine's addresses, as the database's own account writes them.
fn scheme(engine: &str) -> Option<&'static str> {
    match engine {
        e if e.contains("postgres") => Some("postgresql"),
        e if e.contains("mysql") || e == "aurora" => Some("mysql"),
        e if e.contains("mariadb") => Some("mysql"),
        "docdb" => Some("mongodb"),
        _ => None,
    }
}

/// Names under which a database answers: an exact `postgresql://host:port`, and the bare host.
fn answers_at(t: &mut Telling<'_>, subject: &SubjectId, engine: &str, name: Option<&str>, port: Option<u64>) {
    let Some(name) = name.map(str::to_ascii_lowercase) else { return };
    t.also(subject, &host(&name));
    if let (Some(scheme), Some(port)) = (scheme(engine), port) {
        t.also(subject, &SubjectId(format!("{scheme}://{name}:{port}")));
    }
}

/// Says an instance. In a cluster it is a member; the cluster is the database.
pub(super) fn say_instance(t: &mut Telling<'_>, instance: &Instance, all: &[&Instance]) {
    let Some(arn) = instance.arn.as_deref() else { return };
    let subject = SubjectId::from(arn);
    let engine = engine(instance.engine.as_deref().unwrap_or("")).to_owned();
    let name = instance.id.as_deref().unwrap_or(arn);
    let kind = if instance.cluster.is_some() { Kind::Instance } else { Kind::Database };
    t.call(INSTANCES.name);
    let resource = Resource {
        engine: Some(engine.clone()).filter(|e| !e.is_empty()),
        engine_version: instance.engine_version.clone(),
        managed: Some(true),
        ..t.resource(kind, name, &instance.tag_list)
    };
    t.exists(&subject, resource);
    let (address, port) = (instance.endpoint.address.as_deref(), instance.endpoint.port);
    answers_at(t, &subject, &engine, address, port);
    places(t, &subject, instance);
    let closed = (instance.publicly_accessible == Some(false)).then_some(false);
    t.flag(&subject, key::PUBLICLY_REACHABLE, closed);
    if instance.cluster.is_some() {
        return;
    }
    t.limit(&subject, Limited::Disk, instance.allocated_storage.map(|gib| gib * GIB), "bytes");
    t.limit(&subject, Limited::Iops, instance.iops, "1/s");
    // Only the presence of a ceiling is an answer: where it is missing, so may be the field.
    let grows = instance.max_allocated_storage.zip(instance.allocated_storage).filter(|(most, now)| most > now);
    t.flag(&subject, key::DISK_AUTOGROWTH, grows.map(|_| true));
    t.flag(&subject, key::DELETION_PROTECTION, instance.deletion_protection);
    if let Some(source) = instance.copy_of.as_deref() {
        t.flag(&subject, key::IS_STANDBY, Some(true));
        // A replica of another region is named by ARN, one of the same region by its name.
        let by_name = all.iter().find(|i| i.id.as_deref() == Some(source)).and_then(|i| i.arn.as_deref());
        let source = by_name.map(SubjectId::from).unwrap_or_else(|| match source.starts_with("arn:") {
            true => SubjectId::from(source),
            false => t.place.arn("rds", &format!("db:{source}")),
        });
        let copied = Relation::ReplicatedTo { synchronous: Some(false), automatic: Some(false) };
        t.edge(&source, copied, &subject);
    } else {
        t.flag(&subject, key::AUTOMATIC_FAILOVER, instance.multi_az);
        t.count(&subject, key::STANDBY_MEMBERS, instance.multi_az.map(u64::from));
        let unread = instance.copies.as_ref().filter(|copies| copies.is_empty()).map(|_| false);
        t.flag(&subject, key::READ_REPLICA_USED, unread);
    }
    backups(t, &subject, instance.backup_retention_period, instance.latest_restorable_time);
}

/// The standby's zone may not be answered; then the zone of the primary alone would be a false fate.
fn places(t: &mut Telling<'_>, subject: &SubjectId, instance: &Instance) {
    match (instance.multi_az, instance.secondary_availability_zone.as_deref()) {
        (Some(true), None) => t.in_region(subject),
        (_, second) => {
            t.in_zone(subject, instance.availability_zone.as_deref());
            t.in_zone(subject, second.filter(|_| instance.multi_az == Some(true)));
        }
    }
}

/// Retention 0 turns automatic backups and with them recovery to a point in time off, whatever else is answered.
fn backups(t: &mut Telling<'_>, subject: &SubjectId, days: Option<u64>, latest: Option<Timestamp>) {
    let Some(days) = days else { return };
    t.count(subject, key::BACKUP_RETENTION_DAYS, Some(days));
    t.flag(subject, key::BACKUP_ENABLED, Some(days > 0));
    t.flag(subject, key::PITR_ENABLED, Some(days > 0));
    if let Some(at) = latest.filter(|_| days > 0) {
        copy(t, subject, BackupKind::PointInTime, at, true, "RDS automated backup");
    }
}

fn copy(t: &mut Telling<'_>, subject: &SubjectId, kind: BackupKind, at: Timestamp, succeeded: bool, tool: &str) {
    let location = Some(format!("{}, {}", t.place.account, t.place.region));
    let tool = Some(tool.to_owned());
    let event = BackupEvent { kind, at, succeeded, location, duration_s: None, validated: None, tool };
    t.say(subject, Basis::Measured, event);
}

/// Says a cluster, its members and who takes over among them.
pub(super) fn say_cluster(t: &mut Telling<'_>, cluster: &Cluster, instances: &[&Instance]) {
    let Some(arn) = cluster.arn.as_deref() else { return };
    let subject = SubjectId::from(arn);
    let engine = engine(cluster.engine.as_deref().unwrap_or("")).to_owned();
    t.call(CLUSTERS.name);
    let resource = Resource {
        engine: Some(engine.clone()).filter(|e| !e.is_empty()),
        engine_version: cluster.engine_version.clone(),
        managed: Some(true),
        ..t.resource(Kind::Database, cluster.id.as_deref().unwrap_or(arn), &cluster.tag_list)
    };
    t.exists(&subject, resource);
    answers_at(t, &subject, &engine, cluster.endpoint.as_deref(), cluster.port);
    if let Some(readers) = cluster.reader_endpoint.as_deref() {
        t.also(&subject, &host(readers));
    }
    t.flag(&subject, key::DELETION_PROTECTION, cluster.deletion_protection);
    // Storage of these engines grows by itself (Aurora User Guide, "Aurora storage and reliability").
    let grows = engine.starts_with("aurora") || matches!(engine.as_str(), "docdb" | "neptune");
    t.flag(&subject, key::DISK_AUTOGROWTH, grows.then_some(true));
    backups(t, &subject, cluster.backup_retention_period, cluster.latest_restorable_time);
    if cluster.backup_retention_period.is_some_and(|days| days > 0) {
        let window = cluster.earliest_restorable_time.zip(cluster.latest_restorable_time);
        let hours = window.map(|(first, last)| last.hours_since(first)).filter(|h| *h >= 0.0);
        t.set(&subject, Basis::Measured, key::PITR_WINDOW_HOURS, None, hours.map(Value::Number));
    }
    members(t, &subject, cluster, instances);
    if let Some(source) = cluster.replication_source_identifier.as_deref().filter(|s| s.starts_with("arn:")) {
        t.flag(&subject, key::IS_STANDBY, Some(true));
        let copied = Relation::ReplicatedTo { synchronous: Some(false), automatic: Some(false) };
        t.edge(&SubjectId::from(source), copied, &subject);
    }
}

fn members(t: &mut Telling<'_>, subject: &SubjectId, cluster: &Cluster, instances: &[&Instance]) {
    let Some(members) = cluster.members.as_ref().filter(|m| !m.is_empty()) else { return };
    let roles: Option<Vec<bool>> = members.iter().map(|m| m.is_writer).collect();
    if let Some(roles) = roles {
        // A reader is promoted by itself; an only member is made anew, which is not a standby.
        let readers = roles.iter().filter(|writes| !**writes).count();
        t.flag(subject, key::AUTOMATIC_FAILOVER, Some(readers > 0));
        t.count(subject, key::STANDBY_MEMBERS, Some(readers as u64));
    }
    for id in members.iter().filter_map(|m| m.id.as_deref()) {
        let known = instances.iter().find(|i| i.id.as_deref() == Some(id)).and_then(|i| i.arn.as_deref());
        let member = known.map_or_else(|| t.place.arn("rds", &format!("db:{id}")), SubjectId::from);
        t.edge(&member, Relation::MemberOf, subject);
    }
    let mine = instances.iter().filter(|i| i.cluster.is_some() && i.cluster == cluster.id);
    let public: Option<Vec<bool>> = mine.map(|i| i.publicly_accessible).collect();
    let closed = public.filter(|p| !p.is_empty() && p.iter().all(|open| !open));
    t.flag(subject, key::PUBLICLY_REACHABLE, closed.map(|_| false));
}

/// Says snapshots of databases that exist.
pub(super) fn say_snapshots(t: &mut Telling<'_>, snapshots: &[&Snapshot], known: impl Fn(&str) -> Option<SubjectId>) {
    t.call(SNAPSHOTS.name);
    for snapshot in snapshots {
        let (Some(source), Some(at)) = (snapshot.source.as_deref(), snapshot.snapshot_create_time) else { continue };
        let succeeded = match snapshot.status.as_deref() {
            Some("available") => true,
            Some("failed") => false,
            _ => continue,
        };
        if let Some(subject) = known(source) {
            let tool = format!("RDS {} snapshot", snapshot.snapshot_type.as_deref().unwrap_or("manual"));
            copy(t, &subject, BackupKind::Snapshot, at, succeeded, &tool);
        }
    }
}

/// Says which backups are copied to another region. That none is does not show here: other tools may copy.
pub(super) fn say_copies(t: &mut Telling<'_>, backups: &[&AutomatedBackup]) {
    t.call(AUTOMATED.name);
    for backup in backups {
        let Some(instance) = backup.instance.as_deref() else { continue };
        let home = instance.split(':').nth(3);
        let elsewhere = |arn: &str| arn.split(':').nth(3).is_some_and(|region| Some(region) != home);
        if backup.copies.iter().filter_map(|c| c.arn.as_deref()).any(elsewhere) {
            t.flag(&SubjectId::from(instance), key::BACKUP_ISOLATED, Some(true));
        }
    }
}

#[cfg(test)]
mod tests;
