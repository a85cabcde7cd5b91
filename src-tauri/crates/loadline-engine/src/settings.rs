//! Settings of a workspace beside the policy: schedule, retention, zone, author.

use crate::workspace::Workspace;
use crate::{EngineError, clock};
use loadline_model::Timestamp;
use serde::{Deserialize, Serialize};

const KEY: &str = "settings";

/// When to collect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// On or off.
    pub on: bool,
    /// 0 = Monday … 6 = Sunday.
    pub weekday: u8,
    /// Local hour 0–23.
    pub hour: u8,
    /// Local minute 0–59.
    pub minute: u8,
}

/// Settings of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// When to collect; default weekly, Monday 07:00, off.
    pub schedule: Schedule,
    /// Days that snapshots are kept; 0: for ever.
    pub retention_days: u32,
    /// IANA zone.
    pub zone: String,
    /// Name under which decisions are logged.
    pub author: String,
    /// Names of persons are shown; else each has its pseudonym wherever Loadline shows or writes something of this workspace.
    #[serde(default = "shown")]
    pub persons: bool,
}

fn shown() -> bool {
    true
}

impl Default for Settings {
    fn default() -> Self {
        let author = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).unwrap_or_else(|_| "me".into());
        Self {
            schedule: Schedule { on: false, weekday: 0, hour: 7, minute: 0 },
            retention_days: 0,
            zone: clock::local_zone_name(),
            author,
            persons: true,
        }
    }
}

/// The workspace's settings; defaults where nothing was saved.
///
/// # Errors
/// What the store says.
pub async fn load(workspace: &Workspace) -> Result<Settings, EngineError> {
    let Ok(store) = workspace.store() else { return Ok(Settings::default()) };
    match store.get(KEY).await? {
        Some(json) => Ok(serde_json::from_str(&json)?),
        None => Ok(Settings::default()),
    }
}

/// Saves settings.
///
/// # Errors
/// `invalid_setting` for an hour, minute or weekday that does not exist, `unknown_zone`, what the store says.
pub async fn save(workspace: &Workspace, settings: &Settings) -> Result<(), EngineError> {
    let s = settings.schedule;
    if s.weekday > 6 || s.hour > 23 || s.minute > 59 {
        return Err(EngineError::new(
            "invalid_setting",
            "The schedule names a time that does not exist. Use a weekday, an hour 0–23 and a minute 0–59.",
        ));
    }
    if settings.author.trim().is_empty() {
        return Err(EngineError::new(
            "invalid_setting",
            "The author name is empty, so decisions could not be attributed. Type a name.",
        ));
    }
    clock::zone(&settings.zone)?;
    Ok(workspace.store()?.set(KEY, &serde_json::to_string(settings)?).await?)
}

/// The moment of the next scheduled collection after the last one; `None` when the schedule is off.
pub fn next_due(settings: &Settings, last: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    if !settings.schedule.on {
        return None;
    }
    let zone = clock::zone(&settings.zone).ok()?;
    let s = settings.schedule;
    let after = last.map_or_else(|| now.plus_days(-7), |at| Timestamp(at.0 + 1));
    Some(clock::next_weekly(&zone, after, s.weekday, s.hour, s.minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_is_the_first_slot_after_the_last_collection() {
        let mut settings = Settings { zone: "UTC".into(), ..Settings::default() };
        let at = |t: &str| Timestamp::parse(t).expect("valid");
        assert_eq!(next_due(&settings, None, at("2026-11-18")), None);
        settings.schedule.on = true;
        let due = |last: Option<&str>| next_due(&settings, last.map(at), at("2026-11-18")).map(|d| d.to_string());
        assert_eq!(due(Some("2026-11-16T07:00:00Z")).as_deref(), Some("2026-11-23T07:00:00Z"));
        assert_eq!(due(Some("2026-11-10T09:00:00Z")).as_deref(), Some("2026-11-16T07:00:00Z"));
        assert_eq!(due(None).as_deref(), Some("2026-11-16T07:00:00Z"));
    }
}
