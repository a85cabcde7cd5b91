//! The statement that creates a missing index, written for the engine, with names quoted where they need it.

use super::reading::{Engine, Statement};
use crate::Context;
use loadline_model::{ImportedFinding, Provenance, SubjectId};

/// An index that a provider's own advisor asks for (Atlas).
pub(super) fn suggestion<'a>(
    table: &SubjectId,
    context: &Context<'a>,
) -> Option<(&'a ImportedFinding, &'a Provenance)> {
    let found = context.facts.facts::<ImportedFinding>(table).filter(|(f, _)| f.rule == "suggested_index" && f.failing);
    found.min_by(|a, b| a.0.title.cmp(&b.0.title))
}

/// What an index would do, as the end of a sentence, and the statement that creates it.
pub(super) fn create_index(
    engine: Engine,
    table: &str,
    filters: &[String],
    named: &[Statement<'_>],
) -> (String, String) {
    let columns = columns(filters, named);
    if columns.is_empty() {
        let remedy = format!(
            "EXPLAIN the statements that read {table}, then index the columns they filter by: equality, sort, range."
        );
        return ("an index on the columns it is filtered by makes it an index scan.".to_owned(), remedy);
    }
    let said = format!("an index on ({}) makes it an index scan.", columns.join(", "));
    let list = |quote: char| columns.iter().map(|c| quoted(c, quote)).collect::<Vec<_>>().join(", ");
    let remedy = match engine {
        Engine::Mysql => {
            let table = qualified(table, '`');
            format!("ALTER TABLE {table} ADD INDEX ({}), ALGORITHM=INPLACE, LOCK=NONE;", list('`'))
        }
        Engine::Mongodb => {
            let collection = table.split_once('.').map_or(table, |(_, name)| name);
            let keys: Vec<String> = columns.iter().map(|c| format!("{}: 1", quoted(c, '"'))).collect();
            format!("db.getCollection({collection:?}).createIndex({{ {} }})", keys.join(", "))
        }
        Engine::Postgresql => format!("CREATE INDEX CONCURRENTLY ON {} ({});", qualified(table, '"'), list('"')),
        Engine::Other => format!("CREATE INDEX ON {} ({});", qualified(table, '"'), list('"')),
    };
    (said, remedy)
}

/// A table with its schema, each part quoted where it needs it.
pub(super) fn qualified(table: &str, quote: char) -> String {
    table.split('.').map(|part| quoted(part, quote)).collect::<Vec<_>>().join(".")
}

/// A plain lower-case name as it is; anything else quoted, so that a name can never end a statement.
pub(super) fn quoted(name: &str, quote: char) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain {
        return name.to_owned();
    }
    let clean: String = name.chars().filter(|c| !c.is_control()).collect();
    format!("{quote}{}{quote}", clean.replace(quote, &format!("{quote}{quote}")))
}

/// Filters that one statement uses together belong in one index; the most expensive statement decides. Where no
/// statement is known, the first three candidates.
fn columns(filters: &[String], named: &[Statement<'_>]) -> Vec<String> {
    let used_by = |s: &Statement<'_>| -> Vec<String> {
        let words: Vec<&str> = s.stat.text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        filters.iter().filter(|f| words.iter().any(|w| w.eq_ignore_ascii_case(f))).take(3).cloned().collect()
    };
    named
        .iter()
        .map(|s| (s, used_by(s)))
        .filter(|(_, used)| !used.is_empty())
        .max_by(|(a, _), (b, _)| {
            a.stat.total_ms.total_cmp(&b.stat.total_ms).then(b.stat.fingerprint.cmp(&a.stat.fingerprint))
        })
        .map_or_else(|| filters.iter().take(3).cloned().collect(), |(_, used)| used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(quoted("user_id", '"'), "user_id");
        assert_eq!(quoted("userId", '"'), "\"userId\"");
        assert_eq!(quoted("a\"; DROP TABLE x; --", '"'), "\"a\"\"; DROP TABLE x; --\"");
        assert_eq!(qualified("Shop.orders", '`'), "`Shop`.orders");
    }

    #[test]
    fn without_candidates_the_remedy_says_how_to_find_them() {
        let (said, remedy) = create_index(Engine::Postgresql, "public.orders", &[], &[]);
        assert!(said.contains("filtered by") && remedy.starts_with("EXPLAIN"));
    }
}
