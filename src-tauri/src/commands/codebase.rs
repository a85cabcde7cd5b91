//! The code of the repositories in the snapshot on show, and what other tools found.

use super::Desk;
use loadline_engine::{EngineError, codebase as engine, others as other_tools};
use loadline_model::codebase::{Codebase, OtherFinding};
use loadline_wire::codebase::{LookAt, LookAtOthers};
use std::sync::Arc;

pub(super) async fn look_at(desk: &Arc<Desk>, _: LookAt) -> Result<Codebase, EngineError> {
    let workspace = desk.workspace().await;
    engine::codebase(&workspace, &desk.as_of()).await
}

/// Nothing before the first collection: the page says so itself.
pub(super) async fn others(desk: &Arc<Desk>, _: LookAtOthers) -> Result<Vec<OtherFinding>, EngineError> {
    let workspace = desk.workspace().await;
    Ok(other_tools::others(&workspace, &desk.as_of()).await?.unwrap_or_default())
}
