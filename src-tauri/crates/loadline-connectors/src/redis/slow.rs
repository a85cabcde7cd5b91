//! Slow commands: which, on which keys, how often. Arguments and full names of keys stay at the server's side of us.

use super::commands::{Argument, CONFIG, SLOW_LOG};
use super::pattern;
use super::reading::Reading;
use super::server::{self, Settings};
use super::statistics::{plain, verb};
use super::wire::Reply;
use crate::Cancelled;
use loadline_model::{GapReason, QueryStat, Timestamp, Value, key};
use std::collections::BTreeMap;

/// A command that blocks all others for longer than this is slow (CACHE-006), in microseconds.
const SLOW_US: f64 = 10_000.0;
/// The log is read back at most so far, in seconds.
const DAY: f64 = 86_400.0;
/// Entries that the server gives at most; as many fill its log by default.
const ENTRIES: f64 = 128.0;

/// Commands whose first argument is the name of one key.
const KEYED: [&str; 36] = [
    "get",
    "set",
    "setex",
    "psetex",
    "setnx",
    "getset",
    "append",
    "incr",
    "decr",
    "del",
    "unlink",
    "exists",
    "expire",
    "hget",
    "hset",
    "hmset",
    "hmget",
    "hgetall",
    "hdel",
    "hscan",
    "lpush",
    "rpush",
    "lrange",
    "lrem",
    "ltrim",
    "smembers",
    "sadd",
    "srem",
    "sscan",
    "zadd",
    "zrange",
    "zrangebyscore",
    "zrem",
    "zscan",
    "sort",
    "keys",
];

/// One entry, without what must not be kept.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    at: f64,
    microseconds: f64,
    command: String,
    pattern: Option<String>,
}

/// Reads the log, says shapes and the rate of slow commands.
pub(super) async fn read(r: &mut Reading<'_>, settings: &Settings, uptime: f64) -> Result<(), Cancelled> {
    let threshold = server::number(settings, "slowlog-log-slower-than");
    if let Some(us) = threshold {
        let ms = if us < 0.0 { -1.0 } else { us / 1_000.0 };
        r.configured(&CONFIG, key::SLOW_LOG_THRESHOLD_MS, Value::Number(ms));
    }
    let Some(reply) = r.ask(&SLOW_LOG, Argument::None).await? else { return Ok(()) };
    let now = r.answer.read_at().0 as f64 / 1_000.0;
    let entries: Vec<Entry> = reply.list().iter().filter_map(entry).collect();
    say(r, &entries);
    let off = threshold.is_some_and(|us| us < 0.0) || server::number(settings, "slowlog-max-len") == Some(0.0);
    if off || threshold.is_some_and(|us| us > SLOW_US) {
        let detail = "The slow log is off, or leaves out commands that take less than it asks for.";
        let closes = "CONFIG SET slowlog-log-slower-than 10000; CONFIG SET slowlog-max-len 128";
        r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[], Some(&r.server.subject()));
        return Ok(());
    }
    // Where the threshold is hidden, the log of a default server has what is needed; an empty one may be off.
    if threshold.is_some() || !entries.is_empty() {
        let most = server::number(settings, "slowlog-max-len").unwrap_or(ENTRIES).min(ENTRIES);
        r.number(&SLOW_LOG, key::CACHE_SLOW_COMMANDS, Some(per_minute(&entries, now, uptime, most)));
    }
    Ok(())
}

/// Slow commands a minute since the log reaches back: a day, the start of the server, or the oldest entry of a full log.
fn per_minute(entries: &[Entry], now: f64, uptime: f64, most: f64) -> f64 {
    let full = entries.len() as f64 >= most;
    let oldest = entries.iter().map(|e| now - e.at).fold(0.0, f64::max);
    let window = uptime.min(DAY).min(if full { oldest } else { DAY });
    let slow = entries.iter().filter(|e| e.microseconds >= SLOW_US && now - e.at <= DAY).count() as f64;
    slow / (window / 60.0).max(1.0)
}

