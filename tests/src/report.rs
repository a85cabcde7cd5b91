//! The demo through the command line: assessment, report, bundle, determinism.

use crate::program::Home;
use std::process::Command;

fn demo(home: &Home, words: &[&str], as_of: &str) -> serde_json::Value {
    let mut all = words.to_vec();
    all.extend(["--workspace", "demo", "--as-of", as_of, "--json"]);
    let said = home.run(&all).expect("runs");
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    said.json().expect("json")
}

fn pdf_text(home: &Home, as_of: &str) -> String {
    let path = home.path(&format!("{as_of}.pdf"));
    let file = path.display().to_string();
    let words = ["report", "--workspace", "demo", "--as-of", as_of, "--format", "pdf", "-o", &file];
    let said = home.run(&words).expect("runs");
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    let out = Command::new("pdftotext").args(["-layout", &file, "-"]).output().expect("poppler-utils is installed");
    assert!(out.status.success());
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn the_after_report_proves_the_improvement_and_the_before_report_shows_the_one_host() {
    let home = Home::new().expect("home");
    let after = pdf_text(&home, "after");
    let flat = after.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("improved"), "{flat}");
    assert!(flat.contains("95 % interval"), "{flat}");
    assert!(!flat.contains("NaN") && !flat.contains("inf "), "{flat}");
    let before = pdf_text(&home, "before");
    assert!(before.contains("vm-1") && before.contains("100"), "{before}");
}

#[test]
fn the_demo_tells_its_story_through_the_same_stages() {
    let home = Home::new().expect("home");
    let before = demo(&home, &["assess"], "before");
    let after = demo(&home, &["assess"], "after");
    let number =
        |v: &serde_json::Value, path: &str| v.pointer(path).and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN);
    assert!(number(&before, "/score/proven") < 50.0 && number(&after, "/score/proven") > 70.0);
    let host = before["spofs"]
        .as_array()
        .expect("spofs")
        .iter()
        .find(|s| s["subject"]["name"] == "vm-1")
        .expect("vm-1")
        .clone();
    assert_eq!(host["blast_radius"], 1.0);
    assert!(!after["spofs"].as_array().expect("spofs").iter().any(|s| s["subject"]["name"] == "vm-1"));
    let median = |v: &serde_json::Value| {
        let rows = v["latency"].as_array().expect("latency").clone();
        rows.iter().find(|l| l["route"].is_null()).and_then(|l| l["last_week"]["p50"].as_f64()).expect("merged median")
    };
    assert!((1.0..=2.0).contains(&median(&before)), "{}", median(&before));
    assert!((0.2..=0.3).contains(&median(&after)), "{}", median(&after));
    let improved =
        after["comparisons"].as_array().expect("comparisons").iter().filter(|c| c["verdict"] == "improved").count();
    assert!(improved >= 2, "{improved} improvements");
    let used = after["roadmap"]["sprints"][0].clone();
    assert!(used.is_null() || number(&used, "/used_half_days") <= number(&used, "/budget_half_days"));
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let home = Home::new().expect("home");
    let words = ["assess", "--workspace", "demo", "--as-of", "midway", "--json"];
    let first = home.run(&words).expect("runs");
    let second = home.run_with(&words, &[("TZ", "Asia/Tokyo"), ("LANG", "tr_TR.UTF-8")]).expect("runs");
    assert_eq!(first.out, second.out);
    assert!(!first.out.contains("NaN"));
}

fn unpacked(bundle: &std::path::Path) -> String {
    let json = zstd::decode_all(std::fs::File::open(bundle).expect("bundle")).expect("unpacks");
    String::from_utf8(json).expect("utf-8")
}

#[test]
fn a_bundle_verifies_and_a_changed_number_is_found() {
    let home = Home::new().expect("home");
    for redact in [false, true] {
        let path = home.path("demo.bundle.json.zst");
        let file = path.display().to_string();
        let mut words = vec!["report", "--workspace", "demo", "--as-of", "midway", "--format", "bundle", "-o", &file];
        if redact {
            words.push("--redact");
        }
        assert_eq!(home.run(&words).expect("runs").code, 0);
        let verified = home.run(&["verify", &file]).expect("runs");
        assert_eq!(verified.code, 0, "{} {}", verified.out, verified.err);
        assert!(std::fs::metadata(&path).expect("bundle").len() < 8 << 20, "small enough to send");
        // Unpacked as a reviewer would; the changed copies below are plain JSON, which is read as well.
        let text = unpacked(&path);
        if redact {
            assert!(!text.contains("app.harbor.example"), "redacted names remain");
        }
        let mut value: serde_json::Value = serde_json::from_str(&text).expect("json");
        value["assessment"]["score"]["proven"] = serde_json::json!(99.0);
        std::fs::write(&path, value.to_string()).expect("written");
        let wrong = home.run(&["verify", &file]).expect("runs");
        assert_eq!(wrong.code, 1);
        assert!(wrong.out.contains("/score/proven"), "{}", wrong.out);
        value["model_version"] = serde_json::json!("1999.01-1");
        std::fs::write(&path, value.to_string()).expect("written");
        assert_eq!(home.run(&["verify", &file]).expect("runs").code, 3);
    }
}

#[test]
fn every_format_and_every_reading_command_works_on_the_demo() {
    let home = Home::new().expect("home");
    for format in ["html", "md", "xlsx", "csv"] {
        let file = home.path(&format!("r.{format}")).display().to_string();
        let said = home.run(&["report", "--workspace", "demo", "--format", format, "-o", &file]).expect("runs");
        assert_eq!(said.code, 0, "{format}: {} {}", said.out, said.err);
        assert!(std::fs::metadata(&file).expect("file").len() > 500, "{format}");
    }
    for command in [
        "findings",
        "spofs",
        "score",
        "capacity",
        "roadmap",
        "deployments",
        "compare",
        "gaps",
        "accounts",
        "journeys",
        "team",
        "review",
        "decisions",
    ] {
        let json = demo(&home, &[command], "after");
        assert!(json["schema"].as_str().is_some_and(|s| s.starts_with("loadline.")), "{command}");
        let text = home.run(&[command, "--workspace", "demo"]).expect("runs");
        assert_eq!(text.code, 0, "{command}: {}", text.err);
        assert!(!text.out.trim().is_empty() && !text.out.contains("NaN"), "{command}");
    }
    assert_eq!(
        home.run(&["assess", "--workspace", "demo", "--as-of", "before", "--fail-on", "not_ready"]).expect("runs").code,
        4
    );
    assert_eq!(
        home.run(&["assess", "--workspace", "demo", "--as-of", "after", "--fail-on", "not_ready"]).expect("runs").code,
        0
    );
    assert!(home.run(&["rules"]).expect("runs").out.lines().filter(|l| l.contains('-')).count() >= 40);
}

#[test]
fn the_demo_opens_quickly_enough_to_be_used() {
    // Not a timed test: it only proves that the file is small and that nothing is fetched.
    let bytes = std::fs::metadata(crate::program::root().join("assets/demo/demo.json.zst")).expect("demo").len();
    assert!(bytes < 3 << 20, "{bytes}");
}
