//! The wasm32 target: rustup's own where it can be had, Debian's sources otherwise.

use crate::run::{output, run, succeeds};
use crate::{install, places};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const TOOLCHAIN: &str = "loadline-wasm";

/// Makes the target available to cargo, or says what to do.
pub(crate) fn ensure_target() -> Result<()> {
    if has_target(&mut Command::new("rustc")) || linked_toolchain_works() {
        return Ok(());
    }
    eprintln!("installing the {TARGET} target");
    // Where the toolchain's server cannot be reached rustup may wait for ever; only Linux has `timeout` as we mean it.
    let mut add = if cfg!(target_os = "linux") { Command::new("timeout") } else { Command::new("rustup") };
    if cfg!(target_os = "linux") {
        add.args(["120", "rustup"]);
    }
    let added = succeeds(add.args(["target", "add", TARGET]));
    if added && has_target(&mut Command::new("rustc")) {
        return Ok(());
    }
    build_from_debian()
}

/// `Some(name)` when cargo must be called with this rustup toolchain to have the target.
pub(crate) fn toolchain() -> Option<&'static str> {
    (!has_target(&mut Command::new("rustc"))).then_some(TOOLCHAIN)
}

fn linked_toolchain_works() -> bool {
    has_target(Command::new("rustc").arg(format!("+{TOOLCHAIN}")))
}

fn has_target(rustc: &mut Command) -> bool {
    let Ok(out) = rustc.args(["--print", "target-libdir", "--target", TARGET]).output() else { return false };
    if !out.status.success() {
        return false;
    }
    let dir = PathBuf::from(String::from_utf8_lossy(&out.stdout).trim());
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    entries.flatten().any(|e| {
        let name = e.file_name().to_string_lossy().into_owned();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

/// Debian ships rustc with the sources of its std for wasm: build std once into a private sysroot and link it to rustup.
fn build_from_debian() -> Result<()> {
    if !succeeds(Command::new("sh").args(["-c", "command -v apt-get"])) {
        bail!("could not install the {TARGET} target; run `rustup target add {TARGET}` and try again");
    }
    install::apt(&["rustc-web", "rust-web-src"])?;
    let release = fact_of_debian_rustc("release: ")?;
    let sysroot = places::cache().join("wasm-sysroot").join(release);
    if !sysroot.join(".complete").exists() {
        build_std(&sysroot)?;
    }
    run(Command::new("rustup").args(["toolchain", "link", TOOLCHAIN]).arg(&sysroot))?;
    if !linked_toolchain_works() {
        bail!("the {TARGET} target was built from Debian's sources but rustc does not find it");
    }
    Ok(())
}

/// Builds std with the project's own settings kept out and bitcode embedded, so that link-time optimisation works on it.
fn build_std(sysroot: &Path) -> Result<()> {
    let stub = sysroot.join("stub");
    std::fs::create_dir_all(stub.join("src"))?;
    std::fs::write(stub.join("src/lib.rs"), "")?;
    let manifest = "[package]\nname = \"stub\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n[profile.release]\ndebug = false\n";
    std::fs::write(stub.join("Cargo.toml"), manifest)?;
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args(["build", "--release", "--target", TARGET]);
    build.arg("-Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro").arg("--target-dir").arg(stub.join("target"));
    for name in ["CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_TARGET_DIR", "RUSTC_WRAPPER"] {
        build.env_remove(name);
    }
    build.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes");
    run(build.current_dir(&stub))?;
    let host = fact_of_debian_rustc("host: ")?;
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let host_bin = sysroot.join("lib/rustlib").join(&host).join("bin");
    std::fs::create_dir_all(sysroot.join("bin"))?;
    std::fs::create_dir_all(&libraries)?;
    std::fs::create_dir_all(&host_bin)?;
    for entry in std::fs::read_dir(stub.join("target").join(TARGET).join("release/deps"))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libstub-") {
            std::fs::copy(entry.path(), libraries.join(name))?;
        }
    }
    let host_libraries = output(Command::new(DEBIAN_RUSTC).args(["--print", "target-libdir"]))?;
    link(Path::new(&host_libraries), &sysroot.join("lib/rustlib").join(&host).join("lib"))?;
    link(&linker(&host)?, &host_bin.join("rust-lld"))?;
    for tool in ["rustc", "rustdoc"] {
        // rustc finds its sysroot from its driver library, so a symlink would still mean /usr.
        let wrapper = format!("#!/bin/sh\nexec /usr/bin/{tool} --sysroot '{}' \"$@\"\n", sysroot.display());
        write_program(&sysroot.join("bin").join(tool), &wrapper)?;
    }
    // Without a cargo of its own a linked toolchain borrows any other's, also a nightly's.
    link(Path::new(&output(Command::new("rustup").args(["which", "cargo"]))?), &sysroot.join("bin/cargo"))?;
    std::fs::remove_dir_all(&stub)?;
    std::fs::write(sysroot.join(".complete"), "")?;
    Ok(())
}

/// A linker that reads this rustc's objects: rustup's own, else the lld of its LLVM.
fn linker(host: &str) -> Result<PathBuf> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let rustup = Path::new(&sysroot).join("lib/rustlib").join(host).join("bin/rust-lld");
    if rustup.exists() {
        return Ok(rustup);
    }
    let llvm = fact_of_debian_rustc("LLVM version: ")?;
    let package = format!("lld-{}", llvm.split('.').next().unwrap_or_default());
    install::apt(&[&package])?;
    Ok(Path::new("/usr/bin").join(package))
}

fn fact_of_debian_rustc(label: &str) -> Result<String> {
    let version = output(Command::new(DEBIAN_RUSTC).arg("-vV"))?;
    let found = version.lines().find_map(|l| l.strip_prefix(label)).map(str::to_owned);
    found.with_context(|| format!("`rustc -vV` of Debian's rustc has no line `{label}`"))
}

#[cfg(unix)]
fn link(target: &Path, name: &Path) -> Result<()> {
    if name.symlink_metadata().is_ok() {
        std::fs::remove_file(name)?;
    }
    Ok(std::os::unix::fs::symlink(target, name)?)
}

#[cfg(not(unix))]
fn link(target: &Path, name: &Path) -> Result<()> {
    std::fs::copy(target, name)?;
    Ok(())
}

fn write_program(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text)?;
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}
