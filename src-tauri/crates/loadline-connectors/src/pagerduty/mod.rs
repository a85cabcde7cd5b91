//! PagerDuty: incidents and when they were over, schedules, escalation policies, by its REST API (version 2). It only ever sends
//! GET. What it says of a row is `imported/pagerduty.rs`, which reads saved answers too: one incident that is imported and
//! collected is one.

mod calls;

use crate::http::{Credential, Door, Limits};
use crate::imported::{Imported, pagerduty as told};
use crate::oncall::{FIELDS, Pager, Reading, Tool, addressed, check};
use crate::{Cancelled, ConfigField, ConnectError, Connector, Provider, Secret, SecretNeed};
use futures_util::FutureExt;
use loadline_model::{Account, GapReason};

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "pagerduty",
    name: "PagerDuty",
    summary: "Reads incidents with the time until they were over, schedules and escalation policies of PagerDuty.",
    config: &[
        ConfigField {
            key: "endpoint_url",
            label: "Address",
            help: "https://api.pagerduty.com unless set; https://api.eu.pagerduty.com for an account in the EU",
            required: false,
        },
        FIELDS[0],
        FIELDS[1],
        FIELDS[2],
        FIELDS[3],
    ],
    secret: SecretNeed::Required("read-only API access key"),
    policy: calls::policy,
    documents: Vec::new,
    check: |account| check(&addressed(account, ADDRESS)),
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

const ADDRESS: &str = "https://api.pagerduty.com";
/// Days of incidents that one question asks for: a list has at most 10,000 rows, and a question at most six months.
const STRIDE_DAYS: i64 = 30;
/// Days of shifts that are asked for: from yesterday, so that the shift of this moment is among them.
const SHIFT_DAYS: (i64, i64) = (-1, 29);
/// Schedules whose shifts are asked for: a call each.
const MOST: usize = 200;

static TOOL: Tool = Tool {
    name: "PagerDuty",
    calls: calls::ALL,
    // Rules find gaps by these names.
    parts: &[
        ("incidents", "Incidents", true),
        ("oncall.people", "Schedules", false),
        ("oncall.levels", "Escalation policies", false),
    ],
    probe: &[("limit", "1")],
    read: |r, part| read(r, part).boxed(),
    first: 20,
    budget: "PagerDuty bills none of them and allows 960 a minute.",
};

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(open(account, secret, Limits::default()).await?))
}

async fn open(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Pager, ConnectError> {
    let account = addressed(&account, ADDRESS);
    let secret = secret.ok_or_else(|| ConnectError::config("secret", "PagerDuty needs an API access key"))?;
    let key = Secret::new(format!("Token token={}", secret.expose().trim()));
    let door = Door::open(&account, Credential::Headers(vec![("authorization", key)]), limits)?;
    Pager::open(&TOOL, account, door.accepting("application/vnd.pagerduty+json;version=2")).await
}

async fn read(r: &mut Reading<'_>, part: &str) -> Result<(), Cancelled> {
    match part {
        "incidents" => incidents(r).await,
        "oncall.levels" => policies(r).await,
        _ => schedules(r).await,
    }
}

async fn incidents(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let end = r.visit.window.now;
    let mut from = r.since;
    while from < end {
        let until = from.plus_days(STRIDE_DAYS).min(end);
        let (a, b) = (from.to_string(), until.to_string());
        let query = [
            ("since", a.as_str()),
            ("until", b.as_str()),
            ("time_zone", "UTC"),
            ("sort_by", "created_at:asc"),
            ("limit", "100"),
        ];
        let Some((rows, _)) = r.list(&calls::INCIDENTS, &query).await? else { return Ok(()) };
        let mut found = Imported::default();
        for row in &rows {
            if told::tell_incident(row, &mut found).is_none() {
                r.malformed(&calls::INCIDENTS, "an incident has no id, title or time");
            }
        }
        r.keep(&calls::INCIDENTS, found);
        from = until;
    }
    Ok(())
}

async fn schedules(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some((rows, _)) = r.list(&calls::SCHEDULES, &[("limit", "100")]).await? else { return Ok(()) };
    let now = r.visit.window.now;
    let span = (now.plus_days(SHIFT_DAYS.0), now.plus_days(SHIFT_DAYS.1));
    let (since, until) = (span.0.to_string(), span.1.to_string());
    let query = [("since", since.as_str()), ("until", until.as_str()), ("time_zone", "UTC")];
    if rows.len() > MOST {
        let detail = format!("{} schedules: the first {MOST} were read.", rows.len());
        r.visit.answer.miss(GapReason::LimitReached, detail, "More are not read in one collection.");
    }
    for row in rows.iter().take(MOST) {
        let Some(id) = told::id_of(row) else {
            r.malformed(&calls::SCHEDULES, "a schedule has no id");
            continue;
        };
        let Some(answer) = r.get(&calls::SCHEDULE, &id, &query).await? else { continue };
        let mut found = Imported::default();
        let schedule = answer.get("schedule").unwrap_or(&serde_json::Value::Null);
        match told::tell_schedule(schedule, now, Some(span), &mut found) {
            Ok(_) => r.keep(&calls::SCHEDULE, found),
            Err(why) => r.malformed(&calls::SCHEDULE, why),
        }
    }
    Ok(())
}

async fn policies(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some((rows, _)) = r.list(&calls::POLICIES, &[("limit", "100")]).await? else { return Ok(()) };
    let mut found = Imported::default();
    for row in &rows {
        if let Err(why) = told::tell_policy(row, &mut found) {
            r.malformed(&calls::POLICIES, why);
        }
    }
    r.keep(&calls::POLICIES, found);
    Ok(())
}

#[cfg(test)]
mod tests;
