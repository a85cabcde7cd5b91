//! The settings of an account that is connected already.

use super::Desk;
use super::accounts::{field, fields};
use loadline_engine::EngineError;
use loadline_engine::accounts as engine;
use loadline_engine::parts::{ConfigField, PROVIDERS, Provider};
use loadline_model::Account;
use loadline_wire::accounts::FormField;
use loadline_wire::configure::{AccountSettings, Change, LookAt};
use std::sync::Arc;

pub(super) async fn look_at(desk: &Arc<Desk>, asked: LookAt) -> Result<AccountSettings, EngineError> {
    let account = desk.workspace().await.store()?.account(&asked.account).await?;
    Ok(settings(account))
}

pub(super) async fn change(desk: &Arc<Desk>, asked: Change) -> Result<AccountSettings, EngineError> {
    let changes: Vec<(String, Option<String>)> = asked.changes.into_iter().collect();
    let account = engine::configure(&*desk.workspace().await, &asked.account, &changes).await?;
    Ok(settings(account))
}

fn settings(account: Account) -> AccountSettings {
    let known = PROVIDERS.iter().find(|p| p.id == account.provider);
    AccountSettings {
        provider: known.map_or_else(|| account.provider.clone(), |p| p.name.to_owned()),
        fields: known.map(fields).unwrap_or_default(),
        named: known.map(named).unwrap_or_default(),
        values: account.config,
    }
}

/// `journey.*` and its like. Names of metrics have a page of their own, which asks the source for what it has.
fn named(p: &Provider) -> Vec<FormField> {
    let of = p.config.iter().filter(|f| f.key.ends_with('*') && f.key != "remap.*");
    let one = |f: &ConfigField| {
        let key = f.key.trim_end_matches('*');
        // The help shows one as the command line takes it.
        let example = f.help.strip_prefix(key).and_then(|rest| rest.split_once('='));
        let help = example.map_or_else(|| f.help.to_owned(), |(name, rest)| format!("Such as {name}: {rest}"));
        FormField { key: key.to_owned(), help, ..field(p, f) }
    };
    of.map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_set_more_than_once_is_named() {
        let of = |id: &str| {
            let provider = PROVIDERS.iter().find(|p| p.id == id).expect("a provider");
            assert!(named(provider).iter().all(|f| f.help.starts_with("Such as ")), "{id}");
            let keys: Vec<String> = named(provider).into_iter().map(|f| f.key).collect();
            assert!(fields(provider).iter().all(|f| !f.key.contains('*')), "{id}");
            keys
        };
        assert_eq!(of("prometheus"), ["journey."]);
        assert_eq!(of("git"), ["migration."]);
        assert_eq!(of("postgres"), Vec::<String>::new());
    }
}
