//! `loadline review`.

use super::{Asked, Ended, print};
use clap::Args;
use loadline_engine::review::minutes;
use loadline_engine::workspace::AsOf;
use serde_json::json;

#[derive(Args)]
pub(super) struct Review {
    /// ISO week such as 2026-W47  [default: the newest snapshot's]
    #[arg(long)]
    week: Option<String>,
}

pub(super) async fn run(words: &Review, asked: &Asked) -> Ended {
    let as_of = words.week.as_deref().map_or_else(|| asked.as_of.clone(), |w| AsOf::parse(Some(w)));
    let workspace = asked.open().await?;
    let assessment = asked.assessed(&workspace, &as_of).await?;
    let text = minutes(&assessment, &asked.log(&workspace, &as_of).await?);
    if asked.json {
        print::json("review", json!({ "week": assessment.as_of.utc_day().iso_week(), "markdown": text }))?;
    } else {
        print::line(text.trim_end());
    }
    Ok(0)
}
