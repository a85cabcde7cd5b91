//! Connecting, testing and disconnecting accounts; secrets go to their store and nowhere else.

use crate::collect::connect;
use crate::workspace::Workspace;
use crate::{EngineError, clock};
use loadline_connectors::{Estimate, Naming, Permission, Provider, ScopePlan, provider};
use loadline_model::{Account, AccountId, Environment, SecretReference};
use loadline_secrets::Secret;
use std::collections::BTreeMap;

/// Where a new account's secret comes from and goes to.
pub enum SecretInput {
    /// It has none.
    None,
    /// Into the keychain.
    Keychain(Secret),
    /// Only a reference to a variable.
    Environment(String),
    /// Into a passphrase-encrypted file.
    File {
        /// Path of the file.
        path: String,
        /// The secret.
        secret: Secret,
        /// Passphrase of the file.
        passphrase: Secret,
    },
}

/// A new account.
pub struct NewAccount {
    /// Provider id.
    pub provider: String,
    /// What people call it; empty: the provider's id.
    pub name: String,
    /// Non-secret configuration.
    pub config: BTreeMap<String, String>,
    /// Environment of everything in it.
    pub environment: Option<Environment>,
    /// Its secret.
    pub secret: SecretInput,
}

/// What a test found.
pub struct Tested {
    /// Each permission.
    pub permissions: Vec<Permission>,
    /// What a collection would cost.
    pub estimate: Estimate,
    /// What it would read.
    pub scopes: Vec<ScopePlan>,
}

/// Saves an account; nothing is sent to it yet.
///
/// # Errors
/// `unknown_provider`, `unknown_setting`, `missing_setting`, `secret_in_argv`, `invalid_config`, what secret store and workspace say.
pub async fn add(workspace: &Workspace, new: NewAccount) -> Result<Account, EngineError> {
    let store = workspace.store()?;
    let taken: Vec<AccountId> = store.accounts().await?.into_iter().map(|a| a.id).collect();
    let id = free_id(if new.name.is_empty() { &new.provider } else { &new.name }, &taken);
    let (account, secret, passphrase) = drafted(new, id)?;
    if let (Some(reference), Some(secret)) = (&account.secret, secret) {
        loadline_secrets::store(reference, secret, passphrase).await?;
    }
    store.save_account(&account).await?;
    Ok(account)
}

/// Tries a form without saving account or secret.
///
/// # Errors
/// As [`add`], and what the source says.
pub async fn test_draft(new: NewAccount) -> Result<Tested, EngineError> {
    let by_variable = matches!(new.secret, SecretInput::Environment(_));
    let (mut account, secret, _) = drafted(new, AccountId::new("draft"))?;
    if !by_variable {
        account.secret = None;
    }
    let provider = provider(&account.provider).ok_or_else(|| unknown_provider(&account.provider))?;
    let secret = if by_variable { resolve_secret(&account, None).await? } else { secret };
    tested(&*(provider.connect)(&account, secret).await?).await
}

/// Tries a saved account.
///
/// # Errors
/// What secret store and source say.
pub async fn test(workspace: &Workspace, id: &AccountId, passphrase: Option<&Secret>) -> Result<Tested, EngineError> {
    let account = workspace.store()?.account(id).await?;
    tested(&*connect(&account, passphrase).await?).await
}

/// The names a saved account is asked for, and which of them it has.
///
/// # Errors
/// `names_are_fixed` where none can be given; what secret store and source say.
pub async fn names(
    workspace: &Workspace,
    id: &AccountId,
    passphrase: Option<&Secret>,
) -> Result<Vec<Naming>, EngineError> {
    let account = workspace.store()?.account(id).await?;
    let names = connect(&account, passphrase).await?.names(clock::now()).await?;
    names.ok_or_else(|| {
        EngineError::new(
            "names_are_fixed",
            format!("`{id}` is asked for names that its vendor fixed, so there is nothing to map."),
        )
    })
}

/// Gives a saved account other names (`None`: our own again). History is asked for again under them.
///
/// # Errors
/// `names_are_fixed`; as [`configure`].
pub async fn rename(
    workspace: &Workspace,
    id: &AccountId,
    given: &[(String, Option<String>)],
) -> Result<Account, EngineError> {
    let account = workspace.store()?.account(id).await?;
    let provider = provider(&account.provider).ok_or_else(|| unknown_provider(&account.provider))?;
    let key = |name: &str| format!("remap.{name}");
    if let Some((name, _)) = given.iter().find(|(name, _)| !provider.takes(&key(name))) {
        let text = format!("{} is asked for names that its vendor fixed: `{name}` cannot be mapped.", provider.name);
        return Err(EngineError::new("names_are_fixed", text));
    }
    let other = |name: &str, theirs: &Option<String>| theirs.clone().filter(|t| t.trim() != name);
    let changes: Vec<_> = given.iter().map(|(name, theirs)| (key(name), other(name, theirs))).collect();
    configure(workspace, id, &changes).await
}

/// Changes settings of a saved account (`None` takes one away); secrets are none of them. What was read under other settings is
/// asked for again.
///
/// # Errors
/// `unknown_setting`, `missing_setting`, `secret_in_argv`, `invalid_config`; what the workspace says. Then nothing is changed.
pub async fn configure(
    workspace: &Workspace,
    id: &AccountId,
    changes: &[(String, Option<String>)],
) -> Result<Account, EngineError> {
    let store = workspace.store()?;
    let before = store.account(id).await?;
    let provider = provider(&before.provider).ok_or_else(|| unknown_provider(&before.provider))?;
    let mut account = before.clone();
    for (key, value) in changes {
        match value.as_ref().map(|v| v.trim()).filter(|v| !v.is_empty()) {
            Some(value) => account.config.insert(key.clone(), value.to_owned()),
            None => account.config.remove(key),
        };
    }
    check_settings(provider, &account.config, changes.iter().map(|(key, _)| key))?;
    (provider.check)(&account)?;
    if account.config != before.config {
        account.names_changed_at = Some(clock::now());
        store.save_account(&account).await?;
    }
    Ok(account)
}

