//! Settings, backup, diagnostics, licences.

use super::Desk;
use super::decisions::append;
use super::reports::path_or_default;
use loadline_engine::parts::{catalog, keychain_problem};
use loadline_engine::{EngineError, diagnostics as diagnosis, export, settings as stored, stages};
use loadline_model::{Choice, MODEL_VERSION};
use loadline_wire::settings::{
    Backup, Diagnostics, GetSettings, LicenceNotice, Licences, SaveSettings, Schedule, Settings, Written,
};
use std::path::Path;
use std::sync::Arc;

pub(super) async fn get(desk: &Arc<Desk>, _: GetSettings) -> Result<Settings, EngineError> {
    let workspace = desk.workspace().await;
    let saved = stored::load(&workspace).await?;
    let policy = stages::policy(&workspace.decisions().await?);
    let bytes = match workspace.store() {
        Ok(store) => store.size_bytes().await?,
        Err(_) => 0,
    };
    let s = saved.schedule;
    Ok(Settings {
        policy,
        schedule: Schedule { on: s.on, weekday: s.weekday, hour: s.hour, minute: s.minute },
        retention_days: saved.retention_days,
        zone: saved.zone,
        author: saved.author,
        persons: saved.persons,
        location: workspace.location(),
        bytes,
        keychain_problem: keychain_problem().await,
        rules: catalog(),
        version: format!("Loadline {}, model {MODEL_VERSION}", env!("CARGO_PKG_VERSION")),
        last_collected: workspace.snapshots().await?.last().map(|r| r.taken_at),
    })
}

pub(super) async fn save(desk: &Arc<Desk>, asked: SaveSettings) -> Result<Settings, EngineError> {
    let workspace = desk.workspace().await;
    let s = asked.schedule;
    let settings = stored::Settings {
        schedule: stored::Schedule { on: s.on, weekday: s.weekday, hour: s.hour, minute: s.minute },
        retention_days: asked.retention_days,
        zone: asked.zone,
        author: asked.author,
        persons: asked.persons,
    };
    if !workspace.is_demo() {
        stored::save(&workspace, &settings).await?;
    }
    let mut policy = asked.policy;
    let current = stages::policy(&workspace.decisions().await?);
    policy.version = current.version;
    if policy != current {
        policy.version += 1;
        let number = append(desk, &Choice::SetPolicy { policy: Box::new(policy) }).await?;
        desk.remember(number);
    }
    get(desk, GetSettings {}).await
}

pub(super) async fn backup(desk: &Arc<Desk>, asked: Backup) -> Result<Written, EngineError> {
    let path = path_or_default(&asked.path, "loadline-backup", "loadline");
    desk.workspace().await.store()?.backup(&path).await?;
    written(&path)
}

pub(super) async fn diagnostics(desk: &Arc<Desk>, asked: Diagnostics) -> Result<Written, EngineError> {
    let path = path_or_default(&asked.path, "loadline-diagnostics", "json");
    let text = diagnosis::diagnostics(&*desk.workspace().await).await?;
    export::write(&path, text.as_bytes())?;
    written(&path)
}

fn written(path: &Path) -> Result<Written, EngineError> {
    Ok(Written { path: path.display().to_string(), bytes: std::fs::metadata(path)?.len() })
}

pub(super) async fn licence_list(_: &Arc<Desk>, _: Licences) -> Result<Vec<LicenceNotice>, EngineError> {
    Ok(licences())
}

/// Licence notices of every part, embedded at build time.
pub(crate) fn licences() -> Vec<LicenceNotice> {
    let lines = include_str!(concat!(env!("OUT_DIR"), "/licences.tsv")).lines();
    lines
        .filter_map(|line| {
            let mut words = line.split('\t').map(str::to_owned);
            Some(LicenceNotice { name: words.next()?, version: words.next()?, licence: words.next()? })
        })
        .collect()
}
