//! `loadline connect PROVIDER`: flags become the provider's settings, and the engine refuses those that it does not take.

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
    /// What to connect: atlas, aws, bitbucket, circleci, datadog, git, github, gitlab, jenkins, jsm, memcached, mongodb, mysql, newrelic, opsgenie, pagerduty, pgbouncer, postgres, prometheus, redis or demo
    provider: String,
    /// Address (without a password)
    #[arg(long)]
    url: Option<String>,
    /// Folder of a clone on this machine (git)
    #[arg(long, value_name = "FOLDER")]
    path: Option<String>,
    /// Name for people
    #[arg(long, default_value = "")]
    name: String,
    /// Environment of everything in it: production, staging, development
    #[arg(long)]
    environment: Option<String>,
    /// User name (basic authentication; for databases it is part of the address)
    #[arg(long)]
    user: Option<String>,
    /// Custom certificate authority (PEM file)
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,
    /// Proxy for this account
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    #[command(flatten)]
    aws: Aws,
    /// Any other setting of the provider (a wrong one is answered with the list of them)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    secret: SecretWords,
}

/// Settings of Amazon Web Services.
#[derive(Args)]
#[command(next_help_heading = "Amazon Web Services")]
struct Aws {
    /// Profile of ~/.aws/config or ~/.aws/credentials, also of single sign-on
    #[arg(long)]
    profile: Option<String>,
    /// Region to read, once for each; every enabled region unless given
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Role to take before anything is read
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// External id that the role asks for
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    /// Role in a further account, once for each
    #[arg(long = "role", value_name = "ARN")]
    roles: Vec<String>,
    /// Id of an access key; its secret key is the account's secret
    #[arg(long, value_name = "ID")]
    access_key_id: Option<String>,
    /// Service to read, once for each (ec2, rds, …); all unless given
    #[arg(long = "service", value_name = "SERVICE")]
    services: Vec<String>,
    /// Address in place of every host of AWS (an emulator or a private endpoint), of a vendor's API (Atlas, Bitbucket, CircleCI, Datadog, GitHub, GitLab, New Relic, Opsgenie, PagerDuty)
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// Use the role of the machine that Loadline runs on
    #[arg(long)]
    instance_role: bool,
}

impl Aws {
    /// The settings that were given, under their keys; several values are separated by spaces.
    fn settings(self) -> impl Iterator<Item = (&'static str, Option<String>)> {
        let all = |words: Vec<String>| (!words.is_empty()).then(|| words.join(" "));
        [
            ("profile", self.profile),
            ("regions", all(self.regions)),
            ("role_arn", self.role_arn),
            ("external_id", self.external_id),
            ("roles", all(self.roles)),
            ("access_key_id", self.access_key_id),
            ("services", all(self.services)),
            ("endpoint_url", self.endpoint_url),
            ("instance_role", self.instance_role.then(|| "true".to_owned())),
        ]
        .into_iter()
    }
}

pub(super) async fn run(words: Connect, asked: &Asked) -> Ended {
    let mut config = BTreeMap::new();
    let given = [
        ("url", words.url),
        ("path", words.path),
        ("username", words.user),
        ("ca_file", words.ca_file),
        ("proxy", words.proxy),
    ];
    let given = given.into_iter().chain(words.aws.settings());
    config.extend(given.filter_map(|(key, value)| Some((key.to_owned(), value?))));
    for pair in &words.set {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| wrong_usage(format!("--set `{pair}` is not KEY=VALUE.")))?;
        config.insert(key.to_owned(), value.to_owned());
    }
    let environment = words.environment.as_deref().map(environment).transpose()?;
    let label = provider(&words.provider).and_then(|p| secret_label(p.secret));
    // The secret of AWS goes with a key; without one there is nothing to ask for.
    let label = label.filter(|_| words.provider != "aws" || config.contains_key("access_key_id"));
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