fn entry(reply: &Reply) -> Option<Entry> {
    let [_, at, microseconds, words, ..] = reply.list() else { return None };
    let word =
        |n: usize| if let Some(Reply::Text(bytes)) = words.list().get(n) { Some(bytes.as_slice()) } else { None };
    let command = plain(std::str::from_utf8(word(0)?).ok()?)?;
    let pattern = word(1).filter(|_| KEYED.contains(&command.as_str())).map(pattern::of);
    Some(Entry { at: at.number()?, microseconds: microseconds.number()?.max(0.0), command, pattern })
}

fn say(r: &mut Reading<'_>, entries: &[Entry]) {
    let mut shapes: BTreeMap<String, (&Entry, f64, f64, f64)> = BTreeMap::new();
    for entry in entries {
        let text = match &entry.pattern {
            Some(pattern) => format!("{} {pattern}", entry.command),
            None => entry.command.clone(),
        };
        let shape = shapes.entry(text).or_insert((entry, 0.0, 0.0, entry.at));
        shape.1 += 1.0;
        shape.2 += entry.microseconds / 1_000.0;
        shape.3 = shape.3.min(entry.at);
    }
    for (text, (entry, calls, total_ms, oldest)) in shapes {
        let stat = QueryStat {
            fingerprint: format!("slow:{text}"),
            verb: verb(&entry.command),
            text,
            calls,
            total_ms,
            rows: 0.0,
            rows_examined: None,
            blocks_read: None,
            temp_blocks: None,
            since: Some(Timestamp((oldest * 1_000.0) as i64)),
            tables: Vec::new(),
            route: None,
        };
        let subject = r.server.subject();
        r.measured(&subject, &SLOW_LOG, stat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(words: &[&[u8]]) -> Reply {
        let words = words.iter().map(|w| Reply::Text(w.to_vec())).collect();
        Reply::List(vec![Reply::Number(1), Reply::Number(1_000), Reply::Number(25_000), Reply::List(words)])
    }

    #[test]
    fn arguments_are_not_kept() {
        let check = |words: &[&[u8]], expected: Option<(&str, Option<&str>)>| {
            let found = entry(&logged(words));
            assert_eq!(found.as_ref().map(|e| (e.command.as_str(), e.pattern.as_deref())), expected, "{words:?}");
        };
        check(&[b"SET", b"session:alice@example.com", b"hunter2"], Some(("set", Some("session:*"))));
        check(&[b"KEYS", b"user:*"], Some(("keys", Some("user:*"))));
        check(&[b"KEYS", b"*"], Some(("keys", Some("*"))));
        check(&[b"EVAL", b"return 'hunter2'", b"0"], Some(("eval", None)));
        check(&[b"AUTH", b"hunter2"], Some(("auth", None)));
        check(&[b"CONFIG", b"SET", b"requirepass", b"hunter2"], Some(("config", None)));
        check(&[b"a b", b"x"], None);
        check(&[b"\xff"], None);
        check(&[], None);
    }

    #[test]
    fn the_window_ends_where_the_log_does() {
        let at =
            |ago: f64| Entry { at: 100_000.0 - ago, microseconds: 20_000.0, command: "keys".into(), pattern: None };
        let some: Vec<Entry> = (0..10).map(|n| at(f64::from(n) * 30.0)).collect();
        assert_eq!(per_minute(&some, 100_000.0, 600.0, 128.0), 1.0, "since the start");
        assert_eq!(per_minute(&some, 100_000.0, 1e7, 128.0), 10.0 / 1_440.0, "over a day");
        assert_eq!(per_minute(&some, 100_000.0, 1e7, 10.0), 10.0 / 4.5, "a full log");
        assert_eq!(per_minute(&[], 100_000.0, 5.0, 128.0), 0.0);
    }
}
