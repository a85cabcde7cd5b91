//! Readiness after the plan: the score again, in the window, with every planned item's findings passing. Pure.

use loadline_model::{Assessment, Fingerprint, Outcome};
use loadline_score::Situation;
use std::collections::BTreeSet;

/// Readiness now and then.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    /// 0–100.
    pub proven: (f64, f64),
    /// 0–100.
    pub possible: (f64, f64),
    /// The label's words.
    pub label: (String, String),
}

/// What the planned items reach together; `None` while nothing is planned.
pub fn after_plan(assessment: &Assessment) -> Option<Reach> {
    let planned = assessment.roadmap.sprints.iter().flat_map(|s| &s.items);
    let closed: BTreeSet<&Fingerprint> = planned.flat_map(|item| &item.closes).collect();
    if closed.is_empty() {
        return None;
    }
    let mut checks = assessment.checks.clone();
    for check in checks.iter_mut().filter(|c| closed.contains(&c.fingerprint)) {
        check.result.outcome = Outcome::Pass;
    }
    let (topology, capacity, policy) = (&assessment.topology, &assessment.capacity, &assessment.policy);
    let then = loadline_score::rate(&checks, &assessment.rules, &Situation { topology, capacity, policy });
    let now = &assessment.score;
    Some(Reach {
        proven: (now.proven, then.proven),
        possible: (now.possible, then.possible),
        label: (now.label.word().to_owned(), then.label.word().to_owned()),
    })
}
