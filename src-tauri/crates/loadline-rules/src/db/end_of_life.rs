//! When engines leave community support.
//!
//! Read from the vendors' schedules as collected by endoflife.date (postgresql.org/support/versioning, Oracle lifetime
//! support, mariadb.org maintenance policy, mongodb.com support lifecycles, redis security policy). A date that has passed
//! stays passed; that a version is still supported counts only while the table is young.

use super::reading::Engine;
use loadline_model::{Day, Timestamp};

/// The day on which the table was read.
pub(super) const READ_ON: &str = "2026-06-30";

/// Engine, release, last day of community support; empty where the vendor supports it and names no day.
const TABLE: &[(&str, &str, &str)] = &[
    ("postgresql", "9.6", "2021-11-11"),
    ("postgresql", "10", "2022-11-10"),
    ("postgresql", "11", "2023-11-09"),
    ("postgresql", "12", "2024-11-14"),
    ("postgresql", "13", "2025-11-13"),
    ("postgresql", "14", "2026-11-12"),
    ("postgresql", "15", "2027-11-11"),
    ("postgresql", "16", "2028-11-09"),
    ("postgresql", "17", "2029-11-08"),
    ("postgresql", "18", "2030-11-14"),
    ("mysql", "5.5", "2018-12-31"),
    ("mysql", "5.6", "2021-02-28"),
    ("mysql", "5.7", "2023-10-31"),
    ("mysql", "8.0", "2026-04-30"),
    ("mysql", "8.1", "2023-10-25"),
    ("mysql", "8.2", "2023-12-14"),
    ("mysql", "8.3", "2024-04-10"),
    ("mysql", "8.4", "2032-04-30"),
    ("mysql", "9.0", "2024-10-15"),
    ("mysql", "9.1", "2025-01-21"),
    ("mysql", "9.2", "2025-04-15"),
    ("mysql", "9.3", "2025-07-22"),
    ("mysql", "9.4", "2025-10-21"),
    ("mysql", "9.5", "2026-01-20"),
    ("mysql", "9.6", "2026-04-21"),
    ("mysql", "9.7", ""),
    ("mariadb", "10.2", "2022-05-23"),
    ("mariadb", "10.3", "2023-05-25"),
    ("mariadb", "10.4", "2024-06-18"),
    ("mariadb", "10.5", "2025-06-24"),
    ("mariadb", "10.6", "2026-07-06"),
    ("mariadb", "10.11", "2028-02-16"),
    ("mariadb", "11.4", "2029-05-29"),
    ("mariadb", "11.8", "2028-06-04"),
    ("mariadb", "12.0", "2025-11-18"),
    ("mariadb", "12.1", "2026-02-13"),
    ("mariadb", "12.2", "2026-05-13"),
    ("mariadb", "12.3", "2029-06-30"),
    ("mongodb", "4.0", "2022-04-30"),
    ("mongodb", "4.2", "2023-04-30"),
    ("mongodb", "4.4", "2024-02-29"),
    ("mongodb", "5.0", "2024-10-31"),
    ("mongodb", "6.0", "2025-07-31"),
    ("mongodb", "7.0", "2027-08-31"),
    ("mongodb", "8.0", "2029-10-31"),
    ("mongodb", "8.2", "2026-07-31"),
    ("redis", "5.0", "2022-04-27"),
    ("redis", "6.0", "2022-05-31"),
    ("redis", "6.2", ""),
    ("redis", "7.0", "2024-07-29"),
    ("redis", "7.2", ""),
    ("redis", "7.4", ""),
    ("redis", "8.0", "2026-02-11"),
    ("redis", "8.2", ""),
    ("redis", "8.4", ""),
    ("redis", "8.6", ""),
];

/// What the table says of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Support {
    /// Support ended on this day.
    Ended(Day),
    /// Supported, until a day when one is named.
    Until(Option<Day>),
    /// Not in the table.
    Unlisted,
}

/// Support of an engine's version on a day.
pub(super) fn support(engine: &str, version: &str, on: Day) -> Support {
    let release = release_of(version);
    let family = family(engine);
    let row = TABLE.iter().find(|(e, r, _)| *e == family && (release == *r || release.starts_with(&format!("{r}."))));
    match row {
        None => Support::Unlisted,
        Some((_, _, day)) => match Day::parse(day) {
            Some(end) if end < on => Support::Ended(end),
            end => Support::Until(end),
        },
    }
}

/// Days since the table was read.
pub(super) fn table_age_days(at: Timestamp) -> f64 {
    Timestamp::parse(READ_ON).map_or(f64::INFINITY, |read| at.days_since(read))
}

fn family(engine: &str) -> &'static str {
    let name = engine.to_ascii_lowercase();
    if name.contains("maria") {
        return "mariadb";
    }
    if name.contains("redis") {
        return "redis";
    }
    match Engine::of(&name) {
        Engine::Postgresql => "postgresql",
        Engine::Mysql => "mysql",
        Engine::Mongodb if name.contains("mongo") => "mongodb",
        _ => "",
    }
}

/// The numbers of a version: `16.3` of `PostgreSQL 16.3 (Debian)`, `8.0.36` of `8.0.36-28`.
fn release_of(version: &str) -> String {
    let start = version.find(|c: char| c.is_ascii_digit()).unwrap_or(version.len());
    version.get(start..).unwrap_or("").chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found() {
        let check = |engine: &str, version: &str, expected: Support| {
            assert_eq!(support(engine, version, Day::from_civil(2026, 11, 16)), expected, "{engine} {version}");
        };
        let day = |text: &str| Day::parse(text).expect("valid");
        check("postgresql", "13.15", Support::Ended(day("2025-11-13")));
        check("aurora-postgresql", "PostgreSQL 16.3 (Debian)", Support::Until(Some(day("2028-11-09"))));
        check("postgresql", "1.6", Support::Unlisted);
        check("mysql", "8.0.36-28", Support::Ended(day("2026-04-30")));
        check("mariadb", "10.11.6-MariaDB", Support::Until(Some(day("2028-02-16"))));
        check("redis", "7.2.4", Support::Until(None));
        check("documentdb", "5.0", Support::Unlisted);
    }

    #[test]
    fn every_date_is_a_day() {
        for (engine, release, day) in TABLE {
            assert!(day.is_empty() || Day::parse(day).is_some(), "{engine} {release}");
        }
        assert!(table_age_days(Timestamp::parse("2026-07-01").expect("valid")) < 2.0);
    }
}
