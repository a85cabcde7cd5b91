//! The code of the repositories in the snapshot on show.

use super::Desk;
use loadline_engine::{EngineError, codebase as engine};
use loadline_model::codebase::Codebase;
use loadline_wire::codebase::LookAt;
use std::sync::Arc;

pub(super) async fn look_at(desk: &Arc<Desk>, _: LookAt) -> Result<Codebase, EngineError> {
    let workspace = desk.workspace().await;
    engine::codebase(&workspace, &desk.as_of()).await
}
