//! `cargo xtask test`: everything that must hold, in an order that fails early, with a time table at the end.

use crate::run::{cargo, run};
use crate::{install, places, ui};
use anyhow::Result;
use std::time::{Duration, Instant};

/// Installs what tests need and runs every check and test.
pub(crate) fn test() -> Result<()> {
    let mut table = Table::default();
    let ended = stages(&mut table);
    table.print();
    ended
}

fn stages(table: &mut Table) -> Result<()> {
    let (mut moto, mut secantus) = (None, None);
    table.stage("install", || {
        install::install("test")?;
        moto = Some(install::moto()?);
        secantus = Some(install::secantus()?);
        Ok(())
    })?;
    table.stage("format", || run(&mut cargo(&["fmt", "--all", "--check"])))?;
    table.stage("window (wasm)", || ui::build(false))?;
    let mut worlds = None;
    table.stage("pure stages (wasm)", || {
        worlds = Some(ui::build_worlds()?);
        Ok(())
    })?;
    table.stage("clippy", || {
        let mut clippy = cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
        run(&mut clippy)
    })?;
    // One build of everything first: what runs later then only runs, and a failing test does not hide a slow build. Every
    // stage selects the same packages, because another selection unifies features anew and builds the dependencies again.
    table.stage("build", || run(&mut cargo(&["build", "--workspace", "--all-targets"])))?;
    table.stage("test", || {
        let mut tests = cargo(&["test", "--workspace", "--no-fail-fast", "--quiet"]);
        let program = places::target().join("debug").join(if cfg!(windows) { "loadline.exe" } else { "loadline" });
        let tests = tests.env("LOADLINE_PROGRAM", program).env("LOADLINE_WORLDS", worlds.unwrap_or_default());
        let tests = tests.env("LOADLINE_MOTO", moto.unwrap_or_default());
        run(tests.env("LOADLINE_SECANTUS", secantus.unwrap_or_default()))
    })
}

#[derive(Default)]
struct Table(Vec<(&'static str, Duration, bool)>);

impl Table {
    fn stage(&mut self, name: &'static str, body: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n== {name}");
        let begun = Instant::now();
        let ended = body();
        self.0.push((name, begun.elapsed(), ended.is_ok()));
        ended
    }

    fn print(&self) {
        println!("\nstage                    seconds");
        for (name, took, passed) in &self.0 {
            println!("{name:<22} {:>9.1}  {}", took.as_secs_f64(), if *passed { "" } else { "failed" });
        }
        let total: Duration = self.0.iter().map(|(_, took, _)| *took).sum();
        println!("{:<22} {:>9.1}", "all", total.as_secs_f64());
    }
}
