//! `loadline deployments [record|import]`.

use super::{Asked, Ended, print, wrong_usage};
use clap::{Args, Subcommand};
use loadline_engine::delivery::{Record, actor_kind, import, parse, record, status};
use loadline_model::{DeliveryTrend, Hours, Interval, Timestamp, Told};
use serde_json::json;

#[derive(Args)]
pub(super) struct Deployments {
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Subcommand)]
enum Change {
    /// Record one deployment, for scripts; recording it twice changes nothing
    Record {
        /// Service, by id or name
        #[arg(long)]
        service: String,
        /// Environment
        #[arg(long)]
        environment: String,
        /// Revision
        #[arg(long)]
        revision: String,
        /// Start
        #[arg(long, value_name = "TIME")]
        started_at: String,
        /// End
        #[arg(long, value_name = "TIME")]
        finished_at: Option<String>,
        /// succeeded, failed or rolled_back
        #[arg(long)]
        status: String,
        /// person or pipeline
        #[arg(long)]
        actor_kind: String,
        /// Name of the actor
        #[arg(long)]
        actor: Option<String>,
    },
    /// Import CSV (service,environment,sha,started_at,finished_at,status,actor_kind) or JSON
    Import {
        /// The file
        file: std::path::PathBuf,
    },
}

pub(super) async fn run(words: Deployments, asked: &Asked) -> Ended {
    let records = match words.change {
        None => return list(asked).await,
        Some(Change::Import { file }) => {
            let records = parse(&std::fs::read_to_string(&file)?)?;
            let added = import(&asked.open().await?, &records).await?;
            print::line(format!("{added} of {} deployments were new.", records.len()));
            return Ok(0);
        }
        Some(Change::Record {
            service,
            environment,
            revision,
            started_at,
            finished_at,
            status: word,
            actor_kind: kind,
            actor,
        }) => {
            let time = |name: &str, text: &str| {
                Timestamp::parse(text).ok_or_else(|| {
                    wrong_usage(format!("--{name} `{text}` is not a time such as 2026-11-16T07:00:00Z."))
                })
            };
            vec![Record {
                service,
                environment,
                revision,
                started_at: time("started-at", &started_at)?,
                finished_at: finished_at.as_deref().map(|t| time("finished-at", t)).transpose()?,
                status: status(&word).map_err(wrong_usage)?,
                actor_kind: actor_kind(&kind).map_err(wrong_usage)?,
                actor,
            }]
        }
    };
    let given = records.len();
    let added = record(&asked.open().await?, &records).await?;
    print::line(format!("{added} of {given} deployments were new."));
    Ok(0)
}

async fn list(asked: &Asked) -> Ended {
    let a = asked.assessment().await?;
    if asked.json {
        print::json("deployments", json!({ "deployments": a.deployments, "delivery": a.trends.delivery }))?;
        return Ok(0);
    }
    let rows: Vec<Vec<String>> = a
        .deployments
        .iter()
        .take(50)
        .map(|row| {
            let d = &row.deployment;
            let minutes = d
                .finished_at
                .map_or_else(|| "–".into(), |end| format!("{:.0} min", (end.0 - d.started_at.0) as f64 / 60_000.0));
            let by = d.actor.clone().unwrap_or_else(|| format!("{:?}", d.actor_kind).to_lowercase());
            vec![
                print::moment(d.started_at),
                row.service.name.clone(),
                d.revision.clone(),
                d.ending(a.as_of).word().to_owned(),
                minutes,
                by,
            ]
        })
        .collect();
    print::table(&["when", "service", "revision", "outcome", "took", "by"], &rows);
    print::line("");
    let keys: Vec<Vec<String>> = a.trends.delivery.iter().map(keys).collect();
    print::table(&["90 days", "deployments a week", "lead time", "fail", "recovery", "rework"], &keys);
    for trend in &a.trends.delivery {
        let told = trend.dora.told.iter().filter_map(Told::sentence);
        told.for_each(|said| print::line(format!("{}: {said} By its own rules.", trend.subject.name)));
    }
    Ok(0)
}

/// The keys of DORA, each with what it stands on.
fn keys(trend: &DeliveryTrend) -> Vec<String> {
    let dora = &trend.dora;
    let hours = |h: &Hours| match h.median {
        Some(median) => format!("{median:.1} h, n = {}", h.n),
        None => format!("too few, n = {}", h.n),
    };
    let rate = |interval: Option<&Interval>, hits: u32, n: u32| match interval {
        Some(i) => format!("{:.0} % ({:.0}–{:.0}), {hits} of {n}", i.p50 * 100.0, i.p10 * 100.0, i.p90 * 100.0),
        None => format!("too few, {hits} of {n}"),
    };
    vec![
        trend.subject.name.clone(),
        dora.per_week.map_or_else(|| format!("too few, n = {}", trend.deployments), |n| format!("{n:.1}")),
        hours(&dora.lead),
        rate(trend.failure_rate.as_ref(), trend.failed, dora.ended),
        hours(&dora.recovery),
        rate(dora.rework.rate.as_ref(), dora.rework.hits, dora.rework.n),
    ]
}
