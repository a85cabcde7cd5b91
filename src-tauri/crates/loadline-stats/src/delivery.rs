//! How change reaches users: the figures of DORA, each with what it rests on and none below its least sample.
//!
//! Nothing is known of the time before the first observed deployment, so rates count from there and a change that was merged
//! earlier has no lead time. A change is linked to users by what its repository's service ships: it arrives with the first good
//! production deployment that names its own revision, and where none does, with the first that begins after it was merged.
//!
//! Production may have several environments, each with users of its own. What ships to one mends nothing in another, and where
//! they differ the slowest one is the service's frequency and lead time.
//!
//! What is not over counts with the time until now, a lower bound: failures from which nobody has recovered, and changes that
//! have waited for more than a week. Left out, the worst would look like the best.

use crate::failures::{Failure, failures};
use crate::lead::{Changes, good, lead_times, merged, shipped_untimed};
use crate::neighbourhood::{is_production, subject_ref};
use crate::{together, told, wilson};
use loadline_model::{
    ActorKind, DeliveryTrend, DeploymentStatus, Dora, Ending, FactIndex, FailedBy, FailedChange, Hours, InEnvironment,
    Incident, Interval, Policy, Ratio, Shipped, SubjectId, Timestamp, deployments_by_subject, environment_name, num,
};
use std::collections::{BTreeMap, BTreeSet};

/// Days of deployments looked at.
const WINDOW_DAYS: i64 = 90;
/// Fewest good deployments for a median of minutes (DEL-003).
const LEAST_FOR_MINUTES: usize = 5;
/// Fewest deployments for a share of rework.
const LEAST_FOR_RATE: usize = 20;

/// A window in days and the fewest observations in it, as a rule has them or a team set them.
#[derive(Clone, Copy)]
struct Reach {
    days: f64,
    least: usize,
}

impl Reach {
    fn of(policy: &Policy, rule: &str, least: (&str, f64)) -> Self {
        let number = |key: &str, default: f64| policy.threshold(rule, key).unwrap_or(default);
        Self { days: number("days", WINDOW_DAYS as f64).max(1.0), least: number(least.0, least.1).max(1.0) as usize }
    }
}

/// How far back the keys look: lead time (DEL-005), failures (DEL-006), recovery (DEL-007) and who deploys (DEL-002).
struct Reaches {
    lead: Reach,
    failures: Reach,
    recovery: Reach,
    hands: Reach,
}

impl Reaches {
    fn of(policy: &Policy) -> Self {
        Self {
            lead: Reach::of(policy, "DEL-005", ("changes", 10.0)),
            failures: Reach::of(policy, "DEL-006", ("deployments", 20.0)),
            recovery: Reach::of(policy, "DEL-007", ("failures", 5.0)),
            hands: Reach::of(policy, "DEL-002", ("deployments", 5.0)),
        }
    }
}

