//! Every statement we ever send, with what it needs: the one table from which the least-privilege policy is written.

/// What a role must have for a statement to answer fully.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Any role that may connect.
    Connect,
    /// `pg_read_all_settings`.
    AllSettings,
    /// `pg_read_all_stats`.
    AllStats,
    /// `pg_read_all_stats` and the extension.
    Extension,
    /// SELECT on sequences.
    Sequences,
    /// SELECT on tables, which EXPLAIN asks for; optional.
    Tables,
}

impl Need {
    /// The statement that grants it to `role`, already quoted.
    pub(super) fn grant(self, role: &str) -> String {
        match self {
            Need::Connect => format!("GRANT CONNECT ON DATABASE current_database TO {role};"),
            Need::AllSettings => format!("GRANT pg_read_all_settings TO {role};"),
            Need::AllStats => format!("GRANT pg_read_all_stats TO {role};"),
            Need::Extension => {
                "CREATE EXTENSION IF NOT EXISTS pg_stat_statements; -- once per database, as administrator; \
                                and add it to shared_preload_libraries"
                    .to_owned()
            }
            Need::Tables => format!(
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}; -- and each other schema; EXPLAIN asks for it, no row is read"
            ),
            Need::Sequences => format!(
                "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}; -- and each other schema; shows no table content"
            ),
        }
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
    /// It reads a view of the extension, wherever that was installed.
    pub extension: bool,
    /// Its rows are fetched page by page.
    pub paged: bool,
    /// Forms by least `server_version_num`, ascending.
    pub forms: &'static [(u32, &'static str)],
}

impl Statement {
    /// The newest form this server understands.
    pub(super) fn for_version(&self, version: u32) -> Option<&'static str> {
        self.forms.iter().rev().find(|(least, _)| *least <= version).map(|(_, sql)| *sql)
    }
}

/// Puts the extension's schema behind `pg_catalog`, for this transaction.
pub(super) const EXTENSION_PATH: &str =
    "SELECT set_config('search_path', 'pg_catalog, ' || quote_ident(n.nspname), true)
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'";

macro_rules! statements {
    ($($name:ident: $need:ident, $reads:literal, [$(($least:literal, $sql:expr)),+ $(,)?];)+) => {
        $(pub(super) static $name: Statement = Statement {
            name: stringify!($name),
            reads: $reads,
            need: Need::$need,
            extension: matches!(Need::$need, Need::Extension),
            paged: matches!(Need::$need, Need::Extension),
            forms: &[$(($least, $sql)),+],
        };)+
        /// Every statement, in the order of reading.
        pub(super) static ALL: &[&Statement] = &[$(&$name),+];
    };
}

statements! {
    IDENTITY: Connect, "version, current role and its memberships", [(0, include_str!("sql/identity.sql"))];
    SYSTEM: Connect, "pg_control_system(), pg_control_checkpoint(): identifier and timeline of the cluster", [(0, "SELECT s.system_identifier::text AS id, c.timeline_id::float8 AS timeline FROM pg_control_system() s CROSS JOIN pg_control_checkpoint() c")];
    STANDBY_NAME: AllStats, "pg_stat_wal_receiver: the name under which a standby streams", [(0, include_str!("sql/standby_name.sql"))];
    SETTINGS: AllSettings, "pg_settings: limits, timeouts, vacuum, archive", [(0, include_str!("sql/settings.sql"))];
    PROVIDER_ROLES: Connect, "pg_roles: names that only managed services create", [(0, include_str!("sql/provider_roles.sql"))];
    ROLES: Connect, "pg_roles: login roles", [(0, include_str!("sql/roles.sql"))];
    ROLE_SETTINGS: Connect, "pg_db_role_setting: three timeouts", [(0, include_str!("sql/role_settings.sql"))];
    DATABASES: Connect, "pg_database: age of transaction ids", [(0, include_str!("sql/databases.sql"))];
    DATABASE_SIZES: AllStats, "pg_database_size()", [(0, include_str!("sql/database_sizes.sql"))];
    ARCHIVER: AllStats, "pg_stat_archiver", [(0, include_str!("sql/archiver.sql"))];
    STANDBYS: AllStats, "pg_stat_replication", [(0, include_str!("sql/standbys.sql"))];
    STANDBY_LAG: Connect, "replay position of a standby", [(0, include_str!("sql/standby_lag.sql"))];
    SLOTS: Connect, "pg_replication_slots", [(130_000, include_str!("sql/slots.sql"))];
    CHECKPOINTS: Connect, "pg_stat_bgwriter or pg_stat_checkpointer", [
        (0, include_str!("sql/checkpoints_13.sql")),
        (170_000, include_str!("sql/checkpoints_17.sql")),
    ];
    COUNTERS: Connect, "pg_stat_database: hits, deadlocks, temporary files, sessions", [
        (0, include_str!("sql/counters_13.sql")),
        (140_000, include_str!("sql/counters_14.sql")),
    ];
    BACKENDS: AllStats, "pg_stat_activity: sessions by state, longest waits", [
        (0, include_str!("sql/backends_13.sql")),
        (140_000, include_str!("sql/backends_14.sql")),
    ];
    SESSIONS: AllStats, "pg_stat_activity: sessions by role and by application_name", [(0, include_str!("sql/sessions.sql"))];
    BLOCKERS: AllStats, "pg_stat_activity, pg_blocking_pids(): who waits for whom, without query text", [(0, include_str!("sql/blockers.sql"))];
    TABLES: Connect, "pg_class, pg_attribute, pg_stat_get_*(): names and counters of the 500 largest tables", [(0, include_str!("sql/tables.sql"))];
    PARTITIONED: Connect, "pg_partitioned_table, pg_class: the 200 largest tables that have partitions, their sums, and where the last partition by time ends", [(0, include_str!("sql/partitioned.sql"))];
    TABLE_SIZES: Connect, "pg_table_size(), pg_total_relation_size()", [(0, include_str!("sql/table_sizes.sql"))];
    INDEXES: Connect, "pg_index, pg_stat_get_numscans(): indexes of these tables, those of partitions under the table they belong to", [(0, include_str!("sql/indexes.sql"))];
    FOREIGN_KEYS: Connect, "pg_constraint: foreign keys of these tables that no index serves", [(0, include_str!("sql/foreign_keys.sql"))];
    ROW_WIDTHS: Tables, "pg_stats: mean widths of columns, for the estimate of bloat", [(0, include_str!("sql/row_widths.sql"))];
    SEQUENCES: Sequences, "pg_sequence, pg_depend: sequences and the type of their column; then the last value of each", [(0, include_str!("sql/sequences.sql"))];
    PLAN_SUPPORT: Tables, "pg_extension: is hypopg there; then EXPLAIN without ANALYZE of the costliest reads", [(0, include_str!("sql/plan_support.sql"))];
    STATEMENTS_STATE: Connect, "pg_extension: is pg_stat_statements there", [(0, include_str!("sql/statements_state.sql"))];
    STATEMENTS_INFO: Extension, "pg_stat_statements_info", [(140_000, "SELECT dealloc::float8 AS evicted, extract(epoch FROM stats_reset)::float8 AS since FROM pg_stat_statements_info")];
    STATEMENTS: Extension, "pg_stat_statements: normalised text and counters", [(130_000, include_str!("sql/statements.sql"))];
}

