//! Who the server is: its role, who its primary is, and under which names others know it.

use super::address::{Address, endpoint, is_here};
use super::commands::version;
use super::info::Info;
use loadline_model::{Relation, SubjectId};

/// How servers work together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// A primary with or without replicas, or a replica.
    #[default]
    Standalone,
    /// Watches others and holds no data.
    Sentinel,
    /// A node of a Redis Cluster.
    Cluster,
}

/// What `INFO` tells about the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Server {
    /// As [`version`] counts; for a fork that says so, the version it is compatible with.
    pub version: u32,
    /// Version as the vendor writes it.
    pub version_text: String,
    /// `redis` or `valkey`.
    pub engine: &'static str,
    /// How it works with others.
    pub mode: Mode,
    /// `host:port` of its primary, when it is a replica.
    pub primary: Option<String>,
    /// It is a replica, whether or not it says of whom.
    pub replica: bool,
    /// Identifier of the stream of writes, shared by a primary and its replicas.
    pub stream: Option<String>,
    /// Identifier of this run of the process; Sentinels repeat it.
    pub run: Option<String>,
    /// `host:port` as connected.
    pub endpoint: String,
    /// Reached over loopback.
    pub local: bool,
    /// Our user, where the server has users.
    pub user: Option<String>,
    /// A provider runs it.
    pub managed: Option<bool>,
}

/// Names that only a provider's service has.
const PROVIDERS: [&str; 9] = [
    ".cache.amazonaws.com",
    ".memorydb.",
    ".redis.cache.windows.net",
    ".redisenterprise.cache.azure.net",
    ".upstash.io",
    ".redislabs.com",
    ".redis-cloud.com",
    ".aivencloud.com",
    ".db.ondigitalocean.com",
];

impl Server {
    /// From the first answer.
    pub(super) fn from_info(info: &Info, address: &Address) -> Self {
        let compatible = info.text("redis_version").unwrap_or_default();
        let valkey = info.text("valkey_version");
        let mode = match info.text("redis_mode") {
            Some("sentinel") => Mode::Sentinel,
            Some("cluster") => Mode::Cluster,
            _ if info.number("sentinel_masters").is_some() => Mode::Sentinel,
            _ if info.flag("cluster_enabled") == Some(true) => Mode::Cluster,
            _ => Mode::Standalone,
        };
        let replica = matches!(info.text("role"), Some("slave" | "replica"));
        let marked = PROVIDERS.iter().any(|p| address.host.contains(p))
            || info.text("os").is_some_and(|os| os.contains("Amazon"))
            || info.text("rlec_version").is_some();
        Self {
            version: version(compatible),
            version_text: valkey.unwrap_or(compatible).chars().take(32).collect(),
            engine: if valkey.is_some() { "valkey" } else { "redis" },
            mode,
            primary: if replica { primary(info, address) } else { None },
            replica,
            stream: identifier(info.text("master_replid")),
            run: identifier(info.text("run_id")),
            endpoint: address.endpoint(),
            local: address.is_local(),
            user: None,
            managed: marked.then_some(true),
        }
    }

    /// The store, shared by primary and replicas: the primary's address. It stays over restarts, as run and stream
    /// identifiers do not; those are further names for it.
    pub(super) fn store(&self) -> SubjectId {
        let primary = self.primary.as_ref().filter(|_| self.mode == Mode::Standalone);
        SubjectId(format!("redis://{}", primary.unwrap_or(&self.endpoint)))
    }

    /// The server that answers: the store for a primary, a copy of it for a replica, because the two must not
    /// overwrite each other's settings.
    pub(super) fn subject(&self) -> SubjectId {
        match (self.replica, self.mode) {
            (true, Mode::Standalone) => copy(&self.store(), &self.endpoint),
            _ => self.store(),
        }
    }

    /// A replica that is a thing of its own beside its store.
    pub(super) fn is_copy(&self) -> bool {
        self.replica && self.mode == Mode::Standalone
    }

