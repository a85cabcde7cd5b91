//! Prometheus and what speaks its query API: distributions, demand, saturation and alert rules of a window. It is not
//! for scraping, and only ever sends GET.

mod alerts;
mod api;
mod catalog;
mod histograms;
mod journeys;
mod mapping;
mod names;
mod reading;
mod requests;
mod saturation;
mod stores;
mod targets;

use crate::aws::signer::{self, Signer};
use crate::http::{Credential, Door, Limits, Visit};
use crate::journeys::{Given, SCOPE, given};
use crate::{
    ConfigField, ConnectError, Connector, Estimate, Naming, Permission, Progress, Provider, ScopePlan, Secret,
    SecretNeed, Window,
};
use api::{Api, Span};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, DAY_MS, GapReason, Scope, Timestamp};
use names::Names;
use reading::Reading;
use std::sync::Arc;
use std::time::Instant;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "prometheus",
    name: "Prometheus",
    summary: "Reads latency distributions, demand, errors, saturation, alert rules and targets of Prometheus, Thanos, Mimir or VictoriaMetrics.",
    config: &[
        ConfigField {
            key: "url",
            label: "Address",
            help: "https://prometheus.example.com, with the path before /api when there is one",
            required: true,
        },
        ConfigField {
            key: "username",
            label: "User",
            help: "For basic authentication; without it the secret is a bearer token",
            required: false,
        },
        ConfigField {
            key: "tenant",
            label: "Tenant",
            help: "Sent as X-Scope-OrgID to Mimir or Cortex",
            required: false,
        },
        ConfigField {
            key: "service_label",
            label: "Service label",
            help: "Label that names the service; `job` unless set",
            required: false,
        },
        ConfigField {
            key: "remap.*",
            label: "Metric names",
            help: "remap.http_server_request_duration_seconds=my_latency_seconds reads your name instead of ours",
            required: false,
        },
        ConfigField {
            key: "journey.*",
            label: "Success of a journey",
            help: "journey.sign-up=sum(rate(signups_total{result='ok'}[5m])) / sum(rate(signups_total[5m])) measures the journey of that name",
            required: false,
        },
        signer::FIELDS[0],
        signer::FIELDS[1],
        signer::FIELDS[2],
        signer::FIELDS[3],
        signer::FIELDS[4],
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
    secret: SecretNeed::Optional("bearer token, the password of `username`, or the secret key of `access_key_id`"),
    policy,
    documents: Vec::new,
    check: |account| {
        Names::of(account)?;
        signer::region(account)?;
        crate::journeys::given(account)?;
        Door::open(account, Credential::None, Limits::default()).map(drop)
    },
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// The parts of a collection: name, title.
const SCOPES: [(&str, &str); 4] = [
    ("server", "Alert rules and targets"),
    ("requests", "Latency, demand and errors"),
    ("saturation", "Machines and containers"),
    ("stores", "Databases and caches"),
];

fn policy() -> String {
    let mut lines = vec!["# Loadline sends only GET, to these paths below the address of the account:".to_owned()];
    lines.extend(api::PATHS.iter().map(|(path, what)| format!("GET {path}  # {what}")));
    lines.join("\n") + "\n"
}

struct Prometheus {
    account: Account,
    api: Api,
    names: Names,
    journeys: Vec<Given>,
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(Prometheus::connect(account, secret, Limits::default()).await?))
}

impl Prometheus {
    async fn connect(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Self, ConnectError> {
        let (names, journeys) = (Names::of(&account)?, given(&account)?);
        let user = account.config.get("username").filter(|u| !u.is_empty());
        let credential = match (signer::region(&account)?, user, secret) {
            (Some(region), _, keys) => {
                Credential::Signed(Arc::new(Signer::of(&account, keys, "aps", region, limits.clone())?))
            }
            (None, Some(user), Some(password)) => Credential::Basic(user.clone(), password),
            (None, Some(_), None) => {
                return Err(ConnectError::config("username", "a user without a password; give the secret"));
            }
            (None, None, Some(token)) => Credential::Bearer(token),
            (None, None, None) => Credential::None,
        };
        let mut door = Door::open(&account, credential, limits)?;
        if let Some(tenant) = account.config.get("tenant").filter(|t| !t.is_empty()) {
            door = door.with_header("x-scope-orgid", tenant);
        }
        let api = Api::new(door);
        // The cheapest question that every implementation answers: it proves address, credentials and dialect.
        api.probe().await.map_err(|e| e.into_connect(api.door.host()))?;
        Ok(Self { account, api, names, journeys })
    }

    async fn read_scope(&self, scope: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let visit = Visit::begin(&self.account, scope, window, progress);
        let mut r = Reading { visit, api: &self.api, names: &self.names };
        let outcome = match scope.name.as_str() {
            "server" => match alerts::read(&mut r).await {
                Ok(()) => targets::read(&mut r).await,
                stopped => stopped,
            },
            "requests" => requests::read(&mut r).await,
            "saturation" => saturation::read(&mut r).await,
            "stores" => stores::read(&mut r).await,
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
        for (path, what) in api::PATHS {
            let begun = Instant::now();
            let tried = self.api.try_path(path).await;
            let latency_ms = begun.elapsed().as_millis() as u64;
            let exposed =
                if self.api.door.is_exposed() { " The secret crosses the network unencrypted: use https." } else { "" };
            shown.push(Permission {
                name: format!("GET {path}"),
                granted: Some(tried.is_ok()),
                detail: match &tried {
                    Ok(()) => format!("Gives {what}.{exposed}"),
                    Err(e) => format!("Should give {what}, but {e}."),
                },
                closes: tried.err().map(|e| e.closes().to_owned()).unwrap_or_default(),
                latency_ms,
            });
        }
        shown
    }
}

impl Connector for Prometheus {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        self.permissions().boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        async {
            let begun = Instant::now();
            let probe = self.api.probe().await;
            let each = begun.elapsed().as_millis() as u64;
            // Three fixed pages, about ten questions about requests and one for each reading of the catalog.
            let calls = (3 + 10 + catalog::HOSTS.len() + catalog::STORES.len()) as u64;
            let note = match probe {
                Ok(()) => "For 28 days; range queries take longer than the probe, about ten times.".to_owned(),
                Err(e) => format!("The probe failed: {e}."),
            };
            Estimate { calls, billed_calls: 0, busy_ms: calls * each.max(1) * 10, note }
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
        self.api.door.cost()
    }

    fn names(&self, now: Timestamp) -> BoxFuture<'_, Result<Option<Vec<Naming>>, ConnectError>> {
        async move {
            let span = Span { from: now.plus_days(-1), until: now, step: DAY_MS };
            let read = mapping::read(&self.api, &self.names, span).await;
            read.map(Some).map_err(|e| e.into_connect(self.api.door.host()))
        }
        .boxed()
    }
}

#[cfg(test)]
mod native_tests;
#[cfg(test)]
mod scraped_tests;
#[cfg(test)]
mod tests;
