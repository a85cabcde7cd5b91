//! The encrypted file: a JSON map under age's passphrase encryption, replaced whole and readable by its owner only.

use crate::{Secret, SecretError};
use age::{DecryptError, scrypt};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

/// scrypt with N = 2^17 and r = 8, the first recommendation of OWASP's password storage cheat sheet.
const WORK_FACTOR: u8 = 17;
/// A file that asks for more (2^20: 1 GB) was not written by us.
const MOST_WORK: u8 = 20;

/// What the file holds; wiped when dropped.
#[derive(Default)]
pub(crate) struct Entries(BTreeMap<String, String>);

impl Entries {
    pub(crate) fn set(&mut self, name: String, secret: &Secret) {
        if let Some(mut earlier) = self.0.insert(name, secret.expose().to_owned()) {
            earlier.zeroize();
        }
    }
    pub(crate) fn remove(&mut self, name: &str) {
        if let Some(mut gone) = self.0.remove(name) {
            gone.zeroize();
        }
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

/// One secret of the file.
pub(crate) async fn read(path: &Path, name: &str, passphrase: Option<&Secret>) -> Result<Secret, SecretError> {
    let passphrase = given(path, passphrase)?;
    let (path, name) = (path.to_owned(), name.to_owned());
    off_the_runtime(move || match open(&path, &passphrase)?.0.get(&name) {
        Some(secret) => Ok(Secret::new(secret.as_str())),
        None => Err(SecretError::NotFound { name }),
    })
    .await
}

/// Changes the file's content; two processes take turns.
pub(crate) async fn change(
    path: &Path,
    passphrase: Option<&Secret>,
    change: impl FnOnce(&mut Entries) + Send + 'static,
) -> Result<(), SecretError> {
    let passphrase = given(path, passphrase)?;
    let path = path.to_owned();
    off_the_runtime(move || {
        if let Some(folder) = folder(&path) {
            std::fs::create_dir_all(folder).map_err(io(&path))?;
        }
        // The file itself is replaced, so the turn is taken on a neighbour that stays.
        let turn = private(&beside(&path, "lock")).map_err(io(&path))?;
        turn.lock().map_err(io(&path))?;
        let mut entries = open(&path, &passphrase)?;
        change(&mut entries);
        replace(&path, &seal(&path, &entries, &passphrase)?).map_err(io(&path))
    })
    .await
}

fn given(path: &Path, passphrase: Option<&Secret>) -> Result<Secret, SecretError> {
    match passphrase {
        Some(given) if !given.expose().is_empty() => Ok(given.clone()),
        _ => Err(SecretError::PassphraseMissing { path: path.to_owned() }),
    }
}

fn open(path: &Path, passphrase: &Secret) -> Result<Entries, SecretError> {
    let sealed = match std::fs::read(path) {
        Ok(sealed) => sealed,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Entries::default()),
        Err(error) => return Err(io(path)(error)),
    };
    let damaged = || SecretError::FileDamaged { path: path.to_owned() };
    let mut identity = scrypt::Identity::new(passphrase.clone().into_inner());
    identity.set_max_work_factor(MOST_WORK);
    let json = Zeroizing::new(age::decrypt(&identity, &sealed).map_err(|error| match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => {
            SecretError::PassphraseWrong { path: path.to_owned() }
        }
        _ => damaged(),
    })?);
    serde_json::from_slice(&json).map(Entries).map_err(|_| damaged())
}

fn seal(path: &Path, entries: &Entries, passphrase: &Secret) -> Result<Vec<u8>, SecretError> {
    let failed = |detail: String| SecretError::FileIo { path: path.to_owned(), source: std::io::Error::other(detail) };
    let json = Zeroizing::new(serde_json::to_vec(&entries.0).map_err(|e| failed(e.to_string()))?);
    let mut recipient = scrypt::Recipient::new(passphrase.clone().into_inner());
    recipient.set_work_factor(WORK_FACTOR);
    age::encrypt(&recipient, &json).map_err(|e| failed(e.to_string()))
}

/// Old or new, never half: written beside, made durable, renamed.
fn replace(path: &Path, sealed: &[u8]) -> std::io::Result<()> {
    let fresh = beside(path, "new");
    let mut file = private(&fresh)?;
    file.set_len(0)?;
    file.write_all(sealed)?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    match folder(path) {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn folder(path: &Path) -> Option<&Path> {
    path.parent().filter(|folder| !folder.as_os_str().is_empty())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{suffix}"));
    path.with_file_name(name)
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> SecretError {
    let path = path.to_owned();
    move |source| SecretError::FileIo { path, source }
}

/// Deriving a key takes a processor a good part of a second.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| SecretError::Interrupted)?
}
