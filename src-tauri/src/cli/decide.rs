//! What a person decides: accept, link, unlink, tier, environment, operated, depends, journeys, and the log.

use super::connect::environment as environment_word;
use super::{Asked, Ended, print, wrong_usage};
use clap::{Args, Subcommand};
use loadline_engine::review::said;
use loadline_engine::{EngineError, settings, undo};
use loadline_model::{Choice, Fingerprint, SubjectId, Timestamp};
use serde_json::json;

#[derive(Args)]
pub(super) struct Accept {
    /// The finding (see `loadline findings`)
    finding: String,
    /// Who carries the risk
    #[arg(long)]
    owner: String,
    /// Why
    #[arg(long)]
    reason: String,
    /// Until when
    #[arg(long, value_name = "DATE")]
    until: String,
}

#[derive(Args)]
pub(super) struct Link {
    /// The other name
    alias: String,
    /// The name to use everywhere
    canonical: String,
}

#[derive(Args)]
pub(super) struct Unlink {
    /// The other name
    alias: String,
}

#[derive(Args)]
pub(super) struct Tier {
    /// t0, t1, t2, or `read`
    tier: String,
    /// Ids of things
    #[arg(required = true)]
    subjects: Vec<String>,
}

#[derive(Args)]
pub(super) struct Environment {
    /// production, staging, development, or `read`
    environment: String,
    /// Ids of things
    #[arg(required = true)]
    subjects: Vec<String>,
}

#[derive(Args)]
pub(super) struct Operated {
    /// provider, self, or `read`
    by: String,
    /// Ids of things
    #[arg(required = true)]
    subjects: Vec<String>,
}

#[derive(Args)]
pub(super) struct Depends {
    /// What needs
    from: String,
    /// What is needed
    to: String,
    /// It survives without, degraded
    #[arg(long)]
    soft: bool,
    /// Take the statement back
    #[arg(long)]
    remove: bool,
}

#[derive(Args)]
pub(super) struct Journeys {
    #[command(subcommand)]
    change: Option<JourneyChange>,
}

#[derive(Subcommand)]
enum JourneyChange {
    /// Set a journey
    Set {
        /// Its name
        name: String,
        /// Weight by traffic or revenue
        #[arg(long)]
        weight: f64,
        /// Ids of what it needs
        #[arg(long, required = true, num_args = 1..)]
        needs: Vec<String>,
        /// What is hard on its path is not T0
        #[arg(long)]
        not_critical: bool,
    },
    /// Remove a journey
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Args)]
pub(super) struct Decisions {
    /// Undo this decision
    #[arg(long, value_name = "NUMBER")]
    undo: Option<i64>,
}

/// Logs a choice under the workspace's author and says what it did.
pub(super) async fn decide(asked: &Asked, choice: &Choice) -> Ended {
    let workspace = asked.open().await?;
    let author = settings::load(&workspace).await?.author;
    let number = workspace.decide(&author, choice).await?;
    if asked.json {
        print::json("decision", json!({ "number": number, "author": author, "choice": choice }))?;
    } else {
        print::line(format!("Decision {number}: {}. Undo it: loadline decisions --undo {number}", said(choice)));
    }
    Ok(0)
}

pub(super) async fn accept(words: Accept, asked: &Asked) -> Ended {
    let until = Timestamp::parse(&words.until)
        .ok_or_else(|| wrong_usage(format!("--until `{}` is not a date such as 2027-02-01.", words.until)))?;
    let a = asked.assessment().await?;
    let matches: Vec<_> = a.findings.iter().filter(|f| f.fingerprint.as_str().starts_with(&words.finding)).collect();
    let [finding] = matches.as_slice() else {
        let message = format!(
            "`{}` names {} findings. Give the id that `loadline findings` prints.",
            words.finding,
            matches.len()
        );
        return Err(EngineError::new("unknown_finding", message));
    };
    let fingerprint: Fingerprint = finding.fingerprint.clone();
    decide(asked, &Choice::Accept { fingerprint, owner: words.owner, reason: words.reason, until }).await
}

pub(super) async fn link(words: Link, asked: &Asked) -> Ended {
    decide(asked, &Choice::Link { alias: words.alias.into(), canonical: words.canonical.into() }).await
}

