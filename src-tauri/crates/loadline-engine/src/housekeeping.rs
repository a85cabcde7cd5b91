//! Backups back into place.

use crate::EngineError;
use loadline_store::Location;
use std::path::Path;

/// Restores a backup into a workspace that nobody has open.
///
/// # Errors
/// What the store says: not a backup, newer schema, damaged, in use.
pub async fn restore(from: &Path, to: &Location) -> Result<(), EngineError> {
    Ok(loadline_store::restore(from, to).await?)
}
