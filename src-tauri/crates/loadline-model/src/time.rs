//! Time: milliseconds UTC inside, local days by an explicit zone table, no clock.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds in a day of 24 hours.
pub const DAY_MS: i64 = 86_400_000;
/// Mean days in a month (`scoring.md` §4.4).
pub const DAYS_PER_MONTH: f64 = 30.4375;
/// Hours in a year (`scoring.md` §1.4).
pub const HOURS_PER_YEAR: f64 = 8766.0;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The instant `hours` later (negative: earlier).
    pub fn plus_hours(self, hours: i64) -> Self {
        Self(self.0.saturating_add(hours.saturating_mul(HOUR_MS)))
    }
    /// The instant `days` of 24 hours later (negative: earlier).
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY_MS)))
    }
    /// Days of 24 hours from `earlier` to here; negative when `earlier` is later.
    pub fn days_since(self, earlier: Self) -> f64 {
        (self.0.saturating_sub(earlier.0)) as f64 / DAY_MS as f64
    }
    /// Hours from `earlier` to here.
    pub fn hours_since(self, earlier: Self) -> f64 {
        (self.0.saturating_sub(earlier.0)) as f64 / HOUR_MS as f64
    }
    /// The UTC day this instant lies in.
    pub fn utc_day(self) -> Day {
        Day(self.0.div_euclid(DAY_MS) as i32)
    }
    /// The start of the UTC hour this instant lies in.
    pub fn hour_start(self) -> Self {
        Self(self.0.div_euclid(HOUR_MS) * HOUR_MS)
    }
    /// Reads `2026-11-21`, `2026-11-21T07:00:00Z` or `2026-11-21T07:00:00.123+01:00`; `None` when it is none of them.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let day = Day::parse(date)?;
        let start = day.0 as i64 * DAY_MS;
        if rest.is_empty() {
            return Some(Self(start));
        }
        let rest = rest.strip_prefix(['T', ' '])?;
        let (clock, offset_min) = if let Some(clock) = rest.strip_suffix(['Z', 'z']) {
            (clock, 0)
        } else if let Some(at) = rest.rfind(['+', '-']) {
            let (clock, offset) = rest.split_at(at);
            let sign = if offset.starts_with('-') { -1 } else { 1 };
            let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
            let (h, m) = (digits.get(0..2)?, digits.get(2..4).unwrap_or("00"));
            (clock, sign * (h.parse::<i64>().ok()? * 60 + m.parse::<i64>().ok()?))
        } else {
            (rest, 0)
        };
        let mut parts = clock.split(':');
        let hour: i64 = parts.next()?.parse().ok()?;
        let minute: i64 = parts.next()?.parse().ok()?;
        let second: f64 = parts.next().unwrap_or("0").parse().ok()?;
        let in_range = (0..24).contains(&hour) && (0..60).contains(&minute) && (0.0..61.0).contains(&second);
        in_range.then(|| Self(start + hour * HOUR_MS + (minute - offset_min) * 60_000 + (second * 1000.0) as i64))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.rem_euclid(DAY_MS);
        let (h, m, s) = (ms / HOUR_MS, ms / 60_000 % 60, ms / 1000 % 60);
        write!(f, "{}T{h:02}:{m:02}:{s:02}Z", self.utc_day())
    }
}

/// A civil day: days since 1970-01-01, in whatever zone its maker used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

