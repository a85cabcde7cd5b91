//! The system's keychain. Its Linux store starts a runtime of its own, which panics inside a task: every call goes through
//! `spawn_blocking`.

use crate::{Secret, SecretError};
use keyring::{Entry, Error};

const SERVICE: &str = "loadline";

/// Writes, reads and deletes an entry, so that a missing or locked keychain is known before somebody types a secret.
///
/// # Errors
/// `secret_store_missing`, `secret_store_locked` or `secret_store_failed`; the text names the other places for secrets.
pub async fn probe() -> Result<(), SecretError> {
    // Two processes may probe at once.
    let name = format!("probe-{}", std::process::id());
    let written = name.clone();
    let read = in_keychain(name, move |entry| {
        entry.set_password(&written)?;
        let read = entry.get_password();
        entry.delete_credential()?;
        Ok(read? == written)
    });
    match read.await? {
        true => Ok(()),
        false => Err(SecretError::StoreFailed { detail: "it gave back something else than was written".to_owned() }),
    }
}

/// Keeps a secret.
pub(crate) async fn store(name: &str, secret: Secret) -> Result<(), SecretError> {
    in_keychain(name.to_owned(), move |entry| entry.set_password(secret.expose())).await
}

/// Finds a secret.
pub(crate) async fn read(name: &str) -> Result<Secret, SecretError> {
    in_keychain(name.to_owned(), |entry| entry.get_password().map(Secret::new)).await
}

/// Forgets a secret.
pub(crate) async fn delete(name: &str) -> Result<(), SecretError> {
    let deleted = in_keychain(name.to_owned(), |entry| entry.delete_credential()).await;
    match deleted {
        Err(SecretError::NotFound { .. }) => Ok(()),
        other => other,
    }
}

async fn in_keychain<T: Send + 'static>(
    name: String,
    ask: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
) -> Result<T, SecretError> {
    let asked = tokio::task::spawn_blocking(move || {
        let answer = Entry::new(SERVICE, &name).and_then(|entry| ask(&entry));
        answer.map_err(|error| explain(error, name))
    });
    asked.await.map_err(|_| SecretError::Interrupted)?
}

/// The driver's error may hold what was read, so only its words are passed on.
fn explain(error: Error, name: String) -> SecretError {
    match error {
        Error::NoEntry => SecretError::NotFound { name },
        Error::NoStorageAccess(why) => SecretError::StoreLocked { detail: why.to_string() },
        Error::PlatformFailure(why) => SecretError::StoreMissing { detail: why.to_string() },
        Error::NoDefaultStore => {
            let detail = match Entry::store_status() {
                Err(Error::NoStorageAccess(why)) => return SecretError::StoreLocked { detail: why.to_string() },
                Err(why) => why.to_string(),
                Ok(()) => error.to_string(),
            };
            SecretError::StoreMissing { detail }
        }
        other => SecretError::StoreFailed { detail: other.to_string() },
    }
}
