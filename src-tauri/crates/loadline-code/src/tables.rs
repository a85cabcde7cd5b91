//! Tables that SQL text in source names: those it writes, and those it reads. What a mapper writes by itself is not seen.

use crate::read::Source;
use std::collections::BTreeMap;

/// A table that a file names in SQL text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableUse {
    /// Its name in lower case, without schema.
    pub table: String,
    /// The text writes it; else it reads it.
    pub writes: bool,
}

/// Words of paths whose statements run once, or on made-up data.
const ASIDE: [&str; 6] = ["test", "spec", "migrat", "seed", "fixture", "script"];

/// The tables of a file, each once; one that is written counts as written.
pub fn tables(source: &Source<'_>) -> Vec<TableUse> {
    let path = source.path.to_ascii_lowercase();
    if ASIDE.iter().any(|w| path.contains(w)) {
        return Vec::new();
    }
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for string in &source.strings {
        for used in named(string.text) {
            *found.entry(used.table).or_default() |= used.writes;
        }
    }
    found.into_iter().map(|(table, writes)| TableUse { table, writes }).collect()
}

/// The tables of one string, when it begins like a statement.
fn named(text: &str) -> Vec<TableUse> {
    const QUOTES: [char; 3] = ['"', '\'', '`'];
    // Some languages write a letter before the quotes.
    let opens = text.char_indices().take(4).find(|(_, c)| QUOTES.contains(c)).map_or(0, |(at, c)| at + c.len_utf8());
    let text = text
        .get(opens..)
        .unwrap_or_default()
        .trim_matches(|c: char| QUOTES.contains(&c) || c == '#' || c.is_whitespace());
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || "(),;".contains(c)).filter(|w| !w.is_empty()).collect();
    let is = |at: usize, word: &str| words.get(at).is_some_and(|w| w.eq_ignore_ascii_case(word));
    let after = |at: usize, before: &[&str]| at > 0 && before.iter().any(|w| is(at - 1, w));
    if !["select", "insert", "update", "delete", "with", "merge", "replace"].iter().any(|w| is(0, w)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for at in 0..words.len() {
        let writes = is(at, "into") && after(at, &["insert", "merge", "replace", "ignore"])
            || is(at, "update") && (is(at + 2, "set") || is(at + 3, "set"))
            || is(at, "from") && after(at, &["delete"]);
        if (writes || is(at, "from") || is(at, "join"))
            && let Some(table) = words.get(at + 1).and_then(|w| plain(w))
        {
            found.push(TableUse { table, writes });
        }
    }
    found
}

/// The last part of a name without its quotes; `None` for what is put together or is no name.
fn plain(word: &str) -> Option<String> {
    let last = word.rsplit('.').next()?.trim_matches(|c: char| "\"`[]'".contains(c) || c == '\\').to_ascii_lowercase();
    let name = last.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && last.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (name && !["select", "lateral", "only", "unnest", "the", "a"].contains(&last.as_str())).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::tables;

    #[test]
    fn what_is_written_and_read() {
        let check = |path: &str, text: &str, expected: &str| {
            let source = crate::read(path, text.as_bytes()).expect("a language").expect("readable");
            let said: Vec<String> =
                tables(&source).iter().map(|t| format!("{}{}", t.table, if t.writes { "!" } else { "" })).collect();
            assert_eq!(said.join(" "), expected, "{path}: {text}");
        };
        check("a.py", "q = 'INSERT INTO shop.orders (id) SELECT id FROM carts'\n", "carts orders!");
        check("a.py", "q = f'UPDATE {table} SET a = 1'\nr = 'update orders o set a = 1 where id = 2'\n", "orders!");
        check("a.py", "q = \"\"\"\n  DELETE FROM orders\n  WHERE id = 1\n\"\"\"\n", "orders!");
        check("a.py", "a = 'update the profile'\nb = 'Select one from the list'\nc = 'with love'\n", "");
        check("a.js", "const q = `SELECT * FROM \"Users\" u JOIN public.orders o ON o.u = u.id`;\n", "orders users");
        check(
            "a.go",
            "package a\nvar q = `WITH gone AS (DELETE FROM carts RETURNING id) SELECT id FROM gone`\n",
            "carts! gone",
        );
        check("a.ts", "const q = `SELECT id FROM ${table}`;\n", "");
        check("A.cs", "class A { string q = @\"SELECT id FROM t LIMIT 1\"; }", "t");
        check("a.rs", "const Q: &str = \"SELECT id FROM t FOR UPDATE\";", "t");
        check("db/migrations/a.py", "q = 'INSERT INTO orders VALUES (1)'\n", "");
    }
}
