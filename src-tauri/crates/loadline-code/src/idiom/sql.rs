//! SQL in string literals: `SELECT *`, and reads of a whole table.

use super::pattern::idiom;
use super::{Idiom, What};
use crate::read::Source;

/// What bounds the rows of a statement, or makes one row of many.
const BOUNDS: &[&str] = &[
    " where ",
    " limit ",
    "fetch first",
    "fetch next",
    " top ",
    " top(",
    "count(",
    "sum(",
    "max(",
    "min(",
    "avg(",
    "exists",
    " group by ",
    "rownum",
    "information_schema",
    "pg_",
    " dual",
    "sqlite_",
    "generate_series",
    "unnest(",
];

pub(super) fn find(source: &Source<'_>, found: &mut Vec<Idiom>) {
    // A test, a seed or a migration reads on purpose, and on little data.
    let path = source.path.to_ascii_lowercase();
    let likely = !["test", "spec", "migrat", "seed", "fixture", "script"].iter().any(|w| path.contains(w));
    for string in &source.strings {
        let text = string.text.trim_start_matches(['f', 'r', 'b', '@', '$', '"', '\'', '`', '#', ' ', '\n', '\t']);
        if !text.get(..6).is_some_and(|w| w.eq_ignore_ascii_case("select")) {
            continue;
        }
        let words: Vec<String> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
        let said = format!(" {} ", words.join(" ").trim_end_matches(['"', '\'', '`', ';', ' ']));
        if !said.contains(" from ") {
            continue;
        }
        let columns = said.split(" from ").next().unwrap_or_default().trim_start_matches(" select ");
        let all = columns.split(',').any(|c| c.trim() == "*" || c.trim().ends_with(".*"));
        if all {
            found.push(idiom(What::SelectAll, source, string.line, likely, "`SELECT *` in a string"));
        }
        // Text that is put together, or continued elsewhere, may be bounded where it is not seen.
        let open = ["{", "%", "$", "+", "?"].iter().any(|w| said.contains(w)) || ends_open(&said);
        if !BOUNDS.iter().any(|b| said.contains(b)) && !open {
            found.push(idiom(
                What::UnboundedQuery,
                source,
                string.line,
                likely,
                "a `SELECT` without `WHERE` and `LIMIT`",
            ));
        }
    }
}

/// A statement that ends in a word that wants another.
fn ends_open(said: &str) -> bool {
    ["from", "join", "and", "or", "by", "on", ","].iter().any(|w| said.trim_end().ends_with(w))
}

#[cfg(test)]
mod tests {
    use super::What;
    use crate::idiom::cases::table;

    #[test]
    fn select_all() {
        table(
            What::SelectAll,
            &[
                ("a.py", "q = 'SELECT * FROM users WHERE id = 1'\nr = 'select id from t where a = 1'\n", "1"),
                ("a.py", "q = \"\"\"\n  SELECT u.*, 1\n  FROM users u\n  LIMIT 5\n\"\"\"\n", "1"),
                ("a.js", "const q = `SELECT * FROM t LIMIT 5`, r = 'select the best * from';\n", "1"),
                ("a.go", "package a\nvar q = `SELECT count(*) FROM t`\nvar r = \"SELECT * FROM t LIMIT 1\"\n", "3"),
                ("A.java", "class A { String q = \"SELECT * FROM t WHERE a = 1\"; }", "1"),
                ("a.rs", "const Q: &str = \"SELECT * FROM t LIMIT 1\";", "1"),
                ("a.rb", "q = 'SELECT * FROM t LIMIT 1'\n", "1"),
                ("a.php", "<?php $q = \"SELECT * FROM t LIMIT 1\";", "1"),
                ("A.cs", "class A { string q = @\"SELECT * FROM t LIMIT 1\"; }", "1"),
                ("tests/a.py", "q = 'SELECT * FROM users LIMIT 1'\n", "1?"),
            ],
        );
    }

    #[test]
    fn unbounded() {
        table(
            What::UnboundedQuery,
            &[
                ("a.py", "q = 'SELECT id FROM users'\nr = 'SELECT id FROM users ORDER BY id LIMIT 5'\n", "1"),
                ("a.py", "q = 'SELECT id FROM users ' + where\nr = f'SELECT id FROM {t}'\n", "1"),
                ("a.py", "q = 'SELECT count(*) FROM users'\nr = 'SELECT 1'\n", ""),
                ("a.ts", "const q = `SELECT id FROM t ${where}`;\n", ""),
            ],
        );
    }
}
