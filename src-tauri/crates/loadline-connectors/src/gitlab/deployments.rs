//! Topic `deployments`: what was deployed into which environment, and how it ended.

use super::{Known, calls, dora};
use crate::Cancelled;
use crate::forge::{Reading, number, rows, text, time, with_tier};
use loadline_model::{ActorKind, Basis, Confidence, Deployment, DeploymentStatus, Edge, Relation, SubjectId};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads the topic. `before` is what the service was called when the account was connected.
pub(super) async fn read(
    r: &mut Reading<'_>,
    known: &Known,
    home: &SubjectId,
    before: &SubjectId,
) -> Result<(), Cancelled> {
    let tiers = tiers(r).await?;
    let since = r.since.to_string();
    let query = [("order_by", "updated_at"), ("sort", "desc"), ("updated_after", since.as_str()), ("per_page", "100")];
    let Some(listed) = r.list(&calls::DEPLOYMENTS, "", &query, |_| true).await? else { return Ok(()) };
    let all: Vec<Deployment> =
        listed.rows.iter().filter_map(|row| deployment(row, tiers.as_ref(), &known.site)).collect();
    // Nothing new does not mean that there was never anything.
    let exists = !all.is_empty() || r.repository.service.is_some() || {
        let any = r.get(&calls::DEPLOYMENTS, "", &[("per_page", "1")]).await?;
        any.is_some_and(|any| !rows(&any, "").is_empty())
    };
    let service = r.subject.clone();
    if exists {
        r.say_service(calls::DEPLOYMENTS.path, &service, &known.name, home);
        if *before != service {
            let edge = Edge { relation: Relation::SameAs, to: before.clone(), confidence: Confidence::Declared };
            r.visit.answer.say(&service, calls::PROJECT.path, Basis::Configured, edge);
        }
    }
    for deployment in all {
        r.visit.answer.say(&service, calls::DEPLOYMENTS.path, Basis::Measured, deployment);
    }
    if exists {
        dora::read(r).await?;
    }
    Ok(())
}

/// Tiers of environments by name; `None` when they could not be read.
async fn tiers(r: &mut Reading<'_>) -> Result<Option<BTreeMap<String, String>>, Cancelled> {
    let Some(listed) = r.list(&calls::ENVIRONMENTS, "", &[("per_page", "100")], |_| true).await? else {
        return Ok(None);
    };
    let tier = |row: &Value| Some((text(row, "/name")?.to_owned(), text(row, "/tier")?.to_owned()));
    Ok(Some(listed.rows.iter().filter_map(tier).collect()))
}

/// A deployment; `None` when it never ran: its job waits for a click or an approval, was called off or passed over.
fn deployment(row: &Value, tiers: Option<&BTreeMap<String, String>>, site: &str) -> Option<Deployment> {
    let (status, ends) = match text(row, "/status")? {
        "success" => (DeploymentStatus::Succeeded, true),
        "failed" => (DeploymentStatus::Failed, true),
        "running" => (DeploymentStatus::InProgress, false),
        _ => return None,
    };
    let name = text(row, "/environment/name")?;
    let tier = tiers.and_then(|t| t.get(name)).map(String::as_str);
    let by_job = row.get("deployable").is_some_and(|d| !d.is_null());
    // A job says when it began and ended; of one that was told from outside only the row itself changed.
    let finished_at = if by_job { time(row, "/deployable/finished_at") } else { time(row, "/updated_at") };
    Some(Deployment {
        id: format!("{site}/deployments/{}", number(row, "/id")?),
        // "Deployment tier of environments", GitLab documentation.
        environment: with_tier(name, tier.unwrap_or_default()),
        revision: text(row, "/sha")?.to_owned(),
        started_at: time(row, "/deployable/started_at").or_else(|| time(row, "/created_at"))?,
        finished_at: finished_at.filter(|_| ends),
        status,
        actor_kind: if by_job { ActorKind::Pipeline } else { ActorKind::Unknown },
        actor: text(row, "/user/username").map(str::to_owned),
        strategy: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(status: &str, environment: &str, deployable: Value) -> Value {
        json!({"id": 42, "sha": "a91957a858320c0e17f3a0eca7cfacbff50ea29a", "status": status, "user": {"username": "root"},
            "created_at": "2026-11-01T10:00:00.444Z", "updated_at": "2026-11-01T10:09:00Z",
            "environment": {"name": environment}, "deployable": deployable})
    }

    #[test]
    fn what_never_ran_is_not_told() {
        let job = json!({"started_at": "2026-11-01T10:02:00Z", "finished_at": "2026-11-01T10:08:00Z"});
        let read = |status: &str, job: &Value| deployment(&row(status, "production", job.clone()), None, "gitlab.com");
        for status in ["created", "blocked", "canceled", "skipped"] {
            assert_eq!(read(status, &job), None, "{status}");
        }
        let minutes = |d: &Deployment| d.finished_at.map(|end| (end.0 - d.started_at.0) / 60_000);
        let done = read("success", &job).expect("a deployment");
        assert_eq!(
            (done.status, minutes(&done), done.actor_kind),
            (DeploymentStatus::Succeeded, Some(6), ActorKind::Pipeline)
        );
        let running = read("running", &job).expect("a deployment");
        assert_eq!((running.status, running.finished_at), (DeploymentStatus::InProgress, None));
        let told = read("failed", &Value::Null).expect("a deployment");
        assert_eq!((told.status, told.actor_kind), (DeploymentStatus::Failed, ActorKind::Unknown));
        assert_eq!(told.id, "gitlab.com/deployments/42");
    }

    #[test]
    fn tiers_say_what_names_do_not() {
        let tiers = [
            ("eu-1", "staging"),
            ("live", "production"),
            ("uat", "staging"),
            ("staging", "staging"),
            ("demo", "production"),
        ]
        .map(|(name, tier)| (name.to_owned(), tier.to_owned()))
        .into();
        let check = |name: &str, expected: &str| {
            let found = deployment(&row("success", name, Value::Null), Some(&tiers), "gitlab.com");
            assert_eq!(found.map(|d| d.environment).as_deref(), Some(expected));
        };
        check("eu-1", "staging/eu-1");
        check("live", "live");
        check("uat", "staging/uat");
        check("staging", "staging");
        check("demo", "production/demo");
        check("review/fix", "review/fix");
        check("elsewhere", "elsewhere");
    }
}
