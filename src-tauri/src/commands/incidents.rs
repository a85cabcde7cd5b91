//! Incidents that a person writes down.

use super::Desk;
use super::workspace::state;
use loadline_engine::{EngineError, incidents as engine};
use loadline_wire::incidents::{Forget, Record};
use loadline_wire::workspace::WorkspaceState;
use std::sync::Arc;

pub(super) async fn record(desk: &Arc<Desk>, asked: Record) -> Result<WorkspaceState, EngineError> {
    let Record { service, title, started_at, resolved_at, caused_by } = asked;
    let told = engine::Told { service, title, started_at, resolved_at, caused_by };
    engine::record(&*desk.workspace().await, &told).await?;
    state(desk).await
}

pub(super) async fn forget(desk: &Arc<Desk>, asked: Forget) -> Result<WorkspaceState, EngineError> {
    engine::forget(&*desk.workspace().await, &asked.id).await?;
    state(desk).await
}
