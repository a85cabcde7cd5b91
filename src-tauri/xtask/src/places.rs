//! Where things are.

use std::path::PathBuf;

/// The checkout. Cargo names it at run time; what was compiled in may be another clone's that shares the compiled code.
pub(crate) fn root() -> PathBuf {
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.ancestors().nth(2).unwrap_or(&manifest).to_path_buf()
}

/// Cargo's output folder: `CARGO_TARGET_DIR` or `target/`.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) if !dir.is_empty() => root().join(dir),
        _ => root().join("target"),
    }
}

/// The built window that the shell embeds.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Tools and baselines that are installed once per machine, by version, outside the checkout.
pub(crate) fn cache() -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let home = std::env::var_os("HOME").map_or_else(std::env::temp_dir, PathBuf::from);
    base.unwrap_or_else(|| home.join(".cache")).join("loadline-tools")
}
