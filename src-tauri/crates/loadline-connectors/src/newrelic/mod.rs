//! New Relic: demand, latency and errors of services and their endpoints, saturation of hosts, alert conditions, service
//! levels, synthetic monitors and deployment markers. NerdGraph answers to POST alone: every document is a query out of one
//! table (`documents.rs`), and no other can be sent. It is not for infrastructure that New Relic reads from clouds.

mod access;
mod alerts;
mod deployments;
mod documents;
mod hosts;
mod journeys;
mod monitors;
mod objectives;
mod reading;
mod receivers;
mod requests;
mod routes;

use crate::http::{Limits, Visit};
use crate::{
    ConfigField, ConnectError, Connector, Estimate, Permission, Progress, Provider, ScopePlan, Secret, SecretNeed,
    Window,
};
use access::Access;
use documents::Document;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, GapReason, Scope};
use reading::Reading;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "newrelic",
    name: "New Relic",
    summary: "Reads demand, latency percentiles and errors of services and endpoints, saturation of hosts, alert conditions, service levels, synthetic monitors and deployment markers of New Relic.",
    config: &[
        ConfigField {
            key: "account_id",
            label: "Account",
            help: "Number of the account to read: 1234567",
            required: true,
        },
        ConfigField {
            key: "region",
            label: "Region",
            help: "us unless set; eu for accounts of the EU data centre",
            required: false,
        },
        ConfigField {
            key: "filter",
            label: "Tags",
            help: "Only services and hosts that carry these tags are read: environment=production, team=core",
            required: false,
        },
        ConfigField {
            key: "journey.*",
            label: "Success of a journey",
            help: "journey.check-out=SELECT percentage(count(*), WHERE success IS true) FROM Checkout measures the journey of that name",
            required: false,
        },
        ConfigField {
            key: "endpoint_url",
            label: "Address",
            help: "https://api.newrelic.com or https://api.eu.newrelic.com unless set",
            required: false,
        },
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
    secret: SecretNeed::Required("user key (NRAK-…)"),
    policy: documents::policy,
    documents: Vec::new,
    check: |account| {
        filter(account)?;
        journeys::given(account)?;
        access::place(account).map(drop)
    },
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// The parts of a collection: name, title.
const SCOPES: [(&str, &str); 5] = [
    ("alerts", "Alert conditions and service levels"),
    ("requests", "Latency, demand and errors"),
    ("hosts", "Hosts"),
    ("synthetics", "Synthetic monitors"),
    (DEPLOYMENTS, "Deployments"),
];
const DEPLOYMENTS: &str = "deployments";

struct NewRelic {
    account: Account,
    access: Access,
    /// What stands behind every search for services and hosts.
    filter: String,
    journeys: Vec<journeys::Given>,
}

/// Tags as a condition of entity search: only characters that tags have, so that nothing else can be slipped in.
fn filter(account: &Account) -> Result<String, ConnectError> {
    let text = account.config.get("filter").map(String::as_str).unwrap_or_default();
    let sound = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_alphanumeric() || "_-.:/ ".contains(c));
    let tag = |pair: &str| match pair.split_once('=').map(|(k, v)| (k.trim(), v.trim())) {
        Some((key, value)) if sound(key) && sound(value) => Ok(format!(" AND tags.`{key}` = '{value}'")),
        _ => Err(ConnectError::config("filter", "write tags as environment=production, team=core")),
    };
    text.split(',').map(str::trim).filter(|p| !p.is_empty()).map(tag).collect()
}

/// NRQL is given 55 s (`documents::NRQL`); the first byte comes with its answer.
fn limits() -> Limits {
    Limits { idle: Duration::from_secs(20), total: Duration::from_secs(90), ..Limits::default() }
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(NewRelic::connect(account, secret, limits()).await?))
}

