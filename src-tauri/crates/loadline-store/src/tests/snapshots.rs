use crate::Store;
use crate::testing::{Place, account, begin, fact, hour, on_both, samples, scope, series};
use loadline_model::{
    Alias, Fact, Gap, GapReason, Kind, Resource, Scope, ScopeStatus, Snapshot, SnapshotId, Timestamp, Zone,
};

on_both!(
    an_old_snapshot_stays_the_same_after_a_backfill,
    late_samples_join_their_day,
    not_observed_is_not_deleted,
    a_failed_scope_keeps_facts_and_adds_gaps,
    a_complete_scope_replaces_its_facts,
    a_disconnected_account_stays_in_view,
    retention_deletes_only_what_nothing_needs,
    a_long_history_is_read_whole,
    facts_are_read_without_series,
    wanted_series_are_read_alone,
    an_account_is_forgotten_everywhere,
    the_last_reading_of_a_scope_is_remembered,
);

async fn collect(store: &Store, account: &str, at: Timestamp, scopes: &[Scope]) {
    let collection = begin(store, account, at).await;
    for scope in scopes {
        store.commit_scope(&collection, scope).await.expect("committed");
    }
    store.finish_collection(&collection, at, &Default::default()).await.expect("finished");
}

async fn snapshot(store: &Store, at: Timestamp) -> SnapshotId {
    store.take_snapshot(at, &Zone::default()).await.expect("taken")
}

async fn load(store: &Store, id: &SnapshotId) -> Snapshot {
    store.load_snapshot(id).await.expect("loaded")
}

async fn bytes(store: &Store, id: &SnapshotId) -> String {
    serde_json::to_string(&load(store, id).await).expect("json")
}

fn resource(name: &str) -> Fact {
    fact("a", name, Resource::new(Kind::Database, name))
}

fn complete(name: &str, facts: Vec<Fact>) -> Scope {
    scope(name, ScopeStatus::Complete, facts)
}

fn failed(name: &str) -> Scope {
    let mut failed = scope(name, ScopeStatus::Failed, vec![]);
    failed.finished_at = hour(9);
    failed.gaps.push(Gap {
        account: Some("a".into()),
        scope: name.into(),
        reason: GapReason::TimedOut,
        detail: "no answer".into(),
        closes: "a server that answers".into(),
        hides: vec![],
        subject: None,
    });
    failed
}

fn names(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.facts.iter().map(|f| f.subject.as_str()).collect()
}

async fn an_old_snapshot_stays_the_same_after_a_backfill(place: &Place) {
    let store = place.open().await;
    let scopes =
        |samples: &[(i64, f64)], name: &str| [complete("server", vec![series("a", "cpu", samples), resource(name)])];
    collect(&store, "a", hour(0), &scopes(&[(0, 0.1), (60, 0.2), (1500, 0.3)], "db")).await;
    let old = snapshot(&store, hour(26)).await;
    let before = bytes(&store, &old).await;

    collect(&store, "a", hour(48), &scopes(&[(-2000, 0.9), (30, 0.8), (60, 0.7), (3000, 0.6)], "db2")).await;
    store.save_account(&account("b")).await.expect("saved");
    let alias = Alias {
        alias: "x".into(),
        canonical: "db".into(),
        basis: "same endpoint".into(),
        author: "loadline".into(),
        at: hour(48),
        linked: true,
    };
    store.add_alias(&alias).await.expect("added");
    let new = snapshot(&store, hour(49)).await;

    assert_eq!(bytes(&store, &old).await, before, "a backfill, an account or an alias changed an old snapshot");
    let now = load(&store, &new).await;
    let joined = [(-2000, 0.9), (0, 0.1), (30, 0.8), (60, 0.7), (1500, 0.3), (3000, 0.6)];
    assert_eq!(samples(&now.facts, "cpu"), joined);
    assert_eq!((now.aliases, now.accounts.len()), (vec![alias], 2));
    store.close().await;
    assert_eq!(bytes(&place.open().await, &old).await, before, "another process reads the same");
}

