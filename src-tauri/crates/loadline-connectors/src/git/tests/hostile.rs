//! Repositories that mean harm, or are not whole.

use super::*;
use crate::ConnectError;
use loadline_model::{GapReason, key};
use std::os::unix::fs::PermissionsExt;

#[tokio::test]
async fn nothing_of_a_repository_is_run_and_nothing_beside_it_is_read() {
    let made = Made::new();
    let mark = made.root().join("ran");
    let run = format!("touch {}", mark.display());
    made.write("ok.py", "x = 1\n");
    made.write("bad.py", b"x = '\xff\xfe'\n");
    // A gigabyte of nothing: sparse on the disk, a few megabytes in the object store.
    let huge = std::fs::File::create(made.root().join("huge.py")).expect("a file");
    huge.set_len(1 << 30).expect("a gigabyte");
    made.git(&["config", "core.compression", "1"]);
    made.git(&["config", "core.bigFileThreshold", "1m"]);
    made.write("long.py", vec![b'#'; 2 << 20]);
    std::os::unix::fs::symlink("loop", made.root().join("loop")).expect("a link");
    std::os::unix::fs::symlink("/etc/passwd", made.root().join("users.py")).expect("a link");
    std::os::unix::fs::symlink(".", made.root().join("self")).expect("a link");
    made.write(".gitattributes", "* filter=evil diff=evil\n");
    made.commit(days_ago(3), "ann", "Begin");
    for hook in ["post-checkout", "pre-commit", "reference-transaction", "fsmonitor-watchman"] {
        let path = made.root().join(".git/hooks").join(hook);
        std::fs::write(&path, format!("#!/bin/sh\n{run}\n")).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("executable");
    }
    let config = format!(
        "[core]\n\tfsmonitor = {run}\n\tpager = {run}\n\teditor = {run}\n\tsshCommand = {run}\n\tgitProxy = {run}\n\
         [filter \"evil\"]\n\tsmudge = {run}\n\tclean = {run}\n\tprocess = {run}\n\
         [diff \"evil\"]\n\ttextconv = {run}\n\tcommand = {run}\n\
         [credential]\n\thelper = !{run}\n[alias]\n\tlog = !{run}\n[mailmap]\n\tfile = /etc/passwd\n\
         [include]\n\tpath = /etc/passwd\n[remote \"origin\"]\n\turl = ext::{run}\n\tuploadpack = {run}\n"
    );
    let path = made.root().join(".git/config");
    let own = std::fs::read_to_string(&path).expect("a configuration");
    std::fs::write(&path, own + &config).expect("written");
    // Attributes of the clone itself name the same programs.
    std::fs::write(made.root().join(".git/info/attributes"), "* filter=evil diff=evil merge=evil\n").expect("written");
    let scope = read(&made, &[]).await;
    assert!(!mark.exists(), "something was run");
    let paths: Vec<String> = bodies::<CodeStat>(&scope).into_iter().map(|s| s.path).collect();
    assert_eq!(paths, ["ok.py"], "links, huge files and what is no text are left out");
    // Three links, two too long, one that is no text, of seven.
    let share = loadline_model::num::round9(6.0 / 7.0).to_string();
    assert_eq!(setting(&scope, key::CODE_UNMEASURED, None), Some(share));
}

#[tokio::test]
async fn a_tree_that_leads_elsewhere_leads_nowhere() {
    let made = Made::new();
    let blob = made.git_with(&["hash-object", "-w", "--stdin"], b"x = 1\n");
    let id = gix::ObjectId::from_hex(String::from_utf8(blob).expect("text").trim().as_bytes()).expect("an id");
    let mut tree = Vec::new();
    for name in [&b".."[..], b"../up.py", b".git", b"a/b.py", b"good.py", b"\xff.py"] {
        tree.extend_from_slice(b"100644 ");
        tree.extend_from_slice(name);
        tree.push(0);
        tree.extend_from_slice(id.as_slice());
    }
    let tree = made.git_with(&["hash-object", "-t", "tree", "-w", "--literally", "--stdin"], &tree);
    let tree = String::from_utf8(tree).expect("text");
    let commit = made.git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", tree.trim(), "-m", "x"]);
    made.git(&["update-ref", "refs/heads/main", String::from_utf8(commit).expect("text").trim()]);
    let scope = read(&made, &[]).await;
    let paths: Vec<String> = bodies::<CodeStat>(&scope).into_iter().map(|s| s.path).collect();
    assert_eq!(paths, ["good.py"]);
}

#[tokio::test]
async fn what_is_no_whole_repository_is_refused_or_said() {
    let empty = tempfile::tempdir().expect("a folder");
    let folder = empty.path().to_str().expect("text");
    for path in [folder, "/nowhere/at/all", "https://github.com/acme/shop", ""] {
        let refused = super::super::connect(account(path, &[])).await.err();
        assert!(
            matches!(&refused, Some(ConnectError::InvalidConfig { key, .. }) if key == "path"),
            "{path}: {refused:?}"
        );
    }
    let bare = Made::new();
    let scope = read(&bare, &[]).await;
    assert_eq!((scope.facts.len(), scope.gaps[0].reason), (0, GapReason::FeatureDisabled), "no commit yet");

    let made = Made::new();
    for n in 0..5 {
        made.write("a.py", format!("x = {n}\n"));
        made.commit(days_ago(9 - n), "ann", "Change");
    }
    let shallow = Made::new();
    shallow.git(&["fetch", "-q", "--depth", "2", &format!("file://{}", made.path()), "main"]);
    shallow.git(&["update-ref", "refs/heads/main", "FETCH_HEAD"]);
    let scope = read(&shallow, &[]).await;
    assert_eq!(setting(&scope, key::HISTORY_COMPLETE, None).as_deref(), Some("off"));
    assert_eq!(stat(&scope, "a.py").churn, None, "a part of the history is no churn");
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::Truncated && g.detail.starts_with("history:")));
    assert_eq!(setting(&scope, key::TRUCK_FACTOR, None), None);
}

#[tokio::test]
async fn a_stop_ends_the_reading() {
    let made = Made::new();
    for n in 0..500 {
        made.write(&format!("src/f{n}.py"), "def f(a):\n    return a\n".repeat(200));
    }
    made.commit(days_ago(1), "ann", "Begin");
    let connector = super::super::connect(account(&made.path(), &[])).await.expect("connects");
    let window = last_days(90);
    window.cancel.cancel();
    let begun = std::time::Instant::now();
    let scope = read_with(connector.as_ref(), &window).await;
    assert!(begun.elapsed().as_millis() < 1_000, "stopped within a second");
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled));
    let permissions = connector.test().await;
    assert_eq!(permissions.iter().map(|p| p.granted).collect::<Vec<_>>(), [Some(true)]);
}
