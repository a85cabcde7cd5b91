//! `loadline configure ACCOUNT KEY=VALUE…` and `loadline names ACCOUNT [OURS=THEIRS…]`: settings of a connected account, and what it
//! calls the metrics that it is asked for.

use super::secret::passphrase_if_set;
use super::{Asked, Ended, print, wrong_usage};
use clap::Args;
use loadline_engine::parts::Naming;
use loadline_engine::{EngineError, accounts};
use loadline_model::AccountId;
use serde_json::json;

#[derive(Args)]
pub(super) struct Names {
    /// The account (see `loadline accounts`)
    account: String,
    /// What to call a metric: http_server_request_duration_seconds=my_latency_seconds; nothing behind = takes a name back
    #[arg(value_name = "OURS=THEIRS")]
    given: Vec<String>,
}

pub(super) async fn run(words: Names, asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    let id = AccountId::new(words.account);
    let given = pairs(&words.given)?;
    if !given.is_empty() {
        accounts::rename(&workspace, &id, &given).await?;
    }
    let named = accounts::names(&workspace, &id, passphrase_if_set().as_ref()).await?;
    if asked.json {
        let row = |n: &Naming| json!({ "name": n.name, "gives": n.gives, "given": n.given, "found": n.found, "suggestions": n.suggestions });
        print::json("names", json!({ "account": id, "names": named.iter().map(row).collect::<Vec<_>>() }))?;
        return Ok(0);
    }
    let said = |n: &Naming| match (&n.found, &n.given) {
        (Some(found), None) if *found == n.name => "✓".to_owned(),
        (Some(found), _) => format!("✓ as {found}"),
        (None, Some(given)) => format!("✗ there is no {given}"),
        (None, None) => "✗".to_owned(),
    };
    let rows: Vec<Vec<String>> =
        named.iter().map(|n| vec![n.name.clone(), n.gives.clone(), said(n), n.suggestions.join(", ")]).collect();
    print::table(&["asked for", "gives", "there", "may be"], &rows);
    if !given.is_empty() {
        print::line("Collect again: its history is asked for under the new names.");
    }
    Ok(0)
}

#[derive(Args)]
pub(super) struct Configure {
    /// The account (see `loadline accounts`)
    account: String,
    /// Settings as `loadline connect --set` takes them; nothing behind = takes one away
    #[arg(value_name = "KEY=VALUE", required = true)]
    changes: Vec<String>,
}

pub(super) async fn configure(words: Configure, asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    let account = accounts::configure(&workspace, &AccountId::new(words.account), &pairs(&words.changes)?).await?;
    if asked.json {
        print::json("account", json!({ "account": account }))?;
    } else {
        let rows: Vec<Vec<String>> = account.config.iter().map(|(k, v)| vec![k.clone(), v.clone()]).collect();
        print::table(&["setting", "value"], &rows);
        print::line("Collect again: what it measures is asked for as it is set now.");
    }
    Ok(0)
}

/// `KEY=VALUE`; no value behind the sign is none.
fn pairs(words: &[String]) -> Result<Vec<(String, Option<String>)>, EngineError> {
    let pair = |word: &String| match word.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), Some(value.to_owned()).filter(|v| !v.is_empty()))),
        _ => Err(wrong_usage(format!("`{word}` gives nothing: write NAME=VALUE, or NAME= to take it away."))),
    };
    words.iter().map(pair).collect()
}
