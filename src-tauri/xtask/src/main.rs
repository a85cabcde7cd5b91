//! `cargo xtask …`: everything a fresh machine needs to start, test, measure and photograph Loadline. It links no system
//! library, so it runs before any is installed.

mod bench;
mod demo;
mod install;
mod oracles;
mod places;
mod run;
mod shots;
mod start;
mod test;
mod ui;
mod wasm;

use anyhow::{Result, bail};

const HELP: &str = "cargo xtask <command>

  start             install what is missing, build, open Loadline on the demo (without a display: assess it here)
  test              install what tests need, run every check and test, print a time table
  bench [names]     measure against baselines in one run and print ratios
  bench --oracles   hold our numbers to scipy, ruptures, Otava, hdrhistogram, lizard, pydriller, … (--write: commit theirs)
  shots [folder]    write screenshots of every page, dark and light
  ui [--release] [--dense]  build the window into dist/ (--dense: with the chart that bench frames measures)
  demo-data         write assets/demo/ again from its generator
  install [what]    only install: build | test | bench
";

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["start", rest @ ..] => start::start(rest.contains(&"--release")),
        ["test"] => test::test(),
        ["bench", rest @ ..] => bench::bench(rest),
        ["shots", rest @ ..] => shots::shots(rest.first().copied()),
        ["ui", rest @ ..] => {
            ui::build_with(rest.contains(&"--release"), if rest.contains(&"--dense") { &["dense"] } else { &[] })
        }
        ["demo-data"] => demo::write(),
        ["install", rest @ ..] => install::install(rest.first().copied().unwrap_or("build")),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("unknown command: {}\n\n{HELP}", other.join(" ")),
    }
}
