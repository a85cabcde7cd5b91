//! `cargo xtask shots`: screenshots of every page, to look at.

use crate::run::{cargo, run};
use crate::{install, places, ui};
use anyhow::Result;
use std::process::Command;

/// Writes screenshots of every page, dark and light, into a folder (default: `target/shots`).
pub(crate) fn shots(folder: Option<&str>) -> Result<()> {
    install::install("test")?;
    ui::build(false)?;
    // The same selection as the tests', so that nothing is built twice.
    run(&mut cargo(&["build", "--workspace", "--all-targets"]))?;
    let folder = folder.map_or_else(|| places::target().join("shots"), Into::into);
    std::fs::create_dir_all(&folder)?;
    let built = places::target().join("debug");
    let mut shots = Command::new(built.join("examples/shots"));
    shots.arg(&folder).env("LOADLINE_PROGRAM", built.join("loadline")).env("LOADLINE_MOTO", install::moto()?);
    run(&mut shots)?;
    println!("Screenshots: {}", folder.display());
    Ok(())
}