impl Day {
    /// From year, month 1–12 and day 1–31 (proleptic Gregorian; Hinnant's algorithm).
    pub fn from_civil(year: i32, month: u32, day: u32) -> Self {
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let mp = (month as i32 + 9) % 12;
        let doy = (153 * mp + 2) / 5 + day as i32 - 1;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        Self(era * 146_097 + doe - 719_468)
    }
    /// Year, month 1–12, day 1–31.
    pub fn civil(self) -> (i32, u32, u32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
        let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
        (yoe + era * 400 + i32::from(month <= 2), month, day)
    }
    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let year: i32 = parts.next()?.parse().ok()?;
        let month: u32 = parts.next()?.parse().ok()?;
        let day: u32 = parts.next()?.parse().ok()?;
        let parsed = Self::from_civil(year, month, day);
        ((1900..3000).contains(&year) && parsed.civil() == (year, month, day)).then_some(parsed)
    }
    /// 0 = Monday … 6 = Sunday.
    pub fn weekday(self) -> u8 {
        (self.0 + 3).rem_euclid(7) as u8
    }
    /// The Monday of this day's week.
    pub fn week_start(self) -> Self {
        Self(self.0 - i32::from(self.weekday()))
    }
    /// ISO 8601 week as `2026-W47`.
    pub fn iso_week(self) -> String {
        let thursday = Self(self.week_start().0 + 3);
        let (year, _, _) = thursday.civil();
        let first = Self::from_civil(year, 1, 4).week_start();
        format!("{year}-W{:02}", (thursday.0 - first.0) / 7 + 1)
    }
    /// Reads `2026-W47` as that week's Monday.
    pub fn parse_iso_week(text: &str) -> Option<Self> {
        let (year, week) = text.split_once("-W")?;
        let (year, week): (i32, i32) = (year.parse().ok()?, week.parse().ok()?);
        let monday = Self(Self::from_civil(year, 1, 4).week_start().0 + (week - 1) * 7);
        (monday.iso_week() == text).then_some(monday)
    }
    /// Midnight UTC at which this day starts, when it is a UTC day.
    pub fn utc_start(self) -> Timestamp {
        Timestamp(i64::from(self.0) * DAY_MS)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = self.civil();
        write!(f, "{y:04}-{m:02}-{d:02}")
    }
}

/// From `from` on, local time is UTC plus `seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneOffset {
    /// First instant of the offset.
    pub from: Timestamp,
    /// Seconds east of UTC.
    pub seconds: i32,
}

/// The workspace's time zone as a table, so that pure stages need no zone database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// IANA name, printed in exports.
    pub name: String,
    /// Offsets in ascending order of `from`; before the first, the first applies.
    pub offsets: Vec<ZoneOffset>,
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "UTC".to_owned(), offsets: Vec::new() }
    }
}

impl Zone {
    /// Seconds east of UTC at an instant.
    pub fn offset_at(&self, at: Timestamp) -> i32 {
        let after = self.offsets.partition_point(|o| o.from <= at);
        self.offsets.get(after.saturating_sub(1)).map_or(0, |o| o.seconds)
    }
    /// The local day an instant lies in.
    pub fn day_of(&self, at: Timestamp) -> Day {
        Timestamp(at.0 + i64::from(self.offset_at(at)) * 1000).utc_day()
    }
    /// The local hour of day, 0–23.
    pub fn hour_of(&self, at: Timestamp) -> u8 {
        ((at.0 + i64::from(self.offset_at(at)) * 1000).rem_euclid(DAY_MS) / HOUR_MS) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_days_round_trip() {
        for n in (-30_000..60_000).step_by(17) {
            let (y, m, d) = Day(n).civil();
            assert_eq!(Day::from_civil(y, m, d), Day(n));
        }
        assert_eq!(Day::from_civil(2026, 11, 21).weekday(), 5, "a Saturday");
        assert_eq!(Day::from_civil(2026, 11, 21).iso_week(), "2026-W47");
        assert_eq!(Day::parse_iso_week("2026-W47"), Day::parse("2026-11-16"));
        assert_eq!(Day::parse("2026-02-30"), None);
    }

    #[test]
    fn instants_parse_and_print() {
        let at = Timestamp::parse("2026-11-21T07:30:00+01:00").expect("valid");
        assert_eq!(at.to_string(), "2026-11-21T06:30:00Z");
        assert_eq!(Timestamp::parse("2026-11-21").map(|t| t.to_string()).as_deref(), Some("2026-11-21T00:00:00Z"));
        for bad in ["", "2026", "2026-11-21T25:00:00Z", "2026-11-21Tnoon", "not a date!"] {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn local_days_follow_the_offset_table() {
        let change = Timestamp::parse("2026-10-25T01:00:00Z").expect("valid");
        let zone = Zone {
            name: "Europe/Berlin".into(),
            offsets: vec![ZoneOffset { from: Timestamp(0), seconds: 7200 }, ZoneOffset { from: change, seconds: 3600 }],
        };
        let at = |t| Timestamp::parse(t).expect("valid");
        assert_eq!(zone.day_of(at("2026-10-24T22:30:00Z")).to_string(), "2026-10-25");
        assert_eq!(zone.day_of(at("2026-11-24T22:30:00Z")).to_string(), "2026-11-24");
    }
}
