//! Calls and time of each command, from `INFO commandstats`.

use super::commands::COMMAND_STATS;
use super::info::Info;
use super::reading::Reading;
use loadline_model::{QueryStat, Verb};
use std::collections::BTreeMap;

/// Most commands that are said: those that took the most time.
const MOST: usize = 20;

/// Commands that only read.
const READS: [&str; 44] = [
    "get",
    "mget",
    "getrange",
    "strlen",
    "exists",
    "ttl",
    "pttl",
    "type",
    "keys",
    "scan",
    "randomkey",
    "dbsize",
    "hget",
    "hmget",
    "hgetall",
    "hkeys",
    "hvals",
    "hlen",
    "hexists",
    "hscan",
    "lrange",
    "llen",
    "lindex",
    "smembers",
    "sismember",
    "scard",
    "sinter",
    "sunion",
    "sdiff",
    "sscan",
    "srandmember",
    "zrange",
    "zrangebyscore",
    "zrevrange",
    "zscore",
    "zcard",
    "zcount",
    "zscan",
    "xrange",
    "xread",
    "xlen",
    "getbit",
    "bitcount",
    "touch",
];

/// Commands that make keys or make them larger: what can make another key leave.
const WRITES: [&str; 42] = [
    "set",
    "setex",
    "psetex",
    "setnx",
    "mset",
    "msetnx",
    "getset",
    "append",
    "setrange",
    "incr",
    "incrby",
    "incrbyfloat",
    "decr",
    "decrby",
    "hset",
    "hmset",
    "hsetnx",
    "hincrby",
    "hincrbyfloat",
    "lpush",
    "rpush",
    "lpushx",
    "rpushx",
    "linsert",
    "lset",
    "lmove",
    "rpoplpush",
    "sadd",
    "smove",
    "sinterstore",
    "sunionstore",
    "sdiffstore",
    "zadd",
    "zincrby",
    "zunionstore",
    "zinterstore",
    "xadd",
    "setbit",
    "bitop",
    "pfadd",
    "restore",
    "geoadd",
];

/// What a command does.
pub(super) fn verb(command: &str) -> Verb {
    if READS.contains(&command) {
        Verb::Read
    } else if WRITES.contains(&command) || matches!(command, "del" | "unlink" | "expire" | "flushdb" | "flushall") {
        Verb::Write
    } else {
        Verb::Other
    }
}

/// A command's name as we repeat it: `config|get` too; `None` for anything else a server may say.
pub(super) fn plain(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let fits = !name.is_empty() && name.len() <= 40;
    (fits && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '|' | '.' | '-' | '_')))
        .then_some(name)
}

/// Calls of commands that write.
pub(super) fn writes(commands: &Info) -> f64 {
    let calls = |parts: BTreeMap<&str, &str>| parts.get("calls").and_then(|n| n.parse::<f64>().ok());
    commands.parts("cmdstat_").filter(|(name, _)| WRITES.contains(name)).filter_map(|(_, parts)| calls(parts)).sum()
}

/// Says the commands that took the most time.
pub(super) fn say(r: &mut Reading<'_>, commands: &Info, uptime: f64) {
    let mut all: Vec<(String, f64, f64)> = commands
        .parts("cmdstat_")
        .filter_map(|(name, parts)| {
            let number =
                |key: &str| parts.get(key).and_then(|n| n.parse::<f64>().ok()).filter(|n| n.is_finite() && *n >= 0.0);
            Some((plain(name)?, number("calls")?, number("usec")? / 1_000.0))
        })
        .collect();
    all.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    let since = Some(r.ago(uptime));
    for (name, calls, total_ms) in all.into_iter().take(MOST) {
        let stat = QueryStat {
            fingerprint: format!("command:{name}"),
            verb: verb(&name),
            text: name,
            calls,
            total_ms,
            rows: 0.0,
            rows_examined: None,
            blocks_read: None,
            temp_blocks: None,
            since,
            tables: Vec::new(),
            route: None,
        };
        let subject = r.server.subject();
        r.measured(&subject, &COMMAND_STATS, stat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_counted_by_what_they_do() {
        let info =
            Info::parse("cmdstat_set:calls=10,usec=5\ncmdstat_get:calls=90,usec=5\ncmdstat_lpush:calls=2,usec=1\nx:1");
        assert_eq!(writes(&info), 12.0);
        assert_eq!((verb("keys"), verb("set"), verb("eval")), (Verb::Read, Verb::Write, Verb::Other));
        assert_eq!(plain("CONFIG|GET").as_deref(), Some("config|get"));
        assert_eq!(plain("drop user bob's"), None);
    }
}
