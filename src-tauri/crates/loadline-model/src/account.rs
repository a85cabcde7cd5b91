//! Connected accounts, without their secrets.

use crate::{AccountId, Environment, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The account under which imported files are kept: nobody can collect it again.
pub const IMPORTED: &str = "imported";
/// The account under which deployments are kept that a person or a script recorded: how they ended was said with them.
pub const RECORDED: &str = "recorded";

/// Where a secret is found; never the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "store", rename_all = "snake_case")]
pub enum SecretReference {
    /// In the operating system's keychain under this name.
    Keychain {
        /// Entry name.
        name: String,
    },
    /// In an environment variable, resolved at each use.
    Environment {
        /// Variable name.
        variable: String,
    },
    /// In a passphrase-encrypted file.
    File {
        /// Path of the file.
        path: String,
        /// Entry name in it.
        name: String,
    },
}

/// A connected account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Chosen by Loadline.
    pub id: AccountId,
    /// `postgres`, `prometheus`, `demo`, …
    pub provider: String,
    /// What people call it.
    pub name: String,
    /// Non-secret configuration (`url`, `ca_file`, `proxy`, …).
    pub config: BTreeMap<String, String>,
    /// Where its secret is, when it has one.
    pub secret: Option<SecretReference>,
    /// Environment of everything in it, unless mapped otherwise.
    pub environment: Option<Environment>,
    /// Connected at.
    pub connected_at: Timestamp,
    /// Disconnected at: history stays, its checks become unknown.
    #[serde(default)]
    pub disconnected_at: Option<Timestamp>,
    /// When the names that it is asked for last changed: what was read before under other names is asked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names_changed_at: Option<Timestamp>,
}

/// What reports say of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSummary {
    /// Its id.
    pub id: AccountId,
    /// Its provider.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// Still connected at the snapshot's time.
    pub connected: bool,
    /// Newest collection that finished at least one scope.
    pub collected_at: Option<Timestamp>,
}
