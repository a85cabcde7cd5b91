//! How change reaches users: the figures of DORA, each with what it rests on and none below its least sample.
//!
//! Nothing is known of the time before the first observed deployment, so rates count from there and a change that was merged
//! earlier has no lead time. A change is linked to users by what its repository's service ships: it arrives with the first good
//! production deployment that names its own revision, and where none does, with the first that begins after it was merged.

use crate::neighbourhood::{is_production, subject_ref};
use crate::{together, wilson};
use loadline_model::{
    ActorKind, ChangeRequest, DeliveryTrend, Deployment, DeploymentStatus, Dora, FactIndex, Hours, Incident, Interval,
    Ratio, Relation, Shipped, SubjectId, Timestamp, deployments_by_subject, num,
};
use std::collections::{BTreeMap, BTreeSet};

/// Days of deployments looked at.
const WINDOW_DAYS: i64 = 90;
/// Fewest ended deployments for a median of minutes (DEL-003).
const LEAST_FOR_MINUTES: usize = 5;
/// Fewest ended deployments for a failure rate (DEL-006), and deployments for a share of rework.
const LEAST_FOR_RATE: usize = 20;
/// Fewest observed days for a frequency (DEL-004).
const LEAST_DAYS: f64 = 28.0;
/// Fewest good deployments for a frequency.
const LEAST_FOR_FREQUENCY: usize = 10;
/// Fewest changes for a lead time (DEL-005).
const LEAST_CHANGES: usize = 10;
/// Fewest failed deployments for a time of recovery (DEL-007).
const LEAST_FAILURES: usize = 5;
/// Shortest part of a commit's hash that stands for the whole.
const SHORT_HASH: usize = 7;

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
}

