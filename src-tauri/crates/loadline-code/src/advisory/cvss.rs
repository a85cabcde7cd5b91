//! The base score of CVSS 3.0 and 3.1 (first.org/cvss/v3.1/specification-document, section 7.1).

use super::Level;

/// Level of a vector such as `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H`; `None` for other versions and damaged ones.
pub(super) fn level(vector: &str) -> Option<Level> {
    let tenths = base_tenths(vector)?;
    Some(match tenths {
        90.. => Level::Critical,
        70.. => Level::High,
        40.. => Level::Medium,
        1.. => Level::Low,
        0 => Level::Notice,
    })
}

/// The base score in tenths.
fn base_tenths(vector: &str) -> Option<u32> {
    let metrics = vector.strip_prefix("CVSS:3.1/").or_else(|| vector.strip_prefix("CVSS:3.0/"))?;
    let of = |name: &str| metrics.split('/').find_map(|m| m.strip_prefix(name)?.strip_prefix(':'));
    let changed = match of("S")? {
        "C" => true,
        "U" => false,
        _ => return None,
    };
    let way = match of("AV")? {
        "N" => 0.85,
        "A" => 0.62,
        "L" => 0.55,
        "P" => 0.2,
        _ => return None,
    };
    let complexity = match of("AC")? {
        "L" => 0.77,
        "H" => 0.44,
        _ => return None,
    };
    let privileges = match (of("PR")?, changed) {
        ("N", _) => 0.85,
        ("L", false) => 0.62,
        ("L", true) => 0.68,
        ("H", false) => 0.27,
        ("H", true) => 0.5,
        _ => return None,
    };
    let interaction = match of("UI")? {
        "N" => 0.85,
        "R" => 0.62,
        _ => return None,
    };
    let lost = |name: &str| {
        Some(match of(name)? {
            "H" => 0.56,
            "L" => 0.22,
            "N" => 0.0,
            _ => return None,
        })
    };
    let kept: f64 = (1.0 - lost("C")?) * (1.0 - lost("I")?) * (1.0 - lost("A")?);
    let subscore = 1.0 - kept;
    let impact = if changed {
        // The exponent 15 as a product: the same bits everywhere.
        let power: f64 = (0..15).map(|_| subscore - 0.02).product();
        7.52 * (subscore - 0.029) - 3.25 * power
    } else {
        6.42 * subscore
    };
    if impact <= 0.0 {
        return Some(0);
    }
    let exploitability = 8.22 * way * complexity * privileges * interaction;
    let sum = impact + exploitability;
    Some(round_up(if changed { (1.08 * sum).min(10.0) } else { sum.min(10.0) }))
}

/// The smallest number of tenths that is not below, as the appendix A of 3.1 rounds up.
fn round_up(score: f64) -> u32 {
    let whole = (score * 100_000.0).round() as u32;
    if whole.is_multiple_of(10_000) { whole / 10_000 } else { whole / 10_000 + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors and scores of FIRST's examples (first.org/cvss/v3.1/examples).
    #[test]
    fn the_examples_of_first() {
        let check = |vector: &str, expected: u32| {
            for version in ["3.0", "3.1"] {
                assert_eq!(base_tenths(&format!("CVSS:{version}/{vector}")), Some(expected), "{vector}");
            }
        };
        check("AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61); // CVE-2013-1937, phpMyAdmin
        check("AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64); // CVE-2013-0375, MySQL
        check("AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31); // CVE-2014-3566, POODLE
        check("AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 99); // CVE-2012-1516, VMware
        check("AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 42); // CVE-2009-0783, Tomcat
        check("AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 88); // CVE-2012-0384, Cisco
        check("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 75); // CVE-2014-0160, Heartbleed
        check("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98); // CVE-2014-6271, Shellshock
        check("AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N", 68); // CVE-2008-1447, DNS
        check("AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 68); // CVE-2014-2005, Sophos
        check("AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N", 58); // CVE-2010-0467, Joomla
        check("AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0);
        check("AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100);
    }

    #[test]
    fn other_vectors_have_no_level() {
        let check = |vector: &str| assert_eq!(level(vector), None, "{vector}");
        check("AV:N/AC:L/Au:N/C:P/I:P/A:P");
        check("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N");
        check("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H");
        check("CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
        check("");
    }
}
