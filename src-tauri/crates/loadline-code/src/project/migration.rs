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
];

pub(super) fn is_one(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let inside =
        folders.split('/').any(|f| matches!(f, "migrations" | "migrate" | "migration" | "versions" | "changelog"));
    let program = [".sql", ".py", ".rb", ".js", ".ts", ".php", ".cs", ".go", ".xml"].iter().any(|e| lower.ends_with(e));
    inside && program && name != "__init__.py"
}

/// The statements of the way forward: what follows a mark of the way back is left out.
pub(super) fn destructive(text: &str) -> Vec<Destructive> {
    let mut found = Vec::new();
    for (row, line) in (1_u32..).zip(text.lines()) {
        let lower = line.to_lowercase();
        let written = lower.trim_start();
        let back = [
            "def downgrade",
            "def down",
            "exports.down",
            "async down(",
            "public function down",
            "protected override void down",
        ];
        if back.iter().any(|b| written.contains(b))
            || written.starts_with("-- +goose down")
            || written.starts_with("-- migrate:down")
        {
            break;
        }
        if written.starts_with("--") || written.starts_with('#') || written.starts_with("//") {
            continue;
        }
        if let Some((_, how)) = STATEMENTS.iter().find(|(words, _)| lower.contains(words)) {
            found.push(Destructive { line: row, how });
        }
    }
    found
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
        assert!(
            is_one("db/migrate/1_x.rb") && is_one("app/migrations/0001.py") && !is_one("app/migrations/__init__.py")
        );
        assert!(!is_one("src/drop.sql"));
    }
}
