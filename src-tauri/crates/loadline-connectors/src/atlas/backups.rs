//! Scope `backups/<project>`: schedules, snapshots and restores of every cluster that is backed up.

use super::calls::{RESTORES, SCHEDULE, SNAPSHOTS};
use super::clusters::{self, Cluster};
use super::reading::{Reading, flag, number, rows, text, time};
use crate::Cancelled;
use loadline_model::{BackupEvent, BackupKind, Basis, SubjectId, Timestamp, Value, key};
use serde_json::Value as Json;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some((found, _)) = clusters::list(r).await? else { return Ok(()) };
    for (row, cluster) in found.iter().filter_map(|row| Some((row, Cluster::of(row)?))) {
        if flag(row, "/backupEnabled") != Some(true) {
            continue;
        }
        if let Some(schedule) = r.get(&SCHEDULE, &cluster.name, &[], Some(&cluster.id)).await? {
            say_schedule(r, &cluster, &schedule);
        }
        if let Some(snapshots) = r.list(&SNAPSHOTS, &cluster.name, &[], &[], Some(&cluster.id)).await? {
            snapshots.iter().for_each(|s| say_snapshot(r, &cluster.id, s));
        }
        if let Some(restores) = r.list(&RESTORES, &cluster.name, &[], &[], Some(&cluster.id)).await? {
            restores.iter().for_each(|job| say_restore(r, &cluster.id, job));
        }
    }
    Ok(())
}

fn say_schedule(r: &mut Reading<'_>, cluster: &Cluster, schedule: &Json) {
    let items = rows(schedule, "/policies").iter().flat_map(|p| rows(p, "/policyItems"));
    let kept = items.filter_map(days).max_by(f64::total_cmp);
    r.set(&cluster.id, &SCHEDULE, key::BACKUP_RETENTION_DAYS, kept.map(Value::Number));
    let window = number(schedule, "/restoreWindowDays").map(|d| Value::Number(d * 24.0));
    r.set(&cluster.id, &SCHEDULE, key::PITR_WINDOW_HOURS, window);
    // Atlas copies to other regions only by these; a tool of one's own would not show.
    let copied = schedule.pointer("/copySettings").map(|c| Value::Bool(c.as_array().is_some_and(|a| !a.is_empty())));
    r.set(&cluster.id, &SCHEDULE, key::BACKUP_ISOLATED, copied);
}

fn days(item: &Json) -> Option<f64> {
    let factor = match text(item, "/retentionUnit")? {
        "days" => 1.0,
        "weeks" => 7.0,
        "months" => 30.0,
        "years" => 365.0,
        _ => return None,
    };
    number(item, "/retentionValue").map(|n| n * factor)
}

fn say_snapshot(r: &mut Reading<'_>, id: &SubjectId, snapshot: &Json) {
    let succeeded = match text(snapshot, "/status") {
        Some("completed") => true,
        Some("failed") => false,
        _ => return,
    };
    if let Some(at) = time(snapshot, "/createdAt") {
        r.say(id, &SNAPSHOTS, Basis::Measured, event(BackupKind::Snapshot, at, succeeded, None));
    }
}

fn say_restore(r: &mut Reading<'_>, id: &SubjectId, job: &Json) {
    // A download is no restore: nothing shows that it was loaded anywhere.
    if text(job, "/deliveryType") == Some("download") {
        return;
    }
    let failed = flag(job, "/failed") == Some(true) || flag(job, "/cancelled") == Some(true);
    let Some(at) = time(job, "/finishedAt") else { return };
    let took = time(job, "/createdAt").map(|begun| at.hours_since(begun) * 3600.0).filter(|s| *s >= 0.0);
    r.say(id, &RESTORES, Basis::Measured, event(BackupKind::Restore, at, !failed, took));
}

fn event(kind: BackupKind, at: Timestamp, succeeded: bool, duration_s: Option<f64>) -> BackupEvent {
    BackupEvent { kind, at, succeeded, location: None, duration_s, validated: None, tool: Some("Atlas".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn retention_is_counted_in_days() {
        for (unit, value, expected) in
            [("days", 7, Some(7.0)), ("weeks", 4, Some(28.0)), ("months", 12, Some(360.0)), ("moons", 1, None)]
        {
            assert_eq!(days(&json!({ "retentionUnit": unit, "retentionValue": value })), expected, "{unit}");
        }
    }
}
