//! Scope `server`: the database as a resource, its settings and limits, its ages and sizes.

use super::activity::window_hours;
use super::archive::{self, Archive};
use super::reading::Reading;
use super::row::Columns;
use super::statements::{
    self, CHECKPOINTS, DATABASE_SIZES, DATABASES, IDENTITY, Need, PROVIDER_ROLES, SETTINGS, SYSTEM,
};
use super::{replication, roles};
use crate::Cancelled;
use loadline_model::{
    Basis, Confidence, Edge, Environment, GapReason, Kind, Limit, Limited, Relation, Resource, SubjectId, Value, key,
};
use std::collections::BTreeMap;

/// A row of `pg_settings`: what everybody gets, not what our session changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Configured {
    /// In the unit of `unit`.
    pub value: String,
    /// `ms`, `MB`, `8kB`, …
    pub unit: String,
    /// `configuration file`, `user`, `database`, …
    pub source: String,
}

/// Settings by name.
pub(super) type Settings = BTreeMap<String, Configured>;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>, name: &str, environment: Option<Environment>) -> Result<(), Cancelled> {
    let settings = settings(r).await?;
    let roles = match r.rows(&PROVIDER_ROLES).await? {
        Some(rows) => rows.iter().filter_map(|row| row.text("name")).collect(),
        None => Vec::new(),
    };
    let folder = settings.get("data_directory").map(|s| s.value.as_str());
    let managed = r.server.managed(settings.keys().map(String::as_str), &roles, folder);
    exists(r, name, environment, managed);
    if !r.server.is_supported() {
        let detail = format!("PostgreSQL {} is older than 13; only its version was read.", r.server.version_text);
        r.answer.miss(GapReason::UnsupportedVersion, detail, "Upgrade to a supported PostgreSQL version.");
        return Ok(());
    }
    r.answer.listed(Kind::Database);
    configuration(r, &settings);
    roles::read(r, &settings).await?;
    sizes(r).await?;
    checkpoints(r).await?;
    replication::read(r, &settings, managed).await
}

async fn settings(r: &mut Reading<'_>) -> Result<Settings, Cancelled> {
    let rows = r.rows(&SETTINGS).await?.unwrap_or_default();
    if !r.server.all_settings {
        r.lacks(Need::AllSettings, "settings that are kept from ordinary roles, such as the data folder", &[]);
    }
    let read = |row: &sqlx::postgres::PgRow, column| row.text(column).unwrap_or_default();
    let one = |row| {
        let configured = Configured { value: read(row, "value"), unit: read(row, "unit"), source: read(row, "source") };
        (read(row, "name"), configured)
    };
    Ok(rows.iter().map(one).collect())
}

fn exists(r: &mut Reading<'_>, name: &str, environment: Option<Environment>, managed: Option<bool>) {
    let server = r.server;
    let (subject, cluster) = (server.subject(), server.cluster());
    let fallback = if server.cluster_name.is_empty() { &server.database } else { &server.cluster_name };
    let name = if name.is_empty() { fallback } else { name };
    let concluded = managed == Some(false);
    let resource = Resource {
        environment,
        engine: Some("postgresql".to_owned()),
        engine_version: Some(server.version_text.clone()),
        managed: managed.filter(|_| !concluded || !server.standby),
        ..Resource::new(Kind::Database, name)
    };
    r.answer.say(
        &subject,
        IDENTITY.name,
        if concluded && !server.standby { Basis::Inferred } else { Basis::Configured },
        resource,
    );
    r.set(&IDENTITY, key::IS_STANDBY, None, Value::Bool(server.standby));
    r.number(&SYSTEM, key::TIMELINE, server.timeline);
    if server.standby {
        // What it copies exists, whether or not its own account is connected.
        let copied = Resource { engine: Some("postgresql".to_owned()), ..Resource::new(Kind::Database, fallback) };
        r.answer.say(&cluster, IDENTITY.name, Basis::Inferred, copied);
        let relation = Relation::ReplicatedTo { synchronous: None, automatic: None };
        let edge = Edge { relation, to: subject.clone(), confidence: Confidence::Observed };
        r.answer.say(&cluster, IDENTITY.name, Basis::Measured, edge);
    }
    // A loopback or socket address means another machine elsewhere, so it is no name for the cluster.
    let address = SubjectId(server.address());
    if !server.local && address != subject {
        let edge = Edge { relation: Relation::SameAs, to: address, confidence: Confidence::Declared };
        r.answer.say(&subject, IDENTITY.name, Basis::Configured, edge);
    }
}

