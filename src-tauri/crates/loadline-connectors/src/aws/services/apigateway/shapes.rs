//! What API Gateway answers: REST APIs (API Reference, version 2015-07-09) and HTTP and WebSocket APIs (version
//! 2018-11-29). Both write their lists under `item` or `items`; only what becomes a fact is read.

use crate::aws::services::telling::nested;
use crate::aws::shape::{flat_list, opt_bool, opt_f64, opt_string};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A page of things.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, bound = "T: serde::de::DeserializeOwned")]
pub(super) struct Page<T> {
    #[serde(rename = "item", alias = "items", deserialize_with = "flat_list")]
    pub all: Vec<T>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { all: Vec::new() }
    }
}

/// An entry of `GetRestApis`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RestApi {
    #[serde(deserialize_with = "opt_string")]
    pub id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub name: Option<String>,
    #[serde(deserialize_with = "nested")]
    pub endpoint_configuration: Endpoint,
    #[serde(deserialize_with = "opt_bool")]
    pub disable_execute_api_endpoint: Option<bool>,
    #[serde(deserialize_with = "nested")]
    pub tags: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Endpoint {
    /// `REGIONAL`, `EDGE`, `PRIVATE`.
    #[serde(deserialize_with = "flat_list")]
    pub types: Vec<String>,
}

/// An entry of `GetStages` of a REST API.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RestStage {
    #[serde(deserialize_with = "opt_string")]
    pub stage_name: Option<String>,
    /// By `path/METHOD`, or `*/*` for all.
    #[serde(deserialize_with = "nested")]
    pub method_settings: BTreeMap<String, Throttle>,
    #[serde(deserialize_with = "opt_string")]
    pub web_acl_arn: Option<String>,
}

/// A rate that all clients share.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Throttle {
    /// Requests a second; -1 switches it off.
    #[serde(deserialize_with = "opt_f64")]
    pub throttling_rate_limit: Option<f64>,
}

/// An entry of `GetUsagePlans`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct UsagePlan {
    #[serde(deserialize_with = "flat_list")]
    pub api_stages: Vec<PlannedStage>,
    #[serde(deserialize_with = "nested")]
    pub throttle: Rate,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PlannedStage {
    #[serde(deserialize_with = "opt_string")]
    pub api_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub stage: Option<String>,
}

/// A rate of each key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Rate {
    #[serde(deserialize_with = "opt_f64")]
    pub rate_limit: Option<f64>,
}

/// An entry of `GetResources` with its methods.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Resource {
    #[serde(deserialize_with = "nested")]
    pub resource_methods: BTreeMap<String, Method>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Method {
    #[serde(deserialize_with = "opt_bool")]
    pub api_key_required: Option<bool>,
    #[serde(deserialize_with = "nested")]
    pub method_integration: RestIntegration,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RestIntegration {
    /// `HTTP`, `AWS`, `MOCK`, `HTTP_PROXY`, `AWS_PROXY`.
    #[serde(rename = "type", deserialize_with = "opt_string")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub uri: Option<String>,
    /// ARN of a balancer behind a VPC link.
    #[serde(deserialize_with = "opt_string")]
    pub integration_target: Option<String>,
}

/// An entry of `GetDomainNames`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Domain {
    #[serde(deserialize_with = "opt_string")]
    pub domain_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub regional_domain_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub distribution_domain_name: Option<String>,
}

/// An entry of `GetBasePathMappings`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Mapping {
    #[serde(deserialize_with = "opt_string")]
    pub rest_api_id: Option<String>,
}

/// An entry of `GetApis`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct HttpApi {
    #[serde(deserialize_with = "opt_string")]
    pub api_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    pub name: Option<String>,
    /// `https://…` or `wss://…`.
    #[serde(deserialize_with = "opt_string")]
    pub api_endpoint: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    pub disable_execute_api_endpoint: Option<bool>,
    #[serde(deserialize_with = "nested")]
    pub tags: BTreeMap<String, serde_json::Value>,
}

/// An entry of `GetStages` of an HTTP API.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct HttpStage {
    #[serde(deserialize_with = "nested")]
    pub default_route_settings: Throttle,
    #[serde(deserialize_with = "nested")]
    pub route_settings: BTreeMap<String, Throttle>,
}

/// An entry of `GetIntegrations`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct HttpIntegration {
    #[serde(deserialize_with = "opt_string")]
    pub integration_uri: Option<String>,
}

impl Throttle {
    /// A rate of its own is set. What the account is allowed anyway (10,000/s unless raised) is none.
    pub(super) fn is_set(&self) -> bool {
        self.throttling_rate_limit.is_some_and(|rate| (0.0..10_000.0).contains(&rate))
    }
}
