//! `loadline assess`.

use super::{Asked, Ended, json, print, show, wrong_usage};
use clap::Args;
use loadline_model::{Assessment, FindingState, Label, Severity};

#[derive(Args)]
pub(super) struct Assess {
    /// End with code 4 when the label is this or worse (not_ready, at_risk, conditional), or when a new or open finding has
    /// this severity or a higher one (critical, high, medium, low)
    #[arg(long, value_name = "LABEL|SEVERITY")]
    fail_on: Option<String>,
}

pub(super) async fn run(words: &Assess, asked: &Asked) -> Ended {
    let fail_on = words.fail_on.as_deref().map(parse).transpose()?;
    let assessment = asked.assessment().await?;
    if asked.json {
        print::json("assessment", json::assessment(&assessment)?)?;
    } else {
        text(&assessment);
    }
    Ok(if fail_on.is_some_and(|f| reached(&assessment, f)) { 4 } else { 0 })
}

#[derive(Clone, Copy)]
enum FailOn {
    Label(Label),
    Severity(Severity),
}

fn parse(word: &str) -> Result<FailOn, loadline_engine::EngineError> {
    Ok(match word {
        "not_rated" => FailOn::Label(Label::NotRated),
        "not_ready" => FailOn::Label(Label::NotReady),
        "at_risk" => FailOn::Label(Label::AtRisk),
        "conditional" => FailOn::Label(Label::Conditional),
        "critical" => FailOn::Severity(Severity::Critical),
        "high" => FailOn::Severity(Severity::High),
        "medium" => FailOn::Severity(Severity::Medium),
        "low" => FailOn::Severity(Severity::Low),
        other => {
            let message = format!(
                "--fail-on `{other}` is neither a label (not_ready, at_risk, conditional) nor a severity (critical, high, medium, low)."
            );
            return Err(wrong_usage(message));
        }
    })
}

/// Not rated counts as the worst label: what could not be judged must not let a pipeline pass.
fn reached(a: &Assessment, fail_on: FailOn) -> bool {
    match fail_on {
        FailOn::Label(label) => a.score.label <= label,
        FailOn::Severity(severity) => a
            .findings
            .iter()
            .any(|f| f.severity >= Some(severity) && f.result == "fail" && f.state != FindingState::Resolved),
    }
}

fn text(a: &Assessment) {
    print::line(format!("{}, as of {}", a.workspace, print::moment(a.as_of)));
    print::line("");
    show::score_text(a);
    print::line("\nFirst of what one failure stops");
    show::spofs_text(a, 5);
    print::line("\nWorst findings");
    show::findings_text(&a.findings.iter().filter(|f| f.result == "fail").take(8).collect::<Vec<_>>());
    print::line("\nWhat breaks first");
    show::capacity_text(a, 3);
    print::line("\nDid it work?");
    show::compare_text(&a.comparisons.iter().collect::<Vec<_>>());
    print::line("\nNext sprint");
    super::roadmap::text(a, 1);
    print::line(format!(
        "\n{} findings, {} of them not proven; {} gaps. More: loadline findings | spofs | capacity | roadmap | gaps",
        a.findings.len(),
        a.findings.iter().filter(|f| f.result == "unknown").count(),
        a.gaps.len()
    ));
}
