//! Promises of the everyday: two programs at once, backup and restore, disconnect, recorded deployments, undo, no telemetry.

use crate::program::Home;
use std::process::{Command, Stdio};

fn connect_demo(home: &Home) {
    assert_eq!(home.run(&["connect", "demo", "--name", "story", "--set", "as_of=midway"]).expect("runs").code, 0);
    let collected = home.run(&["collect"]).expect("runs");
    assert!([0, 3].contains(&collected.code), "{} {}", collected.out, collected.err);
}

#[test]
fn disconnecting_keeps_history_and_turns_checks_unknown() {
    let home = Home::new().expect("home");
    connect_demo(&home);
    let known = home.run(&["score", "--json"]).expect("runs").json().expect("json");
    assert_eq!(home.run(&["disconnect", "story"]).expect("runs").code, 0);
    // Another account makes the next snapshot possible.
    assert_eq!(
        home.run(&[
            "deployments",
            "record",
            "--service",
            "api",
            "--environment",
            "production",
            "--revision",
            "abc",
            "--started-at",
            "2026-11-01T10:00:00Z",
            "--finished-at",
            "2026-11-01T10:05:00Z",
            "--status",
            "succeeded",
            "--actor-kind",
            "pipeline"
        ])
        .expect("runs")
        .code,
        0
    );
    let after = home.run(&["assess", "--json"]).expect("runs").json().expect("json");
    assert!(after["score"]["proven"].as_f64() < known["score"]["proven"].as_f64());
    let resolved = after["resolved"].as_array().expect("resolved").len();
    assert_eq!(resolved, 0, "a disconnected account resolves nothing");
    assert!(after["findings"].as_array().expect("findings").iter().any(|f| f["gap"]["reason"] == "not_connected"));
}

#[test]
fn recording_a_deployment_twice_changes_nothing() {
    let home = Home::new().expect("home");
    let words = [
        "deployments",
        "record",
        "--service",
        "api",
        "--environment",
        "production",
        "--revision",
        "abc",
        "--started-at",
        "2026-11-01T10:00:00Z",
        "--finished-at",
        "2026-11-01T10:05:00Z",
        "--status",
        "succeeded",
        "--actor-kind",
        "pipeline",
    ];
    assert!(home.run(&words).expect("runs").out.starts_with("1 of 1"));
    assert!(home.run(&words).expect("runs").out.starts_with("0 of 1"));
    let csv = home.path("d.csv");
    std::fs::write(&csv, "service,environment,sha,started_at,finished_at,status,actor_kind\napi,production,abc,2026-11-01T10:00:00Z,2026-11-01T10:05:00Z,succeeded,pipeline\napi,production,def,2026-11-02T10:00:00Z,2026-11-02T10:05:00Z,failed,person\n").expect("csv");
    let said = home.run(&["deployments", "import", &csv.display().to_string()]).expect("runs");
    assert!(said.out.starts_with("1 of 2"), "{} {}", said.out, said.err);
    let listed = home.run(&["deployments", "--json"]).expect("runs").json().expect("json");
    assert_eq!(listed["deployments"].as_array().expect("rows").len(), 2);
}

#[test]
fn decisions_are_logged_applied_and_undone() {
    let home = Home::new().expect("home");
    connect_demo(&home);
    let findings = home.run(&["findings", "--result", "fail", "--json"]).expect("runs").json().expect("json");
    let id = findings["findings"][0]["fingerprint"].as_str().expect("a finding").to_owned();
    let score = || home.run(&["score", "--json"]).expect("runs").json().expect("json")["score"]["proven"].clone();
    let before = score();
    let accept = ["accept", &id, "--owner", "mira", "--reason", "known", "--until", "2099-01-01"];
    assert_eq!(home.run(&accept).expect("runs").code, 0);
    let state = |id: &str| {
        let all = home.run(&["findings", "--json"]).expect("runs").json().expect("json");
        let found = all["findings"].as_array().expect("rows").iter().find(|f| f["fingerprint"] == id).cloned();
        found.expect("still listed")["state"].as_str().expect("state").to_owned()
    };
    assert_eq!(state(&id), "accepted");
    assert_eq!(before, score(), "accepting never raises the score");
    assert_eq!(home.run(&["decisions", "--undo", "1"]).expect("runs").code, 0);
    assert_ne!(state(&id), "accepted");
    let log = home.run(&["decisions", "--json"]).expect("runs").json().expect("json");
    assert_eq!(log["decisions"].as_array().expect("rows").len(), 2, "undoing is a decision too");
    assert_eq!(home.run(&["team", "set", "--people", "8", "--share", "0.1"]).expect("runs").code, 0);
    let team = home.run(&["team", "--json"]).expect("runs").json().expect("json");
    assert_eq!(team["team"]["people"], 8);
}

