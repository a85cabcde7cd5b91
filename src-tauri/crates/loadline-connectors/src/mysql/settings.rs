//! Settings in neutral words: what the vendors call limits, timeouts, durability and logs.

use super::identity::{Flavour, switch};
use super::reading::Reading;
use super::row::number;
use super::statements::VARIABLES;
use loadline_model::{Basis, Limit, Limited, Value, key};
use std::collections::BTreeMap;

type Settings = BTreeMap<String, String>;

/// Says every setting that a rule asks for.
pub(super) fn say(r: &mut Reading<'_>, settings: &Settings) {
    let flavour = r.server.engine.flavour;
    for (key, value) in [
        (key::MAX_CONNECTIONS, at(settings, "max_connections")),
        (key::SLOW_LOG_THRESHOLD_MS, slow_log_ms(settings)),
        (key::STATEMENT_TIMEOUT_MS, statement_timeout_ms(flavour, settings)),
        (key::IDLE_IN_TRANSACTION_TIMEOUT_MS, idle_timeout_ms(settings)),
        (key::LOCK_TIMEOUT_MS, at(settings, "innodb_lock_wait_timeout").map(|s| s * 1e3)),
        (key::OPLOG_WINDOW_HOURS, log_hours(settings)),
    ] {
        r.number(&VARIABLES, key, value);
    }
    for (key, value) in [
        (key::FSYNC, flushes(settings)),
        (key::FULL_PAGE_WRITES, whole_pages(settings)),
        (key::ARCHIVE_ON, switch(settings, "log_bin")),
        (key::TLS_REQUIRED, switch(settings, "require_secure_transport")),
        (key::PUBLICLY_REACHABLE, loopback_only(settings).then_some(false)),
    ] {
        if let Some(value) = value {
            r.set(&VARIABLES, key, None, Value::Bool(value));
        }
    }
    if let Some(waits) = commits_wait(settings) {
        let word = if waits { "on" } else { "off" };
        r.set(&VARIABLES, key::SYNCHRONOUS_COMMIT, None, Value::Text(word.to_owned()));
    }
    // Administrators get one connection above the limit, so none of it is reserved for them.
    if let Some(most) = at(settings, "max_connections").filter(|n| *n > 0.0) {
        r.number(&VARIABLES, key::RESERVED_CONNECTIONS, Some(0.0));
        let limit = Limit { limited: Limited::Connections, value: most, unit: "connections".to_owned() };
        r.answer.say(&r.server.subject(), VARIABLES.name, Basis::Configured, limit);
    }
}

fn at(settings: &Settings, name: &str) -> Option<f64> {
    number(settings.get(name)?)
}

/// Milliseconds; -1 off, as when it is written nowhere.
fn slow_log_ms(settings: &Settings) -> Option<f64> {
    let written = settings.get("log_output").is_none_or(|o| !o.eq_ignore_ascii_case("none"));
    match switch(settings, "slow_query_log")? && written {
        true => at(settings, "long_query_time").map(|s| s * 1e3),
        false => Some(-1.0),
    }
}

/// MySQL: milliseconds, of SELECT only. MariaDB: seconds, of every statement.
fn statement_timeout_ms(flavour: Flavour, settings: &Settings) -> Option<f64> {
    match flavour {
        Flavour::Mysql => at(settings, "max_execution_time"),
        Flavour::Mariadb => at(settings, "max_statement_time").map(|s| s * 1e3),
    }
}

/// A session that idles is ended after `wait_timeout`, inside a transaction or not; MariaDB can end those inside sooner.
fn idle_timeout_ms(settings: &Settings) -> Option<f64> {
    let some = |name| at(settings, name).filter(|s| *s > 0.0);
    let seconds = [some("idle_transaction_timeout"), some("wait_timeout")].into_iter().flatten().reduce(f64::min);
    seconds.map(|s| s * 1e3)
}

/// Hours of binary log; nothing when it is off or never dropped.
fn log_hours(settings: &Settings) -> Option<f64> {
    if switch(settings, "log_bin") != Some(true) {
        return None;
    }
    let seconds = at(settings, "binlog_expire_logs_seconds").filter(|s| *s > 0.0);
    let days = at(settings, "expire_logs_days").filter(|d| *d > 0.0);
    seconds.map(|s| s / 3_600.0).or(days.map(|d| d * 24.0))
}

/// Only `nosync`, made for tests, keeps InnoDB from flushing at all.
fn flushes(settings: &Settings) -> Option<bool> {
    at(settings, "innodb_flush_log_at_trx_commit")?;
    Some(settings.get("innodb_flush_method").is_none_or(|m| !m.eq_ignore_ascii_case("nosync")))
}

