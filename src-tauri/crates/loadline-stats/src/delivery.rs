//! How change reaches users: the figures of DORA, each with what it rests on and none below its least sample.
//!
//! Nothing is known of the time before the first observed deployment, so rates count from there and a change that was merged
//! earlier has no lead time. A change is linked to users by what its repository's service ships: it arrives with the first good
//! production deployment that names its own revision, and where none does, with the first that begins after it was merged.
//!
//! What is not over counts with the time until now, a lower bound: failures from which nobody has recovered, and changes that
//! have waited for more than a week. Left out, the worst would look like the best.

use crate::neighbourhood::{is_production, subject_ref};
use crate::{together, told, wilson};
use loadline_model::{
    ActorKind, ChangeRequest, DeliveryTrend, DeploymentStatus, Dora, FactIndex, Hours, Incident, Interval, Ratio,
    Relation, Shipped, SubjectId, Timestamp, deployments_by_subject, num,
};
use std::collections::{BTreeMap, BTreeSet};

/// Days of deployments looked at.
const WINDOW_DAYS: i64 = 90;
/// Fewest good deployments for a median of minutes (DEL-003).
const LEAST_FOR_MINUTES: usize = 5;
/// Fewest deployments of known outcome for a failure rate (DEL-006), and deployments for a share of rework.
const LEAST_FOR_RATE: usize = 20;
/// Fewest observed days for a frequency (DEL-004).
const LEAST_DAYS: f64 = 28.0;
/// Fewest good deployments for a frequency.
const LEAST_FOR_FREQUENCY: usize = 10;
/// Fewest changes for a lead time (DEL-005).
const LEAST_CHANGES: usize = 10;
/// Fewest failed deployments for a time of recovery (DEL-007).
const LEAST_FAILURES: usize = 5;
/// Hours after its merge from which on a change that is not shipped counts with the time so far (DEL-005).
const OVERDUE_HOURS: f64 = 168.0;

/// Production deployments per service over the last 90 days.
pub(crate) fn delivery(index: &FactIndex) -> Vec<DeliveryTrend> {
    let in_production = |(id, mut all): (SubjectId, Vec<_>)| {
        all.retain(|s: &Shipped<'_>| is_production(index, &id, &s.deployment.environment));
        (!all.is_empty()).then_some((id, all))
    };
    let all: Vec<(SubjectId, Vec<Shipped<'_>>)> =
        deployments_by_subject(index).into_iter().filter_map(in_production).collect();
    let mut trends: Vec<DeliveryTrend> = all.iter().map(|(id, all)| delivery_trend(index, id, all)).collect();
    for (trend, ships_with) in trends.iter_mut().zip(together::together(index, &all, WINDOW_DAYS)) {
        trend.dora.ships_with = ships_with;
    }
    trends
}

/// Changes that were merged in the window: hours until they ran, and those that did not yet.
#[derive(Default)]
struct Changes {
    lead: Vec<f64>,
    wait: Vec<f64>,
    waiting: u32,
    overdue: u32,
}

/// How long users felt a failed deployment; open where they may feel it still.
struct Felt {
    hours: f64,
    open: bool,
}

/// Production deployments of a service, oldest first, and what is about it.
struct Delivered<'a> {
    all: &'a [Shipped<'a>],
    recent: Vec<&'a Shipped<'a>>,
    incidents: Vec<&'a Incident>,
    /// Incidents by the deployment that they name as their cause.
    blamed: BTreeMap<&'a str, Vec<&'a Incident>>,
    since: Timestamp,
    from: Timestamp,
    until: Timestamp,
}