impl NewRelic {
    async fn connect(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Self, ConnectError> {
        let (filter, journeys) = (filter(&account)?, journeys::given(&account)?);
        let secret = secret.ok_or_else(|| ConnectError::config("secret", "New Relic needs a user key"))?;
        let key = Secret::new(secret.expose().trim());
        if !key.expose().chars().all(|c| c.is_ascii_graphic()) || key.expose().is_empty() {
            return Err(ConnectError::config("secret", "a user key has no spaces and begins with NRAK-"));
        }
        let access = Access::open(&account, key, limits)?;
        // It proves address, key and account; what else the user may read shows with each document.
        let told = access.ask(&documents::ACCOUNT, &[]).await;
        told.map_err(|e| e.into_connect(access.host()))?;
        Ok(Self { account, access, filter, journeys })
    }

    async fn read_scope(&self, scope: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let visit = Visit::begin(&self.account, scope, window, progress);
        let mut r = Reading { visit, access: &self.access, filter: &self.filter };
        let outcome = match scope.name.as_str() {
            "alerts" => alerts::read(&mut r).await,
            "requests" => requests::read(&mut r).await,
            "hosts" => hosts::read(&mut r).await,
            "synthetics" => monitors::read(&mut r).await,
            DEPLOYMENTS => deployments::read(&mut r).await,
            "journeys" => journeys::read(&mut r, &self.journeys).await,
            other => {
                r.answer.miss(GapReason::UnmappedSubject, format!("There is no part `{other}`."), "Collect again.");
                Ok(())
            }
        };
        r.visit.end(outcome)
    }

    /// The cheapest question that a document answers; `None` where it needs a monitor first.
    fn probe(&self, document: &Document) -> Option<Vec<(&'static str, Value)>> {
        let search = |kind: &str| json!(format!("accountId = {} AND {kind}", self.access.account));
        match document.name {
            "nrql" => Some(vec![("nrql", json!("SELECT count(*) FROM Transaction SINCE 5 minutes ago"))]),
            "entitySearch" => Some(vec![("search", search("domain = 'APM'"))]),
            "serviceLevel" => Some(vec![("search", search("type = 'SERVICE_LEVEL'"))]),
            "syntheticMonitors" => Some(vec![("search", search("domain = 'SYNTH' AND type = 'MONITOR'"))]),
            "synthetics.steps" | "synthetics.script" => None,
            _ => Some(Vec::new()),
        }
    }

    async fn permissions(&self) -> Vec<Permission> {
        let mut shown = Vec::new();
        for document in documents::ALL {
            let Some(variables) = self.probe(document) else { continue };
            let begun = Instant::now();
            let tried = self.access.ask(document, &variables).await;
            let latency_ms = begun.elapsed().as_millis() as u64;
            let error = match tried {
                Ok(mut told) => (!told.refusals.is_empty()).then(|| told.refusals.swap_remove(0).error),
                Err(error) => Some(error),
            };
            shown.push(Permission {
                name: document.name.to_owned(),
                granted: Some(error.is_none()),
                detail: match &error {
                    None => format!("Gives {}.", document.reads),
                    Some(e) => format!("Should give {}, but {e}.", document.reads),
                },
                closes: if error.is_none() { String::new() } else { document.closes() },
                latency_ms,
            });
        }
        shown
    }
}

impl Connector for NewRelic {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        self.permissions().boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        async {
            let begun = Instant::now();
            let probe = self.access.ask(&documents::ACCOUNT, &[]).await;
            let each = begun.elapsed().as_millis() as u64;
            let calls = requests::CALLS + hosts::CALLS + alerts::CALLS + monitors::CALLS + deployments::CALLS;
            let note = match probe {
                Ok(_) => "For 25 services and hosts and 90 days of history at the first collection; New Relic keeps 8 \
                          days unless more is bought, and later collections take a tenth. It bills none of them and \
                          allows 3,000 queries a minute."
                    .to_owned(),
                Err(e) => format!("The probe failed: {e}."),
            };
            Estimate { calls, billed_calls: 0, busy_ms: calls * each.max(1), note }
        }
        .boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        let plan = |(name, title): (&str, &str)| match ScopePlan::new(name, title) {
            markers if name == DEPLOYMENTS => markers.remembering(),
            other => other,
        };
        let measured = (!self.journeys.is_empty()).then_some(crate::journeys::SCOPE);
        async move { Ok(SCOPES.into_iter().chain(measured).map(plan).collect()) }.boxed()
    }

    fn read<'a>(&'a self, scope: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope> {
        self.read_scope(scope, window, progress).boxed()
    }

    fn cost(&self) -> CollectionCost {
        self.access.cost()
    }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod tests;
