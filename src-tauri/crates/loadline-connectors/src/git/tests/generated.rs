//! Churn of a generated history against the arithmetic of `git log --numstat`.

use super::super::{clone, commits};
use super::*;
use loadline_model::key;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const COMMITS: u64 = 2_000;
const FILES: u64 = 40;

/// A history of many small commits by five people and a machine, with renames and merges, for `git fast-import`.
fn stream() -> String {
    let mut text = String::new();
    let mut state = 7_u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let begin = days_ago(360).0 / 1_000;
    let mut names: Vec<String> = (0..FILES).map(|n| format!("src/part{}/file{n}.py", n % 5)).collect();
    let content = |n: usize, commit: u64| {
        let lines: String = (0..30).map(|l| format!("value_{n}_{l} = {}\n", if l == 7 { commit } else { 0 })).collect();
        format!("data {}\n{lines}\n", lines.len())
    };
    for commit in 1..=COMMITS {
        let who = ["ann", "bo", "cy", "di", "ed", "dependabot[bot]"][next(6) as usize];
        let at = begin + (commit * 15_000) as i64;
        let _ = write!(
            text,
            "commit refs/heads/main\nmark :{commit}\nauthor {who} <{who}@acme.io> {at} +0000\ncommitter {who} <{who}@acme.io> {at} +0000\ndata 4\nwork\n"
        );
        if commit > 1 {
            let _ = writeln!(text, "from :{}", commit - 1);
        }
        if commit % 97 == 0 {
            // A merge of an older commit: it joins, and changes nothing of its own.
            let _ = writeln!(text, "merge :{}", commit - 50);
        } else if commit == 1 {
            for (n, name) in names.iter().enumerate() {
                let _ = write!(text, "M 100644 inline {name}\n{}", content(n, commit));
            }
        } else if commit % 61 == 0 {
            let n = next(FILES) as usize;
            let new = format!("src/part{}/moved{commit}_{n}.py", next(5));
            let _ = writeln!(text, "R {} {new}", names[n]);
            names[n] = new;
            let _ = write!(text, "M 100644 inline {}\n{}", names[n], content(n, commit));
        } else {
            for _ in 0..=next(3) {
                let n = next(FILES) as usize;
                let _ = write!(text, "M 100644 inline {}\n{}", names[n], content(n, commit));
            }
        }
        text.push('\n');
    }
    text
}

/// Rows of `git log --numstat -M -z` for each file of today, without merges and machines: the oracle. Old names are
/// translated as the log goes back.
fn numstat(made: &Made) -> BTreeMap<String, u32> {
    let log = made.git(&["log", "--no-merges", "-M", "--numstat", "-z", "--format=%x01%an", "main"]);
    let log = String::from_utf8(log).expect("text");
    let mut today: BTreeMap<String, String> = BTreeMap::new();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for commit in log.split('\u{1}').skip(1) {
        let mut parts = commit.split('\0').map(|p| p.trim_start_matches('\n'));
        let bot = parts.next().is_some_and(|who| who.contains("[bot]"));
        let mut renamed = Vec::new();
        while let Some(row) = parts.next() {
            let mut columns = row.split('\t').skip(2);
            let Some(path) = columns.next() else { continue };
            let (old, new) = if path.is_empty() {
                (parts.next().expect("an old name"), parts.next().expect("a new name"))
            } else {
                (path, path)
            };
            let now = today.get(new).cloned().unwrap_or_else(|| new.to_owned());
            *counts.entry(now.clone()).or_default() += u32::from(!bot);
            renamed.push((old.to_owned(), now));
        }
        today.extend(renamed);
    }
    counts
}

#[tokio::test]
async fn churn_is_the_arithmetic_of_numstat() {
    let made = Made::new();
    made.git_with(&["fast-import", "--quiet"], stream().as_bytes());
    let expected = numstat(&made);
    let scope = read(&made, &[]).await;
    assert_eq!(scope.gaps, []);
    let ours: BTreeMap<String, u32> =
        bodies::<CodeStat>(&scope).into_iter().map(|s| (s.path, s.churn.unwrap_or(-1.0) as u32)).collect();
    assert_eq!(ours.len(), FILES as usize);
    assert_eq!(ours, expected);
    let counted = setting(&scope, key::HISTORY_COMMITS, None).expect("said");
    let log = made.git(&["log", "--no-merges", "--format=%an", "main"]);
    let people = String::from_utf8(log).expect("text").lines().filter(|who| !who.contains("[bot]")).count();
    assert_eq!(counted, people.to_string());
    assert_eq!(setting(&scope, key::HISTORY_AUTHORS, None).as_deref(), Some("5"));
}

/// The history is the same whichever way its trees are packed, and the way is seen.
#[tokio::test]
async fn packed_either_way_it_is_one_history() {
    let made = Made::new();
    made.git_with(&["fast-import", "--quiet"], stream().as_bytes());
    let way = || {
        let repository = clone::open(made.root()).expect("opens");
        let head = repository.head_id().expect("a commit").detach();
        let walk = repository.rev_walk([head]).first_parent_only().all().expect("walks");
        let pairs: Vec<_> =
            walk.map(|c| c.expect("a commit")).filter_map(|c| Some((c.id, *c.parent_ids.first()?))).collect();
        commits::oldest_first(&repository, pairs)
    };
    assert!(way(), "an import writes the newer as a difference from the older");
    let connector = super::super::connect(account(&made.path(), &[])).await.expect("connects");
    let window = last_days(90);
    let imported = read_with(connector.as_ref(), &window).await;
    made.git(&["repack", "-a", "-d", "-f", "-q", "--depth=50"]);
    assert!(!way(), "packed anew it is the other way round");
    let connector = super::super::connect(account(&made.path(), &[])).await.expect("connects");
    let packed = read_with(connector.as_ref(), &window).await;
    assert!(packed.facts.len() > 100 && packed.facts == imported.facts, "the same facts");
}