/// Production deployments per service over the last 90 days, or as many as the team set.
pub(crate) fn delivery(index: &FactIndex, policy: &Policy) -> Vec<DeliveryTrend> {
    let reaches = Reaches::of(policy);
    let in_production = |(id, mut all): (SubjectId, Vec<_>)| {
        all.retain(|s: &Shipped<'_>| is_production(index, &id, &s.deployment.environment));
        (!all.is_empty()).then_some((id, all))
    };
    let all: Vec<(SubjectId, Vec<Shipped<'_>>)> =
        deployments_by_subject(index).into_iter().filter_map(in_production).collect();
    let mut trends: Vec<DeliveryTrend> = all.iter().map(|(id, all)| delivery_trend(index, id, all, &reaches)).collect();
    for (trend, ships_with) in trends.iter_mut().zip(together::together(index, &all, WINDOW_DAYS)) {
        trend.dora.ships_with = ships_with;
    }
    trends
}

/// How long users felt a failed deployment; open where they may feel it still.
struct Felt {
    hours: f64,
    open: bool,
}

/// Production deployments of a service, oldest first, and what is about it.
struct Delivered<'a> {
    all: Vec<&'a Shipped<'a>>,
    /// The same by environment.
    places: BTreeMap<String, Vec<&'a Shipped<'a>>>,
    incidents: Vec<&'a Incident>,
    failures: BTreeMap<&'a str, Failure<'a>>,
    since: Timestamp,
    until: Timestamp,
}

fn delivery_trend<'a>(
    index: &FactIndex<'a>,
    id: &SubjectId,
    all: &'a [Shipped<'a>],
    reaches: &Reaches,
) -> DeliveryTrend {
    let until = index.snapshot().taken_at;
    let observed_since = all.iter().map(|s| s.deployment.started_at).min();
    let incidents: BTreeMap<&str, &Incident> =
        index.facts::<Incident>(id).filter(|(i, _)| i.started_at <= until).map(|(i, _)| (i.id.as_str(), i)).collect();
    let mut places: BTreeMap<String, Vec<&Shipped<'_>>> = BTreeMap::new();
    for shipped in all {
        places.entry(environment_name(&shipped.deployment.environment)).or_default().push(shipped);
    }
    let d = Delivered {
        all: all.iter().collect(),
        places,
        incidents: incidents.into_values().collect(),
        failures: failures(index, id, all, until),
        since: observed_since.unwrap_or(until),
        until,
    };
    let mut dora = d.dora(reaches);
    let changes = d.reach_users(index, id, reaches.lead, &mut dora);
    (dora.lead, dora.wait) = (hours(changes.lead, reaches.lead.least), hours(changes.wait, reaches.lead.least));
    (dora.waiting, dora.overdue) = (changes.waiting, changes.overdue);
    dora.told = told::told(index, id);
    let failed = dora.failures.len();
    let minutes = d.minutes();
    DeliveryTrend {
        subject: subject_ref(index, id),
        deployments: d.recent(WINDOW_DAYS as f64).count() as u32,
        observed_since,
        median_minutes: if minutes.len() < LEAST_FOR_MINUTES { None } else { num::median(&minutes).map(num::round9) },
        failed: failed as u32,
        failure_rate: share(failed, dora.ended as usize, reaches.failures.least),
        by_pipeline: dora.pipeline.rate.map(|r| r.p50),
        dora,
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
fn share(hits: usize, total: usize, least: usize) -> Option<Interval> {
    if total < least { None } else { wilson::interval(hits as u64, total as u64, wilson::Z_90) }
}

fn ratio(hits: usize, total: usize, least: usize) -> Ratio {
    Ratio { hits: hits as u32, n: total as u32, rate: share(hits, total, least) }
}

impl<'a> Delivered<'a> {
    /// Those that began in the last days.
    fn recent(&self, days: f64) -> impl Iterator<Item = &'a Shipped<'a>> {
        let within = move |at: Timestamp, until: Timestamp| at <= until && until.days_since(at) < days;
        self.all.iter().copied().filter(move |s| within(s.deployment.started_at, self.until))
    }

    /// Minutes of the good ones: what fails fast says nothing of how long shipping takes.
    fn minutes(&self) -> Vec<f64> {
        let took = |s: &Shipped<'_>| Some((s.deployment.finished_at?.0 - s.deployment.started_at.0) as f64 / 60_000.0);
        let good = self.recent(WINDOW_DAYS as f64).filter(|s| s.succeeded());
        good.filter_map(took).filter(|m| *m >= 0.0).collect()
    }

    /// What needs one service only, but for lead times and what its host counts.
    fn dora(&self, reaches: &Reaches) -> Dora {
        let recent: Vec<&Shipped<'_>> = self.recent(WINDOW_DAYS as f64).collect();
        let felt: Vec<Felt> = self.recent(reaches.recovery.days).filter_map(|s| self.felt(s)).collect();
        let open = || felt.iter().filter(|f| f.open);
        let reworked = recent.iter().filter(|s| self.repairs(s)).count();
        let by_hand = recent.iter().filter(|s| s.deployment.actor_kind == ActorKind::Person);
        let by = |kind: ActorKind| recent.iter().filter(|s| s.deployment.actor_kind == kind).count();
        let known = recent.len() - by(ActorKind::Unknown);
        let dora = Dora {
            observed_days: num::round9(self.until.days_since(self.since).clamp(0.0, WINDOW_DAYS as f64)),
            good: recent.iter().filter(|s| s.deployment.status == DeploymentStatus::Succeeded).count() as u32,
            recovery: hours(felt.iter().map(|f| f.hours).collect(), reaches.recovery.least),
            unrecovered: open().count() as u32,
            unrecovered_hours: open().map(|f| f.hours).max_by(f64::total_cmp).map(num::round9),
            rework: ratio(reworked, recent.len(), LEAST_FOR_RATE),
            people: by_hand.filter_map(|s| s.deployment.actor.as_deref()).collect::<BTreeSet<_>>().len() as u32,
            pipeline: ratio(by(ActorKind::Pipeline), known, reaches.hands.least),
            ..Dora::default()
        };
        self.failed(dora, reaches.failures)
    }

    /// Adds what failed, of how many that ended, and what that would be if nothing of it were doubtful.
    fn failed(&self, mut dora: Dora, reach: Reach) -> Dora {
        let hurt = |s: &&Shipped<'_>| self.failures.contains_key(s.deployment.id.as_str());
        let (ended, open): (Vec<_>, Vec<_>) = self.recent(reach.days).partition(|s| s.outcome_told || hurt(s));
        let untold = open.iter().filter(|s| s.deployment.ending(self.until) != Ending::Running).count();
        dora.failures = ended.iter().filter_map(|s| self.failure(s)).collect();
        let failed = dora.failures.len();
        let likely = dora.failures.iter().filter(|f| f.by == FailedBy::Likely).count();
        (dora.ended, dora.untold) = (ended.len() as u32, untold as u32);
        if untold > 0 && ended.len() >= reach.least {
            dora.failure_rate_at_worst = share(failed + untold, ended.len() + untold, reach.least);
        }
        if likely > 0 {
            dora.failure_rate_without_likely = share(failed - likely, ended.len(), reach.least);
        }
        dora
    }

    fn failure(&self, shipped: &Shipped<'_>) -> Option<FailedChange> {
        let d = &shipped.deployment;
        let found = self.failures.get(d.id.as_str())?;
        Some(FailedChange {
            deployment: d.id.clone(),
            at: d.started_at,
            environment: environment_name(&d.environment),
            by: found.by,
            link: found.link.clone(),
        })
    }

    /// Environments that were deployed to in the last days; where none was, all of them.
    fn in_use(&self, days: f64) -> Vec<(&str, &[&'a Shipped<'a>])> {
        let recent = |all: &[&Shipped<'_>]| all.iter().any(|s| self.until.days_since(s.deployment.started_at) < days);
        let all = || self.places.iter().map(|(name, all)| (name.as_str(), all.as_slice()));
        let used: Vec<_> = all().filter(|(_, all)| recent(all)).collect();
        if used.is_empty() { all().collect() } else { used }
    }

    /// How often and how soon changes reach each environment. The slowest one counts: its changes are returned, its frequency is set.
    fn reach_users(&self, index: &FactIndex<'a>, id: &SubjectId, reach: Reach, dora: &mut Dora) -> Changes {
        let merged = merged(index, id, Timestamp(self.until.0 - (reach.days * 86_400_000.0) as i64), self.until);
        let mut slowest = Changes::default();
        let mut order: Option<(f64, u32, usize)> = None;
        for (name, all) in self.in_use(reach.days.max(WINDOW_DAYS as f64)) {
            let changes = lead_times(&merged, all, self.until);
            let lead = hours(changes.lead.clone(), reach.least);
            let (good, per_week) = self.frequency(all);
            dora.environments.push(InEnvironment { name: name.to_owned(), good, per_week, lead });
            let slow = (lead.median.unwrap_or(-1.0), changes.overdue, changes.lead.len());
            if order.is_none_or(|than| {
                than.0.total_cmp(&slow.0).then(than.1.cmp(&slow.1)).then(than.2.cmp(&slow.2)).is_lt()
            }) {
                (slowest, order) = (changes, Some(slow));
            }
        }
        dora.per_week = dora.environments.iter().filter_map(|e| e.per_week).min_by(f64::total_cmp);
        if dora.environments.len() < 2 {
            dora.environments.clear();
        }
        slowest
    }

    /// Good deployments of an environment in the window, and how many that is a week.
    fn frequency(&self, all: &[&Shipped<'_>]) -> (u32, Option<f64>) {
        let since = all.first().map_or(self.until, |s| s.deployment.started_at);
        let observed_days = self.until.days_since(since).clamp(0.0, WINDOW_DAYS as f64);
        let recent =
            |s: &Shipped<'_>| (0.0..WINDOW_DAYS as f64).contains(&self.until.days_since(s.deployment.started_at));
        let is_good = |s: &Shipped<'_>| s.deployment.status == DeploymentStatus::Succeeded && recent(s);
        let good = all.iter().filter(|s| is_good(s)).count() as u32;
        let enough = good >= Dora::LEAST_GOOD && observed_days >= Dora::LEAST_DAYS;
        (good, enough.then(|| num::round9(f64::from(good) * 7.0 / observed_days)))
    }

    /// All deployments to the environment of one.
    fn beside(&self, shipped: &Shipped<'_>) -> &[&'a Shipped<'a>] {
        self.places.get(&environment_name(&shipped.deployment.environment)).map_or(&[], Vec::as_slice)
    }

    /// How long until users were well again: by the incident it caused, else by its own rollback or the next good deployment to
    /// the same environment.
    fn felt(&self, shipped: &Shipped<'_>) -> Option<Felt> {
        let d = &shipped.deployment;
        let failure = self.failures.get(d.id.as_str())?;
        let until = |at: Timestamp, from: Timestamp, open: bool| {
            Some(Felt { hours: at.hours_since(from), open }).filter(|f| f.hours >= 0.0)
        };
        if let Some(incident) = failure.incident {
            let over = incident.resolved_at;
            return until(over.unwrap_or(self.until), incident.started_at, over.is_none());
        }
        let beside = self.beside(shipped);
        let taken_back = d.status == DeploymentStatus::RolledBack;
        let next = || good(beside).into_iter().find(|(_, s)| s.deployment.started_at > d.started_at).map(|(at, _)| at);
        match d.finished_at.filter(|_| taken_back).or_else(next) {
            Some(at) => until(at, d.started_at, false),
            None if taken_back || shipped_untimed(beside, |s| s.deployment.started_at > d.started_at) => None,
            None => until(self.until, d.started_at, true),
        }
    }

    /// The deployment before it there hurt, or it began while an incident of the service was open: it repairs something.
    fn repairs(&self, shipped: &Shipped<'_>) -> bool {
        let at = shipped.deployment.started_at;
        let open = |i: &&Incident| i.started_at <= at && i.resolved_at.is_none_or(|end| end >= at);
        let before = self.beside(shipped).iter().take_while(|s| s.deployment.id != shipped.deployment.id).last();
        before.is_some_and(|s| self.failures.contains_key(s.deployment.id.as_str())) || self.incidents.iter().any(open)
    }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
