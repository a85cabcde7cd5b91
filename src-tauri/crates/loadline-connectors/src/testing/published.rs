//! A host's published description as data: what may be asked below each path, and the form of the answers. Questions that it does
//! not allow are named, and answers are made of its examples, over which a test lays what it needs, as far as the description has
//! it.

use loadline_model::Timestamp;
use serde_json::{Value, json};
use url::form_urlencoded;

/// A file of `queries` by path, of `answers` by path, and of the `forms` that answers have. A kind is a word (a type, the name of a
/// form, or a list of it) or an object of a type with its example, or of the words that are allowed.
pub(crate) struct Published(Value);

impl Published {
    pub(crate) fn of(file: &str) -> Self {
        Self(serde_json::from_str(file).expect("a description"))
    }

    /// The path as the description writes it.
    pub(crate) fn path(&self, asked: &str) -> Option<&str> {
        let same = |path: &str| {
            path.split('/').count() == asked.split('/').count()
                && path.split('/').zip(asked.split('/')).all(|(word, part)| word.starts_with('{') || word == part)
        };
        self.0["queries"].as_object()?.keys().map(String::as_str).find(|path| same(path))
    }

    /// Why the description does not allow a question: no such path, no such parameter, or a value that is none of its own.
    pub(crate) fn objection(&self, target: &str) -> Option<String> {
        let (asked, query) = target.split_once('?').unwrap_or((target, ""));
        let Some(path) = self.path(asked) else { return Some(format!("the description has no path {asked}")) };
        let known = &self.0["queries"][path];
        form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| match known.get(&*name) {
            None => Some(format!("{path} has no parameter {name}")),
            Some(kind) if !takes(kind, &value) => Some(format!("{path}: {name} takes {kind}, and not {value}")),
            Some(_) => None,
        })
    }

    /// The answer of a path, with these values over those of the examples.
    ///
    /// # Panics
    /// When the description has no such answer or field, or another type for it.
    pub(crate) fn answer(&self, path: &str, values: &Value) -> Value {
        let kind = &self.0["answers"][path];
        assert!(kind.is_string(), "the description has no form of the answer of {path}");
        self.laid(kind, values, path)
    }

    fn laid(&self, kind: &Value, value: &Value, at: &str) -> Value {
        let (word, _) = typed(kind);
        if value.is_null() {
            return Value::Null;
        }
        if let Some(form) = list_of(word) {
            let rows = value.as_array().unwrap_or_else(|| panic!("{at} is a list, and not {value}"));
            return rows.iter().map(|row| self.laid(&json!(form), row, at)).collect();
        }
        if !is_form(word) {
            assert!(is_of(kind, value), "{at} is {kind}, and not {value}");
            return value.clone();
        }
        let mut made = self.form(word);
        for (field, value) in value.as_object().unwrap_or_else(|| panic!("{at} is {word}, and not {value}")) {
            let kind = self.0["forms"][word].get(field).unwrap_or_else(|| panic!("{word} has no field {field}"));
            made[field] = self.laid(kind, value, &format!("{at} {field}"));
        }
        made
    }

    /// A form filled with its examples.
    fn form(&self, name: &str) -> Value {
        let fields = self.0["forms"][name].as_object().unwrap_or_else(|| panic!("there is no form {name}"));
        fields.iter().map(|(field, kind)| (field.clone(), self.made(kind))).collect()
    }

    fn made(&self, kind: &Value) -> Value {
        let (word, example) = typed(kind);
        if let Some(form) = list_of(word) {
            return json!([self.form(form)]);
        }
        match (example, word) {
            (Some(example), _) => example.clone(),
            (None, form) if is_form(form) => self.form(form),
            (None, "integer") => json!(1),
            (None, "number") => json!(1.5),
            (None, "boolean") => json!(false),
            (None, "array") => json!([]),
            (None, "object") => json!({}),
            (None, "date" | "date-time") => json!("2026-01-01T00:00:00Z"),
            (None, _) => json!("text"),
        }
    }
}

