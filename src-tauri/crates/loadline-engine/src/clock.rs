//! The only place that reads the clock and the zone database; everything else takes them as arguments.

use crate::EngineError;
use loadline_model::{Timestamp, Zone, ZoneOffset};

/// Now, by the machine's clock.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// The machine's zone name, or UTC.
pub fn local_zone_name() -> String {
    jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
}

/// A zone as a table of offsets from 2015 to 2040.
///
/// # Errors
/// `unknown_zone` when the name is not in the IANA database.
pub fn zone(name: &str) -> Result<Zone, EngineError> {
    let tz = jiff::tz::TimeZone::get(name).map_err(|_| {
        EngineError::new(
            "unknown_zone",
            format!("`{name}` is not an IANA time zone. Use a name such as Europe/Berlin or UTC."),
        )
    })?;
    let at = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let (Some(first), Some(last)) = (at("2015-01-01T00:00:00Z"), at("2040-01-01T00:00:00Z")) else {
        return Ok(Zone { name: name.to_owned(), offsets: Vec::new() });
    };
    let offset =
        |at: jiff::Timestamp| ZoneOffset { from: Timestamp(at.as_millisecond()), seconds: tz.to_offset(at).seconds() };
    let mut offsets = vec![offset(first)];
    offsets.extend(tz.following(first).take_while(|t| t.timestamp() < last).map(|t| offset(t.timestamp())));
    Ok(Zone { name: name.to_owned(), offsets })
}

/// The next moment at or after `after` that is `weekday` (0 = Monday) at `hour`:`minute` in the zone.
pub fn next_weekly(zone: &Zone, after: Timestamp, weekday: u8, hour: u8, minute: u8) -> Timestamp {
    let start = zone.day_of(after);
    for ahead in 0..=8 {
        let day = loadline_model::Day(start.0 + ahead);
        if day.weekday() != weekday {
            continue;
        }
        let local = day.utc_start().0 + i64::from(hour) * 3_600_000 + i64::from(minute) * 60_000;
        let at = Timestamp(local - i64::from(zone.offset_at(Timestamp(local))) * 1000);
        if at >= after {
            return at;
        }
    }
    after.plus_days(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_become_tables() {
        let berlin = zone("Europe/Berlin").expect("known");
        let at = |t| Timestamp::parse(t).expect("valid");
        assert_eq!(berlin.offset_at(at("2026-07-01")), 7200);
        assert_eq!(berlin.offset_at(at("2026-12-01")), 3600);
        assert_eq!(zone("Mars/Olympus").expect_err("unknown").code, "unknown_zone");
    }

    #[test]
    fn the_schedule_keeps_its_local_hour_over_a_clock_change() {
        let berlin = zone("Europe/Berlin").expect("known");
        let at = |t| Timestamp::parse(t).expect("valid");
        assert_eq!(next_weekly(&berlin, at("2026-10-20"), 0, 7, 0).to_string(), "2026-10-26T06:00:00Z");
        assert_eq!(next_weekly(&berlin, at("2026-10-12T04:00:00Z"), 0, 7, 0).to_string(), "2026-10-12T05:00:00Z");
    }
}
