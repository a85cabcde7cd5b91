//! Findings as a table for spreadsheets, with nothing in it that a spreadsheet would run.

use crate::{ReportError, words};
use loadline_model::{Assessment, Finding};

/// Columns of the table.
pub(crate) const COLUMNS: [&str; 20] = [
    "rule",
    "title",
    "severity",
    "state",
    "result",
    "subject_kind",
    "subject",
    "subject_id",
    "account",
    "region",
    "sentence",
    "remedy",
    "points_lost",
    "first_seen",
    "last_seen",
    "accepted_by",
    "accepted_until",
    "planned_item",
    "unknown_because",
    "closes",
];

/// All findings, worst first, as CSV with a header. Text that a spreadsheet would take for a formula gets a leading apostrophe.
///
/// # Errors
/// `table_failed` when a row cannot be written.
pub fn findings_csv(assessment: &Assessment) -> Result<Vec<u8>, ReportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for finding in &assessment.findings {
        writer.write_record(row(finding).iter().map(|cell| inert(cell)))?;
    }
    writer.into_inner().map_err(|e| ReportError::Table(csv::Error::from(e.into_error())))
}

/// A finding's cells, in the order of [`COLUMNS`].
pub(crate) fn row(f: &Finding) -> [String; 20] {
    let accepted = f.acceptance.as_ref();
    let account = f.subject.account.as_ref().map_or(String::new(), ToString::to_string);
    [
        f.rule.to_string(),
        f.title.clone(),
        f.severity.map_or(String::new(), |s| s.to_string()),
        format!("{:?}", f.state).to_lowercase(),
        f.result.clone(),
        f.subject.kind.map_or("organisation", |k| k.word()).to_owned(),
        f.subject.name.clone(),
        f.subject.id.to_string(),
        account,
        f.subject.region.clone().unwrap_or_default(),
        f.sentence.clone(),
        f.remedy.clone().unwrap_or_default(),
        format!("{:.6}", f.points_lost_micro as f64 / 1e6),
        f.first_seen.to_string(),
        f.last_seen.to_string(),
        accepted.map_or(String::new(), |x| x.owner.clone()),
        accepted.map_or(String::new(), |x| x.until.to_string()),
        f.item.as_ref().map_or(String::new(), ToString::to_string),
        f.gap.as_ref().map_or("", |g| g.reason.code()).to_owned(),
        f.gap.as_ref().map_or(String::new(), |g| g.closes.clone()),
    ]
}

/// Spreadsheets run what starts with `=`, `+`, `-` or `@`, some also after blanks and tabs.
pub(crate) fn inert(text: &str) -> String {
    let text = words::clean(text);
    if text.trim_start().starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn formulas_become_text() {
        for (text, safe) in [
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("+1", "'+1"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "' =1"),
            ("prod-db", "prod-db"),
            ("", ""),
        ] {
            assert_eq!(inert(text), safe);
        }
    }
}
