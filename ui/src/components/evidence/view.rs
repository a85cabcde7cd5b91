//! What a finding's evidence says, from the assessment: pure.

use crate::format;
use loadline_model::{Assessment, Finding, FindingState, Item, RuleInfo, Timestamp};

/// Where a finding stands in the plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// In this sprint, 1-based, which starts then.
    Sprint { number: usize, starts: Timestamp },
    /// Done, waiting for the next collection to prove it.
    Done,
    /// It did not fit; what that costs.
    LeftOut { costs: String },
    /// Nothing would close it, or nobody planned it.
    NotPlanned,
}

impl Plan {
    /// The words people read.
    pub fn word(&self) -> String {
        match self {
            Plan::Sprint { number, .. } => format!("Sprint {number}"),
            Plan::Done => "Done, not proven yet".into(),
            Plan::LeftOut { .. } => "Left out".into(),
            Plan::NotPlanned => "Not planned".into(),
        }
    }
}

/// The finding's place in the plan, and the item that closes it.
pub fn plan<'a>(assessment: &'a Assessment, finding: &Finding) -> (Plan, Option<&'a Item>) {
    let closes = |item: &Item| finding.item.as_ref() == Some(&item.id) || item.closes.contains(&finding.fingerprint);
    let roadmap = &assessment.roadmap;
    if let Some(item) = roadmap.done.iter().find(|item| closes(item)) {
        return (Plan::Done, Some(item));
    }
    for (index, sprint) in roadmap.sprints.iter().enumerate() {
        if let Some(item) = sprint.items.iter().find(|item| closes(item)) {
            return (Plan::Sprint { number: index + 1, starts: sprint.starts }, Some(item));
        }
    }
    match roadmap.left_out.iter().find(|left| closes(&left.item)) {
        Some(left) => (Plan::LeftOut { costs: left.costs.clone() }, Some(&left.item)),
        None => (Plan::NotPlanned, None),
    }
}

/// Effort: of the item where there is one, else of the rule.
pub fn effort(item: Option<&Item>, rule: Option<&RuleInfo>) -> String {
    match (item, rule) {
        (Some(item), _) => format::effort(&item.half_days),
        (None, Some(rule)) => format::range(rule.effort_days[0], rule.effort_days[1], "day", "days"),
        (None, None) => "not estimated".into(),
    }
}

/// Share of journeys that one failure of the subject stops; `None` when the graph does not know it.
pub fn blast_radius(assessment: &Assessment, finding: &Finding) -> Option<f64> {
    assessment.topology.blast_radius.get(&finding.subject.id).copied()
}

/// Expected hours a year of the subject as a single point of failure.
pub fn hours(assessment: &Assessment, finding: &Finding) -> Option<loadline_model::Interval> {
    let spof = assessment.topology.spofs.iter().find(|spof| spof.subject.id == finding.subject.id)?;
    Some(spof.hours_per_year)
}

/// The word of a state.
pub fn state_word(state: FindingState) -> &'static str {
    match state {
        FindingState::New => "new",
        FindingState::Open => "open",
        FindingState::Resolved => "resolved",
        FindingState::Reopened => "reopened",
        FindingState::Accepted => "accepted",
    }
}

/// The link that opens this evidence; the search field takes it.
pub fn link(workspace: &str, finding: &Finding) -> String {
    format!("loadline://{}/finding/{}", workspace.to_lowercase().replace(' ', "-"), finding.fingerprint)
}

/// The fingerprint in a pasted link.
pub fn fingerprint_in(link: &str) -> Option<&str> {
    let (_, fingerprint) = link.trim().strip_prefix("loadline://")?.split_once("/finding/")?;
    Some(fingerprint).filter(|f| !f.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_link_is_found_again() {
        assert_eq!(fingerprint_in(" loadline://acme-social/finding/ab12 "), Some("ab12"));
        assert_eq!(fingerprint_in("loadline://acme/finding/"), None);
        assert_eq!(fingerprint_in("https://example.com/finding/ab12"), None);
    }

    #[test]
    fn plans_have_words() {
        assert_eq!(Plan::Sprint { number: 2, starts: Timestamp(0) }.word(), "Sprint 2");
        assert_eq!(Plan::NotPlanned.word(), "Not planned");
    }
}
