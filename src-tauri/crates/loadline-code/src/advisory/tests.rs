use super::*;
use crate::Ecosystem;
use std::cmp::Ordering;

#[test]
fn versions_in_their_order() {
    // Each list is in order; `=` joins what is equal.
    let check = |ecosystem: Ecosystem, ordered: &str| {
        let ranks: Vec<(usize, &str)> = ordered
            .split(" < ")
            .enumerate()
            .flat_map(|(rank, same)| same.split(" = ").map(move |v| (rank, v)))
            .collect();
        for (x, a) in &ranks {
            for (y, b) in &ranks {
                assert_eq!(compare(ecosystem, a, b), Some(x.cmp(y)), "{} {a} {b}", ecosystem.name());
            }
        }
    };
    // semver.org, section 11.
    let semver = "1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0 = 1.0.0+5 < 2.0.0 < 2.1.0 < 2.1.1 < 10.0.0";
    check(Ecosystem::Npm, semver);
    check(Ecosystem::Cargo, semver);
    check(
        Ecosystem::Go,
        "0.0.0-20200101000000-aaaaaaaaaaaa < 0.0.0-20210101000000-aaaaaaaaaaaa < 1.0.0 = v1.0.0+incompatible",
    );
    check(Ecosystem::NuGet, "1.0.0-Alpha = 1.0.0-alpha < 1 = 1.0.0 = 1.0.0.0 < 1.0.0.1 < 1.0.1");
    // packaging.python.org, "Version specifiers", "Summary of permitted suffixes and relative ordering".
    check(
        Ecosystem::PyPi,
        "1.dev0 < 1.0.dev456 < 1.0a1 = 1.0.alpha.1 = 1.0-ALPHA1 < 1.0a2.dev456 < 1.0a12.dev456 < 1.0a12 < 1.0b1.dev456 < 1.0b2 < 1.0b2.post345.dev456 < 1.0b2.post345 < 1.0rc1.dev456 < 1.0rc1 = 1.0c1 = 1.0.pre1 < 1.0 = 1 = v1.0.0 < 1.0+abc.5 < 1.0+abc.7 < 1.0+5 < 1.0.post456.dev34 < 1.0.post456 = 1.0-456 = 1.0.rev456 < 1.0.15 < 1.1.dev1 < 1!0.1",
    );
    // Gem::Version's own documentation and tests.
    check(Ecosystem::RubyGems, "1.0.a < 1.0.a.2 < 1.0.b1 < 1.0.0.rc1 < 1.0 = 1 = 1.0.0 < 1.0.1 < 1.9.3 < 1.10");
    // maven.apache.org/pom.html, "Version Order Specification".
    check(
        Ecosystem::Maven,
        "1-alpha-1 = 1a1 < 1-beta-1 < 1-milestone < 1-rc = 1-cr < 1-snapshot < 1 = 1.0 = 1.ga = 1-0 = 1.0.0 = 1-final = 1.0.0.RELEASE < 1-sp < 1-foo2 < 1-foo10 < 1-1 < 1.1",
    );
    check(Ecosystem::Maven, "2.0-alpha < 2.0-rc2 < 2.0 < 2.0.1 < 2.10 < 2.14.1 < 2.15.0");
    check(
        Ecosystem::Packagist,
        "1.0.0-dev < 1.0.0-alpha1 < 1.0.0-beta < 1.0.0-beta2 < 1.0.0-RC1 < v1.0.0 = 1.0 = 1.0.0.0 < 1.0.0-p1 < 1.0.1 < 1.10",
    );
}

#[test]
fn what_has_no_place_has_no_order() {
    let check =
        |ecosystem: Ecosystem, version: &str| assert_eq!(compare(ecosystem, version, version), None, "{version}");
    check(Ecosystem::Npm, "");
    check(Ecosystem::Npm, "1.2.3.4");
    check(Ecosystem::Npm, "latest");
    check(Ecosystem::Npm, "99999999999999999999.0.0");
    check(Ecosystem::PyPi, "2004d");
    check(Ecosystem::PyPi, "1.0-unknown");
    check(Ecosystem::RubyGems, "x.1");
    check(Ecosystem::RubyGems, "1..2");
    check(Ecosystem::Maven, "${version}");
    check(Ecosystem::Packagist, "dev-main");
    check(Ecosystem::Packagist, "1.x-dev");
    check(Ecosystem::Go, &"1.".repeat(200));
}

