//! Copies of the data: whom this server copies, who copies it, and groups that elect.
//!
//! A primary sees who fetches its log, not how far they are behind; only a replica knows that, and says it of its primary.

use super::identity::{Flavour, Server, switch};
use super::reading::Reading;
use super::row::{Row, flag, number};
use super::session::Session;
use super::statements::{COPIES, COPY_NAMES, COPYING, MEMBERS, Need, REPLICATION, Statement, VARIABLES};
use crate::Cancelled;
use loadline_model::{
    Basis, Confidence, Edge, GapReason, Kind, Relation, Resource, SubjectId, Value, key, key::metric,
};
use std::collections::BTreeMap;

/// One source of changes.
#[derive(Clone, Debug, PartialEq)]
struct Channel {
    primary: SubjectId,
    /// Both threads run.
    running: bool,
    /// Seconds behind, less those it waits on purpose; `None` while a thread stands still.
    lag: Option<f64>,
}

fn channels(server: &Server, rows: &[Row]) -> Vec<Channel> {
    let one = |row: &Row| {
        let host = row.any(&["source_host", "master_host"])?;
        let port = row.any(&["source_port", "master_port"]).and_then(|p| number(&p)).map_or(3306, |p| p as u16);
        let primary = match row.any(&["source_uuid", "master_uuid"]) {
            Some(uuid) => format!("mysql:{uuid}"),
            None => server.address_of(&host, port),
        };
        let runs = |columns: &[&str]| row.any(columns).and_then(|word| flag(&word)) == Some(true);
        let running =
            runs(&["replica_io_running", "slave_io_running"]) && runs(&["replica_sql_running", "slave_sql_running"]);
        let behind = row.any(&["seconds_behind_source", "seconds_behind_master"]).and_then(|s| number(&s));
        let delay = row.number("sql_delay").unwrap_or(0.0);
        let lag = behind.filter(|_| running).map(|s| (s - delay).max(0.0));
        Some(Channel { primary: SubjectId(primary), running, lag })
    };
    rows.iter().filter_map(one).collect()
}

/// A member of a MySQL group.
#[derive(Clone, Debug, PartialEq)]
struct Member {
    id: String,
    online: bool,
    primary: bool,
    own: bool,
}

fn members(rows: &[Row]) -> Vec<Member> {
    let is = |row: &Row, column, word| row.text(column).is_some_and(|t| t.eq_ignore_ascii_case(word));
    let one = |row: &Row| {
        Some(Member {
            id: row.text("id")?,
            online: is(row, "state", "ONLINE"),
            primary: is(row, "role", "PRIMARY"),
            own: row.flag("own") == Some(true),
        })
    };
    rows.iter().filter_map(one).collect()
}

/// Finds out whom the server copies, before anything is said of it.
pub(super) async fn placed(session: &Session, server: &mut Server) {
    if let Ok(Some(rows)) = session.rows(&REPLICATION, &server.engine).await {
        let channels = channels(server, &rows);
        server.standby = Some(!channels.is_empty());
        server.primary = channels.into_iter().next().map(|c| c.primary);
    }
    if let Ok(Some(rows)) = session.rows(&MEMBERS, &server.engine).await {
        in_group(server, &members(&rows));
    }
}

fn in_group(server: &mut Server, members: &[Member]) {
    if members.iter().any(|m| m.own && m.online && !m.primary)
        && let Some(primary) = members.iter().find(|m| m.primary)
    {
        server.standby = Some(true);
        server.primary = Some(SubjectId(format!("mysql:{}", primary.id)));
    }
}

/// Reads the copies of a primary, or the position of a replica; and the group it belongs to.
pub(super) async fn read(
    r: &mut Reading<'_>,
    settings: &BTreeMap<String, String>,
    managed: Option<bool>,
) -> Result<(), Cancelled> {
    let rows = r.rows(&REPLICATION).await?;
    let status = r.named(&COPYING).await?;
    group(r, settings, &status).await?;
    match rows {
        Some(rows) if r.server.is_standby() => {
            position(r, &channels(r.server, &rows));
            Ok(())
        }
        _ if r.server.is_standby() => Ok(()),
        _ => copies(r, &status, managed).await,
    }
}

/// Says where a replica is, of itself and of its primary, which cannot know.
fn position(r: &mut Reading<'_>, channels: &[Channel]) {
    let (own, name) = (r.server.subject(), r.server.address().replace("mysql://", ""));
    for channel in channels {
        let relation = Relation::ReplicatedTo { synchronous: None, automatic: None };
        let edge = Edge { relation, to: own.clone(), confidence: Confidence::Observed };
        r.answer.say(&channel.primary, REPLICATION.name, Basis::Measured, edge);
        for (subject, item) in [(&own, None), (&channel.primary, Some(name.as_str()))] {
            let mut say = |key, value| r.answer.set(subject, REPLICATION.name, Basis::Measured, key, item, value);
            say(key::REPLICATION_RUNNING, Value::Bool(channel.running));
            if let Some(lag) = channel.lag {
                say(key::REPLICA_LAG_SECONDS, Value::Number(lag));
            }
            let label = item.map(|name| ("standby", name));
            r.answer.sample(subject, REPLICATION.name, metric::REPLICA_LAG, "s", label, channel.lag);
        }
    }
}

