//! Settings, housekeeping and what the app is made of.

use loadline_model::{Policy, RuleInfo, Timestamp};
use serde::{Deserialize, Serialize};

/// Asks for the settings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct GetSettings {}

/// When to collect while the app is open, and what `collect --due` obeys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// Settings as the page shows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Team, weights, thresholds, alarm lines.
    pub policy: Policy,
    /// When to collect.
    pub schedule: Schedule,
    /// Days that snapshots are kept; 0: for ever.
    pub retention_days: u32,
    /// IANA zone of the workspace.
    pub zone: String,
    /// Name under which decisions are logged.
    pub author: String,
    /// Names of persons are shown, and not a pseudonym for each.
    pub persons: bool,
    /// Where the workspace is.
    pub location: String,
    /// Its size.
    pub bytes: u64,
    /// Why the keychain cannot be used, when it cannot.
    pub keychain_problem: Option<String>,
    /// The rules with their default thresholds.
    pub rules: Vec<RuleInfo>,
    /// Versions of app and model.
    pub version: String,
    /// Last scheduled or manual collection.
    pub last_collected: Option<Timestamp>,
}

/// Saves the editable settings (policy through a logged decision).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SaveSettings {
    /// New policy.
    pub policy: Policy,
    /// New schedule.
    pub schedule: Schedule,
    /// New retention.
    pub retention_days: u32,
    /// New zone.
    pub zone: String,
    /// New author name.
    pub author: String,
    /// Names of persons are to be shown.
    pub persons: bool,
}

/// Writes a backup of the workspace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Backup {
    /// File to write; empty: a dated name in the downloads folder.
    pub path: String,
}

/// Writes a diagnostics file with secrets removed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Diagnostics {
    /// File to write; empty: a dated name in the downloads folder.
    pub path: String,
}

/// A file was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Where.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
}

/// Asks for licence notices.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Licences {}

/// A part of the app and its licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceNotice {
    /// Crate or font.
    pub name: String,
    /// Version.
    pub version: String,
    /// SPDX expression.
    pub licence: String,
}
