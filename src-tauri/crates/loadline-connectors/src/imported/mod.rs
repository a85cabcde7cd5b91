//! Files that other tools wrote: bytes in, facts out. A file is refused as a whole when any of it cannot be trusted: nothing
//! of it is then kept. It is not for opening files, and not for deciding what a figure means.

mod cobertura;
mod coverage;
mod lcov;
pub(crate) mod opsgenie;
pub(crate) mod pagerduty;
mod path;
mod sarif;
mod sonarqube;

use loadline_model::{Basis, Body, Incident, Setting, SubjectId, Timestamp, Value};
use thiserror::Error;

/// Most bytes of a file: what an HTTP answer may have, too.
pub const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Most characters that are kept of any text.
const MOST_CHARS: usize = 500;

/// What wrote the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// SARIF 2.1.0: findings of an analyser.
    Sarif,
    /// Cobertura XML: coverage.
    Cobertura,
    /// LCOV: coverage.
    Lcov,
    /// An answer of SonarQube's `api/measures/component` or `api/measures/search_history`.
    SonarQube,
    /// An answer of PagerDuty's REST API: incidents, schedules or escalation policies.
    PagerDuty,
    /// An answer of Opsgenie's REST API: alerts or incidents.
    Opsgenie,
}

impl Format {
    /// Every format with its word, in the order in which help lists them.
    pub const ALL: [(Format, &'static str); 6] = [
        (Format::Sarif, "sarif"),
        (Format::Cobertura, "cobertura"),
        (Format::Lcov, "lcov"),
        (Format::SonarQube, "sonarqube"),
        (Format::PagerDuty, "pagerduty"),
        (Format::Opsgenie, "opsgenie"),
    ];
    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(format, _)| *format == self).map_or("", |(_, word)| word)
    }
    /// The format of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(format, _)| *format)
    }
    /// Whether it tells of code, and so of a repository.
    pub fn is_about_code(self) -> bool {
        !matches!(self, Self::PagerDuty | Self::Opsgenie)
    }
}

/// Why a file was refused. Nothing of it was kept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError {
    /// It is too large.
    #[error("The file has {bytes} bytes, and at most {MOST_BYTES} are read. Split it, for example by module.")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
    /// It is not text.
    #[error("The file is not UTF-8 text from byte {at} on. Export it again as UTF-8.")]
    NotText {
        /// First byte that is none.
        at: usize,
    },
    /// It declares entities, which may expand without bound or name other files.
    #[error(
        "The file brings a document type of its own, which may expand without end or name other files. Export it without one."
    )]
    DocumentType,
    /// It does not keep to its format.
    #[error("The file is not {format}: {why}. Check that it is whole and of this format.")]
    Malformed {
        /// Format.
        format: &'static str,
        /// Why, ending without a full stop.
        why: String,
    },
    /// It names a file that is not in the repository.
    #[error(
        "The file names `{path}`, which is not inside the repository. Write paths relative to its root, or give the folder it was built in with --root."
    )]
    PathOutside {
        /// The path as it is written, without control characters.
        path: String,
    },
    /// It holds more than is kept.
    #[error(
        "The file tells of {count} {what}, and at most {most} are kept. Split it, or leave out what does not matter."
    )]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many are kept.
        most: usize,
    },
}

impl ImportError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "import_too_large",
            Self::NotText { .. } => "import_not_text",
            Self::DocumentType => "import_document_type",
            Self::Malformed { .. } => "import_malformed",
            Self::PathOutside { .. } => "import_path_outside",
            Self::TooMany { .. } => "import_too_many",
        }
    }
}

/// What a file is about.
#[derive(Clone, Debug)]
pub struct About {
    /// The repository, for files about code.
    pub repository: SubjectId,
    /// The folder in which the repository was built; paths below it count as relative to it.
    pub root: Option<String>,
    /// The time of the import: what a figure without a date is as old as.
    pub now: Timestamp,
}

/// Of what a fact is said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// The repository of [`About`].
    Repository,
    /// A service, by the name that its tool gives it; `None` where the file names none.
    Service(Option<String>),
    /// Something by its id.
    Thing(SubjectId),
}

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// Facts, in the order of the file.
    pub facts: Vec<(Of, Basis, Body)>,
    /// One sentence: what was read.
    pub said: String,
    /// What the file does not tell, with what closes it.
    pub missing: Vec<(String, String)>,
    /// Tool or kind of answer: a later file of the same part replaces an earlier one.
    pub part: String,
}

impl Imported {
    pub(crate) fn setting(&mut self, of: Of, key: &str, item: Option<&str>, value: Value) {
        if matches!(value, Value::Number(n) if !n.is_finite()) {
            return;
        }
        let setting = Setting { key: key.to_owned(), item: item.map(str::to_owned), value };
        self.facts.push((of, Basis::Measured, setting.into()));
    }

    pub(crate) fn incident(&mut self, service: Option<String>, incident: Incident) {
        self.facts.push((Of::Service(service), Basis::Measured, incident.into()));
    }
}

/// Reads a file.
///
/// # Errors
/// [`ImportError`]: why nothing of it is kept.
pub fn read(format: Format, bytes: &[u8], about: &About) -> Result<Imported, ImportError> {
    if bytes.len() > MOST_BYTES {
        return Err(ImportError::TooLarge { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|e| ImportError::NotText { at: e.valid_up_to() })?;
    let text = text.trim_start_matches('\u{feff}');
    match format {
        Format::Sarif => sarif::read(text, about),
        Format::Cobertura => cobertura::read(text, about),
        Format::Lcov => lcov::read(text, about),
        Format::SonarQube => sonarqube::read(text, about),
        Format::PagerDuty => pagerduty::read(text, about),
        Format::Opsgenie => opsgenie::read(text),
    }
}

/// Text of a file as it may be shown: one line, without control characters, cut.
fn shown(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let line: String = text.trim().chars().map(plain).take(MOST_CHARS + 1).collect();
    if line.chars().count() > MOST_CHARS { line.chars().take(MOST_CHARS - 1).chain(['…']).collect() } else { line }
}

fn malformed(format: &'static str, why: impl Into<String>) -> ImportError {
    ImportError::Malformed { format, why: why.into() }
}

/// JSON, or why it is none; words of the parser quote no text of the file.
fn json(format: &'static str, text: &str) -> Result<serde_json::Value, ImportError> {
    serde_json::from_str(text).map_err(|e| {
        let why = match e.classify() {
            serde_json::error::Category::Eof => "it ends in the middle".to_owned(),
            _ => format!("it cannot be read from line {}, column {} on", e.line(), e.column()),
        };
        malformed(format, why)
    })
}

/// A text of a JSON answer, for showing.
fn text_at(row: &serde_json::Value, pointer: &str) -> Option<String> {
    row.pointer(pointer).and_then(serde_json::Value::as_str).filter(|t| !t.is_empty()).map(shown)
}

/// A time of a JSON answer.
fn time_at(row: &serde_json::Value, pointer: &str) -> Option<Timestamp> {
    row.pointer(pointer).and_then(serde_json::Value::as_str).and_then(Timestamp::parse)
}

#[cfg(test)]
mod tests;
