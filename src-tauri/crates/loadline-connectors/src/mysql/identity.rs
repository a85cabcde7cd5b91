//! Who the server is: its vendor and version, its own identifier, whom it copies, and who operates it.

use super::address::is_loopback;
use super::row::{Row, flag};
use loadline_model::SubjectId;
use std::collections::BTreeMap;

/// Folders in which distributions and official images put the data.
const DISTRIBUTION_FOLDERS: [&str; 5] =
    ["/var/lib/mysql", "/var/db/mysql", "/usr/local/var/mysql", "/opt/homebrew/var/mysql", "/usr/local/mysql/data"];

/// Whose words the server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Flavour {
    /// Oracle's server and what follows it closely (Percona Server, Aurora).
    #[default]
    Mysql,
    /// MariaDB.
    Mariadb,
}

/// Vendor and version.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Engine {
    /// The vendor's family.
    pub flavour: Flavour,
    /// 80036 for 8.0.36, 101119 for 10.11.19.
    pub version: u32,
    /// Version as the vendor writes it.
    pub text: String,
    /// The product, where it only speaks MySQL's protocol: id and name.
    pub other: Option<(&'static str, &'static str)>,
}

/// Products that speak MySQL's protocol and are not MySQL: their statistics, settings and copies mean something else.
const OTHERS: [(&str, &str, &str); 8] = [
    ("tidb", "tidb", "TiDB"),
    ("vitess", "vitess", "Vitess"),
    ("planetscale", "vitess", "PlanetScale"),
    ("singlestore", "singlestore", "SingleStore"),
    ("memsql", "singlestore", "SingleStore"),
    ("oceanbase", "oceanbase", "OceanBase"),
    ("starrocks", "starrocks", "StarRocks"),
    ("doris", "doris", "Apache Doris"),
];

impl Engine {
    /// From `VERSION()` and `@@version_comment`.
    pub(super) fn parse(version: &str, comment: &str) -> Option<Self> {
        let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<u32>().ok());
        let number = numbers.next()??.checked_mul(10_000)?;
        let mut rest = |factor: u32| numbers.next().flatten().filter(|n| *n < 100).map_or(0, |n| n * factor);
        let version_number = number.checked_add(rest(100))?.checked_add(rest(1))?;
        let says = |text: &str| text.to_ascii_lowercase().contains("mariadb");
        let flavour = if says(version) || says(comment) { Flavour::Mariadb } else { Flavour::Mysql };
        let words = format!("{version} {comment}").to_ascii_lowercase();
        let other = OTHERS.iter().find(|(word, ..)| words.contains(word)).map(|(_, id, name)| (*id, *name));
        Some(Self { flavour, version: version_number, text: version.to_owned(), other })
    }

    /// The name rules know it by.
    pub(super) fn name(&self) -> &'static str {
        match (self.other, self.flavour) {
            (Some((id, _)), _) => id,
            (None, Flavour::Mysql) => "mysql",
            (None, Flavour::Mariadb) => "mariadb",
        }
    }

    /// MySQL 8.0 or MariaDB 10.6 and newer, the versions the statements are written for.
    pub(super) fn is_supported(&self) -> bool {
        let least = match self.flavour {
            Flavour::Mysql => 80_000,
            Flavour::Mariadb => 100_600,
        };
        self.other.is_none() && self.version >= least
    }
}

/// What a few statements tell about the server and our user.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Server {
    /// Vendor and version.
    pub engine: Engine,
    /// Our user as grants write it: `'loadline'@'%'`.
    pub user: String,
    /// `@@server_uuid`, which MariaDB does not have.
    pub uuid: Option<String>,
    /// The machine's own name.
    pub hostname: String,
    /// The port it listens on.
    pub port: u16,
    /// `host:port` as connected, or the path of the socket.
    pub endpoint: String,
    /// Reached over loopback or a unix socket.
    pub local: bool,
    /// Our user sees sessions and transactions of other users.
    pub process: bool,
    /// The Performance Schema is on; nothing is counted without it.
    pub counting: Option<bool>,
    /// Most client connections.
    pub most: Option<f64>,
    /// The server whose changes it applies; `None` when it applies nobody's, or when that is hidden from our user.
    pub primary: Option<SubjectId>,
    /// It applies another server's changes; `None` when that is hidden from our user.
    pub standby: Option<bool>,
}

impl Server {
    /// From the row of `IDENTITY`.
    pub(super) fn from_row(row: &Row, engine: Engine, endpoint: &str, local: bool) -> Option<Self> {
        Some(Self {
            engine,
            user: quoted_user(&row.text("account")?),
            uuid: None,
            hostname: row.text("hostname").unwrap_or_default(),
            port: row.number("port").map_or(3306, |p| p as u16),
            endpoint: endpoint.to_owned(),
            local,
            process: false,
            counting: row.flag("counting"),
            most: row.number("most"),
            primary: None,
            standby: None,
        })
    }

    /// The server that answers: its own uuid, or its address where the vendor gives no uuid.
    pub(super) fn subject(&self) -> SubjectId {
        SubjectId(match &self.uuid {
            Some(uuid) => format!("mysql:{uuid}"),
            None => self.address(),
        })
    }

    /// The server whose data this is: the primary, as far as a replica can name it.
    pub(super) fn cluster(&self) -> SubjectId {
        self.primary.clone().unwrap_or_else(|| self.subject())
    }

    /// MySQL 9 shows sessions in the Performance Schema alone: with that off, an empty list means nothing.
    pub(super) fn hides_sessions(&self) -> bool {
        self.engine.flavour == Flavour::Mysql && self.engine.version >= 90_000 && self.counting != Some(true)
    }

    /// It is known to apply another server's changes.
    pub(super) fn is_standby(&self) -> bool {
        self.standby == Some(true)
    }

