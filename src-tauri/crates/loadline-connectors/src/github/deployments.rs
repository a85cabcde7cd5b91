//! Topic `deployments`: what was deployed, by whom, and how it ended according to its statuses.

use super::{Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, encoded, flag, number, text, time};
use loadline_model::{
    ActorKind, Basis, Confidence, Deployment, DeploymentStatus, Edge, GapReason, Relation, SubjectId, Timestamp,
};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};

/// Deployments whose statuses are asked for, newest first: a call each.
const MOST: usize = 600;
/// Earlier attempts of runs that are asked for, those of the newest runs first: a call each.
const MOST_ATTEMPTS: usize = 200;
/// After so many refusals in a row the rest would be refused too; the gap is left by then.
const REFUSALS: u32 = 3;
/// Deployed by GitHub itself, and no service.
const PAGES: &str = "github-pages";

/// Reads the topic. `before` is what the service was called when the account was connected.
pub(super) async fn read(
    r: &mut Reading<'_>,
    known: &Known,
    home: &SubjectId,
    before: &SubjectId,
    environments: &str,
) -> Result<(), Cancelled> {
    let since = r.since;
    let exists = AtomicBool::new(false);
    let counts = |row: &Value| counts(row, environments);
    // Newest first. What is older than asked for still shows that there is a service.
    let listed = r
        .list(&calls::DEPLOYMENTS, "", &[("per_page", "100")], |row| {
            exists.fetch_or(counts(row), Ordering::Relaxed);
            time(row, "/created_at").is_some_and(|at| at >= since)
        })
        .await?;
    let rows: Vec<Value> = listed.map(|l| l.rows).unwrap_or_default().into_iter().filter(counts).collect();
    let service = r.subject.clone();
    if exists.load(Ordering::Relaxed) || r.repository.service.is_some() {
        r.say_service(calls::DEPLOYMENTS.path, &service, &known.name, home);
        if *before != service {
            let edge = Edge { relation: Relation::SameAs, to: before.clone(), confidence: Confidence::Declared };
            r.visit.answer.say(&service, calls::REPOSITORY.path, Basis::Configured, edge);
        }
    }
    if rows.len() > MOST {
        let detail = format!("{} deployments of {}: the newest {MOST} were read.", rows.len(), known.path);
        r.about(GapReason::LimitReached, detail, "Set `environments` to those that count, or `history_days` to fewer.");
    }
    let mut refused = 0;
    for row in rows.iter().take(MOST) {
        let Some(id) = number(row, "/id").filter(|_| refused < REFUSALS) else { continue };
        let asked = r.get(&calls::STATUSES, &id.to_string(), &[("per_page", "100")]).await?;
        refused = if asked.is_some() { 0 } else { refused + 1 };
        let Some(statuses) = asked.as_ref().and_then(Value::as_array) else { continue };
        if let Some(deployment) = deployment(row, statuses, &known.site) {
            r.visit.answer.say(&service, calls::DEPLOYMENTS.path, Basis::Measured, deployment);
        }
    }
    Ok(())
}

/// Previews of a branch are deployed for reviewers and vanish with it; pages are no service.
fn counts(row: &Value, environments: &str) -> bool {
    let name = text(row, "/environment").unwrap_or_default();
    let mut wanted = environments.split(',').map(str::trim).filter(|e| !e.is_empty()).peekable();
    match wanted.peek() {
        Some(_) => wanted.any(|w| w.eq_ignore_ascii_case(name)),
        None => !name.is_empty() && name != PAGES && flag(row, "/transient_environment") != Some(true),
    }
}

/// A deployment and its statuses; `None` when nothing shows that it ever ran.
fn deployment(row: &Value, statuses: &[Value], site: &str) -> Option<Deployment> {
    let created = time(row, "/created_at")?;
    let (status, started, finished_at) = outcome(statuses)?;
    let (actor_kind, actor) = actor(row);
    Some(Deployment {
        id: format!("{site}/deployments/{}", number(row, "/id")?),
        environment: text(row, "/environment")?.to_owned(),
        revision: text(row, "/sha")?.to_owned(),
        started_at: started.unwrap_or(created),
        finished_at,
        status,
        actor_kind,
        actor,
        strategy: None,
    })
}

type Outcome = (DeploymentStatus, Option<Timestamp>, Option<Timestamp>);

