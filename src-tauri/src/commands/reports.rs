//! Report preview and export.

use super::Desk;
use loadline_engine::export::Names;
use loadline_engine::parts::ReportOptions;
use loadline_engine::{EngineError, clock, export as exporting};
use loadline_wire::reports::{Export, Exported, Preview, PreviewPage, ReportOptions as Wanted};
use std::path::PathBuf;
use std::sync::Arc;

fn options(wanted: &Wanted) -> ReportOptions {
    ReportOptions { company: wanted.company.clone(), ..ReportOptions::with_sections(&wanted.sections) }
}

fn names(wanted: &Wanted) -> Names {
    Names::chosen(wanted.redact, wanted.with_names)
}

fn nothing() -> EngineError {
    EngineError::new("nothing_collected", "There is no snapshot to report on yet. Collect an account or open the demo.")
}

pub(super) async fn preview(desk: &Arc<Desk>, asked: Preview) -> Result<PreviewPage, EngineError> {
    let workspace = desk.workspace().await;
    let options = options(&asked.options);
    let case = workspace.case(&desk.as_of()).await?.ok_or_else(nothing)?;
    let names = names(&asked.options);
    let shown = match names {
        Names::All => Some(desk.assessment().await?.ok_or_else(nothing)?),
        Names::NoPersons | Names::None => None,
    };
    let pages = blocking(move || {
        let case = names.of(&case)?;
        let assessment = shown.unwrap_or_else(|| Arc::new(loadline_engine::assess(&case)));
        exporting::page_svgs(&assessment, &exporting::with_others(&case, &names.said(&options)))
    });
    let pages = pages.await??;
    let count = pages.len() as u32;
    let page = asked.page.min(count.saturating_sub(1));
    let svg = pages.into_iter().nth(page as usize).unwrap_or_default();
    Ok(PreviewPage { svg, page, pages: count })
}

pub(super) async fn export(desk: &Arc<Desk>, asked: Export) -> Result<Exported, EngineError> {
    let case = desk.workspace().await.case(&desk.as_of()).await?.ok_or_else(nothing)?;
    let path = path_or_default(&asked.path, "loadline-report", &extension(&asked.options.format));
    let wanted = asked.options;
    let options = options(&wanted);
    let report = blocking(move || exporting::report(&case, &wanted.format, &options, names(&wanted))).await??;
    exporting::write(&path, &report.bytes)?;
    Ok(Exported { path: path.display().to_string(), bytes: report.bytes.len() as u64, pages: report.pages })
}

fn extension(format: &str) -> String {
    if format == "bundle" { "bundle.json.zst".into() } else { format.to_owned() }
}

/// What the person typed, or a dated name in the downloads folder.
pub(super) fn path_or_default(typed: &str, stem: &str, extension: &str) -> PathBuf {
    if !typed.trim().is_empty() {
        return PathBuf::from(typed.trim());
    }
    let home = std::env::var_os("HOME")
        .or_else(|| std::env::var_os("USERPROFILE"))
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let downloads = home.join("Downloads");
    let folder = if downloads.is_dir() { downloads } else { home };
    folder.join(format!("{stem}-{}.{extension}", clock::now().utc_day()))
}

/// Heavy pure work beside the window's own tasks.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| {
        EngineError::new("work_failed", format!("The work stopped: {e}. Please send the diagnostics file."))
    })
}
