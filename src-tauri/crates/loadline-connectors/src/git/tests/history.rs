//! What a history says when its clocks are wrong, when a part of it is not in the clone, and when the repository itself says
//! who is who and what was formatting alone.

use super::*;
use loadline_model::{GapReason, key};

fn id(made: &Made, of: &str) -> String {
    String::from_utf8(made.git(&["rev-parse", of])).expect("text").trim().to_owned()
}

/// Takes an object out of the clone, as a filter leaves it out.
fn lose(made: &Made, of: &str) {
    let id = id(made, of);
    let path = made.root().join(".git/objects").join(&id[..2]).join(&id[2..]);
    std::fs::remove_file(path).expect("a loose object");
}

#[tokio::test]
async fn one_wrong_clock_does_not_end_the_history() {
    let made = Made::new();
    for n in 0..20 {
        made.write("core.py", format!("x = {n}\n"));
        made.commit(days_ago(340 - n), "ann", "Change");
    }
    made.git(&["mv", "core.py", "kernel.py"]);
    made.commit(Timestamp::parse("2001-01-01").expect("a date"), "bo", "Rename on a machine with a wrong clock");
    made.write("README.md", "x\n");
    made.commit(days_ago(3), "cy", "Explain");
    let scope = read(&made, &[]).await;
    assert_eq!(stat(&scope, "kernel.py").churn, Some(21.0), "what lies behind counts, and under its later name");
    assert_eq!(setting(&scope, key::HISTORY_AUTHORS, None).as_deref(), Some("2"));
    let days: f64 = setting(&scope, key::HISTORY_DAYS, None).expect("said").parse().expect("a number");
    assert!((339.0..341.0).contains(&days), "a wrong clock makes no history longer: {days}");
}

#[tokio::test]
async fn months_before_a_wrong_clock_are_not_of_its_day() {
    let made = Made::new();
    made.write("a.py", "x = 1\n");
    made.commit(days_ago(100), "ann", "Begin");
    made.write("a.py", "x = 2\n");
    made.commit(days_ago(9_000), "ann", "Wrong clock");
    made.write("a.py", "x = 3\n");
    made.commit(days_ago(10), "ann", "Go on");
    let repository = crate::git::clone::open(made.root()).expect("opens");
    let head = repository.head_id().expect("a commit").detach();
    let moments = [0, 50, 200].map(days_ago);
    let found = crate::git::commits::trees_at(&repository, head, &moments);
    let trees: Vec<String> = found.iter().map(|(_, tree)| tree.to_string()).collect();
    assert_eq!(trees, [id(&made, "HEAD^{tree}"), id(&made, "HEAD~1^{tree}")], "none before the first commit");
}

/// A file that was moved and changed at once, so that only its contents tell that it is the same.
fn moved() -> Made {
    let made = Made::new();
    let text = "def f(a):\n    return a\n".repeat(20);
    made.write("src/old.py", &text);
    made.commit(days_ago(50), "ann", "Begin");
    made.write("src/old.py", format!("{text}x = 0\n"));
    made.commit(days_ago(40), "ann", "Change");
    made.git(&["mv", "src/old.py", "src/new.py"]);
    made.write("src/new.py", format!("{text}y = 1\n"));
    made.commit(days_ago(30), "ann", "Move");
    made
}

#[tokio::test]
async fn contents_that_are_not_in_the_clone_leave_the_history_unknown() {
    let made = moved();
    let scope = read(&made, &[]).await;
    assert_eq!((stat(&scope, "src/new.py").churn, scope.gaps.len()), (Some(3.0), 0));
    lose(&made, "HEAD~1:src/old.py");
    let scope = read(&made, &[]).await;
    assert_eq!(setting(&scope, key::HISTORY_COMPLETE, None).as_deref(), Some("off"));
    assert_eq!(stat(&scope, "src/new.py").churn, None);
    let gap = &scope.gaps[0];
    assert_eq!(gap.reason, GapReason::Truncated);
    assert!(
        gap.detail.starts_with("history: the clone is partial") && gap.closes.contains("without a filter"),
        "{gap:?}"
    );
}

#[tokio::test]
async fn folders_that_are_not_in_the_clone_leave_the_share_of_what_was_measured_unknown() {
    let made = moved();
    made.write("app.py", "x = 1\n");
    made.commit(days_ago(20), "ann", "Begin the app");
    assert_eq!(setting(&read(&made, &[]).await, key::CODE_UNMEASURED, None).as_deref(), Some("0"));
    lose(&made, "HEAD:src");
    let scope = read(&made, &[]).await;
    assert_eq!(setting(&scope, key::CODE_FILES, None).as_deref(), Some("1"));
    assert_eq!(setting(&scope, key::CODE_UNMEASURED, None), None);
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::Truncated && g.detail.contains("1 folders")));
}

#[tokio::test]
async fn mailmap_makes_two_names_one_person() {
    let made = Made::new();
    for (n, who) in ["ann", "annette", "bo", "ann"].into_iter().enumerate() {
        made.write("a.py", format!("x = {n}\n"));
        made.commit(days_ago(40 - n as i64), who, "Change");
    }
    let authors = async || setting(&read(&made, &[]).await, key::HISTORY_AUTHORS, None);
    assert_eq!(authors().await.as_deref(), Some("3"));
    made.write(".mailmap", "ann Lee <ann@acme.io> annette Lee <annette@acme.io>\n");
    made.commit(days_ago(30), "bo", "Say who is who");
    assert_eq!(authors().await.as_deref(), Some("2"));
}

#[tokio::test]
async fn commits_that_are_listed_as_formatting_are_nobodys_work() {
    let made = Made::new();
    for n in 0..3 {
        made.write("a.py", format!("x = {n}\n"));
        made.commit(days_ago(40 - n), "ann", "Change");
    }
    made.write("a.py", "x  =  2\n");
    made.commit(days_ago(30), "bo", "Format everything");
    let listed = id(&made, "HEAD");
    let read = async || {
        let scope = read(&made, &[]).await;
        (stat(&scope, "a.py").churn, setting(&scope, key::HISTORY_AUTHORS, None))
    };
    assert_eq!(read().await, (Some(4.0), Some("2".into())));
    made.write(".git-blame-ignore-revs", format!("# The formatter\n{listed} # of all files\n\nnothing\n"));
    made.commit(days_ago(20), "ann", "List what was formatting");
    assert_eq!(read().await, (Some(3.0), Some("1".into())));
}
