//! When frameworks leave support: those whose makers publish days. Read on the same day as the runtimes' table, and compared
//! with endoflife.date. Where a row names a whole line of releases, its day is that of the last of them: none lasted longer.

use super::runtime_support::{Support, support_in};
use loadline_model::Day;

/// Framework, release, last day of security support; no day where the maker names none yet.
const TABLE: &[(&str, &str, &str)] = &[
    // djangoproject.com/download, "Supported versions"
    ("django", "1", "2020-04-01"),
    ("django", "2", "2022-04-11"),
    ("django", "3.0", "2021-04-06"),
    ("django", "3.1", "2021-12-07"),
    ("django", "3.2", "2024-04-01"),
    ("django", "4.0", "2023-04-01"),
    ("django", "4.1", "2023-12-01"),
    ("django", "4.2", "2026-04-30"),
    ("django", "5.0", "2025-04-02"),
    ("django", "5.1", "2025-12-03"),
    ("django", "5.2", "2028-04-30"),
    ("django", "6.0", "2027-04-30"),
    // rubyonrails.org/maintenance
    ("rails", "4", "2017-04-27"),
    ("rails", "5", "2022-06-01"),
    ("rails", "6.0", "2023-06-01"),
    ("rails", "6.1", "2024-10-01"),
    ("rails", "7.0", "2025-04-01"),
    ("rails", "7.1", "2025-10-01"),
    ("rails", "7.2", "2026-08-09"),
    ("rails", "8.0", "2026-11-07"),
    ("rails", "8.1", "2027-10-10"),
    // laravel.com/docs/releases, "Support Policy"
    ("laravel", "5", "2020-08-30"),
    ("laravel", "6", "2022-09-06"),
    ("laravel", "7", "2021-03-03"),
    ("laravel", "8", "2023-01-24"),
    ("laravel", "9", "2024-02-08"),
    ("laravel", "10", "2025-02-04"),
    ("laravel", "11", "2026-03-12"),
    ("laravel", "12", "2027-02-24"),
    // symfony.com/releases
    ("symfony", "2", "2019-11-30"),
    ("symfony", "3", "2021-11-30"),
    ("symfony", "4", "2023-11-30"),
    ("symfony", "5.4", "2029-02-28"),
    ("symfony", "5", "2022-01-31"),
    ("symfony", "6.4", "2027-11-30"),
    ("symfony", "6", "2024-01-31"),
    ("symfony", "7.0", "2024-07-31"),
    ("symfony", "7.1", "2025-01-31"),
    ("symfony", "7.2", "2025-07-31"),
    ("symfony", "7.3", "2026-01-31"),
    ("symfony", "7.4", "2029-11-30"),
    ("symfony", "8.0", "2026-07-31"),
    // spring.io/projects/spring-boot, "Support", without the commercial one
    ("spring-boot", "1", "2019-08-06"),
    ("spring-boot", "2", "2023-06-30"),
    ("spring-boot", "3.0", "2023-12-31"),
    ("spring-boot", "3.1", "2024-06-30"),
    ("spring-boot", "3.2", "2024-12-31"),
    ("spring-boot", "3.3", "2025-06-30"),
    ("spring-boot", "3.4", "2025-12-31"),
    ("spring-boot", "3.5", "2026-06-30"),
    ("spring-boot", "4.0", "2026-12-31"),
    // angular.dev/reference/releases; docs.angularjs.org/misc/version-support-status
    ("angularjs", "1", "2021-12-31"),
    ("angular", "9", "2021-08-06"),
    ("angular", "10", "2021-12-24"),
    ("angular", "11", "2022-05-11"),
    ("angular", "12", "2022-11-12"),
    ("angular", "13", "2023-05-04"),
    ("angular", "14", "2023-11-18"),
    ("angular", "15", "2024-05-18"),
    ("angular", "16", "2024-11-08"),
    ("angular", "17", "2025-05-15"),
    ("angular", "18", "2025-11-21"),
    ("angular", "19", "2026-05-19"),
    ("angular", "20", "2026-11-28"),
    ("angular", "21", "2027-05-19"),
    // v2.vuejs.org/lts
    ("vue", "2", "2023-12-31"),
    ("vue", "3", ""),
    // nextjs.org/support-policy; 9 to 12, which it does not name, by endoflife.date
    ("next", "9", "2020-10-27"),
    ("next", "10", "2021-06-15"),
    ("next", "11", "2022-01-27"),
    ("next", "12", "2022-11-21"),
    ("next", "13", "2024-12-21"),
    ("next", "14", "2025-10-26"),
    ("next", "15", "2026-10-21"),
    ("next", "16", ""),
    // expressjs.com/en/support
    ("express", "2", "2012-07-01"),
    ("express", "3", "2015-07-05"),
    ("express", "4", ""),
    ("express", "5", ""),
];

/// Support of a framework's version on a day.
pub(super) fn support(framework: &str, version: &str, on: Day) -> Support {
    support_in(TABLE, framework, version, on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let day = |text: &str| Day::parse(text).expect("a day");
        let check = |framework: &str, version: &str, expected: Support| {
            assert_eq!(support(framework, version, day("2026-07-01")), expected, "{framework} {version}");
        };
        check("django", "1.11.29", Support::Ended(day("2020-04-01")));
        check("django", "4.2.29", Support::Ended(day("2026-04-30")));
        check("django", "5.2", Support::Until(day("2028-04-30")));
        check("django", "10.0", Support::Unlisted);
        check("symfony", "5.4.1", Support::Until(day("2029-02-28")));
        check("symfony", "5.3.1", Support::Ended(day("2022-01-31")));
        check("spring-boot", "2.7.18.RELEASE", Support::Ended(day("2023-06-30")));
        check("vue", "2.7.16", Support::Ended(day("2023-12-31")));
        check("vue", "3.5.1", Support::Open);
        check("left-pad", "1.0.0", Support::Unlisted);
        for (name, release, end) in TABLE {
            assert!(end.is_empty() || Day::parse(end).is_some(), "{name} {release}");
        }
    }
}
