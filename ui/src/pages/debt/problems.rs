//! What the source itself and other tools tell, put in order: pure.

use loadline_model::CodeIdiom;
use loadline_model::codebase::{OtherFinding, Repository};
use std::collections::BTreeMap;

/// Places of one problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub title: &'static str,
    /// What it leads to.
    pub why: &'static str,
    /// How many, and how sure.
    pub said: String,
    pub places: Vec<CodeIdiom>,
}

/// Problems that are looked for: word, title, what they lead to; gravest first.
const PROBLEMS: [(&str, &str, &str); 12] = [
    (
        "query_in_loop",
        "Queries in loops (N+1)",
        "One request asks the database once for each row: it slows with every row.",
    ),
    (
        "list_unlimited",
        "Lists without a limit",
        "A list that answers everything grows with the data until it no longer answers.",
    ),
    ("unbounded_query", "Queries without a bound", "Everything that matches is loaded into memory at once."),
    (
        "call_without_timeout",
        "Calls without a timeout",
        "When the other side is slow, requests wait for ever and hold what they hold.",
    ),
    (
        "retry",
        "Retries without a limit or without waiting",
        "Load on a service that fails is multiplied when it can bear least.",
    ),
    (
        "session_in_process",
        "Sessions in the process",
        "A second member does not know who is logged in, and a deployment logs everybody out.",
    ),
    (
        "upload_on_disk",
        "Uploads on the disk of the machine",
        "A second member does not see them, and they go with the machine.",
    ),
    (
        "background_work",
        "Work beside requests",
        "Jobs take the CPU of requests, run once in each member and end with a deployment.",
    ),
    (
        "query_in_handler",
        "Queries in the function that answers a route",
        "What a route does cannot be tested, cached or moved without the route.",
    ),
    (
        "destructive_migration",
        "Migrations that lose data",
        "The version before cannot run again: there is no way back.",
    ),
    (
        "select_all",
        "SELECT *",
        "Columns that nobody reads are read and sent, and a new one breaks what did not expect it.",
    ),
    ("health_check_shallow", "Health checks that ask nothing", "A member that cannot work is still sent requests."),
];

/// Remedies that are looked for.
const REMEDIES: [&str; 7] = [
    "list_limited",
    "session_shared",
    "upload_shared",
    "rate_limit",
    "circuit_breaker",
    "health_check_deep",
    "feature_flags",
];

/// Problems with places, gravest kind first; likely places first within each.
pub fn groups(repository: &Repository) -> Vec<Group> {
    let of = |(word, title, why): (&str, &'static str, &'static str)| {
        let places: Vec<CodeIdiom> = repository.idioms.iter().filter(|i| i.what == word).cloned().collect();
        let likely = places.iter().filter(|p| p.likely).count();
        let said = match (likely, places.len() - likely) {
            (likely, 0) => format!("{likely} likely"),
            (0, possible) => format!("{possible} possible"),
            (likely, possible) => format!("{likely} likely, {possible} possible"),
        };
        (!places.is_empty()).then_some(Group { title, why, said, places })
    };
    PROBLEMS.into_iter().filter_map(of).collect()
}

/// Titles of problems that were looked for and found nowhere.
pub fn not_seen(repository: &Repository) -> Vec<String> {
    let none = |word: &str| repository.looked_for.iter().any(|(w, n)| w == word && *n == 0.0);
    let clear = PROBLEMS.iter().filter(|(word, ..)| none(word));
    clear
        .map(|(_, title, _)| if title.starts_with("SELECT") { (*title).to_owned() } else { title.to_lowercase() })
        .collect()
}

/// Places of remedies.
pub fn remedies(repository: &Repository) -> Vec<CodeIdiom> {
    repository.idioms.iter().filter(|i| REMEDIES.contains(&i.what.as_str())).cloned().collect()
}

