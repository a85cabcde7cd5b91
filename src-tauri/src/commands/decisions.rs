//! What a person decides, undone with one key.

use super::Desk;
use super::workspace::state;
use loadline_engine::review::said;
use loadline_engine::workspace::AsOf;
use loadline_engine::{EngineError, people, settings, undo as undoing};
use loadline_model::{Choice, Decision};
use loadline_wire::decisions::{Decide, Decided, DecisionLog, Undo};
use std::sync::Arc;

pub(super) async fn decide(desk: &Arc<Desk>, asked: Decide) -> Result<Decided, EngineError> {
    let number = append(desk, &asked.choice).await?;
    desk.remember(number);
    Ok(Decided { number, sentence: said(&asked.choice), state: state(desk).await? })
}

pub(super) async fn undo(desk: &Arc<Desk>, asked: Undo) -> Result<Decided, EngineError> {
    let log = desk.workspace().await.decisions().await?;
    let choice = undoing::inverse(&log, asked.number).ok_or_else(|| {
        EngineError::new("unknown_decision", "This decision cannot be undone: it is not in the log any more.")
    })?;
    let number = append(desk, &choice).await?;
    desk.forget(asked.number);
    Ok(Decided { number, sentence: format!("undone: {}", said(&choice)), state: state(desk).await? })
}

pub(super) async fn log(desk: &Arc<Desk>, _: DecisionLog) -> Result<Vec<Decision>, EngineError> {
    let workspace = desk.workspace().await;
    let mut log = match settings::load(&workspace).await?.persons {
        true => workspace.decisions().await?,
        false => people::log(&workspace, &AsOf::Newest).await?,
    };
    log.reverse();
    Ok(log)
}

/// Logs a choice under the workspace's author.
pub(super) async fn append(desk: &Arc<Desk>, choice: &Choice) -> Result<i64, EngineError> {
    let workspace = desk.workspace().await;
    let author = settings::load(&workspace).await?.author;
    workspace.decide(&author, choice).await
}
