//! `loadline rules`.

use super::{Asked, Ended, print};
use clap::Args;
use loadline_engine::EngineError;
use loadline_engine::parts::catalog;
use loadline_model::RuleInfo;
use serde_json::json;

#[derive(Args)]
pub(super) struct Rules {
    /// One rule
    id: Option<String>,
    /// As Markdown
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(words: &Rules, asked: &Asked) -> Ended {
    let mut rules = catalog();
    if let Some(id) = &words.id {
        rules.retain(|r| r.id.as_str().eq_ignore_ascii_case(id));
        if rules.is_empty() {
            return Err(EngineError::new(
                "unknown_rule",
                format!("`{id}` is not a rule of this model version. See `loadline rules`."),
            ));
        }
    }
    if asked.json {
        print::json("rules", json!({ "model_version": loadline_model::MODEL_VERSION, "rules": rules }))?;
    } else if words.markdown || words.id.is_some() {
        rules.iter().for_each(|r| print::line(markdown(r)));
    } else {
        let row = |r: &RuleInfo| {
            let thresholds: Vec<String> =
                r.thresholds.iter().map(|t| format!("{} {} {} ({})", t.key, t.value, t.unit, t.source)).collect();
            vec![r.id.to_string(), r.weight.to_string(), r.title.clone(), thresholds.join("; ")]
        };
        print::table(
            &["rule", "weight", "title", "thresholds and their sources"],
            &rules.iter().map(row).collect::<Vec<_>>(),
        );
    }
    Ok(0)
}

fn markdown(r: &RuleInfo) -> String {
    let mut text = format!("## {} {}\n\n{}\n\n{}\n\n", r.id, r.title, r.question, r.why);
    text.push_str(&format!("- Fails when: {}\n- Severity: {}\n- Weight: {}\n", r.condition, r.severity, r.weight));
    text.push_str(&format!(
        "- Effort: {}–{} engineer-days ({})\n",
        r.effort_days[0], r.effort_days[1], r.effort_source
    ));
    text.push_str(&format!("- Proof: {} ({})\n- Not a problem when: {}\n", r.proof, r.proof_metric, r.false_positives));
    if !r.unknown_when.is_empty() {
        text.push_str(&format!("- Unknown when: {}\n", r.unknown_when));
    }
    for t in &r.thresholds {
        text.push_str(&format!("- Threshold `{}`: {} {} ({})\n", t.key, t.value, t.unit, t.source));
    }
    for s in &r.sources {
        text.push_str(&format!("- Read from {}: `{}`\n", s.connector, s.reads));
    }
    for (n, step) in r.fix.iter().enumerate() {
        text.push_str(&format!("{}{}. {step}\n", if n == 0 { "\n" } else { "" }, n + 1));
    }
    text
}
