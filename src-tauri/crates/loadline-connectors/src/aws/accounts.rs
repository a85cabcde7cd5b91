//! Which accounts and regions are read: the account of the keys (or of its role), and one for each further role.

use super::Aws;
use super::client::Client;
use super::credentials::{Credentials, Endpoints, Role, Source, Surroundings, Way, region_of};
use super::operations::{Operation, operation};
use super::places;
use super::refused::Refused;
use super::shape::{list, opt_string};
use crate::http::{Limits, Wire};
use crate::{Answer, ConnectError, Secret};
use futures_util::future::join_all;
use loadline_model::Account;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// The scope that says which accounts and regions could not be reached; planned only when there are some.
pub(super) const SCOPE: &str = "accounts";

/// Which regions are enabled.
pub(super) const REGIONS: &Operation = operation("ec2:DescribeRegions");

/// An account whose keys work.
pub(super) struct Reached {
    /// The way into it.
    pub client: Client,
    configured: Vec<String>,
    found: OnceCell<Vec<String>>,
}

/// An account whose role could not be taken.
pub(super) struct Unreached {
    /// The role.
    pub role: Role,
    /// Why.
    pub refused: Refused,
}

/// The words of a setting, separated by spaces or commas.
pub(super) fn words(account: &Account, key: &str) -> Vec<String> {
    let text = account.config.get(key).map(String::as_str).unwrap_or_default();
    text.split([' ', ',', ';', '\n', '\t']).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

impl Aws {
    /// Finds out whose keys they are, in every account.
    ///
    /// # Errors
    /// [`ConnectError`] when the first account cannot be read; further ones become gaps.
    pub(super) async fn connect(
        account: Account,
        secret: Option<Secret>,
        surroundings: &Surroundings,
        limits: Limits,
        deadline: Duration,
    ) -> Result<Self, ConnectError> {
        let regions = check(&account)?;
        let source = Source::of(&account, secret, surroundings)?;
        let way = way(&account, &regions, surroundings, limits)?;
        let client = Client::open(Credentials::new(source.clone(), way.clone()), way.clone()).await;
        let host =
            way.endpoints.at("sts").map_or_else(|| format!("sts.{}.amazonaws.com", way.region), |e| e.to_string());
        let client = client.map_err(|refused| refused.into_connect(host))?;
        let mut reached = vec![Reached { client, configured: regions.clone(), found: OnceCell::new() }];
        let mut unreached = Vec::new();
        let external_id = account.config.get("external_id").cloned().filter(|id| !id.is_empty());
        let further = words(&account, "roles").into_iter().map(|arn| {
            let role = Role { arn, external_id: external_id.clone() };
            let source = Source::Role { base: Box::new(source.clone()), role: role.clone() };
            let opening = Client::open(Credentials::new(source, way.clone()), way.clone());
            async move { (role, opening.await) }
        });
        for (role, opened) in join_all(further).await {
            match opened {
                // Two roles of one account would read everything twice.
                Ok(client) if reached.iter().any(|r| r.client.identity.account == client.identity.account) => {}
                Ok(client) => {
                    reached.push(Reached { client, configured: regions.clone(), found: OnceCell::new() });
                }
                Err(refused) => unreached.push(Unreached { role, refused }),
            }
        }
        Ok(Self { account, wire: way.wire, reached, unreached, deadline })
    }

    /// Gaps of accounts and regions that could not be reached.
    pub(super) async fn say_unreached(&self, answer: &mut Answer) {
        for Unreached { role, refused } in &self.unreached {
            let whose = role.account().map_or_else(|| "An account".to_owned(), |n| format!("Account {n}"));
            let detail = format!("{whose} is not read: {refused}.");
            let closes =
                format!("Let these keys take {} (sts:AssumeRole), with the external id it asks for.", role.arn);
            answer.miss(refused.reason(), detail, closes);
        }
        for reached in &self.reached {
            if let Err(refused) = reached.regions().await {
                let (number, only) = (&reached.client.identity.account, reached.client.region());
                let detail =
                    format!("Account {number}: its regions could not be listed ({refused}); only {only} is read.");
                answer.miss(refused.reason(), detail, format!("{} Or set `regions`.", refused.closes(REGIONS)));
            }
        }
    }
}

/// The regions of the settings, when nothing in the settings is bound to fail.
///
/// # Errors
/// [`ConnectError`] naming the setting and what is wrong with it.
pub(super) fn check(account: &Account) -> Result<Vec<String>, ConnectError> {
    let regions = words(account, "regions");
    if let Some(bad) = regions.iter().find(|r| !places::is_region(r)) {
        return Err(ConnectError::config("regions", format!("`{bad}` is not a region such as eu-west-1")));
    }
    let known: Vec<&str> = super::SERVICES.iter().map(|s| s.id).collect();
    if let Some(bad) = words(account, "services").iter().find(|w| !known.contains(&w.as_str())) {
        return Err(ConnectError::config("services", format!("`{bad}` is none of {}", known.join(", "))));
    }
    for key in ["role_arn", "roles"] {
        if let Some(bad) = words(account, key).iter().find(|w| !is_role(w)) {
            let why = format!("`{bad}` is not a role such as arn:aws:iam::123456789012:role/loadline");
            return Err(ConnectError::config(key, why));
        }
    }
    if let Some(text) = setting(account, "endpoint_url") {
        Wire::address("endpoint_url", text)?;
    }
    Ok(regions)
}

pub(super) fn is_role(arn: &str) -> bool {
    arn.starts_with("arn:aws") && arn.contains(":iam::") && arn.contains(":role/")
}

pub(super) fn setting<'a>(account: &'a Account, key: &str) -> Option<&'a str> {
    account.config.get(key).map(|text| text.trim()).filter(|text| !text.is_empty())
}

