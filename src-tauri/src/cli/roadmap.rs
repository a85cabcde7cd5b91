//! `loadline roadmap [start|done|reopen|plan]`.

use super::decide::decide;
use super::{Asked, Ended, print, wrong_usage};
use clap::{Args, Subcommand};
use loadline_engine::clock;
use loadline_engine::finish::finish;
use loadline_model::{Assessment, Choice, ItemId, Timestamp};
use serde_json::json;

#[derive(Args)]
pub(super) struct Roadmap {
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Subcommand)]
enum Change {
    /// An item is begun
    Start(Moment),
    /// An item reached users: before/after needs the moment
    Done {
        #[command(flatten)]
        moment: Moment,
        /// What it took, in engineer-weeks; from three items on, estimates follow. Say it again to correct it
        #[arg(long, value_name = "WEEKS")]
        took: Option<f64>,
    },
    /// An item is open again
    Reopen {
        /// The item
        item: String,
    },
    /// Plan an item by hand into a sprint (1 is the next), or leave it to the planner again (0)
    Plan {
        /// The item
        item: String,
        /// The sprint
        sprint: u32,
    },
}

#[derive(Args)]
struct Moment {
    /// The item, such as DB-003@1a2b3c4d
    item: String,
    /// When  [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

pub(super) async fn run(words: Roadmap, asked: &Asked) -> Ended {
    let choice = match words.change {
        None => return show(asked).await,
        Some(Change::Start(m)) => Choice::StartItem { at: moment(m.at.as_deref())?, item: ItemId::new(m.item) },
        Some(Change::Done { moment, took }) => done(asked, moment, took).await?,
        Some(Change::Reopen { item }) => Choice::ReopenItem { item: ItemId::new(item) },
        Some(Change::Plan { item, sprint }) => {
            Choice::PinItem { item: ItemId::new(item), sprint: sprint.checked_sub(1) }
        }
    };
    decide(asked, &choice).await
}

/// Done, or said again: a moment or an effort that is left out stays as it was.
async fn done(asked: &Asked, words: Moment, took: Option<f64>) -> Result<Choice, loadline_engine::EngineError> {
    let at = words.at.as_deref().map(|at| moment(Some(at))).transpose()?;
    let log = asked.open().await?.decisions().await?;
    finish(&log, ItemId::new(words.item), at, took, clock::now())
}

fn moment(text: Option<&str>) -> Result<Timestamp, loadline_engine::EngineError> {
    match text {
        None => Ok(clock::now()),
        Some(text) => Timestamp::parse(text)
            .ok_or_else(|| wrong_usage(format!("--at `{text}` is not a time such as 2026-11-16T07:00:00Z."))),
    }
}

async fn show(asked: &Asked) -> Ended {
    let a = asked.assessment().await?;
    if asked.json {
        print::json("roadmap", json!({ "roadmap": a.roadmap }))?;
    } else {
        text(&a, usize::MAX);
    }
    Ok(0)
}

/// The first sprints as text.
pub(super) fn text(a: &Assessment, most: usize) {
    let r = &a.roadmap;
    if let Some(took) = a.debt.calibration.sentence() {
        print::line(took);
    }
    if let Some(why) = &r.why_empty {
        print::line(format!("  {why}"));
        return;
    }
    for (n, sprint) in r.sprints.iter().enumerate().take(most) {
        let fits = print::percent(sprint.fits_probability);
        print::line(format!(
            "Sprint {} from {}: {} of {} half-days, fits with {fits}",
            n + 1,
            sprint.starts.utc_day(),
            sprint.used_half_days,
            sprint.budget_half_days
        ));
        for item in &sprint.items {
            print::line(format!(
                "  {}  {} ({}–{} half-days)",
                item.id, item.title, item.half_days.low, item.half_days.high
            ));
        }
    }
    if most > r.sprints.len() {
        for left in r.left_out.iter().take(20) {
            print::line(format!("left out  {}  {}. {}", left.item.id, left.item.title, left.costs));
        }
        for done in r.done.iter().filter_map(|i| Some((i, i.took_weeks?))) {
            let (item, took) = done;
            let [low, high] = [item.half_days.low, item.half_days.high].map(|n| f64::from(n) / 10.0);
            print::line(format!(
                "done      {}  {} took {took} engineer-weeks, estimated {low}–{high}",
                item.id, item.title
            ));
        }
        let proof =
            if r.gap == 0.0 { "optimal".to_owned() } else { format!("within {:.1} % of the optimum", r.gap * 100.0) };
        print::line(format!(
            "The next sprint is {proof}. The whole plan gains {:.1} points and avoids {:.1} journey-hours a year.",
            r.gain_points, r.gain_hours
        ));
    }
}
