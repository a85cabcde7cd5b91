//! Every statement we ever send, with what it needs: the one table from which the least-privilege policy is written.
//!
//! Not asked although it would tell more: `SHOW REPLICAS` needs REPLICATION SLAVE, with which every change of every table
//! can be read; the sessions that fetch the log show the replicas as well. `SHOW GRANTS` answers with password hashes.

use super::identity::{Engine, Flavour};
use Flavour::{Mariadb, Mysql};

/// What a user must have for a statement to answer fully.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Any user who may connect.
    Connect,
    /// Sessions and transactions of other users.
    Process,
    /// The state of replication.
    Replication,
    /// Names of every table, column and index, without any row.
    Structure,
    /// Statement and index statistics.
    Statistics,
    /// Bytes of each index.
    IndexSizes,
}

impl Need {
    /// Every need that is granted, in the order of the policy.
    pub(super) const GRANTED: [Need; 5] =
        [Need::Process, Need::Replication, Need::Structure, Need::Statistics, Need::IndexSizes];

    /// The privilege in the server's words.
    pub(super) fn privilege(self, flavour: Flavour) -> &'static str {
        match (self, flavour) {
            (Need::Connect, _) => "USAGE",
            (Need::Process, _) => "PROCESS",
            (Need::Replication, Mysql) => "REPLICATION CLIENT",
            (Need::Replication, Mariadb) => "SLAVE MONITOR",
            (Need::Structure, _) => "REFERENCES",
            (Need::Statistics | Need::IndexSizes, _) => "SELECT",
        }
    }

    fn place(self) -> &'static str {
        match self {
            Need::Statistics => "performance_schema.*",
            Need::IndexSizes => "mysql.innodb_index_stats",
            _ => "*.*",
        }
    }

    /// The statement that grants it to `user`, already quoted.
    pub(super) fn grant(self, flavour: Flavour, user: &str) -> String {
        format!("GRANT {} ON {} TO {user};", self.privilege(flavour), self.place())
    }
}

/// One read.
#[derive(Debug)]
pub(super) struct Statement {
    /// Its name, written into provenance.
    pub name: &'static str,
    /// What it reads, for the policy.
    pub reads: &'static str,
    /// What it needs.
    pub need: Need,
    /// Forms by vendor and least version, ascending.
    pub forms: &'static [(Flavour, u32, &'static str)],
}

impl Statement {
    /// The newest form this server understands.
    pub(super) fn form(&self, engine: &Engine) -> Option<&'static str> {
        let fits = |(flavour, least, _): &&(Flavour, u32, &str)| *flavour == engine.flavour && *least <= engine.version;
        self.forms.iter().rev().find(fits).map(|(_, _, sql)| *sql)
    }
}

macro_rules! statements {
    ($($name:ident: $need:ident, $reads:literal, [$(($flavour:ident, $least:literal, $sql:expr)),+ $(,)?];)+) => {
        $(pub(super) static $name: Statement = Statement {
            name: stringify!($name),
            reads: $reads,
            need: Need::$need,
            forms: &[$(($flavour, $least, $sql)),+],
        };)+
        /// Every statement, in the order of reading.
        pub(super) static ALL: &[&Statement] = &[$(&$name),+];
    };
}

macro_rules! sql {
    ($name:literal) => {
        include_str!(concat!("sql/", $name, ".sql"))
    };
}

