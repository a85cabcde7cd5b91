//! What hosts of repositories have in common: how repositories and the services built from them are named, lists in pages,
//! refusals that a host dresses as absence, and the facts that they all tell. It is not for any vendor's words.

mod call;
mod host;
mod names;
mod reading;
mod say;

pub(crate) use call::Call;
pub(crate) use host::{Calls, Host};
pub(crate) use names::{FIELDS, Names, Repository, encoded, is_path, matches};
pub(crate) use reading::{Reading, flag, number, rows, text, time};
pub(crate) use say::{Told, median_minutes, with_tier};

use crate::http::{Door, HttpError};
use crate::{Estimate, Permission, ScopePlan};
use serde_json::Value;
use std::time::Instant;

/// The topics of a repository, each a part of a collection: name, title, whether what happened is remembered.
const TOPICS: [(&str, &str, bool); 4] = [
    ("repository", "rules and pipelines", false),
    ("deployments", "deployments", true),
    ("change_requests", "merged changes", true),
    ("incidents", "incidents", true),
];

/// The parts of a collection. Rules find gaps by the topic that a part's name begins with.
fn scopes(repositories: &[Repository], tells: impl Fn(&str, &Repository) -> bool) -> Vec<ScopePlan> {
    let plan = |repository: &Repository, (topic, title, remembers): &(&str, &str, bool)| {
        let path = &repository.path;
        let plan = ScopePlan::new(format!("{topic}/{path}"), format!("{path}: {title}")).of(path);
        if *remembers { plan.remembering() } else { plan }
    };
    let mut plans = Vec::new();
    for repository in repositories {
        plans.extend(TOPICS.iter().filter(|(topic, ..)| tells(topic, repository)).map(|t| plan(repository, t)));
    }
    plans
}

/// Tries every call on the first repository: how it is called, and how calls name it.
async fn permissions(
    door: &Door,
    calls: &[&Call],
    (repository, asked): (&str, &str),
    query: fn(&Call) -> Vec<(&'static str, &'static str)>,
) -> Vec<Permission> {
    let mut shown = Vec::new();
    for call in calls.iter().filter(|c| c.stands_alone()) {
        let begun = Instant::now();
        let tried = door.get(&call.of(asked, ""), &query(call)).await;
        let latency_ms = begun.elapsed().as_millis() as u64;
        let granted = tried.is_ok();
        shown.push(Permission {
            name: format!("{} ({})", call.right, call.path),
            granted: Some(granted),
            detail: match &tried {
                Ok(_) => format!("Gives {}.", call.reads),
                Err(e) => format!("Should give {} of {repository}, but {e}.", call.reads),
            },
            closes: if granted { String::new() } else { call.closes(repository) },
            latency_ms,
        });
    }
    shown
}

/// What a first collection is expected to cost, by one cheap probe.
async fn estimate(
    repositories: usize,
    each: u64,
    probe: impl Future<Output = Result<Value, HttpError>>,
    budget: &str,
) -> Estimate {
    let begun = Instant::now();
    let tried = probe.await;
    let took = begun.elapsed().as_millis() as u64;
    let calls = repositories as u64 * each;
    let note = match tried {
        Ok(_) => format!(
            "For a first collection of 90 days with some 100 deployments and 100 merged changes of each repository; later \
             ones ask only for what is new. {budget}"
        ),
        Err(e) => format!("The probe failed: {e}."),
    };
    Estimate { calls, billed_calls: 0, busy_ms: calls * took.max(1), note }
}
