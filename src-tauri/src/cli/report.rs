//! `loadline report` and `loadline verify`.

use super::{Asked, Ended, no_snapshot, print, wrong_usage};
use clap::Args;
use loadline_engine::bundle::{self, Verified};
use loadline_engine::export::{self, FORMATS, Names};
use loadline_engine::parts::ReportOptions;
use serde_json::json;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Report {
    /// pdf, html, md, xlsx, csv or bundle
    #[arg(long)]
    format: String,
    /// File to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Hash host names and ids too, not the names of persons alone, before assessing
    #[arg(long)]
    redact: bool,
    /// Company name on the title page
    #[arg(long, default_value = "")]
    company: String,
    /// Sections, separated by commas  [default: all]
    #[arg(long, value_delimiter = ',')]
    sections: Vec<String>,
}

#[derive(Args)]
pub(super) struct Verify {
    /// The bundle
    bundle: PathBuf,
}

pub(super) async fn run(words: Report, asked: &Asked) -> Ended {
    if !FORMATS.contains(&words.format.as_str()) {
        return Err(wrong_usage(format!("--format `{}` is none of {}.", words.format, FORMATS.join(", "))));
    }
    let case = asked.open().await?.case(&asked.as_of).await?.ok_or_else(no_snapshot)?;
    let options = ReportOptions { company: words.company, ..ReportOptions::with_sections(&words.sections) };
    let names = Names::chosen(words.redact, asked.with_names);
    let report = export::report(&case, &words.format, &options, names)?;
    export::write(&words.output, &report.bytes)?;
    if asked.json {
        print::json("report", json!({ "path": words.output, "bytes": report.bytes.len(), "pages": report.pages }))?;
    } else {
        let pages = report.pages.map_or_else(String::new, |p| format!(", {p} pages"));
        print::line(format!("Wrote {} ({} bytes{pages}).", words.output.display(), report.bytes.len()));
    }
    Ok(0)
}

pub(super) fn verify(words: &Verify, asked: &Asked) -> Ended {
    let verified = bundle::verify(&std::fs::read(&words.bundle)?)?;
    if asked.json {
        print::json("verification", json!({ "verification": verified }))?;
    }
    let (code, sentence) = match &verified {
        Verified::Same { values } => (
            0,
            format!("Every number follows from the evidence: {values} values were computed again and are the same."),
        ),
        Verified::Differs { path, stated, computed } => {
            (1, format!("{path} differs: the bundle says {stated}, the evidence gives {computed}."))
        }
        Verified::EvidenceChanged => {
            (1, "The evidence was changed after the bundle was made: its hash does not match.".to_owned())
        }
        Verified::OtherModel { bundle, program } => (
            3,
            format!(
                "The bundle was made by model {bundle}, this program has {program}. Verify it with that version; its numbers are not comparable."
            ),
        ),
    };
    if !asked.json {
        print::line(sentence);
    }
    Ok(code)
}
