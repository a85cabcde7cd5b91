//! Scope `deployments`: markers of change tracking. A marker says that something was deployed, not how it ended: each is told
//! without an outcome, so that it counts as a deployment and as neither success nor failure.

use super::reading::{Entity, Reading, number, text};
use crate::Cancelled;
use loadline_model::{ActorKind, Basis, Deployment, DeploymentStatus, Environment, GapReason, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// Calls of a first collection.
pub(super) const CALLS: u64 = 3;

/// Most rows of a question ("LIMIT clause").
const MOST: usize = 5_000;
/// Asked again so far back: a marker may be set up to a day late ("Change Tracking Events", timestamp).
const AGAIN_DAYS: i64 = 3;

/// A kind of marker: what is asked, which names the source that merges with others, and its id.
const MARKERS: [(&str, &str, &str); 2] = [
    ("Deployment", "FROM Deployment", "deploymentId"),
    (
        "ChangeTrackingEvent",
        "FROM ChangeTrackingEvent WHERE category IN ('Deployment', 'deployment', 'DEPLOYMENT')",
        "changeTrackingId",
    ),
];

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(services) = r.services().await? else { return Ok(()) };
    let services: BTreeMap<&str, &Entity> = services.iter().map(|s| (s.guid.as_str(), s)).collect();
    let (since, now) = (r.window.from.min(r.window.now.plus_days(-AGAIN_DAYS)), r.window.now);
    for (event, from, id) in MARKERS {
        // In the future lies only what a wrong clock marked; it is told once it has happened.
        let nrql = format!("SELECT * {from} SINCE {} UNTIL {} LIMIT {MOST}", since.0, now.0);
        let Some(rows) = r.nrql(&nrql, &[]).await? else { continue };
        for row in &rows {
            let service = text(row, "/entity.guid").or_else(|| text(row, "/entityGuid")).and_then(|g| services.get(g));
            let Some(service) = service else { continue };
            let environment = r.visit.environment;
            if let Some(deployment) = deployment(row, id, service, environment).filter(|d| d.started_at <= now) {
                r.answer.say(&service.subject(), &format!("SELECT * FROM {event}"), Basis::Measured, deployment);
            }
        }
        if rows.len() >= MOST {
            let detail = format!("More than {MOST} markers since {}: the newest were read.", since.utc_day());
            r.answer.miss(GapReason::LimitReached, detail, "Collect more often.");
        }
    }
    Ok(())
}

fn deployment(row: &Value, id: &str, service: &Entity, account: Option<Environment>) -> Option<Deployment> {
    let kind = text(row, "/deploymentType").or_else(|| text(row, "/type")).unwrap_or_default();
    Some(Deployment {
        id: format!("newrelic/{}", text(row, &format!("/{id}"))?),
        environment: environment(service, account),
        revision: text(row, "/commit").or_else(|| text(row, "/version"))?.to_owned(),
        started_at: Timestamp(number(row, "timestamp").filter(|at| *at > 0.0)? as i64),
        finished_at: None,
        status: DeploymentStatus::InProgress,
        // New Relic names who owns the key that set the marker, person or not.
        actor_kind: ActorKind::Unknown,
        actor: text(row, "/user").map(str::to_owned),
        strategy: match kind.to_ascii_uppercase().replace([' ', '-'], "_").as_str() {
            "BLUE_GREEN" => Some("blue_green".to_owned()),
            "CANARY" => Some("canary".to_owned()),
            "ROLLING" => Some("rolling".to_owned()),
            _ => None,
        },
    })
}

/// As the tags of the service say, else as the account says; what says nothing is taken as production.
fn environment(service: &Entity, account: Option<Environment>) -> String {
    if let Some(named) = service.tag(&["environment", "env", "deployment.environment"]) {
        return named.to_owned();
    }
    match account {
        Some(Environment::Staging) => "staging",
        Some(Environment::Development) => "development",
        Some(Environment::Production) | None => "production",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_marker_becomes_a_deployment_without_an_outcome() {
        let row = json!({"guid": "MXxBUE18QVBQTElDQVRJT058NDI", "name": "shop", "domain": "APM",
            "tags": [{"key": "env", "values": ["eu-live"]}]});
        let service = super::super::reading::entity(&row).expect("an entity");
        // "Track changes using NerdGraph (GraphQL)": mutation with optional fields, and its attributes.
        let marker = json!({"deploymentId": "8a3a594c-e726-4bc2-8078-26dffec9a3d8", "version": "0.0.1", "commit": "r3ws4sa43f",
            "user": "datanerd@example.com", "timestamp": 1_570_493_736_000_i64, "deploymentType": "BLUE_GREEN"});
        let read = deployment(&marker, "deploymentId", &service, None).expect("a deployment");
        assert_eq!(read.id, "newrelic/8a3a594c-e726-4bc2-8078-26dffec9a3d8");
        assert_eq!((read.revision.as_str(), read.environment.as_str()), ("r3ws4sa43f", "eu-live"));
        assert_eq!(Some(read.started_at), Timestamp::parse("2019-10-08T00:15:36Z"));
        assert_eq!((read.status, read.finished_at), (DeploymentStatus::InProgress, None));
        assert_eq!((read.actor_kind, read.strategy.as_deref()), (ActorKind::Unknown, Some("blue_green")));
        let bare = json!({"deploymentId": "1", "version": "1.2", "timestamp": 1});
        let read = deployment(&bare, "deploymentId", &service, None).expect("a deployment");
        assert_eq!((read.revision.as_str(), read.strategy, read.actor), ("1.2", None, None));
        assert!(deployment(&json!({"deploymentId": "1", "timestamp": 1}), "deploymentId", &service, None).is_none());
    }
}