/// A record about `lib` of an ecosystem.
fn record(ecosystem: &str, affected: &str, more: &str) -> Record {
    let text = format!(
        r#"{{"id": "GHSA-1", "modified": "2024-02-01T00:00:00Z", "published": "2024-01-01T00:00:00Z",
            "affected": [{{"package": {{"ecosystem": "{ecosystem}", "name": "lib"}}, {affected}}}]{more}}}"#
    );
    Record::read(text.as_bytes()).expect("a record")
}

#[test]
fn a_version_is_affected_or_not_or_nobody_knows() {
    let check = |ecosystem: Ecosystem, affected: &str, version: &str, expected: Option<bool>| {
        let found = match record(ecosystem.name(), affected, "").matches(ecosystem, "lib", version) {
            Match::Affected { .. } => Some(true),
            Match::Not => Some(false),
            Match::Unknown => None,
        };
        assert_eq!(found, expected, "{affected} {version}");
    };
    let npm = Ecosystem::Npm;
    let one = r#""ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.0"}]}]"#;
    check(npm, one, "1.1.9", Some(true));
    check(npm, one, "1.2.0", Some(false));
    check(npm, one, "1.2.0-rc.1", Some(true));
    check(npm, one, "link", None);
    // The events of two lines, in no order.
    let two = r#""ranges": [{"type": "SEMVER", "events": [{"fixed": "2.1.0"}, {"introduced": "2.0.0"}, {"fixed": "1.5.0"}, {"introduced": "1.0.0"}]}]"#;
    for (version, expected) in [("0.9.0", false), ("1.0.0", true), ("1.5.0", false), ("2.0.5", true), ("2.1.0", false)]
    {
        check(npm, two, version, Some(expected));
    }
    let last = r#""ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"last_affected": "1.4"}]}]"#;
    check(Ecosystem::PyPi, last, "1.4.0", Some(true));
    check(Ecosystem::PyPi, last, "1.4.1", Some(false));
    let listed = r#""versions": ["1.0", "1.1.0"]"#;
    check(Ecosystem::PyPi, listed, "1.1", Some(true));
    check(Ecosystem::PyPi, listed, "1.2", Some(false));
    check(npm, r#""ranges": [{"type": "GIT", "repo": "x", "events": [{"introduced": "0"}]}]"#, "1.0.0", None);
    check(npm, r#""ranges": [{"type": "SEMVER", "events": []}]"#, "1.0.0", None);
    check(npm, r#""ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "soon"}]}]"#, "1.0.0", None);
    check(npm, r#""ranges": []"#, "1.0.0", None);
    let limited = r#""ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"limit": "2.0.0"}]}]"#;
    check(npm, limited, "1.9.9", Some(true));
    check(npm, limited, "2.0.0", Some(false));
    let newer = r#""ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"paused": "2.0.0"}]}]"#;
    check(npm, newer, "3.0.0", None);
    let unfixed = r#""ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}], "database_specific": {"last_known_affected_version_range": "<= 4.5.0"}"#;
    check(npm, unfixed, "4.5.0", Some(true));
    check(npm, unfixed, "5.0.0", Some(false));
    let unsaid = r#""ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}], "database_specific": {"last_known_affected_version_range": "= 4"}"#;
    check(npm, unsaid, "5.0.0", Some(true));
    // As GHSA-gcqq-w6gr-h9j9 once was: two parts about one library, of which one reaches further.
    let ruby = r#""ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2.1"}]}]}, {"package": {"ecosystem": "RubyGems",
        "name": "lib"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "2.3.2"}]}]"#;
    check(Ecosystem::RubyGems, ruby, "1.3", Some(true));
    check(Ecosystem::RubyGems, ruby, "2.4", Some(false));
    let other = record("PyPI", one, "");
    assert_eq!(other.matches(npm, "lib", "1.0.0"), Match::Not, "a name of another ecosystem");
    let fixed = record("npm", two, "").matches(npm, "lib", "1.2.0");
    assert_eq!(fixed, Match::Affected { level: None, fixed: Some("1.5.0".into()) });
}

