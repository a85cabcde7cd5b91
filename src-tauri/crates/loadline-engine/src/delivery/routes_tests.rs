//! Four routes of one deployment are one line of the history; what earlier visits were told outlives the vendor's memory.

use super::*;
use crate::Place;
use crate::workspace::AsOf;
use loadline_model::{Alias, Assessment};
use loadline_store::Location;

const SHA: &str = "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d";
const ECS: &str = "arn:aws:ecs:eu-west-1:111122223333:service/main/shop";

fn minutes(base: Timestamp, n: i64) -> Timestamp {
    Timestamp(base.0 + n * 60_000)
}

/// What an account read: a service and one deployment of it.
async fn read(workspace: &Workspace, account: &str, service: &str, deployment: Deployment) {
    let store = workspace.store().expect("own");
    let id = AccountId::new(account);
    store.save_account(&Account { provider: account.into(), ..recorded_account(&id) }).await.expect("saved");
    let provenance =
        Provenance { account: id.clone(), call: account.into(), read_at: clock::now(), basis: Basis::Measured };
    let fact = |body: Body| Fact { subject: service.into(), body, provenance: provenance.clone() };
    let scope = Scope {
        name: "deployments/shop".into(),
        status: ScopeStatus::Complete,
        finished_at: clock::now(),
        inventories: Vec::new(),
        facts: vec![fact(Resource::new(Kind::Service, "shop").into()), fact(deployment.into())],
        gaps: Vec::new(),
    };
    let collection = store.begin_collection(&id, clock::now()).await.expect("begun");
    store.commit_scope(&collection, &scope).await.expect("committed");
    let cost = loadline_model::CollectionCost::default();
    store.finish_collection(&collection, clock::now(), &cost).await.expect("finished");
    take_snapshot(workspace).await.expect("taken");
    let kept = store.last_facts(&id, "deployments/shop", |f| matches!(f.body, Body::Deployment(_))).await;
    assert_eq!(kept.expect("asked").len(), 1);
    assert!(store.last_facts(&id, "elsewhere", |_| true).await.expect("asked").is_empty());
}

async fn assessed(workspace: &Workspace) -> Assessment {
    workspace.assessment(&AsOf::Newest).await.expect("assessed").expect("a snapshot")
}

#[tokio::test]
async fn github_ecs_a_file_and_a_script_tell_of_one_deployment() {
    let workspace = Workspace::open(&Place::Own(Location::Memory)).await.expect("a workspace");
    let begun = clock::now().plus_hours(-30);
    let deployment = |id: &str, revision: &str, from: i64, to: i64| Deployment {
        id: id.into(),
        environment: "production".into(),
        revision: revision.into(),
        started_at: minutes(begun, from),
        finished_at: Some(minutes(begun, to)),
        status: DeploymentStatus::Succeeded,
        actor_kind: ActorKind::Unknown,
        actor: None,
        strategy: None,
    };
    let by_app = Deployment {
        actor_kind: ActorKind::Pipeline,
        actor: Some("github-actions".into()),
        ..deployment("github.com/deployments/1", SHA, 0, 9)
    };
    read(&workspace, "github", "service:shop", by_app).await;
    read(
        &workspace,
        "aws",
        ECS,
        Deployment { strategy: Some("rolling".into()), ..deployment("ecs-1", "shop:8", 3, 8) },
    )
    .await;
    let link = Alias {
        alias: ECS.into(),
        canonical: "service:shop".into(),
        basis: "a person said so".into(),
        author: "test".into(),
        at: clock::now(),
        linked: true,
    };
    workspace.store().expect("own").add_alias(&link).await.expect("linked");
    let told = |revision: &str, from: i64, to: i64| Record {
        service: "shop".into(),
        environment: "prod".into(),
        revision: revision.into(),
        started_at: minutes(begun, from),
        finished_at: Some(minutes(begun, to)),
        status: DeploymentStatus::Succeeded,
        actor_kind: ActorKind::Pipeline,
        actor: None,
    };
    assert_eq!(import(&workspace, &[told(&SHA[..7], 1, 9)]).await.expect("imported"), 1);
    assert_eq!(record(&workspace, &[told(SHA, 10, 10)]).await.expect("recorded"), 1);
    assert_eq!(record(&workspace, &[told(SHA, 10, 10)]).await.expect("recorded"), 0);
    let one = assessed(&workspace).await;
    let ids: Vec<&str> = one.deployments.iter().map(|row| row.deployment.id.as_str()).collect();
    assert_eq!(ids, ["github.com/deployments/1"]);
    assert_eq!(one.deployments[0].deployment.strategy.as_deref(), Some("rolling"));
    assert_eq!((one.trends.delivery.len(), one.trends.delivery[0].deployments), (1, 1));
    // Another revision is another deployment.
    record(&workspace, &[told("0123456789ab", 60, 70)]).await.expect("recorded");
    assert_eq!(assessed(&workspace).await.deployments.len(), 2);
}
