use crate::testing::{Place, begin, hour, on_both, samples, scope, series};
use crate::{Location, Store, restore};
use loadline_model::{Choice, ScopeStatus, SnapshotId, Zone};

on_both!(a_backup_restores_everything, a_bad_backup_changes_nothing);

async fn fill(store: &Store) -> SnapshotId {
    let collection = begin(store, "a", hour(0)).await;
    let week: Vec<(i64, f64)> = (0..700).map(|i| (i * 15, i as f64)).collect();
    let facts = vec![series("a", "cpu", &week), series("a", "io", &week)];
    store.commit_scope(&collection, &scope("server", ScopeStatus::Complete, facts)).await.expect("committed");
    store.append_decision("ana", hour(1), &Choice::Unlink { alias: "x".into() }).await.expect("decided");
    store.set("key", "1").await.expect("set");
    let id = store.take_snapshot(hour(2), &Zone::default()).await.expect("taken");
    store.save_assessment(&id, "m", 1, "{}").await.expect("kept");
    id
}

async fn text(store: &Store, id: &SnapshotId) -> String {
    serde_json::to_string(&store.load_snapshot(id).await.expect("loaded")).expect("json")
}

async fn a_backup_restores_everything(place: &Place) {
    let store = place.open().await;
    let id = fill(&store).await;
    let before = text(&store, &id).await;
    let backup = place.path("backup.loadline");
    store.backup(&backup).await.expect("backed up");
    assert_eq!(store.backup(&backup).await.expect_err("there already").code(), "file_exists");

    // The workspace goes on, is restored while it is open elsewhere, and goes on again.
    let more = begin(&store, "b", hour(3)).await;
    let news = vec![series("b", "cpu", &[(0, 1.0)])];
    store.commit_scope(&more, &scope("server", ScopeStatus::Complete, news.clone())).await.expect("committed");
    store.set("key", "2").await.expect("set");
    restore(&backup, &place.location).await.expect("restored");
    assert_eq!(text(&store, &id).await, before);
    assert_eq!(store.get("key").await.expect("asked").as_deref(), Some("1"));
    assert_eq!(store.accounts().await.expect("listed").len(), 1);
    assert_eq!(store.decisions().await.expect("listed").len(), 1);
    assert_eq!(store.assessment(&id, "m", 1).await.expect("asked").as_deref(), Some("{}"));
    let number = store.append_decision("ana", hour(4), &Choice::Unlink { alias: "y".into() }).await.expect("decided");
    assert_eq!(number, 2, "numbers go on where the backup was");

    // A backup is itself a workspace: a laptop's can become a team's and back.
    let elsewhere = Location::Sqlite(place.path("elsewhere.loadline"));
    restore(&backup, &elsewhere).await.expect("restored to a new place");
    let elsewhere = Store::open(&elsewhere).await.expect("opens");
    assert_eq!(text(&elsewhere, &id).await, before);
    let collection = begin(&elsewhere, "a", hour(9)).await;
    let late = vec![series("a", "cpu", &[(1, -1.0)])];
    elsewhere.commit_scope(&collection, &scope("server", ScopeStatus::Complete, late)).await.expect("goes on");
    let next = elsewhere.take_snapshot(hour(10), &Zone::default()).await.expect("taken");
    let facts = elsewhere.load_snapshot(&next).await.expect("loaded").facts;
    assert_eq!(samples(&facts, "cpu").len(), 701);
    let left: Vec<_> = std::fs::read_dir(place.path("")).expect("listed").flatten().map(|f| f.file_name()).collect();
    let leftovers =
        left.iter().filter(|n| n.to_string_lossy().contains("restoring") || n.to_string_lossy().contains("unfinished"));
    assert_eq!(leftovers.count(), 0, "{left:?}");
}

async fn a_bad_backup_changes_nothing(place: &Place) {
    let store = place.open().await;
    let id = fill(&store).await;
    let before = text(&store, &id).await;
    let backup = place.path("backup.loadline");
    store.backup(&backup).await.expect("backed up");

    let other = place.path("other.txt");
    std::fs::write(&other, "not a database at all, but somebody's letter".repeat(30)).expect("written");
    assert_eq!(restore(&other, &place.location).await.expect_err("text").code(), "not_a_workspace");
    let missing = restore(&place.path("missing"), &place.location).await.expect_err("missing");
    assert_eq!(missing.code(), "not_a_workspace");

    // Bytes of a sample block: the file's structure stays sound, only the content address notices.
    let mut bytes = std::fs::read(&backup).expect("read");
    let tag = bytes.windows(9).position(|w| w[0] == 1 && w[5..9] == *b"pco!").expect("a sample block");
    bytes[tag + 40] ^= 0xFF;
    std::fs::write(&backup, bytes).expect("written");
    assert_eq!(restore(&backup, &place.location).await.expect_err("damaged").code(), "workspace_damaged");
    assert_eq!(text(&store, &id).await, before, "the workspace is as it was");
}
