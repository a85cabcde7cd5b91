//! `loadline accounts | disconnect | test | policy | forget`.

use super::secret::passphrase_if_set;
use super::{Asked, Ended, print, wrong_usage};
use crate::feeds::feeds;
use clap::Args;
use loadline_engine::parts::{PROVIDERS, PolicyDocument, catalog, provider};
use loadline_engine::{EngineError, accounts};
use loadline_model::AccountId;
use serde_json::json;

#[derive(Args)]
pub(super) struct One {
    /// The account (see `loadline accounts`)
    account: String,
}

#[derive(Args)]
pub(super) struct Policy {
    /// The provider: atlas, aws, bitbucket, circleci, datadog, git, github, gitlab, jenkins, jsm, memcached, mongodb, mysql, newrelic, opsgenie, pagerduty, pgbouncer, postgres, prometheus, redis or demo
    provider: String,
    /// One document for a tool, as it takes it: json, cloudformation or terraform (aws)
    #[arg(long)]
    format: Option<String>,
    /// With --format json: the Nth of the parts that each fit a managed policy
    #[arg(long, value_name = "N", requires = "format")]
    part: Option<usize>,
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
    let (passphrase, id) = (passphrase_if_set(), AccountId::new(one.account));
    let tested = accounts::test(&workspace, &id, passphrase.as_ref()).await?;
    let (provider, rules) = (workspace.store()?.account(&id).await?.provider, catalog());
    let feeds = |name: &str| feeds(&rules, &provider, name);
    let missing = tested.permissions.iter().any(|p| p.granted != Some(true));
    if asked.json {
        let rows: Vec<_> = tested
            .permissions
            .iter()
            .map(|p| json!({ "name": p.name, "granted": p.granted, "detail": p.detail, "closes": p.closes, "feeds": feeds(&p.name), "latency_ms": p.latency_ms }))
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
            let judged = feeds(&p.name);
            let judged = if judged.is_empty() { String::new() } else { format!(" Feeds {}.", judged.join(", ")) };
            print::line(format!("{mark} {}  {}{judged}", p.name, p.detail));
            if !p.closes.is_empty() && p.granted != Some(true) {
                print::line(format!("    {}", p.closes));
            }
        }
        let e = &tested.estimate;
        let billed = match e.billed_calls {
            0 => "none of them billed".to_owned(),
            n => format!("{n} of them billed"),
        };
        let scopes = tested.scopes.len();
        print::line(format!("\nA collection reads {scopes} parts with about {} calls, {billed}. {}", e.calls, e.note));
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
    let Some(format) = &words.format else {
        print::line((found.policy)().trim_end());
        return Ok(0);
    };
    let document = found.document(format).ok_or_else(|| {
        let known: Vec<&str> = (found.documents)().iter().map(|d| d.format).collect();
        wrong_usage(match known.as_slice() {
            [] => format!("The policy of {} is text to follow: leave --format out.", found.name),
            known => format!("`{format}` is not a format of this policy. Use {}.", known.join(", ")),
        })
    })?;
    match words.part {
        None => {
            print::line(document.text.trim_end());
            // Standard output is the document alone.
            if !document.parts.is_empty() {
                eprintln!("loadline: {} Print a part with --part 1 to {}.", document.note, document.parts.len());
            }
        }
        Some(n) => print::line(part(&document, n)?.trim_end()),
    }
    Ok(0)
}

/// One part of a document; the whole is the one part of what is not split.
fn part(document: &PolicyDocument, n: usize) -> Result<&str, EngineError> {
    let whole = std::slice::from_ref(&document.text);
    let parts = if document.parts.is_empty() { whole } else { &document.parts };
    let found = n.checked_sub(1).and_then(|at| parts.get(at));
    found
        .map(String::as_str)
        .ok_or_else(|| wrong_usage(format!("There is no part {n}: the parts are 1 to {}.", parts.len())))
}
