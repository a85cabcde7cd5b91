//! Which deployments failed their users, and on what that rests: what was told, what an incident names, what the next
//! deployment undid, and, as likely at most, what an incident followed within a day (`rules.md`, DEL-006).
//!
//! A revert commit or a hotfix is not looked for: no source tells what a commit takes back.

use loadline_model::{FactIndex, FailedBy, Incident, Shipped, SubjectId, Timestamp, environment_name, same_revision};
use std::collections::{BTreeMap, BTreeSet};

/// Hours after its end within which an incident of the service is likely to be a deployment's doing (`rules.md`, DEL-006).
const LIKELY_HOURS: f64 = 24.0;

/// Why a deployment counts as failed.
pub(crate) struct Failure<'a> {
    pub(crate) by: FailedBy,
    /// The incident or the deployment that shows it.
    pub(crate) link: Option<String>,
    /// The incident that it caused; of several the one that lasted longest.
    pub(crate) incident: Option<&'a Incident>,
}

/// Failed deployments of a service by id. `all`: its production deployments, by start.
pub(crate) fn failures<'a>(
    index: &FactIndex<'a>,
    id: &SubjectId,
    all: &'a [Shipped<'a>],
    until: Timestamp,
) -> BTreeMap<&'a str, Failure<'a>> {
    let mut named = blamed(index, id, all, until);
    let undone = undone(all);
    let mut failures = BTreeMap::new();
    for shipped in all {
        let own = shipped.deployment.id.as_str();
        let incident = named.remove(own).and_then(longest);
        let link = incident.map(|i| i.id.clone());
        let failure = match (shipped.deployment.has_failed(), link, undone.get(own)) {
            (true, link, _) => Failure { by: FailedBy::Told, link, incident },
            (false, Some(link), _) => Failure { by: FailedBy::Named, link: Some(link), incident },
            (false, None, Some(by)) => Failure { by: FailedBy::Undone, link: Some((*by).to_owned()), incident },
            (false, None, None) => continue,
        };
        failures.insert(own, failure);
    }
    for (deployment, incidents) in followed(index, id, all, until) {
        let Some(incident) = longest(incidents) else { continue };
        let likely = Failure { by: FailedBy::Likely, link: Some(incident.id.clone()), incident: Some(incident) };
        failures.entry(deployment).or_insert(likely);
    }
    failures
}

fn longest(of: Vec<&Incident>) -> Option<&Incident> {
    of.into_iter().max_by_key(|i| (i.resolved_at.is_none(), i.resolved_at, &i.id))
}

/// The deployment of a service that each incident names as its cause, by any of its ids. Incidents of the service may also name
/// the number that its host gives it, or a revision: then it is the newest one of that name which began before them.
fn blamed<'a>(
    index: &FactIndex<'a>,
    id: &SubjectId,
    all: &'a [Shipped<'a>],
    until: Timestamp,
) -> BTreeMap<&'a str, Vec<&'a Incident>> {
    let service = index.canonical(id);
    // An incident that is told twice counts once.
    let mut told: BTreeMap<(&str, &str), &Incident> = BTreeMap::new();
    for (subject, incident, _) in index.all::<Incident>().filter(|(_, i, _)| i.started_at <= until) {
        let Some(cause) = incident.caused_by.as_deref() else { continue };
        let own = index.canonical(subject) == service;
        let before = || all.iter().filter(|s| own && s.deployment.started_at <= incident.started_at);
        let whole = all.iter().find(|s| s.ids.iter().any(|id| id == cause));
        let named = whole.or_else(|| before().rfind(|s| s.has_id(cause)));
        let found = named.or_else(|| before().rfind(|s| s.has_revision(cause)));
        if let Some(shipped) = found {
            told.insert((&shipped.deployment.id, &incident.id), incident);
        }
    }
    gathered(told)
}

fn gathered<'a>(told: BTreeMap<(&'a str, &str), &'a Incident>) -> BTreeMap<&'a str, Vec<&'a Incident>> {
    let mut of: BTreeMap<&str, Vec<&Incident>> = BTreeMap::new();
    for ((deployment, _), incident) in told {
        of.entry(deployment).or_default().push(incident);
    }
    of
}

/// Incidents of the service that name no cause, by the last deployment that began before them, at most a day after its end.
fn followed<'a>(
    index: &FactIndex<'a>,
    id: &SubjectId,
    all: &'a [Shipped<'a>],
    until: Timestamp,
) -> BTreeMap<&'a str, Vec<&'a Incident>> {
    let mut told: BTreeMap<(&str, &str), &Incident> = BTreeMap::new();
    let unnamed = |i: &Incident| i.caused_by.as_deref().is_none_or(|cause| cause.trim().is_empty());
    for (incident, _) in index.facts::<Incident>(id).filter(|(i, _)| i.started_at <= until && unnamed(i)) {
        let last = all.iter().rfind(|s| s.deployment.started_at <= incident.started_at).map(|s| &s.deployment);
        let near =
            last.filter(|d| incident.started_at.hours_since(d.finished_at.unwrap_or(d.started_at)) <= LIKELY_HOURS);
        if let Some(deployment) = near {
            told.insert((&deployment.id, &incident.id), incident);
        }
    }
    gathered(told)
}

/// Deployments that the next one of their environment undid, and that one's id: it brought back, after the other had ended, a
/// revision that was deployed before and is known to be another one. What brings something back is itself not undone by what
/// goes forward again.
fn undone<'a>(all: &'a [Shipped<'a>]) -> BTreeMap<&'a str, &'a str> {
    let mut places: BTreeMap<String, Vec<&Shipped<'_>>> = BTreeMap::new();
    for shipped in all {
        places.entry(environment_name(&shipped.deployment.environment)).or_default().push(shipped);
    }
    let mut undone = BTreeMap::new();
    let mut back: BTreeSet<&str> = BTreeSet::new();
    for place in places.values() {
        for (at, now) in place.iter().enumerate().skip(2) {
            let (earlier, last) = place.split_at(at - 1);
            let Some(last) = last.first() else { continue };
            let after = now.deployment.started_at >= last.deployment.finished_at.unwrap_or(last.deployment.started_at);
            let known = || earlier.iter().any(|s| !s.deployment.has_failed() && is_same(s, now));
            if after && !back.contains(last.deployment.id.as_str()) && is_other(last, now) && known() {
                undone.insert(last.deployment.id.as_str(), now.deployment.id.as_str());
                back.insert(now.deployment.id.as_str());
            }
        }
    }
    undone
}

fn is_same(a: &Shipped<'_>, b: &Shipped<'_>) -> bool {
    a.revisions.iter().any(|revision| b.has_revision(revision))
}

/// Known to be of another revision: two commits, or two names that one source gives.
fn is_other(a: &Shipped<'_>, b: &Shipped<'_>) -> bool {
    let mut pairs = a.revisions.iter().flat_map(|x| b.revisions.iter().map(move |y| same_revision(x, y)));
    let one_source = (&a.provenance.account, &a.provenance.call) == (&b.provenance.account, &b.provenance.call);
    !is_same(a, b) && (one_source || pairs.any(|same| same == Some(false)))
}
