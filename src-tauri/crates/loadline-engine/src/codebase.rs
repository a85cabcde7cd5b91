//! The code of a snapshot's repositories.

use crate::EngineError;
use crate::statements::Decided;
use crate::workspace::{AsOf, Workspace};
use loadline_model::codebase::Codebase;
use loadline_model::{Body, Fact, Kind};

/// The code of the repositories in a snapshot; nothing where there is no snapshot yet.
///
/// # Errors
/// See [`Workspace::find`] and the store.
pub async fn codebase(workspace: &Workspace, as_of: &AsOf) -> Result<Codebase, EngineError> {
    let Some(shown) = workspace.find(as_of).await? else { return Ok(Codebase::default()) };
    let snapshot = workspace.facts(&shown, about_code).await?;
    let decisions = workspace.decisions_at(&shown).await?;
    let computed = tokio::task::spawn_blocking(move || {
        loadline_stats::codebase(&Decided::from_log(&decisions).state_into(&snapshot))
    });
    computed.await.map_err(|e| EngineError::new("assessment_failed", format!("Reading the code's facts stopped: {e}.")))
}

fn about_code(fact: &Fact) -> bool {
    match &fact.body {
        Body::CodeStat(_)
        | Body::CodeModule(_)
        | Body::ChangedTogether(_)
        | Body::CodeIdiom(_)
        | Body::CodeMigration(_) => true,
        Body::Resource(r) => r.kind == Kind::Repository,
        Body::Setting(s) => s.key.starts_with("code.") || s.key.starts_with("history."),
        _ => false,
    }
}