fn delivery_trend(index: &FactIndex, id: &SubjectId, all: &[Shipped<'_>]) -> DeliveryTrend {
    let until = index.snapshot().taken_at;
    let from = until.plus_days(-WINDOW_DAYS);
    let in_window = |at: Timestamp| at > from && at <= until;
    let recent: Vec<&Shipped<'_>> = all.iter().filter(|s| in_window(s.deployment.started_at)).collect();
    let observed_since = all.iter().map(|s| s.deployment.started_at).min();
    let since = observed_since.unwrap_or(until);
    let incidents: BTreeMap<&str, &Incident> =
        index.facts::<Incident>(id).filter(|(i, _)| i.started_at <= until).map(|(i, _)| (i.id.as_str(), i)).collect();
    let blamed = blamed(index, id, all, until);
    let d = Delivered { all, recent, incidents: incidents.into_values().collect(), blamed, since, from, until };

    let ended: Vec<&&Shipped<'_>> = d.recent.iter().filter(|s| s.outcome_told || d.hurt(s)).collect();
    let failed = ended.iter().filter(|s| d.hurt(s)).count();
    // What fails fast says nothing of how long shipping takes.
    let minutes: Vec<f64> = d
        .recent
        .iter()
        .filter(|s| s.succeeded())
        .filter_map(|s| Some((s.deployment.finished_at?.0 - s.deployment.started_at.0) as f64 / 60_000.0))
        .filter(|m| *m >= 0.0)
        .collect();
    let known = d.recent.iter().filter(|s| s.deployment.actor_kind != ActorKind::Unknown).count();
    let pipeline = d.recent.iter().filter(|s| s.deployment.actor_kind == ActorKind::Pipeline).count();
    DeliveryTrend {
        subject: subject_ref(index, id),
        deployments: d.recent.len() as u32,
        observed_since,
        median_minutes: if minutes.len() < LEAST_FOR_MINUTES { None } else { num::median(&minutes).map(num::round9) },
        failed: failed as u32,
        failure_rate: share(failed, ended.len()),
        by_pipeline: (known > 0).then(|| num::round9(pipeline as f64 / known as f64)),
        dora: d.dora(index, id, ended.len()),
    }
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
    let mut blamed: BTreeMap<&str, Vec<&Incident>> = BTreeMap::new();
    for ((deployment, _), incident) in told {
        blamed.entry(deployment).or_default().push(incident);
    }
    blamed
}

/// Median and 90th percentile; `None` below the least sample.
fn hours(mut of: Vec<f64>, least: usize) -> Hours {
    let n = of.len();
    let p90 = num::quantile(&mut of, 0.9);
    let said = |value: Option<f64>| value.filter(|_| n >= least).map(num::round9);
    Hours { n: n as u32, median: said(num::median(&of)), p90: said(p90) }
}

/// A share with its 90 % Wilson interval; `None` below the least sample.
fn share(hits: usize, total: usize) -> Option<Interval> {
    if total < LEAST_FOR_RATE { None } else { wilson::interval(hits as u64, total as u64, wilson::Z_90) }
}

impl Delivered<'_> {
    /// What needs one service only; services that ship with it are left to [`crate::together`].
    fn dora(&self, index: &FactIndex, id: &SubjectId, ended: usize) -> Dora {
        let recent = || self.recent.iter().map(|s| &s.deployment);
        let observed_days = self.until.days_since(self.since).clamp(0.0, WINDOW_DAYS as f64);
        let good = recent().filter(|d| d.status == DeploymentStatus::Succeeded).count();
        let enough = good >= LEAST_FOR_FREQUENCY && observed_days >= LEAST_DAYS;
        let changes = self.lead_times(index, id);
        let felt: Vec<Felt> = self.recent.iter().filter_map(|s| self.felt(s)).collect();
        let open = || felt.iter().filter(|f| f.open);
        let reworked = self.recent.iter().filter(|s| self.repairs(s)).count();
        let by_hand = recent().filter(|d| d.actor_kind == ActorKind::Person);
        Dora {
            observed_days: num::round9(observed_days),
            per_week: enough.then(|| num::round9(good as f64 * 7.0 / observed_days)),
            lead: hours(changes.lead, LEAST_CHANGES),
            wait: hours(changes.wait, LEAST_CHANGES),
            waiting: changes.waiting,
            overdue: changes.overdue,
            ended: ended as u32,
            recovery: hours(felt.iter().map(|f| f.hours).collect(), LEAST_FAILURES),
            unrecovered: open().count() as u32,
            unrecovered_hours: open().map(|f| f.hours).max_by(f64::total_cmp).map(num::round9),
            rework: Ratio {
                hits: reworked as u32,
                n: self.recent.len() as u32,
                rate: share(reworked, self.recent.len()),
            },
            people: by_hand.filter_map(|d| d.actor.as_deref()).collect::<BTreeSet<_>>().len() as u32,
            ships_with: Vec::new(),
            told: told::told(index, id),
        }
    }

    /// It failed, was rolled back, or an incident names it as its cause.
    fn hurt(&self, shipped: &Shipped<'_>) -> bool {
        shipped.deployment.has_failed() || self.caused(shipped).is_some()
    }

    /// The incident it caused; of several the one that lasted longest.
    fn caused(&self, shipped: &Shipped<'_>) -> Option<&Incident> {
        let named = self.blamed.get(shipped.deployment.id.as_str())?;
        named.iter().copied().max_by_key(|i| (i.resolved_at.is_none(), i.resolved_at, &i.id))
    }

    /// Good deployments that ended, by their end.
    fn good(&self) -> Vec<(Timestamp, &Shipped<'_>)> {
        let all = self.all.iter().filter(|s| s.succeeded());
        let mut good: Vec<(Timestamp, &Shipped<'_>)> =
            all.filter_map(|s| Some((s.deployment.finished_at?, s))).collect();
        good.sort_by(|a, b| (a.0, &a.1.deployment.id).cmp(&(b.0, &b.1.deployment.id)));
        good
    }

    /// Something was shipped of which nobody says when it ended, or even how: it ends a wait, at a time that is not known.
    fn shipped_untimed(&self, is: impl Fn(&Shipped<'_>) -> bool) -> bool {
        self.all.iter().any(|s| s.deployment.status == DeploymentStatus::Succeeded && is(s))
    }

    /// How long the changes merged in the window took to reach users.
    fn lead_times(&self, index: &FactIndex, service: &SubjectId) -> Changes {
        let (good, until) = (self.good(), self.until);
        let built_from = index.edges_from(service).filter(|e| e.edge.relation == Relation::BuiltFrom);
        let mut merged: BTreeMap<(SubjectId, &str), (&ChangeRequest, Timestamp)> = BTreeMap::new();
        for repository in built_from.map(|e| e.to) {
            for (change, _) in index.facts::<ChangeRequest>(&repository) {
                if let Some(at) = change.merged_at.filter(|at| *at >= self.since && *at > self.from && *at <= until) {
                    merged.insert((repository.clone(), &change.id), (change, at));
                }
            }
        }
        let mut changes = Changes::default();
        for (change, merged) in merged.into_values() {
            let own = |s: &Shipped<'_>| change.revision.as_deref().is_some_and(|r| s.has_revision(r));
            let follows = |s: &Shipped<'_>| s.deployment.started_at >= merged;
            let first = good.iter().find(|(_, s)| own(s)).or_else(|| good.iter().find(|(_, s)| follows(s)));
            let at = match first {
                Some((at, _)) => *at,
                None if self.shipped_untimed(|s| own(s) || follows(s)) => continue,
                None => {
                    changes.waiting += 1;
                    if until.hours_since(merged) <= OVERDUE_HOURS {
                        continue;
                    }
                    changes.overdue += 1;
                    until
                }
            };
            let begun = change.committed_at.unwrap_or(change.opened_at);
            let took = [at.hours_since(begun), at.hours_since(merged)];
            if took.iter().all(|h| *h >= 0.0) {
                changes.lead.push(took[0]);
                changes.wait.push(took[1]);
            }
        }
        changes
    }

    /// How long until users were well again: by the incident it caused, else by its own rollback or the next good deployment.
    fn felt(&self, shipped: &Shipped<'_>) -> Option<Felt> {
        let d = &shipped.deployment;
        let until = |at: Timestamp, from: Timestamp, open: bool| {
            Some(Felt { hours: at.hours_since(from), open }).filter(|f| f.hours >= 0.0)
        };
        if let Some(incident) = self.caused(shipped) {
            let over = incident.resolved_at;
            return until(over.unwrap_or(self.until), incident.started_at, over.is_none());
        }
        if !d.has_failed() {
            return None;
        }
        let taken_back = d.status == DeploymentStatus::RolledBack;
        let next = || self.good().into_iter().find(|(_, s)| s.deployment.started_at > d.started_at).map(|(at, _)| at);
        match d.finished_at.filter(|_| taken_back).or_else(next) {
            Some(at) => until(at, d.started_at, false),
            None if taken_back || self.shipped_untimed(|s| s.deployment.started_at > d.started_at) => None,
            None => until(self.until, d.started_at, true),
        }
    }

    /// The deployment before it hurt, or it began while an incident of the service was open: it repairs something.
    fn repairs(&self, shipped: &Shipped<'_>) -> bool {
        let at = shipped.deployment.started_at;
        let open = |i: &&Incident| i.started_at <= at && i.resolved_at.is_none_or(|end| end >= at);
        let before = self.all.iter().take_while(|s| s.deployment.id != shipped.deployment.id).last();
        before.is_some_and(|s| self.hurt(s)) || self.incidents.iter().any(open)
    }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
