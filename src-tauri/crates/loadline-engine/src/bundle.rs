//! The evidence bundle: the case and its assessment in one file, and the proof that one follows from the other.
//! The file is JSON compressed with Zstandard, because eight weeks of hourly distributions are fifty times shorter so.

use crate::EngineError;
use crate::export::Names;
use crate::stages::{Case, assess};
use loadline_model::{MODEL_VERSION, hash};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::Read as _;

const SCHEMA: &str = "loadline.bundle/1";
/// First bytes of a Zstandard frame (RFC 8878 §3.1.1).
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
const ZSTD_LEVEL: i32 = 9;
/// Most bytes a bundle may unpack to: a file from outside must not fill the memory.
const UNPACKED_LIMIT: u64 = 4 << 30;

/// Everything a reader needs to compute every number again.
#[derive(Serialize, Deserialize)]
struct Bundle<A> {
    schema: String,
    model_version: String,
    /// Identifiers were hashed before the assessment was made.
    redacted: bool,
    /// Persons had pseudonyms before the assessment was made.
    #[serde(default)]
    pseudonyms: bool,
    /// SHA-256 of the case as written here.
    evidence_sha256: String,
    case: Case,
    /// What follows: typed when written, as it stands when read.
    assessment: A,
}

/// What can be read of a bundle of any version.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    schema: String,
    #[serde(default)]
    model_version: String,
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

/// Makes a bundle of a case that holds these names already.
///
/// # Errors
/// Only when the case cannot be written as JSON.
pub fn make(case: &Case, names: Names) -> Result<Vec<u8>, EngineError> {
    let case = crate::stages::settled(case)?;
    let evidence_sha256 = hash::hex(&serde_json::to_vec(&case)?);
    let assessment = assess(&case);
    let bundle = Bundle {
        schema: SCHEMA.into(),
        model_version: MODEL_VERSION.into(),
        redacted: names == Names::None,
        pseudonyms: names != Names::All,
        evidence_sha256,
        case,
        assessment,
    };
    Ok(zstd::bulk::compress(&serde_json::to_vec(&bundle)?, ZSTD_LEVEL)?)
}

/// The JSON of a bundle, whether it was unpacked by hand or not.
fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, EngineError> {
    if !bytes.starts_with(&ZSTD_MAGIC) {
        return Ok(bytes.to_vec());
    }
    let damaged = |_| EngineError::new("not_understood", "This bundle is damaged: it does not unpack. Copy it again.");
    let mut json = Vec::new();
    let mut reader = zstd::Decoder::new(bytes).map_err(damaged)?.take(UNPACKED_LIMIT);
    reader.read_to_end(&mut json).map_err(damaged)?;
    Ok(json)
}

/// Computes every number of a bundle again.
///
/// # Errors
/// `not_understood` when it is not a bundle.
pub fn verify(bytes: &[u8]) -> Result<Verified, EngineError> {
    let json = unpacked(bytes)?;
    let head = serde_json::from_slice::<Head>(&json).ok().filter(|head| head.schema == SCHEMA).ok_or_else(|| {
        EngineError::new(
            "not_understood",
            "This file is not a Loadline evidence bundle. Export one with: loadline report --format bundle -o FILE",
        )
    })?;
    if head.model_version != MODEL_VERSION {
        return Ok(Verified::OtherModel { bundle: head.model_version, program: MODEL_VERSION.into() });
    }
    let bundle: Bundle<Value> = serde_json::from_slice(&json)?;
    if hash::hex(&serde_json::to_vec(&bundle.case)?) != bundle.evidence_sha256 {
        return Ok(Verified::EvidenceChanged);
    }
    let computed = serde_json::to_value(assess(&bundle.case))?;
    let mut values = 0;
    Ok(match first_difference(&bundle.assessment, &computed, String::new(), &mut values) {
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

    #[test]
    fn what_is_not_a_bundle_is_said_to_be_that() {
        let half = zstd::bulk::compress(&[b'x'; 4096], 1).expect("packs");
        for bytes in [&b""[..], b"[]", b"{}", b"%PDF-1.7", &half, &half[..10], br#"{"schema":"loadline.assessment/1"}"#]
        {
            assert_eq!(verify(bytes).expect_err("refused").code, "not_understood");
        }
        let other = verify(br#"{"schema":"loadline.bundle/1","model_version":"1999.01-1"}"#).expect("read");
        assert_eq!(other, Verified::OtherModel { bundle: "1999.01-1".into(), program: MODEL_VERSION.into() });
    }
}
