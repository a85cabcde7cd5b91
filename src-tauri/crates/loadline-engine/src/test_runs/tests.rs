use super::*;
use crate::Place;
use crate::incidents;
use crate::performance::promises;
use crate::workspace::AsOf;
use loadline_model::Timestamp;
use loadline_store::Location;

fn load(at: Timestamp, times: f64) -> Told {
    let run = TestRun {
        kind: TestKind::Load,
        at,
        passed: true,
        peak_multiplier: Some(times),
        requests_per_second: None,
        recovery_s: None,
        note: Some(" read-heavy  mix ".into()),
    };
    Told { subject: "shop".into(), run, counted: false }
}

async fn with_shop() -> Workspace {
    let workspace = Workspace::open(&Place::Own(Location::Memory)).await.expect("a workspace");
    let deployment = crate::delivery::Record {
        service: "shop".into(),
        environment: "production".into(),
        revision: "a84d88e7554f".into(),
        started_at: Some(clock::now().plus_hours(-3)),
        finished_at: Some(clock::now().plus_hours(-2)),
        status: loadline_model::DeploymentStatus::Succeeded,
        actor_kind: loadline_model::ActorKind::Pipeline,
        actor: None,
    };
    crate::delivery::record(&workspace, &[deployment]).await.expect("recorded");
    workspace
}

#[tokio::test]
async fn a_test_is_recorded_corrected_and_forgotten_and_the_rest_stays() {
    let workspace = with_shop().await;
    let at = clock::now().plus_days(-3);
    let first = record(&workspace, &load(at, 2.5)).await.expect("recorded");
    assert!(!first.changed);
    let again = record(&workspace, &load(at, 1.5)).await.expect("recorded");
    assert_eq!(again, Recorded { id: first.id.clone(), changed: true });
    let drill = TestRun {
        kind: TestKind::Failover,
        peak_multiplier: None,
        recovery_s: Some(41.0),
        note: None,
        ..load(at, 1.0).run
    };
    let drill = Told { subject: "service:shop".into(), run: drill, counted: false };
    record(&workspace, &drill).await.expect("recorded");
    let incident = incidents::Told {
        service: Some("shop".into()),
        title: "Down".into(),
        started_at: at,
        resolved_at: None,
        caused_by: None,
    };
    incidents::record(&workspace, &incident).await.expect("recorded");

    let found = promises(&workspace, &AsOf::Newest).await.expect("asked");
    let rows: Vec<_> = found.tests.iter().map(|t| (t.subject.name.as_str(), t.run.kind, t.recorded)).collect();
    assert_eq!(found.incidents.len(), 1);
    assert_eq!(rows.len(), 2);
    assert!(rows.contains(&("shop", TestKind::Load, true)) && rows.contains(&("shop", TestKind::Failover, true)));
    let load = found.tests.iter().find(|t| t.id == first.id).expect("its identity is the row's");
    assert_eq!((load.run.peak_multiplier, load.run.note.as_deref()), (Some(1.5), Some("read-heavy mix")));

    forget(&workspace, &first.id).await.expect("forgotten");
    assert_eq!(forget(&workspace, &first.id).await.expect_err("gone").code, "unknown_test");
    let found = promises(&workspace, &AsOf::Newest).await.expect("asked");
    assert_eq!((found.tests.len(), found.incidents.len()), (1, 1));
    let assessed = workspace.assessment(&AsOf::Newest).await.expect("assessed").expect("a snapshot");
    assert_eq!(assessed.deployments.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let workspace = with_shop().await;
    let good = load(clock::now().plus_days(-1), 2.0);
    let with = |change: fn(&mut TestRun)| {
        let mut told = good.clone();
        change(&mut told.run);
        told
    };
    let bad = [
        with(|run| run.at = clock::now().plus_hours(1)),
        with(|run| run.note = Some("x".repeat(301))),
        with(|run| run.peak_multiplier = Some(0.0)),
        with(|run| run.peak_multiplier = Some(f64::NAN)),
        with(|run| run.kind = TestKind::Chaos),
        with(|run| run.recovery_s = Some(4.0)),
        with(|run| run.requests_per_second = Some(-1.0)),
    ];
    for told in &bad {
        assert_eq!(record(&workspace, told).await.expect_err("refused").code, "invalid_test", "{told:?}");
    }
    for named in ["nobody", "", "organisation"] {
        let told = Told { subject: named.into(), ..good.clone() };
        assert_eq!(record(&workspace, &told).await.expect_err("refused").code, "unknown_thing", "{named}");
    }
}
