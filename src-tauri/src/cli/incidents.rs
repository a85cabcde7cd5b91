//! `loadline incidents [record|forget]`.

use super::{Asked, Ended, print, wrong_usage};
use clap::{Args, Subcommand};
use loadline_engine::incidents::{Told, forget, record};
use loadline_engine::performance;
use loadline_model::Timestamp;
use serde_json::json;

#[derive(Args)]
pub(super) struct Incidents {
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Subcommand)]
enum Change {
    /// Record an incident that no account tells of; the same service, title and start again is the same incident, as when it is over
    Record {
        /// What failed: a service, by id or name  [default: nobody says]
        #[arg(long)]
        service: Option<String>,
        /// One sentence
        #[arg(long)]
        title: String,
        /// Began
        #[arg(long, value_name = "TIME")]
        started_at: String,
        /// Over  [default: not yet]
        #[arg(long, value_name = "TIME")]
        resolved_at: Option<String>,
        /// Deployment or revision that caused it
        #[arg(long, value_name = "ID")]
        caused_by: Option<String>,
    },
    /// Forget an incident that was recorded here
    Forget {
        /// Its id, as the list shows it
        id: String,
    },
}

pub(super) async fn run(words: Incidents, asked: &Asked) -> Ended {
    match words.change {
        None => list(asked).await,
        Some(Change::Forget { id }) => {
            forget(&asked.open().await?, &id).await?;
            print::line(format!("Incident {id} is forgotten."));
            Ok(0)
        }
        Some(Change::Record { service, title, started_at, resolved_at, caused_by }) => {
            let time = |name: &str, text: &str| {
                Timestamp::parse(text).ok_or_else(|| {
                    wrong_usage(format!("--{name} `{text}` is not a time such as 2026-11-16T07:00:00Z."))
                })
            };
            let resolved_at = resolved_at.as_deref().map(|t| time("resolved-at", t)).transpose()?;
            let started_at = time("started-at", &started_at)?;
            let told = Told { service, title, started_at, resolved_at, caused_by };
            let kept = record(&asked.open().await?, &told).await?;
            if asked.json {
                let unmatched = kept.unmatched.as_ref().map(ToString::to_string);
                print::json("incident", json!({ "id": kept.id, "changed": kept.changed, "unmatched": unmatched }))?;
                return Ok(0);
            }
            let what = if kept.changed { "is now as told" } else { "is recorded" };
            print::line(format!("Incident {} {what}.", kept.id));
            if let Some(id) = kept.unmatched {
                print::line(format!("No account knows `{id}`: state what it is with loadline link {id} ID."));
            }
            Ok(0)
        }
    }
}

async fn list(asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    workspace.find(&asked.as_of).await?.ok_or_else(super::no_snapshot)?;
    let found = performance::promises(&workspace, &asked.as_of).await?;
    if asked.json {
        print::json("incidents", json!({ "as_of": found.as_of.to_string(), "incidents": found.incidents }))?;
        return Ok(0);
    }
    if found.incidents.is_empty() {
        print::line(
            "No incident is known. Connect PagerDuty, Opsgenie or JSM, name a label of incidents at GitHub or GitLab, import a file \
             (loadline import), or record one: loadline incidents record --service … --title … --started-at …",
        );
        return Ok(0);
    }
    let rows = found.incidents.iter().rev().map(|row| {
        let took = row.until.map_or_else(
            || "not known to be over".to_owned(),
            |end| format!("{:.0} min", (end.0 - row.from.0).max(0) as f64 / 60_000.0),
        );
        vec![print::moment(row.from), took, row.subject.name.clone(), row.title.clone(), row.id.clone()]
    });
    print::table(&["began", "took", "what", "title", "id"], &rows.collect::<Vec<_>>());
    Ok(0)
}