pub(super) fn way(
    account: &Account,
    regions: &[String],
    surroundings: &Surroundings,
    limits: Limits,
) -> Result<Way, ConnectError> {
    let endpoints = Endpoints::of(account, surroundings)?;
    let here = endpoints.are_here();
    let wire = Arc::new(Wire::open(account, here, limits.clone())?);
    let mut bare = account.clone();
    bare.config.insert("proxy".to_owned(), "none".to_owned());
    let direct = Arc::new(Wire::open(&bare, true, limits)?);
    let around = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|v| surroundings.variable(v)).map(str::to_owned);
    let around = around.or_else(|| region_of(account, surroundings)).filter(|r| places::is_region(r));
    let region = regions.first().cloned().or(around).unwrap_or_else(|| "us-east-1".to_owned());
    Ok(Way { wire, direct, endpoints, region })
}

impl Reached {
    /// The regions to read: those of the settings, or every region that is enabled. Asked once.
    ///
    /// # Errors
    /// [`Refused`] when they cannot be listed.
    pub(super) async fn regions(&self) -> Result<Vec<String>, Refused> {
        if !self.configured.is_empty() {
            return Ok(self.configured.clone());
        }
        self.found.get_or_try_init(|| self.enabled()).await.cloned()
    }

    async fn enabled(&self) -> Result<Vec<String>, Refused> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Regions {
            #[serde(rename = "regionInfo", deserialize_with = "list")]
            all: Vec<Region>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Region {
            #[serde(rename = "regionName", deserialize_with = "opt_string")]
            name: Option<String>,
            #[serde(rename = "optInStatus", deserialize_with = "opt_string")]
            opted: Option<String>,
        }
        let answer = self.client.ask(REGIONS, self.client.region(), &json!({})).await?;
        let read: Regions = serde_json::from_value(answer).map_err(|e| Refused::NotUnderstood(e.to_string()))?;
        let on = read.all.into_iter().filter(|r| r.opted.as_deref() != Some("not-opted-in"));
        let mut names: Vec<String> = on.filter_map(|r| r.name).filter(|n| places::is_region(n)).collect();
        names.sort();
        names.dedup();
        if names.is_empty() { Err(Refused::NotUnderstood("no region is enabled".to_owned())) } else { Ok(names) }
    }
}
