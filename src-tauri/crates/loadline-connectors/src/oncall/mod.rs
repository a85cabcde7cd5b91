//! What tools that wake people have in common: which service an incident is of, lists in pages, refusals, and what shifts say.
//! A file of such a tool and its account are read by the same code (`imported/`), so that what both tell is told alike. It
//! is not for any vendor's words.

mod reading;
mod shifts;

pub(crate) use reading::{Call, Reading};
pub(crate) use shifts::{Shift, tell};

use crate::http::{Door, Limits};
use crate::{ConfigField, ConnectError, Connector, Estimate, Permission, Progress, ScopePlan, Window};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, GapReason, Scope, SubjectId};
use std::collections::BTreeMap;
use std::time::Instant;

/// Days of a first collection, and the most.
const DAYS: (i64, i64) = (90, 365);

/// Fields that every such tool has.
pub(crate) const FIELDS: [ConfigField; 4] = [
    ConfigField {
        key: "services",
        label: "Services",
        help: "Which service is meant where names differ: name in this tool=<id>, separated by commas",
        required: false,
    },
    ConfigField {
        key: "history_days",
        label: "Days of the first collection",
        help: "90 unless set, at most 365",
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
];

/// A part of a collection: its name, by which rules find its gaps, its title, and whether what it tells of happened once.
pub(crate) type Part = (&'static str, &'static str, bool);

/// A tool's table of calls and parts.
pub(crate) struct Tool {
    /// Its name.
    pub(crate) name: &'static str,
    /// Every call, in the order of reading.
    pub(crate) calls: &'static [&'static Call],
    /// The parts of a collection.
    pub(crate) parts: &'static [Part],
    /// How a page of one row is asked for.
    pub(crate) probe: &'static [(&'static str, &'static str)],
    /// Reads a part.
    pub(crate) read: for<'r, 'v> fn(&'r mut Reading<'v>, &'r str) -> BoxFuture<'r, Result<(), crate::Cancelled>>,
    /// Calls of a first collection.
    pub(crate) first: u64,
    /// One sentence: what the tool bills and allows.
    pub(crate) budget: &'static str,
}

/// A connected tool.
pub(crate) struct Pager {
    tool: &'static Tool,
    account: Account,
    door: Door,
    services: BTreeMap<String, SubjectId>,
    days: i64,
}

/// The same account with the address that the door asks.
pub(crate) fn addressed(account: &Account, unless_set: &str) -> Account {
    let mut account = account.clone();
    let set = account.config.get("endpoint_url").map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
    account.config.insert("url".to_owned(), set.unwrap_or_else(|| unless_set.to_owned()));
    account
}

/// Refuses what can never work, without asking anything.
///
/// # Errors
/// [`ConnectError`] when a field or the address cannot be used.
pub(crate) fn check(account: &Account) -> Result<(), ConnectError> {
    services(account)?;
    days(account)?;
    Door::open(account, crate::http::Credential::None, Limits::default()).map(drop)
}

fn days(account: &Account) -> Result<i64, ConnectError> {
    match account.config.get("history_days").map(|t| t.trim()).unwrap_or_default() {
        "" => Ok(DAYS.0),
        text => text.parse().ok().filter(|d| (1..=DAYS.1).contains(d)).ok_or_else(|| {
            ConnectError::config("history_days", format!("write a number of days from 1 to {}", DAYS.1))
        }),
    }
}

fn services(account: &Account) -> Result<BTreeMap<String, SubjectId>, ConnectError> {
    let text = account.config.get("services").map(String::as_str).unwrap_or_default();
    let pair = |words: &str| {
        let (name, id) = words.rsplit_once('=').map(|(name, id)| (name.trim(), id.trim()))?;
        (!name.is_empty() && !id.is_empty()).then(|| (name.to_owned(), SubjectId::new(id)))
    };
    let all = text.split(',').filter(|words| !words.trim().is_empty()).map(pair);
    all.collect::<Option<_>>()
        .ok_or_else(|| ConnectError::config("services", "write name=<id of the service>, separated by commas"))
}

impl Pager {
    /// Opens it when its first call is not refused for the credentials.
    ///
    /// # Errors
    /// [`ConnectError`] when it cannot be reached or refuses the key.
    pub(crate) async fn open(tool: &'static Tool, account: Account, door: Door) -> Result<Self, ConnectError> {
        let (services, days) = (services(&account)?, days(&account)?);
        let first = tool.calls.first().map(|c| c.path).unwrap_or_default();
        match door.get(first, tool.probe).await {
            // What the key may not read shows in the parts; that it is known is enough.
            Ok(_) | Err(crate::http::HttpError::Forbidden(_)) => Ok(Self { tool, account, door, services, days }),
            Err(error) => Err(error.into_connect(door.host())),
        }
    }

    async fn read_scope(&self, plan: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let mut r = Reading::of(&self.account, plan, (window, progress), &self.door, (&self.services, self.days));
        if !self.tool.parts.iter().any(|(name, ..)| *name == plan.name) {
            let detail = format!("There is no part `{}`.", plan.name);
            r.visit.answer.miss(GapReason::UnmappedSubject, detail, "Collect again.");
            return r.visit.end(Ok(()));
        }
        let outcome = (self.tool.read)(&mut r, &plan.name).await;
        r.visit.end(outcome)
    }

    async fn permissions(&self) -> Vec<Permission> {
        let mut shown = Vec::new();
        for call in self.tool.calls.iter().filter(|c| !c.path.contains("{of}")) {
            let begun = Instant::now();
            let tried = self.door.get(call.path, self.tool.probe).await;
            let latency_ms = begun.elapsed().as_millis() as u64;
            shown.push(Permission {
                name: format!("{} ({})", call.right, call.path),
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

    async fn expected(&self) -> Estimate {
        let begun = Instant::now();
        let first = self.tool.calls.first().map(|c| c.path).unwrap_or_default();
        let probe = self.door.get(first, self.tool.probe).await;
        let each = begun.elapsed().as_millis() as u64;
        let note = match probe {
            Ok(_) => format!("For some 500 incidents and 10 schedules of {}. {}", self.tool.name, self.tool.budget),
            Err(e) => format!("The probe failed: {e}."),
        };
        Estimate { calls: self.tool.first, billed_calls: 0, busy_ms: self.tool.first * each.max(1), note }
    }
}

impl Connector for Pager {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        self.permissions().boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        self.expected().boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        let plan = |(name, title, remembers): &Part| {
            let plan = ScopePlan::new(*name, *title);
            if *remembers { plan.remembering() } else { plan }
        };
        let plans = self.tool.parts.iter().map(plan).collect();
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
mod tests {
    use super::*;
    use crate::testing::account;

    #[test]
    fn names_of_services_may_hold_spaces() {
        let named = |text: &str| services(&account("pagerduty", &[("services", text)]));
        let found = named("My Mail Service = service:mail, Checkout=arn:aws:ecs:web").expect("services");
        assert_eq!(found.get("My Mail Service").map(|id| id.as_str()), Some("service:mail"));
        assert_eq!(found.get("Checkout").map(|id| id.as_str()), Some("arn:aws:ecs:web"));
        assert!(named("").expect("none").is_empty());
        for bad in ["Checkout", "=x", "Checkout="] {
            assert_eq!(named(bad).expect_err(bad).code(), "invalid_config");
        }
        assert!(days(&account("pagerduty", &[("history_days", "366")])).is_err());
    }
}
