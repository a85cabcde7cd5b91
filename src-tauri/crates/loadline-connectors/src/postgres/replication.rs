//! Copies of the data: standbys, slots, archived log.

use super::archive::{self, Archive};
use super::identity::member_name;
use super::reading::Reading;
use super::row::Columns;
use super::server;
use super::server::Settings;
use super::statements::{ARCHIVER, Need, SLOTS, STANDBY_LAG, STANDBYS};
use crate::Cancelled;
use loadline_model::{
    BackupEvent, BackupKind, Basis, Confidence, Edge, GapReason, Kind, Relation, Resource, Timestamp, Value, key,
    key::metric,
};

/// Reads the copies of a primary, or the position of a standby.
pub(super) async fn read(r: &mut Reading<'_>, settings: &Settings, managed: Option<bool>) -> Result<(), Cancelled> {
    if r.server.standby {
        if let Some(rows) = r.rows(&STANDBY_LAG).await? {
            let lag = rows.first().and_then(|row| row.number("lag"));
            let (cluster, member) = (r.server.cluster(), r.server.member_name());
            if let Some(lag) = lag {
                // Said of the cluster, as the primary says it: whichever of the two is connected, the lag is found.
                let value = Value::Number(lag);
                r.answer.set(
                    &cluster,
                    STANDBY_LAG.name,
                    Basis::Measured,
                    key::REPLICA_LAG_SECONDS,
                    Some(&member),
                    value,
                );
            }
            r.answer.sample(&cluster, STANDBY_LAG.name, metric::REPLICA_LAG, "s", Some(("standby", &member)), lag);
        }
    } else {
        standbys(r, managed).await?;
        archived(r, settings).await?;
    }
    slots(r, settings).await
}

/// One connection of `pg_stat_replication`.
#[derive(Clone, Debug, Default, PartialEq)]
struct Sender {
    name: String,
    address: String,
    state: String,
    sync_state: String,
    slot: String,
    slot_type: String,
    lag: Option<f64>,
}

impl Sender {
    /// A physical copy that could take over: not a logical subscriber, a base backup or a log receiver.
    fn is_standby(&self) -> bool {
        let receiver = ["pg_receivewal", "barman_receive_wal", "pg_basebackup"].contains(&self.name.as_str());
        self.slot_type == "physical" && matches!(self.state.as_str(), "streaming" | "catchup") && !receiver
    }

    fn id(&self) -> String {
        member_name(&self.slot, &self.name, &self.address)
    }
}

async fn standbys(r: &mut Reading<'_>, managed: Option<bool>) -> Result<(), Cancelled> {
    let Some(rows) = r.rows(&STANDBYS).await? else { return Ok(()) };
    if !r.server.all_stats {
        r.lacks(Need::AllStats, "the standbys in pg_stat_replication", &[Kind::Instance]);
        return Ok(());
    }
    let text = |row: &sqlx::postgres::PgRow, column| row.text(column).unwrap_or_default();
    let senders: Vec<Sender> = rows
        .iter()
        .map(|row| Sender {
            name: text(row, "name"),
            address: text(row, "address"),
            state: text(row, "state"),
            sync_state: text(row, "sync_state"),
            slot: text(row, "slot"),
            slot_type: text(row, "slot_type"),
            lag: row.number("lag"),
        })
        .filter(Sender::is_standby)
        .collect();
    if senders.is_empty() && managed == Some(true) {
        let detail = "Managed services keep standbys that pg_stat_replication does not show.";
        let closes = "Connect the cloud account that runs this database.";
        r.answer.miss_of(GapReason::NotConnected, detail, closes, &[Kind::Instance], Some(&r.server.subject()));
        return Ok(());
    }
    let streaming = senders.iter().filter(|s| s.state == "streaming").count();
    r.number(&STANDBYS, key::STANDBY_MEMBERS, Some(streaming as f64));
    for sender in &senders {
        copy(r, sender);
    }
    Ok(())
}

