//! Planted histories: exactly their churn, owners and couplings.

use super::*;
use loadline_model::Timestamp;

fn as_of() -> Timestamp {
    Timestamp::parse("2026-11-01").expect("a date")
}

/// A commit so many days ago; `+a` adds, `-a` deletes, `a>b` renames, `a` changes.
fn commit(days: i64, who: &str, what: &str) -> Commit {
    let change = |word: &str| match (word.split_once('>'), word.strip_prefix('+'), word.strip_prefix('-')) {
        (Some((from, to)), ..) => Change { path: to.into(), touch: Touch::Renamed(from.into()) },
        (_, Some(path), _) => Change { path: path.into(), touch: Touch::Added },
        (_, _, Some(path)) => Change { path: path.into(), touch: Touch::Deleted },
        _ => Change { path: word.into(), touch: Touch::Changed },
    };
    Commit {
        at: as_of().plus_days(-days),
        name: who.to_owned(),
        email: format!("{who}@acme.io"),
        merge: who == "merge",
        fix: who == "ann",
        changes: what.split_whitespace().map(change).collect(),
    }
}

fn history(today: &[&str], commits: &[(i64, &str, &str)]) -> History {
    let mut history = History::new(today.iter().map(|p| (*p).to_owned()), as_of());
    for (days, who, what) in commits {
        history.add(&commit(*days, who, what));
    }
    history
}

/// `path churn/fixes` of every file.
fn churn(today: &[&str], commits: &[(i64, &str, &str)]) -> String {
    let files = history(today, commits).files();
    files.iter().map(|f| format!("{} {}/{}", f.path, f.churn, f.fixes)).collect::<Vec<_>>().join(", ")
}

#[test]
fn churn_counts_what_people_did_to_the_files_of_today() {
    let check = |today: &[&str], commits: &[(i64, &str, &str)], expected: &str| {
        assert_eq!(churn(today, commits), expected);
    };
    check(&["a"], &[(1, "ann", "a"), (2, "bo", "a"), (3, "bo", "+a")], "a 3/1");
    check(&["a"], &[(1, "merge", "a"), (2, "dependabot", "a"), (400, "bo", "a")], "a 0/0");
    check(&["b"], &[(1, "bo", "b"), (2, "bo", "a>b"), (3, "bo", "a"), (4, "bo", "+a")], "b 4/0");
    // The a of today was made when the old one had left.
    check(&["a", "b"], &[(1, "bo", "a"), (2, "bo", "+a"), (3, "bo", "a>b"), (4, "bo", "a")], "a 2/0, b 2/0");
    check(&["a"], &[(1, "bo", "+a"), (2, "bo", "-a"), (3, "bo", "a")], "a 1/0");
    // A machine's rename is followed though it counts for nobody.
    check(&["b"], &[(2, "renovate", "a>b"), (3, "bo", "a")], "b 1/0");
    // Two files swap names in one commit.
    check(&["a", "b"], &[(1, "bo", "a>b b>a"), (2, "bo", "a"), (3, "bo", "a")], "a 1/0, b 3/0");
    check(&["Cargo.lock", "a"], &[(1, "bo", "Cargo.lock a")], "a 1/0");
}

#[test]
fn owners_are_who_made_it_and_who_changes_it() {
    let check = |commits: &[(i64, &str, &str)], expected: (u32, u32, u32, u32)| {
        let history = history(&["a", "b", "c"], commits);
        let found = ownership::truck_factor(&history.files(), &history.last_commits(), as_of());
        assert_eq!((found.all, found.active_only, found.authors, found.orphaned), expected, "{commits:?}");
    };
    check(&[], (0, 0, 0, 0));
    check(&[(1, "ann", "+a +b +c")], (1, 1, 1, 0));
    check(&[(1, "ann", "+a +b"), (2, "bo", "+c")], (1, 1, 2, 0));
    check(&[(1, "ann", "+a"), (2, "bo", "+b"), (3, "cy", "+c")], (2, 2, 3, 0));
    // Ann left long ago: of her two files nobody knows anything.
    check(&[(2, "bo", "+c"), (200, "ann", "+a +b")], (1, 0, 2, 2));
}

#[test]
fn degrees_of_authorship_by_hand() {
    assert!((ownership::degree(true, 1, 0) - 4.555).abs() < 1e-12);
    assert!((ownership::degree(false, 10, 0) - 4.933).abs() < 1e-12);
    assert!(
        (ownership::degree(true, 5, 3) - (3.293 + 1.098 + 0.82 - 0.321 * 4.0_f64.log(std::f64::consts::E))).abs()
            < 1e-12
    );
}

#[test]
fn files_that_change_together() {
    let commits: Vec<(i64, &str, &str)> =
        (1..=10).map(|n| (n, "bo", if n <= 6 { "a b" } else { "a" })).chain([(20, "bo", "c")]).collect();
    let history = history(&["a", "b", "c"], &commits);
    let files = history.files();
    let (found, complete) = couplings(&history, &files);
    assert!(complete);
    let one: Vec<_> = found.iter().map(|c| (c.first.as_str(), c.second.as_str(), c.support, c.confidence)).collect();
    assert_eq!(one, [("a", "b", 6, 1.0)]);
}
