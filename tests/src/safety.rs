//! Promises of the everyday: two programs at once, backup and restore, disconnect, recorded deployments, undo, no telemetry.

use crate::program::{Home, ended, piped, typed};
use std::process::{Command, Stdio};

/// One deployment, recorded by hand.
const RECORD: [&str; 16] = [
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
    assert_eq!(home.run(&RECORD).expect("runs").code, 0);
    let after = home.run(&["assess", "--json"]).expect("runs").json().expect("json");
    assert!(after["score"]["proven"].as_f64() < known["score"]["proven"].as_f64());
    let resolved = after["resolved"].as_array().expect("resolved").len();
    assert_eq!(resolved, 0, "a disconnected account resolves nothing");
    assert!(after["findings"].as_array().expect("findings").iter().any(|f| f["gap"]["reason"] == "not_connected"));
}

#[test]
fn recording_a_deployment_twice_changes_nothing() {
    let home = Home::new().expect("home");
    assert!(home.run(&RECORD).expect("runs").out.starts_with("1 of 1"));
    assert!(home.run(&RECORD).expect("runs").out.starts_with("0 of 1"));
    let csv = home.path("d.csv");
    std::fs::write(&csv, "service,environment,sha,started_at,finished_at,status,actor_kind\napi,production,abc,2026-11-01T10:00:00Z,2026-11-01T10:05:00Z,succeeded,pipeline\napi,production,def,2026-11-02T10:00:00Z,2026-11-02T10:05:00Z,failed,person\n").expect("csv");
    let said = home.run(&["deployments", "import", &csv.display().to_string()]).expect("runs");
    assert!(said.out.starts_with("1 of 2"), "{} {}", said.out, said.err);
    let listed = home.run(&["deployments", "--json"]).expect("runs").json().expect("json");
    assert_eq!(listed["deployments"].as_array().expect("rows").len(), 2);
}

#[test]
fn a_file_of_another_tool_is_kept_or_refused_with_a_code() {
    let home = Home::new().expect("home");
    let file = home.path("lcov.info");
    let path = file.display().to_string();
    let import = || home.run(&["import", "lcov", &path, "--repository", "shop"]).expect("runs");
    std::fs::write(&file, "SF:src/a.py\nDA:1,1\nDA:2,0\nend_of_record\n").expect("written");
    let kept = import();
    assert!(kept.code == 0 && kept.out.starts_with("LCOV: tests run 1 of 2 lines"), "{} {}", kept.out, kept.err);
    std::fs::write(&file, "SF:../a.py\nDA:1,1\nend_of_record\n").expect("written");
    let refused = import();
    assert!(refused.code == 1 && refused.err.contains("(import_path_outside)"), "{} {}", refused.out, refused.err);
    assert_eq!(home.run(&["import", "guess", &path]).expect("runs").code, 2);
}

#[test]
fn what_people_answer_convicts_and_is_undone() {
    let home = Home::new().expect("home");
    assert_eq!(home.run(&RECORD).expect("runs").code, 0);
    let result = || {
        let found = home.run(&["findings", "--rule", "PPL-004", "--json"]).expect("runs").json().expect("json");
        found["findings"][0]["result"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(result(), "unknown");
    assert_eq!(home.run(&["answer", "oncall.people", "1"]).expect("runs").code, 0);
    assert_eq!(result(), "fail");
    assert_eq!(home.run(&["decisions", "--undo", "1"]).expect("runs").code, 0);
    assert_eq!(result(), "unknown");
    assert_eq!(home.run(&["answer", "oncall.people", "many"]).expect("runs").code, 2);
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
    let assessing = || piped(home.command(&["assess", "--json"])?.stdin(Stdio::null())).spawn().map_err(Into::into);
    let children: anyhow::Result<Vec<_>> = (0..3).map(|_| assessing()).collect();
    let decided = home.run(&["tier", "t1", "service:harbor/api"]).expect("runs");
    assert_eq!(decided.code, 0, "{}", decided.err);
    for child in children.expect("spawns") {
        let said = ended(child).expect("ends");
        assert_eq!(said.code, 0, "{}", said.err);
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
    let mut command = home.command(&words).expect("command");
    let said = typed(command.env("PASS", "open sesame"), "canary-77aa").expect("runs");
    assert_eq!(said.code, 0, "{}", said.err);
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
    let said = typed(&mut command, "s3cret").expect("runs");
    assert!(said.code != 0 && said.err.contains("secret_store") && said.err.contains("--secret-env"), "{}", said.err);
}
