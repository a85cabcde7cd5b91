//! Scope `journeys`: the success of journeys, by a metric query that a person gave for each.

use super::reading::Reading;
use crate::Cancelled;
use crate::journeys::{Given, refused};
use loadline_model::key::metric;

/// Seconds of a question's steps; Datadog itself chooses how far apart the points of such a query are.
const STEP: i64 = 300;
/// Calls for each, at the first collection.
pub(super) const CALLS: u64 = 18;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>, given: &[Given]) -> Result<(), Cancelled> {
    for Given { journey, key, words } in given {
        let Some(lines) = r.over_time(words, STEP).await? else { continue };
        let values: Vec<Vec<f64>> = lines.iter().map(|l| l.points.values().copied().collect()).collect();
        match (refused(key, &values), lines.first()) {
            (None, Some(line)) => {
                let points = line.points.clone();
                r.series(journey, words, (metric::JOURNEY_SUCCESS, "ratio"), &points, |v| v);
            }
            (Some((reason, detail, closes)), _) => r.answer.miss_of(reason, detail, closes, &[], Some(journey)),
            (None, None) => {}
        }
    }
    Ok(())
}
