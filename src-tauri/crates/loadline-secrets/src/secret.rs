//! A secret in memory, and where new ones go.

use loadline_model::SecretReference;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::path::PathBuf;

/// A secret: prints as `<redacted>`, cannot be serialized, and is wiped when dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a secret over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }
    /// The secret itself: for the one request that needs it, never for a variable that lives on.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
    pub(crate) fn into_inner(self) -> SecretString {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// Where new secrets are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// The system's keychain.
    Keychain,
    /// A file under a passphrase.
    File(PathBuf),
}

impl SecretPlace {
    /// Reads what `--secret-store` takes: `keychain` or `file:PATH`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("file:") {
            Some("") => None,
            Some(path) => Some(Self::File(path.into())),
            None => (text == "keychain").then_some(Self::Keychain),
        }
    }
    /// The reference of an entry kept here.
    pub fn reference(&self, name: &str) -> SecretReference {
        match self {
            Self::Keychain => SecretReference::Keychain { name: name.to_owned() },
            Self::File(path) => SecretReference::File { path: path.display().to_string(), name: name.to_owned() },
        }
    }
}
