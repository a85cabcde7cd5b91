//! Reports and bundles of an assessment, in every format, written whole or not at all.

use crate::stages::{Case, assess};
use crate::{EngineError, bundle, people, redact};
use loadline_model::Assessment;
use loadline_report::Options;
use std::path::Path;

/// The formats that can be exported.
pub const FORMATS: &[&str] = &["pdf", "html", "md", "xlsx", "csv", "bundle"];

/// A report as bytes.
pub struct Report {
    /// The file's content.
    pub bytes: Vec<u8>,
    /// Pages, for a PDF.
    pub pages: Option<u32>,
}

/// Which names leave this computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// All but those of persons, who get pseudonyms.
    #[default]
    NoPersons,
    /// All.
    All,
    /// None: hosts, ids and resources are hashed, too.
    None,
}

impl Names {
    /// What a person chose. Redaction hides persons in any case.
    pub fn chosen(redact: bool, with_names: bool) -> Self {
        match (redact, with_names) {
            (true, _) => Self::None,
            (false, true) => Self::All,
            (false, false) => Self::NoPersons,
        }
    }

    /// The case with the names that may leave.
    ///
    /// # Errors
    /// Only when the case cannot be written as JSON.
    pub fn of(self, case: &Case) -> Result<Case, EngineError> {
        Ok(match self {
            Self::NoPersons => people::hide(case)?.0,
            Self::All => case.clone(),
            Self::None => redact::redact(case)?.0,
        })
    }

    /// The options that say so on the first page.
    #[must_use]
    pub fn said(self, options: &Options) -> Options {
        Options { redacted: self == Self::None, pseudonyms: self == Self::NoPersons, ..options.clone() }
    }
}

/// Makes a report of a case.
///
/// # Errors
/// `unknown_format`; what the report engine says.
pub fn report(case: &Case, format: &str, options: &Options, names: Names) -> Result<Report, EngineError> {
    let case = names.of(case)?;
    if format == "bundle" {
        return Ok(Report { bytes: bundle::make(&case, names)?, pages: None });
    }
    of_assessment(&assess(&case), format, &with_others(&case, &names.said(options)))
}

/// The options with what other tools found in a case, where their section is wanted.
pub fn with_others(case: &Case, options: &Options) -> Options {
    Options { others: crate::others::of_snapshot(&case.snapshot), ..options.clone() }
}

/// Makes a report of an assessment; every format but the bundle.
///
/// # Errors
/// `unknown_format`; what the report engine says.
pub fn of_assessment(assessment: &Assessment, format: &str, options: &Options) -> Result<Report, EngineError> {
    let plain = |bytes| Report { bytes, pages: None };
    Ok(match format {
        "pdf" => {
            let pdf = loadline_report::pdf(assessment, options)?;
            Report { bytes: pdf.bytes, pages: Some(pdf.pages) }
        }
        "html" => plain(loadline_report::html(assessment, options).into_bytes()),
        "md" => plain(loadline_report::markdown(assessment, options).into_bytes()),
        "xlsx" => plain(loadline_report::xlsx(assessment, options)?),
        "csv" => plain(loadline_report::findings_csv(assessment)?),
        other => {
            let message = format!("`{other}` is not a report format. Use one of {}.", FORMATS.join(", "));
            return Err(EngineError::new("unknown_format", message));
        }
    })
}

/// The pages of the PDF as SVG, for a preview by the same engine.
///
/// # Errors
/// What the report engine says.
pub fn page_svgs(assessment: &Assessment, options: &Options) -> Result<Vec<String>, EngineError> {
    Ok(loadline_report::page_svgs(assessment, options)?)
}

/// Writes a file whole or not at all: beside its place first, then renamed.
///
/// # Errors
/// `file_failed` with the path.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), EngineError> {
    let failed = |e: std::io::Error| {
        let message =
            format!("{} could not be written: {e}. Choose another folder or free some space.", path.display());
        EngineError::new("file_failed", message)
    };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let name = path.file_name().map_or_else(|| "report".into(), |n| n.to_string_lossy().into_owned());
    let beside = folder.join(format!(".{name}.part"));
    std::fs::write(&beside, bytes).map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)
}
