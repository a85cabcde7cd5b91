//! Releases as deployments, where the account says that publishing one ships it. When such a deployment ended is not told, so it
//! counts for how often changes ship and for no time.

use super::{Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, flag, number, text, time};
use loadline_model::{ActorKind, Basis, Deployment, DeploymentStatus, SubjectId};
use serde_json::Value;

/// Reads releases as deployments into this environment.
pub(super) async fn read(
    r: &mut Reading<'_>,
    known: &Known,
    home: &SubjectId,
    environment: &str,
) -> Result<(), Cancelled> {
    let Some(listed) = r.list(&calls::RELEASES, "", &[("per_page", "100")], |_| true).await? else { return Ok(()) };
    let since = r.since;
    let all: Vec<Deployment> = listed.rows.iter().filter_map(|row| deployment(row, environment, &known.site)).collect();
    let service = r.subject.clone();
    if !all.is_empty() {
        r.say_service(calls::RELEASES.path, &service, &known.name, home);
    }
    for deployment in all.into_iter().filter(|d| d.started_at >= since) {
        r.visit.answer.say(&service, calls::RELEASES.path, Basis::Measured, deployment);
    }
    Ok(())
}

/// A published release; drafts and releases for trial ship to nobody.
fn deployment(row: &Value, environment: &str, site: &str) -> Option<Deployment> {
    if flag(row, "/draft") != Some(false) || flag(row, "/prerelease") != Some(false) {
        return None;
    }
    Some(Deployment {
        id: format!("{site}/releases/{}", number(row, "/id")?),
        environment: environment.to_owned(),
        revision: text(row, "/tag_name")?.to_owned(),
        started_at: time(row, "/published_at")?,
        finished_at: None,
        status: DeploymentStatus::Succeeded,
        actor_kind: match text(row, "/author/type") {
            Some("Bot") => ActorKind::Pipeline,
            Some("User") => ActorKind::Person,
            _ => ActorKind::Unknown,
        },
        actor: text(row, "/author/login").map(str::to_owned),
        strategy: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_was_published_ships() {
        // In the form of the example of "List releases".
        let row = |draft: bool, prerelease: bool, published: Value| {
            json!({"id": 1, "tag_name": "v1.0.0", "target_commitish": "master", "name": "v1.0.0", "draft": draft,
                "prerelease": prerelease, "created_at": "2013-02-27T19:35:32Z", "published_at": published,
                "author": {"login": "octocat", "type": "User"}})
        };
        let at = json!("2013-02-27T19:35:32Z");
        let read = deployment(&row(false, false, at.clone()), "production", "github.com").expect("a deployment");
        assert_eq!((read.id.as_str(), read.revision.as_str()), ("github.com/releases/1", "v1.0.0"));
        assert_eq!((read.finished_at, read.actor_kind), (None, ActorKind::Person));
        for none in [row(true, false, at.clone()), row(false, true, at), row(false, false, Value::Null)] {
            assert_eq!(deployment(&none, "production", "github.com"), None, "{none}");
        }
    }
}
