//! Scope `activity`: sessions, locks and the counters of the whole cluster, at the time of reading.

use super::reading::Reading;
use super::row::Columns;
use super::statements::{BACKENDS, BLOCKERS, COUNTERS, Need, SESSIONS};
use crate::Cancelled;
use loadline_model::{Basis, Limited, LockSample, Timestamp, Value, key, key::metric};
use sqlx::postgres::PgRow;
use std::collections::BTreeMap;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let counted = match r.rows(&COUNTERS).await? {
        Some(rows) => rows.first().and_then(|row| counters(r, row)),
        None => None,
    };
    if !r.server.all_stats {
        r.lacks(Need::AllStats, "sessions of other roles in pg_stat_activity", &[]);
        connections(r, counted);
        return Ok(());
    }
    let Some(rows) = r.rows(&BACKENDS).await? else {
        connections(r, counted);
        return Ok(());
    };
    let Some(row) = rows.first() else { return Ok(()) };
    connections(r, row.number("sessions"));
    let blocked = row.number("blocked").unwrap_or(0.0);
    let chains = match blocked > 0.0 {
        true => r.rows(&BLOCKERS).await?.unwrap_or_default().iter().map(chain).collect(),
        false => Vec::new(),
    };
    let seconds = |column| row.number(column).unwrap_or(0.0).max(0.0);
    let sample = LockSample {
        at: r.answer.read_at(),
        active: seconds("active"),
        blocked,
        longest_wait_s: seconds("longest_wait"),
        longest_idle_in_transaction_s: seconds("longest_idle"),
        oldest_transaction_s: seconds("oldest"),
        chains,
    };
    r.measured(&r.server.subject(), &BACKENDS, sample);
    // Nobody at this moment does not mean nobody ever, so only use is said.
    if r.server.standby && row.number("readers").is_some_and(|n| n > 0.0) {
        let (cluster, used) = (r.server.cluster(), Value::Bool(true));
        r.answer.set(&cluster, BACKENDS.name, Basis::Measured, key::READ_REPLICA_USED, None, used);
    }
    by_owner(r).await
}

/// Whose the connections are: of which role, and of which program.
async fn by_owner(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let rows = r.rows(&SESSIONS).await?.unwrap_or_default();
    for (key, column) in [(key::CONNECTIONS_OF, "role"), (key::CONNECTIONS_OF_PROGRAM, "program")] {
        let mut owners: BTreeMap<String, f64> = BTreeMap::new();
        for row in &rows {
            if let (Some(owner), Some(sessions)) = (row.text(column), row.number("sessions")) {
                *owners.entry(owner).or_default() += sessions;
            }
        }
        for (owner, sessions) in owners {
            r.set(&SESSIONS, key, Some(&owner), Value::Number(sessions));
        }
    }
    Ok(())
}

fn connections(r: &mut Reading<'_>, used: Option<f64>) {
    r.number(&BACKENDS, key::CONNECTIONS_IN_USE, used);
    r.now(&BACKENDS, Limited::Connections.used_metric(), "connections", None, used);
}

/// Says the cluster's counters; returns connected backends besides ours, background workers included.
fn counters(r: &mut Reading<'_>, row: &PgRow) -> Option<f64> {
    let ratio = hit_ratio(row.number("hit"), row.number("read"));
    r.number(&COUNTERS, key::BUFFER_HIT_RATIO, ratio);
    r.now(&COUNTERS, metric::BUFFER_HIT_RATIO, "ratio", None, ratio);
    r.number(&COUNTERS, key::DEADLOCKS, row.number("deadlocks"));
    r.number(&COUNTERS, key::TEMP_BYTES, row.number("temp_bytes"));
    // Databases may have been reset at different times; the latest is taken, so that rates err towards too high.
    let hours = window_hours(row.time("since"), r.answer.read_at());
    r.number(&COUNTERS, key::STATISTICS_WINDOW_HOURS, hours);
    r.number(&COUNTERS, key::NEW_SESSIONS_PER_SECOND, rate(row.number("sessions"), hours));
    row.number("backends").map(|n| (n - 1.0).max(0.0))
}

fn hit_ratio(hit: Option<f64>, read: Option<f64>) -> Option<f64> {
    let (hit, read) = (hit?, read?);
    (hit + read > 0.0).then(|| hit / (hit + read))
}

/// Hours since the counting began; `None` when that is not known or lies in the future of our clock.
pub(super) fn window_hours(since: Option<Timestamp>, now: Timestamp) -> Option<f64> {
    since.map(|since| now.hours_since(since)).filter(|hours| *hours >= 0.0)
}

/// Per second; a window under an hour says nothing.
fn rate(count: Option<f64>, hours: Option<f64>) -> Option<f64> {
    let hours = hours.filter(|h| *h >= 1.0)?;
    count.map(|n| n / (hours * 3600.0))
}

fn chain(row: &PgRow) -> String {
    let text = |column| row.text(column).unwrap_or_default();
    let named = |pid: String, name: String| if name.is_empty() { pid } else { format!("{pid} ({name})") };
    let waiter = named(text("waiter"), text("waiter_name"));
    let holder = named(text("holder"), text("holder_name"));
    let state = row.text("holder_state").map(|s| format!(", {s}")).unwrap_or_default();
    format!("{waiter} waits {:.0} s for {holder}{state}", row.number("seconds").unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_need_something_counted() {
        assert_eq!(hit_ratio(Some(98.0), Some(2.0)), Some(0.98));
        assert_eq!(hit_ratio(Some(0.0), Some(0.0)), None);
        assert_eq!(hit_ratio(None, Some(1.0)), None);
        assert_eq!(rate(Some(7200.0), Some(2.0)), Some(1.0));
        assert_eq!(rate(Some(7200.0), Some(0.5)), None, "too short");
        assert_eq!(window_hours(Some(Timestamp(10)), Timestamp(0)), None, "a clock that runs ahead");
    }
}
