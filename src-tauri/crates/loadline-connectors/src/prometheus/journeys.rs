//! Scope `journeys`: the success of journeys, by an expression that a person gave for each.

use super::reading::Reading;
use crate::Cancelled;
use crate::journeys::{Given, refused};
use loadline_model::key::metric;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>, given: &[Given]) -> Result<(), Cancelled> {
    for Given { journey, key, words } in given {
        let (api, span, gaps) = (r.api, r.five_minutes(), r.answer.gaps());
        // A person's words are asked as they are: they are not about our names.
        let mut lines = r.ask(key, api.range(words, span)).await?.unwrap_or_default();
        if r.answer.gaps() != gaps {
            continue;
        }
        lines.retain(|line| !line.samples.is_empty());
        let values: Vec<Vec<f64>> = lines.iter().map(|l| l.samples.iter().map(|s| s.1).collect()).collect();
        match (refused(key, &values), lines.first()) {
            (None, Some(line)) => r.series(journey, words, metric::JOURNEY_SUCCESS, "ratio", line, span),
            (Some((reason, detail, closes)), _) => r.answer.miss_of(reason, detail, closes, &[], Some(journey)),
            (None, None) => {}
        }
    }
    Ok(())
}
