//! Connecting, testing, collecting.

use super::Desk;
use super::workspace::{renames, state};
use crate::feeds::feeds;
use loadline_engine::EngineError;
use loadline_engine::accounts::{self as engine, NewAccount, SecretInput, Tested};
use loadline_engine::collect::connect as open_connector;
use loadline_engine::parts::{ConfigField, PROVIDERS, Permission, Provider, Secret, SecretNeed, catalog};
use loadline_wire::accounts::{
    AccountCard, CollectCancel, CollectProgress, CollectStart, CollectStatus, CollectionEstimate, Connect,
    DeleteAccountData, Disconnect, Draft, Estimate, FormField, PermissionRow, PolicyDocument, ProviderInfo, Providers,
    SecretDraft, TestAccount, TestDraft, TestReport,
};
use loadline_wire::workspace::WorkspaceState;
use std::sync::Arc;

pub(super) async fn providers(_: &Arc<Desk>, _: Providers) -> Result<Vec<ProviderInfo>, EngineError> {
    Ok(PROVIDERS.iter().map(info).collect())
}

fn info(p: &Provider) -> ProviderInfo {
    let (secret_label, secret_optional) = match p.secret {
        SecretNeed::None => (None, true),
        SecretNeed::Optional(label) => (Some(label.to_owned()), true),
        SecretNeed::Required(label) => (Some(label.to_owned()), false),
    };
    ProviderInfo {
        id: p.id.into(),
        name: p.name.into(),
        summary: p.summary.into(),
        fields: fields(p),
        secret_label,
        secret_optional,
        policy: (p.policy)(),
        policy_language: if matches!(p.id, "mysql" | "postgres") { "sql" } else { "text" }.into(),
        documents: (p.documents)()
            .into_iter()
            .map(|d| PolicyDocument { format: d.format.into(), title: d.title.into(), text: d.text, note: d.note })
            .collect(),
    }
}

/// Fields there is one of each. `journey.*` and its like stand for many keys, which are set once the account is connected.
pub(super) fn fields(p: &Provider) -> Vec<FormField> {
    p.config.iter().filter(|f| !f.key.ends_with('*')).map(|f| field(p, f)).collect()
}

pub(super) fn field(p: &Provider, f: &ConfigField) -> FormField {
    FormField {
        key: f.key.into(),
        label: f.label.into(),
        placeholder: String::new(),
        help: f.help.into(),
        required: f.required,
        more: folded(p, f),
    }
}

/// Fields of a form that few people need; short forms show everything.
fn folded(p: &Provider, field: &ConfigField) -> bool {
    const SHORT: usize = 6;
    const FIRST: &[&str] = &["profile", "region", "regions", "role_arn"];
    p.config.len() > SHORT && !field.required && !FIRST.contains(&field.key)
}

fn new_account(draft: Draft) -> NewAccount {
    let secret = match draft.secret {
        SecretDraft::None => SecretInput::None,
        SecretDraft::Keychain { secret } if secret.is_empty() => SecretInput::None,
        SecretDraft::Keychain { secret } => SecretInput::Keychain(Secret::new(secret)),
        SecretDraft::Environment { variable } => SecretInput::Environment(variable),
    };
    let config = draft.config.into_iter().filter(|(_, v)| !v.trim().is_empty()).collect();
    NewAccount { provider: draft.provider, name: draft.name, config, environment: draft.environment, secret }
}

pub(super) async fn test_draft(_: &Arc<Desk>, asked: TestDraft) -> Result<TestReport, EngineError> {
    let provider = asked.draft.provider.clone();
    Ok(report(engine::test_draft(new_account(asked.draft)).await?, &provider))
}

pub(super) async fn test_account(desk: &Arc<Desk>, asked: TestAccount) -> Result<TestReport, EngineError> {
    let workspace = desk.workspace().await;
    let provider = workspace.store()?.account(&asked.account).await?.provider;
    Ok(report(engine::test(&workspace, &asked.account, None).await?, &provider))
}

