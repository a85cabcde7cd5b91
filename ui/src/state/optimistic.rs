//! What a decision will do, shown before the shell has answered. Only what is certain is changed; the answer replaces it.

use loadline_model::{Acceptance, Choice, FindingState};
use loadline_wire::workspace::WorkspaceState;

/// Shows a decision at once. Choices whose effect needs a new assessment change nothing here.
pub fn apply(state: &mut WorkspaceState, choice: &Choice) {
    let now = state.now;
    let Some(assessment) = state.assessment.as_mut() else { return };
    match choice {
        Choice::Accept { fingerprint, owner, reason, until } => {
            for finding in assessment.findings.iter_mut().filter(|f| f.fingerprint == *fingerprint) {
                finding.state = FindingState::Accepted;
                finding.acceptance = Some(Acceptance {
                    owner: owner.clone(),
                    reason: reason.clone(),
                    until: *until,
                    author: String::new(),
                    at: now,
                });
            }
        }
        Choice::Unaccept { fingerprint } => {
            for finding in assessment.findings.iter_mut().filter(|f| f.fingerprint == *fingerprint) {
                finding.state = FindingState::Open;
                finding.acceptance = None;
            }
        }
        Choice::PinItem { item, sprint } => {
            let sprints = assessment.roadmap.sprints.iter_mut().flat_map(|s| s.items.iter_mut());
            let left_out = assessment.roadmap.left_out.iter_mut().map(|l| &mut l.item);
            for planned in sprints.chain(left_out).filter(|i| i.id == *item) {
                planned.pinned_sprint = *sprint;
            }
        }
        _ => {}
    }
}