#[test]
fn two_programs_on_one_workspace_and_backup_and_restore() {
    let home = Home::new().expect("home");
    connect_demo(&home);
    let mut children: Vec<_> = (0..3)
        .map(|_| {
            home.command(&["assess", "--json"])
                .expect("command")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .expect("spawns")
        })
        .collect();
    let decided = home.run(&["tier", "t1", "service:harbor/api"]).expect("runs");
    assert_eq!(decided.code, 0, "{}", decided.err);
    for child in &mut children {
        assert!(child.wait().expect("ends").success());
    }
    let backup = home.path("backup.loadline").display().to_string();
    assert_eq!(home.run(&["backup", &backup]).expect("runs").code, 0);
    let place = home.path("restored.loadline").display().to_string();
    let restored = home.run(&["restore", &backup, "--workspace", &place]).expect("runs");
    assert_eq!(restored.code, 0, "{}", restored.err);
    let one = home.run(&["findings", "--json"]).expect("runs").out;
    let two = home.run(&["findings", "--json", "--workspace", &place]).expect("runs").out;
    assert_eq!(one, two);
}

#[test]
fn diagnostics_hold_no_names() {
    let home = Home::new().expect("home");
    connect_demo(&home);
    let file = home.path("diagnostics.json").display().to_string();
    assert_eq!(home.run(&["diagnostics", &file]).expect("runs").code, 0);
    let text = std::fs::read_to_string(&file).expect("file");
    assert!(text.contains("loadline.diagnostics/1") && !text.contains("harbor"), "{text}");
}

/// Every socket the program opens while it assesses, reports and explains: none leaves the machine.
#[test]
fn nothing_is_sent_anywhere() {
    let home = Home::new().expect("home");
    let file = home.path("r.pdf").display().to_string();
    for words in [
        vec!["assess", "--workspace", "demo"],
        vec!["report", "--workspace", "demo", "--format", "pdf", "-o", &file],
        vec!["rules"],
    ] {
        let program = crate::program::program().expect("built");
        let log = home.path("trace").display().to_string();
        let traced = Command::new("strace")
            .args(["-f", "-e", "trace=connect,sendto", "-o", &log])
            .arg(&program)
            .args(&words)
            .env("HOME", home.path(""))
            .env("XDG_DATA_HOME", home.path("data"))
            .stdout(Stdio::null())
            .output();
        let traced = traced.expect("strace is installed");
        assert!(traced.status.success(), "{}", String::from_utf8_lossy(&traced.stderr));
        let calls = std::fs::read_to_string(&log).expect("trace");
        let outside: Vec<&str> = calls.lines().filter(|l| l.contains("AF_INET")).collect();
        assert!(outside.is_empty(), "{words:?} opened {outside:?}");
    }
}

#[test]
fn a_secret_goes_into_the_passphrase_file_and_nowhere_else() {
    let home = Home::new().expect("home");
    let file = home.path("secrets.age").display().to_string();
    let place = format!("file:{file}");
    let words = [
        "connect",
        "prometheus",
        "--url",
        "http://127.0.0.1:1",
        "--name",
        "m",
        "--secret-stdin",
        "--secret-store",
        &place,
        "--passphrase-env",
        "PASS",
    ];
    let mut child = home
        .command(&words)
        .expect("command")
        .env("PASS", "open sesame")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("spawns");
    use std::io::Write as _;
    child.stdin.take().expect("stdin").write_all(b"canary-77aa").expect("typed");
    assert!(child.wait().expect("ends").success());
    for (path, bytes) in home.files().expect("files") {
        assert!(!bytes.windows(11).any(|w| w == b"canary-77aa"), "the secret is in {}", path.display());
    }
    assert!(std::fs::metadata(&file).expect("secret file").len() > 100);
}

#[test]
fn without_a_keychain_the_refusal_says_what_to_do() {
    let home = Home::new().expect("home");
    let mut command =
        home.command(&["connect", "prometheus", "--url", "http://127.0.0.1:1", "--secret-stdin"]).expect("command");
    command.env_remove("DBUS_SESSION_BUS_ADDRESS").env("XDG_RUNTIME_DIR", home.path("none"));
    let mut child =
        command.stdin(Stdio::piped()).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("spawns");
    use std::io::Write as _;
    child.stdin.take().expect("stdin").write_all(b"s3cret").expect("typed");
    let out = child.wait_with_output().expect("ends");
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success() && err.contains("secret_store") && err.contains("--secret-env"), "{err}");
}
