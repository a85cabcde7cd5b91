//! Opsgenie: urgent alerts or incidents and when they were over, schedules, escalations, by its REST API. It only ever sends GET.
//! What it says of an alert is `imported/opsgenie.rs`, which reads saved answers too: one that is imported and collected is
//! one. It is not for Jira Service Management, whose API for the same is another (`jsm/`).

mod calls;
pub(crate) mod schedules;

use crate::http::{Credential, Door, Limits};
use crate::imported::{Imported, opsgenie as told};
use crate::oncall::{Call, FIELDS, Pager, Part, Reading, Tool, addressed, check};
use crate::{Cancelled, ConfigField, ConnectError, Connector, Provider, Secret, SecretNeed};
use futures_util::FutureExt;
use loadline_model::Account;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "opsgenie",
    name: "Opsgenie",
    summary: "Reads urgent alerts or incidents with the time until they were over, schedules and escalations of Opsgenie.",
    config: &[
        ConfigField {
            key: "count",
            label: "What counts",
            help: "alerts (those of priority P1 and P2) unless set; incidents, where the team declares them: counting both would count an outage twice",
            required: false,
        },
        ConfigField {
            key: "endpoint_url",
            label: "Address",
            help: "https://api.opsgenie.com unless set; https://api.eu.opsgenie.com for an account in the EU",
            required: false,
        },
        FIELDS[0],
        FIELDS[1],
        FIELDS[2],
        FIELDS[3],
    ],
    secret: SecretNeed::Required("API key that may read"),
    policy: calls::policy,
    documents: Vec::new,
    check: |account| {
        tool(account)?;
        check(&addressed(account, ADDRESS))
    },
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

const ADDRESS: &str = "https://api.opsgenie.com";

/// Rules find gaps by these names.
static PARTS: &[Part] =
    &[("incidents", "Incidents", true), ("oncall.people", "Schedules", false), ("oncall.levels", "Escalations", false)];

const BUDGET: &str = "Opsgenie bills none of them and asks to wait when they are too many.";

static BY_ALERTS: Tool = Tool {
    name: "Opsgenie",
    calls: calls::BY_ALERTS,
    parts: PARTS,
    probe: &[("limit", "1")],
    read: |r, part| read(r, part, &calls::ALERTS, "AND priority: (P1 OR P2)").boxed(),
    first: 20,
    budget: BUDGET,
};

static BY_INCIDENTS: Tool = Tool {
    name: "Opsgenie",
    calls: calls::BY_INCIDENTS,
    parts: PARTS,
    probe: &[("limit", "1")],
    read: |r, part| read(r, part, &calls::INCIDENTS, "").boxed(),
    first: 20,
    budget: BUDGET,
};

/// What counts as an incident, as the account says.
fn tool(account: &Account) -> Result<&'static Tool, ConnectError> {
    match account.config.get("count").map(|v| v.trim()).unwrap_or_default() {
        "" | "alerts" => Ok(&BY_ALERTS),
        "incidents" => Ok(&BY_INCIDENTS),
        _ => Err(ConnectError::config("count", "write alerts or incidents")),
    }
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(open(account, secret, Limits::default()).await?))
}

async fn open(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Pager, ConnectError> {
    let tool = tool(&account)?;
    let account = addressed(&account, ADDRESS);
    let secret = secret.ok_or_else(|| ConnectError::config("secret", "Opsgenie needs an API key"))?;
    let key = Secret::new(format!("GenieKey {}", secret.expose().trim()));
    let door = Door::open(&account, Credential::Headers(vec![("authorization", key)]), limits)?;
    Pager::open(tool, account, door).await
}

async fn read(r: &mut Reading<'_>, part: &str, call: &Call, urgent: &str) -> Result<(), Cancelled> {
    match part {
        "incidents" => incidents(r, call, urgent).await,
        "oncall.levels" => schedules::escalations(r).await,
        _ => schedules::read(r).await,
    }
}

async fn incidents(r: &mut Reading<'_>, call: &Call, urgent: &str) -> Result<(), Cancelled> {
    let wanted = format!("createdAt >= {} {urgent}", r.since.0);
    let query = [("query", wanted.trim()), ("sort", "createdAt"), ("order", "desc"), ("limit", "100")];
    let Some((rows, _)) = r.list(call, &query).await? else { return Ok(()) };
    let mut found = Imported::default();
    for row in &rows {
        if told::tell(row, &mut found).is_none() {
            r.malformed(call, "an entry has no id, message or time");
        }
    }
    r.keep(call, found);
    Ok(())
}

#[cfg(test)]
mod tests;
