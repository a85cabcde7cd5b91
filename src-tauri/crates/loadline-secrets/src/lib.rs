//! Where Loadline keeps secrets: the system's keychain, an environment variable that is only referred to, or a file under
//! a passphrase. It is not for anything that may be printed, logged, stored elsewhere or sent to the window.

mod environment;
mod error;
mod file;
mod keychain;
mod redactor;
mod secret;

#[cfg(test)]
mod tests;

pub use error::SecretError;
pub use keychain::probe;
pub use redactor::Redactor;
pub use secret::{Secret, SecretPlace};

use loadline_model::SecretReference;
use std::path::Path;

/// Keeps a secret where the reference says, in place of an earlier one of that name.
///
/// # Errors
/// `secret_env_read_only` for an environment reference; `secret_store_missing` or `secret_store_locked` for a keychain that
/// does not answer; `secret_passphrase_missing` or `secret_passphrase_wrong` for a file.
pub async fn store(reference: &SecretReference, secret: Secret, passphrase: Option<Secret>) -> Result<(), SecretError> {
    match reference {
        SecretReference::Keychain { name } => keychain::store(name, secret).await,
        SecretReference::Environment { variable } => {
            Err(SecretError::EnvironmentReadOnly { variable: variable.clone() })
        }
        SecretReference::File { path, name } => {
            let name = name.clone();
            file::change(Path::new(path), passphrase.as_ref(), move |entries| entries.set(name, &secret)).await
        }
    }
}

/// The secret a reference leads to.
///
/// # Errors
/// `secret_not_found`, `secret_env_missing`, and those of [`store`].
pub async fn read(reference: &SecretReference, passphrase: Option<&Secret>) -> Result<Secret, SecretError> {
    match reference {
        SecretReference::Keychain { name } => keychain::read(name).await,
        SecretReference::Environment { variable } => environment::read(variable),
        SecretReference::File { path, name } => file::read(Path::new(path), name, passphrase).await,
    }
}

/// Forgets a secret. One that is not there is forgotten already, and an environment variable is not ours to change.
///
/// # Errors
/// Those of [`store`].
pub async fn delete(reference: &SecretReference, passphrase: Option<&Secret>) -> Result<(), SecretError> {
    match reference {
        SecretReference::Keychain { name } => keychain::delete(name).await,
        SecretReference::Environment { .. } => Ok(()),
        SecretReference::File { path, .. } if !Path::new(path).exists() => Ok(()),
        SecretReference::File { path, name } => {
            let name = name.clone();
            file::change(Path::new(path), passphrase, move |entries| entries.remove(&name)).await
        }
    }
}