/// Outcome, start and end by the statuses. What came after a success says only that a newer deployment took its place
/// (`inactive`). One that is inactive without having ended never ran, or its statuses are gone: it is not told.
fn outcome(statuses: &[Value]) -> Option<Outcome> {
    let mut told: Vec<(Timestamp, u64, &str)> = statuses
        .iter()
        .filter_map(|s| Some((time(s, "/created_at")?, number(s, "/id").unwrap_or(0), text(s, "/state")?)))
        .collect();
    told.sort_unstable();
    let began = told.iter().find(|(.., state)| *state == "in_progress").map(|(at, ..)| *at);
    let ended = told.iter().rev().find(|(.., state)| matches!(*state, "success" | "failure" | "error"));
    match ended {
        Some((at, _, "success")) => Some((DeploymentStatus::Succeeded, began, Some(*at))),
        Some((at, ..)) => Some((DeploymentStatus::Failed, began, Some(*at))),
        None if told.iter().any(|(.., state)| *state == "inactive") => None,
        None => Some((DeploymentStatus::InProgress, began, None)),
    }
}

/// An app acts for a pipeline, and so does a bot; a user acts as a person, also where a script holds that person's token.
fn actor(row: &Value) -> (ActorKind, Option<String>) {
    let login = text(row, "/creator/login").map(str::to_owned);
    let app = text(row, "/performed_via_github_app/slug").map(str::to_owned);
    match (app, text(row, "/creator/type")) {
        (Some(app), _) => (ActorKind::Pipeline, Some(app)),
        (None, Some("Bot")) => (ActorKind::Pipeline, login),
        (None, Some("User")) => (ActorKind::Person, login),
        (None, _) => (ActorKind::Unknown, login),
    }
}

/// Reads the runs of the workflow that the account names as the deploying one.
pub(super) async fn read_workflow(
    r: &mut Reading<'_>,
    known: &Known,
    home: &SubjectId,
    file: &str,
) -> Result<(), Cancelled> {
    let created = format!(">={}", r.since);
    let query = [("branch", known.branch.as_str()), ("created", created.as_str()), ("per_page", "100")];
    let Some(listed) = r.list(&calls::WORKFLOW, &encoded(file), &query, |_| true).await? else { return Ok(()) };
    let service = r.subject.clone();
    r.say_service(calls::WORKFLOW.path, &service, &known.name, home);
    let mut left = MOST_ATTEMPTS;
    for row in &listed.rows {
        for before in attempts_before(r, row, &known.site, &mut left).await? {
            r.visit.answer.say(&service, calls::WORKFLOW.path, Basis::Measured, before);
        }
        if let Some(deployment) = run(row, &known.site) {
            r.visit.answer.say(&service, calls::WORKFLOW.path, Basis::Measured, deployment);
        }
    }
    Ok(())
}

/// Earlier attempts of a run, which the list no longer shows: what was repeated may have failed, or gone well and been brought back.
/// One that is gone is not told.
async fn attempts_before(
    r: &mut Reading<'_>,
    row: &Value,
    site: &str,
    left: &mut usize,
) -> Result<Vec<Deployment>, Cancelled> {
    let mut found = Vec::new();
    let Some(id) = number(row, "/id") else { return Ok(found) };
    for attempt in 1..number(row, "/run_attempt").unwrap_or(1) {
        if *left == 0 {
            break;
        }
        *left -= 1;
        match r.get_if_any(&calls::ATTEMPT, &format!("{id} {attempt}"), &[]).await? {
            Some(one) => found.extend(one.and_then(|row| attempt_of(&row, attempt, site))),
            // The others would be refused too; the gap is left by now.
            None => *left = 0,
        }
    }
    Ok(found)
}

fn attempt_of(row: &Value, attempt: u64, site: &str) -> Option<Deployment> {
    let run = run(row, site).filter(|run| run.status != DeploymentStatus::InProgress)?;
    Some(Deployment { id: format!("{}.{attempt}", run.id), ..run })
}

