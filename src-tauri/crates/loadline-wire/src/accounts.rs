//! Connecting, testing and collecting accounts.

use loadline_model::{Account, AccountId, Environment, Gap, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Asks which providers can be connected.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Providers {}

/// One field of a provider's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    /// Key in [`Account::config`].
    pub key: String,
    /// Label.
    pub label: String,
    /// Example in grey.
    pub placeholder: String,
    /// Help below the field.
    pub help: String,
    /// Must be filled.
    pub required: bool,
    /// Few people need it: it is folded away at first.
    #[serde(default)]
    pub more: bool,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderInfo {
    /// `postgres`, `prometheus`, …
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What connecting it proves, one sentence.
    pub summary: String,
    /// Form fields.
    pub fields: Vec<FormField>,
    /// Label of the secret; `None`: needs none.
    pub secret_label: Option<String>,
    /// The secret may be left empty.
    pub secret_optional: bool,
    /// Least-privilege policy to copy, generated from the calls we make.
    pub policy: String,
    /// `sql`, `text`, `json`.
    pub policy_language: String,
    /// The same policy for tools, one document a format; empty where there is only the text.
    #[serde(default)]
    pub documents: Vec<PolicyDocument>,
}

/// A policy as a tool takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyDocument {
    /// `json`, `cloudformation`, `terraform`.
    pub format: String,
    /// What people call it.
    pub title: String,
    /// The document.
    pub text: String,
    /// One sentence about its size or how it is applied.
    pub note: String,
}

/// Where the form's secret goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum SecretDraft {
    /// No secret.
    None,
    /// Into the keychain.
    Keychain {
        /// The secret, on its one way.
        secret: String,
    },
    /// Only a reference to an environment variable.
    Environment {
        /// Variable name.
        variable: String,
    },
}

/// A filled form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Provider.
    pub provider: String,
    /// Name.
    pub name: String,
    /// Fields.
    pub config: BTreeMap<String, String>,
    /// Environment of everything in it.
    pub environment: Option<Environment>,
    /// Its secret.
    pub secret: SecretDraft,
}

/// Tries a form without saving anything.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TestDraft {
    /// The form.
    pub draft: Draft,
}

/// Saves an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Connect {
    /// The form.
    pub draft: Draft,
}

/// Tries a saved account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TestAccount {
    /// The account.
    pub account: AccountId,
}

/// One permission of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionRow {
    /// What it allows to read.
    pub name: String,
    /// ✓, ✗ or could not be tried.
    pub granted: Option<bool>,
    /// What the source said.
    pub detail: String,
    /// The exact grant or setting that would turn ✗ into ✓.
    pub closes: String,
    /// Rules that are judged from it.
    #[serde(default)]
    pub feeds: Vec<String>,
    /// Milliseconds.
    pub latency_ms: Option<u64>,
}

/// What a test found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestReport {
    /// The source answered and let us in.
    pub reachable: bool,
    /// One sentence.
    pub sentence: String,
    /// Each permission.
    pub permissions: Vec<PermissionRow>,
    /// What a collection would cost.
    pub estimate: Option<CollectionEstimate>,
    /// Scopes that a collection would read.
    pub scopes: Vec<String>,
}

/// Deletes the secret, keeps the history; its checks become unknown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Disconnect {
    /// The account.
    pub account: AccountId,
}

/// Deletes everything an account ever said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeleteAccountData {
    /// The account.
    pub account: AccountId,
}

/// Asks what a collection would cost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Estimate {
    /// Accounts; empty: all.
    pub accounts: Vec<AccountId>,
}

/// What a collection would cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionEstimate {
    /// Calls or statements.
    pub calls: u64,
    /// Calls that the vendor bills.
    pub billed_calls: u64,
    /// Milliseconds of work at the source.
    pub busy_ms: u64,
    /// One sentence per account.
    pub notes: Vec<String>,
}

/// Begins a collection and, when it ends, a snapshot and an assessment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CollectStart {
    /// Accounts; empty: all.
    pub accounts: Vec<AccountId>,
}

/// Asks how it goes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CollectStatus {}

/// Cancels; what was read is kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CollectCancel {}

/// Where one account's collection is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountProgress {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Scopes done.
    pub done: u32,
    /// Scopes in all.
    pub total: u32,
    /// What it reads now.
    pub step: String,
    /// Gaps so far.
    pub gaps: u32,
    /// `waiting`, `reading`, `done`, `partial`, `failed`, `cancelled`.
    pub status: String,
    /// Error sentence, when it failed.
    pub error: Option<String>,
    /// The services it reads, in the order in which they begin.
    #[serde(default)]
    pub parts: Vec<PartProgress>,
}

/// How far one service of an account is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartProgress {
    /// The service.
    pub title: String,
    /// Places read.
    pub done: u32,
    /// Places in all.
    pub total: u32,
    /// It is being read now.
    pub reading: bool,
}

/// Where the collection is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectProgress {
    /// Still running.
    pub running: bool,
    /// `collecting`, `assessing`, `done`, `cancelled`, `failed`, `idle`.
    pub phase: String,
    /// Per account.
    pub accounts: Vec<AccountProgress>,
    /// Error sentence, when it failed as a whole.
    pub error: Option<String>,
}

/// An account as its card shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountCard {
    /// The account, without secrets.
    pub account: Account,
    /// Newest collection.
    pub collected_at: Option<Timestamp>,
    /// `healthy`, `partial`, `failing`, `never_collected`, `disconnected`.
    pub health: String,
    /// One sentence behind the word.
    pub sentence: String,
    /// Its newest gaps.
    pub gaps: Vec<Gap>,
    /// What its newest collection cost.
    pub cost: Option<CollectionEstimate>,
    /// Its metrics may have other names than those that are asked for.
    #[serde(default)]
    pub renames: bool,
}