fn report(tested: Tested, provider: &str) -> TestReport {
    let rules = catalog();
    let sentence = verdict(&tested.permissions);
    let row = |p: Permission| PermissionRow {
        feeds: feeds(&rules, provider, &p.name),
        name: p.name,
        granted: p.granted,
        detail: p.detail,
        closes: p.closes,
        latency_ms: Some(p.latency_ms),
    };
    TestReport {
        reachable: true,
        sentence,
        permissions: tested.permissions.into_iter().map(row).collect(),
        estimate: Some(estimated(&tested.estimate)),
        scopes: tested.scopes.into_iter().map(|s| s.title).collect(),
    }
}

/// What a test amounts to, in one sentence.
fn verdict(permissions: &[Permission]) -> String {
    let count = |granted: Option<bool>| permissions.iter().filter(|p| p.granted == granted).count();
    let counted = |n: usize| if n == 1 { "1 permission".to_owned() } else { format!("{n} permissions") };
    let hidden = "what they hide will be shown as not proven";
    match (count(Some(false)), count(None)) {
        (0, 0) => "Everything Loadline reads is permitted.".to_owned(),
        (0, n) => format!("Connected. {} could not be tried.", counted(n)),
        (n, 0) => format!("Connected. {} of {} missing; {hidden}.", counted(n), permissions.len()),
        (n, m) => {
            format!("Connected. {} of {} missing, {m} could not be tried; {hidden}.", counted(n), permissions.len())
        }
    }
}

fn estimated(e: &loadline_engine::parts::Estimate) -> CollectionEstimate {
    CollectionEstimate { calls: e.calls, billed_calls: e.billed_calls, busy_ms: e.busy_ms, notes: vec![e.note.clone()] }
}

pub(super) async fn connect(desk: &Arc<Desk>, asked: Connect) -> Result<AccountCard, EngineError> {
    if desk.workspace().await.is_demo() {
        // A first account belongs into one's own workspace, never into the demo.
        desk.open(false).await?;
    }
    let account = engine::add(&*desk.workspace().await, new_account(asked.draft)).await?;
    let renames = renames(&account.provider);
    let sentence = "Connected, never collected.".to_owned();
    Ok(AccountCard {
        account,
        collected_at: None,
        health: "never_collected".into(),
        sentence,
        gaps: Vec::new(),
        cost: None,
        renames,
    })
}

pub(super) async fn disconnect(desk: &Arc<Desk>, asked: Disconnect) -> Result<WorkspaceState, EngineError> {
    engine::disconnect(&*desk.workspace().await, &asked.account, None).await?;
    state(desk).await
}

pub(super) async fn delete_account_data(
    desk: &Arc<Desk>,
    asked: DeleteAccountData,
) -> Result<WorkspaceState, EngineError> {
    let workspace = desk.workspace().await;
    engine::disconnect(&workspace, &asked.account, None).await?;
    workspace.store()?.delete_account_data(&asked.account).await?;
    state(desk).await
}

pub(super) async fn estimate(desk: &Arc<Desk>, asked: Estimate) -> Result<CollectionEstimate, EngineError> {
    let workspace = desk.workspace().await;
    let mut total = CollectionEstimate::default();
    for account in workspace.store()?.accounts().await? {
        if account.disconnected_at.is_some() || !(asked.accounts.is_empty() || asked.accounts.contains(&account.id)) {
            continue;
        }
        match open_connector(&account, None).await {
            Ok(connector) => {
                let e = connector.estimate().await;
                total.calls += e.calls;
                total.billed_calls += e.billed_calls;
                total.busy_ms += e.busy_ms;
                total.notes.push(format!("{}: {}", account.name, e.note));
            }
            Err(error) => total.notes.push(format!("{}: {}", account.name, error.message)),
        }
    }
    Ok(total)
}

pub(super) async fn collect_start(desk: &Arc<Desk>, asked: CollectStart) -> Result<CollectProgress, EngineError> {
    desk.collect(asked.accounts).await
}

pub(super) async fn collect_status(desk: &Arc<Desk>, _: CollectStatus) -> Result<CollectProgress, EngineError> {
    Ok(desk.progress())
}

pub(super) async fn collect_cancel(desk: &Arc<Desk>, _: CollectCancel) -> Result<CollectProgress, EngineError> {
    desk.cancel();
    Ok(desk.progress())
}
