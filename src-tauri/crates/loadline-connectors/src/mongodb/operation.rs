//! One recorded operation: what kind it is, on which collection, in which shape. From an entry of the profiler or from
//! what `$queryStats` keeps.

use super::documents::Fields;
use super::shape::{self, Filter};
use ::mongodb::bson::{Bson, Document};
use loadline_model::{Verb, hash};

/// A shape of operations.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation {
    /// Database and collection.
    pub namespace: (String, String),
    /// `find shop.orders {user_id: ?} sort {n: -1}`.
    pub text: String,
    pub verb: Verb,
    /// What could use an index.
    pub filter: Option<Filter>,
}

impl Operation {
    /// Identity of the shape.
    pub(super) fn fingerprint(&self) -> String {
        hash::hex_of(&[&self.text]).chars().take(16).collect()
    }

    /// From an entry of `system.profile`; `None` for what an application did not ask, such as our own reads.
    pub(super) fn profiled(entry: &Document) -> Option<Self> {
        if entry.text("appName") == Some("loadline") {
            return None;
        }
        let command = entry.part("command")?;
        Self::of(namespace(entry.text("ns")?)?, command, entry.text("op").unwrap_or_default())
    }

    /// From an entry of `$queryStats`, whose shapes carry types in place of values.
    pub(super) fn counted(entry: &Document) -> Option<Self> {
        let shape = entry.part("key/queryShape")?;
        let database = shape.text("cmdNs/db")?;
        let mut command = shape.clone();
        let verb = shape.text("command")?;
        let collection = shape.text("cmdNs/coll")?;
        command.insert(verb, collection);
        Self::of(namespace(&format!("{database}.{collection}"))?, &command, verb)
    }

    fn of(namespace: (String, String), command: &Document, op: &str) -> Option<Self> {
        let (database, collection) = (&namespace.0, &namespace.1);
        let on = format!("{database}.{collection}");
        let part = |path: &str| command.part(path);
        let has = |path: &str| command.field(path).is_some();
        let first = |list: &str| command.parts(list).first().copied().cloned();
        let read = |word: &str, filter: Option<&Document>| {
            let filter = shape::filter(filter.unwrap_or(&Document::new()));
            (format!("{word} {on} {}", filter.text), Verb::Read, Some(filter))
        };
        let write = |word: &str, filter: Option<&Document>| {
            let (text, _, filter) = read(word, filter);
            (text, Verb::Write, filter)
        };
        let (text, verb, filter) = if has("find") {
            let (mut text, verb, filter) = read("find", part("filter"));
            if let Some(sort) = part("sort").filter(|s| !s.is_empty()) {
                text.push_str(&format!(" sort {}", shape::order(sort)));
            }
            if has("limit") {
                text.push_str(" limit ?");
            }
            (text, verb, filter)
        } else if let Some(stages) = command.field("pipeline").and_then(Bson::as_array) {
            let (text, filter) = shape::pipeline(stages);
            if text.contains("[$indexStats") || text.contains("[$collStats") || text.contains("[$queryStats") {
                return None;
            }
            let writes = text.contains("$out") || text.contains("$merge");
            (format!("aggregate {on} {text}"), if writes { Verb::Write } else { Verb::Read }, filter)
        } else if has("count") {
            read("count", part("query"))
        } else if has("distinct") {
            read("distinct", part("query"))
        } else if has("findAndModify") || has("findandmodify") {
            write("findAndModify", part("query"))
        } else if has("updates") || op == "update" {
            let q = first("updates").and_then(|u| u.part("q").cloned());
            write("update", q.as_ref().or(part("q")))
        } else if has("deletes") || op == "remove" {
            let q = first("deletes").and_then(|d| d.part("q").cloned());
            write("delete", q.as_ref().or(part("q")))
        } else if has("insert") || op == "insert" {
            (format!("insert {on}"), Verb::Write, None)
        } else {
            return None;
        };
        Some(Self { text, verb, filter, namespace })
    }
}

/// Database and collection of a namespace; `None` for the server's own.
fn namespace(text: &str) -> Option<(String, String)> {
    let (database, collection) = text.split_once('.')?;
    let own =
        collection.starts_with("system.") || collection.starts_with("$cmd") || super::server::OWN.contains(&database);
    (!own && !collection.is_empty()).then(|| (database.to_owned(), collection.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::mongodb::bson::doc;

    fn check(entry: Document, expected: Option<(&str, Verb)>) {
        let found = Operation::profiled(&entry);
        assert_eq!(found.as_ref().map(|o| (o.text.as_str(), o.verb)), expected, "{entry}");
        assert!(!format!("{found:?}").contains("hunter2"));
    }

    #[test]
    fn entries_of_the_profiler() {
        let entry = |op: &str, command: Document| doc! { "ns": "shop.orders", "op": op, "command": command };
        check(
            entry("query", doc! { "find": "orders", "filter": { "a": "hunter2" }, "sort": { "n": -1 }, "limit": 5 }),
            Some(("find shop.orders {a: ?} sort {n: -1} limit ?", Verb::Read)),
        );
        check(
            entry(
                "command",
                doc! { "aggregate": "orders", "pipeline": [{ "$match": { "a": 1 } }, { "$group": { "_id": "$hunter2" } }] },
            ),
            Some(("aggregate shop.orders [$match {a: ?}, $group]", Verb::Read)),
        );
        check(
            entry("command", doc! { "aggregate": "orders", "pipeline": [{ "$out": "hunter2" }] }),
            Some(("aggregate shop.orders [$out]", Verb::Write)),
        );
        // Documented form of an update's entry, and the form of a whole command.
        check(
            entry("update", doc! { "q": { "a": "hunter2" }, "u": { "$set": { "b": "hunter2" } }, "multi": false }),
            Some(("update shop.orders {a: ?}", Verb::Write)),
        );
        check(
            entry("update", doc! { "update": "orders", "updates": [{ "q": { "a": 1 }, "u": { "b": "hunter2" } }] }),
            Some(("update shop.orders {a: ?}", Verb::Write)),
        );
        check(entry("remove", doc! { "q": { "a": 1 }, "limit": 0 }), Some(("delete shop.orders {a: ?}", Verb::Write)));
        check(entry("insert", doc! { "insert": "orders" }), Some(("insert shop.orders", Verb::Write)));
        check(
            entry("command", doc! { "distinct": "orders", "key": "hunter2", "query": {} }),
            Some(("distinct shop.orders {}", Verb::Read)),
        );
        check(entry("command", doc! { "dbStats": 1 }), None);
        check(entry("command", doc! { "aggregate": "orders", "pipeline": [{ "$indexStats": {} }] }), None);
        check(doc! { "ns": "shop.system.profile", "op": "query", "command": { "find": "system.profile" } }, None);
        check(
            doc! { "ns": "shop.orders", "op": "query", "appName": "loadline", "command": { "find": "orders" } },
            None,
        );
        check(doc! { "ns": "shop.orders", "op": "getmore", "command": { "getMore": 5 } }, None);
    }

    #[test]
    fn shapes_of_query_stats() {
        // MongoDB manual, "$queryStats": a find with types in place of values.
        let entry = doc! { "key": { "queryShape": { "cmdNs": { "db": "shop", "coll": "orders" }, "command": "find", "filter": { "status": { "$eq": "?string" } }, "limit": "?number" } } };
        let found = Operation::counted(&entry).expect("a shape");
        assert_eq!(found.text, "find shop.orders {status: ?} limit ?");
        assert_eq!(found.filter.map(|f| f.fields), Some(vec!["status".to_owned()]));
    }
}
