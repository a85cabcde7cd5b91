//! What readiness would be after a change.

use super::Desk;
use loadline_engine::parts::WhatIf;
use loadline_engine::{EngineError, what_if as engine};
use loadline_model::{Check, RuleInfo, Score};
use loadline_wire::what_if::{Change, Moved, Readiness, TriedOut, TryOut};
use std::sync::Arc;

pub(super) async fn try_out(desk: &Arc<Desk>, asked: TryOut) -> Result<TriedOut, EngineError> {
    let none = || EngineError::new("nothing_collected", "There is no snapshot yet to try a change on. Collect first.");
    let assessed = desk.assessment().await?.ok_or_else(none)?;
    let case = desk.workspace().await.case(&desk.as_of()).await?.ok_or_else(none)?;
    let changes: Vec<WhatIf> = asked.changes.into_iter().map(meant).collect();
    // Every stage runs: work for a processor, not for the thread that serves the window.
    let tried = tokio::task::spawn_blocking(move || {
        engine::try_out(&case, &assessed, &changes).map(|tried| {
            let moved = |checks: &[Check]| checks.iter().map(|c| moved(c, &assessed.rules)).collect();
            TriedOut {
                now: readiness(&assessed.score),
                then: readiness(&tried.then),
                closed: moved(&tried.closed),
                opened: moved(&tried.opened),
            }
        })
    });
    tried.await.map_err(|e| EngineError::new("assessment_failed", format!("The assessment stopped: {e}.")))?
}

fn meant(change: Change) -> WhatIf {
    match change {
        Change::AddReplica { group } => WhatIf::AddReplica { group },
        Change::MakeAutomaticFailover { store } => WhatIf::MakeAutomaticFailover { store },
        Change::MoveToZone { instance, zone } => WhatIf::MoveToZone { instance, zone },
        Change::Soften { from, to } => WhatIf::Soften { from, to },
    }
}

fn readiness(score: &Score) -> Readiness {
    Readiness { proven: score.proven, possible: score.possible, label: score.label.word().to_owned() }
}

fn moved(check: &Check, rules: &[RuleInfo]) -> Moved {
    let title = rules.iter().find(|r| r.id == check.rule).map(|r| r.title.clone()).unwrap_or_default();
    Moved { rule: check.rule.to_string(), title, subject: check.subject.name.clone() }
}