    /// The endpoint as an id that other accounts may name too. A loopback or socket address means another machine
    /// elsewhere, so there the machine's own name stands for it.
    pub(super) fn address(&self) -> String {
        if self.local { self.address_of(&self.hostname, self.port) } else { format!("mysql://{}", self.endpoint) }
    }

    /// An address as this server sees it.
    pub(super) fn address_of(&self, host: &str, port: u16) -> String {
        let host = if host.is_empty() || is_loopback(host) { &self.hostname } else { host };
        format!("mysql://{}:{port}", host.to_ascii_lowercase())
    }

    /// A table; a replica's tables are its primary's.
    pub(super) fn table(&self, schema: &str, name: &str) -> SubjectId {
        SubjectId(format!("{}/{schema}.{name}", self.cluster()))
    }

    /// Who operates it. A provider leaves marks in its settings. Self-hosted is only concluded from three signs together:
    /// no mark, reached on this machine, and the data folder of a distribution.
    pub(super) fn managed(&self, settings: &BTreeMap<String, String>) -> Option<bool> {
        const MARKS: [&str; 7] = ["rds", "aurora", "google", "cloudsql", "azure", "skysql", "digitalocean"];
        let words = ["version_comment", "basedir", "datadir", "version"].iter().filter_map(|name| settings.get(*name));
        let marked = words.map(|w| w.to_ascii_lowercase()).any(|w| MARKS.iter().any(|mark| w.contains(mark)));
        let by_name =
            settings.keys().any(|k| k.starts_with("aurora") || k.starts_with("rds_") || k.starts_with("cloudsql"));
        if marked || by_name {
            return Some(true);
        }
        let folder = settings.get("datadir")?;
        (self.local && DISTRIBUTION_FOLDERS.iter().any(|f| folder.starts_with(f))).then_some(false)
    }
}

/// `'user'@'host'` from `user@host`, whose host never contains an `@`.
fn quoted_user(account: &str) -> String {
    let (user, host) = account.rsplit_once('@').unwrap_or((account, "%"));
    let quoted = |part: &str| format!("'{}'", part.replace('\\', "\\\\").replace('\'', "''"));
    format!("{}@{}", quoted(user), quoted(host))
}

/// A switch among the settings.
pub(super) fn switch(settings: &BTreeMap<String, String>, name: &str) -> Option<bool> {
    flag(settings.get(name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let check = |version: &str, comment: &str, flavour, number, supported| {
            let engine = Engine::parse(version, comment).expect("a version");
            assert_eq!(
                (engine.flavour, engine.version, engine.is_supported()),
                (flavour, number, supported),
                "{version}"
            );
        };
        check("8.0.36", "MySQL Community Server - GPL", Flavour::Mysql, 80_036, true);
        check("8.4.0-1", "Percona Server (GPL)", Flavour::Mysql, 80_400, true);
        check("5.7.44-log", "MySQL Community Server (GPL)", Flavour::Mysql, 50_744, false);
        check("10.11.19-MariaDB-0+deb12u1-log", "Debian 12", Flavour::Mariadb, 101_119, true);
        check("11.4.2", "MariaDB Server", Flavour::Mariadb, 110_402, true);
        check("10.5.9-MariaDB", "", Flavour::Mariadb, 100_509, false);
        assert_eq!(Engine::parse("unknown", ""), None);
        for (version, comment, name) in [
            ("8.0.11-TiDB-v7.5.1", "TiDB Server (Apache License 2.0)", "tidb"),
            ("8.0.30-Vitess", "Version: 19.0.4", "vitess"),
            ("5.7.32", "SingleStoreDB source distribution", "singlestore"),
        ] {
            let engine = Engine::parse(version, comment).expect("a version");
            assert_eq!((engine.name(), engine.is_supported()), (name, false), "{version}");
        }
    }

    fn server(local: bool) -> Server {
        Server {
            local,
            hostname: "Box".into(),
            port: 3307,
            endpoint: "db.example.com:3306".into(),
            ..Server::default()
        }
    }

    #[test]
    fn names_are_the_vendors_own() {
        assert_eq!(server(false).subject().as_str(), "mysql://db.example.com:3306");
        assert_eq!(server(true).subject().as_str(), "mysql://box:3307", "loopback is no name for a machine");
        assert_eq!(server(true).address_of("127.0.0.1", 3301), "mysql://box:3301");
        assert_eq!(server(true).address_of("10.0.0.9", 3306), "mysql://10.0.0.9:3306");
        let named = Server { uuid: Some("3e11fa47".into()), ..server(false) };
        assert_eq!(named.subject().as_str(), "mysql:3e11fa47");
        let copy =
            Server { primary: Some(named.subject()), standby: Some(true), uuid: Some("9f".into()), ..server(false) };
        assert_eq!((copy.subject().as_str(), copy.cluster()), ("mysql:9f", named.subject()));
        assert_eq!(copy.table("shop", "orders"), named.table("shop", "orders"), "a replica's tables are its primary's");
        assert_eq!(quoted_user("o'neil@10.0.0.%"), "'o''neil'@'10.0.0.%'");
    }

    #[test]
    fn who_operates_it() {
        let check = |local, settings: &[(&str, &str)], managed| {
            let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            assert_eq!(server(local).managed(&settings), managed, "{settings:?}");
        };
        check(false, &[("basedir", "/rdsdbbin/mysql-8.0.36/")], Some(true));
        check(false, &[("aurora_version", "3.05")], Some(true));
        check(false, &[("version_comment", "(Google)")], Some(true));
        check(true, &[("datadir", "/var/lib/mysql/")], Some(false));
        check(false, &[("datadir", "/var/lib/mysql/")], None);
        check(true, &[("datadir", "/tmp/x/")], None);
    }
}