fn copy(r: &mut Reading<'_>, sender: &Sender) {
    let cluster = r.server.cluster();
    let id = sender.id();
    let standby = r.server.standby_subject(&id);
    let resource = Resource { engine: Some("postgresql".into()), ..Resource::new(Kind::Instance, &id) };
    // Weaker than what the standby says of itself where it is connected too.
    r.answer.say(&standby, STANDBYS.name, Basis::Inferred, resource);
    let synchronous = Some(matches!(sender.sync_state.as_str(), "sync" | "quorum"));
    let relation = Relation::ReplicatedTo { synchronous, automatic: None };
    let edge = Edge { relation, to: standby, confidence: Confidence::Observed };
    r.answer.say(&cluster, STANDBYS.name, Basis::Measured, edge);
    if let Some(lag) = sender.lag {
        r.set(&STANDBYS, key::REPLICA_LAG_SECONDS, Some(&id), Value::Number(lag));
        r.now(&STANDBYS, metric::REPLICA_LAG, "s", Some(("standby", &id)), Some(lag));
    }
}

async fn archived(r: &mut Reading<'_>, settings: &Settings) -> Result<(), Cancelled> {
    // A command that keeps nothing counts its segments as archived all the same.
    let Some(Archive::By(tool)) = archive::of(settings) else { return Ok(()) };
    let Some(rows) = r.rows(&ARCHIVER).await? else { return Ok(()) };
    let Some(row) = rows.first() else { return Ok(()) };
    let (succeeded, failed) = (row.time("last_archived"), row.time("last_failed"));
    let since = failures(row.number("failed"), succeeded, failed);
    r.number(&ARCHIVER, key::ARCHIVE_FAILURES, since);
    let event = |at, succeeded| BackupEvent {
        kind: BackupKind::Log,
        at,
        succeeded,
        location: None,
        duration_s: None,
        validated: None,
        tool: Some(tool.to_owned()),
    };
    for (at, ok) in [(succeeded, true), (failed, false)] {
        if let Some(at) = at {
            r.measured(&r.server.subject(), &ARCHIVER, event(at, ok));
        }
    }
    Ok(())
}

/// Failures since the last success. The server counts them since its start, so this is at most that many; it is zero
/// exactly when the last attempt succeeded.
fn failures(failed: Option<f64>, succeeded_at: Option<Timestamp>, failed_at: Option<Timestamp>) -> Option<f64> {
    let failed = failed?;
    Some(if failed_at > succeeded_at { failed } else { 0.0 })
}

async fn slots(r: &mut Reading<'_>, settings: &Settings) -> Result<(), Cancelled> {
    let Some(rows) = r.rows(&SLOTS).await? else { return Ok(()) };
    // In MB; -1 keeps everything.
    let keep =
        server::number(settings, "max_slot_wal_keep_size").map(|mb| if mb < 0.0 { -1.0 } else { mb * 1_048_576.0 });
    r.number(&SLOTS, key::SLOT_KEEP_LIMIT_BYTES, keep);
    for row in &rows {
        let Some(name) = row.text("name") else { continue };
        let mut say = |key, value: Option<Value>| {
            if let Some(value) = value {
                r.set(&SLOTS, key, Some(&name), value);
            }
        };
        say(key::SLOT_ACTIVE, row.flag("active").map(Value::Bool));
        say(key::SLOT_WAL_STATUS, row.text("wal_status").map(Value::Text));
        say(key::SLOT_RETAINED_BYTES, row.number("retained").map(Value::Number));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_physical_copies_are_standbys() {
        let sender = |name: &str, state: &str, slot: &str| Sender {
            name: name.into(),
            state: state.into(),
            slot_type: slot.into(),
            ..Sender::default()
        };
        assert!(sender("walreceiver", "streaming", "physical").is_standby());
        assert!(!sender("subscription", "streaming", "logical").is_standby());
        assert!(!sender("pg_basebackup", "backup", "physical").is_standby());
        assert!(!sender("pg_receivewal", "streaming", "physical").is_standby());
    }

    #[test]
    fn a_later_success_clears_the_failures() {
        let at = |n| Some(Timestamp(n));
        assert_eq!(failures(Some(5.0), at(10), at(9)), Some(0.0));
        assert_eq!(failures(Some(5.0), at(9), at(10)), Some(5.0));
        assert_eq!(failures(Some(5.0), None, at(10)), Some(5.0));
        assert_eq!(failures(Some(0.0), None, None), Some(0.0));
        assert_eq!(failures(None, None, None), None);
    }
}
