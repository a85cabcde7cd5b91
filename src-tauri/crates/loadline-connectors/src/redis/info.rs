//! The text of `INFO`: names and values, line by line. Fields come and go with versions, so each is optional.

use std::collections::BTreeMap;

/// Fields by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Info(BTreeMap<String, String>);

/// Most fields that are kept; a server with every module has fewer than a thousand.
const MOST: usize = 5_000;

impl Info {
    /// Reads the text.
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once(':'));
        Self(lines.take(MOST).map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned())).collect())
    }

    /// A field that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// A finite number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok().filter(|n: &f64| n.is_finite())
    }

    /// A switch, written as 0 or 1.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.number(name).map(|n| n != 0.0)
    }

    /// Fields whose name is this prefix and something more, with the parts of their value: `slave0:ip=…,port=…`.
    pub(super) fn parts<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, BTreeMap<&'a str, &'a str>)> {
        self.0.iter().filter_map(move |(name, value)| {
            let rest = name.strip_prefix(prefix).filter(|r| !r.is_empty())?;
            let parts: BTreeMap<&str, &str> = value.split(',').filter_map(|p| p.split_once('=')).collect();
            (!parts.is_empty()).then_some((rest, parts))
        })
    }

    /// Keys of each database: its number, keys, and keys that expire.
    pub(super) fn databases(&self) -> Vec<(u64, f64, f64)> {
        let count = |parts: &BTreeMap<&str, &str>, name: &str| parts.get(name).and_then(|n| n.parse::<f64>().ok());
        self.parts("db")
            .filter_map(|(n, parts)| Some((n.parse().ok()?, count(&parts, "keys")?, count(&parts, "expires")?)))
            .collect()
    }

    /// It answered at all: something else may listen there.
    pub(super) fn is_redis(&self) -> bool {
        self.text("redis_version").is_some() || self.text("valkey_version").is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let info = Info::parse(
            "# Server\r\nredis_version:7.0.15\r\n\r\nempty:\r\naof_enabled:1\r\nused_memory:nan\r\n\
             db0:keys=10,expires=4,avg_ttl=0\r\ndb12:keys=1,expires=1\r\ndbx:keys=1,expires=1\r\n\
             slave0:ip=10.0.0.2,port=6379,state=online,offset=14,lag=1\r\nbroken\r\n",
        );
        assert_eq!((info.text("redis_version"), info.text("empty"), info.text("broken")), (Some("7.0.15"), None, None));
        assert_eq!((info.flag("aof_enabled"), info.number("used_memory")), (Some(true), None));
        assert_eq!(info.databases(), [(0, 10.0, 4.0), (12, 1.0, 1.0)]);
        let slaves: Vec<_> = info.parts("slave").collect();
        assert_eq!((slaves.len(), slaves[0].1["state"]), (1, "online"));
        assert!(info.is_redis() && !Info::parse("HTTP:1").is_redis());
    }
}
