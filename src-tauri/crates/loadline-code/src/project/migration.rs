//! Migrations of a schema, and the statements in them that lose data or stop writers.

/// A statement that cannot be taken back, or that locks a table while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destructive {
    /// Line, from 1.
    pub line: u32,
    /// What it does.
    pub how: &'static str,
}

/// Words on a line, lower case, and what they do.
const STATEMENTS: &[(&str, &str)] = &[
    ("drop table", "drops a table"),
    ("drop column", "drops a column"),
    ("truncate table", "empties a table"),
    ("drop_table", "drops a table"),
    ("remove_column", "drops a column"),
    ("droptable", "drops a table"),
    ("dropcolumn", "drops a column"),
    ("removecolumn", "drops a column"),
    ("removefield(", "drops a column"),
    ("deletemodel(", "drops a table"),
    ("op.drop_column", "drops a column"),
    ("schema::drop", "drops a table"),
    ("drop_join_table", "drops a table"),
    ("remove_reference", "drops a column"),
    ("remove_belongs_to", "drops a column"),
    ("remove_timestamps", "drops columns"),
    ("t.remove ", "drops a column"),
];

/// Where the way back begins.
const BACK: &[&str] = &[
    "def downgrade",
    "def down",
    "exports.down",
    "async down(",
    "function down",
    "const down",
    "override void down",
    "-- +goose down",
    "-- migrate:down",
    "<rollback",
    "down:",
];
/// Where the way forward goes on after it.
const FORWARD: &[&str] = &[
    "def upgrade",
    "def up",
    "def change",
    "exports.up",
    "async up(",
    "function up",
    "const up",
    "override void up",
    "-- +goose up",
    "-- migrate:up",
    "</rollback",
    "up:",
];
/// Lines that say what the way back would do.
const OF_THE_WAY_BACK: &[&str] = &["reverse_sql", "dir.down"];

pub(super) fn is_one(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let inside =
        folders.split('/').any(|f| matches!(f, "migrations" | "migrate" | "migration" | "versions" | "changelog"));
    let program = [".sql", ".py", ".rb", ".js", ".ts", ".php", ".cs", ".go", ".xml"].iter().any(|e| lower.ends_with(e));
    // A file of its own for the way back: golang-migrate, sqlx and Prisma; Flyway's undo.
    let undo = name
        .strip_prefix('u')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains("__"));
    let back = name.ends_with("down.sql") || (undo && name.ends_with(".sql"));
    inside && program && !back && name != "__init__.py"
}

/// The statements of the way forward: what stands in the way back is left out.
pub(super) fn destructive(text: &str) -> Vec<Destructive> {
    let mut found = Vec::new();
    let (mut back, mut altering) = (false, false);
    for (row, line) in (1_u32..).zip(text.lines()) {
        let lower = line.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let has = |marks: &[&str]| marks.iter().any(|mark| begins_part(&lower, mark));
        back = if has(BACK) { true } else { back && !has(FORWARD) };
        let comment = ["--", "#", "//", "/*", "* "].iter().any(|c| lower.starts_with(c));
        if back || comment || OF_THE_WAY_BACK.iter().any(|word| lower.contains(word)) {
            continue;
        }
        // What follows on the line is a remark.
        let lower = lower.split(" -- ").next().unwrap_or_default();
        let named = STATEMENTS.iter().find(|(words, _)| lower.contains(words)).map(|(_, how)| *how);
        if let Some(how) = named.or_else(|| of_sql(lower, altering || lower.contains("alter table"))) {
            found.push(Destructive { line: row, how });
        }
        // In a program the statement ends with its line; in SQL with its semicolon.
        altering = (altering || lower.starts_with("alter table")) && !lower.ends_with(';');
    }
    found
}

/// A mark at the beginning of a line, or of a word in it where it may follow others (`export async function down`).
fn begins_part(line: &str, mark: &str) -> bool {
    line.starts_with(mark) || (mark.contains(' ') || mark.contains('.')) && line.contains(&format!(" {mark}"))
}

/// What SQL may say in fewer words: `TRUNCATE a`, `DELETE FROM a` without a condition, `ALTER TABLE a DROP b`.
fn of_sql(line: &str, altering: bool) -> Option<&'static str> {
    if line.starts_with("truncate ")
        || (line.starts_with("delete from ") && line.ends_with(';') && !line.contains(" where "))
    {
        return Some("empties a table");
    }
    const KEPT: [&str; 11] = [
        "column",
        "constraint",
        "index",
        "key",
        "default",
        "foreign",
        "primary",
        "check",
        "not",
        "identity",
        "expression",
    ];
    let dropped = line.split("drop ").nth(1).filter(|_| altering && line.contains("drop "))?;
    let what = dropped.trim_start_matches("if exists ").split([' ', ',', ';', '(']).next()?;
    let of_column = line.contains("alter column") || line.contains("alter \"");
    (!what.is_empty() && !KEPT.contains(&what) && !of_column).then_some("drops a column")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let check = |text: &str, expected: &[u32]| {
            assert_eq!(destructive(text).iter().map(|d| d.line).collect::<Vec<_>>(), expected, "{text}");
        };
        check("ALTER TABLE a DROP COLUMN b;\n-- DROP TABLE c\nTRUNCATE TABLE d;", &[1, 3]);
        check("def upgrade():\n  op.drop_column('a', 'b')\ndef downgrade():\n  op.drop_table('c')\n", &[2]);
        check("def change\n  remove_column :a, :b\nend", &[2]);
        check("CREATE TABLE a (b int);", &[]);
        check("CREATE TABLE a (b int); -- no DROP TABLE here\n/* DROP TABLE c */", &[]);
        check("ALTER TABLE a\n  DROP b,\n  DROP CONSTRAINT c;\nDROP INDEX d;", &[2]);
        check("ALTER TABLE a ALTER COLUMN b DROP NOT NULL;", &[]);
        check("DROP   TABLE a;\ntruncate b;\nDELETE FROM c;\nDELETE FROM d WHERE e = 1;", &[1, 2, 3]);
        check("def down\n  drop_table :a\nend\ndef up\n  remove_column :b, :c\nend", &[5]);
        check(
            "export async function up(k) { k.schema.createTable('a') }\nexport async function down(k) {\n  k.schema.dropTable('a')\n}",
            &[],
        );
        check("migrations.RunSQL('CREATE INDEX x', reverse_sql='DROP TABLE y')", &[]);
        check(
            "<dropColumn tableName='a'/>\n<rollback>\n<dropTable tableName='b'/>\n</rollback>\n<dropTable tableName='c'/>",
            &[1, 5],
        );
        assert!(
            is_one("db/migrate/1_x.rb") && is_one("app/migrations/0001.py") && !is_one("app/migrations/__init__.py")
        );
        assert!(!is_one("src/drop.sql") && is_one("prisma/migrations/20240101_x/migration.sql"));
        assert!(!is_one("migrations/000001_x.down.sql") && is_one("migrations/000001_x.up.sql"));
        assert!(
            is_one("db/migration/V1__x.sql") && !is_one("db/migration/U1__x.sql") && is_one("migrations/users.sql")
        );
    }
}
