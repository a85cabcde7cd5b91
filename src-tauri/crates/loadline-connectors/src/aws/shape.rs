//! Lenient reading of answers: AWS writes the same field as text, number, list or wrapped list, depending on dialect.
//! What cannot be read is absent, never zero; services put these on the fields of their typed answers:
//!
//! ```ignore
//! #[derive(Deserialize)]
//! #[serde(rename_all = "PascalCase", default)]
//! struct Instance {
//!     #[serde(deserialize_with = "opt_string")] id: Option<String>,
//!     #[serde(deserialize_with = "list")] groups: Vec<Group>,
//! }
//! ```

use loadline_model::Timestamp;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

fn raw<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Ok(Option::<Value>::deserialize(from)?.filter(|v| !v.is_null()))
}

/// Text, number or truth as text; empty text is absent.
pub(super) fn opt_string<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(raw(from)?.as_ref().and_then(text))
}

/// `true`, `"true"`, `"True"`, `"yes"`, `"enabled"` and their opposites.
pub(super) fn opt_bool<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    let said = raw(from)?.as_ref().and_then(text).map(|t| t.to_ascii_lowercase());
    Ok(match said.as_deref() {
        Some("true" | "yes" | "enabled" | "1") => Some(true),
        Some("false" | "no" | "disabled" | "0") => Some(false),
        _ => None,
    })
}

/// A whole number that is not negative.
pub(super) fn opt_u64<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let said = raw(from)?.as_ref().and_then(number);
    Ok(said.filter(|n| *n >= 0.0 && n.fract() == 0.0 && *n < 9e15).map(|n| n as u64))
}

/// A finite number.
pub(super) fn opt_f64<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Ok(raw(from)?.as_ref().and_then(number))
}

/// ISO 8601 text, or seconds since 1970 as number or text.
pub(super) fn opt_time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(raw(from)?.as_ref().and_then(time))
}

/// A list: nothing, one thing, a JSON list, or a list wrapped in an element (`{"member": …}`, `{"DBInstance": …}`).
/// An item must not be an object of a single field that was not wrapped; that is [`flat_list`].
pub(super) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    items(raw(from)?.map(unwrapped)).map_err(Error::custom)
}

/// A list that is never wrapped: nothing, one thing, or many (repeated elements of one name).
pub(super) fn flat_list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    items(raw(from)?).map_err(Error::custom)
}

fn unwrapped(value: Value) -> Value {
    match value {
        Value::Object(fields) if fields.len() == 1 => fields.into_iter().next().map(|(_, v)| v).unwrap_or_default(),
        other => other,
    }
}

fn items<T: DeserializeOwned>(value: Option<Value>) -> serde_json::Result<Vec<T>> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) if text.is_empty() => Ok(Vec::new()),
        Some(Value::Array(many)) => many.into_iter().map(serde_json::from_value).collect(),
        Some(one) => Ok(vec![serde_json::from_value(one)?]),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    let n = match value {
        Value::Number(n) => n.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    n.filter(|n: &f64| n.is_finite())
}

/// A time as AWS writes it, see [`opt_time`].
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = number(value) {
        return (seconds.abs() < 9e12).then(|| Timestamp((seconds * 1000.0).round() as i64));
    }
    let text = value.as_str()?.trim();
    let at: Option<jiff::Timestamp> = text.parse().ok();
    // Some services leave the zone out; they mean UTC.
    at.or_else(|| format!("{text}Z").parse().ok()).map(|at| Timestamp(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Answer {
        #[serde(deserialize_with = "opt_string")]
        s: Option<String>,
        #[serde(deserialize_with = "opt_bool")]
        b: Option<bool>,
        #[serde(deserialize_with = "opt_u64")]
        u: Option<u64>,
        #[serde(deserialize_with = "opt_f64")]
        f: Option<f64>,
        #[serde(deserialize_with = "opt_time")]
        t: Option<Timestamp>,
        #[serde(deserialize_with = "list")]
        l: Vec<String>,
        #[serde(deserialize_with = "flat_list")]
        p: Vec<Value>,
    }

    fn read(value: Value) -> Answer {
        serde_json::from_value(value).expect("a lenient answer")
    }

    #[test]
    fn scalars_are_read_from_any_dialect() {
        let text = read(json!({"s": " a ", "b": "True", "u": "3", "f": "1.5", "t": "2026-11-22T05:00:00Z"}));
        let plain = read(json!({"s": "a", "b": true, "u": 3, "f": 1.5, "t": 1795323600}));
        assert_eq!(text, plain);
        assert_eq!(plain.t, Some(Timestamp(1_795_323_600_000)));
        assert_eq!(read(json!({"t": "2026-11-22T05:00:00"})).t, plain.t);
        assert_eq!(read(json!({"s": "", "b": "maybe", "u": -1, "f": "NaN", "t": "soon"})), Answer::default());
        assert_eq!(read(json!({"s": null, "b": null, "u": 1.5, "l": null})), Answer::default());
    }

    #[test]
    fn lists_are_read_from_any_wrapping() {
        for wrapped in [json!(["a"]), json!("a"), json!({"member": "a"}), json!({"item": ["a"]}), json!({"Zone": "a"})]
        {
            assert_eq!(read(json!({"l": wrapped})).l, ["a"]);
        }
        assert!(read(json!({"l": ""})).l.is_empty());
        assert_eq!(read(json!({"p": {"only": 1}})).p, [json!({"only": 1})]);
        assert!(serde_json::from_value::<Answer>(json!({"l": [{"a": 1}]})).is_err(), "a wrong type is not dropped");
    }
}
