//! The window: wasm, its bindings, styles and fonts, written to `dist/` for the shell to embed.

use crate::places;
use crate::run::{cargo, run};
use crate::wasm;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Builds the window; `release` for the small wasm.
pub(crate) fn build(release: bool) -> Result<()> {
    build_with(release, &[])
}

/// The same with features that no shipped window has.
pub(crate) fn build_with(release: bool, features: &[&str]) -> Result<()> {
    wasm::ensure_target()?;
    let profile = if release { "wasm-release" } else { "dev" };
    let folder = if release { "wasm-release" } else { "debug" };
    // A folder of its own: the wasm build then neither waits for nor disturbs the native one.
    let target = places::target().join("ui");
    let mut command =
        cargo(&["build", "-p", "loadline-ui", "--target", "wasm32-unknown-unknown", "--profile", profile]);
    if !features.is_empty() {
        command.arg("--features").arg(features.join(","));
    }
    command.arg("--target-dir").arg(&target).env_remove("CARGO_TARGET_DIR");
    if let Some(name) = wasm::toolchain() {
        command.env("RUSTUP_TOOLCHAIN", name).env_remove("RUSTC").env_remove("CARGO");
    }
    run(&mut command)?;
    let wasm = target.join("wasm32-unknown-unknown").join(folder).join("loadline-ui.wasm");
    let fresh = places::target().join("ui").join("dist-next");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(&wasm)
        .web(true)?
        .typescript(false)
        .keep_debug(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name("ui")
        .generate(&fresh)
        .context("wasm-bindgen could not make the bindings")?;
    static_files(&fresh)?;
    replace(&fresh, &places::dist())
}

/// Builds the pure stages as a wasm module for node, for the proof that both worlds give the same bytes.
pub(crate) fn build_worlds() -> Result<std::path::PathBuf> {
    let target = places::target().join("ui");
    let mut command = cargo(&["build", "-p", "loadline-worlds", "--target", "wasm32-unknown-unknown"]);
    command.arg("--target-dir").arg(&target).env_remove("CARGO_TARGET_DIR");
    if let Some(name) = wasm::toolchain() {
        command.env("RUSTUP_TOOLCHAIN", name).env_remove("RUSTC").env_remove("CARGO");
    }
    run(&mut command)?;
    let out = places::target().join("worlds");
    fs::create_dir_all(&out)?;
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(target.join("wasm32-unknown-unknown/debug/loadline_worlds.wasm"))
        .nodejs(true)?
        .typescript(false)
        .out_name("worlds")
        .generate(&out)
        .context("wasm-bindgen could not make the bindings")?;
    Ok(out.join("worlds.js"))
}

fn static_files(out: &Path) -> Result<()> {
    let ui = places::root().join("ui");
    for name in ["index.html", "boot.js"] {
        fs::copy(ui.join(name), out.join(name)).with_context(|| format!("ui/{name} is missing"))?;
    }
    fs::write(out.join("style.css"), styles(&ui.join("styles"))?)?;
    fs::create_dir_all(out.join("fonts"))?;
    for entry in fs::read_dir(places::root().join("assets/fonts"))?.flatten() {
        if entry.path().extension().is_some_and(|e| e == "woff2") {
            fs::copy(entry.path(), out.join("fonts").join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Tokens and base first, the rest by name.
fn styles(folder: &Path) -> Result<String> {
    let mut files: Vec<_> = fs::read_dir(folder).context("ui/styles is missing")?.flatten().map(|e| e.path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "css"));
    let rank = |name: &str| match name {
        "tokens.css" => 0,
        "base.css" => 1,
        _ => 2,
    };
    files.sort_by_key(|p| {
        let name = p.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (rank(&name), name)
    });
    let mut all = String::new();
    for file in files {
        all.push_str(&fs::read_to_string(file)?);
        all.push('\n');
    }
    Ok(all)
}

/// Moves only what changed, so that an unchanged window does not rebuild the shell.
fn replace(fresh: &Path, dist: &Path) -> Result<()> {
    let files = listing(fresh)?;
    let old = if dist.exists() { listing(dist)? } else { Vec::new() };
    let same = files.len() == old.len()
        && files.iter().all(|f| old.contains(f) && fs::read(fresh.join(f)).ok() == fs::read(dist.join(f)).ok());
    if !same {
        if dist.exists() {
            fs::remove_dir_all(dist)?;
        }
        for file in files {
            let to = dist.join(&file);
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::copy(fresh.join(&file), to)?;
        }
    }
    Ok(())
}

fn listing(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(dir) = waiting.pop() {
        for entry in fs::read_dir(dir)?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path.strip_prefix(folder)?.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}