/// Tools with the number of their findings, most first.
pub fn tools(all: &[OtherFinding]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for other in all {
        *counts.entry(&other.finding.source).or_default() += 1;
    }
    let mut tools: Vec<(String, usize)> = counts.into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
    tools.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    tools
}

/// Places in the list of the findings of a tool, or of all, gravest first in the tools' own words.
pub fn listed(all: &[OtherFinding], tool: Option<&str>) -> Vec<usize> {
    let wanted = |o: &OtherFinding| tool.is_none_or(|t| o.finding.source == t);
    let mut places: Vec<usize> = (0..all.len()).filter(|at| wanted(&all[*at])).collect();
    places.sort_by_key(|at| (gravity(&all[*at].finding.severity), *at));
    places
}

/// Order of the words that tools use, gravest first; an unknown word stands last.
fn gravity(severity: &str) -> usize {
    let words: [&[&str]; 4] = [
        &["critical", "blocker"],
        &["high", "error", "major"],
        &["medium", "moderate", "warning", "minor"],
        &["low", "note", "info"],
    ];
    let said = severity.to_lowercase();
    words.iter().position(|same| same.contains(&said.as_str())).unwrap_or(words.len())
}

/// Where a finding of another tool is: file and line, or the thing.
pub fn place_of(other: &OtherFinding) -> String {
    match (&other.finding.path, other.finding.line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (Some(path), None) => path.clone(),
        (None, _) => other.subject.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{ImportedFinding, SubjectRef, Timestamp};

    fn repository(idioms: Vec<CodeIdiom>, looked_for: &[(&str, f64)]) -> Repository {
        Repository {
            subject: SubjectRef::organisation(),
            lines: None,
            files_measured: None,
            unmeasured: None,
            history_days: None,
            history_complete: None,
            commits: None,
            authors: None,
            active_authors: None,
            truck_factor: None,
            orphaned: None,
            files: Vec::new(),
            modules: Vec::new(),
            cycles: Vec::new(),
            pairs: Vec::new(),
            test_lines: None,
            coverage: None,
            coverage_changed: None,
            debt_ratio: None,
            looked_for: looked_for.iter().map(|(w, n)| ((*w).to_owned(), *n)).collect(),
            idioms,
            migrations: Vec::new(),
        }
    }

    #[test]
    fn problems_are_told_by_kind_and_absence_only_where_somebody_looked() {
        let place = |what: &str, line, likely| CodeIdiom {
            what: what.into(),
            path: "a.ts".into(),
            line,
            likely,
            how: "h".into(),
        };
        let found = [place("retry", 1, true), place("query_in_loop", 2, true), place("query_in_loop", 3, false)];
        let all = [&found[..], &[place("rate_limit", 9, true)]].concat();
        let repository = repository(all, &[("retry", 1.0), ("query_in_loop", 2.0), ("select_all", 0.0)]);
        let told: Vec<(&str, String)> = groups(&repository).into_iter().map(|g| (g.title, g.said)).collect();
        assert_eq!(told[0], ("Queries in loops (N+1)", "1 likely, 1 possible".to_owned()));
        assert_eq!((told.len(), told[1].1.as_str()), (2, "1 likely"));
        assert_eq!(not_seen(&repository), ["SELECT *"]);
        assert_eq!(remedies(&repository).len(), 1);
    }

    #[test]
    fn what_other_tools_call_grave_stands_first() {
        let other = |source: &str, severity: &str| OtherFinding {
            subject: SubjectRef::organisation(),
            read_at: Timestamp(0),
            finding: ImportedFinding { source: source.into(), severity: severity.into(), ..ImportedFinding::default() },
        };
        let all = [other("A", "LOW"), other("B", "error"), other("B", "odd"), other("A", "Critical")];
        assert_eq!(listed(&all, None), [3, 1, 0, 2]);
        assert_eq!(listed(&all, Some("B")), [1, 2]);
        assert_eq!(tools(&all), [("A".to_owned(), 2), ("B".to_owned(), 2)]);
    }
}