fn configuration(r: &mut Reading<'_>, settings: &Settings) {
    for (name, key) in [
        ("max_connections", key::MAX_CONNECTIONS),
        ("log_min_duration_statement", key::SLOW_LOG_THRESHOLD_MS),
        ("autovacuum_vacuum_threshold", key::AUTOVACUUM_THRESHOLD),
        ("autovacuum_vacuum_scale_factor", key::AUTOVACUUM_SCALE_FACTOR),
        ("autovacuum_freeze_max_age", key::FREEZE_MAX_AGE),
    ] {
        r.number(&SETTINGS, key, number(settings, name));
    }
    // In MB.
    r.number(&SETTINGS, key::CHECKPOINT_LOG_BYTES, number(settings, "max_wal_size").map(|mb| mb * 1_048_576.0));
    for (name, key) in
        [("autovacuum", key::AUTOVACUUM), ("fsync", key::FSYNC), ("full_page_writes", key::FULL_PAGE_WRITES)]
    {
        if let Some(setting) = settings.get(name) {
            r.set(&SETTINGS, key, None, Value::Bool(setting.value == "on"));
        }
    }
    if let Some(setting) = settings.get("synchronous_commit") {
        r.set(&SETTINGS, key::SYNCHRONOUS_COMMIT, None, Value::Text(setting.value.clone()));
    }
    if let Some(archive) = archive::of(settings) {
        r.set(&SETTINGS, key::ARCHIVE_ON, None, Value::Bool(archive != Archive::Off));
    }
    connections(r, settings);
}

fn connections(r: &mut Reading<'_>, settings: &Settings) {
    let Some(superuser) = number(settings, "superuser_reserved_connections") else { return };
    let reserved = superuser + number(settings, "reserved_connections").unwrap_or(0.0);
    r.number(&SETTINGS, key::RESERVED_CONNECTIONS, Some(reserved));
    if let Some(usable) = number(settings, "max_connections").map(|most| most - reserved).filter(|n| *n > 0.0) {
        let limit = Limit { limited: Limited::Connections, value: usable, unit: "connections".to_owned() };
        r.answer.say(&r.server.subject(), SETTINGS.name, Basis::Configured, limit);
    }
}

async fn sizes(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    if let Some(rows) = r.rows(&DATABASES).await? {
        r.number(&DATABASES, key::TRANSACTION_ID_AGE, rows.first().and_then(|row| row.number("age")));
    }
    if let Some(rows) = r.rows(&DATABASE_SIZES).await? {
        let Some(row) = rows.first() else { return Ok(()) };
        if row.number("sized") < row.number("databases") {
            r.lacks(statements::Need::AllStats, "the size of every database", &[]);
        } else {
            let bytes = row.number("bytes");
            r.number(&DATABASE_SIZES, key::DATABASE_BYTES, bytes);
            r.now(&DATABASE_SIZES, Limited::Disk.used_metric(), "bytes", None, bytes);
        }
    }
    Ok(())
}

async fn checkpoints(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(rows) = r.rows(&CHECKPOINTS).await? else { return Ok(()) };
    let Some(row) = rows.first() else { return Ok(()) };
    let (Some(timed), Some(forced)) = (row.number("timed"), row.number("requested")) else { return Ok(()) };
    let all = timed + forced;
    if all > 0.0 {
        r.number(&CHECKPOINTS, key::CHECKPOINTS_FORCED, Some(forced / all));
        let hours = window_hours(row.time("since"), r.answer.read_at());
        r.number(&CHECKPOINTS, key::CHECKPOINT_INTERVAL_MINUTES, hours.map(|h| h * 60.0 / all));
    }
    Ok(())
}

/// A numeric setting, in its own unit.
pub(super) fn number(settings: &Settings, name: &str) -> Option<f64> {
    settings.get(name)?.value.parse().ok()
}
