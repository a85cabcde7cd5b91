//! Topic `deployments`: what Pipelines deployed into which environment, and how it ended. Nothing else can tell Bitbucket of a
//! deployment.

use super::{Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, text, time, with_tier};
use loadline_model::{ActorKind, Basis, Confidence, Deployment, DeploymentStatus, Edge, Relation, SubjectId};
use serde_json::Value;
use std::collections::BTreeMap;

/// Name and type of environments by their id.
type Environments = BTreeMap<String, (String, String)>;

/// Reads the topic. `before` is what the service was called when the account was connected.
pub(super) async fn read(
    r: &mut Reading<'_>,
    known: &Known,
    home: &SubjectId,
    before: &SubjectId,
) -> Result<(), Cancelled> {
    let environments = environments(r).await?;
    // No order and no filter is documented: all of them are read, the newest first where the host heeds `sort`.
    let query = [("sort", "-state.started_on"), ("pagelen", "100")];
    let Some(listed) = r.list(&calls::DEPLOYMENTS, "", &query, |_| true).await? else { return Ok(()) };
    let service = r.subject.clone();
    if !listed.rows.is_empty() || r.repository.service.is_some() {
        r.say_service(calls::DEPLOYMENTS.path, &service, &known.name, home);
        if *before != service {
            let edge = Edge { relation: Relation::SameAs, to: before.clone(), confidence: Confidence::Declared };
            r.visit.answer.say(&service, calls::REPOSITORY.path, Basis::Configured, edge);
        }
    }
    let since = r.since;
    let all = listed.rows.iter().filter_map(|row| deployment(row, environments.as_ref(), known));
    for deployment in all.filter(|d| d.finished_at.unwrap_or(d.started_at) >= since) {
        r.visit.answer.say(&service, calls::DEPLOYMENTS.path, Basis::Measured, deployment);
    }
    Ok(())
}

/// `None` when they could not be read whole.
async fn environments(r: &mut Reading<'_>) -> Result<Option<Environments>, Cancelled> {
    let listed = r.list(&calls::ENVIRONMENTS, "", &[("pagelen", "100")], |_| true).await?;
    let one = |row: &Value| {
        let kind = text(row, "/environment_type/name").unwrap_or_default();
        Some((text(row, "/uuid")?.to_owned(), (text(row, "/name")?.to_owned(), kind.to_ascii_lowercase())))
    };
    Ok(listed.filter(|l| l.whole).map(|l| l.rows.iter().filter_map(one).collect()))
}

/// A deployment; `None` when it never ran, was stopped, or into which environment is not known.
fn deployment(row: &Value, environments: Option<&Environments>, known: &Known) -> Option<Deployment> {
    let (status, ends) = match (text(row, "/state/name")?, text(row, "/state/status/name")) {
        ("COMPLETED", Some("SUCCESSFUL")) => (DeploymentStatus::Succeeded, true),
        ("COMPLETED", Some("FAILED")) => (DeploymentStatus::Failed, true),
        ("IN_PROGRESS", _) => (DeploymentStatus::InProgress, false),
        _ => return None,
    };
    let of_list = text(row, "/environment/uuid").and_then(|id| environments?.get(id));
    let (name, kind) = match of_list {
        Some((name, kind)) => (name.as_str(), kind.as_str()),
        None => (text(row, "/environment/name")?, ""),
    };
    // The published schema and the answers people show name these two differently.
    let first = |pointers: [&str; 2]| pointers.iter().find_map(|p| time(row, p));
    let finished_at = first(["/state/completed_on", "/state/completion_date"]);
    Some(Deployment {
        id: format!("{}/deployments/{}", known.site, text(row, "/uuid")?.trim_matches(['{', '}'])),
        environment: with_tier(name, kind),
        revision: text(row, "/release/commit/hash")?.to_owned(),
        started_at: first(["/state/started_on", "/state/start_date"])?,
        finished_at: finished_at.filter(|_| ends),
        status,
        actor_kind: ActorKind::Pipeline,
        actor: text(row, "/state/deployer/nickname").map(str::to_owned),
        strategy: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(state: &str, status: &str) -> Value {
        json!({"uuid": "{d1}", "state": {"name": state, "status": {"name": status}, "started_on": "2026-11-01T10:00:00Z",
            "completed_on": "2026-11-01T10:07:00Z"}, "environment": {"uuid": "{e1}"},
            "release": {"commit": {"hash": "a91957a858320c0e17f3a0eca7cfacbff50ea29a"}}})
    }

    fn known() -> Known {
        let text = str::to_owned;
        let (path, name, branch) = (text("acme/shop"), text("shop"), text("main"));
        Known { path, name, branch, uuid: text("r1"), site: text("bitbucket.org") }
    }

    #[test]
    fn what_never_ran_or_was_stopped_is_not_told() {
        let environments = BTreeMap::from([("{e1}".to_owned(), ("live".to_owned(), "production".to_owned()))]);
        let check = |state: &str, status: &str, expected: Option<DeploymentStatus>| {
            let found = deployment(&row(state, status), Some(&environments), &known());
            assert_eq!(found.map(|d| d.status), expected, "{state} {status}");
        };
        check("COMPLETED", "SUCCESSFUL", Some(DeploymentStatus::Succeeded));
        check("COMPLETED", "FAILED", Some(DeploymentStatus::Failed));
        check("COMPLETED", "STOPPED", None);
        check("IN_PROGRESS", "PENDING", Some(DeploymentStatus::InProgress));
        check("UNDEPLOYED", "", None);
        // Both spellings of the times.
        let mut published = row("COMPLETED", "SUCCESSFUL");
        published["state"] = json!({"name": "COMPLETED", "status": {"name": "SUCCESSFUL"},
            "start_date": "2026-11-01T10:00:00Z", "completion_date": "2026-11-01T10:05:00Z"});
        let read = deployment(&published, Some(&environments), &known()).expect("a deployment");
        assert_eq!(read.finished_at.map(|end| end.0 - read.started_at.0), Some(300_000));
    }

    #[test]
    fn types_say_what_names_do_not_and_an_unknown_environment_is_not_production() {
        let check = |name: &str, kind: &str, expected: &str| {
            let environments = BTreeMap::from([("{e1}".to_owned(), (name.to_owned(), kind.to_owned()))]);
            let found = deployment(&row("COMPLETED", "SUCCESSFUL"), Some(&environments), &known());
            assert_eq!(found.map(|d| d.environment).as_deref(), Some(expected));
        };
        check("eu-1", "staging", "staging/eu-1");
        check("Staging EU", "staging", "staging/Staging EU");
        check("uat", "test", "test/uat");
        check("demo", "production", "production/demo");
        check("live", "production", "live");
        assert_eq!(deployment(&row("COMPLETED", "SUCCESSFUL"), None, &known()), None);
    }
}