/// A kind's word, and its example.
fn typed(kind: &Value) -> (&str, Option<&Value>) {
    let named = kind.as_object().and_then(|k| k.iter().find(|(word, _)| *word != "enum"));
    match (kind.as_str(), named) {
        (Some(word), _) => (word, None),
        (None, Some((word, example))) => (word, Some(example)),
        (None, None) => ("string", kind.pointer("/enum/0")),
    }
}

fn list_of(word: &str) -> Option<&str> {
    word.strip_suffix("[]").or_else(|| word.strip_prefix('[')?.strip_suffix(']'))
}

fn is_form(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
}

/// A parameter's kind takes this text.
fn takes(kind: &Value, text: &str) -> bool {
    match (kind.as_array(), kind.as_str()) {
        (Some(words), _) => words.iter().any(|word| word == text),
        (None, Some("integer")) => text.parse::<u64>().is_ok(),
        (None, Some("boolean")) => matches!(text, "true" | "false"),
        (None, Some("date")) => text.len() == 10 && Timestamp::parse(&format!("{text}T00:00:00Z")).is_some(),
        (None, Some("date-time")) => Timestamp::parse(text).is_some(),
        _ => true,
    }
}

/// A field's kind holds this value.
fn is_of(kind: &Value, value: &Value) -> bool {
    let allowed = kind.get("enum").and_then(Value::as_array);
    let plain = match typed(kind).0 {
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "date-time" => value.as_str().is_some_and(|text| Timestamp::parse(text).is_some()),
        _ => value.is_string(),
    };
    plain && allowed.is_none_or(|words| words.contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published() -> Published {
        let file = json!({
            "queries": {"/things/{id}": {"page": "integer", "sort": ["asc", "desc"], "since": "date-time", "draft": "boolean"}},
            "answers": {"/things/{id}": "[Thing]", "/other": null},
            "forms": {"Thing": {"id": {"integer": 7}, "name": "string", "parts": "Part[]", "kind": {"enum": ["A", "B"]}},
                "Part": {"whole": "boolean"}}
        });
        Published::of(&file.to_string())
    }

    #[test]
    fn what_is_not_described_may_not_be_asked() {
        let check = |target: &str, expected: Option<&str>| {
            let found = published().objection(target);
            assert_eq!(found.is_some(), expected.is_some(), "{target}: {found:?}");
            assert!(expected.is_none_or(|word| found.as_ref().is_some_and(|f| f.contains(word))), "{found:?}");
        };
        check("/things/a%2Fb?page=2&sort=asc&since=2026-11-01T10%3A00%3A00Z&draft=true", None);
        check("/things/3", None);
        check("/things/3/parts", Some("no path"));
        check("/things/3?per_page=1", Some("per_page"));
        check("/things/3?sort=newest", Some("newest"));
        check("/things/3?page=two", Some("page"));
        check("/things/3?since=yesterday", Some("since"));
        check("/things/3?draft=yes", Some("draft"));
    }

    #[test]
    fn answers_are_made_of_examples_and_of_what_is_laid_over_them() {
        let made =
            published().answer("/things/{id}", &json!([{"name": "door"}, {"parts": [{"whole": true}], "kind": null}]));
        let part = |whole: bool| json!([{"whole": whole}]);
        let expected = json!([{"id": 7, "name": "door", "parts": part(false), "kind": "A"},
            {"id": 7, "name": "text", "parts": part(true), "kind": null}]);
        assert_eq!(made, expected);
    }

    #[test]
    fn what_is_not_described_cannot_be_laid_over() {
        let check = |path: &'static str, values: Value| {
            let tried = std::panic::catch_unwind(|| published().answer(path, &values));
            assert!(tried.is_err(), "{path} {values}");
        };
        check("/things/{id}", json!([{"title": "door"}]));
        check("/things/{id}", json!([{"id": "7"}]));
        check("/things/{id}", json!([{"kind": "C"}]));
        check("/things/{id}", json!([{"parts": [{"half": true}]}]));
        check("/things/{id}", json!({"id": 7}));
        check("/other", json!({}));
    }
}
