//! Asks connected accounts, read-only, and answers in facts and gaps: one folder per provider, one HTTP door, and no
//! code that can change an account. It is not for judging what was read, nor for storing it.

mod answer;
mod atlas;
mod aws;
mod bitbucket;
mod circleci;
mod connector;
mod datadog;
pub mod demo;
mod error;
mod forge;
mod git;
mod github;
mod gitlab;
pub mod http;
pub mod imported;
mod jenkins;
mod journeys;
mod jsm;
mod memcached;
mod mongodb;
pub mod mysql;
mod newrelic;
mod oncall;
mod opsgenie;
mod pace;
mod pagerduty;
mod pgbouncer;
pub mod postgres;
pub mod prometheus;
mod provider;
mod redis;
mod sql;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use answer::Answer;
pub use connector::{Cancelled, Connector, Estimate, Naming, Permission, Progress, ScopePlan, Step, Window};
pub use error::ConnectError;
pub use loadline_secrets::Secret;
pub use provider::{ConfigField, Connect, PROVIDERS, PolicyDocument, Provider, SecretNeed, provider};
