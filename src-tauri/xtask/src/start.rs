//! `cargo xtask start`: from a bare machine to Loadline on the demo workspace.

use crate::run::{cargo, run};
use crate::{install, places, ui};
use anyhow::Result;
use std::process::Command;

/// Installs, builds and opens the demo; without a display it assesses the demo in the terminal and writes its report.
pub(crate) fn start(release: bool) -> Result<()> {
    install::install("build")?;
    ui::build(release)?;
    let mut build = cargo(&["build", "-p", "loadline"]);
    if release {
        build.arg("--release");
    }
    run(&mut build)?;
    let folder = if release { "release" } else { "debug" };
    let program = places::target().join(folder).join(if cfg!(windows) { "loadline.exe" } else { "loadline" });
    if has_display() {
        println!("Opening Loadline on the demo workspace.");
        return run(Command::new(&program).arg("demo"));
    }
    println!("This machine shows no display, so Loadline assesses the demo here and writes its report.\n");
    run(Command::new(&program).args(["assess", "--workspace", "demo"]))?;
    let report = places::target().join("loadline-demo.pdf");
    run(Command::new(&program).args(["report", "--workspace", "demo", "--format", "pdf", "-o"]).arg(&report))?;
    println!("\nReport: {}", report.display());
    println!("To open the window instead, run this on a machine with a display.");
    Ok(())
}

fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
