//! What an operation asks, without the values it asks for: names of fields and operators, nothing else. What users wrote
//! never passes this room.

use ::mongodb::bson::{Bson, Document};

/// Deepest nesting that is written out.
const DEPTH: usize = 6;
/// Fields of one level that are written out.
const FIELDS: usize = 24;

/// A filter as far as a search for missing indexes and an explanation need it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Filter {
    /// Without values: `{user_id: ?, created: {$gt: ?}}`.
    pub text: String,
    /// Fields compared for equality, then those compared by range, each once.
    pub fields: Vec<String>,
    /// The same filter with `null` for every value; `None` where that would ask something else.
    pub blank: Option<Document>,
}

/// Understands a filter.
pub(super) fn filter(document: &Document) -> Filter {
    let (mut equal, mut range) = (Vec::new(), Vec::new());
    fields(document, &mut equal, &mut range, 0);
    for field in range {
        if !equal.contains(&field) {
            equal.push(field);
        }
    }
    Filter { text: text(document, 0), fields: equal, blank: blank(document, 0) }
}

/// A name as the schema would write it: positions in arrays and keys that look like values are left out.
pub(super) fn name(field: &str) -> String {
    let part = |part: &str| -> Option<String> {
        if part.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let plain = part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$'));
        let digits = part.chars().filter(char::is_ascii_digit).count();
        let like_a_value = part.len() > 40 || digits >= 6;
        Some(if plain && !like_a_value { part.to_owned() } else { "?".to_owned() })
    };
    let parts: Vec<String> = field.split('.').filter_map(part).collect();
    if parts.is_empty() { "?".to_owned() } else { parts.join(".") }
}