statements! {
    IDENTITY: Connect, "current user, host name and port", [(Mysql, 0, sql!("identity")), (Mariadb, 0, sql!("identity"))];
    UUID: Connect, "@@server_uuid", [(Mysql, 0, "SELECT @@server_uuid AS uuid")];
    PROCESS: Process, "information_schema.innodb_trx: may other users' transactions be seen", [
        (Mysql, 0, "SELECT COUNT(*) AS transactions FROM information_schema.INNODB_TRX"),
        (Mariadb, 0, "SELECT COUNT(*) AS transactions FROM information_schema.INNODB_TRX"),
    ];
    VARIABLES: Connect, "global variables: limits, timeouts, durability, logs", [(Mysql, 0, sql!("variables")), (Mariadb, 0, sql!("variables"))];
    REPLICATION: Replication, "whom this server copies, whether both threads run, seconds behind", [
        (Mysql, 0, "SHOW SLAVE STATUS"),
        (Mysql, 80_022, "SHOW REPLICA STATUS"),
        (Mariadb, 0, "SHOW ALL SLAVES STATUS"),
    ];
    MEMBERS: Statistics, "performance_schema.replication_group_members", [(Mysql, 80_000, sql!("members"))];
    COPYING: Connect, "status of semi-synchronous replication and Galera", [(Mysql, 0, sql!("copying")), (Mariadb, 0, sql!("copying"))];
    COPIES: Process, "sessions that fetch the binary log: one for each replica", [
        (Mysql, 0, sql!("copies")),
        (Mysql, 90_000, sql!("copies_9")),
        (Mariadb, 0, sql!("copies")),
    ];
    COPY_NAMES: Statistics, "performance_schema.user_variables_by_thread: the server_uuid each replica gives", [(Mysql, 0, sql!("copy_names"))];
    COUNTERS: Connect, "global status: connections, refusals, buffer reads, lost statistics", [(Mysql, 0, sql!("counters")), (Mariadb, 0, sql!("counters"))];
    DEADLOCK_COUNT: Process, "information_schema.innodb_metrics: deadlocks", [
        (Mysql, 0, "SELECT m.COUNT AS deadlocks FROM information_schema.INNODB_METRICS m WHERE m.NAME = 'lock_deadlocks' AND m.STATUS = 'enabled'"),
    ];
    TRANSACTIONS: Process, "information_schema.innodb_trx: age and waiting, without statement text", [
        (Mysql, 0, sql!("transactions")),
        (Mysql, 90_000, sql!("transactions_9")),
        (Mariadb, 0, sql!("transactions")),
    ];
    SESSIONS: Process, "processlist: sessions by user and state, without statement text", [
        (Mysql, 0, sql!("sessions")),
        (Mysql, 90_000, sql!("sessions_9")),
        (Mariadb, 0, sql!("sessions")),
    ];
    CHAINS: Statistics, "who waits for whose lock, without statement text", [(Mysql, 80_000, sql!("chains_mysql")), (Mariadb, 0, sql!("chains_mariadb"))];
    TABLE_CHAINS: Statistics, "performance_schema.metadata_locks: who waits for a whole table, and who holds it", [
        (Mysql, 80_000, sql!("table_chains")),
        (Mariadb, 100_600, sql!("table_chains")),
    ];
    PROGRAMS: Statistics, "performance_schema.session_connect_attrs: sessions by the name of their program", [
        (Mysql, 0, sql!("programs")),
        (Mariadb, 0, sql!("programs")),
    ];
    TABLES: Structure, "information_schema.tables: names, estimated rows, bytes, next key", [(Mysql, 0, sql!("tables")), (Mariadb, 0, sql!("tables"))];
    PARTITIONS: Structure, "information_schema.partitions: number of partitions and their upper bounds", [(Mysql, 0, sql!("partitions")), (Mariadb, 0, sql!("partitions"))];
    EVERY_TABLE: Process, "how many tables InnoDB has, to tell whether all of them are shown", [(Mysql, 80_000, sql!("every_table_mysql")), (Mariadb, 0, sql!("every_table_mariadb"))];
    COLUMNS: Structure, "information_schema.columns: names and types", [(Mysql, 0, sql!("columns")), (Mariadb, 0, sql!("columns"))];
    INDEXES: Structure, "information_schema.statistics: indexes and their columns", [(Mysql, 80_000, sql!("indexes_mysql")), (Mariadb, 100_600, sql!("indexes_mariadb"))];
    FOREIGN_KEYS: Structure, "information_schema.key_column_usage: columns of foreign keys", [(Mysql, 0, sql!("references")), (Mariadb, 0, sql!("references"))];
    COUNTING: Statistics, "performance_schema.setup_*: what is counted", [(Mysql, 0, sql!("counting")), (Mariadb, 0, sql!("counting"))];
    INDEX_USE: Statistics, "performance_schema.table_io_waits_summary_by_index_usage", [(Mysql, 0, sql!("index_use")), (Mariadb, 0, sql!("index_use"))];
    INDEX_SIZES: IndexSizes, "mysql.innodb_index_stats: pages of each index", [(Mysql, 0, sql!("index_sizes")), (Mariadb, 0, sql!("index_sizes"))];
    DIGESTS_SINCE: Statistics, "performance_schema.events_statements_summary_by_digest: start of the counting", [(Mysql, 0, sql!("digests_since")), (Mariadb, 0, sql!("digests_since"))];
    DIGESTS: Statistics, "performance_schema.events_statements_summary_by_digest: normalised text and counters", [(Mysql, 0, sql!("digests")), (Mariadb, 0, sql!("digests"))];
}