/// A run of the deploying workflow; one that was called off or passed over deployed nothing that is known.
fn run(row: &Value, site: &str) -> Option<Deployment> {
    let (status, ends) = match (text(row, "/status")?, text(row, "/conclusion")) {
        ("completed", Some("success")) => (DeploymentStatus::Succeeded, true),
        ("completed", Some("failure" | "timed_out" | "startup_failure")) => (DeploymentStatus::Failed, true),
        ("completed", _) => return None,
        _ => (DeploymentStatus::InProgress, false),
    };
    let started_at = time(row, "/run_started_at").or_else(|| time(row, "/created_at"))?;
    Some(Deployment {
        id: format!("{site}/runs/{}", number(row, "/id")?),
        environment: "production".to_owned(),
        revision: text(row, "/head_sha")?.to_owned(),
        started_at,
        finished_at: time(row, "/updated_at").filter(|_| ends),
        status,
        actor_kind: ActorKind::Pipeline,
        actor: text(row, "/triggering_actor/login").or_else(|| text(row, "/actor/login")).map(str::to_owned),
        strategy: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn outcomes_follow_from_statuses_in_their_own_order() {
        // Minutes and states, newest first as GitHub lists them.
        let check = |states: &[(u32, &str)], expected: Option<(DeploymentStatus, Option<u32>, Option<u32>)>| {
            let statuses: Vec<Value> = states
                .iter()
                .map(|(m, state)| json!({"id": m, "state": state, "created_at": format!("2026-11-01T10:{m:02}:00Z")}))
                .collect();
            let minute = |at: Timestamp| ((at.0 / 60_000) % 60) as u32;
            let found = outcome(&statuses).map(|(s, a, b)| (s, a.map(minute), b.map(minute)));
            assert_eq!(found, expected, "{states:?}");
        };
        use DeploymentStatus::{Failed, InProgress, Succeeded};
        check(&[(9, "success"), (3, "in_progress"), (1, "queued")], Some((Succeeded, Some(3), Some(9))));
        check(&[(40, "inactive"), (9, "success"), (3, "in_progress")], Some((Succeeded, Some(3), Some(9))));
        check(&[(9, "failure"), (3, "in_progress")], Some((Failed, Some(3), Some(9))));
        check(&[(9, "error")], Some((Failed, None, Some(9))));
        check(&[(20, "failure"), (9, "success")], Some((Failed, None, Some(20))));
        check(&[(3, "in_progress"), (1, "pending")], Some((InProgress, Some(3), None)));
        check(&[], Some((InProgress, None, None)));
        check(&[(40, "inactive")], None);
        check(&[(40, "inactive"), (1, "queued")], None);
    }

    #[test]
    fn who_began_it() {
        let check = |row: Value, kind: ActorKind, name: &str| assert_eq!(actor(&row), (kind, Some(name.to_owned())));
        let user = json!({"login": "octocat", "type": "User"});
        check(json!({"creator": user}), ActorKind::Person, "octocat");
        check(json!({"creator": {"login": "shipit[bot]", "type": "Bot"}}), ActorKind::Pipeline, "shipit[bot]");
        let app = json!({"creator": user, "performed_via_github_app": {"slug": "github-actions"}});
        check(app, ActorKind::Pipeline, "github-actions");
        check(json!({"creator": {"login": "acme", "type": "Organization"}}), ActorKind::Unknown, "acme");
    }

    #[test]
    fn previews_and_pages_do_not_count_unless_named() {
        let row = |name: &str, transient: bool| json!({"environment": name, "transient_environment": transient});
        let check = |name: &str, transient, wanted: &str, expected| {
            assert_eq!(counts(&row(name, transient), wanted), expected, "{name} {wanted}");
        };
        check("production", false, "", true);
        check("pr-17", true, "", false);
        check("github-pages", false, "", false);
        check("github-pages", false, "Production, github-pages", true);
        check("staging", false, "production", false);
    }

    #[test]
    fn runs_that_were_called_off_deployed_nothing() {
        let row = |status: &str, conclusion: Value| {
            let row = json!({"id": 7, "head_sha": "acb5820ced94", "status": status, "conclusion": conclusion,
                "run_started_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T10:07:00Z"});
            run(&row, "github.com")
        };
        let status = |d: Option<Deployment>| d.map(|d| (d.status, d.finished_at.is_some()));
        assert_eq!(status(row("completed", json!("success"))), Some((DeploymentStatus::Succeeded, true)));
        assert_eq!(status(row("completed", json!("timed_out"))), Some((DeploymentStatus::Failed, true)));
        assert_eq!(status(row("completed", json!("cancelled"))), None);
        assert_eq!(status(row("in_progress", Value::Null)), Some((DeploymentStatus::InProgress, false)));
    }

    #[test]
    fn an_attempt_before_is_told_as_it_ended() {
        let row = |conclusion: &str, status: &str| {
            let row = json!({"id": 7, "head_sha": "acb5820ced94", "status": status, "conclusion": conclusion,
                "run_attempt": 1, "created_at": "2026-11-01T09:00:00Z", "run_started_at": "2026-11-01T09:00:05Z",
                "updated_at": "2026-11-01T09:07:00Z"});
            attempt_of(&row, 1, "github.com").map(|d| (d.id, d.status, d.finished_at.is_some()))
        };
        let first = |status| Some(("github.com/runs/7.1".to_owned(), status, true));
        assert_eq!(row("failure", "completed"), first(DeploymentStatus::Failed));
        assert_eq!(row("success", "completed"), first(DeploymentStatus::Succeeded));
        assert_eq!(row("cancelled", "completed"), None);
        assert_eq!(row("", "in_progress"), None);
    }
}
