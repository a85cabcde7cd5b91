//! Columns that hot statements filter by and no index leads with: candidates for an index.

use super::indexes::Index;
use super::queries::Shape;
use std::collections::BTreeMap;

/// By table, the columns in alphabetical order. A statement that already reaches the table through an indexed column is
/// left out: its further filters rarely need an index of their own.
pub(super) fn unindexed(shapes: &[Shape], indexes: &[Index]) -> BTreeMap<String, Vec<String>> {
    let leads = |table: &str, column: &str| indexes.iter().any(|i| i.valid && i.table == table && i.leading == column);
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for shape in shapes {
        for (table, column) in &shape.filters {
            let reached = shape.filters.iter().any(|(t, c)| t == table && leads(t, c));
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
        let shape = |columns: &&[&str]| Shape {
            filters: columns.iter().map(|c| ("t".to_owned(), (*c).to_owned())).collect(),
            ..Shape::default()
        };
        let shapes: Vec<Shape> = filters.iter().map(shape).collect();
        let index = |c: &&str| Index { table: "t".into(), leading: (*c).to_owned(), valid: true };
        let indexes: Vec<Index> = indexed.iter().map(index).collect();
        let found = unindexed(&shapes, &indexes).remove("t").unwrap_or_default();
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
        let shape = Shape { filters: vec![("t".into(), "a".into())], ..Shape::default() };
        let index = Index { table: "t".into(), leading: "a".into(), valid: false };
        assert_eq!(unindexed(&[shape], &[index]).remove("t"), Some(vec!["a".to_owned()]));
    }
}
