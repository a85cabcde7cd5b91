use crate::testing::{Place, account, begin, hour, on_both, scope, series};
use crate::{Location, Store};
use loadline_model::{
    Choice, CollectionCost, FindingState, LedgerEntry, LifeEvent, Policy, ScopeStatus, SecretReference, SubjectRef,
    Zone,
};
use std::time::Duration;

on_both!(
    accounts_are_saved_and_replaced,
    a_cancelled_collection_can_be_resumed,
    one_collector_at_a_time,
    decisions_keep_their_order_and_author,
    what_people_and_stages_keep_comes_back,
    window_and_command_line_write_at_once,
);

async fn accounts_are_saved_and_replaced(place: &Place) {
    let store = place.open().await;
    let mut a = account("a");
    store.save_account(&account("b")).await.expect("saved");
    store.save_account(&a).await.expect("saved");
    a.secret = Some(SecretReference::Environment { variable: "DB_PASSWORD".into() });
    store.save_account(&a).await.expect("saved");
    assert_eq!(store.accounts().await.expect("listed"), [a.clone(), account("b")]);
    assert_eq!(store.account(&"a".into()).await.expect("found"), a);
    assert_eq!(store.account(&"z".into()).await.expect_err("none").code(), "not_in_workspace");
    let refused = store.begin_collection(&"z".into(), hour(0)).await.expect_err("no account");
    assert_eq!(refused.code(), "not_in_workspace");
}

async fn a_cancelled_collection_can_be_resumed(place: &Place) {
    let store = place.open().await;
    let collection = begin(&store, "a", hour(0)).await;
    store.commit_scope(&collection, &scope("one", ScopeStatus::Complete, vec![])).await.expect("committed");
    store.commit_scope(&collection, &scope("two", ScopeStatus::Failed, vec![])).await.expect("committed");
    let half = CollectionCost { calls: 5, billed_calls: 1, busy_ms: 100, connections: 2 };
    store.note_cost(&collection, &half).await.expect("noted");
    store.close().await;

    let store = place.open().await;
    let left = store.unfinished_scopes(&"a".into()).await.expect("asked").expect("one was left");
    assert_eq!(left.cost, half, "what it has cost is carried on");
    assert_eq!((left.collection.clone(), left.started_at), (collection.clone(), hour(0)));
    let scopes: Vec<_> = left.scopes.iter().map(|s| (s.name.as_str(), s.status)).collect();
    assert_eq!(scopes, [("one", ScopeStatus::Complete), ("two", ScopeStatus::Failed)]);

    store.commit_scope(&collection, &scope("two", ScopeStatus::Complete, vec![])).await.expect("resumed");
    let cost = CollectionCost { calls: 12, billed_calls: 1, busy_ms: 340, connections: 2 };
    store.finish_collection(&collection, hour(2), &cost).await.expect("finished");
    assert_eq!(store.unfinished_scopes(&"a".into()).await.expect("asked"), None);
    let rows = store.collections(&"a".into()).await.expect("listed");
    assert_eq!((rows.len(), rows[0].finished_at, &rows[0].cost), (1, Some(hour(2)), &cost));
    let late = store.commit_scope(&collection, &scope("three", ScopeStatus::Complete, vec![])).await;
    assert_eq!(late.expect_err("finished").code(), "collection_finished");
}

async fn one_collector_at_a_time(place: &Place) {
    let (window, shell) = (place.open().await, place.open().await);
    let (id, ttl) = ("a".into(), Duration::from_secs(600));
    window.lock_account(&id, "ana's window", hour(0), ttl).await.expect("free");
    let refused = shell.lock_account(&id, "ben's shell", hour(0), ttl).await.expect_err("held");
    assert!(refused.to_string().contains("ana's window"), "{refused}");
    assert_eq!(refused.code(), "account_locked");
    window.lock_account(&id, "ana's window", hour(0), ttl).await.expect("its holder may hold it longer");
    shell.unlock_account(&id, "ben's shell").await.expect("nothing to give back");
    shell.lock_account(&id, "ben's shell", hour(0), ttl).await.expect_err("still ana's");
    shell.lock_account(&"b".into(), "ben's shell", hour(0), ttl).await.expect("another account is free");
    shell.lock_account(&id, "ben's shell", hour(1), ttl).await.expect("a forgotten lock ends by itself");
    shell.unlock_account(&id, "ben's shell").await.expect("given back");
    window.lock_account(&id, "ana's window", hour(1), ttl).await.expect("free again");

    let racers: Vec<_> = (0..8)
        .map(|n| {
            let store = if n % 2 == 0 { window.clone() } else { shell.clone() };
            tokio::spawn(async move { store.lock_account(&"c".into(), &format!("{n}"), hour(0), ttl).await.is_ok() })
        })
        .collect();
    let mut winners = 0;
    for racer in racers {
        winners += usize::from(racer.await.expect("ran"));
    }
    assert_eq!(winners, 1);
}

