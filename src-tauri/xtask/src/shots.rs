//! `cargo xtask shots`: screenshots of every page, to look at.

use crate::run::{cargo, run};
use crate::{install, places, ui};
use anyhow::Result;

/// Writes screenshots of every page, dark and light, into a folder (default: `target/shots`).
pub(crate) fn shots(folder: Option<&str>) -> Result<()> {
    install::install("test")?;
    ui::build(false)?;
    run(&mut cargo(&["build", "-p", "loadline"]))?;
    let folder = folder.map_or_else(|| places::target().join("shots"), Into::into);
    std::fs::create_dir_all(&folder)?;
    let program = places::target().join("debug/loadline");
    run(cargo(&["run", "--quiet", "-p", "loadline-tests", "--example", "shots", "--"])
        .arg(&folder)
        .env("LOADLINE_PROGRAM", program))?;
    println!("Screenshots: {}", folder.display());
    Ok(())
}
