//! What is told again is kept once, what is told otherwise is corrected, what was wrong is taken back.

use super::*;
use crate::Place;
use crate::workspace::AsOf;
use loadline_store::Location;

async fn workspace() -> Workspace {
    Workspace::open(&Place::Own(Location::Memory)).await.expect("a workspace")
}

fn started() -> Timestamp {
    Timestamp(clock::now().plus_hours(-30).0 / 1_000 * 1_000)
}

fn told(at: Timestamp, status: DeploymentStatus) -> Record {
    Record {
        service: "shop".into(),
        environment: "production".into(),
        revision: "a84d88e7554f".into(),
        started_at: Some(at),
        finished_at: None,
        status,
        actor_kind: ActorKind::Pipeline,
        actor: None,
    }
}

fn kept(added: usize, changed: usize, beside: usize) -> Kept {
    Kept { added, changed, beside }
}

/// Outcome and whether an end is known, of all that are listed.
async fn listed(workspace: &Workspace) -> Vec<(DeploymentStatus, bool)> {
    let a = workspace.assessment(&AsOf::Newest).await.expect("assessed").expect("a snapshot");
    a.deployments.iter().map(|row| (row.deployment.status, row.deployment.finished_at.is_some())).collect()
}

use DeploymentStatus::{Failed, InProgress, RolledBack, Succeeded};

#[tokio::test]
async fn an_outcome_is_corrected_by_a_newer_telling_of_the_same_source() {
    let (workspace, at) = (workspace().await, started());
    let says = async |status| record(&workspace, &[told(at, status)]).await.expect("recorded");
    assert_eq!(says(InProgress).await, kept(1, 0, 0));
    assert_eq!(says(Failed).await, kept(0, 1, 0));
    assert_eq!(listed(&workspace).await, [(Failed, false)]);
    assert_eq!(says(Failed).await, Kept::default());
    // What began does not take back how it ended; a person may.
    assert_eq!(says(InProgress).await, Kept::default());
    let ended = Record { finished_at: Some(at.plus_hours(1)), ..told(at, Succeeded) };
    assert_eq!(record(&workspace, &[ended]).await.expect("recorded"), kept(0, 1, 0));
    assert_eq!(says(Succeeded).await, Kept::default(), "the end that is known stays");
    assert_eq!(listed(&workspace).await, [(Succeeded, true)]);
}

#[tokio::test]
async fn a_file_of_other_outcomes_corrects_the_one_before() {
    let (workspace, at) = (workspace().await, started());
    let all = |status| (0..20).map(|n| told(at.plus_hours(-n), status)).collect::<Vec<_>>();
    assert_eq!(import(&workspace, &all(Succeeded)).await.expect("imported"), kept(20, 0, 0));
    assert_eq!(import(&workspace, &all(RolledBack)).await.expect("imported"), kept(0, 20, 0));
    let a = workspace.assessment(&AsOf::Newest).await.expect("assessed").expect("a snapshot");
    assert_eq!((a.trends.delivery[0].failed, a.trends.delivery[0].deployments), (20, 20));
    // The same twice in one file is one; the last word counts.
    let both = [told(at.plus_hours(2), InProgress), told(at.plus_hours(2), Failed)];
    assert_eq!(import(&workspace, &both).await.expect("imported"), kept(1, 1, 0));
    assert_eq!(listed(&workspace).await.len(), 21);
}

#[tokio::test]
async fn between_a_script_and_a_file_the_worse_outcome_counts() {
    let (workspace, at) = (workspace().await, started());
    assert_eq!(record(&workspace, &[told(at, Failed)]).await.expect("recorded"), kept(1, 0, 0));
    assert_eq!(import(&workspace, &[told(at, Failed)]).await.expect("imported"), Kept::default());
    assert_eq!(import(&workspace, &[told(at, Succeeded)]).await.expect("imported"), kept(0, 0, 1));
    assert_eq!(listed(&workspace).await, [(Failed, false)]);
}

#[tokio::test]
async fn an_end_without_a_start_ends_the_one_in_progress() {
    let (workspace, at) = (workspace().await, started());
    let end = |status| Record {
        started_at: None,
        environment: "prod".into(),
        revision: "a84d88e".into(),
        ..told(at, status)
    };
    let code = async |status| record(&workspace, &[end(status)]).await.expect_err("refused").code;
    assert_eq!(code(Failed).await, "invalid_deployment");
    record(&workspace, &[told(at, InProgress)]).await.expect("recorded");
    assert_eq!(record(&workspace, &[end(Failed)]).await.expect("recorded"), kept(0, 1, 0));
    assert_eq!(
        record(&workspace, &[end(Failed)]).await.expect("recorded"),
        Kept::default(),
        "a script may repeat itself"
    );
    assert_eq!(listed(&workspace).await, [(Failed, true)]);
    // Two are in progress: which one is meant cannot be told.
    let more = [told(at.plus_hours(3), InProgress), told(at.plus_hours(6), InProgress)];
    record(&workspace, &more).await.expect("recorded");
    assert_eq!(code(Succeeded).await, "invalid_deployment");
}

#[tokio::test]
async fn what_was_recorded_is_forgotten_by_its_id() {
    let (workspace, at) = (workspace().await, started());
    let typo = Record { service: "shpo".into(), ..told(at, Succeeded) };
    record(&workspace, &[told(at, Succeeded), typo]).await.expect("recorded");
    let a = workspace.assessment(&AsOf::Newest).await.expect("assessed").expect("a snapshot");
    let wrong = a.deployments.iter().find(|row| row.service.name == "shpo").expect("listed");
    forget(&workspace, &wrong.deployment.id).await.expect("forgotten");
    let a = workspace.assessment(&AsOf::Newest).await.expect("assessed").expect("a snapshot");
    let left: Vec<&str> = a.trends.delivery.iter().map(|t| t.subject.id.as_str()).collect();
    assert_eq!(left, ["service:shop"]);
    assert!(a.checks.iter().all(|c| c.subject.name != "shpo"), "nor is the service that only it named judged");
    assert_eq!(forget(&workspace, "nothing").await.expect_err("refused").code, "unknown_deployment");
}
