//! `loadline import FORMAT FILE…`: what other tools already measured.

use super::{Asked, Ended, print, wrong_usage};
use clap::Args;
use loadline_engine::import::{Kept, Wanted, import, load};
use loadline_engine::parts::Format;
use serde_json::json;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = FORMATS)]
pub(super) struct Import {
    /// sarif, cobertura, lcov, sonarqube, pagerduty or opsgenie
    format: String,
    /// The files; a later one of the same tool about the same thing replaces an earlier one
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The repository they are about, by id or name  [default: the only one that is known]
    #[arg(long)]
    repository: Option<String>,
    /// The folder in which the repository was built, where a file holds absolute paths
    #[arg(long, value_name = "FOLDER")]
    root: Option<String>,
    /// The service whose incidents they hold, by id or name  [default: the one that a file names]
    #[arg(long)]
    service: Option<String>,
}

const FORMATS: &str = "Formats:
  sarif      findings of an analyser, SARIF 2.1.0: shown by `loadline findings --others`
  cobertura  coverage.xml: lines that tests run (ARCH-009)
  lcov       lcov.info: the same
  sonarqube  the saved answer of api/measures/component?metricKeys=sqale_debt_ratio,ncloc,line_coverage,new_coverage, or of
             api/measures/search_history?metrics=sqale_debt_ratio (ARCH-005, ARCH-009)
  pagerduty  the saved answer of GET /incidents (DEL-007, PPL-006), GET /schedules/{id}?since=…&until=… or
             GET /escalation_policies (PPL-004); a custom field `deployment_id` names what caused an incident
  opsgenie   the saved answer of GET /v1/incidents or GET /v2/alerts (P1 and P2)

A file is at most 32 MB of UTF-8 text and names no path outside the repository; otherwise nothing of it is kept.
What a file says counts for as long as what an account says (7 days, unless the team set it otherwise): import again from the
pipeline that writes it.";

pub(super) async fn run(words: Import, asked: &Asked) -> Ended {
    let format = Format::of(&words.format).ok_or_else(|| {
        let known: Vec<&str> = Format::ALL.iter().map(|(_, word)| *word).collect();
        wrong_usage(format!("`{}` is not a format that is imported. Use {}.", words.format, known.join(", ")))
    })?;
    let wanted = Wanted { format, repository: words.repository, service: words.service, root: words.root };
    let workspace = asked.open().await?;
    let mut gaps = false;
    for file in &words.files {
        let kept = import(&workspace, &wanted, &load(file)?).await?;
        gaps |= !kept.missing.is_empty();
        say(&kept, asked)?;
    }
    Ok(if gaps { 3 } else { 0 })
}

fn say(kept: &Kept, asked: &Asked) -> Result<(), loadline_engine::EngineError> {
    if asked.json {
        let missing: Vec<_> =
            kept.missing.iter().map(|(what, closes)| json!({ "detail": what, "closes": closes })).collect();
        return print::json("import", json!({ "said": kept.said, "missing": missing, "unmatched": kept.unmatched }));
    }
    print::line(&kept.said);
    for (what, closes) in &kept.missing {
        print::line(format!("  Not told: {what}. {closes}"));
    }
    for id in &kept.unmatched {
        print::line(format!(
            "  No account knows `{id}`. Say what it is: loadline link \"{id}\" ID, or import with --service ID."
        ));
    }
    Ok(())
}