/// Production deployments of a service, oldest first, and what is about it.
struct Delivered<'a> {
    all: &'a [Shipped<'a>],
    recent: Vec<&'a Shipped<'a>>,
    incidents: Vec<&'a Incident>,
    since: Timestamp,
    from: Timestamp,
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
    let d = Delivered { all, recent, incidents: incidents.into_values().collect(), since, from };

    let ended: Vec<&&Shipped<'_>> =
        d.recent.iter().filter(|s| s.deployment.status != DeploymentStatus::InProgress).collect();
    let failed = ended.iter().filter(|s| d.hurt(s)).count();
    let minutes: Vec<f64> = ended
        .iter()
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
        dora: d.dora(index, id, until, ended.len()),
    }
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
    fn dora(&self, index: &FactIndex, id: &SubjectId, until: Timestamp, ended: usize) -> Dora {
        let recent = || self.recent.iter().map(|s| &s.deployment);
        let observed_days = until.days_since(self.since).clamp(0.0, WINDOW_DAYS as f64);
        let good = recent().filter(|d| d.status == DeploymentStatus::Succeeded).count();
        let enough = good >= LEAST_FOR_FREQUENCY && observed_days >= LEAST_DAYS;
        let changes = self.lead_times(index, id, until);
        let recoveries: Vec<f64> = self.recent.iter().filter_map(|s| self.hours_to_recover(s)).collect();
        let reworked = self.recent.iter().filter(|s| self.repairs(s)).count();
        let by_hand = recent().filter(|d| d.actor_kind == ActorKind::Person);
        Dora {
            observed_days: num::round9(observed_days),
            per_week: enough.then(|| num::round9(good as f64 * 7.0 / observed_days)),
            lead: hours(changes.lead, LEAST_CHANGES),
            wait: hours(changes.wait, LEAST_CHANGES),
            waiting: changes.waiting,
            ended: ended as u32,
            recovery: hours(recoveries, LEAST_FAILURES),
            rework: Ratio {
                hits: reworked as u32,
                n: self.recent.len() as u32,
                rate: share(reworked, self.recent.len()),
            },
            people: by_hand.filter_map(|d| d.actor.as_deref()).collect::<BTreeSet<_>>().len() as u32,
            ships_with: Vec::new(),
        }
    }

    /// It failed, was rolled back, or an incident names it as its cause.
    fn hurt(&self, shipped: &Shipped<'_>) -> bool {
        shipped.deployment.has_failed() || self.caused(shipped).is_some()
    }

    fn caused(&self, shipped: &Shipped<'_>) -> Option<&Incident> {
        let names =
            |i: &&&Incident| i.caused_by.as_deref().is_some_and(|id| shipped.ids.iter().any(|known| known == id));
        self.incidents.iter().find(names).copied()
    }

    /// Good deployments that ended, by their end.
    fn good(&self) -> Vec<(Timestamp, &Deployment)> {
        let all = self.all.iter().map(|s| &s.deployment).filter(|d| d.status == DeploymentStatus::Succeeded);
        let mut good: Vec<(Timestamp, &Deployment)> = all.filter_map(|d| Some((d.finished_at?, d))).collect();
        good.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
        good
    }

    /// How long the changes merged in the window took to reach users.
    fn lead_times(&self, index: &FactIndex, service: &SubjectId, until: Timestamp) -> Changes {
        let good = self.good();
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
            let own = |d: &Deployment| change.revision.as_deref().is_some_and(|r| is_revision(&d.revision, r));
            let first = good.iter().find(|(_, d)| own(d));
            let Some((at, _)) = first.or_else(|| good.iter().find(|(_, d)| d.started_at >= merged)) else {
                changes.waiting += 1;
                continue;
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

    /// Hours until users were well again: by the incident it caused, else by its own rollback or the next good deployment.
    fn hours_to_recover(&self, shipped: &Shipped<'_>) -> Option<f64> {
        let d = &shipped.deployment;
        if let Some(incident) = self.caused(shipped) {
            return incident.resolved_at.map(|at| at.hours_since(incident.started_at)).filter(|h| *h >= 0.0);
        }
        if !d.has_failed() {
            return None;
        }
        let rolled_back = (d.status == DeploymentStatus::RolledBack).then_some(d.finished_at).flatten();
        let next = || self.good().into_iter().find(|(_, next)| next.started_at > d.started_at).map(|(at, _)| at);
        rolled_back.or_else(next).map(|at| at.hours_since(d.started_at)).filter(|h| *h >= 0.0)
    }

    /// The deployment before it hurt, or it began while an incident of the service was open: it repairs something.
    fn repairs(&self, shipped: &Shipped<'_>) -> bool {
        let at = shipped.deployment.started_at;
        let open = |i: &&Incident| i.started_at <= at && i.resolved_at.is_none_or(|end| end >= at);
        let before = self.all.iter().take_while(|s| s.deployment.id != shipped.deployment.id).last();
        before.is_some_and(|s| self.hurt(s)) || self.incidents.iter().any(open)
    }
}

/// A deployed revision names this commit, whole or shortened.
fn is_revision(deployed: &str, commit: &str) -> bool {
    let (short, long) = if deployed.len() <= commit.len() { (deployed, commit) } else { (commit, deployed) };
    short.len() >= SHORT_HASH && long.get(..short.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(short))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{at, deployment, fact, snapshot};
    use loadline_model::{Confidence, Edge, Fact};

    const START: &str = "2026-03-02";

    fn change(id: usize, merged: Timestamp, hours: i64, revision: Option<&str>) -> Fact {
        let change = ChangeRequest {
            id: id.to_string(),
            opened_at: merged.plus_hours(-1),
            merged_at: Some(merged),
            lines: None,
            approvals: None,
            revision: revision.map(str::to_owned),
            committed_at: Some(merged.plus_hours(-hours)),
        };
        fact("repo", change)
    }

    fn found(days: i64, mut facts: Vec<Fact>) -> DeliveryTrend {
        let built = Edge { relation: Relation::BuiltFrom, to: "repo".into(), confidence: Confidence::Inferred };
        facts.push(fact("api", built));
        let snapshot = snapshot(at(START).plus_days(days), facts);
        delivery(&FactIndex::new(&snapshot)).into_iter().next().expect("a service")
    }

    /// A good deployment of half an hour at the end of each day.
    fn daily(days: i64) -> Vec<Fact> {
        let one = |day: i64| {
            let id = format!("abcdef{day:04}");
            fact("api", deployment(&id, at(START).plus_hours(day * 24 + 20), 30, DeploymentStatus::Succeeded))
        };
        (0..days).map(one).collect()
    }

    #[test]
    fn lead_time_runs_from_the_first_commit_to_the_next_good_deployment() {
        let start = at(START);
        let mut facts = daily(30);
        // Merged at 10:00 of twelve days, begun ten hours before: shipped at 20:30.
        facts.extend((1..13).map(|day| change(day as usize, start.plus_hours(day * 24 + 10), 10, None)));
        let d = found(30, facts.clone());
        let all = |hours| Hours { n: 12, median: Some(hours), p90: Some(hours) };
        assert_eq!((d.dora.lead, d.dora.wait, d.dora.waiting), (all(20.5), all(10.5), 0));
        // Its own revision counts, although another deployment began after the merge and before it.
        let own = |day: i64| {
            let revision = format!("abcdef{:04}{}", day + 1, "a".repeat(30));
            change(day as usize, start.plus_hours(day * 24 + 10), 10, Some(&revision))
        };
        let named = found(30, daily(30).into_iter().chain((1..13).map(own)).collect());
        assert_eq!(named.dora.lead, all(44.5));
        // Merged before anything was observed, and merged but not shipped.
        facts.push(change(70, start.plus_hours(19), 10, None));
        facts.push(change(80, start.plus_hours(29 * 24 + 23), 10, None));
        let d = found(30, facts);
        assert_eq!((d.dora.lead.n, d.dora.waiting), (12, 1));
    }

    #[test]
    fn figures_are_absent_below_their_samples() {
        let few = found(10, daily(10));
        assert_eq!((few.dora.per_week, few.failure_rate, few.dora.rework.rate), (None, None, None));
        assert_eq!((few.dora.recovery, few.dora.rework.n), (Hours::default(), 10));
        let month = found(30, daily(30)).dora;
        assert!(month.per_week.is_some_and(|w| (w - 30.0 * 7.0 / month.observed_days).abs() < 1e-6), "{month:?}");
        assert!(month.observed_days > 29.0 && month.observed_days < 29.5, "counted from the first deployment");
        assert_eq!(month.rework.rate.map(|r| r.p50), Some(0.0));
    }

    #[test]
    fn recovery_and_rework_follow_failed_changes() {
        let start = at(START);
        let mut facts = daily(30);
        for n in 0..6 {
            let at = start.plus_hours(n * 48 + 12);
            facts.push(fact("api", deployment(&format!("bad{n}"), at, 5, DeploymentStatus::Failed)));
        }
        let d = found(30, facts.clone());
        // From noon to the good deployment that ends at 20:30.
        assert_eq!(d.dora.recovery, Hours { n: 6, median: Some(8.5), p90: Some(8.5) });
        assert_eq!((d.failed, d.dora.rework.hits), (6, 6));
        let incident = Incident {
            id: "i".into(),
            title: "down".into(),
            started_at: start.plus_hours(44),
            detected_at: None,
            resolved_at: Some(start.plus_hours(50)),
            caused_by: Some("abcdef0001".into()),
            failover: None,
            journeys: Vec::new(),
        };
        facts.push(fact("api", incident));
        let hurt = found(30, facts);
        assert_eq!((hurt.failed, hurt.dora.recovery.n), (7, 7), "an incident names the deployment that caused it");
    }
}
