//! A hundred thousand lines: bounded memory, progress, and a stop in the middle.

use super::*;
use loadline_model::{GapReason, key};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

const FILES: usize = 1_000;
const LINES: usize = 100;
/// Most memory that reading them may add, KB: what is kept of a file is its measures, not its text or tree.
const MOST_KB: i64 = 64 << 10;
/// Names the repository to a process of its own, whose memory is nobody else's.
const CHILD: &str = "LOADLINE_TEST_LARGE";
const NAME: &str = "git::tests::large::a_hundred_thousand_lines_are_read_in_bounded_memory";

fn large() -> Made {
    let begin = days_ago(30).0 / 1_000;
    let mut text = format!("commit refs/heads/main\ncommitter ann <ann@acme.io> {begin} +0000\ndata 4\nwork\n");
    for n in 0..FILES {
        let body: String = (0..LINES / 5)
            .map(|f| format!("def work_{n}_{f}(a, b):\n    for x in a:\n        if x and b > {f}:\n            b += {n}\n    return b\n"))
            .collect();
        let _ = write!(text, "M 100644 inline part{}/file{n}.py\ndata {}\n{body}\n", n % 20, body.len());
    }
    let made = Made::new();
    made.git_with(&["fast-import", "--quiet"], text.as_bytes());
    made
}

/// A figure of this process's memory, KB.
fn memory(name: &str) -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says it");
    let line = status.lines().find_map(|l| l.strip_prefix(name)).expect("a figure");
    line.trim_matches([':', '\t', ' ']).trim_end_matches(" kB").trim().parse().expect("a number")
}

#[tokio::test]
async fn a_hundred_thousand_lines_are_read_in_bounded_memory() {
    if let Some(path) = std::env::var_os(CHILD) {
        let connector = crate::git::connect(account(path.to_str().expect("text"), &[])).await.expect("connects");
        let before = memory("VmRSS");
        let scope = read_with(connector.as_ref(), &last_days(90)).await;
        let lines = setting(&scope, key::CODE_LINES, None).expect("said");
        println!("\nread {lines} {}", memory("VmHWM") - before);
        return;
    }
    let made = large();
    let mut command = std::process::Command::new(std::env::current_exe().expect("this program"));
    let out = command.args([NAME, "--exact", "--nocapture"]).env(CHILD, made.path()).output().expect("runs");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let found = said.lines().find_map(|l| l.strip_prefix("read ")).unwrap_or_else(|| panic!("{said}"));
    let (lines, grown) = found.split_once(' ').expect("two numbers");
    assert_eq!(lines, (FILES * LINES).to_string());
    let grown: i64 = grown.parse().expect("a number");
    assert!(grown <= MOST_KB, "reading added {grown} KB");
}

#[tokio::test]
async fn progress_is_told_and_a_stop_in_the_middle_ends_the_reading() {
    let made = large();
    let connector = crate::git::connect(account(&made.path(), &[])).await.expect("connects");
    let plan = connector.scopes().await.expect("scopes").remove(0);
    let check = async |stop_at: Option<u32>| {
        let window = last_days(90);
        let steps: Arc<Mutex<Vec<(u32, u32, String)>>> = Arc::default();
        let (told, cancel) = (steps.clone(), window.cancel.clone());
        let progress = Progress::new(move |step| {
            told.lock().expect("free").push((step.done, step.total, step.what.to_owned()));
            if stop_at.is_some_and(|at| step.done >= at) {
                cancel.cancel();
            }
        });
        let scope = connector.read(&plan, &window, &progress).await;
        let steps = steps.lock().expect("free").clone();
        (scope, steps)
    };
    let (scope, steps) = check(None).await;
    assert_eq!(bodies::<CodeStat>(&scope).len(), FILES);
    let files: Vec<u32> = steps.iter().filter(|s| s.2 == "reading files").map(|s| s.0).collect();
    assert_eq!(files, [0, 200, 400, 600, 800], "told every 200 files");
    assert!(steps.iter().all(|s| s.0 <= s.1), "{steps:?}");
    assert!(steps.iter().any(|s| s.2 == "reading commits"));
    let (scope, steps) = check(Some(200)).await;
    assert!(scope.gaps.iter().any(|g| g.reason == GapReason::Cancelled), "{:?}", scope.gaps);
    assert!(steps.iter().all(|s| s.2 != "reading commits"), "it went on: {steps:?}");
}

#[tokio::test]
async fn beyond_the_limit_nobody_says_how_much_was_measured() {
    let made = Made::new();
    let written = |kind: &str, text: &[u8]| {
        let id = made.git_with(&["hash-object", "-w", "-t", kind, "--stdin"], text);
        String::from_utf8(id).expect("text").trim().to_owned()
    };
    let tree = |lines: Vec<String>| {
        let id = made.git_with(&["mktree"], lines.concat().as_bytes());
        String::from_utf8(id).expect("text").trim().to_owned()
    };
    let picture = written("blob", b"a picture");
    let folder = tree((0..1_000).map(|n| format!("100644 blob {picture}\t{n}.png\n")).collect());
    let folders = tree((0..301).map(|n| format!("040000 tree {folder}\t{n}\n")).collect());
    let source = written("blob", b"x = 1\n");
    let root = tree(vec![format!("100644 blob {source}\ta.py\n"), format!("040000 tree {folders}\tstatic\n")]);
    let commit = made.git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", &root, "-m", "x"]);
    made.git(&["update-ref", "refs/heads/main", String::from_utf8(commit).expect("text").trim()]);
    let scope = read(&made, &[]).await;
    assert_eq!(setting(&scope, key::CODE_FILES, None).as_deref(), Some("1"));
    assert_eq!(setting(&scope, key::CODE_UNMEASURED, None), None);
    let cut = |g: &loadline_model::Gap| g.reason == GapReason::LimitReached && g.subject.is_some();
    assert!(scope.gaps.iter().any(|g| cut(g) && g.detail.contains("300,000")), "{:?}", scope.gaps);
}
