//! Production deployments of a service, as every delivery rule counts them.

use crate::{Context, Subject};
use loadline_model::{
    CheckResult, Deployment, DeploymentStatus, Environment, Evidence, GapReason, Provenance, Shipped, Timestamp,
    deployments_of, is_rehearsal,
};
use std::collections::BTreeMap;

/// Deployments of one service in a window, oldest first, each once whoever told of it.
pub(super) struct History<'a> {
    pub(super) all: Vec<Deployment>,
    /// Start of the first deployment ever seen: the history is cut there.
    pub(super) since: Option<Timestamp>,
    /// Starts of all that succeeded, also before the window.
    pub(super) good: Vec<Timestamp>,
    /// Of each account and call the newest reading, with the deployments that it told of in the window.
    from: Vec<(&'a Provenance, usize)>,
}

/// The deployments of the last days.
pub(super) fn history<'a>(subject: &Subject<'_>, days: f64, context: &Context<'a>) -> History<'a> {
    let known: Vec<Shipped<'a>> = deployments_of(context.facts, &subject.id)
        .into_iter()
        .filter(|s| s.deployment.started_at <= context.as_of && in_production(&s.deployment.environment, subject))
        .collect();
    let since = known.iter().map(|s| s.deployment.started_at).min();
    let succeeded = |d: &&Deployment| d.status == DeploymentStatus::Succeeded;
    let good = known.iter().map(|s| &s.deployment).filter(succeeded).map(|d| d.started_at).collect();
    let recent = |d: &Deployment| context.as_of.days_since(d.started_at) <= days;
    let from = sources(subject, context, recent);
    History { all: known.into_iter().map(|s| s.deployment).filter(recent).collect(), since, good, from }
}

/// Whoever told of deployments in the window; where nobody did, whoever told of the ones before. Each is a row of its own: what is
/// fresh must not hide that another source is old or gone.
fn sources<'a>(
    subject: &Subject<'_>,
    context: &Context<'a>,
    recent: impl Fn(&Deployment) -> bool,
) -> Vec<(&'a Provenance, usize)> {
    let mut from: BTreeMap<(&str, &str), (&'a Provenance, usize)> = BTreeMap::new();
    let told = context.facts.facts::<Deployment>(&subject.id);
    for (d, p) in told.filter(|(d, _)| d.started_at <= context.as_of && in_production(&d.environment, subject)) {
        let source = from.entry((p.account.as_str(), &p.call)).or_insert((p, 0));
        if (source.0.read_at, source.0) < (p.read_at, p) {
            source.0 = p;
        }
        source.1 += usize::from(recent(d));
    }
    let any = from.values().any(|(_, count)| *count > 0);
    from.into_values().filter(|(_, count)| *count > 0 || !any).collect()
}

fn in_production(environment: &str, subject: &Subject<'_>) -> bool {
    subject.environment == Environment::Production && !is_rehearsal(environment)
}

impl<'a> History<'a> {
    /// Where the deployments were read, a row for each account and call.
    pub(super) fn rows(&self, days: f64) -> Vec<Evidence> {
        let row = |(from, told): &(&Provenance, usize)| {
            Evidence::read("production deployments", format!("{told} in {days:.0} days"), from)
        };
        self.from.iter().map(row).collect()
    }
    /// Those that ended, well or badly.
    pub(super) fn ended(&self) -> impl Iterator<Item = &Deployment> {
        self.all.iter().filter(|d| d.status != DeploymentStatus::InProgress)
    }
    /// Those that brought what they should.
    pub(super) fn succeeded(&self) -> impl Iterator<Item = &Deployment> {
        self.all.iter().filter(|d| d.status == DeploymentStatus::Succeeded)
    }
    /// An answer when nobody shows deployments of this service.
    pub(super) fn missing(&self, subject: &Subject<'_>) -> Option<CheckResult> {
        if subject.environment != Environment::Production {
            let because = format!("`{}` is not in production.", subject.name());
            return Some(CheckResult::not_applicable(because));
        }
        self.since.is_none().then(|| {
            CheckResult::unknown(
                GapReason::NotConnected,
                format!("no deployment of `{}` is visible", subject.name()),
                "Connect what deploys it (ECS, CodeDeploy, GitHub, GitLab, Bitbucket, CircleCI, Jenkins), or import its deployments.",
            )
        })
    }
}

/// Minutes a deployment took, when it ended.
pub(super) fn minutes(deployment: &Deployment) -> Option<f64> {
    let minutes = (deployment.finished_at?.0 - deployment.started_at.0) as f64 / 60_000.0;
    (minutes >= 0.0).then_some(minutes)
}

#[cfg(test)]
pub(super) mod cases {
    //! Deployments for cases.
    use crate::testing::{Case, as_of};
    use loadline_model::*;

    /// A service `api` of a tier.
    pub(in crate::del) fn service(tier: Tier) -> Case {
        Case::new().has("api", Resource { tier: Some(tier), ..Resource::new(Kind::Service, "api") })
    }
    /// A deployment of `api` some hours ago that took some minutes.
    pub(in crate::del) fn deployment(hours: i64, took: i64, status: DeploymentStatus) -> Deployment {
        let started_at = as_of().plus_hours(-hours);
        Deployment {
            id: format!("d-{hours}"),
            environment: "production".into(),
            revision: format!("r-{hours}"),
            started_at,
            finished_at: Some(Timestamp(started_at.0 + took * 60_000)),
            status,
            actor_kind: ActorKind::Pipeline,
            actor: None,
            strategy: None,
        }
    }
    /// Good deployments of `api`, one every so many hours.
    pub(in crate::del) fn deployments(case: Case, count: i64, every: i64, took: i64) -> Case {
        (0..count).fold(case, |case, n| case.has("api", deployment(24 + n * every, took, DeploymentStatus::Succeeded)))
    }
    /// Adds what the trends of `api` conclude beside the rate of failures.
    pub(in crate::del) fn concluded(case: Case, dora: Dora) -> Case {
        let mut case = failing(case, None);
        for trend in &mut case.trends.delivery {
            trend.dora = dora.clone();
        }
        case
    }
    /// Adds the change failure rate of `api`.
    pub(in crate::del) fn failing(mut case: Case, rate: Option<[f64; 3]>) -> Case {
        case.trends.delivery.push(DeliveryTrend {
            subject: SubjectRef { id: "api".into(), kind: None, name: "api".into(), account: None, region: None },
            deployments: 30,
            observed_since: Some(as_of().plus_days(-80)),
            median_minutes: Some(5.0),
            failed: 6,
            failure_rate: rate.map(|[p10, p50, p90]| Interval { p10, p50, p90 }),
            by_pipeline: Some(1.0),
            dora: Dora::default(),
        });
        case
    }
}
