//! What CloudFront answers (API Reference, version 2020-05-31); only what becomes a fact. XML answers put `Quantity`
//! beside `Items`.

use crate::aws::services::telling::nested;
use crate::aws::shape::{flat_list, list, opt_bool, opt_string};
use serde::Deserialize;

/// A page of `ListDistributions`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Page {
    #[serde(deserialize_with = "nested")]
    pub items: Summaries,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Summaries {
    #[serde(rename = "DistributionSummary", deserialize_with = "flat_list")]
    pub all: Vec<Distribution>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Distribution {
    #[serde(rename = "ARN", deserialize_with = "opt_string")]
    pub arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub domain_name: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    pub enabled: Option<bool>,
    #[serde(deserialize_with = "nested")]
    pub aliases: Items<String>,
    #[serde(deserialize_with = "nested")]
    pub origins: Items<Origin>,
    #[serde(deserialize_with = "nested")]
    pub origin_groups: Items<OriginGroup>,
    pub default_cache_behavior: Option<Behavior>,
    #[serde(deserialize_with = "nested")]
    pub cache_behaviors: Items<Behavior>,
    /// ARN of a web ACL, id of one of the classic kind, or empty; kept as it was said, because empty means none.
    #[serde(rename = "WebACLId")]
    pub web_acl_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", default, bound = "T: serde::de::DeserializeOwned")]
pub(super) struct Items<T> {
    #[serde(deserialize_with = "list")]
    pub items: Vec<T>,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Origin {
    #[serde(deserialize_with = "opt_string")]
    pub domain_name: Option<String>,
    #[serde(deserialize_with = "nested")]
    pub custom_headers: Quantity,
    #[serde(deserialize_with = "nested")]
    pub vpc_origin_config: VpcOrigin,
}

/// How many there are of something whose content (a shared secret, perhaps) is not read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Quantity {
    #[serde(deserialize_with = "crate::aws::shape::opt_u64")]
    pub quantity: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct VpcOrigin {
    #[serde(deserialize_with = "opt_string")]
    pub vpc_origin_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct OriginGroup {
    #[serde(deserialize_with = "opt_string")]
    pub id: Option<String>,
    #[serde(deserialize_with = "nested")]
    pub members: Quantity,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Behavior {
    /// Id of an origin or of an origin group.
    #[serde(deserialize_with = "opt_string")]
    pub target_origin_id: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    pub compress: Option<bool>,
    #[serde(deserialize_with = "opt_string")]
    pub cache_policy_id: Option<String>,
}

/// A page of `ListCachePolicies`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PolicyPage {
    #[serde(deserialize_with = "nested")]
    pub items: PolicySummaries,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PolicySummaries {
    #[serde(rename = "CachePolicySummary", deserialize_with = "flat_list")]
    pub all: Vec<PolicySummary>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PolicySummary {
    #[serde(deserialize_with = "nested")]
    pub cache_policy: Policy,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Policy {
    #[serde(deserialize_with = "opt_string")]
    pub id: Option<String>,
    #[serde(deserialize_with = "nested")]
    pub cache_policy_config: PolicyConfig,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PolicyConfig {
    #[serde(deserialize_with = "nested")]
    pub parameters_in_cache_key_and_forwarded_to_origin: Parameters,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Parameters {
    #[serde(deserialize_with = "opt_bool")]
    pub enable_accept_encoding_gzip: Option<bool>,
    #[serde(deserialize_with = "opt_bool")]
    pub enable_accept_encoding_brotli: Option<bool>,
}

impl Policy {
    /// Keeps compressed copies; without that nothing is compressed (CloudFront Developer Guide, "Serve compressed
    /// files").
    pub(super) fn keeps_compressed(&self) -> Option<bool> {
        let told = &self.cache_policy_config.parameters_in_cache_key_and_forwarded_to_origin;
        match (told.enable_accept_encoding_gzip, told.enable_accept_encoding_brotli) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false) | None) => Some(false),
            _ => None,
        }
    }
}
