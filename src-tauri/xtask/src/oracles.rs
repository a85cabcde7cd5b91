//! `cargo xtask bench --oracles`: other people's implementations compute the golden values of our statistics and of what we
//! count in code again, and our crates are held to them.

use crate::run::{cargo, run};
use crate::{install, places};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// The references, pinned: another version may round or draw otherwise, and then its values are committed anew.
const TOOLS: [&str; 13] = [
    "apache-otava==0.8.0",
    "hdrhistogram==0.10.8",
    "lizard==1.24.3",
    "numpy==2.2.0",
    "packaging==26.3",
    "pydriller==2.12",
    "pymannkendall==1.4.3",
    "radon==6.0.1",
    "ruptures==1.1.10",
    "scipy==1.16.3",
    "semantic-version==2.10.0",
    "truckfactor==0.3.2",
    "univers==32.0.1",
];
/// One file of golden values per topic.
const FILES: [&str; 4] = ["model.json", "stats.json", "capacity.json", "code.json"];
/// The packages whose tests read them.
const PACKAGES: [&str; 5] =
    ["loadline-model", "loadline-stats", "loadline-capacity", "loadline-code", "loadline-connectors"];
/// Relative difference that a machine's linear algebra may make.
const SAME: f64 = 1e-9;

/// Computes the golden values again, compares them with the committed ones, and runs the tests that read those. With
/// `write` they replace the committed ones instead of being compared.
pub(crate) fn oracles(write: bool) -> Result<()> {
    let python = install::python(&TOOLS)?;
    let committed = places::root().join("tests/oracles");
    let made = if write { committed.clone() } else { places::target().join("oracles") };
    std::fs::create_dir_all(&made)?;
    run(Command::new(&python).arg(committed.join("golden.py")).arg(&made))?;
    let mut numbers = 0;
    for file in FILES {
        numbers += same(&read(&committed.join(file))?, &read(&made.join(file))?, file)?;
    }
    println!("oracles: {numbers} numbers of {} are the committed ones", TOOLS.join(", "));
    let mut tests = vec!["test", "--quiet"];
    tests.extend(PACKAGES.iter().flat_map(|package| ["-p", *package]));
    tests.extend(["--", "oracle_tests", "pymannkendall"]);
    run(&mut cargo(&tests))
}

fn read(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))
}

/// How many numbers both hold.
///
/// # Errors
/// At the first place where they differ.
fn same(committed: &Value, made: &Value, place: &str) -> Result<usize> {
    match (committed, made) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            let close = (a - b).abs() <= SAME * a.abs().max(b.abs()).max(1e-12);
            ensure!(
                close,
                "{place}: committed {a}, computed {b}; if the reference is right, run bench --oracles --write"
            );
            Ok(1)
        }
        (Value::Array(a), Value::Array(b)) => {
            ensure!(a.len() == b.len(), "{place}: {} values committed, {} computed", a.len(), b.len());
            a.iter().zip(b).enumerate().map(|(i, (a, b))| same(a, b, &format!("{place}[{i}]"))).sum()
        }
        (Value::Object(a), Value::Object(b)) => {
            ensure!(a.keys().eq(b.keys()), "{place}: other fields are committed than computed");
            a.iter().zip(b.values()).map(|((key, a), b)| same(a, b, &format!("{place}.{key}"))).sum()
        }
        _ => {
            ensure!(committed == made, "{place}: committed {committed}, computed {made}");
            Ok(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_difference_is_found_where_it_is() {
        let committed = json!({"a": [1.0, 2.0], "tool": "1.0", "none": null});
        assert_eq!(same(&committed, &committed, "x").expect("the same"), 2);
        let last_bits = json!({"a": [1.0, 2.000_000_000_1], "tool": "1.0", "none": null});
        assert_eq!(same(&committed, &last_bits, "x").expect("the same"), 2);
        for (other, place) in [
            (json!({"a": [1.0, 2.1], "tool": "1.0", "none": null}), "x.a[1]"),
            (json!({"a": [1.0], "tool": "1.0", "none": null}), "x.a:"),
            (json!({"a": [1.0, 2.0], "tool": "1.1", "none": null}), "x.tool"),
            (json!({"a": [1.0, 2.0], "tool": "1.0", "none": 0.0}), "x.none"),
            (json!({"a": [1.0, 2.0], "tool": "1.0"}), "x:"),
        ] {
            let error = same(&committed, &other, "x").expect_err("they differ").to_string();
            assert!(error.starts_with(place), "{error}");
        }
    }
}
