//! The performance page: what is computed from series, which no assessment holds, so it is asked for when the page opens.

use loadline_model::SubjectId;
use serde::{Deserialize, Serialize};

/// Asks how the requests of one latency series spread over latency, day by day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookAtSpread {
    /// Service or endpoint.
    pub subject: SubjectId,
    /// Its route; `None`: all routes merged.
    pub route: Option<String>,
}

/// Asks for objectives with their error budgets, and for incidents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookAtPromises {}

/// What a saved chart is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartFile {
    /// A drawing.
    Svg(String),
    /// Its pixels.
    Png(Vec<u8>),
    /// Its numbers.
    Csv(String),
}

/// Saves a chart in the downloads folder. The window cannot write files itself, and what a web view does with a download
/// differs between systems.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaveChart {
    /// Name without folder and ending; whatever is no letter or digit becomes a hyphen.
    pub name: String,
    /// What is written.
    pub file: ChartFile,
}
