//! What can go wrong while a report is written.

use thiserror::Error;

/// Why a report could not be written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A section that no report has was asked for.
    #[error(
        "`{0}` is not a section of a report. Use summary, spofs, performance, capacity, roadmap, findings, unknowns or method."
    )]
    UnknownSection(String),
    /// The typesetter refused the document.
    #[error("The pages could not be set: {0}. This is a fault of Loadline; the HTML report holds the same content.")]
    Typesetting(String),
    /// The content could not be handed to the typesetter.
    #[error("The report's content could not be encoded: {0}. This is a fault of Loadline; please report it.")]
    Encoding(#[from] serde_json::Error),
    /// The table writer refused a row.
    #[error("The table could not be written: {0}. Export another format and report this.")]
    Table(#[from] csv::Error),
    /// The workbook writer refused a cell or sheet.
    #[error("The workbook could not be written: {0}. Export CSV instead and report this.")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}

impl ReportError {
    /// Stable code of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownSection(_) => "unknown_section",
            Self::Typesetting(_) => "typesetting_failed",
            Self::Encoding(_) => "report_encoding_failed",
            Self::Table(_) => "table_failed",
            Self::Workbook(_) => "workbook_failed",
        }
    }
}