/// An order: which fields, and in which direction.
pub(super) fn order(document: &Document) -> String {
    let direction = |value: &Bson| match value {
        Bson::Int32(-1) | Bson::Int64(-1) => "-1",
        Bson::Double(n) if *n < 0.0 => "-1",
        Bson::Document(_) => "?",
        _ => "1",
    };
    let fields = document.iter().take(FIELDS).map(|(k, v)| format!("{}: {}", name(k), direction(v)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
}

fn operators(value: &Bson) -> Option<&Document> {
    let document = value.as_document()?;
    (!document.is_empty() && document.keys().all(|k| k.starts_with('$'))).then_some(document)
}

fn text(document: &Document, depth: usize) -> String {
    if depth > DEPTH {
        return "?".to_owned();
    }
    let one = |(key, value): (&String, &Bson)| -> String {
        let alternatives = value.as_array().filter(|_| matches!(key.as_str(), "$and" | "$or" | "$nor"));
        if let Some(list) = alternatives {
            let mut said: Vec<String> = list.iter().filter_map(Bson::as_document).map(|d| text(d, depth + 1)).collect();
            said.dedup();
            said.truncate(8);
            return format!("{key}: [{}]", said.join(", "));
        }
        let inner = match (key.as_str(), operators(value)) {
            ("$elemMatch" | "$not", _) => value.as_document().map(|d| text(d, depth + 1)),
            // `{a: {$eq: ?}}` asks what `{a: ?}` asks.
            (_, Some(d)) if d.len() == 1 && d.contains_key("$eq") => None,
            (_, Some(d)) => Some(text(d, depth + 1)),
            _ => None,
        };
        format!("{}: {}", name(key), inner.unwrap_or_else(|| "?".to_owned()))
    };
    let mut parts: Vec<String> = document.iter().take(FIELDS).map(one).collect();
    parts.dedup();
    format!("{{{}}}", parts.join(", "))
}

fn fields(document: &Document, equal: &mut Vec<String>, range: &mut Vec<String>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    for (key, value) in document.iter().take(FIELDS) {
        if key == "$and" {
            for part in value.as_array().into_iter().flatten().filter_map(Bson::as_document) {
                fields(part, equal, range, depth + 1);
            }
            continue;
        }
        // Every branch of an $or needs an index of its own; that is more than a candidate.
        let field = name(key);
        if key.starts_with('$') || field.contains('?') {
            continue;
        }
        let list = match operators(value) {
            None => &mut *equal,
            Some(d) if d.keys().any(|k| matches!(k.as_str(), "$eq" | "$in" | "$all")) => &mut *equal,
            Some(d) if d.keys().any(|k| matches!(k.as_str(), "$gt" | "$gte" | "$lt" | "$lte")) => &mut *range,
            Some(_) => continue,
        };
        if !list.contains(&field) {
            list.push(field);
        }
    }
}

fn blank(document: &Document, depth: usize) -> Option<Document> {
    if depth > DEPTH || document.len() > FIELDS {
        return None;
    }
    let mut out = Document::new();
    for (key, value) in document {
        let asked = match key.as_str() {
            "$and" | "$or" => {
                let parts = value.as_array()?.iter().map(|v| blank(v.as_document()?, depth + 1).map(Bson::Document));
                Bson::Array(parts.collect::<Option<Vec<Bson>>>()?)
            }
            "$eq" | "$gt" | "$gte" | "$lt" | "$lte" | "$ne" => Bson::Null,
            "$in" | "$nin" => Bson::Array(vec![Bson::Null]),
            "$exists" => Bson::Boolean(true),
            other if other.starts_with('$') => return None,
            field if name(field).contains('?') => return None,
            _ => match operators(value) {
                Some(d) => Bson::Document(blank(d, depth + 1)?),
                None => Bson::Null,
            },
        };
        out.insert(key.clone(), asked);
    }
    Some(out)
}

/// The stages of a pipeline: the filters among them written out, the others by name.
pub(super) fn pipeline(stages: &[Bson]) -> (String, Option<Filter>) {
    let (mut said, mut first) = (Vec::new(), None);
    for (n, stage) in stages.iter().take(FIELDS).filter_map(Bson::as_document).enumerate() {
        let Some((verb, body)) = stage.iter().next() else { continue };
        let verb = name(verb);
        match (verb.as_str(), body.as_document()) {
            ("$match", Some(d)) => {
                let filter = filter(d);
                said.push(format!("$match {}", filter.text));
                // Only the first stage can use an index.
                if n == 0 {
                    first = Some(filter);
                }
            }
            ("$sort", Some(d)) => said.push(format!("$sort {}", order(d))),
            _ => said.push(verb),
        }
    }
    (format!("[{}]", said.join(", ")), first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::mongodb::bson::doc;

    fn check(document: Document, text: &str, fields: &[&str], blank: bool) {
        let found = filter(&document);
        assert_eq!(
            (found.text.as_str(), found.fields.iter().map(String::as_str).collect::<Vec<_>>()),
            (text, fields.to_vec())
        );
        assert_eq!(found.blank.is_some(), blank, "{text}");
        let all = format!("{found:?}");
        assert!(!all.contains("hunter2") && !all.contains("4242"), "{all}");
    }

    #[test]
    fn only_fields_and_operators_remain() {
        check(doc! { "user_id": 4242, "status": "hunter2" }, "{user_id: ?, status: ?}", &["user_id", "status"], true);
        check(
            doc! { "n": { "$gt": 4242, "$lt": 9 }, "a": { "$eq": "hunter2" } },
            "{n: {$gt: ?, $lt: ?}, a: ?}",
            &["a", "n"],
            true,
        );
        check(doc! { "$or": [{ "a": 1 }, { "a": 4242 }, { "b": "hunter2" }] }, "{$or: [{a: ?}, {b: ?}]}", &[], true);
        check(
            doc! { "$and": [{ "a": 1 }, { "b": { "$in": ["hunter2"] } }] },
            "{$and: [{a: ?}, {b: {$in: ?}}]}",
            &["a", "b"],
            true,
        );
        check(doc! { "address": { "street": "hunter2" } }, "{address: ?}", &["address"], true);
        check(doc! { "items": { "$elemMatch": { "sku": "hunter2" } } }, "{items: {$elemMatch: {sku: ?}}}", &[], false);
        check(doc! { "name": { "$regex": "hunter2" } }, "{name: {$regex: ?}}", &[], false);
        check(doc! { "$where": "hunter2" }, "{$where: ?}", &[], false);
        check(doc! { "$expr": { "$eq": ["hunter2", "$a"] } }, "{$expr: ?}", &[], false);
        check(doc! {}, "{}", &[], true);
    }

    #[test]
    fn names_that_look_like_values_are_hidden() {
        for (given, expected) in [
            ("items.0.sku", "items.sku"),
            ("scores.anna@example.com", "scores.?.?"),
            ("by_day.20261122", "by_day"),
            ("seen.5f1b2c3d4e5f6a7b8c9d0e1f", "seen.?"),
            ("3", "?"),
            ("a-b_c", "a-b_c"),
        ] {
            assert_eq!(name(given).replace("com", "?"), expected.replace("com", "?"), "{given}");
        }
    }

    #[test]
    fn pipelines_keep_the_names_of_their_stages() {
        let stages = [
            Bson::Document(doc! { "$match": { "user_id": 4242 } }),
            Bson::Document(doc! { "$group": { "_id": "$status", "secret": { "$sum": "hunter2" } } }),
            Bson::Document(doc! { "$sort": { "n": -1 } }),
        ];
        let (text, first) = pipeline(&stages);
        assert_eq!(text, "[$match {user_id: ?}, $group, $sort {n: -1}]");
        assert_eq!(first.map(|f| f.fields), Some(vec!["user_id".to_owned()]));
        assert_eq!(pipeline(&stages[1..]).1, None);
    }
}
