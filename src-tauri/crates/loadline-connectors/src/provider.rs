//! What Loadline can connect to.

use crate::{ConnectError, Connector, Secret};
use futures_util::future::BoxFuture;
use loadline_model::Account;

/// One non-secret configuration value of an account.
#[derive(Clone, Copy, Debug)]
pub struct ConfigField {
    /// Key in [`Account::config`]; `remap.*` stands for every key with that prefix.
    pub key: &'static str,
    /// Label in forms.
    pub label: &'static str,
    /// What to type, with an example.
    pub help: &'static str,
    /// Connecting without it is refused.
    pub required: bool,
}

/// Whether an account needs a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretNeed {
    /// None is used.
    None,
    /// Used when there is one; the words say what it is.
    Optional(&'static str),
    /// Connecting without it is refused; the words say what it is.
    Required(&'static str),
}

/// The policy as one document that a tool takes as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDocument {
    /// `json`, `cloudformation`, `terraform`; one document of a format holds the whole policy.
    pub format: &'static str,
    /// What people call it, and what it makes.
    pub title: &'static str,
    /// The document.
    pub text: String,
    /// The same in parts that each fit the vendor's limit; empty when the whole fits, or the document splits itself.
    pub parts: Vec<String>,
    /// One sentence about its size or how it is applied.
    pub note: String,
}

/// Opens a connector for an account; the secret was resolved by the caller.
pub type Connect = fn(&Account, Option<Secret>) -> BoxFuture<'static, Result<Box<dyn Connector>, ConnectError>>;

/// A kind of account Loadline can read.
pub struct Provider {
    /// Id in [`Account::provider`] and on the command line.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// One sentence: what connecting it tells you.
    pub summary: &'static str,
    /// What it is configured by.
    pub config: &'static [ConfigField],
    /// What secret it takes.
    pub secret: SecretNeed,
    /// The least privilege that reads everything, ready to copy; generated from the calls we make.
    pub policy: fn() -> String,
    /// The same for tools, one document a format; none where there is only text to follow.
    pub documents: fn() -> Vec<PolicyDocument>,
    /// Refuses a configuration that can never work, without asking anything.
    pub check: fn(&Account) -> Result<(), ConnectError>,
    /// Opens a connector.
    pub connect: Connect,
}

impl Provider {
    /// The policy in this format.
    pub fn document(&self, format: &str) -> Option<PolicyDocument> {
        (self.documents)().into_iter().find(|d| d.format == format)
    }

    /// Takes this configuration key.
    pub fn takes(&self, key: &str) -> bool {
        self.config.iter().any(|field| match field.key.strip_suffix('*') {
            Some(prefix) => key.starts_with(prefix),
            None => key == field.key,
        })
    }
}

/// Every provider, in alphabetical order of id.
pub const PROVIDERS: &[Provider] = &[
    crate::atlas::PROVIDER,
    crate::aws::PROVIDER,
    crate::bitbucket::PROVIDER,
    crate::circleci::PROVIDER,
    crate::datadog::PROVIDER,
    crate::demo::PROVIDER,
    crate::git::PROVIDER,
    crate::github::PROVIDER,
    crate::gitlab::PROVIDER,
    crate::jenkins::PROVIDER,
    crate::jsm::PROVIDER,
    crate::memcached::PROVIDER,
    crate::mongodb::PROVIDER,
    crate::mysql::PROVIDER,
    crate::newrelic::PROVIDER,
    crate::opsgenie::PROVIDER,
    crate::pagerduty::PROVIDER,
    crate::pgbouncer::PROVIDER,
    crate::postgres::PROVIDER,
    crate::prometheus::PROVIDER,
    crate::redis::PROVIDER,
];

/// The provider of that id.
pub fn provider(id: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|p| p.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_sorted_documented_and_found() {
        assert!(PROVIDERS.is_sorted_by(|a, b| a.id < b.id));
        for p in PROVIDERS {
            assert_eq!(provider(p.id).map(|found| found.name), Some(p.name));
            assert!(!(p.policy)().is_empty() && p.summary.ends_with('.'), "{}", p.id);
            assert!(p.config.iter().all(|c| !c.label.is_empty() && !c.help.is_empty()), "{}", p.id);
        }
        assert!(provider("nothing").is_none());
        let prometheus = provider("prometheus").expect("known");
        assert!(prometheus.takes("url") && prometheus.takes("remap.up") && !prometheus.takes("urll"));
    }
}
