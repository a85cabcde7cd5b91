//! Stopping a collection keeps what was read, loses nothing that was known, and the next one goes on with what is missing.

use super::*;
use crate::Place;
use crate::accounts::{NewAccount, SecretInput, add};
use loadline_model::{Environment, Snapshot};
use loadline_store::{Location, ScopeRow};
use std::sync::Mutex;

async fn workspace() -> Workspace {
    let workspace = Workspace::open(&Place::Own(Location::Memory)).await.expect("a workspace");
    let demo = NewAccount {
        provider: "demo".into(),
        name: "story".into(),
        config: BTreeMap::new(),
        environment: Some(Environment::Production),
        secret: SecretInput::None,
    };
    add(&workspace, demo).await.expect("an account");
    workspace
}

/// Collects; a stop comes when this many parts are done. Also returns every step.
async fn collected(workspace: &Workspace, stop_at: Option<u32>) -> (Collected, Vec<Step>) {
    let steps = Arc::new(Mutex::new(Vec::new()));
    let cancel = CancellationToken::new();
    let (seen, stop) = (steps.clone(), cancel.clone());
    let observer: Observer = Arc::new(move |step: Step| {
        if step.status == "reading" && stop_at.is_some_and(|at| step.done >= at) {
            stop.cancel();
        }
        seen.lock().expect("steps").push(step);
    });
    let run = Run { accounts: Vec::new(), observer, cancel, passphrase: None, holder: "test".into() };
    let collected = collect(workspace, &run).await.expect("collected");
    let steps = steps.lock().expect("steps").clone();
    (collected, steps)
}

async fn newest(workspace: &Workspace) -> Snapshot {
    workspace.case(&AsOf::Newest).await.expect("a case").expect("a snapshot").snapshot
}

fn unread(snapshot: &Snapshot) -> Vec<&Gap> {
    snapshot.gaps.iter().filter(|g| g.scope == UNREAD).collect()
}

#[tokio::test]
async fn a_stopped_first_collection_is_gone_on_with() {
    let workspace = workspace().await;
    let (first, steps) = collected(&workspace, Some(1)).await;
    assert!(first.cancelled && first.snapshot.is_some());
    let total = steps[0].total;
    assert!(total > 3 && steps[0].groups.iter().map(|g| g.total).sum::<u32>() == total, "{:?}", steps[0]);
    let kept = first.accounts[0].scopes;
    assert_eq!((first.accounts[0].status, kept < total), ("cancelled", true));
    let cut = newest(&workspace).await;
    let gaps = unread(&cut);
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].reason == GapReason::Cancelled && gaps[0].hides.contains(&Kind::Database), "{:?}", gaps[0]);

    let (second, steps) = collected(&workspace, None).await;
    assert_eq!(second.accounts[0].resumed, kept, "what was read is not read again");
    assert!(steps.iter().all(|s| s.done >= kept) && !second.cancelled);
    let whole = newest(&workspace).await;
    assert!(unread(&whole).is_empty() && whole.facts.len() > cut.facts.len());
    let collections = workspace.store().expect("own").collections(&"story".into()).await.expect("asked");
    assert_eq!(collections.len(), 1, "one collection, gone on with");
    assert!(collections[0].finished_at.is_some());
}

#[tokio::test]
async fn a_stop_never_loses_what_was_known() {
    let workspace = workspace().await;
    collected(&workspace, None).await;
    let whole = newest(&workspace).await;
    let (again, _) = collected(&workspace, Some(1)).await;
    assert!(again.cancelled);
    let cut = newest(&workspace).await;
    assert_eq!(cut.facts.len(), whole.facts.len());
    assert!(unread(&cut).is_empty(), "what an earlier collection read is old, not unread");
}

#[test]
fn a_gap_names_what_was_not_looked_at() {
    let plan = |name: &str, group: &str| ScopePlan::new(name, format!("{group} in {name}")).of(group);
    let (one, two, three) = (plan("a", "RDS"), plan("b", "RDS"), plan("c", "SQS"));
    let account = Account {
        id: "aws".into(),
        provider: "aws".into(),
        name: "aws".into(),
        config: BTreeMap::new(),
        secret: None,
        environment: None,
        connected_at: Timestamp(0),
        disconnected_at: None,
        names_changed_at: None,
    };
    assert!(unread_gap(&account, &[&one]).detail.ends_with("before it read RDS in a."));
    assert!(unread_gap(&account, &[&one, &two, &three]).detail.ends_with("before it read 3 parts (RDS, SQS)."));
}

