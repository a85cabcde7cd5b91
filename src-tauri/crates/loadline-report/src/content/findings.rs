//! Findings by severity, each with its consequence, its remedy and where the plan puts it.

use super::summary::planned;
use super::{Block, Cell, Mark, Table};
use crate::words;
use loadline_model::{Assessment, Finding, FindingState, Severity};

/// More than these of one severity are left to the spreadsheet.
const MOST: usize = 120;

pub(super) fn findings(a: &Assessment) -> (String, Vec<Block>) {
    let failing: Vec<&Finding> = a.findings.iter().filter(|f| f.severity.is_some()).collect();
    let of = |s: Severity| failing.iter().filter(|f| f.severity == Some(s)).count();
    let gone = match a.resolved.len() {
        0 => String::new(),
        n => format!(
            " {} proven gone since the snapshot before.",
            words::capital(&words::count(n, "finding is", "findings are"))
        ),
    };
    let lead = match failing.len() {
        0 => format!("No check fails among those that could be judged.{gone}"),
        n => format!(
            "{}: {} critical, {} high, {} medium, {} low.{gone}",
            words::capital(&words::count(n, "check fails", "checks fail")),
            of(Severity::Critical),
            of(Severity::High),
            of(Severity::Medium),
            of(Severity::Low)
        ),
    };
    let mut blocks = Vec::new();
    for severity in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low] {
        let some: Vec<&Finding> = failing.iter().copied().filter(|f| f.severity == Some(severity)).collect();
        if some.is_empty() {
            continue;
        }
        blocks.push(Block::heading(format!("{} ({})", words::severity(severity), some.len())));
        blocks.push(Block::table(table(a, &some)));
        if some.len() > MOST {
            blocks.push(Block::note(format!("{} more are in the spreadsheet.", some.len() - MOST)));
        }
    }
    (lead, blocks)
}

fn table(a: &Assessment, findings: &[&Finding]) -> Table {
    let mut table = Table::of(&[("Rule", 13), ("Consequence and remedy", 57), ("Since", 13), ("Plan", 17)]);
    for f in findings.iter().take(MOST) {
        let remedy =
            f.remedy.clone().or_else(|| a.rule(&f.rule).and_then(|r| r.fix.first().cloned())).unwrap_or_default();
        table.row(vec![
            Cell { mark: Mark::of(f.severity), ..Cell::text(&f.rule.0) },
            Cell::with(&f.sentence, remedy),
            Cell::with(words::date(f.first_seen.0), state(f.state)),
            Cell::text(planned(a, f)),
        ]);
    }
    table
}

fn state(state: FindingState) -> &'static str {
    match state {
        FindingState::New => "new",
        FindingState::Open => "",
        FindingState::Resolved => "resolved",
        FindingState::Reopened => "came back",
        FindingState::Accepted => "accepted",
    }
}
