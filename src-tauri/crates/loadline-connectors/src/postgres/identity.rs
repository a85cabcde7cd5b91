//! Who the server is: the cluster's own identifier, its role, and who operates it.

use super::row::Columns;
use loadline_model::SubjectId;
use sqlx::postgres::PgRow;

/// Folders in which distributions and official images put a cluster.
const DISTRIBUTION_FOLDERS: [&str; 6] = [
    "/var/lib/postgresql/",
    "/var/lib/pgsql/",
    "/var/db/postgres/",
    "/usr/local/var/postgres",
    "/opt/homebrew/var/postgres",
    "/usr/local/pgsql/",
];

/// What one statement tells about the server and our role.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Server {
    /// `server_version_num`.
    pub version: u32,
    /// Version as the vendor writes it.
    pub version_text: String,
    /// The connected database.
    pub database: String,
    /// Our role, quoted where needed.
    pub role: String,
    /// It replays another server's log.
    pub standby: bool,
    /// Our role is a superuser.
    pub superuser: bool,
    /// Our role sees everybody's statistics.
    pub all_stats: bool,
    /// Our role sees every setting.
    pub all_settings: bool,
    /// Name of the cluster, when it was given one.
    pub cluster_name: String,
    /// Identifier from `pg_control_system()`, when that may be called.
    pub system: Option<String>,
    /// Timeline of the log it writes or replays; raised by every promotion.
    pub timeline: Option<f64>,
    /// The name under which a standby streams, as its primary sees it; empty when it could not be read.
    pub member: String,
    /// `host:port`.
    pub endpoint: String,
    /// Reached over loopback or a unix socket.
    pub local: bool,
}

impl Server {
    /// From the row of `IDENTITY`.
    pub(super) fn from_row(row: &PgRow, endpoint: &str, local: bool) -> Option<Self> {
        let flag = |column| row.flag(column).unwrap_or(false);
        Some(Self {
            version: row.number("version_num")? as u32,
            version_text: row.text("version")?,
            database: row.text("database")?,
            role: row.text("quoted_role")?,
            standby: flag("standby"),
            superuser: flag("superuser"),
            all_stats: flag("all_stats"),
            all_settings: flag("all_settings"),
            cluster_name: row.text("cluster_name").unwrap_or_default(),
            system: None,
            timeline: None,
            member: String::new(),
            endpoint: endpoint.to_owned(),
            local,
        })
    }

    /// The cluster, shared by primary and standbys: its system identifier, or the endpoint where that is denied.
    pub(super) fn cluster(&self) -> SubjectId {
        SubjectId(match &self.system {
            Some(id) => format!("postgresql:{id}"),
            None => self.address(),
        })
    }

    /// The server that answers: the cluster for a primary; for a standby the member of it that the primary sees, because
    /// both share the cluster's identifier and must not overwrite each other's settings.
    pub(super) fn subject(&self) -> SubjectId {
        if self.standby { self.standby_subject(&self.member_name()) } else { self.cluster() }
    }

    /// A standby of this cluster by the name under which it streams.
    pub(super) fn standby_subject(&self, member: &str) -> SubjectId {
        SubjectId(format!("{}/standby/{member}", self.cluster()))
    }

    /// The name of this standby; its endpoint where the name of its stream is hidden.
    pub(super) fn member_name(&self) -> String {
        if self.member.is_empty() { self.endpoint.clone() } else { self.member.clone() }
    }

    /// The endpoint as an id that other accounts may name too.
    pub(super) fn address(&self) -> String {
        format!("postgresql://{}", self.endpoint)
    }

    /// A table of the connected database.
    pub(super) fn table(&self, schema: &str, name: &str) -> SubjectId {
        SubjectId(format!("{}/{}/{schema}.{name}", self.cluster(), self.database))
    }

    /// `PostgreSQL 13` or newer, the versions the statements are written for.
    pub(super) fn is_supported(&self) -> bool {
        self.version >= 130_000
    }

    /// Who operates it. A provider leaves marks: its settings (`rds.*`) or its administrator role. Self-hosted is only
    /// concluded from three signs together: no mark, reached on this machine, and the data folder of a distribution.
    pub(super) fn managed<'a>(
        &self,
        settings: impl Iterator<Item = &'a str>,
        roles: &[String],
        data_directory: Option<&str>,
    ) -> Option<bool> {
        const MARKS: [&str; 6] = ["rds", "aurora", "cloudsql", "alloydb", "azure", "neon"];
        let marked =
            settings.into_iter().filter_map(|s| s.split_once(['.', '_'])).any(|(first, _)| MARKS.contains(&first));
        if marked || !roles.is_empty() {
            return Some(true);
        }
        let folder = data_directory?;
        (self.local && DISTRIBUTION_FOLDERS.iter().any(|f| folder.starts_with(f))).then_some(false)
    }
}

/// How primary and standby both name a stream: its slot, which is unique in a cluster, or else application and address.
pub(super) fn member_name(slot: &str, application: &str, address: &str) -> String {
    match (slot, address) {
        ("", "") => application.to_owned(),
        ("", address) => format!("{application}@{address}"),
        (slot, _) => slot.to_owned(),
    }
}

/// The name of a standby from its own row of `STANDBY_NAME`.
pub(super) fn member_of(row: &PgRow) -> String {
    let text = |column| row.text(column).unwrap_or_default();
    member_name(&text("slot"), &text("name"), &text("address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(local: bool, standby: bool) -> Server {
        let system = Some("7012".to_owned());
        Server { local, standby, system, endpoint: "db.example.com:5432".into(), ..Server::default() }
    }

    fn check(local: bool, settings: &[&str], roles: &[&str], folder: Option<&str>, managed: Option<bool>) {
        let roles: Vec<String> = roles.iter().map(|r| (*r).to_owned()).collect();
        let found = server(local, false).managed(settings.iter().copied(), &roles, folder);
        assert_eq!(found, managed, "{settings:?} {roles:?} {folder:?}");
    }

    #[test]
    fn who_operates_it() {
        let plain = ["max_connections", "fsync"];
        check(false, &["rds.extensions"], &[], Some("/rdsdbdata/db"), Some(true));
        check(true, &plain, &["cloudsqlsuperuser"], None, Some(true));
        check(true, &plain, &[], Some("/var/lib/postgresql/15/main"), Some(false));
        check(false, &plain, &[], Some("/var/lib/postgresql/15/main"), None);
        check(true, &plain, &[], Some("/tmp/x"), None);
        check(true, &plain, &[], None, None);
    }

    #[test]
    fn a_standby_never_speaks_for_the_cluster() {
        assert_eq!(server(false, false).subject().as_str(), "postgresql:7012");
        assert_eq!(server(false, true).subject().as_str(), "postgresql:7012/standby/db.example.com:5432");
        let named = Server { member: member_name("", "walreceiver", "10.0.0.7"), ..server(false, true) };
        assert_eq!(named.subject().as_str(), "postgresql:7012/standby/walreceiver@10.0.0.7");
        assert_eq!(member_name("slot_a", "walreceiver", "10.0.0.7"), "slot_a");
        assert_eq!(member_name("", "walreceiver", ""), "walreceiver");
        assert_eq!(server(false, true).table("public", "a"), server(false, false).table("public", "a"));
        let denied = Server { system: None, ..server(false, false) };
        assert_eq!(denied.subject().as_str(), "postgresql://db.example.com:5432");
    }
}
