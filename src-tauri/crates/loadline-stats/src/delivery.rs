//! How change reaches users: counts, minutes, failures.

use crate::neighbourhood::{is_production, subject_ref};
use crate::{dora, wilson};
use loadline_model::{ActorKind, DeliveryTrend, Deployment, DeploymentStatus, FactIndex, SubjectId, Timestamp, num};
use std::collections::BTreeMap;

/// Days of deployments looked at.
pub(crate) const WINDOW_DAYS: i64 = 90;
/// Fewest ended deployments for a median of minutes (DEL-003).
const LEAST_FOR_MINUTES: usize = 5;
/// Fewest ended deployments for a rate (DEL-006).
pub(crate) const LEAST_FOR_RATE: usize = 20;

/// Production deployments of one service.
pub(crate) struct Deployed<'a> {
    pub(crate) id: &'a SubjectId,
    /// Those of the window, oldest first, each once.
    pub(crate) recent: Vec<&'a Deployment>,
    /// Start of the first one ever seen: the history is cut there.
    pub(crate) since: Option<Timestamp>,
}

impl<'a> Deployed<'a> {
    /// Those that ended.
    pub(crate) fn ended(&self) -> impl Iterator<Item = &'a Deployment> {
        self.recent.iter().copied().filter(|d| d.status != DeploymentStatus::InProgress)
    }
}

/// Production deployments per service over the last 90 days.
pub(crate) fn delivery(index: &FactIndex) -> Vec<DeliveryTrend> {
    let until = index.snapshot().taken_at;
    let mut by_service: BTreeMap<&SubjectId, BTreeMap<&str, &Deployment>> = BTreeMap::new();
    for (id, d, _) in index.all::<Deployment>() {
        if d.started_at <= until && is_production(index, id, &d.environment) {
            by_service.entry(id).or_default().insert(&d.id, d);
        }
    }
    let deployed = by_service.into_iter().map(|(id, all)| {
        let since = all.values().map(|d| d.started_at).min();
        let mut recent: Vec<&Deployment> = all.into_values().collect();
        recent.retain(|d| d.started_at > until.plus_days(-WINDOW_DAYS));
        recent.sort_by(|a, b| a.started_at.cmp(&b.started_at).then_with(|| a.id.cmp(&b.id)));
        Deployed { id, recent, since }
    });
    let deployed: Vec<Deployed<'_>> = deployed.collect();
    let mut trends: Vec<DeliveryTrend> = deployed.iter().map(|d| trend(index, d)).collect();
    for (trend, ships_with) in trends.iter_mut().zip(dora::together(index, &deployed)) {
        trend.dora.ships_with = ships_with;
    }
    trends
}

fn trend(index: &FactIndex, deployed: &Deployed<'_>) -> DeliveryTrend {
    let recent = &deployed.recent;
    let ended = deployed.ended().count();
    let failed = deployed.ended().filter(|d| d.has_failed()).count();
    let minutes: Vec<f64> = deployed
        .ended()
        .filter_map(|d| Some((d.finished_at?.0 - d.started_at.0) as f64 / 60_000.0))
        .filter(|m| *m >= 0.0)
        .collect();
    let known = recent.iter().filter(|d| d.actor_kind != ActorKind::Unknown).count();
    let pipeline = recent.iter().filter(|d| d.actor_kind == ActorKind::Pipeline).count();
    DeliveryTrend {
        subject: subject_ref(index, deployed.id),
        deployments: recent.len() as u32,
        observed_since: deployed.since,
        median_minutes: if minutes.len() < LEAST_FOR_MINUTES { None } else { num::median(&minutes).map(num::round9) },
        failed: failed as u32,
        failure_rate: if ended < LEAST_FOR_RATE {
            None
        } else {
            wilson::interval(failed as u64, ended as u64, wilson::Z_90)
        },
        by_pipeline: (known > 0).then(|| num::round9(pipeline as f64 / known as f64)),
        dora: dora::keys(index, deployed),
    }
}
