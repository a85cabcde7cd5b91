//! Reports: preview and export.

use serde::{Deserialize, Serialize};

/// What goes into a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportOptions {
    /// `pdf`, `html`, `md`, `xlsx`, `csv`, `bundle`.
    pub format: String,
    /// Sections to include: `summary`, `spofs`, `performance`, `capacity`, `roadmap`, `findings`, `unknowns`, `other_tools`, `method`.
    pub sections: Vec<String>,
    /// Hash host names, ids and people before assessing, so that a redacted bundle still verifies.
    pub redact: bool,
    /// Keep the names of persons, who have pseudonyms otherwise; redaction hides them in any case.
    #[serde(default)]
    pub with_names: bool,
    /// Company name on the title page.
    pub company: String,
}

/// The sections of a report, in order.
pub const SECTIONS: &[(&str, &str)] = &[
    ("summary", "Summary"),
    ("spofs", "Single points of failure"),
    ("performance", "Performance"),
    ("capacity", "Capacity"),
    ("roadmap", "Roadmap"),
    ("findings", "Findings"),
    ("unknowns", "Unknowns and coverage"),
    ("other_tools", "Findings of other tools"),
    ("method", "Method and versions"),
];

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            format: "pdf".into(),
            sections: SECTIONS.iter().map(|(id, _)| (*id).to_owned()).collect(),
            redact: false,
            with_names: false,
            company: String::new(),
        }
    }
}

/// Asks for a preview of the report's pages.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Preview {
    /// What goes in.
    pub options: ReportOptions,
    /// Page, 0-based.
    pub page: u32,
}

/// One page as a picture, drawn by the same engine that makes the PDF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewPage {
    /// SVG of the page.
    pub svg: String,
    /// 0-based.
    pub page: u32,
    /// Pages in all.
    pub pages: u32,
}

/// Writes a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export {
    /// What goes in.
    pub options: ReportOptions,
    /// File to write; empty: a dated name in the downloads folder.
    pub path: String,
}

/// A report was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// Where.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// Pages, for a PDF.
    pub pages: Option<u32>,
}