async fn copies(
    r: &mut Reading<'_>,
    status: &BTreeMap<String, String>,
    managed: Option<bool>,
) -> Result<(), Cancelled> {
    if !r.server.process {
        r.lacks(Need::Process, "the replicas that fetch its log", &[Kind::Instance]);
        return Ok(());
    }
    if r.server.hides_sessions() {
        let (what, closes) =
            ("Sessions are only shown by the Performance Schema, which is off.", super::reading::counting_off());
        r.answer.miss_of(GapReason::FeatureDisabled, what, closes, &[Kind::Instance], Some(&r.server.subject()));
        return Ok(());
    }
    let Some(rows) = r.rows(&COPIES).await? else { return Ok(()) };
    let names = match rows.is_empty() {
        true => Vec::new(),
        false => r.rows(&COPY_NAMES).await?.unwrap_or_default(),
    };
    if rows.is_empty() && managed == Some(true) {
        let detail = "Managed services keep standbys that no session shows.";
        let closes = "Connect the cloud account that runs this database.";
        r.answer.miss_of(GapReason::NotConnected, detail, closes, &[Kind::Instance], Some(&r.server.subject()));
        return Ok(());
    }
    if !group_of(status) {
        r.number(&COPIES, key::STANDBY_MEMBERS, Some(rows.len() as f64));
    }
    // With semi-synchronous replication on, a commit waits for at least one of them.
    let semi = |name| switch(status, name).unwrap_or(false);
    let synchronous = Some(semi("rpl_semi_sync_source_status") || semi("rpl_semi_sync_master_status"));
    for (name, uuid) in copy_names(&rows, &names) {
        let cluster = r.server.cluster();
        let copy = SubjectId(uuid.map_or_else(|| format!("{cluster}/standby/{name}"), |uuid| format!("mysql:{uuid}")));
        let engine = Some(r.server.engine.name().to_owned());
        let resource = Resource { engine, ..Resource::new(Kind::Instance, &name) };
        r.answer.say(&copy, COPIES.name, Basis::Measured, resource);
        let relation = Relation::ReplicatedTo { synchronous, automatic: None };
        let edge = Edge { relation, to: copy, confidence: Confidence::Observed };
        r.answer.say(&cluster, COPIES.name, Basis::Measured, edge);
    }
    Ok(())
}

/// User and host of each copy, numbered where two are alike, and the uuid it gave.
fn copy_names(rows: &[Row], named: &[Row]) -> Vec<(String, Option<String>)> {
    let uuids: BTreeMap<String, String> =
        named.iter().filter_map(|row| Some((row.text("id")?, row.text("uuid")?))).collect();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let one = |row: &Row| {
        let host = row.text("host").unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host.as_str(), |(host, _)| host);
        let name = format!("{}@{host}", row.text("user").unwrap_or_default());
        let times = seen.entry(name.clone()).and_modify(|n| *n += 1).or_insert(1);
        let name = if *times > 1 { format!("{name} ({times})") } else { name };
        (name, row.text("id").and_then(|id| uuids.get(&id).cloned()))
    };
    rows.iter().map(one).collect()
}

/// It is a working member of a Galera cluster.
fn group_of(status: &BTreeMap<String, String>) -> bool {
    status.get("wsrep_cluster_status").is_some_and(|s| s.eq_ignore_ascii_case("primary"))
}

async fn group(
    r: &mut Reading<'_>,
    settings: &BTreeMap<String, String>,
    status: &BTreeMap<String, String>,
) -> Result<(), Cancelled> {
    if switch(settings, "wsrep_on") == Some(true) && group_of(status) {
        // A member that was lost no longer counts, so those that count are healthy.
        if let Some(size) = status.get("wsrep_cluster_size").and_then(|n| number(n)) {
            elects(r, &COPYING, size, size);
        }
    }
    if r.server.engine.flavour == Flavour::Mysql && r.server.counting == Some(true) {
        let members = members(&r.rows(&MEMBERS).await?.unwrap_or_default());
        let online = members.iter().filter(|m| m.online).count();
        if members.len() > 1 {
            elects(r, &MEMBERS, members.len() as f64, online as f64);
        }
    } else if r.server.counting == Some(false) {
        r.set(&VARIABLES, key::STATEMENT_STATISTICS, None, Value::Bool(false));
    }
    Ok(())
}

/// Says a group: the rest of three or more goes on by itself when one fails, the rest of two has no majority.
fn elects(r: &mut Reading<'_>, statement: &Statement, votes: f64, healthy: f64) {
    r.number(statement, key::QUORUM_VOTES, Some(votes));
    r.number(statement, key::QUORUM_HEALTHY, Some(healthy));
    r.number(statement, key::STANDBY_MEMBERS, Some((healthy - 1.0).max(0.0)));
    r.set(statement, key::AUTOMATIC_FAILOVER, None, Value::Bool(votes >= 3.0));
}

#[cfg(test)]
#[path = "replication_tests.rs"]
mod tests;