#[test]
fn a_part_that_is_billed_is_read_once_a_day() {
    let now = Timestamp(1_795_323_600_000);
    let visited = |status: ScopeStatus, hours: i64| {
        let scopes = vec![ScopeRow { name: "costs/global".into(), status, finished_at: now.plus_hours(-hours) }];
        let row = CollectionRow {
            id: CollectionId("c1".into()),
            account: AccountId::new("aws"),
            started_at: now.plus_hours(-hours),
            finished_at: None,
            cost: loadline_model::CollectionCost::default(),
            scopes,
        };
        Before::of(&[row], None).read
    };
    let plan = |hours| ScopePlan::new("costs/global", "Costs").kept(hours);
    assert!(stands(&plan(24), &visited(ScopeStatus::Complete, 23), now));
    assert!(stands(&plan(24), &visited(ScopeStatus::Partial, 1), now), "also what was read with gaps was billed");
    assert!(!stands(&plan(24), &visited(ScopeStatus::Complete, 24), now));
    assert!(!stands(&plan(24), &visited(ScopeStatus::Failed, 1), now));
    assert!(!stands(&plan(24), &visited(ScopeStatus::Complete, -1), now), "a clock that was set back keeps nothing");
    assert!(!stands(&plan(0), &visited(ScopeStatus::Complete, 1), now));
    assert!(!stands(&ScopePlan::new("ec2/eu-west-1", "EC2").kept(24), &visited(ScopeStatus::Complete, 1), now));
}

#[test]
fn a_part_is_asked_for_what_was_not_read_of_it() {
    let now = Timestamp(1_795_323_600_000);
    let visit = |status: ScopeStatus, hours: i64| CollectionRow {
        id: CollectionId(format!("c{hours}")),
        account: AccountId::new("github"),
        started_at: now.plus_hours(-hours),
        finished_at: Some(now.plus_hours(-hours)),
        cost: loadline_model::CollectionCost::default(),
        scopes: vec![ScopeRow { name: "deployments/a".into(), status, finished_at: now.plus_hours(-hours) }],
    };
    let window = Window { from: now.plus_days(-90), until: now, now, cancel: CancellationToken::new() };
    let check_renamed = |plan: ScopePlan, visits: &[CollectionRow], renamed: Option<i64>, hours: i64| {
        let asked = Before::of(visits, renamed.map(|h| now.plus_hours(-h))).asked(&plan, &window);
        assert_eq!((asked.from, asked.until), (now.plus_hours(-hours), now), "{visits:?}");
    };
    let check = |plan: ScopePlan, visits: &[CollectionRow], hours: i64| check_renamed(plan, visits, None, hours);
    let measured = || ScopePlan::new("deployments/a", "");
    check(measured(), &[], 90 * 24);
    check(measured(), &[visit(ScopeStatus::Complete, 48), visit(ScopeStatus::Partial, 24)], 30);
    check(measured(), &[visit(ScopeStatus::Complete, 48), visit(ScopeStatus::Failed, 1)], 54);
    check(measured(), &[visit(ScopeStatus::Failed, 48), visit(ScopeStatus::Failed, 1)], 90 * 24);
    check_renamed(measured(), &[visit(ScopeStatus::Complete, 48)], Some(24), 90 * 24);
    check_renamed(measured(), &[visit(ScopeStatus::Complete, 48)], Some(72), 54);
    let plan = || measured().remembering();
    check(plan(), &[], 90 * 24);
    check(plan(), &[visit(ScopeStatus::Complete, 48)], 54);
    check(plan(), &[visit(ScopeStatus::Complete, 48), visit(ScopeStatus::Partial, 1)], 54);
    check(plan(), &[visit(ScopeStatus::Partial, 48), visit(ScopeStatus::Failed, 1)], 90 * 24);
    check(plan(), &[visit(ScopeStatus::Complete, 24 * 200)], 90 * 24);
}
