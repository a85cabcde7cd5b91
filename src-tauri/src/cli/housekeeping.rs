//! `loadline backup | restore | diagnostics | licences`.

use super::{Asked, Ended, print, wrong_usage};
use clap::Args;
use loadline_engine::{Place, diagnostics as diagnosis, export, housekeeping};
use serde_json::json;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct File {
    /// The file
    file: PathBuf,
}

pub(super) async fn backup(words: &File, asked: &Asked) -> Ended {
    asked.open().await?.store()?.backup(&words.file).await?;
    print::line(format!("Backup written to {}.", words.file.display()));
    Ok(0)
}

pub(super) async fn restore(words: &File, asked: &Asked) -> Ended {
    let Place::Own(location) = &asked.place else {
        return Err(wrong_usage("The demo cannot be replaced by a backup. Name a workspace with --workspace."));
    };
    housekeeping::restore(&words.file, location).await?;
    print::line(format!("Restored {} into {location}.", words.file.display()));
    Ok(0)
}

pub(super) async fn diagnostics(words: &File, asked: &Asked) -> Ended {
    let text = diagnosis::diagnostics(&asked.open().await?).await?;
    export::write(&words.file, text.as_bytes())?;
    print::line(format!("Diagnostics without secrets written to {}.", words.file.display()));
    Ok(0)
}

pub(super) fn licences(asked: &Asked) -> Ended {
    let notices = crate::commands::licences();
    if asked.json {
        print::json("licences", json!({ "licences": notices }))?;
    } else {
        let rows: Vec<Vec<String>> =
            notices.iter().map(|n| vec![n.name.clone(), n.version.clone(), n.licence.clone()]).collect();
        print::table(&["part", "version", "licence"], &rows);
    }
    Ok(0)
}