/// Every setting that is needed is there, and none of the named ones is unknown or holds a password.
fn check_settings<'a>(
    provider: &Provider,
    config: &BTreeMap<String, String>,
    named: impl Iterator<Item = &'a String>,
) -> Result<(), EngineError> {
    for field in provider.config.iter().filter(|f| f.required) {
        if config.get(field.key).is_none_or(|v| v.trim().is_empty()) {
            return Err(EngineError::new(
                "missing_setting",
                format!("{} needs `{}`: {}", provider.name, field.key, field.help),
            ));
        }
    }
    for key in named {
        if !provider.takes(key) {
            let known: Vec<&str> = provider.config.iter().map(|f| f.key).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(EngineError::new(
                "unknown_setting",
                format!("{} has no setting `{key}`. Its settings: {known}.", provider.name),
            ));
        }
        config.get(key).map_or(Ok(()), |value| refuse_password(key, value))?;
    }
    Ok(())
}

async fn tested(connector: &dyn loadline_connectors::Connector) -> Result<Tested, EngineError> {
    let permissions = connector.test().await;
    let scopes = connector.scopes().await?;
    let estimate = connector.estimate().await;
    Ok(Tested { permissions, estimate, scopes })
}

/// Deletes the secret and marks the account disconnected; its history stays, its checks become unknown.
///
/// # Errors
/// What secret store and workspace say; a secret that is already gone is no error.
pub async fn disconnect(
    workspace: &Workspace,
    id: &AccountId,
    passphrase: Option<Secret>,
) -> Result<Account, EngineError> {
    let store = workspace.store()?;
    let mut account = store.account(id).await?;
    if let Some(reference) = account.secret.take()
        && !matches!(reference, SecretReference::Environment { .. })
        && let Err(error) = loadline_secrets::delete(&reference, passphrase.as_ref()).await
        && error.code() != "secret_not_found"
    {
        return Err(error.into());
    }
    account.disconnected_at = Some(clock::now());
    store.save_account(&account).await?;
    Ok(account)
}

/// The account's secret, resolved for one use.
///
/// # Errors
/// What the secret store says.
pub async fn resolve_secret(account: &Account, passphrase: Option<&Secret>) -> Result<Option<Secret>, EngineError> {
    match &account.secret {
        None => Ok(None),
        Some(reference) => Ok(Some(loadline_secrets::read(reference, passphrase).await?)),
    }
}

type Drafted = (Account, Option<Secret>, Option<Secret>);

fn drafted(new: NewAccount, id: AccountId) -> Result<Drafted, EngineError> {
    let provider = provider(&new.provider).ok_or_else(|| unknown_provider(&new.provider))?;
    check_settings(provider, &new.config, new.config.keys())?;
    let name = format!("account/{id}");
    let (reference, secret, passphrase) = match new.secret {
        SecretInput::None => (None, None, None),
        SecretInput::Keychain(secret) => (Some(SecretReference::Keychain { name }), Some(secret), None),
        SecretInput::Environment(variable) => (Some(SecretReference::Environment { variable }), None, None),
        SecretInput::File { path, secret, passphrase } => {
            (Some(SecretReference::File { path, name }), Some(secret), Some(passphrase))
        }
    };
    let account = Account {
        name: if new.name.is_empty() { id.to_string() } else { new.name },
        id,
        provider: new.provider,
        config: new.config,
        secret: reference,
        environment: new.environment,
        connected_at: clock::now(),
        disconnected_at: None,
        names_changed_at: None,
    };
    (provider.check)(&account)?;
    Ok((account, secret, passphrase))
}

fn refuse_password(key: &str, value: &str) -> Result<(), EngineError> {
    let authority = value.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
    let has_password = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    if has_password {
        return Err(EngineError::new(
            "secret_in_argv",
            format!(
                "The address in `{key}` contains a password, which other programs on this machine could read. Remove it and give it by --secret-stdin, --secret-env NAME or the prompt."
            ),
        ));
    }
    Ok(())
}

fn unknown_provider(id: &str) -> EngineError {
    let known: Vec<&str> = loadline_connectors::PROVIDERS.iter().map(|p| p.id).collect();
    EngineError::new(
        "unknown_provider",
        format!("`{id}` is not a provider of this version. Known: {}.", known.join(", ")),
    )
}

fn free_id(name: &str, taken: &[AccountId]) -> AccountId {
    let mut base: String =
        name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    base = base.trim_matches('-').to_owned();
    if base.is_empty() {
        base = "account".into();
    }
    let numbered = (2..).map(|n| AccountId::new(format!("{base}-{n}")));
    std::iter::once(AccountId::new(base.clone())).chain(numbered).find(|id| !taken.contains(id)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_refused() {
        let check = |value: &str, refused: bool| assert_eq!(refuse_password("url", value).is_err(), refused, "{value}");
        check("postgres://app:hunter2@db:5432/app", true);
        check("postgres://app@db:5432/app", false);
        check("postgres://db/app?x=a:b@c", false);
        check("http://127.0.0.1:9090", false);
        check("not an address", false);
    }

    #[test]
    fn ids_stay_unique_and_readable() {
        let taken = [AccountId::new("prod-db"), AccountId::new("prod-db-2")];
        assert_eq!(free_id("Prod DB", &taken).as_str(), "prod-db-3");
        assert_eq!(free_id("!!!", &[]).as_str(), "account");
    }
}
