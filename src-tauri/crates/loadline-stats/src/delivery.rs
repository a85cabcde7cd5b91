//! How change reaches users: counts, minutes, failures.

use crate::neighbourhood::{is_production, subject_ref};
use crate::wilson;
use loadline_model::{ActorKind, DeliveryTrend, Deployment, DeploymentStatus, FactIndex, SubjectId, num};
use std::collections::BTreeMap;

/// Days of deployments looked at.
const WINDOW_DAYS: i64 = 90;
/// Fewest ended deployments for a median of minutes (DEL-003).
const LEAST_FOR_MINUTES: usize = 5;
/// Fewest ended deployments for a failure rate (DEL-006).
const LEAST_FOR_RATE: usize = 20;

/// Production deployments per service over the last 90 days.
pub(crate) fn delivery(index: &FactIndex) -> Vec<DeliveryTrend> {
    let mut by_service: BTreeMap<&SubjectId, BTreeMap<&str, &Deployment>> = BTreeMap::new();
    for (id, d, _) in index.all::<Deployment>() {
        if is_production(index, id, &d.environment) {
            by_service.entry(id).or_default().insert(&d.id, d);
        }
    }
    by_service.into_iter().map(|(id, all)| delivery_trend(index, id, &all)).collect()
}

fn delivery_trend(index: &FactIndex, id: &SubjectId, all: &BTreeMap<&str, &Deployment>) -> DeliveryTrend {
    let until = index.snapshot().taken_at;
    let recent: Vec<&Deployment> = all
        .values()
        .copied()
        .filter(|d| d.started_at > until.plus_days(-WINDOW_DAYS) && d.started_at <= until)
        .collect();
    let ended: Vec<&&Deployment> = recent.iter().filter(|d| d.status != DeploymentStatus::InProgress).collect();
    let failed = ended.iter().filter(|d| d.status != DeploymentStatus::Succeeded).count();
    let minutes: Vec<f64> = ended
        .iter()
        .filter_map(|d| Some((d.finished_at?.0 - d.started_at.0) as f64 / 60_000.0))
        .filter(|m| *m >= 0.0)
        .collect();
    let known = recent.iter().filter(|d| d.actor_kind != ActorKind::Unknown).count();
    let pipeline = recent.iter().filter(|d| d.actor_kind == ActorKind::Pipeline).count();
    DeliveryTrend {
        subject: subject_ref(index, id),
        deployments: recent.len() as u32,
        observed_since: all.values().map(|d| d.started_at).min(),
        median_minutes: if minutes.len() < LEAST_FOR_MINUTES { None } else { num::median(&minutes).map(num::round9) },
        failed: failed as u32,
        failure_rate: if ended.len() < LEAST_FOR_RATE {
            None
        } else {
            wilson::interval(failed as u64, ended.len() as u64, wilson::Z_90)
        },
        by_pipeline: (known > 0).then(|| num::round9(pipeline as f64 / known as f64)),
    }
}
