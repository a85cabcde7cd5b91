//! Versions of Composer's packages (getcomposer.org, "Versions and constraints"): numbers, then a stability. Branches have no
//! place in the order.

/// Four or more numbers without zeros at their end, then the stability with its number.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    numbers: Vec<u64>,
    stability: (u8, Vec<u64>),
}

/// The place of a release; what is behind it is a patch.
const STABLE: u8 = 4;

pub(super) fn key(version: &str) -> Option<Key> {
    let version = version.to_ascii_lowercase();
    let version = version.strip_prefix('v').unwrap_or(&version).split('+').next()?;
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    let (core, behind) = version.split_at(end);
    let mut numbers: Vec<u64> =
        core.trim_end_matches('.').split('.').map(|n| n.parse().ok()).collect::<Option<Vec<_>>>()?;
    while numbers.len() > 1 && numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some(Key { numbers, stability: stability(behind.trim_start_matches(['-', '_', '.']))? })
}

fn stability(text: &str) -> Option<(u8, Vec<u64>)> {
    if text.is_empty() || text == "stable" {
        return Some((STABLE, Vec::new()));
    }
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, number) = text.split_at(end);
    let rank = match word {
        "dev" => 0,
        "alpha" | "a" => 1,
        "beta" | "b" => 2,
        "rc" => 3,
        "patch" | "pl" | "p" => STABLE + 1,
        _ => return None,
    };
    let number = number.trim_start_matches(['-', '_', '.']);
    if number.is_empty() {
        return Some((rank, Vec::new()));
    }
    number.split('.').map(|n| n.parse().ok()).collect::<Option<Vec<u64>>>().map(|numbers| (rank, numbers))
}
