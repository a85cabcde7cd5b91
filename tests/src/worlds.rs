//! Native and wasm give the same bytes.

use crate::program::root;
use loadline_engine::workspace::AsOf;
use loadline_engine::{Place, Workspace};
use std::process::Command;

#[tokio::test]
async fn the_pure_stages_give_the_same_bytes_natively_and_in_wasm() {
    let workspace = Workspace::open(&Place::Demo).await.expect("demo");
    let case = workspace.case(&AsOf::Named("midway".into())).await.expect("demo").expect("midway");
    let snapshot = serde_json::to_string(&case.snapshot).expect("json");
    let native = loadline_worlds::conclusions(&snapshot);
    assert!(native.len() > 10_000, "{native}");

    let folder = tempfile::tempdir().expect("folder");
    let input = folder.path().join("snapshot.json");
    std::fs::write(&input, &snapshot).expect("written");
    let module = std::env::var("LOADLINE_WORLDS").map_or_else(|_| root().join("target/worlds/worlds.js"), Into::into);
    assert!(module.exists(), "{} is not built: run cargo xtask test", module.display());
    let script = format!(
        "const w = require({module:?}); const fs = require('fs'); process.stdout.write(w.conclusions(fs.readFileSync({input:?}, 'utf8')));"
    );
    let out =
        Command::new("node").args(["--max-old-space-size=4096", "-e", &script]).output().expect("node is installed");
    let wasm = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    if native != wasm {
        let at = native.bytes().zip(wasm.bytes()).position(|(a, b)| a != b).unwrap_or(native.len().min(wasm.len()));
        let around = |s: &str| s.get(at.saturating_sub(120)..(at + 40).min(s.len())).unwrap_or("").to_owned();
        panic!("first difference at {at}:\nnative … {}\nwasm   … {}", around(&native), around(&wasm));
    }
}
