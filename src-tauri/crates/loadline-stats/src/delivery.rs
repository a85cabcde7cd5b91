//! How change reaches users: the figures of DORA, each with what it rests on and none below its least sample.
//!
//! Nothing is known of the time before the first observed deployment, so rates count from there and a change that was merged
//! earlier has no lead time. A change is linked to users by what its repository's service ships: it arrives with the first good
//! production deployment that names its own revision, and where none does, with the first that begins after it was merged.

use crate::neighbourhood::{is_production, subject_ref};
use crate::wilson;
use loadline_model::{
    ActorKind, ChangeRequest, DeliveryTrend, Deployment, DeploymentStatus, FactIndex, Incident, Interval, Relation,
    Shipped, SubjectId, Timestamp, deployments_by_subject, num,
};
use std::collections::BTreeMap;

/// Days of deployments looked at.
const WINDOW_DAYS: i64 = 90;
/// Fewest ended deployments for a median of minutes (DEL-003).
const LEAST_FOR_MINUTES: usize = 5;
/// Fewest ended deployments for a failure rate (DEL-006), and deployments for a share of rework.
const LEAST_FOR_RATE: usize = 20;
/// Fewest observed days for a frequency (DEL-004).
const LEAST_DAYS: f64 = 28.0;
/// Fewest observations for a median of hours (DEL-007).
const LEAST_FOR_HOURS: usize = 5;
/// Shortest part of a commit's hash that stands for the whole.
const SHORT_HASH: usize = 7;

/// Production deployments per service over the last 90 days.
pub(crate) fn delivery(index: &FactIndex) -> Vec<DeliveryTrend> {
    let of_service = |(id, all): (SubjectId, Vec<Shipped<'_>>)| {
        let all: Vec<Shipped<'_>> =
            all.into_iter().filter(|s| is_production(index, &id, &s.deployment.environment)).collect();
        (!all.is_empty()).then(|| delivery_trend(index, &id, &all))
    };
    deployments_by_subject(index).into_iter().filter_map(of_service).collect()
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
    let watched_days = until.days_since(since).clamp(0.0, WINDOW_DAYS as f64);
    let good = d.recent.iter().filter(|s| s.deployment.status == DeploymentStatus::Succeeded).count();
    let (leads, waiting) = d.lead_times(index, id, until);
    let recoveries: Vec<f64> = d.recent.iter().filter_map(|s| d.hours_to_recover(s)).collect();
    let reworked = d.recent.iter().filter(|s| d.repairs(s)).count();
    DeliveryTrend {
        subject: subject_ref(index, id),
        deployments: d.recent.len() as u32,
        observed_since,
        median_minutes: median(&minutes, LEAST_FOR_MINUTES),
        failed: failed as u32,
        failure_rate: share(failed, ended.len()),
        by_pipeline: (known > 0).then(|| num::round9(pipeline as f64 / known as f64)),
        watched_days: num::round9(watched_days),
        per_week: (watched_days >= LEAST_DAYS).then(|| num::round9(good as f64 * 7.0 / watched_days)),
        lead_time_hours: median(&leads, LEAST_FOR_HOURS),
        lead_times: leads.len() as u32,
        waiting,
        recovery_hours: median(&recoveries, LEAST_FOR_HOURS),
        recoveries: recoveries.len() as u32,
        rework: share(reworked, d.recent.len()),
        reworked: reworked as u32,
    }
}

/// The median; `None` below the least sample.
fn median(values: &[f64], least: usize) -> Option<f64> {
    if values.len() < least { None } else { num::median(values).map(num::round9) }
}

/// A share with its 90 % Wilson interval; `None` below the least sample.
fn share(hits: usize, total: usize) -> Option<Interval> {
    if total < LEAST_FOR_RATE { None } else { wilson::interval(hits as u64, total as u64, wilson::Z_90) }
}

fn is_bad(d: &Deployment) -> bool {
    matches!(d.status, DeploymentStatus::Failed | DeploymentStatus::RolledBack)
}

