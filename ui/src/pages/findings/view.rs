//! Which findings are shown, in which groups: pure.

use crate::components::Status;
use crate::components::evidence::view::state_word;
use crate::components::filter_chip::Choice;
use loadline_model::{Assessment, DOMAINS, Finding, FindingState};
use std::collections::BTreeMap;

/// The filters of the route; an empty list lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    pub states: Vec<String>,
    pub severities: Vec<String>,
    pub domains: Vec<String>,
    pub accounts: Vec<String>,
    pub reasons: Vec<String>,
    pub text: String,
}

/// What findings are grouped by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    #[default]
    None,
    Rule,
    Subject,
}

impl Grouping {
    /// The value in the route.
    pub fn of(value: Option<&str>) -> Self {
        match value {
            Some("rule") => Self::Rule,
            Some("subject") => Self::Subject,
            _ => Self::None,
        }
    }
}

/// A row of the table: a heading, or a finding by its place in the assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    Heading { title: String, count: usize },
    Finding(usize),
}

/// A property that can be filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    State,
    Severity,
    Domain,
    Account,
    Reason,
}

impl Facet {
    /// Every facet with its query key and label, in the order of the chips.
    pub const ALL: [(Facet, &'static str, &'static str); 5] = [
        (Facet::State, "state", "State"),
        (Facet::Severity, "severity", "Severity"),
        (Facet::Domain, "domain", "Domain"),
        (Facet::Account, "account", "Account"),
        (Facet::Reason, "reason", "Gap reason"),
    ];

    /// A finding's value; `None`: it has none.
    fn value(self, finding: &Finding) -> Option<String> {
        match self {
            Facet::State => Some(state_word(finding.state).to_owned()),
            Facet::Severity => Some(Status::of(finding).code().to_owned()),
            Facet::Domain => Some(finding.rule.family().to_owned()),
            Facet::Account => {
                finding.subject.account.as_ref().or(finding.gap.as_ref()?.account.as_ref()).map(ToString::to_string)
            }
            Facet::Reason => finding.gap.as_ref().map(|gap| gap.reason.code().to_owned()),
        }
    }

    /// The word people read.
    fn word(self, value: &str, assessment: &Assessment, finding: &Finding) -> String {
        match self {
            Facet::Severity => Status::of(finding).word().to_owned(),
            Facet::Domain => DOMAINS.iter().find(|d| d.0 == value).map_or_else(|| value.to_owned(), |d| d.1.to_owned()),
            Facet::Account => assessment
                .accounts
                .iter()
                .find(|a| a.id.as_str() == value)
                .map_or_else(|| value.to_owned(), |a| a.name.clone()),
            Facet::Reason => finding.gap.as_ref().map_or_else(|| value.to_owned(), |gap| gap.reason.word().to_owned()),
            Facet::State => value.to_owned(),
        }
    }
}

impl Filters {
    /// The chosen values of a facet.
    pub fn chosen(&self, facet: Facet) -> &[String] {
        match facet {
            Facet::State => &self.states,
            Facet::Severity => &self.severities,
            Facet::Domain => &self.domains,
            Facet::Account => &self.accounts,
            Facet::Reason => &self.reasons,
        }
    }

    /// True when nothing is filtered.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn lets_through(&self, finding: &Finding, except: Option<Facet>) -> bool {
        let facets = Facet::ALL.iter().filter(|(facet, _, _)| Some(*facet) != except).all(|(facet, _, _)| {
            let chosen = self.chosen(*facet);
            chosen.is_empty() || facet.value(finding).is_some_and(|value| chosen.contains(&value))
        });
        facets && self.text.to_lowercase().split_whitespace().all(|word| mentions(finding, word))
    }
}

fn mentions(finding: &Finding, word: &str) -> bool {
    [finding.title.as_str(), finding.sentence.as_str(), finding.subject.name.as_str(), finding.rule.as_str()]
        .iter()
        .any(|text| text.to_lowercase().contains(word))
}

/// The choices of a facet with what each would show under the other filters, in order of first appearance (worst first).
pub fn choices(assessment: &Assessment, filters: &Filters, facet: Facet) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for finding in &assessment.findings {
        let Some(value) = facet.value(finding) else { continue };
        let counts = usize::from(filters.lets_through(finding, Some(facet)));
        match choices.iter_mut().find(|choice| choice.value == value) {
            Some(choice) => choice.count += counts,
            None => choices.push(Choice { word: facet.word(&value, assessment, finding), value, count: counts }),
        }
    }
    choices
}

/// The rows, worst first; in groups by their worst member.
pub fn rows(assessment: &Assessment, filters: &Filters, grouping: Grouping) -> Vec<Row> {
    let shown: Vec<usize> =
        assessment.findings.iter().enumerate().filter(|(_, f)| filters.lets_through(f, None)).map(|(i, _)| i).collect();
    if grouping == Grouping::None {
        return shown.into_iter().map(Row::Finding).collect();
    }
    let mut order: Vec<String> = Vec::new();
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for index in shown {
        let Some(finding) = assessment.findings.get(index) else { continue };
        let title = match grouping {
            Grouping::Subject => finding.subject.name.clone(),
            _ => finding.title.clone(),
        };
        if !groups.contains_key(&title) {
            order.push(title.clone());
        }
        groups.entry(title).or_default().push(index);
    }
    let mut rows = Vec::new();
    for title in order {
        let members = groups.remove(&title).unwrap_or_default();
        rows.push(Row::Heading { title, count: members.len() });
        rows.extend(members.into_iter().map(Row::Finding));
    }
    rows
}

/// The next finding row from `from` in a direction, headings skipped.
pub fn step(rows: &[Row], from: Option<usize>, forward: bool) -> Option<usize> {
    let is_finding = |index: &usize| matches!(rows.get(*index), Some(Row::Finding(_)));
    match (from, forward) {
        (None, _) => (0..rows.len()).find(is_finding),
        (Some(at), true) => (at + 1..rows.len()).find(is_finding).or(Some(at)),
        (Some(at), false) => (0..at).rev().find(is_finding).or(Some(at)),
    }
}

/// `12 failing, 4 not proven, 2 accepted`.
pub fn summary(findings: &[Finding]) -> String {
    let accepted = findings.iter().filter(|f| f.state == FindingState::Accepted).count();
    let unknown = findings.iter().filter(|f| f.result == "unknown" && f.state != FindingState::Accepted).count();
    let failing = findings.len() - accepted - unknown;
    let parts = [(failing, "failing"), (unknown, "not proven"), (accepted, "accepted")];
    let words: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    if words.is_empty() {
        "Nothing fails and nothing is unknown.".into()
    } else {
        format!("{}, worst first.", words.join(", "))
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
