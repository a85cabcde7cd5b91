//! Builds of a job: how they ended (topic `repository`), or that they are deployments (topic `deployments`).

use super::calls;
use crate::Cancelled;
use crate::forge::{Reading, Told, flag, median_minutes, number, rows, text};
use crate::git::address_of;
use crate::http::HttpError;
use loadline_model::{
    ActorKind, Basis, Deployment, DeploymentStatus, GapReason, Kind, SubjectId, Timestamp, hash, key,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Days of builds that are looked at.
const RUN_DAYS: i64 = 28;
/// Builds of one question: Jenkins reads each of them from its disk.
const PAGE: usize = 100;
const PAGES: usize = 20;

/// Builds since then, newest first; `None` when they could not be read whole. Jenkins forgets builds as the job is told to.
async fn since(r: &mut Reading<'_>, since: Timestamp) -> Result<Option<Vec<Value>>, Cancelled> {
    let mut all = Vec::new();
    for page in 0..PAGES {
        let tree = format!("allBuilds[{}]{{{},{}}}", calls::BUILD, page * PAGE, (page + 1) * PAGE);
        let Some(answer) = r.get(&calls::JOB, "", &[("tree", tree.as_str())]).await? else { return Ok(None) };
        let Some(found) = answer.get("allBuilds").and_then(Value::as_array) else {
            r.refused(&calls::JOB, &HttpError::Malformed("it lists no builds".to_owned()));
            return Ok(None);
        };
        let recent = |row: &&Value| begun(row).is_some_and(|at| at >= since);
        let ends = found.len() < PAGE || found.iter().any(|row| !recent(&row));
        all.extend(found.iter().filter(recent).cloned());
        if ends {
            return Ok(Some(all));
        }
    }
    let detail = format!("{}: more than {} builds; the newest were read.", r.repository.path, PAGES * PAGE);
    r.about(GapReason::LimitReached, detail, "Set `history_days` to fewer days.");
    Ok(Some(all))
}

fn begun(build: &Value) -> Option<Timestamp> {
    number(build, "/timestamp").and_then(|ms| i64::try_from(ms).ok()).map(Timestamp)
}

fn span(build: &Value) -> Option<(Timestamp, Timestamp)> {
    let at = begun(build)?;
    let took = number(build, "/duration").and_then(|ms| i64::try_from(ms).ok())?;
    Some((at, Timestamp(at.0.checked_add(took)?)))
}

/// The only one of what several actions of a build say: a shared library has a revision and an address of its own.
fn only(found: impl Iterator<Item = String>) -> Option<String> {
    let all: BTreeSet<String> = found.collect();
    if all.len() == 1 { all.into_iter().next() } else { None }
}

fn revision(build: &Value) -> Option<String> {
    only(rows(build, "/actions").iter().filter_map(|a| text(a, "/lastBuiltRevision/SHA1")).map(str::to_owned))
}

fn remote(build: &Value) -> Option<String> {
    let urls = rows(build, "/actions").iter().flat_map(|a| rows(a, "/remoteUrls"));
    only(urls.filter_map(Value::as_str).filter_map(address_of))
}

/// The repository that the newest build which names one was built from.
fn home(builds: &[Value]) -> Option<SubjectId> {
    builds.iter().find_map(remote).map(|lies| SubjectId::new(format!("repository:{lies}")))
}

/// Reads how builds ended.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let from = r.visit.window.now.plus_days(-RUN_DAYS);
    let Some(builds) = since(r, from).await? else { return Ok(()) };
    let Some(home) = home(&builds) else {
        let detail = format!("{}: its builds of {RUN_DAYS} days name no repository, or several.", r.repository.path);
        r.about(GapReason::UnmappedSubject, detail, "Name a job that builds one repository with the Git plugin.");
        return Ok(());
    };
    let name = home.as_str().rsplit('/').next().unwrap_or_default().to_owned();
    r.subject = home;
    r.say_repository(calls::JOB.path, &name, None);
    let ended = || builds.iter().filter(|b| passed(b).is_some());
    let runs: Vec<Told> = ended()
        .filter_map(|build| {
            Some(Told { revision: named(build)?, pipeline: String::new(), at: begun(build)?, passed: passed(build) })
        })
        .collect();
    let spans: Vec<(Timestamp, Timestamp)> = ended().filter_map(span).collect();
    r.say_green(calls::JOB.path, &runs);
    r.measured(calls::JOB.path, key::CHANGE_PIPELINE_MINUTES, median_minutes(&spans));
    Ok(())
}

/// Its revision, or its number where several or none are told.
fn named(build: &Value) -> Option<String> {
    revision(build).or_else(|| number(build, "/number").map(|n| format!("#{n}")))
}

fn passed(build: &Value) -> Option<bool> {
    match text(build, "/result")? {
        "SUCCESS" => Some(true),
        "FAILURE" | "UNSTABLE" => Some(false),
        _ => None,
    }
}

