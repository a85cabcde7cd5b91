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

/// What `git fetch` leaves: a line for each branch, and when it was written.
fn fetch_head(made: &Made, text: &str, days: i64) {
    let path = made.root().join(".git/FETCH_HEAD");
    std::fs::write(&path, text).expect("written");
    written(path, days);
}

fn line(id: &str, branch: &str, of: &str) -> String {
    format!("{id}\t\tbranch '{branch}' of {of}\n")
}

fn head(made: &Made) -> String {
    String::from_utf8(made.git(&["rev-parse", "HEAD"])).expect("text").trim().to_owned()
}

/// A log of one entry.
fn log(made: &Made, path: &str, id: &str, days: i64, what: &str) {
    let (path, none) = (made.root().join(".git/logs").join(path), "0".repeat(40));
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let at = days_ago(days).0 / 1_000;
    std::fs::write(path, format!("{none} {id} Ann Lee <ann@acme.io> {at} +0000\t{what}\n")).expect("written");
}

fn not_fetched(days: u32) -> Vec<String> {
    vec![format!("the clone shows the code as it was {days} days ago: it was not fetched since")]
}

const ADDRESS: &str = "https://git.acme.io/acme/shop";

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
    assert_eq!(dated(&made).await, (0, vec![]), "without a remote nothing can be newer");
    made.git(&["remote", "add", "origin", &format!("{ADDRESS}.git")]);
    assert_eq!(dated(&made).await, (90, not_fetched(90)), "never fetched; how young its files are says nothing");
    written(git.join("description"), 60);
    let main = line(&head(&made), "main", ADDRESS);
    fetch_head(&made, &main, 20);
    assert_eq!(dated(&made).await, (20, not_fetched(20)));
    fetch_head(&made, &format!("{}{main}", line(&"1".repeat(40), "old", ADDRESS)), 2);
    assert_eq!(dated(&made).await, (2, vec![]));
    fetch_head(&made, &main, 60);
    assert_eq!(dated(&made).await, (90, not_fetched(90)), "copied with the clone");
    fetch_head(&made, &main, 40);
    made.write("b.py", "y = 1\n");
    made.commit(days_ago(3), "ann", "Go on");
    assert_eq!(dated(&made).await, (3, vec![]), "somebody works on it");
}

#[tokio::test]
async fn a_fetch_that_brought_something_else_makes_nothing_younger() {
    let made = shop();
    written(made.root().join(".git/description"), 60);
    made.git(&["remote", "add", "origin", "git@git.acme.io:acme/shop.git"]);
    made.git(&["remote", "add", "fork", "https://git.acme.io/ann/shop.git"]);
    let id = head(&made);
    let cases = [
        (String::new(), "it failed"),
        (line(&id, "old", ADDRESS), "another branch"),
        (line(&"1".repeat(40), "main", ADDRESS), "a commit that is not checked out"),
        (line(&id, "main", "https://git.acme.io/ann/shop"), "another remote"),
        (format!("{id}\t\t'{id}' of {ADDRESS}\n"), "one commit"),
    ];
    for (text, why) in cases {
        fetch_head(&made, &text, 1);
        assert_eq!(dated(&made).await, (90, not_fetched(90)), "{why}");
    }
    fetch_head(&made, &line(&id, "main", ADDRESS), 1);
    assert_eq!(dated(&made).await, (1, vec![]));
    fetch_head(&made, &line(&id, "main", "acme:shop"), 1);
    assert_eq!(dated(&made).await, (1, vec![]), "an address that settings of the machine make another");
}

#[tokio::test]
async fn logs_say_when_a_copied_clone_was_fetched_or_made() {
    let made = shop();
    made.git(&["remote", "add", "origin", ADDRESS]);
    let id = head(&made);
    log(&made, "HEAD", &id, 50, "clone: from https://git.acme.io/acme/shop");
    assert_eq!(dated(&made).await, (50, not_fetched(50)));
    made.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    log(&made, "refs/remotes/origin/main", &id, 1, "");
    assert_eq!(dated(&made).await, (50, not_fetched(50)), "moved by hand");
    log(&made, "refs/remotes/origin/main", &id, 30, "fetch origin: fast-forward");
    assert_eq!(dated(&made).await, (30, not_fetched(30)));
    log(&made, "refs/remotes/origin/main", &id, 2, "update by push");
    assert_eq!(dated(&made).await, (2, vec![]));
    log(&made, "refs/remotes/origin/main", &id, -9, "fetch origin: fast-forward");
    assert_eq!(dated(&made).await, (50, not_fetched(50)), "nobody fetched in the future");
    log(&made, "refs/remotes/origin/main", &id, 2, "fetch origin: fast-forward");
    made.git(&["checkout", "-q", "--orphan", "other"]);
    made.commit(days_ago(70), "ann", "Begin otherwise");
    assert_eq!(dated(&made).await, (70, not_fetched(70)), "what was fetched is no part of what is checked out");
}

#[tokio::test]
async fn a_branch_behind_what_was_fetched_shows_the_past() {
    let made = shop();
    made.git(&["remote", "add", "origin", "https://git.acme.io/acme/shop.git"]);
    made.git(&["config", "branch.main.remote", "origin"]);
    made.git(&["config", "branch.main.merge", "refs/heads/main"]);
    let fetched = || {
        made.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
        log(&made, "refs/remotes/origin/main", &head(&made), 0, "fetch origin: fast-forward");
    };
    fetched();
    assert_eq!(dated(&made).await, (0, vec![]));
    made.write("b.py", "y = 1\n");
    made.commit(days_ago(30), "ann", "Go on");
    fetched();
    assert_eq!(dated(&made).await, (0, vec![]));
    made.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let behind = "the clone shows the code as it was 90 days ago: its branch is behind what was fetched";
    assert_eq!(dated(&made).await, (90, vec![behind.to_owned()]));
    made.git(&["checkout", "-q", "--detach"]);
    let newer = |branch: &str| {
        let why = format!("what is checked out follows no branch of a remote, and `origin/{branch}` is newer");
        (90, vec![format!("the clone shows the code as it was 90 days ago: {why}")])
    };
    assert_eq!(dated(&made).await, newer("main"), "no branch is checked out");
    made.git(&["checkout", "-q", "-b", "wip"]);
    assert_eq!(dated(&made).await, newer("main"), "a branch of this clone alone");
    made.git(&["update-ref", "refs/remotes/origin/trunk", "refs/remotes/origin/main"]);
    made.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    made.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);
    assert_eq!(dated(&made).await, newer("trunk"));
    made.git(&["checkout", "-q", "--detach", "refs/remotes/origin/trunk"]);
    log(&made, "refs/remotes/origin/trunk", &head(&made), 1, "fetch origin: storing head");
    assert_eq!(dated(&made).await, (1, vec![]));
}
