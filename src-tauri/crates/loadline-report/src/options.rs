//! What goes into a report.

use loadline_model::codebase::OtherFinding;

/// The sections in their order: id and title.
pub const SECTIONS: [(&str, &str); 9] = [
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

/// What goes into a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Ids of [`SECTIONS`]; their own order is kept.
    pub sections: Vec<String>,
    /// Company named on the first page; empty: the workspace.
    pub company: String,
    /// Names were replaced by hashes before assessing: the first page says so.
    pub redacted: bool,
    /// Names of persons were replaced by pseudonyms before assessing: the first page says so.
    pub pseudonyms: bool,
    /// What other tools found, by tool; without any, their section is left out.
    pub others: Vec<OtherFinding>,
}

impl Default for Options {
    fn default() -> Self {
        Self::with_sections(&[])
    }
}

impl Options {
    /// Only these sections; an empty list means all.
    pub fn with_sections(sections: &[String]) -> Self {
        let sections = match sections {
            [] => SECTIONS.iter().map(|(id, _)| (*id).to_owned()).collect(),
            some => some.to_vec(),
        };
        Self { sections, company: String::new(), redacted: false, pseudonyms: false, others: Vec::new() }
    }
    pub(crate) fn has(&self, section: &str) -> bool {
        let holds = section != "other_tools" || !self.others.is_empty();
        holds && self.sections.iter().any(|s| s == section)
    }
    /// The first section that does not exist.
    pub(crate) fn unknown_section(&self) -> Option<&str> {
        self.sections.iter().map(String::as_str).find(|s| !SECTIONS.iter().any(|(id, _)| id == s))
    }
}