/// The least-privilege role that answers every statement above.
pub(super) fn policy() -> String {
    let role = "loadline";
    let mut lines = vec![
        "-- Role for Loadline: reads statistics and settings, no row of any table.".to_owned(),
        format!("CREATE ROLE {role} LOGIN PASSWORD 'choose one' CONNECTION LIMIT 2;"),
        format!("ALTER ROLE {role} SET default_transaction_read_only = on;"),
    ];
    let mut needs: Vec<Need> = ALL.iter().map(|s| s.need).collect();
    needs.sort();
    needs.dedup();
    lines.extend(needs.iter().map(|n| {
        let grant = n.grant(role).replace("current_database", "your_database");
        // Whoever holds it could read rows: a choice of its own, which only plans and the estimate of bloat need.
        if *n == Need::Tables { format!("-- Optional, for plans and bloat: {grant}") } else { grant }
    }));
    lines.push(
        "-- What is read, each inside BEGIN READ ONLY with statement_timeout 5s and lock_timeout 200ms:".to_owned(),
    );
    lines.extend(ALL.iter().map(|s| format!("--   {}: {}", s.name.to_lowercase(), s.reads)));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_only_read() {
        for statement in ALL {
            for (_, sql) in statement.forms {
                let words: Vec<String> =
                    sql.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_uppercase).collect();
                assert!(matches!(words[0].as_str(), "SELECT" | "WITH"), "{}", statement.name);
                for verb in [
                    "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "GRANT", "SET", "TRUNCATE", "COPY", "INTO",
                ] {
                    assert!(!words.iter().any(|w| w == verb), "{} says {verb}", statement.name);
                }
                assert!(!sql.contains(';'), "{} is one statement", statement.name);
            }
        }
    }

    #[test]
    fn forms_follow_the_version() {
        assert!(COUNTERS.for_version(130_012).is_some_and(|sql| !sql.contains("d.sessions")));
        assert!(COUNTERS.for_version(180_000).is_some_and(|sql| sql.contains("d.sessions")));
        assert_eq!(STATEMENTS_INFO.for_version(130_012), None);
    }

    #[test]
    fn the_policy_names_every_need_and_every_statement() {
        let policy = policy();
        for wanted in [
            "GRANT pg_read_all_stats TO loadline",
            "GRANT pg_read_all_settings TO loadline",
            "-- Optional, for plans and bloat: GRANT SELECT ON ALL TABLES",
            "pg_stat_statements",
            "SEQUENCES",
        ] {
            assert!(policy.contains(wanted), "{wanted}");
        }
        assert!(ALL.iter().all(|s| policy.contains(&s.name.to_lowercase())));
        assert!(!policy.contains("pg_monitor") && !policy.contains("SUPERUSER"), "no more than needed");
    }
}
