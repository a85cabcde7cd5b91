//! What a clone says is as old as its last fetch.

use super::*;
use loadline_model::GapReason;
use std::time::{Duration, UNIX_EPOCH};

fn written(path: std::path::PathBuf, days: i64) {
    let at = UNIX_EPOCH + Duration::from_millis(days_ago(days).0 as u64);
    std::fs::File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .expect("opens")
        .set_modified(at)
        .expect("dated");
}

/// Days before now at which everything read is dated, and the gaps.
async fn dated(made: &Made) -> (i64, Vec<String>) {
    let scope = read(made, &[]).await;
    let ages: Vec<i64> =
        scope.facts.iter().map(|f| real_now().days_since(f.provenance.read_at).round() as i64).collect();
    assert!(ages.iter().all(|age| *age == ages[0]), "{ages:?}");
    assert!(
        scope.gaps.iter().all(|g| g.reason == GapReason::Stale && g.closes.contains("git pull")),
        "{:?}",
        scope.gaps
    );
    (ages[0], scope.gaps.into_iter().map(|g| g.detail).collect())
}

fn shop() -> Made {
    let made = Made::new();
    made.write("a.py", "x = 1\n");
    made.commit(days_ago(90), "ann", "Begin");
    made
}

#[tokio::test]
async fn what_a_clone_says_is_as_old_as_its_last_fetch() {
    let made = shop();
    let git = made.root().join(".git");
    written(git.join("description"), 60);
    assert_eq!(dated(&made).await, (0, vec![]), "without a remote nothing can be newer");
    made.git(&["remote", "add", "origin", "https://git.acme.io/acme/shop.git"]);
    let not_fetched =
        |days: u32| vec![format!("the clone shows the code as it was {days} days ago: it was not fetched since")];
    assert_eq!(dated(&made).await, (60, not_fetched(60)), "cloned, and never fetched");
    written(git.join("FETCH_HEAD"), 20);
    assert_eq!(dated(&made).await, (20, not_fetched(20)));
    written(git.join("FETCH_HEAD"), 2);
    assert_eq!(dated(&made).await, (2, vec![]));
    written(git.join("FETCH_HEAD"), 40);
    made.write("b.py", "y = 1\n");
    made.commit(days_ago(3), "ann", "Go on");
    assert_eq!(dated(&made).await, (3, vec![]), "somebody works on it");
}

#[tokio::test]
async fn a_branch_behind_what_was_fetched_shows_the_past() {
    let made = shop();
    made.git(&["remote", "add", "origin", "https://git.acme.io/acme/shop.git"]);
    made.git(&["config", "branch.main.remote", "origin"]);
    made.git(&["config", "branch.main.merge", "refs/heads/main"]);
    made.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    assert_eq!(dated(&made).await, (0, vec![]));
    made.write("b.py", "y = 1\n");
    made.commit(days_ago(30), "ann", "Go on");
    made.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    assert_eq!(dated(&made).await, (0, vec![]));
    made.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let behind = "the clone shows the code as it was 90 days ago: its branch is behind what was fetched";
    assert_eq!(dated(&made).await, (90, vec![behind.to_owned()]));
}
