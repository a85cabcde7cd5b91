//! Scope `activity`: sessions, locks and the counters of the whole server, at the time of reading.

use super::identity::Flavour;
use super::reading::{Reading, counting_off};
use super::row::{Row, number};
use super::statements::{CHAINS, COUNTERS, DEADLOCK_COUNT, Need, PROGRAMS, SESSIONS, TABLE_CHAINS, TRANSACTIONS};
use crate::Cancelled;
use loadline_model::{GapReason, Limited, LockSample, Value, key, key::metric};
use std::collections::BTreeMap;

const WEEK_SECONDS: f64 = 7.0 * 86_400.0;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let status = r.named(&COUNTERS).await?;
    counters(r, &status).await?;
    if !r.server.process {
        r.lacks(Need::Process, "sessions and transactions of other users", &[]);
        return Ok(());
    }
    if r.server.hides_sessions() {
        let what = "Sessions are only shown by the Performance Schema, which is off.";
        r.answer.miss_of(GapReason::FeatureDisabled, what, counting_off(), &[], Some(&r.server.subject()));
        return Ok(());
    }
    let (Some(transactions), Some(sessions)) = (r.rows(&TRANSACTIONS).await?, r.rows(&SESSIONS).await?) else {
        return Ok(());
    };
    for row in &sessions {
        if let (Some(user), Some(count)) = (row.text("user"), row.number("sessions")) {
            r.set(&SESSIONS, key::CONNECTIONS_OF, Some(&user), Value::Number(count));
        }
    }
    let mut sample = look(transactions.first(), &sessions);
    sample.at = r.answer.read_at();
    if sample.blocked > 0.0 {
        sample.chains = r.rows(&CHAINS).await?.unwrap_or_default().iter().filter_map(chain).collect();
        let waiting: f64 = sessions.iter().filter_map(|row| row.number("blocked")).sum();
        sample.chains.extend(whole_tables(r, waiting).await?);
    }
    r.measured(&r.server.subject(), &TRANSACTIONS, sample);
    programs(r).await
}

/// Sessions by the name their program gives itself; drivers that give none are not counted.
async fn programs(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    if r.server.counting == Some(false) {
        return Ok(());
    }
    for row in r.rows(&PROGRAMS).await?.unwrap_or_default() {
        if let (Some(program), Some(count)) = (row.text("program"), row.number("sessions")) {
            r.set(&PROGRAMS, key::CONNECTIONS_OF_PROGRAM, Some(&program), Value::Number(count));
        }
    }
    Ok(())
}

/// Who waits for the lock on a whole table, and for whom. MariaDB counts these locks only where an instrument is on.
async fn whole_tables(r: &mut Reading<'_>, waiting: f64) -> Result<Vec<String>, Cancelled> {
    if waiting <= 0.0 {
        return Ok(Vec::new());
    }
    let rows = match r.server.counting {
        Some(false) => Vec::new(),
        _ => r.rows(&TABLE_CHAINS).await?.unwrap_or_default(),
    };
    if rows.is_empty() {
        let detail =
            format!("Sessions that wait for a lock on a whole table: {waiting:.0}. Who holds it is not counted.");
        let closes = "Set performance_schema = ON and performance-schema-instrument = 'wait/lock/metadata/sql/mdl=ON' in the \
                      server's configuration file and restart it.";
        r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[], Some(&r.server.subject()));
    }
    Ok(rows.iter().filter_map(chain).collect())
}

