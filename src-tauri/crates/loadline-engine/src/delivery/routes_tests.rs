//! Four routes of one deployment are one line of the history; what earlier visits were told outlives the vendor's memory.

use super::*;
use crate::Place;
use crate::collect::take_snapshot;
use crate::workspace::AsOf;
use loadline_model::{
    Account, Alias, Assessment, Distribution, DistributionSeries, HourDistribution, Scope, ScopeStatus, key::metric,
};
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
    store
        .save_account(&Account { id: id.clone(), provider: account.into(), ..recorded::account() })
        .await
        .expect("saved");
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

/// What an account measures of the shop: the latency of five weeks.
async fn measured(workspace: &Workspace, begun: Timestamp) {
    let store = workspace.store().expect("own");
    let id = AccountId::new("prometheus");
    store
        .save_account(&Account { id: id.clone(), provider: "prometheus".into(), ..recorded::account() })
        .await
        .expect("saved");
    let first = Timestamp(begun.0.div_euclid(3_600_000) * 3_600_000).plus_hours(-24 * 35);
    let hours = (0..24 * 36)
        .map(|h| HourDistribution {
            start: first.plus_hours(h),
            distribution: Distribution::Exponential {
                schema: 3,
                zero: 0,
                counts: vec![(-20, 900), (-10, 100)],
                sum: None,
            },
        })
        .collect();
    let latency = DistributionSeries {
        metric: metric::REQUEST_DURATION.into(),
        unit: "s".into(),
        labels: BTreeMap::new(),
        hours,
        covered_until: clock::now(),
    };
    let provenance =
        Provenance { account: id.clone(), call: "query".into(), read_at: clock::now(), basis: Basis::Measured };
    let scope = Scope {
        name: "latency".into(),
        status: ScopeStatus::Complete,
        finished_at: clock::now(),
        inventories: Vec::new(),
        facts: vec![Fact { subject: "service:shop".into(), body: latency.into(), provenance }],
        gaps: Vec::new(),
    };
    let collection = store.begin_collection(&id, clock::now()).await.expect("begun");
    store.commit_scope(&collection, &scope).await.expect("committed");
    let cost = loadline_model::CollectionCost::default();
    store.finish_collection(&collection, clock::now(), &cost).await.expect("finished");
    take_snapshot(workspace).await.expect("taken");
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
    measured(&workspace, begun).await;
    let told = |revision: &str, from: i64, to: i64| Record {
        service: "shop".into(),
        environment: "prod".into(),
        revision: revision.into(),
        started_at: Some(minutes(begun, from)),
        finished_at: Some(minutes(begun, to)),
        status: DeploymentStatus::Succeeded,
        actor_kind: ActorKind::Pipeline,
        actor: None,
    };
    let file = format!(
        "service,environment,sha,started_at,finished_at,status,actor_kind\n\"shop\",prod,{},{},{},succeeded,pipeline\n",
        &SHA[..7],
        minutes(begun, 1),
        minutes(begun, 9)
    );
    let one = Kept { added: 1, ..Kept::default() };
    assert_eq!(import(&workspace, &parse(&file).expect("read")).await.expect("imported"), one);
    assert_eq!(record(&workspace, &[told(SHA, 10, 10)]).await.expect("recorded"), one);
    assert_eq!(record(&workspace, &[told(SHA, 10, 10)]).await.expect("recorded"), Kept::default());
    let one = assessed(&workspace).await;
    let ids: Vec<&str> = one.deployments.iter().map(|row| row.deployment.id.as_str()).collect();
    assert_eq!(ids, ["github.com/deployments/1"]);
    assert_eq!(one.deployments[0].deployment.strategy.as_deref(), Some("rolling"));
    assert_eq!((one.trends.delivery.len(), one.trends.delivery[0].deployments), (1, 1));
    // The one history is what charts mark and what is compared before and after.
    let row = &one.deployments[0];
    assert_eq!((row.service.id.as_str(), row.deployment.started_at), ("service:shop", begun));
    let of: Vec<_> = one.comparisons.iter().map(|c| (c.deployment.as_deref(), c.at)).collect();
    assert_eq!(of, [(Some("github.com/deployments/1"), minutes(begun, 10)); 2], "p50 and p95 of one deployment");
    let case = workspace.case(&AsOf::Newest).await.expect("read").expect("a snapshot");
    // By the id under which the platform knows it, too.
    for id in ["github.com/deployments/1", "ecs-1"] {
        let effect = crate::compare::effect(&case, id).expect("compared");
        assert_eq!(effect.iter().map(|c| c.deployment.as_deref()).collect::<Vec<_>>(), [Some(ids[0]); 2]);
    }
    assert_eq!(crate::compare::effect(&case, "elsewhere").expect_err("unknown").code, "unknown_deployment");
    // Another revision is another deployment.
    record(&workspace, &[told("0123456789ab", 60, 70)]).await.expect("recorded");
    assert_eq!(assessed(&workspace).await.deployments.len(), 2);
}
