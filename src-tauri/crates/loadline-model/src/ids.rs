//! Identifiers: opaque, ordered strings with one meaning each.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// Wraps a string.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }
            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }
        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }
    };
}

id!(
    /// A connected account: chosen by Loadline, unique in a workspace.
    AccountId
);
id!(
    /// A thing in the world, named by its vendor's own global id (ARN, cluster system identifier, host:port), never by
    /// our account id, so that reconnecting an account changes nothing.
    SubjectId
);
id!(
    /// One run over one account.
    CollectionId
);
id!(
    /// One manifest: which collection each scope is read from.
    SnapshotId
);
id!(
    /// The lasting identity of a finding: hash of rule, canonical subject and discriminator.
    Fingerprint
);
id!(
    /// A roadmap item: `RULE@fingerprint-prefix`.
    ItemId
);
id!(
    /// A rule of the catalog, such as `DB-003`.
    RuleId
);

impl RuleId {
    /// The family part: `DB` of `DB-003`.
    pub fn family(&self) -> &str {
        self.0.split('-').next().unwrap_or("")
    }
}