async fn counters(r: &mut Reading<'_>, status: &BTreeMap<String, String>) -> Result<(), Cancelled> {
    let at = |name: &str| status.get(name).and_then(|n| number(n));
    // One of them is ours.
    let used = at("threads_connected").map(|n| (n - 1.0).max(0.0));
    r.number(&COUNTERS, key::CONNECTIONS_IN_USE, used);
    r.now(&COUNTERS, Limited::Connections.used_metric(), "connections", None, used);
    let ratio = hit_ratio(at("innodb_buffer_pool_read_requests"), at("innodb_buffer_pool_reads"));
    r.number(&COUNTERS, key::BUFFER_HIT_RATIO, ratio);
    r.now(&COUNTERS, metric::BUFFER_HIT_RATIO, "ratio", None, ratio);
    // InnoDB's counters and those of the Performance Schema begin with the server; FLUSH STATUS leaves them alone.
    r.number(&COUNTERS, key::STATISTICS_WINDOW_HOURS, at("uptime").map(|s| s / 3_600.0));
    r.number(&COUNTERS, key::NEW_SESSIONS_PER_SECOND, rate(at("connections"), at("uptime")));
    r.number(&COUNTERS, key::STATEMENTS_EVICTED, at("performance_schema_digest_lost"));
    let refused = match r.server.engine.flavour {
        Flavour::Mysql => at("connection_errors_max_connections").zip(at("uptime")),
        Flavour::Mariadb => {
            let refused =
                never_full(at("connection_errors_max_connections"), at("max_used_connections"), r.server.most);
            refused.zip(at("uptime_since_flush_status"))
        }
    };
    refusals(r, refused);
    let deadlocks = match r.server.engine.flavour {
        Flavour::Mariadb => at("innodb_deadlocks"),
        Flavour::Mysql if r.server.process => {
            r.rows(&DEADLOCK_COUNT).await?.unwrap_or_default().first().and_then(|row| row.number("deadlocks"))
        }
        Flavour::Mysql => None,
    };
    r.number(&COUNTERS, key::DEADLOCKS, deadlocks);
    Ok(())
}

/// MariaDB 10.11 leaves its counter of refusals at 0 whatever happens, so 0 is only believed where the most connections
/// ever used never reached the limit.
fn never_full(counted: Option<f64>, used: Option<f64>, most: Option<f64>) -> Option<f64> {
    counted.filter(|n| *n > 0.0 || used.zip(most).is_some_and(|(used, most)| used < most))
}

/// The server counts refusals since its start, without saying when they happened: within a week of it all are of that
/// week; later only "none" is certain.
fn refusals(r: &mut Reading<'_>, counted: Option<(f64, f64)>) {
    let detail = match counted {
        Some((refused, seconds)) if refused == 0.0 || seconds <= WEEK_SECONDS => {
            r.number(&COUNTERS, key::CONNECTIONS_REFUSED_7D, Some(refused));
            return;
        }
        Some((refused, seconds)) => {
            let days = seconds / 86_400.0;
            format!("{refused:.0} connections were refused in the last {days:.0} days; when is not counted.")
        }
        None => "The limit of connections was reached, and how many were refused is not counted.".to_owned(),
    };
    let closes = "Connect a Prometheus that scrapes mysqld_exporter, or look for error 1040 in the application's log.";
    r.answer.miss_of(GapReason::ShortWindow, detail, closes, &[], Some(&r.server.subject()));
}

fn hit_ratio(requests: Option<f64>, reads: Option<f64>) -> Option<f64> {
    let (requests, reads) = (requests?, reads?);
    (requests > 0.0).then(|| (1.0 - reads / requests).clamp(0.0, 1.0))
}

/// Per second; a window under an hour says nothing.
fn rate(count: Option<f64>, seconds: Option<f64>) -> Option<f64> {
    let seconds = seconds.filter(|s| *s >= 3_600.0)?;
    count.map(|n| n / seconds)
}

/// Rows wait for InnoDB's locks, statements for those on whole tables; both block a session.
fn look(transactions: Option<&Row>, sessions: &[Row]) -> LockSample {
    let of = |column| transactions.and_then(|row| row.number(column)).unwrap_or(0.0).max(0.0);
    let sum = |column| sessions.iter().filter_map(|row| row.number(column)).sum::<f64>();
    let most = |column| sessions.iter().filter_map(|row| row.number(column)).fold(0.0, f64::max);
    LockSample {
        at: loadline_model::Timestamp(0),
        active: sum("active"),
        blocked: of("blocked") + sum("blocked"),
        longest_wait_s: of("longest_wait").max(most("longest_wait")),
        longest_idle_in_transaction_s: of("longest_idle"),
        oldest_transaction_s: of("oldest"),
        chains: Vec::new(),
    }
}

