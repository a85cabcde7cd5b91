//! The clock that signatures need, and how far it is off.

use std::time::{Duration, SystemTime};

/// The clock of this machine.
#[expect(clippy::disallowed_methods, reason = "a signature carries the time at which it is sent, not that of the run")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// Milliseconds since 1970.
pub(crate) fn millis(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// That time, moved.
pub(crate) fn moved(at: SystemTime, by_ms: i64) -> SystemTime {
    let by = Duration::from_millis(by_ms.unsigned_abs());
    let moved = if by_ms < 0 { at.checked_sub(by) } else { at.checked_add(by) };
    moved.unwrap_or(at)
}

/// Seconds from this clock to the one in a `Date` header; zero without one.
pub(crate) fn off(date: Option<&str>) -> i64 {
    let theirs = date.and_then(|d| jiff::fmt::rfc2822::parse(d).ok());
    theirs.map_or(0, |t| (t.timestamp().as_millisecond() - millis(now())) / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_compared_in_seconds() {
        assert_eq!(off(None), 0);
        assert_eq!(off(Some("yesterday")), 0);
        assert!(off(Some("Sun, 30 Aug 2015 12:36:00 GMT")) < -300_000_000);
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        assert_eq!([moved(at, -1000), moved(at, 500)].map(millis), [99_000, 100_500]);
    }
}
