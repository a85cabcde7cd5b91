//! The keys of software delivery with honest rules: each stands on what was observed, is cut where the history begins, and
//! is left out below the fewest observations.
//!
//! What is linked to what: a change request belongs to the first good deployment that began after its merge, of a service
//! built from its repository; a recovery to the failed deployment before it ([`Deployment::hours_to_recover`]).

use crate::delivery::{Deployed, LEAST_FOR_RATE, WINDOW_DAYS};
use crate::neighbourhood::subject_ref;
use crate::wilson;
use loadline_model::{
    ActorKind, ChangeRequest, Deployment, DeploymentStatus, Dora, FactIndex, Hours, Incident, Ratio, Relation,
    ShipsWith, SubjectId, Timestamp, num,
};
use std::collections::BTreeSet;

/// Fewest good deployments and observed days for a frequency.
const LEAST_FOR_FREQUENCY: (usize, f64) = (10, 14.0);
/// Fewest changes for a lead time.
const LEAST_CHANGES: usize = 10;
/// Fewest failed deployments for a time of recovery (DEL-007).
const LEAST_FAILURES: usize = 5;
/// Hours within which a deployment repairs the one before it.
const REWORK_HOURS: f64 = 24.0;
/// Hours within which two services are deployed together.
const TOGETHER_HOURS: f64 = 0.5;
/// Fewest deployments and the smallest share that say that two services ship together (the confidence of change coupling,
/// `scoring.md` §2.3).
const LEAST_TOGETHER: (usize, f64) = (5, 0.8);

/// The keys of one service; services that ship with it are left to [`together`].
pub(crate) fn keys(index: &FactIndex, deployed: &Deployed<'_>) -> Dora {
    let until = index.snapshot().taken_at;
    let observed_days = deployed.since.map_or(0.0, |at| until.days_since(at)).clamp(0.0, WINDOW_DAYS as f64);
    let good = deployed.recent.iter().filter(|d| d.status == DeploymentStatus::Succeeded).count();
    let enough = good >= LEAST_FOR_FREQUENCY.0 && observed_days >= LEAST_FOR_FREQUENCY.1;
    let incidents = || index.all::<Incident>().map(|(_, i, _)| i);
    let recovered = |d: &&Deployment| d.hours_to_recover(deployed.recent.iter().copied(), incidents());
    let by_hand = deployed.recent.iter().filter(|d| d.actor_kind == ActorKind::Person);
    let (lead, wait) = lead_times(index, deployed);
    Dora {
        observed_days: num::round9(observed_days),
        per_week: enough.then(|| num::round9(good as f64 / observed_days * 7.0)),
        lead: summary(lead, LEAST_CHANGES),
        wait: summary(wait, LEAST_CHANGES),
        ended: deployed.ended().count() as u32,
        recovery: summary(deployed.recent.iter().filter_map(recovered).collect(), LEAST_FAILURES),
        rework: rework(deployed),
        people: by_hand.filter_map(|d| d.actor.as_deref()).collect::<BTreeSet<_>>().len() as u32,
        ships_with: Vec::new(),
    }
}

fn summary(mut hours: Vec<f64>, least: usize) -> Hours {
    let n = hours.len();
    let p90 = num::quantile(&mut hours, 0.9);
    let said = |value: Option<f64>| value.filter(|_| n >= least).map(num::round9);
    Hours { n: n as u32, median: said(num::median(&hours)), p90: said(p90) }
}

