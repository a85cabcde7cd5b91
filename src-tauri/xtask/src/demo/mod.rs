//! The demo workspace's generator: eight months of a small social app, told as what its accounts would have answered. It writes
//! input only: facts, deployments, and latency from a seeded queueing simulation. No finding, score or verdict is written here.

mod code;
mod data;
mod facts;
mod practice;
mod services;
mod simulation;
mod story;
mod telemetry;

use crate::places;
use crate::run::{cargo, run};
use anyhow::{Context, Result, ensure};
use loadline_model::DemoFile;

/// Most bytes the file may have in the repository.
const LARGEST: usize = 3 << 20;

/// Writes `assets/demo/`: the input, and then the golden values that the program computes from it.
pub(crate) fn write() -> Result<()> {
    let bytes = bytes()?;
    ensure!(bytes.len() <= LARGEST, "the demo is {} bytes, more than 3 MB", bytes.len());
    let folder = places::root().join("assets/demo");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("demo.json.zst"), &bytes)?;
    println!("assets/demo/demo.json.zst: {} bytes", bytes.len());
    run(cargo(&["test", "--workspace", "--all-targets", "--quiet", "golden::"]).env("LOADLINE_WRITE_GOLDEN", "1"))
}

/// The file's bytes: the same on every machine.
fn bytes() -> Result<Vec<u8>> {
    let json = serde_json::to_vec(&file())?;
    zstd::bulk::compress(&json, 19).context("zstd could not compress the demo")
}

/// The whole story as input.
fn file() -> DemoFile {
    let traffic = simulation::run();
    DemoFile {
        schema: "loadline.demo/1".into(),
        name: "Harbor (demo)".into(),
        zone: "Europe/Berlin".into(),
        from: story::at(story::BEGIN),
        until: story::at(story::AFTER),
        moments: vec![
            ("before".into(), story::at(story::BEFORE)),
            ("midway".into(), story::at(story::MIDWAY)),
            ("after".into(), story::at(story::AFTER)),
        ],
        accounts: facts::accounts(),
        scopes: facts::scopes(),
        latency: traffic.latency(),
        series: telemetry::series(&traffic),
        decisions: story::decisions(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_reproduces_the_committed_file() {
        let committed =
            std::fs::read(places::root().join("assets/demo/demo.json.zst")).expect("cargo xtask demo-data was run");
        assert!(
            bytes().expect("generated") == committed,
            "assets/demo differs from its generator: run `cargo xtask demo-data`"
        );
    }

    #[test]
    fn the_story_has_about_twelve_endpoints_and_forty_things() {
        let file = file();
        let things: std::collections::BTreeSet<_> = file
            .scopes
            .iter()
            .flat_map(|s| &s.facts)
            .filter(|f| matches!(f.body, loadline_model::Body::Resource(_)))
            .map(|f| f.subject.clone())
            .collect();
        assert_eq!(file.latency.len(), 12);
        assert!((35..=55).contains(&things.len()), "{} things", things.len());
    }
}