impl Delivered<'_> {
    /// It failed, was rolled back, or an incident names it as its cause.
    fn hurt(&self, shipped: &Shipped<'_>) -> bool {
        is_bad(&shipped.deployment) || self.caused(shipped).is_some()
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

    /// Hours from first commit to users of the changes merged in the window, and how many of these still wait.
    fn lead_times(&self, index: &FactIndex, service: &SubjectId, until: Timestamp) -> (Vec<f64>, u32) {
        let good = self.good();
        let built_from = index.edges_from(service).filter(|e| e.edge.relation == Relation::BuiltFrom);
        let mut changes: BTreeMap<(SubjectId, &str), &ChangeRequest> = BTreeMap::new();
        for repository in built_from.map(|e| e.to) {
            for (change, _) in index.facts::<ChangeRequest>(&repository) {
                changes.insert((repository.clone(), &change.id), change);
            }
        }
        let (mut hours, mut waiting) = (Vec::new(), 0);
        for change in changes.into_values() {
            let merged = change.merged_at.filter(|at| *at >= self.since && *at > self.from && *at <= until);
            let Some(merged) = merged else { continue };
            let own = |d: &Deployment| change.revision.as_deref().is_some_and(|r| is_revision(&d.revision, r));
            let first = good.iter().find(|(_, d)| own(d));
            let first = first.or_else(|| good.iter().find(|(_, d)| d.started_at >= merged));
            match (first, change.committed_at) {
                (None, _) => waiting += 1,
                (Some((at, _)), Some(committed)) => hours.push(at.hours_since(committed)),
                (Some(_), None) => {}
            }
        }
        hours.retain(|h| *h >= 0.0);
        (hours, waiting)
    }

    /// Hours until users were well again: by the incident it caused, else by its own rollback or the next good deployment.
    fn hours_to_recover(&self, shipped: &Shipped<'_>) -> Option<f64> {
        let d = &shipped.deployment;
        if let Some(incident) = self.caused(shipped) {
            return incident.resolved_at.map(|at| at.hours_since(incident.started_at)).filter(|h| *h >= 0.0);
        }
        if !is_bad(d) {
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
        // Merged at 10:00 of five days, begun ten hours before: shipped at 20:30.
        facts.extend((1..6).map(|day| change(day as usize, start.plus_hours(day * 24 + 10), 10, None)));
        let d = found(30, facts.clone());
        assert_eq!((d.lead_time_hours, d.lead_times, d.waiting), (Some(20.5), 5, 0));
        // Its own revision counts, although another deployment began after the merge and before it.
        let own = |day: i64| {
            let revision = format!("abcdef{:04}{}", day + 1, "a".repeat(30));
            change(day as usize, start.plus_hours(day * 24 + 10), 10, Some(&revision))
        };
        let named = found(30, daily(30).into_iter().chain((1..6).map(own)).collect());
        assert_eq!((named.lead_time_hours, named.lead_times), (Some(44.5), 5));
        // Merged before anything was observed, and merged but not shipped.
        facts.push(change(7, start.plus_hours(19), 10, None));
        facts.push(change(8, start.plus_hours(29 * 24 + 23), 10, None));
        let d = found(30, facts);
        assert_eq!((d.lead_times, d.waiting), (5, 1));
    }

    #[test]
    fn figures_are_absent_below_their_samples() {
        let few = found(10, daily(10));
        assert_eq!((few.per_week, few.failure_rate, few.rework, few.recovery_hours), (None, None, None, None));
        let month = found(30, daily(30));
        assert!(month.per_week.is_some_and(|w| (w - 30.0 * 7.0 / month.watched_days).abs() < 1e-6), "{month:?}");
        assert!(month.watched_days > 29.0 && month.watched_days < 29.5, "counted from the first deployment");
        assert_eq!(month.rework.map(|r| r.p50), Some(0.0));
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
        assert_eq!((d.recovery_hours, d.recoveries, d.failed, d.reworked), (Some(8.5), 6, 6, 6));
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
        assert_eq!((hurt.failed, hurt.recoveries), (7, 7), "an incident names the deployment that caused it");
    }
}
