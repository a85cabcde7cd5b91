//! The open workspace and its assessment.

use super::Desk;
use loadline_engine::parts::provider;
use loadline_engine::workspace::AsOf;
use loadline_engine::{EngineError, Workspace, clock};
use loadline_model::{Account, AccountSummary, Assessment, Gap};
use loadline_wire::accounts::{AccountCard, CollectionEstimate};
use loadline_wire::workspace::{Load, OpenDemo, OpenOwn, SnapshotRow, ViewAsOf, WorkspaceState};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) async fn load(desk: &Arc<Desk>, _: Load) -> Result<WorkspaceState, EngineError> {
    state(desk).await
}

pub(super) async fn open_demo(desk: &Arc<Desk>, _: OpenDemo) -> Result<WorkspaceState, EngineError> {
    desk.open(true).await?;
    state(desk).await
}

pub(super) async fn open_own(desk: &Arc<Desk>, _: OpenOwn) -> Result<WorkspaceState, EngineError> {
    desk.open(false).await?;
    state(desk).await
}

pub(super) async fn view_as_of(desk: &Arc<Desk>, asked: ViewAsOf) -> Result<WorkspaceState, EngineError> {
    desk.view(asked.snapshot.map_or(AsOf::Newest, AsOf::Snapshot));
    state(desk).await
}

/// Everything the window draws.
pub(super) async fn state(desk: &Arc<Desk>) -> Result<WorkspaceState, EngineError> {
    let workspace = desk.workspace().await;
    let assessment = desk.assessment().await?;
    let row = |r: loadline_engine::workspace::SnapshotRow| SnapshotRow { id: r.id, taken_at: r.taken_at, name: r.name };
    let snapshots: Vec<SnapshotRow> = workspace.snapshots().await?.into_iter().map(row).collect();
    let progress = desk.progress();
    let accounts = cards(&workspace, assessment.as_deref()).await?;
    Ok(WorkspaceState {
        name: workspace.name(),
        demo: workspace.is_demo(),
        // The demo's present is its last week.
        now: snapshots.last().filter(|_| workspace.is_demo()).map_or_else(clock::now, |s| s.taken_at),
        snapshots,
        assessment: assessment.map(|a| (*a).clone()),
        accounts,
        collecting: (progress.phase != "idle").then_some(progress),
        undoable: desk.undoable(),
    })
}

async fn cards(workspace: &Workspace, shown: Option<&Assessment>) -> Result<Vec<AccountCard>, EngineError> {
    if let Some(demo) = workspace.demo() {
        return Ok(demo.accounts_at(shown.map(|a| a.as_of).unwrap_or_default()).into_iter().map(demo_card).collect());
    }
    let store = workspace.store()?;
    let mut cards = Vec::new();
    for account in store.accounts().await? {
        let last = store.collections(&account.id).await?.pop();
        let all_gaps = shown.map_or(&[][..], |a| &a.gaps);
        let gaps: Vec<Gap> = all_gaps.iter().filter(|g| g.account.as_ref() == Some(&account.id)).cloned().collect();
        let (health, sentence) = health(&account, last.as_ref(), gaps.len());
        let cost = last.as_ref().map(|c| CollectionEstimate {
            calls: c.cost.calls,
            billed_calls: c.cost.billed_calls,
            busy_ms: c.cost.busy_ms,
            notes: Vec::new(),
        });
        let collected_at = last.map(|c| c.finished_at.unwrap_or(c.started_at));
        let renames = account.disconnected_at.is_none() && renames(&account.provider);
        cards.push(AccountCard { account, collected_at, health: health.into(), sentence, gaps, cost, renames });
    }
    Ok(cards)
}

/// The provider's metrics can be given other names.
pub(super) fn renames(id: &str) -> bool {
    provider(id).is_some_and(|p| p.takes("remap."))
}

type Last<'a> = Option<&'a loadline_engine::parts::CollectionRow>;

fn health(account: &Account, last: Last<'_>, gaps: usize) -> (&'static str, String) {
    if account.disconnected_at.is_some() {
        return ("disconnected", "Disconnected: its history stays, its checks are unknown.".into());
    }
    let Some(last) = last else { return ("never_collected", "Connected, never collected.".into()) };
    let failed =
        last.scopes.iter().any(|s| s.name == "connection" && s.status != loadline_model::ScopeStatus::Complete);
    if failed {
        return ("failing", "The last collection could not connect.".into());
    }
    match gaps {
        0 => ("healthy", format!("{} scopes read without a gap.", last.scopes.len())),
        1 => ("partial", "One gap in the last collection.".into()),
        n => ("partial", format!("{n} gaps in the last collection.")),
    }
}

fn demo_card(summary: AccountSummary) -> AccountCard {
    let collected_at = summary.collected_at;
    let account = Account {
        id: summary.id,
        provider: summary.provider,
        name: summary.name,
        config: BTreeMap::new(),
        secret: None,
        environment: None,
        connected_at: collected_at.unwrap_or_default(),
        disconnected_at: None,
        names_changed_at: None,
    };
    let sentence = "Part of the embedded demo: nothing is sent anywhere.".into();
    AccountCard {
        account,
        collected_at,
        health: "healthy".into(),
        sentence,
        gaps: Vec::new(),
        cost: None,
        renames: false,
    }
}
