//! Spread, objectives and incidents of the snapshot on show; charts that are saved.

use super::Desk;
use super::reports::path_or_default;
use loadline_engine::{EngineError, export as exporting, performance as engine};
use loadline_model::performance::{Promises, Spread};
use loadline_wire::performance::{ChartFile, LookAtPromises, LookAtSpread, SaveChart};
use loadline_wire::settings::Written;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) async fn spread(desk: &Arc<Desk>, asked: LookAtSpread) -> Result<Spread, EngineError> {
    let workspace = desk.workspace().await;
    engine::spread(&workspace, &desk.as_of(), &asked.subject, asked.route).await
}

pub(super) async fn promises(desk: &Arc<Desk>, _: LookAtPromises) -> Result<Promises, EngineError> {
    let workspace = desk.workspace().await;
    engine::promises(&workspace, &desk.as_of()).await
}

pub(super) async fn save(_: &Arc<Desk>, asked: SaveChart) -> Result<Written, EngineError> {
    let (ending, bytes) = match asked.file {
        ChartFile::Svg(text) => ("svg", text.into_bytes()),
        ChartFile::Png(bytes) => ("png", bytes),
        ChartFile::Csv(text) => ("csv", text.into_bytes()),
    };
    let path = unused(path_or_default("", &stem(&asked.name), ending));
    exporting::write(&path, &bytes)?;
    Ok(Written { path: path.display().to_string(), bytes: bytes.len() as u64 })
}

/// A name that is a name and no path.
fn stem(name: &str) -> String {
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let stem: String = words.join("-").chars().take(120).collect();
    if stem.is_empty() { "chart".to_owned() } else { stem }
}

/// The path, or the first one with a number behind it that no file has yet: another range is another chart.
fn unused(path: PathBuf) -> PathBuf {
    let part = |of: Option<&std::ffi::OsStr>| of.map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    let (stem, ending) = (part(path.file_stem()), part(path.extension()));
    let numbered = |n: u32| path.with_file_name(format!("{stem}-{n}.{ending}"));
    if !path.exists() {
        return path;
    }
    (2..1_000).map(numbered).find(|p: &PathBuf| !Path::exists(p)).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leads_out_of_its_folder() {
        for (name, expected) in [
            ("social-api · GET /feed", "social-api-GET-feed"),
            ("../../etc/passwd", "etc-passwd"),
            ("C:\\x", "C-x"),
            ("///", "chart"),
        ] {
            assert_eq!(stem(name), expected);
        }
    }

    #[test]
    fn an_earlier_file_stays() {
        let folder = std::env::temp_dir().join(format!("loadline-charts-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let first = folder.join("feed.svg");
        assert_eq!(unused(first.clone()), first);
        std::fs::write(&first, "x").expect("written");
        assert_eq!(unused(first), folder.join("feed-2.svg"));
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