    /// Other exact names of the store, by which accounts that look at another of its servers meet this one.
    pub(super) fn also(&self) -> Vec<SubjectId> {
        let stream =
            self.stream.as_ref().filter(|_| self.mode == Mode::Standalone).map(|id| format!("redis:stream:{id}"));
        let run = self.run.as_ref().filter(|_| !self.replica).map(|id| run(id).0);
        stream.into_iter().chain(run).map(SubjectId).collect()
    }
}

/// A server by the run of its process.
pub(super) fn run(id: &str) -> SubjectId {
    SubjectId(format!("redis:run:{id}"))
}

/// A copy of a store.
pub(super) fn copy(store: &SubjectId, endpoint: &str) -> SubjectId {
    SubjectId(format!("{store}/replica/{endpoint}"))
}

/// How a store is copied; Redis confirms writes before its replicas have them.
pub(super) fn copied(automatic: Option<bool>) -> Relation {
    Relation::ReplicatedTo { synchronous: Some(false), automatic }
}

/// A host name or address as a server may write it; anything else is not repeated.
pub(super) fn plausible(host: &str) -> Option<&str> {
    let fits = !host.is_empty() && host.len() <= 253;
    (fits && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '_'))).then_some(host)
}

/// Forty hexadecimal digits that are not all zero.
pub(super) fn identifier(text: Option<&str>) -> Option<String> {
    let text = text?;
    let fits = text.len() == 40 && text.chars().all(|c| c.is_ascii_hexdigit()) && text.chars().any(|c| c != '0');
    fits.then(|| text.to_owned())
}

fn primary(info: &Info, address: &Address) -> Option<String> {
    let host = plausible(info.text("master_host")?)?;
    let port = info.text("master_port")?.parse().ok()?;
    // Loopback as the replica sees it is the replica's own machine.
    let host = if is_here(host) && !address.is_local() { &address.host } else { host };
    Some(endpoint(&host.to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::account;

    fn server(url: &str, info: &str) -> Server {
        let address = Address::parse(&account("redis", &[("url", url)])).expect("an address");
        Server::from_info(&Info::parse(info), &address)
    }

    const STREAM: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn primary_and_replica_are_one_store() {
        let primary =
            server("redis://a.example.com", &format!("redis_version:7.0.15\nrole:master\nmaster_replid:{STREAM}"));
        let replica = server(
            "redis://b.example.com",
            &format!(
                "redis_version:7.0.15\nrole:slave\nmaster_host:A.example.com\nmaster_port:6379\nmaster_replid:{STREAM}"
            ),
        );
        assert_eq!(primary.subject().as_str(), "redis://a.example.com:6379");
        assert_eq!(replica.store(), primary.store());
        assert_eq!(replica.subject().as_str(), "redis://a.example.com:6379/replica/b.example.com:6379");
        assert_eq!(replica.also(), primary.also(), "one name for both where addresses differ");
    }

    #[test]
    fn roles_versions_and_providers() {
        let valkey = server("redis://h", "redis_version:7.2.4\nserver_name:valkey\nvalkey_version:8.1.1");
        assert_eq!((valkey.engine, valkey.version, valkey.version_text.as_str()), ("valkey", 70_204, "8.1.1"));
        assert_eq!(server("redis://h", "redis_version:2.8.0\nsentinel_masters:1").mode, Mode::Sentinel);
        assert_eq!(server("redis://h", "redis_version:7.0.0\nredis_mode:cluster").mode, Mode::Cluster);
        assert_eq!(server("redis://x.abc.cache.amazonaws.com", "redis_version:7.1.0").managed, Some(true));
        assert_eq!(server("redis://h", "redis_version:7.1.0").managed, None);
        let near = server("redis://10.0.0.9", "role:slave\nmaster_host:127.0.0.1\nmaster_port:7000");
        assert_eq!(near.primary.as_deref(), Some("10.0.0.9:7000"));
        let hostile = server("redis://h", "role:slave\nmaster_host:a b/../c\nmaster_port:1\nmaster_replid:xyz");
        assert_eq!((hostile.primary, hostile.stream), (None, None));
    }
}
