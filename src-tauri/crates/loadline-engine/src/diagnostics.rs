//! A diagnostics file for support: versions, sizes, accounts without secrets, gaps, errors; never evidence values.

use crate::workspace::{AsOf, Workspace};
use crate::{EngineError, clock};
use loadline_model::MODEL_VERSION;
use serde_json::{Value, json};

/// The diagnostics as JSON text. Host names and ids are hashed; secrets are never read for it.
///
/// # Errors
/// What the store says.
pub async fn diagnostics(workspace: &Workspace) -> Result<String, EngineError> {
    let snapshots = workspace.snapshots().await?;
    let mut accounts: Vec<Value> = Vec::new();
    let mut bytes = 0;
    if let Ok(store) = workspace.store() {
        bytes = store.size_bytes().await?;
        for account in store.accounts().await? {
            let collections = store.collections(&account.id).await?;
            let last = collections.last().map(|c| {
                let scopes: Vec<Value> = c.scopes.iter().map(|s| json!({ "status": format!("{:?}", s.status) })).collect();
                json!({ "finished": c.finished_at.is_some(), "scopes": scopes, "calls": c.cost.calls, "busy_ms": c.cost.busy_ms })
            });
            accounts.push(json!({
                "id": loadline_model::hash::hex_of(&["redact", account.id.as_str()])[..8],
                "provider": account.provider,
                "connected": account.disconnected_at.is_none(),
                "secret": account.secret.is_some(),
                "config_keys": account.config.keys().collect::<Vec<_>>(),
                "collections": collections.len(),
                "last": last,
            }));
        }
    }
    let gaps = match workspace.case(&AsOf::Newest).await? {
        Some(case) => {
            case.snapshot.gaps.iter().map(|g| json!({ "reason": g.reason.code(), "scope": g.scope })).collect()
        }
        None => Vec::new(),
    };
    let report = json!({
        "schema": "loadline.diagnostics/1",
        "version": env!("CARGO_PKG_VERSION"),
        "model_version": MODEL_VERSION,
        "system": { "os": std::env::consts::OS, "arch": std::env::consts::ARCH },
        "written_at": clock::now().to_string(),
        "workspace": { "demo": workspace.is_demo(), "bytes": bytes, "snapshots": snapshots.len() },
        "accounts": accounts,
        "gaps": gaps,
    });
    Ok(serde_json::to_string_pretty(&report)?)
}
