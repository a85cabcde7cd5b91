//! What a team decides once: its size, its share for this work, its thresholds. Versioned and printed in exports.

use crate::{Limited, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The team that does the work (`scoring.md` §6.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Team {
    /// Engineers.
    pub people: u32,
    /// Working days in a sprint.
    pub sprint_days: u32,
    /// First day of the first sprint.
    pub starts: Option<Timestamp>,
    /// Share of days people are there, 0–1.
    pub availability: f64,
    /// Share of engineering time for this work, 0–1.
    pub share: f64,
    /// Sprints to plan.
    pub sprints: u32,
}

impl Default for Team {
    fn default() -> Self {
        Self { people: 5, sprint_days: 10, starts: None, availability: 0.85, share: 0.2, sprints: 6 }
    }
}

impl Team {
    /// Half-days of a sprint: floor(2 × people × days × availability × share).
    pub fn half_days(&self) -> u32 {
        let raw = 2.0 * f64::from(self.people) * f64::from(self.sprint_days) * self.availability * self.share;
        // 16.999999 from binary fractions is meant as 17.
        if raw.is_finite() && raw > 0.0 { (raw + 1e-9) as u32 } else { 0 }
    }
}

/// Weights of the four parts of an item's value (`scoring.md` §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueWeights {
    /// Per point of the score.
    pub points: f64,
    /// Per journey-hour a year avoided.
    pub hours: f64,
    /// Per engineer-week a quarter saved.
    pub interest: f64,
    /// Per unit of urgency.
    pub urgency: f64,
}

impl Default for ValueWeights {
    fn default() -> Self {
        Self { points: 1.0, hours: 1.0, interest: 2.0, urgency: 1.0 }
    }
}

/// Everything a team may change about the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Rises by one with every change.
    pub version: u32,
    /// The team.
    pub team: Team,
    /// Weights of value.
    pub weights: ValueWeights,
    /// Changed thresholds: `DB-007.used_ratio` → value.
    pub thresholds: BTreeMap<String, f64>,
    /// Changed domain points: domain → points; normalised to 100.
    pub domain_points: BTreeMap<String, f64>,
    /// Changed alarm lines by [`Limited`] word.
    pub limits: BTreeMap<String, f64>,
    /// Days after which configuration facts are stale.
    pub stale_after_days: f64,
    /// Minutes by which a series may end before its read.
    pub series_lag_minutes: f64,
    /// Demand growth goal used by the reader, as a multiple.
    pub growth_goal: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: 1,
            team: Team::default(),
            weights: ValueWeights::default(),
            thresholds: BTreeMap::new(),
            domain_points: BTreeMap::new(),
            limits: BTreeMap::new(),
            stale_after_days: 7.0,
            series_lag_minutes: 15.0,
            growth_goal: 5.0,
        }
    }
}

/// Default domain points (`scoring.md` §3.1): id, name, points of 100.
pub const DOMAINS: [(&str, &str, f64); 15] = [
    ("SPOF", "Single points of failure", 15.0),
    ("DATA", "Data safety", 11.0),
    ("DB", "Databases", 12.0),
    ("CACHE", "Caching", 4.0),
    ("ASYNC", "Background work", 5.0),
    ("SCALE", "Scaling out", 7.0),
    ("LOAD", "Load control", 6.0),
    ("EDGE", "Edge and CDN", 3.0),
    ("OBS", "Observability", 10.0),
    ("DEL", "Delivery", 7.0),
    ("ARCH", "Architecture and code", 6.0),
    ("PPL", "People and knowledge", 4.0),
    ("COST", "Cost", 2.0),
    ("TEST", "Testing for scale", 3.0),
    ("CAP", "Capacity", 5.0),
];

impl Policy {
    /// Alarm line of a limited resource, share of the hard limit.
    pub fn limit(&self, limited: Limited) -> f64 {
        self.limits
            .get(limited.word())
            .copied()
            .filter(|l| l.is_finite() && *l > 0.0)
            .unwrap_or_else(|| limited.default_limit())
    }
    /// A changed threshold, when it was changed.
    pub fn threshold(&self, rule: &str, key: &str) -> Option<f64> {
        self.thresholds.get(&format!("{rule}.{key}")).copied().filter(|v| v.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e19_capacity_of_a_sprint() {
        let mut team = Team { availability: 1.0, ..Team::default() };
        assert_eq!(team.half_days(), 20);
        team.availability = 0.85;
        assert_eq!(team.half_days(), 17);
        team.share = 0.0;
        assert_eq!(team.half_days(), 0);
    }

    #[test]
    fn domain_points_sum_to_100() {
        assert_eq!(DOMAINS.iter().map(|d| d.2).sum::<f64>(), 100.0);
    }
}
