//! `loadline names ACCOUNT [OURS=THEIRS…]`: what a source calls the metrics that it is asked for.

use super::secret::passphrase_if_set;
use super::{Asked, Ended, print, wrong_usage};
use clap::Args;
use loadline_engine::accounts;
use loadline_engine::parts::Naming;
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
    let mut given = Vec::new();
    for word in &words.given {
        let (ours, theirs) = word.split_once('=').ok_or_else(|| {
            wrong_usage(format!("`{word}` gives no name: write OURS=THEIRS, or OURS= to take a name back."))
        })?;
        given.push((ours.to_owned(), Some(theirs.to_owned()).filter(|t| !t.is_empty())));
    }
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