/// Hours from opening, and from merging, each change until it ran.
fn lead_times(index: &FactIndex, deployed: &Deployed<'_>) -> (Vec<f64>, Vec<f64>) {
    let built = index.edges_from(deployed.id).filter(|e| e.edge.relation == Relation::BuiltFrom).map(|e| e.to);
    let sources: BTreeSet<SubjectId> = built.chain([deployed.id.clone()]).collect();
    let from = index.snapshot().taken_at.plus_days(-WINDOW_DAYS).max(deployed.since.unwrap_or(Timestamp(i64::MAX)));
    let good: Vec<&Deployment> =
        deployed.recent.iter().copied().filter(|d| d.status == DeploymentStatus::Succeeded).collect();
    let mut seen = BTreeSet::new();
    let (mut lead, mut wait) = (Vec::new(), Vec::new());
    for (id, change) in sources.iter().flat_map(|id| index.facts::<ChangeRequest>(id).map(move |(c, _)| (id, c))) {
        let Some(merged) = change.merged_at.filter(|at| *at >= from) else { continue };
        let running = good.iter().find(|d| d.started_at >= merged).and_then(|d| d.finished_at);
        let (Some(running), true) = (running, seen.insert((id, change.id.as_str()))) else { continue };
        let hours = [running.hours_since(change.opened_at), running.hours_since(merged)];
        if hours.iter().all(|h| *h >= 0.0) {
            lead.push(hours[0]);
            wait.push(hours[1]);
        }
    }
    (lead, wait)
}

fn rework(deployed: &Deployed<'_>) -> Ratio {
    let ended: Vec<&Deployment> = deployed.ended().collect();
    let repairs = |pair: &&[&Deployment]| match pair {
        [before, after] => before.has_failed() && after.started_at.hours_since(before.started_at) <= REWORK_HOURS,
        _ => false,
    };
    let (hits, n) = (ended.windows(2).filter(repairs).count(), ended.len());
    let rate = (n >= LEAST_FOR_RATE).then(|| wilson::interval(hits as u64, n as u64, wilson::Z_90)).flatten();
    Ratio { hits: hits as u32, n: n as u32, rate }
}

/// Per service, those that nearly always ship with it.
pub(crate) fn together(index: &FactIndex, all: &[Deployed<'_>]) -> Vec<Vec<ShipsWith>> {
    let mut found = vec![Vec::new(); all.len()];
    for (i, a) in all.iter().enumerate() {
        for (j, b) in all.iter().enumerate().skip(i + 1) {
            let n = a.recent.len().min(b.recent.len());
            let share = near(a, b).min(near(b, a));
            if n >= LEAST_TOGETHER.0 && share >= LEAST_TOGETHER.1 {
                for (at, other) in [(i, b), (j, a)] {
                    let subject = subject_ref(index, other.id);
                    found[at].push(ShipsWith { subject, share: num::round9(share), n: n as u32 });
                }
            }
        }
    }
    for list in &mut found {
        list.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.subject.id.cmp(&b.subject.id)));
    }
    found
}

/// Share of the deployments of one service that have one of the other near them, 0–1.
fn near(one: &Deployed<'_>, other: &Deployed<'_>) -> f64 {
    let has = |d: &&&Deployment| {
        let at = other.recent.partition_point(|o| o.started_at < d.started_at);
        let sides = [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|i| other.recent.get(i));
        sides.into_iter().any(|o| o.started_at.hours_since(d.started_at).abs() <= TOGETHER_HOURS)
    };
    if one.recent.is_empty() {
        return 0.0;
    }
    one.recent.iter().filter(has).count() as f64 / one.recent.len() as f64
}

#[cfg(test)]
mod tests {
    use crate::delivery::delivery;
    use crate::fixture::{at, fact};
    use loadline_model::*;

    fn deployment(start: Timestamp, n: i64, status: DeploymentStatus) -> Deployment {
        let started_at = start.plus_hours(n);
        Deployment {
            id: format!("{}-{n}", start.0),
            environment: "production".into(),
            revision: format!("r{n}"),
            started_at,
            finished_at: Some(started_at.plus_hours(1)),
            status,
            actor_kind: ActorKind::Person,
            actor: Some(format!("person {}", n % 2)),
            strategy: None,
        }
    }

    fn service(id: &str) -> Fact {
        fact(id, Resource::new(Kind::Service, id))
    }

    fn trends(facts: Vec<Fact>) -> Vec<DeliveryTrend> {
        let snapshot = Snapshot { taken_at: at("2026-11-16T00:00:00Z"), facts, ..Snapshot::default() };
        delivery(&FactIndex::new(&snapshot))
    }

