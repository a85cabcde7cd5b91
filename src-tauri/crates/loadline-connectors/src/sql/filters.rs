//! Columns that hot statements filter by and no index leads with: candidates for an index.

use std::collections::BTreeMap;

/// What the search for missing indexes needs of an index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Index {
    /// `schema.table`.
    pub table: String,
    /// First column; `(expression)` for an expression.
    pub leading: String,
    /// Usable.
    pub valid: bool,
}

/// Table and column that one statement compares for equality.
pub(crate) type Filters = Vec<(String, String)>;

/// By table, the columns in alphabetical order. A statement that already reaches the table through an indexed column is
/// left out: its further filters rarely need an index of their own.
pub(crate) fn unindexed<'a>(
    statements: impl Iterator<Item = &'a [(String, String)]>,
    indexes: &[Index],
) -> BTreeMap<String, Vec<String>> {
    let leads = |table: &str, column: &str| indexes.iter().any(|i| i.valid && i.table == table && i.leading == column);
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for filters in statements {
        for (table, column) in filters {
            let reached = filters.iter().any(|(t, c)| t == table && leads(t, c));
            let columns = found.entry(table.clone()).or_default();
            if !reached && !columns.contains(column) {
                columns.push(column.clone());
            }
        }
    }
    for columns in found.values_mut() {
        columns.sort();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(filters: &[&[&str]], indexed: &[&str], expected: &[&str]) {
        let statement = |columns: &&[&str]| columns.iter().map(|c| ("t".to_owned(), (*c).to_owned())).collect();
        let statements: Vec<Filters> = filters.iter().map(statement).collect();
        let index = |c: &&str| Index { table: "t".into(), leading: (*c).to_owned(), valid: true };
        let indexes: Vec<Index> = indexed.iter().map(index).collect();
        let found = unindexed(statements.iter().map(Vec::as_slice), &indexes).remove("t").unwrap_or_default();
        assert_eq!(found, expected, "{filters:?} {indexed:?}");
    }

    #[test]
    fn candidates() {
        check(&[&["b"], &["a"], &["b"]], &[], &["a", "b"]);
        check(&[&["id", "status"]], &["id"], &[]);
        check(&[&["id", "status"], &["status"]], &["id"], &["status"]);
    }

    #[test]
    fn an_invalid_index_leads_nothing() {
        let filters = [("t".to_owned(), "a".to_owned())];
        let index = Index { table: "t".into(), leading: "a".into(), valid: false };
        assert_eq!(unindexed(std::iter::once(filters.as_slice()), &[index]).remove("t"), Some(vec!["a".to_owned()]));
    }
}