/// Reads builds that are deployments into this environment.
pub(super) async fn deployments(r: &mut Reading<'_>, site: &str, environment: &str) -> Result<(), Cancelled> {
    let from = r.since;
    let Some(builds) = since(r, from).await? else { return Ok(()) };
    let service = r.subject.clone();
    let path = r.repository.path.clone();
    let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
    match home(&builds) {
        Some(home) => r.say_service(calls::JOB.path, &service, &name, &home),
        None if r.repository.service.is_none() => r.visit.exists(&service, calls::JOB.path, Kind::Service, &name),
        None => {}
    }
    // Builds are numbered within a job, and neither its name nor the server's belongs into an id.
    let job = format!("jenkins/{}", &hash::hex_of(&["jenkins job", site, &path])[..12]);
    for deployment in builds.iter().filter_map(|build| deployment(build, environment, &job)) {
        r.visit.answer.say(&service, calls::JOB.path, Basis::Measured, deployment);
    }
    Ok(())
}

/// A build of a deploying job; `None` when it was called off or never ran. One that is unstable did not bring what it should.
fn deployment(build: &Value, environment: &str, job: &str) -> Option<Deployment> {
    let building = flag(build, "/building") == Some(true);
    let status = match (building, text(build, "/result")) {
        (true, _) => DeploymentStatus::InProgress,
        (false, Some("SUCCESS")) => DeploymentStatus::Succeeded,
        (false, Some("FAILURE" | "UNSTABLE")) => DeploymentStatus::Failed,
        _ => return None,
    };
    let (started_at, ended) = span(build)?;
    let (actor_kind, actor) = actor(build);
    Some(Deployment {
        id: format!("{job}/{}", number(build, "/number")?),
        environment: environment.to_owned(),
        revision: named(build)?,
        started_at,
        finished_at: Some(ended).filter(|_| !building),
        status,
        actor_kind,
        actor,
        strategy: None,
    })
}

/// Who or what began it: a user, or anything else that has a cause.
fn actor(build: &Value) -> (ActorKind, Option<String>) {
    let causes: Vec<&Value> = rows(build, "/actions").iter().flat_map(|a| rows(a, "/causes")).collect();
    let user = causes.iter().find_map(|c| text(c, "/userId"));
    let job = causes.iter().find_map(|c| text(c, "/upstreamProject"));
    match user {
        Some(user) => (ActorKind::Person, Some(user.to_owned())),
        None if causes.is_empty() => (ActorKind::Unknown, None),
        None => (ActorKind::Pipeline, job.map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_began_it_and_how_it_ended() {
        let build = |result: Value, causes: Value| {
            json!({"number": 7, "result": result, "building": false, "timestamp": 1_795_168_800_000_u64, "duration": 60_000,
                "actions": [{"causes": causes}, {}]})
        };
        let check = |result: &str, causes: Value, expected: Option<(DeploymentStatus, ActorKind, Option<&str>)>| {
            let found = deployment(&build(json!(result), causes), "production", "jenkins/x");
            assert_eq!(found.as_ref().map(|d| (d.status, d.actor_kind, d.actor.as_deref())), expected, "{result}");
        };
        use DeploymentStatus::{Failed, Succeeded};
        check("SUCCESS", json!([{"userId": "ana"}]), Some((Succeeded, ActorKind::Person, Some("ana"))));
        check("FAILURE", json!([{"shortDescription": "Started by timer"}]), Some((Failed, ActorKind::Pipeline, None)));
        check("UNSTABLE", json!([{"upstreamProject": "shop"}]), Some((Failed, ActorKind::Pipeline, Some("shop"))));
        check("SUCCESS", json!([]), Some((Succeeded, ActorKind::Unknown, None)));
        check("ABORTED", json!([]), None);
        check("NOT_BUILT", json!([]), None);
        let read = deployment(&build(json!("SUCCESS"), json!([])), "production", "jenkins/x").expect("a deployment");
        assert_eq!((read.id.as_str(), read.revision.as_str()), ("jenkins/x/7", "#7"));
    }

    #[test]
    fn a_shared_library_leaves_the_revision_open() {
        let data = |sha: &str, url: &str| json!({"lastBuiltRevision": {"SHA1": sha}, "remoteUrls": [url]});
        let one = json!({"actions": [data("a1", "git@github.com:acme/shop.git"), data("a1", "https://github.com/acme/shop")]});
        assert_eq!((revision(&one).as_deref(), remote(&one).as_deref()), (Some("a1"), Some("github.com/acme/shop")));
        let two = json!({"actions": [data("a1", "https://github.com/acme/shop"), data("b2", "https://github.com/acme/library")]});
        assert_eq!((revision(&two), remote(&two)), (None, None));
    }
}
