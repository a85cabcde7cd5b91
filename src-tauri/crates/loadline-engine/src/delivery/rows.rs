//! Deployments of a file: CSV as spreadsheets write it, or JSON.

use super::Record;
use crate::EngineError;
use loadline_model::{ActorKind, DeploymentStatus, Timestamp};
use std::collections::BTreeMap;

/// Reads deployments from CSV (`service,environment,sha,started_at,finished_at,status,actor_kind[,actor]`) or a JSON array of
/// objects with the same names.
///
/// # Errors
/// `not_understood` with the line and what is wrong in it.
pub fn parse(text: &str) -> Result<Vec<Record>, EngineError> {
    let text = text.trim_start_matches('\u{feff}');
    let rows: Vec<BTreeMap<String, String>> =
        if text.trim_start().starts_with('[') { json_rows(text)? } else { csv_rows(text)? };
    rows.iter().enumerate().map(|(i, row)| record_of(row).map_err(|why| bad_row(i + 1, &why))).collect()
}

fn bad_row(row: usize, why: &str) -> EngineError {
    EngineError::new(
        "not_understood",
        format!("Deployment {row} cannot be read: {why}. Nothing was imported; correct it and import again."),
    )
}

fn json_rows(text: &str) -> Result<Vec<BTreeMap<String, String>>, EngineError> {
    let rows: Vec<BTreeMap<String, Option<String>>> = serde_json::from_str(text)?;
    Ok(rows.into_iter().map(|row| row.into_iter().filter_map(|(k, v)| Some((k, v?))).collect()).collect())
}

fn csv_rows(text: &str) -> Result<Vec<BTreeMap<String, String>>, EngineError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| bad_row(0, &error.to_string()))?.clone();
    let rows = reader.into_records().enumerate().map(|(i, row)| {
        let row = row.map_err(|error| bad_row(i + 1, &error.to_string()))?;
        if row.len() > header.len() {
            let why = format!("it has {} fields and the first line names {}", row.len(), header.len());
            return Err(bad_row(i + 1, &why));
        }
        Ok(header.iter().zip(row.iter()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    });
    rows.collect()
}

fn record_of(row: &BTreeMap<String, String>) -> Result<Record, String> {
    let get = |key: &str| row.get(key).map(String::as_str).filter(|v| !v.is_empty());
    let need = |key: &str| get(key).map(str::to_owned).ok_or_else(|| format!("`{key}` is missing"));
    let time = |key: &str, text: &str| {
        Timestamp::parse(text).ok_or_else(|| format!("`{key}` is not a time such as 2026-11-16T07:00:00Z"))
    };
    Ok(Record {
        service: need("service")?,
        environment: need("environment")?,
        revision: get("sha").or(get("revision")).map(str::to_owned).ok_or("`sha` is missing")?,
        started_at: Some(time("started_at", &need("started_at")?)?),
        finished_at: get("finished_at").map(|t| time("finished_at", t)).transpose()?,
        status: status(&need("status")?)?,
        actor_kind: actor_kind(&need("actor_kind")?)?,
        actor: get("actor").map(str::to_owned),
    })
}

/// Reads a status word.
///
/// # Errors
/// What the word should have been.
pub fn status(word: &str) -> Result<DeploymentStatus, String> {
    match word {
        "succeeded" => Ok(DeploymentStatus::Succeeded),
        "failed" => Ok(DeploymentStatus::Failed),
        "rolled_back" => Ok(DeploymentStatus::RolledBack),
        "in_progress" => Ok(DeploymentStatus::InProgress),
        other => Err(format!("status `{other}` is none of succeeded, failed, rolled_back")),
    }
}

/// Reads an actor kind.
///
/// # Errors
/// What the word should have been.
pub fn actor_kind(word: &str) -> Result<ActorKind, String> {
    match word {
        "person" => Ok(ActorKind::Person),
        "pipeline" => Ok(ActorKind::Pipeline),
        "unknown" => Ok(ActorKind::Unknown),
        other => Err(format!("actor_kind `{other}` is none of person, pipeline, unknown")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_and_json_say_the_same() {
        let csv = "service,environment,sha,started_at,finished_at,status,actor_kind\n\
                   api,production,abc,2026-11-01T10:00:00Z,2026-11-01T10:05:00Z,succeeded,pipeline\n";
        let json = r#"[{"service":"api","environment":"production","sha":"abc","started_at":"2026-11-01T10:00:00Z",
                        "finished_at":"2026-11-01T10:05:00Z","status":"succeeded","actor_kind":"pipeline"}]"#;
        assert_eq!(parse(csv).expect("csv"), parse(json).expect("json"));
    }

    #[test]
    fn fields_may_be_quoted_as_spreadsheets_write_them() {
        let text = "\u{feff}\"service\",environment,sha,started_at,finished_at,status,actor_kind,actor\r\n\
                    \"api\",production,abc,2026-11-01T10:00:00Z,\"\",succeeded,person,\"Lima, Ana \"\"A\"\"\"\r\n\r\n\
                    api,production,def,2026-11-02T10:00:00Z,,failed,pipeline\r\n";
        let rows = parse(text).expect("read");
        let said: Vec<_> = rows.iter().map(|r| (r.service.as_str(), r.revision.as_str(), r.actor.as_deref())).collect();
        assert_eq!(said, [("api", "abc", Some("Lima, Ana \"A\"")), ("api", "def", None)]);
    }

    #[test]
    fn a_bad_row_names_itself() {
        let check = |row: &str, expected: &str| {
            let text = format!("service,environment,sha,started_at,finished_at,status,actor_kind\n{row}");
            let error = parse(&text).expect_err("bad");
            assert!(error.message.contains(expected), "{error}");
        };
        check("api,production,abc,yesterday,,succeeded,person", "started_at");
        check("api,production,abc,2026-11-01,,shipped,person", "shipped");
        check("api,production,abc,2026-11-01,,failed,person,Lima, Ana", "it has 9 fields and the first line names 7");
        check(",production,abc,2026-11-01,,succeeded,person", "`service` is missing");
    }
}