#[test]
fn how_severe_a_hole_is() {
    let all = r#""ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]"#;
    let check = |affected: &str, more: &str, expected: Option<Level>| {
        let text = format!("{all}{affected}");
        match record("npm", &text, more).matches(Ecosystem::Npm, "lib", "1.0.0") {
            Match::Affected { level, .. } => assert_eq!(level, expected, "{affected} {more}"),
            other => panic!("{other:?}"),
        }
    };
    let vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    let scored = format!(r#", "severity": [{{"type": "CVSS_V3", "score": "{vector}"}}]"#);
    check("", "", None);
    check("", r#", "database_specific": {"severity": "MODERATE"}"#, Some(Level::Medium));
    check("", &scored, Some(Level::Critical));
    check(&scored, "", Some(Level::Critical));
    check("", &format!(r#"{scored}, "database_specific": {{"severity": "HIGH"}}"#), Some(Level::High));
    check("", r#", "severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}]"#, None);
    check(r#", "database_specific": {"informational": "unmaintained"}"#, "", Some(Level::Notice));
    let malware = r#"{"id": "MAL-1", "modified": "2024-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "npm", "name": "lib"}, "versions": ["1.0.0"]}]}"#;
    let malware = Record::read(malware.as_bytes()).expect("a record").matches(Ecosystem::Npm, "lib", "1.0.0");
    assert!(matches!(malware, Match::Affected { level: Some(Level::Critical), .. }));
}

#[test]
fn files_that_are_no_records() {
    let check =
        |text: &str, expected: NoRecord| assert_eq!(Record::read(text.as_bytes()).err(), Some(expected), "{text}");
    check("{\"name\": \"package\"}", NoRecord::Other);
    check("[1]", NoRecord::Other);
    check("{\"id\": \"GHSA-1\"", NoRecord::Damaged);
    check("", NoRecord::Damaged);
    check(r#"{"id": "GHSA-1", "modified": "2024", "affected": "all"}"#, NoRecord::Damaged);
    check(r#"{"id": "GHSA-1", "affected": []}"#, NoRecord::Damaged);
    let text = r#"{"id": "GHSA-1", "modified": "2024-02-01T00:00:00Z", "withdrawn": "2024-03-01T00:00:00Z", "aliases": ["CVE-1"],
        "summary": "a\n  hole", "affected": [{"package": {"ecosystem": "PyPI", "name": "A_b"}}, {"package": {"ecosystem": "Debian:12", "name": "x"}}]}"#;
    let record = Record::read(text.as_bytes()).expect("a record");
    let empty =
        r#"{"id": "X-1", "modified": "2024-02-01T00:00:00Z", "affected": null, "severity": null, "aliases": null}"#;
    assert!(Record::read(empty.as_bytes()).is_ok(), "null is nothing");
    assert!(record.is_withdrawn());
    assert_eq!(record.names().collect::<Vec<_>>(), ["GHSA-1", "CVE-1"]);
    assert_eq!(record.summary().as_deref(), Some("a hole"));
    assert_eq!(record.libraries().into_iter().collect::<Vec<_>>(), [(Ecosystem::PyPi, "a-b".to_owned())]);
}

proptest::proptest! {
    #[test]
    fn order_is_an_order(versions in proptest::collection::vec("[0-9]{1,2}(\\.[0-9]{1,2}){0,2}([-.]?(a|b|rc|alpha|dev|post|sp|foo)[0-9]{0,2})?", 3)) {
        for ecosystem in Ecosystem::ALL {
            let order = |a: usize, b: usize| compare(ecosystem, &versions[a], &versions[b]);
            for a in 0..3 {
                for b in 0..3 {
                    proptest::prop_assert_eq!(order(a, b), order(b, a).map(Ordering::reverse));
                    for c in 0..3 {
                        if order(a, b) == Some(Ordering::Less) && order(b, c) == Some(Ordering::Less) {
                            proptest::prop_assert_eq!(order(a, c), Some(Ordering::Less), "{} {:?}", ecosystem.name(), &versions);
                        }
                    }
                }
            }
        }
    }
}