async fn late_samples_join_their_day(place: &Place) {
    let store = place.open().await;
    let visit = |samples: &[(i64, f64)]| [complete("server", vec![series("a", "cpu", samples)])];
    collect(&store, "a", hour(0), &visit(&[(0, 1.0), (1, 2.0), (2, 3.0)])).await;
    collect(&store, "a", hour(1), &visit(&[(1, 20.0), (3, 4.0)])).await;
    let first = snapshot(&store, hour(2)).await;
    assert_eq!(samples(&load(&store, &first).await.facts, "cpu"), [(0, 1.0), (1, 20.0), (2, 3.0), (3, 4.0)]);

    // The same again adds nothing, and a visit without the series keeps its history.
    let size = store.size_bytes().await.expect("size");
    collect(&store, "a", hour(3), &visit(&[(0, 1.0)])).await;
    collect(&store, "a", hour(4), &[complete("server", vec![])]).await;
    let second = snapshot(&store, hour(5)).await;
    assert_eq!(load(&store, &first).await.facts, load(&store, &second).await.facts);
    assert!(store.size_bytes().await.expect("size") < size + 200_000);

    // Unordered and doubled samples are put in order, and the later said wins.
    let disorder = vec![series("a", "net", &[(1500, 5.0), (3, 1.0), (1, 1.0), (3, 2.0), (3, 3.0)])];
    collect(&store, "a", hour(5), &[complete("disorder", disorder)]).await;
    let ordered = load(&store, &snapshot(&store, hour(6)).await).await;
    assert_eq!(samples(&ordered.facts, "net"), [(1, 1.0), (3, 3.0), (1500, 5.0)]);

    // One series said twice in one scope is one series.
    let twice = vec![series("a", "io", &[(0, 1.0)]), series("a", "io", &[(1, 2.0)])];
    collect(&store, "a", hour(6), &[complete("server", twice)]).await;
    let third = load(&store, &snapshot(&store, hour(7)).await).await;
    assert_eq!(samples(&third.facts, "io"), [(0, 1.0), (1, 2.0)]);
    assert_eq!(third.facts.len(), 3);
}

async fn not_observed_is_not_deleted(place: &Place) {
    let store = place.open().await;
    collect(&store, "a", hour(0), &[complete("one", vec![resource("db1")]), complete("two", vec![resource("db2")])])
        .await;
    collect(&store, "a", hour(5), &[complete("one", vec![resource("db1")])]).await;
    let seen = load(&store, &snapshot(&store, hour(6)).await).await;
    assert_eq!(names(&seen), ["db1", "db2"], "a run that skipped scope two says nothing about it");
}

async fn a_failed_scope_keeps_facts_and_adds_gaps(place: &Place) {
    let store = place.open().await;
    let mut first = complete("one", vec![resource("db1"), series("a", "cpu", &[(0, 1.0)])]);
    first.inventories = vec![Kind::Database];
    collect(&store, "a", hour(0), &[first]).await;
    collect(&store, "a", hour(5), &[failed("one"), failed("never")]).await;
    let seen = load(&store, &snapshot(&store, hour(6)).await).await;
    assert_eq!(names(&seen), ["db", "db1"]);
    assert_eq!(samples(&seen.facts, "cpu"), [(0, 1.0)]);
    assert_eq!(seen.gaps.iter().map(|g| g.scope.as_str()).collect::<Vec<_>>(), ["never", "one"]);
    assert_eq!(seen.inventories[0].read_at, hour(1), "the inventory is as old as the visit that read it");
    assert_eq!(seen.accounts[0].collected_at, Some(hour(1)), "a failed run collected nothing");
}

async fn a_complete_scope_replaces_its_facts(place: &Place) {
    let store = place.open().await;
    collect(&store, "a", hour(0), &[failed("one")]).await;
    collect(&store, "a", hour(1), &[complete("one", vec![resource("db1"), resource("db2")])]).await;
    collect(&store, "a", hour(5), &[complete("one", vec![resource("db2")])]).await;
    let seen = load(&store, &snapshot(&store, hour(6)).await).await;
    assert_eq!((names(&seen), seen.gaps.len()), (vec!["db2"], 0));
}

async fn a_disconnected_account_stays_in_view(place: &Place) {
    let store = place.open().await;
    collect(&store, "a", hour(0), &[complete("one", vec![resource("db1")])]).await;
    let mut left = account("a");
    left.disconnected_at = Some(hour(3));
    store.save_account(&left).await.expect("saved");
    let seen = load(&store, &snapshot(&store, hour(6)).await).await;
    assert_eq!((names(&seen), seen.accounts.len(), seen.accounts[0].connected), (vec!["db1"], 1, false));
}

async fn retention_deletes_only_what_nothing_needs(place: &Place) {
    let store = place.open().await;
    let blocks = async || {
        let mut tx = store.read().await.expect("read");
        let rows: Vec<(i64,)> = fetch!(&mut tx, "SELECT COUNT(*) FROM block").expect("counted");
        rows[0].0
    };
    let mut ids = Vec::new();
    for round in 0..6 {
        let news = [complete("server", vec![series("a", "cpu", &[(round * 10, round as f64), (round * 1440, 0.5)])])];
        collect(&store, "a", hour(round), &news).await;
        ids.push(snapshot(&store, hour(round)).await);
    }
    collect(&store, "a", hour(6), &[failed("server")]).await;
    let (kept, all) = (bytes(&store, &ids[4]).await, blocks().await);
    assert_eq!(store.delete_snapshots_before(hour(4)).await.expect("deleted"), 4);
    assert_eq!(store.load_snapshot(&ids[0]).await.expect_err("gone").code(), "not_in_workspace");
    assert_eq!(bytes(&store, &ids[4]).await, kept);
    assert!(blocks().await < all, "superseded revisions are deleted");

    store.delete_snapshots_before(hour(100)).await.expect("deleted");
    assert!(store.snapshots().await.expect("listed").is_empty());
    let seen = load(&store, &snapshot(&store, hour(101)).await).await;
    assert_eq!(samples(&seen.facts, "cpu").len(), 11, "the history of what was collected stays");
    assert_eq!(store.collections(&"a".into()).await.expect("listed").len(), 2, "the observed and the failed one");
}

