//! What the performance page shows beside the assessment: the spread of one series, objectives and incidents. Only the
//! series that are needed for it are read.

use crate::EngineError;
use crate::statements::Decided;
use crate::workspace::{AsOf, SnapshotRow, Workspace};
use loadline_model::performance::{Promises, Spread};
use loadline_model::{Body, Fact, FactIndex, Slo, Snapshot, SubjectId, key::metric};
use std::collections::BTreeSet;

/// Series that objectives are counted from.
const COUNTED: [&str; 3] = [metric::JOURNEY_SUCCESS, metric::ERROR_RATIO, metric::REQUEST_RATE];

/// How the requests of one series spread over latency, day by day; nothing where there is no snapshot yet.
///
/// # Errors
/// See [`Workspace::find`] and the store.
pub async fn spread(
    workspace: &Workspace,
    as_of: &AsOf,
    subject: &SubjectId,
    route: Option<String>,
) -> Result<Spread, EngineError> {
    let Some(row) = workspace.find(as_of).await? else { return Ok(Spread::default()) };
    let mut stated = stated(workspace, &row).await?;
    let ids = names_of(&stated, &BTreeSet::from([subject.clone()]));
    add_series(workspace, &row, &mut stated, &ids, &[metric::REQUEST_DURATION]).await?;
    let subject = subject.clone();
    computed(move || loadline_stats::spread(&stated, &subject, route.as_deref())).await
}

/// Objectives with their error budgets, and incidents; nothing where there is no snapshot yet.
///
/// # Errors
/// See [`Workspace::find`] and the store.
pub async fn promises(workspace: &Workspace, as_of: &AsOf) -> Result<Promises, EngineError> {
    let Some(row) = workspace.find(as_of).await? else { return Ok(Promises::default()) };
    let mut stated = stated(workspace, &row).await?;
    let promised = FactIndex::new(&stated).all::<Slo>().map(|(id, _, _)| id.clone()).collect();
    let ids = names_of(&stated, &promised);
    add_series(workspace, &row, &mut stated, &ids, &COUNTED).await?;
    computed(move || loadline_stats::promises(&stated)).await
}

/// The facts of a snapshot without series, with what people decided.
async fn stated(workspace: &Workspace, row: &SnapshotRow) -> Result<Snapshot, EngineError> {
    let snapshot = workspace.facts(row, |_| true).await?;
    Ok(Decided::from_log(&workspace.decisions_at(row).await?).state_into(&snapshot))
}

/// Every id under which accounts may have told of these things.
fn names_of(snapshot: &Snapshot, wanted: &BTreeSet<SubjectId>) -> BTreeSet<SubjectId> {
    let index = FactIndex::new(snapshot);
    let canonical: BTreeSet<SubjectId> = wanted.iter().map(|id| index.canonical(id)).collect();
    let aliases = snapshot.aliases.iter().map(|a| &a.alias).filter(|id| canonical.contains(&index.canonical(id)));
    aliases.cloned().collect::<BTreeSet<_>>().into_iter().chain(canonical.iter().cloned()).collect()
}

async fn add_series(
    workspace: &Workspace,
    row: &SnapshotRow,
    snapshot: &mut Snapshot,
    ids: &BTreeSet<SubjectId>,
    metrics: &[&str],
) -> Result<(), EngineError> {
    let wanted = |fact: &Fact| match &fact.body {
        Body::Series(s) => ids.contains(&fact.subject) && metrics.contains(&s.metric.as_str()),
        Body::DistributionSeries(s) => ids.contains(&fact.subject) && metrics.contains(&s.metric.as_str()),
        _ => false,
    };
    snapshot.facts.extend(workspace.series(row, &wanted).await?);
    Ok(())
}

async fn computed<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, EngineError> {
    let stopped = |e| EngineError::new("assessment_failed", format!("Reading the series stopped: {e}."));
    tokio::task::spawn_blocking(work).await.map_err(stopped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;
    use loadline_model::performance::BudgetState;

    const API: &str = "service:harbor/api";

    async fn demo(route: Option<&str>) -> Spread {
        let workspace = Workspace::open(&Place::Demo).await.expect("demo");
        let as_of = AsOf::Named("after".into());
        spread(&workspace, &as_of, &API.into(), route.map(str::to_owned)).await.expect("computed")
    }

    #[tokio::test]
    async fn the_story_shows_how_slow_requests_went_away() {
        let all = demo(None).await;
        assert!(all.missing.is_none() && all.days.len() > 100, "{:?}", all.missing);
        let slow = |day: &loadline_model::performance::DaySpread| {
            let above = all.bounds.iter().zip(&day.counts).filter(|(b, _)| **b > 1.0).map(|(_, n)| n).sum::<u64>();
            above as f64 / day.total() as f64
        };
        let share =
            |days: &[loadline_model::performance::DaySpread]| days.iter().map(slow).sum::<f64>() / days.len() as f64;
        let (first, last) = (share(&all.days[..14]), share(&all.days[all.days.len() - 14..]));
        assert!(last < first / 2.0, "{first} at first, {last} at last");
        assert!(demo(Some("no such route")).await.missing.is_some());
    }

    #[tokio::test]
    async fn the_storys_objectives_have_budgets() {
        let workspace = Workspace::open(&Place::Demo).await.expect("demo");
        let after = promises(&workspace, &AsOf::Named("after".into())).await.expect("computed");
        assert_eq!((after.objectives.len(), after.incidents.len()), (3, 4));
        for objective in &after.objectives {
            let budget = objective.budget.as_ref().expect("success of journeys is measured");
            assert!(budget.measured > 0.99, "{objective:?}");
            assert_eq!(objective.burns.len(), 3);
        }
        assert!(after.objectives.iter().any(|o| o.state == BudgetState::Kept));
        let before = promises(&workspace, &AsOf::Named("before".into())).await.expect("computed");
        assert_eq!((before.objectives.len(), before.incidents.len()), (0, 3));
    }
}
