//! When languages' runtimes leave support.
//!
//! Read from the makers' schedules (devguide.python.org/versions, nodejs/Release, ruby-lang.org/en/downloads/branches,
//! php.net/supported-versions, go.dev/doc/devel/release#policy, dotnet/core releases-index; Java by Eclipse Temurin) and
//! compared with endoflife.date. A date that has passed stays passed; that a version is still supported counts only while
//! the table is young.

use loadline_model::{Day, Timestamp};

/// The day on which the table was read.
const READ_ON: &str = "2026-06-30";

/// Runtime, release, last day of support.
const TABLE: &[(&str, &str, &str)] = &[
    ("python", "2.7", "2020-01-01"),
    ("python", "3.6", "2021-12-23"),
    ("python", "3.7", "2023-06-27"),
    ("python", "3.8", "2024-10-07"),
    ("python", "3.9", "2025-10-31"),
    ("python", "3.10", "2026-10-31"),
    ("python", "3.11", "2027-10-31"),
    ("python", "3.12", "2028-10-31"),
    ("python", "3.13", "2029-10-31"),
    ("python", "3.14", "2030-10-31"),
    ("node", "12", "2022-04-30"),
    ("node", "14", "2023-04-30"),
    ("node", "13", "2020-06-01"),
    ("node", "15", "2021-06-01"),
    ("node", "16", "2023-09-11"),
    ("node", "17", "2022-06-01"),
    ("node", "18", "2025-04-30"),
    ("node", "19", "2023-06-01"),
    ("node", "20", "2026-04-30"),
    ("node", "21", "2024-06-01"),
    ("node", "22", "2027-04-30"),
    ("node", "23", "2025-06-01"),
    ("node", "24", "2028-04-30"),
    ("ruby", "2.6", "2022-04-12"),
    ("ruby", "2.7", "2023-03-31"),
    ("ruby", "3.0", "2024-04-23"),
    ("ruby", "3.1", "2025-03-26"),
    ("ruby", "3.2", "2026-03-31"),
    ("ruby", "3.3", "2027-03-31"),
    ("ruby", "3.4", "2028-03-31"),
    ("ruby", "4.0", "2029-03-31"),
    ("php", "7.3", "2021-12-06"),
    ("php", "7.4", "2022-11-28"),
    ("php", "8.0", "2023-11-26"),
    ("php", "8.1", "2025-12-31"),
    ("php", "8.2", "2026-12-31"),
    ("php", "8.3", "2027-12-31"),
    ("php", "8.4", "2028-12-31"),
    ("php", "8.5", "2029-12-31"),
    ("go", "1.18", "2023-02-01"),
    ("go", "1.19", "2023-08-08"),
    ("go", "1.20", "2024-02-06"),
    ("go", "1.21", "2024-08-13"),
    ("go", "1.22", "2025-02-11"),
    ("go", "1.23", "2025-08-12"),
    ("go", "1.24", "2026-02-11"),
    ("java", "9", "2018-03-20"),
    ("java", "10", "2018-09-25"),
    ("java", "11", "2027-10-31"),
    ("java", "17", "2027-10-31"),
    ("java", "21", "2029-12-31"),
    ("dotnet", "3.1", "2022-12-13"),
    ("dotnet", "5.0", "2022-05-10"),
    ("dotnet", "6.0", "2024-11-12"),
    ("dotnet", "7.0", "2024-05-14"),
    ("dotnet", "8.0", "2026-11-10"),
    ("dotnet", "9.0", "2026-11-10"),
    ("dotnet", "10.0", "2028-11-10"),
];

/// What the table says of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Support {
    /// Ended on this day.
    Ended(Day),
    /// Lasts until this day.
    Until(Day),
    /// Lasts, and its maker names no end.
    Open,
    /// Not in the table.
    Unlisted,
}

/// Support of a runtime's version on a day.
pub(super) fn support(runtime: &str, version: &str, on: Day) -> Support {
    support_in(TABLE, runtime, version, on)
}

/// The same by a table of names, releases and last days; the first row that fits counts, and one without a day has no end yet.
pub(super) fn support_in(table: &[(&str, &str, &str)], name: &str, version: &str, on: Day) -> Support {
    let fits =
        |release: &str| version == release || version.strip_prefix(release).is_some_and(|rest| rest.starts_with('.'));
    match table.iter().find(|(of, release, _)| *of == name && fits(release)) {
        None => Support::Unlisted,
        Some((.., "")) => Support::Open,
        Some((.., day)) => match Day::parse(day) {
            None => Support::Unlisted,
            Some(end) if end < on => Support::Ended(end),
            Some(end) => Support::Until(end),
        },
    }
}

/// Days since the table was read.
pub(super) fn table_age_days(at: Timestamp) -> f64 {
    Timestamp::parse(READ_ON).map_or(f64::INFINITY, |read| at.days_since(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let day = |text: &str| Day::parse(text).expect("a day");
        let check = |runtime: &str, version: &str, expected: Support| {
            assert_eq!(support(runtime, version, day("2026-07-01")), expected, "{runtime} {version}");
        };
        check("python", "3.8.10", Support::Ended(day("2024-10-07")));
        check("python", "3.1", Support::Unlisted);
        check("python", "3.11", Support::Until(day("2027-10-31")));
        check("node", "18.20.1", Support::Ended(day("2025-04-30")));
        check("node", "1", Support::Unlisted);
        check("erlang", "1", Support::Unlisted);
        for (name, release, end) in TABLE {
            assert!(Day::parse(end).is_some(), "{name} {release}");
        }
    }
}
