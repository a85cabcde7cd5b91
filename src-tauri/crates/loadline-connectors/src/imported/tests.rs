//! Files as their formats' own documents show them, and files that nobody should trust.

mod coverage;
mod hostile;
mod oncall;
mod sarif;

use super::{About, Format, Imported, Of, read};
use loadline_model::{Body, Incident, Timestamp, Value};

pub(super) fn about() -> About {
    let now = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
    About { repository: "repository:shop".into(), root: None, now }
}

fn given(format: Format, text: &str) -> Imported {
    read(format, text.as_bytes(), &about()).unwrap_or_else(|e| panic!("{e}"))
}

/// Code and sentence of a refusal.
fn refused(format: Format, bytes: &[u8]) -> (String, String) {
    let error = read(format, bytes, &about()).expect_err("refused");
    (error.code().to_owned(), error.to_string())
}

/// Settings as `key item = value`, of the repository or of a thing.
fn settings(imported: &Imported) -> Vec<String> {
    let said = |(of, _, body): &(Of, _, Body)| match body {
        Body::Setting(s) => {
            let about = if let Of::Thing(id) = of { format!("{id}: ") } else { String::new() };
            let item = s.item.as_ref().map(|i| format!(" {i}")).unwrap_or_default();
            Some(format!("{about}{}{item} = {}", s.key, s.value))
        }
        _ => None,
    };
    imported.facts.iter().filter_map(said).collect()
}

fn number(imported: &Imported, key: &str, item: Option<&str>) -> Option<f64> {
    imported.facts.iter().find_map(|(_, _, body)| match body {
        Body::Setting(s) if s.key == key && s.item.as_deref() == item => {
            if let Value::Number(n) = s.value {
                Some(n)
            } else {
                None
            }
        }
        _ => None,
    })
}

fn incidents(imported: &Imported) -> Vec<(Option<String>, Incident)> {
    let one = |(of, _, body): &(Of, _, Body)| match (of, body) {
        (Of::Service(name), Body::Incident(i)) => Some((name.clone(), i.clone())),
        _ => None,
    };
    imported.facts.iter().filter_map(one).collect()
}
