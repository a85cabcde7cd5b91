//! Embeds the window and the licence notices of every part that is linked in.

use std::path::Path;
use std::process::Command;

fn main() {
    // Without this a file ADDED to dist/ is not noticed, and a stale window is embedded.
    println!("cargo:rerun-if-changed=../dist");
    println!("cargo:rerun-if-changed=../Cargo.lock");
    if !Path::new("../dist/index.html").exists() {
        // Tests of other crates build the shell without a window; the real one is made by `cargo xtask ui`.
        let made = std::fs::create_dir_all("../dist").and_then(|()| {
            std::fs::write(
                "../dist/index.html",
                "<!doctype html><title>Loadline</title><p>Build the window first: cargo xtask ui</p>",
            )
        });
        if let Err(error) = made {
            println!("cargo:warning=dist/ could not be made: {error}");
        }
    }
    if let Err(error) = licences() {
        println!("cargo:warning=licence notices are missing: {error}");
    }
    // Here and not in a macro: the program and its tests are compiled at once, and both would write the same files, one of
    // them reading what the other has half written.
    let attributes = tauri_build::Attributes::new().codegen(tauri_build::CodegenContext::new());
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:error={error:#}");
        std::process::exit(1);
    }
}

/// Name, version and licence of every package, as `name\tversion\tlicence` lines.
fn licences() -> Result<(), Box<dyn std::error::Error>> {
    let cargo = std::env::var("CARGO")?;
    let target = std::env::var("TARGET")?;
    let words = ["metadata", "--format-version", "1", "--filter-platform", &target, "--manifest-path", "../Cargo.toml"];
    let out = Command::new(cargo).args(words).output()?;
    let text = String::from_utf8(out.stdout)?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let mut lines: Vec<String> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|p| !p["source"].is_null())
        .map(|p| {
            let word = |key: &str| p[key].as_str().unwrap_or("see its repository").to_owned();
            format!("{}\t{}\t{}", word("name"), word("version"), word("license"))
        })
        .collect();
    lines.sort();
    lines.dedup();
    lines.push("Inter (typeface)\t4\tOFL-1.1".into());
    lines.push("JetBrains Mono (typeface)\t2\tOFL-1.1".into());
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("licences.tsv"), lines.join("\n"))?;
    Ok(())
}