    /// A good deployment a day of the last 40, each third one failed and repaired three hours later.
    fn history() -> Vec<Fact> {
        let start = at("2026-10-07T00:00:00Z");
        let daily = (0..40).flat_map(|day| {
            let bad = (day % 3 == 0).then(|| deployment(start, day * 24 - 3, DeploymentStatus::Failed));
            bad.into_iter().chain([deployment(start, day * 24, DeploymentStatus::Succeeded)])
        });
        [service("api")].into_iter().chain(daily.map(|d| fact("api", d))).collect()
    }

    #[test]
    fn each_key_is_what_was_planted() {
        let found = trends(history());
        let dora = &found[0].dora;
        assert!((dora.observed_days - 40.125).abs() < 1e-9, "{}", dora.observed_days);
        assert!((dora.per_week.expect("enough") - 40.0 / 40.125 * 7.0).abs() < 1e-6);
        assert_eq!((dora.ended, found[0].failed, dora.rework.hits, dora.rework.n), (54, 14, 14, 54));
        // Three hours to the repair's start, one more until it ran.
        assert_eq!(dora.recovery, Hours { n: 14, median: Some(4.0), p90: Some(4.0) });
        assert_eq!((dora.people, dora.lead), (2, Hours::default()));
    }

    #[test]
    fn lead_time_runs_from_opening_to_running_and_is_cut_where_history_begins() {
        let mut facts = history();
        facts.push(fact("repo", Resource::new(Kind::Repository, "repo")));
        facts.push(fact(
            "api",
            Edge { relation: Relation::BuiltFrom, to: "repo".into(), confidence: Confidence::Declared },
        ));
        let start = at("2026-10-07T00:00:00Z");
        let change = |id: String, merged: i64| ChangeRequest {
            id,
            opened_at: start.plus_hours(merged - 20),
            merged_at: Some(start.plus_hours(merged)),
            lines: None,
            approvals: None,
        };
        // Merged ten hours before the day's deployment, twelve of them; one before anything was observed; one never deployed.
        facts.extend((1..13).map(|day| fact("repo", change(format!("#{day}"), day * 24 - 10))));
        facts.extend([change("#90".into(), -100), change("#91".into(), 41 * 24)].map(|c| fact("repo", c)));
        let dora = &trends(facts.clone())[0].dora;
        assert_eq!(dora.wait, Hours { n: 12, median: Some(11.0), p90: Some(11.0) });
        assert_eq!(dora.lead, Hours { n: 12, median: Some(31.0), p90: Some(31.0) });
        facts.truncate(facts.len() - 7);
        let few = trends(facts)[0].dora.lead;
        assert_eq!((few.n, few.median), (7, None));
    }

    #[test]
    fn little_says_nothing() {
        let mut facts = history();
        facts.truncate(12);
        let dora = &trends(facts)[0].dora;
        assert_eq!((dora.per_week, dora.rework.rate, dora.recovery.median), (None, None, None));
        assert!(dora.recovery.n > 0 && dora.rework.n > 0);
    }

    #[test]
    fn services_that_ship_together_are_named_on_both_sides() {
        let start = at("2026-10-07T00:00:00Z");
        let mut facts = vec![service("api"), service("web"), service("jobs")];
        for day in 0..10 {
            facts.push(fact("api", deployment(start, day * 24, DeploymentStatus::Succeeded)));
            facts.push(fact("web", deployment(Timestamp(start.0 + 60_000), day * 24, DeploymentStatus::Succeeded)));
            facts.push(fact("jobs", deployment(start, day * 24 + 5, DeploymentStatus::Succeeded)));
        }
        let found = trends(facts);
        let named = |t: &DeliveryTrend| t.dora.ships_with.iter().map(|s| s.subject.id.to_string()).collect::<Vec<_>>();
        assert_eq!(
            found.iter().map(named).collect::<Vec<_>>(),
            [vec!["web".to_owned()], vec![], vec!["api".to_owned()]]
        );
    }
}
