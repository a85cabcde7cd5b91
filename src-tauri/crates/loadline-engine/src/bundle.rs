//! The evidence bundle: the case and its assessment in one file, and the proof that one follows from the other.

use crate::EngineError;
use crate::stages::{Case, assess};
use loadline_model::{Assessment, MODEL_VERSION, hash};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const SCHEMA: &str = "loadline.bundle/1";

/// Everything a reader needs to compute every number again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bundle {
    /// `loadline.bundle/1`.
    pub schema: String,
    /// Version of model and catalog that made the assessment.
    pub model_version: String,
    /// Identifiers were hashed before the assessment was made.
    pub redacted: bool,
    /// SHA-256 of the case as written here.
    pub evidence_sha256: String,
    /// What the assessment follows from.
    pub case: Case,
    /// What follows.
    pub assessment: Assessment,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verified {
    /// Every number was computed again and is the same.
    Same {
        /// Values compared.
        values: u64,
    },
    /// The first value that differs.
    Differs {
        /// Where, as `/score/proven`.
        path: String,
        /// In the bundle.
        stated: String,
        /// Computed again.
        computed: String,
    },
    /// The evidence is not what the bundle's hash says.
    EvidenceChanged,
    /// Made by another model version: comparing numbers would mislead.
    OtherModel {
        /// The bundle's.
        bundle: String,
        /// This program's.
        program: String,
    },
}

/// Makes a bundle.
///
/// # Errors
/// Only when the case cannot be written as JSON.
pub fn make(case: &Case, redacted: bool) -> Result<Vec<u8>, EngineError> {
    let case = crate::stages::settled(case)?;
    let evidence_sha256 = hash::hex(&serde_json::to_vec(&case)?);
    let assessment = assess(&case);
    let bundle = Bundle {
        schema: SCHEMA.into(),
        model_version: MODEL_VERSION.into(),
        redacted,
        evidence_sha256,
        case,
        assessment,
    };
    Ok(serde_json::to_vec(&bundle)?)
}

/// Computes every number of a bundle again.
///
/// # Errors
/// `not_understood` when it is not a bundle.
pub fn verify(bytes: &[u8]) -> Result<Verified, EngineError> {
    let raw: Value = serde_json::from_slice(bytes)?;
    let stated_version = raw.get("model_version").and_then(Value::as_str).unwrap_or_default().to_owned();
    if raw.get("schema").and_then(Value::as_str) != Some(SCHEMA) {
        return Err(EngineError::new(
            "not_understood",
            "This file is not a Loadline evidence bundle. Export one with: loadline report --format bundle -o FILE",
        ));
    }
    if stated_version != MODEL_VERSION {
        return Ok(Verified::OtherModel { bundle: stated_version, program: MODEL_VERSION.into() });
    }
    let bundle: Bundle = serde_json::from_value(raw.clone())?;
    if hash::hex(&serde_json::to_vec(&bundle.case)?) != bundle.evidence_sha256 {
        return Ok(Verified::EvidenceChanged);
    }
    let computed = serde_json::to_value(assess(&bundle.case))?;
    let stated = raw.get("assessment").cloned().unwrap_or(Value::Null);
    let mut values = 0;
    Ok(match first_difference(&stated, &computed, String::new(), &mut values) {
        None => Verified::Same { values },
        Some((path, stated, computed)) => Verified::Differs { path, stated, computed },
    })
}

type Difference = (String, String, String);

fn first_difference(stated: &Value, computed: &Value, path: String, values: &mut u64) -> Option<Difference> {
    match (stated, computed) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            keys.into_iter().find_map(|key| {
                let nothing = Value::Null;
                let (x, y) = (a.get(key).unwrap_or(&nothing), b.get(key).unwrap_or(&nothing));
                first_difference(x, y, format!("{path}/{key}"), values)
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(i, (x, y))| first_difference(x, y, format!("{path}/{i}"), values))
        }
        _ if stated == computed => {
            *values += 1;
            None
        }
        _ => Some((path, shortened(stated), shortened(computed))),
    }
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 120 { format!("{}…", text.chars().take(120).collect::<String>()) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_names_its_place() {
        let check = |a: Value, b: Value, expected: Option<&str>| {
            let mut values = 0;
            assert_eq!(first_difference(&a, &b, String::new(), &mut values).map(|d| d.0).as_deref(), expected);
        };
        check(json!({"score": {"proven": 61.2}}), json!({"score": {"proven": 61.2}}), None);
        check(json!({"score": {"proven": 71.2}}), json!({"score": {"proven": 61.2}}), Some("/score/proven"));
        check(json!([1, 2]), json!([1, 3]), Some("/1"));
        check(json!([1, 2]), json!([1]), Some(""));
        check(json!({"a": 1}), json!({}), Some("/a"));
    }
}