async fn a_long_history_is_read_whole(place: &Place) {
    let store = place.open().await;
    let metrics: Vec<String> = (0..120).map(|i| format!("m{i:03}")).collect();
    let year: Vec<(i64, f64)> = (0..60).flat_map(|d| (0..4).map(move |q| (d * 1440 + q, (d * q) as f64))).collect();
    let facts = metrics.iter().map(|m| series("a", m, &year)).collect();
    collect(&store, "a", hour(0), &[complete("server", facts)]).await;
    let seen = load(&store, &snapshot(&store, hour(1)).await).await;
    assert!(metrics.iter().all(|m| samples(&seen.facts, m) == year));
    let size = store.size_bytes().await.expect("size");
    assert!(size > 0, "a workspace takes room");
}

async fn an_account_is_forgotten_everywhere(place: &Place) {
    let store = place.open().await;
    let data = [complete("server", vec![resource("db1"), series("a", "cpu", &[(0, 1.0)])])];
    collect(&store, "a", hour(0), &data).await;
    collect(&store, "b", hour(0), &[complete("server", vec![resource("db2"), series("b", "cpu", &[(0, 2.0)])])]).await;
    let old = snapshot(&store, hour(1)).await;
    store.save_assessment(&old, "1", 1, "{}").await.expect("kept");
    store.delete_account_data(&"a".into()).await.expect("forgotten");
    let seen = load(&store, &old).await;
    assert_eq!(names(&seen), ["db", "db2"], "what the other account said stays");
    assert_eq!(store.assessment(&old, "1", 1).await.expect("asked"), None);
    assert!(store.account(&"a".into()).await.is_ok(), "still connected, so still there");
    let mut left = account("a");
    left.disconnected_at = Some(hour(3));
    store.save_account(&left).await.expect("saved");
    store.delete_account_data(&"a".into()).await.expect("forgotten");
    assert_eq!(store.account(&"a".into()).await.expect_err("gone").code(), "not_in_workspace");
    assert_eq!(load(&store, &old).await.accounts.len(), 1, "only the other account is listed");
}

async fn facts_are_read_without_series(place: &Place) {
    let store = place.open().await;
    let said = vec![resource("x"), resource("y"), series("a", "cpu", &[(0, 0.1)])];
    collect(&store, "a", hour(0), &[complete("s", said)]).await;
    let id = snapshot(&store, hour(2)).await;
    let whole = load(&store, &id).await;
    let facts = store.load_facts(&id, |f| f.subject.as_str() != "y").await.expect("loaded");
    assert_eq!((whole.facts.len(), names(&facts)), (3, vec!["x"]));
    assert_eq!((facts.taken_at, facts.inventories), (whole.taken_at, whole.inventories));
}

async fn wanted_series_are_read_alone(place: &Place) {
    let store = place.open().await;
    let said = vec![resource("x"), series("a", "cpu", &[(0, 0.1), (30, 0.2)]), series("b", "cpu", &[(0, 0.3)])];
    collect(&store, "a", hour(0), &[complete("s", said)]).await;
    let id = snapshot(&store, hour(40)).await;
    let whole = load(&store, &id).await;
    let wanted = store.load_some(&id, &|f| f.subject.as_str() == "a").await.expect("loaded");
    let of_a: Vec<&Fact> = whole.facts.iter().filter(|f| f.subject.as_str() == "a").collect();
    assert_eq!(wanted.facts.iter().collect::<Vec<_>>(), of_a, "with all its days");
    assert!(store.load_some(&id, &|_| false).await.expect("loaded").facts.is_empty());
}

async fn the_last_reading_of_a_scope_is_remembered(place: &Place) {
    let store = place.open().await;
    let last = async |scope: &str, keep: fn(&Fact) -> bool| {
        let facts = store.last_facts(&"a".into(), scope, keep).await.expect("asked");
        facts.iter().map(|f| f.subject.to_string()).collect::<Vec<_>>()
    };
    assert!(last("one", |_| true).await.is_empty());
    collect(&store, "a", hour(0), &[complete("one", vec![resource("db1"), series("a", "cpu", &[(0, 1.0)])])]).await;
    collect(&store, "a", hour(1), &[complete("one", vec![resource("db2"), resource("db3")])]).await;
    collect(&store, "a", hour(5), &[failed("one"), complete("two", vec![resource("db4")])]).await;
    assert_eq!(last("one", |_| true).await, ["db2", "db3"], "a visit that failed read nothing");
    assert_eq!(last("one", |f| f.subject.as_str() == "db3").await, ["db3"]);
    assert!(store.last_facts(&"b".into(), "one", |_| true).await.expect("asked").is_empty());
}