async fn decisions_keep_their_order_and_author(place: &Place) {
    let store = place.open().await;
    let choices = [
        Choice::SetPolicy { policy: Box::new(Policy::default()) },
        Choice::Unlink { alias: "x".into() },
        Choice::Accept { fingerprint: "f".into(), owner: "ana".into(), reason: "late".into(), until: hour(99) },
    ];
    for (n, choice) in choices.iter().enumerate() {
        let number = store.append_decision("ben", hour(n as i64), choice).await.expect("appended");
        assert_eq!(number, n as i64 + 1);
    }
    let log = store.decisions().await.expect("listed");
    assert_eq!(log.iter().map(|d| d.choice.clone()).collect::<Vec<_>>(), choices);
    assert!(log.iter().all(|d| d.author == "ben") && log[2].at == hour(2));
}

async fn what_people_and_stages_keep_comes_back(place: &Place) {
    let store = place.open().await;
    let life = LifeEvent {
        snapshot: "s1".into(),
        at: hour(0),
        state: FindingState::New,
        result: "fail".into(),
        severity: None,
    };
    let entry = |fingerprint: &str, events: usize| LedgerEntry {
        fingerprint: fingerprint.into(),
        rule: "DB-001".into(),
        subject: SubjectRef::organisation(),
        first_seen: hour(0),
        last_seen: hour(1),
        life: vec![life.clone(); events],
    };
    store.save_ledger(&[entry("b", 1), entry("a", 1)]).await.expect("saved");
    store.save_ledger(&[entry("b", 2)]).await.expect("saved");
    assert_eq!(store.ledger().await.expect("listed"), [entry("a", 1), entry("b", 2)]);

    store.set("schedule", "{\"day\":1}").await.expect("set");
    store.set("schedule", "{\"day\":2}").await.expect("set");
    assert_eq!(store.get("schedule").await.expect("asked").as_deref(), Some("{\"day\":2}"));
    assert_eq!(store.get("never").await.expect("asked"), None);

    let id = store.take_snapshot(hour(0), &Zone::default()).await.expect("taken");
    let json = format!("{{\"findings\":[{}]}}", "1,".repeat(5000));
    store.save_assessment(&id, "m1", 3, &json).await.expect("kept");
    assert_eq!(store.assessment(&id, "m1", 3).await.expect("asked"), Some(json));
    assert_eq!(store.assessment(&id, "m2", 3).await.expect("asked"), None);
    store.delete_snapshots_before(hour(1)).await.expect("deleted");
    assert_eq!(store.assessment(&id, "m1", 3).await.expect("asked"), None, "it goes with its snapshot");
}

/// Collects twenty scopes of one account and decides in between.
async fn work(store: Store, who: &'static str) {
    let collection = begin(&store, who, hour(0)).await;
    for n in 0..20 {
        let facts = vec![series(who, "cpu", &[(n, n as f64)]), series(who, "constant", &[(n, 0.0)])];
        store.commit_scope(&collection, &scope("server", ScopeStatus::Complete, facts)).await.expect("committed");
        store.append_decision(who, hour(n), &Choice::Unlink { alias: "x".into() }).await.expect("decided");
        store.take_snapshot(hour(n), &Zone::default()).await.expect("taken");
    }
}

async fn window_and_command_line_write_at_once(place: &Place) {
    let (window, shell) = (place.open().await, place.open().await);
    let keeper = place.open().await;
    let retention = tokio::spawn(async move {
        for n in 0..10 {
            keeper.delete_snapshots_before(hour(n)).await.expect("swept");
        }
    });
    let (a, b) = (tokio::spawn(work(window.clone(), "a")), tokio::spawn(work(shell, "b")));
    a.await.expect("the window's work");
    b.await.expect("the command line's work");
    retention.await.expect("retention's work");
    let log = window.decisions().await.expect("listed");
    assert_eq!(log.iter().map(|d| d.number).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
    let newest = window.snapshots().await.expect("listed").pop().expect("one");
    let facts = window.load_snapshot(&newest.id).await.expect("loaded").facts;
    assert_eq!(facts.len(), 4);
    assert!(facts.iter().all(|f| matches!(&f.body, loadline_model::Body::Series(s) if s.samples.len() == 20)));
}

#[tokio::test]
async fn a_workspace_in_memory_works_and_is_gone_afterwards() {
    let store = Store::open(&Location::Memory).await.expect("opens");
    work(store.clone(), "a").await;
    assert_eq!(store.snapshots().await.expect("listed").len(), 20);
    store.close().await;
    let again = Store::open(&Location::Memory).await.expect("opens");
    assert!(again.accounts().await.expect("listed").is_empty());
}
