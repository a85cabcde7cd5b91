use crate::migrate::{MIGRATIONS, Migration, backup_path};
use crate::testing::{Place, account, file, on_both};
use crate::{Location, Store};
use std::os::unix::fs::PermissionsExt;

on_both!(
    a_newer_schema_is_refused_untouched,
    a_migration_keeps_the_data,
    a_failed_migration_changes_nothing,
    two_may_create_it_at_once
);

const NEXT: Migration = Migration {
    version: 2,
    sqlite: "CREATE TABLE note (text TEXT); INSERT INTO note (text) VALUES ('migrated');",
    postgres: "CREATE TABLE note (text TEXT); INSERT INTO note (text) VALUES ('migrated');",
};
const BROKEN: Migration = Migration {
    version: 2,
    sqlite: "CREATE TABLE note (text TEXT); DROP TABLE setting; SELECT nonsense;",
    postgres: "CREATE TABLE note (text TEXT); DROP TABLE setting; SELECT nonsense;",
};

fn with(next: Migration) -> Vec<Migration> {
    let first = MIGRATIONS.iter().map(|m| Migration { version: m.version, sqlite: m.sqlite, postgres: m.postgres });
    first.chain([next]).collect()
}

async fn a_newer_schema_is_refused_untouched(place: &Place) {
    let newer = Store::open_with(&place.location, &with(NEXT)).await.expect("opens");
    newer.save_account(&account("a")).await.expect("saved");
    newer.close().await;
    let before = std::fs::read(place.path("workspace.loadline")).ok();
    let refused = Store::open(&place.location).await.expect_err("too new");
    assert_eq!(refused.code(), "schema_newer");
    assert!(refused.to_string().contains("schema 2"), "{refused}");
    assert_eq!(std::fs::read(place.path("workspace.loadline")).ok(), before, "not a byte changed");
    let newer = Store::open_with(&place.location, &with(NEXT)).await.expect("still opens");
    assert_eq!(newer.accounts().await.expect("listed").len(), 1);
}

async fn a_migration_keeps_the_data(place: &Place) {
    let old = place.open().await;
    old.save_account(&account("a")).await.expect("saved");
    old.close().await;
    let new = Store::open_with(&place.location, &with(NEXT)).await.expect("migrates");
    assert_eq!(new.accounts().await.expect("listed").len(), 1);
    let mut tx = new.read().await.expect("read");
    let rows: Vec<(String,)> = fetch!(&mut tx, "SELECT text FROM note").expect("the new table");
    assert_eq!(rows, [("migrated".to_owned(),)]);
    if let Location::Sqlite(path) = &place.location {
        let backup = Location::Sqlite(backup_path(path, 1));
        let restored = Store::open(&backup).await.expect("the backup is a workspace of the old schema");
        assert_eq!(restored.accounts().await.expect("listed").len(), 1);
    }
}

async fn a_failed_migration_changes_nothing(place: &Place) {
    let store = place.open().await;
    store.set("key", "1").await.expect("set");
    store.close().await;
    Store::open_with(&place.location, &with(BROKEN)).await.expect_err("broken");
    let store = place.open().await;
    assert_eq!(store.get("key").await.expect("the table is still there").as_deref(), Some("1"));
    store.close().await;
    Store::open_with(&place.location, &with(NEXT)).await.expect("a repaired app migrates");
}

async fn two_may_create_it_at_once(place: &Place) {
    let (a, b) = tokio::join!(Store::open(&place.location), Store::open(&place.location));
    let (a, b) = (a.expect("one opens"), b.expect("the other too"));
    a.save_account(&account("a")).await.expect("saved");
    assert_eq!(b.accounts().await.expect("listed").len(), 1);
}

#[tokio::test]
async fn other_files_are_not_taken_for_a_workspace() {
    let place = Place::sqlite();
    std::fs::write(file(&place), "just some text that somebody needs ".repeat(50)).expect("written");
    let refused = Store::open(&place.location).await.expect_err("text");
    assert_eq!(refused.code(), "not_a_workspace");
    let kept = std::fs::read_to_string(file(&place)).expect("still text");
    assert!(kept.starts_with("just some text"));
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let place = Place::sqlite();
    let store = Store::open_with(&place.location, &[]).await.expect("an empty database");
    let mut tx = store.write().await.expect("write");
    execute!(&mut tx, "CREATE TABLE theirs (x BIGINT)").expect("created");
    tx.commit().await.expect("committed");
    store.close().await;
    assert_eq!(Store::open(&place.location).await.expect_err("theirs").code(), "not_a_workspace");
}

#[tokio::test]
async fn a_process_killed_before_the_first_migration_leaves_a_usable_file() {
    let place = Place::sqlite();
    Store::open_with(&place.location, &[]).await.expect("a file with a header only").close().await;
    assert!(std::fs::metadata(file(&place)).expect("there").len() > 0);
    assert_eq!(crate::restore(file(&place), &Location::Memory).await.expect_err("empty").code(), "not_a_workspace");
    assert!(place.open().await.accounts().await.expect("listed").is_empty());
}

#[tokio::test]
async fn a_damaged_file_is_noticed_on_opening() {
    let place = Place::sqlite();
    let store = place.open().await;
    for n in 0..200 {
        store.set(&format!("key{n}"), &"x".repeat(500)).await.expect("set");
    }
    store.close().await;
    let mut bytes = std::fs::read(file(&place)).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xA5);
    std::fs::write(file(&place), bytes).expect("written");
    assert_eq!(Store::open(&place.location).await.expect_err("damaged").code(), "workspace_damaged");
}

#[tokio::test]
async fn a_workspace_file_is_private_and_durable() {
    let place = Place::sqlite();
    let store = place.open().await;
    let mode = std::fs::metadata(file(&place)).expect("made").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut tx = store.read().await.expect("read");
    for (pragma, wanted) in [
        ("SELECT CAST(journal_mode AS TEXT) FROM pragma_journal_mode()", "wal"),
        ("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous()", "2"),
        ("SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys()", "1"),
    ] {
        let rows: Vec<(String,)> = fetch!(&mut tx, pragma).expect("asked");
        assert_eq!(rows[0].0, wanted, "{pragma}");
    }
}
