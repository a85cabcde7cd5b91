//! `loadline tests [record|forget]`.

use super::{Asked, Ended, print, wrong_usage};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use loadline_engine::EngineError;
use loadline_engine::performance;
use loadline_engine::test_runs::{Told, Words, forget, read_summary, record};
use loadline_model::performance::TestRow;
use loadline_model::{TestKind, Timestamp};
use serde_json::json;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Tests {
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Subcommand)]
enum Change {
    /// Record a load test or a drill; the same kind, thing and time again is the same test
    Record(Asks),
    /// Forget a test that was recorded here
    Forget {
        /// Its id, as the list shows it
        id: String,
    },
}

#[derive(Args)]
struct Asks {
    /// What was tested: a thing, by id or name
    #[arg(long, value_name = "THING")]
    on: String,
    /// What was tried; recovery is a restore from a backup
    #[arg(long, value_parser = PossibleValuesParser::new(TestKind::ALL.map(TestKind::word)))]
    kind: String,
    /// When it began
    #[arg(long, value_name = "TIME")]
    at: String,
    /// It stood, or came back
    #[arg(long, conflicts_with = "failed")]
    passed: bool,
    /// It did not
    #[arg(long)]
    failed: bool,
    /// Load test: its highest load as a multiple of that day's peak
    #[arg(long, value_name = "N")]
    times_peak: Option<f64>,
    /// Load test: a summary that k6 wrote (k6 run --summary-export FILE), with its requests a second and whether its
    /// thresholds held
    #[arg(long, value_name = "FILE", conflicts_with_all = ["passed", "failed"])]
    k6: Option<PathBuf>,
    /// Drill: seconds until it was back
    #[arg(long, value_name = "SECONDS")]
    recovered_after: Option<f64>,
    /// One sentence
    #[arg(long)]
    note: Option<String>,
}

pub(super) async fn run(words: Tests, asked: &Asked) -> Ended {
    match words.change {
        None => list(asked).await,
        Some(Change::Forget { id }) => {
            forget(&asked.open().await?, &id).await?;
            print::line(format!("Test {id} is forgotten."));
            Ok(0)
        }
        Some(Change::Record(words)) => {
            let told = told(words)?;
            let kept = record(&asked.open().await?, &told).await?;
            if asked.json {
                print::json("test", json!({ "id": kept.id, "changed": kept.changed }))?;
                return Ok(0);
            }
            let what = if kept.changed { "is now as told" } else { "is recorded" };
            print::line(format!("Test {} {what}.", kept.id));
            if !told.counted {
                print::line(
                    "It is a person's word: it counts against checks and in what is possible, and makes none pass.",
                );
            }
            Ok(0)
        }
    }
}

fn told(asked: Asks) -> Result<Told, EngineError> {
    let at = Timestamp::parse(&asked.at)
        .ok_or_else(|| wrong_usage(format!("--at `{}` is not a time such as 2026-11-16T07:00:00Z.", asked.at)))?;
    let kind = TestKind::of_word(&asked.kind).ok_or_else(|| wrong_usage("--kind is none of the kinds of tests."))?;
    let words = Words {
        subject: asked.on,
        kind,
        at,
        passed: (asked.passed != asked.failed).then_some(asked.passed),
        times_peak: asked.times_peak,
        summary: asked.k6.as_deref().map(read_summary).transpose()?,
        recovered_after: asked.recovered_after,
        note: asked.note,
    };
    words.told()
}

async fn list(asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    workspace.find(&asked.as_of).await?.ok_or_else(super::no_snapshot)?;
    let found = performance::promises(&workspace, &asked.as_of).await?;
    if asked.json {
        print::json("tests", json!({ "as_of": found.as_of.to_string(), "tests": found.tests }))?;
        return Ok(0);
    }
    if found.tests.is_empty() {
        print::line(
            "No load test and no drill is known. Record one: loadline tests record --kind load --on … --at … --k6 summary.json",
        );
        return Ok(0);
    }
    let rows: Vec<Vec<String>> = found.tests.iter().rev().map(row).collect();
    print::table(&["began", "kind", "what", "ended", "figures", "note", "id"], &rows);
    Ok(0)
}

fn row(test: &TestRow) -> Vec<String> {
    let run = &test.run;
    let ended = if run.passed { "stood" } else { "not stood" };
    vec![
        print::moment(run.at),
        run.kind.word().to_owned(),
        test.subject.name.clone(),
        ended.to_owned(),
        run.figures(),
        run.note.clone().unwrap_or_default(),
        test.id.clone(),
    ]
}
