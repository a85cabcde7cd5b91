//! Datadog: demand, latency and errors of services, saturation of hosts, monitors and objectives. It only ever sends GET.

mod calls;
mod hosts;
mod journeys;
mod monitors;
mod reading;
mod requests;
mod routes;

use crate::http::{Credential, Door, Limits, Visit};
use crate::journeys::{Given, SCOPE, given};
use crate::{
    ConfigField, ConnectError, Connector, Estimate, Permission, Progress, Provider, ScopePlan, Secret, SecretNeed,
    Window,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, GapReason, Scope};
use reading::Reading;
use std::time::Instant;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "datadog",
    name: "Datadog",
    summary: "Reads demand, latency percentiles and errors of traced services, saturation of hosts, monitors and objectives of Datadog.",
    config: &[
        ConfigField {
            key: "site",
            label: "Site",
            help: "datadoghq.com unless set; datadoghq.eu, us3.datadoghq.com, ap1.datadoghq.com, …",
            required: false,
        },
        ConfigField {
            key: "filter",
            label: "Tags",
            help: "Only what carries these tags is read: env:production,team:core",
            required: false,
        },
        ConfigField {
            key: "operations",
            label: "Operations",
            help: "Names of the spans of incoming requests when they are not found by themselves, separated by spaces: web.request grpc.server",
            required: false,
        },
        ConfigField {
            key: "journey.*",
            label: "Success of a journey",
            help: "journey.sign-up=sum:signups.ok{*}.as_count() / sum:signups.all{*}.as_count() measures the journey of that name",
            required: false,
        },
        ConfigField { key: "endpoint_url", label: "Address", help: "https://api.<site> unless set", required: false },
        ConfigField {
            key: "ca_file",
            label: "Certificate authority",
            help: "Path of a PEM file to trust besides the system's",
            required: false,
        },
        ConfigField {
            key: "proxy",
            label: "Proxy",
            help: "http://proxy:3128, or `none` to ignore the environment's",
            required: false,
        },
    ],
    secret: SecretNeed::Required("API key and application key with a colon between them"),
    policy: calls::policy,
    documents: Vec::new,
    check: |account| {
        filter(account)?;
        given(account)?;
        Door::open(&addressed(account), Credential::None, Limits::default()).map(drop)
    },
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// The parts of a collection: name, title.
const SCOPES: [(&str, &str); 3] =
    [("monitors", "Monitors and objectives"), ("requests", "Latency, demand and errors"), ("hosts", "Hosts")];

struct Datadog {
    account: Account,
    door: Door,
    /// What stands in the braces of every query.
    filter: String,
    journeys: Vec<Given>,
}

/// The same account with the address that the door asks.
fn addressed(account: &Account) -> Account {
    let mut account = account.clone();
    let set = |key: &str| account.config.get(key).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
    let site = set("site").unwrap_or_else(|| "datadoghq.com".to_owned());
    let url = set("endpoint_url").unwrap_or_else(|| format!("https://api.{site}"));
    account.config.insert("url".to_owned(), url);
    account
}

/// Tags of every query: only characters that tags have, so that nothing else can be slipped into a query.
fn filter(account: &Account) -> Result<String, ConnectError> {
    let text: String =
        account.config.get("filter").map(String::as_str).unwrap_or_default().split_whitespace().collect();
    let allowed = |c: char| c.is_alphanumeric() || "_-:./,*".contains(c);
    match () {
        () if text.is_empty() => Ok("*".to_owned()),
        () if text.chars().all(allowed) => Ok(text),
        () => Err(ConnectError::config("filter", "write tags as env:production,team:core")),
    }
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(Datadog::connect(account, secret, Limits::default()).await?))
}

impl Datadog {
    async fn connect(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Self, ConnectError> {
        let (filter, journeys) = (filter(&account)?, given(&account)?);
        let secret = secret.ok_or_else(|| ConnectError::config("secret", "Datadog needs two keys"))?;
        let (api, application) = secret
            .expose()
            .split_once(':')
            .map(|(a, b)| (Secret::new(a.trim()), Secret::new(b.trim())))
            .ok_or_else(|| ConnectError::config("secret", "write the API key, a colon, and the application key"))?;
        let credential = Credential::Headers(vec![("dd-api-key", api), ("dd-application-key", application)]);
        let door = Door::open(&addressed(&account), credential, limits)?;
        // It proves address and API key; what the application key may read shows with each call.
        let valid = door.get(calls::VALIDATE.path, &[]).await.map_err(|e| e.into_connect(door.host()))?;
        if valid.get("valid").and_then(serde_json::Value::as_bool) != Some(true) {
            let why = "it did not say that the API key is valid".to_owned();
            return Err(ConnectError::Refused { host: door.host(), why });
        }
        Ok(Self { account, door, filter, journeys })
    }

    async fn read_scope(&self, scope: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let visit = Visit::begin(&self.account, scope, window, progress);
        let operations = self.account.config.get("operations").map(String::as_str).unwrap_or_default();
        let mut r = Reading { visit, door: &self.door, filter: self.filter.as_str() };
        let outcome = match scope.name.as_str() {
            "monitors" => monitors::read(&mut r).await,
            "requests" => requests::read(&mut r, operations).await,
            "hosts" => hosts::read(&mut r).await,
            "journeys" => journeys::read(&mut r, &self.journeys).await,
            other => {
                r.answer.miss(GapReason::UnmappedSubject, format!("There is no part `{other}`."), "Collect again.");
                Ok(())
            }
        };
        r.visit.end(outcome)
    }

    async fn permissions(&self) -> Vec<Permission> {
        let mut shown = Vec::new();
        for call in calls::ALL {
            let begun = Instant::now();
            let tried = self.door.get(call.path, &calls::probe(call)).await;
            let latency_ms = begun.elapsed().as_millis() as u64;
            shown.push(Permission {
                name: format!("{} ({})", call.scope, call.path),
                granted: Some(tried.is_ok()),
                detail: match &tried {
                    Ok(_) => format!("Gives {}.", call.reads),
                    Err(e) => format!("Should give {}, but {e}.", call.reads),
                },
                closes: if tried.is_ok() { String::new() } else { call.closes() },
                latency_ms,
            });
        }
        shown
    }
}

impl Connector for Datadog {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        self.permissions().boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        async {
            let begun = Instant::now();
            let probe = self.door.get(calls::VALIDATE.path, &[]).await;
            let each = begun.elapsed().as_millis() as u64;
            let calls = requests::CALLS
                + routes::CALLS
                + hosts::CALLS
                + monitors::CALLS
                + journeys::CALLS * self.journeys.len() as u64;
            let note = match probe {
                Ok(_) => "For 90 days at the first collection and one kind of request; later ones take a tenth. \
                          Datadog bills none of them and allows some 1,600 queries an hour."
                    .to_owned(),
                Err(e) => format!("The probe failed: {e}."),
            };
            Estimate { calls, billed_calls: 0, busy_ms: calls * each.max(1), note }
        }
        .boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        let measured = (!self.journeys.is_empty()).then_some(SCOPE);
        let plans = SCOPES.into_iter().chain(measured).map(|(name, title)| ScopePlan::new(name, title)).collect();
        async { Ok(plans) }.boxed()
    }

    fn read<'a>(&'a self, scope: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope> {
        self.read_scope(scope, window, progress).boxed()
    }

    fn cost(&self) -> CollectionCost {
        self.door.cost()
    }
}

#[cfg(test)]
mod tests;
