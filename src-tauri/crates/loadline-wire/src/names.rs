//! What a source calls the metrics that it is asked for.

use loadline_model::AccountId;
use serde::{Deserialize, Serialize};

/// Asks a saved account which of the names it has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LookAt {
    /// The account.
    pub account: AccountId,
}

/// Gives an account another name (`None`: ours again).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Give {
    /// The account.
    pub account: AccountId,
    /// The name that is asked for.
    pub name: String,
    /// What the source calls it.
    pub theirs: Option<String>,
}

/// The names of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameTable {
    /// In the order in which they matter.
    pub rows: Vec<NameRow>,
}

/// A name that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameRow {
    /// The name that is asked for unless another is given.
    pub name: String,
    /// What is known by it, as a noun phrase.
    pub gives: String,
    /// The name that was given instead.
    pub given: Option<String>,
    /// The name under which the source has it now.
    pub found: Option<String>,
    /// Names of the source that may be it, the likeliest first.
    pub suggestions: Vec<String>,
}
