//! The tree itself: nothing too long, nothing unfinished, every crate says what it is for.

use crate::program::root;
use std::path::{Path, PathBuf};
use std::process::Command;

fn tracked() -> Vec<PathBuf> {
    let out = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let out = out.expect("git runs");
    let text = String::from_utf8(out.stdout).expect("utf-8");
    text.lines().map(PathBuf::from).filter(|p| root().join(p).is_file()).collect()
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|e| endings.iter().any(|x| e == *x))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_default()
}

#[test]
fn no_file_is_too_long_and_the_median_is_short() {
    let mut lengths: Vec<(usize, PathBuf)> = tracked()
        .into_iter()
        .filter(|p| has_ending(p, &["rs", "css", "js", "html", "sql", "typ"]))
        .map(|p| (read(&p).lines().count(), p))
        .collect();
    lengths.sort();
    let (longest, path) = lengths.last().expect("files");
    assert!(*longest <= 500, "{} has {longest} lines", path.display());
    let rust: Vec<usize> = lengths.iter().filter(|(_, p)| has_ending(p, &["rs"])).map(|(n, _)| *n).collect();
    assert!(rust[rust.len() / 2] <= 150, "the median Rust file has {} lines", rust[rust.len() / 2]);
    let rules = lengths.iter().filter(|(_, p)| p.starts_with("src-tauri/crates/loadline-rules/src"));
    for (n, path) in rules.filter(|(_, p)| read(p).contains("pub(super) const RULE: Rule")) {
        assert!(*n <= 200, "the rule file {} has {n} lines", path.display());
    }
}

#[test]
fn every_crate_opens_with_its_purpose() {
    for path in tracked().iter().filter(|p| p.ends_with("src/lib.rs") || p.ends_with("src/main.rs")) {
        assert!(read(path).starts_with("//!"), "{} does not open with its purpose", path.display());
    }
}

#[test]
fn nothing_is_unfinished_and_nothing_is_called_vaguely() {
    // Written in parts so that this file does not find itself.
    let unfinished =
        [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["todo", "!("].concat(), ["unimplemented", "!("].concat()];
    for path in tracked().iter().filter(|p| has_ending(p, &["rs", "css", "js", "html", "sql", "typ", "toml"])) {
        let text = read(path);
        for word in &unfinished {
            assert!(!text.contains(word.as_str()), "{} holds {word}", path.display());
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let vague = ["utils", "util", "helpers", "helper", "common", "manager", "service", "misc", "processor"];
        assert!(!vague.contains(&stem.as_str()), "{} has a vague name", path.display());
    }
}

/// A property that nobody sets makes its whole declaration void, and no tool says so.
#[test]
fn every_custom_property_that_styles_use_is_set() {
    let names = |text: &str, before: &str| -> Vec<String> {
        let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        text.split(before).skip(1).map(name).collect()
    };
    let all: String =
        tracked().iter().filter(|p| p.starts_with("ui") && has_ending(p, &["css", "rs"])).map(|p| read(p)).collect();
    let sets = |name: &String| all.contains(&format!("--{name}:")) || all.contains(&format!("style:--{name}="));
    let used: Vec<String> = names(&all, "var(--").into_iter().filter(|name| !name.is_empty()).collect();
    assert!(used.len() > 100, "{}", used.len());
    let unset: Vec<&String> = used.iter().filter(|name| !sets(name)).collect();
    assert!(unset.is_empty(), "{unset:?}");
}

#[test]
fn no_test_is_ignored() {
    let word = ["#[", "ignore"].concat();
    for path in tracked().iter().filter(|p| has_ending(p, &["rs"])) {
        assert!(!read(path).contains(&word), "{} holds an ignored test", path.display());
    }
}

#[test]
fn the_top_level_is_the_map() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "src-tauri",
        "ui",
        "assets",
        "tests",
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "rust-toolchain.toml",
    ];
    for path in tracked() {
        let first = path.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
        assert!(
            first.starts_with('.') || allowed.contains(&first.as_str()),
            "{first} does not belong to the top level"
        );
    }
}

#[test]
fn documents_name_the_commands_and_stay_clean() {
    let readme = read(Path::new("README.md"));
    for words in ["cargo xtask start", "cargo xtask test", "macOS", "Windows"] {
        assert!(readme.contains(words), "README does not name `{words}`");
    }
    assert!(read(Path::new(".ci/run")).contains("cargo xtask test"));
    let changelog = read(Path::new("CHANGELOG.md"));
    assert!(changelog.contains("## "), "CHANGELOG has no section");
    for path in tracked().iter().filter(|p| has_ending(p, &["rs", "md", "toml", "json", "css", "html"])) {
        let text = read(path);
        for private in [
            ["/work", "/"].concat(),
            ["/root", "/"].concat(),
            ["crates", ".io"].concat(),
            ["registry.npm", "js"].concat(),
        ] {
            assert!(!text.contains(&private), "{} holds {private}", path.display());
        }
    }
}

#[test]
fn only_one_room_knows_the_keychain_and_only_the_clock_reads_the_time() {
    for path in tracked().iter().filter(|p| has_ending(p, &["rs"]) && p.starts_with("src-tauri")) {
        let text = read(path);
        if text.contains("keyring::") {
            assert!(path.starts_with("src-tauri/crates/loadline-secrets"), "{} touches the keychain", path.display());
        }
    }
}
