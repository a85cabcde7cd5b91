//! What Reports says: pure.

use crate::format;
use loadline_wire::reports::{Exported, ReportOptions, SECTIONS};

/// A format: code, name, what it is for.
pub const FORMATS: [(&str, &str, &str); 6] = [
    ("pdf", "PDF", "To hand over: typeset, with page numbers and sources"),
    ("html", "HTML", "To read in a browser and link into"),
    ("md", "Markdown", "To paste into a wiki or an issue"),
    ("xlsx", "Excel", "To filter: findings, limits and plan as sheets"),
    ("csv", "CSV", "To load elsewhere: one table a file"),
    ("bundle", "Evidence bundle", "To verify: every number with the evidence it follows from"),
];

/// What a format is for.
pub fn purpose(format: &str) -> &'static str {
    FORMATS.iter().find(|(code, ..)| *code == format).map_or("", |(.., purpose)| purpose)
}

/// True for formats that have pages to look at.
pub fn has_pages(format: &str) -> bool {
    matches!(format, "pdf" | "html" | "md")
}

/// A section switched on or off, in the order of the report.
pub fn toggled(options: &ReportOptions, section: &str) -> Vec<String> {
    let on = |id: &str| options.sections.iter().any(|s| s == id);
    SECTIONS
        .iter()
        .filter(|(id, _)| if *id == section { !on(id) } else { on(id) })
        .map(|(id, _)| (*id).to_owned())
        .collect()
}

/// What becomes of the names of persons.
pub fn persons(options: &ReportOptions) -> &'static str {
    match (options.redact, options.with_names) {
        (true, _) => "Redaction hides persons, too.",
        (false, true) => "Who deployed, decided or owns something is named.",
        (false, false) => "Each person has a pseudonym, the same in every export. Only counts of persons are judged.",
    }
}

/// What redaction does to this format.
pub fn redaction(format: &str) -> &'static str {
    match format {
        "bundle" => {
            "Host names, ids and people are hashed before the assessment is made again from them, so the redacted bundle still verifies."
        }
        _ => {
            "Host names, ids and people are replaced by hashes. The same thing has the same hash everywhere, so the report stays coherent."
        }
    }
}

/// What was written.
pub fn written(exported: &Exported) -> String {
    let pages = exported.pages.map(|n| format!(", {}", format::count(n as usize, "page", "pages"))).unwrap_or_default();
    format!("{}{pages}", format::bytes(exported.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keep_the_order_of_the_report() {
        let none = ReportOptions { sections: Vec::new(), ..ReportOptions::default() };
        let one = ReportOptions { sections: toggled(&none, "method"), ..none.clone() };
        assert_eq!(toggled(&one, "spofs"), ["spofs", "method"]);
        assert_eq!(toggled(&one, "method"), Vec::<String>::new());
        assert_eq!(toggled(&ReportOptions::default(), "summary").len(), SECTIONS.len() - 1);
    }

    #[test]
    fn persons_are_named_only_when_chosen() {
        let mut options = ReportOptions::default();
        assert!(!options.with_names && persons(&options).contains("pseudonym"));
        options.with_names = true;
        assert!(persons(&options).contains("is named"));
        options.redact = true;
        assert!(persons(&options).contains("hides persons"));
    }

    #[test]
    fn results_name_size_and_pages() {
        let pdf = Exported { path: "a.pdf".into(), bytes: 48_211, pages: Some(12) };
        assert_eq!(written(&pdf), "48.2\u{202f}kB, 12 pages");
    }
}
