//! `cargo xtask bench`: our figures beside a baseline's, in one run, as ratios.

use crate::run::{cargo, run};
use crate::{install, oracles, places, ui};
use anyhow::Result;

/// Installs the baselines into the cache and runs the benchmarks (optimised).
///
/// `--oracles` holds the statistics to other people's implementations instead (`--write` commits what they say now).
pub(crate) fn bench(only: &[&str]) -> Result<()> {
    if only.contains(&"--oracles") {
        return oracles::oracles(only.contains(&"--write"));
    }
    install::install("bench")?;
    let python = install::python(&["networkx==3.6.1"])?;
    let mut command = cargo(&["run", "--quiet", "--release", "-p", "loadline-tests", "--example", "bench", "--"]);
    command.args(only).env("LOADLINE_PYTHON", python);
    if only.is_empty() || only.contains(&"frames") {
        ui::build_with(true, &["dense"])?;
        run(&mut cargo(&["build", "--quiet", "--release", "-p", "loadline"]))?;
        command.env("LOADLINE_PROGRAM", places::target().join("release/loadline"));
    }
    if only.is_empty() || only.contains(&"aws") {
        let prowler = install::python(&["prowler==5.46.0"])?.with_file_name("prowler");
        command.env("LOADLINE_MOTO", install::moto()?).env("LOADLINE_PROWLER", prowler);
    }
    run(&mut command)
}
