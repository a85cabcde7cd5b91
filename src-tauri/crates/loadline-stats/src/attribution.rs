//! What a change of level is consistent with (`scoring.md` §5.7).

use loadline_model::{Candidate, Timestamp, num};

/// Candidates are looked for in this many bins before a change point, and one bin after it.
pub const BINS_BEFORE: i64 = 2;
/// Share from which a candidate may be named as the cause.
pub const NAMED_SHARE: f64 = 0.6;
/// A named cause has at least this many times the share of the second.
pub const NAMED_LEAD: f64 = 2.0;

/// Something that happened and may have moved a level.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspect {
    /// Deployment id, item id or description; decides ties.
    pub what: String,
    /// When.
    pub at: Timestamp,
    /// 1 same service, 0.5 a dependency, 0.1 anything else.
    pub scope: f64,
    /// 1 if it is meant to move this very metric, else 0.5.
    pub mechanism: f64,
}

/// exp(-bins) x scope x mechanism.
pub fn score(bins: f64, scope: f64, mechanism: f64) -> f64 {
    num::exp(-bins.max(0.0)) * scope * mechanism
}

/// When a level changed, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The best estimate.
    pub at: Timestamp,
    /// The true moment lies within so many milliseconds: distances inside count as none.
    pub resolution_ms: i64,
    /// Length of a bin in milliseconds: a day for daily series.
    pub bin_ms: i64,
}

impl Change {
    fn bins_to(&self, at: Timestamp) -> f64 {
        let apart = (at.0 - self.at.0).abs().saturating_sub(self.resolution_ms).max(0);
        apart as f64 / self.bin_ms.max(1) as f64
    }
    /// First and last instant at which a candidate may have happened.
    pub fn window(&self) -> (Timestamp, Timestamp) {
        let from = self.at.0 - BINS_BEFORE * self.bin_ms - self.resolution_ms;
        (Timestamp(from), Timestamp(self.at.0 + self.bin_ms.max(self.resolution_ms)))
    }
}

/// Suspects in the window round a change, strongest first, with shares that sum to 1. At most one is `attributed`.
pub fn candidates(suspects: &[Suspect], change: &Change) -> Vec<Candidate> {
    let (from, until) = change.window();
    let scored: Vec<(&Suspect, f64)> = suspects
        .iter()
        .filter(|s| (from..=until).contains(&s.at))
        .map(|s| (s, score(change.bins_to(s.at), s.scope, s.mechanism)))
        .filter(|(_, score)| *score > 0.0)
        .collect();
    let total: f64 = scored.iter().map(|(_, s)| s).sum();
    let mut named: Vec<Candidate> = scored
        .into_iter()
        .map(|(s, score)| Candidate {
            what: s.what.clone(),
            at: s.at,
            share: num::round9(score / total),
            attributed: false,
        })
        .collect();
    named.sort_by(|a, b| num::cmp9(b.share, a.share).then_with(|| a.what.cmp(&b.what)).then(a.at.cmp(&b.at)));
    let second = named.get(1).map_or(0.0, |c| c.share);
    if let Some(first) = named.first_mut() {
        first.attributed = first.share >= NAMED_SHARE && first.share >= NAMED_LEAD * second;
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Change = Change { at: Timestamp(0), resolution_ms: 0, bin_ms: loadline_model::DAY_MS };

    fn suspect(what: &str, hours: i64, scope: f64, mechanism: f64) -> Suspect {
        Suspect { what: what.into(), at: Timestamp(0).plus_hours(hours), scope, mechanism }
    }

    #[test]
    fn one_clear_cause_is_named() {
        let found = candidates(
            &[
                suspect("a", 0, 1.0, 1.0),
                suspect("b", -24, 1.0, 0.5),
                suspect("c", 0, 0.1, 0.5),
                suspect("old", -72, 1.0, 1.0),
            ],
            &NOON,
        );
        assert_eq!(found.iter().map(|c| c.what.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!((found[0].share - 1.0 / (1.0 + 0.5 * num::exp(-1.0) + 0.05)).abs() < 1e-8);
        assert!(found[0].attributed && !found[1].attributed);
        assert!((found.iter().map(|c| c.share).sum::<f64>() - 1.0).abs() < 1e-8);
    }

    #[test]
    fn two_equal_causes_name_nobody() {
        let found = candidates(&[suspect("a", 1, 1.0, 1.0), suspect("b", -1, 1.0, 1.0)], &NOON);
        assert!(found.iter().all(|c| !c.attributed && c.share == 0.5));
        assert_eq!(found[0].what, "a", "ties by name");
        assert!(candidates(&[], &NOON).is_empty());
    }

    #[test]
    fn finer_knowledge_tells_daily_deployments_apart() {
        let daily = [
            suspect("item", 0, 1.0, 1.0),
            suspect("d1", -3, 1.0, 0.5),
            suspect("d2", 21, 1.0, 0.5),
            suspect("d0", -27, 1.0, 0.5),
        ];
        let share = |c: &Change| candidates(&daily, c).iter().find(|k| k.what == "item").map_or(0.0, |k| k.share);
        assert!(share(&NOON) < NAMED_SHARE);
        let fine = Change { resolution_ms: loadline_model::HOUR_MS, bin_ms: 6 * loadline_model::HOUR_MS, ..NOON };
        assert!(share(&fine) > NAMED_SHARE);
    }
}
