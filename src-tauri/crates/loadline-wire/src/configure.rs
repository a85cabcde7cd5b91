//! The settings of an account that is connected already; its secret is none of them.

use crate::accounts::FormField;
use loadline_model::AccountId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Asks for them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LookAt {
    /// The account.
    pub account: AccountId,
}

/// Changes some (`None` takes one away) and leaves the rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    /// The account.
    pub account: AccountId,
    /// Key and new value.
    pub changes: BTreeMap<String, Option<String>>,
}

/// What may be set, and what is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSettings {
    /// What people call the provider.
    pub provider: String,
    /// Settings there is one of each.
    pub fields: Vec<FormField>,
    /// Settings there may be several of, each under a name of its own; the key ends where the name begins: `journey.`.
    pub named: Vec<FormField>,
    /// Values by key.
    pub values: BTreeMap<String, String>,
}
