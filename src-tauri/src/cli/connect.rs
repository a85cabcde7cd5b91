//! `loadline connect PROVIDER`.

use super::secret::SecretWords;
use super::{Asked, Ended, print, wrong_usage};
use clap::Args;
use loadline_engine::accounts::{NewAccount, add};
use loadline_engine::parts::provider;
use loadline_model::Environment;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Args)]
pub(super) struct Connect {
    /// What to connect: postgres, prometheus or demo
    provider: String,
    /// Address (without a password)
    #[arg(long)]
    url: Option<String>,
    /// Name for people
    #[arg(long, default_value = "")]
    name: String,
    /// Environment of everything in it: production, staging, development
    #[arg(long)]
    environment: Option<String>,
    /// User name (basic authentication; for PostgreSQL it is part of the address)
    #[arg(long)]
    user: Option<String>,
    /// Custom certificate authority (PEM file)
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,
    /// Proxy for this account
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// Any other setting of the provider (see `loadline policy PROVIDER`)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    secret: SecretWords,
}

pub(super) async fn run(words: Connect, asked: &Asked) -> Ended {
    let mut config = BTreeMap::new();
    let given = [("url", words.url), ("username", words.user), ("ca_file", words.ca_file), ("proxy", words.proxy)];
    config.extend(given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    for pair in &words.set {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| wrong_usage(format!("--set `{pair}` is not KEY=VALUE.")))?;
        config.insert(key.to_owned(), value.to_owned());
    }
    let environment = words.environment.as_deref().map(environment).transpose()?;
    let label = provider(&words.provider).and_then(|p| secret_label(p.secret));
    let secret = words.secret.read(label)?;
    let workspace = asked.open().await?;
    let new = NewAccount { provider: words.provider, name: words.name, config, environment, secret };
    let account = add(&workspace, new).await?;
    if asked.json {
        print::json("account", json!({ "account": account }))?;
    } else {
        print::line(format!(
            "Connected {} as `{}`. Try it: loadline test {}",
            account.provider, account.id, account.id
        ));
    }
    Ok(0)
}

fn secret_label(need: loadline_engine::parts::SecretNeed) -> Option<&'static str> {
    use loadline_engine::parts::SecretNeed;
    match need {
        SecretNeed::None => None,
        SecretNeed::Optional(label) | SecretNeed::Required(label) => Some(label),
    }
}

/// Reads an environment word.
pub(super) fn environment(word: &str) -> Result<Environment, loadline_engine::EngineError> {
    match word {
        "production" => Ok(Environment::Production),
        "staging" => Ok(Environment::Staging),
        "development" => Ok(Environment::Development),
        other => Err(wrong_usage(format!("`{other}` is not an environment. Use production, staging or development."))),
    }
}
