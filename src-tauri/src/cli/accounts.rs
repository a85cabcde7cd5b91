//! `loadline accounts | disconnect | test | policy | forget`.

use super::secret::passphrase_if_set;
use super::{Asked, Ended, print, wrong_usage};
use clap::Args;
use loadline_engine::accounts;
use loadline_engine::parts::{PROVIDERS, provider};
use loadline_model::AccountId;
use serde_json::json;

#[derive(Args)]
pub(super) struct One {
    /// The account (see `loadline accounts`)
    account: String,
}

#[derive(Args)]
pub(super) struct Policy {
    /// The provider: postgres, prometheus or demo
    provider: String,
}

pub(super) async fn list(asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    if let Some(demo) = workspace.demo() {
        let at = workspace.find(&asked.as_of).await?.map(|r| r.taken_at).unwrap_or_default();
        let accounts = demo.accounts_at(at);
        if asked.json {
            print::json("accounts", json!({ "accounts": accounts }))?;
        } else {
            let rows: Vec<Vec<String>> =
                accounts.iter().map(|a| vec![a.id.to_string(), a.provider.clone(), a.name.clone()]).collect();
            print::table(&["account", "provider", "name"], &rows);
        }
        return Ok(0);
    }
    let store = workspace.store()?;
    let mut rows = Vec::new();
    let mut all = Vec::new();
    for account in store.accounts().await? {
        let last = store.collections(&account.id).await?.pop();
        let state = match (&account.disconnected_at, &last) {
            (Some(at), _) => format!("disconnected {}", print::moment(*at)),
            (None, None) => "never collected".into(),
            (None, Some(c)) => format!("{} scopes, {}", c.scopes.len(), print::moment(c.started_at)),
        };
        rows.push(vec![account.id.to_string(), account.provider.clone(), account.name.clone(), state]);
        all.push(json!({ "account": account, "collected_at": last.map(|c| c.started_at.to_string()) }));
    }
    if asked.json {
        print::json("accounts", json!({ "accounts": all }))?;
    } else if rows.is_empty() {
        print::line(
            "No account is connected yet. Connect one, for example: loadline connect postgres --url postgres://host/db",
        );
    } else {
        print::table(&["account", "provider", "name", "last collection"], &rows);
    }
    Ok(0)
}

pub(super) async fn disconnect(one: One, asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    let account = accounts::disconnect(&workspace, &AccountId::new(one.account), passphrase_if_set()).await?;
    print::line(format!(
        "Disconnected `{}`. Its secret is deleted, its history stays; its checks become unknown.",
        account.id
    ));
    Ok(0)
}

pub(super) async fn forget(one: One, asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    let id = AccountId::new(one.account);
    accounts::disconnect(&workspace, &id, passphrase_if_set()).await?;
    workspace.store()?.delete_account_data(&id).await?;
    print::line(format!("Everything `{id}` ever said is deleted from this workspace."));
    Ok(0)
}

pub(super) async fn test(one: One, asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    let passphrase = passphrase_if_set();
    let tested = accounts::test(&workspace, &AccountId::new(one.account), passphrase.as_ref()).await?;
    let missing = tested.permissions.iter().any(|p| p.granted != Some(true));
    if asked.json {
        let rows: Vec<_> = tested
            .permissions
            .iter()
            .map(|p| json!({ "name": p.name, "granted": p.granted, "detail": p.detail, "closes": p.closes, "latency_ms": p.latency_ms }))
            .collect();
        let scopes: Vec<&str> = tested.scopes.iter().map(|s| s.name.as_str()).collect();
        let e = &tested.estimate;
        let estimate =
            json!({ "calls": e.calls, "billed_calls": e.billed_calls, "busy_ms": e.busy_ms, "note": e.note });
        print::json("test", json!({ "permissions": rows, "scopes": scopes, "estimate": estimate }))?;
    } else {
        for p in &tested.permissions {
            let mark = match p.granted {
                Some(true) => "✓",
                Some(false) => "✗",
                None => "?",
            };
            print::line(format!("{mark} {}  {}", p.name, p.detail));
            if !p.closes.is_empty() && p.granted != Some(true) {
                print::line(format!("    {}", p.closes));
            }
        }
        let e = &tested.estimate;
        print::line(format!("\nA collection sends about {} calls ({} billed). {}", e.calls, e.billed_calls, e.note));
    }
    Ok(if missing { 3 } else { 0 })
}

pub(super) fn policy(words: &Policy) -> Ended {
    let Some(found) = provider(&words.provider) else {
        let known: Vec<&str> = PROVIDERS.iter().map(|p| p.id).collect();
        return Err(wrong_usage(format!(
            "`{}` is not a provider of this version. Known: {}.",
            words.provider,
            known.join(", ")
        )));
    };
    print::line((found.policy)().trim_end());
    Ok(0)
}