/// `DETECT_ONLY` finds torn pages after a crash, but cannot repair them.
fn whole_pages(settings: &Settings) -> Option<bool> {
    let word = settings.get("innodb_doublewrite")?.to_ascii_uppercase();
    match word.as_str() {
        "DETECT_AND_RECOVER" => Some(true),
        "DETECT_ONLY" => Some(false),
        other => super::row::flag(other),
    }
}

/// A commit waits for the disk: InnoDB's log at each commit, and the binary log as well where there is one, because after a
/// crash InnoDB rolls back what the binary log does not hold (manuals of both, "sync_binlog").
fn commits_wait(settings: &Settings) -> Option<bool> {
    // 3 is MariaDB's older way of flushing at each commit.
    let log = [1.0, 3.0].contains(&at(settings, "innodb_flush_log_at_trx_commit")?);
    match switch(settings, "log_bin") {
        Some(true) => Some(log && at(settings, "sync_binlog")? == 1.0),
        _ => Some(log),
    }
}

fn loopback_only(settings: &Settings) -> bool {
    let bound = settings.get("bind_address").is_some_and(|addresses| {
        !addresses.trim().is_empty() && addresses.split(',').all(|a| super::address::is_loopback(a.trim()))
    });
    bound || switch(settings, "skip_networking") == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(words: &[(&str, &str)]) -> Settings {
        words.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn numbers_in_the_units_of_the_vocabulary() {
        let check = |said: Option<f64>, expected: Option<f64>| assert_eq!(said, expected);
        let log =
            |on, time, output| settings(&[("slow_query_log", on), ("long_query_time", time), ("log_output", output)]);
        check(slow_log_ms(&log("ON", "0.2", "FILE")), Some(200.0));
        check(slow_log_ms(&log("ON", "0.2", "NONE")), Some(-1.0));
        check(slow_log_ms(&log("OFF", "10", "FILE")), Some(-1.0));
        check(slow_log_ms(&settings(&[])), None);
        check(statement_timeout_ms(Flavour::Mysql, &settings(&[("max_execution_time", "15000")])), Some(15e3));
        check(statement_timeout_ms(Flavour::Mariadb, &settings(&[("max_statement_time", "15.5")])), Some(15.5e3));
        let idle = |own, all| settings(&[("idle_transaction_timeout", own), ("wait_timeout", all)]);
        check(idle_timeout_ms(&idle("0", "28800")), Some(28_800e3));
        check(idle_timeout_ms(&idle("30", "28800")), Some(30e3));
        let kept = |on, seconds, days| {
            settings(&[("log_bin", on), ("binlog_expire_logs_seconds", seconds), ("expire_logs_days", days)])
        };
        check(log_hours(&kept("ON", "7200", "0")), Some(2.0));
        check(log_hours(&kept("ON", "0", "2.0")), Some(48.0));
        check(log_hours(&kept("ON", "0", "0")), None);
        check(log_hours(&kept("OFF", "7200", "0")), None);
    }

    #[test]
    fn durability() {
        let check = |flush, bin, sync, waits| {
            let given = [("innodb_flush_log_at_trx_commit", flush), ("log_bin", bin), ("sync_binlog", sync)];
            assert_eq!(commits_wait(&settings(&given)), waits, "{given:?}");
        };
        check("1", "ON", "1", Some(true));
        check("1", "ON", "0", Some(false));
        check("1", "ON", "100", Some(false));
        check("1", "OFF", "0", Some(true));
        check("2", "OFF", "1", Some(false));
        check("0", "ON", "1", Some(false));
        assert_eq!(commits_wait(&settings(&[])), None);
        for (word, whole) in [("ON", true), ("OFF", false), ("DETECT_ONLY", false), ("DETECT_AND_RECOVER", true)] {
            assert_eq!(whole_pages(&settings(&[("innodb_doublewrite", word)])), Some(whole), "{word}");
        }
        assert_eq!(flushes(&settings(&[])), None);
    }

    #[test]
    fn reach() {
        let bound = |addresses| loopback_only(&settings(&[("bind_address", addresses)]));
        assert!(
            bound("127.0.0.1") && bound("127.0.0.1,::1") && !bound("*") && !bound("127.0.0.1,10.0.0.5") && !bound("")
        );
        assert!(loopback_only(&settings(&[("skip_networking", "ON")])));
    }
}
