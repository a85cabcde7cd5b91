//! `loadline tests [record|forget]`.

use super::{Asked, Ended, print, wrong_usage};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use loadline_engine::EngineError;
use loadline_engine::performance;
use loadline_engine::test_runs::{Told, forget, record, summary};
use loadline_model::performance::TestRow;
use loadline_model::{TestKind, TestRun, Timestamp};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(super) struct Tests {
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Subcommand)]
enum Change {
    /// Record a load test or a drill; the same kind, thing and time again is the same test
    Record(Words),
    /// Forget a test that was recorded here
    Forget {
        /// Its id, as the list shows it
        id: String,
    },
}

#[derive(Args)]
struct Words {
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
            let told = told(&words)?;
            let kept = record(&asked.open().await?, &told).await?;
            if asked.json {
                print::json("test", json!({ "id": kept.id, "changed": kept.changed }))?;
                return Ok(0);
            }
            let what = if kept.changed { "is now as told" } else { "is recorded" };
            print::line(format!("Test {} {what}.", kept.id));
            if !told.counted {
                print::line("It is a person's word: it counts against checks and in what is possible, and makes none pass.");
            }
            Ok(0)
        }
    }
}

fn told(words: &Words) -> Result<Told, EngineError> {
    let at = Timestamp::parse(&words.at)
        .ok_or_else(|| wrong_usage(format!("--at `{}` is not a time such as 2026-11-16T07:00:00Z.", words.at)))?;
    let kind = TestKind::of_word(&words.kind).ok_or_else(|| wrong_usage("--kind is none of the kinds of tests."))?;
    let counted = words.k6.as_deref().map(read).transpose()?;
    let passed = match (&counted, words.passed, words.failed) {
        (Some(summary), ..) => summary.passed.ok_or_else(|| {
            wrong_usage(
                "The summary has no threshold, so it does not say whether the service stood. Give the script thresholds, or record \
                 the test by hand with --passed or --failed and --times-peak.",
            )
        })?,
        (None, passed, failed) if passed != failed => passed,
        _ => return Err(wrong_usage("Say how it ended: --passed or --failed.")),
    };
    let run = TestRun {
        kind,
        at,
        passed,
        peak_multiplier: words.times_peak,
        requests_per_second: counted.as_ref().map(|summary| summary.requests_per_second),
        recovery_s: words.recovered_after,
        note: words.note.clone(),
    };
    // A multiple that a person works out is a person's word, also beside what a tool counted.
    Ok(Told { subject: words.on.clone(), run, counted: counted.is_some() && words.times_peak.is_none() })
}

fn read(path: &Path) -> Result<loadline_engine::test_runs::Summary, EngineError> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| EngineError::new("unreadable_summary", format!("{} was not read: {e}.", path.display())))?;
    summary(&text)
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
        print::line("No load test and no drill is known. Record one: loadline tests record --kind load --on … --at … --k6 summary.json");
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
