//! Indexes: what they serve, what they cost, and which fields they lead with.

use super::commands::{INDEX_USE, INDEXES, SIZES, Target};
use super::documents::Fields;
use super::reading::Reading;
use super::shape;
use crate::Cancelled;
use ::mongodb::bson::{Bson, Document};
use loadline_model::IndexStat;
use std::collections::BTreeMap;

/// An index as `listIndexes` describes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Index {
    pub name: String,
    /// First field, without direction; empty for what serves no comparison.
    pub leading: String,
    /// Fields in a form in which one index covers another exactly when its columns begin with the other's.
    columns: Vec<String>,
    /// Unique, or it expires documents: more than a way to find them.
    constrains: bool,
    hidden: bool,
}

/// Reads the indexes of a collection; says them with their sizes and with the uses that every member counted.
pub(super) async fn read(
    r: &mut Reading<'_>,
    target: &Target<'_>,
    sizes: Option<&Document>,
) -> Result<Option<Vec<Index>>, Cancelled> {
    let listed = match r.try_ask(&INDEXES, target).await? {
        Ok(listed) => listed,
        Err(refusal) if refusal.is_no_collection() => return Ok(Some(Vec::new())),
        Err(refusal) => {
            r.refused(&INDEXES, target, &refusal, &[]);
            return Ok(None);
        }
    };
    let indexes: Vec<Index> = listed.batch().into_iter().filter_map(Index::of).collect();
    let subject = r.cluster.collection(target.database, target.collection);
    let mut counted = false;
    // Each member counts its own reads: an index that only a secondary uses is used.
    for host in r.cluster.counting() {
        let answer = match r.try_member(&host, &INDEX_USE, target).await? {
            Ok(answer) => answer,
            Err(_) if r.cluster.is_lost(&host) => continue,
            Err(refusal) => {
                r.refused(&INDEX_USE, target, &refusal, &[]);
                break;
            }
        };
        let uses: BTreeMap<&str, &Document> =
            answer.batch().into_iter().filter_map(|row| Some((row.text("name")?, row))).collect();
        for index in &indexes {
            let Some(used) = uses.get(index.name.as_str()) else { continue };
            // Without a start nothing was counted: some products answer 0 for everything.
            let since = used.time("accesses/since");
            let scans = used.number("accesses/ops").filter(|_| since.is_some());
            let stat = IndexStat { scans, since, ..index.stat(sizes) };
            r.measured(&subject, &INDEX_USE, stat);
        }
        counted = true;
    }
    if !counted {
        for index in &indexes {
            r.measured(&subject, &SIZES, index.stat(sizes));
        }
    }
    Ok(Some(indexes))
}

impl Index {
    fn of(row: &Document) -> Option<Self> {
        let name = row.text("name")?.to_owned();
        let key = row.part("key")?;
        // Read backwards, an index is the same index with every direction turned.
        let turned = key.values().next().and_then(direction) == Some(false);
        let partial = row.field("partialFilterExpression").is_some() || row.flag("sparse") == Some(true);
        let collated = row.text("collation/locale").is_some_and(|l| l != "simple");
        let mark = match (partial, collated) {
            (true, _) => " (partial)",
            (_, true) => " (collation)",
            _ => "",
        };
        let column = |(field, value): (&String, &Bson)| {
            let field = shape::name(field);
            match direction(value) {
                Some(up) if up != turned => format!("{field}{mark}"),
                Some(_) => format!("{field} desc{mark}"),
                None => format!("{field} ({}){mark}", value.as_str().unwrap_or("other")),
            }
        };
        let columns: Vec<String> = key.iter().map(column).collect();
        let leading = key.keys().next().filter(|k| !k.starts_with('_') || *k == "_id").map(|k| shape::name(k));
        Some(Self {
            constrains: name == "_id_" || row.flag("unique") == Some(true) || row.field("expireAfterSeconds").is_some(),
            hidden: row.flag("hidden") == Some(true),
            leading: leading.unwrap_or_default(),
            name,
            columns,
        })
    }

    fn stat(&self, sizes: Option<&Document>) -> IndexStat {
        IndexStat {
            index: self.name.clone(),
            columns: self.columns.clone(),
            bytes: sizes.and_then(|s| s.part("indexSizes")?.number(&self.name)),
            unique: Some(self.constrains),
            valid: Some(!self.hidden),
            ..IndexStat::default()
        }
    }
}

/// Ascending or descending; `None` for hashed, text and geographic keys.
fn direction(value: &Bson) -> Option<bool> {
    match value {
        Bson::Int32(n) => Some(*n >= 0),
        Bson::Int64(n) => Some(*n >= 0),
        Bson::Double(n) => Some(*n >= 0.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::mongodb::bson::doc;

    fn check(row: Document, columns: &[&str], constrains: bool) {
        let found = Index::of(&row).expect("an index");
        assert_eq!(
            (found.columns.iter().map(String::as_str).collect::<Vec<_>>(), found.constrains),
            (columns.to_vec(), constrains),
            "{row}"
        );
    }

    #[test]
    fn columns_compare_as_the_server_uses_them() {
        check(doc! { "name": "_id_", "key": { "_id": 1 } }, &["_id"], true);
        check(doc! { "name": "a", "key": { "a": 1, "b": -1 } }, &["a", "b desc"], false);
        check(doc! { "name": "b", "key": { "a": -1, "b": 1.0 } }, &["a", "b desc"], false);
        check(doc! { "name": "c", "key": { "a": 1 }, "sparse": true }, &["a (partial)"], false);
        check(doc! { "name": "d", "key": { "a": "hashed" } }, &["a (hashed)"], false);
        check(doc! { "name": "e", "key": { "at": 1 }, "expireAfterSeconds": 60 }, &["at"], true);
        check(
            doc! { "name": "f", "key": { "a": 1 }, "unique": true, "collation": { "locale": "de" } },
            &["a (collation)"],
            true,
        );
        let text = Index::of(&doc! { "name": "t", "key": { "_fts": "text", "_ftsx": 1 } }).expect("an index");
        assert_eq!(text.leading, "", "a text index serves no comparison");
        assert_eq!(Index::of(&doc! { "key": { "a": 1 } }), None);
    }
}