/// The least-privilege user that answers every statement above.
pub(super) fn policy() -> String {
    let user = "'loadline'@'%'";
    let mut lines = vec![
        "-- User for Loadline: reads settings, counters and the structure of tables, no row of any table.".to_owned(),
        "-- Where the server offers TLS, add REQUIRE SSL before WITH. MySQL's own way to sign in needs TLS.".to_owned(),
        format!("CREATE USER {user} IDENTIFIED BY 'choose one' WITH MAX_USER_CONNECTIONS 2;"),
    ];
    for need in Need::GRANTED {
        let (mysql, mariadb) = (need.grant(Mysql, user), need.grant(Mariadb, user));
        if mysql == mariadb {
            lines.push(mysql);
        } else {
            lines.push(format!("{mysql} -- MySQL"));
            lines.push(format!("{mariadb} -- MariaDB"));
        }
    }
    lines.push(
        "-- REFERENCES shows the names of tables, columns and indexes; without CREATE it allows nothing else."
            .to_owned(),
    );
    lines.push(
        "-- What is read, each inside START TRANSACTION READ ONLY, for at most 5 s, waiting at most 1 s for a lock:"
            .to_owned(),
    );
    lines.extend(ALL.iter().map(|s| format!("--   {}: {}", s.name.to_lowercase(), s.reads)));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(flavour: Flavour, version: u32) -> Engine {
        Engine { flavour, version, text: version.to_string(), other: None }
    }

    #[test]
    fn statements_only_read() {
        for statement in ALL {
            for (_, _, sql) in statement.forms {
                let words: Vec<String> = sql
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .filter(|w| !w.is_empty())
                    .map(str::to_uppercase)
                    .collect();
                assert!(matches!(words[0].as_str(), "SELECT" | "SHOW"), "{}", statement.name);
                for verb in [
                    "INSERT",
                    "UPDATE",
                    "DELETE",
                    "CREATE",
                    "ALTER",
                    "DROP",
                    "GRANT",
                    "GRANTS",
                    "SET",
                    "TRUNCATE",
                    "LOAD",
                    "INTO",
                    "FLUSH",
                    "LOCK_IN",
                    "SHARE",
                    "HANDLER_READ",
                    "CALL",
                    "KILL",
                    "TRX_QUERY",
                    "INFO",
                    "QUERY_SAMPLE_TEXT",
                ] {
                    assert!(!words.iter().any(|w| w == verb), "{} says {verb}", statement.name);
                }
                assert!(!sql.contains(';'), "{} is one statement", statement.name);
            }
        }
    }

    #[test]
    fn forms_follow_vendor_and_version() {
        let check = |statement: &Statement, flavour, version, part: Option<&str>| {
            let form = statement.form(&engine(flavour, version));
            assert_eq!(form.is_some(), part.is_some(), "{} {version}", statement.name);
            assert!(
                part.is_none_or(|p| form.is_some_and(|sql| sql.contains(p))),
                "{} {version}: {form:?}",
                statement.name
            );
        };
        check(&REPLICATION, Mysql, 80_021, Some("SHOW SLAVE STATUS"));
        check(&REPLICATION, Mysql, 80_022, Some("SHOW REPLICA STATUS"));
        check(&REPLICATION, Mysql, 90_600, Some("SHOW REPLICA STATUS"));
        check(&REPLICATION, Mariadb, 101_119, Some("SHOW ALL SLAVES STATUS"));
        check(&CHAINS, Mysql, 80_036, Some("performance_schema.data_lock_waits"));
        check(&CHAINS, Mariadb, 110_402, Some("information_schema.INNODB_LOCK_WAITS"));
        check(&SESSIONS, Mysql, 90_100, Some("performance_schema.processlist"));
        check(&SESSIONS, Mysql, 80_036, Some("information_schema.PROCESSLIST"));
        check(&SESSIONS, Mariadb, 101_119, Some("information_schema.PROCESSLIST"));
        check(&INDEXES, Mysql, 80_036, Some("IS_VISIBLE"));
        check(&INDEXES, Mariadb, 100_616, Some("IGNORED"));
        check(&UUID, Mariadb, 101_119, None);
        check(&MEMBERS, Mariadb, 101_119, None);
    }

    #[test]
    fn the_policy_names_every_need_and_every_statement() {
        let policy = policy();
        for wanted in [
            "GRANT PROCESS ON *.* TO 'loadline'@'%';",
            "GRANT REPLICATION CLIENT ON *.* TO 'loadline'@'%'; -- MySQL",
            "GRANT SLAVE MONITOR ON *.* TO 'loadline'@'%'; -- MariaDB",
            "GRANT REFERENCES ON *.* TO 'loadline'@'%';",
            "GRANT SELECT ON performance_schema.* TO 'loadline'@'%';",
            "GRANT SELECT ON mysql.innodb_index_stats TO 'loadline'@'%';",
        ] {
            assert!(policy.contains(wanted), "{wanted}");
        }
        assert!(ALL.iter().all(|s| policy.contains(&s.name.to_lowercase())));
        assert!(!policy.contains("SUPER") && !policy.contains("SELECT ON *.*"), "no more than needed");
    }
}
