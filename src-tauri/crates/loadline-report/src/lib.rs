//! An assessment as PDF, HTML, Markdown, XLSX and CSV.
//!
//! Every format is written from one content (`content`), so a number says the same everywhere. The PDF is set by typst in a world
//! that holds two templates, the data and four bundled fonts: no file system, no network, no clock. The same assessment gives the
//! same bytes. Not for: computing or redacting anything; what is shown was concluded (and redacted) before.

mod content;
mod error;
mod findings_csv;
mod html;
mod markdown;
mod options;
mod pdf;
mod words;
mod xlsx;

pub use error::ReportError;
pub use findings_csv::findings_csv;
pub use html::html;
pub use markdown::markdown;
pub use options::{Options, SECTIONS};
pub use pdf::{Pdf, page_svgs, pdf};
pub use xlsx::xlsx;

#[cfg(test)]
mod tests;
