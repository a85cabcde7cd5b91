//! The databases of a snapshot with their history: which earlier snapshots are looked at, and how cheaply.

use crate::EngineError;
use crate::statements::Decided;
use crate::workspace::{AsOf, SnapshotRow, Workspace};
use loadline_model::databases::Databases;
use loadline_model::{Assessment, Body, Fact, Kind, Relation, key};
use std::sync::Arc;

/// Most snapshots that are looked at: half a year of weeks.
const READINGS: usize = 26;
/// Days of history from which on readings lie at least so many hours apart: weeks once there are enough of them, days
/// before, and never less than an hour, because a day is not told from minutes. A weekly rhythm slips by hours.
const APART: [(f64, f64); 3] = [(28.0, 156.0), (2.0, 20.0), (0.0, 1.0)];

/// The databases of a snapshot, of which `assessed` is the assessment.
///
/// # Errors
/// See [`Workspace::find`] and the store.
pub async fn databases(
    workspace: &Workspace,
    as_of: &AsOf,
    assessed: Arc<Assessment>,
) -> Result<Databases, EngineError> {
    let Some(shown) = workspace.find(as_of).await? else { return Ok(Databases::default()) };
    let rows = workspace.snapshots().await?;
    let mut snapshots = Vec::new();
    for row in looked_at(&rows, &shown) {
        snapshots.push(workspace.facts(row, about_history).await?);
    }
    let newest = workspace.facts(&shown, |_| true).await?;
    let decisions = workspace.decisions_at(&shown).await?;
    let computed = tokio::task::spawn_blocking(move || {
        let newest = Decided::from_log(&decisions).state_into(&newest);
        for earlier in &mut snapshots {
            // One thing keeps one name over the whole history.
            earlier.aliases.clone_from(&newest.aliases);
        }
        snapshots.push(newest);
        loadline_stats::databases(&snapshots, &loadline_stats::Concluded::from(&*assessed))
    });
    computed.await.map_err(|e| EngineError::new("assessment_failed", format!("The databases' history stopped: {e}.")))
}

/// What is compared over time; everything else is read of the newest snapshot alone.
fn about_history(fact: &Fact) -> bool {
    match &fact.body {
        Body::QueryStat(_) | Body::TableStat(_) | Body::IndexStat(_) => true,
        Body::Resource(r) => matches!(r.kind, Kind::Database | Kind::Table),
        Body::Edge(e) => e.relation == Relation::StoredIn,
        Body::Setting(s) => [key::STATEMENT_WINDOW_HOURS, key::DATABASE_BYTES].contains(&s.key.as_str()),
        _ => false,
    }
}

/// The snapshots before the one on show that are looked at, oldest first.
fn looked_at<'a>(rows: &'a [SnapshotRow], shown: &SnapshotRow) -> Vec<&'a SnapshotRow> {
    let days = rows.first().map_or(0.0, |r| shown.taken_at.days_since(r.taken_at));
    let apart = APART.iter().find(|(from, _)| days >= *from).map_or(1.0, |(_, hours)| *hours);
    let mut last = shown.taken_at;
    let mut chosen = Vec::new();
    for row in rows.iter().rev().filter(|r| r.taken_at < shown.taken_at) {
        if chosen.len() + 1 < READINGS && last.hours_since(row.taken_at) >= apart {
            last = row.taken_at;
            chosen.push(row);
        }
    }
    chosen.reverse();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;
    use loadline_model::databases::Trend;
    use loadline_model::{SnapshotId, Timestamp, num};

    #[test]
    fn weeks_are_compared_once_there_are_enough() {
        let check = |days: &[i64], expected: &[i64]| {
            let row = |d: &i64| SnapshotRow {
                id: SnapshotId::new(format!("s{d}")),
                taken_at: Timestamp(0).plus_days(1_000 + d),
                name: None,
            };
            let rows: Vec<SnapshotRow> = days.iter().map(row).collect();
            let chosen = looked_at(&rows, &row(&0));
            assert_eq!(chosen, expected.iter().map(row).collect::<Vec<_>>().iter().collect::<Vec<_>>(), "{days:?}");
        };
        check(&[0], &[]);
        check(&[-3, -2, -1, 0, 1], &[-3, -2, -1]);
        check(&[-30, -21, -14, -13, -7, -2, 0], &[-30, -21, -14, -7]);
        let daily: Vec<i64> = (-400..=0).collect();
        let weekly: Vec<i64> = (1..=25).rev().map(|n| -7 * n).collect();
        check(&daily, &weekly);
    }

    async fn demo(moment: &str) -> Databases {
        let workspace = Workspace::open(&Place::Demo).await.expect("demo");
        let as_of = AsOf::Named(moment.into());
        let assessed = workspace.assessment(&as_of).await.expect("assessed").expect("a snapshot");
        databases(&workspace, &as_of, Arc::new(assessed)).await.expect("databases")
    }

    #[tokio::test]
    async fn the_story_shows_what_indexes_did() {
        let before = demo("before").await;
        assert_eq!((before.databases.len(), before.statements.len()), (1, 0));
        assert!(before.databases[0].no_statements.as_ref().is_some_and(|m| m.closes.contains("setProfilingLevel")));

        let midway = demo("midway").await;
        let messages = midway.statements.iter().find(|s| s.fingerprint == "q-messages").expect("read");
        let means: Vec<f64> = messages.mean_over.iter().flatten().copied().collect();
        assert_eq!((means.first(), means.last()), (Some(&640.0), Some(&11.0)));
        let shares: f64 = midway.statements.iter().map(|s| s.share).sum();
        assert_eq!(num::round9(shares), 1.0);
        assert!(midway.statements.iter().all(|s| s.ms_per_day.iter().flatten().all(|ms| *ms >= 0.0)));
        assert_eq!(messages.trend, Trend::Compared { before_ms: 11.0, now_ms: 11.0 });
        assert_eq!(midway.tables.first().map(|t| t.subject.name.as_str()), Some("messages"));
        assert!(midway.tables.iter().all(|t| t.bytes_per_day.is_some_and(|b| b > 0.0)));
    }

    #[tokio::test]
    async fn the_same_snapshot_gives_the_same_answer() {
        assert_eq!(demo("midway").await, demo("midway").await);
    }

    #[tokio::test]
    async fn history_is_read_without_series() {
        let workspace = Workspace::open(&Place::Demo).await.expect("demo");
        let row = workspace.find(&AsOf::Newest).await.expect("found").expect("a snapshot");
        let slim = workspace.facts(&row, about_history).await.expect("facts");
        let all = workspace.facts(&row, |_| true).await.expect("facts");
        assert!(!slim.facts.is_empty() && slim.facts.len() < all.facts.len());
        assert!(!all.facts.iter().any(|f| matches!(f.body, Body::Series(_) | Body::DistributionSeries(_))));
    }
}
