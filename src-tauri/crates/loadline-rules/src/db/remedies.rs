//! Remedies that each engine writes in its own words.

use super::index_statement::{qualified, quoted};
use super::reading::Engine;
use loadline_model::IndexStat;

/// MariaDB, where it no longer follows MySQL.
fn mariadb(engine: &str) -> bool {
    engine.to_ascii_lowercase().contains("maria")
}

/// Sets a default timeout for statements.
pub(super) fn statement_timeout(engine: &str) -> &'static str {
    match Engine::of(engine) {
        _ if mariadb(engine) => {
            "SET GLOBAL max_statement_time = 15; -- seconds, every statement; and in the configuration file, or it ends with a restart"
        }
        Engine::Mysql => "SET PERSIST max_execution_time = 15000; -- milliseconds, SELECT only",
        Engine::Mongodb => "db.adminCommand({ setClusterParameter: { defaultMaxTimeMS: { readOperations: 15000 } } })",
        Engine::Postgresql | Engine::Other => {
            "ALTER ROLE app SET statement_timeout = '15s'; ALTER ROLE app SET idle_in_transaction_session_timeout = '30s';"
        }
    }
}

/// Makes room for more statement shapes.
pub(super) fn more_shapes(engine: &str) -> &'static str {
    match Engine::of(engine) {
        Engine::Mysql => "Set performance_schema_digests_size = 20000 in the configuration file and restart.",
        _ => "ALTER SYSTEM SET pg_stat_statements.max = 10000; -- takes effect after a restart",
    }
}

/// Shows what a statement does, by running it.
pub(super) fn explain(engine: &str, statement: &str) -> String {
    match Engine::of(engine) {
        _ if mariadb(engine) => format!("ANALYZE FORMAT=JSON {statement} -- on a copy"),
        Engine::Mysql => format!("EXPLAIN ANALYZE {statement} -- on a copy"),
        Engine::Mongodb => format!("Run it with .explain(\"executionStats\") on a secondary: {statement}"),
        _ => format!("EXPLAIN (ANALYZE, BUFFERS) {statement} -- on a copy"),
    }
}

/// Takes an index that serves no reads out of use; an invalid one of PostgreSQL is built again.
pub(super) fn drop_index(engine: &str, table: &str, index: &IndexStat) -> String {
    let (name, invalid) = (&index.index, index.valid == Some(false));
    match Engine::of(engine) {
        Engine::Mysql => hide_index(engine, table, name),
        Engine::Mongodb => {
            let collection = table.split_once('.').map_or(table, |(_, name)| name);
            // A hidden index was tried out already.
            let verb = if invalid { "dropIndex" } else { "hideIndex" };
            format!("db.getCollection({collection:?}).{verb}({name:?})")
        }
        _ => {
            let name = quoted(name, '"');
            let full =
                table.rsplit_once('.').map_or(name.clone(), |(schema, _)| format!("{}.{name}", quoted(schema, '"')));
            let verb = if invalid { "REINDEX" } else { "DROP" };
            format!("{verb} INDEX CONCURRENTLY {full};")
        }
    }
}

/// Takes an index out of use, so that it can be put back at once if it is missed.
fn hide_index(engine: &str, table: &str, index: &str) -> String {
    let word = if mariadb(engine) { "IGNORED" } else { "INVISIBLE" };
    format!("ALTER TABLE {} ALTER INDEX {} {word};", qualified(table, '`'), quoted(index, '`'))
}

/// Lets a stopped replica go on, after its cause is known.
pub(super) fn start_replica(engine: &str) -> &'static str {
    match Engine::of(engine) {
        _ if mariadb(engine) => {
            "On the replica: SHOW ALL SLAVES STATUS; repair what Last_Error names; START ALL SLAVES;"
        }
        Engine::Mysql => "On the replica: SHOW REPLICA STATUS; repair what Last_Error names; START REPLICA;",
        _ => "Repair the replica, or build it anew from a backup.",
    }
}

/// Keeps the log of changes for a week.
pub(super) fn longer_log(engine: &str) -> &'static str {
    if mariadb(engine) {
        "SET GLOBAL binlog_expire_logs_seconds = 604800; -- and in the configuration file, or it ends with a restart"
    } else {
        "SET PERSIST binlog_expire_logs_seconds = 604800;"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_in_its_own_words() {
        let check = |said: String, expected: &str| assert!(said.contains(expected), "{said}");
        check(statement_timeout("mysql").to_owned(), "SET PERSIST max_execution_time");
        check(statement_timeout("mariadb").to_owned(), "max_statement_time");
        check(statement_timeout("aurora-postgresql").to_owned(), "ALTER ROLE");
        check(explain("mariadb", "select 1"), "ANALYZE FORMAT=JSON select 1");
        check(explain("aurora-mysql", "select 1"), "EXPLAIN ANALYZE select 1");
        check(explain("postgresql", "select 1"), "BUFFERS");
        check(
            hide_index("mysql", "shop.orders", "by User"),
            "ALTER TABLE shop.orders ALTER INDEX `by User` INVISIBLE;",
        );
        check(hide_index("mariadb", "shop.orders", "by_user"), "ALTER INDEX by_user IGNORED;");
        check(start_replica("mariadb").to_owned(), "START ALL SLAVES");
        check(start_replica("mysql").to_owned(), "START REPLICA");
        check(longer_log("mysql").to_owned(), "SET PERSIST");
        check(longer_log("mariadb").to_owned(), "SET GLOBAL");
        check(more_shapes("mysql").to_owned(), "performance_schema_digests_size");
    }
}
