//! Load tests and drills that a person writes down.

use super::Desk;
use super::workspace::state;
use loadline_engine::{EngineError, test_runs as engine};
use loadline_wire::test_runs::{Forget, Record};
use loadline_wire::workspace::WorkspaceState;
use std::path::Path;
use std::sync::Arc;

pub(super) async fn record(desk: &Arc<Desk>, asked: Record) -> Result<WorkspaceState, EngineError> {
    let Record { subject, kind, at, passed, times_peak, k6, recovered_after, note } = asked;
    let summary = k6.as_deref().map(|path| engine::read_summary(Path::new(path))).transpose()?;
    let words = engine::Words { subject, kind, at, passed: Some(passed), times_peak, summary, recovered_after, note };
    engine::record(&*desk.workspace().await, &words.told()?).await?;
    state(desk).await
}

pub(super) async fn forget(desk: &Arc<Desk>, asked: Forget) -> Result<WorkspaceState, EngineError> {
    engine::forget(&*desk.workspace().await, &asked.id).await?;
    state(desk).await
}
