//! Jira Service Management, the operations that were Opsgenie's: urgent alerts and when they were over, schedules, escalations,
//! by its REST API. It only ever sends GET. It is not for incidents, which are issues of Jira, nor for any other issue.

mod calls;
mod schedules;

use crate::forge::{text, time};
use crate::http::{Credential, Door, Limits};
use crate::imported::Imported;
use crate::oncall::{FIELDS, Pager, Part, Reading, Tool, check};
use crate::{Cancelled, ConfigField, ConnectError, Connector, Provider, Secret, SecretNeed};
use futures_util::FutureExt;
use loadline_model::{Account, Incident};
use serde_json::Value;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "jsm",
    name: "Jira Service Management",
    summary: "Reads urgent alerts with the time until they were closed, schedules and escalations of Jira Service Management.",
    config: &[
        ConfigField {
            key: "cloud_id",
            label: "Cloud id",
            help: "Of the site: https://YOUR-SITE.atlassian.net/_edge/tenant_info shows it",
            required: true,
        },
        ConfigField {
            key: "username",
            label: "E-mail address",
            help: "Of the Atlassian account that the API token belongs to",
            required: true,
        },
        ConfigField {
            key: "endpoint_url",
            label: "Address",
            help: "https://api.atlassian.com unless set",
            required: false,
        },
        FIELDS[0],
        FIELDS[1],
        FIELDS[2],
        FIELDS[3],
    ],
    secret: SecretNeed::Required("API token that may read operations"),
    policy: calls::policy,
    documents: Vec::new,
    check: |account| check(&addressed(account)?),
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// Rules find gaps by these names.
static PARTS: &[Part] =
    &[("incidents", "Incidents", true), ("oncall.people", "Schedules", false), ("oncall.levels", "Escalations", false)];

static TOOL: Tool = Tool {
    name: "Jira Service Management",
    calls: calls::ALL,
    parts: PARTS,
    probe: &[("size", "1")],
    read: |r, part| read(r, part).boxed(),
    first: 25,
    budget: "Atlassian bills none of them and asks to wait when they are too many.",
};

/// Priorities that wake somebody.
const URGENT: [&str; 2] = ["P1", "P2"];

/// The same account with the address that the door asks.
fn addressed(account: &Account) -> Result<Account, ConnectError> {
    let id = account.config.get("cloud_id").map(|id| id.trim()).unwrap_or_default();
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(ConnectError::config("cloud_id", "it is letters, digits and hyphens alone"));
    }
    let mut account = crate::oncall::addressed(account, "https://api.atlassian.com");
    let host = account.config.get("url").map(|url| url.trim_end_matches('/').to_owned()).unwrap_or_default();
    account.config.insert("url".to_owned(), format!("{host}/jsm/ops/api/{id}"));
    Ok(account)
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(open(account, secret, Limits::default()).await?))
}

async fn open(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Pager, ConnectError> {
    let account = addressed(&account)?;
    let user = account.config.get("username").map(|u| u.trim().to_owned()).filter(|u| !u.is_empty());
    let user = user.ok_or_else(|| ConnectError::config("username", "name the e-mail address of the account"))?;
    let secret = secret.ok_or_else(|| ConnectError::config("secret", "Jira Service Management needs an API token"))?;
    let door = Door::open(&account, Credential::Basic(user, Secret::new(secret.expose().trim())), limits)?;
    Pager::open(&TOOL, account, door).await
}

async fn read(r: &mut Reading<'_>, part: &str) -> Result<(), Cancelled> {
    match part {
        "incidents" => alerts(r).await,
        "oncall.levels" => schedules::escalations(r).await,
        _ => schedules::read(r).await,
    }
}

async fn alerts(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let wanted = format!("createdAt >= {} AND priority: (P1 OR P2)", r.since.0);
    let query = [("query", wanted.as_str()), ("sort", "createdAt"), ("order", "desc"), ("size", "100")];
    let Some((rows, _)) = r.list(&calls::ALERTS, &query).await? else { return Ok(()) };
    let mut found = Imported::default();
    for row in &rows {
        match told(row) {
            // What it says is asked for and not believed: a search that was not understood answers everything.
            Some((true, one)) if one.started_at >= r.since => found.incident(service(row), one),
            Some(_) => {}
            None => r.malformed(&calls::ALERTS, "an alert has no id, message, priority or time"),
        }
    }
    r.keep(&calls::ALERTS, found);
    Ok(())
}

/// Whether an alert is urgent, and the alert as an incident.
fn told(row: &Value) -> Option<(bool, Incident)> {
    let started_at = time(row, "/createdAt")?;
    let over = text(row, "/status") == Some("closed");
    let end = time(row, "/closeTime").or_else(|| time(row, "/updatedAt"));
    let urgent = URGENT.contains(&text(row, "/priority")?);
    let named = ["deployment", "deployment_id", "revision"];
    let incident = Incident {
        id: format!("jsm/{}", text(row, "/id")?),
        title: text(row, "/message")?.to_owned(),
        started_at,
        detected_at: None,
        resolved_at: end.filter(|at| over && *at >= started_at),
        caused_by: named.iter().find_map(|name| text(row, &format!("/extraProperties/{name}"))).map(str::to_owned),
        failover: None,
        journeys: Vec::new(),
    };
    Some((urgent, incident))
}

/// The service that an alert names in its properties.
fn service(row: &Value) -> Option<String> {
    text(row, "/extraProperties/service").map(str::to_owned)
}

#[cfg(test)]
mod tests;
