//! The demo's assessment as it must come out of every build: debug and release, this machine and another.

use crate::program::root;
use anyhow::{Context, Result};
use loadline_engine::workspace::AsOf;
use loadline_engine::{Place, Workspace};
use loadline_model::hash;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Where the expected values are kept.
pub fn path() -> PathBuf {
    root().join("assets/demo/golden.json")
}

/// SHA-256 of the whole assessment at the three named moments, with a few readable numbers beside it.
///
/// # Errors
/// When the embedded demo cannot be read.
pub async fn computed() -> Result<Value> {
    let workspace = Workspace::open(&Place::Demo).await?;
    let mut golden = serde_json::Map::new();
    for moment in ["before", "midway", "after"] {
        let assessment =
            workspace.assessment(&AsOf::Named(moment.into())).await?.context("the demo has this moment")?;
        let bytes = serde_json::to_vec(&assessment)?;
        golden.insert(
            moment.into(),
            json!({
                "sha256": hash::hex(&bytes),
                "bytes": bytes.len(),
                "checks": assessment.checks.len(),
                "findings": assessment.findings.len(),
                "single_points_of_failure": assessment.topology.spofs.len(),
                "proven": assessment.score.proven,
            }),
        );
    }
    Ok(Value::Object(golden))
}

/// What is expected.
///
/// # Errors
/// When the file is missing or not JSON.
pub fn expected() -> Result<Value> {
    let text =
        std::fs::read_to_string(path()).context("assets/demo/golden.json: write it with cargo xtask demo-data")?;
    Ok(serde_json::from_str(&text)?)
}

#[cfg(test)]
#[tokio::test]
async fn the_demo_gives_the_bytes_of_every_other_build() {
    let computed = computed().await.expect("demo");
    if std::env::var_os("LOADLINE_WRITE_GOLDEN").is_some() {
        let text = serde_json::to_string_pretty(&computed).expect("json");
        std::fs::write(path(), format!("{text}\n")).expect("written");
    }
    assert_eq!(expected().expect("golden"), computed, "if the change is meant: cargo xtask demo-data");
}