fn chain(row: &Row) -> Option<String> {
    let named = |id, name| {
        let id = row.text(id)?;
        Some(row.text(name).map_or_else(|| id.clone(), |name| format!("{id} ({name})")))
    };
    // A prepared transaction whose session is gone has the thread 0.
    let holder =
        named("holder", "holder_name").filter(|h| h != "0").unwrap_or_else(|| "a prepared transaction".to_owned());
    let asleep = row.text("holder_state").is_some_and(|s| s.eq_ignore_ascii_case("sleep"));
    let state = if asleep { ", idle in its transaction" } else { "" };
    let table = row.text("locked").map_or_else(String::new, |table| format!(", over the whole table {table}"));
    Some(format!(
        "{} waits {:.0} s for {holder}{state}{table}",
        named("waiter", "waiter_name")?,
        row.number("seconds").unwrap_or(0.0)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_need_something_counted() {
        assert_eq!(hit_ratio(Some(1000.0), Some(20.0)), Some(0.98));
        assert_eq!(hit_ratio(Some(0.0), Some(0.0)), None);
        assert_eq!(hit_ratio(None, Some(1.0)), None);
        assert_eq!(rate(Some(7200.0), Some(7200.0)), Some(1.0));
        assert_eq!(rate(Some(7200.0), Some(1800.0)), None, "too short");
    }

    #[test]
    fn a_counter_that_stands_still_acquits_nobody() {
        let check = |counted, used, expected| assert_eq!(never_full(Some(counted), Some(used), Some(10.0)), expected);
        check(0.0, 9.0, Some(0.0));
        check(0.0, 10.0, None);
        check(3.0, 11.0, Some(3.0));
        assert_eq!(never_full(Some(0.0), None, Some(10.0)), None);
    }

    #[test]
    fn rows_and_tables_block() {
        let transactions =
            Row::of(&[("blocked", "1"), ("longest_wait", "4"), ("longest_idle", "61"), ("oldest", "70")]);
        let sessions = [
            Row::of(&[("user", "app"), ("sessions", "9"), ("active", "3"), ("blocked", "2"), ("longest_wait", "7")]),
            Row::of(&[("user", "job"), ("sessions", "1"), ("active", "0"), ("blocked", "0")]),
        ];
        let sample = look(Some(&transactions), &sessions);
        assert_eq!((sample.active, sample.blocked, sample.longest_wait_s), (3.0, 3.0, 7.0));
        assert_eq!((sample.longest_idle_in_transaction_s, sample.oldest_transaction_s), (61.0, 70.0));
        assert_eq!(look(None, &[]).blocked, 0.0);
    }

    #[test]
    fn chains_say_who_waits_for_whom() {
        // Columns as MySQL 8.0 documents performance_schema.data_lock_waits joined to threads.
        let row = |holder, state| {
            Row::of(&[
                ("waiter", "12"),
                ("waiter_name", "app"),
                ("seconds", "4"),
                ("holder", holder),
                ("holder_name", "job"),
                ("holder_state", state),
            ])
        };
        assert_eq!(
            chain(&row("9", "Sleep")).as_deref(),
            Some("12 (app) waits 4 s for 9 (job), idle in its transaction")
        );
        assert_eq!(chain(&row("9", "Query")).as_deref(), Some("12 (app) waits 4 s for 9 (job)"));
        let mut whole = row("9", "Sleep");
        whole.add("locked", "shop.orders");
        assert_eq!(
            chain(&whole).as_deref(),
            Some("12 (app) waits 4 s for 9 (job), idle in its transaction, over the whole table shop.orders")
        );
        let gone = Row::of(&[("waiter", "12"), ("holder", "0")]);
        assert_eq!(chain(&gone).as_deref(), Some("12 waits 0 s for a prepared transaction"));
    }
}
