//! Spread, objectives and incidents of the snapshot on show.

use super::Desk;
use loadline_engine::{EngineError, performance as engine};
use loadline_model::performance::{Promises, Spread};
use loadline_wire::performance::{LookAtPromises, LookAtSpread};
use std::sync::Arc;

pub(super) async fn spread(desk: &Arc<Desk>, asked: LookAtSpread) -> Result<Spread, EngineError> {
    let workspace = desk.workspace().await;
    engine::spread(&workspace, &desk.as_of(), &asked.subject, asked.route).await
}

pub(super) async fn promises(desk: &Arc<Desk>, _: LookAtPromises) -> Result<Promises, EngineError> {
    let workspace = desk.workspace().await;
    engine::promises(&workspace, &desk.as_of()).await
}
