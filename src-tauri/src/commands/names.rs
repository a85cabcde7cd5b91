//! What a source calls the metrics that it is asked for.

use super::Desk;
use loadline_engine::EngineError;
use loadline_engine::accounts as engine;
use loadline_model::AccountId;
use loadline_wire::names::{Give, LookAt, NameRow, NameTable};
use std::sync::Arc;

pub(super) async fn look_at(desk: &Arc<Desk>, asked: LookAt) -> Result<NameTable, EngineError> {
    table(desk, &asked.account).await
}

pub(super) async fn give(desk: &Arc<Desk>, asked: Give) -> Result<NameTable, EngineError> {
    let given = [(asked.name, asked.theirs)];
    engine::rename(&*desk.workspace().await, &asked.account, &given).await?;
    table(desk, &asked.account).await
}

async fn table(desk: &Arc<Desk>, account: &AccountId) -> Result<NameTable, EngineError> {
    let named = engine::names(&*desk.workspace().await, account, None).await?;
    let row = |n: loadline_engine::parts::Naming| NameRow {
        name: n.name,
        gives: n.gives,
        given: n.given,
        found: n.found,
        suggestions: n.suggestions,
    };
    Ok(NameTable { rows: named.into_iter().map(row).collect() })
}