pub(super) async fn unlink(words: Unlink, asked: &Asked) -> Ended {
    decide(asked, &Choice::Unlink { alias: words.alias.into() }).await
}

async fn each(subjects: Vec<String>, asked: &Asked, choice: impl Fn(SubjectId) -> Choice) -> Ended {
    for subject in subjects {
        decide(asked, &choice(SubjectId::new(subject))).await?;
    }
    Ok(0)
}

pub(super) async fn tier(words: Tier, asked: &Asked) -> Ended {
    let tier = match words.tier.as_str() {
        "t0" => Some(loadline_model::Tier::T0),
        "t1" => Some(loadline_model::Tier::T1),
        "t2" => Some(loadline_model::Tier::T2),
        "read" => None,
        other => return Err(wrong_usage(format!("`{other}` is not a tier. Use t0, t1, t2 or read."))),
    };
    each(words.subjects, asked, |subject| Choice::SetTier { subject, tier }).await
}

pub(super) async fn environment(words: Environment, asked: &Asked) -> Ended {
    let environment = if words.environment == "read" { None } else { Some(environment_word(&words.environment)?) };
    each(words.subjects, asked, |subject| Choice::SetEnvironment { subject, environment }).await
}

pub(super) async fn operated(words: Operated, asked: &Asked) -> Ended {
    let managed = match words.by.as_str() {
        "provider" => Some(true),
        "self" => Some(false),
        "read" => None,
        other => return Err(wrong_usage(format!("`{other}` is none of provider, self or read."))),
    };
    each(words.subjects, asked, |subject| Choice::SetManaged { subject, managed }).await
}

pub(super) async fn depends(words: Depends, asked: &Asked) -> Ended {
    let choice =
        Choice::StateEdge { from: words.from.into(), to: words.to.into(), hard: !words.soft, stated: !words.remove };
    decide(asked, &choice).await
}

pub(super) async fn journeys(words: Journeys, asked: &Asked) -> Ended {
    match words.change {
        None => {
            let a = asked.assessment().await?;
            let journeys = &a.topology.graph.journeys;
            if asked.json {
                print::json("journeys", json!({ "journeys": journeys }))?;
            } else {
                let rows: Vec<Vec<String>> = journeys
                    .iter()
                    .map(|j| {
                        let needs: Vec<String> = j.needs.iter().map(ToString::to_string).collect();
                        vec![
                            j.name.clone(),
                            print::percent(j.weight),
                            if j.implicit { "not declared".into() } else { needs.join(", ") },
                        ]
                    })
                    .collect();
                print::table(&["journey", "weight", "needs"], &rows);
            }
            Ok(0)
        }
        Some(JourneyChange::Set { name, weight, needs, not_critical }) => {
            if !(weight.is_finite() && weight > 0.0) {
                return Err(wrong_usage("--weight must be a number above 0."));
            }
            let needs =
                needs.iter().flat_map(|n| n.split(',')).filter(|n| !n.is_empty()).map(SubjectId::from).collect();
            decide(asked, &Choice::SetJourney { id: journey_id(&name), name, weight, needs, critical: !not_critical })
                .await
        }
        Some(JourneyChange::Remove { name }) => decide(asked, &Choice::RemoveJourney { id: journey_id(&name) }).await,
    }
}

fn journey_id(name: &str) -> SubjectId {
    SubjectId::new(format!("journey:{}", name.to_lowercase().replace(' ', "-")))
}

pub(super) async fn decisions(words: Decisions, asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    let log = workspace.decisions().await?;
    if let Some(number) = words.undo {
        let choice = undo::inverse(&log, number).ok_or_else(|| {
            EngineError::new(
                "unknown_decision",
                format!("There is no decision {number} that could be undone. See `loadline decisions`."),
            )
        })?;
        return decide(asked, &choice).await;
    }
    if asked.json {
        print::json("decisions", json!({ "decisions": asked.log(&workspace, &asked.as_of).await? }))?;
    } else {
        let rows: Vec<Vec<String>> = log
            .iter()
            .rev()
            .map(|d| vec![d.number.to_string(), print::moment(d.at), d.author.clone(), said(&d.choice)])
            .collect();
        print::table(&["", "when", "who", "what"], &rows);
    }
    Ok(0)
}
