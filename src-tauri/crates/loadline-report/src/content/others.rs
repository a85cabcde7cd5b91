//! What other tools found: counted by tool, and the places that weigh most.

use super::{Block, Cell, Table};
use crate::words;
use loadline_model::codebase::OtherFinding;
use std::collections::BTreeMap;

/// Findings listed one by one.
const MOST: usize = 40;

pub(super) fn others(all: &[OtherFinding]) -> (String, Vec<Block>) {
    let mut tools: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for other in all {
        *tools.entry(&other.finding.source).or_default().entry(&other.finding.severity).or_default() += 1;
    }
    let lead = format!(
        "{} of {} are open. They stand here as those tools told \
         them. What a rule of ours reads of them is in its evidence; nothing else moves the score.",
        words::capital(&words::count(all.len(), "finding", "findings")),
        words::count(tools.len(), "other tool", "other tools"),
    );
    let mut by_tool = Table::of(&[("Tool", 24), ("Open", -12), ("In its own words", 64)]);
    for (tool, levels) in &tools {
        let mut counts: Vec<(&str, usize)> = levels.iter().map(|(level, n)| (*level, *n)).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let said: Vec<String> = counts.iter().map(|(level, n)| format!("{n} {}", level.to_lowercase())).collect();
        let sum: usize = levels.values().sum();
        by_tool.row(vec![Cell::text(*tool), Cell::text(sum.to_string()), Cell::text(said.join(", "))]);
    }
    let mut listed: Vec<&OtherFinding> = all.iter().collect();
    // Stable: what is equally grave stays by tool, rule and place.
    listed.sort_by_key(|o| gravity(&o.finding.severity));
    let mut table = Table::of(&[("Level", 12), ("What it says", 48), ("Where", 40)]);
    for other in listed.iter().take(MOST) {
        let f = &other.finding;
        let line = f.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = f.path.as_ref().map_or_else(|| other.subject.name.clone(), |path| format!("{path}{line}"));
        let rule = format!("{}, {}", f.source, f.rule);
        table.row(vec![Cell::text(f.severity.to_lowercase()), Cell::with(&f.title, rule), Cell::mono(place)]);
    }
    let mut blocks =
        vec![Block::table(by_tool), Block::heading("Gravest first, in each tool's own words"), Block::table(table)];
    if all.len() > MOST {
        blocks.push(Block::note(format!("{} more: loadline findings --others.", all.len() - MOST)));
    }
    (lead, blocks)
}

/// Order of the words that tools use, gravest first; an unknown word stands last.
fn gravity(severity: &str) -> usize {
    let words = [
        &["critical", "blocker"][..],
        &["high", "error", "major"],
        &["medium", "moderate", "warning", "minor"],
        &["low", "note", "info"],
    ];
    let said = severity.to_lowercase();
    words.iter().position(|same| same.contains(&said.as_str())).unwrap_or(words.len())
}
