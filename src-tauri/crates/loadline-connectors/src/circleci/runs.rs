//! Pipelines of the default branch: how their workflows ended (topic `repository`), and the jobs of them that the account names
//! as deploying (topic `deployments`). Which job deploys is never guessed from its name.

use super::{Deploying, Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, Told, median_minutes, text, time};
use loadline_model::{ActorKind, Basis, Deployment, DeploymentStatus, GapReason, SubjectId, Timestamp, key};
use serde_json::Value;

/// Days of pipelines that are looked at for builds.
const RUN_DAYS: i64 = 28;
/// Pipelines whose workflows are asked for, newest first: a call each, and one for each workflow that may deploy.
const MOST: usize = 200;

/// Pipelines since then, newest first as CircleCI lists them; `None` when they could not be read whole.
async fn pipelines(r: &mut Reading<'_>, known: &Known, since: Timestamp) -> Result<Option<Vec<Value>>, Cancelled> {
    let recent = |row: &Value| time(row, "/created_at").is_some_and(|at| at >= since);
    let listed = r.list(&calls::PIPELINES, "", &[("branch", known.branch.as_str())], recent).await?;
    let Some(mut rows) = listed.filter(|l| l.whole).map(|l| l.rows) else { return Ok(None) };
    if rows.len() > MOST {
        let detail = format!("{} pipelines of {}: the newest {MOST} were read.", rows.len(), known.path);
        r.about(GapReason::LimitReached, detail, "Collect more often, or set `history_days` to fewer days.");
        rows.truncate(MOST);
    }
    Ok(Some(rows))
}

/// Workflows of a pipeline; `None` when they could not be read whole.
async fn workflows(r: &mut Reading<'_>, pipeline: &Value) -> Result<Option<Vec<Value>>, Cancelled> {
    let Some(id) = id_of(pipeline) else { return Ok(Some(Vec::new())) };
    Ok(r.list(&calls::WORKFLOWS, &id, &[], |_| true).await?.filter(|l| l.whole).map(|l| l.rows))
}

/// An id as it may stand in a path.
fn id_of(row: &Value) -> Option<String> {
    text(row, "/id").filter(|id| id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')).map(str::to_owned)
}

/// Reads how workflows ended. Half of them is no share of all: without one of them nothing is said.
pub(super) async fn builds(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let since = r.visit.window.now.plus_days(-RUN_DAYS);
    let Some(pipelines) = pipelines(r, known, since).await? else { return Ok(()) };
    let (mut runs, mut spans) = (Vec::new(), Vec::new());
    for pipeline in &pipelines {
        let Some(found) = workflows(r, pipeline).await? else { return Ok(()) };
        for workflow in found.iter().filter(|w| passed(w).is_some()) {
            runs.extend(run(pipeline, workflow));
            spans.extend(time(workflow, "/created_at").zip(time(workflow, "/stopped_at")));
        }
    }
    r.say_green(calls::WORKFLOWS.path, &runs);
    r.measured(calls::WORKFLOWS.path, key::CHANGE_PIPELINE_MINUTES, median_minutes(&spans));
    Ok(())
}

fn passed(workflow: &Value) -> Option<bool> {
    match text(workflow, "/status")? {
        "success" => Some(true),
        "failed" | "error" => Some(false),
        _ => None,
    }
}

fn run(pipeline: &Value, workflow: &Value) -> Option<Told> {
    Some(Told {
        revision: text(pipeline, "/vcs/revision")?.to_owned(),
        pipeline: text(workflow, "/name")?.to_owned(),
        at: time(workflow, "/created_at")?,
        passed: passed(workflow),
    })
}

/// Reads runs of the deploying jobs.
pub(super) async fn deployments(
    r: &mut Reading<'_>,
    known: &Known,
    home: &SubjectId,
    deploying: &Deploying,
) -> Result<(), Cancelled> {
    let since = r.since;
    let Some(pipelines) = pipelines(r, known, since).await? else { return Ok(()) };
    let service = r.subject.clone();
    let mut known_as_service = r.repository.service.is_some();
    if known_as_service {
        r.say_service(calls::JOBS.path, &service, &known.name, home);
    }
    for pipeline in &pipelines {
        let Some(found) = workflows(r, pipeline).await? else { return Ok(()) };
        for workflow in found.iter().filter_map(id_of) {
            let Some(jobs) = r.list(&calls::JOBS, &workflow, &[], |_| true).await? else { return Ok(()) };
            for deployment in jobs.rows.iter().filter_map(|job| deployment(pipeline, job, deploying)) {
                if !std::mem::replace(&mut known_as_service, true) {
                    r.say_service(calls::JOBS.path, &service, &known.name, home);
                }
                r.visit.answer.say(&service, calls::JOBS.path, Basis::Measured, deployment);
            }
        }
    }
    Ok(())
}

/// A run of a deploying job; `None` when it is another, never ran, or was called off.
fn deployment(pipeline: &Value, job: &Value, deploying: &Deploying) -> Option<Deployment> {
    let environment = deploying.get(text(job, "/name")?)?;
    let (status, ends) = match text(job, "/status")? {
        "success" => (DeploymentStatus::Succeeded, true),
        "failed" | "timedout" | "infrastructure_fail" => (DeploymentStatus::Failed, true),
        "running" => (DeploymentStatus::InProgress, false),
        _ => return None,
    };
    Some(Deployment {
        id: format!("circleci.com/jobs/{}", text(job, "/id")?),
        environment: environment.clone(),
        revision: text(pipeline, "/vcs/revision")?.to_owned(),
        started_at: time(job, "/started_at")?,
        finished_at: time(job, "/stopped_at").filter(|_| ends),
        status,
        actor_kind: ActorKind::Pipeline,
        actor: text(pipeline, "/trigger/actor/login").map(str::to_owned),
        strategy: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_named_jobs_that_ran_are_deployments() {
        let deploying = Deploying::from([("ship".to_owned(), "production".to_owned())]);
        let pipeline = json!({"vcs": {"revision": "f454a02b5d10fcccfd7d9dd7608a76d6493a98b4"}, "trigger": {"actor": {"login": "ana"}}});
        let check = |name: &str, status: &str, expected: Option<DeploymentStatus>| {
            let job = json!({"id": "j1", "name": name, "status": status, "type": "build",
                "started_at": "2026-11-20T09:00:00Z", "stopped_at": "2026-11-20T09:04:00Z"});
            assert_eq!(deployment(&pipeline, &job, &deploying).map(|d| d.status), expected, "{name} {status}");
        };
        check("ship", "success", Some(DeploymentStatus::Succeeded));
        check("ship", "timedout", Some(DeploymentStatus::Failed));
        check("ship", "running", Some(DeploymentStatus::InProgress));
        for never in ["canceled", "blocked", "on_hold", "not_run", "not_running", "queued", "unauthorized"] {
            check("ship", never, None);
        }
        check("deploy", "success", None);
    }
}
