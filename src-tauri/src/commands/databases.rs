//! The databases of the snapshot on show.

use super::Desk;
use loadline_engine::{EngineError, databases as engine};
use loadline_model::databases::Databases;
use loadline_wire::databases::LookAt;
use std::sync::Arc;

pub(super) async fn look_at(desk: &Arc<Desk>, _: LookAt) -> Result<Databases, EngineError> {
    let none =
        || EngineError::new("nothing_collected", "There is no snapshot yet. Collect an account or open the demo.");
    let assessed = desk.assessment().await?.ok_or_else(none)?;
    let workspace = desk.workspace().await;
    engine::databases(&workspace, &desk.as_of(), assessed).await
}
