//! A migration that a person declared, by lines of code on both of its sides.

use crate::{DAY_MS, Timestamp, num};
use serde::{Deserialize, Serialize};

/// Share on the new path from which a migration counts as done (S1: 90–95 % over time).
pub const MIGRATION_DONE: f64 = 0.95;
/// Progress below which a migration stands still, 0–1 (HD).
pub const MIGRATION_MOVES: f64 = 0.02;
/// Weeks over which that progress is asked for (HD).
pub const MIGRATION_WEEKS: f64 = 8.0;
/// Farthest day that is forecast: beyond it a slope of half a year says nothing.
const FARTHEST_DAYS: f64 = 5.0 * 365.0;

/// Lines under the old and the new paths of a migration, week by week. Subject: the repository. A line under both counts
/// as new.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CodeMigration {
    /// What people call it.
    pub name: String,
    /// Patterns of the paths that are left, as declared.
    pub old: Vec<String>,
    /// Patterns of the paths that are moved to.
    pub new: Vec<String>,
    /// Oldest first, a week apart, from when the old paths first held a line; the last is the state that was read.
    pub moments: Vec<MigrationMoment>,
}

/// Lines of text at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MigrationMoment {
    /// When.
    pub at: Timestamp,
    /// Under the old paths.
    pub old_lines: f64,
    /// Under the new paths.
    pub new_lines: f64,
}

impl MigrationMoment {
    /// Share of the lines on the new paths, 0–1; `None` where there is no line.
    pub fn done(&self) -> Option<f64> {
        let all = self.old_lines + self.new_lines;
        (all.is_finite() && all > 0.0).then(|| num::round9(self.new_lines / all))
    }
}

impl CodeMigration {
    /// Share of the lines on the new paths in the state that was read, 0–1.
    pub fn done(&self) -> Option<f64> {
        self.moments.last()?.done()
    }

    /// The newest moment that lies at least so many days before an instant.
    pub fn before(&self, now: Timestamp, days: f64) -> Option<&MigrationMoment> {
        self.moments.iter().rev().find(|m| now.days_since(m.at) >= days)
    }

    /// How far it moved in the last eight weeks, 0–1, negative when it went back; `None` where it was not seen that long.
    pub fn moved(&self) -> Option<f64> {
        let last = self.moments.last()?;
        let then = self.before(last.at, MIGRATION_WEEKS * 7.0)?;
        Some(num::round9(last.done()? - then.done()?))
    }

    /// Start of the UTC day on which it is done if it goes on like this, by the slower of two paces: the median slope of the share
    /// between all pairs of moments (Theil and Sen), and that of the last eight weeks. `None` when it is done, was not seen for eight weeks, stood still in the last eight weeks, or
    /// would take more than five years.
    pub fn forecast(&self) -> Option<Timestamp> {
        let last = self.moments.last()?;
        let now = last.done()?;
        let moved = self.moved()?;
        if now >= MIGRATION_DONE || moved < MIGRATION_MOVES {
            return None;
        }
        let seen: Vec<(f64, f64)> =
            self.moments.iter().filter_map(|m| Some((m.at.0 as f64 / DAY_MS as f64, m.done()?))).collect();
        let pairs = seen.iter().enumerate().flat_map(|(i, a)| seen.iter().skip(i + 1).map(move |b| (a, b)));
        let mut slopes: Vec<f64> = pairs.filter(|(a, b)| b.0 > a.0).map(|(a, b)| (b.1 - a.1) / (b.0 - a.0)).collect();
        let lately = moved / (MIGRATION_WEEKS * 7.0);
        let slope = num::quantile(&mut slopes, 0.5).filter(|s| *s > 0.0)?.min(lately);
        let days = num::round9((MIGRATION_DONE - now) / slope);
        (days <= FARTHEST_DAYS).then(|| last.at.plus_days(days.ceil() as i64).utc_day().utc_start())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weekly moments that end at day 1,000, each as old and new lines.
    fn migration(lines: &[(f64, f64)]) -> CodeMigration {
        let last = Timestamp(1_000 * DAY_MS);
        let weeks = lines.len() as i64 - 1;
        let moment = |(i, (old, new)): (usize, &(f64, f64))| MigrationMoment {
            at: last.plus_days(-7 * (weeks - i as i64)),
            old_lines: *old,
            new_lines: *new,
        };
        let moments = lines.iter().enumerate().map(moment).collect();
        CodeMigration { name: "m".into(), moments, ..CodeMigration::default() }
    }

    fn weeks(each: impl Fn(f64) -> (f64, f64), count: u32) -> CodeMigration {
        migration(&(0..count).map(|i| each(f64::from(i))).collect::<Vec<_>>())
    }

    #[test]
    fn progress_is_the_share_of_the_lines_on_the_new_path() {
        assert_eq!(migration(&[(75.0, 25.0)]).done(), Some(0.25));
        assert_eq!(migration(&[(0.0, 25.0)]).done(), Some(1.0));
        assert_eq!(migration(&[(0.0, 0.0)]).done(), None, "nothing is neither done nor begun");
        assert_eq!(CodeMigration::default().done(), None);
    }

    #[test]
    fn movement_needs_eight_weeks() {
        let steady = |i: f64| (1_000.0 - 10.0 * i, 10.0 * i);
        assert_eq!(weeks(steady, 8).moved(), None, "seven weeks lie between eight readings");
        assert_eq!(weeks(steady, 9).moved(), Some(0.08));
        assert_eq!(weeks(|_| (600.0, 400.0), 27).moved(), Some(0.0));
        assert_eq!(weeks(|i| (600.0, 400.0 - 10.0 * i), 9).moved().map(|m| m < 0.0), Some(true));
    }

    #[test]
    fn the_forecast_follows_the_slope_and_is_silent_where_nothing_moves() {
        // 1 % a week from 0: 26 % today, so 69 weeks are left.
        let steady = weeks(|i| (1_000.0 - 10.0 * i, 10.0 * i), 27);
        assert_eq!(steady.forecast(), Some(Timestamp((1_000 + 69 * 7) * DAY_MS)));
        // 54 % after eighteen weeks at 3 points each, then one point a week to 62 %: the 33 points that are left take as many.
        let slower =
            weeks(|i| (1_000.0 - 30.0 * i + 20.0 * (i - 18.0).max(0.0), 30.0 * i - 20.0 * (i - 18.0).max(0.0)), 27);
        assert_eq!(slower.forecast(), Some(Timestamp((1_000 + 33 * 7) * DAY_MS)));
        assert_eq!(weeks(|_| (600.0, 400.0), 27).forecast(), None, "it stands");
        assert_eq!(weeks(|i| (1_000.0 - 10.0 * i.min(18.0), 10.0 * i.min(18.0)), 27).forecast(), None, "it stopped");
        assert_eq!(weeks(|i| (500.0 + 50.0 * i, 500.0), 27).forecast(), None, "the old path outgrows the new one");
        assert_eq!(weeks(|i| (30.0 - i, 970.0 + i), 27).forecast(), None, "it is done");
        assert_eq!(weeks(|i| (1_000.0 - 10.0 * i, 10.0 * i), 8).forecast(), None, "too short");
        assert_eq!(migration(&[]).forecast(), None);
    }
}
