//! `loadline deployments [record|import|forget|effect]`.

mod text;

use super::show::compare_text;
use super::{Asked, Ended, no_snapshot, print, wrong_usage};
use clap::{Args, Subcommand};
use loadline_engine::EngineError;
use loadline_engine::delivery::{Kept, Record, actor_kind, forget, import, parse, record, status};
use loadline_model::{Comparison, Timestamp};
use serde_json::json;

#[derive(Args)]
pub(super) struct Deployments {
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Subcommand)]
enum Change {
    /// Record one deployment, for scripts; recording it twice changes nothing, recording another outcome corrects it
    Record(Told),
    /// Import CSV (service,environment,sha,started_at,finished_at,status,actor_kind[,actor]) or JSON
    Import {
        /// The file
        file: std::path::PathBuf,
    },
    /// Take back a recorded deployment
    Forget {
        /// Its id, as `loadline deployments` lists it
        id: String,
    },
    /// Latency before and after one deployment, whichever it is
    Effect {
        /// Its id, as `loadline deployments` lists it
        id: String,
    },
}

#[derive(Args)]
struct Told {
    /// Service, by id or name
    #[arg(long)]
    service: String,
    /// Environment
    #[arg(long)]
    environment: String,
    /// Revision
    #[arg(long)]
    revision: String,
    /// Start; left out, an outcome ends the one that is in progress, and `in_progress` begins now
    #[arg(long, value_name = "TIME")]
    started_at: Option<String>,
    /// End
    #[arg(long, value_name = "TIME")]
    finished_at: Option<String>,
    /// succeeded, failed, rolled_back or in_progress
    #[arg(long)]
    status: String,
    /// person, pipeline or unknown
    #[arg(long)]
    actor_kind: String,
    /// Name of the actor
    #[arg(long)]
    actor: Option<String>,
}

pub(super) async fn run(words: Deployments, asked: &Asked) -> Ended {
    match words.change {
        None => return list(asked).await,
        Some(Change::Effect { id }) => return effect(&id, asked).await,
        Some(Change::Forget { id }) => {
            forget(&asked.open().await?, &id).await?;
            print::line(format!("The deployment `{id}` is forgotten."));
        }
        Some(Change::Import { file }) => {
            let records = parse(&std::fs::read_to_string(&file)?)?;
            let kept = import(&asked.open().await?, &records).await?;
            print::line(became(kept, records.len()));
        }
        Some(Change::Record(told)) => {
            let kept = record(&asked.open().await?, &[told.record()?]).await?;
            print::line(became(kept, 1));
        }
    }
    Ok(0)
}

impl Told {
    fn record(self) -> Result<Record, EngineError> {
        let time = |name: &str, text: Option<&str>| {
            let wrong = |text| wrong_usage(format!("--{name} `{text}` is not a time such as 2026-11-16T07:00:00Z."));
            text.map(|text| Timestamp::parse(text).ok_or_else(|| wrong(text))).transpose()
        };
        Ok(Record {
            started_at: time("started-at", self.started_at.as_deref())?,
            finished_at: time("finished-at", self.finished_at.as_deref())?,
            status: status(&self.status).map_err(wrong_usage)?,
            actor_kind: actor_kind(&self.actor_kind).map_err(wrong_usage)?,
            service: self.service,
            environment: self.environment,
            revision: self.revision,
            actor: self.actor,
        })
    }
}

/// What became of what was given.
fn became(kept: Kept, given: usize) -> String {
    let mut said = format!("{} of {given} deployments were new", kept.added);
    if kept.changed > 0 {
        said += &format!(", {} changed", kept.changed);
    }
    if kept.beside > 0 {
        said += &format!(
            "; {} are known otherwise from the other source (record, import): the worse outcome counts",
            kept.beside
        );
    }
    said + "."
}

async fn effect(id: &str, asked: &Asked) -> Ended {
    let case = asked.open().await?.case(&asked.as_of).await?.ok_or_else(no_snapshot)?;
    let id = id.to_owned();
    let compared = tokio::task::spawn_blocking(move || loadline_engine::compare::effect(&case, &id)).await;
    let found = compared.map_err(|e| EngineError::new("assessment_failed", format!("Comparing stopped: {e}.")))??;
    if asked.json {
        print::json("comparisons", json!({ "comparisons": found }))?;
    } else {
        compare_text(&found.iter().collect::<Vec<&Comparison>>());
    }
    Ok(0)
}

async fn list(asked: &Asked) -> Ended {
    let a = asked.assessment().await?;
    if asked.json {
        print::json("deployments", json!({ "deployments": a.deployments, "delivery": a.trends.delivery }))?;
    } else {
        text::print(&a);
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_the_records_is_said() {
        let said = |added, changed, beside, given| became(Kept { added, changed, beside }, given);
        assert_eq!(said(1, 0, 0, 2), "1 of 2 deployments were new.");
        assert_eq!(said(0, 1, 0, 1), "0 of 1 deployments were new, 1 changed.");
        assert!(said(0, 0, 1, 1).ends_with("the worse outcome counts."));
    }
}
